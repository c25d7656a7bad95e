"""GeoJSON of the open API (RFC 7946): what has a place, boundaries, rivers and layers of the city.

Reads  outlines, city_layers, city_layer, and what the tables read

A layer of a table has the columns of the table as properties; one contract serves both.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
import shapely

from dashboards import api_tables, maps
from dashboards.api_contract import (
    GEOJSON,
    WILAYAH,
    Ask,
    Document,
    Endpoint,
    Field,
    Found,
    Param,
    Problem,
    Schema,
    Table,
)
from dashboards.api_meta import about, as_of, told_rows
from dashboards.maps import CITY
from dashboards.site import Site
from data import queries
from data.queries import Row

MAP = "Peta (GeoJSON)"
PACE = timedelta(minutes=5)
_PLACE = frozenset({"lon", "lat"})
SCHEMA: Schema = {
    "type": "object",
    "properties": {
        "type": {"const": "FeatureCollection"},
        "as_of": {"$ref": "#/components/schemas/AsOf"},
        "meta": {"$ref": "#/components/schemas/Meta"},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"const": "Feature"},
                    "geometry": {"type": "object"},
                    "properties": {"type": "object"},
                },
                "required": ["type", "geometry", "properties"],
            },
        },
    },
    "required": ["type", "as_of", "meta", "features"],
}
THROUGH_STATIONS = "garis melalui pos pengamatan"


def of_table(table: Table, site: Site, ask: Ask) -> bytes:
    """Return the rows of a table that have a place."""
    found, known, told = told_rows(site, ask, table)
    features = [
        _feature(geometry, {name: value for name, value in shown.items() if name not in _PLACE})
        for row, shown in zip(found.rows if known else (), told, strict=True)
        if (geometry := _geometry(row)) is not None
    ]
    meta = about(site, ask, table, found, known=known)
    return _collection(ask, features, {**meta, "unplaced": len(told) - len(features)})


def boundaries(site: Site, ask: Ask) -> bytes:
    """Return the outlines of the areas of one level."""
    level = ask.values.get("tingkat", api_tables.LEVEL.usual)
    rows = [
        row
        for row in queries.outlines(site.lake)
        if row["level"] == level and row["code"].startswith(ask.area)
    ]
    drawn = orjson.loads(maps.outline_features(rows))["features"]
    features = [
        _feature(
            shape["geometry"],
            {
                "code": row["code"],
                "level": row["level"],
                "name": row["name"],
                "parent_code": row["parent_code"],
                "approximate": row["approximate"],
                "source": row["source"],
            },
        )
        for row, shape in zip(rows, drawn, strict=True)
    ]
    return _collection(ask, features, about(site, ask, BOUNDARIES, Found(rows)))


def rivers(site: Site, ask: Ask) -> bytes:
    """Return the rivers as lines through their stations."""
    drawn = orjson.loads(maps.river_features())["features"]
    features = [
        _feature(
            line["geometry"],
            {"name": line["properties"]["name"], "approximate": True, "source": THROUGH_STATIONS},
        )
        for line in drawn
    ]
    return _collection(ask, features, about(site, ask, RIVERS, Found(())))


def by_hand(site: Site, ask: Ask) -> bytes:
    """Return the features of a layer that somebody loaded; persons were left out at loading.

    Raises:
        Problem: There is no such layer.
    """
    known = {f"{CITY}{row['layer']}": row for row in queries.city_layers(site.lake)}
    layer = known.get(ask.values["lapisan"])
    if layer is None:
        raise Problem(404, "Lapisan ini tidak ada. Lihat daftarnya di /api/v1/layers.", "lapisan")
    features = [
        _feature(
            orjson.loads(row["geometry"]),
            {
                "id": row["feature_id"],
                "name": row["name"],
                **orjson.loads(row["properties"] or "{}"),
                "source": layer["source"],
            },
        )
        for row in queries.city_layer(site.lake, layer["layer"])
    ]
    return _collection(ask, features, about(site, ask, BY_HAND, Found(())))


def _list(site: Site, _ask: Ask) -> Found:
    ours = [
        {"id": _stem(one), "title": one.title, "source": one.about, "dated": None}
        for one in (*LAYERS, BOUNDARIES, RIVERS)
    ]
    theirs = [
        {
            "id": f"{CITY}{row['layer']}",
            "title": row["layer"].replace("_", " ").strip().capitalize(),
            "source": row["source"] or "tidak disebutkan",
            "dated": row["dated"],
        }
        for row in queries.city_layers(site.lake)
    ]
    return Found([{**row, "path": f"/layers/{row['id']}.geojson"} for row in (*ours, *theirs)])


def _geometry(row: Row) -> Any:
    if row.get("geometry"):
        return orjson.loads(row["geometry"])
    if row.get("line"):
        return orjson.loads(shapely.to_geojson(shapely.from_wkt(row["line"])) or "null")
    if row["lon"] is None or row["lat"] is None:
        return None
    return {"type": "Point", "coordinates": [round(row["lon"], 6), round(row["lat"], 6)]}


def _feature(geometry: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(ask: Ask, features: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> bytes:
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "as_of": as_of(ask),
            "meta": {**meta, "count": len(features)},
            "features": right_handed(features),
        }
    )


def right_handed(features: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return features whose polygons run as RFC 7946 wants them: outer rings against the clock."""
    shapes = shapely.from_geojson([orjson.dumps(feature["geometry"]) for feature in features])
    texts = shapely.to_geojson(shapely.orient_polygons(shapes))
    return [
        {**feature, "geometry": orjson.Fragment(text)}
        for feature, text in zip(features, texts, strict=True)
    ]


