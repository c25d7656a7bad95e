"""Component trees as HTML.

Dash keeps every component of a page in one store and tells each of every change, so that a table
of a thousand cells costs seconds where the same table as HTML costs milliseconds. A panel that is
nothing but `dash.html` and `dash_svg` therefore travels as HTML; one that holds other components,
as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import orjson
from dash.development.base_component import Component

_NAMES = {"className": "class", "htmlFor": "for"}
_VOID = frozenset({"Br", "Col", "Hr", "Img", "Input", "Wbr"})
# Attributes of SVG that are written with capitals; React writes all others so, SVG with hyphens.
_CAPITALS = frozenset(
    {"gradientTransform", "gradientUnits", "markerHeight", "markerUnits", "markerWidth"}
    | {"pathLength", "patternTransform", "patternUnits", "preserveAspectRatio", "refX", "refY"}
    | {"textLength", "viewBox"}
)
_IGNORED = frozenset({"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks", "key"})


class NotHtmlError(Exception):
    """A tree holds a component that only Dash's renderer can draw."""


def html_text(tree: Any) -> str:
    """Return a component, or a sequence of components and text, as HTML.

    Raises:
        NotHtmlError: It holds a component that is neither of `dash.html` nor of `dash_svg`.
    """
    return "".join(_pieces(tree))


def _pieces(node: Any) -> Iterator[str]:
    if node is None:
        return
    if isinstance(node, Component):
        yield from _element(node)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for child in node:
            yield from _pieces(child)
    else:
        yield escape(str(node), quote=False)


def _element(node: Component) -> Iterator[str]:
    plain = node.to_plotly_json()
    kind, properties = plain["type"], plain["props"]
    if plain["namespace"] == "dash_html_components":
        name, naming = kind.lower(), _html_name
    elif plain["namespace"] == "dash_svg":
        name, naming = kind[0].lower() + kind[1:], _svg_name
    else:
        raise NotHtmlError(f"{plain['namespace']}.{kind}")
    yield f"<{name}"
    for key, value in properties.items():
        if key not in _IGNORED:
            yield from _attribute(naming(key), value)
    yield ">"
    if kind not in _VOID:
        yield from _pieces(properties.get("children"))
        yield f"</{name}>"


def _html_name(key: str) -> str:
    return _NAMES.get(key, key if "-" in key else key.lower())


def _svg_name(key: str) -> str:
    return _NAMES.get(key, key if key in _CAPITALS or "-" in key else _kebab(key))


def _attribute(name: str, value: Any) -> Iterator[str]:
    if value is None or value is False:
        return
    if value is True:
        yield f" {name}"
        return
    if name == "style":
        value = ";".join(f"{_kebab(part)}:{setting}" for part, setting in value.items())
    elif isinstance(value, dict):
        value = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    yield f' {name}="{escape(str(value))}"'


def _kebab(name: str) -> str:
    return re.sub(r"(?<!-)([A-Z])", lambda match: f"-{match[1].lower()}", name)
