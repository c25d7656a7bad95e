"""Complaints from the city's CRM: GeoReport v2 with its extension, and the log of each complaint.

Source   internal CRM of Pemprov DKI Jakarta, Open311 GeoReport v2 /requests.json, agreement needed
Licence  internal; holds personal data until it is redacted
Quirks   `long`, not `lon`. Categories end in blanks. `updated_datetime` may be missing from a new
         complaint, whose `requested_datetime` then counts. GeoReport's own `status` (open, closed)
         does not say which CRM state, so a complaint without `status_label` is quarantined. Log
         entries come in any order. A complaint that cannot be read goes to quarantine with its
         log; a log entry that cannot be read goes alone; a picture whose address is none is left
         out.
Persons  `reporter` becomes a keyed hash of the contact (without one, of the name) and is gone; so
         is every field that is not named here. What people write is redacted, and labels too. A
         reject carries hash, size and field of its row, never its text.
Sample   tests/samples/crm_requests.json, of our own making
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from hashlib import blake2b
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta, Struct

from data.redaction import redact as redact_text
from data.redaction import redact_all, without_reporter
from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Batch, Context, Exchange, Feed, Item, Reject, Request, Response, State
from etl.reading import ABSENT, absent, kind_of, moment, number, text, whole

PAGE_SIZE = 500
MOST_PAGES = 400
OVERLAP = timedelta(minutes=10)
FIRST_LOOK = timedelta(days=7)
# Open311 answers at most 90 days; what changed longer ago is a gap, and `backfill` fills it.
LONGEST_LOOK = timedelta(days=90)

# Few enough rows are Python objects at once to stay in the processor's cache; what they become is
# gathered into batches that load fast.
SLICE_ROWS = 1_024
BATCH_ROWS = 48 * SLICE_ROWS

MICROSECONDS = pa.timestamp("us", "UTC")
_EARLIEST, _LATEST = 631_152_000_000_000, 4_102_444_800_000_000  # 1990 to 2100, as etl.reading
_PICTURE = r"^(?:https?://|/)[^\s@]*$"
_KEY = re.compile(r"[\w.-]{1,16}:[0-9a-f]{32}")
_LABELS = frozenset({"channel", "category", "status", "agency", "kelurahan_code", "verification"})
_TEXTS = frozenset({"address_public", "text_redacted"})
_PICTURES = frozenset({"photo_before", "photo_after"})
_PUNCTUATION = str.maketrans("", "", " .-()+/")


class Reporter(Struct, gc=False, omit_defaults=True):
    """Who complained; `key` stands alone once the person is gone."""

    name: str | None = None
    contact: str | None = None
    key: str | None = None


class Entry(Struct, gc=False, omit_defaults=True):
    """One entry of a complaint's log."""

    datetime: str
    status_label: str | None = None
    agency: str | None = None


class Extension(Struct, gc=False, omit_defaults=True):
    """`extended_attributes`."""

    channel: str | None = None
    kelurahan_code: str | None = None
    geotagged: bool | None = None
    first_response_datetime: str | None = None
    resolved_datetime: str | None = None
    reopened: Annotated[int, Meta(ge=0, lt=2**31)] | None = None
    status_label: str | None = None
    follow_up_media_url: str | None = None
    reporter: Reporter | None = None
    log: list[Entry] = []
    verification: str | None = None
    rating: float | None = None


class Unreadable(Struct, gc=False, omit_defaults=True):
    """What the raw archive keeps of a row or log entry that could not be read."""

    reason: Annotated[str, Meta(pattern=r"^[A-Za-z0-9 ,./]{1,80}$")]
    row: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}, [0-9]{1,12} bytes$")]
    field: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")] | None = None


class Complaint(Struct, gc=False, omit_defaults=True):
    """One request of GeoReport; times are ISO 8601 with offset."""

    service_request_id: str | None
    service_name: str | None = None
    description: str | None = None
    agency_responsible: str | None = None
    requested_datetime: str | None = None
    updated_datetime: str | None = None
    expected_datetime: str | None = None
    address: str | None = None
    lat: float | None = None
    long: float | None = None
    media_url: str | None = None
    extended_attributes: Extension = msgspec.field(default_factory=Extension)
    unreadable: Unreadable | None = None


@dataclass(frozen=True)
class _Part:
    """Some rows, read: complaints, their times by source field (`log`: of all entries), flaws."""

    complaints: list[Complaint]
    times: dict[str, pa.Array]
    flaws: list[Unreadable]


Columns: TypeAlias = dict[str, pa.Array]


