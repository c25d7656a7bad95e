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
from datetime import timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from data.redaction import redact as redact_text
from data.reference import kelurahan_codes, plain
from data.tables import STATUSES
from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Row, State
from etl.reading import WIB, absent, kind_of, moment, number, raw_text, text

DAYS_BACK = 7
MOST_DAYS_BACK = 31
LONGEST_CONTENT = 100_000
_HEADING = re.compile(r"(Permasalahan|Kategori|Lokasi|Detail Alamat Laporan)\s*:")
_STATES = {plain(status): status for status in STATUSES} | {
    "estimasiwaktuselesai": "EWS",
    "menungguvalidasi": "Menunggu",
    "menungguverifikasi": "Proses",
}


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one complaint an element, as the dashboard shows it now.

    Raises:
        Malformed: `body` is not the dashboard's list.
    """
    for row in _rows(body):
        try:
            yield "complaint_versions", _read(row)
        except BadField as error:
            yield Reject(error.reason, error.field or None, _trace(row))


def redact(body: bytes, _context: Context) -> bytes:
    """Return the list with what `parse` takes of it; of a row that it cannot read, nothing.

    Raises:
        Malformed: `body` is not the dashboard's list.
    """
    kept: list[object] = []
    for row in _rows(body):
        try:
            kept.append(_as_sent(_read(row)))
        except BadField:
            kept.append({"code": None, "createdAt": "unreadable"})
    return msgspec.json.encode(kept)


def requests(state: State) -> Exchange:
    """Ask for each of the last days of intake, since their complaints still move."""
    today = state.now.astimezone(WIB).date()
    days = DAYS_BACK
    if state.last_event_time is not None:
        away = (today - state.last_event_time.astimezone(WIB).date()).days
        days = min(max(days, away), MOST_DAYS_BACK)
    for back in range(days, -1, -1):
        day = (today - timedelta(days=back)).isoformat()
        yield Request(state.url, {"dateStart": day, "dateEnd": day, "zoneId": "", "isPrivacy": "0"})


def _rows(body: bytes) -> list[Any]:
    document = json_document(body)
    if isinstance(document, Mapping):
        document = _joined([value for key, value in document.items() if key.startswith("GET ")])
    rows = json_list(document)
    if rows and not any(isinstance(row, Mapping) and "code" in row for row in rows):
        raise Malformed("seharusnya daftar pengaduan dasbor, ditemukan baris tanpa code")
    return rows


def _joined(answers: list[Any]) -> list[Any] | None:
    """Return the rows of recorded lists, each with its recorded detail; None without a list."""
    lists = [answer for answer in answers if isinstance(answer, list)]
    details = {str(answer.get("id")): answer for answer in answers if isinstance(answer, Mapping)}
    if not lists:
        return None
    return [
        {**details.get(str(row.get("id")), {}), **row} if isinstance(row, Mapping) else row
        for rows in lists
        for row in rows
    ]


def _read(row: Any) -> Row:
    if not isinstance(row, Mapping):
        raise BadField("", f"seharusnya objek, ditemukan {kind_of(row)}")
    content = _sections(text(row, "content", most=LONGEST_CONTENT) or "")
    created = moment(row, "createdAt")
    status = _name_in(row, "tstatus")
    place = _name_in(row, "village") or content.get("Lokasi", "")
    return {
        "complaint_id": text(row, "code"),
        "event_time": created,
        "created_at": created,
        "category": _name_in(row, "complaintCategory") or content.get("Kategori"),
        "status": status and _STATES.get(plain(status), status),
        "agency": _name_in(row, "zone"),
        "kelurahan_code": kelurahan_codes().get(plain(place).removeprefix("kelurahan")),
        "lon": number(row, "lng"),
        "lat": number(row, "lat"),
        "address_public": content.get("Detail Alamat Laporan"),
    }


def _sections(content: str) -> dict[str, str]:
    """Return the text under each heading but the citizen's own, without persons."""
    pieces = _HEADING.split(content)
    found = dict(zip(pieces[1::2], map(str.strip, pieces[2::2]), strict=True))
    found.pop("Permasalahan", None)
    return {name: redact_text(said) for name, said in found.items() if said.strip(".- ")}


def _name_in(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if absent(value):
        return None
    if not isinstance(value, Mapping):
        raise BadField(name, f"seharusnya objek dengan name, ditemukan {kind_of(value)}")
    found = text(value, "name")
    return found and redact_text(" ".join(found.split()))


def _as_sent(row: Row) -> dict[str, object]:
    """Return a row in the source's shape, so that `parse` reads it again."""
    names = {code: name for name, code in kelurahan_codes().items()}
    return {
        "code": row["complaint_id"],
        "content": f"Detail Alamat Laporan: {row['address_public'] or '-'}",
        "lat": row["lat"],
        "lng": row["lon"],
        "tstatus": {"name": row["status"]},
        "complaintCategory": {"name": row["category"]},
        "zone": {"name": row["agency"]},
        "village": {"name": names.get(row["kelurahan_code"])},
        "createdAt": row["created_at"],
    }


def _trace(row: Any) -> str:
    """Return hash and size of a row, which may hold personal data."""
    raw = raw_text(row).encode()
    return f"{blake2b(raw, digest_size=16).hexdigest()}, {len(raw)} bytes"


FEED = Feed(
    title="Pengaduan warga (dasbor publik CRM)",
    source="Dasbor publik CRM Pemprov DKI Jakarta, https://crm.jakarta.go.id",
    licence="Tanpa ketentuan tertulis; mintakan izin Biro Pemerintahan",
    reads="the distribution-map list of the CRM public dashboard, JSON",
    tables=("complaint_versions",),
    parse=parse,
    redact=redact,
    requests=requests,
    every=timedelta(minutes=5),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=60),
    # At night nobody complains for a while; that is no fault.
    clock="fetch",
    usual_lag=timedelta(minutes=5),
    pace=timedelta(seconds=1),
)
