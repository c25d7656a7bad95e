"""Shares as they are shown: what counts as on time, intervals, funnel plots and p-charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

_HELD: Mapping[str, float] = MappingProxyType({"warning": 0.95, "action": 0.998})
_LIMITS = [f"{name}_{end}" for name in _HELD for end in ("low", "high")]


@dataclass(frozen=True)
class OnTime:
    """The share on time by three formulas, each None where nothing is in its denominator.

    Args:
        of_closed: on time / (on time + late). 100 % for the newest complaints, none of which can
            have been closed late yet.
        of_received: on time / all, with all that are open counted as late. 0 % for the newest.
        of_due: on time / (on time + late + overdue). What is published (M3), over complaints that
            came in long enough ago to be due.
    """

    of_closed: float | None
    of_received: float | None
    of_due: float | None


def on_time_shares(on_time: int, late: int, overdue: int, pending: int) -> OnTime:
    """Return the share on time by the three formulas in use.

    Args:
        on_time: Finished on time.
        late: Finished late.
        overdue: Open, past the deadline.
        pending: Open, before the deadline.

    Raises:
        ValueError: A count is negative.

    Source: City of Austin, atd-data-tech issues 21626, 21672 and 21968 (2025).
    """
    if min(on_time, late, overdue, pending) < 0:
        raise ValueError("counts of complaints are 0 or more")

    def share(whole: int) -> float | None:
        return on_time / whole if whole else None

    due = on_time + late + overdue
    return OnTime(share(on_time + late), share(due + pending), share(due))


def wilson(
    successes: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both ends of Wilson's interval of each share; NaN where n is 0.

    Raises:
        ValueError: There are fewer than 0 successes, or more than n.
    """
    count, size = np.broadcast_arrays(np.asarray(successes, float), np.asarray(n, float))
    if not ((count >= 0) & (count <= size)).all():
        raise ValueError("successes are from 0 to n")
    low, high = proportion_confint(
        count, np.where(size > 0, size, np.nan), alpha=1 - confidence, method="wilson"
    )
    return np.asarray(low), np.asarray(high)


def funnel_limits(target: float, n: ArrayLike, dispersion: float = 1.0) -> pd.DataFrame:
    """Return between which shares units of size n lie by chance, around a target.

    Exact binomial limits, interpolated between counts; over-dispersion stretches them from the
    target by its root.

    Args:
        target: Share, 0 to 1.
        n: Complaints of each unit, from 1 on.
        dispersion: Variance over that of the binomial, such as a design effect.

    Returns:
        One row a size `n`: `warning_low` to `warning_high` hold 95 %, `action_low` to
        `action_high` 99.8 %.

    Raises:
        ValueError: The target is no share, a size is below 1 or the dispersion is.

    Source: Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in
        Medicine 24 (2005), A.1.1 and 3.2.
    """
    size = np.atleast_1d(np.asarray(n, dtype=float))
    if not (0 <= target <= 1 and dispersion >= 1 and (size >= 1).all()):
        raise ValueError("a funnel needs a target from 0 to 1, sizes and a dispersion of 1 or more")

    limits = {}
    for name, held in _HELD.items():
        tail = (1 - held) / 2
        # The upper limit is the lower one of the failures: so a full score is never beyond it.
        limits[f"{name}_low"] = _lower(target, size, tail)
        limits[f"{name}_high"] = 1 - _lower(1 - target, size, tail)
    table = pd.DataFrame(limits)
    stretched: pd.DataFrame = (target + np.sqrt(dispersion) * (table - target)).clip(0, 1)
    return stretched.assign(n=size)


def p_chart(periods: pd.DataFrame, dispersion: float = 1.0) -> pd.DataFrame:
    """Return a unit's share over time within the limits of its own mean.

    Args:
        periods: One row a month or week, oldest first, with `n` and `on_time`.
        dispersion: As of `funnel_limits`.

    Returns:
        The input with `share`, `mean`, the limits of `funnel_limits`, and `flag`: "above" or
        "below" where the share lies beyond 99.8 %, else "". A period without complaints has no
        share, no limits and no flag.

    Raises:
        ValueError: More are on time than there are, or a count is negative.
    """
    n, on_time = periods["n"].to_numpy(float), periods["on_time"].to_numpy(float)
    if not ((on_time >= 0) & (on_time <= n)).all():
        raise ValueError("on_time is from 0 to n")
    some = n > 0
    mean = on_time.sum() / n.sum() if some.any() else np.nan
    chart = periods.assign(share=np.divide(on_time, n, out=np.full(n.size, np.nan), where=some))
    limits = pd.DataFrame(index=periods.index, columns=_LIMITS, dtype=float)
    if some.any():
        limits[some] = funnel_limits(mean, n[some], dispersion)[_LIMITS].to_numpy()
    chart = chart.assign(mean=mean).join(limits)
    chart["flag"] = np.select(
        [chart["share"] > chart["action_high"], chart["share"] < chart["action_low"]],
        ["above", "below"],
        "",
    )
    return chart


def _lower(target: float, n: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    """Return the share below which a count lies with the probability `tail`."""
    count = stats.binom.ppf(tail, n, target)
    reached = stats.binom.cdf(count, n, target)
    step = (reached - tail) / (reached - stats.binom.cdf(count - 1, n, target))
    limit: NDArray[np.float64] = np.maximum((count - step) / n, 0)
    return limit
