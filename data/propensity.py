"""Who reports: how readily a place reports what happens there, seen from its duplicates.

A quiet place may be well kept or silent; counts of complaints cannot tell. After a first report,
the incident is known to exist, and further reports of it arrive at the rate at which the place
reports. That rate is estimated, without knowing how many incidents were never reported:

    duplicates_i | lambda_i ~ Poisson(lambda_i hours_i)
    lambda_i                ~ Gamma(shape, shape / mean)

Incidents of one place that differ much in how they strike the eye make the intervals too narrow.

Source: Liu, Bhandaram & Garg, "Quantifying spatial under-reporting disparities in resident
    crowdsourcing", Nature Computational Science 4 (2024); the Gamma-Poisson model: Clayton &
    Kaldor, Biometrics 43 (1987).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

_FIGURES = [
    *("rate_per_h", "rate_low", "rate_high"),
    *("ratio", "ratio_low", "ratio_high"),
    "reported",
]


@dataclass(frozen=True)
class Propensity:
    """How readily units report.

    Args:
        units: One row a unit, indexed as the input.
            rate_per_h: Reports of an incident an hour, after the first; with its 90 % interval
                `rate_low` to `rate_high`.
            ratio: The rate ÷ the city's; with `ratio_low` to `ratio_high`.
            reported: Probability that an incident that lasts `life_h` is reported at all.
            pelaporan_rendah: The rate is below `silent` times the city's, with 95 % certainty.
        city_per_h: Duplicates an hour over all units; NaN where none was observed.
    """

    units: pd.DataFrame
    city_per_h: float


def reporting_propensity(units: pd.DataFrame, life_h: float, silent: float = 2 / 3) -> Propensity:
    """Estimate how readily each unit reports.

    Args:
        units: One row a unit: number of `duplicates`, and the `hours` in which they could have
            come, summed over its incidents: from each first report until the end of the window in
            which duplicates are joined, or until it was finished.
        life_h: How long an incident lasts when nobody reports it.
        silent: Share of the city's rate below which a unit counts as silent.

    Raises:
        ValueError: A value is missing or negative, or there are duplicates without hours.
    """
    duplicates, hours = (units[name].to_numpy(float) for name in ("duplicates", "hours"))
    if not all((np.isfinite(values) & (values >= 0)).all() for values in (duplicates, hours)):
        raise ValueError("duplicates and hours are numbers of 0 or more")
    if duplicates[hours == 0].any():
        raise ValueError("duplicates need hours in which they came")
    if not duplicates.any():
        nothing = pd.DataFrame(np.nan, units.index, _FIGURES).assign(pelaporan_rendah=False)
        return Propensity(nothing, np.nan)
    city = float(duplicates.sum() / hours.sum())
    shape, mean = _fit(duplicates, hours, city)
    alpha, beta = shape + duplicates, shape / mean + hours
    rate = stats.gamma(alpha, scale=1 / beta)
    low, high = rate.ppf(0.05), rate.ppf(0.95)
    figures = np.stack(
        [
            rate.mean(),
            low,
            high,
            rate.mean() / city,
            low / city,
            high / city,
            1 - (beta / (beta + life_h)) ** alpha,
        ],
        axis=1,
    )
    table = pd.DataFrame(figures, units.index, _FIGURES)
    return Propensity(table.assign(pelaporan_rendah=high < silent * city), city)


def _fit(
    duplicates: NDArray[np.float64], hours: NDArray[np.float64], city: float
) -> tuple[float, float]:
    """Return the shape and mean of the prior with the greatest marginal likelihood."""
    seen = hours > 0

    def loss(logs: NDArray[np.float64]) -> float:
        shape, mean = np.exp(logs)
        chance = shape / (shape + mean * hours[seen])
        return -float(stats.nbinom.logpmf(duplicates[seen], shape, chance).sum())

    start = np.log([2.0, city])
    # From rates that have little in common to rates that do not differ.
    bounds = [(-3.0, 10.0), (start[1] - 3, start[1] + 3)]
    shape, mean = np.exp(optimize.minimize(loss, start, bounds=bounds, method="L-BFGS-B").x)
    return float(shape), float(mean)
