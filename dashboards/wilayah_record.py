"""The record of an area's offices: every metric of the registry, its months, what is complained of.

The numbers are those of the ranking (`data.boards`) over its usual window, so that no two pages
can disagree; definitions come from the registry (`data.metrics`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from dash import html
from dash.development.base_component import Component
from scipy import stats

from dashboards import boards_words, charts, parts
from dashboards.charts import Series
from dashboards.tables import cell, table
from dashboards.wilayah_areas import Area, areas, inside, link
from data import words
from data.asof import WIB
from data.boards import Board, Standing
from data.metrics import metrics
from data.proportions import p_chart, wilson
from data.queries import Row
from data.uploads import Upload

UNKNOWN = "tidak tersedia"
MONTHS = 24
CATEGORIES_SHOWN = 12
# A category is called more or less frequent than usual where chance gives that once in a hundred.
CHANCE = 0.01
PER = 10_000
# Kind of upload, and its column.
STAFF = "petugas"


@dataclass(frozen=True)
class Record:
    """What is known of the offices of one area.

    Args:
        standing: Its row of the board; None where it had no complaint.
        times: Its row of `unit_times`.
        quality: Its row of `area_quality`.
        backlog: Its row of `area_backlog`.
        staff: Newest upload of the kind `STAFF`; None where nobody loaded one.
    """

    area: Area
    board: Board
    standing: Standing | None
    times: Row | None
    quality: Row | None
    backlog: Row | None
    staff: Upload | None = None


@dataclass(frozen=True)
class Figure:
    """One metric of an area.

    Args:
        code: In the registry.
        told: The value with its unit, `UNKNOWN` where there is no source or no case.
        basis: What it rests on.
    """

    code: str
    told: str
    basis: str = ""


def figures(record: Record) -> list[Figure]:
    """Return the metrics of an area in the order of the registry, the rule's first."""
    return [*_by_rule(record.standing), *_own(record), *_quality(record), *_context(record)]


def _by_rule(one: Standing | None) -> list[Figure]:
    if one is None or not one.rule_due:
        return [Figure("A1", UNKNOWN, "belum ada laporan yang jatuh tempo"), Figure("A2", UNKNOWN)]
    still = f", {words.number(one.rule_open)} masih terbuka" if one.rule_open else ""
    return [
        Figure(
            "A1",
            words.percent(one.rule_share),
            f"dari {words.number(one.rule_due)} laporan jatuh tempo",
        ),
        Figure(
            "A2",
            words.quantity(one.rule_late, "laporan"),
            f"{words.number(one.late_here)} di antaranya lewat batas di kantor sendiri{still}",
        ),
    ]


def _own(record: Record) -> list[Figure]:
    one, times, backlog = record.standing, record.times or {}, record.backlog
    ended = f"dari {words.number(times['n'])} penanganan berakhir" if times else ""
    share = Figure("M3", UNKNOWN, "belum ada penanganan yang jatuh tempo")
    if one is not None and one.n:
        share = Figure(
            "M3",
            words.percent(one.share),
            f"kota pada laporan serupa {words.percent(one.expected)}; n = {words.number(one.n)}",
        )
    return [
        Figure("M1", _two(times, "answer"), ended),
        Figure(
            "M2",
            _hours(times.get("hand_p50_h")),
            f"dari {words.number(times['handed'])} laporan yang diserahkan" if times else "",
        ),
        share,
        Figure("M4", _two(times, "held"), ended),
        Figure(
            "M5",
            "nihil" if backlog is None else words.quantity(backlog["age_p90_d"], "hari"),
            ""
            if backlog is None
            else f"sembilan dari sepuluh dari {words.number(backlog['running'])} laporan terbuka"
            f" lebih muda; tertua masuk {words.day(backlog['oldest_at'], weekday=False)}",
        ),
    ]


