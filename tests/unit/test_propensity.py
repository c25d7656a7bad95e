"""Who reports, against simulated districts of which some report three times as readily."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.propensity import reporting_propensity

KELURAHAN = 267
WINDOW_H = 3.0
BASE_PER_H = 0.03


def city(seed: int, rates: np.ndarray, incidents: int = 60 * 12) -> pd.DataFrame:
    """Simulate a year of incidents, some of them finished within the window."""
    generator = np.random.default_rng(seed)
    hours = np.array(
        [np.minimum(WINDOW_H, generator.exponential(24, incidents)).sum() for _ in rates]
    )
    return pd.DataFrame({"duplicates": generator.poisson(rates * hours), "hours": hours})


def test_a_planted_threefold_difference_comes_out_within_a_fifth() -> None:
    rates = np.where(np.arange(KELURAHAN) < 60, 3, 1) * BASE_PER_H
    for seed in range(2):
        units = reporting_propensity(city(seed, rates), life_h=48).units
        eager, base = units["rate_per_h"][:60], units["rate_per_h"][60:]
        assert eager.mean() / base.mean() == pytest.approx(3, rel=0.1)
        assert (np.abs(eager / base.median() / 3 - 1) < 0.2).mean() > 0.95


def test_the_interval_of_a_rate_covers_it() -> None:
    generator = np.random.default_rng(5)
    rates = generator.gamma(4, BASE_PER_H / 4, KELURAHAN)
    inside = []
    for seed in range(4):
        units = reporting_propensity(city(seed, rates, incidents=120), life_h=48).units
        inside.append((units["rate_low"] <= rates) & (rates <= units["rate_high"]))
    assert 0.87 <= np.mean(inside) <= 0.93


def test_small_units_lean_on_the_city() -> None:
    units = pd.DataFrame({"duplicates": [60, 70, 0, 4], "hours": [2000.0, 2100.0, 3.0, 40.0]})
    found = reporting_propensity(units, life_h=48).units
    assert found.loc[2, "rate_per_h"] > 0.02
    assert found.loc[3, "rate_per_h"] < 0.06


def test_a_silent_place_is_flagged_and_one_of_which_little_is_known_is_not() -> None:
    rates = np.where(np.arange(KELURAHAN) < 20, 0.25, 1) * BASE_PER_H
    board = city(1, rates)
    board.loc[KELURAHAN] = {"duplicates": 0, "hours": 4.0}
    flagged = reporting_propensity(board, life_h=48).units["pelaporan_rendah"]
    assert flagged[:20].mean() >= 0.8
    assert not flagged[20:].any()


def test_what_is_reported_at_all_follows_from_rate_and_life() -> None:
    rates = np.full(KELURAHAN, BASE_PER_H)
    for life_h in (1.0, 24.0, 100.0):
        reported = reporting_propensity(city(2, rates), life_h).units["reported"]
        assert reported.mean() == pytest.approx(1 - np.exp(-BASE_PER_H * life_h), abs=0.01)


def test_ratios_are_to_the_city_as_a_whole() -> None:
    rates = np.random.default_rng(6).gamma(4, BASE_PER_H / 4, KELURAHAN)
    board = city(3, rates)
    found = reporting_propensity(board, life_h=48)
    assert found.city_per_h == board["duplicates"].sum() / board["hours"].sum()
    assert np.average(found.units["ratio"], weights=board["hours"]) == pytest.approx(1, abs=0.01)


def test_a_unit_that_was_never_observed_is_as_the_city() -> None:
    board = city(4, np.full(KELURAHAN, BASE_PER_H))
    board.loc[0] = {"duplicates": 0, "hours": 0.0}
    unit = reporting_propensity(board, life_h=48).units.loc[0]
    assert unit["ratio"] == pytest.approx(1, abs=0.05)
    assert not unit["pelaporan_rendah"]


@pytest.mark.parametrize(
    "board",
    [
        pd.DataFrame({"duplicates": [0, 0], "hours": [50.0, 0.0]}),
        pd.DataFrame({"duplicates": [], "hours": []}),
    ],
)
def test_without_any_duplicate_nothing_is_said(board: pd.DataFrame) -> None:
    found = reporting_propensity(board, life_h=48)
    assert np.isnan(found.city_per_h)
    assert found.units["rate_per_h"].isna().all()
    assert not found.units["pelaporan_rendah"].any()


@pytest.mark.parametrize(
    ("duplicates", "hours", "message"),
    [(-1, 5.0, "numbers of 0"), (np.nan, 5.0, "numbers of 0"), (2, 0.0, "need hours")],
)
def test_impossible_observations_are_refused(duplicates: float, hours: float, message: str) -> None:
    board = pd.DataFrame({"duplicates": [3, duplicates], "hours": [100.0, hours]})
    with pytest.raises(ValueError, match=message):
        reporting_propensity(board, life_h=48)
