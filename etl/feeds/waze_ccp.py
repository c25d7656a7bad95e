"""Waze for Cities: jams, alerts and unusual traffic that drivers' phones report, every 2 minutes.

Source   https://www.waze.com/partnerhub-api/partners/ID/waze-feeds/TOKEN?format=1  JSON
Licence  partner agreement with Waze; needed before the feed is switched on
Quirks   `alerts`, `jams` and `irregularities` are absent where there are none.
         x is longitude, y latitude; ids are numbers or text; times are epoch milliseconds, and the
         snapshot's "YYYY-MM-DD HH:MM:SS:mmm" is UTC.
         A jam counts as seen at the end of the snapshot, an alert at its publication. A snapshot
         that ended long before it was fetched means that the source stands still: it is refused,
         so that old jams do not look fresh.
         A delay of -1 means closed, so it is null; `speed` is m/s, `speedKMH` is not always there.
         An irregularity is the same queue as some jams, found slower than usual: it becomes an
         alert of type IRREGULARITY with its size (Small to Huge) as subtype, since as a jam it
         would be counted twice.
Sample   tests/samples/waze_ccp.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, each, number, read_moment, text, whole

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KMH_PER_MS = 3.6
STANDS_STILL_AFTER = timedelta(minutes=30)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield one row a jam, an alert and an irregularity.

    Raises:
        Malformed: `body` is no snapshot with an end time, or a list is something else, or the
            snapshot was fetched live and is old.
    """
    document = json_document(body)
    if not isinstance(document, Mapping):
        raise Malformed("seharusnya objek JSON dengan alerts, jams dan irregularities")
    seen_at = _snapshot_end(document)
    if context.state is not None and context.fetched_at - seen_at > STANDS_STILL_AFTER:
        raise Malformed(
            "seharusnya data terkini, data ini berakhir"
            f" {seen_at.astimezone(WIB):%d-%m-%Y pukul %H.%M} WIB"
        )

    def jam(row: Mapping[str, Any]) -> Row:
        return _jam(row, seen_at)

    readers = (
        ("jams", "traffic_jams", jam),
        ("alerts", "traffic_alerts", _alert),
        ("irregularities", "traffic_alerts", _irregularity),
    )
    lists = {
        name: json_list(document, name) if document.get(name) is not None else []
        for name, _, _ in readers
    }
    for name, table, read in readers:
        yield from each(lists[name], table, read)


def _snapshot_end(document: Mapping[str, Any]) -> datetime:
    try:
        end = _instant(document, "endTimeMillis")
        written = text(document, "endTime")
        if end is None and written is not None:
            end = read_moment(written, "endTime", zone=UTC, formats=("%Y-%m-%d %H:%M:%S:%f",))
    except BadField as error:
        raise Malformed(f"seharusnya data Waze dengan waktu akhirnya; {error}") from error
    if end is None:
        raise Malformed("seharusnya data Waze: endTimeMillis dan endTime kosong")
    return end


def _jam(row: Mapping[str, Any], seen_at: datetime) -> Row:
    speed_kmh = number(row, "speedKMH")
    speed_ms = number(row, "speed")
    if speed_kmh is None and speed_ms is not None:
        speed_kmh = speed_ms * KMH_PER_MS
    delay = number(row, "delay")
    line = _line(row)
    lon, lat = line[len(line) // 2] if line else (None, None)
    return {
        "event_time": seen_at,
        "jam_id": text(row, "uuid") or text(row, "id"),
        "street": text(row, "street"),
        "level": whole(row, "level"),
        "speed_kmh": speed_kmh,
        "length_m": number(row, "length"),
        "delay_s": None if delay == -1 else delay,
        "geometry": (
            orjson.dumps({"type": "LineString", "coordinates": line}).decode()
            if len(line) > 1
            else None
        ),
        "lon": lon,
        "lat": lat,
    }


def _alert(row: Mapping[str, Any]) -> Row:
    location = row.get("location")
    if not isinstance(location, Mapping):
        raise BadField("location", "seharusnya objek dengan x dan y")
    return {
        "event_time": _instant(row, "pubMillis"),
        "alert_id": text(row, "uuid") or text(row, "id"),
        "type": text(row, "type"),
        "subtype": text(row, "subtype"),
        "street": text(row, "street"),
        "reliability": number(row, "reliability"),
        "lon": number(location, "x"),
        "lat": number(location, "y"),
    }


def _irregularity(row: Mapping[str, Any]) -> Row:
    line = _line(row)
    name = text(row, "id")
    if name is None or not line:
        raise BadField("id" if name is None else "line", "kosong")
    lon, lat = line[len(line) // 2]
    return {
        "event_time": _instant(row, "detectionDateMillis"),
        "alert_id": f"irregularity-{name}",
        "type": "IRREGULARITY",
        "subtype": text(row, "type"),
        "street": text(row, "street"),
        "lon": lon,
        "lat": lat,
    }


def _line(row: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the vertices as (lon, lat); empty where the source gives none."""
    vertices = row.get("line")
    if vertices is None:
        return []
    if not isinstance(vertices, list):
        raise BadField("line", "seharusnya daftar titik")
    line = []
    for vertex in vertices:
        if not isinstance(vertex, Mapping):
            raise BadField("line", "seharusnya titik dengan x dan y")
        lon, lat = number(vertex, "x"), number(vertex, "y")
        if lon is None or lat is None:
            raise BadField("line", "seharusnya titik dengan x dan y")
        line.append((lon, lat))
    return line


def _instant(row: Mapping[str, Any], name: str) -> datetime | None:
    """Return epoch milliseconds as a time."""
    value = whole(row, name)
    if value is None:
        return None
    try:
        return read_moment((EPOCH + timedelta(milliseconds=value)).isoformat(), name)
    except OverflowError as error:
        raise BadField(name, "waktu di luar tahun 1990 sampai 2099") from error


FEED = Feed(
    title="Kemacetan dan laporan jalan (Waze)",
    source="Waze for Cities Data, waze.com/wazeforcities",
    licence="Perjanjian kemitraan dengan Waze, yang juga mengatur apa yang boleh dipublikasikan",
    reads="JSON of Waze for Cities with endTimeMillis, alerts, jams and irregularities",
    tables=("traffic_jams", "traffic_alerts"),
    parse=parse,
    every=timedelta(minutes=2),
    late=timedelta(minutes=10),
    expired=timedelta(minutes=30),
    clock="fetch",
    complete=("traffic_jams", "traffic_alerts"),
)
