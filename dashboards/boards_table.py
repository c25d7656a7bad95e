"""A board of the ranking as a table that turns into cards on a phone.

The browser (assets/peringkat.js) sorts and searches it by `data-sort` of its cells and `data-find`
of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards import boards_words, parts
from dashboards.access import within
from dashboards.boards_words import TIERS, Totals
from dashboards.tables import cell
from data import words
from data.asof import WIB
from data.board_sentences import LEVELS
from data.boards import Board, Standing
from data.metrics import metrics
from data.publications import Frozen

UNIT_PATH = "/peringkat/unit"
WHOLE_CITY = "31"
SHAPES = {"lebih_baik": "up", "setara": "level", "perlu_dibantu": "down", "belum_cukup_data": "few"}
# Value of `?urut=` -> heading, what a pointer tells of it; the first is how a board comes.
SORTS = {
    "kinerja": "Kinerja",
    "nama": "Unit",
    "aturan": "Menurut aturan",
    "rentang": "Rentang peringkat 90 %",
    "tepat": "Tepat waktu",
    "harapan": "Kota, serupa",
    "n": "Penanganan (n)",
}


def draw_told(board: Board) -> Component:
    """Draw what must be known of a board before it is read: moment, period, rules, n, tiers."""
    sums, city = boards_words.totals(board.units), boards_words.totals(board.ranked)
    return html.Details(
        [
            html.Summary(
                [
                    f"Data per {boards_words.as_of(board)}",
                    parts.simulated_mark() if board.simulated else None,
                ]
            ),
            html.Dl(
                [
                    *_fact(
                        "Laporan masuk",
                        words.period(board.question.since, board.question.until),
                    ),
                    *_fact("Aturan", boards_words.rules(board)),
                    *_fact(
                        "n",
                        f"{words.number(sums.rule_due)} laporan dan {words.number(sums.n)}"
                        f" penanganan jatuh tempo{_of_them_apart(board)}",
                    ),
                    *_fact(
                        "Seluruh kota",
                        f"{words.percent(city.rule_share)} tepat waktu menurut aturan;"
                        f" {words.percent(city.share)} di tangan unit",
                    ),
                ],
                className="rank-facts",
            ),
            html.Ul(
                [
                    html.Li([_mark(tier), html.Strong(words.number(count))])
                    for tier, count in boards_words.counted(board).items()
                ],
                className="rank-tiers",
            ),
        ],
        className="rank-told",
        open=True,
    )


def _of_them_apart(board: Board) -> str:
    beside = boards_words.totals(board.apart)
    if not board.apart:
        return ""
    return (
        f"; {words.number(beside.rule_due)} dan {words.number(beside.n)} di antaranya di Kepulauan"
        " Seribu, yang tidak diperingkat"
    )


def draw_own(board: Board, territory: str, unit_query: Mapping[str, str]) -> Component | None:
    """Draw the standing of the unit in whose hands a territory lies; None where there is none.

    Args:
        board: The units.
        territory: Kemendagri code of what the reader answers for.
        unit_query: As for `draw_board`.
    """
    own = next((unit for unit in board.units if within(territory, unit.unit)), None)
    if own is None:
        return None
    return html.Section(
        [
            html.H3("Unit Anda"),
            _unit_button(own, unit_query),
            tier_mark(own),
            html.Span(f"{words.percent(own.rule_share)} tepat waktu menurut aturan"),
            interval_bar(own, boards_words.in_ranks(board)),
        ],
        className="rank-own",
    )


def draw_board(frozen: Frozen, *, area: str, unit_query: dict[str, str]) -> list[Component]:
    """Draw the units of a board, those that are not ranked in a table of their own.

    Args:
        area: Kemendagri code; only what is in it, or holds it, is shown.
        unit_query: What the address of "Mengapa posisi ini?" carries besides the unit.
    """
    board = frozen.board
    ranked = [unit for unit in board.ranked if shown_in(unit, area)]
    apart = [unit for unit in board.apart if shown_in(unit, area)]
    city = boards_words.totals(board.ranked)
    beside = boards_words.totals(board.apart)
    narrowed = len(ranked) < len(board.ranked)
    foot = [
        _sum(f"{words.number(len(ranked))} baris di atas", boards_words.totals(tuple(ranked)))
        if narrowed
        else None,
        _sum(_city_name(board), city),
        _sum("Kepulauan Seribu", beside) if board.apart else None,
        _sum("Jumlah", boards_words.totals(board.units)) if board.apart else None,
    ]
    return [
        _table(frozen, ranked, unit_query, foot, "Peringkat")
        if ranked
        else parts.empty("Tidak ada unit yang diperingkat di wilayah ini"),
        html.P(_reconciled(board), className="rank-note"),
        html.P(
            "Tidak ada unit yang cocok dengan pencarian.",
            className="note rank-nothing",
            role="status",
            hidden=True,
        ),
        html.Section(
            [
                html.H3("Kepulauan Seribu: ditampilkan, tidak diperingkat"),
                html.P(
                    "Laporannya terlalu sedikit untuk dibandingkan dengan daratan.",
                    className="rank-note",
                ),
                _table(frozen, apart, unit_query, [], "Kepulauan Seribu"),
            ],
            className="rank-apart",
        )
        if apart
        else None,
    ]


def shown_in(unit: Standing, area: str) -> bool:
    """Answer whether a unit lies in an area or holds it; an agency serves the whole city."""
    is_area = unit.unit[:1].isdigit()
    return not is_area or unit.unit.startswith(area) or area.startswith(unit.unit)


def tier_mark(unit: Standing) -> Component:
    """Return the tier of a unit by shape and word."""
    if not unit.ranked:
        return html.Span(boards_words.NOT_RANKED, className="tier tier-apart")
    return _mark(unit.tier)


def interval_bar(unit: Standing, ranks: int) -> Component:
    """Return the 90 % interval of a unit's rank among `ranks` as a bar with its numbers."""
    if unit.rank_low is None or unit.rank_high is None or unit.rank is None:
        return html.Span(words.NOTHING)
    begin, end = (unit.rank_low - 1) / ranks, unit.rank_high / ranks
    return html.Span(
        [
            html.Span(
                html.Span(style={"left": f"{begin:.2%}", "width": f"{end - begin:.2%}"}),
                className="rank-bar",
                **{"aria-hidden": "true"},
            ),
            html.Span(
                [
                    boards_words.interval(unit),
                    html.Span(f" dari {ranks}{boards_words.chance(unit)}"),
                ]
            ),
        ],
        className="rank-interval",
    )


