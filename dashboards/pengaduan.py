"""Pengaduan: the complaints of ten years as a list and on a map, and what is surging.

URL    /pengaduan?status=terbuka&terlambat=1&kategori=&kanal=&pd=&dari=&sampai=&tempo=24&dibuka=1
                 &q=&urut=terlama&mulai=…&wilayah=31.71.01
       /pengaduan/<nomor>                    one complaint (dashboards/pengaduan_satu.py)
       /pengaduan/unduh.csv, .xlsx?…         what the filter finds
       POST /pengaduan/tampilan, …/hapus     saved views
Reads  complaints_found, complaints_told, complaints_counted, complaints_begin, complaint_bursts,
       complaints_surging, complaints_channels

All that is chosen stands in the address: a link shows the same to whoever may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from dash import html
from dash.development.base_component import Component
from flask import request
from scipy.stats import poisson

from dashboards import (
    boards_words,
    complaint_search,
    layers,
    maps,
    parts,
    pengaduan_satu,
    pengaduan_unduh,
)
from dashboards.complaint_layers import FOUND
from dashboards.complaint_search import DAILY, FEEDS, FILTERS, PATH, ROLES, TODAY, Asked, asked_of
from dashboards.complaint_words import due_word, office, status_word
from dashboards.maps import swatch
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import ActionError, Site
from dashboards.tables import cell, table
from data import boards, complaints, queries, words
from data.complaints import CLOSED, OPEN, Cursor, Page, Search
from data.lake import Lake
from data.queries import Row
from data.views import SavedView, ViewError, Views

TEMPLATE = f"{PATH}/<nomor>"
SAVE, FORGET = f"{PATH}/tampilan", f"{PATH}/tampilan/hapus"
MAP = "pengaduan-peta"
START = "mulai"
ROWS = 30
SURGES, LEAST_SURGE = 8, 3
# One false surge in a month, of 267 kelurahan judged each three hours.
SURGE_TAIL = 1e-4
CHANNEL_DAYS = 90
COUNTED = timedelta(days=366)
SNIPPET = 110
MAP_LAYERS = (FOUND, replace(layers.INUNDATIONS, shown=False), replace(layers.GATES, shown=False))
STATE_WORDS = {OPEN: "Terbuka", CLOSED: "Selesai atau ditolak"}
DEFAULTS = (
    SavedView("Terbuka dan terlambat", "status=terbuka&terlambat=1"),
    SavedView("Jatuh tempo 24 jam", "tempo=24"),
    SavedView("Banjir hari ini", f"kategori=Penanganan+Banjir&dari={TODAY}"),
    SavedView("Dibuka kembali", "dibuka=1"),
)


def mount(site: Site) -> None:
    """Put the pages, the map, the panels and the saved views on the site."""
    views = Views(site.store)
    found, count, surges, channels = panels = _panels()
    site.panels(*panels)
    pengaduan_satu.mount(site)
    pengaduan_unduh.mount(site)

    def layout(nomor: Any = None, **_query: Any) -> Component:
        if nomor is not None:
            return pengaduan_satu.layout(site, str(nomor))
        return html.Main(
            [
                html.H1("Pengaduan", className="visually-hidden"),
                html.Section(
                    [
                        _saved(views.of(site.view().role.id)),
                        html.Details(
                            [
                                html.Summary("Saringan"),
                                html.Form(
                                    id="pengaduan-saring",
                                    className="complaint-filter",
                                    **{"data-options": orjson.dumps(_options()).decode()},
                                ),
                            ],
                            open=True,
                            className="complaint-filters",
                        ),
                        panel_slot(count, class_name="complaint-count bare"),
                    ],
                    className="complaint-top",
                    **{"aria-label": "Saringan"},
                ),
                panel_slot(found, class_name="complaint-list"),
                html.Div(
                    [
                        html.Section(
                            maps.map_view(site, MAP_LAYERS, id=MAP),
                            className="complaint-map",
                            **{"aria-label": "Peta pengaduan"},
                        ),
                        panel_slot(surges, class_name="complaint-surges"),
                        panel_slot(channels, class_name="complaint-channels"),
                    ],
                    className="complaint-side",
                ),
            ],
            className="complaints",
        )

    def save() -> dict[str, Any]:
        asked = request.get_json()
        params = asked.get("saringan")
        if not isinstance(params, dict):
            raise ActionError("Saringan tidak dapat dibaca.")
        try:
            views.save(
                site.view().role.id,
                str(asked.get("nama", "")),
                {str(key): str(value) for key, value in params.items()},
                known=(*FILTERS, "wilayah"),
                at=site.clock.now(),
            )
        except ViewError as error:
            raise ActionError(str(error)) from None
        return {"views": _kept(views.of(site.view().role.id))}

    def forget() -> dict[str, Any]:
        number = request.get_json().get("id")
        if not isinstance(number, int) or not views.remove(site.view().role.id, number):
            raise ActionError("Tampilan itu sudah tidak ada.")
        return {"views": _kept(views.of(site.view().role.id))}

    site.page(
        __name__,
        path=PATH,
        template=TEMPLATE,
        title="Pengaduan",
        icon="complaint",
        order=60,
        roles=ROLES,
        layout=layout,
    )
    site.action(SAVE, save, roles=ROLES)
    site.action(FORGET, forget, roles=ROLES)


def complaint_list(page: Page, rows: Sequence[Row], asked: Asked, view: View) -> Component:
    """Draw one page of complaints.

    Args:
        page: As found.
        rows: What is said of them, as `data.complaints.told` returns it.
        asked: What was looked for.
        view: With the parameters of the panel.
    """
    if not rows:
        return html.Div([_nothing(page, asked), _pager(page, rows, view)])
    return html.Div(
        [
            _table(rows, view.as_of.event_time),
            _looked(page),
            _pager(page, rows, view),
        ]
    )


def counts(row: Row, since: datetime, until: datetime, *, cut_short: bool) -> Component:
    """Draw how many complaints answer to the search.

    Args:
        row: That of `complaints_counted`.
        since: Beginning of what was counted.
        until: End of it.
        cut_short: The search reaches further back than that.
    """
    if not row["found"]:
        return html.P("Tidak ada laporan yang cocok dalam periode ini", className="key-note")
    period = f"{_day(since)}–{_day(until)}"
    told: list[Any] = [
        html.Span([html.Strong(words.number(row["found"])), " laporan"]),
        html.Span([html.Strong(words.number(row["open"])), " terbuka"]),
        html.Span([html.Strong(words.number(row["late"])), " terbuka dan terlambat"]),
        html.Span([html.Strong(words.number(row["late_done"])), " selesai terlambat"]),
    ]
    if row["unjudged"]:
        told.append(html.Span([html.Strong(words.number(row["unjudged"])), " tidak dapat dinilai"]))
    told.append(html.Span(f"masuk {period}" + (" (setahun terakhir)" if cut_short else "")))
    return html.P(told, className="complaint-counts")


def surges(places: Sequence[Row], categories: Sequence[Row]) -> Component:
    """Draw where and of what more comes in than usual.

    Args:
        places: Rows of `complaint_bursts` inside the area.
        categories: Rows of `complaints_surging`.
    """
    hot = _hot(places)
    much = _hot(categories)
    if not hot and not much:
        return parts.empty(
            "Tidak ada lonjakan", "Tiap tempat dan kategori dibandingkan dengan kebiasaannya."
        )
    return html.Div(
        [
            _surge_list("Tempat, tiga jam terakhir", hot, "wilayah", "kelurahan_code", "name"),
            _surge_list("Kategori, 24 jam terakhir", much, "kategori", "category", "category"),
        ],
        className="surges",
    )


def channel_table(rows: Sequence[Row], period: str) -> Component:
    """Draw the channels beside each other.

    Args:
        rows: Those of `complaints_channels`.
        period: When what is counted came in, as `data.words.period` writes it.
    """
    if not rows:
        return parts.empty("Tidak ada laporan dalam periode ini", period)
    total = sum(row["received"] for row in rows)
    drawn = table(
        ["kanal", "laporan", "berkoordinat", "tepat waktu", "median"],
        [
            html.Tr(
                [
                    html.Th(_go("kanal", row["channel"], row["channel"]), scope="row"),
                    cell(
                        "laporan",
                        [
                            words.number(row["received"]),
                            html.Small(words.percent(row["received"] / total)),
                        ],
                        "number stacked",
                    ),
                    cell(
                        "berkoordinat",
                        words.percent(row["geotagged"] / row["received"], 0),
                        "number",
                    ),
                    cell(
                        "tepat waktu",
                        [
                            words.percent(row["on_time"] / row["due"] if row["due"] else None),
                            html.Small(f"dari {words.number(row['due'])}"),
                        ],
                        "number stacked",
                    ),
                    cell("median", boards_words.hours(row["hours_p50"]), "number"),
                ]
            )
            for row in rows
        ],
    )
    mark = parts.simulated_mark() if any(row["simulated"] for row in rows) else None
    return html.Div([html.P([mark, f" Laporan masuk {period}."], className="figure-note"), drawn])


def _table(rows: Sequence[Row], now: datetime) -> Component:
    heads = ["laporan", "tempat", "masuk", "status", "batas waktu"]
    return html.Div(
        table(heads, [_complaint(row, now) for row in rows]), className="complaint-table"
    )


def _complaint(row: Row, now: datetime) -> Component:
    shape, word, note = due_word(row, now)
    return html.Tr(
        [
            cell(
                "laporan",
                [
                    html.Span(
                        [
                            html.A(
                                row["category"] or "Tanpa kategori",
                                href=f"{PATH}/{row['complaint_id']}",
                                className="complaint-name",
                                **{"data-act": "visit"},
                            ),
                            " ",
                            html.Code(row["complaint_id"]),
                        ]
                    ),
                    html.Small(_snippet(row["text"])),
                    _joined(row),
                ],
                "stacked complaint-what",
            ),
            cell(
                "tempat",
                [
                    f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar wilayah",
                    html.Small(row["address"] or "tempat tidak disebut"),
                ],
                "stacked",
            ),
            cell(
                "masuk",
                [
                    html.Time(
                        words.short_moment(row["created_at"]),
                        dateTime=row["created_at"].isoformat(),
                    ),
                    html.Small(row["channel"] or "kanal tidak disebut"),
                ],
                "stacked",
            ),
            cell(
                "status",
                [
                    status_word(row["status"])
                    + (f", {row['reopened']}× dibuka kembali" if row["reopened"] else ""),
                    html.Small(office(row["agency"])),
                ],
                "stacked",
            ),
            cell(
                "batas waktu",
                [
                    html.Span([swatch(shape, "--map-ink"), word], className="due"),
                    html.Small(note),
                ],
                "stacked",
            ),
        ],
        className="is-overdue" if shape == "speech-full" and not row["closed"] else "",
    )


def _joined(row: Row) -> Component | None:
    others = row["joined"]
    if not others:
        return None
    return html.Details(
        [
            html.Summary(f"{len(others) + 1} laporan"),
            html.Ul(
                [
                    html.Li(
                        [
                            html.A(
                                one["complaint_id"],
                                href=f"{PATH}/{one['complaint_id']}",
                                **{"data-act": "visit"},
                            ),
                            f" {words.short_moment(one['created_at'])} · {one['channel']} ·"
                            f" {status_word(one['status'])}",
                        ]
                    )
                    for one in others
                ]
            ),
        ],
        className="complaint-joined",
    )


def _snippet(text: str | None) -> str:
    if not text:
        return "tanpa isi"
    return text if len(text) <= SNIPPET else f"{text[:SNIPPET].rsplit(' ', 1)[0]}…"


def _nothing(page: Page, asked: Asked) -> Component:
    if page.looked_until is not None:
        return parts.empty(
            "Belum ditemukan laporan yang cocok",
            f"Sudah dicari {'sampai' if asked.search.oldest_first else 'mundur sampai'}"
            f" {words.day(page.looked_until, weekday=False)}.",
        )
    hint = "Longgarkan saringan, atau pilih periode dan wilayah lain."
    if asked.search.words and asked.search.since is None:
        hint = "Kata dicari dalam 30 hari terakhir; pilih tanggal awal untuk mencari lebih jauh."
    return _note("Tidak ada laporan yang cocok dengan saringan ini", hint)


def _looked(page: Page) -> Component | None:
    if page.looked_until is None:
        return None
    day = words.day(page.looked_until, weekday=False)
    return html.P(f"Sudah dicari sampai {day}.", className="figure-note")


def _pager(page: Page, rows: Sequence[Row], view: View) -> Component:
    turn = {"data-act": "halaman", "data-value": str(page.next) if page.next else ""}
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    return html.Nav(
        [
            html.Button(
                "Sebelumnya",
                type="button",
                className="choice",
                disabled=START not in view.params,
                **{"data-act": "halaman-kembali"},
            ),
            html.Span(
                f"{len(rows)} kejadian, masuk {words.short_moment(first['created_at'])} –"
                f" {words.short_moment(last['created_at'])} WIB"
                if first and last
                else "",
                className="figure-note",
            ),
            html.Button(
                "Cari lebih jauh" if page.looked_until else "Berikutnya",
                type="button",
                className="choice",
                disabled=page.next is None,
                **turn,
            ),
            html.Span(
                [
                    html.Button(
                        f"Unduh {kind.upper()}",
                        type="button",
                        className="link",
                        **{"data-act": "unduh-pengaduan", "data-kind": kind},
                    )
                    for kind in pengaduan_unduh.KINDS
                ],
                className="complaint-download",
            ),
        ],
        className="complaint-pager",
        **{"aria-label": "Halaman daftar"},
    )


def _hot(rows: Sequence[Row]) -> list[Row]:
    """Return the rows whose count chance alone would hardly bring, least likely first."""
    judged = [
        row | {"tail": float(poisson.sf(row["received"] - 1, row["usual"]))}
        for row in rows
        if row["received"] >= LEAST_SURGE
    ]
    found = [row for row in judged if row["tail"] < SURGE_TAIL]
    return sorted(found, key=lambda row: (row["tail"], -row["received"]))[:SURGES]


def _surge_list(
    title: str, rows: Sequence[Row], param: str, key: str, name: str
) -> Component | None:
    if not rows:
        return html.P(f"{title}: seperti biasanya", className="figure-note")
    most = max(row["received"] for row in rows)
    return html.Div(
        [
            html.H3(title),
            html.Ol(
                [
                    html.Li(
                        [
                            _go(param, row[key], row[name]),
                            html.Span(
                                [
                                    html.Strong(words.number(row["received"])),
                                    f" · biasanya {words.number(row['usual'], 1)}",
                                ]
                            ),
                            html.I(style={"width": f"{100 * row['received'] / most:.0f}%"}),
                        ]
                    )
                    for row in rows
                ],
                className="surge-list",
            ),
        ]
    )


def _go(param: str, value: str, word: str) -> Component:
    return html.Button(
        word,
        type="button",
        className="link",
        title=f"Hanya {word}",
        **{"data-act": "saring", "data-name": param, "data-value": value},
    )


def _saved(kept: Sequence[SavedView]) -> Component:
    return html.Div(
        [
            html.Span("Tampilan", className="figure-label"),
            *(
                html.Button(
                    view.name,
                    type="button",
                    className="choice",
                    **{"data-act": "tampilan", "data-go": orjson.dumps(view.params).decode()},
                )
                for view in DEFAULTS
            ),
            # Filled by assets/pengaduan.js, which hears of each change.
            html.Span(
                id="tampilan-tersimpan",
                className="complaint-kept",
                **{"data-views": orjson.dumps(_kept(kept)).decode()},
            ),
            html.Button(
                "Simpan tampilan…",
                type="button",
                className="link",
                **{"data-act": "simpan-tampilan"},
            ),
            html.Button(
                "Salin tautan", type="button", className="link", **{"data-act": "salin-tautan"}
            ),
        ],
        id="pengaduan-tampilan",
        className="complaint-views",
        role="group",
        **{"aria-label": "Tampilan tersimpan"},
    )


def _kept(kept: Sequence[SavedView]) -> list[dict[str, Any]]:
    """Return saved views as assets/pengaduan.js draws them."""
    return [{"id": view.id, "name": view.name, "params": view.params} for view in kept]


def _options() -> dict[str, Any]:
    """Return what the form may choose from, as assets/pengaduan.js reads it."""
    return {
        "status": [
            [key, STATE_WORDS.get(key) or status_word(key)] for key in complaint_search.states()
        ],
        "kategori": [[name, name] for name in complaint_search.categories()],
        "kanal": [[name, name] for name in complaint_search.channels()],
        "pd": [[name, office(name)] for name in complaint_search.main_units()],
        "filters": FILTERS,
    }


def _day(moment: datetime) -> str:
    return words.day(moment, weekday=False)


def _draw_list(lake: Lake, view: View) -> Component:
    asked = asked_of(view)
    if asked.problems:
        return _unreadable(*asked.problems)
    if asked.number:
        return _one(lake, asked.number, view)
    start = view.params.get(START)
    cursor = Cursor.read(start) if start else None
    if start and cursor is None:
        return _unreadable("Halaman ini tidak dikenal; mulai dari awal.")
    page = complaints.find(lake, view.as_of, asked.search, most=ROWS, after=cursor)
    return complaint_list(page, complaints.told(lake, view.as_of, page.rows), asked, view)


def _unreadable(*problems: str) -> Component:
    return _note("Saringan ini tidak dapat dijawab", *problems)


def _note(title: str, *lines: str) -> Component:
    """Return why there is no list, with the way back to all of it."""
    return html.Div(
        [
            html.P(title, className="note-title"),
            *(html.P(line) for line in lines),
            html.Button(
                "Hapus semua saringan",
                type="button",
                className="choice",
                **{"data-act": "tampilan", "data-go": "{}"},
            ),
        ],
        className="note note-empty",
    )


def _one(lake: Lake, number: str, view: View) -> Component:
    found = queries.complaint_one(lake, view.as_of, number)
    if not found:
        return parts.empty(
            f"Tidak ada laporan bernomor {number[:40]}",
            "Periksa nomornya, misalnya JK2611220264; pada putar ulang mungkin belum masuk.",
        )
    return _table([found[-1] | {"joined": []}], view.as_of.event_time)


def _draw_count(lake: Lake, view: View) -> Component:
    asked = asked_of(view)
    if asked.problems or asked.number:
        told = "Saringan tidak dapat dijawab" if asked.problems else "Dicari menurut nomor laporan"
        return html.P(told, className="key-note")
    since, until = asked.search.window(view.as_of.event_time)
    begin = max(since, until - COUNTED)
    row = queries.complaints_counted(
        lake,
        view.as_of,
        asked.search.area,
        since=begin,
        until=until,
        **complaints.filters(asked.search, view.as_of),
    )
    return counts(row, begin, min(until, view.as_of.event_time), cut_short=begin > since)


def _surging(lake: Lake, view: View) -> tuple[list[Row], list[Row]]:
    places = [
        row
        for row in queries.complaint_bursts(lake, view.as_of)
        if view.area == "31" or row["kelurahan_code"].startswith(view.area)
    ]
    return places, queries.complaints_surging(lake, view.as_of, view.area)


def _draw_surges(lake: Lake, view: View) -> Component:
    return surges(*_surging(lake, view))


def _list_surges(lake: Lake, view: View) -> list[Row]:
    places, categories = _surging(lake, view)
    return [
        *(
            {"jenis": "tempat", "nama": row["name"], "masuk": row["received"]}
            | {"biasanya": row["usual"]}
            for row in _hot(places)
        ),
        *(
            {"jenis": "kategori", "nama": row["category"], "masuk": row["received"]}
            | {"biasanya": row["usual"]}
            for row in _hot(categories)
        ),
    ]


def _channel_days(search: Search, cut: date) -> tuple[date, date]:
    """Return from which day until which (exclusive) channels are compared."""
    until = min(search.until + timedelta(days=1), cut) if search.until else cut
    span = timedelta(days=CHANNEL_DAYS)
    since = search.since or max(until, date.min + span) - span
    return since, until


def _draw_channels(lake: Lake, view: View) -> Component:
    asked = asked_of(view)
    if asked.problems:
        return parts.empty("Saringan ini tidak dapat dijawab")
    since, until = _channel_days(asked.search, boards.cut_of(view.as_of))
    if since >= until:
        return parts.empty("Hari ini baru dihitung sesudah pukul 24.00 WIB")
    last = until - timedelta(days=1)
    return channel_table(_list_channels(lake, view), words.period(since, last))


def _list_channels(lake: Lake, view: View) -> list[Row]:
    asked, cut = asked_of(view), boards.cut_of(view.as_of)
    if asked.problems:
        return []
    since, until = _channel_days(asked.search, cut)
    return queries.complaints_channels(
        lake,
        view.area,
        since=since,
        until=until,
        cut=cut,
        category=asked.search.category,
        channel=asked.search.channel,
    )


def _panels() -> tuple[Panel, Panel, Panel, Panel]:
    return (
        Panel(
            id="pengaduan-daftar",
            title="Laporan",
            feeds=FEEDS,
            roles=ROLES,
            render=_draw_list,
            params=(*FILTERS, START),
            how="Satu baris adalah satu kejadian: laporan pertama, dengan laporan lain berkategori"
            " sama dalam 50 m dan 3 jam sesudahnya (“3 laporan”). Batas waktu dihitung dari saat"
            " masuk menurut aturan yang berlaku pada hari itu; sebelum aturan pertama tidak dapat"
            " dinilai. Keadaan tiap laporan adalah yang diketahui pada saat yang ditampilkan.",
            queries=("complaints_found", "complaints_told"),
            tables=("complaint_versions",),
        ),
        Panel(
            id="pengaduan-jumlah",
            title="Jumlah",
            feeds=FEEDS,
            roles=ROLES,
            render=_draw_count,
            params=FILTERS,
            how="Laporan yang cocok dengan saringan, laporan gabungan ikut dihitung; paling jauh"
            " setahun sebelum akhir periode.",
            queries=("complaints_counted",),
            tables=("complaint_versions",),
        ),
        Panel(
            id="pengaduan-ramai",
            title="Sedang ramai",
            feeds=FEEDS,
            roles=ROLES,
            render=_draw_surges,
            rows=_list_surges,
            how="Laporan tiga jam terakhir tiap kelurahan terhadap rata-rata jam yang sama 28 hari"
            " sebelumnya, dan laporan 24 jam terakhir tiap kategori terhadap rata-rata sehari."
            " Ditampilkan bila peluang kebetulannya di bawah 1 banding 10.000 (sebaran Poisson).",
            queries=("complaint_bursts", "complaints_surging"),
            tables=("complaint_versions",),
        ),
        Panel(
            id="pengaduan-kanal",
            title="Kanal pengaduan",
            feeds=DAILY,
            roles=ROLES,
            render=_draw_channels,
            rows=_list_channels,
            params=("dari", "sampai", "kategori", "kanal"),
            how=f"Laporan yang masuk dalam periode saringan, atau {CHANNEL_DAYS} hari terakhir,"
            " sampai pukul 24.00 WIB kemarin. Berkoordinat: titik dari perangkat pelapor. Tepat"
            " waktu: selesai dalam waktu menurut aturan hari masuk, dibagi yang sudah jatuh tempo."
            " Median: dari masuk sampai selesai.",
            queries=("complaints_channels",),
            tables=("complaint_versions",),
        ),
    )
