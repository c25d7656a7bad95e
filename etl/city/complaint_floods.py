"""Where water stands when people complain about it: the RW of the flood feed, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from etl.city.complaint_city import LONGEST_DAYS, date_of
from etl.city.floods import flood_areas, wetness_of
from etl.city.world import Floats, Ints, World, reference

_SHALLOWEST_CM = 5.0  # from here on the feed calls an RW inundated
_DRIEST = 0.25  # wetness below which no RW is under water


@dataclass(frozen=True)
class Water:
    """The RW under water in each hour in which any is.

    Args:
        hours: Those hours since 1970 UTC, in order.
        areas: One row an hour, one column an RW in the order of `flood_areas`.
        kelurahan: One row an hour, one column a kelurahan in the order of `areas.csv`.
    """

    hours: Ints
    areas: NDArray[np.bool_]
    kelurahan: NDArray[np.bool_]

    def area_at(self, seconds: Ints, u: Floats) -> Ints:
        """Return for each moment an RW that is under water then, -1 where none is."""
        row, known = self._row(seconds // 3600)
        flooded = np.where(known[:, None], self.areas[row], False)
        nth = np.floor(u * flooded.sum(axis=1)).astype(np.int64)
        found = np.argmax(np.cumsum(flooded, axis=1) > nth[:, None], axis=1)
        return np.where(flooded.any(axis=1), found, -1)

    def stands(self, area: Ints, since: Ints, until: Ints) -> NDArray[np.bool_]:
        """Return whether an RW stays under water from one moment to another."""
        result = area >= 0
        hour, last = since // 3600, until // 3600 + 1
        while (going := np.flatnonzero(result & (hour <= last))).size:
            row, known = self._row(hour[going])
            result[going] = known & self.areas[row, area[going]]
            hour[going] += 1
        return result

    def dry_after(self, kelurahan: Ints, seconds: Ints) -> Ints:
        """Return the moments, each put off to a full hour where the kelurahan still has water."""
        hour = seconds // 3600
        going = np.arange(len(hour))
        while going.size:
            wet = np.zeros(going.size, bool)
            for near in (-1, 0, 1):
                row, known = self._row(hour[going] + near)
                wet |= known & self.kelurahan[row, kelurahan[going]]
            going = going[wet]
            hour[going] += 1
        return np.where(hour > seconds // 3600, hour * 3600, seconds)

    def _row(self, hour: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        row = np.minimum(np.searchsorted(self.hours, hour), len(self.hours) - 1)
        return row, self.hours[row] == hour


def water_of(world: World, first: int, last: int) -> Water:
    """Return the water while complaints of some days (since 1970, WIB) may be open."""
    years = range(date_of(first - 1).year, date_of(last + LONGEST_DAYS).year + 1)
    return _joined(world, tuple(years))


@cache
def home_of(world: World) -> Ints:
    """Return the kelurahan of each RW, as its place in `areas.csv`."""
    codes = _kelurahan()
    return np.array([codes.index(area.geom_id[:10]) for area in flood_areas(world)])


@lru_cache(maxsize=4)
def _joined(world: World, years: tuple[int, ...]) -> Water:
    parts = [_water(world, year) for year in years]
    return Water(
        np.concatenate([part.hours for part in parts]),
        np.concatenate([part.areas for part in parts]),
        np.concatenate([part.kelurahan for part in parts]),
    )


@lru_cache(maxsize=16)
def _water(world: World, year: int) -> Water:
    """Return the water of one calendar year (UTC), and its last hour whether wet or not."""
    begin, end = (datetime(y, 1, 1, tzinfo=UTC) for y in (year, year + 1))
    hours = np.arange(int(begin.timestamp()) // 3600, int(end.timestamp()) // 3600)
    places = flood_areas(world)
    flooded = np.zeros((len(hours), len(places)), bool)
    for driver in {area.driver for area in places}:
        wetness = wetness_of(world, driver, (hours * 3600).astype("datetime64[s]"))
        at = np.flatnonzero(wetness > _DRIEST)
        for number, area in enumerate(places):
            if area.driver == driver:
                flooded[at, number] = area.depth_cm(wetness[at]) >= _SHALLOWEST_CM
    some = np.append(flooded[:-1].any(axis=1), True)
    kelurahan = np.zeros((int(some.sum()), len(_kelurahan())), bool)
    for number, home in enumerate(home_of(world).tolist()):
        kelurahan[:, home] |= flooded[some, number]
    return Water(hours[some], flooded[some], kelurahan)


@cache
def _kelurahan() -> tuple[str, ...]:
    return tuple(row["bps_code"] for row in reference("areas") if row["level"] == "kelurahan")
