"""How a series of /tren is computed, and where its source contradicts itself, for the drawer."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from data import queries, words
from data.queries import Row
from data.series import Series

HOW = (
    "Tiap seri didefinisikan dalam satu daftar: kueri, satuan, cara menjumlahkan menurut waktu dan"
    " tempat. Dipotong setiap tengah malam WIB. Titik perubahan: langkah yang tersisa setelah tren"
    " dan musim dikeluarkan, hanya bila jauh di luar variasinya sendiri. Rentang dengan kurang dari"
    " setengah harinya tercatat adalah celah."
)
HEADINGS = (
    "Hari",
    "Stasiun",
    "Tertinggi tercetak",
    "Terbesar",
    "Kategori tercetak",
    "Menurut indeks",
)


def draw(asked: Series, contradictions: Sequence[Row] | None) -> Component:
    """Draw definition and queries of a series.

    Args:
        contradictions: Rows of `ispu_contradictions`; None where the series is not of the index.
    """
    names = [asked.query, *([asked.hours_query] if asked.hours_query else [])]
    return html.Div(
        [
            html.P(asked.definition),
            html.P(
                f"Satuan {asked.unit}. Menurut waktu: {asked.over_time}. Menurut tempat:"
                f" {asked.over_places}. Tabel: {', '.join(asked.tables)}."
            ),
            html.P(HOW),
            None if contradictions is None else _contradictions(contradictions),
            *(
                html.Details([html.Summary(f"{name}.sql"), html.Pre(queries.sql(name))])
                for name in names
            ),
        ],
        className="tren-cara",
    )


def _contradictions(rows: Sequence[Row]) -> Component:
    """Return the rows of the source whose category or maximum is not that of its indices."""
    categories = [row for row in rows if row["printed"] not in (None, row["computed"].upper())]
    maxima = [row for row in rows if row["greatest"] not in (None, row["index_max"])]
    return html.Details(
        [
            html.Summary(f"Baris sumber yang bertentangan dengan dirinya: {len(rows)}"),
            html.P(
                "Halaman ini menghitung kategori dari indeks tertinggi yang tercetak. Pada"
                f" {len(categories)} baris kategori yang tercetak lain dari itu, pada"
                f" {len(maxima)} baris indeks tertinggi bukan yang terbesar dari indeks di"
                " sampingnya. Semuanya disimpan seperti tercetak."
            ),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(name) for name in HEADINGS])),
                        html.Tbody([_contradiction(row) for row in rows]),
                    ],
                    className="table",
                ),
                className="table-scroll",
            ),
        ]
    )


def _contradiction(row: Row) -> Component:
    return html.Tr(
        [
            html.Td(words.day(row["day"], weekday=False)),
            html.Td(
                f"{row['station_id']}, tertinggi sekota" if row["city_max"] else row["station_id"]
            ),
            html.Td(words.number(row["index_max"])),
            html.Td("" if row["greatest"] is None else words.number(row["greatest"])),
            html.Td((row["printed"] or "").capitalize()),
            html.Td(row["computed"].capitalize()),
        ]
    )
