"""Kendali dinding: the supervisor's control of every wall, and how walls and server talk.

URL    /dinding/kendali?nama=utama&menit=30    the wall at hand, and how long an order stands
Reads  alarms_now, outlines, camera_listed, cameras_ours, and the places that have a name

A wall asks `/dinding/perintah` each second for the orders in force and says at `/dinding/kabar`
what it shows; assets/dinding-hidup.js is the wall's half of it, and deploy/wall asks
`/dinding/terdengar` whether a wall still speaks. An order ends by itself, so that no wall stays
pinned for ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode

import dash_mantine_components as dmc
import msgspec
import orjson
import shapely.geometry
from dash import html
from dash.development.base_component import Component
from flask import Response, request
from msgspec import Meta

from dashboards import parts
from dashboards.access import ROLES, STAFF, current_role
from dashboards.conditional import conditional
from dashboards.markup import html_text
from dashboards.panels import answer, to_bytes
from dashboards.site import ActionError, Site
from data import places, queries, words
from data.asof import AsOf, read_area
from data.lake import Lake
from data.queries import Row

PATH = "/dinding/kendali"
WALL_PATH = "/dinding"
WALL, MINUTES = "nama", "menit"
DEFAULT_WALL = "utama"
CHOICES_OF_MINUTES = (15, 30, 60, 120)
DEFAULT_MINUTES = 30
# A wall speaks every ten seconds; a lost word or two is no silence.
SILENT_AFTER = timedelta(seconds=30)
ENTRIES_SHOWN = 40
PLACES_SHOWN = 12
EVENTS_SHOWN = 8
# How far the map reaches around an event, in degrees: about 1.3 km to each side.
NEAR = 0.012
REGION = (106.2, -6.9, 107.2, -5.1)
SCREEN = "layar"
KINDS = {"scene": "Adegan", "extent": "Cakupan peta", "camera": "Kamera"}
AREA_KINDS = ("kota", "kecamatan", "kelurahan")
THEMES = {"dark": "Mode malam", "light": "Mode siang"}

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
_Short: TypeAlias = Annotated[str, Meta(max_length=80)]
_Pixels: TypeAlias = Annotated[int, Meta(ge=1, le=30_000)]
_Figure: TypeAlias = Annotated[float, Meta(ge=0, le=1e9)]


class Scene(msgspec.Struct, frozen=True):
    """What a wall may be asked to show."""

    id: _Short
    title: _Short


class News(msgspec.Struct, frozen=True):
    """What a screen of a wall says of itself.

    Args:
        screen: Made anew with each loading of the page.
        search: The query of its address, with the question mark.
        orders: Numbers of the orders that it obeys now.
        picture_at: City time of its newest picture.
        life_s: Seconds since its page was loaded.
        reloaded: Why its page was loaded anew, told until it was heard; empty otherwise.
    """

    wall: Annotated[str, Meta(max_length=200)]
    screen: Annotated[str, Meta(pattern=r"^[a-z0-9]{1,16}$")]
    width: _Pixels
    height: _Pixels
    search: Annotated[str, Meta(max_length=1000)]
    scene: _Short | None
    theme: Literal["light", "dark", ""]
    scenes: Annotated[tuple[Scene, ...], Meta(max_length=20)]
    orders: Annotated[tuple[int, ...], Meta(max_length=len(KINDS))]
    heap_mb: _Figure | None
    picture_at: datetime | None
    life_s: _Figure
    reloaded: _Short


class Order(msgspec.Struct, frozen=True):
    """What a supervisor asks of a wall.

    Args:
        kind: One of `KINDS`, or "release" (`value` names a kind, or is empty for all), or "reload".
        value: Id of a scene or of a camera; of an extent an area code, or "lon,lat" of an event.
        title: What a person calls it; told by the place that was chosen.
    """

    wall: Annotated[str, Meta(max_length=200)]
    kind: Literal["scene", "extent", "camera", "release", "reload"]
    value: Annotated[str, Meta(max_length=200)] = ""
    title: _Short = ""
    minutes: int = DEFAULT_MINUTES


@dataclass(frozen=True)
class Screen:
    """One wall as it was heard last.

    Args:
        heard_at: Aware, city time.
        others: Further screens under the same name that are heard now.
    """

    wall: str
    heard_at: datetime
    heard: bool
    others: int
    news: News


def mount(site: Site) -> None:
    """Put the page and the wall's own routes on the site."""
    build = build_of(Path(site.app.config.assets_folder), Path(__file__).parent)

    def orders() -> Response:
        wall = wall_name(request.args.get(WALL))
        return conditional(
            orders_document(
                site.store.wall_orders(site.clock.now(), wall),
                site.store.last_wall_entry(wall, "reload"),
                build,
            )
        )

    def hear() -> dict[str, Any]:
        news = _read(request.get_json(), News)
        note(site, news)
        return {}

    def is_heard() -> Response:
        wall, now = wall_name(request.args.get(WALL)), site.clock.now()
        found = screens(site.store.wall_screens(), now, site.clock.speed)
        heard = any(one.heard for one in found if one.wall == wall)
        return Response(orjson.dumps({"heard": heard}), mimetype="application/json")

    def order() -> dict[str, Any]:
        return {"id": give(site, _read(request.get_json(), Order), current_role().id)}

    def state() -> Response:
        now = site.clock.now()
        found = screens(site.store.wall_screens(), now, site.clock.speed)
        chosen = wall_name(request.args.get(WALL) or (found[0].wall if found else None))
        standing = site.store.wall_orders(now)
        at_hand = next((one for one in found if one.wall == chosen), None)
        return conditional(
            orjson.dumps(
                {
                    "wall": chosen,
                    "preview": preview(at_hand, chosen),
                    "html": {
                        "kendali-layar": html_text(wall_list(found, standing, chosen)),
                        "kendali-perintah": html_text(
                            controls(
                                at_hand,
                                [row for row in standing if row["wall"] == chosen],
                                chosen,
                                read_minutes(request.args.get(MINUTES)),
                            )
                        ),
                        "kendali-catatan": html_text(journal(site.store.wall_log(ENTRIES_SHOWN))),
                    },
                }
            )
        )

    def search() -> Response:
        text = (request.args.get("q") or "")[:80]
        found = targets(site.lake, text) if text.strip() else events(site)
        return answer(to_bytes(found))

    def layout(**_query: Any) -> Component:
        return page()

    site.page(
        __name__,
        path=PATH,
        title="Kendali dinding",
        icon="wall",
        order=111,
        roles=STAFF,
        layout=layout,
    )
    site.route("/dinding/perintah", orders, roles=STAFF)
    site.route("/dinding/terdengar", is_heard, roles=STAFF)
    site.route(f"{PATH}/keadaan", state, roles=STAFF)
    site.route(f"{PATH}/cari", search, roles=STAFF)
    site.action("/dinding/kabar", hear, roles=STAFF)
    site.action(f"{PATH}/perintah", order, roles=STAFF)


