"""The wall's map: a picture of the city as SVG, and over it what is abnormal, and nothing else.

Reads  outlines, gates_now, inundations_now, jams_now, alarms_now, air_now

The picture is drawn once a page. What lies over it is a panel: kelurahan with inundations, the
worst jams, and marks that carry their position, their rank and their words. assets/dinding.js puts
the marks on the picture and gives words to as many of them, gravest first, as find room.
"""

from __future__ import annotations

import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dash_svg as svg
import orjson
import shapely
from dash import html
from dash.development.base_component import Component
from shapely.geometry.base import BaseGeometry

from dashboards import layers, maps, parts
from data import words
from data.queries import Row

BASE_MAP = Path(__file__).parents[1] / "assets" / "basemap.geojson"
# A unit is 1e-4 degrees of latitude, 11 m; a degree of longitude is as much shorter as here.
UNITS = 10_000
ORIGIN = (106.0, -5.0)
SHORTER = math.cos(math.radians(6.2))
# 44 m: less than a pixel where the city fills a wall of 2160 lines.
OUTLINE_DEGREES = 4e-4
# The coast reaches beyond what any extent shows.
FAR = 40_000
WHOLE_CITY = "31"
ISLANDS = "31.01"
# Space around the outline of an area, as a share of its size.
MARGIN = 0.06
LEAST_DEGREES = 0.01
JAMS_SHOWN, STREETS_NAMED, AIR_SHOWN, FLOODED_NAMED = 24, 4, 6, 6
HEAVY = 4
UNHEALTHY = 101
# Place names are never cut; where they are long, by these.
SHORT = {"Bendung ": "Bd. ", "Pintu Air ": "P.A. ", "Kelurahan ": "Kel. ", "Kecamatan ": "Kec. "}
_BOX = re.compile(r"(-?\d{1,3}(?:\.\d+)?)(?:,(-?\d{1,3}(?:\.\d+)?)){3}\Z")


@dataclass(frozen=True)
class Extent:
    """A part of the earth to be shown, in degrees."""

    west: float
    south: float
    east: float
    north: float

    def view_box(self) -> str:
        """Return it as SVG's viewBox, in units of the picture."""
        left, top = place(self.west, self.north)
        right, bottom = place(self.east, self.south)
        return f"{left} {top} {right - left} {bottom - top}"


(_SOUTH, _WEST), (_NORTH, _EAST) = maps.MAINLAND
CITY = Extent(_WEST, _SOUTH, _EAST, _NORTH)


@dataclass(frozen=True)
class Mark:
    """Something abnormal at a place.

    Args:
        key: Keeps a mark itself from one drawing to the next.
        rank: What finds room first; 0 is gravest.
        scene: The scene to which it belongs; empty where it belongs to all.
        words: What stands beside the symbol.
        beyond: Drawn at the edge where it lies outside the picture: water comes from there.
        quiet: Shown only once its reading is stale.
        spoken: Not shown without its words: the picture shows it otherwise.
    """

    key: str
    lon: float
    lat: float
    rank: int
    symbol: Component
    words: Component
    scene: str = ""
    beyond: bool = False
    quiet: bool = False
    spoken: bool = False


def place(lon: float, lat: float) -> tuple[int, int]:
    """Return a point (degrees) in units of the picture."""
    west, north = ORIGIN
    return round((lon - west) * SHORTER * UNITS), round((north - lat) * UNITS)


def read_extent(text: object, areas: Mapping[str, Extent]) -> Extent | None:
    """Read `31`, the code of a kota or kecamatan, or `west,south,east,north`; None for nonsense."""
    if not isinstance(text, str):
        return None
    if text == WHOLE_CITY:
        return CITY
    if text in areas:
        return areas[text]
    if not _BOX.match(text):
        return None
    west, south, east, north = (float(part) for part in text.split(","))
    region_south, region_west = maps.REGION[0]
    region_north, region_east = maps.REGION[1]
    inside = region_west <= west < east <= region_east and (
        region_south <= south < north <= region_north
    )
    wide = east - west >= LEAST_DEGREES and north - south >= LEAST_DEGREES
    return Extent(west, south, east, north) if inside and wide else None


