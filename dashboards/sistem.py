"""Sistem: every feed with state, runs, refused rows, and the catalogue of the data.

URL    /sistem?sumber=dsda_levels    a shared link opens on the same feed
Reads  feeds, feed_states, runs, runs_hourly, quarantine_reasons, quarantine_rows, catalogue
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import dash_ag_grid as dag
from dash import Input, Output, State, html
from dash.development.base_component import Component
from flask import Response, abort

from dashboards import parts
from dashboards.access import STAFF
from dashboards.panels import Panel, View, answer, panel_slot, to_bytes
from dashboards.site import Site
from dashboards.versions import ANY_FEED
from data import queries, words
from data.feeds import Feed
from data.freshness import ORDER
from data.lake import Lake
from data.queries import Row
from data.schema import SYSTEM, meaning
from data.tables import TABLES, Column

PATH = "/sistem"
TABLE_ROUTE = "/sistem/tabel/<name>"
GRID = "karantina"
FEED = "sumber"
DAY = timedelta(days=1)
HOURS = 24
RUNS_SHOWN = 40
REASONS_SHOWN = 12
REASON_WINDOW = timedelta(days=30)

FEED_HEAD = ("Keadaan", "Sumber data", "Data per", "Jalan terakhir", "Jadwal", "24 jam terakhir")
COUNT_HEAD = ("Dibaca", "Baru", "Tetap", "Karantina")
OUTCOMES = {
    "ok": "Berhasil",
    "empty": "Nihil",
    "unchanged": "Tidak berubah",
    "partial": "Sebagian",
    "failed": "Gagal",
}

COLUMNS = [
    {"field": "recorded_at", "headerName": "Waktu (WIB)", "width": 160, "sortable": False},
    {"field": "feed", "headerName": "Sumber data", "width": 170, "sortable": False},
    {
        "field": "field",
        "headerName": "Kolom",
        "width": 150,
        "sortable": False,
        "filter": "agTextColumnFilter",
        "floatingFilter": True,
        "suppressHeaderMenuButton": True,
        "filterParams": {"filterOptions": ["contains"], "maxNumConditions": 1},
    },
    {
        "field": "reason",
        "headerName": "Alasan",
        "flex": 2,
        "minWidth": 240,
        "sortable": False,
        "filter": "agTextColumnFilter",
        "floatingFilter": True,
        "suppressHeaderMenuButton": True,
        "filterParams": {"filterOptions": ["contains"], "maxNumConditions": 1},
    },
    {
        "field": "raw",
        "headerName": "Isi baris",
        "flex": 3,
        "minWidth": 260,
        "sortable": False,
        "cellClass": "mono",
    },
]


def mount(site: Site) -> None:
    """Put the page on the site."""
    overview, sources, history, reasons, catalogue = panels = _panels(site)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Sistem dan sumber data"),
                panel_slot(overview, class_name="wide"),
                panel_slot(sources, class_name="wide"),
                panel_slot(history),
                panel_slot(reasons),
                _quarantine_section(),
                panel_slot(catalogue, class_name="wide"),
            ],
            className="page page-grid",
        )

    site.panels(*panels)
    site.page(
        __name__, path=PATH, title="Sistem", icon="system", order=120, roles=STAFF, layout=layout
    )

    @site.callback(
        Output(GRID, "getRowsResponse"),
        Input(GRID, "getRowsRequest"),
        State("alamat", "data"),
        roles=STAFF,
        prevent_initial_call=True,
    )
    def page_of_quarantine(request: dict[str, Any] | None, address: Any) -> dict[str, Any]:
        return quarantine_page(site.lake, site.clock.now(), request or {}, _chosen(address))

    site.route(TABLE_ROUTE, _columns_answer, roles=STAFF)
    # The address is there on every page, the grid only on this one.
    site.clientside("refreshGrid", Input("alamat", "data"), Input(GRID, "id", allow_optional=True))
    site.clientside("showRow", Input(GRID, "cellClicked"), prevent_initial_call=True)


def quarantine_page(
    lake: Lake, now: datetime, request: Mapping[str, Any], feed: str | None
) -> dict[str, Any]:
    """Answer the grid's request for rows: those refused up to `now`, of one feed or of all."""
    start = max(0, int(request.get("startRow") or 0))
    end = int(request.get("endRow") or start + 100)
    rows = queries.quarantine_rows(
        lake,
        until=now,
        feed=feed,
        reason=_sought(request, "reason"),
        field=_sought(request, "field"),
        skip=start,
        most=min(max(end - start, 1), 500),
    )
    return {
        "rowData": [
            {
                "id": row["id"],
                "recorded_at": words.short_moment(row["recorded_at"]),
                "feed": row["feed"],
                "field": row["field"] or words.NOTHING,
                "reason": row["reason"],
                "raw": row["raw"],
            }
            for row in rows
        ],
        "rowCount": rows[0]["found"] if rows else start,
    }


