"""The wall: a page that nobody touches, for the control room.

URL    /dinding?jarak=5&mm_px=0.63&sambungan=1920,3840x1080&adegan=banjir&peta=31.74&nama=utama
       jarak     metres to the farthest reader     mm_px   pitch of the screen in mm
       sambungan seams of the panels, px, or "tanpa"       adegan  scene that stays
       peta      31, a kota or kecamatan, or west,south,east,north
       nama      the wall's name, by which the supervisor orders it
Reads  city_status, alarms_now, gates_now, pumps_now, inundations_now, complaints_today,
       complaints_backlog, jams_now, air_now, warnings_now, cameras_wall, cameras_count, outlines,
       and the ledger of the store

Plain HTML and a grid of CSS: no Dash, so that it lives for months in one tab. All text is a
multiple of `--u`, what 16 minutes of arc are at the declared distance. Zones are panels;
assets/dinding.js chooses the layout and leaves out what finds no room; it never makes type smaller.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Response, request

from dashboards import layers, wall_map, wall_zones
from dashboards.access import STAFF
from dashboards.markup import html_text
from dashboards.panels import Body, Panel, View
from dashboards.site import Site
from dashboards.versions import LEDGER
from dashboards.wall_zones import (
    AIR_FEEDS,
    ALARM_FEEDS,
    COMPLAINT_FEEDS,
    FLOOD_FEEDS,
    GATE_FEEDS,
    JAM_FEEDS,
    PUMP_FEEDS,
)
from data import alarms, queries, words
from data.asof import WIB
from data.lake import Lake
from data.queries import Row

PATH = "/dinding"
CAMERA = "kamera"
ASSETS = Path(__file__).parents[1] / "assets"
STYLES = ("tokens.css", "dinding.css", "dinding-hidup.css", "uji.css")
SCRIPTS = ("_core.js", "cctv.js", "dinding-hidup.js", "uji.js", "dinding.js")

# 16 minutes of arc as the height of a capital, of which the letters of the typeface are 0.71.
ARC = 16 / 60
CAPITAL = 0.71
# On a wall of LEDs a capital of fewer pixels has no shape, however near the reader.
LEAST_PX = 14 / CAPITAL
MOST_PX = 400
DISTANCE_M = (0.5, 50.0, 5.0)
PITCH_MM = (0.05, 10.0, 0.63)
DAY_HOURS = (5.5, 18.0)
POLICY = (
    "default-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'self';"
    " object-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; media-src 'self' blob:"
)
CAMERA_FEEDS = ("cameras",)
NEAR_M = 3000.0
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}\Z")
_SEAMS = re.compile(r"\d{0,5}(,\d{1,5}){0,9}(x\d{1,5}(,\d{1,5}){0,9})?\Z")


@dataclass(frozen=True)
class Scene:
    """What a wall with one room for details shows in it for a while."""

    id: str
    title: str


SCENES = (
    Scene("banjir", "Banjir"),
    Scene("pengaduan", "Pengaduan"),
    Scene("lalu-lintas", "Lalu lintas"),
    Scene("udara", "Udara dan cuaca"),
    Scene("kamera", "Kamera"),
)


@dataclass(frozen=True)
class Screen:
    """What a wall's address says about it.

    Args:
        unit_px: Size of type whose capitals are 16 minutes of arc high at the distance.
        notes: What of the address could not be read, Indonesian.
    """

    unit_px: float
    seams: str
    scene: str
    extent: wall_map.Extent
    name: str
    notes: tuple[str, ...]


def mount(site: Site) -> None:
    """Put the page and its panels on the site."""
    zones = {panel.id: panel for panel in _panels(site)}
    site.panels(*zones.values())

    def page() -> Response:
        outlines = queries.outlines(site.lake)
        screen = read_screen(request.args, wall_map.area_extents(outlines))
        if site.unread_moment(site.view()):
            note = "pada tidak dikenali atau belum terjadi; tampil kondisi terkini"
            screen = replace(screen, notes=(*screen.notes, note))
        document = _document(site, zones, screen, outlines, site.clock.now())
        return Response(
            document,
            mimetype="text/html",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    site.document(PATH, page, title="Layar dinding", icon="wall", order=110, roles=STAFF)


def unit_px(distance_m: float, pitch_mm: float) -> float:
    """Return the size of type in px whose capitals are 16 minutes of arc high.

    Source: NUREG-0700, text of a large display at its greatest distance.
    """
    height_mm = 2000 * distance_m * math.tan(math.radians(ARC) / 2)
    return min(MOST_PX, max(LEAST_PX, height_mm / CAPITAL / pitch_mm))


def read_screen(args: Mapping[str, str], areas: Mapping[str, wall_map.Extent]) -> Screen:
    """Read a wall's address; what cannot be read has its default, and a note."""
    notes: list[str] = []

    def number(name: str, unit: str, bounds: tuple[float, float, float]) -> float:
        least, most, default = bounds
        text = args.get(name, "")
        if not text:
            return default
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            value = math.nan
        if least <= value <= most:
            return value
        shown = words.number(default, 0 if default == int(default) else 2)
        notes.append(f"{name} tidak dapat dibaca; dipakai {shown} {unit}")
        return default

    def known(name: str, is_good: bool, default: str, used: str) -> str:
        text = args.get(name, "")
        if not text or is_good:
            return text or default
        notes.append(f"{name} tidak dikenal; {used}")
        return default

    distance = number("jarak", "m", DISTANCE_M)
    pitch = number("mm_px", "mm", PITCH_MM)
    seams = args.get("sambungan", "")
    scene = args.get("adegan", "")
    extent = wall_map.read_extent(args.get("peta") or wall_map.WHOLE_CITY, areas)
    if extent is None:
        notes.append("peta tidak dikenal; dipakai seluruh kota")
    return Screen(
        unit_px=unit_px(distance, pitch),
        seams=known(
            "sambungan",
            seams == "tanpa" or bool(_SEAMS.match(seams)),
            "",
            "dipakai sambungan biasa",
        ),
        scene=known("adegan", scene in {one.id for one in SCENES}, "", "adegan berganti"),
        extent=extent or wall_map.CITY,
        name=known("nama", bool(_NAME.match(args.get("nama", ""))), "utama", "dipakai utama"),
        notes=tuple(notes),
    )


