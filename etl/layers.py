"""City layers from files: any GeoJSON, or a CSV with a longitude and a latitude column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import orjson
import shapely

from etl.documents import csv_rows
from etl.errors import BadField, Malformed
from etl.feed import Reject, Row
from etl.geojson import Feature, read_features, read_geometry
from etl.reading import number

_LON = ("lon", "lng", "long", "longitude", "bujur", "x")
_LAT = ("lat", "latitude", "lintang", "y")
_IDS = ("objectid", "ogc_fid", "fid", "gid", "id", "kode", "code", "no")
_NAMES = ("namobj", "nama", "name", "nama_objek", "label", "judul", "title")
# Fields about a person, and values that lead to one, are not for a public map.
_PERSONAL_FIELD = re.compile(
    r"pemilik|penanggung|pimpinan|kepala(?!.?keluarga)|ketua|owner|kontak|contact|e-?mail|ponsel"
    r"|handphone|whatsapp|telp|telepon|phone|(?:\A|[^a-z])(?:nik|ktp|npwp|hp|wa|pj|pic)(?:\Z|[^a-z])",
    re.IGNORECASE,
)
_PERSONAL_VALUE = re.compile(
    r"[\w.+-]+@[\w-]+\.\w|(?<![\d.])(?:\+?62|0)[ -]?8\d(?:[ -]?\d){6,}|(?<![\d.])\d{16}(?!\d)"
)


@dataclass(frozen=True)
class Layer:
    """What a file of a layer holds.

    Args:
        name: From the file's name, lower case.
        rows: Rows of `layers` without source and dates: layer, feature_id, name, geometry
            (GeoJSON text) and properties (JSON text without personal fields).
        rejects: Features that cannot be drawn.
    """

    name: str
    rows: list[Row]
    rejects: list[Reject]


def read_layer(body: bytes, filename: str) -> Layer:
    """Read a layer.

    Args:
        body: GeoJSON in WGS 84, or CSV with lon and lat in degrees.
        filename: Its stem names the layer.

    Raises:
        Malformed: It is neither, or nothing in it can be drawn.
    """
    is_json = bytes(body[:64]).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    items = list(read_features(body) if is_json else _csv_features(body))
    features = [item for item in items if isinstance(item, Feature)]
    # What is said of a refused feature may hold a person's name: its number is enough to find it.
    rejects = [replace(item, raw="") for item in items if isinstance(item, Reject)]
    if not features:
        found = rejects[0].reason if rejects else "tidak ada baris"
        raise Malformed(f"seharusnya fitur yang dapat digambar; {found}")
    name = re.sub(r"[^a-z0-9]+", "_", PurePath(filename).stem.casefold()).strip("_") or "layer"
    rows: list[Row] = []
    for feature_id, feature in zip(_ids(features), features, strict=True):
        try:
            rows.append(_row(name, feature_id, feature))
        except BadField as error:
            rejects.append(Reject(f"fitur {feature_id}: {error.reason}", error.field))
    return Layer(name, rows, rejects)


def _csv_features(body: bytes) -> Iterator[Feature | Reject]:
    for ordinal, row in enumerate(csv_rows(body, ()), 1):
        if isinstance(row, Reject):
            yield Reject(f"baris ke-{ordinal}: {row.reason}")
            continue
        lon, lat = _first(row, _LON), _first(row, _LAT)
        if lon is None or lat is None:
            raise Malformed(
                "seharusnya GeoJSON, atau CSV dengan kolom lon dan lat; kolomnya"
                f" {', '.join(row)[:500]}"
            )
        try:
            at = [number(row, lon), number(row, lat)]
            geometry = read_geometry({"type": "Point", "coordinates": at})
        except BadField as error:
            yield Reject(f"baris ke-{ordinal}: {error.reason}", error.field)
            continue
        rest = {key: value for key, value in row.items() if key not in (lon, lat)}
        yield Feature(None, rest, geometry)


def _row(layer: str, feature_id: str, feature: Feature) -> Row:
    public = _public(feature.properties)
    named = _first(public, _NAMES)
    try:
        properties = orjson.dumps(public).decode()
    except TypeError as error:
        raise BadField("properties", "tidak dapat ditulis sebagai JSON") from error
    return {
        "layer": layer,
        "feature_id": feature_id,
        "name": None if named is None else str(public[named]).strip() or None,
        "geometry": shapely.to_geojson(feature.geometry),
        "properties": properties,
    }


def _ids(features: Sequence[Feature]) -> list[str]:
    """Return an id of each feature: the file's own where it is one, else its number."""
    given = [[feature.id for feature in features]]
    for wanted in _IDS:
        named = [_first(feature.properties, (wanted,)) for feature in features]
        given.append(
            [
                None if name is None else feature.properties[name]
                for name, feature in zip(named, features, strict=True)
            ]
        )
    for ids in given:
        texts = [str(one) for one in ids if isinstance(one, str | int) and str(one).strip()]
        if len(set(texts)) == len(features):
            return texts
    return [str(ordinal) for ordinal in range(1, len(features) + 1)]


def _first(properties: Mapping[str, Any], wanted: Sequence[str]) -> str | None:
    """Return the key that is called like the first of `wanted` that there is."""
    keys = {key.casefold(): key for key in properties}
    return next((keys[name] for name in wanted if name in keys), None)


def _public(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value
        for key, value in properties.items()
        if not (_PERSONAL_FIELD.search(key) or _PERSONAL_VALUE.search(str(value)))
    }
