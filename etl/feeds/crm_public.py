"""Complaints as the CRM's public dashboard shows them: place, category, state and unit.

Source   https://crm.jakarta.go.id/api/public/dashboard/distribution-map, JSON, no key, unofficial
Licence  no terms stated; ask Biro Pemerintahan before it runs for good
Quirks   No paging: one question a day of intake. `lat` and `lng` are text. `content` is one text
         with headings ("Permasalahan: ... Kategori: ... Lokasi: ... Detail Alamat Laporan: ...");
         what the citizen wrote (Permasalahan) is dropped, the address is redacted. There is no
         time of change: event_time is the intake, and only known_time tells when a state began.
         `Lokasi` names the kelurahan; a detail (`/detail?id=`) names it as `village`, but it is
         not asked for, since that is one request a complaint. The shape file of the samples holds
         list and detail side by side, under "GET ..."; both are read and joined by `id`.
Sample   tests/samples/crm_public.json, of our own making
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from data.reference import kelurahan_codes, plain
from data.tables import STATUSES
from etl.documents import json_document
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Row, State
from etl.reading import WIB, moment, number, text
from etl.redaction import redact as redact_text

DAYS_BACK = 7
_HEADING = re.compile(r"(Permasalahan|Kategori|Lokasi|Detail Alamat Laporan)\s*:")
_STATES = {plain(status): status for status in STATUSES} | {
    "estimasiwaktuselesai": "EWS",
    "menungguvalidasi": "Menunggu",
    "menungguverifikasi": "Proses",
}
# The fields that are read; the archive keeps no others.
_KEPT = ("id", "code", "lat", "lng", "tstatus", "complaintCategory", "zone", "createdAt", "village")


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one complaint an element, as the dashboard shows it now.

    Raises:
        Malformed: `body` is not the dashboard's list.
    """
    for row in _rows(body):
        try:
            if not isinstance(row, Mapping):
                raise BadField("", "object expected")
            yield "complaint_versions", _read(row)
        except BadField as error:
            yield Reject(error.reason, error.field or None, _trace(row))


def redact(body: bytes, _context: Context) -> bytes:
    """Return the list with what is read of it and the address redacted.

    Raises:
        Malformed: `body` is not the dashboard's list.
    """
    return msgspec.json.encode([_kept(row) for row in _rows(body)])


def requests(state: State) -> Exchange:
    """Ask for each day of intake from the newest that is known, a week at most, to today."""
    today = state.now.astimezone(WIB).date()
    first = today - timedelta(days=DAYS_BACK)
    if state.last_event_time is not None:
        first = max(first, min(today, state.last_event_time.astimezone(WIB).date()))
    for back in range((today - first).days, -1, -1):
        day = (today - timedelta(days=back)).isoformat()
        yield Request(
            state.url, {"dateStart": day, "dateEnd": day, "zoneId": "", "isPrivacy": "0"}
        )
