"""Read GeoJSON features that somebody drew with some tool: mended, or refused with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import shapely

from data.tables import EAST, NORTH, SOUTH, WEST
from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Reject
from etl.reading import kind_of, raw_text

# What tools write for WGS 84 in the old "crs" member; without one it is WGS 84 (RFC 7946).
_WGS84 = ("CRS84", "4326")


@dataclass(frozen=True)
class Feature:
    """One feature with a geometry that can be drawn.

    Args:
        id: As the file has it; None where it has none.
        geometry: Valid, two-dimensional, lon and lat in WGS 84, within the region of the lake.
    """

    id: str | None
    properties: Mapping[str, Any]
    geometry: shapely.Geometry


def read_features(body: bytes) -> Iterator[Feature | Reject]:
    """Yield each feature of a FeatureCollection once; what cannot be drawn is a `Reject`.

    Raises:
        Malformed: It is no GeoJSON FeatureCollection in WGS 84, or it has no features.
    """
    document = json_document(body)
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        raise Malformed("seharusnya FeatureCollection GeoJSON")
    projection = _projection(document)
    if projection is not None and not projection.endswith(_WGS84):
        raise Malformed(
            f"seharusnya koordinat WGS 84 (EPSG:4326), ditemukan {projection[:80]};"
            " ubah dahulu proyeksi berkas"
        )
    features = json_list(document, "features")
    if not features:
        raise Malformed("FeatureCollection tidak berisi fitur")
    for ordinal, feature in enumerate(features, 1):
        try:
            yield _feature(feature)
        except BadField as error:
            properties = feature.get("properties") if isinstance(feature, Mapping) else feature
            yield Reject(f"fitur ke-{ordinal}: {error.reason}", error.field, raw_text(properties))


def _projection(document: Mapping[str, Any]) -> str | None:
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return name if isinstance(name, str) else None


def _feature(feature: Any) -> Feature:
    if not isinstance(feature, Mapping):
        raise BadField("feature", f"seharusnya objek, ditemukan {kind_of(feature)}")
    properties = feature.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise BadField("properties", f"seharusnya objek, ditemukan {kind_of(properties)}")
    number = feature.get("id")
    return Feature(
        str(number) if isinstance(number, str | int) else None,
        properties,
        read_geometry(feature.get("geometry")),
    )


def read_geometry(geometry: Any) -> shapely.Geometry:
    """Return a GeoJSON geometry as a valid two-dimensional shape.

    Raises:
        BadField: It is no geometry, empty, or not within the region of the lake.
    """
    found = shapely.from_geojson(msgspec.json.encode(geometry), on_invalid="ignore")
    if found is None or found.is_empty:
        raise BadField("geometry", "tidak ada geometri yang terbaca")
    flat = shapely.force_2d(found)
    if not shapely.box(WEST, SOUTH, EAST, NORTH).covers(shapely.box(*flat.bounds)):
        raise BadField("geometry", "di luar wilayah; seharusnya bujur dan lintang dalam derajat")
    return flat if flat.is_valid else shapely.make_valid(flat)
