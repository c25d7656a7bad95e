"""Fetch the photos of complaints that were finished: judged, stripped, and kept for a while.

What stays in the lake is a photo's perceptual hash, when it says that it was taken and how far from
the complaint, never the point itself or the device. What stays in the folder is a JPEG without
metadata (data/photos.py). A photo that cannot be had leaves a row that says why; only one whose
server does not answer is asked for again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import structlog

from data.append import Origin, append, arrow_table
from data.areas import distance_m
from data.lake import Lake
from data.photos import Photos
from data.tables import TABLES
from etl.config import Source
from etl.errors import TooLarge, Unreachable
from etl.feed import Request, Response
from etl.fetch import Fetcher
from etl.own import OwnFeed, last_run
from etl.pictures import (
    NotAPictureError,
    TooManyPixelsError,
    opened,
    perceptual_hash,
    provenance,
    stripped,
)
from etl.runner import Tally, note_run

log = structlog.get_logger()

FEED = "photos"
EVERY = timedelta(minutes=5)
OWN = OwnFeed(
    FEED,
    title="Foto pengaduan",
    source="diambil dari alamat foto pada pengaduan",
    every=EVERY,
    late=timedelta(hours=1),
    expired=timedelta(hours=6),
    tables="complaint_photos",
    licence="internal; hanya untuk pemeriksaan",
)
LARGEST_BODY = 10 * 1024 * 1024
TIMEOUT_S = 15.0
# Bodies that are in memory at once.
PARALLEL = 8
MOST_A_RUN = 240
KEPT_AT, KEPT_QUALITY = (1280, 1280), 80
TABLE = TABLES["complaint_photos"]
# After-photos first, newest first; what could not be reached before comes last.
DUE = """
with finished as (
    select complaint_id, status, resolved_at, photo_before, photo_after, lon, lat, feed, simulated
    from complaint_versions
    where event_time > $since and event_time <= $now
    qualify
        row_number() over (partition by complaint_id order by event_time desc, known_time desc) = 1
),
wanted as (
    select *, 'sesudah' as which, photo_after as url from finished where photo_after is not null
    union all
    select *, 'sebelum', photo_before from finished where photo_before is not null
),
tried as (
    select complaint_id, which, event_time, max(known_time) as tried_at,
        bool_or(state <> 'unreachable') as settled
    from complaint_photos
    where event_time > $since
    group by complaint_id, which, event_time
)
select wanted.*
from wanted
left join tried
    on tried.complaint_id = wanted.complaint_id
    and tried.which = wanted.which
    and tried.event_time = wanted.resolved_at
where wanted.status = 'Selesai'
    and wanted.resolved_at > $since
    and not coalesce(tried.settled, false)
