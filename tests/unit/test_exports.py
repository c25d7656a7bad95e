"""Files that leave the site: what they tell of themselves, and that no cell is a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import exports
from dashboards.exports import Column, Sheet

NOW = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SHEET = Sheet(
    name="peringkat-kelurahan",
    title="Peringkat kelurahan",
    at=NOW,
    facts=(("Data per", "Rabu, 11 Maret 2026 pukul 24.00 WIB"), ("n", "1.234")),
    columns=(Column("Unit", width=20), Column("Tepat waktu", "share", 1), Column("n", "number")),
    rows=(("Gambir", 0.9123456, 1234), ("=SUM(A1:A9)", None, 0)),
    notes=("Cara membaca.",),
    simulated=True,
)


def cells(body: bytes) -> dict[str, tuple[str | None, str]]:
    """Return type and text of each cell of the first sheet of a workbook, formulas as "f"."""
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        strings = ["".join(part.itertext()) for part in shared.iter(f"{MAIN}si")]
        page = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    found = {}
    for cell in page.iter(f"{MAIN}c"):
        value = cell.find(f"{MAIN}v")
        text = "" if value is None else str(value.text)
        kind = "f" if cell.find(f"{MAIN}f") is not None else cell.get("t")
        found[cell.get("r", "")] = (kind, strings[int(text)] if kind == "s" else text)
    return found


@pytest.mark.parametrize("text", ["=1+1", "+62", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_a_text_that_a_spreadsheet_would_compute_is_made_inert(text):
    assert exports.inert(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Gambir", "", "–", "12,5 %", -5, -0.25, None])
def test_what_is_no_formula_stays_as_it_is(value):
    assert exports.inert(value) == value


@given(st.text(max_size=30))
def test_no_cell_of_a_csv_begins_like_a_formula(text):
    body = exports.to_csv(replace(SHEET, columns=(Column("Unit"),), rows=((text,),)))
    rows = [
        row
        for row in csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
        if not "".join(row).startswith("#")
    ]
    assert not any(
        cell.lstrip(" ")[:1] in set("=+-@\t\r") for row in rows[1:] for cell in row if cell
    )


def test_a_csv_tells_moment_n_origin_and_the_fingerprint_that_a_reader_can_compute():
    body = exports.to_csv(SHEET)
    lines = body.decode("utf-8-sig").splitlines(keepends=True)
    assert lines[0] == "# Peringkat kelurahan\r\n"
    assert lines[1] == "# Asal data: DATA SIMULASI\r\n"
    assert "# Data per: Rabu, 11 Maret 2026 pukul 24.00 WIB\r\n" in lines
    data = "".join(line for line in lines if not line.startswith("#")).encode()
    assert f"# Sidik jari (sha256): {sha256(data).hexdigest()}\r\n" in lines
    assert data.decode() == "Unit,Tepat waktu,n\r\nGambir,0.9123,1234\r\n'=SUM(A1:A9),,0\r\n"


def test_a_fact_with_several_lines_cannot_leave_the_comments_of_a_csv():
    body = exports.to_csv(replace(SHEET, facts=(("Kategori", "a\r\n=1+1"),)))
    above = body.decode("utf-8-sig").split("Unit,")[0]
    assert all(line.startswith("#") for line in above.splitlines())


def test_a_workbook_holds_no_formula_and_numbers_as_numbers():
    found = cells(exports.to_xlsx(SHEET))
    assert not [place for place, (kind, _) in found.items() if kind == "f"]
    texts = {text: kind for kind, text in found.values()}
    assert texts["=SUM(A1:A9)"] == "s"
    assert texts["1234"] is None
    assert texts["DATA SIMULASI"] == "s"
    assert texts[SHEET.fingerprint] == "s"


@pytest.mark.parametrize("kind", exports.TYPES)
def test_the_same_sheet_gives_the_same_bytes(kind):
    make = {"csv": exports.to_csv, "xlsx": exports.to_xlsx, "pdf": exports.to_pdf}[kind]
    assert make(SHEET) == make(replace(SHEET))


def test_another_row_is_another_fingerprint_and_another_fact_is_not():
    assert replace(SHEET, rows=SHEET.rows[:1]).fingerprint != SHEET.fingerprint
    assert replace(SHEET, facts=()).fingerprint == SHEET.fingerprint


def test_a_pdf_is_tagged_indonesian_with_its_own_font():
    body = exports.to_pdf(replace(SHEET, rows=SHEET.rows * 100))
    assert body.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in body
    assert b"/MarkInfo" in body
    assert re.search(rb"/Lang ?\(id", body)
    assert b"PlusJakartaSans" in body
    pages = re.search(rb"/Type/Pages/Count (\d+)", body)
    assert pages is not None
    assert int(pages[1]) > 1


def test_a_sheet_without_rows_is_still_a_file():
    empty = replace(SHEET, rows=())
    assert exports.to_pdf(empty).startswith(b"%PDF-")
    assert "DATA SIMULASI" in {text for _, text in cells(exports.to_xlsx(empty)).values()}
    assert exports.to_csv(empty).decode("utf-8-sig").endswith("Unit,Tepat waktu,n\r\n")


@pytest.mark.parametrize(
    ("column", "cell", "text"),
    [
        (Column("a"), None, "–"),
        (Column("a"), "Gambir", "Gambir"),
        (Column("a", "share", 1), 0.968, "96,8 %"),
        (Column("a", "number"), 1234, "1.234"),
        (Column("a", "number", 1), -1.25, "−1,2"),
    ],
)
def test_a_cell_is_printed_in_indonesian(column, cell, text):
    assert exports.printed(column, cell) == text


def test_the_name_of_a_file_says_whether_its_data_are_simulated():
    assert SHEET.file_name == "komando-peringkat-kelurahan-simulasi-20260312-0000WIB"
    assert "simulasi" not in replace(SHEET, simulated=False).file_name
