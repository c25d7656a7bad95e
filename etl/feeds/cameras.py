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
         ninetieth of the others, so that each has its turn in 15 minutes. What a picture is
         worth is told by data/liveness.py, its own time by its EXIF or by Last-Modified. It is a
         row where the state differs from the last row, and in the first probe of an hour.
Pictures Only the last live one of each camera is kept (data/frames.py), small, without EXIF, in
         the place of the one before: pictures may show people
Sample   tests/samples/cameras.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from PIL import ImageStat

from data.liveness import Picture, Trail, follow, sight
from etl.documents import json_document, json_list
from etl.errors import BadField
from etl.feed import Context, Exchange, Feed, Item, Request, Response, Row, State
from etl.pictures import NotAPictureError, opened, provenance, stripped
from etl.reading import each, number, text

PROBE_EVERY = timedelta(seconds=10)
ROUND = timedelta(minutes=15)
TURNS = ROUND // PROBE_EVERY
EARLY = 0.25  # share of a turn by which a run may follow its neighbour too soon
LATE_TURNS = 3  # turns that a slow run may make up for; older ones come again in the next round
LOOK_AT = (320, 240)  # JPEGs are decoded at a fraction of their size, but not below this
KEPT_AT = (640, 640)
KEPT_QUALITY = 72

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


@dataclass(frozen=True)
class Probe:
    """What is known of a camera before a probe.

    Args:
        trail: What it showed; None where that is not known.
        state: State of its last row of this hour; None where there is none.
    """

    camera_id: str
    trail: Trail | None
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
        _remember(responses, state)
    listed_at = state.memory.get("listed_at")
    if not cameras or listed_at is None or state.now - listed_at >= ROUND * state.speed:
        state.memory["listed_at"] = state.now
        if state.frames is not None:
            state.frames.forget(state.now)
        yield Request(state.url)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield a check for a probe's picture, else one camera an entry of the list.

    Raises:
        Malformed: `body` is no camera list.
    """
    if isinstance(context.about, Probe):
        yield from _check(_seen(body, context.modified), context.about, context)
        return
    document = json_document(body)
    entries = json_list(document, "cameras")
    owners = _owners(document)
    yield from each(entries, "cameras", lambda entry: _camera(entry, owners, context))


def look(body: bytes) -> Picture | None:
    """Return what a picture shows; None where `body` is not a whole picture."""
    try:
        with opened(body, LOOK_AT, "L") as image:
            stamp = provenance(image).taken_at
            grey = image.convert("L")
    except NotAPictureError:
        return None
    digest = blake2b(grey.tobytes(), digest_size=8).hexdigest()
    return Picture(digest, ImageStat.Stat(grey).mean[0], stamp)


def shrink(body: bytes) -> bytes:
    """Return a picture as it is kept: a JPEG of at most `KEPT_AT`, and nothing but its pixels.

    Args:
        body: What `look` could read.
    """
    with opened(body, KEPT_AT) as image:
        return stripped(image, KEPT_AT, KEPT_QUALITY)


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
    """Take the trail from memory, after a restart from the last row."""
    trail = memory.get("trails", {}).get(camera_id)
    if last is None:
        return Probe(camera_id, trail, None)
    if trail is None and last["frame_hash"] is not None:
        trail = Trail(last["frame_hash"], last["checked_at"])
    return Probe(camera_id, trail, last["state"] if last["checked_at"] >= hour else None)


def _remember(responses: Response | Sequence[Response], state: State) -> None:
    """Follow what the cameras show, and keep each new live picture."""
    trails: dict[str, Trail] = state.memory.setdefault("trails", {})
    for response in responses if isinstance(responses, Sequence) else [responses]:
        picture = _seen(response.body, response.modified)
        if picture is None:
            continue
        probe: Probe = response.request.about
        trail = follow(probe.trail, picture, response.fetched_at)
        trails[probe.camera_id] = trail
        is_new = trail is not probe.trail
        if state.frames is None or not is_new:
            continue
        if sight(picture, probe.trail, response.fetched_at) == "live":
            state.frames.keep(probe.camera_id, shrink(response.body), response.fetched_at)


def _seen(body: bytes, modified: datetime | None) -> Picture | None:
    """Return what a picture shows, dated by whoever calls it older: its file or its server."""
    picture = look(body)
    if picture is None or modified is None:
        return picture
    return replace(picture, stamp=min(modified, picture.stamp or modified))


def _check(picture: Picture | None, probe: Probe, context: Context) -> Iterator[Item]:
    state = sight(picture, probe.trail, context.fetched_at)
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
