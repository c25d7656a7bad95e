"""The questions about complaints, each on a few of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from data import complaints, queries
from data.asof import WIB, AsOf
from data.complaints import Cursor, Search
from data.handling import handling
from tests import lakes
from tests.complaint_lakes import (
    DAY,
    GAMBIR,
    HOUR,
    LURAH,
    MINUTE,
    OTHER_LURAH,
    ROADS,
    SUDIN_ROADS,
    TEBET,
    report,
    roll_up,
)

NOW = lakes.NOW
LIVE = AsOf.now(NOW)
ANY = Search()
TODAY = NOW.astimezone(WIB).date()


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """Complaints of two weeks, one of ten years ago and one of before the first rule."""
    lake = lakes.empty_lake(tmp_path_factory.mktemp("complaints"))
    with lake.write() as cursor:
        report(cursor, "NEW", NOW - HOUR)
        report(cursor, "NEW-AGAIN", NOW - HOUR + 10 * MINUTE, lat=-6.18001)
        report(cursor, "FAR", NOW - HOUR + 11 * MINUTE, lat=-6.1809)
        report(cursor, "DUE", NOW - 140 * HOUR, [(2, "Koordinasi", ROADS)])
        report(cursor, "LATE", NOW - 10 * DAY, category="Pohon", channel="Twitter")
        report(
            cursor,
            "LATE-DONE",
            NOW - 9 * DAY,
            [(150, "Selesai", LURAH)],
            kelurahan_code=TEBET,
            text_redacted="Pohon tumbang menutup jalan.",
        )
        report(cursor, "DONE", NOW - 8 * DAY, [(5, "Selesai", LURAH)], reopened_count=1)
        report(cursor, "OLD", NOW - 3000 * DAY, [(5, "Selesai", LURAH)])
        report(cursor, "BEFORE", NOW - 3500 * DAY, [(5, "Selesai", LURAH)])
        roll_up(cursor)
    yield lake
    lake.close()


def ids(lake, search=ANY, as_of=LIVE, most=50):
    page = complaints.find(lake, as_of, search, most=most)
    return [row["complaint_id"] for row in page.rows]


def whole(lake, search, most, as_of=LIVE):
    """Turn all pages and return what they held."""
    found, cursor = [], None
    while True:
        page = complaints.find(lake, as_of, search, most=most, after=cursor)
        found += [row["complaint_id"] for row in page.rows]
        cursor = page.next
        if cursor is None:
            return found


ALL = ["FAR", "NEW", "DUE", "DONE", "LATE-DONE", "LATE", "OLD", "BEFORE"]


def test_the_newest_come_first_and_a_joined_report_stands_behind_its_first(lake):
    assert whole(lake, Search(), 50) == ALL
    row = complaints.find(lake, LIVE, Search(), most=2).rows[1]
    assert (row["complaint_id"], row["joined"]) == ("NEW", ["NEW-AGAIN"])


@pytest.mark.parametrize("most", [1, 3])
def test_pages_hold_each_complaint_once_in_both_orders(lake, most):
    month = Search(since=TODAY - timedelta(days=30))
    assert whole(lake, month, most) == ALL[:-2]
    assert whole(lake, replace(month, oldest_first=True), most) == ALL[-3::-1]


def test_ten_years_are_one_list(lake):
    assert whole(lake, Search(oldest_first=True), 5) == ALL[::-1]


def test_a_page_that_was_not_filled_says_how_far_it_looked(lake):
    page = complaints.find(lake, LIVE, Search(), most=50)
    assert page.looked_until is not None
    assert page.next == Cursor.read(str(page.next))
    assert not {"OLD", "BEFORE"} & {row["complaint_id"] for row in page.rows}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(state="terbuka", late=True), ["LATE"]),
        (Search(state="ditutup", late=True), ["LATE-DONE"]),
        (Search(due_within=timedelta(hours=24)), ["DUE"]),
        (Search(reopened=True), ["DONE"]),
        (Search(unit=ROADS), ["DUE"]),
        (Search(unit=SUDIN_ROADS), []),
        (Search(area=TEBET), ["LATE-DONE"]),
        (Search(area="31.74"), ["LATE-DONE"]),
        (Search(category="Pohon"), ["LATE"]),
        (Search(channel="Twitter"), ["LATE"]),
        (Search(words=("tumbang", "jalan")), ["LATE-DONE"]),
        (Search(words=("contoh",), state="terbuka", late=True), ["LATE"]),
        (Search(since=TODAY - timedelta(days=8), until=TODAY - timedelta(days=7)), ["DONE"]),
        (Search(state="Koordinasi"), ["DUE"]),
    ],
)
def test_a_search_finds_what_answers_to_it(lake, search, found):
    assert ids(lake, search) == found


def test_a_day_of_the_search_is_a_day_in_wib(lake):
    day = (NOW - 8 * DAY).astimezone(WIB).date()
    assert ids(lake, Search(since=day, until=day)) == ["DONE"]


def test_a_joined_report_stands_alone_where_its_first_does_not_answer(lake, tmp_path):
    assert ids(lake, Search(state="terbuka", category="Jalan"), most=3) == ["FAR", "NEW", "DUE"]
    other = lakes.empty_lake(tmp_path)
    with other.write() as cursor:
        report(cursor, "FIRST", NOW - 2 * HOUR)
        report(cursor, "SECOND", NOW - HOUR, channel="Twitter")
        roll_up(cursor)
    assert ids(other) == ["FIRST"]
    assert ids(other, Search(channel="Twitter")) == ["SECOND"]
    other.close()


def test_a_past_moment_knows_neither_what_came_nor_what_became_known_later(lake):
    then = AsOf(NOW - 8 * DAY + HOUR, NOW - 8 * DAY + HOUR, live=False)
    assert whole(lake, Search(), 50, then) == ["DONE", "LATE-DONE", "LATE", "OLD", "BEFORE"]
    rows = complaints.find(lake, then, Search(), most=1).rows
    assert complaints.told(lake, then, rows)[0]["status"] == "Menunggu"


def test_real_complaints_silence_simulated_ones_of_their_day(tmp_path):
    lake = lakes.empty_lake(tmp_path)
    with lake.write() as cursor:
        report(cursor, "REAL", NOW - 2 * HOUR, simulated=False)
        report(cursor, "MADE-UP", NOW - HOUR, category="Pohon")
        report(cursor, "MADE-UP-BEFORE", NOW - 3 * DAY)
        roll_up(cursor)
    assert ids(lake) == ["REAL", "MADE-UP-BEFORE"]
    assert ids(lake, Search(category="Pohon")) == []
    lake.close()


def test_what_is_told_holds_nothing_of_the_reporter(lake):
    rows = complaints.told(lake, LIVE, complaints.find(lake, LIVE, Search(), most=50).rows)
    assert "rahasia" not in str(rows)
    first = next(row for row in rows if row["complaint_id"] == "NEW")
    assert [one["complaint_id"] for one in first["joined"]] == ["NEW-AGAIN"]
    assert first["due_at"] == NOW - HOUR + 144 * HOUR


def test_a_complaint_that_was_moved_is_told_only_where_it_is_now(tmp_path):
    lake = lakes.empty_lake(tmp_path)
    with lake.write() as cursor:
        report(cursor, "MOVED", NOW - 5 * HOUR)
        report(
            cursor, "MOVED", NOW - 5 * HOUR, [(1, "Menunggu", OTHER_LURAH)], kelurahan_code=TEBET
        )
        roll_up(cursor)
    found = complaints.find(lake, LIVE, Search(area=GAMBIR), most=5).rows
    assert complaints.told(lake, LIVE, found) == []
    lake.close()


def test_a_complaint_of_before_the_first_rule_has_no_deadline(lake):
    search = Search(until=date(2016, 12, 31), oldest_first=True)
    rows = complaints.find(lake, LIVE, search, most=5).rows
    assert [(row["complaint_id"], row["due_s"], row["overdue"]) for row in rows] == [
        ("BEFORE", None, None)
    ]


def test_the_count_adds_up(lake):
    row = queries.complaints_counted(
        lake,
        LIVE,
        "31",
        since=NOW - 30 * DAY,
        until=NOW,
        **complaints.filters(Search(), LIVE),
    )
    assert (row["found"], row["open"], row["late"], row["late_done"]) == (7, 5, 1, 1)


def test_channels_are_compared_up_to_the_last_midnight(lake):
    rows = queries.complaints_channels(
        lake,
        "31",
        since=TODAY - timedelta(days=30),
        until=TODAY,
        cut=TODAY,
        category=None,
        channel=None,
    )
    told = {row["channel"]: row for row in rows}
    assert (told["JAKI"]["received"], told["JAKI"]["due"], told["JAKI"]["on_time"]) == (3, 2, 1)
    assert (told["Twitter"]["received"], told["Twitter"]["on_time"]) == (1, 0)
    assert told["JAKI"]["hours_p50"] == pytest.approx((5 + 150) / 2)


def test_a_category_is_held_against_its_own_days(lake):
    rows = {row["category"]: row for row in queries.complaints_surging(lake, LIVE, "31")}
    assert rows["Jalan"]["received"] == 3
    assert rows["Jalan"]["usual"] == pytest.approx(3.5 / 28)


def test_the_reports_of_an_incident_find_each_other(lake):
    def others(number, created):
        return [
            row["complaint_id"]
            for row in queries.complaint_one_incident(lake, number, since=created)
        ]

    assert others("NEW", NOW - HOUR) == ["NEW-AGAIN"]
    assert others("NEW-AGAIN", NOW - HOUR + 10 * MINUTE) == ["NEW"]
    assert others("FAR", NOW - HOUR) == []


def test_neighbours_are_those_within_the_circle_and_the_fortnight(lake):
    def near(metres):
        rows = queries.complaint_one_spot(
            lake,
            LIVE,
            "NEW",
            (106.82, -6.18),
            within_m=metres,
            since=NOW - 14 * DAY,
            until=NOW + DAY,
        )
        return [row["complaint_id"] for row in rows]

    assert "FAR" not in near(50)
    assert {"NEW-AGAIN", "DUE"} <= set(near(50))
    assert "FAR" in near(120)


def test_what_was_near_is_bounded_by_place_and_time(tmp_path):
    lake = lakes.empty_lake(tmp_path)

    def flood(number, at, lat):
        lakes.insert(
            lake.cursor(),
            "inundations",
            lakes.common(NOW)
            | {"area_code": number, "area_name": f"RW {number}", "area_level": "rw"}
            | {"depth_max_cm": 40.0, "state": "2", "lon": 106.82, "lat": lat}
            | {"event_time": at, "known_time": at},
        )

    with lake.write():
        flood("01", NOW - HOUR, -6.181)
        flood("02", NOW - HOUR, -6.21)
        flood("03", NOW - 9 * HOUR, -6.181)

    def near(as_of):
        rows = queries.complaint_one_near(
            lake,
            as_of,
            (106.82, -6.18),
            within_m=1000,
            since=NOW - 3 * HOUR,
            until=NOW + 3 * HOUR,
        )
        return [(row["kind"], row["id"]) for row in rows]

    assert near(LIVE) == [("inundation", "01")]
    assert near(AsOf.now(NOW - 2 * HOUR)) == []
    lake.close()


def test_one_complaint_is_read_as_the_rollup_reads_all(tmp_path):
    lake = lakes.empty_lake(tmp_path)
    ways = {
        "PLAIN": [
            (2, "Koordinasi", ROADS),
            (3, "Disposisi", SUDIN_ROADS),
            (9, "Selesai", SUDIN_ROADS),
        ],
        "BACK": [(2, "Koordinasi", ROADS), (9, "Menunggu", LURAH), (20, "Ditolak", LURAH)],
        "AGAIN": [(2, "Selesai", LURAH), (9, "Proses", LURAH), (200, "Selesai", LURAH)],
        "ELSEWHERE": [(2, "Selesai", LURAH), (9, "Selesai", OTHER_LURAH)],
        "LATE-KNOWN": [(9, "Selesai", LURAH), (4, "Koordinasi", ROADS, 3000)],
        "RUNNING": [(170, "Proses", LURAH)],
    }
    with lake.write() as cursor:
        for number, steps in ways.items():
            report(cursor, number, NOW - 20 * DAY, steps)
        roll_up(cursor)
    for number in ways:
        one = queries.complaint_one(lake, LIVE, number)[-1]
        log = queries.complaint_one_log(lake, LIVE, number, since=one["created_at"])
        way = handling(
            log,
            resolve_within=one["resolve_within_hours"] * HOUR,
            coordinate_within=one["coordinate_within_hours"] * HOUR,
        )
        rolled = lake.rows(
            "select unit, started_at, ended_at, ending, on_time from complaint_stints"
            " where complaint_id = $number and ended_at is not null order by ended_at, started_at",
            number=number,
        )
        assert [
            (stint.unit, stint.started_at, stint.ended_at, stint.ending, stint.on_time(NOW))
            for stint in way.stints
            if stint.ended_at
        ] == [tuple(row.values()) for row in rolled]
        begun = lake.value(
            "select count(*) from complaint_stints"
            " where complaint_id = $number and ended_at is null",
            number=number,
        )
        assert begun == len(way.stints)
    lake.close()
