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
from etl.reading import raw_text

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
        raise Malformed("a GeoJSON FeatureCollection expected")
    projection = _projection(document)
    if projection is not None and not projection.endswith(_WGS84):
        raise Malformed(
            f"coordinates in WGS 84 (EPSG:4326) expected, {projection[:80]} found;"
            " reproject the file"
        )
    features = json_list(document, "features")
    if not features:
        raise Malformed("the FeatureCollection has no features")
    for ordinal, feature in enumerate(features, 1):
        try:
            yield _feature(feature)
        except BadField as error:
            properties = feature.get("properties") if isinstance(feature, Mapping) else feature
            yield Reject(f"feature {ordinal}: {error.reason}", error.field, raw_text(properties))


def _projection(document: Mapping[str, Any]) -> str | None:
    crs = document.get("crs")
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    return name if isinstance(name, str) else None


def _feature(feature: Any) -> Feature:
    if not isinstance(feature, Mapping):
        raise BadField("feature", f"object expected, {type(feature).__name__} found")
    properties = feature.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise BadField("properties", f"object expected, {type(properties).__name__} found")
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
        raise BadField("geometry", "no geometry that can be read")
    flat = shapely.force_2d(found)
    if not shapely.box(WEST, SOUTH, EAST, NORTH).covers(shapely.box(*flat.bounds)):
        raise BadField("geometry", "outside the region; lon and lat in degrees expected")
    return flat if flat.is_valid else shapely.make_valid(flat)
