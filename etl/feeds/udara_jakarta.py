"""Air of the city's own network: what dominates at 105 stations, six pollutants at five of them.

Source   https://udara.jakarta.go.id  `window.__SPKU_DATA__` inside the HTML of the front page, and
         `SPKU_DETAIL_DATA` inside that of /spku/UUID, asked of the reference stations DKI1 to DKI5
Licence  its terms (section 6) limit redistribution; ask Dinas Lingkungan Hidup before going live
Quirks   There is no JSON API: both are JavaScript assignments. Strings in them may hold brackets,
         so each is read as a value from its first bracket, not cut out by a pattern.
         Times of the list are WIB without a zone, those of `rawHistory` UTC without a zone.
         A list may be empty while the portal restarts.
         The list tells one pollutant a station, the dominant one, with its raw value in µg/m³ and
         the index that the portal computed; weather is told by some. Temperature 0 means that the
         weather is missing, humidity 0 as well. Neither page names an averaging.
         `rawHistory` tells the last day of each pollutant, unsorted and without index; `metrics`
         adds the index of each pollutant's newest value only. An index told once stays with its
         value: where the lake has one for that moment and value, the row keeps it, so that a
         value is not news again for having grown old.
         What the front page told in the same run is left out of the detail page: of the dominant
         pollutant's newest moment there is one row, the list's.
         `datasourceID` may be empty: the station is then the one whose page was asked for.
         `ispuHistory` and `rawMeteoHistory` are empty in what is known of the page, and not read.
         Reference stations are DKI1 to DKI5, the others keep the portal's id.
Sample   tests/samples/udara_jakarta.html and udara_jakarta.spku.html, of our own making
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias

from data import reference
from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Response, Row, State
from etl.reading import WIB, each, moment, number, raw_text, text, whole

TABLE = "air_measurements"
WEATHER = (("temperature", "°C"), ("humidity", "%"))
REMEMBERED = timedelta(days=3)  # more than the day that a detail page goes back
INDICES = """
    select station_id, parameter, event_time, value, ispu
    from air_measurements
    where feed = 'udara_jakarta' and event_time > $since and ispu is not null
        and station_id in (select station_id from air_stations where kind = 'reference')
    order by known_time
"""
_DETAIL_PAGE = re.compile(r"/spku/([\w-]+)")

Moment: TypeAlias = tuple[str, str, datetime]
"""Station, parameter and event_time: the key of a row."""


@dataclass(frozen=True)
class Known:
    """What is known before a detail page is read.

    Args:
        listed: Keys that the front page told in this run.
        indices: Index by key and value, as the lake holds it.
    """

    listed: frozenset[Moment] = frozenset()
    indices: Mapping[tuple[Moment, float], int] = field(default_factory=dict)


def requests(state: State) -> Exchange:
    """Ask for the front page, then for the page of each reference station.

    Raises:
        Malformed: The answer to the first is no front page.
    """
    front = yield Request(state.url)
    assert isinstance(front, Response)
    if front.not_modified:
        return
    told = parse(front.body, Context(fetched_at=front.fetched_at))
    held = state.query(INDICES, since=state.now - REMEMBERED)
    known = Known(
        listed=frozenset(_key(item[1]) for item in told if isinstance(item, tuple)),
        indices={(_key(row), row["value"]): row["ispu"] for row in held},
    )
    yield [
        Request(f"{state.url.rstrip('/')}/spku/{row['udara_uuid']}", tolerate=True, about=known)
        for row in reference.rows("air_stations")
        if row["kind"] == "reference"
    ]


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield the rows of the front page, or those of one station's detail page.

    Of the front page a row of the dominant pollutant a station and one each of the weather it
    tells; of a detail page a row a pollutant and moment.

    Raises:
        Malformed: The page has neither a `__SPKU_DATA__` list nor a `SPKU_DETAIL_DATA` object.
    """
    if context.error is not None:
        station = _stations().get(_asked(context.url) or "", "stasiun")
        yield Reject(f"halaman rinci {station} tidak terjawab: {context.error}")
        return
    page = bytes(body).decode("utf-8", errors="replace")
    detail = _assigned(page, "SPKU_DETAIL_DATA", "{")
    if detail is not None:
        yield from _history(detail, context)
        return
    stations = _assigned(page, "__SPKU_DATA__", "[")
    if stations is None:
        raise Malformed(
            "seharusnya halaman dengan daftar __SPKU_DATA__ atau objek SPKU_DETAIL_DATA,"
            " keduanya tidak ada"
        )
    for station in stations:
        yield from each((station,), TABLE, _pollution)
        if isinstance(station, Mapping) and station.get("temperature"):
            yield from _weather(station)