def _city_name(board: Board) -> str:
    unit = LEVELS[board.question.level][1]
    return f"Seluruh kota: {words.number(len(board.ranked))} {unit} diperingkat"


def _reconciled(board: Board) -> str:
    if board.question.level == "agency":
        return (
            "Jumlah baris sama dengan baris kota. Di sini hanya perangkat daerah: laporan dihitung"
            " pada pemegang terakhir, penanganan pada setiap pemegang. Kantor kelurahan, kecamatan"
            " dan kota dinilai di tab masing-masing."
        )
    return (
        "Jumlah baris sama dengan baris kota. Menurut aturan, laporan dihitung pada wilayah"
        " kejadiannya; penanganan hanya yang di tangan kantor wilayah itu. Penanganan perangkat"
        " daerah dinilai di tab Perangkat daerah, dengan waktunya sendiri."
    )


def _table(
    frozen: Frozen,
    units: Sequence[Standing],
    unit_query: dict[str, str],
    foot: Sequence[Component | None],
    name: str,
) -> Component:
    board = frozen.board
    ranks = boards_words.in_ranks(board)
    head = [
        _head("nama", LEVELS[board.question.level][2]),
        _head("aturan", SORTS["aturan"], metrics()["A1"].definition),
        _head("kinerja", SORTS["kinerja"]),
        _head("rentang", SORTS["rentang"], "Dalam kurung: peluangnya, bila jauh dari 90 %"),
        html.Th("Mengapa keduanya berbeda", scope="col"),
        _head("tepat", SORTS["tepat"], metrics()["M3"].definition, number=True),
        _head("harapan", SORTS["harapan"], number=True),
        _head(
            "n", SORTS["n"], "Penanganan di tangan unit sendiri yang sudah jatuh tempo", number=True
        ),
    ]
    body = [_row(unit, frozen, ranks, unit_query) for unit in units]
    sums = [row for row in foot if row is not None]
    return html.Div(
        html.Table(
            [
                html.Caption(name, className="visually-hidden"),
                html.Thead(html.Tr(head)),
                html.Tbody(body),
                html.Tfoot(sums) if sums else None,
            ],
            className="table rank-table",
        ),
        className="table-scroll",
    )