def feed_table(
    feeds: Sequence[Feed], hours: Sequence[Row], now: datetime, chosen: str | None
) -> Component:
    """Draw one row a feed: its state, its age, its runs and counts of the last day.

    `hours` are rows of the query `runs_hourly` for the day before `now`.
    """
    by_feed: dict[str, list[Row]] = {}
    for row in hours:
        by_feed.setdefault(row["feed"], []).append(row)

    def table(shown: Sequence[Feed]) -> Component:
        rows = [_feed_row(feed, by_feed.get(feed.name, []), now, chosen) for feed in shown]
        return _table(FEED_HEAD, COUNT_HEAD, rows, class_name="feed-table")

    ordered = sorted(feeds, key=lambda feed: (-ORDER.index(feed.state), feed.title))
    others = [feed for feed in ordered if not feed.scheduled]
    return html.Div(
        [
            table([feed for feed in ordered if feed.scheduled]),
            html.Details(
                [
                    html.Summary(f"{len(others)} sumber lain: berkas riwayat dan yang belum aktif"),
                    table(others),
                ],
                className="more",
            )
            if others
            else None,
        ]
    )


def run_table(rows: Sequence[Row], titles: Mapping[str, str]) -> Component:
    """Draw the newest runs; `rows` are those of the query `runs`, `titles` name the feeds."""
    if not rows:
        return parts.empty("Belum ada proses yang berjalan dalam tujuh hari terakhir.")
    head = ("Selesai (WIB)", "Sumber data", "Hasil")
    numbers = (*COUNT_HEAD, "Ukuran", "Lama")
    return _table(head, numbers, [_run_row(row, titles) for row in rows], tall=True)


def reason_list(rows: Sequence[Row], titles: Mapping[str, str]) -> Component:
    """Draw why rows were refused; `rows` are those of the query `quarantine_reasons`."""
    if not rows:
        return parts.empty("Tidak ada baris yang ditolak dalam 30 hari terakhir.")
    most = max(row["rows"] for row in rows)
    return html.Ol(
        [
            html.Li(
                [
                    html.Div(
                        [
                            html.Code(row["field"]) if row["field"] else None,
                            html.Span(row["reason"]),
                        ],
                        className="reason-text",
                    ),
                    html.Div(
                        [
                            html.Span(titles.get(row["feed"], row["feed"])),
                            " · ",
                            parts.age(row["newest"]),
                        ],
                        className="reason-source",
                    ),
                    html.Div(words.number(row["rows"]), className="reason-count"),
                    html.Div(
                        className="reason-bar",
                        style={"width": f"{100 * row['rows'] / most:.1f}%"},
                    ),
                ]
            )
            for row in rows
        ],
        className="reasons",
    )


def catalogue_table(rows: Sequence[Row], feeds: Sequence[Feed]) -> Component:
    """Draw the catalogue: each table with rows, newest event, sources and licences.

    `rows` are those of the query `catalogue`.
    """
    head = ("Tabel", "Satu baris adalah", "Sumber dan lisensi", "Kejadian terbaru")
    return _table(head, ("Baris",), [_table_row(row, feeds) for row in rows], tall=True)


def column_table(name: str) -> Component:
    """Draw the columns of one table with type, unit, meaning and the range that can be true."""
    rows = [
        html.Tr(
            [
                html.Th(html.Code(column.name), scope="row"),
                _cell("Jenis", column.type),
                _cell("Satuan", column.unit or words.NOTHING),
                _cell("Arti", column.meaning),
                _cell("Rentang sah", _range(column)),
            ]
        )
        for column in _columns(name)
    ]
    return _table(("Kolom", "Jenis", "Satuan", "Arti", "Rentang sah"), (), rows)


