"""Cameras: the list of them, and whether each one still shows the city.

Source   the city's own list (JSON, fields below) or one scraped from the toll operators' pages,
         https://binamarga.pu.go.id/contents/cctv_tol/
Licence  each owner's; terms of most are not published, so only cameras with `proxied` true (ours
         or licensed) are ever fetched by our server, all others are embedded and never probed
Fields   {"sources": [{"provider", "sourcePage"}], "cameras": [{"id", "name", "streamUrl",
         "sourcePage", "highwayId"}]}, and in the city's own list a camera also has owner, kind
         (road, gate, pump), flood, proxied, snapshotUrl, embedUrl, lat, lon
Quirks   The toll list has neither positions nor pictures, gives one stream to several cameras, and
         marks all as not enabled; they are listed all the same. A URL may be relative to the list.
Probes   Every run (10 s) asks the cameras that a screen shows and those that watch water, and a
         ninetieth of the others, so that each has its turn in 15 minutes. A picture is

         unreachable  where none came, or no picture
         black        where its mean luminance is under 8 of 255
         frozen       where not one pixel has moved for at least 30 s. A source that renews its
                      picture every 10 s is often seen twice with the same one, never four times
         live         otherwise; one new picture is proof enough

         and is a row where the state differs from the last row, and in the first probe of an hour.
Sample   tests/samples/cameras.json, of our own making
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from PIL import Image, ImageStat

from etl.documents import json_document, json_list
from etl.errors import BadField
from etl.feed import Context, Exchange, Feed, Item, Request, Response, Row, State
from etl.reading import each, number, text

PROBE_EVERY = timedelta(seconds=10)
ROUND = timedelta(minutes=15)
TURNS = ROUND // PROBE_EVERY
EARLY = 0.25  # share of a turn by which a run may follow its neighbour too soon
LATE_TURNS = 3  # turns that a slow run may make up for; older ones come again in the next round
FROZEN_AFTER = timedelta(seconds=30)
BLACK_BELOW = 8.0
MOST_PIXELS = 40_000_000
LOOK_AT = (320, 240)  # JPEGs are decoded at a fraction of their size, but not below this

NEWEST_OF_EACH = """
select camera_id, snapshot_url, flood
from cameras
qualify row_number() over (partition by camera_id order by known_time desc, event_time desc) = 1
"""
LAST_CHECKS = """
select camera_id, max(event_time) as checked_at, arg_max(state, event_time) as state,
    arg_max(frame_hash, event_time) as frame_hash
from camera_checks
where event_time >= $since
group by camera_id
"""

Sight: TypeAlias = Literal["live", "frozen", "black", "unreachable"]


@dataclass(frozen=True)
class Picture:
    """What a picture shows, as far as a probe cares.

    Args:
        hash: Of its pixels, so that a new date in the file is no new picture.
        luminance: Mean, 0 to 255.
    """

    hash: str
    luminance: float


@dataclass(frozen=True)
class Seen:
    """A picture's hash, and when it was first seen without a break."""

    hash: str
    since: datetime


@dataclass(frozen=True)
class Probe:
    """What is known of a camera before a probe.

    Args:
        seen: Last picture; None where there is none yet.
        state: State of its last row of this hour; None where there is none.
    """

    camera_id: str
    seen: Seen | None
    state: str | None


