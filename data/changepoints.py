"""Change points: where the level of a series moved for good, when, and by how much.

A series is taken as a slope, a season and steps. The slope is the median of what a year changes,
the season the median of each phase, so that neither follows a step; the steps are those of least
squared error with a price for each, and one stays only where it is far outside what noise of that
strength and memory does by itself.

Source: Killick, Fearnhead and Eckley 2012 (optimal partitioning); Sen 1968 (slope); the price of a
step and the bound of its size were set on noise with a memory up to 0.5 (tests/unit) and on the
series of a simulated city (bench/changepoints.py): fewer than one false step in ten years, and nine
of ten steps of the city of twice the noise and more found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

LEAST_SPANS, LEAST_SEGMENT = 24, 6
LEAST_TOLD = 0.5
PRICE, BOUND = 1.5, 3.4
ROUNDS = 3
# Beyond so many times the noise a value is a flood, not a level.
CLIPPED = 4.0
MOST_MEMORY = 0.8
# Noise with a memory of a third against what it seems between neighbours.
GUESSED = 1.7
# Standard deviation of normal noise over its median deviation.
NORMAL = 1.4826


@dataclass(frozen=True)
class Change:
    """A step.

    Args:
        index: First value of the new level.
        before, after: Levels on both sides at that moment, in the unit of the series, without
            season.
        strength: The step against its own error; the sign is that of the step.
    """

    index: int
    before: float
    after: float
    strength: float

    @property
    def size(self) -> float:
        """How far the level moved, in the unit of the series."""
        return self.after - self.before


def find(values: Sequence[float | None], period: int) -> list[Change]:
    """Return the steps of a series, oldest first.

    Args:
        values: In equal spans of time, oldest first; None where there is no value.
        period: Spans in a year: 12 for months, 52 for weeks.
    """
    told = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    here = np.flatnonzero(~np.isnan(told))
    if len(here) < LEAST_SPANS or np.ptp(told[here]) == 0:
        return []
    # What is told of now and then, as the depth of floods, has no level.
    if len(here) < LEAST_TOLD * (here[-1] - here[0] + 1):
        return []
    quick, least = _quick(told[here]), LEAST_SEGMENT
    if quick == 0:
        # Mostly nothing, as hours of alarm: a level takes a year, or a wet season would be one.
        quick, least = float(np.std(np.diff(told[here]))) / float(np.sqrt(2)), period
        if np.count_nonzero(told[here] != np.median(told[here])) < LEAST_SPANS or quick == 0:
            return []
    # Rather too many at first: what noise there is shows only between the steps.
    spread, steps, level = quick * GUESSED, list[int](), told[here]
    levels = np.zeros(len(told))
    slope = 0.0
    for _ in range(ROUNDS):
        slope = _slope(told - levels, period)
        flat = told - slope * np.arange(len(told))
        season = _season(flat, _levels(flat, here, steps), period)
        price = PRICE * spread**2 * np.log(len(here))
        steps = _partition(_clipped(flat[here] - season[here], quick), price, least)
        level = flat[here] - _season(flat, _levels(flat, here, steps), period)[here]
        steps = _significant(level, steps)
        spread = _spread(level, steps)
        levels = _levels(flat, here, steps)
    return _told(level, here, steps, spread, slope)


def _slope(told: Values, period: int) -> float:
    """Return the change a span: the median over all pairs a year apart; 0 under three years."""
    if len(told) < 3 * period:
        return 0.0
    yearly = told[period:] - told[:-period]
    yearly = yearly[~np.isnan(yearly)]
    return float(np.median(yearly)) / period if len(yearly) >= 2 * period else 0.0


def _levels(flat: Values, here: NDArray[np.intp], steps: Sequence[int]) -> Values:
    """Return the level of each value, where there is one."""
    levels = np.full(len(flat), np.nan)
    for first, last in _segments(len(here), steps):
        levels[here[first:last]] = np.median(flat[here[first:last]])
    return levels


def _season(flat: Values, levels: Values, period: int) -> Values:
    """Return what each phase of the year adds; nothing under three years, which could not tell."""
    season = np.zeros(len(flat))
    if len(flat) < 3 * period:
        return season
    rest = flat - levels
    for phase in range(period):
        own = rest[phase::period]
        own = own[~np.isnan(own)]
        season[phase::period] = np.median(own) if len(own) else 0.0
    return season - float(season[:period].mean())


def _quick(level: Values) -> float:
    """Return the noise between neighbours, which no step or season adds to."""
    apart = np.diff(level)
    return float(np.median(np.abs(apart - np.median(apart)))) * NORMAL / float(np.sqrt(2))


def _spread(level: Values, steps: Sequence[int]) -> float:
    """Return the noise around the levels, made greater by what of it stays to the next value."""
    rest = level.copy()
    segments = _segments(len(level), steps)
    for first, last in segments:
        rest[first:last] -= np.mean(level[first:last])
    noise = float(np.median(np.abs(rest))) * NORMAL
    bounded = np.clip(rest, -CLIPPED * noise, CLIPPED * noise)
    power = float(np.sum(bounded**2))
    if power == 0:
        return 0.0
    memory = float(np.sum(bounded[1:] * bounded[:-1])) / power
    # Rain is never below zero and far above it: its middle half says too little of its means.
    noise = float(np.sqrt(power / len(rest)))
    # Around a mean of few values the memory seems less than it is (Kendall 1954).
    memory += (1 + 3 * memory) * len(segments) / len(level)
    memory = float(np.clip(memory, 0.0, MOST_MEMORY))
    return noise * float(np.sqrt((1 + memory) / (1 - memory)))


def _clipped(level: Values, noise: float) -> Values:
    """Return the values with single extremes cut: a month of floods is not a level."""
    width = LEAST_SEGMENT - 1
    padded = np.pad(level, width // 2 + 1, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * (width // 2 + 1) + 1)
    middle = np.median(windows, axis=1)[: len(level)]
    return np.clip(level, middle - CLIPPED * noise, middle + CLIPPED * noise)


def _partition(level: Values, price: float, least_values: int) -> list[int]:
    """Return where segments begin, besides the first, at the least squared error plus prices."""
    count = len(level)
    total = np.concatenate(([0.0], np.cumsum(level)))
    squares = np.concatenate(([0.0], np.cumsum(level**2)))
    best = np.full(count + 1, np.inf)
    best[0] = -price
    came = np.zeros(count + 1, dtype=np.intp)
    for end in range(least_values, count + 1):
        starts = np.arange(0, end - least_values + 1)
        width = end - starts
        error = squares[end] - squares[starts] - (total[end] - total[starts]) ** 2 / width
        cost = best[starts] + error + price
        least = int(np.argmin(cost))
        best[end], came[end] = cost[least], starts[least]
    steps, end = [], count
    while came[end] > 0:
        end = int(came[end])
        steps.append(end)
    return steps[::-1]


def _significant(level: Values, steps: list[int]) -> list[int]:
    """Return the steps without those that noise does, the weakest taken away one by one."""
    while steps:
        spread = _spread(level, steps)
        strengths = [abs(_strength(level, steps, place, spread)) for place in range(len(steps))]
        weakest = int(np.argmin(strengths))
        if strengths[weakest] >= BOUND:
            break
        steps = steps[:weakest] + steps[weakest + 1 :]
    return steps


def _strength(level: Values, steps: Sequence[int], place: int, spread: float) -> float:
    bounds = [0, *steps, len(level)]
    before, after = (level[bounds[i] : bounds[i + 1]] for i in (place, place + 1))
    error = spread * float(np.sqrt(1 / len(before) + 1 / len(after)))
    size = float(np.mean(after) - np.mean(before))
    # Without any noise every step is one.
    return size / error if error else float(np.copysign(np.inf, size))


def _told(
    level: Values, here: NDArray[np.intp], steps: Sequence[int], spread: float, slope: float
) -> list[Change]:
    means = [float(np.mean(level[first:last])) for first, last in _segments(len(level), steps)]
    return [
        Change(
            int(here[step]),
            means[place] + slope * float(here[step]),
            means[place + 1] + slope * float(here[step]),
            _strength(level, steps, place, spread),
        )
        for place, step in enumerate(steps)
    ]


def _segments(count: int, steps: Sequence[int]) -> list[tuple[int, int]]:
    bounds = [0, *steps, count]
    return list(pairwise(bounds))
