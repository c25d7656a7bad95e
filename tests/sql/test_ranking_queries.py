"""Stints, incidents and what boards are made of, on logs written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import boards, queries, rollups
from data.asof import WIB, AsOf
from data.boards import Question, QuestionError
from data.lake import Lake
from tests import lakes

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INTAKE = datetime(2026, 1, 5, 3, tzinfo=UTC)  # Monday, 10.00 WIB
CUT = date(2026, 3, 1)
GAMBIR, CIDENG = "31.71.01.1001", "31.71.01.1002"
OFFICE, OTHER_OFFICE = "KELURAHAN GAMBIR", "KELURAHAN CIDENG"
DINAS = "DINAS BINA MARGA"
BRANCH = "SUKU DINAS BINA MARGA KOTA ADMINISTRASI JAKARTA PUSAT"
PLACE = (106.82, -6.176)
MADE = ("complaint_stints", "complaint_incidents")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = lakes.empty_lake(tmp_path_factory.mktemp("ranking"))
    yield lake
    lake.close()


@pytest.fixture
def lake(whole: Lake) -> Lake:
    with whole.write() as cursor:
        for table in ("complaint_versions", "complaint_log", "water_levels", *MADE):
            cursor.execute(f"delete from {table}")
    return whole


Log = tuple[float, str, str]
Entries = dict[str, list[dict[str, Any]]]


def entries(name: str, *log: Log, **values: Any) -> Entries:
    """Return a complaint and its log of (hours after intake, status, agency), by table."""
    created = values.pop("created_at", INTAKE)
    lag = values.pop("lag", timedelta(minutes=1))
    fact = lakes.common(INTAKE) | {"feed": "crm_requests", "run_id": "run"}
    return {
        "complaint_versions": [
            fact
            | {
                "complaint_id": name,
                "created_at": created,
                "event_time": created,
                "known_time": created + lag,
                "status": "Menunggu",
                "category": "Jalan",
                "channel": "JAKI",
                "geotagged": True,
                "kelurahan_code": GAMBIR,
                "lon": PLACE[0],
                "lat": PLACE[1],
            }
            | values
        ],
        "complaint_log": [
            fact
            | {
                "complaint_id": name,
                "event_time": created + hours * HOUR,
                "known_time": created + hours * HOUR + lag,
                "status": status,
                "agency": agency,
            }
            for hours, status, agency in log
        ],
    }


def write(lake: Lake, *many: Entries) -> None:
    with lake.write() as cursor:
        for table in ("complaint_versions", "complaint_log"):
            lakes.insert_all(cursor, table, [row for one in many for row in one[table]])


def complaint(lake: Lake, name: str, *log: Log, **values: Any) -> None:
    """Write one complaint and its log."""
    write(lake, entries(name, *log, **values))


def built(lake: Lake) -> Lake:
    with lake.write() as cursor:
        for rollup in rollups.all_rollups():
            if rollup.name in MADE:
                rollups.make(cursor, rollup)
    return lake


def stints(lake: Lake, name: str) -> list[tuple[Any, ...]]:
    """Return unit, hours of beginning, answer and end, ending and whether in time, in order."""
    rows = built(lake).rows(
        "select * from complaint_stints where complaint_id = $name"
        " order by coalesce(ended_at, started_at), ended_at is not null desc",
        name=name,
    )

    def hours(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - INTAKE) / HOUR

    return [
        (
            row["unit"],
            hours(row["started_at"]),
            hours(row["answered_at"]),
            hours(row["ended_at"]),
            row["ending"],
            row["on_time"],
        )
        for row in rows
    ]


def period(**changes: Any) -> dict[str, Any]:
    return {
        "cut": CUT,
        "since": date(2026, 1, 1),
        "until": date(2026, 2, 1),
        "category": None,
        "channel": None,
    } | changes


def scores(lake: Lake, level: str = "kelurahan", **changes: Any) -> dict[str, queries.Row]:
    rows = queries.unit_scores(lake, level, flood_days=[], **period(**changes))
    return {row["unit"]: row for row in rows}


def values(lake: Lake, level: str = "kelurahan", **changes: Any) -> dict[str, queries.Row]:
    return {row["unit"]: row for row in queries.rule_values(lake, level, **period(**changes))}


def test_a_stint_ends_at_the_hand_over_and_the_next_begins_there(lake: Lake) -> None:
    complaint(
        lake,
        "a",
        (0, "Menunggu", OFFICE),
        (2, "Koordinasi", DINAS),
        (5, "Disposisi", BRANCH),
        (6, "Proses", BRANCH),
        (30, "Selesai", BRANCH),
    )
    assert stints(lake, "a") == [
        (OFFICE, 0, None, None, None, None),
        (OFFICE, 0, 2, 2, "handed", True),
        (DINAS, 2, None, None, None, None),
        (DINAS, 2, 5, 30, "finished", True),
    ]


def test_a_hand_over_after_six_hours_is_late_and_so_is_finishing_after_six_days(
    lake: Lake,
) -> None:
    complaint(lake, "slow", (0, "Menunggu", OFFICE), (7, "Koordinasi", DINAS))
    complaint(lake, "long", (0, "Menunggu", OFFICE), (145, "Selesai", OFFICE))
    complaint(lake, "just", (0, "Menunggu", OFFICE), (144, "Ditolak", OFFICE))
    ended = {
        name: [(found[4], found[5]) for found in stints(lake, name) if found[4]]
        for name in ("slow", "long", "just")
    }
    assert ended == {
        "slow": [("handed", False)],
        "long": [("finished", False)],
        "just": [("rejected", True)],
    }


def test_what_is_opened_again_begins_a_new_stint(lake: Lake) -> None:
    complaint(
        lake,
        "a",
        (0, "Menunggu", OFFICE),
        (10, "Selesai", OFFICE),
        (50, "Proses", OFFICE),
        (60, "Selesai", OFFICE),
    )
    assert stints(lake, "a") == [
        (OFFICE, 0, None, None, None, None),
        (OFFICE, 0, 10, 10, "finished", True),
        (OFFICE, 50, None, None, None, None),
        (OFFICE, 50, 60, 60, "finished", True),
    ]


def test_an_entry_that_comes_after_a_later_one_changes_nothing(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (10, "Selesai", OFFICE))
    before = stints(lake, "a")
    with lake.write() as cursor:
        entry = {"complaint_id": "a", "status": "Koordinasi", "agency": DINAS}
        known = INTAKE + 3 * DAY
        fact = {"simulated": True, "event_time": INTAKE + 5 * HOUR, "known_time": known}
        lakes.insert(cursor, "complaint_log", lakes.common(INTAKE) | entry | fact)
    assert stints(lake, "a") == before


def test_before_the_first_rule_nothing_is_judged(lake: Lake) -> None:
    long_ago = datetime(2017, 5, 2, 3, tzinfo=UTC)
    complaint(lake, "a", (0, "Menunggu", OFFICE), (900, "Selesai", OFFICE), created_at=long_ago)
    built(lake)
    asked = {"since": date(2017, 5, 1), "until": date(2017, 6, 1)}
    row = scores(lake, **asked)[GAMBIR]
    assert (row["n"], row["on_time"], row["late"], row["unjudged"]) == (0, 0, 0, 1)
    assert values(lake, **asked)[GAMBIR]["due"] == 0


def test_reports_of_one_incident_are_joined_to_its_first(lake: Lake) -> None:
    near = {"lon": PLACE[0] + 0.0003, "lat": PLACE[1]}  # 33 m
    far = {"lon": PLACE[0] + 0.0006, "lat": PLACE[1]}  # 66 m from the first, 33 m from the second
    complaint(lake, "first")
    complaint(lake, "second", created_at=INTAKE + HOUR, **near)
    complaint(lake, "chained", created_at=INTAKE + 2 * HOUR, **far)
    complaint(lake, "too-late", created_at=INTAKE + 3.01 * HOUR)
    complaint(lake, "other", created_at=INTAKE + HOUR, category="Pohon")
    complaint(lake, "no-device", created_at=INTAKE + HOUR, geotagged=False)
    rows = built(lake).rows("select * from complaint_incidents order by complaint_id")
    assert [(row["complaint_id"], row["first_id"], row["gap_s"]) for row in rows] == [
        ("second", "first", 3600)
    ]
    assert rows[0]["distance_m"] == pytest.approx(33.2, abs=0.3)


def test_a_first_report_that_was_known_later_joins_nothing(lake: Lake) -> None:
    complaint(lake, "late-known", lag=2 * HOUR)
    complaint(lake, "second", created_at=INTAKE + HOUR)
    assert built(lake).rows("select * from complaint_incidents") == []


def test_a_joined_report_is_counted_once_in_hands_and_by_itself_by_the_rule(lake: Lake) -> None:
    for name, after in (("first", 0), ("second", 1)):
        complaint(
            lake,
            name,
            (0, "Menunggu", OFFICE),
            (3, "Selesai", OFFICE),
            created_at=INTAKE + after * HOUR,
        )
    built(lake)
    assert scores(lake)[GAMBIR]["n"] == 1
    assert values(lake)[GAMBIR]["due"] == 2


def test_late_in_other_hands_counts_by_the_rule_and_not_in_the_office(lake: Lake) -> None:
    complaint(
        lake,
        "a",
        (0, "Menunggu", OFFICE),
        (1, "Koordinasi", DINAS),
        (300, "Selesai", DINAS),
    )
    complaint(lake, "b", (0, "Menunggu", OFFICE), lon=106.9)
    built(lake)
    office, place = scores(lake)[GAMBIR], values(lake)[GAMBIR]
    assert (office["n"], office["on_time"], office["late"], office["overdue"]) == (2, 1, 0, 1)
    assert (place["due"], place["late"], place["open"], place["late_here"]) == (2, 2, 1, 1)
    dinas, held = scores(lake, "agency")[DINAS], values(lake, "agency")[DINAS]
    assert (dinas["n"], dinas["on_time"], dinas["late"]) == (1, 0, 1)
    assert (held["due"], held["late"], held["late_here"]) == (1, 1, 1)


def test_what_is_not_due_before_the_cut_is_not_judged_however_soon_it_ended(lake: Lake) -> None:
    intake = datetime(2026, 2, 25, 3, tzinfo=UTC)
    complaint(lake, "a", (0, "Menunggu", OFFICE), (1, "Selesai", OFFICE), created_at=intake)
    built(lake)
    asked = {"until": date(2026, 3, 1)}
    row = scores(lake, **asked)[GAMBIR]
    assert (row["n"], row["on_time"], row["received"], row["running"]) == (0, 0, 1, 0)
    assert values(lake, **asked)[GAMBIR]["due"] == 0
    later = scores(lake, **asked, cut=date(2026, 3, 5))[GAMBIR]
    assert (later["n"], later["on_time"]) == (1, 1)


def test_areas_sum_up_to_those_above_them(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (1, "Selesai", OFFICE))
    complaint(lake, "b", (0, "Menunggu", OTHER_OFFICE), kelurahan_code=CIDENG, lon=106.8)
    complaint(
        lake,
        "c",
        (0, "Menunggu", "KECAMATAN GAMBIR"),
        (1, "Selesai", "KECAMATAN GAMBIR"),
        lon=106.9,
    )
    built(lake)
    assert {unit: row["n"] for unit, row in scores(lake).items()} == {GAMBIR: 1, CIDENG: 1}
    kecamatan = scores(lake, "kecamatan")["31.71.01"]
    assert (kecamatan["n"], kecamatan["on_time"], kecamatan["overdue"]) == (3, 2, 1)
    assert scores(lake, "kota")["31.71"]["n"] == 3
    assert values(lake, "kota")["31.71"]["due"] == 3


def test_a_category_or_a_channel_narrows_both_numbers(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE))
    complaint(lake, "b", (0, "Menunggu", OFFICE), category="Pohon", channel="Qlue", lon=106.9)
    built(lake)
    assert scores(lake, category="Pohon")[GAMBIR]["n"] == 1
    assert values(lake, channel="JAKI")[GAMBIR]["due"] == 1
    assert scores(lake, category="Tidak Ada") == {}


def test_real_rows_of_the_period_hide_the_simulated_ones(lake: Lake) -> None:
    complaint(lake, "simulated", (0, "Menunggu", OFFICE))
    complaint(lake, "real", (0, "Menunggu", OFFICE), lon=106.9)
    with lake.write() as cursor:
        for table in ("complaint_versions", "complaint_log"):
            cursor.execute(f"update {table} set simulated = false where complaint_id = 'real'")
    row = scores(built(lake))[GAMBIR]
    assert (row["n"], row["simulated"]) == (1, False)


def test_expected_follows_the_kind_of_case(lake: Lake) -> None:
    many = []
    for number in range(60):
        place = {"created_at": INTAKE + number * HOUR / 10, "lon": 106.8 + number / 1000}
        office, code = (OFFICE, GAMBIR) if number % 2 else (OTHER_OFFICE, CIDENG)
        easy = [(0, "Menunggu", office), (1, "Selesai", office)]
        hard = [(0, "Menunggu", OFFICE), (200, "Selesai", OFFICE)]
        of_easy = {"kelurahan_code": code, "category": "Sampah"}
        many.append(entries(f"easy{number}", *easy, **of_easy, **place))
        many.append(entries(f"hard{number}", *hard, category="Pohon", **place))
    write(lake, *many)
    rows = scores(built(lake))
    assert rows[CIDENG]["expected"] == pytest.approx(rows[CIDENG]["n"])
    assert rows[GAMBIR]["expected"] == pytest.approx(rows[GAMBIR]["n"] - 60)
    total = sum(row["on_time"] for row in rows.values())
    assert sum(row["expected"] for row in rows.values()) == pytest.approx(total)


def test_times_are_those_in_the_hands_of_the_unit(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (2, "Proses", OFFICE), (10, "Selesai", OFFICE))
    complaint(lake, "b", (0, "Menunggu", OFFICE), (4, "Koordinasi", DINAS), lon=106.9)
    row = queries.unit_times(built(lake), "kelurahan", **period())[0]
    assert (row["n"], row["held_p50_h"], row["answer_p50_h"]) == (2, 7, 3)
    assert (row["handed"], row["hand_p50_h"]) == (1, 4)


def test_rivers_make_flood_days_and_the_sea_does_not(lake: Lake) -> None:
    for station, level, day in (("manggarai", 870, 5), ("pasar-ikan", 230, 6), ("depok", 200, 7)):
        at = datetime(2026, 1, day, 5, tzinfo=UTC)
        with lake.write() as cursor:
            lakes.insert(
                cursor,
                "water_levels",
                lakes.common(INTAKE)
                | {"station_id": station, "level_cm": level, "event_time": at, "known_time": at},
            )
    assert queries.flood_days(lake, since=date(2026, 1, 1), cut=CUT) == [date(2026, 1, 5)]


def test_a_board_at_a_moment_knows_nothing_of_the_same_day(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (200, "Selesai", OFFICE))
    built(lake)
    question = Question("kelurahan", date(2026, 1, 1), date(2026, 1, 31))

    def at(*moment: int) -> boards.Board:
        now = datetime(*moment, tzinfo=WIB)
        return boards.board(lake, AsOf.at(now, now, "saat-itu"), question)

    assert at(2026, 1, 5, 23).units == ()
    next_day = at(2026, 1, 6, 1).of(GAMBIR)
    assert next_day is not None
    assert (next_day.received, next_day.running, next_day.n) == (1, 1, 0)
    overdue = at(2026, 1, 12, 1).of(GAMBIR)
    assert overdue is not None
    assert (overdue.n, overdue.overdue, overdue.late, overdue.rule_open) == (1, 1, 0, 1)
    finished = at(2026, 1, 15, 1).of(GAMBIR)
    assert finished is not None
    assert (finished.n, finished.overdue, finished.late, finished.rule_open) == (1, 0, 1, 0)


def test_a_board_names_its_rules_and_refuses_a_period_without_days(lake: Lake) -> None:
    as_of = AsOf.now(datetime(2026, 3, 1, tzinfo=UTC))
    found = boards.board(lake, as_of, Question("agency", date(2025, 5, 1), date(2026, 12, 31)))
    assert [rule.resolve_h for rule in found.rules] == [168, 144]
    assert found.question.until == date(2026, 2, 28)
    assert (found.units, found.city, found.simulated) == ((), None, None)
    with pytest.raises(QuestionError, match="mendahului"):
        boards.board(lake, as_of, Question("kota", date(2026, 2, 1), date(2026, 1, 1)))
    with pytest.raises(QuestionError, match="belum dimulai"):
        boards.board(lake, as_of, Question("kota", date(2027, 2, 1), date(2027, 3, 1)))
