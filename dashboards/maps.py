"""The map: its component, its layers as data, and the routes that bring what is drawn on it.

URL    /geo/<layer>.geojson?v=…&wilayah=…&pada=…&seperti=…   the features of one layer
       /geo/lapisan.json?wilayah=…&pada=…&seperti=…         how much each layer holds
       /geo/batas.geojson, /geo/sungai.geojson             the base map
       /geo/cari.json?q=…                                  places by name
Reads  outlines, outline_sources, cameras_named, city_layers, city_layer, and the query of each
       layer

City layers, which somebody loaded with `etl layer`, are on every map with their date and source.

The browser's half is assets/map.js: it asks for a layer again when the version of one of its feeds
moved, or the moment or the area of the page changed. Features are kept as bytes by version.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

import dash_leaflet as dl
import dash_mantine_components as dmc
import orjson
import shapely
from dash import MATCH, Input, Output, State, html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import parts
from dashboards.access import EVERYONE
from dashboards.conditional import conditional
from dashboards.panels import View
from dashboards.site import Site
from data import places, queries, words
from data.lake import Lake
from data.queries import Row
from data.reference import rows as reference_rows

# Where the city is: the mainland, without Kepulauan Seribu, which has an inset of its own.
MAINLAND = [[-6.375, 106.685], [-6.085, 106.975]]
REGION = [[-6.95, 106.15], [-4.95, 107.35]]
FARTHEST, NEAREST = 9, 18
# 11 m at the equator: an outline of the whole city then weighs a tenth of the surveyed one.
OUTLINE_DEGREES = 1e-4
MOST_PLACES = 12
CAMERA_SHOWN = "/kamera/<camera>/dilihat"
# On tiles of 512 px: 75 px on the screen.
CLUSTER_RADIUS = 150

# Begins the ids of the layers that were loaded by hand.
CITY = "kota-"
CLUSTERED_FROM = 300
MOST_TOLD, MOST_LETTERS = 6, 160
# What a geographic information system notes for itself.
_TECHNICAL = re.compile(
    r"objectid|ogc_fid|fid|gid|globalid|id|fcode|metadata|srs_id|shape.*|st_.*|created.*|edited.*",
    re.IGNORECASE,
)

Properties = dict[str, Any]


@dataclass(frozen=True)
class Mark:
    """One look of a symbol, and what it means.

    Args:
        key: The value of the feature's property `mark`.
        word: Its meaning, Indonesian; it stands in the legend and in the popup.
        shape: A shape that assets/map.js draws; "letter:H" is a disc with that letter.
        color: A custom property of assets/map.css.
    """

    key: str
    word: str
    shape: str
    color: str


@dataclass(frozen=True)
class Field:
    """One line of a popup.

    Args:
        label: Indonesian.
        name: Property of the feature.
        unit: Unit of a number; "time" for seconds since 1970; empty for text.
    """

    label: str
    name: str
    unit: str = ""


@dataclass(frozen=True)
class Layer:
    """One layer of the map, declared.

    Args:
        id: Unique on the site; part of its URL.
        feeds: Their versions are the layer's version, their age its age.
        roles: Ids of the roles that may see it.
        rows: What it shows; each row has `lon` and `lat`, or `geometry` (GeoJSON text).
        properties: A row's properties: `id`, `name`, `mark`, `t` (seconds since 1970) and what
            `fields` name; `sim` is set where the row is simulated.
        marks: Its looks, gravest first, as the legend lists them.
        fields: The lines of its popups.
        cluster: Near features are drawn as one, with their number.
        labelled: Features are few and carry a value beside the symbol.
        shown: Drawn from the start.
        rest_s: Least seconds between two redraws for new data.
        watch: Where a browser says that it shows a feature of it; `{id}` is the feature's.
        tables: Tables whose rows tell that a past moment is known, as those of a `Panel`.
        fades: A feature pales from its property `late` on and is gone at `expired` (seconds).
        more: Links of its popups: word and address; `{id}` is the feature's.
        note: Said of it below its title, such as where it comes from.
        version: Of a layer without feeds: moves when its features do.
        params: Names of the URL parameters that it depends on, besides moment and area; such a
            layer belongs to one page, and is counted only there.
    """

    id: str
    title: str
    feeds: tuple[str, ...]
    roles: frozenset[str]
    rows: Callable[[Lake, View], list[Row]]
    properties: Callable[[Row], Properties]
    marks: tuple[Mark, ...]
    fields: tuple[Field, ...]
    cluster: bool = False
    labelled: bool = False
    shown: bool = True
    rest_s: int = 5
    watch: str = ""
    tables: tuple[str, ...] = ()
    fades: bool = False
    more: tuple[tuple[str, str], ...] = ()
    note: str = ""
    version: str = ""
    params: tuple[str, ...] = ()

    def knows(self, view: View) -> bool:
        """Answer whether anything is known of the moment: without, there is no real zero."""
        return not self.tables or view.knows(*self.tables, *self.feeds)


def mount(site: Site, layers: Sequence[Layer]) -> None:
    """Put the routes of `layers` and of the base map on the site, and connect every map."""
    known = {layer.id: layer for layer in layers}
    everyone = frozenset().union(*(layer.roles for layer in layers))
    for layer in layers:
        site.access.declare(f"layer:{layer.id}", layer.roles)
    # What is personal in them was left out when they were loaded.
    site.access.declare(f"layer:{CITY}", EVERYONE)

    def allowed(name: str, view: View) -> bool:
        kind = CITY if name.startswith(CITY) else name
        return site.access.may(view.role, f"layer:{kind}", view.area)

    def named(name: str) -> Layer | None:
        city = city_layers(site.lake) if name.startswith(CITY) else ()
        return known.get(name) or next((layer for layer in city if layer.id == name), None)

    def one_layer(name: str) -> Response:
        layer = named(name)
        if layer is None:
            abort(404)
        view = site.view(layer.params)
        if not allowed(name, view):
            abort(403)
        kept = _kept(site, layer, view)
        response = conditional(kept.body, "application/geo+json")
        response.headers["X-Signature"] = kept.signature
        return response

    def all_layers() -> Response:
        view = site.view()
        heads = {
            layer.id: orjson.Fragment(_head(_kept(site, layer, view).body))
            for layer in (*city_layers(site.lake), *known.values())
            if allowed(layer.id, view) and not layer.params
        }
        return conditional(orjson.dumps(heads))

    def outlines() -> Response:
        return conditional(outline_features(queries.outlines(site.lake)), "application/geo+json")

    def rivers() -> Response:
        return conditional(river_features(), "application/geo+json")

    def camera_shown(camera: str) -> Response:
        if not allowed("cameras", site.view()):
            abort(403)
        if not queries.camera_listed(site.lake, camera):
            abort(404)
        site.watch(camera)
        return Response(status=204)

    def find_places() -> Response:
        return conditional(_places(site.lake, request.args.get("q", "")))

    site.route("/geo/<name>.geojson", one_layer, roles=everyone)
    site.route("/geo/lapisan.json", all_layers, roles=everyone)
    site.route("/geo/batas.geojson", outlines, roles=EVERYONE)
    site.route("/geo/sungai.geojson", rivers, roles=EVERYONE)
    site.route("/geo/cari.json", find_places, roles=EVERYONE)
    site.route(CAMERA_SHOWN, camera_shown, roles=everyone)
    _connect(site)


def features(
    layer: Layer, rows: Sequence[Row], moment: datetime | None, *, known: bool = True
) -> bytes:
    """Return the rows of a layer as a GeoJSON collection with a head under `layer`.

    Args:
        layer: What they are drawn as.
        rows: Those of the layer.
        moment: What "now" is for the reader of a past moment; None for the present.
        known: Anything is known of the moment.
    """
    drawn = [feature for row in rows if (feature := _feature(layer, row, moment)) is not None]
    head = {
        "count": len(drawn),
        "unplaced": len(rows) - len(drawn),
        "simulated": any(feature["properties"].get("sim") for feature in drawn),
        "moment": None if moment is None else int(moment.timestamp()),
        "known": known,
    }
    return orjson.dumps({"type": "FeatureCollection", "layer": head, "features": drawn})


def outline_features(rows: Sequence[Row]) -> bytes:
    """Return boundaries as GeoJSON, drawn coarsely enough for a screen.

    Args:
        rows: Those of the query `outlines`.
    """
    shapes = shapely.simplify(
        shapely.from_geojson([row["geometry"] for row in rows]), OUTLINE_DEGREES
    )
    texts = shapely.to_geojson(shapely.set_precision(shapes, 1e-5))
    drawn = [
        {
            "type": "Feature",
            "geometry": orjson.Fragment(text),
            "properties": {"id": row["code"], "level": row["level"], "name": row["name"]},
        }
        for row, text in zip(rows, texts, strict=True)
    ]
    approximate = any(row["approximate"] for row in rows)
    head = {"approximate": approximate, "source": rows[0]["source"] if rows else ""}
    return orjson.dumps({"type": "FeatureCollection", "layer": head, "features": drawn})


@functools.cache
def river_features() -> bytes:
    """Return the rivers as lines through their stations in downstream order: approximate."""
    drawn = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": points},
            "properties": {"id": river, "name": river},
        }
        for river, points in _rivers()
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": drawn})


def map_view(site: Site, layers: Sequence[Layer], *, id: str) -> Component:
    """Return the map with its layers, their control, the legend, the scale and the sources.

    Args:
        id: Of the map component, unique on the page.
    """
    tiles = [dl.TileLayer(url=site.tiles)] if site.tiles else []
    layers = (*city_layers(site.lake), *layers)
    end = f"{id}-akhir"
    return html.Div(
        [
            html.A("Lewati peta", href=f"#{end}", className="skip-link"),
            html.Button(
                "Baca titik di peta",
                className="skip-link",
                title="Mulai dari yang terdekat dengan pusat peta; N berikutnya, P sebelumnya",
                **{"data-act": "read-map"},
            ),
            html.P(className="map-said visually-hidden", role="status"),
            dl.Map(
                [
                    *tiles,
                    *_base_map(site),
                    *(_geojson(layer) for layer in layers),
                    dl.AttributionControl(prefix=_sources(site.lake), position="bottomright"),
                    dl.ScaleControl(imperial=False, maxWidth=140, position="bottomright"),
                ],
                id=id,
                bounds=MAINLAND,
                maxBounds=REGION,
                minZoom=FARTHEST,
                maxZoom=NEAREST,
                zoomSnap=0.25,
                preferCanvas=True,
                # It compares the map with a centre, which there is none of beside `bounds`.
                trackViewport=False,
                attributionControl=False,
                className="map-canvas",
            ),
            html.Button(
                [html.Span(id="map-inset-shape"), "Kepulauan Seribu"],
                id="map-inset",
                className="map-inset",
                title="Lihat Kepulauan Seribu di peta",
            ),
            _control(layers),
            html.Span(id=end, tabIndex=-1),
        ],
        className="map",
    )


def city_layers(lake: Lake) -> tuple[Layer, ...]:
    """Return the layers that were loaded by hand, as they are now."""
    return tuple(city_layer(row) for row in queries.city_layers(lake))


def city_layer(row: Row) -> Layer:
    """Return a layer that was loaded by hand; `row` is one of the query `city_layers`."""
    name = row["layer"]
    title = name.replace("_", " ").strip().capitalize()
    day = row["dated"] and words.day(row["dated"], weekday=False)
    return Layer(
        id=f"{CITY}{name}",
        title=title,
        feeds=(),
        roles=EVERYONE,
        rows=lambda lake, _view: queries.city_layer(lake, name),
        properties=lambda feature: _city_properties(title, feature),
        marks=(Mark("place", title, f"letter:{title[:1]}", "--map-ink"),),
        fields=(),
        cluster=bool(row["points"]) and row["features"] > CLUSTERED_FROM,
        shown=False,
        note=f"{f'Data per {day}' if day else 'Tanpa tanggal'} · sumber:"
        f" {row['source'] or 'tidak disebutkan'}",
        version=row["loaded_at"].isoformat(),
    )


def _city_properties(title: str, row: Row) -> Properties:
    name = row["name"] or f"{title} {row['feature_id']}"
    found = orjson.loads(row["properties"] or "{}")
    told = [
        [key.replace("_", " ").capitalize(), str(value)[:MOST_LETTERS]]
        for key, value in found.items()
        if value not in (None, "", row["name"])
        and not isinstance(value, dict | list)
        and not _TECHNICAL.fullmatch(key)
    ]
    return {"id": row["feature_id"], "name": name, "mark": "place", "told": told[:MOST_TOLD]}


def _sources(lake: Lake) -> str:
    """Return what the base map is made of: whoever reads it must not take it for a survey."""
    found = queries.outline_sources(lake)
    outlines = [
        "batas perkiraan" if row["approximate"] else f"batas: {escape(row['source'])}"
        for row in found
    ]
    told = dict.fromkeys([*outlines, "alur sungai dan pantai perkiraan"])
    return f"Peta dasar: {' · '.join(told)}"


def _base_map(site: Site) -> list[Component]:
    land = dl.GeoJSON(
        url=site.app.get_asset_url("basemap.geojson"),
        style=_script("land"),
        pointToLayer=_script("placeName"),
        interactive=False,
    )
    outlines = dl.GeoJSON(
        url="/geo/batas.geojson",
        style=_script("outline"),
        onEachFeature=_script("keepOutline"),
        interactive=False,
    )
    rivers = dl.GeoJSON(
        url="/geo/sungai.geojson",
        style=_script("river"),
        interactive=False,
    )
    # A pane each: they arrive in any order.
    return [
        dl.Pane(layer, name=name, style={"zIndex": 250 + 10 * turn})
        for turn, (name, layer) in enumerate(
            (("darat", land), ("batas", outlines), ("sungai", rivers))
        )
    ]


def _geojson(layer: Layer) -> Component:
    return dl.GeoJSON(
        id={"layer": layer.id, "part": "features"},
        hideout=_about(layer),
        pointToLayer=_script("symbol"),
        style=_script("line"),
        onEachFeature=_script("bind"),
        cluster=layer.cluster,
        clusterToLayer=_script("cluster"),
        superClusterOptions={"radius": CLUSTER_RADIUS, "maxZoom": NEAREST - 2},
        zoomToBoundsOnClick=layer.cluster,
        spiderfyOnMaxZoom=layer.cluster,
    )


def _about(layer: Layer) -> dict[str, Any]:
    """Return what assets/map.js knows of a layer."""
    return {
        "id": layer.id,
        "title": layer.title,
        "feeds": layer.feeds,
        "labelled": layer.labelled,
        "rest": layer.rest_s,
        "watch": layer.watch,
        "fades": layer.fades,
        "more": layer.more,
        "params": layer.params,
        "note": layer.note,
        "marks": {
            mark.key: {"word": mark.word, "shape": mark.shape, "color": mark.color}
            for mark in layer.marks
        },
        "fields": [[field.label, field.name, field.unit] for field in layer.fields],
    }


def _control(layers: Sequence[Layer]) -> Component:
    return html.Details(
        [
            html.Summary([parts.icon("layers"), "Lapisan"]),
            html.Ul([_entry(layer) for layer in reversed(layers)], className="layer-list"),
            html.Details(
                [
                    html.Summary("Keterangan simbol"),
                    html.Dl(
                        [_legend(layer) for layer in reversed(layers)],
                        className="legend",
                    ),
                    html.P("Simbol berongga: datanya terlambat. Bergaris tepi: data simulasi."),
                ],
                className="layer-legend",
            ),
            html.P("Klik wilayah di peta untuk menyaring seluruh halaman.", className="layer-hint"),
        ],
        className="layer-control",
        open=True,
    )


def _entry(layer: Layer) -> Component:
    return html.Li(
        [
            dmc.Checkbox(
                id={"layer": layer.id, "part": "shown"},
                label=layer.title,
                checked=layer.shown,
                size="xs",
                persistence=True,
                persisted_props=["checked"],
                persistence_type="local",
            ),
            html.Span(className="layer-count", **{"data-layer": layer.id}),
            html.Small(layer.note, className="layer-note") if layer.note else None,
        ],
        className="layer-entry",
    )


def _legend(layer: Layer) -> Component:
    return html.Div(
        [
            html.Dt(layer.title),
            *(html.Dd([swatch(mark.shape, mark.color), mark.word]) for mark in layer.marks),
        ],
        **{"data-layer": layer.id},
    )


def swatch(shape: str, color: str) -> Component:
    """Return a small picture of a symbol.

    Args:
        shape: A shape of assets/map.js; "letter:H" is a disc with that letter.
        color: A custom property of the style sheets.
    """
    name, _, letter = shape.partition(":")
    return html.Span(
        letter or None,
        className=f"swatch swatch-{name}",
        style={"--mark": f"var({color})"},
        **{"aria-hidden": "true"},
    )


def _connect(site: Site) -> None:
    features = {"layer": MATCH, "part": "features"}
    shown = {"layer": MATCH, "part": "shown"}
    site.clientside(
        "mapLayer",
        Output(features, "data"),
        Input("versi", "data"),
        Input("alamat", "data"),
        Input(shown, "checked"),
        State(features, "hideout"),
        State(features, "data"),
    )
    site.clientside("mapCounts", Input("versi", "data"), Input("alamat", "data"))


def _script(function: str) -> dict[str, str]:
    return {"variable": f"komando.map.{function}"}


@dataclass(frozen=True)
class _Kept:
    """The features of a layer as they are kept, with the versions that they were made of."""

    signature: str
    body: bytes


def _kept(site: Site, layer: Layer, view: View) -> _Kept:
    """Return the features of a layer, made once a version, moment and area."""
    signature = site.versions.signature(layer.feeds, view.as_of)
    moment = (
        "live"
        if view.as_of.live
        else f"{view.as_of.event_time.isoformat()}/{view.as_of.known_time.isoformat()}"
    )
    chosen = urlencode(sorted(view.params.items()))
    key = "|".join(("geo", layer.id, layer.version, signature, moment, view.area, chosen))

    def make() -> bytes:
        now = None if view.as_of.live else view.as_of.event_time
        return features(layer, layer.rows(site.lake, view), now, known=layer.knows(view))

    return _Kept(signature, site.shelf.get(key, make))


def _head(body: bytes) -> bytes:
    """Cut the head out of what `features` made, without reading ten thousand features."""
    start, end = body.index(b'"layer":') + len(b'"layer":'), body.index(b',"features":')
    return body[start:end]


def _feature(layer: Layer, row: Row, moment: datetime | None) -> dict[str, Any] | None:
    if row.get("geometry"):
        geometry: Any = orjson.Fragment(row["geometry"])
    elif row["lon"] is None or row["lat"] is None:
        return None
    else:
        point = [round(row["lon"], 5), round(row["lat"], 5)]
        geometry = {"type": "Point", "coordinates": point}
    told = {name: value for name, value in layer.properties(row).items() if value is not None}
    if row.get("simulated"):
        told["sim"] = 1
    known = row.get("known_time")
    if moment is not None and known is not None and known > moment:
        told["late_known"] = int((known - row["event_time"]).total_seconds())
    return {"type": "Feature", "geometry": geometry, "properties": told}


def _places(lake: Lake, text: str) -> bytes:
    found = places.find(lake, text[:80], most=MOST_PLACES)
    codes = queries.kelurahan_at(
        lake, [place.lon for place in found], [place.lat for place in found]
    )
    return orjson.dumps(
        [
            {
                "kind": place.kind,
                "id": place.id,
                "name": place.name,
                "detail": place.detail,
                "lon": place.lon,
                "lat": place.lat,
                "area": place.id if place.kind in ("kelurahan", "kecamatan", "kota") else code,
            }
            for place, code in zip(found, codes, strict=True)
        ]
    )


def _rivers() -> Iterator[tuple[str, list[tuple[float, float]]]]:
    at: dict[str, tuple[float, float]] = {}
    along: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for row in reference_rows("water_stations"):
        at[row["station_id"]] = (float(row["lon"]), float(row["lat"]))
        # A station where two rivers meet stands on both: "Ciliwung/Banjir Kanal Barat".
        for river in row["river"].split("/"):
            along[river].append((float(row["downstream_order"]), row["station_id"]))
    for river, stations in along.items():
        if len(stations) > 1 and river != "Laut Jawa":
            yield river, [at[station] for _, station in sorted(stations)]
    for row in reference_rows("river_travel_times"):
        ends = [at[row["upstream_id"]], at[row["downstream_id"]]]
        if not _joined(row, along):
            yield row["river"], ends


def _joined(row: Mapping[str, str], along: Mapping[str, list[tuple[float, str]]]) -> bool:
    ends = {row["upstream_id"], row["downstream_id"]}
    return any(ends <= {station for _, station in stations} for stations in along.values())