def wall_name(value: object) -> str:
    """Return the name of a wall as it stands in an address; nonsense means the main wall."""
    name = value.strip().lower() if isinstance(value, str) else ""
    return name if _NAME.match(name) else DEFAULT_WALL


def read_minutes(value: object) -> int:
    """Return for how many minutes an order is to stand; nonsense means half an hour."""
    allowed = {str(minutes): minutes for minutes in CHOICES_OF_MINUTES}
    return allowed.get(value, DEFAULT_MINUTES) if isinstance(value, str) else DEFAULT_MINUTES


def build_of(*folders: Path) -> str:
    """Return what changes when a program of another build serves the walls."""
    digest = blake2b(digest_size=8)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".js", ".css", ".py"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def orders_document(standing: Sequence[Row], reload: int, build: str) -> bytes:
    """Return what a wall asks for each second.

    Args:
        standing: Orders in force on it, oldest first.
        reload: Number of the newest order to load the page anew.
        build: A wall of another build loads itself anew.
    """
    orders = {
        row["kind"]: {
            "id": row["id"],
            "value": row["value"],
            "title": row["title"],
            "until": row["until"],
            **row["details"],
        }
        for row in standing
    }
    return orjson.dumps({"orders": orders, "reload": reload, "build": build})


def screens(rows: Sequence[Row], now: datetime, speed: float) -> list[Screen]:
    """Return each wall as its newest screen was heard, those that are heard now first.

    Args:
        rows: As `Store.wall_screens` gives them: by wall, newest first.
        speed: City seconds a real second: walls speak by real time.
    """
    heard_since = now - SILENT_AFTER * speed
    walls: dict[str, list[Row]] = {}
    for row in rows:
        # What a screen said to an older program need not be readable, and hides no other wall.
        with suppress(msgspec.ValidationError):
            walls.setdefault(row["wall"], []).append(
                row | {"news": msgspec.convert(row["news"], News)}
            )
    found = [
        Screen(
            wall,
            own[0]["heard_at"],
            heard=own[0]["heard_at"] >= heard_since,
            others=sum(row["heard_at"] >= heard_since for row in own[1:]),
            news=own[0]["news"],
        )
        for wall, own in walls.items()
    ]
    return sorted(found, key=lambda one: (not one.heard, one.wall))


