"""The questions of /wilayah, each on a few rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import queries
from data.asof import WIB, AsOf
from data.lake import Lake
from tests.lakes import common, empty_lake, insert

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Thursday, 12.00 WIB.
NOW = datetime(2026, 3, 12, 5, tzinfo=UTC)
CUT = date(2026, 3, 12)
GAMBIR, CIDENG = "31.71.01.1001", "31.71.01.1002"
OFFICE, SUDIN = "KELURAHAN GAMBIR", "SUKU DINAS BINA MARGA KOTA ADMINISTRASI JAKARTA PUSAT"
# The rule of these days: finished within 144 hours.
LIMIT = 144 * HOUR


class Undo(Exception):
    """Ends a test's transaction, so that the next one finds the lake empty."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = empty_lake(tmp_path_factory.mktemp("areas"))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty: Lake) -> Iterator[Lake]:
    with suppress(Undo), empty.write():
        yield empty
        raise Undo


def now() -> AsOf:
    return AsOf.now(NOW)


def version(lake: Lake, number: str, created: datetime, **values: Any) -> None:
    at = values.pop("at", created)
    told = {
        "complaint_id": number,
        "created_at": created,
        "category": "Jalan",
        "status": "Menunggu",
        "agency": OFFICE,
        "kelurahan_code": GAMBIR,
        "lon": 106.82,
        "lat": -6.18,
        "geotagged": True,
        "channel": "JAKI",
        "feed": "crm_requests",
        "event_time": at,
        "known_time": at + timedelta(minutes=1),
    }
    insert(lake.cursor(), "complaint_versions", common(at) | told | values)


def entry(lake: Lake, number: str, at: datetime, status: str, agency: str) -> None:
    told = {"complaint_id": number, "status": status, "agency": agency, "event_time": at}
    insert(lake.cursor(), "complaint_log", common(at) | told | {"known_time": at})


def stint(lake: Lake, number: str, started: datetime, *, unit: str = OFFICE, **values: Any) -> None:
    """Note a stint that began and, with `ended_at`, ended."""
    told = {
        "simulated": True,
        "complaint_id": number,
        "unit": unit,
        "created_at": started,
        "kelurahan_code": GAMBIR,
        "category": "Jalan",
        "channel": "JAKI",
        "geotagged": True,
        "started_at": started,
        "due_at": started + LIMIT,
        "known_day": started.astimezone(WIB).date(),
    }
    ending = {name: values.pop(name, None) for name in ("answered_at", "ended_at", "ending")}
    insert(lake.cursor(), "complaint_stints", told | values)
    if ending["ended_at"]:
        ended = ending["ended_at"]
        known = {"known_day": ended.astimezone(WIB).date(), "on_time": ended <= started + LIMIT}
        insert(lake.cursor(), "complaint_stints", told | values | ending | known)


def joined(lake: Lake, number: str, first: str) -> None:
    insert(
        lake.cursor(),
        "complaint_incidents",
        {
            "known_day": CUT - DAY,
            "simulated": True,
            "complaint_id": number,
            "first_id": first,
            "distance_m": 12.0,
            "gap_s": 600,
        },
    )


def numbers(rows: list[dict[str, Any]]) -> list[str]:
    return [row["complaint_id"] for row in rows]


def test_open_complaints_of_all_years_stand_by_their_deadline(lake):
    version(lake, "fresh", NOW - DAY)
    version(lake, "soon", NOW - LIMIT + 5 * HOUR)
    version(lake, "ancient", NOW - 900 * DAY)
    version(lake, "done", NOW - 3 * DAY)
    version(lake, "done", NOW - 3 * DAY, at=NOW - DAY, status="Selesai")
    version(lake, "elsewhere", NOW - DAY, kelurahan_code=CIDENG)
    rows = queries.area_open(lake, now(), GAMBIR)
    assert numbers(rows) == ["ancient", "soon", "fresh"]
    assert rows[1]["due_s"] == int((NOW + 5 * HOUR).timestamp())
    assert {row["office"] for row in rows} == {GAMBIR}
    assert numbers(queries.area_open(lake, now(), "31.71.01"))[-1] in ("elsewhere", "fresh")


def test_a_deadline_is_that_of_the_rule_of_the_day_of_intake(lake):
    old = datetime(2018, 5, 1, 3, tzinfo=UTC)
    version(lake, "before-rules", datetime(2016, 5, 1, 3, tzinfo=UTC))
    version(lake, "within-a-day", old)
    due = {row["complaint_id"]: row["due_s"] for row in queries.area_open(lake, now(), GAMBIR)}
    assert due == {
        "before-rules": None,
        "within-a-day": int((old + 24 * HOUR).timestamp()),
    }


