"""Area boundaries from GeoJSON files of any maker: found by their codes, whatever the property.

Quirks  the code's property has many names, with dots or without; BPS codes beside Kemendagri's;
        one area in several features; an RW has a number, its kelurahan a code; broken rings
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from data.areas import GRID, Shape, known_areas
from etl.errors import BadField, Malformed
from etl.feed import Reject
from etl.geojson import Feature, read_features
from etl.reading import raw_text

# Degrees: corners of less than 11 m by 11 m are cut, which no map shows.
_TOLERANCE = 1e-4
_RW_NAME = re.compile(r"(?:\A|_)rw(?:\Z|_)", re.IGNORECASE)
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
    """
    items = list(read_features(body))
    features = [item for item in items if isinstance(item, Feature)]
    rejects = [item for item in items if isinstance(item, Reject)]
    level = level or _finest_level(features)
    base = "kelurahan" if level == "rw" else level
    codes = _spellings(base)
    code_property = _code_property(features, codes)
    if code_property is None:
        raise Malformed(_no_codes(features, rejects, base))
    rw_property = _rw_property(features) if level == "rw" else None
    if level == "rw" and rw_property is None:
        raise Malformed("a property rw with the number of the RW expected, none found")
    pieces: dict[_Area, list[shapely.Geometry]] = defaultdict(list)
    for feature in features:
        try:
            code = codes.get(_spelt(feature.properties.get(code_property)))
            if code is None:
                raise BadField(code_property, f"no code of a {base}")
            area = _rw(feature, code, rw_property) if rw_property else _known(level, code)
            outline = _polygons(feature.geometry)
        except BadField as error:
            rejects.append(Reject(error.reason, error.field, raw_text(feature.properties)))
        else:
            pieces[area].append(outline)
    if not pieces:
        raise Malformed(f"outlines of {level} expected; {rejects[0].reason}")
    ordered = sorted(pieces)
    outlines = _simplified([shapely.union_all(pieces[area]) for area in ordered])
    found = {area.parent_code if rw_property else area.code for area in ordered}
    return Boundaries(
        level,
        [
            Shape(level, *area, shapely.to_geojson(outline), False, source)
            for area, outline in zip(ordered, outlines, strict=True)
        ],
        rejects,
        [code for code in known_areas(base) if code not in found],
    )


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
    return next((name for name in names if _RW_NAME.search(name)), None)


def _known(level: str, code: str) -> _Area:
    row = known_areas(level)[code]
    return _Area(code, row["name"], row["parent_code"])


def _rw(feature: Feature, kelurahan: str, rw_property: str) -> _Area:
    number = _RW_NUMBER.match(str(feature.properties.get(rw_property)).strip())
    if number is None:
        raise BadField(rw_property, "no number of an RW")
    return _Area(f"{kelurahan}.{int(number[1]):03}", f"RW {int(number[1]):02}", kelurahan)


def _polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    """Return the surfaces of a geometry, of which mending a ring may leave lines besides."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    surfaces = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    if not surfaces.size:
        raise BadField("geometry", "an area expected, points or lines found")
    return shapely.union_all(surfaces)


def _simplified(outlines: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Thin outlines out together, so that neighbours keep one common line."""
    thin = shapely.coverage_simplify(np.array(outlines), _TOLERANCE)
    return [shapely.set_precision(outline, GRID) for outline in thin]


def _no_codes(features: Sequence[Feature], rejects: Sequence[Reject], level: str) -> str:
    if not features:
        return f"outlines of {level} expected; {rejects[0].reason}"
    names = sorted({name for feature in features for name in feature.properties})
    example = next(iter(known_areas(level)))
    return (
        f"a property with the codes of {level} (such as {example}) expected;"
        f" the file has {', '.join(names)[:500] or 'no properties'}"
    )
