"""Panels: the parts of a page that are rendered once a version, not once a viewer.

A page puts `panel_slot(panel)` into its layout and hands the panel to `Site.panels`. The browser
(assets/komando.js) follows `/versi` and asks `GET /panel/<id>` when the version or the state of a
feed that the panel reads changed, or the moment, the area or a parameter of the page. The answer is
the panel's body as HTML, or as the JSON of Dash's renderer where it holds more than `dash.html`; it
is kept as bytes and sent as they are.
"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import urlencode

import dash_mantine_components as dmc
import orjson
from dash import html
from dash.development.base_component import Component
from flask import Response
from flask_caching import Cache

from dashboards import markup, parts
from dashboards.access import Role
from dashboards.exports import inert
from data.asof import AsOf
from data.lake import Lake
from data.queries import Row

Body: TypeAlias = Component | Sequence[Component]

_STRIPES, _DEEPEST = 64, 4
# Only a moment of the past is not known at all.
UNKNOWN = "Belum ada data untuk saat itu"


@dataclass(frozen=True)
class View:
    """What one reader looks at.

    Args:
        area: Kemendagri code; "31" is the whole city.
        params: The panel's own URL parameters that are set, first value of each.
        sources: Tables and feeds that tell anything of the moment, where it is past.
    """

    as_of: AsOf
    area: str
    role: Role
    params: Mapping[str, str] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()

    def knows(self, *sources: str) -> bool:
        """Answer whether one of these tables and feeds tells anything of the moment."""
        return self.as_of.live or not self.sources.isdisjoint(sources)


@dataclass(frozen=True)
class Panel:
    """One panel, declared.

    Args:
        id: Unique on the site, lower case with hyphens.
        title: Says what it shows, Indonesian.
        feeds: Feeds that it reads: their versions are its version, their age its age.
        roles: Ids of the roles that may see it.
        render: What stands in its body; runs at most once a version, moment, area and `params`.
        how: How the figures are computed, Indonesian; shown under "Lihat cara hitung".
        queries: Names of the .sql files whose text is shown under it.
        rows: What "Unduh data" gives; None where there is nothing to download.
        params: Names of the URL parameters that it depends on, besides moment and area.
        bound: A role with a territory sees it only inside that territory.
        tables: Tables whose rows tell that a past moment is known. Where they have none of the days
            before it, and `feeds` did not run, the panel has no zero to show.
    """

    id: str
    title: str
    feeds: tuple[str, ...]
    roles: frozenset[str]
    render: Callable[[Lake, View], Body]
    how: str
    queries: tuple[str, ...] = ()
    rows: Callable[[Lake, View], list[Row]] | None = None
    params: tuple[str, ...] = ()
    bound: bool = False
    tables: tuple[str, ...] = ()

    def knows(self, view: View) -> bool:
        """Answer whether anything is known of the moment: without, no figure is a real zero."""
        return not self.tables or view.knows(*self.tables, *self.feeds)

    def body(self, lake: Lake, view: View) -> Body:
        """Return what stands in it."""
        return self.render(lake, view) if self.knows(view) else parts.empty(UNKNOWN)

    def export(self, lake: Lake, view: View) -> list[Row]:
        """Return what "Unduh data" gives."""
        return self.rows(lake, view) if self.rows and self.knows(view) else []


class Shelf:
    """Rendered bytes that all threads and workers share; each is made by one of them.

    What is made may need others of the shelf.

    Args:
        cache: Where they lie: files or Redis.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        # What is needed to make others has turns of its own, so that no two wait for each other.
        self._turns = tuple(
            tuple(threading.Lock() for _ in range(_STRIPES)) for _ in range(_DEEPEST)
        )
        self._depth = threading.local()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the bytes under `key`; where there are none, `make` them and keep them."""
        found: bytes | None = self._cache.get(key)
        if found is None:
            depth = getattr(self._depth, "now", 0)
            # A thousand browsers hear of a new version within five seconds; one of them renders.
            with self._turns[depth][hash(key) % _STRIPES]:
                found = self._cache.get(key)
                if found is None:
                    self._depth.now = depth + 1
                    try:
                        found = make()
                    finally:
                        self._depth.now = depth
                    self._cache.set(key, found)
        return found


def cache_key(panel: Panel, view: View, signature: str) -> str:
    """Return what a rendered panel is kept under; "now" leaves the instant out."""
    moment = (
        "live"
        if view.as_of.live
        else f"{view.as_of.event_time.isoformat()}/{view.as_of.known_time.isoformat()}"
    )
    chosen = urlencode(sorted(view.params.items()))
    return "|".join((panel.id, signature, moment, view.area, view.role.id, chosen))


def to_bytes(body: Body) -> bytes:
    """Return a body as it is kept and sent: HTML where that says it all, else JSON."""
    try:
        return markup.html_text(body).encode()
    except markup.NotHtmlError:
        return to_json(body)


def answer(body: bytes, status: int = 200) -> Response:
    """Return the response that carries what `to_bytes` made."""
    return Response(body, status=status, mimetype=media_type(body))


def media_type(body: bytes) -> str:
    """Return what `to_bytes` made: plain HTML or components."""
    return "text/html" if body[:1] == b"<" else "application/json"


def to_json(body: Body) -> bytes:
    """Return components as the JSON that Dash's renderer reads."""
    return orjson.dumps(body, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def to_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV (UTF-8 with a mark, so that spreadsheets see it), formulas disarmed."""
    text = io.StringIO()
    writer = csv.writer(text)
    if rows:
        writer.writerow(rows[0])
        writer.writerows([inert(value) for value in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def panel_slot(panel: Panel, *, class_name: str = "") -> Component:
    """Return the place of `panel` in a layout: title, age and origin, menu and body.

    `class_name` adds CSS classes to the section.
    """
    heading = f"panel-{panel.id}"
    return html.Section(
        [
            html.Header(
                [
                    html.H2(panel.title, id=heading),
                    html.Div(className="panel-badge"),
                    _menu(panel),
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    parts.loading(),
                    # What Dash's renderer has to draw goes into the one, HTML into the other.
                    html.Div(id={"panel": panel.id}),
                    html.Div(className="panel-html"),
                ],
                className="panel-body",
            ),
        ],
        className=f"panel {class_name}".strip(),
        **{
            "data-panel": panel.id,
            "data-feeds": " ".join(panel.feeds),
            "data-params": " ".join(panel.params),
            "aria-labelledby": heading,
            "aria-busy": "true",
        },
    )


def _menu(panel: Panel) -> Component:
    items = [dmc.MenuItem("Lihat cara hitung", **{"data-act": "how", "data-panel": panel.id})]
    if panel.rows is not None:
        items.insert(
            0, dmc.MenuItem("Unduh data (CSV)", **{"data-act": "csv", "data-panel": panel.id})
        )
    return dmc.Menu(
        [
            dmc.MenuTarget(
                dmc.ActionIcon(
                    parts.icon("menu"),
                    variant="subtle",
                    color="gray",
                    **{"aria-label": f"Menu panel {panel.title}"},
                )
            ),
            dmc.MenuDropdown(items),
        ],
        position="bottom-end",
    )


def _plain(thing: Any) -> Any:
    try:
        return thing.to_plotly_json()
    except AttributeError:
        raise TypeError(f"a panel cannot hold a {type(thing).__name__}") from None
