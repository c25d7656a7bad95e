"""How long complaints take: the maturity curve of a cohort, and medians of units.

Durations are in hours. What is not finished yet is censored, not left out: figures over finished
complaints alone flatter every recent cohort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats
from statsmodels.duration.survfunc import SurvfuncRight

_DAY_H = 24


@dataclass(frozen=True)
class Maturity:
    """How a cohort of complaints was finished over time, by Kaplan and Meier.

    Args:
        curve: One row a day since intake (index `day`): `share` finished by then, with its 95 %
            interval `low` to `high`. NaN beyond the age of the oldest that is open, where nothing
            is known, as `high` is until the first is finished.
        n: Complaints of the cohort.
        finished: Those of them that are finished.
        median_h: Hours until half are finished; None while that is not reached.
        p90_h: Hours until nine in ten are finished; None while that is not reached.
    """

    curve: pd.DataFrame
    n: float
    finished: float
    median_h: float | None
    p90_h: float | None


def maturity(
    hours: ArrayLike, finished: ArrayLike, days: Sequence[float], weights: ArrayLike | None = None
) -> Maturity:
    """Return the maturity curve of a cohort.

    Durations count in begun hours, which is exact for what was finished by the end of a day.

    Args:
        hours: From intake to the end; for what is open, to now.
        finished: Whether it has ended.
        days: Days since intake at which the curve is read.
        weights: How many complaints a row stands for; one if left out.

    Raises:
        ValueError: A duration is negative or missing, a weight is negative, or the arguments
            differ in length.

    Source: Kaplan & Meier, JASA 53 (1958). The interval is Greenwood's on log(-log S), Kalbfleisch
        & Prentice, "The Statistical Analysis of Failure Time Data" (2002), 1.4.
    """
    age, ended, weight = _cohort(hours, finished, weights)
    index = pd.Index(days, name="day")
    done, still = (np.bincount(age[which], weight[which]) for which in (ended, ~ended))
    if not done.sum():
        share = np.where(index * _DAY_H <= age.max(initial=-1), 0.0, np.nan)
        curve = pd.DataFrame({"share": share, "low": share, "high": np.nan}, index)
        return Maturity(curve, float(still.sum()), 0.0, None, None)
    estimate = SurvfuncRight(
        np.concatenate([np.arange(done.size), np.arange(still.size)]),
        np.repeat([1, 0], [done.size, still.size]),
        freq_weights=np.concatenate([done, still]),
    )
    steps = pd.DataFrame({"share": 1 - estimate.surv_prob}, estimate.surv_times)
    steps["low"], steps["high"] = _interval(estimate)
    known = index[(index * _DAY_H <= age.max()) | (steps["share"].iloc[-1] == 1)]
    curve = steps.reindex(known * _DAY_H, method="ffill").set_axis(known)
    curve = curve.fillna({"share": 0.0, "low": 0.0})
    median, p90 = (float(estimate.quantile(part)) for part in (0.5, 0.9))
    return Maturity(
        curve.reindex(index),
        float(done.sum() + still.sum()),
        float(done.sum()),
        None if np.isnan(median) else median,
        None if np.isnan(p90) else p90,
    )


def shrunken_medians(units: pd.DataFrame) -> pd.DataFrame:
    """Return each unit's median duration, drawn to the city's as far as its numbers are small.

    Log-durations are normal around the unit's mean, and these means normal around the city's;
    their variance maximises the marginal likelihood.

    Args:
        units: One row a unit: `n` durations, mean `mean_log` and standard deviation `sd_log` of the
            log of hours; the mean is not read where n is 0, the deviation not where n is 1 or 0.

    Returns:
        `median_h` with its 90 % interval `low_h` to `high_h`, and `weight`, 0 to 1: how much of it
        is the unit's own. NaN where no unit has two durations.

    Raises:
        ValueError: A value is missing or negative where it is read.

    Source: Efron & Morris, "Data analysis using Stein's estimator", JASA 70 (1975).
    """
    n, mean, deviation = (units[name].to_numpy(float) for name in ("n", "mean_log", "sd_log"))
    some, several = n > 0, n > 1
    if not ((n >= 0).all() and np.isfinite(mean[some]).all() and (deviation[several] >= 0).all()):
        raise ValueError("a unit's n, mean_log or sd_log is missing or negative")
    result = pd.DataFrame(np.nan, units.index, ["median_h", "low_h", "high_h", "weight"])
    if not several.any():
        return result
    within = ((n - 1) * deviation**2)[several].sum() / (n - 1)[several].sum()
    # Equal durations would weigh without bound.
    noise = np.maximum(within, np.finfo(float).eps) / n[some]

    def centre(between: float) -> float:
        return float(np.average(mean[some], weights=1 / (between + noise)))

    def loss(log_between: float) -> float:
        between = np.exp(log_between)
        spread = np.sqrt(between + noise)
        return -float(stats.norm.logpdf(mean[some], centre(between), spread).sum())

    between = float(np.exp(optimize.minimize_scalar(loss, bounds=(-12, 4), method="bounded").x))
    city = centre(between)
    weight = np.zeros(n.size)
    weight[some] = between / (between + noise)
    level = city + weight * (np.where(some, mean, city) - city)
    reach = stats.norm.ppf(0.95) * np.sqrt(between * (1 - weight))
    return result.assign(
        median_h=np.exp(level),
        low_h=np.exp(level - reach),
        high_h=np.exp(level + reach),
        weight=weight,
    )


def quantile_interval(hours: ArrayLike, share: float) -> tuple[float, float, float]:
    """Return a quantile of durations and its 90 % interval, of any distribution.

    Returns:
        The quantile, low and high end; NaN where there are too few durations to tell.

    Raises:
        ValueError: A duration is negative or missing.
    """
    values = np.asarray(hours, dtype=float)
    if not (values >= 0).all():
        raise ValueError("a duration is negative or missing")
    if not values.size:
        return np.nan, np.nan, np.nan
    test = stats.quantile_test(values, p=share)
    interval = test.confidence_interval(0.90)
    return float(np.quantile(values, share)), float(interval.low), float(interval.high)


def _cohort(
    hours: ArrayLike, finished: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float64]]:
    duration, ended = np.asarray(hours, dtype=float), np.asarray(finished, dtype=bool)
    weight = np.ones(duration.size) if weights is None else np.asarray(weights, dtype=float)
    if not duration.shape == ended.shape == weight.shape:
        raise ValueError("durations, finished and weights differ in length")
    if not (np.isfinite(duration) & (duration >= 0)).all():
        raise ValueError("a duration is negative or missing")
    if not (weight >= 0).all():
        raise ValueError("a weight is negative or missing")
    some = weight > 0
    return np.ceil(duration[some]).astype(np.int64), ended[some], weight[some]


def _interval(estimate: SurvfuncRight) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the interval of the share finished at each step.

    The estimate's own standard error is not used: with weights it is that of log S, not of S.
    """
    at_risk, events, survival = estimate.n_risk, estimate.n_events, estimate.surv_prob
    inner = survival > 0
    variance = np.cumsum(events[inner] / (at_risk[inner] * (at_risk[inner] - events[inner])))
    log_survival = np.log(survival[inner])
    reach = np.exp(stats.norm.ppf(0.975) * np.sqrt(variance) / np.abs(log_survival))
    low, high = np.zeros(survival.size), np.ones(survival.size)
    low[inner], high[inner] = 1 - np.exp(log_survival / reach), 1 - np.exp(log_survival * reach)
    # Once all are finished the variance ends; the last low end stays.
    low[~inner] = low[inner].max(initial=0)
    return low, high