def _quality(record: Record) -> list[Figure]:
    row = record.quality
    if row is None or not row["closed"]:
        return [Figure(code, UNKNOWN, "belum ada laporan selesai") for code in ("M6", "M7", "M8")]
    checked, rated = row["checked"], row["rated"]
    verified, liked = Figure("M7", UNKNOWN, "sumber tidak memberi hasil verifikasi"), None
    if checked:
        verified = Figure(
            "M7",
            words.percent(row["verified"] / checked),
            f"dari {words.number(checked)} yang diverifikasi",
        )
    if rated:
        low, _high = wilson(row["satisfied"], rated)
        liked = Figure(
            "M8",
            f"sedikitnya {words.percent(float(low))}",
            f"{words.number(row['satisfied'])} dari {words.number(rated)} penilai; yang menilai"
            f" {words.percent(rated / row['closed'])} dari laporan selesai",
        )
    return [
        Figure(
            "M6",
            words.percent(row["returned"] / row["closed"]),
            f"{words.number(row['returned'])} dari {words.number(row['closed'])} laporan selesai di"
            f" wilayah ini, {words.number(row['reopened'])} dibuka kembali",
        ),
        verified,
        liked or Figure("M8", UNKNOWN, "sumber tidak memberi penilaian"),
    ]


def _context(record: Record) -> list[Figure]:
    one, area = record.standing, record.area
    handed, load = Figure("M9", UNKNOWN), Figure("M10", UNKNOWN)
    if one is not None and one.received:
        received = words.number(one.received)
        handed = Figure(
            "M9",
            words.percent(one.handed / one.received),
            f"{words.number(one.handed)} dari {received} yang diterima",
        )
        if area.population:
            load = Figure(
                "M10",
                words.number(PER * one.received / area.population, 1),
                f"per 10.000 penduduk; {received} laporan, {words.number(area.population)}"
                f" penduduk; kota {words.number(city_load(record.board), 1)};"
                f" {_per_officer(record, one.received)}",
            )
    return [handed, load, Figure("M11", "hanya untuk inspektur", "pada halaman Perlu diperiksa")]


def _per_officer(record: Record, received: int) -> str:
    """Say how many complaints there are to each of the offices' people, and who says so."""
    upload, area = record.staff, record.area
    codes = [one.code for one in inside(area, "kelurahan")] or [area.code]
    told = [upload.values[code][STAFF] for code in codes if upload and code in upload.values]
    if upload is None or not told:
        return "per petugas: belum ada data"
    if len(told) < len(codes) or not sum(told):
        return (
            f"per petugas: belum dapat dihitung, jumlahnya baru dimuat untuk {len(told)} dari"
            f" {len(codes)} kelurahan"
        )
    return (
        f"per petugas {words.number(received / sum(told), 1)} ({words.number(sum(told))} petugas"
        f" kelurahan per {words.day(upload.dated, weekday=False)}, {upload.source}"
        f"{'; DATA SIMULASI' if upload.simulated else ''})"
    )


def city_load(board: Board) -> float | None:
    """Return what all units of a board received per 10,000 residents."""
    told = [(unit.received, areas()[unit.unit].population) for unit in board.units]
    people = sum(population or 0 for _, population in told)
    return PER * sum(count for count, _ in told) / people if people else None


def _two(row: Mapping[str, Any], name: str) -> str:
    """Return a median with the p90 behind it."""
    half, most = row.get(f"{name}_p50_h"), row.get(f"{name}_p90_h")
    if half is None or most is None:
        return UNKNOWN
    return f"{_hours(half)} (p90 {_hours(most)})"


def _hours(value: float | None) -> str:
    return UNKNOWN if value is None else boards_words.hours(value)


def draw_figures(record: Record) -> Component:
    """Draw the metrics with what each rests on and its definition."""
    return html.Div(
        [
            told_of(record.board),
            table(
                ("Metrik", "Nilai", "Dasar"),
                [_metric_row(one) for one in figures(record)],
            ),
            html.P(
                html.A(
                    "Lihat di peringkat, dengan rentang dan alasannya",
                    href=f"/peringkat?tingkat={record.area.level}&cari={record.area.name}",
                    className="link",
                    **{"data-act": "visit"},
                )
            ),
        ]
    )


def told_of(board: Board) -> Component:
    """Return period, moment, rules and origin of what a board tells."""
    question = board.question
    return html.P(
        [
            parts.simulated_mark() if board.simulated else None,
            f" Laporan masuk {words.period(question.since, question.until)}. Data per"
            f" {boards_words.as_of(board)}. {boards_words.rules(board)}.",
        ],
        className="figure-note",
    )


