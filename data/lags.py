"""What the archive teaches about flood waves: how long crests travel, and how often they arrive.

Learned are the crests of the siaga of the one that is on its way. Where these are fewer than ten,
graver ones count as well, then lighter ones, siaga by siaga; where all of them are fewer than ten,
nothing is learned and the published travel time stands.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import mean, stdev
from typing import Any, TypeAlias

from scipy import stats

from data.proportions import wilson
from data.waves import Lags, Travel

Row: TypeAlias = Mapping[str, Any]
Stretch: TypeAlias = tuple[str, str]

# Fewer crests tell nothing (PRODUCT 2 E).
LEAST = 10
# So many of the crests to come lie within a window.
HELD = 0.9
# Of fewer values the outermost hold less than that: they are taken for a normal distribution.
QUANTILES_FROM = 19
GRAVEST, LIGHTEST = 1, 4


@dataclass(frozen=True)
class Trial:
    """How windows did on years that they were not learned from.

    Args:
        crests: Crests of a year for which the years before it gave a window.
        inside: Of those, how many arrived within it.
    """

    crests: int
    inside: int


@dataclass(frozen=True)
class Record:
    """What followed when a gauge reached a siaga.

    Args:
        upstream, downstream: Gauges.
        siaga: Reached upstream.
        times: How often.
        followed: Of those, how often the gauge below reached Siaga 3 within twelve hours.
        low, high: Share of those, 90 % interval (Wilson).
        ahead: Median of the time between the two; None where none followed.
    """

    upstream: str
    downstream: str
    siaga: int
    times: int
    followed: int
    low: float
    high: float
    ahead: timedelta | None
    simulated: bool

    @property
    def is_enough(self) -> bool:
        """There were so many times that the share says something."""
        return self.times >= LEAST


def learn(rows: Iterable[Row]) -> Lags:
    """Return the travel time of crests by stretch and siaga of the crest above; of `river_lags`."""
    lags: dict[Stretch, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    simulated: dict[Stretch, bool] = {}
    for row in rows:
        stretch = row["upstream_id"], row["downstream_id"]
        lags[stretch][row["siaga"]] += row["lags_s"]
        simulated[stretch] = row["simulated"]
    found = {}
    for stretch, by_siaga in lags.items():
        for siaga in range(GRAVEST, LIGHTEST + 1):
            told = sorted(_enough(by_siaga, siaga))
            if told:
                fastest, slowest = (timedelta(seconds=end) for end in _window(told))
                found[*stretch, siaga] = Travel(fastest, slowest, len(told), simulated[stretch])
    return found


def tried(rows: Sequence[Row]) -> Trial:
    """Return how the windows did: each year's crests by those of the years before it.

    Args:
        rows: Of `river_lags`.
    """
    crests = inside = 0
    for year in sorted({row["year"] for row in rows}):
        known = learn(row for row in rows if row["year"] < year)
        for row in rows:
            travel = known.get((row["upstream_id"], row["downstream_id"], row["siaga"]))
            if row["year"] != year or travel is None:
                continue
            crests += len(row["lags_s"])
            inside += sum(
                travel.fastest <= timedelta(seconds=lag) <= travel.slowest for lag in row["lags_s"]
            )
    return Trial(crests, inside)


def records(rows: Iterable[Row], upstream: str, siaga: int) -> list[Record]:
    """Return what followed below a gauge that reached a siaga; rows of `river_records`."""
    found = []
    for row in rows:
        if (row["upstream_id"], row["siaga"]) != (upstream, siaga):
            continue
        low, high = wilson(row["followed"], row["times"], HELD)
        found.append(
            Record(
                upstream,
                row["downstream_id"],
                siaga,
                row["times"],
                row["followed"],
                float(low),
                float(high),
                None if row["ahead_h"] is None else timedelta(hours=row["ahead_h"]),
                row["simulated"],
            )
        )
    return found


def _enough(by_siaga: Mapping[int, Sequence[float]], siaga: int) -> list[float]:
    """Return ten lags or more, of the nearest crests in siaga that there are; else none."""
    told = list(by_siaga.get(siaga, ()))
    for lightest in range(siaga, LIGHTEST + 1):
        if len(told) >= LEAST:
            return told
        told = [lag for other, some in by_siaga.items() if other <= lightest for lag in some]
    return told if len(told) >= LEAST else []


def _window(ordered: Sequence[float]) -> tuple[float, float]:
    """Return between which values the next one lies with the chance `HELD`."""
    count = len(ordered)
    if count < QUANTILES_FROM:
        half = stats.t.ppf((1 + HELD) / 2, count - 1) * stdev(ordered) * math.sqrt(1 + 1 / count)
        return max(0.0, mean(ordered) - half), mean(ordered) + half
    return _quantile(ordered, (1 - HELD) / 2), _quantile(ordered, (1 + HELD) / 2)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return below what the next value lies with the chance `share`.

    Between n values lie n + 1 equal chances.
    """
    place = share * (len(ordered) + 1) - 1
    below = min(math.floor(place), len(ordered) - 2)
    return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])
