"""What a page is mounted on: one app with its lake, clock, cache and registry of access."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog
from dash import ClientsideFunction, Dash, register_page
from dash.development.base_component import Component
from flask import Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from dashboards import explain, parts
from dashboards.access import EVERYONE, Access, current_role
from dashboards.conditional import conditional
from dashboards.panels import Panel, Shelf, View, answer, cache_key, media_type, to_bytes, to_csv
from dashboards.versions import Versions
from data.asof import read_area, read_as_of
from data.clock import Clock
from data.frames import Frames
from data.lake import Lake
from data.ledger import Ledger
from data.photos import Photos
from data.store import Store

log = structlog.get_logger()


class ActionError(Exception):
    """What a person asked for cannot be done; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    path: str
    title: str
    icon: str
    order: int


@dataclass(frozen=True)
class Site:
    """One app under construction, handed to each page's `mount(site)`.

    Args:
        shelf: Keeps rendered bytes, shared by all workers.
        watch: Says that a screen shows these cameras now, so that they are probed more often.
        frames: The last good picture of each camera.
        photos: The stripped photos of complaints; never for the public.
        embeds: Origins whose camera pages and streams may be shown inside ours.
        store: What people and screens do.
        address: Public address of the site, as it is printed.
        tiles: URL of a base map; empty for our own vectors.
    """

    app: Dash
    lake: Lake
    clock: Clock
    access: Access
    versions: Versions
    shelf: Shelf
    watch: Callable[..., None]
    frames: Frames
    photos: Photos
    store: Store
    address: str
    tiles: str = ""
    crm: str = ""
    embeds: tuple[str, ...] = ()
    links: list[Link] = field(default_factory=list)
    shown: dict[str, Panel] = field(default_factory=dict)

    @property
    def ledger(self) -> Ledger:
        """What people do about alarms."""
        return Ledger(self.store)

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
        template: str | None = None,
        listed: bool = True,
    ) -> None:
        """Register the page of `module` (its `__name__`) at `path` for `roles`.

        `layout(**query)` is called with whatever the URL says; `icon` is the stem of a file in
        assets/icons, `order` the position in the navigation. The page also answers at addresses
        like `template`, such as "/wilayah/<kode>", whose variables `layout` is given as well.
        One that is not `listed` is reached from other pages only.
        """
        action = f"page:{path}"
        self.access.declare(action, roles)
        if listed:
            self.links.append(Link(path, title, icon, order))

        @functools.wraps(layout)
        def guarded(**query: Any) -> Component:
            # Dash also builds every page once at the start, to know its ids: that is a GET.
            if request.method == "POST" and not self.access.may(current_role(), action):
                return parts.refused()
            return layout(**query)

        register_page(
            module,
            path=path,
            path_template=template,
            name=title,
            title=title,
            order=order,
            layout=guarded,
        )

    def document(
        self,
        path: str,
        view: Callable[[], Response],
        *,
        title: str,
        icon: str,
        order: int,
        roles: Collection[str],
    ) -> None:
        """Register a page that is a document of its own, without Dash, at `path` for `roles`."""
        self.route(path, view, roles=roles)
        self.access.declare(f"page:{path}", roles)
        self.links.append(Link(path, title, icon, order))

    def panels(self, *panels: Panel) -> None:
        """Register panels with their bodies and exports.

        Raises:
            ValueError: Two panels have one id.
        """
        for panel in panels:
            if panel.id in self.shown:
                raise ValueError(f"two panels are called {panel.id!r}")
            self.shown[panel.id] = panel
            self.access.declare(f"panel:{panel.id}", panel.roles, bound=panel.bound)

    def route(
        self,
        rule: str,
        view: Callable[..., Any],
        *,
        roles: Collection[str],
        bound: bool = False,
    ) -> None:
        """Answer GET at `rule` (Flask's syntax) with `view` for `roles`; its endpoint is `rule`.

        Where it is `bound`, a role with a territory may ask only for areas (`?wilayah=`) in it.
        """
        self.access.declare(f"route:{rule}", roles, bound=bound)
        self.app.server.add_url_rule(rule, endpoint=rule, view_func=view)

    def action(
        self,
        rule: str,
        do: Callable[..., dict[str, Any]],
        *,
        roles: Collection[str],
        bound: bool = False,
    ) -> None:
        """Answer a POST of JSON at `rule` with what `do` returns, as JSON, for `roles`.

        A page of somebody else's cannot send JSON here with the reader's cookies: the browser says
        where a request comes from. `do` raises `ActionError` for what it does not accept.
        """

        def answered(**given: Any) -> Response:
            if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
                abort(403)
            try:
                asked = request.get_json(silent=True)
            except RequestEntityTooLarge:
                return _json({"error": "Terlalu besar: berkas paling besar 5 MB."}, 413)
            # No database holds a number beyond eight bytes, and asking for one is an error there.
            if not isinstance(asked, dict) or any(
                isinstance(value, int) and abs(value) >= 1 << 63 for value in asked.values()
            ):
                return _json({"error": "Permintaan tidak dapat dibaca."}, 400)
            try:
                return _json(do(**given))
            except ActionError as error:
                return _json({"error": str(error)}, 422)

        self.access.declare(f"route:{rule}", roles, bound=bound)
        self.app.server.add_url_rule(rule, endpoint=rule, view_func=answered, methods=["POST"])

    def callback(
        self, *spec: Any, roles: Collection[str], **options: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Return a decorator like `app.callback` whose function runs only for `roles`."""

        def connect(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def guarded(*values: Any, **named: Any) -> Any:
                role = current_role()
                if not all(self.access.may(role, action) for action in actions):
                    abort(403)
                return function(*values, **named)

            actions = self._declared(roles, lambda: self.app.callback(*spec, **options)(guarded))
            return guarded

        return connect

    def clientside(self, function: str, *spec: Any, **options: Any) -> None:
        """Connect `dash_clientside.komando[function]`, which runs in the browser alone."""
        source = ClientsideFunction("komando", function)
        self._declared(EVERYONE, lambda: self.app.clientside_callback(source, *spec, **options))

    def _declared(self, roles: Collection[str], register: Callable[[], Any]) -> list[str]:
        before = set(self.app.callback_map)
        register()
        actions = [f"callback:{name}" for name in set(self.app.callback_map) - before]
        for action in actions:
            self.access.declare(action, roles)
        return actions

    def view(self, params: Collection[str] = ()) -> View:
        """Return what the request at hand asks to see: moment, area, role and `params`."""
        asked = request.args
        as_of = read_as_of(asked.get("pada"), asked.get("seperti"), self.clock.now())
        return View(
            as_of,
            read_area(asked.get("wilayah")),
            current_role(),
            {name: asked[name] for name in params if name in asked},
            frozenset() if as_of.live else self.versions.past(as_of).sources,
        )

    def unread_moment(self, view: View) -> str:
        """Return `?pada=` of the request at hand where `view` could not follow it; else ""."""
        return request.args.get("pada", "") if view.as_of.live else ""

    def serve_panels(self) -> None:
        """Add the three routes that all panels share; each asks for the panel's own roles."""
        everyone = frozenset().union(*(panel.roles for panel in self.shown.values()))
        self.route("/panel/<name>", self._body, roles=everyone)
        self.route("/panel/<name>/data.csv", self._export, roles=everyone)
        self.route("/panel/<name>/cara", self._explanation, roles=everyone)

    def _allowed(self, name: str) -> tuple[Panel, View]:
        panel = self.shown.get(name)
        if panel is None:
            abort(404)
        view = self.view(panel.params)
        if not self.access.may(view.role, f"panel:{name}", view.area):
            abort(403)
        return panel, view

    def _body(self, name: str) -> Response:
        panel, view = self._allowed(name)
        signature = self.versions.signature(panel.feeds, view.as_of)
        key = cache_key(panel, view, signature)
        try:
            body = self.shelf.get(key, lambda: to_bytes(panel.body(self.lake, view)))
        except Exception:
            return _broken(name)
        response = conditional(body, media_type(body))
        response.headers["X-Signature"] = signature
        return response

    def _export(self, name: str) -> Response:
        panel, view = self._allowed(name)
        if panel.rows is None:
            abort(404)
        response = Response(to_csv(panel.export(self.lake, view)), mimetype="text/csv")
        origin = "-simulasi" if self.versions.simulated(panel.feeds, view.as_of) else ""
        stamp = f"{view.as_of.event_time:%Y%m%d-%H%M}"
        response.headers["Content-Disposition"] = (
            f'attachment; filename="komando-{name}{origin}-{stamp}Z.csv"'
        )
        return response

    def _explanation(self, name: str) -> Response:
        panel, _ = self._allowed(name)
        return answer(to_bytes(explain.panel(panel, self.versions.feeds())))


def _json(thing: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(thing), status=status, mimetype="application/json")


def _broken(name: str) -> Response:
    reference = uuid.uuid4().hex[:8]
    log.exception("panel.failed", panel=name, reference=reference)
    response = answer(to_bytes(parts.failed(reference)), 500)
    # The browser shows no error page but one of ours: a proxy may answer 500 as well.
    response.headers["X-Panel"] = name
    return response
