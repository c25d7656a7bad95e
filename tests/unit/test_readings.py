"""What the alarm rules judge, from the rows of the queries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import readings
from data.alarms import rules

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
RULES = rules(date(2026, 2, 18))


def gate(**changes: Any) -> dict[str, Any]:
    return {
        "station_id": "manggarai",
        "name": "P.A. Manggarai",
        "lon": 106.848,
        "lat": -6.208,
        "event_time": NOW - timedelta(minutes=3),
        "level_cm": 800.0,
        "siaga": 3,
        "siaga3_cm": 750.0,
        "siaga2_cm": 850.0,
        "siaga1_cm": 950.0,
        "rise_cm_h": 70.0,
        "expired_s": 1800.0,
        "feed": "dsda_levels",
        "simulated": False,
        "kelurahan_code": "31.74.01.1001",
    } | changes


def house(running: int, pumps: int, **changes: Any) -> dict[str, Any]:
    return {
        "lon": 106.85,
        "lat": -6.21,
        "event_time": NOW - timedelta(minutes=10),
        "running": running,
        "pumps": pumps,
        "feed": "pantau_pumps",
        "simulated": False,
    } | changes


def test_a_gate_is_judged_by_its_own_bounds_and_its_own_budget_of_age() -> None:
    (reading,) = readings.gate_levels(RULES["gate_level"], [gate()])
    assert (reading.value, reading.alarm_id) == (800, "gate_level:manggarai")
    assert reading.stale_at == NOW + timedelta(minutes=27)
    assert RULES["gate_level"].reached(reading) == 1
    assert (reading.kelurahan_code, reading.feeds) == ("31.74.01.1001", ("dsda_levels",))


def test_a_gate_without_a_reading_or_without_bounds_is_not_judged() -> None:
    rows = [gate(event_time=None, level_cm=None, expired_s=None), gate(siaga3_cm=None)]
    assert readings.gate_levels(RULES["gate_level"], rows) == []


def test_how_fast_a_gate_rises_counts_until_it_stands_at_siaga_3() -> None:
    rule = RULES["gate_rise"]
    below, above = readings.gate_rises(rule, [gate(siaga=4), gate(siaga=3)])
    assert (below.value, above.value) == (70, None)
    assert rule.reached(below) == 1


@pytest.mark.parametrize(
    ("siaga", "houses", "share"),
    [
        (3, [house(1, 4)], 75),
        (3, [house(1, 4), house(4, 4)], 37.5),
        (4, [house(0, 4)], None),
        (2, [house(0, 3)], None),
        (2, [house(0, 4, lon=106.95)], None),
        (2, [house(0, 4, simulated=True)], None),
        (2, [house(5, 4)], 0),
    ],
)
def test_pumps_count_where_enough_of_them_stand_near_a_threatened_gate(
    siaga: int, houses: list[dict[str, Any]], share: float | None
) -> None:
    (reading,) = readings.pumps_near_gates(RULES["pumps_down"], [gate(siaga=siaga)], houses, {})
    assert reading.value == share


def test_pumps_that_say_nothing_new_are_known_as_long_as_their_feed_is_heard() -> None:
    old = house(0, 8, event_time=NOW - timedelta(hours=5))
    rule = RULES["pumps_down"]
    (silent,) = readings.pumps_near_gates(rule, [gate()], [old], {})
    assert silent.stale_at == NOW - timedelta(hours=4)
    (heard,) = readings.pumps_near_gates(rule, [gate()], [old], {"pantau_pumps": NOW})
    assert heard.stale_at == NOW + timedelta(minutes=27)


def test_a_count_of_complaints_is_stale_when_their_feed_was_not_heard_for_an_hour() -> None:
    row = {
        "kelurahan_code": "31.71.01.1001",
        "name": "Gambir",
        "lon": 106.82,
        "lat": -6.17,
        "received": 9,
        "usual": 0.1,
        "newest": NOW - timedelta(hours=2),
        "feeds": ["crm_requests"],
        "simulated": True,
    }
    rule = RULES["complaint_burst"]
    (heard,) = readings.complaint_counts(rule, [row], NOW, {"crm_requests": NOW})
    assert (heard.value, heard.moment) == (9, NOW)
    assert heard.stale_at == NOW + timedelta(hours=1)
    assert rule.reached(heard) == 1
    (silent,) = readings.complaint_counts(rule, [row], NOW, {})
    assert silent.stale_at == NOW - timedelta(hours=1)
    empty = row | {"newest": None, "feeds": None, "simulated": None, "received": 0}
    (none,) = readings.complaint_counts(rule, [empty], NOW, {})
    assert (none.value, none.stale_at) == (0, None)


def test_air_is_judged_by_the_index_of_the_source_else_by_the_mean() -> None:
    row = gate(station_id="DKI1", name="Bundaran HI", parameter="pm25", ispu=120, mean_ug_m3=10.0)
    rule = RULES["ispu"]
    own, computed, other = readings.air_indices(
        rule,
        [row, row | {"ispu": None, "mean_ug_m3": 55.4}, row | {"ispu": None, "mean_ug_m3": None}],
    )
    assert (own.value, computed.value, other.value) == (120, 100, None)
    assert readings.air_indices(rule, [row | {"parameter": "pm10"}]) == []
    low_cost = readings.air_indices(rule, [row | {"station_id": "LC001"}])
    assert [rule.reached(reading) for reading in (own, *low_cost)] == [1, 0]


def test_a_corridor_is_judged_against_its_usual_of_four_weeks_at_least() -> None:
    row = {
        "corridor_id": "K001",
        "name": "Jl. M.H. Thamrin",
        "speed_kmh": 10.0,
        "usual_kmh": 40.0,
        "weeks": 8,
        "event_time": NOW,
        "feed": "tomtom_flow",
        "simulated": True,
        "lon": 106.823,
        "lat": -6.192,
        "kelurahan_code": "31.71.07.1006",
    }
    rule = RULES["corridor_collapse"]
    rows = [row, row | {"weeks": 3}, row | {"usual_kmh": None, "weeks": None}]
    found = readings.corridor_speeds(rule, rows)
    assert [reading.value for reading in found] == [25, None, None]
    assert (found[0].lon, found[0].kelurahan_code) == (106.823, "31.71.07.1006")


def test_a_feed_expires_at_one_moment_however_late_that_is_seen() -> None:
    declared = {
        "feed": "pantau_pumps",
        "title": "Rumah pompa",
        "late_s": 900.0,
        "expired_s": 3600.0,
        "clock": "fetch",
        "scheduled": True,
        "simulated": False,
    }
    run = {
        "event_time": None,
        "known_time": NOW - timedelta(hours=3),
        "last_content": "ok",
        "simulated": True,
    }
    rule = RULES["feed_expired"]
    (reading,) = readings.feed_ages(rule, [declared], {"pantau_pumps": run}, NOW)
    assert (reading.value, rule.reached(reading)) == (180, 1)
    assert reading.moment == NOW - timedelta(hours=2)
    fresh = run | {"known_time": NOW - timedelta(minutes=1)}
    (reading,) = readings.feed_ages(rule, [declared], {"pantau_pumps": fresh}, NOW)
    assert rule.reached(reading) == 0
    off = declared | {"scheduled": False}
    for rows, runs in (([off], {"pantau_pumps": run}), ([declared], {})):
        (reading,) = readings.feed_ages(rule, rows, runs, NOW)
        assert reading.value is None
    assert readings.feed_ages(rule, [declared | {"feed": "cameras"}], {}, NOW) == []