def area_extents(outlines: Sequence[Row]) -> dict[str, Extent]:
    """Return what shows each kota and kecamatan whole, by its code; rows of `outlines`."""
    rows = [row for row in outlines if row["level"] in ("kota", "kecamatan")]
    boxes = shapely.bounds(shapely.from_geojson([row["geometry"] for row in rows]))
    return {
        row["code"]: _around(*(float(edge) for edge in box))
        for row, box in zip(rows, boxes, strict=True)
    }


def _around(west: float, south: float, east: float, north: float) -> Extent:
    wide = max(east - west, LEAST_DEGREES) * MARGIN
    high = max(north - south, LEAST_DEGREES) * MARGIN
    return Extent(west - wide, south - high, east + wide, north + high)


def picture(outlines: Sequence[Row], extent: Extent) -> Component:
    """Return land, boundaries and rivers; rows of `outlines`.

    Each kelurahan is a shape of its own, which the panel over it may have filled.
    """
    shapes = dict(zip([row["code"] for row in outlines], _simple(outlines), strict=True))
    level = {row["code"]: row["level"] for row in outlines}
    approximate = any(row["approximate"] for row in outlines)
    return svg.Svg(
        [
            svg.Path(d=_path(_land()), className="wall-land"),
            svg.G(
                [
                    svg.Path(d=_path(shape), **{"data-kelurahan": code})
                    for code, shape in shapes.items()
                    if level[code] == "kelurahan"
                ],
                className="wall-kelurahan",
            ),
            *(
                svg.Path(d=_path(shape), className="wall-kota")
                for code, shape in shapes.items()
                if level[code] == "kota"
            ),
            svg.Path(d="".join(_river_paths()), className="wall-river"),
        ],
        viewBox=extent.view_box(),
        preserveAspectRatio="xMidYMid meet",
        className="wall-picture is-approximate" if approximate else "wall-picture",
        **{"aria-hidden": "true"},
    )


def islands(outlines: Sequence[Row]) -> Component:
    """Return Kepulauan Seribu, which lies north of every picture; rows of `outlines`."""
    found = [
        row
        for row in outlines
        if row["level"] == "kelurahan" and row["code"].startswith(f"{ISLANDS}.")
    ]
    extent = area_extents(outlines).get(ISLANDS, CITY)
    return html.Div(
        [
            svg.Svg(
                [
                    svg.Path(d=_path(shape), **{"data-kelurahan": row["code"]})
                    for row, shape in zip(found, _simple(found), strict=True)
                ],
                viewBox=extent.view_box(),
                preserveAspectRatio="xMidYMid meet",
                className="wall-picture wall-kelurahan",
                **{"aria-hidden": "true"},
            ),
            html.Span("Kep. Seribu"),
        ],
        className="map-inset",
    )


def place_names(outlines: Sequence[Row]) -> list[Component]:
    """Return the names of the kota, each at its middle; rows of `outlines`."""
    named = []
    for row in outlines:
        if row["level"] == "kota" and row["code"] != ISLANDS:
            middle = shapely.get_coordinates(
                shapely.point_on_surface(shapely.from_geojson(row["geometry"]))
            )[0]
            x, y = place(*middle)
            name = row["name"].removeprefix("Kota Administrasi ")
            named.append(
                html.Div(name, className="map-name", **{"data-x": str(x), "data-y": str(y)})
            )
    return named


def leaders() -> Component:
    """Return the place of the lines that lead from marks to words that stand farther away."""
    return svg.Svg(svg.Path(d="M0 0"), className="map-leaders", **{"aria-hidden": "true"})


def over(
    gates: Sequence[Row],
    flooded: Sequence[Row],
    jams: Sequence[Row],
    alarms: Sequence[Row],
    air: Sequence[Row],
) -> list[Component]:
    """Return what is abnormal, to lie over the picture.

    Args:
        gates: Rows of `gates_now`.
        flooded: Rows of `inundations_now`, deepest first.
        jams: Rows of `jams_now`, worst first.
        alarms: Rows of `alarms_now`, gravest first.
        air: Rows of `layers.air_stations`.
    """
    marks = [
        *_gates(gates),
        *_floods(flooded),
        *_alarms(alarms),
        *_air(air),
        *_streets(jams),
    ]
    return [
        svg.Svg(
            _jam_lines(jams),
            viewBox=CITY.view_box(),
            preserveAspectRatio="xMidYMid meet",
            className="wall-over",
            **{"aria-hidden": "true"},
        ),
        *_flooded(flooded),
        html.Div([_mark(mark) for mark in marks], className="map-marks"),
    ]


