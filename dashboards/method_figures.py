"""What the methodology shows: funnel, maturity, on-time formulas, stability, published totals.

Each part has a function that computes it from rows or boards, and one that draws it.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component
from scipy import special

from dashboards import boards_words, charts, parts
from dashboards.boards_words import TIERS
from dashboards.charts import ACCENT, DASHES, INK, LINE, QUIET, SERIES
from dashboards.tables import cell, table
from data import reference, words
from data.boards import Board, Standing
from data.proportions import OnTime, funnel_limits, on_time_shares
from data.queries import Row
from data.recounts import Recount
from data.survival import Maturity, maturity

SHOWN_DAYS = 60
# Cohorts as lines; older ones stand in the table.
LINES_SHOWN = 5
READ_AFTER_DAYS = (6, 30)
MARKS = {"lebih_baik": "triangle-up", "setara": "circle", "perlu_dibantu": "triangle-down"}
QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Placed:
    """A unit in the funnel.

    Args:
        share: On time in its own hands, moved to the city's mix of complaints.
        beyond: "action" outside 99.8 %, "warning" outside 95 %, else "".
    """

    unit: Standing
    share: float
    beyond: str


@dataclass(frozen=True)
class Cohort:
    """The complaints of a quarter of intake and how they were finished."""

    quarter: date
    maturity: Maturity

    @property
    def name(self) -> str:
        """Such as "Triwulan III 2026"."""
        return f"Triwulan {QUARTERS[(self.quarter.month - 1) // 3]} {self.quarter.year}"


@dataclass(frozen=True)
class Published:
    """A figure that was published and what is counted for the same period.

    Args:
        period: As published: "2020" or "2021-03".
        what: What was counted, Indonesian.
        published: The count then; None where only the share was told.
        share: The share then, 0 to 1.
        counted: What the lake tells; None where it does not hold the whole period.
        counted_share: Likewise.
    """

    period: str
    what: str
    published: int | None
    share: float | None
    counted: int | None
    counted_share: float | None
    source: str

    @property
    def difference(self) -> float | None:
        """Counted ÷ published - 1."""
        if self.counted is None or not self.published:
            return None
        return self.counted / self.published - 1


def funnel(board: Board) -> tuple[list[Placed], float]:
    """Return the ranked units of a board in the funnel, and its over-dispersion.

    That is the design effect of the board: complaints of one unit that come close together share
    their fate. True differences between units are no part of it, so that they show.
    """
    units = [unit for unit in board.ranked if unit.n and unit.share is not None]
    if not units or board.city is None:
        return [], 1.0
    shares = np.array([_moved(unit.share or 0, unit.expected or 0, board.city) for unit in units])
    n = np.array([unit.n for unit in units], float)
    effective = sum(unit.n_eff or unit.n for unit in units)
    dispersion = max(1.0, float(n.sum() / effective))
    limits = funnel_limits(board.city, n, dispersion)
    found = []
    for unit, share, limit in zip(units, shares, limits.itertuples(), strict=True):
        beyond = ""
        if not limit.warning_low <= share <= limit.warning_high:
            beyond = "warning"
        if not limit.action_low <= share <= limit.action_high:
            beyond = "action"
        found.append(Placed(unit, float(share), beyond))
    return found, dispersion


def draw_funnel(board: Board) -> Component:
    """Draw the funnel of a board and the units in it as a table."""
    placed, dispersion = funnel(board)
    if not placed or board.city is None:
        return parts.empty("Tidak ada penanganan yang jatuh tempo pada periode ini")
    beyond = Counter(one.beyond for one in placed)
    told = (
        f"{words.number(beyond['action'])} dari {words.number(len(placed))} unit berada di luar"
        f" batas 99,8 % dan {words.number(beyond['action'] + beyond['warning'])} di luar 95 %;"
        f" bila semua unit sama, kebetulan memberi {words.number(0.002 * len(placed), 1)} dan"
        f" {words.number(0.05 * len(placed), 1)}. Faktor keragaman berlebih φ ="
        f" {words.number(dispersion, 2)}, karena laporan yang berdekatan bernasib mirip."
    )
    return html.Div(
        [
            html.P(told),
            charts.graph(
                _funnel_figure(board.city, placed, dispersion),
                label=f"Diagram corong {len(placed)} unit. {told}",
            ),
            html.Ul(
                [
                    html.Li([html.Span(sign, className="method-sign"), TIERS[tier]])
                    for tier, sign in (("lebih_baik", "▲"), ("setara", "●"), ("perlu_dibantu", "▼"))
                ],
                className="method-legend",
            ),
        ]
    )


def draw_funnel_table(board: Board) -> Component:
    """Draw the units in the funnel of a board as a table, those beyond its limits first.

    It is no part of the figure's panel: as components of Dash a table of this size costs seconds.
    """
    placed, _ = funnel(board)
    if not placed:
        return parts.empty("Tidak ada penanganan yang jatuh tempo pada periode ini")
    return _figures_table(
        ["Unit", "Penanganan (n)", "Tepat waktu", "Kota, serupa", "Disetarakan", "Letak"],
        [_funnel_row(one) for one in _by_distance(placed)],
        tall=True,
    )


def funnel_rows(board: Board) -> list[Row]:
    """Return the units in the funnel as rows to download."""
    return [
        {
            "unit": one.unit.name,
            "bagian_dari": one.unit.parent,
            "n": one.unit.n,
            "tepat_waktu": one.unit.share,
            "kota_laporan_serupa": one.unit.expected,
            "disetarakan": round(one.share, 6),
            "letak": _place(one),
        }
        for one in funnel(board)[0]
    ]


def cohorts(rows: Sequence[Row]) -> tuple[list[Cohort], int]:
    """Return the cohorts of rows of `cohort_times`, oldest first, and how many rows run backwards.

    Complaints that ended before they began count for nothing.
    """
    by_quarter: dict[date, list[Row]] = defaultdict(list)
    backwards = 0
    for row in rows:
        if row["hours"] < 0:
            backwards += row["n"]
        else:
            by_quarter[row["quarter"]].append(row)
    days = range(SHOWN_DAYS + 1)
    return [
        Cohort(
            quarter,
            maturity(
                [row["hours"] for row in found],
                [row["finished"] for row in found],
                days,
                [row["n"] for row in found],
            ),
        )
        for quarter, found in sorted(by_quarter.items())
    ], backwards


def draw_maturity(rows: Sequence[Row], cut: date) -> Component:
    """Draw the maturity of each cohort, and what was published as ghost lines."""
    found, backwards = cohorts(rows)
    if not found:
        return parts.empty("Belum ada pengaduan yang tercatat sebelum saat ini")
    shown = [one for one in found if one.maturity.curve["share"].notna().sum() > 1][-LINES_SHOWN:]
    newest = shown[-1] if shown else found[-1]
    then = ghosts(cut)
    told = f" ({'; '.join(_told(*ghost) for ghost in then)})" if then else ""
    return html.Div(
        [
            html.P(
                "Bagian laporan yang sudah selesai, menurut umurnya sejak masuk. Laporan yang belum"
                " selesai ikut dihitung dengan umurnya sekarang, sehingga angka tidak menjadi lebih"
                " indah hanya karena laporan sulit belum selesai. Garis titik-titik tipis: angka"
                f" yang diterbitkan saat itu{told}."
            ),
            charts.graph(
                _maturity_figure(shown, then),
                label=f"Kurva kematangan {len(shown)} triwulan terakhir, terbaru {newest.name}",
            ),
            _figures_table(
                [
                    "Masuk pada",
                    "Laporan",
                    *(f"Selesai dalam {days} hari" for days in READ_AFTER_DAYS),
                    "Setengah selesai dalam",
                    "Sembilan dari sepuluh dalam",
                    "Belum selesai",
                ],
                [_cohort_row(one) for one in reversed(found)],
            ),
            html.P(
                f"{words.number(backwards)} laporan dengan waktu mundur tidak dihitung.",
                className="rank-note",
            )
            if backwards
            else None,
        ]
    )


def ghosts(cut: date) -> list[tuple[str, float]]:
    """Return the shares finished that had been published of periods before `cut`, oldest first."""
    found: dict[str, float] = {}
    for row in reference.rows("complaint_published_totals"):
        if row["pct"] and row["dimension"] in ("total", "finished") and _ends(row["period"]) < cut:
            found[row["period"]] = float(row["pct"]) / 100
    return sorted(found.items())


def draw_formulas(rows: Sequence[Row]) -> Component:
    """Draw the share on time by the three formulas, month by month; rows of `cohort_months`."""
    rows = [row for row in rows if sum(_outcomes(row)) > 0]
    if not rows:
        return parts.empty("Belum ada pengaduan yang dapat dinilai sebelum saat ini")
    shares = [(row, formulas(row)) for row in rows]
    named = (
        ("Tepat waktu ÷ selesai", [one.of_closed for _, one in shares]),
        ("Tepat waktu ÷ semua yang masuk", [one.of_received for _, one in shares]),
        ("Yang dipakai di sini", [one.of_due for _, one in shares]),
    )
    return html.Div(
        [
            html.Ol(
                [
                    html.Li(
                        [
                            html.Strong("Tepat waktu ÷ selesai. "),
                            "Untuk bulan terbaru mendekati 100 %: yang terlambat belum selesai,"
                            " jadi belum terhitung.",
                        ]
                    ),
                    html.Li(
                        [
                            html.Strong("Tepat waktu ÷ semua yang masuk. "),
                            "Untuk bulan terbaru terlalu rendah: yang masih dalam batas dihitung"
                            " seolah terlambat.",
                        ]
                    ),
                    html.Li(
                        [
                            html.Strong(
                                "Tepat waktu ÷ (tepat waktu + terlambat + masih berjalan melewati"
                                " batas), hanya yang sudah jatuh tempo. "
                            ),
                            "Yang dipakai di sini: tidak condong pada bulan mana pun.",
                        ]
                    ),
                ],
                className="method-formulas",
            ),
            charts.graph(
                _formulas_figure([row["month"] for row in rows], named),
                label="Tepat waktu menurut tiga rumus, per bulan masuk",
            ),
            _figures_table(
                [
                    "Bulan masuk",
                    "Tepat waktu",
                    "Terlambat",
                    "Lewat batas, belum selesai",
                    "Dalam batas, belum selesai",
                    "÷ selesai",
                    "÷ semua",
                    "Yang dipakai",
                ],
                [_month_row(row, one) for row, one in reversed(shares)],
            ),
        ]
    )


def formulas(row: Row) -> OnTime:
    """Return the share on time of a row of `cohort_months` by the three formulas.

    The third counts what is due only: what was finished early is not due before its time.
    """
    on_time, late, overdue, pending = _outcomes(row)
    newest = on_time_shares(on_time, late, overdue, pending)
    due = on_time_shares(on_time - row["early"], late, overdue, 0)
    return OnTime(newest.of_closed, newest.of_received, due.of_due)


def draw_stability(found: Mapping[str, Recount], names: Mapping[str, str]) -> Component:
    """Draw what other ways of counting change; `names` are those of the units."""
    if not any(one.top for one in found.values()):
        return parts.empty("Belum ada unit dengan cukup data pada periode ini")
    return _figures_table(
        [
            "Bila dihitung",
            "Tetap di sepersepuluh teratas",
            "Separuh unit berpindah paling banyak",
            "Terjauh",
            "Penanganan dihitung",
            "Keluar dari sepersepuluh teratas",
        ],
        [_stability_row(name, one, names) for name, one in found.items()],
    )


def stability_rows(found: Mapping[str, Recount], names: Mapping[str, str]) -> list[Row]:
    """Return what other ways of counting change as rows to download."""
    return [
        {
            "cara": name,
            "teratas": one.top,
            "tetap": one.stayed,
            "perpindahan_tengah": one.moved,
            "perpindahan_terjauh": one.farthest,
            "penanganan": one.counted,
            "keluar": "; ".join(_named(one, names)),
        }
        for name, one in found.items()
    ]


def published(rows: Sequence[Row], cut: date) -> list[Published]:
    """Return what was published of whole periods before `cut`, beside what rows count.

    Args:
        rows: Of `complaint_years`.
    """
    months: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        count = months[f"{row['month']:%Y-%m}"]
        count["received"] += row["received"]
        count["finished"] += row["finished"]
        count[f"category {_category(row['category'])}"] += row["received"]
    found = []
    for told in reference.rows("complaint_published_totals"):
        if not _is_compared(told) or _ends(told["period"]) >= cut:
            continue
        held = _held(months, told["period"])
        share = float(told["pct"]) / 100 if told["pct"] else None
        for what, key, number in _figures(told):
            is_share = key == "finished"
            found.append(
                Published(
                    period=told["period"],
                    what=what,
                    published=number,
                    share=share if is_share else None,
                    # A category that the lake never saw goes there by another name.
                    counted=held[key] if held is not None and key in held else None,
                    counted_share=held["finished"] / held["received"]
                    if is_share and held is not None
                    else None,
                    source=told["source"],
                )
            )
    return found


def draw_published(found: Sequence[Published]) -> Component:
    """Draw what was published beside what is counted now."""
    if not found:
        return parts.empty("Belum ada angka yang diterbitkan sebelum saat ini")
    held = [one for one in found if one.counted is not None]
    periods = list(dict.fromkeys(one.period for one in found))
    told = (
        f"{words.number(len(held))} dari {words.number(len(found))} angka yang diterbitkan dapat"
        f" dihitung ulang. Selisih terbesar jumlah masuk dan selesai"
        f" {words.percent(_farthest(held, is_category=False), 2)}, kategori terbesar setahun"
        f" {words.percent(_farthest(held, is_category=True), 2)}."
        if held
        else "Lake belum memuat satu pun dari periode ini secara utuh."
    )
    return html.Div(
        [
            html.P(told),
            *(
                html.Details(
                    [
                        html.Summary(_period_summary(period, found)),
                        _figures_table(
                            ["Yang dihitung", "Diterbitkan", "Dihitung di sini", "Selisih"],
                            [_published_row(one) for one in found if one.period == period],
                        ),
                        html.P(
                            "Sumber: "
                            + "; ".join(
                                dict.fromkeys(one.source for one in found if one.period == period)
                            ),
                            className="rank-note",
                        ),
                    ],
                    className="more",
                    open=any(one.counted is not None for one in found if one.period == period),
                )
                for period in periods
            ),
        ]
    )


def published_rows(found: Sequence[Published]) -> list[Row]:
    """Return the comparison as rows to download."""
    return [
        {
            "periode": one.period,
            "yang_dihitung": one.what,
            "diterbitkan": one.published,
            "diterbitkan_bagian": one.share,
            "dihitung": one.counted,
            "dihitung_bagian": one.counted_share,
            "selisih": one.difference,
            "sumber": one.source,
        }
        for one in found
    ]


def formula_rows(rows: Sequence[Row]) -> list[Row]:
    """Return rows of `cohort_months` with the three shares, to download."""
    found = []
    for row in rows:
        one = formulas(row)
        found.append(
            row
            | {"per_selesai": one.of_closed, "per_masuk": one.of_received, "dipakai": one.of_due}
        )
    return found


def cohort_rows(rows: Sequence[Row]) -> list[Row]:
    """Return the maturity of each cohort by the day, to download."""
    return [
        {
            "triwulan": one.quarter,
            "hari": day,
            "selesai": _number(share),
            "bawah_95": _number(low),
            "atas_95": _number(high),
            "n": int(one.maturity.n),
        }
        for one in cohorts(rows)[0]
        for day, (share, low, high) in enumerate(one.maturity.curve.to_numpy().tolist())
    ]


def _moved(share: float, expected: float, city: float) -> float:
    """Return a share with its odds shifted from the unit's mix of complaints to the city's."""
    level, target = np.clip([expected, city], 1e-6, 1 - 1e-6)
    return float(special.expit(special.logit(share) - special.logit(level) + special.logit(target)))


def _figures_table(
    heads: Sequence[str], rows: Sequence[Component], *, tall: bool = False
) -> Component:
    """Return a table of figures: headings stand over their numbers."""
    return html.Div(table(heads, rows, tall=tall), className="method-numbers")


def _funnel_figure(city: float, placed: Sequence[Placed], dispersion: float) -> go.Figure:
    figure = go.Figure(
        layout=charts.layout(
            "% tepat waktu, disetarakan", 440, across="penanganan yang sudah jatuh tempo (n)"
        )
    )
    largest = max(one.unit.n for one in placed)
    sizes = np.unique(np.geomspace(5, 1.05 * largest + 5, 160).round())
    limits = funnel_limits(city, sizes, dispersion)
    for name, held, dash in (("warning", "95 %", "dot"), ("action", "99,8 %", "dash")):
        for end in ("low", "high"):
            figure.add_trace(
                go.Scatter(
                    x=sizes,
                    y=100 * limits[f"{name}_{end}"],
                    mode="lines",
                    line={"color": QUIET, "width": 1.2, "dash": dash},
                    hoverinfo="skip",
                )
            )
        figure.add_annotation(
            x=1,
            xref="paper",
            y=100 * limits[f"{name}_low"].iloc[-1],
            text=held,
            showarrow=False,
            xanchor="right",
            yanchor="bottom" if name == "warning" else "top",
            font={"color": QUIET, "size": 12},
        )
    figure.add_hline(
        y=100 * city,
        line={"color": INK, "width": 1},
        annotation={
            "text": f"kota {words.percent(city)}",
            "font": {"color": INK, "size": 12},
            "xanchor": "right",
            "yanchor": "bottom",
        },
    )
    figure.add_trace(
        go.Scatter(
            x=[one.unit.n for one in placed],
            y=[100 * one.share for one in placed],
            mode="markers",
            marker={
                "symbol": [MARKS.get(one.unit.tier, "circle-open") for one in placed],
                "size": 9,
                "color": ACCENT,
                "opacity": 0.75,
                "line": {"color": LINE, "width": 0.5},
            },
            text=[one.unit.name for one in placed],
            customdata=[
                [boards_words.tier(one.unit), 100 * (one.unit.share or 0)] for one in placed
            ],
            hovertemplate="%{text}<br>disetarakan %{y:.1f} % · apa adanya %{customdata[1]:.1f} %"
            "<br>n = %{x:,d}<br>%{customdata[0]}<extra></extra>",
        )
    )
    lowest = min(one.share for one in placed)
    figure.update_xaxes(range=[0, 1.05 * largest])
    figure.update_yaxes(range=[max(0, 100 * min(lowest, city - 0.1) - 2), 101])
    return figure


def _by_distance(placed: Sequence[Placed]) -> list[Placed]:
    order = {"action": 0, "warning": 1, "": 2}
    return sorted(placed, key=lambda one: (order[one.beyond], one.unit.name))


def _funnel_row(one: Placed) -> Component:
    return html.Tr(
        [
            html.Th(one.unit.name, scope="row"),
            cell("Penanganan (n)", words.number(one.unit.n), "number"),
            cell("Tepat waktu", words.percent(one.unit.share), "number"),
            cell("Kota, serupa", words.percent(one.unit.expected), "number"),
            cell("Disetarakan", words.percent(one.share), "number"),
            cell("Letak", _place(one)),
        ]
    )


def _place(one: Placed) -> str:
    return {
        "action": "di luar batas 99,8 %",
        "warning": "di luar batas 95 %",
        "": "di dalam batas",
    }[one.beyond]


def _maturity_figure(
    shown: Sequence[Cohort], published_shares: Sequence[tuple[str, float]]
) -> go.Figure:
    figure = go.Figure(layout=charts.layout("% selesai", 400, across="hari sejak masuk"))
    for number, one in enumerate(reversed(shown)):
        curve = one.maturity.curve["share"].dropna()
        figure.add_trace(
            go.Scatter(
                x=curve.index,
                y=100 * curve,
                name=one.name,
                mode="lines",
                line={
                    "color": SERIES[number] if number < len(SERIES) else QUIET,
                    "width": 3 if number == 0 else 1.8,
                    "shape": "hv",
                    "dash": DASHES[number % len(DASHES)],
                },
                hovertemplate=f"{one.name}<br>%{{y:.1f}} % dalam %{{x}} hari<extra></extra>",
            )
        )
    days = list(range(SHOWN_DAYS + 1))
    for period, share in published_shares:
        figure.add_trace(
            go.Scatter(
                x=days,
                y=[100 * share] * len(days),
                mode="lines",
                line={"color": QUIET, "width": 1, "dash": "dot"},
                showlegend=False,
                hovertemplate=f"{_told(period, share)}<extra></extra>",
            )
        )
    lowest = 100 * min(
        (float(one.maturity.curve["share"].iloc[1:].min()) for one in shown), default=1.0
    )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(dtick=10, range=[0, SHOWN_DAYS])
    figure.update_yaxes(range=[max(0, min(lowest, 70) - 5), 101], dtick=10)
    return figure


def _formulas_figure(
    months: Sequence[date], named: Sequence[tuple[str, Sequence[float | None]]]
) -> go.Figure:
    """Return a line a formula, by month of intake."""
    figure = go.Figure(layout=charts.layout("%", 320))
    for number, (name, shares) in enumerate(named):
        figure.add_trace(
            go.Scatter(
                x=months,
                y=[None if share is None else 100 * share for share in shares],
                name=name,
                mode="lines+markers",
                connectgaps=False,
                line={"color": SERIES[number], "width": 2, "dash": DASHES[number]},
                hovertemplate=f"{name}<br>%{{x|%B %Y}}: %{{y:.1f}} %<extra></extra>",
            )
        )
    figure.update_layout(showlegend=True)
    return figure


def _cohort_row(one: Cohort) -> Component:
    found = one.maturity
    return html.Tr(
        [
            html.Th(one.name, scope="row"),
            cell("Laporan", words.number(found.n), "number"),
            *(
                cell(
                    f"Selesai dalam {days} hari",
                    words.percent(_number(found.curve["share"].loc[days])),
                    "number",
                )
                for days in READ_AFTER_DAYS
            ),
            cell("Setengah selesai dalam", _span(found.median_h), "number"),
            cell("Sembilan dari sepuluh dalam", _span(found.p90_h), "number"),
            cell("Belum selesai", words.number(found.n - found.finished), "number"),
        ]
    )


def _span(hours: float | None) -> str:
    return "belum tercapai" if hours is None else boards_words.hours(hours)


def _month_row(row: Row, one: OnTime) -> Component:
    month = f"{words.MONTHS[row['month'].month - 1]} {row['month'].year}"
    on_time, late, overdue, pending = _outcomes(row)
    return html.Tr(
        [
            html.Th(month, scope="row"),
            cell("Tepat waktu", words.number(on_time), "number"),
            cell("Terlambat", words.number(late), "number"),
            cell("Lewat batas, belum selesai", words.number(overdue), "number"),
            cell("Dalam batas, belum selesai", words.number(pending), "number"),
            cell("÷ selesai", words.percent(one.of_closed), "number"),
            cell("÷ semua", words.percent(one.of_received), "number"),
            cell("Yang dipakai", html.Strong(words.percent(one.of_due)), "number"),
        ]
    )


def _outcomes(row: Row) -> tuple[int, int, int, int]:
    return row["on_time"], row["late"], row["overdue"], row["pending"]


def _stability_row(name: str, one: Recount, names: Mapping[str, str]) -> Component:
    left = ", ".join(_named(one, names)) or "tidak ada"
    return html.Tr(
        [
            html.Th(name, scope="row"),
            cell(
                "Tetap di sepersepuluh teratas",
                [html.Strong(words.number(one.stayed)), f" dari {words.number(one.top)} unit"],
                "number",
            ),
            cell("Separuh unit berpindah paling banyak", _places(one.moved), "number"),
            cell("Terjauh", _places(one.farthest), "number"),
            cell("Penanganan dihitung", words.number(one.counted), "number"),
            cell("Keluar dari sepersepuluh teratas", left),
        ]
    )


def _named(one: Recount, names: Mapping[str, str]) -> list[str]:
    return sorted(names.get(unit, unit) for unit in one.left)


def _places(moved: float | None) -> str:
    return words.NOTHING if moved is None else words.quantity(moved, "tempat")


def _is_compared(row: Mapping[str, str]) -> bool:
    return (
        row["dimension"] in ("total", "finished", "category")
        and ".." not in row["period"]
        and len(row["period"]) in (4, 7)
    )


def _figures(row: Mapping[str, str]) -> list[tuple[str, str, int | None]]:
    """Return what a published row tells: its words, key of what is counted, count."""
    number = int(row["reports"]) if row["reports"] else None
    if row["dimension"] == "category":
        return [(f"Masuk: {row['value'].strip()}", f"category {_category(row['value'])}", number)]
    if row["dimension"] == "finished":
        return [("Selesai", "finished", number)]
    received: list[tuple[str, str, int | None]] = [("Masuk", "received", number)]
    return [*received, ("Selesai", "finished", None)] if row["pct"] else received


def _category(name: str | None) -> str | None:
    """Return what a category is called today; sources and years call some otherwise."""
    rows = reference.rows("complaint_categories")
    return next(
        (row["category"] for row in rows if name and name in row["aliases"].split("|")), name
    )


def _held(months: Mapping[str, Counter[str]], period: str) -> Counter[str] | None:
    """Return what is counted of a period; None where a month of it is missing."""
    names = [period] if len(period) == 7 else [f"{period}-{month:02}" for month in range(1, 13)]
    if any(name not in months for name in names):
        return None
    total: Counter[str] = Counter()
    for name in names:
        total.update(months[name])
    return total


def _farthest(found: Sequence[Published], *, is_category: bool) -> float | None:
    """Return the largest difference of totals, or of the categories of whole years."""
    return max(
        (
            abs(one.difference)
            for one in found
            if one.difference is not None
            and (one.what not in ("Masuk", "Selesai")) == is_category
            and (not is_category or len(one.period) == 4)
        ),
        default=None,
    )


def _published_row(one: Published) -> Component:
    is_share = one.published is None
    counted: str
    if one.counted is None:
        counted = "tidak tercatat"
    else:
        counted = words.number(one.counted)
        if one.counted_share is not None:
            counted += f" ({words.percent(one.counted_share, 2)})"
    then = words.number(one.published)
    if one.share is not None:
        then = (
            words.percent(one.share, 2) if is_share else f"{then} ({words.percent(one.share, 2)})"
        )
    return html.Tr(
        [
            html.Th(one.what, scope="row"),
            cell("Diterbitkan", then, "number"),
            cell("Dihitung di sini", counted, "number"),
            cell("Selisih", _difference(one), "number"),
        ]
    )


def _difference(one: Published) -> str:
    if one.difference is not None:
        return words.percent(one.difference, 2)
    if one.share is not None and one.counted_share is not None:
        points = 100 * (one.counted_share - one.share)
        return f"{words.number(points, 2)} poin"
    return words.NOTHING


def _period_summary(period: str, found: Sequence[Published]) -> str:
    mine = [one for one in found if one.period == period]
    total = next((one for one in mine if one.what == "Masuk"), None)
    if total is None or total.counted is None:
        return f"{_period(period)}: belum ada data"
    finished = next((one for one in mine if one.counted_share is not None), None)
    done = (
        f", {words.number(finished.counted)} selesai ({words.percent(finished.counted_share, 2)})"
        if finished
        else ""
    )
    return f"{_period(period)}: {words.number(total.counted)} laporan{done}"


def _period(period: str) -> str:
    year, _, month = period.partition("-")
    return f"{words.MONTHS[int(month) - 1]} {year}" if month else year


def _told(period: str, share: float) -> str:
    """Return a published share with its period: "2020: 99,85 %"."""
    return f"{_period(period)}: {_short(100 * share)} %"


def _short(value: float) -> str:
    """Return a number with two decimals at most: "99,85", "96,8"."""
    return words.number(value, 2).rstrip("0").rstrip(",")


def _ends(period: str) -> date:
    """Return the last day of a published period; far ahead for what is no year or month."""
    try:
        if len(period) == 4:
            return date(int(period), 12, 31)
        year, month = (int(part) for part in period.split("-"))
        return date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return date.max


def _number(value: float) -> float | None:
    return None if value != value else float(value)