def requests(state: State) -> Exchange:
    """Probe the cameras whose turn it is, then ask for the list where that is due."""
    turns = _turns(state)
    if not turns:
        return
    cameras = [row for row in state.query(NEWEST_OF_EACH) if row["snapshot_url"]]
    hour = state.now.replace(minute=0, second=0, microsecond=0)
    checks = state.query(LAST_CHECKS, since=hour - timedelta(hours=1))
    last = {row["camera_id"]: row for row in checks}
    probes = [
        Request(
            camera["snapshot_url"],
            timeout=5.0,
            tolerate=True,
            keep=False,
            guarded=True,
            about=_probe(camera["camera_id"], last.get(camera["camera_id"]), hour, state.memory),
        )
        for camera in cameras
        if camera["flood"]
        or camera["camera_id"] in state.watched
        or crc32(camera["camera_id"].encode()) % TURNS in turns
    ]
    if probes:
        responses = yield probes
        _remember(responses, state.memory)
    listed_at = state.memory.get("listed_at")
    if not cameras or listed_at is None or state.now - listed_at >= ROUND * state.speed:
        state.memory["listed_at"] = state.now
        yield Request(state.url)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield a check for a probe's picture, else one camera an entry of the list.

    Raises:
        Malformed: `body` is no camera list.
    """
    if isinstance(context.about, Probe):
        yield from _check(look(body), context.about, context)
        return
    document = json_document(body)
    entries = json_list(document, "cameras")
    owners = _owners(document)
    yield from each(entries, "cameras", lambda entry: _camera(entry, owners, context))


def look(body: bytes) -> Picture | None:
    """Return what a picture shows; None where `body` is not a whole picture."""
    try:
        with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("L", LOOK_AT)
            grey = image.convert("L")
    except (
        OSError,
        ValueError,
        SyntaxError,
        MemoryError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return None
    digest = blake2b(grey.tobytes(), digest_size=8).hexdigest()
    return Picture(digest, ImageStat.Stat(grey).mean[0])


def sight(picture: Picture | None, seen: Seen | None, at: datetime) -> Sight:
    """Say what state a camera is in; see Probes above.

    Args:
        picture: What came; None where nothing did.
        seen: The picture before.
        at: When it came.
    """
    if picture is None:
        return "unreachable"
    if picture.luminance < BLACK_BELOW:
        return "black"
    if seen is not None and seen.hash == picture.hash and at - seen.since >= FROZEN_AFTER:
        return "frozen"
    return "live"


def _turns(state: State) -> set[int]:
    """Return the turns (0 to TURNS - 1) that have come since the last run.

    They count real time: a fast clock makes the schedule come more often, but a camera is asked no
    more often for that.
    """
    every = PROBE_EVERY * state.speed
    first = (int(state.now.timestamp() / every.total_seconds()) - 1, state.now - every)
    last, asked_at = state.memory.get("turn", first)
    passed = int((state.now - asked_at) / every + EARLY)
    if passed <= 0:
        return set()
    turn = last + passed
    state.memory["turn"] = (turn, state.now)
    return {number % TURNS for number in range(turn - min(passed, LATE_TURNS) + 1, turn + 1)}


def _probe(camera_id: str, last: Row | None, hour: datetime, memory: Mapping[str, Any]) -> Probe:
    """Take the last picture from memory, after a restart from the last row."""
    seen = memory.get("seen", {}).get(camera_id)
    if last is None:
        return Probe(camera_id, seen, None)
    if seen is None and last["frame_hash"] is not None:
        seen = Seen(last["frame_hash"], last["checked_at"])
    return Probe(camera_id, seen, last["state"] if last["checked_at"] >= hour else None)


def _remember(responses: Response | Sequence[Response], memory: dict[str, Any]) -> None:
    seen: dict[str, Seen] = memory.setdefault("seen", {})
    for response in responses if isinstance(responses, Sequence) else [responses]:
        picture = look(response.body)
        before: Seen | None = response.request.about.seen
        if picture is None:
            continue
        if before is None or before.hash != picture.hash:
            before = Seen(picture.hash, response.fetched_at)
        seen[response.request.about.camera_id] = before


def _check(picture: Picture | None, probe: Probe, context: Context) -> Iterator[Item]:
    state = sight(picture, probe.seen, context.fetched_at)
    if state != probe.state:
        row = {
            "camera_id": probe.camera_id,
            "event_time": context.fetched_at,
            "state": state,
            "latency_ms": None if picture is None else context.latency_ms,
            "frame_hash": None if picture is None else picture.hash,
        }
        yield "camera_checks", row


def _owners(document: Mapping[str, Any]) -> dict[str, str]:
    """Return page to who publishes it."""
    sources = document.get("sources")
    return {
        source["sourcePage"]: source["provider"]
        for source in (sources if isinstance(sources, list) else [])
        if isinstance(source, Mapping)
        and isinstance(source.get("sourcePage"), str)
        and isinstance(source.get("provider"), str)
    }


def _camera(entry: Mapping[str, Any], owners: Mapping[str, str], context: Context) -> Row:
    proxied = entry.get("proxied") is True
    page = _url(entry, "sourcePage", context)
    return {
        "camera_id": text(entry, "id", most=200),
        "event_time": context.fetched_at,
        "name": text(entry, "name", most=200),
        "owner": text(entry, "owner") or owners.get(page or ""),
        "kind": text(entry, "kind") or ("road" if entry.get("highwayId") else "other"),
        "snapshot_url": _url(entry, "snapshotUrl", context) if proxied else None,
        "stream_url": _url(entry, "streamUrl", context),
        "embed_url": _url(entry, "embedUrl", context) or page,
        "proxied": proxied,
        "flood": entry.get("flood") is True,
        "lon": number(entry, "lon"),
        "lat": number(entry, "lat"),
    }


def _url(entry: Mapping[str, Any], name: str, context: Context) -> str | None:
    """Return an absolute URL; anything but http and https could run as code in a page."""
    written = text(entry, name)
    if written is None:
        return None
    try:
        url = urljoin(context.url, written)
        parts = urlsplit(url)
    except ValueError as error:
        raise BadField(name, "bukan URL yang sah") from error
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadField(name, "seharusnya URL http atau https")
    return url


FEED = Feed(
    title="Kamera",
    source="Daftar kamera Pemprov DKI Jakarta; tol: Direktorat Jenderal Bina Marga",
    licence="Menurut pemilik kamera; tanpa izin tertulis hanya disematkan, tidak diambil",
    reads="camera list JSON, an object with the list cameras",
    tables=("camera_checks", "cameras"),
    parse=parse,
    every=PROBE_EVERY,
    late=timedelta(minutes=1),
    expired=timedelta(minutes=2),
    clock="fetch",
    requests=requests,
    parallel=16,
)
