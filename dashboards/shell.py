"""The frame around every page: navigation, moment, area, role, theme and the feeds' health."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboards import parts
from dashboards.access import EVERYONE, ROLES, Role, current_role
from dashboards.site import Link, Site
from data import queries
from data.queries import Row

VERSIONS, BEAT, ADDRESS, THEME = "versi", "detak", "alamat", "tema"
TOAST, AREA, LOCATION = "toast", "wilayah", "_pages_location"
WHOLE_CITY = "31"
NOT_FOUND = "/404"
ALARMS = "/peringatan"

# Mantine's own palette of ten shades, from the accent of assets/tokens.css.
ACCENT = [
    "#eaf3fb",
    "#d3e4f3",
    "#a5c8e6",
    "#74aad9",
    "#4d91ce",
    "#3481c7",
    "#2679c4",
    "#1868ad",
    "#075c9b",
    "#004f89",
]


def mount(site: Site) -> None:
    """Put the frame on the site; every page is mounted before it."""
    areas = area_options(queries.areas(site.lake))
    links = sorted(site.links, key=lambda link: link.order)

    def layout() -> Component:
        role = current_role()
        seen = [link for link in links if site.access.may(role, f"page:{link.path}")]
        return frame(role, seen, areas)

    site.app.layout = layout
    # Dash shows the page of this name for every address that no page has.
    site.access.declare(f"page:{NOT_FOUND}", EVERYONE)
    dash.register_page(
        "not_found_404", path=NOT_FOUND, title="Tidak ditemukan", layout=lambda **_: parts.missing()
    )
    _connect(site)


def area_options(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the options of the area picker in three groups, each with its place in the city.

    `rows` are those of the query `areas`.
    """
    groups: dict[str, list[dict[str, str]]] = {"kota": [], "kecamatan": [], "kelurahan": []}
    for row in rows:
        groups[row["level"]].append({"value": row["code"], "label": row["label"]})
    names = {"kota": "Kota dan kabupaten", "kecamatan": "Kecamatan", "kelurahan": "Kelurahan"}
    city = {"group": "Provinsi", "items": [{"value": WHOLE_CITY, "label": "Seluruh Jakarta"}]}
    return [city, *({"group": names[level], "items": items} for level, items in groups.items())]


def frame(role: Role, links: Sequence[Link], areas: list[dict[str, Any]]) -> Component:
    """Return the frame for `role`, with the pages that it may see."""
    return dmc.MantineProvider(
        [
            html.A("Langsung ke isi", href="#isi", className="skip-link"),
            html.Div(
                [
                    _navigation(links),
                    html.Div(
                        [
                            _header(role, areas),
                            _replay_band(),
                            parts.unread_moment(),
                            html.Div(id="tidak-terhubung", role="alert", hidden=True),
                            _strip(any(link.path == "/sistem" for link in links)),
                            html.Div(dash.page_container, id="isi", tabIndex=-1),
                        ],
                        className="app-body",
                    ),
                ],
                className="app",
            ),
            _drawer(),
            dmc.NotificationContainer(id=TOAST, position="bottom-right"),
            dcc.Store(id=VERSIONS),
            dcc.Store(id=BEAT),
            dcc.Store(id=ADDRESS),
            dcc.Store(id=THEME),
        ],
        id="mantine",
        theme={
            "fontFamily": "var(--font)",
            "fontFamilyMonospace": "var(--font-mono)",
            "primaryColor": "accent",
            "colors": {"accent": ACCENT},
            "defaultRadius": "sm",
            "respectReducedMotion": True,
        },
    )


def error_toast(reference: str) -> dict[str, Any]:
    """Return the note that tells of a failed action; `reference` is also in the log."""
    return {
        "action": "show",
        "id": reference,
        "title": "Tindakan gagal",
        "message": f"Data yang tampil tidak berubah. Kode kesalahan: {reference}",
        "color": "red",
        "autoClose": 10_000,
    }


def _navigation(links: Sequence[Link]) -> Component:
    # The wall and the citizens' page are documents of their own, which Dash cannot show in place.
    in_place = {page["path"] for page in dash.page_registry.values()}
    return html.Nav(
        [
            html.Div(parts.icon("brand"), className="brand", title="Pusat Komando Jakarta"),
            html.Ul(
                [
                    html.Li(
                        dcc.Link(
                            [
                                parts.icon(link.icon),
                                html.Span(link.title),
                                _waiting() if link.path == ALARMS else None,
                            ],
                            id={"nav": link.path},
                            href=link.path,
                            className="nav-link",
                            refresh=link.path not in in_place,
                        )
                    )
                    for link in links
                ]
            ),
        ],
        className="nav",
        **{"aria-label": "Halaman"},
    )


def _waiting() -> Component:
    """Return the place of the number of alarms that wait; assets/peringatan.js fills it."""
    return html.Span(
        className="nav-count",
        hidden=True,
        title="Belum diketahui, selain Perhatian",
        **{"data-alarm-count": ""},
    )


