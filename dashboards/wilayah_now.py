"""What goes on in an area at the moment: water, roads, air, cameras and people, one line each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import floods, layers, parts
from dashboards.maps import swatch
from dashboards.panels import UNKNOWN, View
from dashboards.wilayah_areas import Area
from data import queries, words
from data.lake import Lake
from data.queries import Row

WATER, PUMPS = layers.GATES.feeds, layers.PUMPS.feeds
FLOODS, JAMS = layers.INUNDATIONS.feeds, layers.JAMS.feeds
AIR, CAMERAS = layers.AIR.feeds, ("cameras",)
OFFICERS = ("duty_roster", "traccar")
FEEDS = (*WATER, *FLOODS, *PUMPS, *JAMS, *AIR, *CAMERAS, *OFFICERS)
# Only those who may see where officers are see how many there are.
OFFICER_ROLES = layers.OFFICERS.roles


def draw(lake: Lake, view: View, area: Area) -> Component:
    """Draw the state of an area, each line with its own age and the way to its page."""

    def known(*sources: str) -> bool:
        return view.knows(*sources)

    lines = [
        _line("Peringatan", "/peringatan", area, _alarms(lake, view)),
        _line(
            "Genangan",
            "/banjir",
            area,
            _inundations(queries.inundations_now(lake, view.as_of, area.code))
            if known("inundations", *FLOODS)
            else None,
        ),
        _line("Pintu air", "/banjir", area, _gates(queries.gates_now(lake, view.as_of, area.code))),
        _line("Pompa", "/banjir", area, _pumps(queries.pumps_now(lake, view.as_of, area.code))),
        _line(
            "Lalu lintas",
            "/lalu-lintas",
            area,
            _jams(queries.jams_now(lake, view.as_of, area.code))
            if known("traffic_jams", *JAMS)
            else None,
        ),
        _line("Udara", "/udara", area, _air(layers.air_stations(lake, view))),
        _line(
            "Kamera",
            "/cctv",
            area,
            _cameras(queries.cameras_count(lake, view.as_of, area.code))
            if known("camera_checks", *CAMERAS)
            else None,
        ),
    ]
    if view.role.id in OFFICER_ROLES:
        told = (
            _officers(queries.officers_on_duty(lake, view.as_of, area.code))
            if known("duty_roster", *OFFICERS)
            else None
        )
        lines.append(_line("Petugas", "/petugas", area, told))
    return html.Ul(lines, className="wilayah-kini")


def _line(name: str, page: str, area: Area, told: Any) -> Component:
    return html.Li(
        [
            html.A(
                name,
                href=f"{page}?wilayah={area.code}",
                className="link",
                **{"data-act": "visit"},
            ),
            html.Div(told if told is not None else _quiet(UNKNOWN)),
        ]
    )


def _quiet(text: str, feeds: Sequence[str] = ()) -> Component:
    """Return a sentence that says that there is nothing, which a dead feed cannot say."""
    body = parts.judged(text, feeds=feeds) if feeds else text
    return html.Span(body, className="wilayah-nihil")


def _alarms(lake: Lake, view: View) -> Any:
    rows = queries.alarms_now(lake, view.as_of, view.area)
    if not rows:
        return _quiet("Tidak ada peringatan")
    return [
        html.Strong(f"{words.number(len(rows))} peringatan"),
        html.Div(rows[0]["title"], className="figure-note"),
    ]


def _inundations(rows: Sequence[Row]) -> Any:
    if not rows:
        return _quiet("Tidak ada yang dilaporkan", FLOODS)
    deepest = max(rows, key=layers.depth_of)
    state = layers.depth_of(deepest)
    return [
        parts.reading(len(rows), "RT/RW", feeds=FLOODS),
        html.Div(
            [
                swatch(*layers.DEPTH_LOOKS[state]),
                f" {deepest['area_name'] or deepest['area_code']}: {layers.DEPTHS[state]}",
            ],
            className="figure-note",
        ),
    ]


def _gates(rows: Sequence[Row]) -> Any:
    told = [row for row in layers.one_origin(rows) if row["level_cm"] is not None]
    if not rows:
        return _quiet("Tidak ada pos di wilayah ini")
    if not told:
        return _quiet("Belum ada data")
    worst = min(told, key=lambda row: row["siaga"] or 9)
    own = {
        "moment": worst["event_time"],
        "late_s": worst["late_s"],
        "expired_s": worst["expired_s"],
    }
    return [
        parts.reading(worst["level_cm"], "cm", **own),
        html.Div(
            [
                parts.judged(
                    [swatch(*layers.siaga_look(worst["siaga"])), layers.siaga_word(worst["siaga"])],
                    **own,
                ),
                f" · {worst['name']}",
            ],
            className="figure-note",
        ),
    ]


def _pumps(rows: Sequence[Row]) -> Any:
    if not rows:
        return _quiet("Tidak ada rumah pompa di wilayah ini")
    houses = layers.one_origin(rows)
    if all(row["running"] is None for row in houses):
        return _quiet("Belum ada data")
    sums = floods.pump_sums(houses)
    return [
        parts.reading(
            sums["running"], f"aktif dari {words.number(sum(sums.values()))} pompa", feeds=PUMPS
        ),
        html.Div(floods.pump_rest(sums), className="figure-note"),
        html.Div(
            [f"{words.number(len(houses))} rumah pompa, ", *floods.report_ages(houses)],
            className="figure-note",
        ),
    ]


def _jams(rows: Sequence[Row]) -> Any:
    jammed = [row for row in rows if row["level"] >= layers.JAMMED]
    if not jammed:
        return _quiet("Tidak ada titik macet", JAMS)
    worst = next((row["street"] for row in jammed if row["street"]), None)
    return [
        parts.reading(len(jammed), "titik macet", feeds=JAMS),
        html.Div(f"terberat {worst}", className="figure-note") if worst else None,
    ]


def _air(rows: Sequence[Row]) -> Any:
    told = [row for row in layers.one_origin(rows) if row["index"] is not None]
    if not rows:
        return _quiet("Tidak ada stasiun di wilayah ini")
    if not told:
        return _quiet("Belum ada data")
    worst = max(told, key=lambda row: row["index"])
    number = layers.ISPU_WORDS.index(worst["category"])
    return [
        parts.reading(worst["index"], f"ISPU {worst['category']}", feeds=AIR),
        html.Div(
            [
                swatch(f"air-{layers.ISPU_SHAPES[number]}", layers.ISPU_COLORS[number]),
                f" {worst['name']}",
            ],
            className="figure-note",
        ),
    ]


def _cameras(row: Row) -> Any:
    if not row["total"]:
        return _quiet("Tidak ada kamera di wilayah ini")
    return [
        parts.reading(
            row["live"] if row["probed"] else None,
            f"hidup dari {words.number(row['probed'])} yang diperiksa",
            feeds=CAMERAS,
        ),
        html.Div(
            f"{words.number(row['total'])} kamera; diperiksa bergiliran tiap 15 menit, pengamat air"
            " tiap 10 detik",
            className="figure-note",
        ),
    ]


def _officers(row: Row) -> Any:
    return parts.reading(row["on_duty"], "petugas bertugas", feeds=OFFICERS)


def as_rows(lake: Lake, view: View) -> list[Row]:
    """Return how much there is of each, for taking away."""
    questions: dict[str, Callable[[Lake, Any, str], list[Row]]] = {
        "genangan": queries.inundations_now,
        "pintu_air": queries.gates_now,
        "rumah_pompa": queries.pumps_now,
        "kemacetan": queries.jams_now,
    }
    return [
        {"hal": name, "jumlah": len(ask(lake, view.as_of, view.area))}
        for name, ask in questions.items()
    ]
