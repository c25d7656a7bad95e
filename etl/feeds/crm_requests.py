"""Complaints from the city's CRM: GeoReport v2 with its extension, and the log of each complaint.

Source   internal CRM of Pemprov DKI Jakarta, Open311 GeoReport v2 /requests.json, agreement needed
Licence  internal; holds personal data until it is redacted
Quirks   `long`, not `lon`. Categories end in blanks. `updated_datetime` may be missing from a new
         complaint, whose `requested_datetime` then counts. GeoReport's own `status` (open, closed)
         does not say which CRM state, so a complaint without `status_label` is quarantined. Log
         entries come in any order. A complaint that cannot be read goes to quarantine with its
         log; a log entry that cannot be read goes alone.
Persons  `reporter` becomes a keyed hash of the contact (without one, of the name) and is gone; so
         is every field that is not named here. What people write is redacted, and labels too. A
         reject carries hash, size and field of its row, never its text.
Sample   tests/samples/crm_requests.json, of our own making
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Meta, Struct

from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Batch, Context, Exchange, Feed, Item, Reject, Request, Response, State
from etl.reading import absent, moment, number, text, whole
from etl.redaction import redact as redact_text
from etl.redaction import redact_all, without_reporter

PAGE_SIZE = 500
MOST_PAGES = 400
OVERLAP = timedelta(minutes=10)
FIRST_LOOK = timedelta(days=7)

# Few rows are Python objects at once; what they become is gathered into batches that load fast.
SLICE_ROWS = 4_096
BATCH_ROWS = 12 * SLICE_ROWS

_MICROSECONDS = pa.timestamp("us", "UTC")
_EARLIEST, _LATEST = 631_152_000_000_000, 4_102_444_800_000_000  # 1990 and 2100, as etl.reading
_URL = r"^(?:https?://|/)[^\s@]*$"
_KEY = re.compile(r"[\w.-]{1,16}:[0-9a-f]{32}")
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


class Unreadable(Struct, omit_defaults=True):
    """A row or log entry that could not be read, as the raw archive keeps it."""

    reason: Annotated[str, Meta(pattern=r"^[a-z0-9 ,]{1,80}$")]
    row: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}, [0-9]{1,12} bytes$")]
    field: Annotated[str, Meta(pattern=r"^[a-z_.]{1,60}$")] | None = None


class Complaint(Struct, omit_defaults=True):
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


_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_COMPLAINTS = msgspec.json.Decoder(list[Complaint])
