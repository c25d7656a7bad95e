"""Pantau Banjir: the water level at each gate, as its keepers report it.

Source   https://pantaubanjir.jakarta.go.id, `/api/report/...?format=json`, JSON with a token header
Licence  terms not published; the token is issued by Dinas SDA on request
Quirks   Levels are whole cm. Date and time stand apart, in WIB. A gate that nobody reports keeps
         its last row for years (Cakung Drain: February 2021), so each row has its own age, and
         with about one report an hour the feed's age counts from the fetch. The weather is what
         the keeper saw.
Sample   tests/samples/pantau_gates.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.pantau import part, place_id, reported_at, reports
from etl.reading import each, number, text, whole
from etl.stations import named


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one water level a gate.

    Raises:
        Malformed: `body` is not a JSON list of reports with pintu_air.
    """
    yield from each(reports(body, "pintu_air"), "water_levels", _read)


def _read(report: Mapping[str, Any]) -> Row:
    properties = part(report, "properties")
    gate = part(properties, "pintu_air")
    siaga = whole(properties, "status_siaga")
    if siaga is not None and siaga not in range(1, 5):
        raise BadField("status_siaga", "bukan siaga 1 sampai 4")
    level = number(properties, "ketinggian")
    weather = properties.get("cuaca")
    return {
        "station_id": named(text(gate, "name") or "") or f"pantau-{place_id(gate)}",
        "event_time": reported_at(properties),
        "level_cm": level,
        "level_reported": level,
        "unit_reported": "cm",
        "siaga_reported": siaga,
        "weather": text(weather, "nama") if isinstance(weather, Mapping) else None,
    }


FEED = Feed(
    title="Tinggi muka air (laporan penjaga)",
    source="Pantau Banjir, Dinas SDA DKI Jakarta, https://pantaubanjir.jakarta.go.id",
    licence="Ketentuan belum dipublikasikan; token diminta ke Dinas SDA",
    reads="Pantau Banjir JSON, a list of reports with pintu_air",
    tables=("water_levels",),
    parse=parse,
    every=timedelta(minutes=1),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=60),
    clock="fetch",
    usual_lag=timedelta(minutes=10),
)