order by tried.tried_at nulls first, wanted.which desc, wanted.resolved_at desc, complaint_id
limit $most
"""
STORED = "select distinct complaint_id, which from complaint_photos where state = 'stored'"


def collect(
    lake: Lake,
    photos: Photos,
    fetcher: Fetcher,
    sources: Mapping[str, Source],
    now: datetime,
    *,
    within: timedelta,
    most: int = MOST_A_RUN,
) -> Tally:
    """Fetch the photos of complaints that were finished of late; return the run.

    Args:
        lake: Open for writing.
        photos: Where the stripped copies go.
        fetcher: Asks for them, past the guard against private addresses.
        sources: Of the feeds that told of the complaints; an address may be relative to its feed's.
        now: City time (aware).
        within: How long ago a complaint may have been finished.
        most: Most photos of one run.
    """
    started = time.perf_counter()
    due = [
        row
        for row in lake.rows(DUE, now=now, since=now - within, most=most)
        if row["feed"] in sources
    ]
    tally = Tally(uuid.uuid4().hex, FEED, now, any(row["simulated"] for row in due), live=True)
    rows: list[dict[str, Any]] = []
    for start in range(0, len(due), PARALLEL):
        answers = list(_asked(fetcher, sources, due[start : start + PARALLEL]))
        rows += [_settled(response, photos, now) for response in answers]
        if all(isinstance(response.error, Unreachable) for response in answers):
            # Nobody is there: the others would only wait for it too.
            tally.outcome, tally.error = "failed", "sumber foto tidak menjawab"
            break
    tally.fetched = len(rows)
    tally.bytes = sum(row["bytes"] or 0 for row in rows)
    _keep(lake, rows, tally, now, started)
    return tally


def tidy(lake: Lake, photos: Photos, before: datetime, now: float | None = None) -> int:
    """Delete photos stored before a moment (aware), and those of which no row tells any more.

    Args:
        now: See `Photos.keep_only`.
    """
    stored = {(row["complaint_id"], row["which"]) for row in lake.rows(STORED)}
    return photos.forget(before) + photos.keep_only(stored, now)


def _asked(
    fetcher: Fetcher, sources: Mapping[str, Source], rows: Sequence[dict[str, Any]]
) -> Iterator[Response]:
    for feed in sorted({row["feed"] for row in rows}):
        requests = [
            Request(
                urljoin(sources[feed].url, row["url"]),
                timeout=TIMEOUT_S,
                tolerate=True,
                keep=False,
                guarded=True,
                about=row,
            )
            for row in rows
            if row["feed"] == feed
        ]
        yield from fetcher.fetch_many(
            requests,
            parallel=PARALLEL,
            allowed_hosts=sources[feed].allowed_hosts,
            limit=LARGEST_BODY,
        )


def _settled(response: Response, photos: Photos, now: datetime) -> dict[str, Any]:
    """Return the row of a photo; one that is good is kept."""
    asked = response.request.about
    row = {
        "complaint_id": asked["complaint_id"],
        "which": asked["which"],
        "event_time": asked["resolved_at"],
        "simulated": asked["simulated"],
        "bytes": None,
        "phash": None,
        "taken_at": None,
        "has_gps": None,
        "distance_m": None,
    }
    if response.error is not None:
        match response.error:
            case TooLarge():
                state = "too_large"
            case Unreachable():
                state = "unreachable"
            case _:
                state = "refused"
        return row | {"state": state}
    row["bytes"] = len(response.body)
    try:
        with opened(response.body, KEPT_AT) as image:
            said = provenance(image)
            row["phash"] = perceptual_hash(image)
            body = stripped(image, KEPT_AT, KEPT_QUALITY)
    except TooManyPixelsError:
        return row | {"state": "too_large"}
    except NotAPictureError:
        return row | {"state": "unreadable"}
    photos.keep(asked["complaint_id"], asked["which"], body, now)
    row["taken_at"], row["has_gps"] = said.taken_at, said.point is not None
    if said.point is not None and asked["lon"] is not None:
        row["distance_m"] = round(distance_m(*said.point, asked["lon"], asked["lat"]), 1)
    return row | {"state": "stored"}


def _keep(
    lake: Lake, rows: Sequence[dict[str, Any]], tally: Tally, now: datetime, started: float
) -> None:
    names = [*(column.name for column in TABLE.columns), "event_time"]
    with lake.write() as cursor:
        for simulated in (False, True):
            part = [row for row in rows if row["simulated"] is simulated]
            if not part:
                continue
            batch, _ = arrow_table(TABLE, {name: [row[name] for row in part] for name in names})
            outcome = append(cursor, TABLE, batch, Origin(FEED, tally.run_id, now, simulated))
            tally.loaded += outcome.loaded
            tally.unchanged += outcome.unchanged
            tally.quarantined += len(outcome.refused)
            if outcome.newest is not None:
                tally.newest = max(tally.newest or outcome.newest, outcome.newest)
        if not rows:
            tally.outcome = "empty"
        note_run(cursor, tally, last_run(lake, FEED), now, started)
    log.info("photos.collected", fetched=tally.fetched, loaded=tally.loaded)
