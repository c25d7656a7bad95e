"""What stands behind "Lihat cara hitung": a panel's definition, its sources and its SQL."""

from __future__ import annotations

from collections.abc import Mapping

from dash import html
from dash.development.base_component import Component

from dashboards import parts
from dashboards.panels import Panel
from dashboards.versions import ANY_FEED, MIDNIGHT
from data import queries, words
from data.feeds import Feed


def panel(panel: Panel, feeds: Mapping[str, Feed]) -> list[Component]:
    """Return the definition of `panel`, each of its feeds with origin and age, and its queries."""
    sources = [_source(feeds[name]) for name in panel.feeds if name in feeds]
    texts = [
        html.Details([html.Summary(f"{name}.sql"), html.Pre(queries.sql(name))])
        for name in panel.queries
    ]
    return [
        html.P(panel.how),
        html.H3("Sumber data"),
        html.Ul(sources, className="sources") if sources else html.P(_without_feed(panel)),
        html.H3("Kueri"),
        *(texts or [html.P("Panel ini tidak memakai kueri tersendiri.")]),
    ]


def _without_feed(panel: Panel) -> str:
    if ANY_FEED in panel.feeds:
        return "Catatan proses semua sumber data."
    if MIDNIGHT in panel.feeds:
        return "Riwayat yang tersimpan sampai tengah malam terakhir."
    return "Tabel acuan dan catatan sistem ini."


def _source(feed: Feed) -> Component:
    return html.Li(
        [
            html.Strong(feed.title),
            parts.simulated_mark() if feed.simulated else None,
            html.Div(feed.declared["source"]),
            html.Div(["Lisensi: ", feed.declared["licence"]]),
            html.Div(["Data per ", words.moment(feed.moment), " · ", parts.state_mark(feed.state)]),
        ]
    )
