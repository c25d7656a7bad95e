"""OpenAQ: the latest value of every sensor in the region, from all networks that it collects.

Source   https://api.openaq.org/v3  JSON, header X-API-Key; 60 requests a minute, 2,000 an hour
Licence  OpenAQ terms; each provider's own licence is in /locations
Quirks   /locations lists stations and no values, /locations/ID/latest values without their
         parameter; so each station that reported within a week is asked for /locations/ID/sensors.
         `meta.found` may be the text ">1000": the last page is the one that is not full.
         Times come as {utc, local}; the time of a value is the end of its averaging.
         Gases may be in ppm or ppb: they are stored as µg/m³ at 25 °C and 1 atm, the state for
         which Indonesian standards are written (24.45 litres a mole).
         Parameters that the lake has no place for (no, nox, pm1, um003) are rejects.
         A measurement names neither sensor nor station, so that file is read only from its URL,
         /sensors/ID/measurements. Without /locations/ID in the URL a sensor is its own station.
Sample   tests/samples/openaq.json, of our own making
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data.tables import EAST, NORTH, POLLUTANTS, SOUTH, WEST
from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Request, Response, Row, State
from etl.reading import each, moment, number, text, whole

TABLE = "air_measurements"
PAGE_SIZE = 1000
MOST_PAGES = 20
SILENT_AFTER = timedelta(days=7)
LITRES_A_MOLE = 24.45
GRAMS_A_MOLE = {"so2": 64.07, "no2": 46.01, "o3": 48.00, "co": 28.01}
PARAMETERS = {name: name for name in POLLUTANTS} | {"relativehumidity": "humidity"}
UNITS = {"µg/m³": ("µg/m³", 1.0), "mg/m³": ("µg/m³", 1000.0), "%": ("%", 1.0), "c": ("°C", 1.0)}
PARTS_IN_A_MILLION = {"ppm": 1.0, "ppb": 0.001}
_LOCATION = re.compile(r"/locations/(\d+)/sensors")
_SENSOR = re.compile(r"/sensors/(\d+)/measurements")


def requests(state: State) -> Exchange:
    """Ask for the stations of the region, then for the sensors of each that still reports."""
    base = state.url.rstrip("/")
    reporting: list[int] = []
    for page in range(1, MOST_PAGES + 1):
        request = Request(
            f"{base}/locations",
            params={
                "bbox": f"{WEST},{SOUTH},{EAST},{NORTH}",
                "limit": str(PAGE_SIZE),
                "page": str(page),
            },
        )
        answer = yield request
        assert isinstance(answer, Response)
        if answer.not_modified:
            # Unchanged or not, the list is needed; only a run's first request is conditional.
            answer = yield request
            assert isinstance(answer, Response)
        locations = json_list(json_document(answer.body), "results")
        reporting.extend(_reporting(locations, state.now - SILENT_AFTER))
        if len(locations) < PAGE_SIZE:
            break
    for location in reporting:
        yield Request(f"{base}/locations/{location}/sensors")


def _reporting(locations: list[Any], since: datetime) -> Iterator[int]:
    """Give the ids of the stations whose newest value is not older than `since`."""
    for location in locations:
        try:
            name, newest = whole(location, "id"), _utc(location, "datetimeLast")
        except (BadField, AttributeError):
            continue
        if name is not None and newest is not None and newest >= since:
            yield name


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield one row a value; a list of stations has none.

    Raises:
        Malformed: `body` is no OpenAQ list of stations, sensors or measurements.
    """
    results = json_list(json_document(body), "results")
    first = results[0] if results and isinstance(results[0], Mapping) else {}
    if not results or "sensors" in first:
        return
    if "latest" in first:
        location = _LOCATION.search(context.url)
        yield from each(results, TABLE, lambda row: _sensor(row, location))
    elif "period" in first:
        sensor = _SENSOR.search(context.url)
        if sensor is None:
            raise Malformed("pengukuran tidak menyebut sensor: muat dari /sensors/ID/measurements")
        station = f"openaq-sensor-{sensor[1]}"
        yield from each(results, TABLE, lambda row: _measurement(row, station))
    else:
        raise Malformed("seharusnya stasiun, sensor atau pengukuran OpenAQ, ditemukan hal lain")


def _sensor(row: Mapping[str, Any], location: re.Match[str] | None) -> Row:
    latest = row.get("latest")
    if not isinstance(latest, Mapping):
        raise BadField("latest", "sensor ini belum memiliki nilai")
    name = f"openaq-{location[1]}" if location else f"openaq-sensor-{whole(row, 'id')}"
    return {
        "event_time": _utc(latest, "datetime"),
        "station_id": name,
        **_concentration(row, number(latest, "value")),
    }


def _measurement(row: Mapping[str, Any], station: str) -> Row:
    period = row.get("period")
    if not isinstance(period, Mapping):
        raise BadField("period", "seharusnya objek")
    label = text(period, "label")
    return {
        "event_time": _utc(period, "datetimeTo"),
        "station_id": station,
        **_concentration(row, number(row, "value")),
        "averaging": re.sub(r"hours?\Z", "h", label) if label else None,
    }


def _concentration(row: Mapping[str, Any], value: float | None) -> Row:
    """Return parameter, value and unit as the lake writes them."""
    parameter = row.get("parameter")
    if not isinstance(parameter, Mapping):
        raise BadField("parameter", "seharusnya objek dengan name dan units")
    given, units = text(parameter, "name") or "", text(parameter, "units") or ""
    name = PARAMETERS.get(given)
    if name is None:
        raise BadField("parameter", f'parameter "{given[:40]}" tidak disimpan')
    if units in PARTS_IN_A_MILLION and name in GRAMS_A_MOLE:
        unit, factor = (
            "µg/m³",
            PARTS_IN_A_MILLION[units] * 1000 * GRAMS_A_MOLE[name] / LITRES_A_MOLE,
        )
    elif units in UNITS:
        unit, factor = UNITS[units]
    else:
        raise BadField("parameter", f'satuan "{units[:40]}" untuk {name} tidak dapat dikonversi')
    if value is None:
        raise BadField("value", "kosong")
    return {"parameter": name, "value": value * factor, "unit": unit}


def _utc(row: Mapping[str, Any], name: str) -> datetime | None:
    """Return the `utc` of a {utc, local} pair."""
    pair = row.get(name)
    if not isinstance(pair, Mapping):
        raise BadField(name, "seharusnya objek dengan utc")
    return moment(pair, "utc")


FEED = Feed(
    title="Kualitas udara (OpenAQ)",
    source="OpenAQ, api.openaq.org/v3",
    licence="Ketentuan penggunaan OpenAQ, dengan menyebut OpenAQ dan setiap penyedia",
    reads="JSON of OpenAQ v3: locations, sensors of a location, measurements of a sensor",
    tables=(TABLE,),
    parse=parse,
    requests=requests,
    every=timedelta(minutes=10),
    late=timedelta(minutes=90),
    expired=timedelta(hours=4),
    pace=timedelta(seconds=1),
)
