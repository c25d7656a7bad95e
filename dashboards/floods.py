"""Pumps, inundations, citizens' reports, warnings and rain, as the page /banjir shows them.

Pure functions from rows to components.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from statistics import median_low
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import layers, parts
from dashboards.layers import DEPTHS, siaga_word
from dashboards.maps import swatch
from dashboards.rivers import NORMAL
from dashboards.tables import cell, table
from data import words
from data.areas import distance_m
from data.flood_depths import depth_class
from data.queries import Row

# An inundation of which nothing was heard for so long is not confirmed any more.
CONFIRMED_S = 10_800.0
# A pump house farther from every gauge than this belongs to none.
NEAR_KM = 5.0
PUMP_WORDS = {
    "running": "aktif",
    "idle": "siap (idle)",
    "off": "nonaktif",
    "broken": "rusak",
    "silent": "tanpa data",
}


def pump_parts(row: Row) -> dict[str, int]:
    """Return the pumps of a house by what they do; together they are those installed.

    What a source leaves between its sums and the pumps installed is neither off nor broken: nobody
    has said so, and it counts as without data.
    """
    told = {name: row[name] or 0 for name in ("running", "idle", "off", "broken")}
    installed = max(row["pumps"] or 0, sum(told.values()))
    return told | {"silent": installed - sum(told.values()), "installed": installed}


def pump_sums(rows: Sequence[Row]) -> dict[str, int]:
    """Return the pumps of all houses by what they do, in the order of `PUMP_WORDS`.

    Together they are those installed. What no source tells of is not among them as a zero.
    """
    sums = Counter[str]()
    for row in rows:
        sums.update(pump_parts(row))
    return {
        name: sums[name]
        for name in PUMP_WORDS
        if name == "silent" or any(row[name] is not None for row in rows)
    }


def pump_rest(sums: Mapping[str, int]) -> str:
    """Say of `pump_sums` what the pumps that do not run do: "12 siap (idle) · 3 tanpa data"."""
    told = [(PUMP_WORDS[name], count) for name, count in sums.items() if name != "running"]
    return " · ".join(f"{words.number(count)} {word}" for word, count in told)


def report_ages(rows: Sequence[Row]) -> list[Any]:
    """Say how old the reports of the keepers are, which are older than the fetch that brought them.

    Args:
        rows: Those of `pumps_now`, of which one has a report.
    """
    told = [row["event_time"] for row in rows if row["event_time"] is not None]
    oldest, median = min(told), median_low(told)
    if median == oldest:
        return ["laporan ", parts.age(oldest)]
    return ["laporan tertua ", parts.age(oldest), ", median ", parts.age(median)]


def with_gauge(rows: Sequence[Row], gates: Sequence[Row]) -> list[Row]:
    """Return pump houses with their nearest gauge (`gauge`, `distance_km`), threatened ones first.

    A house is threatened where the water at the nearest gauge within five km is at siaga 3 or
    graver; among those, the house with the smallest share of running pumps comes first.
    """
    placed = [row | _nearest_gauge(row, gates) for row in rows]
    return sorted(placed, key=_need)


def nearest(rows: Sequence[Row], place: Row, *, most: int) -> list[Row]:
    """Return the rows within five km of a place with their `distance_km`, nearest first."""
    near = [row | {"distance_km": _apart(row, place)} for row in rows]
    near.sort(key=lambda row: row["distance_km"])
    return [row for row in near[:most] if row["distance_km"] <= NEAR_KM]


def _nearest_gauge(row: Row, gates: Sequence[Row]) -> Row:
    near = min(gates, key=lambda gate: _apart(row, gate), default=None)
    if near is None or _apart(row, near) > NEAR_KM:
        return {"gauge": None, "distance_km": None}
    return {"gauge": near, "distance_km": _apart(row, near)}


def _apart(one: Row, other: Row) -> float:
    """Return the distance in km."""
    return distance_m(one["lon"], one["lat"], other["lon"], other["lat"]) / 1000


def _need(row: Row) -> tuple[int, float, str]:
    pumps = pump_parts(row)
    siaga = (row["gauge"] or {}).get("siaga") or NORMAL
    running = pumps["running"] / pumps["installed"] if pumps["installed"] else 1.0
    return siaga, running, row["name"]


def pump_swatch(row: Row) -> Component:
    """Return what a pump house does, by shape; a row of `pumps_now`."""
    key = layers.pump_mark(row)
    mark = next(mark for mark in layers.PUMPS.marks if mark.key == key)
    return swatch(mark.shape, mark.color)


def pumps(rows: Sequence[Row]) -> Component:
    """Draw what the pumps do, in all and by house; rows of `with_gauge`."""
    if not rows:
        return parts.empty("Tidak ada rumah pompa di wilayah ini")
    sums = pump_sums(rows)
    unsaid = [PUMP_WORDS[name] for name in ("off", "broken") if name not in sums]
    is_told = any(row["event_time"] is not None for row in rows)
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.Span(words.number(count), className="value"),
                            html.Span(PUMP_WORDS[name], className="figure-unit"),
                        ],
                        className=f"pump-sum pump-{name}",
                    )
                    for name, count in sums.items()
                ],
                className="pump-sums",
            ),
            html.Div(
                [
                    html.I(className=f"pump-{name}", style={"flexGrow": count})
                    for name, count in sums.items()
                    if count
                ],
                className="pump-bar",
                **{"aria-hidden": "true"},
            ),
            html.P(
                [
                    f"Jumlahnya {words.number(sum(sums.values()))} pompa terpasang di"
                    f" {words.number(len(rows))} rumah pompa",
                    *(["; ", *report_ages(rows)] if is_told else []),
                    f". Sumber data tidak menyatakan yang {' dan '.join(unsaid)}."
                    if unsaid
                    else ".",
                ],
                className="figure-note",
            ),
            table(
                ("Rumah pompa", "Pos terdekat", *(PUMP_WORDS[name] for name in sums), "Laporan"),
                [_pump_row(row, tuple(sums)) for row in rows],
                tall=True,
            ),
        ]
    )


def _pump_row(row: Row, shown: Sequence[str]) -> Component:
    pumps, gauge = pump_parts(row), row["gauge"]
    near = words.NOTHING if gauge is None else _gauge_name(gauge, row["distance_km"])
    told = row["running"] is not None
    return html.Tr(
        [
            html.Th(html.Span([pump_swatch(row), row["name"]], className="marked"), scope="row"),
            cell("Pos terdekat", near),
            *(
                cell(
                    PUMP_WORDS[name],
                    words.number(pumps[name]) if told or name == "silent" else words.NOTHING,
                    "number",
                )
                for name in shown
            ),
            cell("Laporan", parts.age(row["event_time"])),
        ]
    )


def _gauge_name(gauge: Row, distance_km: float) -> Component:
    mark = swatch(*layers.siaga_look(gauge["siaga"]))
    near = f"{gauge['name']} · {words.quantity(distance_km, 'km', 1)}"
    return html.Span(
        [mark, html.Span(f"{siaga_word(gauge['siaga'])}, ", className="visually-hidden"), near],
        className="marked",
    )


def inundations(rows: Sequence[Row]) -> Component:
    """Draw the flooded RT and RW by kelurahan, deepest first; rows of `inundations_now`."""
    if not rows:
        return parts.empty("Tidak ada genangan yang dilaporkan")
    levels = Counter(row["area_level"] for row in rows)
    depths = Counter(layers.depth_of(row) for row in rows)
    by_place = sorted(rows, key=lambda row: row["kelurahan_code"] or "")
    places = [
        list(group) for _, group in groupby(by_place, key=lambda row: row["kelurahan_code"] or "")
    ]
    places.sort(key=lambda place: (min(_rank(row) for row in place), -len(place)))
    counted = [
        words.quantity(levels[level], f"{level.upper()} tergenang")
        for level in ("rt", "rw")
        if levels[level]
    ]
    return html.Div(
        [
            html.P(
                f"{' dan '.join(counted)} di {words.number(len(places))} kelurahan",
                className="summary",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            swatch(*layers.DEPTH_LOOKS[depth]),
                            html.Strong(words.number(depths[depth])),
                            DEPTHS[depth],
                        ]
                    )
                    for depth in layers.DEPTH_LOOKS
                ],
                className="depths",
            ),
            html.Ul([_flooded(place) for place in places], className="flooded"),
        ]
    )


def _rank(row: Row) -> int:
    return list(layers.DEPTH_LOOKS).index(layers.depth_of(row))


def _flooded(place: Sequence[Row]) -> Component:
    first = place[0]
    return html.Li(
        [
            _area_link(first),
            html.Ul(
                [
                    html.Li(
                        [
                            swatch(*layers.DEPTH_LOOKS[layers.depth_of(row)]),
                            html.Strong(row["area_name"] or row["area_code"]),
                            html.Span(DEPTHS[layers.depth_of(row)]),
                            parts.age(row["event_time"]),
                            html.Span("belum dikonfirmasi", className="unconfirmed"),
                        ],
                        **_ages(row["event_time"], late_s=CONFIRMED_S),
                    )
                    for row in sorted(place, key=_rank)
                ]
            ),
        ]
    )


def _area_link(row: Row) -> Component | str:
    if not row["kelurahan"]:
        return html.Span("Di luar wilayah", className="flooded-place")
    return html.Button(
        f"Kel. {row['kelurahan']}",
        className="link flooded-place",
        **{"data-act": "go", "data-name": "wilayah", "data-value": row["kelurahan_code"]},
    )


def _ages(moment: datetime, *, late_s: float, expired_s: float | None = None) -> dict[str, str]:
    """Return what makes the browser set `data-state` by the age of what happened at `moment`."""
    return {
        "data-fresh": moment.isoformat(),
        "data-late": f"{late_s:g}",
        "data-expired": "" if expired_s is None else f"{expired_s:g}",
    }


def reports(rows: Sequence[Row]) -> Component:
    """Draw citizens' reports, newest first; rows of `flood_reports_now`."""
    if not rows:
        return parts.empty("Tidak ada laporan warga dalam tiga jam terakhir")
    return html.Div(
        [
            html.P(
                f"{words.quantity(len(rows), 'laporan')} dalam tiga jam terakhir, belum diperiksa",
                className="summary",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            swatch(*layers.DEPTH_LOOKS[depth_class(row["depth_cm"])]),
                            html.Strong(_reported_depth(row["depth_cm"])),
                            _area_link(row),
                            parts.age(row["event_time"]),
                        ],
                        **_ages(
                            row["event_time"],
                            late_s=layers.REPORT_FADES_S,
                            expired_s=layers.REPORT_LEAVES_S,
                        ),
                    )
                    for row in rows
                ],
                className="reports",
            ),
        ]
    )