def _layer(table: Table) -> Document:
    return Document(
        path=f"/layers/{table.id}.geojson",
        id=f"layer-{table.id}",
        title=f"{table.title} (peta)",
        about=table.about,
        group=MAP,
        params=table.params,
        feeds=table.feeds,
        example=f"/layers/{table.id}.geojson",
        theme=table.theme,
        kind=GEOJSON,
        schema=SCHEMA,
        make=functools.partial(of_table, table),
    )


LAYERS = tuple(_layer(table) for table in api_tables.TABLES if table.mapped)
BOUNDARIES = Document(
    path="/layers/boundaries.geojson",
    id="layer-boundaries",
    title="Batas wilayah",
    about="Batas kota, kecamatan atau kelurahan; “approximate” berarti batas perkiraan.",
    group=MAP,
    params=(WILAYAH, api_tables.LEVEL),
    example="/layers/boundaries.geojson?tingkat=kota",
    theme="REGI",
    pace=PACE,
    kind=GEOJSON,
    schema=SCHEMA,
    make=boundaries,
)
RIVERS = Document(
    path="/layers/rivers.geojson",
    id="layer-rivers",
    title="Sungai",
    about="Sungai sebagai garis melalui pos pengamatannya, dari hulu ke hilir: perkiraan.",
    group=MAP,
    example="/layers/rivers.geojson",
    theme="ENVI",
    pace=PACE,
    kind=GEOJSON,
    schema=SCHEMA,
    make=rivers,
)
BY_HAND = Document(
    path="/layers/{lapisan}.geojson",
    id="layer-city",
    title="Lapisan kota",
    about="Lapisan yang dimuat pengelola, misalnya halte atau taman; tanpa data pribadi.",
    group=MAP,
    params=(
        Param(
            "lapisan",
            "Lapisan dari daftar di /layers yang berawalan kota-",
            "kota-halte",
            f"{CITY}[^/]{{1,80}}",
            in_path=True,
        ),
    ),
    example="/layers",
    pace=PACE,
    kind=GEOJSON,
    schema=SCHEMA,
    make=by_hand,
)
LIST = Table(
    path="/layers",
    id="layers",
    title="Daftar lapisan peta",
    about="Lapisan peta yang dapat diambil sebagai GeoJSON.",
    group=MAP,
    example="/layers",
    pace=PACE,
    find=_list,
    fields=(
        Field("id", "string", "Nama tetap", "water-levels", always=True),
        Field("title", "string", "Judul", "Tinggi muka air", always=True),
        Field("path", "string", "Alamatnya di bawah /api/v1", "/layers/x.geojson", always=True),
        Field("source", "string", "Asal dan isi", "Dinas SDA DKI Jakarta", always=True),
        Field("dated", "date", "Tanggal datanya, bila diketahui", "2025-06-01"),
    ),
)
ENDPOINTS: tuple[Endpoint, ...] = (LIST, *LAYERS, BOUNDARIES, RIVERS, BY_HAND)


def _stem(layer: Endpoint) -> str:
    return layer.path.removeprefix("/layers/").removesuffix(".geojson")
