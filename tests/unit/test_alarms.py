"""Alarms: what raises one, what ends it, and that none chatters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.alarms import (
    NOTED_ANEW_AFTER,
    Alarm,
    Reading,
    evaluate,
    gravest_first,
    judge,
    next_deadline,
    poisson_bound,
    read_rules,
    rules,
)
from data.tables import SEVERITIES

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = date(2026, 2, 18)
BOUNDS = {"siaga3_cm": 750.0, "siaga2_cm": 850.0, "siaga1_cm": 950.0}


def gate(level: float | None, at: datetime = NOW, **changes: object) -> Reading:
    reading = Reading(
        rule="gate_level",
        subject_kind="gate",
        subject_id="manggarai",
        subject="P.A. Manggarai",
        value=level,
        moment=at,
        stale_at=at + 60 * MINUTE,
        bounds=BOUNDS,
        feeds=("dsda_levels",),
    )
    return replace(reading, **changes)


def follow(readings: list[Reading], before: Alarm | None = None) -> list[Alarm]:
    """Judge readings one after another, each as it comes, and return what was noted."""
    rule = rules(DAY)["gate_level"]
    noted = []
    for reading in readings:
        change = judge(rule, reading, before, reading.moment)
        if change is not None:
            noted.append(change)
            before = change
    return noted


def every_minute(*levels: float | None) -> list[Reading]:
    return [gate(level, NOW + number * MINUTE) for number, level in enumerate(levels)]


def test_a_level_that_reaches_a_bound_raises_an_alarm_with_its_owner_and_its_words() -> None:
    (alarm,) = follow([gate(850)])
    assert (alarm.state, alarm.severity, alarm.bound) == ("raised", "siaga2", 850)
    assert alarm.alarm_id == "gate_level:manggarai"
    assert alarm.title == "Tinggi muka air P.A. Manggarai mencapai Siaga 2 – Siaga"
    assert alarm.owner == "sekretaris daerah / satkorlak"
    assert (alarm.raised_at, alarm.since, alarm.known_time) == (NOW, NOW, NOW)


def test_a_level_below_every_bound_raises_nothing() -> None:
    assert follow(every_minute(0, 749.9)) == []


def test_a_station_without_bounds_raises_nothing() -> None:
    assert follow([gate(900, bounds=dict.fromkeys(BOUNDS))]) == []


def test_a_rising_level_makes_the_alarm_graver_and_keeps_when_it_was_raised() -> None:
    noted = follow(every_minute(760, 860, 960))
    assert [alarm.severity for alarm in noted] == ["siaga3", "siaga2", "siaga1"]
    assert {alarm.raised_at for alarm in noted} == {NOW}
    assert noted[-1].since == NOW + 2 * MINUTE


def test_an_alarm_ends_below_the_margin_once_its_least_time_is_over() -> None:
    early = follow(every_minute(760, 740))
    assert [alarm.state for alarm in early] == ["raised", "changed"]
    late = follow([gate(760), gate(746, NOW + 40 * MINUTE), gate(744, NOW + 41 * MINUTE)])
    assert [alarm.state for alarm in late] == ["raised", "changed", "cleared"]
    assert late[-1].event_time == NOW + 41 * MINUTE


def test_an_alarm_falls_one_siaga_at_a_time_and_never_ends_while_a_bound_is_passed() -> None:
    noted = follow([gate(960), gate(860, NOW + 40 * MINUTE), gate(500, NOW + 45 * MINUTE)])
    assert [(alarm.state, alarm.severity) for alarm in noted] == [
        ("raised", "siaga1"),
        ("changed", "siaga2"),
        ("changed", "siaga2"),
    ]


@given(st.lists(st.floats(848, 852), min_size=1, max_size=200), st.integers(1, 90))
def test_a_level_that_swings_by_two_centimetres_around_a_bound_raises_one_alarm_at_most(
    levels: list[float], minutes: int
) -> None:
    readings = [gate(level, NOW + n * minutes * MINUTE) for n, level in enumerate(levels)]
    noted = follow(readings)
    assert sum(alarm.state == "raised" for alarm in noted) <= 1
    assert all(alarm.state != "cleared" for alarm in noted)
    graver = [alarm for alarm in noted if alarm.severity == "siaga2"]
    assert len({alarm.since for alarm in graver}) <= 1


@given(st.lists(st.floats(-500, 1500), min_size=2, max_size=60), st.data())
def test_a_restart_between_any_two_readings_changes_nothing(
    levels: list[float], data: st.DataObject
) -> None:
    readings = every_minute(*levels)
    cut = data.draw(st.integers(0, len(readings)))
    first = follow(readings[:cut])
    assert first + follow(readings[cut:], first[-1] if first else None) == follow(readings)


@given(st.floats(-500, 1500), st.floats(0, 500))
def test_a_higher_level_is_never_judged_lighter(level: float, more: float) -> None:
    rule = rules(DAY)["gate_level"]
    assert rule.reached(gate(level)) <= rule.reached(gate(level + more))


def test_an_alarm_whose_reading_grew_too_old_cannot_be_judged_and_is_not_ended() -> None:
    (raised,) = follow([gate(860)])
    rule = rules(DAY)["gate_level"]
    later = NOW + 61 * MINUTE
    unclear = judge(rule, gate(860), raised, later)
    assert unclear is not None
    assert (unclear.state, unclear.severity) == ("unassessable", "siaga2")
    assert (unclear.event_time, unclear.known_time) == (NOW + 60 * MINUTE, later)
    assert judge(rule, gate(860), unclear, later + MINUTE) is None
    again = judge(rule, gate(855, later), unclear, later)
    assert again is not None
    assert (again.state, again.raised_at, again.since) == ("changed", NOW, NOW)


def test_an_old_reading_raises_nothing() -> None:
    rule = rules(DAY)["gate_level"]
    assert judge(rule, gate(960), None, NOW + 60 * MINUTE) is None


def test_a_subject_that_is_told_of_no_more_cannot_be_judged() -> None:
    (raised,) = follow([gate(860)])
    standing = {raised.alarm_id: raised}
    (change,) = evaluate(rules(DAY), [], standing, NOW + MINUTE)
    assert change.state == "unassessable"
    assert evaluate(rules(DAY), [], standing, NOW + MINUTE, judged=["ispu"]) == []


def test_an_ended_alarm_stays_ended_where_nothing_is_told() -> None:
    noted = follow([gate(760), gate(500, NOW + 40 * MINUTE)])
    assert noted[-1].state == "cleared"
    standing = {noted[-1].alarm_id: noted[-1]}
    assert evaluate(rules(DAY), [], standing, NOW + timedelta(days=3)) == []


def test_a_reading_that_does_not_apply_ends_the_alarm() -> None:
    noted = follow([gate(760), gate(None, NOW + 40 * MINUTE)])
    assert [alarm.state for alarm in noted] == ["raised", "cleared"]


def test_a_source_that_falls_back_on_an_older_reading_does_not_turn_time_back() -> None:
    noted = follow([gate(760, NOW), gate(860, NOW - 20 * MINUTE)])
    assert [alarm.event_time for alarm in noted] == [NOW, NOW]


def test_a_reading_dated_ahead_is_an_alarm_of_now() -> None:
    rule = rules(DAY)["gate_level"]
    alarm = judge(rule, gate(860, NOW + 10 * MINUTE), None, NOW)
    assert alarm is not None
    assert alarm.event_time == NOW


def test_a_value_is_noted_again_when_it_moved_by_the_step() -> None:
    noted = follow(every_minute(760, 765, 769.9, 770, 772))
    assert [alarm.value for alarm in noted] == [760, 770]


def test_what_stands_is_noted_anew_within_two_days() -> None:
    (raised,) = follow([gate(760)])
    later = NOW + NOTED_ANEW_AFTER
    (again,) = follow([gate(760, later)], raised)
    assert (again.state, again.event_time, again.since) == ("changed", later, NOW)
    lost = replace(raised, state="unassessable")
    (still,) = evaluate(rules(DAY), [], {lost.alarm_id: lost}, later)
    assert (still.state, still.event_time) == ("unassessable", later)
    assert timedelta(days=2) > NOTED_ANEW_AFTER


def test_an_alarm_that_went_from_simulated_to_real_says_so() -> None:
    (raised,) = follow([gate(760, simulated=True)])
    (change,) = follow([gate(760, NOW + MINUTE)], raised)
    assert change.simulated is False


def test_the_next_deadline_is_when_the_first_standing_reading_grows_too_old() -> None:
    (raised,) = follow([gate(860)])
    standing = {raised.alarm_id: raised}
    calm = gate(100, NOW - 30 * MINUTE, subject_id="karet")
    assert next_deadline([gate(860), calm], standing) == NOW + 60 * MINUTE
    assert next_deadline([gate(860)], {}) is None


@pytest.mark.parametrize("mean", [0.0, 0.05, 1.0, 7.5, 120.0])
@pytest.mark.parametrize("tail", [0.01, 0.00001])
def test_the_poisson_bound_is_the_least_count_that_is_rarer_than_the_tail(
    mean: float, tail: float
) -> None:
    def chance_of(least: int) -> float:
        return sum(exp(-mean) * mean**count / factorial(count) for count in range(least, 100))

    bound = int(poisson_bound(mean, tail))
    assert bound >= 1
    if mean <= 10:
        assert chance_of(bound) < tail
        assert bound == 1 or chance_of(bound - 1) >= tail
    else:
        assert mean + 2 * mean**0.5 < bound < mean + 6 * mean**0.5


def test_a_burst_needs_the_least_count_however_quiet_a_kelurahan_is() -> None:
    rule = rules(DAY)["complaint_burst"]

    def counted(value: float) -> Reading:
        return gate(value, rule="complaint_burst", bounds={"usual": 0.02})

    assert rule.reached(counted(4)) == 0
    assert rule.reached(counted(5)) == 1
    assert rule.reached(counted(15)) == 2


def test_a_collapse_is_worse_the_lower_the_speed() -> None:
    rule = rules(DAY)["corridor_collapse"]
    shares = (90, 50, 25, 0)
    assert [rule.reached(gate(share, bounds={})) for share in shares] == [0, 1, 2, 2]
    assert [rule.reached(gate(share, bounds={}), falling=True) for share in (66, 60, 35)] == [
        0,
        1,
        2,
    ]


def test_a_level_that_exists_for_some_subjects_only_is_not_reached_by_others() -> None:
    rule = rules(DAY)["feed_expired"]

    def expired(feed: str) -> Reading:
        return gate(200, subject_id=feed, bounds={"expired_min": 60.0})

    assert rule.reached(expired("dsda_levels")) == 2
    assert rule.reached(expired("pantau_pumps")) == 1
    assert rule.reached(expired("cameras")) == 0


def test_a_rule_that_is_rewritten_counts_from_its_day_on() -> None:
    row = {
        "rule": "ispu",
        "level": "1",
        "severity": "notice",
        "name": "Udara",
        "unit": "ISPU",
        "decimals": "0",
        "direction": "up",
        "bound": "101",
        "margin": "5",
        "minimum": "",
        "step": "20",
        "hold_min": "60",
        "stale_min": "240",
        "subjects": "",
        "owner": "dinas",
        "feeds": "udara_jakarta",
        "title": "{subject}",
        "effective_from": "2020-07-14",
        "source": "tests",
    }
    newer = row | {"bound": "51", "effective_from": "2026-06-01"}
    for found, bound in ((date(2026, 5, 31), "101"), (date(2026, 6, 1), "51")):
        assert read_rules([row, newer], found)["ispu"].rungs[0].bound == bound
    assert read_rules([row, newer], date(2020, 7, 13)) == {}


def test_every_rule_in_force_has_severities_that_grow_with_its_levels() -> None:
    for rule in rules(DAY).values():
        ranks = [SEVERITIES.index(rung.severity) for rung in rule.rungs]
        assert ranks == sorted(ranks, reverse=True)
        assert [rung.level for rung in rule.rungs] == list(range(1, len(ranks) + 1))
        assert all("{subject}" in rung.title and rung.owner for rung in rule.rungs)


def test_the_gravest_stand_first_and_the_newest_of_them() -> None:
    (light,) = follow([gate(760)])
    (grave,) = follow([gate(960)])
    newer = replace(grave, alarm_id="gate_level:karet", since=NOW + MINUTE)
    assert gravest_first([light, grave, newer]) == [newer, grave, light]
