"""What one unit's standing rests on, and what would change it: "Mengapa posisi ini?"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards import boards_words, parts
from dashboards.boards_table import interval_bar, tier_mark
from dashboards.tables import cell
from data import words
from data.boards import Board, Standing
from data.metrics import Rule, metrics, rules
from data.queries import Row

ENDINGS = {
    "finished": "Diselesaikan",
    "handed": "Diserahkan ke unit lain",
    "rejected": "Ditolak",
    "running": "Masih berjalan, lewat batas",
}
EFFECTS_SHOWN = 5


@dataclass(frozen=True)
class Basis:
    """What a standing rests on.

    Args:
        effects: Rows of the query `unit_effects`.
        endings: Rows of the query `unit_endings`.
        times: Row of the query `unit_times`; None where no stint has ended.
        places: Names of areas by code.
        address: Of the drawer, without another rule.
        other: The same board by another rule, and that rule; None: not asked for.
    """

    unit: Standing
    board: Board
    reason: str
    effects: Sequence[Row]
    endings: Sequence[Row]
    times: Row | None
    places: Mapping[str, str]
    address: str
    other: tuple[Rule, Board] | None = None


def draw(basis: Basis) -> Component:
    """Draw the drawer of a unit."""
    unit, board = basis.unit, basis.board
    return html.Div(
        [
            html.P(
                [tier_mark(unit), parts.simulated_mark() if board.simulated else None],
                className="rank-unit-head",
            ),
            html.P(basis.reason, className="rank-sentence"),
            html.Dl(
                [
                    *_fact(
                        metrics()["A1"].name,
                        f"{words.percent(unit.rule_share)}; {words.number(unit.rule_late)} dari"
                        f" {words.number(unit.rule_due)} laporan terlambat,"
                        f" {words.number(unit.rule_open)} di antaranya masih terbuka",
                    ),
                    *_fact(
                        "Tepat waktu di tangan sendiri",
                        f"{words.percent(unit.share)} dari {words.number(unit.n)} penanganan;"
                        f" kota dengan laporan serupa {words.percent(unit.expected)}",
                    ),
                    html.Dt("Rentang peringkat 90 %"),
                    html.Dd(interval_bar(unit, boards_words.in_ranks(board))),
                    *_fact(
                        "Peluang lebih baik dari kota",
                        boards_words.probability(unit.better)
                        if unit.better is not None
                        else "tidak dinilai",
                    ),
                    *_fact("Data per", boards_words.as_of(board)),
                    *_fact(
                        "Laporan masuk",
                        words.period(board.question.since, board.question.until),
                    ),
                    *_fact("Aturan", boards_words.rules(board)),
                ],
                className="rank-facts",
            ),
            html.H3("Laporan yang paling berpengaruh"),
            draw_effects(basis.effects, board.cut, basis.places),
            html.H3("Bila laporan di luar kewenangan tidak dihitung"),
            draw_misrouted(unit, basis.endings),
            html.H3("Waktu di tangan unit"),
            draw_times(basis.times),
            html.H3("Bila dihitung dengan aturan lain"),
            _other_rules(basis),
        ],
        className="rank-unit",
    )


def draw_effects(rows: Sequence[Row], cut: datetime, places: Mapping[str, str]) -> Component:
    """Draw the stints that went furthest beyond their time.

    Args:
        rows: Of the query `unit_effects`.
        cut: Midnight (aware) up to which the city is known.
        places: Names of areas by code.
    """
    if not rows:
        return html.P("Tidak ada penanganan yang melewati batas pada periode ini.")
    return html.Div(
        html.Table(
            [
                html.Thead(
                    html.Tr(
                        [
                            html.Th(name, scope="col")
                            for name in ("Laporan", "Di tangan", "Lewat batas", "")
                        ]
                    )
                ),
                html.Tbody([_effect(row, cut, places) for row in rows]),
            ],
            className="table",
        ),
        className="table-scroll",
    )


def misrouted(endings: Sequence[Row]) -> tuple[int, float | None]:
    """Return how many stints were handed on, and the share on time of the others."""
    handed = [row for row in endings if row["ending"] == "handed"]
    others = [row for row in endings if row["ending"] != "handed"]
    n = sum(row["n"] for row in others)
    share = sum(row["on_time"] for row in others) / n if n else None
    return sum(row["n"] for row in handed), share


def draw_misrouted(unit: Standing, endings: Sequence[Row]) -> Component:
    """Draw how the unit's stints ended, and its share without those that it handed on."""
    if not endings:
        return html.P("Tidak ada penanganan yang jatuh tempo pada periode ini.")
    handed, without = misrouted(endings)
    rest = (
        f"tanpa {words.number(handed)} yang diserahkan ke unit lain menjadi"
        f" {words.percent(without)} dari {words.number(unit.n - handed)}"
        if without is not None
        else "tanpa yang diserahkan ke unit lain tidak ada yang tersisa untuk dinilai"
    )
    return html.Div(
        [
            html.P(
                f"Tepat waktu {words.percent(unit.share)} dari {words.number(unit.n)} penanganan"
                f" yang sudah jatuh tempo; {rest}."
            ),
            html.Ul(
                [
                    html.Li(
                        f"{ENDINGS[row['ending']]}: {words.number(row['n'])},"
                        f" {words.number(row['on_time'])} tepat waktu"
                    )
                    for row in endings
                ],
                className="rank-endings",
            ),
            html.P(
                "Penyerahan dinilai menurut batas koordinasi; waktu di unit lain tidak pernah"
                " dihitung untuk unit ini.",
                className="figure-note",
            ),
        ]
    )


