"""Shares as shown: the three formulas, Wilson's interval, funnel plots and p-charts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data.proportions import OnTime, funnel_limits, on_time_shares, p_chart, wilson


@pytest.mark.parametrize(
    ("on_time", "n", "share", "low", "high"),
    [
        (126, 128, 98.4, 94.5, 99.6),
        (135, 145, 93.1, 87.8, 96.2),
        (99, 115, 86.1, 78.6, 91.3),
        (9, 9, 100.0, 70.1, 100.0),
        (21, 21, 100.0, 84.5, 100.0),
        (58, 58, 100.0, 93.8, 100.0),
        (300, 306, 98.0, 95.8, 99.1),
    ],
)
def test_wilsons_interval_is_as_printed(
    on_time: int, n: int, share: float, low: float, high: float
) -> None:
    ends = np.array(wilson(on_time, n))
    assert round(100 * on_time / n, 1) == share
    assert np.round(100 * ends, 1).tolist() == [low, high]


def test_wilsons_interval_reads_columns_and_has_none_for_no_complaints() -> None:
    low, high = wilson(pd.Series([126, 0]), pd.Series([128, 0]))
    assert np.round(low, 3).tolist()[0] == 0.945
    assert np.isnan([low[1], high[1]]).all()


@pytest.mark.parametrize(("on_time", "n"), [(5, 4), (-1, 4), (np.nan, 4)])
def test_impossible_successes_are_refused(on_time: float, n: float) -> None:
    with pytest.raises(ValueError, match="from 0 to n"):
        wilson(on_time, n)


def test_the_three_formulas_have_their_known_limits_on_the_newest_complaints() -> None:
    newest = on_time_shares(on_time=0, late=0, overdue=0, pending=40)
    assert newest == OnTime(of_closed=None, of_received=0.0, of_due=None)
    some_closed = on_time_shares(on_time=5, late=0, overdue=0, pending=35)
    assert some_closed == OnTime(of_closed=1.0, of_received=0.125, of_due=1.0)


def test_what_is_overdue_counts_before_it_is_closed() -> None:
    shares = on_time_shares(on_time=60, late=10, overdue=20, pending=30)
    assert shares == OnTime(of_closed=60 / 70, of_received=0.5, of_due=60 / 90)
    assert shares.of_received < shares.of_due < shares.of_closed


def test_all_formulas_agree_once_all_is_closed() -> None:
    assert on_time_shares(90, 10, 0, 0) == OnTime(0.9, 0.9, 0.9)
    assert on_time_shares(0, 0, 0, 0) == OnTime(None, None, None)


def test_austins_figures_come_out_for_the_one_number_of_complaints_that_fits_them() -> None:
    shares = on_time_shares(on_time=225_661, late=15_389, overdue=76, pending=0)
    assert round(100 * shares.of_closed, 5) == 93.61585
    assert round(100 * shares.of_due, 5) == 93.58634


def test_negative_counts_of_complaints_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        on_time_shares(1, 0, -1, 0)


@pytest.mark.parametrize("target", [0.5, 0.9, 0.985])
def test_a_funnel_holds_what_it_says_for_every_size(target: float) -> None:
    n = np.arange(1, 400)
    limits = funnel_limits(target, n)
    for name, held in (("warning", 0.95), ("action", 0.998)):
        least = np.ceil(limits[f"{name}_low"] * n - 1e-9)
        most = np.floor(limits[f"{name}_high"] * n + 1e-9)
        below = stats.binom.cdf(least - 1, n, target)
        above = stats.binom.sf(most, n, target)
        assert below.max() <= (1 - held) / 2 + 1e-12
        assert above.max() <= (1 - held) / 2 + 1e-12


def test_a_funnel_is_the_normal_one_for_large_units() -> None:
    limits = funnel_limits(0.9, [100_000]).iloc[0]
    error = np.sqrt(0.09 / 100_000)
    assert limits["warning_low"] == pytest.approx(0.9 - 1.96 * error, abs=0.02 * error)
    assert limits["action_high"] == pytest.approx(0.9 + 3.09 * error, abs=0.02 * error)


def test_over_dispersion_widens_a_funnel_by_its_root_within_shares() -> None:
    narrow, wide = (funnel_limits(0.9, [20, 500], dispersion) for dispersion in (1, 4))
    assert wide["warning_low"].to_numpy() - 0.9 == pytest.approx(
        2 * (narrow["warning_low"].to_numpy() - 0.9)
    )
    assert wide["action_high"].max() == 1


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_a_target_of_nothing_or_all_is_within_its_own_funnel(target: float) -> None:
    limits = funnel_limits(target, [1, 9, 300])
    assert ((limits["action_low"] <= target) & (target <= limits["action_high"])).all()


@pytest.mark.parametrize(("target", "n", "dispersion"), [(1.1, 5, 1), (0.9, 0, 1), (0.9, 5, 0.5)])
def test_a_funnel_without_sense_is_refused(target: float, n: int, dispersion: float) -> None:
    with pytest.raises(ValueError, match="a funnel needs"):
        funnel_limits(target, [n], dispersion)


def months(*pairs: tuple[int, int]) -> pd.DataFrame:
    index = pd.period_range("2025-01", periods=len(pairs), freq="M")
    return pd.DataFrame(pairs, index, ["on_time", "n"])


def test_a_month_beyond_its_limits_is_flagged_and_the_others_are_not() -> None:
    steady = [(52, 58), (50, 57), (53, 60), (51, 58), (49, 55)]
    chart = p_chart(months(*steady, (30, 55), *steady))
    assert chart["flag"].tolist() == [""] * 5 + ["below"] + [""] * 5
    assert chart["mean"].iloc[0] == pytest.approx(540 / 631)


def test_a_month_far_better_than_the_units_own_mean_is_flagged_above() -> None:
    assert p_chart(months(*[(30, 60)] * 8, (58, 60)))["flag"].iloc[-1] == "above"


def test_over_dispersion_of_the_days_takes_flags_back() -> None:
    series = months(*[(52, 58)] * 8, (40, 58))
    assert p_chart(series)["flag"].iloc[-1] == "below"
    assert p_chart(series, dispersion=3)["flag"].iloc[-1] == ""


def test_a_month_without_complaints_has_neither_share_nor_flag() -> None:
    chart = p_chart(months((52, 58), (0, 0), (50, 58)))
    empty = chart.iloc[1]
    assert empty[["share", "action_low", "warning_high"]].isna().all()
    assert empty["flag"] == ""
    assert chart["share"].notna().sum() == 2


@pytest.mark.parametrize("series", [months((0, 0)), months((0, 0)).head(0)])
def test_a_unit_without_complaints_has_a_chart_without_a_mean(series: pd.DataFrame) -> None:
    chart = p_chart(series)
    assert len(chart) == len(series)
    assert chart["mean"].isna().all()


def test_more_on_time_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to n"):
        p_chart(months((59, 58)))
