"""What the alarm rules and the alarm page ask the lake, on a few rows each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data import queries
from data.asof import AsOf
from data.lake import Lake
from tests import lakes

NOW = lakes.NOW
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KELURAHAN = "31.71.01.1001"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = lakes.empty_lake(Path(tmp_path_factory.mktemp("alarms")))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty: Lake) -> Iterator[Lake]:
    yield empty
    with empty.write() as cursor:
        for table in ("complaint_versions", "alarms", "city_status"):
            cursor.execute(f"delete from {table}")


def complaints(lake: Lake, *ages: timedelta, simulated: bool = True, **values: Any) -> None:
    with lake.write() as cursor:
        for number, age in enumerate(ages):
            at = NOW - age
            row = {
                "complaint_id": f"{simulated}-{number}-{age}",
                "created_at": at,
                "status": "Menunggu",
                "kelurahan_code": KELURAHAN,
            }
            common = lakes.common(NOW) | {
                "event_time": at,
                "known_time": at,
                "simulated": simulated,
                "feed": "crm_requests",
            }
            lakes.insert(cursor, "complaint_versions", row | common | values)


def burst(lake: Lake, as_of: AsOf | None = None) -> dict[str, Any]:
    rows = queries.complaint_bursts(lake, as_of or AsOf.now(NOW))
    return next(row for row in rows if row["kelurahan_code"] == KELURAHAN)


def alarm(lake: Lake, state: str, age: timedelta, **values: Any) -> None:
    at = NOW - age
    row = {
        "alarm_id": "gate_level:manggarai",
        "rule": "gate_level",
        "severity": "siaga2",
        "state": state,
        "title": "Tinggi muka air",
        "feeds": "",
        "raised_at": at,
        "since": at,
    }
    times = lakes.common(NOW) | {"event_time": at, "known_time": at}
    with lake.write() as cursor:
        lakes.insert(cursor, "alarms", row | times | values)


def test_every_kelurahan_is_counted_those_without_complaints_too(lake: Lake) -> None:
    rows = queries.complaint_bursts(lake, AsOf.now(NOW))
    assert len(rows) == 267
    assert {row["received"] for row in rows} == {0}


def test_a_burst_is_counted_over_three_hours_and_held_against_the_same_hours_of_other_days(
    lake: Lake,
) -> None:
    complaints(lake, HOUR, 2 * HOUR, 4 * HOUR)
    complaints(lake, DAY + HOUR, 5 * DAY + 2 * HOUR, 5 * DAY + 4 * HOUR, 28 * DAY, 29 * DAY + HOUR)
    found = burst(lake)
    assert found["received"] == 2
    assert found["usual"] == pytest.approx(3.5 / 28)
    assert (found["feeds"], found["simulated"]) == (["crm_requests"], True)


def test_a_complaint_with_many_versions_is_one_complaint(lake: Lake) -> None:
    complaints(lake, HOUR, HOUR, complaint_id="one", created_at=NOW - HOUR)
    assert burst(lake)["received"] == 1


def test_real_complaints_push_out_simulated_ones(lake: Lake) -> None:
    complaints(lake, HOUR, 2 * HOUR)
    complaints(lake, 10 * DAY, simulated=False)
    found = burst(lake)
    assert (found["received"], found["simulated"]) == (0, False)


def test_a_complaint_that_was_not_known_then_is_not_counted_then(lake: Lake) -> None:
    complaints(lake, 2 * HOUR, known_time=NOW)
    assert burst(lake, AsOf(NOW - HOUR, NOW - HOUR, live=False))["received"] == 0
    assert burst(lake, AsOf(NOW - HOUR, NOW, live=False))["received"] == 1


def test_the_newest_row_of_an_alarm_counts(lake: Lake) -> None:
    alarm(lake, "raised", 3 * HOUR)
    alarm(lake, "unassessable", 2 * HOUR)
    (row,) = queries.alarms_now(lake, AsOf.now(NOW), "31")
    assert (row["state"], row["feeds"]) == ("unassessable", [])
    alarm(lake, "cleared", HOUR)
    assert queries.alarms_now(lake, AsOf.now(NOW), "31") == []
    assert len(queries.alarms_now(lake, AsOf.now(NOW - 2 * HOUR), "31")) == 1


def test_alarms_stand_by_severity(lake: Lake) -> None:
    order = ["siaga1", "siaga2", "warning", "siaga3", "notice"]
    for severity in reversed(order):
        alarm(lake, "raised", HOUR, alarm_id=f"x:{severity}", severity=severity)
    rows = queries.alarms_now(lake, AsOf.now(NOW), "31")
    assert [row["severity"] for row in rows] == order


def test_an_alarm_that_returns_three_times_within_an_hour_chatters(lake: Lake) -> None:
    for minutes in (5, 25, 50):
        alarm(lake, "raised", timedelta(minutes=minutes))
    alarm(lake, "raised", timedelta(minutes=5), alarm_id="ispu:DKI1", severity="notice")
    assert queries.alarm_rates(lake, AsOf.now(NOW), "31") == {
        "last_10min": 2,
        "most_10min": 2,
        "last_day": 4,
        "urgent_day": 3,
        "chattering": 1,
    }


def test_the_newest_status_counts_and_its_lists_are_lists(lake: Lake) -> None:
    for level, age in ((2, 2 * HOUR), (3, HOUR)):
        at = NOW - age
        row = {
            "area_code": "31",
            "level": level,
            "since": at,
            "reasons": '["satu","dua"]',
            "lowers": "[]",
            "unassessable": 0,
        }
        with lake.write() as cursor:
            times = {"event_time": at, "known_time": at}
            lakes.insert(cursor, "city_status", row | lakes.common(NOW) | times)
    found = queries.city_status(lake, AsOf.now(NOW))
    assert found is not None
    assert (found["level"], found["reasons"], found["lowers"]) == (3, ["satu", "dua"], [])
    earlier = queries.city_status(lake, AsOf.now(NOW - 90 * timedelta(minutes=1)))
    assert earlier is not None
    assert earlier["level"] == 2
