"""Areas as shapes: the approximate default, and in which area a point lies.

Geometry is GeoJSON text, lon and lat in WGS 84, as it stands in `area_shapes` of the lake. Lengths
are measured on a plane through Jakarta, true to 0.2 % from Katulampa to Kepulauan Seribu.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from data.lake import Lake
from data.reference import rows

LEVELS = ("kota", "kecamatan", "kelurahan", "rw")
SHORE_M = 200.0  # a point in no area belongs to one that is as near as this
GRID = 1e-6  # degrees, 0.1 m: finer digits only make the text longer

# A kelurahan's point stands about in its middle. Discs a tenth wider than one of its own area, with
# the notches between them closed up to twice _NOTCH_M, fit the real outline of the city best
# (intersection over union 0.93).
_REACH = 1.1
_NOTCH_M = 1_200.0
# A point far from all others is an island with its sea; half way to its neighbour, but no further.
_SEA_M = 3_500.0
# Surveyed neighbours leave seams of a few metres between them, which would be holes in the whole.
_SEAM_M = 10.0
# How far from its true place the public sees a complaint; the grid's step is about 400 m.
BLUR_M = 150.0
_COARSE = (0.0036, 0.0036)
_METRES = np.array([111_320 * math.cos(math.radians(6.2)), 110_574.0])


@dataclass(frozen=True)
class Shape:
    """The outline of one area: a row of `area_shapes`.

    Args:
        level: One of `LEVELS`.
        code: Kemendagri code; of an RW the kelurahan's with three digits more.
        parent_code: Code of the area around it.
        geometry: GeoJSON Polygon or MultiPolygon.
        approximate: Drawn from points, not surveyed: a map says "batas perkiraan".
        source: Where it comes from.
    """

    level: str
    code: str
    name: str
    parent_code: str
    geometry: str
    approximate: bool
    source: str


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return the distance of two points (degrees) in metres; good to 1 % within the region."""
    east = (other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return math.hypot(east, other_lat - lat) * 111_195.0


def nearby(lon: float, lat: float) -> tuple[float, float]:
    """Return a place near a point (degrees), 150 m away or more, that does not tell where it was.

    It is the nearest of a coarse grid that is so far away: many points share it, and nobody who
    knows how it is chosen comes closer than some hundred metres.
    """
    column, line = math.floor(lon / _COARSE[0]), math.floor(lat / _COARSE[1])
    nodes = (
        ((column + right) * _COARSE[0], (line + up) * _COARSE[1])
        for right in range(-1, 3)
        for up in range(-1, 3)
    )
    away = [(distance_m(lon, lat, *node), node) for node in nodes]
    return min((metres, node) for metres, node in away if metres >= BLUR_M)[1]


def known_areas(level: str) -> Mapping[str, Mapping[str, str]]:
    """Return code to row of `data/reference/areas.csv`, in order of code."""
    found = {row["code"]: row for row in rows("areas") if row["level"] == level}
    return MappingProxyType(dict(sorted(found.items())))


def default_shapes() -> list[Shape]:
    """Draw kelurahan, kecamatan and kota from the kelurahan points, until boundaries are loaded.

    Each kelurahan is the part of the land that is nearest to its point; the land is where discs
    around the points reach, without the holes between them.
    """
    areas = known_areas("kelurahan")
    at = np.array([(float(row["lon"]), float(row["lat"])) for row in areas.values()]) * _METRES
    points = shapely.points(at)
    neighbour_m = shapely.distance(points[:, None], points[None, :])
    np.fill_diagonal(neighbour_m, np.inf)
    own_m = np.sqrt([float(row["area_km2"]) * 1e6 / math.pi for row in areas.values()])
    reach_m = np.maximum(_REACH * own_m, np.minimum(neighbour_m.min(axis=1) / 2, _SEA_M))
    discs = shapely.union_all(shapely.buffer(points, reach_m))
    land = _without_holes(_closed(discs, _NOTCH_M, "round"))
    cells = shapely.voronoi_polygons(
        shapely.multipoints(points), extend_to=shapely.buffer(land, _SEA_M), ordered=True
    )
    clipped = shapely.intersection(shapely.get_parts(cells), land)
    kelurahan = [
        Shape(
            "kelurahan",
            code,
            row["name"],
            row["parent_code"],
            _drawn(outline),
            True,
            "nearest kelurahan point of data/reference/areas.csv",
        )
        for (code, row), outline in zip(areas.items(), clipped, strict=True)
    ]
    return [*kelurahan, *dissolve(kelurahan)]


def shapes_from(found: Iterable[Mapping[str, Any]]) -> list[Shape]:
    """Return rows of `area_shapes` as shapes; other columns are left out."""
    names = [field.name for field in fields(Shape)]
    return [Shape(**{name: row[name] for name in names}) for row in found]


def kelurahan_locator(lake: Lake) -> Locator:
    """Return the locator over the kelurahan that the lake holds."""
    return Locator(
        shapes_from(
            lake.rows(
                "select level, code, name, parent_code, geometry, approximate, source"
                " from area_shapes where level = 'kelurahan'"
            )
        )
    )


def dissolve(kelurahan: Sequence[Shape]) -> list[Shape]:
    """Merge kelurahan into the kecamatan and kota that they make up."""
    groups: dict[tuple[str, str], list[Shape]] = defaultdict(list)
    parents = {
        level: {code: row["parent_code"] for code, row in known_areas(level).items()}
        for level in ("kelurahan", "kecamatan", "kota")
    }
    for shape in kelurahan:
        kecamatan = parents["kelurahan"][shape.code]
        groups["kecamatan", kecamatan].append(shape)
        groups["kota", parents["kecamatan"][kecamatan]].append(shape)
    return [
        Shape(
            level,
            code,
            known_areas(level)[code]["name"],
            parents[level][code],
            _drawn(_closed(shapely.union_all(_on_plane(group)), _SEAM_M, "mitre")),
            any(shape.approximate for shape in group),
            group[0].source,
        )
        for (level, code), group in sorted(groups.items())
    ]


class Locator:
    """Finds the area of points.

    Args:
        shapes: Areas of one level.
    """

    def __init__(self, shapes: Sequence[Shape]) -> None:
        ordered = sorted(shapes, key=lambda shape: shape.code)
        self._codes = np.array([*(shape.code for shape in ordered), None], dtype=object)
        self._tree = shapely.STRtree(_on_plane(ordered))

    def locate(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.object_]:
        """Return the code of each point's area, None for a point outside all of them.

        A point on two areas goes to the smaller code, a point on none to the nearest within
        `SHORE_M`.

        Args:
            lons: Degrees; NaN or None where there is no position.
            lats: As `lons`.
        """
        at = np.column_stack([np.asarray(lons, np.float64), np.asarray(lats, np.float64)])
        placed = np.flatnonzero(np.isfinite(at).all(axis=1))
        points = shapely.points(at[placed] * _METRES)
        # Areas stand in order of code and "none" is last, so the smallest number is the answer.
        none = len(self._codes) - 1
        found = np.full(len(at), none)
        if none:
            which, area = self._tree.query(points, predicate="intersects")
            np.minimum.at(found, placed[which], area)
            lost = found[placed] == none
            which, area = self._tree.query_nearest(points[lost], max_distance=SHORE_M)
            np.minimum.at(found, placed[lost][which], area)
        codes: NDArray[np.object_] = self._codes[found]
        return codes


def _on_plane(shapes: Sequence[Shape]) -> NDArray[np.object_]:
    outlines = shapely.from_geojson([shape.geometry for shape in shapes])
    return shapely.transform(outlines, lambda degrees: degrees * _METRES)


def _drawn(outline: shapely.Geometry) -> str:
    degrees = shapely.transform(outline, lambda metres: metres / _METRES)
    return shapely.to_geojson(shapely.set_precision(degrees, GRID))


def _closed(
    land: shapely.Geometry, metres: float, join: Literal["round", "mitre"]
) -> shapely.Geometry:
    return shapely.buffer(shapely.buffer(land, metres, join_style=join), -metres, join_style=join)


def _without_holes(land: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(land))))