def _reported_depth(depth_cm: float | None) -> str:
    return "tanpa kedalaman" if depth_cm is None else words.quantity(depth_cm, "cm")


def warnings(rows: Sequence[Row]) -> Component:
    """Draw the BMKG warnings in force; rows of `warnings_now`."""
    if not rows:
        return html.P("BMKG: tidak ada peringatan dini yang berlaku", className="summary")
    return html.Ul([_warning(row) for row in rows], className="warnings")


def _warning(row: Row) -> Component:
    begins = row["effective_at"] or row["event_time"]
    text, lasts = row["description"], (row["expires_at"] - begins).total_seconds()
    return html.Li(
        [
            html.P(
                [
                    html.Strong(f"BMKG: {row['headline'] or row['event']}"),
                    html.Span(
                        f"berlaku {words.clock(begins).removesuffix(' WIB')}"
                        f"–{words.clock(row['expires_at'])}",
                        className="warning-span",
                    ),
                ]
            ),
            html.Details([html.Summary("Isi peringatan"), html.P(text)]) if text else None,
        ],
        **_ages(begins, late_s=lasts, expired_s=lasts),
    )


def _rain_place(row: Row) -> str:
    place = f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar DKI"
    return f"Pos hujan {row['station_id']}, {place}"


def rain(rows: Sequence[Row]) -> Component:
    """Draw the rain at each post, hardest first; rows of `rain_now` with `kelurahan`."""
    if not rows:
        return parts.empty("Tidak ada data hujan di wilayah ini")
    return table(
        ("Pos hujan", "Satu jam terakhir", "24 jam", "Laporan"),
        [
            html.Tr(
                [
                    html.Th(_rain_place(row), scope="row"),
                    cell("Satu jam", words.quantity(row["rain_mm_h"], "mm/jam", 1), "number"),
                    cell("24 jam", words.quantity(row["rain_24h_mm"], "mm", 1), "number"),
                    cell("Laporan", parts.age(row["event_time"])),
                ]
            )
            for row in rows
        ],
    )
