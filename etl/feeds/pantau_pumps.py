"""Pantau Banjir: how many pumps run at each pump house, as its keepers report it.

Source   https://pantaubanjir.jakarta.go.id, `/api/report/...?format=json`, JSON with a token header
Licence  terms not published; the token is issued by Dinas SDA on request
Quirks   A house that has never reported stands in the list with nulls (3 of 184 in May 2024): it
         goes to quarantine by name. The source tells running and idle pumps only, and what is
         missing to the total is neither off nor broken until someone says so. Date and time stand
         apart, in WIB; keepers report about once an hour, so the feed's age counts from the fetch.
Sample   tests/samples/pantau_pumps.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from etl.feed import Context, Feed, Item, Row
from etl.pantau import part, place_id, reported_at, reports
from etl.reading import each, whole


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one pump state a house.

    Raises:
        Malformed: `body` is not a JSON list of reports with pompa_air.
    """
    yield from each(reports(body, "pompa_air"), "pump_states", _read)


def _read(report: Mapping[str, Any]) -> Row:
    properties = part(report, "properties")
    house = part(properties, "pompa_air")
    return {
        "pump_house_id": place_id(house),
        "event_time": reported_at(properties),
        "running": whole(properties, "jumlah_pompa_operasi"),
        "idle": whole(properties, "jumlah_pompa_idle"),
        "total": whole(house, "total_pompa"),
    }


FEED = Feed(
    title="Rumah pompa",
    source="Pantau Banjir, Dinas SDA DKI Jakarta, https://pantaubanjir.jakarta.go.id",
    licence="Ketentuan belum dipublikasikan; token diminta ke Dinas SDA",
    reads="Pantau Banjir JSON, a list of reports with pompa_air",
    tables=("pump_states",),
    parse=parse,
    every=timedelta(minutes=1),
    late=timedelta(minutes=15),
    expired=timedelta(minutes=60),
    clock="fetch",
    usual_lag=timedelta(minutes=10),
)
