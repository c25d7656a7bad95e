"""Replay: what the bar of time asks, on whatever page it stands.

URL    /putar-ulang/tanda?dari=…&sampai=…&wilayah=…     what happened in that span, to jump to
       /putar-ulang/saat                               moments of all years that are worth seeing
       /putar-ulang/baru?pada=…&wilayah=…              what became known only after the moment
Reads  replay_marks, replay_days, late_known

Marks and moments are told as known now: they lead through time, and are no part of what the pages
show "as known then". The browser's half is assets/replay.js.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import parts
from dashboards.access import EVERYONE, STAFF
from dashboards.layers import siaga_word
from dashboards.maps import swatch
from dashboards.panels import answer, to_bytes
from dashboards.site import Site
from data import queries, words
from data.asof import WIB, AsOf
from data.queries import Row

LONGEST = timedelta(days=1)
MOST_DAYS = 12
MOST_LATE = 50
# What is as known now is kept so long: a row of the past that comes late waits for it.
KEPT_FOR = timedelta(minutes=1)
SHAPES = {1: "hexagon", 2: "diamond", 3: "triangle", 4: "circle"}
# Gravest first, as on the bar one mark stands for all of its minutes.
CALM = 4
TABLES = {
    "air_measurements": "Pengukuran udara",
    "complaint_versions": "Perubahan pengaduan",
    "flood_reports": "Laporan banjir warga",
    "inundations": "Genangan RT/RW",
    "pump_states": "Keadaan pompa",
    "traffic_alerts": "Laporan lalu lintas",
    "water_levels": "Tinggi muka air",
    "weather_alerts": "Peringatan BMKG",
}


def mount(site: Site) -> None:
    """Put the routes on the site."""

    def marks() -> Response:
        since, until = _moment("dari"), _moment("sampai")
        if since is None or until is None or not since < until <= since + LONGEST:
            abort(400)
        view = site.view()
        known = _kept_now(site)
        seen = view.role.id in STAFF
        key = (
            f"tanda|{since.isoformat()}|{until.isoformat()}|{known.isoformat()}|{view.area}|{seen}"
        )

        def make() -> bytes:
            rows = queries.replay_marks(
                site.lake, view.area, since=since, until=until, known_time=known
            )
            return orjson.dumps([_mark(row) for row in rows if seen or row["kind"] != "alarm"])

        return Response(site.shelf.get(key, make), mimetype="application/json")

    def moments() -> Response:
        known = _kept_now(site)

        def make() -> bytes:
            rows = queries.replay_days(site.lake, known_time=known, most=MOST_DAYS)
            return to_bytes(notable(rows))

        return answer(site.shelf.get(f"saat|{known:%Y%m%d%H}", make))

    def late() -> Response:
        view = site.view()
        as_of = AsOf.at(view.as_of.event_time, site.clock.now(), "sekarang")
        key = f"baru|{as_of.event_time.isoformat()}|{as_of.known_time.isoformat()}|{view.area}"

        def make() -> bytes:
            if view.as_of.live:
                return to_bytes(late_rows([], as_of))
            rows = queries.late_known(site.lake, as_of, view.area, most=MOST_LATE)
            return to_bytes(late_rows(rows, as_of))

        response = answer(site.shelf.get(key, make))
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    site.route("/putar-ulang/tanda", marks, roles=EVERYONE)
    site.route("/putar-ulang/saat", moments, roles=EVERYONE)
    site.route("/putar-ulang/baru", late, roles=EVERYONE)


def notable(rows: Sequence[Row]) -> Component:
    """Draw the moments that are worth seeing, worst first; rows of `replay_days`."""
    if not rows:
        return parts.empty("Belum ada genangan atau Siaga 1 dan 2 dalam riwayat")
    told = (
        ("flood", "Genangan terluas", _flood_day),
        ("water", "Tinggi muka air tertinggi", _water_day),
    )
    return html.Div(
        [
            section
            for kind, title, sentence in told
            for section in _moments(title, [row for row in rows if row["kind"] == kind], sentence)
        ],
        className="replay-moments",
    )


def _moments(
    title: str, rows: Sequence[Row], sentence: Callable[[Row], list[Any]]
) -> list[Component]:
    if not rows:
        return []
    return [
        html.H3(title),
        html.Ol(
            [
                html.Li(
                    html.Button(
                        [html.Strong(words.moment(row["event_time"])), html.Span(sentence(row))],
                        **{"data-act": "replay-at", "data-value": _local(row["event_time"])},
                    )
                )
                for row in rows
            ]
        ),
    ]


def _flood_day(row: Row) -> list[Any]:
    text = f"{words.number(row['amount'])} RT dan RW tergenang hari itu"
    return [text, parts.simulated_mark() if row["simulated"] else None]


def _water_day(row: Row) -> list[Any]:
    return [
        swatch(SHAPES[row["siaga"]], f"--siaga-{row['siaga']}"),
        f"{row['name']} {words.quantity(row['amount'], 'cm')}, {siaga_word(row['siaga'])}",
        parts.simulated_mark() if row["simulated"] else None,
    ]


def late_rows(rows: Sequence[Row], as_of: AsOf) -> Component:
    """Draw what became known only after the moment, by table; rows of `late_known`.

    The root carries how many there are, and how many of those shown have an assumed time.
    """
    if not rows:
        return html.Div(
            parts.empty("Tidak ada data 24 jam sebelumnya yang baru diketahui kemudian"),
            className="late-rows",
            **{"data-count": "0"},
        )
    found = {row["source"]: row["found"] for row in rows}
    return html.Div(
        [
            html.P(
                "Kejadian dalam 24 jam sebelum "
                f"{words.moment(as_of.event_time)} yang pada saat itu belum diketahui."
            ),
            *(
                part
                for source in found
                for part in _late_table(
                    source,
                    found[source],
                    [row for row in rows if row["source"] == source],
                    as_of,
                )
            ),
        ],
        className="late-rows",
        **{
            "data-count": str(sum(found.values())),
            "data-assumed": "yes" if all(row["known_assumed"] for row in rows) else "",
        },
    )


def _late_table(source: str, found: int, rows: Sequence[Row], as_of: AsOf) -> list[Component]:
    rest = f", {words.number(len(rows))} terbaru ditampilkan" if found > len(rows) else ""
    return [
        html.H3(f"{TABLES[source]}: {words.number(found)} baris{rest}"),
        html.Ul(
            [
                html.Li(
                    [
                        html.Time(
                            words.clock(row["event_time"]),
                            dateTime=row["event_time"].isoformat(),
                            title=words.moment(row["event_time"]),
                        ),
                        html.Span(row["name"] or row["id"]),
                        parts.late_mark(row, as_of),
                        parts.simulated_mark() if row["simulated"] else None,
                    ]
                )
                for row in rows
            ]
        ),
    ]


def _mark(row: Row) -> dict[str, Any]:
    grave, shape, color, text = MARKS[row["kind"]](row)
    return {
        "t": int(row["event_time"].timestamp()),
        "kind": row["kind"],
        "grave": grave,
        "shape": shape,
        "color": color,
        "text": text,
        "sim": bool(row["simulated"]),
    }


def _gate_mark(row: Row) -> tuple[int, str, str, str]:
    siaga = row["later"]
    verb = "naik" if siaga < row["earlier"] else "turun"
    level = words.quantity(row["amount"], "cm")
    # A gate that falls is told where it stands, but never outshines one that rises.
    grave = siaga if verb == "naik" else max(siaga, 3)
    text = f"{row['name']} {verb} ke {siaga_word(siaga)} ({level})"
    return grave, SHAPES[siaga], f"--siaga-{siaga}", text


def _inundation_mark(row: Row) -> tuple[int, str, str, str]:
    place = (row["place"] or "luar Jakarta").removeprefix("Kota Administrasi ")
    text = f"{words.number(row['amount'])} RT/RW mulai tergenang di {place}"
    return (2 if row["amount"] >= 10 else 3), "depth", "--depth-2", text


def _warning_mark(row: Row) -> tuple[int, str, str, str]:
    return 3, "triangle", "--map-quiet", f"BMKG: {row['name'] or 'peringatan dini'}"


def _burst_mark(row: Row) -> tuple[int, str, str, str]:
    count = words.number(row["amount"])
    where = f"Kel. {row['place']}" if row["place"] else "luar wilayah"
    text = f"Lonjakan pengaduan: {count} {row['name'] or 'tanpa kategori'} di {where}"
    return CALM, "speech-full", "--map-ink", text


def _alarm_mark(row: Row) -> tuple[int, str, str, str]:
    grave = {"siaga1": 1, "siaga2": 2}.get(row["severity"], 3)
    return grave, SHAPES[grave], f"--siaga-{grave}", f"Peringatan: {row['name']}"


MARKS: dict[str, Callable[[Row], tuple[int, str, str, str]]] = {
    "gate": _gate_mark,
    "inundation": _inundation_mark,
    "warning": _warning_mark,
    "burst": _burst_mark,
    "alarm": _alarm_mark,
}


def _moment(name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.args.get(name, ""))
        local = moment if moment.tzinfo else moment.replace(tzinfo=WIB)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _kept_now(site: Site) -> datetime:
    now = site.clock.now()
    return now - timedelta(seconds=now.timestamp() % KEPT_FOR.total_seconds())


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(WIB):%Y-%m-%dT%H:%M}"
