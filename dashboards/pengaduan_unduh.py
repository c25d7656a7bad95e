"""What a search of complaints finds, as a file: CSV as a stream, XLSX at once.

URL    /pengaduan/unduh.csv?status=…   up to 100,000 complaints
       /pengaduan/unduh.xlsx?status=…  up to 20,000
Reads  complaints_found, complaints_told, complaints_begin

Each row is one complaint, joined reports among them. Nothing about reporters is in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from types import MappingProxyType

from flask import Response, abort
from flask import stream_with_context as streamed

from dashboards import exports, parts
from dashboards.complaint_search import FEEDS, FILTERS, PATH, ROLES, Asked, read
from dashboards.complaint_words import due_word, status_word
from dashboards.panels import View, answer, to_bytes
from dashboards.site import Site
from data import complaints, words
from data.lake import Lake
from data.queries import Row

KINDS = ("csv", "xlsx")
MOST = MappingProxyType({"csv": 100_000, "xlsx": 20_000})
# So many complaints are asked for at a time.
BATCH = 2_500
HEAD = (
    "Nomor laporan",
    "Masuk (WIB)",
    "Kanal",
    "Kategori",
    "Status",
    "Perangkat daerah",
    "Kode wilayah",
    "Kelurahan",
    "Lokasi masalah",
    "Batas waktu (WIB)",
    "Keadaan batas waktu",
    "Ditutup (WIB)",
    "Dibuka kembali",
    "Laporan pertama kejadian",
    "Asal data",
)


def mount(site: Site) -> None:
    """Put the downloads on the site."""

    def download(kind: str) -> Response:
        if kind not in KINDS:
            abort(404)
        view = site.view(FILTERS)
        asked = read(view.params, view.area, view.as_of)
        if asked.problems or asked.number:
            told = asked.problems or ("Unduhan memerlukan saringan, bukan nomor laporan.",)
            return answer(to_bytes(parts.empty("Tidak dapat diunduh", " ".join(told))), 422)
        simulated = site.versions.simulated(FEEDS, view.as_of)
        if kind == "csv":
            return _stream(site.lake, asked, view, simulated=simulated)
        return exports.response(_sheet(site.lake, asked, view, simulated=simulated), "xlsx")

    site.route(f"{PATH}/unduh.<kind>", download, roles=ROLES)


def rows(lake: Lake, asked: Asked, view: View, *, most: int) -> Iterator[tuple[str, ...]]:
    """Yield the complaints that a search finds, at most so many, as text."""
    cursor = None
    left = most
    while left > 0:
        page = complaints.find(lake, view.as_of, asked.search, most=min(BATCH, left), after=cursor)
        for row in complaints.told(lake, view.as_of, page.rows):
            for one, first in ((row, ""), *((one, row["complaint_id"]) for one in row["joined"])):
                if left > 0:
                    left -= 1
                    yield _line(one, first, view)
        cursor = page.next
        if cursor is None:
            return


def _line(row: Row, first: str, view: View) -> tuple[str, ...]:
    _, due, _ = due_word(row, view.as_of.event_time)
    return (
        row["complaint_id"],
        words.short_moment(row["created_at"]),
        row["channel"] or "",
        row["category"] or "",
        status_word(row["status"]),
        row["agency"] or "",
        row["kelurahan_code"] or "",
        row["kelurahan"] or "",
        row["address"] or "",
        words.short_moment(row["due_at"]) if row["due_at"] else "",
        due,
        words.short_moment(row["closed_at"]) if row["closed_at"] else "",
        str(row["reopened"] or 0),
        first,
        exports.SIMULATED if row["simulated"] else "",
    )


def _facts(asked: Asked, view: View, most: int) -> tuple[tuple[str, str], ...]:
    filters = " ".join(
        word for name, value in sorted(view.params.items()) for word in f"{name}={value}".split()
    )
    return (
        ("Data per", words.moment(view.as_of.event_time)),
        ("Wilayah", view.area),
        ("Saringan", filters or "tidak ada"),
        ("Batas baris", words.number(most)),
        ("Urutan", "terlama dahulu" if asked.search.oldest_first else "terbaru dahulu"),
    )


def _name(view: View, *, simulated: bool) -> str:
    origin = "-simulasi" if simulated else ""
    return f"komando-pengaduan{origin}-{view.as_of.event_time:%Y%m%d-%H%M}Z"


def _stream(lake: Lake, asked: Asked, view: View, *, simulated: bool) -> Response:
    most = MOST["csv"]

    def lines() -> Iterator[bytes]:
        text = io.StringIO()
        writer = csv.writer(text)
        origin = (("Asal data", exports.SIMULATED),) if simulated else ()
        # A mark, so that spreadsheets see the encoding.
        text.write("\N{ZERO WIDTH NO-BREAK SPACE}")
        for name, value in (*origin, *_facts(asked, view, most)):
            text.write(f"# {name}: {value}\r\n")
        writer.writerow(HEAD)
        count = 0
        for line in rows(lake, asked, view, most=most):
            writer.writerow([exports.inert(value) for value in line])
            count += 1
            if count % BATCH == 0:
                yield text.getvalue().encode()
                text.seek(0)
                text.truncate()
        if count == most:
            text.write(f"# Hanya {words.number(most)} laporan pertama; persempit periodenya.\r\n")
        yield text.getvalue().encode()

    response = Response(streamed(lines()), mimetype="text/csv")
    name = _name(view, simulated=simulated)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _sheet(lake: Lake, asked: Asked, view: View, *, simulated: bool) -> exports.Sheet:
    most = MOST["xlsx"]
    found = tuple(rows(lake, asked, view, most=most))
    notes = (f"Hanya {words.number(most)} laporan pertama; persempit periodenya.",)
    return exports.Sheet(
        name="pengaduan",
        title="Pengaduan",
        at=view.as_of.event_time,
        facts=(*_facts(asked, view, most), ("Jumlah laporan", words.number(len(found)))),
        columns=tuple(exports.Column(name, width=18) for name in HEAD),
        rows=found,
        notes=notes if len(found) == most else (),
        simulated=simulated,
    )
