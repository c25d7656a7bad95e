"""CCTV: a wall of cameras, what their pictures are worth, and where the city is blind.

URL    /cctv?kelompok=pintu-air&kondisi=terganggu&isi=24&hal=2&dekat=106.85,-6.21&pos=&alarm=
       /cctv/kamera?id=…   one camera, for the drawer
Reads  cameras_wall, camera_groups, camera_one, camera_periods, blind_spots, alarms_now, and the
       layers of the map

The pictures themselves come apart from the panels (dashboards/snapshots.py), so that a new one
redraws nothing else. Of a past moment there are none: only the last good one of each is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import layers, maps, parts, snapshots, spots
from dashboards.maps import swatch
from dashboards.panels import Panel, View, answer, panel_slot, to_bytes
from dashboards.site import Site
from dashboards.snapshots import WATCHERS
from dashboards.spots import Spot
from dashboards.tables import cell, table
from data import queries, words
from data.lake import Lake
from data.queries import Row

PATH, MAP = "/cctv", "cctv-peta"
FEEDS = ("cameras",)
# In the address -> kind of camera and its name; gates first, for a wall of water is why one looks.
GROUPS = {
    "pintu-air": ("gate", "Pintu air"),
    "pompa": ("pump", "Rumah pompa"),
    "kali": ("other", "Kali"),
    "jalan": ("road", "Jalan"),
    "semua": (None, "Semua"),
}
KIND_WORDS = {kind: word for kind, word in GROUPS.values() if kind}
TROUBLED = "terganggu"
SIZES = (12, 24)
NEAR_M = 2_000.0
BLIND_SHOWN = 60
STATE_SHAPES = {
    "live": ("camera", "--map-quiet"),
    "frozen": ("camera-off", "--map-alert"),
    "black": ("camera-off", "--map-alert"),
    "shifted": ("camera-off", "--map-alert"),
    "unreachable": ("camera-off", "--map-alert"),
}
STATE_MEANINGS = {
    "frozen": "gambarnya tidak berubah sedikit pun",
    "black": "gambarnya gelap",
    "shifted": "gambarnya dari waktu lain atau berulang",
    "unreachable": "tidak menjawab",
}
UNPROBED = "Belum diketahui"
EMBEDDED = "Hanya pada laman pengelola"
MAP_LAYERS = (
    replace(layers.CAMERAS, shown=True),
    replace(layers.INUNDATIONS, shown=False),
    replace(layers.GATES, shown=False),
    layers.BLIND_SPOTS,
)


def mount(site: Site) -> None:
    """Put the page, its map, its panels and its pictures on the site."""
    wall, states, blind = panels = _panels()
    site.panels(*panels)
    snapshots.mount(site)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("CCTV", className="visually-hidden"),
                panel_slot(wall, class_name="cctv-wall"),
                html.Div(
                    [
                        panel_slot(states, class_name="cctv-states"),
                        html.Section(
                            maps.map_view(site, MAP_LAYERS, id=MAP),
                            className="cctv-map",
                            **{"aria-label": "Peta kamera dan titik buta"},
                        ),
                        panel_slot(blind, class_name="cctv-blind"),
                    ],
                    className="cctv-side",
                ),
            ],
            className="cctv",
        )

    def camera() -> Response:
        view = site.view()
        found = queries.camera_one(site.lake, view.as_of, request.args.get("id", ""))
        if found is None:
            abort(404)
        periods = queries.camera_periods(site.lake, view.as_of, found["camera_id"])
        response = answer(to_bytes(one_camera(found, periods, view, site.embeds)))
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    site.page(
        __name__, path=PATH, title="CCTV", icon="camera", order=40, roles=WATCHERS, layout=layout
    )
    site.route("/cctv/kamera", camera, roles=WATCHERS)


def group_of(view: View, spot: Spot | None) -> str:
    """Return the group that the address asks for; near a place, cameras of every kind."""
    asked = view.params.get("kelompok", "")
    return asked if asked in GROUPS else "pintu-air" if spot is None else "semua"


def page_of(view: View) -> tuple[int, int]:
    """Return the page that the address asks for, from 1, and how many tiles it has."""
    page, size = view.params.get("hal", ""), view.params.get("isi", "")
    many = int(size) if size in {str(one) for one in SIZES} else SIZES[0]
    return max(1, int(page)) if page.isdecimal() and len(page) < 5 else 1, many


def wall_rows(lake: Lake, view: View) -> list[Row]:
    """Return the cameras of the page that the address asks for; rows of `cameras_wall`."""
    page, many = page_of(view)
    return _wall(lake, view, skip=(page - 1) * many, most=many)


def _wall(lake: Lake, view: View, *, skip: int, most: int) -> list[Row]:
    spot = spots.asked(lake, view)
    return queries.cameras_wall(
        lake,
        view.as_of,
        view.area,
        kind=GROUPS[group_of(view, spot)][0],
        at=None if spot is None else spot.at,
        within_m=NEAR_M,
        troubled=view.params.get("kondisi") == TROUBLED,
        most=most,
        skip=skip,
    )


def _draw_wall(lake: Lake, view: View) -> Component:
    return wall(wall_rows(lake, view), spots.asked(lake, view), view)


def wall(rows: Sequence[Row], spot: Spot | None, view: View) -> Component:
    """Draw the choices and one page of tiles.

    Args:
        rows: Those of `cameras_wall`.
        spot: What the cameras are near, if the address asks for that.
        view: With the parameters of the panel.
    """
    page, many = page_of(view)
    total = rows[0]["total"] if rows else 0
    return html.Div(
        [
            _choices(view, spot, page, many, total),
            html.Ul([tile(row, view) for row in rows], className="cameras")
            if rows
            else _no_cameras(view, spot, page),
        ],
        className="camera-wall",
    )


def _no_cameras(view: View, spot: Spot | None, page: int) -> Component:
    if page > 1:
        return html.Div(
            [
                html.P("Halaman ini kosong", className="note-title"),
                _turn("Ke halaman pertama", 1, possible=True),
            ],
            className="note note-empty",
        )
    if view.params.get("kondisi") == TROUBLED:
        return parts.empty("Tidak ada kamera yang terganggu", "Semua yang diperiksa hidup.")
    where = "di wilayah ini" if spot is None else f"dalam {spots.distance(NEAR_M)}"
    return parts.empty(f"Tidak ada kamera {where}", "Pilih kelompok atau wilayah lain.")


def _choices(view: View, spot: Spot | None, page: int, many: int, total: int) -> Component:
    group = group_of(view, spot)
    troubled = view.params.get("kondisi") == TROUBLED
    return html.Div(
        [
            html.Div(
                [
                    _choice(word, {"kelompok": name}, name == group)
                    for name, (_, word) in GROUPS.items()
                ],
                className="choices",
                role="group",
                **{"aria-label": "Kelompok kamera"},
            ),
            html.Div(
                _choice("Terganggu saja", {"kondisi": None if troubled else TROUBLED}, troubled),
                className="choices",
            ),
            html.Div(
                [_choice(str(size), {"isi": str(size)}, size == many) for size in SIZES],
                className="choices",
                role="group",
                **{"aria-label": "Kamera per halaman"},
            ),
            _near(spot),
            _pager(page, many, total),
        ],
        className="camera-choices",
    )


def _choice(word: str, patch: dict[str, str | None], chosen: bool) -> Component:
    return html.Button(
        word,
        type="button",
        className="choice",
        **{"data-act": "pilih", "data-go": _patch(patch), "aria-pressed": str(chosen).lower()},
    )


def _patch(patch: dict[str, str | None]) -> str:
    """Return what a choice changes in the address; every one leads back to the first page."""
    return orjson.dumps({"hal": None, **patch}).decode()


def _near(spot: Spot | None) -> Component | None:
    if spot is None:
        return None
    return html.Span(
        [
            f"Dalam {spots.distance(NEAR_M)} dari {spot.name}",
            html.Button(
                "Hapus",
                type="button",
                className="link",
                **{"data-act": "pilih", "data-go": _patch(dict.fromkeys(spots.PARAMS))},
            ),
        ],
        className="camera-near",
    )


def _pager(page: int, many: int, total: int) -> Component:
    first, last = (page - 1) * many + 1, min(page * many, total)
    told = f"{words.number(first)}–{words.number(last)} dari {words.number(total)}"
    return html.Div(
        [
            _turn("Sebelumnya", page - 1, page > 1),
            html.Span(told if total else "0 kamera", className="pager-text"),
            _turn("Berikutnya", page + 1, last < total),
        ],
        className="pager",
        role="group",
        **{"aria-label": "Halaman kamera"},
    )


def _turn(word: str, page: int, possible: bool) -> Component:
    return html.Button(
        word,
        type="button",
        className="choice",
        disabled=not possible,
        **{"data-act": "pilih", "data-go": _patch({"hal": str(page)})},
    )


def tile(row: Row, view: View) -> Component:
    """Draw one camera of the wall; `row` is one of `cameras_wall`."""
    state = row["state"]
    word = _word(row)
    place = f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar Jakarta"
    if row["distance_m"] is not None:
        place = f"{spots.distance(row['distance_m'])} · {place}"
    return html.Li(
        html.Button(
            [
                _picture(row, view),
                html.Span(
                    [swatch(*STATE_SHAPES[state]), word] if state in STATE_MEANINGS else word,
                    className="camera-state",
                )
                if state != "live"
                else html.Span(word, className="visually-hidden"),
                html.Span(
                    [
                        html.Strong(row["name"]),
                        html.Span(place),
                    ],
                    className="camera-foot",
                ),
            ],
            type="button",
            className="camera-open",
            title=row["name"],
            **{"data-act": "open", "data-url": _drawer_url(row["camera_id"], view)},
        ),
        className="camera",
        **{"data-state": state or ("unprobed" if row["proxied"] else "embedded")},
    )


def _word(row: Row) -> str:
    if not row["proxied"]:
        return EMBEDDED
    return layers.CAMERA_WORDS[row["state"]] if row["state"] else UNPROBED


def _picture(row: Row, view: View) -> Component:
    """Return the place of a picture, which the browser fills; empty where there is none to show."""
    if not row["proxied"]:
        return html.Span(parts.icon("camera"), className="camera-picture is-none")
    if not view.as_of.live:
        return html.Span("Gambar masa lalu tidak disimpan", className="camera-picture is-none")
    return html.Span(className="camera-picture", **{"data-camera": row["camera_id"]})


def _drawer_url(camera_id: str, view: View) -> str:
    query = {"id": camera_id}
    if not view.as_of.live:
        as_known = view.as_of.known_time <= view.as_of.event_time
        query["pada"] = view.as_of.event_time.isoformat()
        query["seperti"] = "saat-itu" if as_known else "sekarang"
    return f"/cctv/kamera?{urlencode(query)}"


def one_camera(
    row: Row, periods: Sequence[Row], view: View, embeds: Sequence[str]
) -> list[Component]:
    """Draw one camera for the drawer: its picture, where it stands, and its outages.

    Args:
        row: That of `camera_one`.
        periods: Those of `camera_periods`.
        view: Whose moment the outages are counted to.
        embeds: Origins whose pages and streams may be shown inside ours.
    """
    return [
        html.Div(
            _live(row, view, embeds),
            className="camera camera-large",
            **{"data-state": row["state"] or ("unprobed" if row["proxied"] else "embedded")},
        ),
        html.P(
            [
                html.Strong(row["name"]),
                f" · {row['owner'] or 'pengelola belum diketahui'} · ",
                f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar wilayah Jakarta",
            ]
        ),
        html.P(_stands(row)),
        *([parts.simulated_mark()] if row["simulated"] else []),
        *(_history(row, periods) if row["proxied"] else []),
        _elsewhere(row),
    ]


def _live(row: Row, view: View, embeds: Sequence[str]) -> list[Component]:
    if not row["proxied"]:
        url = row["embed_url"]
        if url and _within(url, embeds):
            # The page of somebody else: it may run its scripts, and touch nothing of ours.
            return [
                html.Iframe(
                    src=url,
                    title=f"Gambar {row['name']} pada laman pengelola",
                    sandbox="allow-scripts",
                    referrerPolicy="no-referrer",
                    className="camera-embed",
                )
            ]
        return [_picture(row, view), html.Span(EMBEDDED, className="camera-state")]
    drawn = [_picture(row, view)]
    if row["state"] != "live":
        drawn.append(html.Span(_word(row), className="camera-state"))
    if view.as_of.live and row["stream_url"] and _within(row["stream_url"], embeds):
        drawn.append(
            html.Button(
                "Gambar langsung",
                type="button",
                className="choice camera-stream",
                **{
                    "data-act": "langsung",
                    "data-camera": row["camera_id"],
                    "data-stream": row["stream_url"],
                    "aria-pressed": "false",
                },
            )
        )
    return drawn


def _within(url: str, origins: Sequence[str]) -> bool:
    return any(url.startswith(f"{origin}/") for origin in origins)


def _stands(row: Row) -> str:
    if not row["proxied"]:
        return "Ketentuan pengelolanya melarang server mengambil gambar, sehingga tidak diperiksa."
    if row["state"] is None:
        return (
            "Belum diketahui: tidak ada pemeriksaan yang tercatat dalam 90 menit; giliran"
            " berikutnya dalam 10 detik."
        )
    if row["state"] == "live":
        return "Hidup: isi gambarnya terus berubah. Diperiksa setiap 10 detik selama ditampilkan."
    return (
        f"{layers.CAMERA_WORDS[row['state']]}: {STATE_MEANINGS[row['state']]}. Yang tampil adalah"
        " gambar baik terakhir; gambar lain tidak disimpan."
    )


def uptime(periods: Sequence[Row]) -> float | None:
    """Return the share of the time looked at in which a camera was live; None without any."""
    looked = sum(row["seconds"] for row in periods if row["state"] is not None)
    live = sum(row["seconds"] for row in periods if row["state"] == "live")
    return live / looked if looked else None


def _history(row: Row, periods: Sequence[Row]) -> list[Component]:
    share = uptime(periods)
    if share is None:
        return [html.P("Riwayat 30 hari: belum ada pemeriksaan.")]
    outages = [one for one in reversed(periods) if one["state"] not in ("live", None)]
    seconds = sum(one["seconds"] for one in periods)
    return [
        html.H3("Riwayat 30 hari"),
        html.P(
            [
                "Hidup ",
                html.Strong(words.percent(share)),
                f" dari waktu yang diperiksa · {words.number(len(outages))} gangguan",
            ]
        ),
        html.Div(
            [
                html.I(
                    className="uptime-part",
                    style={"flex": f"{one['seconds'] / seconds:.5f} 0 0"},
                    title=f"{_period_word(one)}, {words.short_moment(one['starts_at'])} sampai"
                    f" {words.short_moment(one['ends_at'])} WIB",
                    **{"data-state": one["state"] or "unprobed"},
                )
                for one in periods
            ],
            className="uptime",
            role="img",
            **{"aria-label": f"{row['name']}: hidup {words.percent(share)} dalam 30 hari"},
        ),
        html.Div(
            [
                html.Span(words.short_moment(periods[0]["starts_at"])),
                html.Span(words.short_moment(periods[-1]["ends_at"])),
            ],
            className="uptime-ends",
        ),
        table(["keadaan", "mulai (WIB)", "lama"], [_outage(one) for one in outages[:12]])
        if outages
        else html.P("Tidak ada gangguan."),
    ]


def _period_word(row: Row) -> str:
    return layers.CAMERA_WORDS[row["state"]] if row["state"] else "Tidak diperiksa"


def _outage(row: Row) -> Component:
    return html.Tr(
        [
            cell("keadaan", _period_word(row)),
            cell("mulai (WIB)", words.short_moment(row["starts_at"])),
            cell("lama", words.duration(timedelta(seconds=row["seconds"]))),
        ]
    )


def _elsewhere(row: Row) -> Component | None:
    if not row["embed_url"]:
        return None
    return html.P(
        html.A(
            "Buka laman pengelola",
            href=row["embed_url"],
            target="_blank",
            rel="noopener noreferrer",
        )
    )


def states(rows: Sequence[Row]) -> Component:
    """Draw how many cameras of each group are live and what the others lack.

    `rows` are those of `camera_groups`.
    """
    if not rows:
        return parts.empty("Belum ada kamera yang terdaftar")
    by_kind = {row["kind"]: row for row in rows}
    heads = ["kelompok", "hidup", "terputus", "beku", "gelap", "waktu lain", "belum"]
    names = ("live", "unreachable", "frozen", "black", "shifted", "unprobed")
    embedded = sum(row["total"] - row["proxied"] for row in rows)
    return html.Div(
        [
            table(
                heads,
                [
                    html.Tr(
                        [
                            html.Th(
                                html.Button(
                                    KIND_WORDS[kind],
                                    type="button",
                                    className="link",
                                    **{
                                        "data-act": "pilih",
                                        "data-go": _patch({"kelompok": group}),
                                    },
                                ),
                                scope="row",
                            ),
                            *(
                                cell(head, words.number(by_kind[kind][name]), "number")
                                for head, name in zip(heads[1:], names, strict=True)
                            ),
                        ]
                    )
                    for group, (kind, _) in GROUPS.items()
                    if kind is not None and kind in by_kind
                ],
            ),
            html.P(
                [
                    "Pengamat air dan yang sedang ditampilkan diperiksa tiap 10 detik, lainnya"
                    " bergiliran tiap 15 menit. ",
                    f"{words.number(embedded)} kamera pengelola lain hanya disematkan dan tidak"
                    " diperiksa."
                    if embedded
                    else "Semua kamera boleh diperiksa.",
                ],
                className="figure-note",
            ),
        ]
    )


def blind_spots(rows: Sequence[Row]) -> Component:
    """Draw where it floods again and again and no live camera looks; rows of `blind_spots`."""
    if not rows:
        return parts.empty(
            "Tidak ada titik buta",
            "Setiap RW yang sering tergenang berada dalam 300 m dari kamera yang hidup.",
        )
    return html.Div(
        [
            html.P(
                [
                    html.Span(words.number(len(rows)), className="value"),
                    html.Span(
                        " RW sering tergenang tanpa kamera hidup dalam 300 m",
                        className="figure-unit",
                    ),
                ],
                className="key-figure",
            ),
            html.Ol([_blind_spot(row) for row in rows[:BLIND_SHOWN]], className="blind-spots"),
            html.P(
                f"{words.number(len(rows) - BLIND_SHOWN)} lagi ada dalam Unduh data dan di peta.",
                className="figure-note",
            )
            if len(rows) > BLIND_SHOWN
            else None,
        ]
    )


def _blind_spot(row: Row) -> Component:
    place = f"{row['area_name']} Kel. {row['kelurahan'] or 'di luar wilayah'}"
    seen = [f"tergenang {words.number(row['days'])} hari dalam 3 tahun"]
    if row["lost"]:
        seen.append(f"{words.number(row['lost'])} kamera kita di dekatnya tidak hidup")
    if row["embedded"]:
        seen.append(f"{words.number(row['embedded'])} kamera pengelola lain")
    if row["nearest_m"] is not None:
        seen.append(f"kamera hidup terdekat {spots.distance(row['nearest_m'])}")
    return html.Li(
        [
            html.Button(
                place,
                type="button",
                className="link",
                title=f"Kamera dekat {place}",
                **{
                    "data-act": "pilih",
                    "data-go": _patch(
                        {
                            **dict.fromkeys(spots.PARAMS),
                            "kelompok": None,
                            "dekat": f"{row['lon']:.5f},{row['lat']:.5f}",
                        }
                    ),
                },
            ),
            html.Span(" · ".join(seen)),
        ]
    )


def _panels() -> tuple[Panel, Panel, Panel]:
    return (
        Panel(
            id="cctv-dinding",
            title="Kamera",
            feeds=FEEDS,
            roles=WATCHERS,
            render=_draw_wall,
            rows=lambda lake, view: _wall(lake, view, skip=0, most=10_000),
            how="Kamera yang gambarnya boleh diambil server ditampilkan lebih dahulu, menurut nama"
            " atau jarak. Server memeriksa kamera yang tampil setiap 10 detik dan menyimpan hanya"
            " gambar baik terakhir. Hidup: isi gambar berubah. Beku: tidak satu piksel pun berubah"
            " selama 15 detik. Gelap: kecerahan rata-rata di bawah 8 dari 255. Waktu lain: gambar"
            " menyatakan waktu yang berbeda lebih dari dua menit, atau urutan gambar berulang."
            " Terputus: tidak menjawab. Rekaman yang diputar ulang dengan jam yang dipalsukan tidak"
            " dapat dikenali.",
            queries=("cameras_wall",),
            params=("kelompok", "kondisi", "hal", "isi", *spots.PARAMS),
            tables=("camera_checks",),
        ),
        Panel(
            id="cctv-keadaan",
            title="Keadaan kamera",
            feeds=FEEDS,
            roles=WATCHERS,
            render=lambda lake, view: states(queries.camera_groups(lake, view.as_of, view.area)),
            rows=lambda lake, view: queries.camera_groups(lake, view.as_of, view.area),
            how="Keadaan menurut pemeriksaan terakhir: tiap perubahan dicatat, dan sedikitnya satu"
            " catatan tiap jam. Belum diketahui: tanpa catatan selama 90 menit, yaitu sesudah dua"
            " giliran terlewat.",
            queries=("camera_groups",),
            tables=("camera_checks",),
        ),
        Panel(
            id="cctv-titik-buta",
            title="Titik buta",
            feeds=("cameras", "petabencana_floods"),
            roles=WATCHERS,
            render=lambda lake, view: blind_spots(queries.blind_spots(lake, view.as_of, view.area)),
            rows=lambda lake, view: queries.blind_spots(lake, view.as_of, view.area),
            how="RW yang tergenang pada tiga hari atau lebih dalam tiga tahun (RT dihitung ke dalam"
            " RW-nya) dan tidak memiliki kamera hidup dalam 300 m dari titiknya. Kamera pengelola"
            " lain tidak diperiksa, sehingga tidak diketahui hidup.",
            queries=("blind_spots",),
            tables=("camera_checks",),
        ),
    )