def _header(role: Role, areas: list[dict[str, Any]]) -> Component:
    return html.Header(
        [
            html.Div(
                [
                    html.Span("KONDISI TERKINI", id="tanda", className="mark mark-live"),
                    html.Span(
                        [
                            html.Span("\N{NO-BREAK SPACE}", className="day", **{"data-day": ""}),
                            html.Span(
                                "\N{NO-BREAK SPACE}", className="clock", **{"data-clock": ""}
                            ),
                        ],
                        className="now",
                    ),
                ],
                className="header-moment",
            ),
            dmc.Select(
                id=AREA,
                data=areas,
                value=WHOLE_CITY,
                searchable=True,
                clearable=False,
                allowDeselect=False,
                limit=80,
                filter={"function": "areaFilter"},
                nothingFoundMessage="Tidak ada wilayah dengan nama itu",
                leftSection=parts.icon("area"),
                maxDropdownHeight=420,
                className="area-picker",
                **{"aria-label": "Pilih wilayah"},
            ),
            html.Div([_replay_button(), _theme_menu(), _role_menu(role)], className="header-tools"),
        ],
        className="header",
    )


def _theme_menu() -> Component:
    choices = {"light": "Terang", "dark": "Gelap", "auto": "Otomatis (siang–malam)"}
    return dmc.Menu(
        [
            dmc.MenuTarget(
                dmc.ActionIcon(
                    parts.icon("theme"),
                    variant="subtle",
                    color="gray",
                    size="lg",
                    **{"aria-label": "Tampilan terang atau gelap"},
                )
            ),
            dmc.MenuDropdown(
                [
                    dmc.MenuLabel("Tampilan"),
                    *(
                        dmc.MenuItem(name, **{"data-act": "theme", "data-value": value})
                        for value, name in choices.items()
                    ),
                ]
            ),
        ],
        position="bottom-end",
    )


def _role_menu(role: Role) -> Component:
    return dmc.Menu(
        [
            dmc.MenuTarget(
                dmc.Button(
                    role.name,
                    variant="default",
                    leftSection=parts.icon("person"),
                    className="role-button",
                    **{"aria-label": f"Peran demo: {role.name}"},
                )
            ),
            dmc.MenuDropdown(
                [
                    dmc.MenuLabel("Peran dalam demo"),
                    *(
                        dmc.MenuItem(
                            other.name,
                            disabled=other.id == role.id,
                            **{"data-act": "role", "data-value": other.id},
                        )
                        for other in ROLES.values()
                    ),
                ]
            ),
        ],
        position="bottom-end",
    )


def _replay_button() -> Component:
    return html.Button(
        [parts.icon("replay"), html.Span("Putar ulang")],
        className="replay-open",
        title="Lihat kota pada saat yang sudah lewat",
        **{"data-act": "replay"},
    )


def _replay_band() -> Component:
    """Return the place of the bar of time, which assets/replay.js fills."""
    return html.Div(id="putar-ulang", hidden=True, role="region", **{"aria-label": "Putar ulang"})


def _strip(linked: bool) -> Component:
    """Return the feeds' health, filled by the browser; `linked`: each feed leads to /sistem."""
    return html.Details(
        [
            html.Summary(id="sumber-ringkas"),
            html.Ul(id="sumber-rinci", className="feed-chips"),
        ],
        className="feed-strip",
        **{"data-linked": "yes" if linked else "no"},
    )


def _drawer() -> Component:
    """Return the drawer in which a panel, a table or a row is explained."""
    return html.Dialog(
        [
            html.Header(
                [
                    html.H2(id="laci-judul"),
                    html.Button("Tutup", className="link", **{"data-act": "close"}),
                ]
            ),
            html.Div(id="laci-isi", className="how"),
        ],
        id="laci",
        **{"aria-labelledby": "laci-judul"},
    )


def _connect(site: Site) -> None:
    """Connect the frame to the functions of assets/komando.js."""
    site.clientside("follow", Output(BEAT, "data"), Input("mantine", "id"))
    site.clientside(
        "address", Output(ADDRESS, "data"), Input(LOCATION, "pathname"), Input(LOCATION, "search")
    )
    site.clientside(
        "navigate",
        Output({"nav": ALL}, "href"),
        Output({"nav": ALL}, "className"),
        Input(ADDRESS, "data"),
        State({"nav": ALL}, "id"),
        prevent_initial_call=True,
    )
    site.clientside(
        "area",
        Output(AREA, "value"),
        Input(ADDRESS, "data"),
        State(AREA, "data"),
        prevent_initial_call=True,
    )
    site.clientside("pickArea", Input(AREA, "value"), prevent_initial_call=True)
    site.clientside(
        "mark",
        Output("tanda", "className"),
        Output("tanda", "children"),
        Input(ADDRESS, "data"),
        prevent_initial_call=True,
    )
