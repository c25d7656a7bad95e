"""Petugas: who is on duty where, who is nearest to an event, and where one was.

URL    /petugas?dekat=106.85,-6.21&pos=&alarm=&dinas=…&jejak=1352&jam=2
       /petugas/jejak?petugas=1352&jam=2   the track of one officer, as JSON
Reads  officers_now, officers_by_agency, officer_one, officer_track, alarms_now, and the layers of
       the map

Positions are those of units on duty by the roster, never of persons, and leave the map after 15
minutes. Each look at a track is logged with the role that looked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import structlog
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import layers, maps, parts, spots
from dashboards.access import STAFF
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from dashboards.spots import Spot
from dashboards.tables import cell, table
from data import queries, words
from data.lake import Lake
from data.queries import Row

log = structlog.get_logger()

PATH, MAP = "/petugas", "petugas-peta"
FEEDS = ("traccar", "duty_roster")
NEAREST, EVENTS_SHOWN = 12, 6
HOURS = (1, 2, 3)
STATE_WORDS = {"assigned": "Dalam penugasan", "on_duty": "Siap"}
NO_ROSTER = "Tidak ada jadwal dinas yang berlaku"
NO_ROSTER_HINT = "Tanpa jadwal dinas tidak seorang petugas pun ditampilkan."
MAP_LAYERS = (
    replace(layers.OFFICERS, shown=True),
    layers.INUNDATIONS,
    replace(layers.GATES, shown=False),
)


def mount(site: Site) -> None:
    """Put the page, its map, its panels and the tracks on the site."""
    near, duty = panels = _panels()
    site.panels(*panels)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Petugas", className="visually-hidden"),
                html.Section(
                    [
                        maps.map_view(site, MAP_LAYERS, id=MAP),
                        html.Div(id="jejak", className="track", role="status", hidden=True),
                    ],
                    className="petugas-map",
                    **{"aria-label": "Peta petugas"},
                ),
                html.Div(
                    [
                        panel_slot(near, class_name="petugas-near"),
                        panel_slot(duty, class_name="petugas-duty"),
                    ],
                    className="petugas-side",
                ),
            ],
            className="petugas",
        )

    def track() -> Response:
        view = site.view()
        officer = queries.officer_one(site.lake, view.as_of, request.args.get("petugas", ""))
        if officer is None:
            abort(404)
        hours = hours_of(request.args.get("jam", ""))
        since = view.as_of.event_time - timedelta(hours=hours)
        rows = queries.officer_track(site.lake, view.as_of, officer["officer_id"], since=since)
        log.info(
            "officer.track",
            role=view.role.id,
            officer=officer["officer_id"],
            hours=hours,
            moment=view.as_of.event_time.isoformat(),
            positions=len(rows),
        )
        response = Response(track_json(officer, rows, hours), mimetype="application/json")
        response.headers["Cache-Control"] = "private, no-store"
        return response

    site.page(
        __name__, path=PATH, title="Petugas", icon="officers", order=50, roles=STAFF, layout=layout
    )
    site.route("/petugas/jejak", track, roles=STAFF)


def hours_of(text: str) -> int:
    """Return how many hours of a track the address asks for; what it may not ask is two."""
    return int(text) if text in {str(hours) for hours in HOURS} else 2


def track_json(officer: Row, rows: Sequence[Row], hours: int) -> bytes:
    """Return a track for the browser.

    Args:
        officer: The row of `officer_one`.
        rows: Those of `officer_track`.
        hours: How far back they were asked for.
    """
    return orjson.dumps(
        {
            "id": officer["officer_id"],
            "name": officer["name"],
            "agency": officer["agency"],
            "hours": hours,
            "simulated": any(row["simulated"] for row in rows),
            "points": [
                [round(row["lon"], 5), round(row["lat"], 5), int(row["event_time"].timestamp())]
                for row in rows
            ],
        }
    )


def nearest(rows: Sequence[Row], spot: Spot | None, events: Sequence[Row], view: View) -> Component:
    """Draw the officers nearest to a place, or the choices of a place.

    Args:
        rows: Those of `officers_near`, empty without a place.
        spot: The place that the address asks for.
        events: Alarms that stand, gravest first; rows of `alarms_now`.
        view: With the parameters of the panel.
    """
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        "Pilih titik di peta",
                        type="button",
                        className="choice",
                        **{"data-act": "pilih-titik"},
                    ),
                    *(_event(row, view) for row in events),
                ],
                className="near-choices",
            ),
            _nearest_to(rows, spot, view)
            if spot
            else parts.empty(
                "Terdekat dengan apa?", "Pilih titik di peta atau salah satu peringatan."
            ),
        ]
    )


def _event(row: Row, view: View) -> Component:
    chosen = row["alarm_id"] == view.params.get("alarm")
    return html.Button(
        row["subject"],
        type="button",
        className="choice",
        title=row["title"],
        **{
            "data-act": "pilih",
            "data-go": orjson.dumps(
                {"dekat": None, "pos": None, "alarm": row["alarm_id"]}
            ).decode(),
            "aria-pressed": str(chosen).lower(),
        },
    )


def _nearest_to(rows: Sequence[Row], spot: Spot, view: View) -> Component:
    agency = view.params.get("dinas")
    return html.Div(
        [
            html.P(
                [
                    "Dekat ",
                    html.Strong(spot.name, **{"data-spot": f"{spot.lon:.6f},{spot.lat:.6f}"}),
                    f" · {agency}" if agency else None,
                    " ",
                    html.Button(
                        "Hapus",
                        type="button",
                        className="link",
                        **{
                            "data-act": "pilih",
                            "data-go": orjson.dumps(
                                dict.fromkeys((*spots.PARAMS, "dinas"))
                            ).decode(),
                        },
                    ),
                ],
                className="near-spot",
            ),
            table(
                ["jarak", "petugas", "keadaan", "posisi"],
                [_officer(row) for row in rows],
            )
            if rows
            else parts.empty(
                "Tidak ada petugas bertugas dengan posisi 15 menit terakhir", NO_ROSTER_HINT
            ),
        ]
    )


def _officer(row: Row) -> Component:
    return html.Tr(
        [
            cell("jarak", spots.distance(row["distance_m"]), "number"),
            cell(
                "petugas",
                [
                    html.Button(
                        row["name"],
                        type="button",
                        className="link",
                        title=f"Lihat jejak {row['name']}",
                        **{
                            "data-act": "go",
                            "data-name": "jejak",
                            "data-value": row["officer_id"],
                        },
                    ),
                    html.Small(row["agency"] or "perangkat daerah tidak diketahui"),
                ],
                "stacked",
            ),
            cell(
                "keadaan",
                [STATE_WORDS[row["state"]], html.Small(row["task_id"])]
                if row["task_id"]
                else STATE_WORDS[row["state"]],
                "stacked",
            ),
            cell("posisi", parts.age(row["event_time"])),
        ]
    )


def duty(rows: Sequence[Row]) -> Component:
    """Draw how many officers of each agency are on duty; rows of `officers_by_agency`."""
    if not rows:
        return parts.empty(NO_ROSTER, NO_ROSTER_HINT)
    heads = ["perangkat daerah", "bertugas", "penugasan", "≤ 5 mnt", "5–15 mnt"]
    names = ("on_duty", "assigned", "recent", "fading")
    return html.Div(
        [
            html.P(
                [
                    html.Span(words.number(sum(row["on_duty"] for row in rows)), className="value"),
                    html.Span(" petugas bertugas menurut jadwal", className="figure-unit"),
                ],
                className="key-figure",
            ),
            table(
                heads,
                [
                    html.Tr(
                        [
                            html.Th(_agency(row["agency"]), scope="row"),
                            *(
                                cell(head, words.number(row[name]), "number")
                                for head, name in zip(heads[1:], names, strict=True)
                            ),
                        ]
                    )
                    for row in rows
                ],
            ),
            html.P(
                "Posisi memudar setelah 5 menit dan hilang dari peta setelah 15 menit. Nama yang"
                " tampil adalah nama satuan. Setiap pembukaan jejak dicatat.",
                className="figure-note",
            ),
        ]
    )


def _agency(agency: str | None) -> Component | str:
    if agency is None:
        return "Tidak terdaftar"
    name = agency.title().replace(" Dan ", " dan ")
    return html.Button(
        name,
        type="button",
        className="link",
        title=f"Hanya petugas {name} pada daftar terdekat",
        **{"data-act": "go", "data-name": "dinas", "data-value": agency},
    )


def _nearest_rows(lake: Lake, view: View) -> list[Row]:
    spot = spots.asked(lake, view)
    if spot is None:
        return []
    agency = view.params.get("dinas")
    return queries.officers_near(lake, view.as_of, spot.at, agency=agency, most=NEAREST)


def _draw_nearest(lake: Lake, view: View) -> Component:
    events = [
        row
        for row in queries.alarms_now(lake, view.as_of, view.area)
        if row["lon"] is not None and row["lat"] is not None
    ]
    spot = spots.asked(lake, view)
    return nearest(_nearest_rows(lake, view), spot, events[:EVENTS_SHOWN], view)


def _panels() -> tuple[Panel, Panel]:
    return (
        Panel(
            id="petugas-terdekat",
            title="Petugas terdekat",
            feeds=(*FEEDS, "alarms"),
            roles=STAFF,
            render=_draw_nearest,
            rows=_nearest_rows,
            how="Petugas yang menurut jadwal bertugas atau dalam penugasan, menurut jarak lurus"
            " dari titik atau peringatan yang dipilih ke posisi terakhirnya dalam 15 menit.",
            queries=("officers_now",),
            params=(*spots.PARAMS, "dinas"),
            tables=("duty_roster", "officer_positions"),
        ),
        Panel(
            id="petugas-dinas",
            title="Petugas bertugas",
            feeds=FEEDS,
            roles=STAFF,
            render=lambda lake, view: duty(queries.officers_by_agency(lake, view.as_of, view.area)),
            rows=lambda lake, view: queries.officers_by_agency(lake, view.as_of, view.area),
            how="Menurut jadwal dinas yang berlaku pada saat itu. Petugas dihitung ke wilayah"
            " posisi terakhirnya dalam 15 menit; yang tanpa posisi hanya dihitung untuk seluruh"
            " Jakarta.",
            queries=("officers_by_agency",),
            tables=("duty_roster", "officer_positions"),
        ),
    )
