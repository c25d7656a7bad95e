"""Gates, pumps and rain, as the JSON of Pantau Banjir tells them.

Keepers write down gates and pumps each hour, rain gauges tell each ten minutes. Date and time stand
apart, in WIB, and coordinates are text, as in the snapshots of 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.city.water import READING_SECONDS, level_cm, pace, siaga_of, stations
from etl.city.world import (
    CITY_BASINS,
    Bulk,
    Floats,
    Handler,
    Payload,
    Times,
    World,
    basin_at,
    floor_to,
    hour_of_day,
    hours_of,
    moments,
    reference,
    spans,
    tiled,
    timestamps,
    whole_hours,
    wib_text,
)

_KEEPER_SECONDS = 3600
_BROKEN_CHANCE = 0.04
_DUTY_HOURS = 24  # of the keepers, from 07.00 WIB
_LONE_CHANCE = 0.1  # on a duty: on the dry 7 May 2024, 23 of 499 pumps ran, one here and there
_AREAS = {
    "hulu": "Tengah", "barat": "Barat", "tengah": "Tengah", "timur": "Timur", "utara": "Tengah"
}  # fmt: skip


@dataclass(frozen=True)
class RainPost:
    """A rain gauge; `catch` is what it gets of its basin's rain."""

    number: int
    name: str
    lat: float
    lon: float
    catch: float

    @property
    def basin(self) -> str:
        """Basin in which it stands."""
        return basin_at(self.lon, self.lat)


# Positions of BMKG and DSDA posts, to about a hundred metres.
RAIN_POSTS = (
    RainPost(1, "Katulampa", -6.6332, 106.8368, 1.0),
    RainPost(2, "Kemayoran", -6.1556, 106.8400, 1.0),
    RainPost(3, "Halim Perdanakusuma", -6.2703, 106.8850, 1.05),
    RainPost(4, "Pasar Minggu", -6.2840, 106.8440, 1.1),
    RainPost(5, "Tanjung Priok", -6.1078, 106.8805, 0.9),
    RainPost(6, "Cengkareng", -6.1560, 106.7440, 0.95),
    RainPost(7, "Kebon Jeruk", -6.2072, 106.7526, 1.0),
    RainPost(8, "Pulo Gadung", -6.1910, 106.9042, 1.0),
)


