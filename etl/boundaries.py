"""Area boundaries from GeoJSON files of any maker: found by their codes, whatever the property.

Quirks  the code's property has many names, with dots or without; BPS codes beside Kemendagri's;
        one area in several features; an RW has a number, its kelurahan a code; broken rings
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import geopandas
import shapely

from data.areas import GRID, LEVELS, Shape, known_areas
from etl.errors import BadField, Malformed, Misconfigured
from etl.feed import Reject
from etl.geojson import Feature, read_features
from etl.reading import raw_text

# Degrees: corners of less than 11 m by 11 m are cut, which no map shows.
_TOLERANCE = 1e-4
# Not just any name with rw in it: jumlah_rw counts them.
_RW_NAMES = frozenset({"rw", "no_rw", "nomor_rw", "nama_rw", "rw_name"})
_RW_NUMBER = re.compile(r"(?:rw)?[ .]*0*([1-9]\d{0,2})\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Boundaries:
    """What a file of boundaries holds.

    Args:
        level: Level of all its areas.
        shapes: One an area, in order of code.
        rejects: Features that are of no known area, or cannot be drawn.
        missing: Codes that the file should have and has not; of RW the kelurahan without any.
    """

    level: str
    shapes: list[Shape]
    rejects: list[Reject]
    missing: list[str]


class _Area(NamedTuple):
    code: str
    name: str
    parent_code: str


def read_boundaries(body: bytes, level: str | None, source: str) -> Boundaries:
    """Read the outlines of areas.

    Args:
        body: GeoJSON FeatureCollection whose features carry Kemendagri or BPS codes.
        level: One of `data.areas.LEVELS`; None takes the finest that the codes are of.
        source: Where the file comes from.

    Raises:
        Malformed: It is no such file; the message says what is missing.
        Misconfigured: There is no such level.
    """
    items = list(read_features(body))
    features = [item for item in items if isinstance(item, Feature)]
    rejects = [item for item in items if isinstance(item, Reject)]
    if not features:
        raise Malformed(f"seharusnya batas wilayah; {rejects[0].reason}")
    level = level or _finest_level(features)
    area_of = _area_finder(features, level)
    areas: dict[str, _Area] = {}
    pieces: list[tuple[str, shapely.Geometry]] = []
    for feature in features:
        try:
            area, outline = area_of(feature), _polygons(feature.geometry)
        except BadField as error:
            rejects.append(Reject(error.reason, error.field, raw_text(feature.properties)))
        else:
            areas[area.code] = area
            pieces.append((area.code, outline))
    if not pieces:
        raise Malformed(f"seharusnya batas {level}; {rejects[0].reason}")
    frame = geopandas.GeoDataFrame(pieces, columns=["code", "outline"], geometry="outline")
    whole = frame.dissolve("code").geometry
    # Neighbours keep the line between them.
    outlines = whole.simplify_coverage(_TOLERANCE).set_precision(GRID)
    shapes = [
        Shape(level, *areas[code], shapely.to_geojson(outline), False, source)
        for code, outline in outlines.items()
    ]
    return Boundaries(level, shapes, rejects, _missing(level, sorted(areas.values())))


def _missing(level: str, areas: Sequence[_Area]) -> list[str]:
    if level == "rw":
        found = {area.parent_code for area in areas}
        return [code for code in known_areas("kelurahan") if code not in found]
    found = {area.code for area in areas}
    return [code for code in known_areas(level) if code not in found]


def _area_finder(features: Sequence[Feature], level: str) -> Callable[[Feature], _Area]:
    """Find out which properties name the area, and return what reads them.

    Raises:
        Misconfigured: There is no such level.
        Malformed: No property does.
    """
    if level not in LEVELS:
        raise Misconfigured(f"{level} is no level of areas; there are {', '.join(LEVELS)}")
    base = "kelurahan" if level == "rw" else level
    codes, known = _spellings(base), known_areas(base)
    code_name = _code_property(features, codes)
    if code_name is None:
        raise Malformed(_no_codes(features, base))
    rw_name = _rw_property(features)
    if level == "rw" and rw_name is None:
        raise Malformed("seharusnya ada properti rw berisi nomor RW")

    def find(feature: Feature) -> _Area:
        code = codes.get(_spelt(feature.properties.get(code_name)))
        if code is None:
            raise BadField(code_name, f"bukan kode {base}")
        if level == "rw" and rw_name is not None:
            return _rw(feature, code, rw_name)
        return _Area(code, known[code]["name"], known[code]["parent_code"])

    return find


def _spelt(value: Any) -> str:
    """Return a code without its dots, also where a tool made it the number 3171011001.0.

    A kota keeps the dot: 3171 is Jakarta Pusat for Kemendagri and Jakarta Selatan for BPS.
    """
    text = str(value).strip().removesuffix(".0")
    return text if len(text) <= len("31.71") else text.replace(".", "")


def _spellings(level: str) -> dict[str, str]:
    """Return the digits of each known code, and of its BPS twin, to the Kemendagri code."""
    known = known_areas(level)
    return {_spelt(code): code for code in known} | {
        row["bps_code"]: code for code, row in known.items() if row["bps_code"]
    }


def _code_property(features: Sequence[Feature], codes: Mapping[str, str]) -> str | None:
    known: Counter[str] = Counter()
    for feature in features:
        known.update(name for name, value in feature.properties.items() if _spelt(value) in codes)
    return max(known, key=lambda name: known[name]) if known else None


def _finest_level(features: Sequence[Feature]) -> str:
    for level in ("kelurahan", "kecamatan", "kota"):
        if _code_property(features, _spellings(level)) is not None:
            return "rw" if level == "kelurahan" and _rw_property(features) else level
    return "kelurahan"


def _rw_property(features: Sequence[Feature]) -> str | None:
    names = (name for feature in features for name in feature.properties)
    return next((name for name in names if name.casefold() in _RW_NAMES), None)


def _rw(feature: Feature, kelurahan: str, rw_property: str) -> _Area:
    number = _RW_NUMBER.match(str(feature.properties.get(rw_property)).strip())
    if number is None:
        raise BadField(rw_property, "bukan nomor RW")
    return _Area(f"{kelurahan}.{int(number[1]):03}", f"RW {int(number[1]):02}", kelurahan)


def _polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the surfaces of a geometry, of which mending a ring may leave lines besides."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    surfaces = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    if not surfaces.size:
        raise BadField("geometry", "seharusnya bidang, ditemukan titik atau garis")
    return shapely.union_all(surfaces)


def _no_codes(features: Sequence[Feature], level: str) -> str:
    names = sorted({name for feature in features for name in feature.properties})
    example = next(iter(known_areas(level)))
    return (
        f"seharusnya ada properti berisi kode {level} (misalnya {example});"
        f" properti berkas ini: {', '.join(names)[:500] or 'tidak ada'}"
    )
