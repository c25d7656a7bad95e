"""Flood waves on their way downstream: crests at a gauge, and when they may reach those below.

All moments are aware. Windows rest on travel times, learned from the archive (`data.lags`) or
published: they are intervals, never a moment, and open-ended while the water upstream still rises.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, TypeAlias

from data import reference
from data.siaga import siaga_level

Row: TypeAlias = Mapping[str, Any]
Points: TypeAlias = list[tuple[datetime, float]]

# Tides rise and fall: not the waves of a river.
SEA = "Laut Jawa"
# A rise counts as a wave from this share of the way to siaga 3 on.
_WAVE_SHARE = 1 / 3
# A crest is over when the water has fallen by this share of its rise, and no less than this.
_FALLEN_SHARE, _FALLEN_CM = 0.1, 3.0


@dataclass(frozen=True)
class Travel:
    """How long water takes between two gauges.

    Args:
        fastest, slowest: By the accounts that are published; where it was learned, nine in ten of
            the crests to come take a time between the two.
        crests: Of the archive, that it was learned from; None where it is published.
        simulated: They passed the simulated city.
    """

    fastest: timedelta
    slowest: timedelta
    crests: int | None = None
    simulated: bool = False

    def __add__(self, other: Travel) -> Travel:
        """Return the time over both stretches."""
        return Travel(self.fastest + other.fastest, self.slowest + other.slowest)


@dataclass(frozen=True)
class Wave:
    """A wave at one gauge.

    Args:
        crest_at: When the water stood highest so far.
        crest_cm: How high, in cm above the gauge's zero.
        over: It has fallen since; else it may rise further.
        siaga: Of the crest, 4 to 1.
    """

    crest_at: datetime
    crest_cm: float
    over: bool
    siaga: int = 4


@dataclass(frozen=True)
class Window:
    """When a crest may arrive.

    Args:
        origin: Gauge at which the wave was seen.
        latest: None while the water there still rises.
        crests: Of the archive, that the travel time was learned from; None where it is published.
    """

    origin: str
    earliest: datetime
    latest: datetime | None
    crests: int | None = None


Times: TypeAlias = Mapping[tuple[str, str], Travel]
# By stretch and siaga of the crest above.
Lags: TypeAlias = Mapping[tuple[str, str, int], Travel]


@functools.cache
def travels() -> Times:
    """Return the published travel times between gauges."""
    return travel_times(reference.rows("river_travel_times"))


def travel_times(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], Travel]:
    """Return the travel time between every two gauges that published ones connect.

    No single figure is taken for exact: the slowest is at least the fastest times the widest spread
    between two accounts of one stretch. A stretch without a figure of its own takes the sum of
    those that it is made of.

    Args:
        rows: Those of `river_travel_times`; hours are text, `slowest_hours` empty where only one
            account is published.
    """
    told = {
        (row["upstream_id"], row["downstream_id"]): (
            float(row["hours"]),
            float(row["slowest_hours"] or row["hours"]),
        )
        for row in rows
    }
    spread = max((slowest / fastest for fastest, slowest in told.values()), default=1.0)
    found = {
        ends: Travel(timedelta(hours=fastest), timedelta(hours=max(slowest, fastest * spread)))
        for ends, (fastest, slowest) in told.items()
    }
    return _joined(found)


def _joined(found: dict[tuple[str, str], Travel]) -> dict[tuple[str, str], Travel]:
    """Add the stretches that are made of two others, until there are no more."""
    while True:
        longer = {
            (start, end): first + second
            for (start, middle), first in found.items()
            for (again, end), second in found.items()
            if middle == again and start != end and (start, end) not in found
        }
        if not longer:
            return found
        found |= longer


def find_wave(
    times: Sequence[datetime], levels_cm: Sequence[float], siaga3_cm: float | None
) -> Wave | None:
    """Return the newest wave in a gauge's readings, oldest first; None where there is none.

    A wave has reached siaga 3, or risen a third of the way to it. Single readings that stand out
    from both neighbours are taken for errors.
    """
    if siaga3_cm is None or len(times) < 3:
        return None
    levels = _without_spikes(levels_cm)
    crest = max(range(len(levels)), key=lambda at: (levels[at], levels_cm[at]))
    base = min(levels[: crest + 1])
    least = _WAVE_SHARE * max(siaga3_cm - base, 0)
    risen = levels[crest] - base
    lowest = min(levels[crest:])
    falls = levels[crest] - lowest >= max(_FALLEN_CM, _FALLEN_SHARE * risen)
    if falls and levels[-1] - lowest >= max(least, _FALLEN_CM):
        return Wave(times[-1], levels[-1], over=False)
    # A crest on the first reading was higher before it: when, is not known.
    if crest == 0 or (levels[crest] < siaga3_cm and risen < least):
        return None
    if falls:
        return Wave(times[crest], levels[crest], over=True)
    return Wave(times[crest], levels[crest], over=False)


def _without_spikes(levels: Sequence[float]) -> list[float]:
    inner = [median(levels[at - 1 : at + 2]) for at in range(1, len(levels) - 1)]
    return [levels[0], *inner, levels[-1]]


def day_points(rows: Iterable[Row], days: Iterable[Row]) -> dict[str, Points]:
    """Return the last 24 hours of each station as the feed tells that counts for it.

    Args:
        rows: Those of `gates_now`.
        days: Those of `levels_day`.
    """
    told = {(day["station_id"], day["feed"], day["simulated"]): day for day in days}
    found = {}
    for row in rows:
        day = told.get((row["station_id"], row["feed"], row["simulated"]))
        if day is not None:
            moments = (datetime.fromtimestamp(second, UTC) for second in day["event_s"])
            found[row["station_id"]] = list(zip(moments, day["levels_cm"], strict=True))
    return found


def waves_now(rows: Iterable[Row], points: Mapping[str, Points]) -> dict[str, Wave]:
    """Return the newest wave of each river gauge that has one.

    Args:
        rows: Those of `gates_now`.
        points: Those of `day_points`.
    """
    found = {}
    for row in rows:
        told = points.get(row["station_id"], [])
        if row["river"] == SEA:
            continue
        wave = find_wave([at for at, _ in told], [level for _, level in told], row["siaga3_cm"])
        if wave is not None:
            bounds = (row[f"siaga{siaga}_cm"] for siaga in (3, 2, 1))
            siaga = siaga_level(wave.crest_cm, *bounds)
            found[row["station_id"]] = replace(wave, siaga=siaga or wave.siaga)
    return found


def arrivals(
    waves: Mapping[str, Wave], times: Times, lags: Lags, now: datetime
) -> dict[str, Window]:
    """Return the window of each gauge below a wave, without those that have closed.

    The nearest crest that is over tells most; where there is none, the nearest rise.

    Args:
        waves: By gauge.
        times: Those of `travel_times`.
        lags: Those of `lags.learn`; where one is learned, the published time does not count.
    """
    found: dict[str, tuple[tuple[bool, timedelta], Window]] = {}
    for (origin, station), published in times.items():
        wave = waves.get(origin)
        if wave is None:
            continue
        travel = lags.get((origin, station, wave.siaga), published)
        latest = wave.crest_at + travel.slowest if wave.over else None
        if latest is not None and latest < now:
            continue
        rank = (not wave.over, travel.fastest)
        if station not in found or rank < found[station][0]:
            earliest = wave.crest_at + travel.fastest
            found[station] = rank, Window(origin, earliest, latest, travel.crests)
    return {station: window for station, (_, window) in found.items()}