def note(site: Site, news: News) -> None:
    """Keep what a screen says, and log what happened to it by itself."""
    wall, now = wall_name(news.wall), site.clock.now()
    rows = site.store.wall_screens()
    before = next((row["news"] for row in rows if row["screen"] == news.screen), None)
    site.store.hear_wall(wall, news.screen, msgspec.to_builtins(news), now)
    happened = []
    if news.reloaded:
        happened.append(("reloaded", news.reloaded, f"Memuat ulang: {news.reloaded}"))
    if before and before["theme"] != news.theme and news.theme in THEMES:
        happened.append(("theme", news.theme, THEMES[news.theme]))
    for kind, value, title in happened:
        site.store.log_wall(wall, kind=kind, value=value, title=title, role=SCREEN, at=now)


def give(site: Site, order: Order, role: str) -> int:
    """Do what a supervisor asks, log it, and return the number of its entry.

    Raises:
        ActionError: The wall has no such scene, or there is no such area or camera.
    """
    wall, now = wall_name(order.wall), site.clock.now()
    entry: dict[str, Any] = {"wall": wall, "kind": order.kind, "role": role, "at": now}
    if order.kind == "reload":
        return site.store.log_wall(**entry, value="", title="Muat ulang layar")
    if order.kind == "release":
        kind = order.value or None
        if not site.store.release_wall(wall, now, kind):
            raise ActionError("Tidak ada perintah yang berlaku untuk dilepas.")
        what = f"{KINDS[kind]} dilepas" if kind else "Semua perintah dilepas"
        return site.store.log_wall(**entry, value=kind or "", title=what)
    minutes = order.minutes if order.minutes in CHOICES_OF_MINUTES else DEFAULT_MINUTES
    title, details = _meaning(site, wall, order)
    return site.store.log_wall(
        **entry,
        value=order.value,
        title=title,
        until=now + timedelta(minutes=minutes) * site.clock.speed,
        details=details,
    )


def _meaning(site: Site, wall: str, order: Order) -> tuple[str, dict[str, Any]]:
    """Return the title of an order and what the wall needs besides its value."""
    if order.kind == "scene":
        found = screens(site.store.wall_screens(), site.clock.now(), site.clock.speed)
        scenes = next((one.news.scenes for one in found if one.wall == wall), ())
        titles = {scene.id: scene.title for scene in scenes}
        if order.value not in titles:
            raise ActionError("Dinding ini tidak mempunyai adegan itu.")
        return titles[order.value], {}
    if order.kind == "camera":
        if not queries.camera_listed(site.lake, order.value):
            raise ActionError("Kamera itu tidak ada di daftar.")
        if not queries.cameras_ours(site.lake, [order.value]):
            raise ActionError("Gambar kamera milik pihak lain tidak dapat ditampilkan di dinding.")
        return order.title or order.value, {}
    point = read_point(order.value)
    if point is not None:
        lon, lat = point
        bounds = [[lat - NEAR, lon - NEAR], [lat + NEAR, lon + NEAR]]
        return order.title or "Dekat kejadian", {"bounds": bounds, "point": [lat, lon]}
    if order.value == "31":
        return "Seluruh Jakarta", {"bounds": None}
    title, bounds = area_extent(queries.outlines(site.lake), order.value)
    return title, {"bounds": bounds}


def read_point(value: str) -> tuple[float, float] | None:
    """Read "lon,lat" in degrees; None where it is no point in or near the city."""
    try:
        lon, lat = (float(part) for part in value.split(","))
    except ValueError:
        return None
    west, south, east, north = REGION
    return (lon, lat) if west <= lon <= east and south <= lat <= north else None


