"""Field crews of the simulated city: 2,000 devices in Traccar, and the roster that says who works.

A crew belongs to a kelurahan and works in shifts. Each hour of a shift it walks about its area, or
goes to a complaint that is in hand there and stays with it; that is its task. Units have names
("PPSU Gambir 03"), never persons.

Answers   /traccar/api/devices and /traccar/api/positions (speed in knots; a moving phone reports
          each minute, a still one every five, one in fifty is silent for some hours)
          /roster, in a format of our own; times are WIB with their offset, until and task_id may
          be null:
          {"generated_at": "2026-02-18T19:00:10+07:00",
           "roster": [{"officer_id": "17", "state": "assigned", "task_id": "JK2602180123",
                       "since": "2026-02-18T18:00:00+07:00", "until": "2026-02-18T20:00:00+07:00"}]}
          officer_id is the device's id, state one of on_duty, assigned, off
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.city.complaints import Task, tasks_in_hand
from etl.city.world import WIB, Bulk, Floats, Handler, Ints, Payload, World, reference

OFFICERS = 2_000
KNOTS = 3600 / 1852  # of one metre a second

_DAY, _HOUR, _LEG = 86_400, 3_600, 1_200
_WIB_SECONDS = 7 * 3600
_REPORT_S, _STILL_REPORT_S = 60, 300
_UPLINK_S = 2  # from the fix to the server
_SILENT_SHARE, _SILENT_S = 0.02, 2 * 3600
# Begin and end of the shifts in hours of the day (WIB), and the share of crews in each; the last is
# that of the offices, on working days only.
_SHIFTS = ((6.0, 14.0, 0.46), (14.0, 22.0, 0.26), (22.0, 30.0, 0.14), (7.5, 16.0, 0.14))
_OFFICE = 3
_M_PER_DEGREE = 110_570.0


@dataclass(frozen=True)
class _Kind:
    """One kind of crew.

    Args:
        name: First words of the unit's name.
        agency: Perangkat daerah whose complaints it handles.
        category: Traccar's kind of device.
        each: Units in every kelurahan.
        more: Units beyond those, spread over the city.
        reach: How far it goes, in radii of its kelurahan.
        pace: Share of its time on the move.
    """

    name: str
    agency: str
    category: str
    each: int
    more: int
    reach: float
    pace: float


# The city has some 100 PPSU and a few Satpol PP a kelurahan; a device stands for a crew.
_KINDS = (
    _Kind("PPSU", "KELURAHAN", "person", 3, 0, 0.5, 0.35),
    _Kind("Satpol PP", "SATUAN POLISI PAMONG PRAJA", "motorcycle", 1, 0, 0.7, 0.3),
    _Kind("Dishub", "DINAS PERHUBUNGAN", "motorcycle", 0, 250, 1.2, 0.4),
    _Kind("Satgas SDA", "DINAS SUMBER DAYA AIR", "person", 0, 250, 0.8, 0.3),
    _Kind("Bina Marga", "DINAS BINA MARGA", "truck", 0, 140, 1.3, 0.3),
    _Kind("Pertamanan", "DINAS PERTAMANAN DAN HUTAN", "truck", 0, 120, 1.3, 0.3),
    _Kind("LH", "DINAS LINGKUNGAN HIDUP", "truck", 0, 112, 1.3, 0.5),
    _Kind("BPBD", "BADAN PENANGGULANGAN BENCANA DAERAH", "car", 0, 60, 1.5, 0.25),
)


@dataclass(frozen=True)
class _Crews:
    """All crews as parallel arrays; distances in degrees of latitude."""

    names: list[str]
    kind: Ints
    kelurahan: Ints
    lon: Floats
    lat: Floats
    reach: Floats
    pace: Floats
    shift: Ints
    rest_day: Ints
    phase: Ints


@dataclass(frozen=True)
class _Fixes:
    """Where each crew was last heard of; times in seconds since 1970."""

    time: Ints
    lon: Floats
    lat: Floats
    speed_m_s: Floats
    course: Floats
    battery: Floats
    online: NDArray[np.bool_]


def devices(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Answer /traccar/api/devices."""
    crews, fixes = _crews(world.seed), _fixes(world, math.floor(now.timestamp()))
    return Payload.json(
        [
            {
                "id": i + 1,
                "name": name,
                "uniqueId": f"{99_000_000_000_000 + i + 1:015d}",
                "status": "online" if fixes.online[i] else "offline",
                "disabled": False,
                "lastUpdate": _utc_text(fixes.time[i] + _UPLINK_S),
                "positionId": _position_id(i, int(fixes.time[i])),
                "groupId": int(crews.kind[i]) + 1,
                "phone": None,
                "model": None,
                "contact": None,
                "category": _KINDS[crews.kind[i]].category,
                "attributes": {},
            }
            for i, name in enumerate(crews.names)
        ]
    )


