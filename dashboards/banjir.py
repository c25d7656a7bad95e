"""Banjir: the rivers from upstream to the sea, pumps, inundations, reports and warnings.

URL    /banjir?wilayah=31.74&pos=manggarai&rentang=30-hari&pada=2026-02-18T03:10&seperti=saat-itu
Reads  gates_now, levels_day, river_lags, level_history, rain_now, rain_near, pumps_now,
       inundations_now, flood_reports_now, warnings_now, cameras_near, and the layers of the map

Without `pos`, the station with the gravest water in the area is the one that is looked into.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import floods, layers, maps, parts, rivers, stations
from dashboards.access import EVERYONE
from dashboards.gauge_chart import gauge_chart
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from data import queries, waves
from data.lake import Lake
from data.queries import Row

PATH = "/banjir"
MAP = "banjir-peta"
WHOLE_CITY = "31"
GATE_FEEDS = layers.GATES.feeds
MAP_LAYERS = (
    layers.WATER_CAMERAS,
    layers.PUMPS,
    replace(layers.FLOOD_REPORTS, shown=True),
    layers.INUNDATIONS,
    layers.GATES,
)
TIDE = "pasar-ikan"
SEA_STATIONS = (TIDE, "marina")
SHORT, LONG = "48-jam", "30-hari"
SPANS = {SHORT: timedelta(hours=48), LONG: timedelta(days=30)}
SPAN_WORDS = {SHORT: "48 jam", LONG: "30 hari"}
STEPS = {SHORT: timedelta(minutes=1), LONG: timedelta(hours=1)}
NEAREST_SHOWN = 5


def mount(site: Site) -> None:
    """Put the page, its map and its panels on the site."""
    panels = {panel.id: panel for panel in _panels()}
    site.panels(*panels.values())

    def slot(name: str) -> Component:
        return panel_slot(panels[f"banjir-{name}"], class_name=f"banjir-{name}")

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Banjir", className="visually-hidden"),
                slot("papan"),
                html.Section(
                    maps.map_view(site, MAP_LAYERS, id=MAP),
                    className="banjir-map",
                    **{"aria-label": "Peta banjir"},
                ),
                html.Div([slot("grafik"), slot("sekitar")], className="banjir-station", id="pos"),
                slot("pos"),
                slot("pompa"),
                slot("genangan"),
                html.Div([slot("bmkg"), slot("laporan")], className="banjir-side"),
                html.Div([slot("laut"), slot("hujan")], className="banjir-side"),
            ],
            className="banjir",
        )

    site.page(
        __name__, path=PATH, title="Banjir", icon="flood", order=10, roles=EVERYONE, layout=layout
    )


def _gates(lake: Lake, view: View) -> list[Row]:
    return queries.gates_now(lake, view.as_of, view.area)


def _state(lake: Lake, view: View) -> rivers.Board:
    return rivers.board(
        queries.gates_now(lake, view.as_of, WHOLE_CITY),
        queries.levels_day(lake, view.as_of),
        queries.river_lags(lake, view.as_of),
        queries.stations_inside(lake, WHOLE_CITY),
        view.as_of.event_time,
    )


def _board(lake: Lake, view: View) -> Component:
    inside = None if view.area == WHOLE_CITY else queries.stations_inside(lake, view.area)
    return rivers.draw(_state(lake, view), inside)


def _stations(lake: Lake, view: View) -> Component:
    rows = _gates(lake, view)
    points = waves.day_points(rows, queries.levels_day(lake, view.as_of))
    return stations.station_table(rows, points)


def chosen(rows: list[Row], view: View) -> Row | None:
    """Return the station that is looked into: that of the address, else the gravest of the area.

    Args:
        rows: Those of `gates_now` for the whole city.
        view: With the parameter `pos`.
    """
    asked = next((row for row in rows if row["station_id"] == view.params.get("pos")), None)
    return asked or next((row for row in rows if row["level_cm"] is not None), None)


def _chosen(lake: Lake, view: View) -> Row | None:
    if "pos" in view.params:
        view = replace(view, area=WHOLE_CITY)
    return chosen(_gates(lake, view), view)


def _span(view: View) -> str:
    asked = view.params.get("rentang", SHORT)
    return asked if asked in SPANS else SHORT


def _history(lake: Lake, view: View, station_id: str) -> list[Row]:
    span = _span(view)
    since = view.as_of.event_time - SPANS[span]
    return queries.level_history(lake, view.as_of, station_id, since=since, step=STEPS[span])


def _chart(lake: Lake, view: View) -> Component:
    row = _chosen(lake, view)
    if row is None:
        return parts.empty("Tidak ada pos dengan data di wilayah ini")
    span, until = _span(view), view.as_of.event_time
    since = until - SPANS[span]
    levels, rain, tide = _history(lake, view, row["station_id"]), [], []
    if span == SHORT:
        rain = queries.rain_near(lake, view.as_of, row["lon"], row["lat"], since=since)
        tide = _history(lake, view, TIDE) if row["station_id"] != TIDE else []
    return html.Div(
        [
            html.Div(
                [html.H3(row["name"]), _span_choice(span)],
                className="chart-head",
            ),
            gauge_chart(row, levels, since=since, until=until, rain=rain, tide=tide)
            if levels
            else parts.empty("Belum ada data", f"Tidak ada pembacaan dalam {SPAN_WORDS[span]}."),
            stations.chart_notes(row, levels, rain),
        ]
    )


def _span_choice(span: str) -> Component:
    return html.Div(
        [
            html.Button(
                SPAN_WORDS[name],
                className="choice is-chosen" if name == span else "choice",
                **{
                    "data-act": "go",
                    "data-name": "rentang",
                    "data-value": name,
                    "aria-pressed": "true" if name == span else "false",
                },
            )
            for name in SPANS
        ],
        className="choices",
    )


def _chart_rows(lake: Lake, view: View) -> list[Row]:
    row = _chosen(lake, view)
    return [] if row is None else _history(lake, view, row["station_id"])


def _around(lake: Lake, view: View) -> Component:
    row = _chosen(lake, view)
    if row is None:
        return parts.empty("Tidak ada pos dengan data di wilayah ini")
    houses = layers.one_origin(queries.pumps_now(lake, view.as_of, WHOLE_CITY))
    return stations.around(
        row,
        queries.cameras_near(lake, view.as_of, row["lon"], row["lat"], most=NEAREST_SHOWN),
        floods.nearest(houses, row, most=NEAREST_SHOWN),
    )


def _pumps(lake: Lake, view: View) -> Component:
    houses = layers.one_origin(queries.pumps_now(lake, view.as_of, view.area))
    gates = queries.gates_now(lake, view.as_of, WHOLE_CITY)
    return floods.pumps(floods.with_gauge(houses, gates))


def _rain(lake: Lake, view: View) -> list[Row]:
    rows = queries.rain_now(lake, view.as_of)
    codes = queries.kelurahan_at(lake, [row["lon"] for row in rows], [row["lat"] for row in rows])
    names = queries.area_names(lake)
    return [
        row | {"kelurahan_code": code, "kelurahan": names.get(code or "")}
        for row, code in zip(rows, codes, strict=True)
        if view.area == WHOLE_CITY or (code or "").startswith(view.area)
    ]


def _sea(lake: Lake, view: View) -> list[Row]:
    rows = queries.gates_now(lake, view.as_of, WHOLE_CITY)
    return [row for row in rows if row["station_id"] in SEA_STATIONS]


def _draw_sea(lake: Lake, view: View) -> Component:
    rows = _sea(lake, view)
    return stations.sea(rows, waves.day_points(rows, queries.levels_day(lake, view.as_of)))


def _panels() -> list[Panel]:
    return [
        Panel(
            id="banjir-papan",
            title="Sungai dari hulu ke laut",
            feeds=GATE_FEEDS,
            roles=EVERYONE,
            render=_board,
            rows=lambda lake, view: rivers.as_rows(_state(lake, view)),
            how="Siaga tiap pos dari tinggi muka air terakhir dan ambangnya sendiri. Gelombang:"
            " dalam 24 jam air mencapai Siaga 3, atau naik sedikitnya sepertiga jarak ke Siaga 3;"
            " puncaknya tercatat bila air telah turun sepersepuluh kenaikannya. Tiba di hilir:"
            " waktu puncak di hulu ditambah waktu tempuh yang dipelajari dari arsip sampai tengah"
            " malam terakhir: rentang yang memuat 90 % puncak sekelas siaganya; bila puncak itu"
            " kurang dari 10, kelas yang lebih gawat lalu yang lebih ringan ikut dihitung. Puncak"
            " di hilir berpasangan dengan puncak di hulu bila datang sesudah separuh waktu tempuh"
            " terbitan yang tercepat dan sebelum satu setengah kali yang terlambat. Tanpa 10"
            " puncak berlaku waktu tempuh terbitan, tercepat sampai terlambat; di mana hanya satu"
            " angka terbit, yang terlambat memakai perbandingan 12 banding 9 jam dari dua"
            " keterangan untuk Katulampa–Manggarai. Selama hulu masih naik, jendelanya belum"
            " berujung. Waktu tempuh terbitan: Kompas 13 Januari 2014, Berita Jakarta 12 Februari"
            " 2015. Batas wilayah DKI perkiraan.",
            queries=("gates_now", "levels_day", "river_lags"),
        ),
        Panel(
            id="banjir-grafik",
            title="Riwayat pos",
            feeds=(*GATE_FEEDS, "pantau_rain"),
            roles=EVERYONE,
            render=_chart,
            rows=_chart_rows,
            params=("pos", "rentang"),
            how="Semua pembacaan 48 jam, atau yang tertinggi tiap jam selama 30 hari. Pita warna:"
            " Siaga 3, 2 dan 1 menurut ambang pos. Cincin: baru diketahui lebih lambat dari"
            " anggaran usia pos itu. Hujan dari pos hujan terdekat, laut dari Pasar Ikan. Garis"
            " terputus bila tidak ada pembacaan.",
            queries=("level_history", "rain_near", "gates_now"),
        ),
        Panel(
            id="banjir-sekitar",
            title="Di sekitar pos",
            feeds=(*GATE_FEEDS, "cameras", "pantau_pumps"),
            roles=EVERYONE,
            render=_around,
            params=("pos",),
            how="Kamera pengamat air dan rumah pompa dalam 5 km, jarak garis lurus.",
            queries=("cameras_near", "pumps_now", "gates_now"),
        ),
        Panel(
            id="banjir-pos",
            title="Semua pos",
            feeds=GATE_FEEDS,
            roles=EVERYONE,
            render=_stations,
            rows=_gates,
            how="Yang tergawat di atas. Laju dibandingkan dengan 30 sampai 90 menit sebelumnya;"
            " di bawah 2 cm per jam disebut tetap. Tinggi negatif wajar di Waduk Pluit.",
            queries=("gates_now", "levels_day"),
        ),
        Panel(
            id="banjir-pompa",
            title="Pompa",
            feeds=("pantau_pumps", *GATE_FEEDS),
            roles=EVERYONE,
            render=_pumps,
            rows=lambda lake, view: queries.pumps_now(lake, view.as_of, view.area),
            how="Laporan terakhir tiap rumah pompa dalam dua hari. Rusak hanya bila sumber data"
            " menyatakannya; selisih antara yang dilaporkan dan yang terpasang dihitung tanpa data."
            " Urutan: rumah pompa yang pos terdekatnya (dalam 5 km) paling gawat, lalu yang paling"
            " sedikit aktif.",
            queries=("pumps_now", "gates_now"),
        ),
        Panel(
            id="banjir-genangan",
            title="Genangan",
            feeds=("petabencana_floods",),
            roles=EVERYONE,
            render=lambda lake, view: floods.inundations(_inundations(lake, view)),
            rows=_inundations,
            how="RT dan RW yang terakhir dilaporkan tergenang dalam dua hari dan belum dinyatakan"
            " surut, dengan kelas kedalaman BPBD dan PetaBencana. Belum dikonfirmasi: laporannya"
            " lebih dari tiga jam.",
            queries=("inundations_now",),
            tables=("inundations",),
        ),
        Panel(
            id="banjir-bmkg",
            title="Peringatan BMKG",
            feeds=("bmkg_alerts",),
            roles=EVERYONE,
            render=lambda lake, view: floods.warnings(queries.warnings_now(lake, view.as_of)),
            rows=lambda lake, view: queries.warnings_now(lake, view.as_of),
            how="Peringatan BMKG yang berlaku menurut waktunya sendiri, untuk seluruh Jakarta."
            " Istilahnya bukan siaga SDA/BPBD.",
            queries=("warnings_now",),
            tables=("weather_alerts",),
        ),
        Panel(
            id="banjir-laporan",
            title="Laporan warga",
            feeds=("petabencana_reports",),
            roles=EVERYONE,
            render=lambda lake, view: floods.reports(_reports(lake, view)),
            rows=_reports,
            how="Laporan banjir warga lewat PetaBencana. Yang lebih dari satu jam memudar, yang"
            " lebih dari tiga jam tidak ditampilkan. Isinya tidak diperiksa dan tidak ditampilkan.",
            queries=("flood_reports_now",),
            tables=("flood_reports",),
        ),
        Panel(
            id="banjir-laut",
            title="Pasang surut laut",
            feeds=GATE_FEEDS,
            roles=EVERYONE,
            render=_draw_sea,
            rows=_sea,
            how="Tinggi muka laut di Pasar Ikan dan Marina, untuk seluruh Jakarta.",
            queries=("gates_now", "levels_day"),
        ),
        Panel(
            id="banjir-hujan",
            title="Hujan",
            feeds=("pantau_rain",),
            roles=EVERYONE,
            render=lambda lake, view: floods.rain(_rain(lake, view)),
            rows=_rain,
            how="Rata-rata satu jam terakhir, bila sedikitnya setengahnya dilaporkan, dan jumlah 24"
            " jam. Laporan yang tumpang tindih dirata-ratakan.",
            queries=("rain_now",),
            tables=("rainfall",),
        ),
    ]


def _inundations(lake: Lake, view: View) -> list[Row]:
    return queries.inundations_now(lake, view.as_of, view.area)


def _reports(lake: Lake, view: View) -> list[Row]:
    return queries.flood_reports_now(lake, view.as_of, view.area)