def _panels(site: Site) -> tuple[Panel, Panel, Panel, Panel, Panel]:
    def titles() -> dict[str, str]:
        return {feed.name: feed.title for feed in site.versions.feeds().values()}

    def draw_overview(lake: Lake, view: View) -> Component:
        until = view.as_of.known_time
        hours = queries.runs_hourly(lake, since=until - DAY, until=until)
        return _overview(list(site.versions.at(view.as_of).values()), hours)

    def draw_sources(lake: Lake, view: View) -> Component:
        until = view.as_of.known_time
        hours = queries.runs_hourly(lake, since=until - DAY, until=until)
        feeds = list(site.versions.at(view.as_of).values())
        if not feeds:
            return parts.empty(
                "Belum ada sumber data yang terdaftar.",
                "Jalankan penjadwal: python -m etl schedule.",
            )
        return feed_table(feeds, hours, until, view.params.get(FEED))

    def list_sources(_lake: Lake, view: View) -> list[Row]:
        return [_feed_export(feed) for feed in site.versions.at(view.as_of).values()]

    def list_runs(lake: Lake, view: View) -> list[Row]:
        until = view.as_of.known_time
        feed = view.params.get(FEED)
        return queries.runs(lake, since=until - 7 * DAY, until=until, feed=feed, most=RUNS_SHOWN)

    def list_reasons(lake: Lake, view: View) -> list[Row]:
        until = view.as_of.known_time
        return queries.quarantine_reasons(
            lake,
            since=until - REASON_WINDOW,
            until=until,
            feed=view.params.get(FEED),
            most=REASONS_SHOWN,
        )

    return (
        Panel(
            id="sistem-ringkas",
            title="Ringkasan 24 jam",
            feeds=(ANY_FEED,),
            roles=STAFF,
            render=draw_overview,
            how="Keadaan sumber data yang dijadwalkan pada saat ini; jumlah proses dan baris dari"
            " catatan proses 24 jam terakhir.",
            queries=("feeds", "feed_states", "runs_hourly"),
        ),
        Panel(
            id="sistem-sumber",
            title="Sumber data",
            feeds=(ANY_FEED,),
            roles=STAFF,
            render=draw_sources,
            rows=list_sources,
            params=(FEED,),
            how="Umur dihitung dari kejadian terbaru, atau dari pengambilan terakhir yang berhasil"
            " untuk sumber yang wajar bila sepi. Terlambat dan kedaluwarsa menurut batas tiap"
            " sumber; terputus bila proses terakhir gagal dan umur melewati batas terlambat; nihil"
            " bila muatan terakhir sah tetapi kosong. Kolom jumlah adalah total 24 jam terakhir.",
            queries=("feeds", "feed_states", "runs_hourly"),
        ),
        Panel(
            id="sistem-riwayat",
            title="Riwayat proses",
            feeds=(ANY_FEED,),
            roles=STAFF,
            render=lambda lake, view: run_table(list_runs(lake, view), titles()),
            rows=list_runs,
            params=(FEED,),
            how=f"{RUNS_SHOWN} proses terakhir dalam tujuh hari."
            " Dibaca = baru + tetap + karantina.",
            queries=("runs",),
        ),
        Panel(
            id="sistem-alasan",
            title="Alasan penolakan baris",
            feeds=(ANY_FEED,),
            roles=STAFF,
            render=lambda lake, view: reason_list(list_reasons(lake, view), titles()),
            rows=list_reasons,
            params=(FEED,),
            how="Baris yang ditolak dalam 30 hari terakhir menurut sumber, kolom dan alasan; angka"
            " di dalam alasan disamakan agar kesalahan yang sama terhitung satu.",
            queries=("quarantine_reasons",),
        ),
        Panel(
            id="sistem-katalog",
            title="Katalog data",
            feeds=(),
            roles=STAFF,
            render=lambda lake, _view: catalogue_table(
                queries.catalogue(lake), list(site.versions.feeds().values())
            ),
            rows=lambda lake, _view: queries.catalogue(lake),
            how="Tabel di gudang data dengan satuan dan arti tiap kolom. Jumlah baris dan kejadian"
            " terbaru berasal dari catatan DuckLake, diperbarui paling lama lima menit sekali.",
            queries=("catalogue",),
        ),
    )


def _overview(feeds: Sequence[Feed], hours: Sequence[Row]) -> Component:
    scheduled = [feed for feed in feeds if feed.scheduled]
    good = [feed for feed in scheduled if feed.state in ("fresh", "empty")]
    runs, failed, fetched, loaded, refused = (
        sum(row[name] for row in hours)
        for name in ("runs", "failed", "fetched", "loaded", "quarantined")
    )
    return html.Div(
        [
            parts.figure(
                len(good), label="Sumber terkini", note=f"dari {len(scheduled)} yang dijadwalkan"
            ),
            parts.figure(
                runs, label="Proses", note=f"{words.number(failed)} gagal dalam 24 jam terakhir"
            ),
            parts.figure(
                loaded, label="Baris baru", note=f"dari {words.number(fetched)} baris dibaca"
            ),
            parts.figure(
                refused,
                label="Baris ditolak",
                note=f"{words.percent(refused / fetched if fetched else None, 2)} dari yang dibaca",
            ),
        ],
        className="figures",
    )


