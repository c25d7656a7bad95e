"""Traffic of the simulated city: how full each corridor is, as Waze, TomTom and ten years see it.

A corridor's congestion is 0 where it flows freely and 1 where it stands; everything else (speeds,
jams, delays) follows from it. It swells at the rush hours of working days, with rain, and with a
share of chance that is its own; `jam-sibuk` makes any hour a rush hour.

Corridors     `corridors.csv`, drawn by hand
Calibration   years and the epidemic after the TomTom Traffic Index (Jakarta 2017 61 %, 2018 and
              2019 53 %, 2020 36 %, 2021 34 %); hours after its weekly pattern, rounded
Answers       /waze (Waze for Cities, a snapshot every two minutes) and /tomtom/flowSegmentData
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from shapely.ops import substring
from werkzeug.exceptions import BadRequest

from etl.city.world import (
    Bulk,
    Floats,
    Handler,
    Ints,
    Payload,
    Times,
    World,
    basin_at,
    hour_of_day,
    hours_of,
    moments,
    reference,
)

SNAPSHOT_S = 120
SEGMENT_M = 900  # longest stretch that can jam by itself
FARTHEST_KM = 1.0  # TomTom answers 400 for a point farther from any road

_WORKDAY = (0.06, 0.04, 0.03, 0.03, 0.05, 0.16, 0.45, 0.78, 0.82, 0.62, 0.50, 0.47,
            0.48, 0.48, 0.50, 0.58, 0.74, 0.92, 0.94, 0.70, 0.44, 0.28, 0.17, 0.10)  # fmt: skip
_WEEKEND = (0.12, 0.07, 0.05, 0.04, 0.04, 0.07, 0.14, 0.22, 0.30, 0.38, 0.46, 0.50,
            0.52, 0.50, 0.50, 0.54, 0.60, 0.62, 0.60, 0.52, 0.44, 0.34, 0.26, 0.18)  # fmt: skip
# Congestion against 2019: PSBB from April 2020, PPKM in July 2021, then back.
_LEVELS_OF_YEARS = (
    (date(2016, 1, 1), 1.05), (date(2017, 7, 1), 1.10), (date(2018, 7, 1), 1.0),
    (date(2020, 3, 10), 1.0), (date(2020, 4, 10), 0.45), (date(2020, 12, 1), 0.72),
    (date(2021, 6, 20), 0.78), (date(2021, 7, 5), 0.5), (date(2021, 11, 1), 0.78),
    (date(2023, 1, 1), 0.95), (date(2025, 1, 1), 1.0),
)  # fmt: skip
_SLOWEST = 0.88  # share of the free-flow speed that is lost where congestion is 1
_JAM_LEVELS = (0.68, 0.6, 0.4, 0.2)  # Waze: levels 1 to 4 begin below these shares of free flow
_INBOUND_SHARE = 0.5  # of the corridors as they are drawn; inbound is full in the morning

# Type, subtype, alerts per 10 minutes at congestion 1, minutes that one is listed.
_ALERTS = (
    ("ACCIDENT", "ACCIDENT_MINOR", 1.4, 45),
    ("ACCIDENT", "ACCIDENT_MAJOR", 0.3, 90),
    ("JAM", "JAM_HEAVY_TRAFFIC", 5.0, 30),
    ("JAM", "JAM_STAND_STILL_TRAFFIC", 1.5, 30),
    ("HAZARD", "HAZARD_ON_SHOULDER_CAR_STOPPED", 2.4, 40),
    ("HAZARD", "HAZARD_ON_ROAD_POT_HOLE", 0.6, 150),
    ("HAZARD", "HAZARD_ON_ROAD_OBJECT", 0.5, 60),
    ("ROAD_CLOSED", "ROAD_CLOSED_CONSTRUCTION", 0.12, 180),
)
_FLOOD_ALERT = ("WEATHERHAZARD", "HAZARD_WEATHER_FLOOD", 14.0, 150)
_ALERT_CELL_S = 600
_HOURS_AT_ONCE = 24 * 60


@dataclass(frozen=True)
class _Roads:
    """Corridors as parallel arrays, and the stretches of both directions that can jam."""

    ids: pa.StringArray
    names: list[str]
    kota: list[str]
    lines: NDArray[np.object_]
    length_m: Floats
    free_kmh: Floats
    basin: list[str]
    arterial: NDArray[np.bool_]
    segment_of: Ints
    segment_from: Floats
    segment_to: Floats
    segment_backward: NDArray[np.bool_]


def congestion(world: World, times: Times) -> Floats:
    """Return how full each corridor is, 0 (free) to 1 (standing): one row a moment."""
    roads = _roads()
    number = np.arange(len(roads.names))
    hour, day = hour_of_day(times), np.floor((hours_of(times) + 7) / 24).astype(np.int64)
    level = np.where((day + 3) % 7 >= 5, _by_hour(_WEEKEND, hour), _by_hour(_WORKDAY, hour))
    level = level * _level_of_year(day) * (1 + 0.05 * world.normal("traffic/day", day))
    level = np.maximum(level, 0.95 * world.scenario_strength(times, "jam-sibuk", 12))
    prone = 0.56 + 0.5 * world.uniform("corridor/prone", number)
    own_day = 1 + 0.07 * world.normal("corridor/day", _pairs(day, number))
    result = level[:, None] * prone * own_day
    for shift in world.shifts:
        if (at := roads.ids.index(shift.subject).as_py()) >= 0:
            result[:, at] *= shift.at(times)
    # Half an hour makes and unmakes a queue, whatever the hour.
    half = hours_of(times) * 2
    knot = np.floor(half).astype(np.int64)
    part = (half - knot)[:, None]
    before = world.uniform("corridor/half", _pairs(knot, number))
    after = world.uniform("corridor/half", _pairs(knot + 1, number))
    result *= 0.86 + 0.28 * (before + (after - before) * part)
    # Some roads lie low and stand in water, most only carry what leaves those.
    low = 0.9 * world.uniform("corridor/low", number) ** 2
    for basin in set(roads.basin):
        here = np.array([b == basin for b in roads.basin])
        rain = world.rain_mm_h(times, basin)
        wet = world.basin_wetness(times, basin)
        result[:, here] += (0.22 * (1 - np.exp(-rain / 8)) * np.sqrt(level))[:, None]
        result[:, here] += wet[:, None] * low[here]
    return np.clip(result, 0, 1)


def waze(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Answer /waze: the snapshot of two minutes that ended last; times in it are UTC."""
    end = math.floor(now.timestamp()) // SNAPSHOT_S * SNAPSHOT_S
    times = np.array([end], np.int64).astype("datetime64[s]")
    full = congestion(world, times)[0]
    jams, irregularities = _jams(world, times, full)
    answer: dict[str, Any] = {
        "startTime": _waze_time(end - SNAPSHOT_S),
        "endTime": _waze_time(end),
        "startTimeMillis": (end - SNAPSHOT_S) * 1000,
        "endTimeMillis": end * 1000,
        "alerts": _alerts(world, end),
        "jams": jams,
        "irregularities": irregularities,
    }
    # Waze leaves out the lists in which there is nothing.
    return Payload.json({name: value for name, value in answer.items() if value != []})


