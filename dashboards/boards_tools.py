"""What chooses a board of the ranking, and what leaves with it: filters, files, publishing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards import exports, parts
from dashboards.boards_table import SORTS
from dashboards.panels import View
from data import reference
from data.asof import EARLIEST, WIB, AsOf
from data.board_sentences import LEVELS
from data.boards import Board, Question, QuestionError

PATH = "/peringkat"
METHODOLOGY = f"{PATH}/metodologi"
EXPORT, LIST = f"{PATH}/unduh.<kind>", f"{PATH}/terbitan"
PARAMS = ("tingkat", "sejak", "sampai", "kategori", "kanal")
PUBLISHERS = frozenset({"pimpinan", "admin"})


def read_question(params: Mapping[str, str], cut: date) -> Question:
    """Read which board the URL asks for.

    Args:
        params: `PARAMS` of the URL; what is missing is as usual.
        cut: Day at whose beginning the board is cut.

    Raises:
        QuestionError: A parameter cannot be read; the message, Indonesian, says which.
    """
    asked = params.get("tingkat", "kelurahan")
    levels = {name: level for level, (name, _, _) in LEVELS.items()}
    if asked not in levels:
        raise QuestionError(f"Tingkat “{asked}” tidak dikenal. Pilih salah satu tab di atas.")
    usual = Question.usual(levels[asked], cut)
    until = _day(params, "sampai") or usual.until
    span = usual.until - usual.since
    since = _day(params, "sejak") or (min(until, usual.until) - span)
    return Question(
        levels[asked],
        since,
        until,
        _one_of(params, "kategori", categories()),
        _one_of(params, "kanal", channels()),
    )


def address(question: Question) -> dict[str, str]:
    """Return the URL parameters that ask for exactly this board."""
    found = {
        "tingkat": LEVELS[question.level][0],
        "sejak": question.since.isoformat(),
        "sampai": question.until.isoformat(),
        "kategori": question.category,
        "kanal": question.channel,
    }
    return {name: value for name, value in found.items() if value}


def moment(as_of: AsOf) -> dict[str, str]:
    """Return the URL parameters of a past moment; none for the present."""
    if as_of.live:
        return {}
    seen = "saat-itu" if as_of.known_time <= as_of.event_time else "sekarang"
    return {
        "pada": as_of.event_time.astimezone(WIB).isoformat(timespec="minutes"),
        "seperti": seen,
    }


def toolbar(params: Mapping[str, str], board: Board | None, view: View) -> Component:
    """Draw what chooses a board; `board` is None where the choice has no answer."""
    level = params.get("tingkat", "kelurahan")
    question = board.question if board else None
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        heading,
                        type="button",
                        **{
                            "data-act": "rank-level",
                            "data-value": name,
                            "aria-pressed": "true" if name == level else "false",
                        },
                    )
                    for name, _, heading in LEVELS.values()
                ],
                className="rank-tabs",
                role="group",
                **{"aria-label": "Tingkat"},
            ),
            search_field(),
            html.Details(
                [
                    html.Summary("Saring, urutkan, unduh"),
                    html.Div(
                        [
                            _date("sejak", "Sejak", params, question.since if question else None),
                            _date("sampai", "Sampai", params, question.until if question else None),
                            _choice("kategori", "Kategori", params, categories(), "Semua"),
                            _choice("kanal", "Kanal", params, channels(), "Semua"),
                            sort_choice(),
                            html.Button(
                                "Bawaan",
                                type="button",
                                className="button",
                                title="Periode bawaan, semua kategori dan kanal",
                                **{"data-act": "rank-usual"},
                            ),
                        ],
                        className="rank-tools",
                    ),
                    html.Div(_leaving(board, view), className="rank-tools"),
                ],
                className="rank-choices",
                open=True,
            ),
        ],
        className="rank-toolbar",
    )


def sort_choice() -> Component:
    """Return the choice of an order; the browser sorts."""
    return html.Label(
        [
            html.Span("Urutkan"),
            html.Select(
                [
                    html.Option(
                        "Tingkat kinerja, lalu nama" if key == "kinerja" else name, value=key
                    )
                    for key, name in SORTS.items()
                ],
                **{"data-go": "urut"},
            ),
        ],
        className="rank-sort",
    )


def search_field() -> Component:
    """Return the field in which a unit is looked for; the browser searches."""
    return html.Label(
        [html.Span("Cari unit"), parts.Input(type="search", **{"data-rank-find": ""})],
        className="rank-search",
    )


def export_links(query: Mapping[str, str]) -> list[Component]:
    """Return the links to the files of the board that `query` asks for."""
    return [
        html.A(
            kind.upper(),
            href=f"{EXPORT.replace('<kind>', kind)}?{urlencode(query)}",
            className="button",
            title=f"Unduh sebagai {kind.upper()}",
            download="",
        )
        for kind in exports.TYPES
    ]


def visit() -> dict[str, str]:
    """Return what makes a link open in place."""
    return {"data-act": "visit"}


def categories() -> dict[str, str]:
    """Return the categories of complaints with what they are called on screen, in order."""
    found = {
        row["category"]: row["label"].strip() for row in reference.rows("complaint_categories")
    }
    return dict(sorted(found.items()))


def channels() -> dict[str, str]:
    """Return the channels of complaints with what they are called on screen."""
    return {row["channel"]: row["name"] for row in reference.rows("complaint_channels")}


def _leaving(board: Board | None, view: View) -> list[Component | None]:
    """Return what leads from the page: files, the method, what was published."""
    links = (
        export_links(address(board.question) | moment(view.as_of))
        if board is not None and board.units
        else []
    )
    may_publish = board is not None and view.role.id in PUBLISHERS and view.as_of.live
    return [
        *links,
        html.A("Metodologi", href=METHODOLOGY, className="button", **visit()),
        html.Button(
            "Daftar terbitan",
            type="button",
            className="button",
            title="Peringkat yang diterbitkan",
            **{"data-act": "open", "data-url": LIST},
        ),
        html.Button(
            "Terbitkan",
            type="button",
            className="button is-first",
            title="Bekukan peringkat ini di bawah alamatnya sendiri",
            **{"data-act": "rank-publish"},
        )
        if may_publish
        else None,
    ]


def _date(name: str, label: str, params: Mapping[str, str], shown: date | None) -> Component:
    value = shown.isoformat() if shown else params.get(name, "")
    return html.Label(
        [html.Span(label), parts.Input(type="date", value=value, **{"data-go": name})]
    )


def _choice(
    name: str, label: str, params: Mapping[str, str], options: Mapping[str, str], none: str
) -> Component:
    chosen = params.get(name, "")
    known = {"": none, **options}
    return html.Label(
        [
            html.Span(label),
            html.Select(
                [
                    html.Option(text, value=value, selected=value == chosen)
                    for value, text in known.items()
                ],
                **{"data-go": name},
            ),
        ]
    )


def _day(params: Mapping[str, str], name: str) -> date | None:
    text = params.get(name)
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise QuestionError(
            f"Tanggal “{text}” tidak dapat dibaca. Tuliskan seperti 2026-03-12."
        ) from None
    if found < EARLIEST.date():
        raise QuestionError(f"Tanggal “{text}” terlalu dini. Pilih tanggal sesudahnya.")
    return found


def _one_of(params: Mapping[str, str], name: str, known: Mapping[str, str]) -> str | None:
    value = params.get(name)
    if not value:
        return None
    if value not in known:
        raise QuestionError(f"{name.capitalize()} “{value}” tidak dikenal. Pilih dari daftar.")
    return value
