"""The weather and the dice of the simulated city, each value a function of (seed, scenario, time).

Nothing here runs forward. A day's storms are drawn from counters hashed with the seed, so any
instant of any year costs the same, and the live feeds and the bulk history cannot disagree.

Times are one-dimensional `datetime64[s]` arrays in UTC; `WIB` (UTC+7, no summer time) is used only
to say what the hour of the day is.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from werkzeug.exceptions import BadRequest

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Times = NDArray[np.datetime64]
Scenario = Literal["tenang", "malam-banjir", "jam-sibuk", "kabut-asap"]

WIB = timezone(timedelta(hours=7), "WIB")
SCENARIOS: tuple[Scenario, ...] = ("tenang", "malam-banjir", "jam-sibuk", "kabut-asap")
CITY_BASINS = ("barat", "tengah", "timur", "utara")
BASINS = ("hulu", *CITY_BASINS)
DENSE_DAYS = 90  # before the anchor: bulk history from then on is as close as the live feeds
REFERENCE = Path(__file__).parents[2] / "data" / "reference"

# Mean rain of each month in mm, rounded from the climatological normals of the BMKG stations
# Kemayoran (city) and Citeko (upstream: the Ciliwung rises at Puncak).
_CITY_MM = (340, 330, 220, 150, 120, 85, 55, 45, 60, 100, 150, 220)
_UPSTREAM_MM = (520, 470, 330, 270, 190, 95, 80, 75, 110, 230, 330, 330)
_STORM_MM = 22.0  # some 77 days a year with rain; drizzle, which floods nothing, is left out
_STORM_MM_MOST = 140.0  # a day above 100 mm returns every year or two somewhere in the city
# Share of the rain that falls in fronts over the whole region rather than in local thunderstorms.
_FRONTAL = 0.4

# Potential retention of the SCS curve number (mm): paved city, greener upstream.
_RETENTION_MM = {"hulu": 80.0, "barat": 60.0, "tengah": 60.0, "timur": 60.0, "utara": 60.0}
_MEMORY_DAYS = 4


@dataclass(frozen=True)
class Payload:
    """The body of an answer, with its content type, its entity tag and when it was made."""

    body: bytes
    content_type: str
    etag: str | None = None
    modified: datetime | None = None

    @classmethod
    def of(cls, body: bytes | str, content_type: str) -> Self:
        """Tag a body by its content, so that what did not change is answered 304."""
        raw = body.encode() if isinstance(body, str) else body
        return cls(raw, content_type, f"{zlib.crc32(raw):08x}-{len(raw):x}")

    @classmethod
    def json(cls, value: Any) -> Self:
        """Encode a value as JSON."""
        return cls.of(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY), "application/json")


@dataclass(frozen=True)
class _GreatStorm:
    begins: datetime
    hours: float
    depth_mm: Mapping[str, float]


# Depths are those that BMKG reported near each basin: 2017-02-21 (180 mm at Cempaka Putih),
# 2020-01-01 (377 mm at Halim, 335 at TMII), 2021-02-20 (226 mm at Pasar Minggu, 197 at Sunter
# Hulu).
_GREAT_STORMS = (
    _GreatStorm(
        datetime(2017, 2, 20, 18, tzinfo=UTC), 7,
        {"hulu": 60, "barat": 110, "tengah": 150, "timur": 180, "utara": 150},
    ),
    _GreatStorm(
        datetime(2019, 12, 31, 11, tzinfo=UTC), 14,
        {"hulu": 200, "barat": 250, "tengah": 250, "timur": 377, "utara": 200},
    ),
    _GreatStorm(
        datetime(2021, 2, 19, 14, tzinfo=UTC), 10,
        {"hulu": 140, "barat": 130, "tengah": 226, "timur": 197, "utara": 140},
    ),
)  # fmt: skip


@dataclass(frozen=True)
class _Storms:
    """Storms as parallel arrays: hours since 1970, length in hours, depth in mm (0 = none)."""

    begins: Floats
    hours: Floats
    depth_mm: Floats


@dataclass(frozen=True)
class Shift:
    """A change for good, known so that what looks for such changes can be measured.

    Args:
        subject: A corridor, whose congestion moves, or an air station, whose concentrations do.
        since: First moment (aware).
        factor: What it is multiplied by from then on.
    """

    subject: str
    since: datetime
    factor: float

    def at(self, times: Times) -> Floats:
        """Return the factor of each moment."""
        return np.where(hours_of(times) >= _hours(self.since), self.factor, 1.0)


@dataclass(frozen=True)
class World:
    """One possible city.

    Args:
        seed: Which city of all possible ones.
        scenario: What happens around `anchor`; a flood night, jam or haze begins an hour before it.
        anchor: Moment of the scenario, UTC.
        shifts: Changes for good; usually none.
    """

    seed: int = 31
    scenario: Scenario = "tenang"
    anchor: datetime = datetime(2026, 2, 18, 12, tzinfo=UTC)
    shifts: tuple[Shift, ...] = ()

    def rng(self, *names: str | int) -> np.random.Generator:
        """Return the generator of one entity, such as `rng("complaints", day)`."""
        parts = [zlib.crc32(n.encode()) if isinstance(n, str) else n for n in names]
        return np.random.default_rng([self.seed, *parts])

    def uniform(self, name: str, index: Ints | int) -> Floats:
        """Return one number in [0, 1) for each index, independent of the order of asking."""
        key = (zlib.crc32(name.encode()) << 32) ^ (self.seed * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
        return _splitmix(np.asarray(index, np.int64), key)

    def normal(self, name: str, index: Ints | int) -> Floats:
        """Return one standard normal number for each index (Box and Muller)."""
        radius = np.sqrt(-2 * np.log(1 - self.uniform(f"{name}/r", index)))
        result: Floats = radius * np.cos(2 * np.pi * self.uniform(f"{name}/a", index))
        return result

    def drift(self, name: str, times: Times, hours: float) -> Floats:
        """Return smooth noise in [-1, 1] that changes over about `hours`."""
        position = hours_of(times) / hours
        knot = np.floor(position).astype(np.int64)
        x = position - knot
        weight = x * x * (3 - 2 * x)
        before, after = self.uniform(name, knot), self.uniform(name, knot + 1)
        return 2 * (before + (after - before) * weight) - 1

    def rain_mm_h(self, times: Times, basin: str) -> Floats:
        """Return the rain of one basin in mm/h; storms swell and fade as a squared sine."""
        hours = hours_of(times)
        rain = np.zeros(hours.shape)
        for at, storm in self._storms_before(hours, basin, days=1):
            x = np.clip((hours[at] - storm.begins) / storm.hours, 0, 1)
            rain[at] += 2 * storm.depth_mm / storm.hours * np.sin(np.pi * x) ** 2
        return rain

    def rain_mm(self, times: Times, basin: str, hours: float) -> Floats:
        """Return the rain of one basin in mm, fallen in the `hours` before each moment."""
        until = hours_of(times)
        rain = np.zeros(until.shape)
        for at, storm in self._storms_before(until, basin, days=2):
            x = np.clip((until[at] - np.array([[0.0], [hours]]) - storm.begins) / storm.hours, 0, 1)
            fallen = x - np.sin(2 * np.pi * x) / (2 * np.pi)
            rain[at] += storm.depth_mm * (fallen[0] - fallen[1])
        return rain

    def runoff_mm(self, times: Times, basin: str, *, lag_h: float, rise_h: float) -> Floats:
        """Return the wave that a basin's storms send to a point downstream.

        Each storm gives its direct runoff (SCS curve number) the shape of a gamma hydrograph.

        Args:
            times: Moments, UTC.
            basin: Where the rain falls.
            lag_h: Travel time from the basin to the point.
            rise_h: Time from the start of a short storm to the crest, without the lag.

        Returns:
            Height of the wave in mm of runoff.
        """
        hours = hours_of(times)
        wave = np.zeros(hours.shape)
        retention = _RETENTION_MM[basin]
        for at, storm in self._storms_before(hours, basin, days=_MEMORY_DAYS):
            x = np.maximum(hours[at] - storm.begins - lag_h, 0) / (rise_h + storm.hours / 2)
            runoff = storm.depth_mm**2 / (storm.depth_mm + retention)
            wave[at] += runoff * (x * np.exp(1 - x)) ** 2
        return wave

    def basin_wetness(self, times: Times, basin: str) -> Floats:
        """Return how flooded the streets of one basin are, 0 (dry) to 1."""
        wave = self.runoff_mm(times, basin, lag_h=0, rise_h=2.0)
        result: Floats = 1 - np.exp(-wave / 60)
        return result

    def wetness(self, times: Times) -> Floats:
        """Return how flooded the city is, 0 (dry) to 1."""
        parts = [self.basin_wetness(times, basin) for basin in CITY_BASINS]
        result: Floats = np.mean(parts, axis=0)
        return result

    def scenario_strength(self, times: Times, scenario: Scenario, hours: float) -> Floats:
        """Return 0 outside a scenario, 1 within; it grows for an hour and lasts `hours`."""
        if self.scenario != scenario:
            return np.zeros(np.shape(times))
        since = hours_of(times) - _hours(self.anchor) + 1
        return np.clip(since, 0, 1) * np.clip(hours + 1 - since, 0, 1)

    def _storms_before(
        self, hours: Floats, basin: str, days: int
    ) -> Iterator[tuple[NDArray[np.intp], _Storms]]:
        """Yield which of the moments may feel a storm, with that storm for each of them."""
        if not hours.size:
            return
        day = np.floor((hours + 7) / 24).astype(np.int64)
        first = int(day.min()) - days
        of_day = np.arange(first, int(day.max()) + 1)
        for kind in (self._thunderstorms(of_day, basin), self._fronts(of_day, basin)):
            for back in range(days + 1):
                at = np.flatnonzero(kind.depth_mm[day - back - first])
                index = day[at] - back - first
                yield at, _Storms(kind.begins[index], kind.hours[index], kind.depth_mm[index])
        for great in (*_GREAT_STORMS, *self._scenario_storms()):
            begins = _hours(great.begins)
            at = np.flatnonzero((hours > begins) & (hours < begins + 24 * (days + 1)))
            if at.size:
                depth = np.array(great.depth_mm[basin])
                yield at, _Storms(np.array(begins), np.array(great.hours), depth)

    def _thunderstorms(self, day: Ints, basin: str) -> _Storms:
        """Local storms, one a day at most: in the afternoon, earlier in the hills."""
        name = f"thunderstorm/{basin}"
        chance = self._storms_a_day(day, basin) * (1 - _FRONTAL)
        begins = (13.0 if basin == "hulu" else 14.0) + 5 * self.uniform(
            f"{name}/begins", day
        ) ** 1.3
        length = 1.5 + 2.5 * self.uniform(f"{name}/hours", day)
        return self._drawn(name, day, chance, begins, length, np.array(1.0))

    def _fronts(self, day: Ints, basin: str) -> _Storms:
        """Monsoon surges: over all basins at once, longer, late at night or before dawn."""
        chance = self._storms_a_day(day, basin) * _FRONTAL
        begins = 20 + 9 * self.uniform("front/begins", day) + self.uniform(f"front/{basin}", day)
        length = 3 + 6 * self.uniform("front/hours", day)
        own = 0.6 + 0.8 * self.uniform(f"front/{basin}/share", day)
        return self._drawn("front", day, chance, begins, length, own)

    def _drawn(
        self, name: str, day: Ints, chance: Floats, begins: Floats, length: Floats, share: Floats
    ) -> _Storms:
        dice = 1 - self.uniform(f"{name}/depth", day)
        # Weibull with shape 1/1.2 (mean Gamma(2.2) = 1.102): daily rain has a fatter tail than the
        # exponential.
        depth = _STORM_MM * share * (-np.log(dice)) ** 1.2 / 1.102
        depth = np.where(self.uniform(f"{name}/chance", day) < chance, depth, 0)
        return _Storms(day * 24.0 - 7 + begins, length, np.minimum(depth, _STORM_MM_MOST))

    def _storms_a_day(self, day: Ints, basin: str) -> Floats:
        """Expected storms of each day: the month's normal, in wet and dry spells of six days."""
        months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        normal = np.array(_UPSTREAM_MM if basin == "hulu" else _CITY_MM)[months]
        spell = self.drift("spell", day.astype("datetime64[D]").astype("datetime64[s]"), 6 * 24)
        return normal / 30.4 / _STORM_MM * (1 + 0.9 * spell)

    def _scenario_storms(self) -> tuple[_GreatStorm, ...]:
        if self.scenario != "malam-banjir":
            return ()
        # The hills go first, so that Katulampa is already high when the city's own rain begins,
        # which takes an hour to grow heavy.
        upstream = dict.fromkeys(CITY_BASINS, 0.0) | {"hulu": 230.0}
        city = {"hulu": 0.0, "barat": 150.0, "tengah": 170.0, "timur": 190.0, "utara": 140.0}
        return (
            _GreatStorm(self.anchor - timedelta(hours=4), 6, upstream),
            _GreatStorm(self.anchor - timedelta(hours=2), 6, city),
        )


