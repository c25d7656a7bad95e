"""BMKG forecast: three days in steps of three hours for each of the 267 kelurahan.

Source   https://api.bmkg.go.id/publik/prakiraan-cuaca?adm4=31.71.01.1001  JSON, no key
Licence  Free use with attribution to BMKG; 60 requests a minute and address
Quirks   `adm4` is our kelurahan code; a code that BMKG does not know is answered 404 and is a
         reject, the others go on.
         A step has the same moment three times: `datetime` (Z), `utc_datetime` (UTC without zone)
         and `local_datetime` (WIB without zone); the first that is there counts.
         `analysis_date` is UTC without a zone. Where it is absent, the forecast counts as issued
         at the newest 00 or 12 UTC before it was fetched, BMKG's two runs a day, so that asking
         again does not make it new.
         Visibility may be null and image URLs hold blanks; neither is kept.
Sample   tests/samples/bmkg_forecast.json, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed, Unreachable
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, Response, Row, State
from etl.reading import WIB, each, moment, number, raw_text, text, whole

HOURS_BETWEEN_RUNS = 12


def requests(state: State) -> Exchange:
    """Ask for each kelurahan.

    Raises:
        Unreachable: BMKG does not answer, also when asked again.
    """
    kelurahan = state.query("select code from areas where level = 'kelurahan' order by code")
    for row in kelurahan:
        request = Request(state.url, {"adm4": row["code"]}, tolerate=True, about=row["code"])
        answer = yield request
        assert isinstance(answer, Response)
        if isinstance(answer.error, Unreachable):
            yield Request(state.url, {"adm4": row["code"]}, about=row["code"])


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield one row a step.

    Raises:
        Malformed: `body` is not JSON with `data` and the steps of each day in `cuaca`.
    """
    if isinstance(context.error, Unreachable):
        return
    if context.error is not None:
        yield Reject(f"tidak ada prakiraan untuk {context.about}: {context.error}", "adm4")
        return
    document = json_document(body)
    for place in json_list(document, "data"):
        adm4 = _adm4(place) or _adm4(document)
        if adm4 is None:
            raise Malformed("seharusnya prakiraan dengan lokasi.adm4")

        def read(step: Mapping[str, Any], adm4: str = adm4) -> Row:
            return _read(step, adm4, context.fetched_at)

        for day in json_list(place, "cuaca"):
            if isinstance(day, list):
                yield from each(day, "weather_forecasts", read)
            else:
                yield Reject(
                    "seharusnya daftar langkah prakiraan satu hari", "cuaca", raw_text(day)
                )


def _adm4(holder: Any) -> str | None:
    place = holder.get("lokasi") if isinstance(holder, Mapping) else None
    try:
        return text(place, "adm4") if isinstance(place, Mapping) else None
    except BadField as error:
        raise Malformed("seharusnya prakiraan dengan lokasi.adm4") from error


def _read(step: Mapping[str, Any], adm4: str, fetched_at: datetime) -> Row:
    issued_at = moment(step, "analysis_date", zone=UTC) or _last_run(fetched_at)
    return {
        "event_time": issued_at,
        "issued_at": issued_at,
        "adm4": adm4,
        "valid_time": (
            moment(step, "datetime")
            or moment(step, "utc_datetime", zone=UTC)
            or moment(step, "local_datetime", zone=WIB)
        ),
        "temperature_c": number(step, "t"),
        "humidity_pct": number(step, "hu"),
        "rain_mm": number(step, "tp"),
        "weather_code": whole(step, "weather"),
        "weather": text(step, "weather_desc"),
        "wind_kmh": number(step, "ws"),
    }


def _last_run(fetched_at: datetime) -> datetime:
    moment_utc = fetched_at.astimezone(UTC)
    hour = moment_utc.hour - moment_utc.hour % HOURS_BETWEEN_RUNS
    return moment_utc.replace(hour=hour, minute=0, second=0, microsecond=0)


FEED = Feed(
    title="Prakiraan cuaca BMKG",
    source="BMKG, data.bmkg.go.id/prakiraan-cuaca",
    licence="Bebas digunakan dengan menyebut BMKG (Badan Meteorologi, Klimatologi, dan Geofisika)",
    reads="JSON of BMKG with lokasi.adm4 and data[].cuaca",
    tables=("weather_forecasts",),
    parse=parse,
    requests=requests,
    every=timedelta(hours=6),
    late=timedelta(hours=12),
    expired=timedelta(hours=24),
    # Issued twice a day, a forecast in good order is older than 12 hours half of the time.
    clock="fetch",
    pace=timedelta(seconds=1),
)
