"""Udara: the index ISPU by station and pollutant, and PM2.5 by the hour.

URL    /udara?stasiun=DKI1    a shared link opens on the same station
Reads  air_parameters_now, air_hours, ispu_days, and the layer of air stations

A pollutant that is told twice a day is not stale in the evening: each has a budget of its own.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import air, charts, layers, maps, parts
from dashboards.access import EVERYONE
from dashboards.maps import swatch
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from data import queries, reference, words
from data.asof import WIB
from data.ispu import category
from data.lake import Lake
from data.queries import Row

PATH = "/udara"
STATION = "stasiun"
PARAMETERS = ("pm25", "pm10", "so2", "co", "o3", "no2")
HOURS_SHOWN = timedelta(hours=48)


def mount(site: Site) -> None:
    """Put the page and its panels on the site."""
    panels = _panels()
    site.panels(*panels)

    def layout(**_query: Any) -> Component:
        worst, advice, reference_stations, station, sensors = panels
        return html.Main(
            [
                html.H1("Kualitas udara", className="visually-hidden"),
                panel_slot(worst, class_name="udara-kini"),
                panel_slot(advice, class_name="udara-saran"),
                html.Section(
                    maps.map_view(site, [layers.AIR], id="udara-peta"),
                    className="udara-peta",
                    **{"aria-label": "Peta stasiun pemantau udara"},
                ),
                panel_slot(reference_stations, class_name="udara-acuan"),
                panel_slot(station, class_name="udara-stasiun"),
                panel_slot(sensors, class_name="udara-sensor"),
            ],
            className="page udara",
        )

    site.page(
        __name__,
        path=PATH,
        title="Udara",
        icon="air",
        order=30,
        roles=EVERYONE,
        layout=layout,
    )


def summary(all_stations: Mapping[str, dict[str, air.Index]], moment: datetime) -> Component:
    """Draw the worst station at a moment (aware) and how many stand at which category."""
    told = [index for index in map(air.greatest, all_stations.values()) if index.value is not None]
    worst = air.worst(all_stations, moment)
    if worst is None:
        return parts.empty(
            "Belum ada data kualitas udara", "Tidak ada stasiun dengan data dalam dua hari di sini."
        )
    counts = Counter(index.category for index in told)
    silent = len(all_stations) - len(told)
    return html.Div(
        [
            html.Div(
                [
                    html.P("Indeks tertinggi", className="figure-label"),
                    html.P(air.mark(worst), className="udara-terburuk"),
                    html.P(
                        [
                            html.Strong(worst.row["name"]),
                            f" · parameter kritis {air.pollutant(worst.row)} · ",
                            parts.age(worst.row["event_time"]),
                        ]
                    ),
                ]
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            swatch(f"air-{layers.ISPU_SHAPES[number]}", layers.ISPU_COLORS[number]),
                            html.Span(words.number(counts[word]), className="value"),
                            word,
                        ],
                        className="" if counts[word] else "is-none",
                    )
                    for number, word in enumerate(layers.ISPU_WORDS)
                ],
                className="udara-hitung",
                **{"aria-label": f"Stasiun menurut kategori, dari {len(told)} stasiun"},
            ),
            html.P(
                f"{words.number(len(told))} stasiun melaporkan"
                + (f"; {words.number(silent)} tanpa data" if silent else ""),
                className="figure-note",
            ),
        ]
    )


def what_to_do(all_stations: Mapping[str, dict[str, air.Index]], moment: datetime) -> Component:
    """Draw the official advice for the worst category, and that for all others on demand."""
    worst = air.worst(all_stations, moment)
    if worst is None:
        return parts.empty("Belum ada data untuk saran")
    name = str(worst.category)
    return html.Div(
        [
            parts.judged(air.advice_list(name), **air.freshness(worst.row)),
            html.Details(
                [
                    html.Summary("Saran semua kategori"),
                    *(
                        html.Section([_category_head(word), air.advice_list(word)])
                        for word in layers.ISPU_WORDS
                    ),
                ],
                className="more",
            ),
            html.P(f"Sumber: {air.advice(name).get('source', '')}.", className="figure-note"),
        ]
    )


def _category_head(word: str) -> Component:
    number = layers.ISPU_WORDS.index(word)
    low, high = _range(word)
    span = f"{low}–{high}" if high else f"{low} ke atas"
    return html.H3(
        [
            swatch(f"air-{layers.ISPU_SHAPES[number]}", layers.ISPU_COLORS[number]),
            f" {word} ({span})",
        ]
    )


def _range(word: str) -> tuple[str, str]:
    row = next(row for row in reference.rows("ispu_categories") if row["category_id"] == word)
    return row["lo"], row["hi"]


def reference_table(
    all_stations: Mapping[str, dict[str, air.Index]], official: Sequence[Row], chosen: str
) -> Component:
    """Draw the five reference stations with each pollutant beside yesterday's official index.

    Args:
        official: Rows of the query `ispu_days`.
        chosen: Id of the station that the chart shows.
    """
    days = {row["station_id"]: row for row in official}
    kept = [
        station
        for station in all_stations.values()
        if next(iter(station.values())).row["kind"] == "reference"
    ]
    if not kept:
        return parts.empty(
            "Tidak ada stasiun acuan di wilayah ini", "Pilih wilayah yang lebih luas."
        )
    heads = ("Stasiun", "ISPU sekarang", *(layers.POLLUTANT_NAMES[name] for name in PARAMETERS))
    return html.Div(
        html.Table(
            [
                html.Thead(
                    html.Tr([html.Th(head, scope="col") for head in (*heads, "ISPU harian resmi")])
                ),
                html.Tbody([_reference_row(station, days, chosen) for station in kept]),
            ],
            className="table udara-tabel",
        ),
        className="table-scroll",
    )


def _reference_row(
    indices: Mapping[str, air.Index], days: Mapping[str, Row], chosen: str
) -> Component:
    worst = air.greatest(indices)
    row = worst.row
    day = days.get(row["station_id"])
    return html.Tr(
        [
            html.Th(
                [_station_button(row), html.Div(row["station_id"], className="figure-note")],
                scope="row",
            ),
            html.Td(
                [
                    air.mark(worst),
                    html.Div(f"kritis {air.pollutant(row)}", className="figure-note")
                    if worst.value is not None
                    else None,
                ],
                **{"data-label": "ISPU sekarang"},
            ),
            *(
                html.Td(
                    _pollutant_cell(indices.get(name), name == row["parameter"]),
                    **{"data-label": layers.POLLUTANT_NAMES[name]},
                )
                for name in PARAMETERS
            ),
            html.Td(_official(day), **{"data-label": "ISPU harian resmi"}),
        ],
        className="is-chosen" if row["station_id"] == chosen else "",
    )


def _pollutant_cell(index: air.Index | None, critical: bool) -> Any:
    """Draw one pollutant: its index, and the concentration that it is of."""
    if index is None or index.value is None:
        return html.Span("tidak ada data", className="figure-note")
    row = index.row
    return html.Div(
        [
            parts.reading(index.value, feeds=(row["feed"],), **air.freshness(row)),
            html.Div(
                [
                    words.quantity(row["value_ug_m3"], "µg/m³", 1),
                    f" · rata-rata {row['hours']} jam {words.number(row['mean_ug_m3'], 1)}",
                ],
                className="figure-note",
            ),
        ],
        className="udara-kritis" if critical else "",
    )


def _official(day: Row | None) -> Any:
    if day is None:
        return html.Span("belum terbit", className="figure-note")
    name = day["category"] or category(day["index_max"])
    shown = next((word for word in layers.ISPU_WORDS if word.lower() == name.lower()), None)
    number = layers.ISPU_WORDS.index(shown) if shown else None
    return html.Div(
        [
            html.Span(
                [
                    swatch(f"air-{layers.ISPU_SHAPES[number]}", layers.ISPU_COLORS[number])
                    if number is not None
                    else None,
                    html.Span(words.number(day["index_max"]), className="udara-indeks"),
                    html.Span(name.capitalize() if shown is None else shown),
                ],
                className="udara-resmi",
            ),
            html.Div(
                [words.day(day["day"], weekday=False), f" · kritis {_critical(day['critical'])}"],
                className="figure-note",
            ),
            parts.simulated_mark() if day["simulated"] else None,
        ]
    )


def _critical(name: str | None) -> str:
    key = reference.plain(name or "")
    return layers.POLLUTANT_NAMES.get(key, name or words.NOTHING)


def _station_button(row: Row) -> Component:
    return html.Button(
        row["name"],
        className="link",
        title="Lihat PM2,5 stasiun ini tiap jam",
        **{"data-act": "go", "data-name": STATION, "data-value": row["station_id"]},
    )


def sensor_list(all_stations: Mapping[str, dict[str, air.Index]], chosen: str) -> Component:
    """Draw the other stations by kota, worst first."""
    areas: dict[str, list[air.Index]] = defaultdict(list)
    for indices in all_stations.values():
        index = air.greatest(indices)
        if index.row["kind"] != "reference":
            areas[index.row["district"] or "Wilayah tidak disebut"].append(index)
    if not areas:
        return parts.empty("Tidak ada sensor dengan data di wilayah ini")
    return html.Div(
        [_area(name, areas[name], chosen) for name in sorted(areas)], className="udara-wilayah"
    )


def _area(name: str, indices: Sequence[air.Index], chosen: str) -> Component:
    ordered = sorted(indices, key=lambda index: (-(index.value or 0), index.row["name"]))
    title = name.replace("Kota Adm. ", "").replace("Kabupaten Adm. ", "")
    return html.Section(
        [
            html.H3([title, html.Span(f" {len(ordered)} sensor", className="figure-note")]),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Div(
                                [
                                    _station_button(index.row),
                                    html.Div(
                                        words.quantity(index.row["value_ug_m3"], "µg/m³", 1),
                                        className="figure-note",
                                    ),
                                ]
                            ),
                            air.mark(index),
                        ],
                        className="is-chosen" if index.row["station_id"] == chosen else "",
                    )
                    for index in ordered
                ]
            ),
        ]
    )


def station_charts(
    hours: Sequence[Row], row: Row | None, options: Sequence[Row], now: datetime
) -> list[Component]:
    """Draw PM2.5 at one station over 48 hours and over 30 days.

    Args:
        hours: Rows of the query `air_hours`.
        row: The station, a row of `air_stations`; None where there is none of that id.
        options: All stations that may be chosen.
        now: The moment that is looked at, aware.
    """
    if row is None:
        return [parts.empty("Stasiun itu tidak dikenal", "Pilih stasiun pada tabel atau daftar.")]
    picker = _picker(row["station_id"], options)
    if not hours:
        return [picker, parts.empty("Belum ada data PM2,5 dalam 30 hari di stasiun ini")]
    recent = [
        (one["event_time"] + timedelta(minutes=30), one["value_ug_m3"])
        for one in hours
        if one["event_time"] > now - HOURS_SHOWN
    ]
    days = daily(hours)
    mean = [(day, value) for day, _, value, _ in days]
    peak = [(day, value) for day, value, _, _ in days]
    name = row["name"]
    return [
        picker,
        html.H3(f"{name}: 48 jam terakhir"),
        charts.lines(
            [charts.Series("PM2,5", recent)],
            unit="µg/m³",
            decimals=1,
            height=240,
            bands=_bands(),
            label=f"PM2,5 tiap jam di {name} selama 48 jam",
        )
        if recent
        else parts.empty("Tidak ada data dalam 48 jam terakhir"),
        html.H3("30 hari: rata-rata dan jam tertinggi tiap hari"),
        charts.lines(
            [
                charts.Series("rata-rata", mean),
                charts.Series("jam tertinggi", peak, charts.QUIET, "dot"),
            ],
            unit="µg/m³",
            decimals=1,
            height=240,
            bands=_bands(),
            label=f"PM2,5 harian di {name} selama 30 hari",
        ),
        html.P(
            "Pita latar: kategori ISPU untuk rata-rata 24 jam PM2,5; nilai satu jam belum tentu"
            " ISPU. Garis terputus: tidak ada data.",
            className="figure-note",
        ),
    ]


def daily(hours: Sequence[Row]) -> list[tuple[datetime, float, float, int]]:
    """Return (noon of the day, greatest hour, mean, hours with a value) of each day (WIB)."""
    found = []
    for _, of_day in groupby(hours, key=lambda row: row["event_time"].astimezone(WIB).date()):
        told = list(of_day)
        values = [row["value_ug_m3"] for row in told]
        noon = told[0]["event_time"].astimezone(WIB).replace(hour=12, minute=0)
        found.append((noon, max(values), sum(values) / len(values), len(values)))
    return found


@functools.cache
def _bands() -> tuple[charts.Band, ...]:
    """Return the categories as bands of PM2.5."""
    limits = next(row for row in reference.rows("ispu_breakpoints") if row["pollutant"] == "PM2.5")
    tops = [float(limits[name]) for name in ("i0_50", "i51_100", "i101_200", "i201_300")]
    lows = (0.0, *tops)
    return tuple(
        charts.Band(low, high, word, f"var({color})")
        for low, high, word, color in zip(
            lows, (*tops, None), layers.ISPU_WORDS, layers.ISPU_COLORS, strict=True
        )
    )


def _picker(chosen: str, options: Sequence[Row]) -> Component:
    """Return the choice of a station; assets/choices.js puts it into the address."""
    groups = {"reference": "Stasiun acuan", "sensor": "Sensor"}
    return html.Label(
        [
            html.Span("Stasiun"),
            html.Select(
                [
                    html.Optgroup(
                        [
                            html.Option(
                                row["name"],
                                value=row["station_id"],
                                selected=row["station_id"] == chosen,
                            )
                            for row in sorted(options, key=lambda row: row["name"])
                            if (row["kind"] == "reference") == (kind == "reference")
                        ],
                        label=title,
                    )
                    for kind, title in groups.items()
                ],
                className="field",
                **{"data-go": STATION},
            ),
        ],
        className="pick",
    )


def chosen_station(view: View, all_stations: Mapping[str, dict[str, air.Index]]) -> str:
    """Return the id of the station that the address names; without one, of the worst reference."""
    if named := view.params.get(STATION):
        return named
    told = [air.greatest(indices) for indices in all_stations.values()]
    acute = [index for index in told if index.row["kind"] == "reference"] or told
    if not acute:
        return str(reference.rows("air_stations")[0]["station_id"])
    return str(max(acute, key=lambda index: index.value or 0).row["station_id"])


def _stations(lake: Lake, view: View) -> dict[str, dict[str, air.Index]]:
    return air.one_origin(air.stations(queries.air_parameters_now(lake, view.as_of, view.area)))


def _draw_reference(lake: Lake, view: View) -> Any:
    found = _stations(lake, view)
    return reference_table(found, queries.ispu_days(lake, view.as_of), chosen_station(view, found))


def _draw_sensors(lake: Lake, view: View) -> Any:
    found = _stations(lake, view)
    return sensor_list(found, chosen_station(view, found))


def _draw_station(lake: Lake, view: View) -> Any:
    chosen = chosen_station(view, _stations(lake, view))
    options = [dict(row) for row in reference.rows("air_stations")]
    row = next((row for row in options if row["station_id"] == chosen), None)
    hours = queries.air_hours(lake, view.as_of, chosen) if row else []
    return station_charts(hours, row, options, view.as_of.event_time)


def _rows(lake: Lake, view: View) -> list[Row]:
    return queries.air_parameters_now(lake, view.as_of, view.area)


def _hour_rows(lake: Lake, view: View) -> list[Row]:
    return queries.air_hours(lake, view.as_of, chosen_station(view, _stations(lake, view)))


def _panels() -> tuple[Panel, ...]:
    rule = (
        "Indeks satu parameter: indeks terakhir dari sumbernya, bila tidak ada dihitung dari"
        " rata-rata 24 jam menurut Permen LHK P.14/2020. Indeks stasiun: yang terbesar dari semua"
        " parameternya (parameter kritis)."
    )
    ages = (
        " PM2,5 terlambat setelah 90 menit dan kedaluwarsa setelah 4 jam; parameter lain, yang"
        " terbit sedikitnya pukul 09.00 dan 15.00, setelah 19,5 dan 26 jam (air_budgets.csv)."
    )
    return (
        Panel(
            id="udara-kini",
            title="Udara sekarang",
            feeds=air.FEEDS,
            roles=EVERYONE,
            render=lambda lake, view: summary(_stations(lake, view), view.as_of.event_time),
            rows=_rows,
            how=rule + ages,
            queries=("air_parameters_now",),
        ),
        Panel(
            id="udara-saran",
            title="Apa yang harus dilakukan",
            feeds=air.FEEDS,
            roles=EVERYONE,
            render=lambda lake, view: what_to_do(_stations(lake, view), view.as_of.event_time),
            how="Anjuran untuk kategori terburuk di wilayah ini, dengan kata-kata Permen LHK"
            f" P.14/2020 (ispu_advice.csv). {rule}",
            queries=("air_parameters_now",),
        ),
        Panel(
            id="udara-acuan",
            title="Stasiun acuan menurut parameter",
            feeds=air.FEEDS,
            roles=EVERYONE,
            render=_draw_reference,
            rows=_rows,
            how=f"{rule} Di bawah indeks: konsentrasi terakhir dan rata-ratanya dalam 24 jam, dari"
            f" sekian jam yang ada datanya.{ages} ISPU harian resmi: yang terakhir terbit dalam"
            " tiga hari; dihitung pengelola, tidak dicampur dengan indeks sekarang.",
            queries=("air_parameters_now", "ispu_days"),
            params=(STATION,),
        ),
        Panel(
            id="udara-stasiun",
            title="PM2,5 satu stasiun",
            feeds=air.FEEDS,
            roles=EVERYONE,
            render=_draw_station,
            rows=_hour_rows,
            how="Rata-rata tiap jam dari satu sumber. Harian: rata-rata dan jam tertinggi sehari,"
            " WIB. Pita: batas kategori ISPU PM2,5 untuk rata-rata 24 jam (ispu_breakpoints.csv).",
            queries=("air_hours",),
            params=(STATION,),
        ),
        Panel(
            id="udara-sensor",
            title="Sensor menurut wilayah",
            feeds=air.FEEDS,
            roles=EVERYONE,
            render=_draw_sensors,
            rows=_rows,
            how=f"Sensor berbiaya rendah hanya mengukur PM2,5. {rule}{ages}",
            queries=("air_parameters_now",),
            params=(STATION,),
        ),
    )