def area_extent(outlines: Sequence[Row], code: str) -> tuple[str, list[list[float]]]:
    """Return name and bounds ([[south, west], [north, east]]) of an area.

    Args:
        outlines: Rows of the query `outlines`.

    Raises:
        ActionError: There is no such area.
    """
    row = next((row for row in outlines if row["code"] == read_area(code) == code), None)
    if row is None:
        raise ActionError("Wilayah itu tidak dikenal.")
    shape = shapely.geometry.shape(orjson.loads(row["geometry"]))
    west, south, east, north = shape.bounds
    return _prefixed(row["level"], row["name"]), [[south, west], [north, east]]


def _prefixed(kind: str, name: str) -> str:
    return {"kelurahan": "Kel. ", "kecamatan": "Kec. "}.get(kind, "") + name


def preview(screen: Screen | None, wall: str) -> dict[str, Any]:
    """Return the address and size of a wall's small double, which neither speaks nor reloads."""
    said = dict(parse_qsl(screen.news.search.lstrip("?"))) if screen else {}
    query = urlencode({**said, WALL: wall, "pratinjau": "1"})
    width, height = (screen.news.width, screen.news.height) if screen else (1920, 1080)
    return {"src": f"{WALL_PATH}?{query}", "width": width, "height": height}


def page() -> Component:
    """Return the page; its parts are filled by assets/kendali.js."""
    return html.Main(
        [
            html.Header(
                [
                    html.H1("Kendali dinding"),
                    html.P("Setiap perintah dicatat dan berakhir sendiri pada waktu yang tertera."),
                ],
                className="kendali-head",
            ),
            _section(
                "Layar", html.Div(parts.loading(), id="kendali-layar"), class_name="kendali-walls"
            ),
            html.Div(
                [
                    _section(
                        "Pratinjau",
                        html.Div(
                            html.Iframe(
                                id="kendali-pratinjau", title="Pratinjau layar dinding", tabIndex=-1
                            ),
                            className="kendali-frame",
                        ),
                    ),
                    _section("Perintah", html.Div(parts.loading(), id="kendali-perintah")),
                ],
                className="kendali-middle",
            ),
            html.Div(
                [
                    _section(
                        "Arahkan peta atau kamera",
                        html.Div(
                            [
                                dmc.TextInput(
                                    id="kendali-cari",
                                    placeholder="Kelurahan, pintu air, kamera…",
                                    leftSection=parts.icon("search"),
                                    size="md",
                                    **{"aria-label": "Cari wilayah, tempat atau kamera"},
                                ),
                                html.Div(id="kendali-hasil", **{"aria-live": "polite"}),
                            ]
                        ),
                    ),
                    _section("Catatan", html.Div(parts.loading(), id="kendali-catatan")),
                ],
                className="kendali-side",
            ),
        ],
        className="kendali",
    )


def _section(title: str, body: Component, *, class_name: str = "") -> Component:
    heading = f"kendali-judul-{title.split()[0].lower()}"
    return html.Section(
        [
            html.Header(html.H2(title, id=heading), className="panel-head"),
            html.Div(body, className="panel-body"),
        ],
        className=f"panel {class_name}".strip(),
        **{"aria-labelledby": heading},
    )


def wall_list(found: Sequence[Screen], standing: Sequence[Row], chosen: str) -> Component:
    """Draw the walls that were heard of in the last day; one can be taken in hand."""
    opener = html.A(
        "Buka layar dinding di jendela baru",
        href=f"{WALL_PATH}?{WALL}={chosen}",
        target="_blank",
        className="kendali-open",
    )
    if not found:
        note = parts.empty(
            "Belum ada layar dinding yang melapor",
            "Buka layar dinding di PC dinding; setiap layar melapor sendiri dengan namanya.",
        )
        return html.Div([note, opener])
    return html.Div(
        [
            html.Ul(
                [
                    html.Li(
                        _wall_card(
                            one,
                            sum(row["wall"] == one.wall for row in standing),
                            one.wall == chosen,
                        )
                    )
                    for one in found
                ],
                className="kendali-list",
            ),
            opener,
        ]
    )


