"""Publik: what a citizen may know of a place, and what to do; for a phone first.

URL    /publik?wilayah=31.71.01.1001    a shared link opens on the same place
Reads  gates_now, inundations_now, warnings_now, air_parameters_now, forecast_next, jams_now,
       traffic_alerts_now, and what dashboards/publik_pengaduan.py reads

Plain HTML that says it all without a script; assets/publik.js keeps it young. Nothing in it is
about a person: no officer, no single complaint, no reporter.
"""

from __future__ import annotations

import functools
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import structlog
from dash import html
from dash.development.base_component import Component
from flask import Response, request

from dashboards import air, layers, parts, publik_pengaduan
from dashboards.access import EVERYONE
from dashboards.maps import swatch
from dashboards.markup import html_text
from dashboards.panels import Panel, View, cache_key, to_bytes
from dashboards.site import Site
from data import queries, reference, words
from data.areas import distance_m
from data.lake import Lake
from data.queries import Row

log = structlog.get_logger()

PATH = "/publik"
WHOLE_CITY = "31"
EMERGENCY = "112"
ASSETS = Path(__file__).parents[1] / "assets"
STYLES = ("tokens.css", "shell.css", "map.css", "publik.css")
SCRIPTS = ("_core.js", "paper.js", "publik.js")
POLICY = (
    "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self';"
    " object-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
GATES_SHOWN, INUNDATIONS_SHOWN, STEPS_SHOWN, STREETS_SHOWN = 3, 6, 5, 5
# A report that the source itself doubts is no ground for advice.
RELIABLE = 5
# A forecast advises for what one may still be out in.
AHEAD = timedelta(hours=6)

WATER, FLOODS, ROADS = layers.GATES.feeds, layers.INUNDATIONS.feeds, layers.JAMS.feeds
WARNINGS = ("bmkg_alerts",)
FORECAST = ("bmkg_forecast",)


@dataclass(frozen=True)
class Place:
    """A kelurahan, kecamatan or kota, or the whole city.

    Args:
        code: Kemendagri code; "31" is the whole city.
        label: With the areas around it.
        lon: Degrees; None for the whole city.
    """

    code: str
    name: str
    label: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Topic:
    """What advice is judged from.

    Args:
        tables: Their rows tell that a past moment is known.
    """

    title: str
    feeds: tuple[str, ...]
    tables: tuple[str, ...]


TOPICS = (
    Topic("tinggi muka air", WATER, ("water_levels",)),
    Topic("genangan", FLOODS, ("inundations",)),
    Topic("peringatan BMKG", WARNINGS, ("weather_alerts",)),
    Topic("prakiraan BMKG", FORECAST, ("weather_forecasts",)),
    Topic("lalu lintas", ROADS, ("traffic_jams", "traffic_alerts")),
    Topic("udara", air.FEEDS, ("air_measurements",)),
)


@dataclass(frozen=True)
class Advice:
    """What to do, and why.

    Args:
        turn: Where it stands among others: gravest first, as public_advice.csv lists them.
        reason: What is the case, Indonesian, without a full stop.
        fresh: Moment, budgets and feeds of what it rests on, as `parts.judged` takes them.
    """

    turn: int
    text: str
    reason: str
    fresh: Mapping[str, Any]


def mount(site: Site) -> None:
    """Put the page and its panels on the site."""
    panels = (*_panels(), *publik_pengaduan.panels(site))
    site.panels(*panels)

    def page() -> Response:
        return Response(
            document(site, panels, site.view()),
            mimetype="text/html",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    site.document(PATH, page, title="Publik", icon="public", order=100, roles=EVERYONE)


def place_of(code: str) -> Place:
    """Return the place of a Kemendagri code; one that is not known is the whole city."""
    return _places().get(code, _places()[WHOLE_CITY])


@functools.cache
def _places() -> dict[str, Place]:
    found = {WHOLE_CITY: Place(WHOLE_CITY, "Jakarta", "Seluruh Jakarta")}
    prefixes = {"kota": "", "kecamatan": "Kec. ", "kelurahan": "Kel. "}
    for row in sorted(reference.rows("areas"), key=lambda row: len(row["code"])):
        if row["level"] not in prefixes:
            continue
        above = found.get(row["parent_code"])
        name = row["name"].removeprefix("Kota Administrasi ")
        name = f"{prefixes[row['level']]}{name.removeprefix('Kabupaten Administrasi ')}"
        around = "" if above is None or above.code == WHOLE_CITY else f", {above.label}"
        found[row["code"]] = Place(
            row["code"], name, f"{name}{around}", float(row["lon"]), float(row["lat"])
        )
    return found


def distance_km(place: Place, row: Mapping[str, Any]) -> float:
    """Return how far a row with `lon` and `lat` is from the middle of a place; 0 for the city."""
    if place.lon is None or place.lat is None:
        return 0.0
    return distance_m(place.lon, place.lat, row["lon"], row["lat"]) / 1000


def near_gates(rows: Sequence[Row], place: Place) -> list[Row]:
    """Return the gates that a place looks at: the nearest; of the whole city the gravest.

    `rows` are those of the query `gates_now` for the whole city, gravest first.
    """
    told = [row for row in rows if row["level_cm"] is not None]
    if place.lon is not None:
        told.sort(key=lambda row: distance_km(place, row))
    return told[:GATES_SHOWN]


def near_air(rows: Sequence[Row], place: Place, moment: datetime) -> air.Index | None:
    """Return the index of the nearest air station that tells one; of the whole city the worst.

    Args:
        rows: Those of the query `air_parameters_now` for the whole city.
        moment: By which it is judged what is too old to be the worst (aware).
    """
    stations = air.one_origin(air.stations(rows))
    if place.lon is None:
        return air.worst(stations, moment)
    told = [index for one in stations.values() if (index := air.greatest(one)).value is not None]
    return min(told, key=lambda index: distance_km(place, index.row), default=None)


def advise(topic: str, level: float | None, reason: str, **fresh: Any) -> list[Advice]:
    """Return the advice for a topic from its gravest level that is reached, if any.

    Args:
        level: Siaga counts down, everything else up; None is no reason for advice.
        fresh: As `Advice.fresh`.
    """
    if level is None:
        return []
    sign = -1 if topic == "siaga" else 1
    reached = [
        (sign * float(row["from_level"]), turn, row["text"])
        for turn, row in enumerate(reference.rows("public_advice"))
        if row["topic"] == topic and sign * float(row["from_level"]) <= sign * level
    ]
    return [Advice(turn, text, reason, fresh) for _, turn, text in sorted(reached)[-1:]]


def flood_advice(gates: Sequence[Row], inundations: Sequence[Row], place: Place) -> list[Advice]:
    """Return what to do about water.

    Args:
        gates: What `near_gates` returns.
        inundations: Rows of the query `inundations_now` of the place, deepest first.
    """
    found = []
    if inundations:
        deepest = max(layers.depth_of(row) for row in inundations)
        found += advise(
            "genangan",
            float(deepest),
            f"{words.number(len(inundations))} RT/RW tergenang di {place.name}, terdalam"
            f" {layers.DEPTHS[deepest]}",
            feeds=FLOODS,
        )
    worst = min(gates, key=lambda row: row["siaga"] or 9, default=None)
    if worst is not None and worst["siaga"]:
        found += advise(
            "siaga",
            worst["siaga"],
            f"{worst['name']} ({worst['river']}) {layers.siaga_word(worst['siaga'])}"
            f"{_away(place, worst)}",
            moment=worst["event_time"],
            late_s=worst["late_s"],
            expired_s=worst["expired_s"],
        )
    return found


def weather_advice(warnings: Sequence[Row], steps: Sequence[Row]) -> list[Advice]:
    """Return what to do about the weather; rows of `warnings_now` and `forecast_next`."""
    found = []
    if warnings:
        until = words.clock(warnings[-1]["expires_at"])
        headline = warnings[-1]["headline"] or warnings[-1]["event"]
        found += advise(
            "bmkg", 1, f"peringatan BMKG: {headline}, sampai pukul {until}", feeds=WARNINGS
        )
    soon = [row for row in steps if row["valid_time"] <= steps[0]["valid_time"] + AHEAD]
    wettest = max(soon, key=lambda row: row["wettest_code"] or 0, default=None)
    if wettest is not None:
        found += advise(
            "hujan",
            wettest["wettest_code"],
            f"prakiraan BMKG: {wettest['wettest'].lower()} sekitar pukul"
            f" {words.clock(wettest['valid_time'])}",
            feeds=FORECAST,
        )
    return found


def air_advice(index: air.Index | None) -> list[Advice]:
    """Return what to do about the air."""
    if index is None or index.value is None:
        return []
    reason = f"ISPU {index.value} – {index.category} di {index.row['name']}"
    return advise("ispu", index.value, reason, **air.freshness(index.row))


def road_advice(jams: Sequence[Row], alerts: Sequence[Row], place: Place) -> list[Advice]:
    """Return what to do about the roads; rows of `jams_now` and `traffic_alerts_now`."""
    sure = [row for row in alerts if (row["reliability"] or 0) >= RELIABLE]
    flooded = _streets(row["street"] for row in sure if row["type"] == "WEATHERHAZARD")
    closed = _streets(
        [row["street"] for row in jams if row["level"] == layers.CLOSED]
        + [row["street"] for row in sure if row["type"] == "ROAD_CLOSED"]
    )
    jammed = sum(layers.JAMMED <= row["level"] < layers.CLOSED for row in jams)
    found = []
    if flooded:
        found += advise("jalan_tergenang", 1, f"dilaporkan: {_listed(flooded)}", feeds=ROADS[:1])
    if closed:
        found += advise("jalan_ditutup", 1, f"ditutup: {_listed(closed)}", feeds=ROADS[:1])
    # Somewhere in a whole city there are always jams.
    if len(place.code) > len("31.71"):
        reason = f"{words.number(jammed)} titik macet di {place.name}"
        found += advise("macet", jammed, reason, feeds=ROADS[:1])
    return found


def _streets(names: Iterable[str | None]) -> list[str]:
    """Return street names, most frequent first."""
    return [name for name, _ in Counter(name for name in names if name).most_common()]


def _listed(names: Sequence[str]) -> str:
    more = len(names) - STREETS_SHOWN
    return ", ".join(names[:STREETS_SHOWN]) + (f" dan {more} jalan lain" if more > 0 else "")


def _away(place: Place, row: Row) -> str:
    if place.lon is None:
        return ""
    return f", {words.quantity(distance_km(place, row), 'km', 1)} dari sini"


def to_do(found: Sequence[Advice], unknown: Collection[str] = ()) -> Component:
    """Draw the advice, gravest first, and what it was judged from.

    Args:
        unknown: Titles of `TOPICS` of which nothing is known: no advice is no comfort there.
    """
    return html.Div(
        [
            html.Ol(
                [
                    html.Li(
                        [
                            parts.judged(
                                html.Span(one.text, className="publik-anjuran"), **one.fresh
                            ),
                            html.P(f"Karena {one.reason}.", className="publik-alasan"),
                        ]
                    )
                    for one in sorted(found, key=lambda one: one.turn)
                ],
                className="publik-daftar",
            )
            if found
            else html.P("Tidak ada anjuran khusus untuk tempat ini saat ini."),
            html.P("Dinilai dari:", className="publik-dasar"),
            html.Ul(
                [
                    html.Li(
                        f"{topic.title}: tidak dapat dinilai, belum ada data"
                        if topic.title in unknown
                        else parts.judged(topic.title, feeds=topic.feeds)
                    )
                    for topic in TOPICS
                ],
                className="publik-dasar",
            ),
        ]
    )


def flood(
    gates: Sequence[Row], inundations: Sequence[Row], warnings: Sequence[Row], place: Place
) -> Component:
    """Draw the water near a place; the arguments are those of `flood_advice`."""
    return html.Div(
        [
            html.Ul([_warning(row) for row in warnings], className="publik-bmkg")
            if warnings
            else _calm("BMKG: tidak ada peringatan dini cuaca untuk Jakarta.", WARNINGS),
            html.H3("Genangan"),
            *_inundations(inundations, place),
            html.H3("Pintu air terdekat" if place.lon is not None else "Pintu air"),
            html.Ul([_gate(row, place) for row in gates], className="publik-pintu")
            if gates
            else html.P("Belum ada data tinggi muka air."),
            html.P(
                "Siaga adalah tanda tinggi air di pintu air, bukan berarti rumah Anda banjir. Siaga"
                " 4 – Normal, 3 – Waspada, 2 – Siaga, 1 – Bahaya.",
                className="figure-note",
            ),
        ]
    )


def _calm(text: str, feeds: Collection[str]) -> Component:
    """Return a sentence that says that there is nothing, which a dead feed cannot say."""
    return html.P(parts.judged(text, feeds=feeds))


def _warning(row: Row) -> Component:
    return html.Li(
        parts.judged(
            [
                html.Strong(f"BMKG: {row['headline'] or row['event']}"),
                f" Berlaku sampai {words.moment(row['expires_at'])}.",
            ],
            feeds=WARNINGS,
        )
    )


def _inundations(rows: Sequence[Row], place: Place) -> list[Component]:
    if not rows:
        return [_calm(f"Tidak ada genangan yang dilaporkan di {place.name}.", FLOODS)]
    classes = Counter(layers.depth_of(row) for row in rows)
    shown = sorted(rows, key=layers.depth_of, reverse=True)[:INUNDATIONS_SHOWN]
    more = len(rows) - len(shown)
    return [
        html.P(
            [
                parts.reading(len(rows), "RT/RW tergenang", feeds=FLOODS),
                html.Span(
                    " · ".join(
                        f"{words.number(classes[state])} sedalam {layers.DEPTHS[state]}"
                        if state != "1"
                        else f"{words.number(classes[state])} {layers.DEPTHS[state]}"
                        for state in ("4", "3", "2", "1")
                        if classes[state]
                    )
                ),
            ],
            className="publik-angka",
        ),
        html.Ul(
            [
                html.Li(
                    [
                        swatch(*layers.DEPTH_LOOKS[layers.depth_of(row)]),
                        html.Span(
                            [
                                row["area_name"] or row["area_code"],
                                f", Kel. {row['kelurahan']}" if row["kelurahan"] else "",
                            ]
                        ),
                        html.Span(layers.DEPTHS[layers.depth_of(row)]),
                    ]
                )
                for row in shown
            ],
            className="publik-genangan",
        ),
        html.P(f"dan {words.number(more)} RT/RW lain.", className="figure-note") if more else None,
    ]


def _gate(row: Row, place: Place) -> Component:
    own = {"moment": row["event_time"], "late_s": row["late_s"], "expired_s": row["expired_s"]}
    moves = layers.trend(row["rise_cm_h"])
    shape = layers.SIAGA_SHAPES.get(row["siaga"])
    return html.Li(
        [
            html.Strong(row["name"]),
            html.Span(_away(place, row).removeprefix(", "), className="figure-note"),
            parts.judged(
                [
                    swatch(shape, f"--siaga-{row['siaga']}") if shape else None,
                    html.Span(layers.siaga_word(row["siaga"])),
                ],
                **own,
            ),
            html.Span(
                [
                    parts.reading(row["level_cm"], "cm", **own),
                    html.Span(f" {moves}", className="publik-gerak") if moves else None,
                ]
            ),
        ]
    )


def air_now(index: air.Index | None, place: Place) -> Component:
    """Draw the air at the station that counts for a place, with all of the official advice."""
    if index is None:
        return parts.empty("Belum ada data kualitas udara")
    return html.Div(
        [
            html.P(air.mark(index), className="publik-udara"),
            html.P(
                [
                    f"ISPU di {index.row['name']}{_away(place, index.row)},"
                    f" parameter kritis {air.pollutant(index.row)}, ",
                    parts.age(index.row["event_time"]),
                ],
                className="figure-note",
            ),
            parts.judged(air.advice_list(str(index.category)), **air.freshness(index.row)),
        ]
    )


def weather(steps: Sequence[Row]) -> Component:
    """Draw BMKG's forecast of the next hours; rows of `forecast_next`."""
    if not steps:
        return parts.empty("Belum ada prakiraan cuaca")
    return html.Div(
        [
            html.Ul([_step(row) for row in steps[:STEPS_SHOWN]], className="publik-cuaca"),
            html.P(
                f"Sumber: BMKG, diterbitkan {words.moment(steps[0]['event_time'])}.",
                className="figure-note",
            ),
        ]
    )


def _step(row: Row) -> Component:
    low, high = words.number(row["coolest_c"]), words.number(row["warmest_c"])
    span = low if low == high else f"{low}–{high}"
    partly = row["places"] > 1 and 0 < row["wet"] < row["places"]
    return html.Li(
        parts.judged(
            [
                html.Strong(words.clock(row["valid_time"])),
                html.Span(
                    [
                        row["weather"],
                        html.Span(
                            f"{row['wettest'].lower()} di {words.number(row['wet'])} dari"
                            f" {words.number(row['places'])} kelurahan",
                            className="figure-note",
                        )
                        if partly
                        else None,
                    ]
                ),
                html.Span(f"{span}\N{NO-BREAK SPACE}°C"),
            ],
            feeds=FORECAST,
        )
    )


def roads(jams: Sequence[Row], alerts: Sequence[Row], place: Place) -> Component:
    """Draw the traffic of a place; rows of `jams_now` and `traffic_alerts_now`."""
    jammed = [row for row in jams if row["level"] >= layers.JAMMED]
    streets = _streets(row["street"] for row in jammed)
    counts = Counter(row["type"] for row in alerts)
    feeds = sorted({row["feed"] for row in jams} or {ROADS[0]})
    return html.Div(
        [
            html.P(
                [
                    parts.reading(len(jammed), "titik macet", feeds=feeds),
                    html.Span(f"di {place.name}"),
                ],
                className="publik-angka",
            ),
            html.P(f"Terberat: {_listed(streets)}.") if streets else None,
            html.Ul(
                [
                    html.Li([swatch(shape, color), f"{word}: {words.number(counts[kind])} laporan"])
                    for kind, (word, shape, color) in layers.ALERTS.items()
                    if counts[kind]
                ],
            ),
            html.P("Dilaporkan pengguna jalan melalui Waze.", className="figure-note"),
        ]
    )


def in_force(rows: Sequence[Row]) -> list[Row]:
    """Return the last to expire of warnings that say the same; rows of `warnings_now`."""
    return list({row["headline"] or row["event"]: row for row in rows}.values())


def _draw_advice(lake: Lake, view: View) -> Any:
    place = place_of(view.area)
    warnings = in_force(queries.warnings_now(lake, view.as_of))
    return to_do(
        [
            *flood_advice(*_water(lake, view, place), place),
            *weather_advice(warnings, queries.forecast_next(lake, view.as_of, place.code)),
            *road_advice(*_roads(lake, view, place), place),
            *air_advice(_air(lake, view, place)),
        ],
        {topic.title for topic in TOPICS if not view.knows(*topic.tables, *topic.feeds)},
    )


def _draw_flood(lake: Lake, view: View) -> Any:
    place = place_of(view.area)
    gates, inundations = _water(lake, view, place)
    return flood(gates, inundations, in_force(queries.warnings_now(lake, view.as_of)), place)


def _draw_air(lake: Lake, view: View) -> Any:
    place = place_of(view.area)
    return air_now(_air(lake, view, place), place)


def _draw_roads(lake: Lake, view: View) -> Any:
    place = place_of(view.area)
    return roads(*_roads(lake, view, place), place)


def _forecast_rows(lake: Lake, view: View) -> list[Row]:
    return queries.forecast_next(lake, view.as_of, place_of(view.area).code)


def _water(lake: Lake, view: View, place: Place) -> tuple[list[Row], list[Row]]:
    gates = queries.gates_now(lake, view.as_of, WHOLE_CITY)
    return near_gates(gates, place), queries.inundations_now(lake, view.as_of, place.code)


def _air(lake: Lake, view: View, place: Place) -> air.Index | None:
    rows = queries.air_parameters_now(lake, view.as_of, WHOLE_CITY)
    return near_air(rows, place, view.as_of.event_time)


def _roads(lake: Lake, view: View, place: Place) -> tuple[list[Row], list[Row]]:
    return (
        queries.jams_now(lake, view.as_of, place.code),
        queries.traffic_alerts_now(lake, view.as_of, place.code),
    )


def document(site: Site, panels: Sequence[Panel], view: View) -> str:
    """Return the whole page for what `view` asks to see."""
    place = place_of(view.area)
    feeds = {feed for panel in panels for feed in panel.feeds}
    simulated = site.versions.simulated(sorted(feeds), view.as_of)
    title = f"{place.name}: banjir, udara, cuaca, lalu lintas"
    meaning = f"Keadaan terkini di {place.label} dan apa yang sebaiknya dilakukan."
    if simulated:
        title, meaning = f"[DATA SIMULASI] {title}", f"DATA SIMULASI. {meaning}"
    known = request.args.get("wilayah", "") in ("", place.code)
    styles = "".join(f'<link rel="stylesheet" href="{_asset(site, name)}">' for name in STYLES)
    scripts = "".join(f'<script defer src="{_asset(site, name)}"></script>' for name in SCRIPTS)
    asked = site.unread_moment(view)
    head = html_text(_head(place, view, asked, simulated=simulated, known=known))
    title_row = html_text([html.H1(place.label), _share(place)])
    sections = "".join(_section(site, panel, view) for panel in panels)
    body = f'{head}<main id="isi">{title_row}{sections}</main>{html_text(_foot())}'
    return (
        '<!DOCTYPE html><html lang="id" data-theme="light"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        f'<meta name="description" content="{escape(meaning)}">'
        f'<meta property="og:title" content="{escape(title)}">'
        f'<meta property="og:description" content="{escape(meaning)}">'
        '<meta property="og:type" content="website">'
        f'<meta property="og:url" content="{escape(_address(place))}">'
        f'<link rel="icon" type="image/svg+xml" href="{_asset(site, "icons/brand.svg")}">'
        f'{styles}</head><body class="publik">{body}{scripts}</body></html>'
    )


def _asset(site: Site, name: str) -> str:
    changed = int((ASSETS / name).stat().st_mtime)
    return escape(f"{site.app.get_asset_url(name)}?m={changed}")


def _address(place: Place) -> str:
    """Return the address that is shared: of the place, of no past moment."""
    search = "" if place.code == WHOLE_CITY else f"?wilayah={place.code}"
    return f"{request.url_root.rstrip('/')}{PATH}{search}"


def _head(place: Place, view: View, asked: str, *, simulated: bool, known: bool) -> Component:
    return html.Header(
        [
            html.Div(
                [
                    html.A(
                        [parts.icon("brand"), html.Span("Jakarta untuk warga")],
                        href=PATH,
                        className="publik-merek",
                    ),
                    html.A(
                        f"Darurat {EMERGENCY}", href=f"tel:{EMERGENCY}", className="publik-darurat"
                    ),
                ],
                className="publik-atas",
            ),
            html.P(
                [
                    html.Strong("DATA SIMULASI"),
                    " Bukan keadaan sebenarnya. Jangan dipakai untuk mengambil keputusan.",
                ],
                className="publik-simulasi",
                role="note",
            )
            if simulated
            else None,
            html.Div(id="tidak-terhubung", role="alert", hidden=True),
            _moment(view),
            parts.unread_moment(asked) if asked else None,
            html.P("Wilayah itu tidak dikenal; yang tampil seluruh Jakarta.", role="status")
            if not known
            else None,
            _search(place),
        ],
        className="publik-kepala",
    )


def _moment(view: View) -> Component:
    if view.as_of.live:
        return html.P(
            [
                html.Span("KONDISI TERKINI", className="mark mark-live"),
                " ",
                html.Span(words.day(view.as_of.event_time), **{"data-day": ""}),
                " pukul ",
                html.Span(words.clock(view.as_of.event_time), **{"data-clock": ""}),
            ],
            className="publik-saat",
        )
    seen = "saat itu" if view.as_of.known_time == view.as_of.event_time else "sekarang"
    return html.P(
        [
            html.Span("PUTAR ULANG", className="mark mark-replay"),
            f" {words.moment(view.as_of.event_time)}, seperti diketahui {seen}. ",
            html.A("Kembali ke kondisi terkini", href=PATH),
        ],
        className="publik-saat",
    )


def _search(place: Place) -> Component:
    """Return the choice of a place: by name with the script, from a list without it."""
    kotas = [one for one in _places().values() if len(one.code) == len("31.71")]
    return html.Div(
        [
            # assets/publik.js makes the search by name here.
            html.Div(id="publik-cari"),
            html.Form(
                [
                    html.Label(
                        [
                            html.Span("Pilih wilayah"),
                            html.Select(
                                [
                                    html.Option("Seluruh Jakarta", value=WHOLE_CITY),
                                    *(_options(kota, place) for kota in kotas),
                                ],
                                name="wilayah",
                                className="field",
                            ),
                        ]
                    ),
                    html.Button("Tampilkan", type="submit", className="publik-tombol"),
                ],
                action=PATH,
                method="get",
                className="publik-pilih",
            ),
        ],
        className="publik-tempat",
    )


def _options(kota: Place, chosen: Place) -> Component:
    inside = [one for code, one in _places().items() if code.startswith(kota.code)]
    return html.Optgroup(
        [
            html.Option(one.label, value=one.code, selected=one.code == chosen.code)
            for one in sorted(inside, key=lambda one: (len(one.code) != len(kota.code), one.name))
        ],
        label=kota.name,
    )


def _share(place: Place) -> Component:
    return html.P(
        [
            html.Button(
                "Bagikan tempat ini",
                className="publik-tombol",
                **{"data-act": "share", "data-url": _address(place), "data-title": place.label},
            ),
            html.Button(
                "Salin tautan",
                className="publik-tombol",
                **{"data-act": "copy", "data-url": _address(place)},
            ),
            html.Span(id="publik-kabar", role="status"),
        ],
        className="publik-bagi",
    )


def _section(site: Site, panel: Panel, view: View) -> str:
    """Return a panel with its body, which is that of `/panel/<id>`, rendered once for all."""
    key = cache_key(panel, view, site.versions.signature(panel.feeds, view.as_of))
    try:
        body = site.shelf.get(key, lambda: to_bytes(panel.body(site.lake, view))).decode()
    except Exception:
        reference_id = uuid.uuid4().hex[:8]
        log.exception("panel.failed", panel=panel.id, reference=reference_id)
        body = html_text(parts.failed(reference_id))
    search = "" if view.area == WHOLE_CITY else f"?wilayah={view.area}"
    head = html.Header(
        [
            html.H2(panel.title, id=f"panel-{panel.id}"),
            html.Div(className="panel-badge"),
        ],
        className="panel-head",
    )
    how = html.Details(
        [
            html.Summary("Cara hitung"),
            html.P(panel.how),
            html.A("Unduh data (CSV)", href=f"/panel/{panel.id}/data.csv{search}")
            if panel.rows
            else None,
        ],
        className="publik-cara",
    )
    return (
        f'<section class="panel" data-panel="{panel.id}" data-feeds="{" ".join(panel.feeds)}"'
        f' data-params="" aria-labelledby="panel-{panel.id}" aria-busy="false">{html_text(head)}'
        f'<div class="panel-body"><div class="panel-html">{body}</div></div>{html_text(how)}'
        "</section>"
    )


def _foot() -> Component:
    return html.Footer(
        [
            html.P(
                [
                    "Keadaan darurat: ",
                    html.A(f"hubungi {EMERGENCY}", href=f"tel:{EMERGENCY}"),
                    " (gratis, 24 jam).",
                ]
            ),
            html.P(
                "Sumber: Dinas SDA (tinggi muka air), BPBD dan PetaBencana (genangan), BMKG"
                " (cuaca), Dinas Lingkungan Hidup (udara), Waze dan TomTom (lalu lintas). Anjuran:"
                " BNPB, BMKG dan Permen LHK P.14/2020."
            ),
            html.P(html.A("Pusat Komando Jakarta", href="/")),
        ],
        className="publik-kaki",
    )


def _panels() -> tuple[Panel, ...]:
    nearest = (
        "Pintu air: tiga yang terdekat dari titik tengah wilayah; untuk seluruh Jakarta tiga yang"
        " siaganya terberat."
    )
    return (
        Panel(
            id="publik-saran",
            title="Yang sebaiknya dilakukan",
            feeds=(*WATER, *FLOODS, *WARNINGS, *FORECAST, *ROADS, *air.FEEDS),
            roles=EVERYONE,
            render=_draw_advice,
            how="Anjuran tetap dari public_advice.csv dan ispu_advice.csv, dipilih menurut keadaan"
            f" yang disebut di bawahnya, untuk tiap hal yang terberat. {nearest} Bila datanya"
            " kedaluwarsa, anjuran dinyatakan tidak dapat dinilai.",
        ),
        Panel(
            id="publik-banjir",
            title="Banjir dan genangan",
            feeds=(*WATER, *FLOODS, *WARNINGS),
            roles=EVERYONE,
            render=_draw_flood,
            rows=lambda lake, view: queries.inundations_now(
                lake, view.as_of, place_of(view.area).code
            ),
            how="Genangan: RT dan RW yang terakhir dilaporkan tergenang dalam dua hari dan belum"
            f" dinyatakan surut. {nearest} Peringatan BMKG berlaku untuk seluruh Jakarta.",
            queries=("gates_now", "inundations_now", "warnings_now"),
            tables=("water_levels", "inundations"),
        ),
        Panel(
            id="publik-cuaca",
            title="Prakiraan cuaca BMKG",
            feeds=FORECAST,
            roles=EVERYONE,
            render=lambda lake, view: weather(_forecast_rows(lake, view)),
            rows=_forecast_rows,
            how="Prakiraan BMKG terbaru tiap kelurahan di wilayah ini: cuaca yang terbanyak, suhu"
            " terendah dan tertinggi, tiap tiga jam.",
            queries=("forecast_next",),
        ),
        Panel(
            id="publik-udara",
            title="Udara",
            feeds=air.FEEDS,
            roles=EVERYONE,
            render=_draw_air,
            rows=lambda lake, view: queries.air_parameters_now(lake, view.as_of, WHOLE_CITY),
            how="Stasiun terdekat yang punya data; untuk seluruh Jakarta yang indeksnya tertinggi."
            " Anjuran memakai kata-kata Permen LHK P.14/2020.",
            queries=("air_parameters_now",),
        ),
        Panel(
            id="publik-jalan",
            title="Lalu lintas",
            feeds=ROADS,
            roles=EVERYONE,
            render=_draw_roads,
            rows=lambda lake, view: queries.traffic_alerts_now(
                lake, view.as_of, place_of(view.area).code
            ),
            how="Titik macet: kemacetan tingkat 3 ke atas dalam satu jam terakhir. Laporan pengguna"
            " jalan yang masih dicantumkan sumbernya.",
            queries=("jams_now", "traffic_alerts_now"),
            tables=("traffic_jams",),
        ),
    )