def test_reports_of_one_incident_are_one_line(lake):
    version(lake, "first", NOW - 3 * DAY)
    version(lake, "second", NOW - 3 * DAY + HOUR)
    version(lake, "third", NOW - 3 * DAY + HOUR)
    joined(lake, "second", "first")
    joined(lake, "third", "first")
    (row,) = queries.area_open(lake, now(), GAMBIR)
    assert (row["complaint_id"], row["reports"]) == ("first", 3)


def test_an_incident_whose_first_report_is_finished_stays_with_the_open_one(lake):
    version(lake, "first", NOW - 3 * DAY, status="Selesai")
    version(lake, "second", NOW - 3 * DAY + HOUR)
    joined(lake, "second", "first")
    (row,) = queries.area_open(lake, now(), GAMBIR)
    assert (row["complaint_id"], row["reports"]) == ("second", 2)


def test_another_agency_has_its_own_clock(lake):
    created, taken = NOW - 5 * DAY, NOW - 4 * DAY
    version(lake, "given", created, at=taken, agency=SUDIN, status="Proses")
    stint(lake, "given", created, ended_at=taken, ending="handed")
    stint(lake, "given", taken, unit="DINAS BINA MARGA", created_at=created)
    (row,) = queries.area_open(lake, now(), GAMBIR)
    assert row["office"] is None
    assert row["held_s"] == int(taken.timestamp())
    assert row["held_due_s"] == int((taken + LIMIT).timestamp())


def test_a_hand_over_of_today_is_told_by_the_log(lake):
    created, taken = NOW - 5 * DAY, NOW - HOUR
    version(lake, "given", created, at=taken, agency=SUDIN, status="Koordinasi")
    stint(lake, "given", created)
    entry(lake, "given", taken, "Koordinasi", SUDIN)
    (row,) = queries.area_open(lake, now(), GAMBIR)
    assert row["held_s"] == int(created.timestamp()), "the log of two days alone does not tell"
    entry(lake, "given", taken - HOUR, "Menunggu", OFFICE)
    (row,) = queries.area_open(lake, now(), GAMBIR)
    assert row["held_s"] == int(taken.timestamp())


def test_the_past_knows_no_later_change(lake):
    version(lake, "one", NOW - 3 * DAY)
    version(lake, "one", NOW - 3 * DAY, at=NOW - DAY, status="Selesai")
    then = AsOf.at(NOW - 2 * DAY, NOW, "saat-itu")
    assert numbers(queries.area_open(lake, then, GAMBIR)) == ["one"]
    assert queries.area_open(lake, now(), GAMBIR) == []


def test_real_complaints_of_a_kelurahan_beat_simulated_ones(lake):
    version(lake, "simulated", NOW - DAY)
    version(lake, "real", NOW - DAY, simulated=False)
    version(lake, "simulated-beside", NOW - DAY, kelurahan_code=CIDENG)
    rows = queries.area_open(lake, now(), "31.71.01")
    assert sorted(numbers(rows)) == ["real", "simulated-beside"]


def test_nobody_has_answered_until_somebody_does(lake):
    version(lake, "silent", NOW - 4 * DAY)
    version(lake, "answered", NOW - 4 * DAY, first_response_at=NOW - 3 * DAY)
    told = {row["complaint_id"]: row["respond_s"] for row in queries.area_open(lake, now(), GAMBIR)}
    assert told == {"silent": int((NOW - 4 * DAY + 72 * HOUR).timestamp()), "answered": None}


def quality(lake: Lake) -> dict[str, Any]:
    (row,) = queries.area_quality(
        lake, "kelurahan", GAMBIR, since=CUT - 60 * DAY, until=CUT, cut=CUT
    )
    return row


@pytest.mark.parametrize(
    ("days", "east_m", "category", "returned"),
    [
        (13.9, 30, "Jalan", 1),
        (14.1, 30, "Jalan", 0),
        (5, 60, "Jalan", 0),
        (5, 30, "Pohon", 0),
        (-1, 30, "Jalan", 0),
    ],
)
def test_a_complaint_comes_back_at_its_place_and_of_its_category(
    lake, days, east_m, category, returned
):
    finished = NOW - 30 * DAY
    version(lake, "one", finished - DAY)
    version(lake, "one", finished - DAY, at=finished, status="Selesai")
    lon = 106.82 + east_m / 110_650
    version(lake, "again", finished + days * DAY, lon=lon, category=category)
    row = quality(lake)
    assert (row["closed"], row["returned"], row["reopened"]) == (1, returned, 0)


def test_checks_and_ratings_count_where_there_are_any(lake):
    for number, verification, rating in (
        ("a", "Sesuai", 5.0),
        ("b", "Tidak Sesuai", 3.0),
        ("c", None, None),
    ):
        version(lake, number, NOW - 20 * DAY, lon=None, lat=None)
        told = {"status": "Selesai", "verification": verification, "rating": rating}
        version(lake, number, NOW - 20 * DAY, at=NOW - 19 * DAY, lon=None, lat=None, **told)
    version(lake, "b", NOW - 20 * DAY, at=NOW - 18 * DAY, verification="Sesuai", status="Selesai")
    row = quality(lake)
    assert (row["closed"], row["checked"], row["verified"]) == (3, 2, 1)
    assert (row["rated"], row["satisfied"]) == (2, 1)


