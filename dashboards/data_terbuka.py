"""Data terbuka: what others may take from here, how, and what they must say with it.

URL    /data        the page; the API itself is dashboards/api.py
Reads  the declarations that serve the API, and the feeds as declared
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import request

from dashboards import api, api_series, parts
from dashboards.access import EVERYONE
from dashboards.api_contract import BASE, Endpoint
from dashboards.api_tables import public_feed
from dashboards.dcat import FILE_TYPES, OWN_TERMS
from dashboards.panels import Panel, panel_slot
from dashboards.site import Site
from dashboards.tables import cell, table
from data.feeds import Feed
from data.series import Series

PATH = "/data"
# Example and what it answers; each is asked by a test.
EXAMPLES = (
    ("/water-levels", "Tinggi muka air dan siaga di tiap pintu air, sekarang"),
    ("/water-levels?format=csv&wilayah=31.74", "Yang sama sebagai CSV, hanya Jakarta Selatan"),
    ("/series/hujan-jumlah?dari=2024-01-01&per=bulan", "Hujan per bulan sejak 2024"),
    ("/layers/inundations.geojson", "RT dan RW tergenang di peta"),
    ("/cap/", "Peringatan kota yang berlaku, untuk aplikasi peringatan"),
    ("/catalog.jsonld", "Katalog DCAT untuk portal data"),
)
RULES = (
    (
        "Saat dan tempat",
        "Tambahkan pada=2026-02-18T03:10 untuk melihat saat yang lalu, seperti diketahui waktu itu"
        " (seperti=saat-itu) atau sekarang (seperti=sekarang), dan wilayah=31.71.01 untuk satu"
        " kota, kecamatan atau kelurahan.",
    ),
    (
        "Kesegaran",
        "Tiap jawaban memuat as_of, sumber, waktu kejadian, waktu diketahui dan state. Bila stale"
        " bernilai true, datanya tidak terkini: tampilkan umurnya. Penilaian seperti siaga kosong"
        " bila datanya kedaluwarsa.",
    ),
    (
        "Kosong bukan nol",
        "Nilai kosong berarti belum ada data. Nol berarti nol.",
    ),
    (
        "Halaman",
        "Jawaban panjang terbagi: ulangi permintaan dengan cursor dari meta.next sampai kosong,"
        " atau ikuti kepala Link.",
    ),
    (
        "Hemat",
        "Kirim kembali ETag dalam If-None-Match: bila tidak ada yang berubah, jawabannya 304."
        " Mengambil lebih sering dari sekali semenit tidak memberi data yang lebih baru.",
    ),
    (
        "Kesalahan",
        "Permintaan yang keliru dijawab dengan application/problem+json (RFC 9457): kolom detail"
        " menyebut yang keliru dan yang dapat dilakukan.",
    ),
)


def mount(site: Site) -> None:
    """Put the API, its page and the page's panels on the site."""
    api.mount(site)
    panels = _panels(site)
    site.panels(*panels)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Data terbuka"),
                draw_intro(request.url_root),
                *(panel_slot(panel, class_name="data-panel") for panel in panels),
            ],
            className="page data-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Data terbuka",
        icon="data",
        order=105,
        roles=EVERYONE,
        layout=layout,
    )


def draw_intro(root: str) -> Component:
    """Draw what the API is, examples, its rules and how to cite it; `root` ends in "/"."""
    base = f"{root.rstrip('/')}{BASE}"
    return html.Section(
        [
            html.P(
                "Siapa pun boleh mengambil data di halaman ini, tanpa kunci dan tanpa mendaftar."
                " Data hanya dibaca, angka pengaduan hanya jumlah, dan tidak ada data pribadi.",
                className="data-lead",
            ),
            html.H2("Contoh"),
            html.Ul(
                [
                    html.Li([html.A(html.Code(f"{base}{path}"), href=BASE + path), html.Span(said)])
                    for path, said in EXAMPLES
                ],
                className="data-examples",
            ),
            html.P(
                [
                    "Untuk mesin: ",
                    html.A("OpenAPI 3.1", href=f"{BASE}/openapi.json"),
                    ", ",
                    html.A("katalog DCAT 3", href=f"{BASE}/catalog.jsonld"),
                    ", ",
                    html.A("daftar alamat", href=f"{BASE}/"),
                    ".",
                ]
            ),
            html.H2("Aturan main"),
            html.Dl(
                [part for name, said in RULES for part in (html.Dt(name), html.Dd(said))],
                className="data-rules",
            ),
            html.H2("Cara mengutip", id="penerbit"),
            html.P(
                "Sebut penerbit asal dari daftar sumber di bawah, lalu “melalui Pusat Komando"
                " Jakarta”, saat data (as_of) dan alamatnya. Contoh: Dinas SDA DKI Jakarta, melalui"
                " Pusat Komando Jakarta, 18 Februari 2026 pukul 03.10 WIB,"
                f" {base}/water-levels?pada=2026-02-18T03:10."
            ),
            html.P(
                [
                    html.Strong("Ketentuan pemakaian: "),
                    "data dari sebuah sumber tunduk pada ketentuan penerbitnya sendiri, yang"
                    " tertulis pada tiap jawaban dan di bawah. Yang dihitung di sini (status kota,"
                    f" peringatan, jumlah pengaduan): {OWN_TERMS[0].lower()}{OWN_TERMS[1:]}",
                ]
            ),
            html.P(
                [
                    parts.simulated_mark(),
                    " menandai data dari kota simulasi: bukan keadaan Jakarta yang sebenarnya."
                    " Siapa pun yang meneruskannya wajib meneruskan tanda ini.",
                ]
            ),
        ],
        className="panel data-intro",
    )