def positions(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Answer /traccar/api/positions: the last fix of each device."""
    crews, fixes = _crews(world.seed), _fixes(world, math.floor(now.timestamp()))
    number = np.arange(len(crews.names))
    accuracy = np.round(4 + 14 * world.uniform("officer/accuracy", number * 2**34 + fixes.time), 1)
    rows = []
    for i in number.tolist():
        fixed = _utc_text(fixes.time[i])
        rows.append(
            {
                "id": _position_id(i, int(fixes.time[i])),
                "deviceId": i + 1,
                "protocol": "osmand",
                "deviceTime": fixed,
                "fixTime": fixed,
                "serverTime": _utc_text(fixes.time[i] + _UPLINK_S),
                "outdated": False,
                "valid": True,
                "latitude": round(float(fixes.lat[i]), 6),
                "longitude": round(float(fixes.lon[i]), 6),
                "altitude": 8.0,
                "speed": round(float(fixes.speed_m_s[i]) * KNOTS, 3),
                "course": round(float(fixes.course[i]), 1),
                "address": None,
                "accuracy": float(accuracy[i]),
                "network": None,
                "geofenceIds": None,
                "attributes": {
                    "batteryLevel": round(float(fixes.battery[i])),
                    "motion": bool(fixes.speed_m_s[i] > 0),
                },
            }
        )
    return Payload.json(rows)


def roster(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Answer /roster: the present state of each crew."""
    crews, second = _crews(world.seed), math.floor(now.timestamp())
    begin, end, following = _shifts(world, np.full(len(crews.names), second))
    rows = []
    for i in range(len(crews.names)):
        if second >= end[i]:
            state, task, since, until = "off", None, int(end[i]), int(following[i])
        else:
            task, since = _task_since(world, i, second, int(begin[i]))
            hour_ends = second - second % _HOUR + _HOUR
            state = "assigned" if task else "on_duty"
            until = min(int(end[i]), hour_ends) if task else int(end[i])
        rows.append(
            {
                "officer_id": str(i + 1),
                "state": state,
                "task_id": task,
                "since": _wib_text(since),
                "until": _wib_text(until),
            }
        )
    return Payload.json({"generated_at": _wib_text(second), "roster": rows})


ROUTES: dict[str, Handler] = {
    "/traccar/api/devices": devices,
    "/traccar/api/positions": positions,
    "/roster": roster,
}
BULK: dict[str, Bulk] = {}


def _fixes(world: World, second: int) -> _Fixes:
    """Return the last fix of each crew that the server has at a moment."""
    crews = _crews(world.seed)
    number = np.arange(len(crews.names))
    heard = np.full(len(number), second - _UPLINK_S)
    begin, end, _ = _shifts(world, heard)
    working = heard < end
    slot = heard // _SILENT_S
    silent = world.uniform("officer/silent", number * 2**24 + slot) < _SILENT_SHARE
    heard = np.where(silent, np.maximum(slot * _SILENT_S, begin), heard)
    heard = np.minimum(heard, end)
    newest = heard - (heard - crews.phase) % _STILL_REPORT_S
    for back in range(_STILL_REPORT_S // _REPORT_S - 1, -1, -1):
        tick = heard - (heard - crews.phase) % _REPORT_S - back * _REPORT_S
        newest = np.where(_way(world, tick)[2] > 0, np.maximum(newest, tick), newest)
    newest = np.clip(newest, begin, end)
    lon, lat, speed, course = _way(world, newest)
    drain = 4 + 5 * world.uniform("officer/drain", number)
    battery = np.clip(99 - drain * (newest - begin) / _HOUR, 8, 99)
    return _Fixes(newest, lon, lat, speed, course, battery, working & ~silent)


def _way(world: World, second: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Return longitude, latitude, speed (m/s) and course of each crew, each at its own moment.

    A leg of twenty minutes begins where the last one ended; the crew moves in its first part.
    """
    crews = _crews(world.seed)
    leg = second // _LEG
    from_lon, from_lat = _goal(world, leg - 1)
    to_lon, to_lat = _goal(world, leg)
    moving_s = _LEG * crews.pace
    part = (second % _LEG) / moving_s
    eased = np.clip(part, 0, 1)
    east = (to_lon - from_lon) * np.cos(np.radians(crews.lat)) * _M_PER_DEGREE
    north = (to_lat - from_lat) * _M_PER_DEGREE
    speed = np.where(part < 1, np.hypot(east, north) / moving_s, 0.0)
    return (
        from_lon + (to_lon - from_lon) * eased,
        from_lat + (to_lat - from_lat) * eased,
        speed,
        np.degrees(np.arctan2(east, north)) % 360,
    )


def _goal(world: World, leg: Ints) -> tuple[Floats, Floats]:
    """Return where each crew's leg ends: about its task, else anywhere in its area."""
    crews = _crews(world.seed)
    index = np.arange(len(crews.names)) * 2**28 + leg
    away = crews.reach * np.sqrt(world.uniform("officer/away", index))
    turn = 2 * np.pi * world.uniform("officer/turn", index)
    lon, lat = crews.lon.copy(), crews.lat.copy()
    hour = leg * _LEG // _HOUR
    for one in np.unique(hour).tolist():
        for i, task in _assignments(world, one).items():
            if hour[i] == one:
                lon[i], lat[i], away[i] = task.lon, task.lat, away[i] * 0.05
    return lon + away * np.cos(turn), lat + away * np.sin(turn)


@lru_cache(maxsize=256)
def _assignments(world: World, hour: int) -> dict[int, Task]:
    """Return the task of each crew that has one in an hour (counted from 1970).

    The crews on duty of an agency and kelurahan take the complaints in hand there, longest first.
    """
    crews, second = _crews(world.seed), hour * _HOUR
    _, end, _ = _shifts(world, np.full(len(crews.names), second))
    agencies = [kind.agency for kind in _KINDS]
    waiting: dict[tuple[str, int], list[Task]] = {}
    for task in tasks_in_hand(world, datetime.fromtimestamp(second, UTC)):
        waiting.setdefault((task.agency, task.kelurahan), []).append(task)
    taken = {}
    for i in np.flatnonzero(second < end).tolist():
        queue = waiting.get((agencies[crews.kind[i]], int(crews.kelurahan[i])))
        if queue:
            taken[i] = queue.pop(0)
    return taken


def _task_since(world: World, crew: int, second: int, begin: int) -> tuple[str | None, int]:
    """Return a crew's task and from when on, within its shift, it has had it or been free."""
    hour, first = second // _HOUR, begin // _HOUR
    task = _assignments(world, hour).get(crew)
    task_id = task.complaint_id if task else None
    while hour > first:
        before = _assignments(world, hour - 1).get(crew)
        if (before.complaint_id if before else None) != task_id:
            break
        hour -= 1
    return task_id, max(begin, hour * _HOUR)


def _shifts(world: World, second: Ints) -> tuple[Ints, Ints, Ints]:
    """Return begin and end of each crew's latest shift, and the begin of its next one."""
    crews = _crews(world.seed)
    number = np.arange(len(crews.names))
    begins = np.array([begin for begin, _, _ in _SHIFTS])[crews.shift]
    ends = np.array([end for _, end, _ in _SHIFTS])[crews.shift]
    latest_begin = np.zeros(len(number), np.int64)
    latest_end, following = latest_begin.copy(), latest_begin.copy()
    today = (second + _WIB_SECONDS) // _DAY
    for ahead in range(-4, 5):
        day = today + ahead
        weekday = (day + 3) % 7
        works = np.where(crews.shift == _OFFICE, weekday < 5, weekday != crews.rest_day)
        late_h = 0.5 * world.uniform("officer/late", number * 2**24 + day) - 0.25
        begin = day * _DAY - _WIB_SECONDS + ((begins + late_h) * _HOUR).astype(np.int64)
        end = day * _DAY - _WIB_SECONDS + ((ends + late_h) * _HOUR).astype(np.int64)
        begun = works & (begin <= second)
        latest_begin, latest_end = (
            np.where(begun, begin, latest_begin),
            np.where(begun, end, latest_end),
        )
        following = np.where(works & ~begun & (following == 0), begin, following)
    return latest_begin, latest_end, following


@cache
def _crews(seed: int) -> _Crews:
    world = World(seed)
    kelurahan = [row for row in reference("areas") if row["level"] == "kelurahan"]
    kind, home = [], []
    for k, one in enumerate(_KINDS):
        spread = world.rng("crews", one.name).permutation(len(kelurahan))
        homes = [*(list(range(len(kelurahan))) * one.each), *spread[: one.more].tolist()]
        home += sorted(homes)
        kind += [k] * len(homes)
    names, counts = [], dict[tuple[int, int], int]()
    for k, h in zip(kind, home, strict=True):
        counts[k, h] = counts.get((k, h), 0) + 1
        names.append(f"{_KINDS[k].name} {kelurahan[h]['name']} {counts[k, h]:02d}")
    number = np.arange(len(names))
    at, kinds = np.array(home), np.array(kind)
    radius = np.sqrt(np.array([float(row["area_km2"]) for row in kelurahan]) / np.pi)[at] / 110.57
    shares = np.cumsum([share for _, _, share in _SHIFTS])[:-1]
    return _Crews(
        names=names,
        kind=kinds,
        kelurahan=at,
        lon=np.array([float(row["lon"]) for row in kelurahan])[at],
        lat=np.array([float(row["lat"]) for row in kelurahan])[at],
        reach=radius * np.array([one.reach for one in _KINDS])[kinds],
        pace=np.array([one.pace for one in _KINDS])[kinds],
        shift=np.searchsorted(shares, world.uniform("officer/shift", number), "right"),
        rest_day=np.floor(7 * world.uniform("officer/rest", number)).astype(np.int64),
        phase=np.floor(_STILL_REPORT_S * world.uniform("officer/phase", number)).astype(np.int64),
    )


def _position_id(crew: int, second: int) -> int:
    return second % 10**9 * 10_000 + crew + 1


def _utc_text(second: Any) -> str:
    return datetime.fromtimestamp(int(second), UTC).isoformat(timespec="milliseconds")


def _wib_text(second: int) -> str:
    return datetime.fromtimestamp(second, WIB).isoformat()