_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_COMPLAINTS = msgspec.json.Decoder(list[Complaint])
_UNREADABLE = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    RecursionError,
    pa.ArrowInvalid,
    BadField,
)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield batches of complaint versions and of log entries, and a reject for each flaw.

    Raises:
        Malformed: `body` is not a list of GeoReport requests.
    """
    hashed = reporter_hash(context.reporter_key)
    versions: list[Columns] = []
    log: list[Columns] = []
    rows = 0
    for part in _parts(body):
        yield from (Reject(flaw.reason, flaw.field, flaw.row) for flaw in part.flaws)
        versions.append(_versions(part, hashed))
        log.append(_log(part))
        rows += len(part.complaints)
        if rows >= BATCH_ROWS:
            yield from _batches(versions, log)
            versions, log, rows = [], [], 0
    yield from _batches(versions, log)


def redact(body: bytes, context: Context) -> bytes:
    """Return the requests without personal data; `parse` reads the same rows from them.

    Raises:
        Malformed: `body` is not a list of GeoReport requests.
    """
    hashed = reporter_hash(context.reporter_key)
    rows: list[Complaint] = []
    for part in _parts(body):
        _write_back(part, _cleaned(_versions(part, hashed)), _cleaned(_log(part)))
        rows += part.complaints
        rows += [Complaint(None, unreadable=flaw) for flaw in part.flaws]
    return msgspec.json.encode(rows)


def requests(state: State) -> Exchange:
    """Ask page by page for what changed since the newest event, with some overlap."""
    since = state.last_event_time - OVERLAP if state.last_event_time else state.now - FIRST_LOOK
    since = max(since, state.now - LONGEST_LOOK).astimezone(UTC)
    previous = b""
    for page in range(1, MOST_PAGES + 1):
        response = yield Request(
            state.url,
            {
                "updated_after": f"{since:%Y-%m-%dT%H:%M:%SZ}",
                "page": str(page),
                "page_size": str(PAGE_SIZE),
            },
        )
        assert isinstance(response, Response)
        # A source that knows no pages answers each with the same bytes.
        if response.not_modified or response.body == previous:
            return
        previous = response.body
        if sum(len(_RAWS.decode(piece)) for piece in _pieces(response.body)) < PAGE_SIZE:
            return


def _parts(body: bytes) -> Iterator[_Part]:
    for piece in _pieces(body):
        try:
            yield _strict(piece)
        except _UNREADABLE:
            complaints, flaws = _sorted_out(_RAWS.decode(piece))
            yield _Part(complaints, _times(complaints), flaws)


def _pieces(body: bytes) -> Iterator[bytes]:
    """Yield the list `SLICE_ROWS` rows at a time, each piece a list itself.

    `body` is copied piece by piece, so that a memory map stays free to be closed.
    """
    known = False
    for piece in _slices(body):
        if not known and b'"service_request_id"' not in piece:
            raise Malformed("seharusnya permintaan GeoReport, baris tanpa service_request_id")
        known = True
        yield piece


def _slices(body: bytes) -> Iterator[bytes]:
    try:
        bounds = _bounds(body)
    except (msgspec.MsgspecError, RecursionError):
        # Either it is nothing that can be read, which this says, or JSON with `NaN`.
        rows = json_list(json_document(body))
        for start in range(0, len(rows), SLICE_ROWS):
            yield b"[%b]" % b",".join(map(_encoded, rows[start : start + SLICE_ROWS]))
        return
    for start, stop in bounds:
        yield b"[%b]" % bytes(body[start:stop])


def _bounds(body: bytes) -> list[tuple[int, int]]:
    """Return where each `SLICE_ROWS` rows begin and end; msgspec tells it by where they lie."""
    rows = _RAWS.decode(body)
    zero = _address(body)
    bounds = []
    for first in range(0, len(rows), SLICE_ROWS):
        last = rows[min(first + SLICE_ROWS, len(rows)) - 1]
        end = _address(last) + memoryview(last).nbytes
        bounds.append((_address(rows[first]) - zero, end - zero))
    return bounds


def _address(buffer: Any) -> int:
    return np.frombuffer(buffer, np.uint8).ctypes.data


def _encoded(row: Any) -> bytes:
    try:
        return msgspec.json.encode(row)
    except (OverflowError, RecursionError, TypeError, ValueError):
        return b"null"


def _strict(piece: bytes) -> _Part:
    complaints = _COMPLAINTS.decode(piece)
    flaws = [row.unreadable for row in complaints if row.unreadable is not None]
    if flaws:
        complaints = [row for row in complaints if row.unreadable is None]
    return _Part(complaints, _times(complaints), flaws)


def _sorted_out(rows: Sequence[msgspec.Raw]) -> tuple[list[Complaint], list[Unreadable]]:
    """Halve rows of which some cannot be read until those stand alone, to be read leniently."""
    if len(rows) == 1:
        flaws: list[Unreadable] = []
        raw = bytes(rows[0])
        try:
            return [_lenient(raw, flaws)], flaws
        except BadField as error:
            return [], [_flaw(error, raw)]
    complaints: list[Complaint] = []
    flaws = []
    for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
        try:
            part = _strict(b"[%b]" % b",".join(half))
            found = part.complaints, part.flaws
        except _UNREADABLE:
            found = _sorted_out(half)
        complaints += found[0]
        flaws += found[1]
    return complaints, flaws


def _lenient(raw: bytes, flaws: list[Unreadable]) -> Complaint:
    """Read a row whose fields are not of their types: numbers as text, "-" for nothing.

    Raises:
        BadField: It cannot be read; a log entry that cannot be is added to `flaws`.
    """
    try:
        row = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadField("", "tidak terbaca sebagai JSON") from error
    if not isinstance(row, dict):
        raise BadField("", f"seharusnya objek, ditemukan {kind_of(row)}")
    extension = row.get("extended_attributes")
    if absent(extension):
        extension = {}
    if not isinstance(extension, dict):
        raise BadField("extended_attributes", f"seharusnya objek, ditemukan {kind_of(extension)}")
    entries = extension.get("log")
    if absent(entries):
        entries = []
    if not isinstance(entries, list):
        raise BadField("log", f"seharusnya daftar, ditemukan {kind_of(entries)}")
    log = []
    for entry in entries:
        try:
            log.append(_entry(entry))
        except BadField as error:
            flaws.append(_flaw(BadField("log", error.reason), raw))
    return Complaint(
        text(row, "service_request_id"),
        service_name=text(row, "service_name"),
        description=text(row, "description", most=len(raw)),
        agency_responsible=text(row, "agency_responsible"),
        requested_datetime=_time(row, "requested_datetime"),
        updated_datetime=_time(row, "updated_datetime"),
        expected_datetime=_time(row, "expected_datetime"),
        address=text(row, "address", most=len(raw)),
        lat=number(row, "lat"),
        long=number(row, "long"),
        media_url=text(row, "media_url"),
        extended_attributes=Extension(
            channel=text(extension, "channel"),
            kelurahan_code=text(extension, "kelurahan_code"),
            geotagged=_flag(extension, "geotagged"),
            first_response_datetime=_time(extension, "first_response_datetime"),
            resolved_datetime=_time(extension, "resolved_datetime"),
            reopened=_count(extension, "reopened"),
            status_label=text(extension, "status_label"),
            follow_up_media_url=text(extension, "follow_up_media_url"),
            reporter=_reporter(extension.get("reporter")),
            log=log,
            verification=text(extension, "verification"),
            rating=number(extension, "rating"),
        ),
    )


def _entry(entry: object) -> Entry:
    if not isinstance(entry, dict):
        raise BadField("log", f"seharusnya objek, ditemukan {kind_of(entry)}")
    time = _time(entry, "datetime")
    if time is None:
        raise BadField("log", "tanpa waktu")
    return Entry(time, text(entry, "status_label"), text(entry, "agency"))


def _time(row: Mapping[str, Any], name: str) -> str | None:
    found = moment(row, name)
    return None if found is None else found.isoformat()


def _flag(row: Mapping[str, Any], name: str) -> bool | None:
    value = row.get(name)
    if absent(value):
        return None
    known = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if known is None:
        raise BadField(name, "bukan true atau false")
    return known


def _count(row: Mapping[str, Any], name: str) -> int | None:
    if isinstance(value := row.get(name), bool):
        return int(value)
    found = whole(row, name)
    if found is not None and not 0 <= found < 2**31:
        raise BadField(name, "di luar jangkauan")
    return found


def _reporter(value: object) -> Reporter | None:
    """Return whatever stands for the reporter; it is hashed, so its form does not matter."""
    if isinstance(value, dict):
        known = {name: value.get(name) for name in ("name", "contact", "key")}
        return Reporter(**{name: str(given) for name, given in known.items() if given is not None})
    return None if value is None else Reporter(contact=str(value))


def _flaw(error: BadField, raw: bytes) -> Unreadable:
    digest = blake2b(raw, digest_size=16).hexdigest()
    return Unreadable(error.reason, f"{digest}, {len(raw)} bytes", error.field or None)


def _times(complaints: Sequence[Complaint]) -> dict[str, pa.Array]:
    """Return the times by source field, and those of all log entries, in order, as `log`.

    Raises:
        pa.ArrowInvalid: One of them is no time or has no zone.
        BadField: One of them lies outside 1990 to 2100.
    """
    extensions = [row.extended_attributes for row in complaints]
    texts: dict[str, list[str | None]] = {
        "requested": [row.requested_datetime for row in complaints],
        "updated": [row.updated_datetime for row in complaints],
        "expected": [row.expected_datetime for row in complaints],
        "first_response": [row.first_response_datetime for row in extensions],
        "resolved": [row.resolved_datetime for row in extensions],
        "log": [entry.datetime for row in extensions for entry in row.log],
    }
    # Text to Arrow to time takes a quarter of what datetime objects to Arrow take.
    flat = pa.array([value for values in texts.values() for value in values], pa.string())
    moments = flat.cast(MICROSECONDS)
    extremes = pc.min_max(moments.cast(pa.int64())).as_py()
    if extremes["min"] is not None and (extremes["min"] < _EARLIEST or extremes["max"] >= _LATEST):
        raise BadField("", "waktu di luar jangkauan")
    ends = itertools.accumulate(map(len, texts.values()))
    return {
        name: moments.slice(end - len(values), len(values))
        for (name, values), end in zip(texts.items(), ends, strict=True)
    }


def reporter_hash(secret: bytes) -> Callable[[Reporter], str | None]:
    """Return what turns a reporter into `version:hash`, the same for the same contact.

    Args:
        secret: `version:key`; without a version it is v1. Where it is empty there is no hash: a
            telephone number is soon found from one that has no key.
    """
    version, colon, key = secret.partition(b":")
    if not colon:
        version, key = b"v1", secret
    fresh = blake2b(key=blake2b(key).digest(), digest_size=16)
    prefix = version.decode("ascii", "replace")

    def hashed(reporter: Reporter) -> str | None:
        if reporter.key is not None and _KEY.fullmatch(reporter.key):
            return reporter.key
        person = _person(reporter)
        if person is None or not secret:
            return None
        digest = fresh.copy()
        digest.update(person.encode())
        return f"{prefix}:{digest.hexdigest()}"

    return hashed


def _person(reporter: Reporter) -> str | None:
    """Return the contact in one spelling, else the name, else nothing."""
    contact = (reporter.contact or "").strip().lower()
    if contact in ABSENT:
        name = " ".join((reporter.name or "").lower().split())
        return None if name in ABSENT else f"name {name}"
    if not contact.isdecimal():
        digits = contact.translate(_PUNCTUATION)
        if not digits.isdecimal():
            return contact
        contact = digits
    return contact.removeprefix("62").removeprefix("0")


def _versions(part: _Part, hashed: Callable[[Reporter], str | None]) -> Columns:
    """Return the columns of complaints: no reporter any more, texts not yet cleaned."""
    rows, times = part.complaints, part.times
    extensions = [row.extended_attributes for row in rows]
    keys: list[str | None] = []
    for row in rows:
        reporter = row.extended_attributes.reporter
        keys.append(None if reporter is None else hashed(reporter))
        if reporter is not None and reporter.name:
            row.description, row.address = without_reporter(
                reporter.name, row.description, row.address
            )
    texts = {
        "complaint_id": [row.service_request_id for row in rows],
        "channel": [row.channel for row in extensions],
        "category": [row.service_name for row in rows],
        "status": [row.status_label for row in extensions],
        "agency": [row.agency_responsible for row in rows],
        "kelurahan_code": [row.kelurahan_code for row in extensions],
        "photo_before": [row.media_url for row in rows],
        "photo_after": [row.follow_up_media_url for row in extensions],
        "address_public": [row.address for row in rows],
        "verification": [row.verification for row in extensions],
        "reporter_key": keys,
        "text_redacted": [row.description for row in rows],
    }
    return {
        "event_time": pc.coalesce(times["updated"], times["requested"]),
        "created_at": times["requested"],
        "due_at": times["expected"],
        "first_response_at": times["first_response"],
        "resolved_at": times["resolved"],
        "lon": pa.array([row.long for row in rows], pa.float64()),
        "lat": pa.array([row.lat for row in rows], pa.float64()),
        "geotagged": pa.array([row.geotagged for row in extensions], pa.bool_()),
        "reopened_count": pa.array([row.reopened for row in extensions], pa.int32()),
        "rating": pa.array([row.rating for row in extensions], pa.float64()),
        **{name: pa.array(values, pa.string()) for name, values in texts.items()},
    }


def _log(part: _Part) -> Columns:
    """Return the columns of log entries, oldest first a complaint, texts not yet cleaned."""
    logs = [row.extended_attributes.log for row in part.complaints]
    entries = [entry for log in logs for entry in log]
    owner = np.repeat(np.arange(len(logs)), [len(log) for log in logs])
    ids = pa.array([row.service_request_id for row in part.complaints], pa.string())
    columns = {
        "event_time": part.times["log"],
        "complaint_id": ids.take(pa.array(owner)),
        "status": pa.array([entry.status_label for entry in entries], pa.string()),
        "agency": pa.array([entry.agency for entry in entries], pa.string()),
    }
    moments = part.times["log"].cast(pa.int64()).to_numpy()
    if not np.any((np.diff(moments) < 0) & (np.diff(owner) == 0)):
        return columns
    order = pa.array(np.lexsort((moments, owner)))
    return {name: values.take(order) for name, values in columns.items()}


def _batches(versions: list[Columns], log: list[Columns]) -> Iterator[Batch]:
    for table, parts in (("complaint_versions", versions), ("complaint_log", log)):
        if any(len(part["event_time"]) for part in parts):
            columns = {name: pa.concat_arrays([part[name] for part in parts]) for name in parts[0]}
            yield Batch(table, _cleaned(columns))


def _cleaned(columns: Columns) -> Columns:
    """Return columns without persons, and without blanks and dashes that stand for nothing."""
    cleaned = dict(columns)
    for name, values in columns.items():
        if name in _LABELS:
            codes = values.dictionary_encode()
            labels = [_label(label) for label in codes.dictionary.to_pylist()]
            cleaned[name] = pa.array(labels, pa.string()).take(codes.indices)
        elif name in _TEXTS:
            cleaned[name] = _given(redact_all(values))
        elif name in _PICTURES:
            cleaned[name] = _only(pc.match_substring_regex(values, _PICTURE), values)
        elif name == "complaint_id":
            cleaned[name] = _given(values)
    return cleaned


def _label(value: str | None) -> str | None:
    return None if absent(value) else redact_text(" ".join(str(value).split()))


def _given(texts: pa.StringArray) -> pa.StringArray:
    texts = pc.utf8_trim_whitespace(texts)
    nothing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(sorted(ABSENT)))
    return _only(pc.invert(nothing), texts)


def _only(wanted: pa.BooleanArray, texts: pa.StringArray) -> pa.StringArray:
    return pc.if_else(wanted, texts, pa.scalar(None, pa.string()))


def _write_back(part: _Part, versions: Columns, log: Columns) -> None:
    """Put the cleaned texts into the place of those that were sent."""
    cleaned = pa.table(versions).to_pylist()
    for row, values in zip(part.complaints, cleaned, strict=True):
        row.service_request_id = values["complaint_id"]
        row.service_name = values["category"]
        row.description = values["text_redacted"]
        row.agency_responsible = values["agency"]
        row.address = values["address_public"]
        extension = row.extended_attributes
        extension.channel = values["channel"]
        extension.kelurahan_code = values["kelurahan_code"]
        extension.status_label = values["status"]
        extension.verification = values["verification"]
        row.media_url = values["photo_before"]
        extension.follow_up_media_url = values["photo_after"]
        key = values["reporter_key"]
        extension.reporter = None if key is None else Reporter(key=key)
    entries = iter(pa.table(log).to_pylist())
    for row in part.complaints:
        extension = row.extended_attributes
        extension.log = [
            Entry(entry["event_time"].isoformat(), entry["status"], entry["agency"])
            for entry in itertools.islice(entries, len(extension.log))
        ]


FEED = Feed(
    title="Pengaduan warga (CRM)",
    source="CRM Pemprov DKI Jakarta, Open311 GeoReport v2 dengan perluasan",
    licence="Internal Pemprov DKI Jakarta; perlu perjanjian dengan Biro Pemerintahan",
    reads="GeoReport v2 requests as JSON, with the CRM's extended_attributes",
    tables=("complaint_versions", "complaint_log"),
    parse=parse,
    redact=redact,
    requests=requests,
    every=timedelta(minutes=1),
    late=timedelta(minutes=10),
    expired=timedelta(minutes=60),
    # At three at night nobody complains for a quarter of an hour; that is no fault.
    clock="fetch",
    usual_lag=timedelta(minutes=1),
)