def _metric_row(one: Figure) -> Component:
    metric = metrics()[one.code]
    return html.Tr(
        [
            html.Th(
                html.Details(
                    [
                        html.Summary(metric.name),
                        html.P([metric.definition, ". ", html.Em(metric.guard), "."]),
                    ]
                ),
                scope="row",
            ),
            cell("Nilai", html.Strong(one.told), "" if one.told != UNKNOWN else "is-unknown"),
            cell("Dasar", one.basis, "figure-note"),
        ]
    )


def draw_months(rows: Sequence[Row], cut: date, told_from: date | None) -> Component:
    """Draw the share on time of each month within the limits of the area's own mean.

    The arguments are those of `months`.
    """
    chart = months(rows, cut, told_from)
    if chart["n"].sum() == 0:
        return parts.empty("Belum ada penanganan yang jatuh tempo")

    def line(values: pd.Series) -> list[tuple[datetime, float | None]]:
        return [
            (
                datetime.combine(month, datetime.min.time(), WIB),
                None if pd.isna(value) else 100 * float(value),
            )
            for month, value in zip(chart["month"], values, strict=True)
        ]

    # The line goes on from the last month that is whole.
    begins = chart.index[chart["whole"]].max()
    upper = Series(
        "batas variasi wajar", line(chart["action_high"]), color=charts.QUIET, dash="dot"
    )
    return html.Div(
        [
            html.P(sentence(chart), className="wilayah-kalimat"),
            charts.lines(
                [
                    Series(
                        "Tepat waktu",
                        line(chart["share"].where(chart.index <= begins)),
                        color=charts.ACCENT,
                    ),
                    Series(
                        "belum lengkap",
                        line(chart["share"].mask(chart.index < begins)),
                        color=charts.ACCENT,
                        dash="dot",
                    ),
                    Series(
                        "rata-rata sendiri", line(chart["mean"]), color=charts.QUIET, dash="dash"
                    ),
                    upper,
                    replace(upper, points=line(chart["action_low"]), listed=False),
                ],
                unit="%",
                height=240,
                decimals=1,
                label="Tepat waktu tiap bulan dengan batas variasi wajar",
            ),
            _origin(rows),
            html.P(
                "Bulan menurut laporan masuk; hanya penanganan kantor ini yang sudah jatuh tempo."
                " Bulan belum lengkap: belum semuanya jatuh tempo. Di dalam batas, naik-turunnya"
                " wajar.",
                className="figure-note",
            ),
        ]
    )


def _origin(rows: Sequence[Row]) -> Component | None:
    return parts.simulated_mark() if any(row["simulated"] for row in rows) else None


def months(rows: Sequence[Row], cut: date, told_from: date | None) -> pd.DataFrame:
    """Return the p-chart over the months before `cut`, those without cases included.

    It begins with the first month that is `whole`: told from its first day, over, and all of it
    due. Where there is none, all months are there.

    Args:
        rows: Those of `area_months` of one area.
        cut: Day at whose beginning (WIB) was counted.
        told_from: First day of which every complaint is told; None without complaints.
    """
    told = {row["month"]: row for row in rows}
    periods = []
    month = months_before(cut, MONTHS)
    while month < cut:
        row = told.get(month, {"n": 0, "on_time": 0, "received": 0})
        following = months_before(month, -1)
        whole = (told_from or month) <= month and following <= cut and row["n"] == row["received"]
        periods.append((month, row["n"], row["on_time"], whole))
        month = following
    found = pd.DataFrame(periods, columns=["month", "n", "on_time", "whole"])
    begins = found.index[found["whole"] & (found["n"] > 0)].min()
    return p_chart(found[~(found.index < begins)].reset_index(drop=True))


def months_before(day: date, count: int) -> date:
    """Return the first day of the month `count` months before that of `day`."""
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def sentence(chart: pd.DataFrame) -> str:
    """Say of the newest month with cases whether it lies beyond the limits."""
    month = chart[chart["n"] > 0].iloc[-1]
    name = f"{words.MONTHS[month['month'].month - 1]} {month['month'].year}"
    name += "" if month["whole"] else " (belum lengkap)"
    share = f"{words.percent(month['share'])} tepat waktu (n = {words.number(month['n'])})"
    mean = f"rata-rata sendiri {words.percent(month['mean'])}"
    if month["flag"] == "above":
        return f"{name} meningkat: {share}, di luar variasi wajar dari {mean}."
    if month["flag"] == "below":
        return f"{name} menurun: {share}, di luar variasi wajar dari {mean}."
    return f"{name} relatif tetap: {share}, masih dalam variasi wajar dari {mean}."


