"""Wilayah: what a lurah, camat or wali kota does next, and what goes on in the area.

URL    /wilayah/31.71.01.1001?saring=24jam    a filter of the work list
       /wilayah/31.71.01?daftar=lain          what others hold there
       /wilayah                               the role's own area, or a choice of all
Reads  area_open, area_spots, area_months, area_categories, area_quality, area_backlog, unit_scores,
       rule_values, unit_times, flood_days, outlines, stints_begin, and what the live pages ask of
       an area

The area stands in the path; every panel reads it as any other page's `?wilayah=`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from dash import html
from dash.development.base_component import Component

from dashboards import (
    boards_kept,
    layers,
    maps,
    parts,
    wilayah_areas,
    wilayah_now,
    wilayah_record,
    wilayah_work,
)
from dashboards.access import EVERYONE, current_role
from dashboards.complaint_search import DAILY
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from dashboards.wilayah_areas import Area, areas
from dashboards.wilayah_record import Record
from data import boards, queries
from data.boards import Question
from data.lake import Lake
from data.queries import Row
from data.uploads import Uploads

PATH = wilayah_areas.PATH
MAP = "wilayah-peta"
WHOLE_CITY = "31"
# Of complaints a list says where exactly: that is for offices, not for everybody.
READERS = EVERYONE - {"publik"}
COMPLAINTS = layers.COMPLAINTS.feeds
MAP_LAYERS = (
    layers.COMPLAINTS,
    layers.SPOTS,
    layers.JAMS,
    layers.PUMPS,
    layers.AIR,
    layers.INUNDATIONS,
    layers.GATES,
)
PICK = "Pilih kelurahan, kecamatan atau kota"


def mount(site: Site) -> None:
    """Put the page, its map and its panels on the site."""
    panels = {panel.id: panel for panel in _panels(site)}
    site.panels(*panels.values())

    def layout(kode: str | None = None, wilayah: Any = None, **_query: Any) -> Component:
        asked = parts.one(kode) or parts.one(wilayah) or current_role().area
        area = areas().get(asked)
        if area is not None:
            return page(site, panels, area)
        return choose() if asked == WHOLE_CITY else unknown(asked)

    site.page(
        __name__,
        path=PATH,
        template=f"{PATH}/<kode>",
        title="Wilayah",
        icon="area",
        order=65,
        roles=READERS,
        layout=layout,
    )


def page(site: Site, panels: dict[str, Panel], area: Area) -> Component:
    """Return the page of one area."""
    is_open = site.access.may(current_role(), "panel:wilayah-kerja", area.code)

    def slot(name: str) -> Component:
        return panel_slot(panels[f"wilayah-{name}"], class_name=f"wilayah-{name}")

    return html.Main(
        [
            html.Header(
                [
                    html.Div([wilayah_areas.trail(area), html.H1(area.title)]),
                    html.Button(
                        "Cetak daftar kerja",
                        className="choice",
                        **{"data-act": "print"},
                    )
                    if is_open
                    else None,
                ],
                className="wilayah-kepala",
            ),
            *(
                [slot("bantuan") if area.level != "kelurahan" else None, slot("kerja")]
                if is_open
                else [_closed(area)]
            ),
            html.Div([slot("kini"), slot("sebelah")], className="wilayah-sisi"),
            html.Section(
                maps.map_view(site, MAP_LAYERS, id=MAP),
                className="wilayah-map",
                **{"aria-label": f"Peta {area.title}"},
            ),
            slot("catatan"),
            html.Div([slot("bulan"), slot("kategori")], className="wilayah-samping"),
        ],
        className=f"wilayah is-{area.level}",
        **{"data-area": area.code},
    )


def _closed(area: Area) -> Component:
    """Return what stands in place of the work list for those of another territory."""
    return html.Section(
        parts.empty(
            f"Daftar kerja {area.title} hanya bagi kantornya dan atasannya",
            "Catatan, tren dan keadaan wilayah tetap terbuka di bawah.",
        ),
        className="panel wilayah-tertutup",
    )


def choose() -> Component:
    """Return the choice of an area: a search over the areas of each kota."""
    return html.Main(
        [
            html.H1(PICK),
            html.Label(
                [
                    html.Span("Cari nama", className="figure-label"),
                    html.Div(**{"data-wilayah-cari": ""}),
                ],
                className="wilayah-cari",
            ),
            html.Div([_group(kota) for kota in areas().values() if kota.level == "kota"]),
        ],
        className="page wilayah-pilih",
    )


def _group(kota: Area) -> Component:
    return html.Section(
        [
            html.H2(wilayah_areas.link(kota)),
            *(
                html.Details(
                    [
                        html.Summary(kecamatan.title),
                        html.Ul(
                            [
                                html.Li(wilayah_areas.link(one))
                                for one in (
                                    kecamatan,
                                    *wilayah_areas.inside(kecamatan, "kelurahan"),
                                )
                            ]
                        ),
                    ]
                )
                for kecamatan in wilayah_areas.inside(kota, "kecamatan")
            ),
        ]
    )


def unknown(asked: str) -> Component:
    """Return the page of an address that names no area, with those that it may mean."""
    near = wilayah_areas.called(asked)
    return html.Main(
        [
            html.H1("Wilayah tidak dikenal"),
            html.P(f"Tidak ada wilayah dengan kode atau nama “{asked[:60]}”."),
            html.Div(
                [
                    html.P("Mungkin yang dimaksud:"),
                    html.Ul(
                        [
                            html.Li(
                                [
                                    wilayah_areas.link(one),
                                    " ",
                                    html.Span(
                                        ", ".join(
                                            [up.title for up in reversed(wilayah_areas.above(one))]
                                        ),
                                        className="figure-note",
                                    ),
                                ]
                            )
                            for one in near
                        ]
                    ),
                ]
            )
            if near
            else None,
            html.P(
                html.A(
                    "Pilih dari semua wilayah",
                    href=f"{PATH}/{WHOLE_CITY}",
                    className="link",
                    **{"data-act": "visit"},
                )
            ),
        ],
        className="page page-note",
    )


def _of_area(draw: Callable[[Lake, View, Area], Any]) -> Callable[[Lake, View], Any]:
    """Return a render that is given the area; of the whole city there is nothing to draw."""

    def render(lake: Lake, view: View) -> Any:
        area = areas().get(view.area)
        return parts.empty(PICK) if area is None else draw(lake, view, area)

    return render


def _work(site: Site, view: View, area: Area) -> wilayah_work.Work:
    """Return what is open in an area; asked once, so that a filter of the list costs nothing."""
    signature = site.versions.signature(COMPLAINTS, view.as_of)
    seen = view.as_of
    moment = "live" if seen.live else f"{seen.event_time}/{seen.known_time}"
    body = site.shelf.get(
        f"area_open|{area.code}|{signature}|{moment}",
        lambda: orjson.dumps(queries.area_open(site.lake, seen, area.code)),
    )
    return wilayah_work.work_of(orjson.loads(body), area, seen.event_time)


def _draw_months(lake: Lake, view: View, area: Area) -> Component:
    told_from = queries.complaints_told_from(lake)
    rows, cut = _months(lake, view, area), boards.cut_of(view.as_of)
    return wilayah_record.draw_months(rows, cut, told_from)


def _months(lake: Lake, view: View, area: Area) -> list[Row]:
    cut = boards.cut_of(view.as_of)
    since = wilayah_record.months_before(cut, wilayah_record.MONTHS)
    rows = queries.area_months(lake, area.level, area.code, since=since, until=cut, cut=cut)
    return [row for row in rows if row["area"] == area.code]


def _categories(lake: Lake, view: View, area: Area) -> list[Row]:
    cut = boards.cut_of(view.as_of)
    return queries.area_categories(
        lake, area.code, since=wilayah_record.since_of(cut), until=cut, cut=cut
    )


def _draw_categories(lake: Lake, view: View, area: Area) -> Component:
    return wilayah_record.draw_categories(_categories(lake, view, area))


def _rows_of(
    read: Callable[[Lake, View, Area], list[Row]],
) -> Callable[[Lake, View], list[Row]]:
    def rows(lake: Lake, view: View) -> list[Row]:
        area = areas().get(view.area)
        return [] if area is None else read(lake, view, area)

    return rows


def _panels(site: Site) -> list[Panel]:
    def usual(view: View, area: Area) -> Question:
        return Question.usual(area.level, boards.cut_of(view.as_of))

    def draw_work(_lake: Lake, view: View, area: Area) -> Component:
        return wilayah_work.draw(
            _work(site, view, area),
            area,
            view.as_of.event_time,
            chosen=view.params.get(wilayah_work.FILTER, ""),
            shown=view.params.get(wilayah_work.LIST, ""),
            crm=site.crm,
        )

    def draw_helps(_lake: Lake, view: View, area: Area) -> Component:
        return wilayah_work.draw_helps(wilayah_work.helps(_work(site, view, area), area))

    def work_rows(_lake: Lake, view: View, area: Area) -> list[Row]:
        return wilayah_work.as_rows(_work(site, view, area))

    def record(lake: Lake, view: View, area: Area) -> Record:
        question = usual(view, area)
        period = boards_kept.period(view.as_of, question)
        dates = {name: period[name] for name in ("since", "until", "cut")}
        quality = queries.area_quality(lake, area.level, area.code, **dates)
        backlog = queries.area_backlog(lake, area.level, area.code, cut=period["cut"])
        board = boards_kept.board(site, view.as_of, question)
        return Record(
            area,
            board,
            board.of(area.code),
            boards_kept.times(site, view.as_of, question).get(area.code),
            _row(quality, area),
            _row(backlog, area),
            Uploads(site.store).chosen(wilayah_record.STAFF, view.as_of.known_time),
        )

    def draw_figures(lake: Lake, view: View, area: Area) -> Component:
        return wilayah_record.draw_figures(record(lake, view, area))

    def figure_rows(lake: Lake, view: View, area: Area) -> list[Row]:
        return [
            {"kode": one.code, "nilai": one.told, "dasar": one.basis}
            for one in wilayah_record.figures(record(lake, view, area))
        ]

    def draw_beside(lake: Lake, view: View, area: Area) -> Component:
        board = boards_kept.board(site, view.as_of, usual(view, area))
        return wilayah_record.draw_beside(area, wilayah_areas.beside(lake, area), board)

    return [
        Panel(
            id="wilayah-kerja",
            title="Yang dikerjakan hari ini",
            feeds=COMPLAINTS,
            roles=READERS,
            render=_of_area(draw_work),
            rows=_rows_of(work_rows),
            how="Semua pengaduan terbuka, dari tahun berapa pun, yang menurut keadaan terakhirnya"
            " dipegang kantor ini. Urutan: jatuh tempo dalam 24 jam, lalu yang terlambat, lalu yang"
            " tertua. Batas waktu: standar penyelesaian dari aturan yang berlaku pada hari masuk,"
            " dihitung sejak masuk. Laporan gabungan (kategori sama, dalam 50 m dan tiga jam)"
            " disebut bersama. Di tangan lain: batas dihitung sejak perangkat daerah itu menerima.",
            queries=("area_open",),
            params=(wilayah_work.FILTER, wilayah_work.LIST),
            bound=True,
            tables=("complaint_versions",),
        ),
        Panel(
            id="wilayah-bantuan",
            title="Kelurahan yang didahulukan",
            feeds=COMPLAINTS,
            roles=READERS,
            render=_of_area(draw_helps),
            how="Laporan terbuka di tangan kantor tiap kelurahan. Urutan: terbanyak jatuh tempo"
            " dalam 24 jam, lalu terbanyak terlambat.",
            queries=("area_open",),
            bound=True,
            tables=("complaint_versions",),
        ),
        Panel(
            id="wilayah-kini",
            title="Keadaan kini",
            feeds=wilayah_now.FEEDS,
            roles=READERS,
            render=_of_area(wilayah_now.draw),
            rows=wilayah_now.as_rows,
            how="Seperti pada halaman masing-masing, hanya yang berada di dalam wilayah ini. Jumlah"
            " petugas hanya bagi peran yang boleh melihatnya.",
            queries=(
                "alarms_now",
                "inundations_now",
                "gates_now",
                "pumps_now",
                "jams_now",
                "air_now",
                "cameras_count",
                "officers_on_duty",
            ),
        ),
        Panel(
            id="wilayah-catatan",
            title="Catatan kantor ini",
            feeds=DAILY,
            roles=READERS,
            render=_of_area(draw_figures),
            rows=_rows_of(figure_rows),
            how="Metrik menurut daftar bersama; definisi ada di balik namanya. Jendela: 12 bulan"
            " untuk kelurahan, tiga bulan untuk kecamatan dan kota, dipotong tengah malam WIB.",
            queries=("unit_scores", "rule_values", "unit_times", "area_quality", "area_backlog"),
        ),
        Panel(
            id="wilayah-bulan",
            title="Tepat waktu tiap bulan",
            feeds=DAILY,
            roles=READERS,
            render=_of_area(_draw_months),
            rows=_rows_of(_months),
            how="Bagan kendali (p-chart): bagian penanganan kantor ini yang tepat waktu tiap bulan"
            " masuk, dalam batas 99,8 % di sekitar rata-ratanya sendiri. Meningkat atau menurun"
            " hanya disebut di luar batas.",
            queries=("area_months", "stints_begin"),
        ),
        Panel(
            id="wilayah-kategori",
            title="Kategori dibanding kota",
            feeds=DAILY,
            roles=READERS,
            render=_of_area(_draw_categories),
            rows=_rows_of(_categories),
            how="Kejadian 12 bulan di wilayah ini menurut kategori, di samping jumlah yang akan ada"
            " bila terbagi seperti di seluruh kota.",
            queries=("area_categories",),
        ),
        Panel(
            id="wilayah-sebelah",
            title="Wilayah bersebelahan",
            feeds=DAILY,
            roles=READERS,
            render=_of_area(draw_beside),
            how="Wilayah setingkat yang batasnya bersentuhan; angka sederhana tanpa peringkat."
            " Batas wilayah dapat berupa perkiraan.",
            queries=("unit_scores", "outlines"),
        ),
    ]


def _row(rows: list[Row], area: Area) -> Row | None:
    return next((row for row in rows if row["area"] == area.code), None)
