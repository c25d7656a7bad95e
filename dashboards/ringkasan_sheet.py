"""The governor's brief on screen: its nine blocks, footnotes as links, and what staff may do.

The same content, order and words as on paper (`data.brief.pdf`); nothing is cut here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards import charts, parts
from dashboards.access import ROLES
from dashboards.maps import swatch
from dashboards.tables import cell, table
from data import words
from data.brief import pdf
from data.brief.asking import questions
from data.brief.model import (
    Attention,
    Comment,
    Comparison,
    Decision,
    Edition,
    Figure,
    Followed,
    Sentence,
    Source,
    Unknown,
)

PATH = "/ringkasan"
SOURCE = f"{PATH}/sumber"
READERS = frozenset({"pimpinan", "operator", "admin", "inspektur"})
WRITERS = frozenset({"pimpinan", "operator", "admin"})
LONGEST_COMMENT = 300
# Level -> shape and fill; the words stand beside it.
SHAPES = {
    1: ("hexagon", "--siaga-1"),
    2: ("diamond", "--siaga-2"),
    3: ("triangle", "--siaga-3"),
    4: ("circle", "--siaga-4"),
    5: ("warning:!", "--attention-fill"),
    6: ("notice:i", "--surface"),
}


@dataclass(frozen=True)
class Shown:
    """An edition as one reader sees it.

    Args:
        where: What names it in the address of its footnotes and files: `edisi`, or moment and kind.
        editable: The reader may pin, comment and reorder.
    """

    edition: Edition
    where: dict[str, str]
    editable: bool = False

    def notes(self, numbers: Sequence[int]) -> Component | None:
        """Return footnote numbers, each a link that opens its footnote."""
        if not numbers:
            return None
        # No line begins with a footnote number.
        links: list[Any] = ["\N{WORD JOINER}"]
        for number in numbers:
            asked = urlencode({**self.where, "n": str(number)})
            links.append(
                html.A(
                    f"[{number}]",
                    href=f"#sumber-{number}",
                    title=f"Catatan kaki {number}",
                    className="brief-note",
                    **{"data-act": "open", "data-url": f"{SOURCE}?{asked}"},
                )
            )
        return html.Span(links, className="brief-notes")

    def changed(self, id: str) -> Component | None:
        """Return the mark of what differs from the edition before."""
        if id not in self.edition.changed:
            return None
        return html.Span(
            "berubah", className="brief-changed", title="Berubah sejak edisi sebelumnya"
        )

    def comments(self, id: str) -> Component | None:
        """Return what staff wrote beside an item."""
        found = [one for one in self.edition.review.comments if one.item == id]
        if not found:
            return None
        return html.Ul([html.Li(_comment(one)) for one in found], className="brief-comments")

    def tools(self, id: str, *, movable: Sequence[str] = ()) -> Component | None:
        """Return what the reader may do about an item.

        Args:
            movable: Ids of the attention items in their order, where it is one of them.
        """
        if not self.editable:
            return None
        pinned = self.edition.review.pinned
        buttons: list[Any] = []
        if id in movable:
            group = [one for one in movable if (one in pinned) == (id in pinned)]
            buttons = [
                self._button("unpin" if id in pinned else "pin", id),
                self._button("up", id, disabled=id == group[0]),
                self._button("down", id, disabled=id == group[-1]),
            ]
        return html.Div(
            [*buttons, self._comment_form(id, movable=id in movable)],
            className="brief-tools",
            **{"data-key": id},
        )

    def _button(self, does: str, id: str, *, disabled: bool = False) -> Component:
        word = {"pin": "Sematkan", "unpin": "Lepas sematan", "up": "Naik", "down": "Turun"}[does]
        return html.Button(
            word,
            type="button",
            className="chip",
            disabled=disabled,
            **{"data-act": "ringkasan", "data-do": does, **self.target(id)},
        )

    def _comment_form(self, id: str, *, movable: bool) -> Component:
        field = html.Textarea(
            name="text",
            rows=2,
            maxLength=LONGEST_COMMENT,
            **{"aria-label": "Catatan, tanpa data pribadi"},
        )
        send = html.Button(
            "Simpan catatan",
            type="button",
            className="button is-first",
            **{"data-act": "ringkasan", "data-do": "comment", **self.target(id)},
        )
        return html.Details(
            [
                html.Summary("Catatan…", className="chip" if movable else "link"),
                html.Form([field, send], className="brief-form"),
            ]
        )

    def target(self, id: str = "") -> dict[str, str]:
        """Return what tells the server which item of which revision is meant."""
        return {
            "data-edition": self.edition.id,
            "data-item": id,
            "data-revision": str(self.edition.review.revision),
        }


def draw(shown: Shown) -> Component:
    """Draw a brief."""
    content = shown.edition.content
    return html.Article(
        [
            _head(shown),
            _opening(shown),
            _block(
                "Perlu keputusan",
                [_decision(one, shown) for one in content.decisions],
                content.no_decision,
                numbered=True,
            ),
            _attention_block(shown),
            _figures_block(shown),
            html.Div(
                [
                    _block(
                        "Tindak lanjut arahan",
                        [_followed(one, shown) for one in content.followed],
                        [
                            "Belum ada arahan yang dicatat. ",
                            _link("Catat arahan", f"{PATH}/arahan"),
                        ],
                    ),
                    _block(
                        "Yang belum diketahui",
                        [_unknown(one, shown) for one in content.unknown],
                        "Semua umpan terkini.",
                    ),
                    _block(
                        "Kinerja wilayah",
                        [_sentence(one, shown) for one in content.performance],
                        "Tingkat tidak berubah, atau belum cukup data.",
                    ),
                    _block(
                        "Prakiraan 6–24 jam",
                        [_sentence(one, shown) for one in content.outlook],
                        "Belum ada prakiraan yang berlaku.",
                    ),
                ],
                className="brief-pairs",
            ),
            _sources(shown),
        ],
        className="brief",
    )


def state_mark(state: str) -> Component:
    """Return how far a brief is, by shape and word."""
    return html.Span(
        [html.Span(className="brief-shape", **{"aria-hidden": "true"}), pdf.STATES[state]],
        className=f"brief-state brief-{state}",
    )


def source_details(one: Source, sql: str) -> Component:
    """Draw a footnote: what was asked of whom and when, the answer's fingerprint, its replay.

    Args:
        sql: Text of the query; empty for what people wrote.
    """
    facts: list[tuple[str, Any]] = [
        ("Pertanyaan", _question(one)),
        ("Kueri", html.Code(one.query)),
        ("Parameter", one.asked or "–"),
        ("Sumber", [one.origin, " ", parts.simulated_mark() if one.simulated else None]),
        ("Umpan", ", ".join(one.feeds) or "catatan tangan"),
        ("Untuk saat", words.moment(one.event_time)),
        ("Seperti diketahui", words.moment(one.known_time)),
        ("Data terbaru", words.moment(one.newest) if one.newest else "baris tanpa waktu"),
        ("Baris jawaban", words.number(one.rows)),
        ("Sidik jari (sha256)", html.Code(one.sha256, className="brief-hash")),
    ]
    return html.Div(
        [
            html.Dl(
                [part for name, value in facts for part in (html.Dt(name), html.Dd(value))],
                className="brief-facts",
            ),
            html.P(_replay(one, "Putar ulang pada saat itu", "button")),
            html.Details([html.Summary(f"{one.query}.sql"), html.Pre(sql)]) if sql else None,
        ],
        className="brief-source",
    )


def _head(shown: Shown) -> Component:
    edition, content = shown.edition, shown.edition.content
    state, changed = pdf.state_of(edition), len(edition.changed)
    told = [
        state_mark(state),
        parts.simulated_mark() if content.simulated else None,
        html.Span("dibuat terlambat") if edition.late else None,
        html.Span(f"revisi {edition.review.revision}") if state != "pratinjau" else None,
        html.Span(
            f"{words.number(changed)} butir berubah sejak edisi sebelumnya"
            if changed
            else "tidak ada yang berubah sejak edisi sebelumnya"
        )
        if edition.previous
        else None,
    ]
    return html.Header(
        [
            parts.icon("brand"),
            html.Div(
                [
                    html.H3(
                        [
                            html.Strong(pdf.TITLE),
                            html.Span(f" · {pdf.kind_of(edition)}"),
                        ]
                    ),
                    html.P(f"Data per {words.moment(content.cut)}", className="brief-cut"),
                    html.Div(told, className="brief-marks"),
                    _withdrawn(edition) if edition.withdrawn else None,
                ]
            ),
        ],
        className="brief-head",
    )


def _withdrawn(edition: Edition) -> Component:
    link = f"{PATH}/{edition.corrected_by}"
    return html.P(
        [
            html.Strong(f"{edition.withdrawn} "),
            _link("Buka edisi penggantinya", link) if edition.corrected_by else None,
        ],
        className="brief-withdrawn",
        role="alert",
    )


def _opening(shown: Shown) -> Component:
    told = shown.edition.content.opening
    if not told:
        return html.P(
            "Status kota dan hal yang perlu diputuskan belum dapat disebut: lihat “Yang belum"
            " diketahui”.",
            className="brief-opening is-empty",
        )
    return html.Div([html.P(_said(one, shown)) for one in told], className="brief-opening")


def _block(
    title: str, items: Sequence[Component], none: Any, *, numbered: bool = False
) -> Component:
    kind = html.Ol if numbered else html.Ul
    return html.Section(
        [
            html.H4(title),
            kind([html.Li(item) for item in items]) if items else html.P(none),
        ],
        className="brief-block",
    )


def _attention_block(shown: Shown) -> Component:
    items = pdf.arranged(shown.edition)
    order = [one.id for one in items]
    return _block(
        "Perlu perhatian",
        [_attention(one, shown, order) for one in items],
        shown.edition.content.no_attention,
    )


def _said(one: Sentence, shown: Shown) -> list[Any]:
    return [one.text, shown.notes(one.notes), shown.changed(one.id), _more(one.link)]


def _sentence(one: Sentence, shown: Shown) -> Component:
    return html.Div(
        [html.P(_said(one, shown)), shown.comments(one.id), shown.tools(one.id)],
        className="brief-item",
    )


def _decision(one: Decision, shown: Shown) -> Component:
    cut = shown.edition.content.cut
    due = [", sebelum ", html.Strong(pdf.moment(one.due, cut))] if one.due else []
    return html.Div(
        [
            html.P(_said(one.issue, shown)),
            html.P(
                ["Diputuskan ", html.Strong(one.owner), *due, "."], className="brief-facts-line"
            ),
            html.Ol([html.Li(option) for option in one.options], className="brief-options")
            if one.options
            else None,
            shown.comments(one.issue.id),
            shown.tools(one.issue.id),
        ],
        className="brief-item",
    )


def _attention(one: Attention, shown: Shown, order: Sequence[str]) -> Component:
    shape, fill = SHAPES.get(one.level, ("circle", "--surface"))
    pinned = html.Span("disematkan", className="brief-pinned")
    return html.Div(
        [
            swatch(shape, fill),
            html.Div(
                [
                    html.P(
                        [
                            html.Strong(f"{said}. ") if (said := pdf.severity(one)) else None,
                            *_said(one.what, shown)[:2],
                            shown.changed(one.id),
                            pinned if one.id in shown.edition.review.pinned else None,
                            _more(one.what.link),
                        ]
                    ),
                    html.P(
                        " · ".join(pdf.facts(one, shown.edition.content.cut)),
                        className="brief-facts-line",
                    ),
                    shown.comments(one.id),
                    shown.tools(one.id, movable=order),
                ]
            ),
        ],
        className="brief-item brief-attention",
    )


def _figures_block(shown: Shown) -> Component:
    figures = shown.edition.content.figures
    flagged = any(each.outside for one in figures for each in one.comparisons)
    return html.Section(
        [
            html.H4(
                [
                    "Enam angka",
                    html.Span(
                        [
                            pdf.COMPARED,
                            *([" · ", _flag(), " di luar variasi wajar"] if flagged else []),
                        ],
                        className="brief-legend",
                    )
                    if any(one.comparisons for one in figures)
                    else None,
                ]
            ),
            html.Div([_figure(one, shown) for one in figures], className="brief-figures"),
        ],
        className="brief-block",
    )


def _figure(one: Figure, shown: Shown) -> Component:
    known = one.state == "known"
    value = (
        html.Div(
            [
                html.Span(
                    [html.Span(one.value, className="brief-value"), html.Span(f" {one.unit}")]
                ),
                _trend(one, shown.edition.content.cut),
            ],
            className="brief-number",
        )
        if known
        else html.P("Belum diketahui", className="brief-unknown")
    )
    return html.Div(
        [
            html.H5(
                [
                    _link(one.title, one.link) if one.link else one.title,
                    shown.notes(one.notes),
                    shown.changed(one.id),
                ]
            ),
            value,
            html.P(one.detail, className="brief-facts-line") if known and one.detail else None,
            html.Ul([_comparison(each) for each in one.comparisons]) if known else None,
            html.Details([html.Summary("cara hitung"), html.P(one.how)], className="brief-how")
            if one.how
            else None,
            shown.comments(one.id),
            shown.tools(one.id),
        ],
        className="brief-figure",
    )


def _comparison(one: Comparison) -> Component:
    against = f"{one.against[:1].upper()}{one.against[1:]}: "
    if not one.outside:
        return html.Li([against, one.text])
    aloud = html.Span(", di luar variasi wajar", className="visually-hidden")
    return html.Li([_flag(), " ", against, html.Strong(one.text), aloud])


def _flag() -> Component:
    return html.Span("■", className="brief-flag", **{"aria-hidden": "true"})


def _trend(one: Figure, cut: datetime) -> Component | None:
    if sum(value is not None for value in one.trend) < 2:
        return None
    first = cut - timedelta(days=len(one.trend) - 1)
    points = [(first + timedelta(days=place), value) for place, value in enumerate(one.trend)]
    return charts.spark(points, label=pdf.trend_words(one), width=96)


def _followed(one: Followed, shown: Shown) -> Component:
    return html.Div(
        [
            html.P(
                [
                    html.Strong(f"{one.state.capitalize()}. "),
                    one.text,
                    shown.notes(one.notes),
                    shown.changed(one.id),
                ]
            ),
            html.P(one.detail, className="brief-facts-line"),
            shown.comments(one.id),
            shown.tools(one.id),
        ],
        className="brief-item",
    )


def _unknown(one: Unknown, shown: Shown) -> Component:
    return html.Div(
        [
            html.P([one.text, shown.notes(one.notes), shown.changed(one.id)]),
            html.P(f"Akan mengubah: {one.would_change}", className="brief-facts-line"),
            shown.comments(one.id),
            shown.tools(one.id),
        ],
        className="brief-item",
    )


def _sources(shown: Shown) -> Component:
    edition = shown.edition
    rows = [_source_row(one, shown) for one in edition.content.sources]
    return html.Section(
        [
            html.H4("Catatan kaki"),
            table(
                [
                    "No.",
                    "Pertanyaan",
                    "Sumber",
                    "Data per (WIB)",
                    "Baris",
                    "Sidik jari",
                    "Putar ulang",
                ],
                rows,
            )
            if rows
            else html.P("Belum ada sumber: tidak satu pun angka dicetak."),
            html.P(
                ["Sidik jari isi edisi (sha256): ", html.Code(edition.sha256)],
                className="figure-note brief-hash",
            ),
        ],
        className="brief-block brief-sources",
    )


def _source_row(one: Source, shown: Shown) -> Component:
    where = urlencode({**shown.where, "n": str(one.number)})
    asked = f" · {one.asked}" if one.asked else ""
    opened = html.Button(
        _question(one),
        type="button",
        className="link",
        title=f"Catatan kaki {one.number}",
        **{"data-act": "open", "data-url": f"{SOURCE}?{where}"},
    )
    return html.Tr(
        [
            cell("No.", f"[{one.number}]"),
            cell(
                "Pertanyaan",
                [
                    opened,
                    html.Div([html.Code(one.query), asked], className="figure-note"),
                    # On a phone it unfolds the cells beside it.
                    html.Details(html.Summary("Rincian"), className="brief-fold"),
                ],
            ),
            cell("Sumber", [one.origin, " ", parts.simulated_mark() if one.simulated else None]),
            cell("Data per (WIB)", words.short_moment(one.newest)),
            cell("Baris", words.number(one.rows), "number"),
            cell("Sidik jari", html.Code(one.sha256[:12])),
            cell("Putar ulang", _replay(one, "Buka", "link")),
        ],
        id=f"sumber-{one.number}",
    )


def _question(one: Source) -> str:
    asked = questions().get(one.query)
    return asked.title if asked else one.query


def _replay(one: Source, word: str, kind: str) -> Component:
    return html.A(word, href=one.replay, className=kind, **{"data-act": "visit"})


def _more(href: str) -> Component | None:
    if not href:
        return None
    return html.A(
        "→",
        href=href,
        title="Buka halamannya",
        className="brief-more",
        **{"data-act": "visit", "aria-label": "Buka halamannya"},
    )


def _link(word: str, href: str) -> Component:
    return html.A(word, href=href, **{"data-act": "visit"})


def _comment(one: Comment) -> list[Any]:
    who = ROLES[one.role].name if one.role in ROLES else one.role
    return [
        html.Span(f"Catatan {who}, {words.short_moment(one.at)} WIB: ", className="brief-who"),
        one.text,
    ]
