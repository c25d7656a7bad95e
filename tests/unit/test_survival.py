"""How long complaints take, against worked examples and simulated durations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from data.survival import maturity, quantile_interval, shrunken_medians

# Weeks in remission under 6-MP, 0 = censored: Freireich et al., Blood 21 (1963).
REMISSION = np.array(
    [
        *[(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1)],
        *[(16, 1), (17, 0), (19, 0), (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0)],
        *[(34, 0), (35, 0)],
    ]
)


def test_the_curve_of_a_textbook_comes_out() -> None:
    times, ended = REMISSION.T
    found = maturity(times * 24, ended, [5, 6, 7, 10, 13, 16, 22, 23, 35])
    survived = (1 - found.curve["share"]).round(3).tolist()
    assert survived == [1.0, 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448, 0.448]
    assert (found.n, found.finished) == (21, 9)
    assert found.median_h == 23 * 24
    assert found.p90_h is None


def test_the_interval_is_greenwoods_on_the_log_log_scale() -> None:
    times, ended = REMISSION.T
    found = maturity(times * 24, ended, [10]).curve.loc[10]
    plain = SurvfuncRight(times, ended)
    at = list(plain.surv_times).index(10)
    survived, error = plain.surv_prob[at], plain.surv_prob_se[at]
    reach = 1.959964 * error / (survived * np.log(survived))
    ends = sorted(1 - survived ** np.exp([reach, -reach]))
    assert found[["low", "high"]].tolist() == pytest.approx(ends, abs=1e-6)


def test_weights_stand_for_repeated_rows() -> None:
    times, ended = REMISSION.T
    days = range(40)
    repeated = maturity(np.repeat(times * 24, 3), np.repeat(ended, 3), days)
    weighted = maturity(times * 24, ended, days, np.full(times.size, 3))
    pd.testing.assert_frame_equal(repeated.curve, weighted.curve)
    assert weighted.n == 63
    assert maturity([30], [True], [1], [0]).curve.isna().all(axis=None)


def test_open_complaints_are_not_left_out_as_the_share_of_the_closed_does() -> None:
    generator = np.random.default_rng(1)
    takes = generator.exponential(96, 20_000)
    age = generator.uniform(0, 240, takes.size)
    ended = takes <= age
    curve = maturity(np.minimum(takes, age), ended, range(1, 9)).curve
    truth = 1 - np.exp(-np.arange(1, 9) / 4)
    assert curve["share"].to_numpy() == pytest.approx(truth, abs=0.015)
    assert (takes[ended] <= 96).mean() > truth[3] + 0.1


def test_the_interval_covers_the_truth() -> None:
    generator = np.random.default_rng(2)
    inside = []
    for _ in range(200):
        takes, age = generator.exponential(96, 80), generator.uniform(0, 240, 80)
        curve = maturity(np.minimum(takes, age), takes <= age, [3]).curve.loc[3]
        inside.append(curve["low"] <= 1 - np.exp(-0.75) <= curve["high"])
    assert 0.91 <= np.mean(inside) <= 0.985


def test_a_complaint_finished_within_a_day_counts_on_that_day_and_not_before() -> None:
    curve = maturity([23.9, 24.0, 24.1, 48.0], [True] * 4, [0, 1, 2]).curve
    assert curve["share"].tolist() == [0.0, 0.5, 1.0]


def test_beyond_the_oldest_open_complaint_nothing_is_known() -> None:
    curve = maturity([30, 60], [True, False], [1, 2, 3]).curve
    assert curve["share"].tolist()[:2] == [0.0, 0.5]
    assert curve.loc[3].isna().all()


def test_a_cohort_that_is_all_finished_stays_so() -> None:
    found = maturity([30, 50], [True, True], [1, 2, 30])
    assert found.curve["share"].tolist() == [0.0, 0.5, 1.0]
    assert found.curve.loc[30, "high"] == 1
    assert found.p90_h == 50


def test_a_cohort_with_nothing_finished_has_a_curve_of_zero() -> None:
    found = maturity([30, 50], [False, False], [0, 2, 3])
    assert found.curve["share"].tolist()[:2] == [0.0, 0.0]
    assert found.curve.loc[3].isna().all()
    assert (found.n, found.finished, found.median_h, found.p90_h) == (2, 0, None, None)


def test_an_empty_cohort_has_no_curve() -> None:
    found = maturity([], [], [0, 7])
    assert found.curve["share"].isna().all()
    assert (found.n, found.median_h) == (0, None)


@pytest.mark.parametrize("hours", [-1.0, np.nan, np.inf])
def test_impossible_durations_are_refused(hours: float) -> None:
    with pytest.raises(ValueError, match="a duration is negative or missing"):
        maturity([5.0, hours], [True, True], [1])


def test_arguments_of_other_lengths_and_negative_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        maturity([1.0], [True, False], [1])
    with pytest.raises(ValueError, match="a weight is negative"):
        maturity([1.0], [True], [1], [-1])


def units(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["n", "mean_log", "sd_log"])


def test_medians_of_small_units_lean_on_the_city_and_those_of_large_ones_do_not() -> None:
    found = shrunken_medians(
        units((500, np.log(20), 1), (500, np.log(60), 1), (2, np.log(400), 1), (0, np.nan, np.nan))
    )
    assert found["median_h"].tolist()[:2] == pytest.approx([20, 60], rel=0.03)
    assert found.loc[2, "median_h"] < 300
    assert found.loc[3, "weight"] == 0
    assert found.loc[3, "low_h"] < found.loc[3, "median_h"] < found.loc[3, "high_h"]


def test_shrunken_medians_are_nearer_the_truth_and_their_intervals_cover_it() -> None:
    generator = np.random.default_rng(3)
    inside, better = [], []
    for _ in range(15):
        n = generator.integers(1, 80, 267)
        true = generator.normal(3.5, 0.3, n.size)
        logs = [generator.normal(level, 1.0, size) for level, size in zip(true, n, strict=True)]
        table = pd.DataFrame(
            {
                "n": n,
                "mean_log": [log.mean() for log in logs],
                "sd_log": [log.std(ddof=1) if log.size > 1 else np.nan for log in logs],
            }
        )
        found = shrunken_medians(table)
        inside.append(found["low_h"].lt(np.exp(true)) & found["high_h"].gt(np.exp(true)))
        error = np.abs(np.log(found["median_h"]) - true).mean()
        better.append(error < np.abs(table["mean_log"] - true).mean())
    assert all(better)
    assert 0.88 <= np.mean(inside) <= 0.92


def test_medians_need_one_unit_with_two_durations() -> None:
    assert shrunken_medians(units((1, 3, np.nan), (0, np.nan, np.nan))).isna().all(axis=None)
    assert shrunken_medians(units()).empty


def test_medians_of_equal_durations_are_those_durations() -> None:
    found = shrunken_medians(units((5, np.log(24), 0), (9, np.log(48), 0)))
    assert found["median_h"].tolist() == pytest.approx([24, 48])


@pytest.mark.parametrize("row", [(3, np.nan, 1), (3, 3, np.nan), (3, 3, -1), (-3, 3, 1)])
def test_impossible_units_are_refused(row: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="missing or negative"):
        shrunken_medians(units(row, (5, 3, 1)))


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_the_interval_of_a_quantile_covers_it(share: float) -> None:
    generator = np.random.default_rng(4)
    truth = np.exp(4 + stats.norm.ppf(share))
    intervals = [quantile_interval(generator.lognormal(4, 1, 200), share) for _ in range(200)]
    inside = [low <= truth <= high for _, low, high in intervals]
    assert 0.87 <= np.mean(inside) <= 0.96


def test_a_quantile_of_too_few_durations_has_no_interval() -> None:
    value, low, high = quantile_interval([5.0], 0.9)
    assert value == 5
    assert np.isnan([low, high]).all()
    assert np.isnan(quantile_interval([], 0.9)).all()
    with pytest.raises(ValueError, match="negative or missing"):
        quantile_interval([-1.0], 0.5)
