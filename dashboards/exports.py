"""Tables as files: CSV, XLSX and PDF, each telling of what moment it is and how to check it.

The same sheet gives the same bytes. The fingerprint of a sheet is the sha256 of its heading and
rows as CSV, so that whoever holds a file can compute it: in the CSV it is taken over all lines but
those that begin with "#". No cell of a CSV or a workbook is ever taken for a formula.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import xlsxwriter
from flask import Response
from xlsxwriter.format import Format

from data import typeset, words
from data.asof import WIB

Cell: TypeAlias = str | int | float | None
Kind: TypeAlias = Literal["text", "number", "share"]

TEMPLATE = Path(__file__).with_name("exports.typ")
SIMULATED = "DATA SIMULASI"
FINGERPRINT = "Sidik jari (sha256)"
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "csv": "text/csv",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pdf": "application/pdf",
    }
)
# A spreadsheet takes what begins with one of these for a formula, blanks before it or not.
_FORMULA = frozenset("=+-@\t\r\n")
_XLSX_FORMATS = {"text": "@", "number": "#,##0", "share": "0.0%"}
_POINTS_A_CHARACTER = 0.9


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Args:
        name: Heading, Indonesian, with the unit where there is one.
        kind: A "share" is a number of which 1 is 100 %.
        width: In characters.
    """

    name: str
    kind: Kind = "text"
    decimals: int = 0
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """A table that leaves the site.

    Args:
        name: Stem of the file's name, ASCII.
        title: What it shows, Indonesian.
        at: Moment of which it tells (aware); dates the document.
        facts: What a reader must know of it (period, rules, n): label and text, in order.
        notes: Sentences under the table.
        simulated: It holds rows of the simulated city.
    """

    name: str
    title: str
    at: datetime
    facts: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    simulated: bool = False

    @property
    def fingerprint(self) -> str:
        """Sha256 of heading and rows as CSV, in hexadecimal."""
        return sha256(_lines(self)).hexdigest()

    @property
    def file_name(self) -> str:
        """Name of its file, without what follows the last dot."""
        origin = "-simulasi" if self.simulated else ""
        return f"komando-{self.name}{origin}-{self.at.astimezone(WIB):%Y%m%d-%H%M}WIB"

    @property
    def header(self) -> tuple[tuple[str, str], ...]:
        """What stands above the table: origin, facts, fingerprint."""
        origin = (("Asal data", SIMULATED),) if self.simulated else ()
        return (*origin, *self.facts, (FINGERPRINT, self.fingerprint))


def response(sheet: Sheet, kind: str) -> Response:
    """Return the download of a sheet as one of `TYPES`."""
    body = {"csv": to_csv, "xlsx": to_xlsx, "pdf": to_pdf}[kind](sheet)
    answer = Response(body, mimetype=TYPES[kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="{sheet.file_name}.{kind}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def inert(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers stay what they are."""
    if not isinstance(value, str) or not value:
        return value
    first = unicodedata.normalize("NFKC", value.lstrip(" \N{NO-BREAK SPACE}\ufeff")[:1])
    return f"'{value}" if first in _FORMULA else value


def to_csv(sheet: Sheet) -> bytes:
    """Return a sheet as CSV: what it is in lines that begin with "#", heading, rows."""
    told = ((sheet.title, ""), *sheet.header, *((note, "") for note in sheet.notes))
    above = "".join(
        f"# {_one_line(f'{label}: {text}' if text else label)}\r\n" for label, text in told
    )
    # The mark tells spreadsheets that it is UTF-8.
    return f"\ufeff{above}".encode() + _lines(sheet)


def to_xlsx(sheet: Sheet) -> bytes:
    """Return a sheet as a workbook, ready to sort, filter and print."""
    body = io.BytesIO()
    with xlsxwriter.Workbook(
        body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties(
            {
                "title": sheet.title,
                "subject": SIMULATED if sheet.simulated else "",
                "comments": f"{FINGERPRINT}: {sheet.fingerprint}",
                "created": sheet.at.astimezone(WIB).replace(tzinfo=None),
            }
        )
        page = book.add_worksheet("Data")
        bold = book.add_format({"bold": True})
        page.write_string(0, 0, sheet.title, book.add_format({"bold": True, "font_size": 14}))
        for line, (label, text) in enumerate(sheet.header, 1):
            page.write_string(line, 0, label, bold)
            page.write_string(line, 1, text)
        head = len(sheet.header) + 2
        heading = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"})
        for index, column in enumerate(sheet.columns):
            form = book.add_format(
                {
                    "num_format": _xlsx_format(column),
                    "valign": "top",
                    "text_wrap": column.kind == "text",
                }
            )
            page.write_string(head, index, column.name, heading)
            page.set_column(index, index, column.width + 2)
            for line, row in enumerate(sheet.rows, head + 1):
                _write(page, line, index, row[index], form)
        last = head + max(1, len(sheet.rows))
        for line, note in enumerate(sheet.notes, last + 2):
            page.write_string(line, 0, note)
        page.autofilter(head, 0, last, len(sheet.columns) - 1)
        page.freeze_panes(head + 1, 1)
        page.repeat_rows(head)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L{SIMULATED if sheet.simulated else ''}&RHalaman &P dari &N")
    return body.getvalue()


def to_pdf(sheet: Sheet) -> bytes:
    """Return a sheet as a tagged PDF (PDF/UA-1), A4 landscape, its heading on every page."""
    told = {
        "title": sheet.title,
        "date": sheet.at.astimezone(WIB).timetuple()[:3],
        "simulated": SIMULATED if sheet.simulated else "",
        "facts": sheet.header,
        "notes": sheet.notes,
        "columns": [
            {"name": column.name, "number": column.kind != "text", "width": column.width}
            for column in sheet.columns
        ],
        "rows": [
            [printed(column, cell) for column, cell in zip(sheet.columns, row, strict=True)]
            for row in sheet.rows
        ],
    }
    return typeset.pdf(TEMPLATE, told, sheet.at)


def printed(column: Column, cell: Cell) -> str:
    """Return a cell as it is read on paper, in Indonesian."""
    if cell is None:
        return words.NOTHING
    if column.kind == "share":
        return words.percent(float(cell), max(1, column.decimals))
    return words.number(float(cell), column.decimals) if column.kind == "number" else str(cell)


def _lines(sheet: Sheet) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([inert(column.name) for column in sheet.columns])
    writer.writerows(
        [_plain(column, cell) for column, cell in zip(sheet.columns, row, strict=True)]
        for row in sheet.rows
    )
    return text.getvalue().encode()


def _plain(column: Column, cell: Cell) -> Cell:
    """Return a cell as data: no more digits than the column has a meaning for."""
    if isinstance(cell, float):
        return round(cell, column.decimals + (3 if column.kind == "share" else 0))
    return inert(_one_line(cell)) if isinstance(cell, str) else cell


def _one_line(text: str) -> str:
    return " ".join(text.splitlines()) if text.strip() else text


def _xlsx_format(column: Column) -> str:
    if column.kind == "number" and column.decimals:
        return f"#,##0.{'0' * column.decimals}"
    return _XLSX_FORMATS[column.kind]


def _write(page: Any, line: int, index: int, cell: Cell, form: Format) -> None:
    if cell is None:
        page.write_blank(line, index, None, form)
    elif isinstance(cell, str):
        page.write_string(line, index, cell, form)
    else:
        page.write_number(line, index, cell, form)
