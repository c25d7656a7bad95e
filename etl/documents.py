"""Open a payload as a whole (JSON, XML or CSV), or say as `Malformed` what came instead."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
import msgspec
import orjson
from defusedxml.common import DefusedXmlException

from etl.errors import Malformed
from etl.feed import Item, Reject, Row
from etl.reading import each, kind_of, raw_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from _typeshed import WriteableBuffer

LONGEST_HEADER = 10_000
UNKNOWN = "hal lain"
_MARKS = {
    b"\x1f\x8b": "data terkompresi",
    b"PK\x03\x04": "berkas Excel (XLSX) atau ZIP",
    b"\xd0\xcf\x11\xe0": "berkas Excel lama (XLS)",
    b"%PDF": "PDF",
    b"\xff\xfe": "teks UTF-16",
    b"\xfe\xff": "teks UTF-16",
}
QUOTE = "; mungkin tanda kutip tidak ditutup"


def json_document(body: bytes) -> Any:
    """Decode JSON; `NaN` and `Infinity`, which some sources write, come out as floats.

    Raises:
        Malformed: It is not JSON, or nested too deeply.
    """
    if not body:
        raise Malformed("seharusnya JSON, isinya kosong")
    try:
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError:
            document = json.loads(bytes(body))
            # The standard library takes lone surrogates too, which no table can store.
            orjson.dumps(document)
            return document
    except RecursionError as error:
        raise Malformed("seharusnya JSON, susunannya terlalu dalam untuk dibaca") from error
    except (ValueError, TypeError) as error:
        raise Malformed(
            f"seharusnya JSON, ditemukan {_looks_like(body)}", getattr(error, "pos", None)
        ) from error


def json_list(document: Any, *path: str) -> list[Any]:
    """Return the list at `path` of a decoded document.

    Raises:
        Malformed: There is no list.
    """
    found = document
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, list):
        raise Malformed(
            f"seharusnya daftar pada {'.'.join(path) or 'pangkal'}, ditemukan {kind_of(found)}"
        )
    return found


def xml_document(body: bytes) -> Element:
    """Return the root of an XML document.

    Raises:
        Malformed: It is not well-formed, or declares entities.
    """
    if not body:
        raise Malformed("seharusnya XML, isinya kosong")
    try:
        root: Element = defusedxml.ElementTree.fromstring(bytes(body))
    except DefusedXmlException as error:
        raise Malformed("seharusnya XML tanpa deklarasi entitas") from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise Malformed(f"seharusnya XML, ditemukan {_looks_like(body)}") from error
    return root


def csv_rows(body: bytes, columns: Collection[str]) -> Iterator[dict[str, str] | Reject]:
    """Read a CSV line by line; comma and semicolon are both known as separators.

    Blank lines are no data. A line that does not fit the header, or is not UTF-8, is a `Reject`
    whose raw text begins with the number of the line.

    Args:
        body: UTF-8, with or without a byte order mark; read as it is needed.
        columns: Names (lower case) without which it is not this CSV.

    Raises:
        Malformed: It has no such header.
    """
    return (row for _, row in _csv_lines(body, columns))


def csv_items(
    body: bytes, columns: Collection[str], table: str, read: Callable[[Any], Row]
) -> Iterator[Item]:
    """Read each line of a CSV into a row of `table`; see `csv_rows` and `etl.reading.each`."""
    for line, row in _csv_lines(body, columns):
        if isinstance(row, Reject):
            yield row
            continue
        for item in each((row,), table, read):
            yield _at(line, item) if isinstance(item, Reject) else item


def _csv_lines(
    body: bytes, columns: Collection[str]
) -> Iterator[tuple[int, dict[str, str] | Reject]]:
    if not body:
        raise Malformed("seharusnya CSV, isinya kosong")
    # What is not UTF-8 becomes lone surrogates, by which it is known below.
    stream = io.TextIOWrapper(
        io.BufferedReader(_Slices(body)), "utf-8-sig", errors="surrogateescape", newline=""
    )
    first = stream.readline(LONGEST_HEADER)
    separator = ";" if first.count(";") > first.count(",") else ","
    lines = csv.reader(itertools.chain([first], stream), delimiter=separator)
    try:
        header = [name.strip().lower() for name in next(lines)]
    except (csv.Error, StopIteration) as error:
        raise Malformed(f"seharusnya CSV, ditemukan {_looks_like(body)}") from error
    if missing := [name for name in columns if name not in header]:
        wanted = f"seharusnya CSV dengan kolom {', '.join(missing)}"
        found = _looks_like(body)
        if found == UNKNOWN:
            raise Malformed(f"{wanted}, kolom itu tidak ada")
        advice = ": simpan dulu sebagai CSV UTF-8" if found in _MARKS.values() else ""
        raise Malformed(f"{wanted}, ditemukan {found}{advice}")
    while True:
        before = lines.line_num
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error:
            yield before + 1, _at(before + 1, Reject(f"baris tidak terbaca sebagai CSV{QUOTE}"))
            continue
        if cells:
            yield before + 1, _csv_row(header, cells, before + 1, lines.line_num)


def _csv_row(header: list[str], cells: list[str], line: int, last: int) -> dict[str, str] | Reject:
    if not _is_text(cells):
        shown = [cell.encode("utf-8", "replace").decode() for cell in cells]
        reason = "teks bukan UTF-8: simpan ulang berkas sebagai CSV UTF-8"
        return _at(line, Reject(reason, raw=raw_text(shown)))
    if len(cells) == len(header):
        return dict(zip(header, cells, strict=True))
    reason = f"{len(cells)} sel untuk {len(header)} kolom{QUOTE if last > line else ''}"
    return _at(line, Reject(reason, raw=raw_text(cells)))


def _is_text(cells: list[str]) -> bool:
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return False
    return True


def _at(line: int, reject: Reject) -> Reject:
    return replace(reject, raw=f"baris {line}: {reject.raw}")


class _Slices(io.RawIOBase):
    """A buffer as a raw stream, copied slice by slice: an mmap stays free to be closed."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: WriteableBuffer) -> int:
        view = memoryview(target).cast("B")
        piece = self._body[self._at : self._at + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _looks_like(body: bytes) -> str:
    start = bytes(body[:1000]).removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not start:
        return "spasi saja"
    if start[:1] in b"{[":
        return "JSON yang rusak atau terpotong"
    if b"<html" in start.lower() or b"<!doctype html" in start.lower():
        return "halaman HTML"
    if start[:1] == b"<":
        return "XML yang rusak atau terpotong"
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name
    return UNKNOWN
