"""Fair rankings against simulated cities whose true order is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from data import ranking
from data.ranking import rank_units

KELURAHAN, KECAMATAN = 267, 44
MONTH = 30
Generator = np.random.Generator
Quality = Callable[[Generator, int], np.ndarray]


def beta(generator: Generator, units: int) -> np.ndarray:
    """Shares as the model believes them: mean 0.90, standard deviation 0.05."""
    return generator.beta(31.5, 3.5, units)


def calm(generator: Generator, units: int) -> np.ndarray:
    """Kecamatan differ less than kelurahan do: standard deviation 0.04."""
    return generator.beta(49.725, 5.525, units)


def heavy(generator: Generator, units: int) -> np.ndarray:
    """The same with the tails of Student's t with 4 degrees of freedom."""
    return np.clip(0.9 + 0.05 * generator.standard_t(4, units) / np.sqrt(2), 0.3, 0.999)


def skewed(generator: Generator, units: int) -> np.ndarray:
    """Most are good and alike, a few far behind."""
    return np.clip(0.95 - generator.gamma(1, 0.05, units), 0.3, 0.999)


def families(generator: Generator, units: int) -> np.ndarray:
    """Six kelurahan of one kecamatan resemble each other."""
    kecamatan = generator.normal(0, 0.4, units // 6 + 1).repeat(6)[:units]
    return special.expit(2.2 + kecamatan + generator.normal(0, 0.4, units))


def city(
    seed: int,
    quality: Quality = beta,
    *,
    units: int = KELURAHAN,
    months: int = 3,
    volume: float = 58,
    spread: float = 0.8,
    alike: float = 0.0,
    slow_weeks: float = 0.0,
    strata: int = 1,
    by_day: bool = True,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Simulate a board, and the true quality of its units as log-odds.

    Args:
        volume: Mean complaints a month; log-normal over units, with the deviation `spread`.
        alike: Correlation between complaints of a unit and day.
        slow_weeks: Standard deviation of a unit's weeks, in log-odds.
        strata: Kinds of complaints, from hard to easy, in a mix of each unit's own.
        by_day: Else all complaints are taken for those of one week, which is quicker.
    """
    generator = np.random.default_rng(seed)
    volumes = generator.lognormal(0, spread, units)
    volumes *= volume / volumes.mean()
    true = special.logit(quality(generator, units))
    ease = np.linspace(-1.6, 1.6, strata) if strata > 1 else np.zeros(1)
    mix = generator.dirichlet(np.ones(strata), units)
    days = MONTH * months if by_day else 1
    n = generator.poisson(
        (volumes[:, None] * months / days * mix)[:, None, :], (units, days, strata)
    )
    weekly = generator.normal(0, slow_weeks, (units, days // 7 + 1)).repeat(7, axis=1)[:, :days]
    chance = special.expit((true[:, None] + weekly)[:, :, None] + ease)
    if alike:
        weight = 1 / alike - 1
        chance = generator.beta(chance * weight, (1 - chance) * weight, n.shape)
    on_time = generator.binomial(n, chance)
    p = on_time.sum(axis=(0, 1)) / n.sum(axis=(0, 1))
    week = np.arange(days) // 7
    of_week, excess = (
        np.stack([values.sum(axis=2)[:, week == w].sum(axis=1) for w in np.unique(week)], axis=1)
        for values in (n, on_time - n * p)
    )
    board = pd.DataFrame(
        {
            "n": n.sum(axis=(1, 2)),
            "on_time": on_time.sum(axis=(1, 2)),
            "expected": (n * p).sum(axis=(1, 2)),
            "week_excess": (excess**2).sum(axis=1),
            "week_variance": (n * p * (1 - p)).sum(axis=(1, 2)),
            "week_square": (of_week**2).sum(axis=1),
        },
        index=[f"unit {number}" for number in range(units)],
    )
    if quality is families:
        board["parent"] = np.arange(units) // 6
    return board, true


def kecamatan(seed: int, quality: Quality = calm, **truth: Any) -> tuple[pd.DataFrame, np.ndarray]:
    """Simulate a board of kecamatan."""
    return city(seed, quality, units=KECAMATAN, volume=352, spread=0.4, **truth)


def counts(*pairs: tuple[int, int], expected: float | None = None) -> pd.DataFrame:
    """Make a board of (on time, n), every complaint in a week of its own."""
    on_time, n = np.array(pairs).T
    share = on_time.sum() / max(n.sum(), 1) if expected is None else expected
    return pd.DataFrame(
        {
            "n": n,
            "on_time": on_time,
            "expected": n * share,
            "week_excess": n * share * (1 - share),
            "week_variance": n * share * (1 - share),
            "week_square": n,
        }
    )


@dataclass(frozen=True)
class Judgement:
    """How a ranking did, as means over simulated cities.

    Args:
        coverage: Share of units whose true rank lies in the interval.
        promised: What the intervals say that they hold.
        width: Median width of the interval, ÷ units ranked.
        found: Share of the true top 10 % found in the top 10 %.
        found_raw: The same by observed shares, ties broken at random.
    """

    coverage: float
    promised: float
    width: float
    found: float
    found_raw: float


def judge(cities: list[tuple[pd.DataFrame, np.ndarray]]) -> Judgement:
    rows = []
    for board, true in cities:
        units = rank_units(board).units
        raw = units["observed"].fillna(0) + np.random.default_rng(0).uniform(0, 1e-9, len(units))
        best = set(units.index[np.argsort(-true)[: max(1, round(0.1 * len(units)))]])
        found, found_raw = (
            len(best & set(score.nlargest(len(best)).index)) / len(best)
            for score in (units["standardised"].where(units["rank"].notna()), raw)
        )
        ranked = units["rank"].notna().to_numpy()
        units, rank = units[ranked], stats.rankdata(-true[ranked])
        covered = (units["rank_low"] <= rank) & (rank <= units["rank_high"])
        width = (units["rank_high"] - units["rank_low"] + 1).median() / len(units)
        rows.append((covered.mean(), units["rank_mass"].mean(), width, found, found_raw))
    return Judgement(*np.mean(np.array(rows, dtype=float), axis=0))


@pytest.mark.parametrize(("months", "printed"), [(1, 174), (3, 121), (12, 65)])
def test_the_interval_of_a_kelurahan_covers_and_is_as_wide_as_printed(
    months: int, printed: int
) -> None:
    judgement = judge([city(seed, months=months) for seed in range(4)])
    assert 0.87 <= judgement.coverage <= 0.93
    assert judgement.width * KELURAHAN == pytest.approx(printed, rel=0.15)


@pytest.mark.parametrize(("months", "printed"), [(1, 18), (3, 11), (12, 6)])
def test_the_interval_of_a_kecamatan_covers_and_is_as_wide_as_printed(
    months: int, printed: int
) -> None:
    judgement = judge([kecamatan(seed, months=months) for seed in range(20)])
    assert 0.87 <= judgement.coverage <= 0.93
    assert judgement.width * KECAMATAN == pytest.approx(printed, abs=3)


@pytest.mark.parametrize(
    "truth",
    [
        {"quality": heavy, "by_day": False},
        {"quality": skewed, "by_day": False},
        {"quality": families, "by_day": False},
        {"alike": 0.3},
        {"slow_weeks": 0.7},
        {"strata": 6, "by_day": False},
    ],
)
def test_that_of_a_kecamatan_over_a_year_covers_whatever_the_truth(truth: dict[str, Any]) -> None:
    judgement = judge([kecamatan(seed, **truth, months=12) for seed in range(20)])
    assert 0.87 <= judgement.coverage <= 0.93


@pytest.mark.parametrize("months", [1, 3, 12])
def test_the_interval_of_a_kota_holds_what_it_says(months: int) -> None:
    judgement = judge(
        [
            city(seed, calm, units=5, volume=3000, spread=0.3, months=months, alike=alike)
            for alike in (0.0, 0.3)
            for seed in range(30)
        ]
    )
    assert judgement.coverage == pytest.approx(judgement.promised, abs=0.03)


@pytest.mark.parametrize(
    ("other", "interval"), [(500, (1, 1, 0.85)), (503, (1, 2, 1)), (400, (1, 1, 1))]
)
def test_an_interval_holds_as_near_to_90_percent_as_whole_ranks_can(
    other: int, interval: tuple[int, int, float]
) -> None:
    units = rank_units(counts((520, 580), (other, 580))).units
    assert units.loc[0, ["rank_low", "rank_high", "rank_mass"]].tolist() == pytest.approx(
        interval, abs=0.005
    )


@pytest.mark.parametrize("months", [1, 12])
@pytest.mark.parametrize("quality", [heavy, skewed, families])
def test_it_covers_when_quality_is_not_as_the_model_believes(quality: Quality, months: int) -> None:
    judgement = judge([city(seed, quality, months=months) for seed in range(3)])
    assert 0.87 <= judgement.coverage <= 0.93


def test_over_a_year_it_finds_more_of_the_true_top_than_raw_shares_do() -> None:
    judgement = judge(
        [
            city(seed, quality, months=12, by_day=False)
            for quality in (beta, heavy, skewed)
            for seed in range(12)
        ]
    )
    assert judgement.found >= judgement.found_raw


@pytest.mark.parametrize("luck", [{"alike": 0.3}, {"alike": 0.5}, {"slow_weeks": 0.7}])
def test_it_covers_when_complaints_of_a_day_or_week_share_their_fate(
    luck: dict[str, float],
) -> None:
    boards = [city(seed, **luck) for seed in range(4)]
    assert 0.87 <= judge(boards).coverage <= 0.93
    assert rank_units(boards[0][0]).correlation > 0.02


def test_it_covers_a_board_of_few_large_agencies_with_days_that_share_their_fate() -> None:
    boards = [city(seed, units=30, volume=1500, spread=1.5, alike=0.05) for seed in range(10)]
    assert 0.87 <= judge(boards).coverage <= 0.93


@pytest.mark.parametrize("months", [1, 3])
def test_it_covers_when_units_receive_other_mixes_of_complaints(months: int) -> None:
    judgement = judge([city(seed, strata=6, months=months) for seed in range(8)])
    assert 0.87 <= judgement.coverage <= 0.93
    assert judgement.found > judgement.found_raw


def test_units_that_differ_in_nothing_but_chance_are_told_apart_by_hardly_anything() -> None:
    board, _ = city(1, lambda _, units: np.full(units, 0.9))
    ranked = rank_units(board)
    ranks = ranked.units.dropna()
    assert (ranked.units["tier"] == "setara").sum() >= len(ranks) - 3
    assert (ranks["rank_high"] - ranks["rank_low"]).median() > 0.8 * len(ranks)


def test_weeks_of_large_units_do_not_seem_correlated_because_the_units_differ() -> None:
    board, _ = city(2, units=KECAMATAN, volume=1000)
    assert rank_units(board).correlation < 0.003


def test_the_correlation_within_a_week_comes_out() -> None:
    generator = np.random.default_rng(7)
    n = generator.poisson(12, (KECAMATAN, 26))
    on_time = generator.binomial(n, generator.beta(0.9 * 9, 0.1 * 9, n.shape))
    board = pd.DataFrame(
        {
            "n": n.sum(axis=1),
            "on_time": on_time.sum(axis=1),
            "expected": 0.9 * n.sum(axis=1),
            "week_excess": ((on_time - 0.9 * n) ** 2).sum(axis=1),
            "week_variance": 0.09 * n.sum(axis=1),
            "week_square": (n**2).sum(axis=1),
        }
    )
    ranked = rank_units(board)
    assert ranked.correlation == pytest.approx(0.1, abs=0.02)
    assert (ranked.units["n"] / ranked.units["n_eff"]).mean() == pytest.approx(2.2, abs=0.3)


def test_no_unit_below_twenty_complaints_is_ranked() -> None:
    board, _ = city(3, months=1)
    units = rank_units(board).units
    few = units["n"] < 20
    assert few.sum() > 20
    assert set(units.loc[few, "tier"]) == {"belum_cukup_data"}
    assert units.loc[few, "rank"].isna().all()
    assert units.loc[~few, "rank_high"].max() <= (~few).sum()


def test_a_full_score_of_few_is_not_above_a_good_score_of_many() -> None:
    units = rank_units(counts((21, 21), (300, 306), *[(52, 58)] * 40)).units
    assert units.loc[0, "tier"] == "setara"
    assert units.loc[1, "tier"] == "lebih_baik"
    assert units.loc[0, "rank"] > units.loc[1, "rank"]


@pytest.mark.parametrize("quality", [beta, families])
def test_neither_names_nor_order_of_units_matter(quality: Quality) -> None:
    board, _ = city(4, quality)
    board = pd.concat([board, board.head(6)], ignore_index=True)
    mixed = np.random.default_rng(9).permutation(len(board))
    renamed = board.iloc[mixed].set_axis([f"renamed {number}" for number in range(len(board))])
    if "parent" in board:
        renamed["parent"] = "kecamatan " + renamed["parent"].astype(str)
    one, two = rank_units(board), rank_units(renamed)
    pd.testing.assert_frame_equal(
        one.units.iloc[mixed].reset_index(drop=True),
        two.units.reset_index(drop=True),
        check_exact=True,
    )
    assert list(two.units.index) == list(renamed.index)


def test_equal_units_have_equal_ranks() -> None:
    units = rank_units(counts(*[(50, 58)] * 7, (58, 58), (10, 30))).units
    assert len(units.head(7).drop_duplicates()) == 1


def test_the_share_of_a_kelurahan_leans_on_its_kecamatan() -> None:
    good, bad = [(57, 58)] * 6, [(45, 58)] * 6
    board = counts(*good, (18, 20), *bad, (18, 20)).assign(parent=["a"] * 7 + ["b"] * 7)
    alone = rank_units(board.drop(columns="parent"))
    leaning = rank_units(board)
    assert leaning.tau > 0.5
    assert alone.units.loc[6, "share"] == alone.units.loc[13, "share"]
    assert leaning.units.loc[6, "share"] > leaning.units.loc[13, "share"] + 0.05


def test_the_city_is_what_expected_shares_are_moved_to() -> None:
    board = counts((90, 100), (60, 100))
    board["expected"] = [90.0, 60.0]
    ranked = rank_units(board)
    assert ranked.city == 0.75
    assert ranked.units["standardised"].tolist() == pytest.approx([0.75, 0.75], abs=1e-6)
    assert ranked.units["ratio"].tolist() == pytest.approx([1, 1])
    assert set(ranked.units["tier"]) == {"setara"}


def test_a_standardised_share_stays_a_share_where_observed_over_expected_does_not() -> None:
    board = counts((990, 1000), *[(95, 100)] * 20)
    board["expected"] = [800.0, *[95.0] * 20]
    units = rank_units(board).units
    assert units.loc[0, "ratio"] == pytest.approx(99 / 80)
    assert units["standardised"].between(0, 1).all()
    assert units.loc[0, "rank"] == 1


def test_a_unit_alone_is_as_the_city() -> None:
    unit = rank_units(counts((52, 58))).units.loc[0]
    assert (unit["rank_low"], unit["rank"], unit["rank_high"]) == (1, 1, 1)
    assert unit["tier"] == "setara"


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_city_where_all_or_nothing_is_on_time_has_no_tiers(share: float) -> None:
    units = rank_units(counts(*[(int(40 * share), 40)] * 5, (int(900 * share), 900))).units
    assert set(units["tier"]) == {"setara"}
    assert units["rank_low"].min() == 1
    assert units["rank_high"].max() == 6


def test_one_late_complaint_in_the_city_makes_no_unit_better_than_it() -> None:
    units = rank_units(counts(*[(58, 58)] * 266, (57, 58))).units
    assert set(units["tier"]) == {"setara"}


def test_a_unit_without_complaints_has_no_share_and_harms_no_other() -> None:
    units = rank_units(counts((52, 58), (0, 0), (50, 58))).units
    assert np.isnan(units.loc[1, ["observed", "expected", "ratio"]].astype(float)).all()
    assert units.loc[1, "tier"] == "belum_cukup_data"
    assert units.loc[[0, 2], "rank"].notna().all()


@pytest.mark.parametrize("seed", range(20))
def test_any_counts_have_shares_and_ranks_in_order(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = generator.integers(0, 10 ** generator.integers(1, 6), 8)
    board = counts(
        *zip(generator.binomial(n, generator.choice([0, 0.5, 0.999, 1])), n, strict=True)
    )
    board["expected"] = n * generator.choice([0, 0.01, 0.9, 1], n.size)
    board["week_excess"] *= generator.choice([0, 1, 50])
    board["week_square"] *= generator.integers(1, 50)
    board["parent"] = generator.integers(0, 3, n.size)
    units = rank_units(board).units
    assert units[["share", "standardised", "better"]].stack().between(0, 1).all()
    ranked = units[units["n"] >= 20]
    assert (ranked["rank_low"] >= 1).all()
    assert (ranked["rank_low"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_high"]).all()
    assert (ranked["rank_high"] <= len(ranked)).all()
    assert ranked["rank_mass"].between(0.8, 1).all()
    assert units["rank_mass"].isna().equals(units["rank"].isna())


@pytest.mark.parametrize("board", [counts((0, 0), (0, 0)), counts((0, 0)).head(0)])
def test_a_month_without_data_is_a_board_without_ranks(board: pd.DataFrame) -> None:
    ranked = rank_units(board)
    assert np.isnan(ranked.city)
    assert ranked.units["rank"].isna().all()
    full = rank_units(counts((52, 58))).units
    assert list(ranked.units) == list(full)
    assert ranked.units.dtypes["rank"] == full.dtypes["rank"]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("on_time", 59, "on_time of a is more than its n"),
        ("expected", 58.1, "expected of a is more than its n"),
        ("n", np.nan, "n of a is not a number"),
        ("week_square", 57, "week_square of a is less than its n"),
        ("week_excess", -1, "week_excess of a is not a number of 0 or more"),
        ("parent", None, "a has no parent"),
    ],
)
def test_impossible_counts_are_refused_by_name(column: str, value: object, message: str) -> None:
    board = counts((52, 58), (50, 58)).set_axis(["a", "b"]).astype(object)
    board["parent"] = "kecamatan"
    board.loc["a", column] = value
    with pytest.raises(ValueError, match=message):
        rank_units(board)


def test_lacking_columns_are_named() -> None:
    with pytest.raises(ValueError, match="week_variance, week_square"):
        rank_units(counts((52, 58)).drop(columns=["week_variance", "week_square"]))


def test_stability_is_the_share_of_the_top_that_stays() -> None:
    before = np.arange(20.0)
    after = before.copy()
    after[[19, 0]] = after[[0, 19]]
    assert ranking.stays_on_top(before, before) == 1
    assert ranking.stays_on_top(before, after) == 0.5
    assert ranking.stays_on_top(before, -before) == 0


def test_stability_reads_ties_and_gaps() -> None:
    assert ranking.stays_on_top([3, 3, 1, np.nan], [3, 1, 1, 9], share=0.3) == 0.0
    assert ranking.stays_on_top([3, 3, 1, np.nan], [3, 1, 1, np.nan], share=0.3) == 0.5
    assert np.isnan(ranking.stays_on_top([np.nan], [1.0]))
    with pytest.raises(ValueError, match="not of the same units"):
        ranking.stays_on_top([1.0], [1.0, 2.0])