def _table(
    head: Sequence[str],
    numbers: Sequence[str],
    rows: Sequence[Component],
    *,
    tall: bool = False,
    class_name: str = "",
) -> Component:
    """Draw a table that scrolls by itself; `numbers` head the columns of figures on its right."""
    return html.Div(
        html.Table(
            [
                html.Thead(
                    html.Tr(
                        [
                            *(html.Th(text, scope="col") for text in head),
                            *(html.Th(text, scope="col", className="number") for text in numbers),
                        ]
                    )
                ),
                html.Tbody(rows),
            ],
            className=f"table {class_name}".strip(),
        ),
        className="table-scroll tall" if tall else "table-scroll",
        tabIndex=0,
    )


def _feed_row(feed: Feed, hours: Sequence[Row], now: datetime, chosen: str | None) -> Component:
    run = feed.run or {}
    is_chosen = feed.name == chosen
    totals = [
        sum(row[name] or 0 for row in hours) if hours else None
        for name in ("fetched", "loaded", "unchanged", "quarantined")
    ]
    error = run.get("error")
    return html.Tr(
        [
            _cell("Keadaan", parts.state_mark(feed.state)),
            html.Th(
                [
                    html.Button(
                        feed.title,
                        className="link",
                        title="Saring riwayat dan karantina menurut sumber ini",
                        **{
                            "data-act": "go",
                            "data-name": FEED,
                            "data-value": "" if is_chosen else feed.name,
                            "aria-pressed": "true" if is_chosen else "false",
                        },
                    ),
                    html.Div(
                        [
                            html.Code(feed.name),
                            parts.simulated_mark() if feed.simulated else None,
                        ],
                        className="feed-name",
                    ),
                    html.Div(error, className="feed-error") if error else None,
                ],
                scope="row",
            ),
            _cell("Data per", parts.age(feed.moment)),
            _cell(
                "Jalan terakhir",
                [parts.age(run.get("ran_at")), html.Div(_outcome(run.get("outcome")))],
            ),
            _cell("Jadwal", _schedule(feed)),
            _cell("24 jam", _hour_strip(hours, now)),
            *(
                _cell(label, words.number(total), "number")
                for label, total in zip(COUNT_HEAD, totals, strict=True)
            ),
        ],
        className="is-chosen" if is_chosen else "",
    )


def _run_row(row: Row, titles: Mapping[str, str]) -> Component:
    counts = [words.number(row[name]) for name in ("fetched", "loaded", "unchanged", "quarantined")]
    return html.Tr(
        [
            _cell("Selesai", words.short_moment(row["finished_at"])),
            _cell("Sumber data", titles.get(row["feed"], row["feed"])),
            _cell(
                "Hasil",
                [
                    _outcome(row["outcome"]),
                    " · berkas riwayat" if row["history"] else None,
                    html.Div(row["error"], className="feed-error") if row["error"] else None,
                ],
            ),
            *(_cell(label, text, "number") for label, text in zip(COUNT_HEAD, counts, strict=True)),
            _cell("Ukuran", words.size(row["bytes"]), "number"),
            _cell("Lama", f"{words.number(row['seconds'], 1)} dtk", "number"),
        ]
    )


def _cell(label: str, content: Any, class_name: str = "") -> Component:
    return html.Td(content, className=class_name, **{"data-label": label})


def _outcome(outcome: str | None) -> Component:
    if outcome is None:
        return html.Span("belum pernah jalan", className="outcome outcome-none")
    return html.Span(OUTCOMES[outcome], className=f"outcome outcome-{outcome}")


def _schedule(feed: Feed) -> list[Any]:
    every = feed.declared["every_s"]
    if every is None:
        return ["berkas riwayat"]
    late, expired = feed.budget.late, feed.budget.expired
    return [
        f"tiap {words.duration(timedelta(seconds=every))}"
        if feed.scheduled
        else "tidak dijadwalkan",
        html.Div(
            f"batas {words.duration(late)} / {words.duration(expired)}"
            if late is not None and expired is not None
            else None,
            className="feed-budget",
        ),
    ]