def _theme(now: datetime) -> str:
    local = now.astimezone(WIB)
    begins, ends = DAY_HOURS
    return "light" if begins <= local.hour + local.minute / 60 < ends else "dark"


def _document(
    site: Site,
    zones: Mapping[str, Panel],
    screen: Screen,
    outlines: Sequence[Row],
    now: datetime,
) -> str:
    def asset(name: str) -> str:
        changed = int((ASSETS / name).stat().st_mtime)
        return escape(f"{site.app.get_asset_url(name)}?m={changed}")

    styles = "".join(f'<link rel="stylesheet" href="{asset(name)}">' for name in STYLES)
    scripts = "".join(f'<script defer src="{asset(name)}"></script>' for name in SCRIPTS)
    return (
        f'<!DOCTYPE html><html lang="id" data-theme="{_theme(now)}"><head>'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        "<title>Dinding · Pusat Komando Jakarta</title>"
        f'<link rel="icon" type="image/svg+xml" href="{asset("icons/brand.svg")}">'
        f'{styles}</head><body class="wall" style="--u:{screen.unit_px:.2f}px">'
        f"{html_text(_body(zones, screen, outlines, now))}{scripts}</body></html>"
    )


def _body(
    zones: Mapping[str, Panel], screen: Screen, outlines: Sequence[Row], now: datetime
) -> list[Component]:
    return [
        html.Div(id="tidak-terhubung", className="lost", hidden=True, role="alert"),
        html.Main(
            [
                html.Header(
                    [_zone(zones["wall-status"], titled=False), _clock(now)], className="wall-bar"
                ),
                _map(zones["wall-peta"], screen, outlines),
                *(
                    _zone(zones[f"wall-{name}"], scene=scene)
                    for name, scene in (
                        ("perhatian", ""),
                        ("pintu", ""),
                        ("genangan", "banjir"),
                        ("pompa", "banjir"),
                        ("pengaduan", "pengaduan"),
                        ("macet", "lalu-lintas"),
                        ("udara", "udara"),
                        ("cuaca", "udara"),
                        ("kamera", "kamera"),
                    )
                ),
            ],
            id="dinding",
            **{
                "data-name": screen.name,
                "data-city": wall_map.CITY.view_box(),
                "data-seams": screen.seams,
                "data-scene-wanted": screen.scene,
                "data-scenes": " ".join(scene.id for scene in SCENES),
                "data-titles": "|".join(scene.title for scene in SCENES),
            },
        ),
        html.P(
            "; ".join(screen.notes),
            id="dinding-catatan",
            className="wall-note",
            hidden=not screen.notes,
        ),
    ]


def _zone(panel: Panel, *, scene: str = "", titled: bool = True) -> Component:
    head = html.Header(
        [
            html.H2([panel.title, html.Span(className="zone-count")]),
            html.Div(className="panel-badge"),
        ],
        className="zone-head",
    )
    return html.Section(
        [
            head if titled else html.Div(className="panel-badge"),
            html.Div(html.Div(className="panel-html"), className="panel-body"),
        ],
        className=f"panel zone zone-{panel.id.removeprefix('wall-')}",
        **_slot(panel),
        **({"data-scene": scene} if scene else {}),
    )


