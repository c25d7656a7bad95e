"""Air of the city's own network: the latest dominant pollutant of about 105 stations.

Source   https://udara.jakarta.go.id  `window.__SPKU_DATA__` inside the HTML of the front page
Licence  its terms (section 6) limit redistribution; ask Dinas Lingkungan Hidup before going live
Quirks   There is no JSON API: the list is a JavaScript assignment. Strings in it may hold brackets,
         so it is read as a value from its first bracket, not cut out by a pattern.
         Times are WIB without a zone. A list may be empty while the portal restarts.
         A station tells one pollutant, the dominant one, with its raw value in µg/m³ and the index
         that the portal computed; weather is told by some. Temperature 0 means that the weather is
         missing, humidity 0 as well.
         Reference stations are DKI1 to DKI5, the others keep the portal's id.
Sample   tests/samples/udara_jakarta.html, of our own making
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from data import reference
from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Context, Feed, Item, Reject, Row
from etl.reading import WIB, each, moment, number, raw_text, text, whole

TABLE = "air_measurements"
WEATHER = (("temperature", "°C"), ("humidity", "%"))
# In a saved description of the page, the assignment is a member of a JSON object.
_ASSIGNMENT = re.compile(r"__SPKU_DATA__\"?\s*[=:]\s*(?=\[)")


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield a row of the dominant pollutant a station, and one each of the weather it tells.

    Raises:
        Malformed: The page has no `__SPKU_DATA__` list.
    """
    page = bytes(body).decode("utf-8", errors="replace")
    found = _ASSIGNMENT.search(page)
    if found is None:
        raise Malformed("the front page with a list __SPKU_DATA__ expected, it is not there")
    try:
        _, end = json.JSONDecoder().raw_decode(page, found.end())
    except (ValueError, RecursionError) as error:
        raise Malformed("__SPKU_DATA__ is broken or cut off before its end") from error
    for station in json_list(json_document(page[found.end() : end].encode())):
        yield from each((station,), TABLE, _pollution)
        if isinstance(station, Mapping) and station.get("temperature"):
            yield from _weather(station)


def _pollution(station: Mapping[str, Any]) -> Row:
    metric = text(station, "dominantMetric")
    if metric is None:
        raise BadField("dominantMetric", "the station tells no pollutant")
    return _row(station) | {
        "parameter": reference.plain(metric),
        "value": number(station, "dominantRawValue"),
        "unit": "µg/m³",
        "ispu": whole(station, "ispu"),
    }


def _weather(station: Mapping[str, Any]) -> Iterator[Item]:
    for parameter, unit in WEATHER:
        try:
            value = number(station, parameter)
            if value:
                row = {"parameter": parameter, "value": value, "unit": unit}
                yield TABLE, _row(station) | row
        except BadField as error:
            yield Reject(error.reason, error.field, raw_text(station))


def _row(station: Mapping[str, Any]) -> Row:
    name = text(station, "id")
    if name is None:
        raise BadField("id", "missing")
    return {
        "event_time": moment(station, "dominantMetricTime", zone=WIB),
        "station_id": _stations().get(name, name),
    }


@functools.cache
def _stations() -> Mapping[str, str]:
    stations = reference.rows("air_stations")
    return MappingProxyType(
        {row["udara_uuid"]: row["station_id"] for row in stations if row["udara_uuid"]}
    )


FEED = Feed(
    title="Udara Jakarta",
    source="Dinas Lingkungan Hidup DKI Jakarta, udara.jakarta.go.id",
    licence="Terms of udara.jakarta.go.id, section 6: redistribution needs permission",
    reads="HTML of udara.jakarta.go.id with window.__SPKU_DATA__",
    tables=(TABLE,),
    parse=parse,
    every=timedelta(minutes=10),
    late=timedelta(minutes=90),
    expired=timedelta(hours=4),
)