def test_what_is_opened_again_came_back(lake):
    version(lake, "one", NOW - 20 * DAY, at=NOW - 19 * DAY, status="Selesai")
    version(lake, "one", NOW - 20 * DAY, at=NOW - 18 * DAY, status="Proses", reopened_count=1)
    row = quality(lake)
    assert (row["reopened"], row["returned"]) == (1, 1)


def test_the_backlog_is_as_old_as_the_complaints_in_hand(lake):
    for days in range(1, 12):
        stint(lake, f"s{days}", NOW - days * DAY)
    stint(lake, "ended", NOW - 400 * DAY, ended_at=NOW - 399 * DAY, ending="finished")
    stint(lake, "given", NOW - 300 * DAY, unit="DINAS BINA MARGA")
    (row,) = queries.area_backlog(lake, "kelurahan", GAMBIR, cut=CUT)
    assert (row["area"], row["running"]) == (GAMBIR, 11)
    midnight = datetime(2026, 3, 12, tzinfo=WIB)
    assert row["age_p50_d"] == pytest.approx((midnight - (NOW - 6 * DAY)) / DAY)
    assert row["oldest_at"] == NOW - 11 * DAY


def test_months_add_up_to_the_score(lake):
    for days, took in ((70, 2), (40, 9), (39, 1), (20, 3), (3, 1)):
        begun = NOW - days * DAY
        stint(lake, f"s{days}", begun, ended_at=begun + took * DAY, ending="finished")
    stint(lake, "open", NOW - 50 * DAY)
    stint(lake, "twice", NOW - 50 * DAY)
    joined(lake, "twice", "open")
    period = {"since": CUT - 90 * DAY, "until": CUT, "cut": CUT}
    months = queries.area_months(lake, "kelurahan", GAMBIR, **period)
    (score,) = queries.unit_scores(
        lake, "kelurahan", flood_days=[], category=None, channel=None, **period
    )
    assert [row["month"] for row in months] == [
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]
    for name in ("n", "on_time", "received"):
        assert sum(row[name] for row in months) == score[name]


def test_categories_stand_beside_what_the_city_would_have(lake):
    for number in range(6):
        stint(lake, f"road{number}", NOW - 9 * DAY, kelurahan_code=CIDENG)
    for number in range(2):
        stint(lake, f"tree{number}", NOW - 9 * DAY, category="Pohon")
    stint(lake, "road", NOW - 9 * DAY)
    # A second stint of the same complaint is no second complaint.
    stint(lake, "road", NOW - 8 * DAY, unit="DINAS BINA MARGA", created_at=NOW - 9 * DAY)
    rows = queries.area_categories(lake, GAMBIR, since=CUT - 90 * DAY, until=CUT, cut=CUT)
    told = [(row["category"], row["here"], round(row["expected"], 2), row["city"]) for row in rows]
    assert told == [("Pohon", 2, 0.67, 2), ("Jalan", 1, 2.33, 7)]


def test_a_spot_needs_three_incidents_of_one_category(lake):
    for number in (1, 2, 3):
        version(lake, f"road{number}", NOW - number * DAY)
    version(lake, "joined", NOW - DAY)
    joined(lake, "joined", "road1")
    for number in (1, 2):
        version(lake, f"tree{number}", NOW - number * DAY, category="Pohon")
    version(lake, "old", NOW - 91 * DAY)
    version(lake, "road1", NOW - DAY, at=NOW - HOUR, status="Selesai")
    (row,) = queries.area_spots(lake, now(), "31")
    assert (row["category"], row["incidents"], row["open"]) == ("Jalan", 3, 2)
    assert row["kelurahan"] == "Gambir"
    assert queries.area_spots(lake, now(), CIDENG) == []


def test_counts_of_thirty_days_prefer_real_complaints(lake):
    for code, simulated, received in ((GAMBIR, True, 50), (GAMBIR, False, 4), (CIDENG, False, 6)):
        told = {
            "known_day": CUT - DAY,
            "kelurahan_code": code,
            "simulated": simulated,
            "received": received,
            "finished": 2,
            "open_change": received - 2,
        }
        insert(lake.cursor(), "complaint_days", told)
    rows = queries.area_counts(lake, "kelurahan", "31.71.01", cut=CUT)
    assert [(row["area"], row["received"]) for row in rows] == [(CIDENG, 6), (GAMBIR, 4)]
    (kota,) = queries.area_counts(lake, "kota", "31", cut=CUT)
    assert (kota["area"], kota["received"], kota["finished"]) == ("31.71", 10, 4)
