"""Pantau Banjir: rain at the city's rain posts, as their keepers report it.

Source   https://pantaubanjir.jakarta.go.id, `/api/report/...?format=json`, JSON with a token header
Licence  terms not published; the token is issued by Dinas SDA on request
Quirks   The answer for rain has not been seen: its shape is that of gates and pumps, with
         `curah_hujan` in mm over the last `durasi` minutes at `pos_hujan`. Coordinates are text,
         longitude first; date and time stand apart, in WIB. Keepers report about once an hour, so
         the feed's age counts from the fetch.
Sample   tests/samples/pantau_rain.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.pantau import part, place_id, reported_at, reports
from etl.reading import each, number, whole


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one rainfall row a post.

    Raises:
        Malformed: `body` is not a JSON list of reports with pos_hujan.
    """
    yield from each(reports(body, "pos_hujan"), "rainfall", _read)


def _read(report: Mapping[str, Any]) -> Row:
    properties = part(report, "properties")
    match part(report, "geometry").get("coordinates"):
        case [lon, lat, *_]:
            position = {"lon": lon, "lat": lat}
        case _:
            raise BadField("coordinates", "seharusnya bujur dan lintang")
    return {
        "station_id": place_id(part(properties, "pos_hujan")),
        "event_time": reported_at(properties),
        "rain_mm": number(properties, "curah_hujan"),
        "interval_minutes": whole(properties, "durasi"),
        "lon": number(position, "lon"),
        "lat": number(position, "lat"),
    }


FEED = Feed(
    title="Curah hujan",
    source="Pantau Banjir, Dinas SDA DKI Jakarta, https://pantaubanjir.jakarta.go.id",
    licence="Ketentuan belum dipublikasikan; token diminta ke Dinas SDA",
    reads="Pantau Banjir JSON, a list of reports with pos_hujan",
    tables=("rainfall",),
    parse=parse,
    every=timedelta(minutes=1),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=60),
    clock="fetch",
    usual_lag=timedelta(minutes=10),
)
