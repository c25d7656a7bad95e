"""What all evidence cards share: their frame, choices, numbers with interval, and axes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboards import charts, parts
from dashboards.panels import View
from dashboards.tables import cell, table
from data import words
from data.asof import WIB
from data.association import Effect
from data.boards import cut_of
from data.cards import Card, Input, Span

PATH = "/tren/kartu"
NO_CAUSE = "Bukan sebab-akibat"
HOW = (
    "Tiap kartu terdaftar dengan pertanyaan, masukan, batasan dan cara hitungnya. Semua pilihan"
    " berada di alamat halaman: alamat yang sama memberi angka yang sama. Angka dipotong pada"
    " tengah malam WIB. Data nyata dan data simulasi tidak pernah berada dalam satu angka."
)


def address(card: Card, params: Mapping[str, str], **more: str) -> str:
    """Return the address of a card with its choices."""
    return f"{PATH}/{card.id}?{urlencode(sorted({**params, **more}.items()))}"


def lasting(card: Card, view: View, fixed: Mapping[str, str]) -> str:
    """Return the address that gives the same numbers for ever: its moment and its choices."""
    moment = min(view.as_of.event_time, view.as_of.known_time).astimezone(WIB)
    area = {} if view.area == "31" else {"wilayah": view.area}
    told = {"pada": f"{moment:%Y-%m-%dT%H:%M:%S}", "seperti": "saat-itu"}
    return address(card, {**view.params, **fixed, **area, **told})


def heading(card: Card, told: str, *, simulated: bool) -> Component:
    """Return pillars, title and question of a card, and of what its numbers tell."""
    return html.Header(
        [
            pillars(card),
            html.H3(card.title),
            html.P(card.question, className="kartu-tanya"),
            html.P(
                [told, " ", parts.simulated_mark() if simulated else None],
                className="figure-note",
            ),
        ],
        className="kartu-judul",
    )


def pillars(card: Card) -> Component:
    """Return the pillars of the smart city that a card is about."""
    return html.Ul(
        [html.Li(pillar) for pillar in card.pillars],
        className="kartu-pilar",
        **{"aria-label": "Pilar kota cerdas"},
    )


def finding(text: str, *further: Any) -> Component:
    """Return what a card finds, in a sentence, and what goes with it."""
    return html.Div(
        [html.P(text, className="kartu-temuan-utama"), *further], className="kartu-temuan"
    )


def refused(reason: str, card: Card) -> Component:
    """Return why a card cannot be shown, and a way back."""
    return html.Div(
        [
            parts.empty("Kartu ini tidak dapat ditampilkan", reason),
            html.A(
                "Mulai dari awal",
                href=f"{PATH}/{card.id}",
                className="button",
                **{"data-act": "visit"},
            ),
        ],
        className="kartu-ditolak",
    )


def no_table() -> Component:
    """Return what stands in place of a table that has no rows: its panel is not seen."""
    return html.Div(className="kartu-kosong")


def foot(
    card: Card, view: View, inputs: Sequence[Input], fixed: Mapping[str, str]
) -> list[Component]:
    """Return what every card ends with: inputs, caveats, definition and ways to take it along.

    Args:
        fixed: The choices as they were taken, for the address that lasts.
    """
    today, lasting_address = cut_of(view.as_of), lasting(card, view, fixed)
    return [
        html.Div(
            [
                html.Section(
                    [
                        html.H4("Masukan"),
                        table(
                            ["Masukan", "Terbaru", "Banyaknya", "Sumber"],
                            [_input(one, today) for one in inputs],
                        ),
                    ],
                    className="kartu-masukan",
                ),
                html.Section(
                    [
                        html.H4("Yang tidak dikatakan kartu ini"),
                        html.Ul([html.Li(caveat) for caveat in card.caveats]),
                    ]
                ),
            ],
            className="kartu-kaki",
        ),
        html.P([html.Strong("Cara hitung. "), card.definition], className="kartu-definisi"),
        html.Div(
            [
                html.A(
                    "Unduh data (CSV)",
                    href=csv_address(card, view),
                    className="button",
                    download="",
                ),
                html.Button("Cetak", type="button", className="button", **{"data-act": "print"}),
                html.A(
                    "Tautan tetap",
                    href=lasting_address,
                    className="button",
                    title="Alamat yang selalu memberi angka ini",
                    **{"data-act": "visit"},
                ),
                html.Button(
                    "Lihat kueri",
                    type="button",
                    className="button",
                    **{"data-act": "how", "data-panel": panel_id(card)},
                ),
            ],
            className="kartu-unduh",
        ),
        html.P(["Alamat: ", html.Code(lasting_address)], className="kartu-alamat"),
    ]


def panel_id(card: Card) -> str:
    """Return the id of the panel that answers a card."""
    return f"kartu-{card.id}"


def effect_text(effect: Effect | None, unit: str, decimals: int = 1) -> str:
    """Write an effect as "+2,3 µg/m³ (0,8 sampai 3,8)"; without one, that too little is told."""
    if effect is None:
        return "belum cukup data"
    if max(abs(effect.low), abs(effect.high)) < 1:
        decimals = max(decimals, 2)
    sign = "+" if round(effect.value, decimals) > 0 else ""
    ends = " sampai ".join(words.number(end, decimals) for end in (effect.low, effect.high))
    value = (
        words.quantity(effect.value, unit, decimals)
        if unit
        else words.number(effect.value, decimals)
    )
    return f"{sign}{value} ({ends})"


def span_text(span: Span) -> str:
    """Write the days of a card and the midnight at which it is cut."""
    return (
        f"{words.day(span.since, weekday=False)} sampai {words.day(span.last, weekday=False)}."
        f" Data per {words.midnight(span.cut)}."
    )


def csv_address(card: Card, view: View) -> str:
    """Return the address of the points of a card as CSV."""
    query = dict(view.params)
    if view.area != "31":
        query["wilayah"] = view.area
    if not view.as_of.live:
        query |= {
            "pada": view.as_of.event_time.astimezone(WIB).strftime("%Y-%m-%dT%H:%M:%S"),
            "seperti": "saat-itu" if view.as_of.known_time == view.as_of.event_time else "sekarang",
        }
    return f"{PATH}/{card.id}/data.csv?{urlencode(sorted(query.items()))}"


def choose(label: str, name: str, options: Mapping[str, str], chosen: str) -> Component:
    """Return a choice that stands in the address: value -> what is read."""
    return html.Label(
        [
            html.Span(label),
            html.Select(
                [
                    html.Option(text, value=value, selected=value == chosen)
                    for value, text in options.items()
                ],
                **{"data-go": name},
            ),
        ]
    )


def choose_grouped(
    label: str, name: str, groups: Iterable[tuple[str, Mapping[str, str]]], chosen: str
) -> Component:
    """Return a choice whose options stand in named groups; those of "" stand alone."""

    def options(known: Mapping[str, str]) -> list[Component]:
        return [
            html.Option(text, value=value, selected=value == chosen)
            for value, text in known.items()
        ]

    told: list[Component] = []
    for title, known in groups:
        told += [html.Optgroup(options(known), label=title)] if title else options(known)
    return html.Label([html.Span(label), html.Select(told, **{"data-go": name})])


def choose_day(label: str, name: str, params: Mapping[str, str], shown: date | None) -> Component:
    """Return a choice of a day that stands in the address."""
    value = shown.isoformat() if shown else params.get(name, "")
    return html.Label(
        [html.Span(label), parts.Input(type="date", value=value, **{"data-go": name})]
    )


def days(params: Mapping[str, str], span: Span | None) -> list[Component]:
    """Return the choice of first and last day."""
    return [
        choose_day("Dari", "dari", params, span.since if span else None),
        choose_day("Sampai", "sampai", params, span.last if span else None),
    ]


def choices(*chosen: Component) -> Component:
    """Return the choices of a card side by side."""
    return html.Div(list(chosen), className="kartu-alat")


def plane(across: str, up: str, height: int = 380) -> go.Figure:
    """Return an empty figure of two quantities, each axis named with its unit."""
    figure = go.Figure(layout=charts.layout(up, height, across=across))
    figure.update_layout(margin={"l": 8, "r": 16, "t": 16, "b": 8}, xaxis={"showgrid": True})
    figure.update_yaxes(title_standoff=10)
    return figure


def _input(one: Input, today: date) -> Component:
    return html.Tr(
        [
            cell("Masukan", [one.name, " ", parts.simulated_mark() if one.simulated else None]),
            cell("Terbaru", _newest(one.newest, today)),
            cell("Banyaknya", one.count),
            cell("Sumber", one.source or words.NOTHING),
        ]
    )


def _newest(day: date | None, today: date) -> str:
    """Write a day and how long ago it was at the midnight at which the card is cut."""
    if day is None:
        return words.NOTHING
    return f"{words.day(day, weekday=False)} ({words.number((today - day).days)} hari lalu)"