def short(name: str) -> str:
    """Write a place's name as short as the table allows, and no shorter."""
    for long, brief in SHORT.items():
        name = name.replace(long, brief)
    return name


def shape(*kinds: str, text: str | None = None) -> Component:
    """Return a symbol that assets/dinding.css draws."""
    looks = " ".join(f"shape-{kind}" for kind in kinds)
    return html.Span(text, className=f"shape {looks}", **{"aria-hidden": "true"})


def siaga_symbol(siaga: int | None) -> Component:
    """Return a siaga by shape and fill; the gravest carries its number."""
    return shape(f"siaga-{siaga or 'none'}", text="1" if siaga == 1 else None)


def ispu_symbol(category: str | None) -> Component:
    """Return a category of ISPU by shape and fill."""
    number = "none" if category is None else layers.ISPU_WORDS.index(category)
    return shape(f"ispu-{number}")


def depth_symbol(row: Row) -> Component:
    """Return the depth of a row of `inundations_now` by fill."""
    return shape("depth", f"depth-{layers.depth_of(row)}")


def delay(seconds: float | None) -> str:
    """Write how long a jam holds up; None is a closed street."""
    return "ditutup" if seconds is None else f"+{words.quantity(seconds / 60, 'mnt')}"


def arrow(rise_cm_h: float | None) -> Component | None:
    """Return which way the water moves, as an arrow with its word for readers."""
    way = layers.trend(rise_cm_h)
    if way is None:
        return None
    return html.Span(
        {"naik": "↗", "tetap": "→", "turun": "↘"}[way], className=f"trend trend-{way}", title=way
    )


def level(row: Row) -> Component:
    """Return the water level of a row of `gates_now`, which knows its age."""
    return parts.reading(
        row["level_cm"],
        "cm",
        moment=row["event_time"],
        late_s=row["late_s"],
        expired_s=row["expired_s"],
    )


def judged_siaga(row: Row, body: Any) -> Component:
    """Return what a row of `gates_now` is judged to be, as long as it can be."""
    return parts.judged(
        body, moment=row["event_time"], late_s=row["late_s"], expired_s=row["expired_s"]
    )


def _mark(mark: Mark) -> Component:
    x, y = place(mark.lon, mark.lat)
    return html.Div(
        [mark.symbol, html.Div(mark.words, className="map-label")],
        className="map-mark is-quiet" if mark.quiet else "map-mark",
        **{
            "data-key": mark.key,
            "data-x": str(x),
            "data-y": str(y),
            "data-rank": str(mark.rank),
            "data-of": mark.scene,
            "data-beyond": "yes" if mark.beyond else "",
            "data-spoken": "yes" if mark.spoken else "",
        },
    )


def _gates(rows: Sequence[Row]) -> Iterator[Mark]:
    for row in rows:
        siaga = row["siaga"]
        told = row["level_cm"] is not None
        yield Mark(
            key=f"gate:{row['station_id']}",
            lon=row["lon"],
            lat=row["lat"],
            rank=10 * (siaga or 5),
            symbol=judged_siaga(row, siaga_symbol(siaga if told else None)),
            words=html.Span(
                [html.Strong(short(row["name"])), html.Br(), level(row), arrow(row["rise_cm_h"])]
            ),
            beyond=siaga is not None and siaga < 3,
            quiet=not told or siaga is None or siaga > 3,
        )


def _floods(rows: Sequence[Row]) -> Iterator[Mark]:
    for code, places in list(_by_kelurahan(rows).items())[:FLOODED_NAMED]:
        deepest = places[0]
        if deepest["lon"] is None:
            continue
        count = len(places)
        unit = (
            "RT/RW"
            if len({row["area_level"] for row in places}) > 1
            else places[0]["area_level"].upper()
        )
        yield Mark(
            key=f"flood:{code}",
            lon=deepest["lon"],
            lat=deepest["lat"],
            rank=25,
            spoken=True,
            symbol=depth_symbol(deepest),
            words=html.Span(
                [
                    html.Strong(f"Kel. {deepest['kelurahan']}"),
                    html.Br(),
                    f"{words.number(count)} {unit}, ",
                    layers.DEPTHS[layers.depth_of(deepest)],
                ]
            ),
        )


