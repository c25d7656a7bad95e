"""Evidence cards for policy: what goes with what, with its interval, inputs and caveats.

URL    /tren/kartu                       all cards
       /tren/kartu/udara-macet?dari=2024-01-01&jeda=1&tanda=2020-04-10    the address is the card
Reads  the registry of `data.cards`, the questions of each card, and the uploads of the store
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Response, abort

from dashboards import (
    exports,
    kartu_bagian,
    kartu_banjir,
    kartu_bantuan,
    kartu_ruang,
    kartu_udara,
    kartu_unggah,
    parts,
)
from dashboards.access import EVERYONE
from dashboards.exports import Sheet
from dashboards.kartu_bagian import HOW, PATH
from dashboards.panels import Body, Panel, View, panel_slot
from dashboards.site import Site
from dashboards.versions import LEDGER
from data import cards
from data.cards import Card, CardError
from data.lake import Lake
from data.uploads import Uploads

EXPORT = f"{PATH}/<card>/data.csv"
READERS = EVERYONE - {"publik"}


@dataclass(frozen=True)
class Drawn:
    """How a card is drawn and exported, and the URL parameters and queries behind it.

    Args:
        table: What is a panel of its own: Dash's renderer, which figures need, would take seconds
            for a thousand cells.
    """

    card: Card
    params: tuple[str, ...]
    queries: tuple[str, ...]
    choices: Callable[[View], Component]
    answer: Callable[[Lake, View], list[Component]]
    sheet: Callable[[Lake, View], Sheet]
    table: Callable[[Lake, View], Component] | None = None

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panel that asks, the one that answers and, where there is one, the table."""
        name = kartu_bagian.panel_id(self.card)
        # Uploads move the version of what people do, which all panels can follow.
        feeds = (LEDGER,) if self.card.uploads else ()

        def panel(
            panel_id: str, title: str, render: Callable[[Lake, View], Body], *feeds: str
        ) -> Panel:
            return Panel(
                id=panel_id,
                title=title,
                feeds=feeds,
                roles=READERS,
                render=render,
                how=f"{self.card.definition} {HOW}",
                queries=self.queries,
                params=self.params,
            )

        found = [
            panel(f"{name}-pilihan", "Pilihan", lambda _lake, view: self.choices(view)),
            panel(name, self.card.title, self.answer, *feeds),
        ]
        if self.table is not None:
            found.append(panel(f"{name}-tabel", "Semua wilayah", self.table, *feeds))
        return tuple(found)


def mount(site: Site) -> None:
    """Put the cards, their panels, exports and uploads on the site."""
    drawn = {one.card.id: one for one in _cards(Uploads(site.store))}
    panels = {name: one.panels for name, one in drawn.items()}
    for pair in panels.values():
        site.panels(*pair)
    site.route(EXPORT, lambda card: _export(site, drawn, card), roles=READERS)
    kartu_unggah.mount(site, READERS)

    def layout(kartu: str | None = None, **_query: Any) -> Component:
        asked = parts.one(kartu)
        if asked is None:
            return _all()
        if asked not in panels:
            return parts.missing()
        return _page(drawn[asked].card, panels[asked])

    site.page(
        __name__,
        path=PATH,
        template=f"{PATH}/<kartu>",
        title="Kartu bukti",
        icon="trend",
        order=81,
        roles=READERS,
        layout=layout,
        listed=False,
    )


def _cards(uploads: Uploads) -> list[Drawn]:
    def brought(
        draw: Callable[[Lake, View, Uploads], Any],
    ) -> Callable[[Lake, View], Any]:
        return lambda lake, view: draw(lake, view, uploads)

    return [
        Drawn(
            kartu_udara.CARD,
            kartu_udara.PARAMS,
            kartu_udara.QUERIES,
            kartu_udara.draw_choices,
            kartu_udara.draw,
            kartu_udara.to_sheet,
        ),
        Drawn(
            kartu_ruang.CARD,
            kartu_ruang.PARAMS,
            kartu_ruang.QUERIES,
            kartu_ruang.draw_choices,
            brought(kartu_ruang.draw),
            brought(kartu_ruang.to_sheet),
        ),
        Drawn(
            kartu_banjir.CARD,
            kartu_banjir.PARAMS,
            kartu_banjir.QUERIES,
            kartu_banjir.draw_choices,
            kartu_banjir.draw,
            kartu_banjir.to_sheet,
            kartu_banjir.draw_table,
        ),
        Drawn(
            kartu_bantuan.CARD,
            kartu_bantuan.PARAMS,
            kartu_bantuan.QUERIES,
            kartu_bantuan.draw_choices,
            brought(kartu_bantuan.draw),
            brought(kartu_bantuan.to_sheet),
            brought(kartu_bantuan.draw_table),
        ),
    ]


def _all() -> Component:
    return html.Main(
        [
            html.Header(
                [
                    _way_back(),
                    html.H1("Kartu bukti"),
                    html.P(
                        "Pertanyaan kebijakan yang dapat diperiksa dengan data kota. Tiap kartu"
                        " menyebut masukan, rentang ketidakpastian dan batasannya, dan dapat"
                        " diulang dari alamatnya.",
                    ),
                ],
                className="kartu-muka",
            ),
            html.Ul([html.Li(_tile(card)) for card in cards.registry().values()]),
        ],
        className="page kartu-semua",
    )


def _tile(card: Card) -> Component:
    needs = kartu_unggah.titles(card.uploads)
    return html.A(
        [
            kartu_bagian.pillars(card),
            html.H2(card.title),
            html.P(card.question),
            html.P(f"Memakai unggahan: {', '.join(needs).lower()}.", className="figure-note")
            if needs
            else None,
        ],
        href=f"{PATH}/{card.id}",
        className="kartu-ubin",
        **{"data-act": "visit"},
    )


def _page(card: Card, panels: tuple[Panel, ...]) -> Component:
    chooser, *shown = panels
    return html.Main(
        [
            html.H1(card.title, className="visually-hidden"),
            html.Nav(
                [
                    _way_back(),
                    html.A("Semua kartu", href=PATH, className="link", **{"data-act": "visit"}),
                    *(
                        html.A(
                            other.title,
                            href=f"{PATH}/{other.id}",
                            className="choice is-here" if other is card else "choice",
                            **{"data-act": "visit"},
                        )
                        for other in cards.registry().values()
                    ),
                ],
                className="kartu-jalan",
                **{"aria-label": "Kartu bukti"},
            ),
            panel_slot(chooser, class_name="kartu-panel kartu-pilihan"),
            *(panel_slot(panel, class_name="kartu-panel") for panel in shown),
        ],
        className="page kartu-page",
    )


def _way_back() -> Component:
    return html.A("Tren", href="/tren", className="link", **{"data-act": "visit"})


def _export(site: Site, drawn: dict[str, Drawn], name: str) -> Response:
    one = drawn.get(name)
    if one is None:
        abort(404)
    try:
        sheet = one.sheet(site.lake, site.view(one.params))
    except CardError as error:
        return Response(str(error), status=400, mimetype="text/plain")
    return exports.response(sheet, "csv")
