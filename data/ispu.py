"""The air quality index ISPU: from a concentration to the index, from the index to its category.

Source: Permen LHK P.14/2020, as `data/reference/ispu_breakpoints.csv` and `ispu_categories.csv`
hold it; which breakpoints are confirmed is said there.
"""

from __future__ import annotations

import functools
import itertools
import math

from data.reference import plain, rows

_INDICES = (0.0, 50.0, 100.0, 200.0, 300.0, 500.0)
_COLUMNS = ("i0_50", "i51_100", "i101_200", "i201_300", "i_over_300_ref")


def ispu(parameter: str, concentration: float) -> float | None:
    """Return the index of a concentration, not rounded; beyond 500 the last line goes on.

    Args:
        parameter: A pollutant such as "pm25"; "PM2.5" is read as well.
        concentration: Mean over 24 hours, µg/m³ at 25 °C and 1 atm.

    Returns:
        None where the parameter has no index (temperature), or the value is below zero, as
        instruments write it around nothing.
    """
    points = _points().get(plain(parameter))
    if points is None or not 0 <= concentration < math.inf:
        return None
    pairs = list(itertools.pairwise(points))
    (low, index_low), (high, index_high) = next(
        (pair for pair in pairs if concentration <= pair[1][0]), pairs[-1]
    )
    if concentration == high:
        return index_high
    return index_low + (concentration - low) * (index_high - index_low) / (high - low)


def category(index: float) -> str:
    """Return the category of an index, which counts rounded to the whole number published.

    Raises:
        ValueError: The index is below zero or not a number.
    """
    if not 0 <= index < math.inf:
        raise ValueError(f"an index is zero or more, not {index}")
    whole = math.floor(index + 0.5)
    return next(name for lowest, name in reversed(_categories()) if whole >= lowest)


@functools.cache
def _points() -> dict[str, tuple[tuple[float, float], ...]]:
    """Return by parameter the (concentration, index) at which the slope changes, rising."""
    return {
        plain(row["pollutant"]): tuple(
            zip((0.0, *(float(row[column]) for column in _COLUMNS)), _INDICES, strict=True)
        )
        for row in rows("ispu_breakpoints")
    }


@functools.cache
def _categories() -> tuple[tuple[int, str], ...]:
    return tuple((int(row["lo"]), row["category_id"]) for row in rows("ispu_categories"))
