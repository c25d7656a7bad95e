"""Beranda: the city now, all domains on one screen.

URL    /?wilayah=31.71.01&pada=2026-02-18T03:10&seperti=saat-itu
Reads  complaints_today, complaints_backlog, gates_now, pumps_now, inundations_now, jams_now,
       air_now, warnings_now, cameras_count, officers_on_duty, changes, and the layers of the map

Each number is a panel of its own, so that one that fails never takes its neighbour with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, html
from dash.development.base_component import Component

from dashboards import complaint_layers, floods, layers, maps, parts
from dashboards.access import EVERYONE, STAFF
from dashboards.air import is_expired
from dashboards.layers import ALL_LAYERS, LAYERS, air_stations, one_origin, siaga_word, trend
from dashboards.maps import swatch
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from data import queries, words
from data.asof import AsOf
from data.lake import Lake
from data.queries import Row

PATH = "/"
MAP, SEARCH = "beranda-peta", "beranda-cari"
CHANGES_SHOWN = 60
ALERTS = {"ACCIDENT": "Kecelakaan", "ROAD_CLOSED": "Jalan ditutup"}


def mount(site: Site) -> None:
    """Put the page, its map and its panels on the site."""
    maps.mount(site, (*ALL_LAYERS, *complaint_layers.LAYERS))
    numbers, newest = _panels(), _newest()
    site.panels(*numbers, newest)

    def layout(**_query: Any) -> Component:
        role = site.view().role
        shown = [layer for layer in LAYERS if role.id in layer.roles]
        return html.Main(
            [
                html.H1("Jakarta saat ini", className="visually-hidden"),
                html.Section(
                    [_search(), maps.map_view(site, shown, id=MAP)],
                    className="beranda-map",
                    **{"aria-label": "Peta"},
                ),
                html.Div(
                    [
                        panel_slot(panel, class_name="key")
                        for panel in numbers
                        if role.id in panel.roles
                    ],
                    className="beranda-numbers",
                ),
                panel_slot(newest, class_name="beranda-newest"),
            ],
            className="beranda",
        )

    site.page(
        __name__, path=PATH, title="Beranda", icon="home", order=0, roles=EVERYONE, layout=layout
    )
    site.clientside("mapArea", Input("alamat", "data"))
    site.clientside(
        "mapSearch",
        Output(SEARCH, "data"),
        Output(SEARCH, "nothingFoundMessage"),
        Input(SEARCH, "searchValue", allow_optional=True),
        prevent_initial_call=True,
    )
    site.clientside("mapGo", Input(SEARCH, "value", allow_optional=True), prevent_initial_call=True)


def gates(rows: Sequence[Row]) -> Component:
    """Draw how many gates stand at which siaga, and name the gravest.

    `rows` are those of the query `gates_now`.
    """
    if not rows:
        return parts.empty("Tidak ada pintu air di wilayah ini")
    told = [row for row in one_origin(rows) if row["level_cm"] is not None]
    if not told:
        return parts.empty("Belum ada data tinggi muka air", "Tidak ada pembacaan dalam dua hari.")
    counts = Counter(row["siaga"] for row in told)
    worst = min(told, key=lambda row: row["siaga"] or 9)
    moves = trend(worst["rise_cm_h"])
    silent = len(one_origin(rows)) - len(told)
    return html.Div(
        [
            html.Ul(
                [_siaga_count(siaga, counts[siaga]) for siaga in (1, 2, 3, 4)], className="siaga"
            ),
            _worst_gate(worst, moves) if (worst["siaga"] or 4) < 4 else _all_normal(worst),
            html.P(f"{silent} tanpa data", className="figure-note") if silent else None,
        ]
    )


def _siaga_count(siaga: int, count: int) -> Component:
    return html.Li(
        [
            swatch(*layers.siaga_look(siaga)),
            html.Span(words.number(count), className="value"),
            html.Span(siaga_word(siaga), className="siaga-word"),
        ],
        className="" if count else "is-none",
    )


def _worst_gate(row: Row, moves: str | None) -> Component:
    return html.P(
        [
            html.Strong(row["name"]),
            f" {words.quantity(row['level_cm'], 'cm')} {layers.ARROWS.get(moves or '', '')} ",
            f"{moves}, " if moves else "",
            siaga_word(row["siaga"]),
        ],
        className="key-note",
    )


def _all_normal(row: Row) -> Component:
    text = "Tidak ada yang di atas Siaga 4 – Normal" if row["siaga"] else "Ambang siaga belum ada"
    return html.P(text, className="key-note")


def inundations(rows: Sequence[Row]) -> Component:
    """Draw how many RT and RW are flooded, and where it is deepest.

    `rows` are those of the query `inundations_now`.
    """
    levels = Counter(row["area_level"] for row in rows)
    deepest = next((row for row in rows if row["state"] != "1"), None)
    places = len({row["kelurahan_code"] for row in rows if row["kelurahan_code"]})
    note: list[Any] = [f"di {words.number(places)} kelurahan"]
    if deepest is not None:
        depth = layers.DEPTHS.get(deepest["state"], layers.DEPTHS["1"])
        note += [f"; terdalam {depth} di ", html.Strong(_flooded_place(deepest))]
    return html.Div(
        [
            _figure(words.number(levels["rt"]), "RT tergenang"),
            _figure(words.number(levels["rw"]), "RW tergenang"),
            html.P(note if rows else "Tidak ada genangan yang dilaporkan", className="key-note"),
        ],
        className="key-pair",
    )


def _flooded_place(row: Row) -> str:
    name = row["area_name"] or row["area_code"]
    return f"{name} Kel. {row['kelurahan']}" if row["kelurahan"] else name


def pumps(rows: Sequence[Row]) -> Component:
    """Draw how many pumps run, of how many, and what the others do.

    `rows` are those of the query `pumps_now`.
    """
    if not rows:
        return parts.empty("Tidak ada rumah pompa di wilayah ini")
    kept = one_origin(rows)
    if all(row["running"] is None for row in kept):
        return parts.empty("Belum ada data rumah pompa")
    sums = floods.pump_sums(kept)
    return html.Div(
        [
            _figure(
                words.number(sums["running"]),
                f"aktif dari {words.number(sum(sums.values()))} pompa",
            ),
            html.P(
                [f"{floods.pump_rest(sums)} · ", *floods.report_ages(kept)], className="key-note"
            ),
        ],
        className="key-pair",
    )


def today(row: Row) -> Component:
    """Draw what came in and was finished today; `row` is that of `complaints_today`."""
    usual = row["received_usual"]
    return html.Div(
        [
            _figure(words.number(row["received"]), "masuk hari ini"),
            _figure(words.number(row["finished"]), "selesai hari ini"),
            html.P(
                "Pembanding belum ada: perlu data empat pekan"
                if usual is None
                else f"Biasanya {words.number(usual)} masuk sampai jam ini (median empat pekan)",
                className="key-note",
            ),
        ],
        className="key-pair",
    )


def backlog(row: Row) -> Component:
    """Draw how many complaints are open and how many too long; `row` of `complaints_backlog`."""
    open_, late = row["open"], row["late"]
    share = words.percent(late / open_) if open_ else words.NOTHING
    return html.Div(
        [
            _figure(words.number(open_), "belum selesai"),
            _figure(words.number(late), "terlambat"),
            html.P(f"{share} melewati standar waktu tindak lanjut", className="key-note"),
        ],
        className="key-pair",
    )


def traffic(rows: Sequence[Row]) -> Component:
    """Draw how many jams there are and how fast traffic moves in them; rows of `jams_now`."""
    jammed = [row for row in rows if row["level"] >= layers.JAMMED]
    speed = mean_speed(rows)
    worst = next((row for row in jammed if row["street"]), None)
    return html.Div(
        [
            _figure(words.number(len(jammed)), "titik macet"),
            _figure(words.number(speed, 1), "km/jam di titik macet"),
            html.P(
                [
                    "Terberat: ",
                    html.Strong(worst["street"]),
                    f" ({layers.JAM_WORDS[worst['level']].lower()})",
                ]
                if worst
                else "Tidak ada kemacetan yang dilaporkan",
                className="key-note",
            ),
        ],
        className="key-pair",
    )


def mean_speed(rows: Sequence[Row]) -> float | None:
    """Return the speed over all jams in km/h: their length over the time that it takes."""
    moving = [(row["length_m"], row["speed_kmh"]) for row in rows if row["speed_kmh"]]
    length = sum(metres or 0 for metres, _ in moving)
    hours = sum((metres or 0) / speed for metres, speed in moving)
    return length / hours if hours else None


def air(rows: Sequence[Row], moment: datetime) -> Component:
    """Draw the worst air station and how many stand at which category.

    Args:
        rows: Those of `layers.air_stations`.
        moment: By which it is judged what is too old to be the worst, unless all is (aware).
    """
    told = [row for row in one_origin(rows) if row["index"] is not None]
    if not told:
        return parts.empty("Belum ada data kualitas udara")
    worst = max(
        told,
        key=lambda row: (not is_expired(row["parameter"], row["event_time"], moment), row["index"]),
    )
    number = layers.ISPU_WORDS.index(worst["category"])
    counts = Counter(row["category"] for row in told)
    return html.Div(
        [
            html.Div(
                [
                    swatch(f"air-{layers.ISPU_SHAPES[number]}", layers.ISPU_COLORS[number]),
                    html.Span(words.number(worst["index"]), className="value"),
                    html.Span(f"ISPU {worst['category']}", className="figure-unit"),
                ],
                className="key-figure",
            ),
            html.P(
                [
                    html.Strong(worst["name"]),
                    f", {layers.POLLUTANT_NAMES[worst['parameter']]}. ",
                    " · ".join(
                        f"{words.number(counts[word])} {word.lower()}"
                        for word in layers.ISPU_WORDS
                        if counts[word]
                    ),
                ],
                className="key-note",
            ),
        ],
        className="key-pair",
    )


def warnings(rows: Sequence[Row]) -> Component:
    """Draw the BMKG warnings in force; rows of `warnings_now`."""
    if not rows:
        return html.P("BMKG: tidak ada peringatan dini yang berlaku", className="key-calm")
    return html.Ul(
        [
            html.Li(
                [
                    html.Strong(f"BMKG: {row['headline'] or row['event']}"),
                    f" sampai pukul {words.clock(row['expires_at'])}",
                ]
            )
            for row in rows
        ],
        className="key-list",
    )


def cameras(row: Row) -> Component:
    """Draw how many cameras are live; `row` is that of `cameras_count`."""
    if not row["total"]:
        return parts.empty("Belum ada kamera yang terdaftar")
    embedded, silent = row["total"] - row["proxied"], row["proxied"] - row["probed"]
    others = []
    if row["probed"]:
        others.append(f"{words.number(row['lost'])} terputus, beku atau gelap")
    if silent:
        others.append(f"{words.number(silent)} belum diketahui")
    if embedded:
        others.append(f"{words.number(embedded)} hanya sematan")
    live = row["live"] if row["probed"] else None
    return html.Div(
        [
            _figure(words.number(live), f"hidup dari {words.number(row['proxied'])} kamera")
            if row["proxied"]
            else _figure(words.number(row["total"]), "kamera terdaftar"),
            html.P(" · ".join(others), className="key-note"),
        ],
        className="key-pair",
    )


def officers(row: Row) -> Component:
    """Draw how many officers are on duty; `row` is that of `officers_on_duty`."""
    return html.Div(
        [
            _figure(words.number(row["on_duty"]), "petugas bertugas"),
            html.P(
                f"{words.number(row['assigned'])} dalam penugasan · posisi"
                f" {words.number(row['placed'])} diketahui",
                className="key-note",
            ),
        ],
        className="key-pair",
    )


def newest(rows: Sequence[Row], as_of: AsOf) -> Component:
    """Draw the changes of the hours before a moment, newest first; rows of `changes`."""
    if not rows:
        return parts.empty("Tidak ada perubahan dalam enam jam terakhir")
    return html.Ol([_change(row, as_of) for row in rows], className="changes")


def _change(row: Row, as_of: AsOf) -> Component:
    shape, color, text = SENTENCES[row["kind"]](row)
    return html.Li(
        [
            html.Time(
                words.clock(row["event_time"]).removesuffix(" WIB"),
                dateTime=row["event_time"].isoformat(),
                title=words.moment(row["event_time"]),
            ),
            swatch(shape, color),
            html.Span([*text, " ", parts.late_mark(row, as_of)]),
        ],
        className=f"change change-{row['kind']}",
    )


def _gate_change(row: Row) -> tuple[str, str, list[Any]]:
    earlier, later = int(row["earlier"]), int(row["later"])
    verb = "naik" if later < earlier else "turun"
    return (
        *layers.siaga_look(later),
        [
            html.Strong(row["name"]),
            f" {verb} ke {siaga_word(later)} ({words.quantity(row['amount'], 'cm')})",
        ],
    )


def _inundation_change(row: Row) -> tuple[str, str, list[Any]]:
    depth = f", hingga {words.quantity(row['amount'], 'cm')}" if row["amount"] else ""
    end = f" tergenang{depth}" if row["later"] == "flooded" else " surut"
    color = "--depth-2" if row["later"] == "flooded" else "--map-quiet"
    return "depth", color, [html.Strong(row["name"] or row["id"]), " ", _place(row), end]


def _warning_change(row: Row) -> tuple[str, str, list[Any]]:
    return "triangle", "--siaga-3", [html.Strong("BMKG: "), row["name"] or "peringatan dini"]


def _alert_change(row: Row) -> tuple[str, str, list[Any]]:
    street = row["name"] or "jalan tanpa nama"
    return (
        "cross",
        "--map-alert",
        [html.Strong(ALERTS[row["later"]]), f" di {street} ", _place(row)],
    )


def _camera_change(row: Row) -> tuple[str, str, list[Any]]:
    count = int(row["amount"])
    lost: list[Any] = (
        [html.Strong(row["name"]), " terputus "]
        if row["name"]
        else [html.Strong(f"{words.number(count)} kamera"), " terputus"]
    )
    if row["place"] and not row["name"]:
        lost.append(" di ")
    return "camera-off", "--map-quiet", [*lost, _place(row)]


def _burst_change(row: Row) -> tuple[str, str, list[Any]]:
    return (
        "speech-full",
        "--map-ink",
        [
            html.Strong("Lonjakan pengaduan"),
            f": {words.number(row['amount'])} {row['later'] or 'tanpa kategori'}"
            " dalam satu jam di ",
            _place(row),
        ],
    )


SENTENCES: dict[str, Callable[[Row], tuple[str, str, list[Any]]]] = {
    "gate": _gate_change,
    "inundation": _inundation_change,
    "warning": _warning_change,
    "alert": _alert_change,
    "camera": _camera_change,
    "burst": _burst_change,
}


def _place(row: Row) -> Component | None:
    """Return the name of a change's area, which filters the page when pressed."""
    if not row["place"]:
        return None
    kelurahan = len(row["kelurahan_code"]) > len("31.71")
    return html.Button(
        f"Kel. {row['place']}" if kelurahan else row["place"].removeprefix("Kota Administrasi "),
        className="link",
        **{"data-act": "go", "data-name": "wilayah", "data-value": row["kelurahan_code"]},
    )