Handler = Callable[[World, datetime, Mapping[str, str]], Payload]
"""Answer a request: the city, its time, and the query and path arguments as one mapping.

`base_url` (no slash at its end) is among the arguments, for sources that print absolute links.
What werkzeug calls an HTTP exception, such as `NotFound`, is answered as such.
"""
Bulk = Callable[[World, datetime, datetime], Iterator[pa.Table]]


def whole(args: Mapping[str, str], name: str, default: int) -> int:
    """Return an argument as a whole number.

    Raises:
        BadRequest: It is not one.
    """
    try:
        return int(args.get(name, default))
    except ValueError as error:
        raise BadRequest(f"{name} must be a whole number") from error


def hours_of(times: Times) -> Floats:
    """Return hours since 1970, UTC."""
    result: Floats = np.asarray(times).astype("datetime64[s]").astype(np.int64) / 3600.0
    return result


def hour_of_day(times: Times) -> Floats:
    """Return the hour of the day in WIB, 0 to 24."""
    return (hours_of(times) + 7) % 24


def moments(*times: datetime) -> Times:
    """Return aware datetimes as an array in UTC, to the second."""
    return np.array([t.astimezone(UTC).replace(tzinfo=None) for t in times], "datetime64[s]")


def wib_text(time: np.datetime64, form: str = "%Y-%m-%dT%H:%M:%S") -> str:
    """Write a UTC moment as WIB wall time without zone, as most local sources do."""
    aware: datetime = time.astype("datetime64[s]").item().replace(tzinfo=UTC)
    return aware.astimezone(WIB).strftime(form)


