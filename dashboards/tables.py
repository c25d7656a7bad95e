"""Tables of plain HTML, which turn into cards on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component


def table(heads: Sequence[str], rows: Sequence[Component], *, tall: bool = False) -> Component:
    """Return a table; a `tall` one scrolls within its panel."""
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(_sentence(head), scope="col") for head in heads])),
                html.Tbody(rows),
            ],
            className="table",
        ),
        className="table-scroll tall" if tall else "table-scroll",
        tabIndex="0" if tall else None,
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def cell(label: str, content: Any, kind: str = "") -> Component:
    """Return a cell that carries the name of its column, for where there is no heading."""
    return html.Td(content, className=kind, **{"data-label": _sentence(label)})
