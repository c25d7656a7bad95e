"""What is usual: control limits of a figure from its own last weeks.

A chart of single values (Shewhart's individuals chart): the middle is the median, the spread the
greater of the scaled median deviation and the scaled median moving range, so that one flood night
neither moves the middle nor widens the limits. A difference between two days has the spread of two
values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# Of a normal distribution: spread over median deviation, and over the median moving range.
_DEVIATION, _MOVING = 1.4826, 1.0483


@dataclass(frozen=True)
class Usual:
    """The usual of a figure.

    Args:
        middle: Median.
        spread: One standard deviation of a single value; zero where it never moved.
        sigmas: Width of the limits in spreads.
    """

    middle: float
    spread: float
    sigmas: float

    def is_outside(self, value: float) -> bool:
        """Answer whether a value lies beyond the limits."""
        return abs(value - self.middle) > self.sigmas * self.spread

    def differs(self, value: float, other: float) -> bool:
        """Answer whether two single values differ by more than their variation explains."""
        return abs(value - other) > self.sigmas * math.sqrt(2) * self.spread


def usual(values: Sequence[float | None], *, least: int, sigmas: float) -> Usual | None:
    """Return the usual of values in order of time; None where fewer than `least` are known."""
    known = [value for value in values if value is not None]
    if len(known) < max(least, 2):
        return None
    middle = median(known)
    deviation = median(abs(value - middle) for value in known)
    moving = median(abs(after - before) for before, after in pairwise(known))
    return Usual(middle, max(_DEVIATION * deviation, _MOVING * moving), sigmas)
