"""PetaBencana: citizens' reports of floods, sent through Telegram, X, Qlue, detik and others.

Source   https://api.petabencana.id/reports?admin=ID-JK&disaster=flood&timeperiod=3600, TopoJSON or
         GeoJSON, no key, but a User-Agent; HTTP 429 on excess. Formerly data.petabencana.id
Licence  CC BY 4.0, PetaBencana.id
Quirks   `timeperiod` (1 to 604800 s) reaches back from now: after a gap it is asked for back to the
         newest report that the lake holds, a week at most. Times are UTC, except in the files of
         February 2017, which write none: WIB, since texts there quote the clock ("Foto diambil
         pukul 06.48" was taken in at 06:48:15). Those files have no `pkey` either: their id is a
         hash of time, source, place and picture, which no two of their 1,126 reports share.
         Depth is told by reports of PetaBencana's own form only. Many reports of Qlue speak of
         drains and rubbish; they are kept as flood reports, as the source counts them.
         Texts are citizens' own and are redacted; links to the post, which name its author, go.
Sample   tests/samples/petabencana_reports.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from data.redaction import redact
from etl.documents import json_document
from etl.errors import BadField
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Row, State
from etl.reading import WIB, moment, number, raw_text, text
from etl.topojson import features

HOUR, LONGEST_HOURS = timedelta(hours=1), 7 * 24
_WORDS = ("title", "text")
_KEPT = (
    "pkey",
    "created_at",
    "source",
    "status",
    "image_url",
    "disaster_type",
    "report_data",
    "tags",
)


def requests(state: State) -> Exchange:
    """Ask for the last hour, or back to the newest report that the lake holds."""
    hours = LONGEST_HOURS
    if state.last_event_time is not None:
        hours = min(max((state.now - state.last_event_time) // HOUR + 1, 1), LONGEST_HOURS)
    yield Request(state.url, params={"timeperiod": str(hours * 3600)})


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one flood report a feature.

    Raises:
        Malformed: `body` is neither GeoJSON nor TopoJSON of reports.
    """
    for feature in features(json_document(body), "created_at"):
        try:
            yield "flood_reports", _read(feature)
        except BadField as error:
            yield Reject(error.reason, error.field, raw_text(_without_persons(feature)))


def redacted(body: bytes, _context: Context) -> bytes:
    """Return the answer as GeoJSON with redacted words and nothing that is not known to be safe.

    Raises:
        Malformed: `body` is neither GeoJSON nor TopoJSON of reports.
    """
    found = [_without_persons(feature) for feature in features(json_document(body), "created_at")]
    return msgspec.json.encode({"type": "FeatureCollection", "features": found})


def _without_persons(feature: Any) -> Any:
    """Return what may be kept of a feature; of one in another shape only that it was there."""
    match feature:
        case {"properties": Mapping() as report}:
            kept = {name: report[name] for name in _KEPT if name in report}
            words = {name: _redacted(report.get(name)) for name in _WORDS}
            place = feature.get("geometry")
            return {"type": "Feature", "properties": kept | words, "geometry": place}
    return {"properties": None}


def _redacted(words: Any) -> str | None:
    return redact(words) if isinstance(words, str) else None


def _read(feature: Any) -> Row:
    match feature:
        case {"properties": Mapping() as report, "geometry": {"coordinates": [lon, lat, *_]}}:
            place = {"lon": lon, "lat": lat}
        case _:
            raise BadField("geometry", "seharusnya laporan dengan titik lokasi")
    if text(report, "disaster_type") not in (None, "flood"):
        raise BadField("disaster_type", "bukan banjir")
    words = text(report, "text") or text(report, "title")
    told = report.get("report_data")
    return {
        "report_id": text(report, "pkey") or _archive_id(report, place),
        "event_time": moment(report, "created_at", zone=WIB),
        "lon": number(place, "lon"),
        "lat": number(place, "lat"),
        "depth_cm": number(told, "flood_depth") if isinstance(told, Mapping) else None,
        "source": text(report, "source"),
        "text_redacted": redact(words) if words else None,
    }


def _archive_id(report: Mapping[str, Any], place: Mapping[str, Any]) -> str:
    parts = (report.get("created_at"), report.get("source"), *place.values())
    identity = "|".join(str(part) for part in (*parts, report.get("image_url")))
    return f"arsip-{blake2b(identity.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


FEED = Feed(
    title="Laporan banjir warga",
    source="PetaBencana.id, https://petabencana.id",
    licence="CC BY 4.0, PetaBencana.id",
    reads="PetaBencana TopoJSON or GeoJSON of reports with created_at and source",
    tables=("flood_reports",),
    parse=parse,
    every=timedelta(minutes=1),
    late=timedelta(minutes=30),
    expired=timedelta(hours=3),
    clock="fetch",
    usual_lag=timedelta(minutes=1),
    redact=redacted,
    requests=requests,
)
