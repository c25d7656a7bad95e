"""Duty roster: who is on duty, assigned or off, from when until when.

Source   the city's own scheduling, in the format below; JSON, no names of people
Licence  internal; never public
Format   {"generated_at": "2026-02-18T19:00:00+07:00",
          "roster": [{"officer_id": "17",                        id of the device in Traccar
                      "state": "assigned",                       on_duty, assigned or off
                      "task_id": "JK2602180123",                 null where there is none
                      "since": "2026-02-18T18:40:00+07:00",      from when the state holds
                      "until": "2026-02-18T22:00:00+07:00"}]}    its planned end, or null
         Each officer stands in it once, with the present state. Times carry their zone.
Quirks   A state may last for hours, so the feed's age counts from the fetch. An officer who is
         assigned has a task; one with a task is not off. Other fields are neither read nor kept.
Sample   tests/samples/duty_roster.json, of our own making
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from etl.documents import json_document, json_list
from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.reading import each, moment, text

_FIELDS = ("officer_id", "state", "task_id", "since", "until")


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one duty state an officer.

    Raises:
        Malformed: `body` is no JSON object with a list `roster`.
    """
    yield from each(_cleaned(body), "duty_roster", _read)


def redact(body: bytes, _context: Context) -> bytes:
    """Return the roster with the fields of the format only: a name may have slipped in."""
    return json.dumps({"roster": _cleaned(body)}).encode()


def _cleaned(body: bytes) -> list[Row | None]:
    return [
        {name: _plain(row[name]) for name in _FIELDS if name in row}
        if isinstance(row, Mapping)
        else None
        for row in json_list(json_document(body), "roster")
    ]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else []


def _read(row: Mapping[str, Any]) -> Row:
    since, until = _required_moment(row, "since"), moment(row, "until")
    if until is not None and until < since:
        raise BadField("until", "lebih awal daripada since")
    state, task_id = text(row, "state"), text(row, "task_id")
    if (state, task_id) == ("assigned", None):
        raise BadField("task_id", "assigned tanpa tugas")
    if state == "off" and task_id is not None:
        raise BadField("task_id", "off dengan tugas")
    return {
        "officer_id": text(row, "officer_id"),
        "event_time": since,
        "state": state,
        "task_id": task_id,
        "until": until,
    }


def _required_moment(row: Mapping[str, Any], name: str) -> datetime:
    value = moment(row, name)
    if value is None:
        raise BadField(name, "kosong")
    return value


FEED = Feed(
    title="Daftar piket",
    source="Penjadwalan petugas Pemprov DKI Jakarta",
    licence="Data internal; tidak pernah ditampilkan untuk umum",
    reads="duty roster JSON, an object with the list roster",
    tables=("duty_roster",),
    parse=parse,
    every=timedelta(minutes=1),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=60),
    clock="fetch",
    redact=redact,
)
