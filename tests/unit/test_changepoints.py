"""Change points: planted steps are found and dated, and noise, season and slope make none."""

from __future__ import annotations

import numpy as np
import pytest

from data import changepoints

MONTHS = 120
TRIALS = 40


def months(seed, steps=(), memory=0.3, slope=0.0, count=MONTHS):
    """Return ten years of months: noise of 1 with a memory, season, slope, a flood and steps."""
    random = np.random.default_rng(seed)
    noise = np.zeros(count)
    for at in range(1, count):
        noise[at] = memory * noise[at - 1] + random.normal() * np.sqrt(1 - memory**2)
    at = np.arange(count)
    values = 100 + slope * at + 1.5 * np.sin(at * np.pi / 6) + noise
    values[random.integers(0, count)] += 8
    for step, size in steps:
        values[step:] += size
    return values.tolist()


def is_found(changes, at, size):
    return any(abs(one.index - at) <= 3 and one.size * size > 0 for one in changes)


@pytest.mark.parametrize("slope", [0.0, 0.05])
def test_nine_of_ten_planted_steps_are_found_within_three_months(slope):
    found = 0
    for seed in range(TRIALS):
        at = 20 + seed * 2
        size = 4.0 if seed % 2 else -4.0
        found += is_found(changepoints.find(months(seed, [(at, size)], slope=slope), 12), at, size)
    assert found >= 0.9 * TRIALS


@pytest.mark.parametrize(("memory", "slope"), [(0.0, 0.0), (0.3, 0.05), (0.5, 0.0)])
def test_a_decade_without_a_step_has_fewer_than_one_false_one(memory, slope):
    series = (months(seed, memory=memory, slope=slope) for seed in range(TRIALS))
    assert sum(len(changepoints.find(one, 12)) for one in series) < TRIALS


def test_a_step_tells_its_size_and_both_levels():
    one = next(
        one for one in changepoints.find(months(3, [(60, 10.0)]), 12) if abs(one.index - 60) <= 1
    )
    assert one.size == pytest.approx(10, abs=1.5)
    assert one.after - one.before == pytest.approx(one.size)
    assert one.strength > changepoints.BOUND


def test_the_levels_are_those_at_the_moment_of_the_step():
    [one] = changepoints.find(months(3, [(60, 10.0)], slope=0.5), 12)
    assert one.before == pytest.approx(100 + 0.5 * one.index, abs=2.5)
    assert one.after - one.before == pytest.approx(10, abs=2)


def test_two_steps_are_told_in_order_of_time():
    found = changepoints.find(months(5, [(40, 9.0), (80, -7.0)]), 12)
    sizes = [one.size for one in found if min(abs(one.index - 40), abs(one.index - 80)) <= 2]
    assert [size > 0 for size in sizes] == [True, False]
    assert [one.index for one in found] == sorted(one.index for one in found)


def test_rain_is_no_step():
    random = np.random.default_rng(11)
    wet = 1.5 + np.sin(np.arange(MONTHS) * np.pi / 6)
    found = [
        changepoints.find((random.gamma(1.2, 80, MONTHS) * wet).tolist(), 12) for _ in range(20)
    ]
    assert sum(map(len, found)) < 20


def test_a_single_flood_is_no_level():
    values = months(7)
    values[50] += 60
    assert not is_found(changepoints.find(values, 12), 50, 60)


def test_what_is_told_of_now_and_then_has_no_level():
    values = [90.0 + at % 3 + 60 * (at > 60) if at % 5 == 0 else None for at in range(MONTHS * 2)]
    assert changepoints.find(values, 12) == []


def test_a_gap_does_not_hide_a_step():
    values = months(9, [(70, 8.0)])
    values[30:50] = [None] * 20
    assert is_found(changepoints.find(values, 12), 70, 8.0)


@pytest.mark.parametrize(
    "values", [[], [None] * 50, [1.0] * 50, [1.0, 2.0] * 5, [float(at) for at in range(60)]]
)
def test_where_nothing_can_be_said_there_is_no_step(values):
    assert changepoints.find(values, 12) == []