def spans(start: datetime, end: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Cut a span of time into pieces of at most `days`, in order."""
    while start < end:
        until = min(start + timedelta(days=days), end)
        yield start, until
        start = until


def whole_hours(start: datetime, end: datetime) -> Times:
    """Return the full hours from `start` (inclusive) to `end` (exclusive)."""
    first, last = moments(start, end)
    hour = np.timedelta64(1, "h")
    begin = first.astype("datetime64[h]")
    begin = begin + hour if begin < first else begin
    return np.arange(begin, last, hour).astype("datetime64[s]")


def floor_to(time: np.datetime64, seconds: int) -> np.datetime64:
    """Return the last moment at or before `time` that is a multiple of `seconds` since 1970."""
    count = time.astype("datetime64[s]").astype(np.int64)
    return np.datetime64(int(count - count % seconds), "s")


def timestamps(times: Times) -> pa.Array:
    """Return moments as an Arrow array with the zone UTC."""
    return pa.array(times.astype("datetime64[us]"), pa.timestamp("us", "UTC"))


def repeated(value: str, size: int) -> pa.Array:
    """Return a text column that says the same in each row."""
    return pa.DictionaryArray.from_arrays(np.zeros(size, np.int8), [value])


def tiled(values: Sequence[str], times: int) -> pa.Array:
    """Return a text column that runs through `values` again and again."""
    return pa.DictionaryArray.from_arrays(
        np.tile(np.arange(len(values), dtype=np.int16), times), list(values)
    )


def basin_at(lon: float, lat: float) -> str:
    """Return the basin of a point; the city is cut along the Ciliwung and the old shore road."""
    if lat < -6.38:
        return "hulu"
    if lat > -6.15:
        return "utara"
    return "barat" if lon < 106.80 else "timur" if lon > 106.87 else "tengah"


@cache
def reference(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one file of `data/reference/`."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _hours(time: datetime) -> float:
    return time.timestamp() / 3600


def _splitmix(index: Ints, key: int) -> Floats:
    """Hash counters to [0, 1) with the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        z = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    result: Floats = (z >> np.uint64(11)).astype(np.float64) / 2.0**53
    return result