def _slot(panel: Panel) -> dict[str, str]:
    return {
        "data-panel": panel.id,
        "data-feeds": " ".join(panel.feeds),
        "data-params": " ".join(panel.params),
        "aria-label": panel.title,
        "aria-busy": "true",
    }


def _map(panel: Panel, screen: Screen, outlines: Sequence[Row]) -> Component:
    return html.Section(
        [
            wall_map.picture(outlines, screen.extent),
            html.Div(wall_map.place_names(outlines), className="map-names"),
            wall_map.islands(outlines),
            wall_map.leaders(),
            html.Div(className="panel-html"),
            html.Div(className="panel-badge map-badge"),
        ],
        className="panel zone zone-peta",
        **_slot(panel),
    )


def _clock(now: datetime) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    html.Span(className="heart", **{"aria-hidden": "true"}),
                    html.Span(words.clock(now, seconds=True), **{"data-clock": ""}),
                ],
                className="wall-clock",
            ),
            html.Div(
                [
                    html.Strong(id="dinding-putar", hidden=True),
                    html.Span("SEMUA DATA SIMULASI", id="dinding-simulasi", hidden=True),
                    html.Span(words.day(now), **{"data-day": ""}),
                ],
                className="wall-day",
            ),
        ],
        className="wall-time",
    )


def _panels(site: Site) -> list[Panel]:
    def panel(
        name: str,
        title: str,
        feeds: Sequence[str],
        table: str,
        render: Callable[[Lake, View], Body],
        **told: Any,
    ) -> Panel:
        return Panel(f"wall-{name}", title, tuple(feeds), STAFF, render, tables=(table,), **told)

    def exceptions(lake: Lake, view: View) -> Component:
        rows = _alarms(lake, view)
        moment = view.as_of.event_time
        held = site.ledger.state_of(rows, moment)
        return wall_zones.exceptions(rows, held, alarms.rules(moment.astimezone(WIB).date()))

    return [
        panel(
            "status",
            "Status kota",
            ALARM_FEEDS,
            "city_status",
            lambda lake, view: wall_zones.status(queries.city_status(lake, view.as_of)),
            how="Tingkat tertinggi yang syaratnya dipenuhi peringatan yang berlaku.",
            queries=("city_status",),
        ),
        panel(
            "perhatian",
            "Perlu perhatian",
            (*ALARM_FEEDS, LEDGER),
            "alarms",
            exceptions,
            how="Peringatan yang berlaku, terberat di atas, paling banyak lima jenis; yang sejenis"
            " dan setingkat digabung dalam satu baris, kecuali Siaga 1: tiap pos satu baris, yang"
            " paling jauh di atas ambangnya lebih dahulu.",
            queries=("alarms_now",),
            rows=_alarms,
        ),
        panel(
            "pintu",
            "Pintu air SDA",
            GATE_FEEDS,
            "water_levels",
            lambda lake, view: wall_zones.gates(_gates(lake, view)),
            how="Tiga belas pintu air dan pos dari hulu ke laut, dengan siaga menurut ambangnya"
            " sendiri; pos lain hanya bila Siaga 1.",
            queries=("gates_now",),
            rows=_gates,
        ),
        panel(
            "pompa",
            "Pompa",
            PUMP_FEEDS,
            "pump_states",
            lambda lake, view: wall_zones.pumps(_pumps(lake, view)),
            how="Jumlah pompa menurut laporan terakhir tiap rumah pompa dalam dua hari.",
            queries=("pumps_now",),
            rows=_pumps,
        ),
        panel(
            "genangan",
            "Genangan",
            FLOOD_FEEDS,
            "inundations",
            lambda lake, view: wall_zones.inundations(_flooded(lake, view)),
            how="RT dan RW yang dilaporkan tergenang dalam dua hari dan belum surut.",
            queries=("inundations_now",),
            rows=_flooded,
        ),
        panel(
            "pengaduan",
            "Pengaduan",
            (*COMPLAINT_FEEDS, *ALARM_FEEDS),
            "complaint_versions",
            lambda lake, view: wall_zones.complaints(
                queries.complaints_today(lake, view.as_of, view.area),
                queries.complaints_backlog(lake, view.as_of, view.area),
                [row for row in _alarms(lake, view) if row["subject_kind"] == "kelurahan"],
            ),
            how="Masuk dan selesai sejak pukul 00.00 WIB; belum selesai dan terlambat menurut"
            " aturan yang berlaku pada hari masuknya; lonjakan menurut peringatan yang berlaku.",
            queries=("complaints_today", "complaints_backlog", "alarms_now"),
        ),
        panel(
            "macet",
            "Lalu lintas",
            JAM_FEEDS,
            "traffic_jams",
            lambda lake, view: wall_zones.jams(_jams(lake, view)),
            how="Ruas yang macet atau ditutup dalam satu jam terakhir, menurut jumlah tundaannya.",
            queries=("jams_now",),
            rows=lambda lake, view: wall_zones.worst_streets(_jams(lake, view)),
        ),
        panel(
            "udara",
            "Udara",
            AIR_FEEDS,
            "air_measurements",
            lambda lake, view: wall_zones.air(layers.air_stations(lake, view)),
            how="Stasiun dengan ISPU tertinggi, dan jumlah stasiun tiap kategori.",
            queries=("air_now",),
            rows=layers.air_stations,
        ),
        panel(
            "cuaca",
            "Cuaca",
            ("bmkg_alerts",),
            "weather_alerts",
            lambda lake, view: wall_zones.weather(_warnings(lake, view)),
            how="Peringatan dini BMKG yang berlaku menurut waktunya sendiri.",
            queries=("warnings_now",),
            rows=_warnings,
        ),
        panel(
            "kamera",
            "Kamera",
            (*CAMERA_FEEDS, *ALARM_FEEDS),
            "camera_checks",
            lambda lake, view: wall_zones.cameras(
                _cameras(lake, view), queries.cameras_count(lake, view.as_of, view.area)
            ),
            how="Kamera yang diperintahkan, kamera terdekat dengan peringatan terberat, lalu kamera"
            " pintu air. Hidup bila isi"
            " gambarnya berubah pada pemeriksaan terakhir, dalam 90 menit.",
            queries=("cameras_wall", "camera_one", "cameras_count"),
            params=(CAMERA,),
        ),
        Panel(
            "wall-peta",
            "Peta kota",
            (*GATE_FEEDS, *FLOOD_FEEDS, *JAM_FEEDS, *ALARM_FEEDS, *AIR_FEEDS),
            STAFF,
            lambda lake, view: wall_map.over(
                _gates(lake, view),
                _flooded(lake, view),
                _jams(lake, view),
                _alarms(lake, view),
                layers.air_stations(lake, view),
            ),
            how="Hanya yang tidak biasa: pos air Siaga 3 ke atas atau tanpa data baru, kelurahan"
            " yang tergenang, ruas yang macet, peringatan, dan udara tidak sehat.",
            queries=("gates_now", "inundations_now", "jams_now", "alarms_now", "air_now"),
        ),
    ]


