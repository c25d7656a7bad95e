"""Monthly file of water levels at the city's gates and posts, every ten to sixty minutes.

Source   https://satudata.jakarta.go.id, dataset data-pintu-air, CSV, comma or semicolon
Licence  open data of Pemprov DKI Jakarta, with attribution
Quirks   TINGGI_AIR is millimetres although the portal does not say so; TANGGAL is WIB without a
         zone. The file of January 2020 repeats 8,947 of its 31,059 lines word for word, starts
         with a reading of 23 December 2019, and spells Ancol Flushing "Flusing". Stations are
         known by name only; one that is not known keeps its name as `tma-padalarang`.
Sample   tests/samples/water_level_csv.csv, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from data.reference import plain
from data.siaga import siaga_label
from etl.documents import csv_items
from etl.errors import BadField
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, moment, number, text
from etl.stations import named

COLUMNS = ("nama_pintu_air", "tanggal", "tinggi_air", "status_siaga")


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one water level a line.

    Raises:
        Malformed: `body` is not a CSV with these columns.
    """
    yield from csv_items(body, COLUMNS, "water_levels", _read)


def _read(line: Mapping[str, Any]) -> Row:
    name = text(line, "nama_pintu_air")
    if name is None:
        raise BadField("nama_pintu_air", "kosong")
    label = text(line, "status_siaga")
    siaga = siaga_label(label) if label else None
    if label and siaga is None:
        raise BadField("status_siaga", "siaga tidak dikenal")
    level_mm = number(line, "tinggi_air")
    return {
        "station_id": named(name) or f"tma-{plain(name)}",
        "event_time": moment(line, "tanggal", zone=WIB),
        "level_cm": None if level_mm is None else level_mm / 10,
        "level_reported": level_mm,
        "unit_reported": "mm",
        "siaga_reported": siaga,
    }


FEED = Feed(
    title="Tinggi muka air (berkas bulanan)",
    source="Satu Data Jakarta, Dinas SDA DKI Jakarta, https://satudata.jakarta.go.id",
    licence="Data terbuka Pemprov DKI Jakarta, dengan menyebut sumber",
    reads="CSV of water levels with nama_pintu_air, tanggal, tinggi_air and status_siaga",
    tables=("water_levels",),
    parse=parse,
    usual_lag=timedelta(minutes=10),
)
