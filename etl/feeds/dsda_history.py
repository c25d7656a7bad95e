"""DSDA history: the past water levels of one station.

Source   https://poskobanjir.dsdadki.web.id/Pages/GenerateDataTinggiAir.aspx?IdPintuAir=122
         &StartDate=dd/MM/yyyy&EndDate=dd/MM/yyyy, text, at most 90 days a request, from 2020 on
Licence  terms not published; to be agreed with Dinas SDA
Quirks   `time,level;time,level;...|S1;S2;S3|<html...`: levels are cm although the limits after them
         are mm, and times are WIB as `2026-10-08 12.40.00`. The station stands only in the URL, or
         in the name of a file as `IdPintuAir=122` or a bare `122`; a file without it is taken for
         the one station of `water_stations` that has these limits, and refused where none or
         several have. An unknown number answers HTTP 500, a dense station times out.
Sample   tests/samples/dsda_history.txt, of our own making
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from data import reference
from etl.errors import Malformed
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, each, moment, number
from etl.stations import numbered

_LIMITS_MM = re.compile(rb"\|\s*(-?\d{1,9})?;(-?\d{1,9})?;(-?\d{1,9})?\s*\|")
_NUMBER = re.compile(r"IdPintuAir\W?(\d+)", re.IGNORECASE)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield one water level a point.

    Raises:
        Malformed: `body` is not such a text, or its station is not known.
    """
    end = body.find(b"|")
    limits = _LIMITS_MM.match(bytes(body[end : end + 100])) if end >= 0 else None
    if limits is None:
        raise Malformed(
            "seharusnya teks riwayat DSDA (waktu,tinggi;...|S1;S2;S3|), ditemukan hal lain"
        )
    station_id = _station(
        context, [int(limit) / 10 if limit else None for limit in limits.groups()]
    )
    yield from each(_points(body, end), "water_levels", functools.partial(_read, station_id))


def _points(body: bytes, end: int) -> Iterator[dict[str, str]]:
    start = 0
    while start < end:
        stop = body.find(b";", start, end)
        stop = end if stop < 0 else stop
        point = bytes(body[start:stop]).decode("utf-8", "replace").strip()
        start = stop + 1
        if point:
            time, _, level = point.partition(",")
            yield {"time": time, "level": level}


def _read(station_id: str, point: Mapping[str, Any]) -> Row:
    level = number(point, "level")
    return {
        "station_id": station_id,
        "event_time": moment(point, "time", zone=WIB, formats=("%Y-%m-%d %H.%M.%S",)),
        "level_cm": level,
        "level_reported": level,
        "unit_reported": "cm",
    }


def _station(context: Context, limits_cm: list[float | None]) -> str:
    named = _NUMBER.search(context.url) or _NUMBER.search(context.name)
    if named:
        return numbered(named[1]) or f"dsda-{named[1]}"
    for digits in re.findall(r"\d+", context.name):
        if station_id := numbered(digits):
            return station_id
    fitting = [
        row["station_id"]
        for row in reference.rows("water_stations")
        if row["dsda_id"] and _limits_cm(row) == limits_cm
    ]
    if len(fitting) != 1:
        raise Malformed(
            "seharusnya ada pos sebagai IdPintuAir=NOMOR dalam URL atau nama berkas"
            f" ({len(fitting)} pos memiliki batas siaga ini)"
        )
    return fitting[0]


def _limits_cm(station: Mapping[str, str]) -> list[float | None]:
    return [number(station, f"siaga{siaga}_cm") for siaga in (1, 2, 3)]


FEED = Feed(
    title="Riwayat tinggi muka air (telemetri)",
    source="Dinas SDA DKI Jakarta, https://poskobanjir.dsdadki.web.id",
    licence="Ketentuan belum dipublikasikan; perlu kesepakatan dengan Dinas SDA",
    reads="DSDA history text, time,level;...|S1;S2;S3|",
    tables=("water_levels",),
    parse=parse,
    usual_lag=timedelta(minutes=2),
)
