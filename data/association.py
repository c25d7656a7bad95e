"""How two series go together: a slope with its interval, adjusted for what moves both.

Days and hours remember those before them, so that errors are those of Newey and West; the interval
allows for how they are estimated. A slope is what goes together, never what causes what: only
`step`, at a day that was fixed by a rule, compares a before with an after.

Source: Newey and West 1987 (errors); Lazarus, Lewis, Stock and Watson 2018 (how many lags); Kiefer
and Vogelsang 2005, table 1 (critical values); Frisch and Waugh 1933 (adjusting by residuals);
Cochrane and Orcutt 1949 (the errors of `step`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.regression.linear_model import GLSAR, OLS

Floats: TypeAlias = NDArray[np.float64]

DAY = timedelta(days=1)
LEAST_DAYS = 60
# Before a year is over its season cannot be told from its trend.
LEAST_DAYS_SEASON = 400
HARMONICS = 2
LAGS_PER_ROOT = 1.3
LEAST_WEEKS, ROUNDS = 12, 6
# Of the critical value of 95 % as the share of lags grows.
_CRITICAL = (1.9600, 2.9694, 0.4160, -0.5324)


@dataclass(frozen=True)
class Effect:
    """An estimate with its interval of 95 %.

    Args:
        n: Days, or places, behind it.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def told(self) -> bool:
        """The interval leaves out zero."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> Effect:
        """Return the effect of `factor` units."""
        low, high = sorted((self.low * factor, self.high * factor))
        return Effect(self.value * factor, low, high, self.n)


def season(days: Sequence[date], holidays: Collection[date]) -> Floats:
    """Return what goes on slowly: a level, a trend, the season, and days on which the city rests.

    Args:
        days: In order; each becomes a row.
    """
    ordinal = np.array([day.toordinal() for day in days], dtype=float)
    columns = [np.ones(ordinal.size), (ordinal - ordinal[:1]) / 365.25]
    columns.append(np.array([day in holidays for day in days], dtype=float))
    if days and (days[-1] - days[0]).days >= LEAST_DAYS_SEASON:
        turns = 2 * np.pi * ordinal / 365.25
        for number in range(1, HARMONICS + 1):
            columns += [np.sin(number * turns), np.cos(number * turns)]
    return np.column_stack(columns)


def weekdays(days: Sequence[date]) -> Floats:
    """Return which weekday each day is, one column for each but Monday."""
    weekday = np.array([day.weekday() for day in days])
    each: Floats = (weekday[:, None] == np.arange(1, 7)).astype(float)
    return each


def shifted(days: Sequence[date], values: Sequence[float | None], lag: int) -> Floats:
    """Return the value of `lag` days before each day; NaN where nothing is told of that day."""
    told = dict(zip(days, values, strict=True))
    found = (told.get(day - lag * DAY) for day in days)
    return np.array([np.nan if value is None else value for value in found], dtype=float)


def slope(outcome: Floats, exposure: Floats, controls: Floats | None = None) -> Effect | None:
    """Return by how much the outcome differs for one more unit of exposure, day by day.

    Args:
        outcome: One value a day, in order of time; NaN where unknown, as in the others.
        controls: One row a day; None: a level alone.

    Returns:
        None with fewer than 60 days on which all is known, or where nothing varies.
    """
    if controls is None:
        controls = np.ones((outcome.size, 1))
    return slopes(outcome, exposure[:, None], controls)[0]


def slopes(outcome: Floats, exposures: Floats, controls: Floats) -> list[Effect | None]:
    """Return the slope on each exposure by itself, of the same days or hours for all of them.

    Args:
        exposures: A column each; as in `slope`, what is known of all of them counts.
    """
    rest = without(np.column_stack([outcome, exposures]), controls)
    return [_slope(rest[:, 0], exposure) for exposure in rest[:, 1:].T]


def _slope(outcome: Floats, exposure: Floats) -> Effect | None:
    if outcome.size < LEAST_DAYS or not exposure.any():
        return None
    lags = round(LAGS_PER_ROOT * np.sqrt(outcome.size))
    fit = OLS(outcome, exposure).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    share = lags / outcome.size
    half = sum(part * share**power for power, part in enumerate(_CRITICAL)) * fit.bse[0]
    value = float(fit.params[0])
    return Effect(value, float(value - half), float(value + half), outcome.size)


def without(columns: Floats, controls: Floats) -> Floats:
    """Return columns less what the controls explain, the rows alone on which all is known."""
    known = np.isfinite(columns).all(axis=1) & np.isfinite(controls).all(axis=1)
    told = columns[known]
    if told.size == 0:
        return told
    rest: Floats = told - controls[known] @ np.linalg.lstsq(controls[known], told, rcond=None)[0]
    # What the controls explain wholly leaves nothing but rounding.
    rest[:, np.abs(rest).max(axis=0) < 1e-9 * (1 + np.abs(told).max(axis=0))] = 0
    return rest


def step(days: Sequence[date], outcome: Floats, mark: date, controls: Floats) -> Effect | None:
    """Return by how much the level of a series moved at a mark, by the means of weeks.

    The trend may turn there as well: what is compared are the levels on the day itself. Weeks
    remember little of each other; what they do is taken as an autoregression.

    Args:
        controls: One row a day; `season` and what else moves the series.

    Returns:
        None with fewer than 12 weeks told on one side; `n` are weeks.
    """
    weeks = np.array([(day - mark).days // 7 for day in days], dtype=int)
    known = np.isfinite(outcome) & np.isfinite(controls).all(axis=1)
    after = (weeks >= 0).astype(float)
    table = pd.DataFrame(np.column_stack([outcome, after, controls, after * weeks]))[known]
    means = table.groupby(weeks[known]).mean().to_numpy()
    if min((means[:, 1] == 0).sum(), (means[:, 1] == 1).sum()) < LEAST_WEEKS:
        return None
    beside = means[:, 2:]
    # A span without a holiday tells nothing of holidays.
    beside = beside[:, (np.ptp(beside, axis=0) > 1e-9) | (beside == 1).all(axis=0)]
    fit = GLSAR(means[:, 0], np.column_stack([means[:, 1], beside]), rho=1).iterative_fit(ROUNDS)
    low, high = fit.conf_int()[0]
    return Effect(float(fit.params[0]), float(low), float(high), means.shape[0])
