"""The web program: `create_app(settings)` builds it, `serve()` hands gunicorn a warmed WSGI app.

gunicorn "app:serve()" -k gthread -w 2 --threads 8 -b 127.0.0.1:8050
"""

from __future__ import annotations

import ipaddress
import os
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dash
import fontpkg_plus_jakarta_sans
import structlog
from dash import Dash, set_props
from flask import Flask, Response, abort, request, send_file
from flask_caching import Cache
from werkzeug.exceptions import HTTPException

from dashboards import PAGES, health, parts, replay, shell
from dashboards.access import EVERYONE, Access, current_role
from dashboards.panels import Shelf, answer, to_bytes
from dashboards.site import Site
from dashboards.versions import Versions
from data.asof import read_area
from data.frames import Frames
from data.lake import Lake, LakeError
from data.log import configure
from data.photos import Photos
from data.settings import SettingError, Settings, read_settings
from data.store import Store, StoreError

log = structlog.get_logger()

PAGE_ENDPOINTS = ("/", "/<path:path>")
# What Dash serves for itself: the page's frame, its scripts and the callbacks' entrance. Callbacks
# and pages behind it are guarded one by one.
DASH_ROUTES = (
    *PAGE_ENDPOINTS,
    "/_dash-layout",
    "/_dash-dependencies",
    "/_dash-update-component",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/_reload-hash",
    "/_favicon.ico",
    "_dash_assets.static",
)
DASH_CALLBACKS = (
    ".._pages_content.children..._pages_store.data..",
    "_pages_dummy.children",
)
FONT = "/huruf/plus-jakarta-sans.ttf"
# Long enough for a night's wall, short enough that a table without a feed is not old for long.
CACHE_SECONDS = 300
CACHE_ENTRIES = 5_000
# What a browser may send: the largest file that is taken, as text in JSON.
MOST_SENT = 7_000_000
# A browser says every half a minute that it still shows a camera.
WATCHED_FOR = timedelta(minutes=1)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}


INDEX = """<!DOCTYPE html>
<html lang="id" data-theme="light">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/icons/brand.svg">
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>
"""


class StartError(Exception):
    """The program may not start like this; the message says what to change."""


def create_app(settings: Settings) -> Dash:
    """Build the app on the lake that `settings` name.

    Raises:
        StartError: It would be open to others without accounts.
        LakeError: The lake cannot be opened.
    """
    if not is_loopback(settings.host):
        raise StartError(
            f"KOMANDO_HOST is {settings.host}: on any address but loopback the program needs"
            " KOMANDO_SECRET_KEY and accounts, and accounts do not exist yet; set it to 127.0.0.1"
        )
    lake = Lake(settings, read_only=True)
    lake.hold_reference()
    # Dash keeps pages in a registry of the process; a second app must not inherit the first's.
    dash._pages.PAGE_REGISTRY.clear()
    server = Flask(__name__, static_folder=None)
    server.config["MAX_CONTENT_LENGTH"] = MOST_SENT
    server.config["SECRET_KEY"] = settings.secret_key.get_secret_value() or None
    app = Dash(
        server=server,
        title="Pusat Komando Jakarta",
        assets_folder=str(Path(__file__).parent / "assets"),
        # The wall and its self-test are no page of Dash; they load what they need themselves.
        assets_ignore=r"^(dinding|uji)",
        use_pages=True,
        pages_folder="",
        use_async=False,
        enable_mcp=False,
        serve_locally=True,
        update_title=None,
        on_error=report_error,
        index_string=INDEX,
    )
    clock = settings.clock()
    store = Store(settings.store_url)
    site = Site(
        app=app,
        lake=lake,
        clock=clock,
        access=Access(),
        versions=Versions(
            lake,
            clock,
            lambda: (
                store.alarm_revision(clock.now())
                + store.review_revision()
                + store.appeal_revision()
                + store.upload_revision()
                + store.register_revision()
                + store.edition_revision()
            ),
        ),
        shelf=Shelf(Cache(server, config=cache_config(settings))),
        watch=lambda *cameras: store.watch(cameras, clock.now() + WATCHED_FOR * clock.speed),
        frames=Frames(settings.frames),
        photos=Photos(settings.photos),
        store=store,
        address=settings.address,
        tiles=settings.tiles,
        crm=settings.crm_url,
        embeds=tuple(settings.embeds.split()),
    )
    server.extensions["komando"] = site
    for rule in DASH_ROUTES:
        site.access.declare(f"route:{rule}", EVERYONE)
    for callback in DASH_CALLBACKS:
        site.access.declare(f"callback:{callback}", EVERYONE)
    guard(site)
    health.mount(site)
    replay.mount(site)
    site.route("/versi", site.versions.answer, roles=EVERYONE)
    site.route(FONT, font, roles=EVERYONE)
    for page in PAGES:
        page.mount(site)
    site.serve_panels()
    shell.mount(site)
    return app