def gates(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Serve the last hourly report of the keepers of 18 gates."""
    known = {station.station_id: station for station in stations()}
    rows = []
    for number, (name, station_id) in enumerate(_pantau_gates(), 1):
        station = known[station_id]
        time = _reported(world, f"gate/{station_id}", now, _KEEPER_SECONDS)
        level = level_cm(world, station_id, time)
        basin = basin_at(station.lon, station.lat)
        rows.append(
            _feature(
                station.lon,
                station.lat,
                {
                    "id": int(hours_of(time)[0]) * 20 + number,
                    "ketinggian": int(level[0]),
                    "status_siaga": int(siaga_of(level, station.siaga_cm)[0]),
                    **_day_and_hour(time),
                    "cuaca": _weather(world, time, basin),
                    "pintu_air": {
                        "id": number,
                        "name": name,
                        "sistem_aliran": f"Aliran {_AREAS[basin]}",
                        "cctv": None,
                    },
                },
            )
        )
    return Payload.json(rows)


def pumps(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Serve the last hourly report of every pump house; a few never report."""
    rows = []
    seen: dict[tuple[str, np.datetime64], tuple[Floats, dict[str, str]]] = {}
    for house in reference("pump_houses"):
        number, total = int(house["pump_house_id"]), int(house["pumps"])
        state: dict[str, object] = {
            "id": None,
            "jumlah_pompa_operasi": None,
            "jumlah_pompa_idle": None,
            "tanggal": None,
            "jam": None,
            "cuaca": {"inisial": None, "nama": None},
        }
        if not _mute(world, number):
            time = _reported(world, f"pump/{number}", now, _KEEPER_SECONDS)
            basin = _pump_basin(house)
            if (basin, time[0]) not in seen:
                wet = world.basin_wetness(time, basin)
                seen[basin, time[0]] = wet, _weather(world, time, basin)
            wetness, weather = seen[basin, time[0]]
            running, idle = pumps_at(world, house, time, wetness)
            state = {
                "id": int(hours_of(time)[0]) * 200 + number,
                "jumlah_pompa_operasi": int(running[0]),
                "jumlah_pompa_idle": int(idle[0]),
                **_day_and_hour(time),
                "cuaca": weather,
            }
        state["pompa_air"] = {
            "id": number,
            "nama": house["name"],
            "alamat": f"Jl. {house['name']}",
            "kewenangan": house["authority"],
            "total_pompa": total,
            "total_genset": int(house["gensets"]),
            "total_operator": 4 + int(20 * world.uniform("operators", number)),
        }
        rows.append(_feature(float(house["lon"]), float(house["lat"]), state))
    return Payload.json(rows)


def rain(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Serve the rain of the last ten minutes at each post."""
    rows = []
    for post in RAIN_POSTS:
        time = _reported(world, f"rain/{post.number}", now, READING_SECONDS)
        rows.append(
            _feature(
                post.lon,
                post.lat,
                {
                    "id": int(hours_of(time)[0] * 6) * 20 + post.number,
                    "curah_hujan": float(rain_at(world, post, time, READING_SECONDS)[0]),
                    "durasi": READING_SECONDS // 60,
                    **_day_and_hour(time),
                    "cuaca": _weather(world, time, post.basin),
                    "pos_hujan": {
                        "id": post.number,
                        "name": post.name,
                        "sistem_aliran": f"Aliran {_AREAS[post.basin]}",
                    },
                },
            )
        )
    return Payload.json(rows)


def pumps_at(
    world: World, house: Mapping[str, str], times: Times, wetness: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pumps that run and those that stand ready; broken ones are in neither.

    Args:
        world: The city.
        house: A row of `pump_houses.csv`.
        times: Moments, UTC.
        wetness: Of the house's basin at those moments.
    """
    number, total = int(house["pump_house_id"]), int(house["pumps"])
    hours = hours_of(times).astype(np.int64)
    broken = (world.uniform(f"broken/{number}", hours // 168) < _BROKEN_CHANCE) * 1
    ready = np.maximum(total - broken, 0)
    starts = 0.08 + 0.2 * float(world.uniform("pump/starts", number))
    share = np.where(wetness > starts, 0.3 + (wetness - starts) / 0.5, 0)
    lone = world.uniform(f"pump/{number}/lone", hours // _DUTY_HOURS) < _LONE_CHANCE
    running = np.minimum(np.maximum(np.ceil(share * total), lone), ready).astype(np.int64)
    return running, ready - running


def rain_at(world: World, post: RainPost, times: Times, seconds: int) -> Floats:
    """Return the mm that a post caught in the time before each moment; its bucket holds 0.2 mm."""
    day = ((hours_of(times) + 7) // 24).astype(np.int64)
    catch = post.catch * (0.8 + 0.4 * world.uniform(f"catch/{post.number}", day))
    result: Floats = np.round(catch * world.rain_mm(times, post.basin, seconds / 3600) / 0.2) / 5
    return result


def rainfall(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield each post's rain: hourly, and by ten minutes since 90 days before the anchor."""
    for begin, until, step in pace(world, start, end):
        lowest, highest = moments(begin, until)
        grid: Times = np.arange(floor_to(lowest, step), highest, np.timedelta64(step, "s"))
        times = grid[grid >= lowest]
        caught = np.stack([rain_at(world, post, times, step) for post in RAIN_POSTS], 1).ravel()
        yield pa.table(
            {
                "event_time": timestamps(np.repeat(times, len(RAIN_POSTS))),
                "station_id": tiled([str(post.number) for post in RAIN_POSTS], times.size),
                "rain_mm": caught,
                "interval_minutes": np.full(caught.size, step // 60, np.int32),
                "lon": np.tile([post.lon for post in RAIN_POSTS], times.size),
                "lat": np.tile([post.lat for post in RAIN_POSTS], times.size),
            }
        )


def pump_states(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield the hourly reports of the pump houses that tell of a change, and those of midnight."""
    houses = [
        row for row in reference("pump_houses") if not _mute(world, int(row["pump_house_id"]))
    ]
    total = np.array([int(house["pumps"]) for house in houses], np.int32)
    for begin, until in spans(start, end, 365):
        times = whole_hours(begin - timedelta(hours=1), until)
        wetness = {basin: world.basin_wetness(times, basin) for basin in CITY_BASINS}
        shape = (times.size, len(houses))
        running, idle = np.empty(shape, np.int32), np.empty(shape, np.int32)
        for column, house in enumerate(houses):
            pumps = pumps_at(world, house, times, wetness[_pump_basin(house)])
            running[:, column], idle[:, column] = pumps
        told = (np.diff(running, axis=0) != 0) | (np.diff(idle, axis=0) != 0)
        told |= (hour_of_day(times[1:]) == 0)[:, None]
        hour, which = np.nonzero(told)
        yield pa.table(
            {
                "event_time": timestamps(times[1:][hour]),
                "pump_house_id": pa.DictionaryArray.from_arrays(
                    which.astype(np.int16), [house["pump_house_id"] for house in houses]
                ),
                "running": running[1:][told],
                "idle": idle[1:][told],
                "total": total[which],
            }
        )


@cache
def _pantau_gates() -> tuple[tuple[str, str], ...]:
    """Return Pantau Banjir's names of its gates with our station ids, in the order of its ids."""
    return tuple(
        (row["alias"], row["id"])
        for row in reference("aliases")
        if row["kind"] == "water_station" and row["source"] == "Pantau Banjir 2024"
    )


def _reported(world: World, name: str, now: datetime, every_s: int) -> Times:
    """Return the moment of the newest report, published up to a fifth of the interval late."""
    delay = timedelta(seconds=every_s / 5 * float(world.uniform(f"delay/{name}", 0)))
    return np.array([floor_to(moments(now - delay)[0], every_s)])


def _day_and_hour(time: Times) -> dict[str, str]:
    return {"tanggal": wib_text(time[0], "%Y-%m-%d"), "jam": wib_text(time[0], "%H:%M:%S")}


def _weather(world: World, time: Times, basin: str) -> dict[str, str]:
    falling = world.rain_mm_h(time, basin)[0]
    clouds = world.drift(f"clouds/{basin}", time, 5)[0]
    word = (
        "Hujan" if falling > 2
        else "Gerimis" if falling > 0.1
        else "Mendung" if clouds > 0.75
        else "Mendung Tipis" if clouds > 0.4
        else "Terang"
    )  # fmt: skip
    return {"inisial": "".join(part[0] for part in word.split()), "nama": word}


def _mute(world: World, pump_house: int) -> bool:
    """Tell whether a house never reports, as three in the snapshot of 2024 do."""
    return pump_house in (181, 182, 183) or bool(world.uniform("mute", pump_house) < 0.01)


def _pump_basin(house: Mapping[str, str]) -> str:
    authority = house["authority"].rsplit(" ", 1)[-1].lower()
    if authority in ("barat", "timur", "utara"):
        return authority
    return "tengah"


def _feature(lon: float, lat: float, properties: dict[str, object]) -> dict[str, object]:
    """Shape one object as Pantau Banjir does: no type, and coordinates as text."""
    return {
        "properties": properties,
        "geometry": {"coordinates": [f"{lon:.8f}", f"{lat:.8f}"]},
    }


ROUTES: dict[str, Handler] = {
    "/pantau/gates": gates,
    "/pantau/pumps": pumps,
    "/pantau/rain": rain,
}
BULK: dict[str, Bulk] = {"rainfall": rainfall, "pump_states": pump_states}