def _figure(value: str, unit: str) -> Component:
    return html.Div(
        [html.Span(value, className="value"), html.Span(unit, className="figure-unit")],
        className="key-figure",
    )


def _search() -> Component:
    return dmc.Select(
        id=SEARCH,
        data=[],
        searchable=True,
        clearable=True,
        placeholder="Cari kelurahan, pintu air, rumah pompa, jalan, kamera",
        nothingFoundMessage="Ketik sedikitnya dua huruf dari nama tempat",
        filter={"function": "asFound"},
        leftSection=parts.icon("search"),
        maxDropdownHeight=420,
        className="place-search",
        **{"aria-label": "Cari tempat di peta"},
    )


def _panels() -> list[Panel]:
    """Return the key numbers, in the order in which they stand."""
    return [
        Panel(
            id="beranda-siaga",
            title="Pintu air",
            feeds=("dsda_levels", "pantau_gates"),
            roles=EVERYONE,
            render=lambda lake, view: gates(_gate_rows(lake, view)),
            rows=_gate_rows,
            how="Siaga tiap pintu air dihitung dari tinggi muka air terakhir dan ambangnya sendiri;"
            " ambang yang dicapai sudah termasuk siaganya. Kecenderungan dibandingkan dengan satu"
            " jam sebelumnya; di bawah 2 cm per jam disebut tetap.",
            queries=("gates_now",),
        ),
        Panel(
            id="beranda-genangan",
            title="Genangan",
            feeds=("petabencana_floods",),
            roles=EVERYONE,
            render=lambda lake, view: inundations(_inundation_rows(lake, view)),
            rows=_inundation_rows,
            how="RT dan RW yang terakhir dilaporkan tergenang dalam dua hari dan belum dinyatakan"
            " surut. RT dan RW dihitung terpisah, sebagaimana sumbernya melaporkan.",
            queries=("inundations_now",),
            tables=("inundations",),
        ),
        Panel(
            id="beranda-pompa",
            title="Pompa",
            feeds=("pantau_pumps",),
            roles=EVERYONE,
            render=lambda lake, view: pumps(_pump_rows(lake, view)),
            rows=_pump_rows,
            how="Jumlah pompa menurut laporan terakhir tiap rumah pompa dalam dua hari. Rusak hanya"
            " bila sumbernya menyatakan demikian.",
            queries=("pumps_now",),
        ),
        Panel(
            id="beranda-hari-ini",
            title="Pengaduan hari ini",
            feeds=("crm_requests", "crm_public"),
            roles=EVERYONE,
            render=lambda lake, view: today(queries.complaints_today(lake, view.as_of, view.area)),
            rows=lambda lake, view: [queries.complaints_today(lake, view.as_of, view.area)],
            how="Sejak pukul 00.00 WIB. Pembanding: median hari yang sama pada empat pekan"
            " sebelumnya sampai jam yang sama.",
            queries=("complaints_today",),
            tables=("complaint_versions",),
        ),
        Panel(
            id="beranda-tunggakan",
            title="Tunggakan pengaduan",
            feeds=("crm_requests", "crm_public"),
            roles=EVERYONE,
            render=lambda lake, view: backlog(
                queries.complaints_backlog(lake, view.as_of, view.area)
            ),
            rows=lambda lake, view: [queries.complaints_backlog(lake, view.as_of, view.area)],
            how="Semua pengaduan yang belum Selesai atau Ditolak. Terlambat bila melewati standar"
            " waktu penyelesaian menurut aturan yang berlaku pada hari pengaduan masuk.",
            queries=("complaints_backlog",),
            tables=("complaint_versions",),
        ),
        Panel(
            id="beranda-lalu-lintas",
            title="Lalu lintas",
            feeds=("waze_ccp", "tomtom_flow"),
            roles=EVERYONE,
            render=lambda lake, view: traffic(queries.jams_now(lake, view.as_of, view.area)),
            rows=lambda lake, view: queries.jams_now(lake, view.as_of, view.area),
            how="Titik macet: kemacetan tingkat 3 ke atas (padat merayap, macet, ditutup) dalam"
            " satu jam terakhir. Kecepatan rata-rata: panjang seluruh kemacetan dibagi waktu"
            " tempuhnya.",
            queries=("jams_now",),
            tables=("traffic_jams",),
        ),
        Panel(
            id="beranda-udara",
            title="Udara terburuk",
            feeds=("udara_jakarta", "openaq"),
            roles=EVERYONE,
            render=lambda lake, view: air(air_stations(lake, view), view.as_of.event_time),
            rows=air_stations,
            how="Stasiun dengan indeks tertinggi. Indeks stasiun adalah yang terbesar dari semua"
            " parameter: indeks terakhir dari sumbernya, bila tidak ada dihitung dari rata-rata 24"
            " jam menurut Permen LHK P.14/2020.",
            queries=("air_now",),
        ),
        Panel(
            id="beranda-bmkg",
            title="Cuaca",
            feeds=("bmkg_alerts",),
            roles=EVERYONE,
            render=lambda lake, view: warnings(queries.warnings_now(lake, view.as_of)),
            rows=lambda lake, view: queries.warnings_now(lake, view.as_of),
            how="Peringatan BMKG yang berlaku menurut waktunya sendiri, untuk seluruh Jakarta.",
            queries=("warnings_now",),
            tables=("weather_alerts",),
        ),
        Panel(
            id="beranda-kamera",
            title="Kamera",
            feeds=("cameras",),
            roles=EVERYONE,
            render=lambda lake, view: cameras(queries.cameras_count(lake, view.as_of, view.area)),
            rows=lambda lake, view: [queries.cameras_count(lake, view.as_of, view.area)],
            how="Kamera hidup bila isi gambarnya berubah pada pemeriksaan terakhir; belum diketahui"
            " bila tidak ada pemeriksaan yang tercatat dalam 90 menit. Yang hanya sematan tidak"
            " diperiksa: ketentuannya melarang pengambilan gambar.",
            queries=("cameras_count",),
            tables=("camera_checks",),
        ),
        Panel(
            id="beranda-petugas",
            title="Petugas",
            feeds=("duty_roster", "traccar"),
            roles=STAFF,
            render=lambda lake, view: officers(
                queries.officers_on_duty(lake, view.as_of, view.area)
            ),
            rows=lambda lake, view: [queries.officers_on_duty(lake, view.as_of, view.area)],
            how="Petugas yang menurut jadwal sedang bertugas atau dalam penugasan. Posisi diketahui"
            " bila diterima dalam 15 menit terakhir.",
            queries=("officers_on_duty",),
            tables=("duty_roster", "officer_positions"),
        ),
    ]