def _hour_strip(hours: Sequence[Row], now: datetime) -> Component:
    """Draw a day as one cell an hour, oldest first; an hour without a run stays hollow."""
    newest = now.replace(minute=0, second=0, microsecond=0)
    by_age = {round((newest - row["hour"]).total_seconds() / 3600): row for row in hours}
    cells = []
    for hours_ago in range(HOURS - 1, -1, -1):
        row = by_age.get(hours_ago)
        if row is None:
            kind, told = "none", "tidak ada proses"
        elif row["failed"] == row["runs"]:
            kind, told = "failed", f"{row['failed']} gagal"
        elif row["failed"] or row["quarantined"]:
            kind = "partial"
            told = (
                f"{row['runs']} proses, {row['failed']} gagal, {row['quarantined']} baris ditolak"
            )
        else:
            kind, told = "ok", f"{row['runs']} proses"
        hour = words.clock(newest - timedelta(hours=hours_ago))
        cells.append(html.I(className=f"hour hour-{kind}", title=f"{hour}: {told}"))
    failed = sum(row["failed"] for row in hours)
    return html.Div(
        [*cells, html.Span(f"{failed} proses gagal", className="visually-hidden")],
        className="hours",
    )


def _table_row(row: Row, feeds: Sequence[Feed]) -> Component:
    name = row["table_name"]
    sources = [
        feed
        for feed in feeds
        if name in (feed.declared["tables"] or "").replace(" ", "").split(",")
    ]
    opener = {"data-act": "open", "data-url": TABLE_ROUTE.replace("<name>", name)}
    return html.Tr(
        [
            html.Th(
                html.Button(html.Code(name), className="link", **opener, title=f"Kolom {name}")
                if _columns(name)
                else html.Code(name),
                scope="row",
            ),
            _cell("Satu baris adalah", meaning(name)),
            _cell(
                "Sumber dan lisensi",
                [
                    html.Div([f"{feed.title} ", html.Small(feed.declared["licence"])])
                    for feed in sources
                ]
                or "program ini atau data/reference",
            ),
            _cell("Kejadian terbaru", parts.age(row["newest"])),
            _cell("Baris", words.number(row["row_count"]), "number"),
        ]
    )


def _columns_answer(name: str) -> Response:
    if not _columns(name):
        abort(404)
    return answer(to_bytes(column_table(name)))


def _columns(table: str) -> tuple[Column, ...]:
    if table in TABLES:
        return TABLES[table].all_columns
    return SYSTEM[table][1] if table in SYSTEM else ()


def _range(column: Column) -> str:
    if column.one_of:
        return ", ".join(column.one_of)
    if column.low is None or column.high is None:
        return words.NOTHING
    return f"{words.number(column.low)} … {words.number(column.high)}"


def _feed_export(feed: Feed) -> Row:
    run = feed.run or {}
    return {
        "feed": feed.name,
        "title": feed.title,
        "state": feed.state,
        "data_as_of": feed.moment,
        "last_run": run.get("ran_at"),
        "outcome": run.get("outcome"),
        "error": run.get("error"),
        "scheduled": feed.scheduled,
        "every_s": feed.declared["every_s"],
        "late_s": feed.declared["late_s"],
        "expired_s": feed.declared["expired_s"],
        "simulated": feed.simulated,
        "source": feed.declared["source"],
        "licence": feed.declared["licence"],
    }


def _quarantine_section() -> Component:
    return html.Section(
        [
            html.Header(
                [
                    html.H2("Karantina: baris yang ditolak", id="judul-karantina"),
                    html.Div(className="filter-note"),
                ],
                className="panel-head",
            ),
            dag.AgGrid(
                id=GRID,
                columnDefs=COLUMNS,
                rowModelType="infinite",
                getRowId="params.data.id",
                defaultColDef={
                    "resizable": True,
                    "tooltipValueGetter": {"function": "params.value"},
                },
                dashGridOptions={
                    "cacheBlockSize": 100,
                    "maxBlocksInCache": 10,
                    "rowHeight": 36,
                    "headerHeight": 36,
                    "floatingFiltersHeight": 40,
                    "suppressCellFocus": False,
                    "localeText": {
                        "noRowsToShow": "Tidak ada baris yang ditolak",
                        "loadingOoo": "Memuat…",
                        "ariaFilterInput": "Saring",
                    },
                },
                className="grid",
                style={"height": "460px"},
            ),
        ],
        className="panel wide",
        **{"aria-labelledby": "judul-karantina"},
    )


def _sought(request: Mapping[str, Any], column: str) -> str | None:
    wanted = (request.get("filterModel") or {}).get(column) or {}
    text = wanted.get("filter")
    return text if isinstance(text, str) and text else None


def _chosen(address: Any) -> str | None:
    query = address.get("query") if isinstance(address, dict) else None
    return parts.one(query.get(FEED)) if isinstance(query, dict) else None
