"""JAKI reports of 2023 with category and the unit that handled each; no text, no person.

Source   a study's sample of the CRM public dashboard, CSV, 320 reports of 2023
Licence  no terms stated; for trying out and for tests
Quirks   Only the day of intake is known, so the moment is 00.00 WIB of that day. The file tells to
         which unit a report went but not what became of it: each row carries the one state that
         is sure, Menunggu at intake. It says nothing of open, late or finished reports, and none
         of it may be judged. `dinas` is at times a unit of a perangkat daerah (a hospital, a
         pump unit); `dinas_clean`, its perangkat daerah, is what is kept.
Sample   tests/samples/jaki_routing_csv.csv, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from etl.documents import csv_items
from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, moment, text

COLUMNS = ("report_id", "report_date", "location", "kode_kemendagri", "category", "dinas_clean")


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one complaint a line, as it was at intake.

    Raises:
        Malformed: `body` is not a CSV with these columns.
    """
    yield from csv_items(body, COLUMNS, "complaint_versions", _read)


def _read(line: Mapping[str, Any]) -> Row:
    day = moment(line, "report_date", zone=WIB, formats=("%Y-%m-%d",))
    report = text(line, "report_id")
    if report is None:
        raise BadField("report_id", "kosong")
    agency = text(line, "dinas_clean")
    return {
        "complaint_id": report,
        "event_time": day,
        "created_at": day,
        "channel": "JAKI",
        "category": text(line, "category"),
        "status": "Menunggu",
        "agency": agency and " ".join(agency.split()),
        "kelurahan_code": text(line, "kode_kemendagri"),
    }


FEED = Feed(
    title="Pengaduan JAKI menurut unit (contoh 2023)",
    source="Contoh penelitian dari dasbor publik CRM Pemprov DKI Jakarta, 2023",
    licence="Tanpa ketentuan tertulis; hanya untuk uji coba",
    reads="CSV with report_id, report_date, kode_kemendagri, category, dinas, dinas_clean",
    tables=("complaint_versions",),
    parse=parse,
    usual_lag=timedelta(days=1),
)
