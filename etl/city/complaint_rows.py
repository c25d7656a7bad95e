"""Complaints as rows of the lake's tables, as they were after any of their steps."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.city.complaint_cheats import photographed
from etl.city.complaint_city import DAY, city_of, date_of, day_number
from etl.city.complaint_lives import (
    CLOSED,
    CLOSED_AGAIN,
    DISPOSITION,
    FORWARD,
    INTAKE,
    NEVER,
    REOPENED,
    WORK,
    Complaints,
)
from etl.city.complaint_truth import Kind
from etl.city.world import WIB, Ints, World, reference

STATUSES = ("Menunggu", "Koordinasi", "Disposisi", "Proses", "EWS", "Selesai", "Ditolak")
_STATUS_OF_STEP = np.array([0, 1, 1, 2, 3, 4, 5, 3, 5])
_REJECTED = STATUSES.index("Ditolak")
_VERIFIED_SINCE = int(datetime(2021, 1, 1, tzinfo=WIB).timestamp())
_TAILS = (
    ". Mohon segera ditindaklanjuti.", ". Sudah beberapa hari.", ". Mohon dicek petugas.",
    ". Mengganggu warga yang melintas.", ". Sering terjadi di tempat ini.", ". Terima kasih.",
)  # fmt: skip  # fmt: skip


def versions(world: World, some: Complaints, index: Ints, step: Ints) -> pa.Table:
    """Return complaints as they were from one of their steps on, as rows of `complaint_versions`.

    Args:
        world: The city.
        some: Complaints.
        index: Which of them, one a row.
        step: After which step, one a row.
    """
    city = city_of(world.seed)
    dice = some.dice[index]
    created = some.steps[index, INTAKE]
    event = some.steps[index, step]
    closed = ((step == CLOSED) | (step == CLOSED_AGAIN)) & ~some.rejected[index]
    holder = _holder(some, index, step)
    channel, category = some.channel[index], some.category[index]
    geotagged = city.geotagged[channel]
    ids = _ids(some.day[index], some.sequence[index])
    later = np.sort(some.steps[index, FORWARD : WORK + 1], axis=1)[:, 0]
    responded = np.where(step == INTAKE, NEVER, np.minimum(later, event))
    photo = photographed(world, channel, dice, some.scene[index])
    verified = closed & (created >= _VERIFIED_SINCE)
    verified &= world.uniform("complaint/verified", dice) < 0.3
    contested = (step == CLOSED) & (some.steps[index, REOPENED] < NEVER)
    rated = closed & (world.uniform("complaint/rated", dice) < 0.12)
    speed = np.log10(np.maximum(event - created, 1) / DAY)
    rating = np.clip(np.round(3.9 - 1.1 * speed + world.normal("complaint/rating", dice)), 1, 5)
    spot = pa.array(some.spot[index])
    return pa.table(
        {
            "event_time": _moments(event),
            "complaint_id": ids,
            "created_at": _moments(created),
            "channel": _coded(channel, pa.array(city.channels)),
            "category": labels(world.seed, some.day[index], category, raw=False),
            "status": _coded(_status(some, index, step), pa.array(STATUSES)),
            "agency": _coded(holder, city.agencies),
            "kelurahan_code": _coded(some.kelurahan[index], city.codes),
            "lon": pa.array(some.lon[index], mask=~geotagged),
            "lat": pa.array(some.lat[index], mask=~geotagged),
            "geotagged": pa.array(geotagged),
            "due_at": _moments(_due(some.day[index], created)),
            "first_response_at": _moments(responded),
            "resolved_at": _moments(np.where(closed, event, NEVER)),
            "reopened_count": pa.array((step >= REOPENED).astype(np.int32)),
            "photo_before": _photo(ids, "sebelum", photo),
            "photo_after": _photo(ids, "sesudah", closed & photo),
            "address_public": city.spot_address.take(spot),
            "verification": pa.DictionaryArray.from_arrays(
                pa.array(contested.astype(np.int32), mask=~verified), ["Sesuai", "Tidak Sesuai"]
            ),
            "rating": pa.array(rating, mask=~rated),
            "reporter_key": _reporter_keys().take(pa.array(some.reporter[index])),
            "text_redacted": _text(world, some, index),
        }
    )


def log(world: World, some: Complaints, index: Ints, step: Ints) -> pa.Table:
    """Return steps as rows of `complaint_log`; arguments as for `versions`."""
    return pa.table(
        {
            "event_time": _moments(some.steps[index, step]),
            "complaint_id": _ids(some.day[index], some.sequence[index]),
            "status": _coded(_status(some, index, step), pa.array(STATUSES)),
            "agency": _coded(_holder(some, index, step), city_of(world.seed).agencies),
        }
    )


def labels(seed: int, day: Ints, category: Ints, *, raw: bool) -> pa.Array:
    """Return the category as the source wrote it on that day, with its stray blanks where `raw`."""
    rows = city_of(seed).categories
    now = [row["label"] for row in rows]
    then = [row["label_before"] or row["label"] for row in rows]
    since = np.array(
        [day_number(date.fromisoformat(row["label_since"] or "1970-01-01")) for row in rows]
    )
    words = now + then if raw else [word.strip() for word in now + then]
    drifted = category + len(rows) * (day < since[category])
    distinct = list(dict.fromkeys(words))
    codes = np.array([distinct.index(word) for word in words])
    return _coded(codes[drifted], pa.array(distinct))


def truth(world: World, some: Complaints) -> pa.Table:
    """Return what is true of each complaint and what no feed tells.

    Columns: complaint_id; incident_id, the number of the incident's first report; kind, the name
    of its `Kind` in lower case; agency, which finishes it.
    """
    order = np.argsort(some.dice)
    first = order[np.searchsorted(some.dice, some.incident, sorter=order)]
    ids = _ids(some.day, some.sequence)
    return pa.table(
        {
            "complaint_id": ids,
            "incident_id": ids.take(pa.array(first)),
            "kind": _coded(some.kind, pa.array([kind.name.lower() for kind in Kind])),
            "agency": _coded(some.holders[:, -1], city_of(world.seed).agencies),
        }
    )


def _text(world: World, some: Complaints, index: Ints) -> pa.Array:
    city = city_of(world.seed)
    dice = some.dice[index]
    head = some.category[index] * 4 + np.floor(4 * world.uniform("complaint/head", dice)).astype(
        int
    )
    tail = np.floor(len(_TAILS) * world.uniform("complaint/tail", dice)).astype(int)
    return pc.binary_join_element_wise(
        city.heads.take(pa.array(head)),
        city.spot_street.take(pa.array(some.spot[index])),
        pa.array(_TAILS).take(pa.array(tail)),
        "",
    )


@cache
def _reporter_keys() -> pa.StringArray:
    return pa.array([f"simulasi-{i:06d}" for i in range(267 * 400)])


def _holder(some: Complaints, index: Ints, step: Ints) -> Ints:
    holder: Ints = some.holders[index, np.minimum(step, DISPOSITION)]
    return holder


def _status(some: Complaints, index: Ints, step: Ints) -> Ints:
    turned_down = some.rejected[index] & (step == CLOSED)
    return np.where(turned_down, _REJECTED, _STATUS_OF_STEP[step])


def _due(day: Ints, created: Ints) -> Ints:
    """Return the source's promise, intake plus the rule's hours; `NEVER` before the first rule."""
    rules = reference("complaint_rules")
    since = np.array([day_number(date.fromisoformat(row["valid_from"])) for row in rules])
    hours = np.array([int(row["resolve_within_hours"]) for row in rules])
    which = np.searchsorted(since, day, "right") - 1
    return np.where(which < 0, NEVER, created + 3600 * hours[which])


def _ids(day: Ints, sequence: Ints) -> pa.StringArray:
    """Return report numbers: JK, date, four digits."""
    unique, where = np.unique(day, return_inverse=True)
    dates = np.array([f"JK{date_of(d):%y%m%d}".encode() for d in unique], "S8")
    text = np.empty((len(day), 12), np.uint8)
    if len(day):
        text[:, :8] = dates.view(np.uint8).reshape(-1, 8)[where]
    for place in range(4):
        text[:, 11 - place] = 48 + sequence // 10**place % 10
    offsets = np.arange(0, 12 * len(day) + 1, 12, dtype=np.int32)
    return pa.StringArray.from_buffers(len(day), pa.py_buffer(offsets), pa.py_buffer(text))


def _photo(ids: pa.StringArray, which: str, taken: NDArray[np.bool_]) -> pa.Array:
    urls = pc.binary_join_element_wise("/crm/photos/", ids, f"-{which}.jpg", "")
    return pc.if_else(pa.array(taken), urls, pa.scalar(None, pa.string()))


def _coded(codes: Ints, words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)


def _moments(seconds: Ints) -> pa.Array:
    """Return seconds since 1970 as TIMESTAMPTZ; null where `NEVER`."""
    never = seconds >= NEVER
    micros = pa.array(np.where(never, 0, seconds) * 1_000_000, mask=never)
    return micros.cast(pa.timestamp("us", "UTC"))