def flow_segment(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /tomtom/flowSegmentData for `point=lat,lon`: the corridor nearest to it."""
    try:
        lat, lon = (float(part) for part in args["point"].split(","))
    except (KeyError, ValueError) as error:
        raise BadRequest("point=lat,lon is needed") from error
    if not (math.isfinite(lat) and math.isfinite(lon)):
        raise BadRequest("point=lat,lon is needed")
    roads = _roads()
    away = shapely.distance(roads.lines, shapely.Point(lon, lat))
    nearest = int(np.argmin(away))
    if away[nearest] * 110.57 > FARTHEST_KM:
        raise BadRequest("Point too far from nearest existing segment.")
    minute = now.replace(second=0, microsecond=0)
    full = float(congestion(world, moments(minute))[0, nearest])
    free, length = float(roads.free_kmh[nearest]), float(roads.length_m[nearest])
    speed = round(free * (1 - _SLOWEST * full))
    return Payload.json(
        {
            "flowSegmentData": {
                "frc": "FRC2" if roads.arterial[nearest] else "FRC3",
                "currentSpeed": speed,
                "freeFlowSpeed": round(free),
                "currentTravelTime": round(length / speed * 3.6),
                "freeFlowTravelTime": round(length / free * 3.6),
                "confidence": 0.95,
                "roadClosure": False,
                "coordinates": {
                    "coordinate": [
                        {"latitude": y, "longitude": x}
                        for x, y in shapely.get_coordinates(roads.lines[nearest]).tolist()
                    ]
                },
            }
        }
    )


def bulk_corridor_hours(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield speed, queue and delay of each corridor and hour, as they are at half past."""
    roads = _roads()
    first, last = math.ceil(start.timestamp() / 3600), math.ceil(end.timestamp() / 3600)
    for begin in range(first, max(last, first + 1), _HOURS_AT_ONCE):
        hours = np.arange(begin, min(begin + _HOURS_AT_ONCE, last))
        full = congestion(world, (hours * 3600 + 1800).astype("datetime64[s]"))
        speed = roads.free_kmh * (1 - _SLOWEST * full)
        # Both directions queue, but seldom both wholly.
        queue = 1.4 * roads.length_m * np.clip((full - 0.36) / 0.64, 0, 1)
        delay = roads.length_m * 3.6 * (1 / speed - 1 / roads.free_kmh)
        ids = np.tile(np.arange(len(roads.ids), dtype=np.int32), len(hours))
        moment = np.repeat(hours * 3_600_000_000, len(roads.ids))
        yield pa.table(
            {
                "event_time": pa.array(moment).cast(pa.timestamp("us", "UTC")),
                "corridor_id": pa.DictionaryArray.from_arrays(pa.array(ids), roads.ids),
                "speed_kmh": np.round(speed, 1).ravel(),
                "jam_m": np.round(queue).ravel(),
                "delay_s": np.round(delay).ravel(),
            }
        )


ROUTES: dict[str, Handler] = {"/waze": waze, "/tomtom/flowSegmentData": flow_segment}
BULK: dict[str, Bulk] = {"corridor_hours": bulk_corridor_hours}


def _jams(
    world: World, times: Times, full: Floats
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return jams, and among them the queues that Waze calls irregular.

    A stretch of one direction keeps one jam, with one uuid, for the half hour or more of its slot.
    """
    roads = _roads()
    second = int(times[0].astype(np.int64))
    corridor = roads.segment_of
    number = np.arange(len(corridor))
    slot_s = (1800 + 3600 * world.uniform("jam/slot", number)).astype(np.int64)
    slot = (second + number * 977) // slot_s
    began = slot * slot_s - number * 977
    mood = 2 * world.uniform("jam/mood", number * 2**24 + slot) - 1
    morning = hour_of_day(times)[0] < 12
    inbound = world.uniform("jam/inbound", corridor) < _INBOUND_SHARE
    rush = np.where(inbound ^ roads.segment_backward ^ morning, 0.8, 1.08)
    local = 0.8 + 0.4 * world.uniform("jam/local", number)
    dense = np.clip(full[corridor] * rush * local + 0.1 * mood, 0, 1)
    share = 1 - _SLOWEST * dense
    level = (share[:, None] < np.array(_JAM_LEVELS)).sum(axis=1)
    wet = {b: float(world.basin_wetness(times, b)[0]) for b in set(roads.basin)}
    flooded = np.array([wet[roads.basin[c]] for c in corridor.tolist()])
    closed = world.uniform("jam/closed", number * 2**24 + slot) < 0.3 * (flooded - 0.4)
    level[closed] = 5
    jams, irregular = [], []
    for i in np.flatnonzero(level > 0).tolist():
        c = int(corridor[i])
        stretch = float(roads.segment_to[i] - roads.segment_from[i]) * float(roads.length_m[c])
        queue = stretch if closed[i] else stretch * min(1.0, 0.35 + 0.9 * float(dense[i]))
        speed_kmh = 0.0 if closed[i] else float(roads.free_kmh[c] * share[i])
        delay = -1 if closed[i] else round(queue * 3.6 * (1 / speed_kmh - 1 / roads.free_kmh[c]))
        line = _stretch(roads, i, queue / stretch)
        jam = {
            "uuid": int(world.uniform("jam/uuid", i * 2**24 + int(slot[i])) * 2**52),
            "country": "ID",
            "city": roads.kota[c],
            "street": roads.names[c],
            "roadType": 6 if roads.arterial[c] else 2,
            "level": int(level[i]),
            "speed": round(speed_kmh / 3.6, 3),
            "speedKMH": round(speed_kmh, 2),
            "length": round(queue),
            "delay": delay,
            "turnType": "NONE",
            "startNode": "",
            "endNode": "",
            "line": line,
            "segments": [],
            "pubMillis": int(began[i]) * 1000,
            "blockingAlertUuid": None,
        }
        jams.append(jam)
        if 3 <= level[i] < 5 and mood[i] > 0.93:
            irregular.append(_irregularity(jam, second, float(roads.free_kmh[c])))
    return jams, irregular


def _irregularity(jam: dict[str, Any], second: int, free_kmh: float) -> dict[str, Any]:
    size = ("Small", "Medium", "Large", "Huge")[min(3, jam["length"] // 300)]
    return {
        "id": jam["uuid"] % 10**9,
        "detectionDateMillis": jam["pubMillis"],
        "detectionDate": _irregular_time(jam["pubMillis"] // 1000),
        "updateDateMillis": second * 1000,
        "updateDate": _irregular_time(second),
        "type": size,
        "speed": jam["speedKMH"],
        "regularSpeed": round(0.7 * free_kmh, 2),
        "delaySeconds": jam["delay"],
        "seconds": round(jam["length"] / max(jam["speed"], 0.5)),
        "length": jam["length"],
        "trend": 0,
        "severity": jam["level"],
        "jamLevel": jam["level"],
        "driversCount": 3 + jam["length"] // 40,
        "alertsCount": 0,
        "nThumbsUp": 0,
        "street": jam["street"],
        "city": jam["city"],
        "country": "ID",
        "highway": False,
        "line": jam["line"],
    }


def _alerts(world: World, end: int) -> list[dict[str, Any]]:
    """Return the alerts that are listed at a moment (seconds since 1970), oldest first."""
    roads = _roads()
    longest = max(minutes for *_, minutes in (*_ALERTS, _FLOOD_ALERT)) * 60
    last = end // _ALERT_CELL_S
    cells = np.arange(last - longest // _ALERT_CELL_S, last + 1)
    times = (cells * _ALERT_CELL_S).astype("datetime64[s]")
    full = congestion(world, times)
    wet = world.wetness(times)
    found = []
    for kind, (name, subtype, rate, minutes) in enumerate((*_ALERTS, _FLOOD_ALERT)):
        flood = subtype == _FLOOD_ALERT[1]
        expected = rate * (np.clip(wet - 0.02, 0, 1) if flood else full.mean(axis=1))
        count = np.floor(expected + world.uniform(f"alert/{kind}", cells)).astype(int)
        for cell, many, row in zip(cells.tolist(), count.tolist(), full, strict=True):
            for n in range(many):
                key = (cell * 64 + n) * 16 + kind
                published = cell * _ALERT_CELL_S + _die(world, "alert/second", key, _ALERT_CELL_S)
                if published > end or published + minutes * 60 <= end:
                    continue
                weight = np.cumsum((row + 0.05) * roads.length_m)
                u = float(world.uniform("alert/corridor", key))
                c = int(np.searchsorted(weight, u * weight[-1], "right"))
                along = float(world.uniform("alert/along", key))
                point = shapely.line_interpolate_point(roads.lines[c], along, normalized=True)
                reliability = 5 + _die(world, "alert/reliability", key, 6)
                found.append(
                    {
                        "uuid": _uuid(world, key),
                        "country": "ID",
                        "city": roads.kota[c],
                        "street": roads.names[c],
                        "roadType": 6 if roads.arterial[c] else 2,
                        "type": name,
                        "subtype": subtype,
                        "location": {"x": round(point.x, 6), "y": round(point.y, 6)},
                        "magvar": _die(world, "alert/heading", key, 360),
                        "nThumbsUp": _die(world, "alert/thumbs", key, 12),
                        "confidence": _die(world, "alert/confidence", key, 6),
                        "reliability": reliability,
                        "reportRating": _die(world, "alert/rating", key, 6),
                        "reportByMunicipalityUser": "false",
                        "pubMillis": published * 1000,
                    }
                )
    return sorted(found, key=lambda alert: (alert["pubMillis"], alert["uuid"]))


def _stretch(roads: _Roads, segment: int, share: float) -> list[dict[str, float]]:
    """Return the first `share` of a segment as Waze points; x is longitude."""
    low, high = float(roads.segment_from[segment]), float(roads.segment_to[segment])
    if roads.segment_backward[segment]:
        low, high = high, low
    corridor = roads.lines[roads.segment_of[segment]]
    line = substring(corridor, low, low + (high - low) * share, normalized=True)
    return [{"x": x, "y": y} for x, y in np.round(shapely.get_coordinates(line), 6).tolist()]


@cache
def _roads() -> _Roads:
    rows = reference("corridors")
    kota = {
        row["code"]: row["name"].replace("Kota Administrasi ", "") for row in reference("areas")
    }
    lines = shapely.from_wkt([row["line"] for row in rows])
    length = np.array([float(row["length_m"]) for row in rows])
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    pieces = np.maximum(1, np.round(length / SEGMENT_M)).astype(int)
    of = np.repeat(np.arange(len(rows)), pieces)
    piece = np.concatenate([np.arange(n) for n in pieces])
    return _Roads(
        ids=pa.array([row["corridor_id"] for row in rows]),
        names=[row["name"] for row in rows],
        kota=[kota[row["kota_code"]] for row in rows],
        lines=lines,
        length_m=length,
        free_kmh=np.array([float(row["free_flow_kmh"]) for row in rows]),
        basin=[basin_at(lon, lat) for lon, lat in middle.tolist()],
        arterial=np.array([row["class"] == "arteri" for row in rows]),
        segment_of=np.tile(of, 2),
        segment_from=np.tile(piece / pieces[of], 2),
        segment_to=np.tile((piece + 1) / pieces[of], 2),
        segment_backward=np.repeat([False, True], len(of)),
    )


def _by_hour(curve: tuple[float, ...], hour: Floats) -> Floats:
    return np.interp(hour, np.arange(25), [*curve, curve[0]])


def _level_of_year(day: Ints) -> Floats:
    knots = [(d - date(1970, 1, 1)).days for d, _ in _LEVELS_OF_YEARS]
    level = np.interp(day, knots, [value for _, value in _LEVELS_OF_YEARS])
    for row in reference("holidays"):
        away = day - (date.fromisoformat(row["date"]) - date(1970, 1, 1)).days
        near = (away >= -int(row["days_before"])) & (away <= int(row["days_after"]))
        level = np.where(near, level * float(row["activity"]), level)
    return level


def _pairs(first: Ints, second: Ints) -> Ints:
    """Return one index for each pair, a row for each of `first`."""
    result: Ints = first[:, None] * 128 + second[None, :]
    return result


def _die(world: World, name: str, key: int, sides: int) -> int:
    return int(float(world.uniform(name, key)) * sides)


def _uuid(world: World, key: int) -> str:
    high, low = (int(float(world.uniform(f"alert/{half}", key)) * 2**53) for half in ("u", "v"))
    return str(uuid.UUID(int=(high << 70 | low << 11) & (1 << 128) - 1, version=4))


def _waze_time(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M:%S}:000"


def _irregular_time(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%a %b %d %H:%M:%S +0000 %Y}"