def draw_categories(rows: Sequence[Row]) -> Component:
    """Draw what is complained of here beside what the city would have; rows of `area_categories`.

    The most numerous here, and those that are more or less frequent than chance explains.
    """
    told = [row for row in rows if row["here"] or row["expected"]]
    if not sum(row["here"] for row in told):
        return parts.empty("Belum ada pengaduan dari wilayah ini dalam 12 bulan")
    shown = told[:CATEGORIES_SHOWN]
    shown += [row for row in told[CATEGORIES_SHOWN:] if against(row)]
    most = max(max(row["here"], row["expected"]) for row in shown)
    return html.Div(
        [
            table(
                ("Kategori", "Di sini", "Pola kota", "Di sini dibanding pola kota"),
                [_category(row, most) for row in shown],
                tall=True,
            ),
            _origin(rows),
            html.P(
                "Kejadian 12 bulan, laporan gabungan dihitung sekali. Pola kota: bila pengaduan"
                " wilayah ini terbagi menurut kategori seperti seluruh Jakarta. Lebih banyak atau"
                " lebih sedikit hanya disebut bila kebetulan menjelaskannya kurang dari sekali"
                " dalam seratus.",
                className="figure-note",
            ),
        ]
    )


def _category(row: Row, most: float) -> Component:
    word = against(row)
    ratio = row["here"] / row["expected"] if row["expected"] else None
    return html.Tr(
        [
            html.Th(row["category"], scope="row"),
            cell("Di sini", words.number(row["here"]), "number"),
            cell("Pola kota", words.number(row["expected"]), "number"),
            cell(
                "Di sini dibanding pola kota",
                [
                    html.Span(
                        [
                            html.Span(
                                className="wilayah-batang",
                                style={"width": f"{100 * row['here'] / most:.1f}%"},
                            ),
                            html.Span(
                                className="wilayah-pola",
                                style={"left": f"{100 * row['expected'] / most:.1f}%"},
                            ),
                        ],
                        className="wilayah-skala",
                        **{"aria-hidden": "true"},
                    ),
                    html.Span(
                        f"{word}, {words.number(ratio, 1)}×"
                        if word and ratio
                        else word or "serupa",
                        className="wilayah-banding" if word else "wilayah-banding is-none",
                    ),
                ],
            ),
        ]
    )


def against(row: Row) -> str:
    """Return "lebih banyak" or "lebih sedikit" where chance hardly explains it, else nothing."""
    here, expected = row["here"], row["expected"]
    if not expected or math.isnan(expected):
        return ""
    if here > expected and stats.poisson.sf(here - 1, expected) < CHANCE / 2:
        return "lebih banyak"
    if here < expected and stats.poisson.cdf(here, expected) < CHANCE / 2:
        return "lebih sedikit"
    return ""


def draw_beside(area: Area, near: Sequence[Area], board: Board) -> Component:
    """Draw the plain numbers of an area and of those that touch it; no ranks, no tiers."""
    if not near:
        return parts.empty("Tidak ada wilayah yang bersebelahan")
    heads = ("Wilayah", "per 10.000", "Tepat waktu", "n")
    return html.Div(
        [
            table(
                heads,
                [_neighbour(one, board.of(one.code), one == area, heads) for one in (area, *near)],
            ),
            told_of(board),
            html.P(
                "Laporan yang diterima kantornya per 10.000 penduduk, dan bagian penanganan jatuh"
                " tempo (n) yang tepat waktu di tangannya sendiri.",
                className="figure-note",
            ),
        ]
    )


def _neighbour(
    one: Area, standing: Standing | None, is_here: bool, heads: Sequence[str]
) -> Component:
    load = None
    if standing is not None and one.population:
        load = PER * standing.received / one.population
    name = one.title if one.level == "kota" else one.name
    return html.Tr(
        [
            html.Th(html.Strong(name) if is_here else link(one, name), scope="row"),
            cell(heads[1], words.number(load, 1), "number"),
            cell(heads[2], words.percent(standing.share if standing else None), "number"),
            cell(heads[3], words.number(standing.n if standing else 0), "number"),
        ],
        className="is-chosen" if is_here else "",
    )


def since_of(cut: date) -> date:
    """Return the first day of the twelve months before `cut`."""
    return cut - timedelta(days=365)
