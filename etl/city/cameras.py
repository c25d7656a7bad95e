"""Cameras of the simulated city: the list of 5,000, and pictures that are drawn as they are asked.

500 cameras watch water: every gauge twice, every pump house, and banks of the rivers between them.
They see a staff gauge with the water at the level that the telemetry measures there. The others
see roads, on which the vehicles are as many and as slow as the traffic of the nearest corridor.
Six in ten belong to an operator who lets nobody fetch pictures: those are only embedded.

Answers   /cameras (the list; URLs in it are relative to it), /cameras/<id>/snapshot.jpg and
          /cameras/<id>/embed.html
Pictures  one every ten seconds, the same bytes within them; Last-Modified says when it was taken
Outages   some four in a hundred are for some hours frozen, black, unreachable (HTTP 503), looped
          (a recording of a minute again and again, dated as new) or delayed (half an hour old,
          and dated so)
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from html import escape
from typing import Literal, TypeAlias

import numpy as np
import shapely
from PIL import Image, ImageDraw, ImageFont
from werkzeug.exceptions import NotFound, ServiceUnavailable

from etl.city import water
from etl.city.traffic import congestion
from etl.city.world import (
    BASINS,
    WIB,
    Bulk,
    Handler,
    Payload,
    Times,
    World,
    basin_at,
    reference,
)

_Rgb: TypeAlias = tuple[int, int, int]
Kind: TypeAlias = Literal["road", "gate", "pump", "other"]
Sight: TypeAlias = Literal["live", "frozen", "black", "unreachable", "looped", "delayed"]

FRAME_S = 10
SIZE = (320, 180)

_CITY_SOUTH = -6.38
_FLOOD_CAMERAS = 500
_ON_CORRIDORS = 1_200
_IN_KELURAHAN = 600
_EMBEDDED = 2_700
_OUTAGE_SLOT_S = 6 * 3600
# Share of the slots in which a camera fails, and how.
_OUTAGES: tuple[tuple[Sight, float], ...] = (
    ("frozen", 0.012),
    ("black", 0.008),
    ("unreachable", 0.015),
    ("looped", 0.003),
    ("delayed", 0.003),
)
_LOOP_S = 60
_DELAY_S = 1800
_HORIZON = 62
_STAFF_PX_CM = 0.22
_STAFF_TOP, _STAFF_FOOT = 44, 176
_FLOODLIGHT = 0.5  # gates and pumps are lit at night
_WHITE = (235, 235, 235)
_SKY_OVER_WATER = (150, 176, 196)
_WATERLINE = 118  # row of the picture at which siaga 3 stands
_SIAGA: tuple[_Rgb, ...] = ((240, 220, 60), (240, 150, 40), (220, 40, 40))
_PAINT: tuple[_Rgb, ...] = (
    (235, 235, 235), (30, 30, 34), (150, 152, 156), (170, 30, 34), (36, 70, 140), (90, 92, 98),
)  # fmt: skip


@dataclass(frozen=True)
class Camera:
    """One camera.

    Args:
        number: Place in the list, from 0.
        watches: Gauge whose water it sees, or None.
        corridor: Corridor (as counted in `corridors.csv`) whose traffic it sees, or None.
    """

    camera_id: str
    name: str
    owner: str
    lon: float
    lat: float
    kind: Kind = "road"
    proxied: bool = True
    number: int = 0
    watches: str | None = None
    corridor: int | None = None


def camera_list(world: World, _now: datetime, _args: Mapping[str, str]) -> Payload:
    """Answer /cameras in the shape of the scraped toll list, with the city's own fields."""
    return Payload.json(
        {
            "schemaVersion": 1,
            "sources": [],
            "cameras": [
                {
                    "id": camera.camera_id,
                    "providerCameraId": str(camera.number + 1),
                    "highwayId": None,
                    "name": camera.name,
                    "owner": camera.owner,
                    "kind": camera.kind,
                    "flood": camera.kind == "gate",
                    "proxied": camera.proxied,
                    "snapshotUrl": f"cameras/{camera.camera_id}/snapshot.jpg"
                    if camera.proxied
                    else None,
                    "embedUrl": f"cameras/{camera.camera_id}/embed.html",
                    "streamUrl": None,
                    "sourcePage": None,
                    "lat": camera.lat,
                    "lon": camera.lon,
                    "enabled": True,
                }
                for camera in cameras(world.seed)
            ],
        }
    )