def _flooded(rows: Sequence[Row]) -> list[Component]:
    """Return which kelurahan of the picture are to be filled, and how."""
    return [
        html.I(**{"data-flooded": code, "data-depth": layers.depth_of(places[0])})
        for code, places in _by_kelurahan(rows).items()
    ]


def _by_kelurahan(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of each kelurahan, deepest first, the worst kelurahan first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["kelurahan_code"]:
            found[row["kelurahan_code"]].append(row)
    return found


def _alarms(rows: Sequence[Row]) -> Iterator[Mark]:
    # Gates, air and streets have marks of their own.
    for row in rows:
        if row["subject_kind"] in ("pump_house", "kelurahan", "place") and row["lon"] is not None:
            yield Mark(
                key=row["alarm_id"],
                lon=row["lon"],
                lat=row["lat"],
                rank=30,
                spoken=row["subject_kind"] == "kelurahan",
                scene="pengaduan" if row["subject_kind"] == "kelurahan" else "banjir",
                symbol=shape(row["subject_kind"].replace("_", "-")),
                words=html.Span([html.Strong(row["subject"]), html.Br(), row["title"]]),
            )


def _air(rows: Sequence[Row]) -> Iterator[Mark]:
    told = [row for row in rows if row["index"] is not None and row["index"] >= UNHEALTHY]
    for row in sorted(told, key=lambda row: -row["index"])[:AIR_SHOWN]:
        yield Mark(
            key=f"air:{row['station_id']}",
            lon=row["lon"],
            lat=row["lat"],
            rank=45,
            scene="udara",
            symbol=ispu_symbol(row["category"]),
            words=html.Span(
                [html.Strong(row["name"]), html.Br(), f"ISPU {words.number(row['index'])}"]
            ),
        )


def _streets(rows: Sequence[Row]) -> Iterator[Mark]:
    named: set[str] = set()
    for row in rows:
        if row["level"] < HEAVY or not row["street"] or row["street"] in named:
            continue
        if row["lon"] is None or len(named) == STREETS_NAMED:
            continue
        named.add(row["street"])
        yield Mark(
            key=f"jam:{row['street']}",
            lon=row["lon"],
            lat=row["lat"],
            rank=50,
            spoken=True,
            scene="lalu-lintas",
            symbol=shape(f"jam-{row['level']}"),
            words=html.Span(
                [
                    html.Strong(row["street"]),
                    html.Br(),
                    delay(row["delay_s"]),
                ]
            ),
        )


def _jam_lines(rows: Sequence[Row]) -> list[Component]:
    heavy = [row for row in rows if row["level"] >= HEAVY and row["geometry"]][:JAMS_SHOWN]
    return [
        svg.Path(
            d=_line(orjson.loads(row["geometry"])["coordinates"]),
            className=f"is-jam-{row['level']}",
        )
        for row in heavy
    ]


def _simple(outlines: Sequence[Row]) -> list[BaseGeometry]:
    geometries = shapely.from_geojson([row["geometry"] for row in outlines])
    return list(shapely.simplify(geometries, OUTLINE_DEGREES))


@functools.cache
def _land() -> BaseGeometry:
    features = orjson.loads(BASE_MAP.read_bytes())["features"]
    land = next(one for one in features if one["properties"]["id"] == "darat")
    return shapely.from_geojson(orjson.dumps(land["geometry"]).decode())


def _river_paths() -> list[str]:
    features = orjson.loads(maps.river_features())["features"]
    return [_line(one["geometry"]["coordinates"]) for one in features]


def _path(shape: BaseGeometry) -> str:
    """Return polygons as the path of an SVG."""
    rings = [
        ring
        for polygon in getattr(shape, "geoms", [shape])
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    return "".join(f"{_line(list(ring.coords))}Z" for ring in rings)


def _line(coordinates: Sequence[Sequence[float]]) -> str:
    points = [place(point[0], point[1]) for point in coordinates]
    return "M" + "L".join(f"{x} {y}" for x, y in points)
