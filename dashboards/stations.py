"""Water stations: the table of all, the tide, and what stands around one of them.

Pure functions from rows to components; the page /banjir puts them into panels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dash import html
from dash.development.base_component import Component

from dashboards import charts, layers, parts
from dashboards.floods import pump_swatch
from dashboards.gauge_chart import was_late
from dashboards.layers import siaga_word
from dashboards.maps import swatch
from dashboards.rivers import NORMAL, budget, owners, siaga_mark, station_link
from dashboards.tables import cell, table
from data import words
from data.queries import Row
from data.waves import Points


def station_table(rows: Sequence[Row], points: Mapping[str, Points]) -> Component:
    """Draw every station with its level, thresholds and last 24 hours, gravest first.

    Args:
        rows: Those of the query `gates_now`.
        points: Those of `day_points`.
    """
    if not rows:
        return parts.empty("Tidak ada pos di wilayah ini")
    heads = ("Pos", "Sungai", "Tinggi muka air", "Siaga", "Ke ambang berikut", "Laju", "24 jam")
    return table(
        heads, [_station_row(row, points.get(row["station_id"], [])) for row in rows], tall=True
    )


def _station_row(row: Row, points: Points) -> Component:
    told = row["level_cm"] is not None
    return html.Tr(
        [
            html.Th(station_link(row), scope="row"),
            cell("Sungai", row["river"]),
            cell("Tinggi", parts.reading(row["level_cm"], "cm", **budget(row))),
            cell("Siaga", siaga_mark(row) if told else words.NOTHING),
            cell("Ke ambang berikut", to_next(row)),
            cell("Laju", words.quantity(row["rise_cm_h"], "cm/jam", 0), "number"),
            cell("24 jam", _spark(row, points)),
        ]
    )


def to_next(row: Row) -> str:
    """Write how far a level is from the next bound, or above the last; a row of `gates_now`."""
    level, siaga = row["level_cm"], row["siaga"]
    if level is None or siaga is None:
        return words.NOTHING
    if siaga == 1:
        over = level - row["siaga1_cm"] if row["siaga1_cm"] is not None else None
        return f"{words.quantity(over, 'cm')} di atas ambang Siaga 1"
    bound = row[f"siaga{siaga - 1}_cm"]
    if bound is None:
        return f"ambang Siaga {siaga - 1} belum ada"
    return f"{words.quantity(bound - level, 'cm')} ke Siaga {siaga - 1}"


def _spark(row: Row, points: Points) -> Component | str:
    if not points:
        return words.NOTHING
    grave = (row["siaga"] or NORMAL) < NORMAL
    return charts.spark(
        points,
        label=f"Tinggi muka air {row['name']} dalam 24 jam",
        bound=row["siaga3_cm"] if grave else None,
    )


def chart_notes(row: Row, levels: Sequence[Row], rain: Sequence[Row]) -> Component:
    """Return what a reader of a station's chart must know; the arguments are those of the chart."""
    notes = []
    if rain:
        distance = words.quantity(rain[-1]["distance_km"], "km", 1)
        notes.append(f"Hujan: pos hujan {rain[-1]['station_id']}, {distance} dari {row['name']}.")
    if any(was_late(reading, row["late_s"]) for reading in levels):
        notes.append("Cincin: baru diketahui kemudian.")
    if any(reading["known_assumed"] for reading in levels):
        notes.append("Waktu diketahui sebagian pembacaan diasumsikan: dimuat dari arsip.")
    return html.P(" ".join(notes), className="figure-note")


def around(row: Row, cameras: Sequence[Row], pumps: Sequence[Row]) -> Component:
    """Draw a station with its bounds, who decides, and what stands near it.

    Args:
        row: A row of the query `gates_now`.
        cameras: Those of `cameras_near`.
        pumps: Those of `pumps_now`, with `distance_km`, nearest first.
    """
    bounds = [
        html.Li(
            [
                swatch(*layers.siaga_look(siaga)),
                f"{siaga_word(siaga)}: {_bound(row[f'siaga{siaga}_cm'])}",
            ]
        )
        for siaga in (3, 2, 1)
    ]
    decides = owners().get(row["siaga"])
    return html.Div(
        [
            html.Div(
                [
                    html.H3(row["name"]),
                    html.Span(f"Sungai {row['river']}", className="figure-note"),
                    html.Ul(bounds, className="bounds"),
                    html.P(f"Yang memutuskan: {decides}") if decides else None,
                ]
            ),
            html.Div([html.H3("Kamera terdekat"), _cameras(cameras)]),
            html.Div([html.H3("Rumah pompa terdekat"), _near_pumps(pumps)]),
        ],
        className="around",
    )


def _bound(level_cm: float | None) -> str:
    return "ambang belum ada" if level_cm is None else f"mulai {words.quantity(level_cm, 'cm')}"


def _cameras(rows: Sequence[Row]) -> Component:
    if not rows:
        return html.P("Tidak ada kamera pengamat air dalam 5 km", className="figure-note")
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(row["name"]),
                    html.Span(_distance(row), className="figure-note"),
                    html.Span(
                        [
                            swatch(*_camera_mark(row["state"])),
                            layers.CAMERA_WORDS.get(row["state"], "Belum diketahui"),
                        ],
                        className="near-state",
                    ),
                ]
            )
            for row in rows
        ],
        className="near",
    )


def _camera_mark(state: str | None) -> tuple[str, str]:
    found = next(
        (mark for mark in layers.CAMERAS.marks if mark.key == (state or "unknown")),
        layers.CAMERAS.marks[-1],
    )
    return found.shape, found.color


def _near_pumps(rows: Sequence[Row]) -> Component:
    if not rows:
        return html.P("Tidak ada rumah pompa dalam 5 km", className="figure-note")
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(row["name"]),
                    html.Span(_distance(row), className="figure-note"),
                    html.Span([pump_swatch(row), _pump_text(row)], className="near-state"),
                ]
            )
            for row in rows
        ],
        className="near",
    )


def _distance(row: Row) -> str:
    return words.quantity(row["distance_km"], "km", 1)


def _pump_text(row: Row) -> str:
    if row["running"] is None:
        return "tanpa data"
    return f"{words.number(row['running'])} dari {words.quantity(row['pumps'], 'pompa')} aktif"


def sea(rows: Sequence[Row], points: Mapping[str, Points]) -> Component:
    """Draw the tide at the sea's gauges.

    Args:
        rows: Those of `gates_now` of the sea's gauges.
        points: Those of `day_points`.
    """
    told = [row for row in rows if row["level_cm"] is not None]
    if not told:
        return parts.empty("Belum ada data pasang surut")
    return html.Ul([_tide(row, points.get(row["station_id"], [])) for row in told], className="sea")


def _tide(row: Row, points: Points) -> Component:
    extremes = None
    if points:
        high, low = max(points, key=lambda one: one[1]), min(points, key=lambda one: one[1])
        extremes = html.P(
            f"24 jam: tertinggi {words.quantity(high[1], 'cm')} pukul {words.clock(high[0])},"
            f" terendah {words.quantity(low[1], 'cm')} pukul {words.clock(low[0])}",
            className="figure-note",
        )
    return html.Li(
        [
            html.Div([station_link(row), siaga_mark(row)], className="sea-name"),
            parts.reading(row["level_cm"], "cm", **budget(row)),
            _spark(row, points),
            extremes,
        ]
    )