def _assigned(page: str, name: str, opening: str) -> Any:
    """Return the value that `name` is given, None where it is given none of that kind."""
    # In a saved description of the page, the assignment is a member of a JSON object.
    found = re.search(rf"{name}\"?\s*[=:]\s*(?={re.escape(opening)})", page)
    if found is None:
        return None
    try:
        _, end = json.JSONDecoder().raw_decode(page, found.end())
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name} rusak atau terpotong") from error
    return json_document(page[found.end() : end].encode())


def _history(detail: Mapping[str, Any], context: Context) -> Iterator[Item]:
    known = context.about if isinstance(context.about, Known) else Known()
    read = functools.partial(_measurement, station_id=_station(detail, context.url))
    history = list(each(json_list(detail, "rawHistory"), TABLE, read))
    current: dict[tuple[str, float], int] = {}
    metrics = detail.get("metrics")
    for item in each(metrics if isinstance(metrics, list) else (), TABLE, _newest):
        if not isinstance(item, tuple):
            yield item
        elif item[1]["ispu"] is not None:
            current[item[1]["parameter"], item[1]["value"]] = item[1]["ispu"]
    keys = sorted(_key(item[1]) for item in history if isinstance(item, tuple))
    newest = {parameter: time for _, parameter, time in keys}
    for item in history:
        if not isinstance(item, tuple):
            yield item
            continue
        row = item[1]
        key, value = _key(row), row["value"]
        if key in known.listed:
            continue
        index = known.indices.get((key, value))
        if row["event_time"] == newest[row["parameter"]]:
            index = current.get((row["parameter"], value), index)
        yield TABLE, row | {"ispu": index}


def _measurement(entry: Mapping[str, Any], station_id: str) -> Row:
    time = moment(entry, "time", zone=UTC)
    if time is None:
        raise BadField("time", "kosong")
    return {
        "event_time": time,
        "station_id": station_id,
        "parameter": _pollutant(entry, "metricName"),
        "value": number(entry, "value"),
        "unit": "µg/m³",
    }


def _newest(metric: Mapping[str, Any]) -> Row:
    return {
        "parameter": _pollutant(metric, "metricName"),
        "value": number(metric, "currentRaw"),
        "ispu": whole(metric, "currentIspu"),
    }


def _station(detail: Mapping[str, Any], url: str) -> str:
    names = [
        name for name in (detail.get("datasourceID"), _asked(url)) if isinstance(name, str) and name
    ]
    if not names:
        raise Malformed("SPKU_DETAIL_DATA tidak menyebut stasiun: muat dari /spku/UUID")
    return next((_stations()[name] for name in names if name in _stations()), names[0])


def _asked(url: str) -> str | None:
    """Return the station's id of the portal that a detail page was asked for."""
    found = _DETAIL_PAGE.search(url)
    return found[1] if found else None


def _pollution(station: Mapping[str, Any]) -> Row:
    return _row(station) | {
        "parameter": _pollutant(station, "dominantMetric"),
        "value": number(station, "dominantRawValue"),
        "unit": "µg/m³",
        "ispu": whole(station, "ispu"),
    }


def _pollutant(row: Mapping[str, Any], name: str) -> str:
    metric = text(row, name)
    if metric is None:
        raise BadField(name, "stasiun tidak menyebut pencemar")
    return reference.plain(metric)


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
        raise BadField("id", "kosong")
    return {
        "event_time": moment(station, "dominantMetricTime", zone=WIB),
        "station_id": _stations().get(name, name),
    }


def _key(row: Row) -> Moment:
    return row["station_id"], row["parameter"], row["event_time"]


@functools.cache
def _stations() -> Mapping[str, str]:
    stations = reference.rows("air_stations")
    return MappingProxyType(
        {row["udara_uuid"]: row["station_id"] for row in stations if row["udara_uuid"]}
    )


FEED = Feed(
    title="Kualitas udara (Udara Jakarta)",
    source="Dinas Lingkungan Hidup DKI Jakarta, udara.jakarta.go.id",
    licence="Ketentuan udara.jakarta.go.id, bagian 6: penyebarluasan memerlukan izin",
    reads="HTML of udara.jakarta.go.id with window.__SPKU_DATA__ or SPKU_DETAIL_DATA",
    tables=(TABLE,),
    parse=parse,
    requests=requests,
    every=timedelta(minutes=10),
    late=timedelta(minutes=90),
    expired=timedelta(hours=4),
    parallel=2,
)