def guard(site: Site) -> None:
    """Refuse what was not declared, and whoever does not sit at this machine."""
    server, access = site.app.server, site.access

    def admit() -> None:
        # Without accounts nobody else may ask: neither over the network, nor through a page of
        # theirs whose name points at this machine.
        if not is_loopback(request.remote_addr or "") or not is_loopback(_host_name()):
            abort(403)
        endpoint = request.endpoint
        if endpoint is not None and not access.may(
            current_role(), f"route:{endpoint}", read_area(request.args.get("wilayah"))
        ):
            abort(403)

    def finish(response: Response) -> Response:
        if request.endpoint in PAGE_ENDPOINTS:
            response.headers["Content-Security-Policy"] = content_security_policy(site)
            if response.status_code == 200:
                response.status_code = page_status(site)
        response.headers.update(SECURITY_HEADERS)
        return response

    server.before_request(admit)
    server.after_request(finish)
    server.register_error_handler(HTTPException, refuse)


def refuse(error: HTTPException) -> Response:
    """Answer an error in the reader's language and as briefly as a part of a page can hold it."""
    code = error.code or 500
    return answer(to_bytes(parts.not_shown(code)), code)


def page_status(site: Site) -> int:
    """Return the HTTP status of the page asked for; its frame is the same for all."""
    page, _ = dash._pages._path_to_page(request.path.strip("/"))
    if not page or page["path"] == shell.NOT_FOUND:
        return 404
    return 200 if site.access.may(current_role(), f"page:{page['path']}") else 403


def content_security_policy(site: Site) -> str:
    """Return the policy of a page: nothing from elsewhere but what the settings name."""
    # Asked of each page anew: Dash adds an inline script of its own on the first request.
    scripts = " ".join(site.app.csp_hashes())
    parts = urlsplit(site.tiles)
    tiles = f" {parts.scheme}://{parts.netloc.replace('{s}', '*')}" if parts.netloc else ""
    embeds = "".join(f" {origin}" for origin in site.embeds)
    return (
        "default-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'self';"
        f" object-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline';"
        f" img-src 'self' data: blob:{tiles}; font-src 'self' data:;"
        f" frame-src 'self'{embeds}; media-src 'self'{embeds}"
    )


def cache_config(settings: Settings) -> dict[str, object]:
    """Return what flask-caching needs: Redis where `KOMANDO_CACHE` names one, else files."""
    common: dict[str, object] = {"CACHE_DEFAULT_TIMEOUT": CACHE_SECONDS, "CACHE_KEY_PREFIX": "k1:"}
    if settings.cache:
        return common | {"CACHE_TYPE": "RedisCache", "CACHE_REDIS_URL": settings.cache}
    return common | {
        "CACHE_TYPE": "FileSystemCache",
        "CACHE_DIR": str(settings.root / "cache"),
        "CACHE_THRESHOLD": CACHE_ENTRIES,
    }


def font() -> Response:
    """Serve the typeface from its package, for a year: its address would change with it."""
    folder = Path(str(fontpkg_plus_jakarta_sans.__file__)).parent / "files"
    return send_file(folder / "PlusJakartaSans[wght].ttf", mimetype="font/ttf", max_age=31_536_000)


def report_error(error: Exception) -> None:
    """Log a callback's error and show the reader a note with the log's reference."""
    if isinstance(error, HTTPException):
        raise error
    reference = uuid.uuid4().hex[:8]
    log.error("callback.failed", reference=reference, exc_info=error)
    set_props(shell.TOAST, {"sendNotifications": [shell.error_toast(reference)]})


def is_loopback(host: str) -> bool:
    """Answer whether `host` (a name or an address) means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def warm(app: Dash) -> None:
    """Serve one page, so that Dash is set up before two requests meet, and check the registry.

    Raises:
        UndeclaredError: Something is reachable for which no roles are declared.
    """
    site: Site = app.server.extensions["komando"]
    answer = app.server.test_client().get(site.links[0].path)
    if answer.status_code != 200:
        raise RuntimeError(f"the first page answered {answer.status}")
    site.access.demand(reachable(app))


def reachable(app: Dash) -> list[str]:
    """Return the action of every route, page and callback of `app`."""
    return [
        *(f"route:{rule.endpoint}" for rule in app.server.url_map.iter_rules()),
        *(f"page:{page['path']}" for page in dash.page_registry.values()),
        *(f"callback:{name}" for name in app.callback_map),
    ]


def serve() -> Flask:
    """Return the WSGI app of one worker, warmed and checked.

    Raises:
        SystemExit: The settings or the lake do not allow a start; the message says why.
        UndeclaredError: Something is reachable for which no roles are declared.
    """
    try:
        settings = read_settings(os.environ.get("KOMANDO_SECRETS"))
        configure(as_json=settings.log_json)
        app = create_app(settings)
    except (SettingError, StartError, LakeError, StoreError) as error:
        sys.exit(f"komando: {error}")
    warm(app)
    server: Flask = app.server
    return server


def _host_name() -> str:
    """Return the host that was asked for, without its port."""
    return urlsplit(f"//{request.host}").hostname or ""