def _wall_card(screen: Screen, orders: int, is_chosen: bool) -> Component:
    news = screen.news
    heap = "–" if news.heap_mb is None else words.quantity(news.heap_mb, "MB")
    facts = [
        ("Adegan", _scene_title(news)),
        ("Ukuran", f"{words.number(news.width)} × {words.number(news.height)} piksel"),
        ("Tampilan", THEMES.get(news.theme, words.NOTHING)),
        ("Gambar terakhir", parts.age(news.picture_at)),
        ("Melapor", parts.age(screen.heard_at)),
        ("Memori", heap),
        ("Perintah berlaku", words.number(orders) if orders else "tidak ada"),
    ]
    return html.Button(
        [
            html.Span(
                [
                    html.Span(screen.wall, className="kendali-name"),
                    _heard_mark(screen.heard),
                ],
                className="kendali-title",
            ),
            html.Span(f"{screen.others + 1} layar memakai nama ini", className="kendali-double")
            if screen.others
            else None,
            html.Span(
                [
                    html.Span([html.Span(name), html.Span(value)], className="kendali-fact")
                    for name, value in facts
                ],
                className="kendali-facts",
            ),
        ],
        className="kendali-card" + ("" if screen.heard else " is-silent"),
        **{
            "data-act": "go",
            "data-name": WALL,
            "data-value": screen.wall,
            "aria-pressed": "true" if is_chosen else "false",
        },
    )


def _heard_mark(heard: bool) -> Component:
    return html.Span(
        [
            html.Span(className="state-shape", **{"aria-hidden": "true"}),
            "Terhubung" if heard else "Tidak melapor",
        ],
        className=f"state state-{'fresh' if heard else 'disconnected'}",
    )


def _scene_title(news: News) -> str:
    titles = {scene.id: scene.title for scene in news.scenes}
    return titles.get(news.scene or "", news.scene or words.NOTHING)


def controls(
    screen: Screen | None, standing: Sequence[Row], wall: str, minutes: int
) -> list[Component]:
    """Draw what stands on a wall, and what it can be asked; `standing` are its own orders."""
    obeyed = screen.news.orders if screen else ()
    return [
        html.H3(["Dinding ", html.Strong(wall)]),
        html.Ul([_standing(row, wall, obeyed) for row in standing], className="kendali-standing")
        if standing
        else html.P("Tidak ada perintah: adegan bergilir sendiri.", className="figure-note"),
        _choice(
            "Perintah berlaku selama",
            [
                _button(
                    words.duration(timedelta(minutes=each)),
                    {"data-act": "go", "data-name": MINUTES, "data-value": str(each)},
                    pressed=each == minutes,
                )
                for each in CHOICES_OF_MINUTES
            ],
        ),
        _scene_choice(screen, standing, wall, minutes),
        _choice(
            "Cakupan peta",
            [
                _order_button(words_of, wall, "extent", code, minutes, standing)
                for code, words_of in _extents()
            ],
        ),
        html.Div(
            [
                _button("Lepas semua", _order(wall, "release", "", minutes), disabled=not standing),
                _button(
                    "Muat ulang layar",
                    _order(wall, "reload", "", minutes)
                    | {"data-ask": f"Muat ulang layar dinding {wall} sekarang?"},
                ),
            ],
            className="kendali-row kendali-last",
        ),
    ]


def _extents() -> list[tuple[str, str]]:
    kota = [
        (place.id, re.sub(r"^(Kota|Kabupaten) Administrasi ", "", place.name))
        for place in places.known()
        if place.kind == "kota"
    ]
    return [("31", "Seluruh Jakarta"), *kota]


def _scene_choice(
    screen: Screen | None, standing: Sequence[Row], wall: str, minutes: int
) -> Component:
    if screen is None:
        return html.P("Adegan dapat dipilih setelah dinding ini melapor.", className="figure-note")
    if not screen.news.scenes:
        return html.P("Semua zona tampil bersama di dinding ini.", className="figure-note")
    return _choice(
        "Tahan adegan",
        [
            _order_button(scene.title, wall, "scene", scene.id, minutes, standing)
            for scene in screen.news.scenes
        ],
    )


def _standing(row: Row, wall: str, obeyed: Sequence[int]) -> Component:
    return html.Li(
        [
            html.Span([KINDS[row["kind"]], ": ", html.Strong(row["title"])]),
            html.Span(
                f"sampai {words.clock(row['until'])} · "
                + ("diterapkan" if row["id"] in obeyed else "menunggu layar"),
                className="figure-note",
            ),
            _button("Lepas", _order(wall, "release", row["kind"], DEFAULT_MINUTES)),
        ]
    )


def _choice(title: str, buttons: Sequence[Component]) -> Component:
    return html.Div(
        [html.Span(title, className="figure-label"), html.Div(buttons, className="kendali-row")],
        role="group",
        **{"aria-label": title},
    )