def draw_times(times: Row | None) -> Component:
    """Draw how long complaints stayed with the unit; `times` is its row of `unit_times`."""
    if times is None:
        return html.P("Belum ada penanganan yang berakhir pada periode ini.")
    return html.Dl(
        [
            *_time("M4", times["held_p50_h"], times["held_p90_h"]),
            *_time("M1", times["answer_p50_h"], times["answer_p90_h"]),
            *_fact(
                metrics()["M2"].name,
                f"{boards_words.hours(times['hand_p50_h'])} (median) atas"
                f" {words.number(times['handed'])} penyerahan, jatuh tempo ataupun belum"
                if times["handed"]
                else "tidak ada yang diserahkan",
            ),
        ],
        className="rank-facts",
    )


def draw_other(unit: Standing, board: Board, rule: Rule, other: Board) -> Component:
    """Draw where a unit stands by another rule, and how many units that moves."""
    then = other.of(unit.unit)
    if then is None:
        return html.P("Unit ini tidak dapat dinilai dengan aturan itu.")
    moved = sum(unit.tier != found.tier for unit in board.ranked if (found := other.of(unit.unit)))
    places = (
        f"peringkat tengah dari {unit.rank} menjadi {then.rank}, rentang"
        f" {boards_words.ranks(then)}, semula {boards_words.ranks(unit)}"
        if unit.rank and then.rank
        else "tanpa peringkat"
    )
    return html.Div(
        [
            html.P(html.Strong(boards_words.rule(rule))),
            html.P(
                f"Tepat waktu {words.percent(then.share)} (semula {words.percent(unit.share)});"
                f" {places}."
            ),
            html.P(
                [
                    tier_mark(then),
                    f" {words.number(moved)} dari {words.number(len(board.ranked))} unit"
                    " berpindah tingkat.",
                ],
                className="rank-unit-head",
            ),
        ],
        role="status",
    )


def _other_rules(basis: Basis) -> Component:
    chosen = basis.other[0] if basis.other else None
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        f"Aturan {rule.valid_from.year}",
                        type="button",
                        className="button",
                        title=f"{basis.unit.name}: mengapa posisi ini?",
                        **{
                            "data-act": "open",
                            "data-url": f"{basis.address}&aturan={rule.valid_from}",
                            "aria-pressed": "true" if rule == chosen else "false",
                        },
                    )
                    for rule in rules()
                ],
                className="rank-tools",
            ),
            draw_other(basis.unit, basis.board, *basis.other)
            if basis.other
            else html.P(
                "Nilai menurut aturan yang berlaku tidak berubah; ini hanya menunjukkan berapa"
                " banyak yang bergantung pada aturannya.",
                className="figure-note",
            ),
        ],
        className="rank-rules",
    )


def _time(code: str, half: float | None, nine: float | None) -> tuple[Component, Component]:
    told = (
        f"{boards_words.hours(half)} (median), {boards_words.hours(nine)} (sembilan dari sepuluh)"
    )
    return _fact(metrics()[code].name, told)


def _effect(row: Row, cut: datetime, places: Mapping[str, str]) -> Component:
    number = row["complaint_id"]
    until = f"{words.short_moment(row['ended_at'])} WIB" if row["ended_at"] else "masih berjalan"
    how = ENDINGS[row["ending"] or "running"]
    place = places.get(row["kelurahan_code"] or "", "tempat tidak diketahui")
    return html.Tr(
        [
            html.Th(
                [
                    html.A(number, href=f"/pengaduan/{number}", **{"data-act": "visit"}),
                    html.Span(f"{row['category']}, {place}", className="rank-small"),
                ],
                scope="row",
            ),
            cell(
                "Di tangan",
                [
                    row["holder"].title(),
                    html.Span(
                        f"{words.short_moment(row['started_at'])} – {until}",
                        className="rank-small",
                    ),
                ],
            ),
            cell(
                "Lewat batas",
                [
                    html.Strong(boards_words.hours(row["over_h"])),
                    html.Span(
                        f"batas {boards_words.hours(row['allowed_h'])} · {how.lower()}",
                        className="rank-small",
                        title=f"dihitung sampai {words.moment(row['ended_at'] or cut)}",
                    ),
                ],
            ),
            cell(
                "Sanggah",
                html.A(
                    "Sanggah",
                    href=f"/sanggah?{urlencode({'pengaduan': number})}",
                    className="button",
                    **{"data-act": "visit"},
                ),
            ),
        ]
    )


def _fact(name: str, text: Any) -> tuple[Component, Component]:
    return html.Dt(name), html.Dd(text)