def _newest() -> Panel:
    return Panel(
        id="beranda-terbaru",
        title="Terbaru",
        feeds=(
            "dsda_levels",
            "petabencana_floods",
            "bmkg_alerts",
            "waze_ccp",
            "cameras",
            "crm_requests",
        ),
        roles=EVERYONE,
        render=lambda lake, view: newest(_change_rows(lake, view), view.as_of),
        rows=_change_rows,
        how="Perubahan enam jam terakhir, terbaru di atas, waktu dalam WIB: siaga pintu air,"
        " genangan baru dan yang surut, peringatan BMKG, kecelakaan dan jalan ditutup, kamera yang"
        " terputus (digabung per kota dan seperempat jam), lima pengaduan atau lebih dari satu"
        " kategori di satu kelurahan dalam satu jam.",
        queries=("changes",),
        tables=(
            "water_levels",
            "inundations",
            "weather_alerts",
            "traffic_alerts",
            "camera_checks",
            "complaint_versions",
        ),
    )


def _gate_rows(lake: Lake, view: View) -> list[Row]:
    return queries.gates_now(lake, view.as_of, view.area)


def _inundation_rows(lake: Lake, view: View) -> list[Row]:
    return queries.inundations_now(lake, view.as_of, view.area)


def _pump_rows(lake: Lake, view: View) -> list[Row]:
    return queries.pumps_now(lake, view.as_of, view.area)


def _change_rows(lake: Lake, view: View) -> list[Row]:
    return queries.changes(lake, view.as_of, view.area, most=CHANGES_SHOWN)