def draw_endpoints(endpoints: Sequence[Endpoint]) -> Component:
    """Draw every address by its group, with an example that works and its parameters."""
    groups = [(name, list(found)) for name, found in groupby(endpoints, key=lambda one: one.group)]
    return html.Div(
        [
            html.Details(
                [
                    html.Summary(f"{name} ({len(found)})"),
                    table(("Data", "Alamat", "Parameter"), [_endpoint(one) for one in found]),
                ],
                open=number == 0,
            )
            for number, (name, found) in enumerate(groups)
        ]
    )


def draw_series() -> Component:
    """Draw every series by its domain, with its unit and definition."""
    groups = [
        (domain, list(found))
        for domain, found in groupby(api_series.registry().values(), key=lambda one: one.domain)
    ]
    return html.Div(
        [
            html.Details(
                [
                    html.Summary(f"{domain} ({len(found)})"),
                    table(("Seri", "Alamat", "Satuan, sejak"), [_one_series(one) for one in found]),
                ]
            )
            for domain, found in groups
        ]
    )


def draw_sources(feeds: Collection[Feed]) -> Component:
    """Draw who publishes what on which terms."""
    if not feeds:
        return parts.empty("Belum ada sumber data")
    return table(
        ("Sumber data", "Penerbit", "Ketentuan pemakaian"),
        [
            html.Tr(
                [
                    html.Th(
                        [feed.title, " ", parts.simulated_mark() if feed.simulated else None],
                        scope="row",
                    ),
                    cell("Penerbit", feed.declared["source"]),
                    cell("Ketentuan", feed.declared["licence"] or "tidak disebutkan"),
                ]
            )
            for feed in feeds
        ],
    )


def _endpoint(endpoint: Endpoint) -> Component:
    return html.Tr(
        [
            html.Th([html.Strong(endpoint.title), html.Small(endpoint.about)], scope="row"),
            cell(
                "Alamat",
                [
                    html.A(html.Code(f"{BASE}{endpoint.path}"), href=f"{BASE}{endpoint.example}"),
                    html.Small(" · ".join(_kind(media) for media in endpoint.media)),
                ],
            ),
            cell(
                "Parameter",
                html.Code(", ".join(param.name for param in endpoint.params) or "tanpa"),
            ),
        ]
    )


def _one_series(one: Series) -> Component:
    path = f"{BASE}/series/{one.id}"
    return html.Tr(
        [
            html.Th([html.Strong(one.name), html.Small(one.definition)], scope="row"),
            cell(
                "Alamat",
                [
                    html.A(html.Code(path), href=path),
                    html.A("CSV", href=f"{path}?format=csv"),
                ],
            ),
            cell("Satuan, sejak", f"{one.unit}, {one.first_year}"),
        ]
    )


def _kind(media: str) -> str:
    return FILE_TYPES.get(media, media.partition("/")[2])


def _panels(site: Site) -> tuple[Panel, ...]:
    return (
        Panel(
            id="data-alamat",
            title="Yang dapat diambil",
            feeds=(),
            roles=EVERYONE,
            render=lambda _lake, _view: draw_endpoints(api.endpoints()),
            how="Disusun dari pernyataan yang juga melayani API ini.",
        ),
        Panel(
            id="data-seri",
            title="Seri waktu",
            feeds=(),
            roles=EVERYONE,
            render=lambda _lake, _view: draw_series(),
            how="Seri, kueri dan angkanya sama dengan yang ditampilkan di halaman Tren.",
        ),
        Panel(
            id="data-sumber",
            title="Sumber dan ketentuan pemakaian",
            feeds=(),
            roles=EVERYONE,
            render=lambda _lake, _view: draw_sources(
                [feed for feed in site.versions.feeds().values() if public_feed(feed)]
            ),
            how="Seperti dinyatakan tiap sumber data.",
        ),
    )
