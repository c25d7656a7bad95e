"""The complaints part of the citizens' page: what is frequent, where, and how the city answers.

Reads  complaints_today, complaints_surging, area_counts, and the board of the perangkat daerah

Sums only: no text, no photo, no address, no point. Reporters are named only by a pseudonym that
they chose themselves, which no source offers: so there are none.
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboards import boards_kept, boards_words, layers, parts
from dashboards.access import EVERYONE
from dashboards.complaint_search import DAILY
from dashboards.panels import Panel, View
from dashboards.site import Site
from dashboards.wilayah_areas import areas
from data import boards, queries, words
from data.boards import Board, Level, Question
from data.lake import Lake
from data.queries import Row

FEEDS = layers.COMPLAINTS.feeds
WHOLE_CITY = "31"
CATEGORIES_SHOWN, AREAS_SHOWN = 5, 10
# Trending: so many more than usual, and so many times as many.
LEAST_MORE, LEAST_TIMES = 3, 1.5
BELOW: dict[str, Level] = {"kota": "kecamatan", "kecamatan": "kelurahan", "kelurahan": "kelurahan"}


def panels(site: Site) -> tuple[Panel, ...]:
    """Return the panels; boards are kept on the site's shelf."""

    def agencies(_lake: Lake, view: View) -> Component:
        question = Question.usual("agency", boards.cut_of(view.as_of))
        return draw_agencies(boards_kept.board(site, view.as_of, question))

    return (
        Panel(
            id="publik-pengaduan",
            title="Pengaduan warga",
            feeds=FEEDS,
            roles=EVERYONE,
            render=lambda lake, view: draw(
                queries.complaints_today(lake, view.as_of, view.area),
                queries.complaints_surging(lake, view.as_of, view.area),
                counts(lake, view),
                view.area,
            ),
            rows=counts,
            how="Sedang ramai: kategori yang dalam 24 jam masuk sedikitnya satu setengah kali dan"
            " tiga laporan lebih banyak dari rata-rata 28 hari di tempat yang sama. Jumlah menurut"
            " wilayah: 30 hari penuh terakhir. Hanya jumlah: isi, foto, alamat dan pelapor tidak"
            " ditampilkan.",
            queries=("complaints_today", "complaints_surging", "area_counts"),
            tables=("complaint_versions",),
        ),
        Panel(
            id="publik-perangkat",
            title="Kinerja perangkat daerah",
            feeds=DAILY,
            roles=EVERYONE,
            render=agencies,
            how="Penanganan pengaduan tiga bulan yang sudah jatuh tempo, di tangan perangkat daerah"
            " itu sendiri, dibandingkan dengan kota pada laporan serupa. Lebih baik, atau perlu"
            " dibantu, hanya bila peluangnya di atas 95 %.",
            queries=("unit_scores",),
        ),
    )


def counts(lake: Lake, view: View) -> list[Row]:
    """Return the counts of the areas inside the one that is looked at, with their names."""
    area = areas().get(view.area)
    level = BELOW[area.level] if area else "kota"
    rows = queries.area_counts(
        lake, level, area.code if area else WHOLE_CITY, cut=boards.cut_of(view.as_of)
    )
    return [
        {"wilayah": areas()[row["area"]].short, **row} for row in rows if row["area"] in areas()
    ]


def trending(rows: Sequence[Row]) -> list[Row]:
    """Return the categories that are far above their usual, the farthest first.

    `rows` are those of the query `complaints_surging`.
    """
    found = [
        row
        for row in rows
        if row["received"] - row["usual"] >= LEAST_MORE
        and row["received"] >= LEAST_TIMES * row["usual"]
    ]
    found.sort(key=lambda row: (row["usual"] - row["received"], row["category"]))
    return found[:CATEGORIES_SHOWN]


def draw(today: Row, surging: Sequence[Row], inside: Sequence[Row], area: str) -> Component:
    """Draw what came in today, what is trending and the counts by area."""
    usual = today["received_usual"]
    return html.Div(
        [
            html.P(
                [
                    parts.reading(today["received"], "laporan masuk hari ini", feeds=FEEDS),
                    html.Span(f"biasanya {words.number(usual)} sampai jam ini")
                    if usual is not None
                    else None,
                ],
                className="publik-angka",
            ),
            html.H3("Sedang ramai"),
            _trending(trending(surging)),
            html.H3("Menurut wilayah, 30 hari") if inside else None,
            _counts(inside, area) if inside else None,
        ]
    )


def _trending(rows: Sequence[Row]) -> Component:
    if not rows:
        return html.P(parts.judged("Tidak ada kategori yang jauh di atas biasanya.", feeds=FEEDS))
    return html.Ul(
        [
            html.Li(
                [
                    html.Strong(row["category"]),
                    f": {words.number(row['received'])} laporan dalam 24 jam, biasanya"
                    f" {words.number(row['usual'], 0 if row['usual'] >= 10 else 1)}",
                ]
            )
            for row in rows
        ],
        className="publik-ramai",
    )


def _counts(rows: Sequence[Row], area: str) -> Component:
    return html.Div(
        [
            html.Ul(
                [
                    html.Li(
                        [
                            row["wilayah"]
                            if row["area"] == area
                            else html.A(row["wilayah"], href=f"?wilayah={row['area']}"),
                            html.Span(
                                f"{words.number(row['received'])} masuk,"
                                f" {words.number(row['finished'])} selesai"
                            ),
                        ]
                    )
                    for row in rows[:AREAS_SHOWN]
                ],
                className="publik-jumlah",
            ),
            html.P(
                "Banyaknya laporan menunjukkan di mana warga melapor, bukan di mana keadaannya"
                " terburuk."
                + (
                    f" Ditampilkan {AREAS_SHOWN} dari {len(rows)}."
                    if len(rows) > AREAS_SHOWN
                    else ""
                ),
                className="figure-note",
            ),
        ]
    )


def draw_agencies(board: Board) -> Component:
    """Draw the perangkat daerah by the words of their tier: no ranks, no numbers."""
    if not board.units:
        return parts.empty("Belum ada data kinerja perangkat daerah")
    groups = {
        words_of: [unit.name for unit in board.units if unit.tier == tier]
        for tier, words_of in boards_words.TIERS.items()
    }
    return html.Div(
        [
            html.Div(
                [
                    html.H3(f"{tier} ({words.number(len(names))})"),
                    html.P(", ".join(names), className="publik-perangkat-nama"),
                ]
            )
            for tier, names in groups.items()
            if names
        ]
        + [
            html.P(
                [
                    parts.simulated_mark() if board.simulated else None,
                    f" Laporan masuk"
                    f" {words.period(board.question.since, board.question.until)}. Data per"
                    f" {boards_words.as_of(board)}.",
                ],
                className="figure-note",
            )
        ]
    )
