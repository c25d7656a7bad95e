"""The status of the city: never lowered by a worse input, and always with its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data import reference
from data.alarms import Alarm
from data.city_status import WORDS, Status, change, conditions, judge
from data.tables import SEVERITIES

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
RULES = sorted({rule.rule for rule in conditions()})


def alarm(
    rule: str = "gate_level", level: int = 1, number: int = 0, state: str = "raised"
) -> Alarm:
    return Alarm(
        alarm_id=f"{rule}:{number}",
        rule=rule,
        subject_kind="gate",
        subject_id=str(number),
        subject=f"Pos {number}",
        severity=SEVERITIES[0],
        level=level,
        state=state,
        value=1.0,
        unit="cm",
        bound=1.0,
        title="Peringatan",
        feeds="dsda_levels",
        owner="gubernur",
        raised_at=NOW,
        since=NOW,
        event_time=NOW,
        known_time=NOW,
        simulated=False,
    )


def gates(count: int, level: int) -> list[Alarm]:
    return [alarm(level=level, number=number) for number in range(count)]


ALARMS = st.lists(
    st.builds(
        alarm,
        rule=st.sampled_from(RULES),
        level=st.integers(1, 3),
        number=st.integers(0, 30),
        state=st.sampled_from(["raised", "changed", "unassessable"]),
    ),
    max_size=40,
    unique_by=lambda one: one.alarm_id,
)


def test_without_alarms_the_status_is_rutin_and_says_so() -> None:
    status = judge([])
    assert (status.level, status.lowers) == (1, ())
    assert status.reasons == ("Tidak ada peringatan yang menaikkan status kota",)


def test_the_status_follows_the_gates() -> None:
    counts = [(1, 1), (6, 1), (1, 2), (5, 2), (1, 3), (4, 3)]
    assert [judge(gates(*one)).level for one in counts] == [2, 3, 3, 4, 4, 5]


def test_a_status_tells_its_reason_and_what_would_lower_it() -> None:
    status = judge(gates(5, 3))
    assert WORDS[status.level] == "Puncak"
    assert status.reasons == (
        "5 pos berperingatan Siaga 1 – Bahaya: Pos 0, Pos 1, Pos 2 dan 2 lainnya",
    )
    assert status.lowers == ("Kurang dari 4 pos berperingatan Siaga 1 – Bahaya (kini 5)",)


def test_an_alarm_that_is_over_does_not_count() -> None:
    assert judge([replace(one, state="cleared") for one in gates(5, 3)]).level == 1


def test_stale_input_does_not_calm_the_city_and_the_reason_says_so() -> None:
    status = judge([replace(one, state="unassessable") for one in gates(1, 2)])
    assert (status.level, status.unassessable) == (3, 1)
    assert status.reasons[0].endswith("1 tidak dapat dinilai karena datanya kedaluwarsa")


@given(ALARMS, ALARMS)
def test_one_alarm_more_never_lowers_the_status(some: list[Alarm], others: list[Alarm]) -> None:
    known = {one.alarm_id for one in some}
    more = [one for one in others if one.alarm_id not in known]
    assert judge(some).level <= judge([*some, *more]).level


@given(ALARMS.filter(bool), st.data())
def test_a_graver_alarm_never_lowers_the_status(some: list[Alarm], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, len(some) - 1))
    graver = list(some)
    graver[number] = replace(some[number], level=some[number].level + 1)
    assert judge(some).level <= judge(graver).level


@given(ALARMS)
def test_every_status_has_a_reason_and_all_but_the_lowest_a_way_down(some: list[Alarm]) -> None:
    status = judge(some)
    assert status.reasons
    assert bool(status.lowers) == (status.level > 1)


@given(ALARMS)
def test_the_order_of_the_alarms_does_not_matter(some: list[Alarm]) -> None:
    assert judge(some) == judge(list(reversed(some)))


def test_a_change_of_level_begins_anew_and_a_change_of_reason_does_not() -> None:
    first = change(judge(gates(1, 3)), None, NOW, NOW)
    assert first is not None
    later = NOW + timedelta(minutes=5)
    same = change(judge(gates(2, 3)), first, later, later)
    assert same is not None
    assert (same.status.level, same.since, same.event_time) == (4, NOW, later)
    higher = change(judge(gates(4, 3)), same, later, later)
    assert higher is not None
    assert (higher.status.level, higher.since) == (5, later)
    assert change(higher.status, higher, later, later) is None


def test_a_status_that_stands_is_noted_anew_within_two_days() -> None:
    first = change(Status(1, ("x",), ()), None, NOW, NOW)
    assert first is not None
    later = NOW + timedelta(days=1)
    again = change(first.status, first, NOW, later)
    assert again is not None
    assert (again.event_time, again.since) == (later, NOW)


def test_every_status_above_the_lowest_has_a_condition_and_every_status_an_ask() -> None:
    assert {rule.level for rule in conditions()} == WORDS.keys() - {1}
    assert {int(row["level"]) for row in reference.rows("city_status_asks")} == WORDS.keys()