def snapshot(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /cameras/<id>/snapshot.jpg.

    Raises:
        NotFound: There is no such camera.
        ServiceUnavailable: The camera is unreachable now.
    """
    camera = _camera(world, args)
    second = math.floor(now.timestamp()) // FRAME_S * FRAME_S
    state, since = sight(world, camera, second)
    if state == "unreachable":
        raise ServiceUnavailable("camera does not answer")
    taken = _taken(state, since, second)
    if state == "black":
        image = Image.new("RGB", SIZE, (2, 2, 2))
    elif camera.watches is not None:
        image = _water(world, camera, taken)
    else:
        image = _road(world, camera, taken)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=70)
    # Only the delayed one tells the truth about its age.
    told = taken if state == "delayed" else second
    modified = datetime.fromtimestamp(told, WIB)
    return replace(Payload.of(body.getvalue(), "image/jpeg"), modified=modified)


def embed(world: World, _now: datetime, args: Mapping[str, str]) -> Payload:
    """Answer /cameras/<id>/embed.html: a page of the operator with the picture in it."""
    camera = _camera(world, args)
    page = (
        '<!doctype html><html lang="id"><meta charset="utf-8"><meta http-equiv="refresh"'
        f' content="{FRAME_S}"><title>{escape(camera.name)}</title>'
        f'<img src="snapshot.jpg" width="100%" alt="{escape(camera.name)}"></html>'
    )
    return Payload.of(page, "text/html; charset=utf-8")


ROUTES: dict[str, Handler] = {
    "/cameras": camera_list,
    "/cameras/<id>/snapshot.jpg": snapshot,
    "/cameras/<id>/embed.html": embed,
}
BULK: dict[str, Bulk] = {}


def sight(world: World, camera: Camera, second: int) -> tuple[Sight, int]:
    """Return what a camera shows at a moment (seconds since 1970), and since when it fails."""
    slot = second // _OUTAGE_SLOT_S
    index = camera.number * 2**24 + slot
    chance = float(world.uniform("camera/outage", index))
    for state, share in _OUTAGES:
        if chance < share:
            begin = slot * _OUTAGE_SLOT_S + int(
                float(world.uniform("camera/begin", index)) * _OUTAGE_SLOT_S / 2
            )
            begin -= begin % FRAME_S
            return (state, begin) if second >= begin else ("live", second)
        chance -= share
    return "live", second


def _taken(state: Sight, since: int, second: int) -> int:
    """Return when the picture was taken that a camera shows at `second`."""
    match state:
        case "frozen":
            return since
        case "looped":
            return since - _LOOP_S + (second - since) % _LOOP_S
        case "delayed":
            return second - _DELAY_S
    return second


@cache
def cameras(seed: int) -> tuple[Camera, ...]:
    """Return all cameras of a city."""
    found = itertools.chain(_flood_cameras(seed), _corridor_cameras(), _kelurahan_cameras(seed))
    return tuple(replace(camera, number=number) for number, camera in enumerate(found))


def _flood_cameras(seed: int) -> list[Camera]:
    world, owner = World(seed), "DSDA DKI Jakarta"
    found = [
        Camera(
            camera_id=f"dsda-{post.station_id}-{side}",
            name=f"{post.name} {side}",
            owner=owner,
            kind="gate",
            lon=post.lon,
            lat=post.lat,
            watches=post.station_id,
        )
        for post in water.stations()
        for side in ("hulu", "hilir")
    ]
    for row in reference("pump_houses"):
        lon, lat = float(row["lon"]), float(row["lat"])
        found.append(
            Camera(
                camera_id=f"dsda-pompa-{row['pump_house_id']}",
                name=f"Rumah Pompa {row['name']}",
                owner=owner,
                kind="pump",
                lon=lon,
                lat=lat,
                watches=_nearest_gauge(lon, lat),
            )
        )
    posts = [post for post in water.stations() if post.lat > _CITY_SOUTH]
    for number in range(_FLOOD_CAMERAS - len(found)):
        post = posts[number % len(posts)]
        away = 0.004 + 0.012 * float(world.uniform("camera/bank", number))
        turn = math.pi * float(world.uniform("camera/turn", number))
        # Never north of the gauge: that may be the sea.
        found.append(
            Camera(
                camera_id=f"dsda-kali-{number + 1:03d}",
                name=f"Kali {post.river} {number + 1:03d}",
                owner=owner,
                kind="other",
                lon=round(post.lon + away * math.cos(turn), 6),
                lat=round(post.lat - away * math.sin(turn), 6),
                watches=post.station_id,
            )
        )
    return found


def _corridor_cameras() -> list[Camera]:
    rows = reference("corridors")
    length = np.array([float(row["length_m"]) for row in rows])
    ends = np.floor(np.cumsum(length) / length.sum() * _ON_CORRIDORS + 0.5).astype(int)
    found = []
    for corridor, many in enumerate(np.diff(ends, prepend=0).tolist()):
        row = rows[corridor]
        line = shapely.from_wkt(row["line"])
        for n in range(many):
            point = line.interpolate((n + 0.5) / many, normalized=True)
            found.append(
                Camera(
                    camera_id=f"atcs-{row['corridor_id'].lower()}-{n + 1:02d}",
                    name=f"{row['name']} {n + 1:02d}",
                    owner="Dinas Perhubungan (ATCS)",
                    lon=round(point.x, 6),
                    lat=round(point.y, 6),
                    corridor=corridor,
                )
            )
    return found


def _kelurahan_cameras(seed: int) -> list[Camera]:
    world = World(seed)
    kelurahan = [row for row in reference("areas") if row["level"] == "kelurahan"]
    number = np.arange(_IN_KELURAHAN + _EMBEDDED)
    home = number % len(kelurahan)
    radius = np.sqrt(np.array([float(row["area_km2"]) for row in kelurahan]) / np.pi)[home] / 110.57
    away = 0.7 * radius * np.sqrt(world.uniform("camera/away", number))
    turn = 2 * np.pi * world.uniform("camera/round", number)
    lon = np.array([float(row["lon"]) for row in kelurahan])[home] + away * np.cos(turn)
    lat = np.array([float(row["lat"]) for row in kelurahan])[home] + away * np.sin(turn)
    corridors = shapely.STRtree(shapely.from_wkt([row["line"] for row in reference("corridors")]))
    nearest = np.asarray(corridors.nearest(shapely.points(np.column_stack([lon, lat]))))
    found = []
    for i in number.tolist():
        ours = i < _IN_KELURAHAN
        found.append(
            Camera(
                camera_id=f"{'jakcctv' if ours else 'umum'}-{i + 1:04d}",
                name=f"{kelurahan[home[i]]['name']} {i // len(kelurahan) + 1:03d}",
                owner="Diskominfotik DKI Jakarta" if ours else "Operator jaringan publik",
                proxied=ours,
                lon=round(float(lon[i]), 6),
                lat=round(float(lat[i]), 6),
                corridor=int(nearest[i]),
            )
        )
    return found


def _water(world: World, camera: Camera, second: int) -> Image.Image:
    """Draw a channel with its staff gauge; the water stands at the level of the gauge."""
    station = _stations()[camera.watches or ""]
    level = _levels(world, second // 60 * 60)[station.station_id]
    siaga3 = station.siaga_cm[0] if station.siaga_cm else level + 100
    line = min(max(_row_of(level, siaga3), _STAFF_TOP), _STAFF_FOOT)
    light = max(_light(second), _FLOODLIGHT)
    rain = _rain(world, second, basin_at(camera.lon, camera.lat))
    image = Image.new("RGB", SIZE, _lit(_SKY_OVER_WATER, light * _cloudy(rain)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 40, 320, 180), fill=_lit((134, 130, 122), light))
    draw.polygon(((0, 180), (70, 46), (250, 46), (320, 180)), fill=_lit((92, 90, 84), light))
    inset = 70 * (180 - line) / 134
    surface = ((0, 180), (inset, line), (320 - inset, line), (320, 180))
    draw.polygon(surface, fill=_lit((104, 92, 66), light))
    for ripple in range(8):
        x = 30 + (second * 7 + ripple * 61 + camera.number * 13) % 246
        y = line + 3 + ripple * (176 - line) // 8
        draw.line((x, y, x + 14, y), fill=_lit((140, 128, 98), light))
    _staff(draw, station.siaga_cm, siaga3, line)
    _weather(draw, camera, second, rain)
    _caption(draw, camera, second)
    return image


def _staff(draw: ImageDraw.ImageDraw, limits: tuple[float, ...], siaga3: float, line: int) -> None:
    """Draw the staff gauge with a mark each 10 cm, as far as it stands out of the water."""
    draw.rectangle((150, _STAFF_TOP, 166, _STAFF_FOOT), outline=_WHITE)
    first = round(siaga3 / 10) * 10
    for mark in range(first - 250, first + 350, 10):
        row = _row_of(mark, siaga3)
        if _STAFF_TOP <= row < line:
            draw.line((150, row, 158 if mark % 50 else 166, row), fill=_WHITE)
            if mark % 50 == 0:
                draw.text((170, row - 6), str(mark), fill=_WHITE, font=_font())
    for limit, colour in zip(limits, _SIAGA, strict=False):
        row = _row_of(limit, siaga3)
        draw.rectangle((140, row - 1, 149, row + 1), fill=colour)


def _row_of(level_cm: float, siaga3: float) -> int:
    return round(_WATERLINE - (level_cm - siaga3) * _STAFF_PX_CM)


def _road(world: World, camera: Camera, second: int) -> Image.Image:
    """Draw a road of two by two lanes; in a full corridor the vehicles are many and slow."""
    full = _full(world, second // 60 * 60)[camera.corridor or 0]
    light, rain = _light(second), _rain(world, second, basin_at(camera.lon, camera.lat))
    image = Image.new("RGB", SIZE, _lit((140, 172, 205), light * _cloudy(rain)))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, _HORIZON, 320, 180), fill=_lit((96, 112, 84), light))
    for block in range(8):
        height = 10 + (camera.number * 37 + block * 53) % 40
        fill = _lit((118 + height, 112 + height, 108 + height), 0.8 * light)
        draw.rectangle((block * 42, _HORIZON - height, block * 42 + 34, _HORIZON), fill=fill)
    draw.polygon(
        ((144, _HORIZON), (176, _HORIZON), (312, 180), (8, 180)), fill=_lit((70, 70, 74), light)
    )
    draw.line((160, _HORIZON, 160, 180), fill=_lit((220, 200, 90), light), width=2)
    count = 4 + round(26 * full)
    pace = 0.35 * (1 - full) ** 2 + 0.008
    dice = world.uniform("camera/vehicle", camera.number * 64 + np.arange(count)).tolist()
    vehicles = []
    for n, die in enumerate(dice):
        lane = n % 4
        along = (die + second / FRAME_S * pace * (1 if lane < 2 else -1)) % 1
        vehicles.append((along**2, lane, die))
    for depth, lane, die in sorted(vehicles):
        row = _HORIZON + depth * (176 - _HORIZON)
        half = 16 + 136 * depth
        column = 160 + half * (lane - 1.5) / 2.2
        size = 2 + 17 * depth
        body = _lit(_PAINT[int(die * 97) % len(_PAINT)], light)
        draw.rectangle((column - size * 0.6, row - size * 0.9, column + size * 0.6, row), fill=body)
        lamp = (255, 244, 200) if lane < 2 else (220, 30, 30)
        draw.rectangle((column - size * 0.5, row - 3, column + size * 0.5, row - 1), fill=lamp)
    _weather(draw, camera, second, rain)
    _caption(draw, camera, second)
    return image


def _weather(draw: ImageDraw.ImageDraw, camera: Camera, second: int, rain: float) -> None:
    for drop in range(min(60, int(rain * 4))):
        x = (drop * 97 + second * 31 + camera.number * 7) % 320
        y = (drop * 53 + second * 17) % 160
        draw.line((x, y, x - 2, y + 9), fill=(176, 184, 192))


def _caption(draw: ImageDraw.ImageDraw, camera: Camera, second: int) -> None:
    draw.rectangle((0, 0, 320, 13), fill=(16, 18, 22))
    written = f"{datetime.fromtimestamp(second, WIB):%d-%m-%Y %H:%M:%S} WIB"
    draw.text((4, 1), camera.name[:28], fill=_WHITE, font=_font())
    draw.text((194, 1), written, fill=_WHITE, font=_font())
    draw.text((4, 168), "SIMULASI", fill=_WHITE, font=_font())


def _light(second: int) -> float:
    """Return daylight, 0.22 (street lamps) to 1; the sun rises and sets near six, WIB."""
    hour = (second / 3600 + 7) % 24
    return 0.22 + 0.78 * min(1.0, max(0.0, 0.5 - 1.6 * math.cos(hour / 12 * math.pi)))


def _cloudy(rain: float) -> float:
    return 1 - 0.4 * min(rain / 20, 1)


def _lit(colour: _Rgb, light: float) -> _Rgb:
    red, green, blue = colour
    return int(red * light), int(green * light), int(blue * (0.15 + 0.85 * light))


@lru_cache(maxsize=8)
def _full(world: World, second: int) -> tuple[float, ...]:
    return tuple(congestion(world, _moment(second))[0].tolist())


@lru_cache(maxsize=8)
def _levels(world: World, second: int) -> Mapping[str, float]:
    return {
        post.station_id: float(water.level_cm(world, post.station_id, _moment(second))[0])
        for post in water.stations()
    }


def _rain(world: World, second: int, basin: str) -> float:
    return _rains(world, second // 60 * 60)[basin]


@lru_cache(maxsize=8)
def _rains(world: World, second: int) -> Mapping[str, float]:
    return {basin: float(world.rain_mm_h(_moment(second), basin)[0]) for basin in BASINS}


@cache
def _stations() -> Mapping[str, water.Station]:
    return {post.station_id: post for post in water.stations()}


@cache
def _by_id(seed: int) -> Mapping[str, Camera]:
    return {camera.camera_id: camera for camera in cameras(seed)}


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=10)


def _camera(world: World, args: Mapping[str, str]) -> Camera:
    try:
        return _by_id(world.seed)[args["id"]]
    except KeyError as error:
        raise NotFound("no such camera") from error


def _nearest_gauge(lon: float, lat: float) -> str:
    return min(
        water.stations(), key=lambda post: math.hypot(post.lon - lon, post.lat - lat)
    ).station_id


def _moment(second: int) -> Times:
    return np.array([second], np.int64).astype("datetime64[s]")
