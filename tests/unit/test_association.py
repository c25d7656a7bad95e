"""Two series together: what was planted is found within its interval, and nothing else is."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from data import association
from data.association import Effect

DAYS = [date(2023, 1, 1) + timedelta(days=number) for number in range(500)]
NO_HOLIDAYS: frozenset[date] = frozenset()


def noise(rng):
    """Return what remembers the day before it."""
    steps, values = rng.normal(size=len(DAYS) + 50), np.zeros(len(DAYS) + 50)
    for at in range(1, values.size):
        values[at] = 0.6 * values[at - 1] + steps[at]
    return values[50:]


def controls():
    return np.column_stack(
        [association.season(DAYS, NO_HOLIDAYS), association.weekdays(DAYS)],
    )


def test_a_planted_slope_lies_in_its_interval_nineteen_times_of_twenty():
    rng, held, rounds = np.random.default_rng(1), 0, 150
    for _ in range(rounds):
        exposure = noise(rng)
        effect = association.slope(0.3 * exposure + noise(rng), exposure, controls())
        held += effect.low <= 0.3 <= effect.high
    assert 0.88 <= held / rounds <= 0.99


def test_where_nothing_was_planted_hardly_anything_is_claimed():
    rng, claimed, rounds = np.random.default_rng(2), 0, 150
    for _ in range(rounds):
        claimed += association.slope(noise(rng), noise(rng), controls()).told
    assert claimed / rounds <= 0.12


def test_the_lag_at_which_it_was_planted_is_that_of_the_greatest_slope():
    rng = np.random.default_rng(3)
    exposure = rng.normal(size=len(DAYS))
    before = np.roll(exposure, 2)
    outcome = 1.5 * before + noise(rng)
    found = {
        lag: association.slope(outcome, association.shifted(DAYS, list(exposure), lag), controls())
        for lag in range(-3, 4)
    }
    assert max(found, key=lambda lag: found[lag].value) == 2
    assert found[2].low <= 1.5 <= found[2].high
    assert not any(found[lag].told for lag in (-3, -2, -1, 0))


def test_what_moves_both_is_no_relation_once_it_is_adjusted_for():
    rng = np.random.default_rng(4)
    rain = np.maximum(rng.normal(size=len(DAYS)), 0)
    exposure, outcome = 2 * rain + rng.normal(size=len(DAYS)), -3 * rain + noise(rng)
    assert association.slope(outcome, exposure).told
    adjusted = association.slope(outcome, exposure, np.column_stack([controls(), rain]))
    assert not adjusted.told


def test_slopes_of_one_call_are_each_that_of_its_own_on_the_rows_that_all_know():
    rng = np.random.default_rng(10)
    exposures = np.column_stack([noise(rng), noise(rng)])
    outcome = 0.5 * exposures[:, 1] + noise(rng)
    exposures[:40, 0] = np.nan
    first, second = association.slopes(outcome, exposures, controls())
    assert first.n == second.n == len(DAYS) - 40
    alone = association.slope(outcome[40:], exposures[40:, 1], controls()[40:])
    assert second.value == pytest.approx(alone.value)
    assert not first.told
    assert second.low <= 0.5 <= second.high


def test_days_that_are_not_known_do_not_count():
    rng = np.random.default_rng(5)
    exposure = noise(rng)
    outcome = 0.5 * exposure + noise(rng)
    outcome[::3], exposure[1::5] = np.nan, np.nan
    effect = association.slope(outcome, exposure, controls())
    assert effect.n == int((np.isfinite(outcome) & np.isfinite(exposure)).sum())
    assert effect.low <= 0.5 <= effect.high


@pytest.mark.parametrize("count", [0, 1, association.LEAST_DAYS - 1])
def test_too_few_days_tell_nothing(count):
    assert association.slope(np.arange(count) + 0.0, np.arange(count) + 0.0) is None


def test_what_never_changes_tells_nothing():
    assert association.slope(np.arange(100) + 0.0, np.ones(100)) is None


def test_a_lag_reaches_over_the_days_and_not_over_the_rows():
    days = [date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 5)]
    shifted = association.shifted(days, [1.0, None, 3.0], 1)
    assert np.isnan(shifted).tolist() == [True, False, True]
    assert shifted[1] == 1.0


def test_a_planted_step_lies_in_its_interval_nine_times_of_ten():
    rng, held, rounds, half = np.random.default_rng(6), 0, 60, len(DAYS) // 2
    slow = association.season(DAYS, NO_HOLIDAYS)
    for _ in range(rounds):
        outcome = noise(rng)
        outcome[half:] += 3
        effect = association.step(DAYS, outcome, DAYS[half], slow)
        held += effect.low <= 3 <= effect.high
    assert held / rounds >= 0.83


def test_a_series_without_a_step_hardly_ever_claims_one():
    rng, claimed, rounds = np.random.default_rng(7), 0, 60
    slow = association.season(DAYS, NO_HOLIDAYS)
    for _ in range(rounds):
        claimed += association.step(DAYS, noise(rng), DAYS[250], slow).told
    assert claimed / rounds <= 0.17


def test_a_trend_that_goes_on_is_no_step():
    rng = np.random.default_rng(8)
    outcome = np.arange(len(DAYS)) / 20 + 0.2 * noise(rng)
    effect = association.step(DAYS, outcome, DAYS[250], association.season(DAYS, NO_HOLIDAYS))
    assert abs(effect.value) < 1.5


@pytest.mark.parametrize("mark", [DAYS[0], DAYS[30], DAYS[-30], DAYS[-1] + timedelta(days=40)])
def test_a_mark_with_too_few_weeks_on_a_side_tells_nothing(mark):
    outcome = noise(np.random.default_rng(9))
    assert association.step(DAYS, outcome, mark, association.season(DAYS, NO_HOLIDAYS)) is None


def test_an_effect_of_many_units_keeps_the_order_of_its_ends():
    assert Effect(1.0, 0.5, 2.0, 9).times(-2) == Effect(-2.0, -4.0, -1.0, 9)