def _alarms(lake: Lake, view: View) -> list[Row]:
    return queries.alarms_now(lake, view.as_of, view.area)


def _gates(lake: Lake, view: View) -> list[Row]:
    return queries.gates_now(lake, view.as_of, view.area)


def _pumps(lake: Lake, view: View) -> list[Row]:
    return layers.one_origin(queries.pumps_now(lake, view.as_of, view.area))


def _flooded(lake: Lake, view: View) -> list[Row]:
    return queries.inundations_now(lake, view.as_of, view.area)


def _jams(lake: Lake, view: View) -> list[Row]:
    return queries.jams_now(lake, view.as_of, view.area)


def _warnings(lake: Lake, view: View) -> list[Row]:
    return queries.warnings_now(lake, view.as_of)


def _cameras(lake: Lake, view: View) -> list[Row]:
    """Return cameras with a picture: the ordered one, those near the gravest alarm, then gates."""
    placed = [row for row in _alarms(lake, view) if row["lon"] and row["kelurahan_code"]]
    at = (placed[0]["lon"], placed[0]["lat"]) if placed else None
    ordered = queries.camera_one(lake, view.as_of, view.params.get(CAMERA, ""))
    found = [
        *([ordered] if ordered and ordered["proxied"] else []),
        *(_some_cameras(lake, view, at, None) if at else []),
        *_some_cameras(lake, view, None, "gate"),
    ]
    once: dict[str, Row] = {}
    for row in found:
        once.setdefault(row["camera_id"], row)
    return list(once.values())[: wall_zones.CAMERAS]


def _some_cameras(
    lake: Lake, view: View, at: tuple[float, float] | None, kind: str | None
) -> list[Row]:
    rows = queries.cameras_wall(
        lake,
        view.as_of,
        view.area,
        kind=kind,
        at=at,
        within_m=NEAR_M,
        troubled=False,
        most=wall_zones.CAMERAS // 2 if at else wall_zones.CAMERAS,
        skip=0,
    )
    return [row for row in rows if row["proxied"]]
