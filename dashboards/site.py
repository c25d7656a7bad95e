"""What a page is mounted on: the app with its lake, clock, cache and registry of access."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from dashboards.access import Access
from dashboards.panels import Panel, View
from data.clock import Clock
from data.lake import Lake


@dataclass(frozen=True)
class Site:
    """One app under construction, handed to each page's `mount(site)`.

    Args:
        tiles: URL of a base map; empty for our own vectors.
    """

    app: Dash
    lake: Lake
    clock: Clock
    access: Access
    tiles: str = ""

    def page(
        self,
        module: str,
        *,
        path: str,
        title: str,
        icon: str,
        order: int,
        roles: Collection[str],
        layout: Callable[..., Component],
    ) -> None:
        """Register a page; `layout(**query)` is called with whatever the URL says.

        Args:
            module: `__name__` of the page.
            icon: File stem under assets/icons/.
            order: Position in the navigation.
        """

    def panels(self, *panels: Panel) -> None:
        """Register panels, their routes and their exports."""

    def route(
        self, rule: str, view: Callable[..., Any], *, roles: Collection[str], bound: bool = False
    ) -> None:
        """Serve `view` at `rule` (Flask syntax, GET) to `roles`, guarded before it runs.

        Args:
            bound: A role with a territory may ask only for areas (`?wilayah=`) inside it.
        """

    def callback(self, *spec: Any, roles: Collection[str], **options: Any) -> Callable[..., Any]:
        """Return a decorator like `app.callback` whose function runs only for `roles`."""

    def clientside(self, function: str, *spec: Any, **options: Any) -> None:
        """Connect `window.dash_clientside.komando[function]`; runs in the browser only."""

    def view(self, params: Collection[str] = ()) -> View:
        """Read moment, area, role and `params` of the current request (`request.args`)."""

    def signature(self, feeds: Collection[str]) -> str:
        """Return what changes when the data or the state of one of `feeds` change."""