def _order_button(
    text: str, wall: str, kind: str, value: str, minutes: int, standing: Sequence[Row]
) -> Component:
    stands = any(row["kind"] == kind and row["value"] == value for row in standing)
    return _button(text, _order(wall, kind, value, minutes), pressed=stands)


def _order(wall: str, kind: str, value: str, minutes: int) -> dict[str, str]:
    """Return the attributes by which assets/kendali.js sends an order when it is clicked."""
    return {
        "data-act": "order",
        "data-wall": wall,
        "data-kind": kind,
        "data-value": value,
        "data-minutes": str(minutes),
    }


def _button(
    text: str,
    attributes: dict[str, str],
    *,
    pressed: bool | None = None,
    disabled: bool = False,
) -> Component:
    state = {} if pressed is None else {"aria-pressed": "true" if pressed else "false"}
    return html.Button(text, className="kendali-button", disabled=disabled, **state, **attributes)


def targets(lake: Lake, text: str) -> Component:
    """Draw the places and cameras of a name, each with what a wall can do with it."""
    found = places.find(lake, text, most=PLACES_SHOWN)
    if not found:
        return html.P("Tidak ada tempat atau kamera dengan nama itu.", className="figure-note")
    return html.Ul(
        [
            html.Li(
                [
                    html.Span(
                        [html.Strong(_prefixed(place.kind, place.name)), html.Small(place.detail)],
                        className="kendali-place",
                    ),
                    html.Div(
                        [
                            _target("Peta ke sini", "extent", _extent_of(place), place.name),
                            _target("Tampilkan kamera", "camera", place.id, place.name)
                            if place.kind == "camera"
                            else None,
                        ],
                        className="kendali-row",
                    ),
                ]
            )
            for place in found
        ],
        className="kendali-found",
    )


def events(site: Site) -> Component:
    """Draw the gravest alarms that have a place, to send the map to one."""
    rows = [
        row
        for row in queries.alarms_now(site.lake, AsOf.now(site.clock.now()), "31")
        if row["lon"] is not None and row["lat"] is not None
    ]
    return event_list(rows[:EVENTS_SHOWN])


def event_list(rows: Sequence[Row]) -> Component:
    """Draw alarms as targets of the map; `rows` are those of the query `alarms_now`."""
    if not rows:
        return html.P(
            "Tidak ada kejadian yang aktif. Cari tempat atau kamera dengan namanya.",
            className="figure-note",
        )
    return html.Div(
        [
            html.Span("Dekat kejadian", className="figure-label"),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Span(row["title"], className="kendali-place"),
                            _target(
                                "Peta ke sini",
                                "extent",
                                f"{row['lon']:.5f},{row['lat']:.5f}",
                                row["subject"],
                            ),
                        ]
                    )
                    for row in rows
                ],
                className="kendali-found",
            ),
        ]
    )


def _target(text: str, kind: str, value: str, title: str) -> Component:
    """Return a button for the wall at hand; the script adds which one and for how long."""
    order = {"data-act": "order", "data-kind": kind, "data-value": value, "data-title": title[:80]}
    return _button(text, order)


def _extent_of(place: places.Place) -> str:
    return place.id if place.kind in AREA_KINDS else f"{place.lon:.5f},{place.lat:.5f}"


def journal(rows: Sequence[Row]) -> Component:
    """Draw what was asked of walls and what they did by themselves, newest first."""
    if not rows:
        return html.P("Belum ada perintah.", className="figure-note")
    return html.Ol([_entry(row) for row in rows], className="kendali-journal")


def _entry(row: Row) -> Component:
    who = ROLES[row["role"]].name if row["role"] in ROLES else "Layar sendiri"
    what = f"{KINDS[row['kind']]}: {row['title']}" if row["kind"] in KINDS else row["title"]
    end = None
    if row["until"] is not None:
        ended_at = row["ended_at"]
        end = (
            f"sampai {words.clock(row['until'])}"
            if ended_at is None
            else f"berakhir {words.clock(ended_at)}"
        )
    return html.Li(
        [
            html.Span(words.short_moment(row["at"]), className="kendali-at"),
            html.Span([html.Strong(row["wall"]), " · ", what]),
            html.Span(" · ".join(filter(None, (who, end))), className="figure-note"),
        ]
    )


def _read(body: Any, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(body, kind)
    except msgspec.ValidationError as error:
        raise ActionError(f"Permintaan tidak dapat dibaca: {error}") from None
