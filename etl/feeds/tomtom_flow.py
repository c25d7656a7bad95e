"""TomTom flow: speed and delay on the road segment nearest to the middle of each corridor.

Source   https://api.tomtom.com/traffic/services/4/flowSegmentData/absolute/10/json?key=KEY  JSON,
         one request a corridor of the reference table `corridors`
Licence  TomTom developer terms; 100 corridors every 5 minutes are beyond the free quota
Quirks   The answer has no time: it counts as of the moment of fetching.
         It names no road: name and id are those of the corridor that was asked for. A file
         without them goes by its middle coordinate.
         A point too far from any road is answered 400: that corridor is a reject.
         The level is ours, from current to free-flow speed, at the limits of TomTom's own traffic
         conditions (https://developer.tomtom.com/knowledgebase, read 2026-09): free from 90 %,
         heavy 62.5 %, slow 35 %, queuing 25 %, stationary below; 5 is closed.
         The length is that of the segment, also where it flows.
Sample   tests/samples/tomtom_flow.json, of our own making
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import shapely

from etl.documents import json_document
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Row, State
from etl.reading import each, number

LEVELS = ((0.9, 0), (0.625, 1), (0.35, 2), (0.25, 3), (0.0, 4))
CLOSED = 5
EARTH_RADIUS_M = 6_371_009


@dataclass(frozen=True)
class Corridor:
    """The corridor that a request asks for."""

    corridor_id: str
    name: str


def requests(state: State) -> Exchange:
    """Ask for each corridor.

    Raises:
        FetchError: Not one was answered.
    """
    asked = [
        _request(state.url, row)
        for row in state.query("select corridor_id, name, line from corridors order by corridor_id")
    ]
    if not asked:
        return
    answers = yield asked
    assert isinstance(answers, Sequence)
    errors = [answer.error for answer in answers if answer.error is not None]
    if len(errors) == len(asked):
        raise errors[0]


def _request(url: str, corridor: Row) -> Request:
    line: Any = shapely.from_wkt(corridor["line"])
    middle = line.interpolate(0.5, normalized=True)
    # Not in `params`: those would replace the key that the URL already carries.
    query = urlencode({"point": f"{middle.y:.5f},{middle.x:.5f}", "unit": "KMPH"}, safe=",")
    return Request(
        f"{url}{'&' if '?' in url else '?'}{query}",
        tolerate=True,
        about=Corridor(corridor["corridor_id"], corridor["name"]),
    )


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield the row of one segment.

    Raises:
        Malformed: `body` is not JSON with `flowSegmentData`.
    """
    corridor = context.about if isinstance(context.about, Corridor) else None
    if context.error is not None:
        yield Reject(f"{corridor.corridor_id if corridor else 'koridor'}: {context.error}")
        return
    document = json_document(body)
    segment = document.get("flowSegmentData") if isinstance(document, Mapping) else None
    if not isinstance(segment, Mapping):
        raise Malformed("seharusnya objek JSON dengan flowSegmentData")

    def read(found: Mapping[str, Any]) -> Row:
        return _read(found, corridor, context)

    yield from each((segment,), "traffic_jams", read)


def _read(segment: Mapping[str, Any], corridor: Corridor | None, context: Context) -> Row:
    line = _line(segment)
    if corridor is None and not line:
        raise BadField("coordinates", "kosong, dan tidak ada koridor yang diminta")
    lon, lat = line[len(line) // 2] if line else (None, None)
    speed, free_flow = number(segment, "currentSpeed"), number(segment, "freeFlowSpeed")
    closed = segment.get("roadClosure") is True
    return {
        "event_time": context.fetched_at,
        "jam_id": corridor.corridor_id if corridor else f"{lat:.5f},{lon:.5f}",
        "street": corridor.name if corridor else None,
        "level": CLOSED if closed else _level(speed, free_flow),
        "speed_kmh": speed,
        "length_m": _length_m(line) if len(line) > 1 else None,
        "delay_s": None if closed else _delay_s(segment),
        "geometry": (
            orjson.dumps({"type": "LineString", "coordinates": line}).decode()
            if len(line) > 1
            else None
        ),
        "lon": lon,
        "lat": lat,
    }


def _level(speed: float | None, free_flow: float | None) -> int | None:
    if speed is None or free_flow is None:
        return None
    if free_flow <= 0 or speed < 0:
        raise BadField("freeFlowSpeed" if free_flow <= 0 else "currentSpeed", "tidak positif")
    return next(level for limit, level in LEVELS if speed / free_flow >= limit)


def _delay_s(segment: Mapping[str, Any]) -> float | None:
    current, free_flow = number(segment, "currentTravelTime"), number(segment, "freeFlowTravelTime")
    if current is None or free_flow is None:
        return None
    return max(0.0, current - free_flow)


def _line(segment: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the vertices as (lon, lat); empty where the source gives none."""
    coordinates = segment.get("coordinates")
    vertices = coordinates.get("coordinate") if isinstance(coordinates, Mapping) else None
    if not isinstance(vertices, list):
        return []
    line = []
    for vertex in vertices:
        if not isinstance(vertex, Mapping):
            raise BadField("coordinates", "seharusnya titik dengan latitude dan longitude")
        lon, lat = number(vertex, "longitude"), number(vertex, "latitude")
        if lon is None or lat is None:
            raise BadField("coordinates", "seharusnya titik dengan latitude dan longitude")
        line.append((lon, lat))
    return line


def _length_m(line: Sequence[tuple[float, float]]) -> float:
    """Return the length on a sphere, short steps taken as flat."""
    return sum(
        EARTH_RADIUS_M
        * math.hypot(
            math.radians(lon - before_lon) * math.cos(math.radians((lat + before_lat) / 2)),
            math.radians(lat - before_lat),
        )
        for (before_lon, before_lat), (lon, lat) in itertools.pairwise(line)
    )


FEED = Feed(
    title="Arus lalu lintas TomTom",
    source="TomTom Traffic Flow, developer.tomtom.com",
    licence="Ketentuan pengembang TomTom, dengan kunci sendiri",
    reads="JSON of TomTom with flowSegmentData",
    tables=("traffic_jams",),
    parse=parse,
    requests=requests,
    every=timedelta(minutes=5),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=45),
    parallel=4,
)