def _head(key: str, name: str, meaning: str = "", *, number: bool = False) -> Component:
    return html.Th(
        html.Button(
            name,
            type="button",
            title=meaning or None,
            **{"data-act": "rank-sort", "data-value": key},
        ),
        scope="col",
        className="number" if number else None,
        **{"data-key": key},
    )


def _row(unit: Standing, frozen: Frozen, ranks: int, unit_query: dict[str, str]) -> Component:
    order = list(TIERS).index(unit.tier)
    appealed = frozen.appealed.get(unit.unit)
    return html.Tr(
        [
            html.Th(
                [
                    _unit_button(unit, unit_query),
                    html.Span(unit.parent, className="rank-parent") if unit.parent else None,
                ],
                scope="row",
                **{"data-sort": unit.name},
            ),
            _cell(
                "aturan",
                [
                    html.Strong(words.percent(unit.rule_share)),
                    html.Span(
                        f"{words.number(unit.rule_late)} dari {words.number(unit.rule_due)}"
                        " terlambat"
                        if unit.rule_due
                        else "tidak ada yang jatuh tempo",
                        className="rank-small",
                    ),
                    html.Span(
                        f"{words.number(appealed)} disanggah",
                        className="rank-small",
                        title="Sanggahan yang menunggu keputusan atau diterima",
                    )
                    if appealed
                    else None,
                ],
                unit.rule_share,
            ),
            _cell("kinerja", tier_mark(unit), f"{order}"),
            _cell("rentang", interval_bar(unit, ranks), unit.rank),
            cell("Mengapa keduanya berbeda", frozen.reasons[unit.unit], "rank-why"),
            _cell("tepat", words.percent(unit.share), unit.share, "number"),
            _cell("harapan", words.percent(unit.expected), unit.expected, "number"),
            _cell("n", words.number(unit.n), unit.n, "number"),
        ],
        **{"data-find": f"{unit.name} {unit.parent or ''}".lower()},
    )


def _unit_button(unit: Standing, unit_query: Mapping[str, str]) -> Component:
    url = f"{UNIT_PATH}?{urlencode({**unit_query, 'unit': unit.unit})}"
    return html.Button(
        unit.name,
        type="button",
        className="link",
        title=f"{unit.name}: mengapa posisi ini?",
        **{"data-act": "open", "data-url": url},
    )


def _cell(key: str, content: Any, value: float | str | None, kind: str = "") -> Component:
    found = cell(SORTS[key], content, kind or f"rank-{key}")
    setattr(found, "data-sort", _sorted_by(value))
    return found


def _sorted_by(value: float | str | None) -> str:
    return "" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value)


def _sum(name: str, sums: Totals) -> Component:
    return html.Tr(
        [
            html.Th(name, scope="row"),
            cell(
                SORTS["aturan"],
                [
                    html.Strong(words.percent(sums.rule_share)),
                    html.Span(
                        f"{words.number(sums.rule_late)} dari {words.number(sums.rule_due)}"
                        " terlambat",
                        className="rank-small",
                    ),
                ],
                "rank-aturan",
            ),
            html.Td(colSpan=3, className="rank-blank"),
            cell(SORTS["tepat"], words.percent(sums.share), "number"),
            cell(SORTS["harapan"], words.percent(sums.expected_share), "number"),
            cell(SORTS["n"], words.number(sums.n), "number"),
        ]
    )


def _mark(tier: str) -> Component:
    return html.Span(
        [
            html.Span(className=f"tier-shape tier-{SHAPES[tier]}", **{"aria-hidden": "true"}),
            html.Span(TIERS[tier]),
        ],
        className="tier",
    )


def _fact(name: str, text: str) -> tuple[Component, Component]:
    return html.Dt(name), html.Dd(text)


def cut_mark(board: Board) -> str:
    """Return the moment of a board as the browser reads it."""
    return board.cut.astimezone(WIB).isoformat()
