"""DSDA telemetry: the newest water level of every gate and post.

Source   https://poskobanjir.dsdadki.web.id/xmldata.xml (mirror poskobanjirdsda.jakarta.go.id), XML,
         no key, renewed about every ten minutes
Licence  terms not published; to be agreed with Dinas SDA
Quirks   Levels are millimetres; below zero is right at Waduk Pluit, but -60475 and 24034 have been
         seen and go to quarantine by the range of `water_levels`. TANGGAL is WIB without a zone.
         The station is known by ID_PINTU_AIR, else by its name; one that is neither keeps DSDA's
         number as `dsda-122`. SIAGAn, the station's limits in mm, are not stored.
Sample   tests/samples/dsda_levels.xml, of our own making
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from data.siaga import siaga_label
from etl.documents import xml_document
from etl.errors import BadField, Malformed
from etl.feed import Context, Feed, Item, Row
from etl.reading import WIB, each, moment, number, text
from etl.stations import named, numbered


def parse(body: bytes, _context: Context) -> Iterator[Item]:
    """Yield one water level a station.

    Raises:
        Malformed: `body` is not XML with the root DocumentElement and stations in it.
    """
    root = xml_document(body)
    if root.tag != "DocumentElement":
        raise Malformed(f"seharusnya XML dengan akar DocumentElement, ditemukan {root.tag[:100]}")
    if len(root) and root.find("*/ID_PINTU_AIR") is None:
        raise Malformed(
            f"seharusnya pos dengan ID_PINTU_AIR, tidak satu pun dari {len(root)} memuatnya"
        )
    stations = ({cell.tag: cell.text for cell in station} for station in root)
    yield from each(stations, "water_levels", _read)


def _read(station: Mapping[str, Any]) -> Row:
    dsda_id = text(station, "ID_PINTU_AIR")
    if dsda_id is None:
        raise BadField("ID_PINTU_AIR", "kosong")
    label = text(station, "STATUS_SIAGA")
    siaga = siaga_label(label) if label else None
    if label and siaga is None:
        raise BadField("STATUS_SIAGA", "siaga tidak dikenal")
    level_mm = number(station, "TINGGI_AIR")
    name = text(station, "NAMA_PINTU_AIR") or ""
    return {
        "station_id": numbered(dsda_id) or named(name) or f"dsda-{dsda_id}",
        "event_time": moment(station, "TANGGAL", zone=WIB),
        "level_cm": None if level_mm is None else level_mm / 10,
        "level_reported": level_mm,
        "unit_reported": "mm",
        "siaga_reported": siaga,
    }


FEED = Feed(
    title="Tinggi muka air (telemetri)",
    source="Dinas SDA DKI Jakarta, https://poskobanjir.dsdadki.web.id",
    licence="Ketentuan belum dipublikasikan; perlu kesepakatan dengan Dinas SDA",
    reads="DSDA XML, DocumentElement with one SP_GET_LAST_STATUS_PINTU_AIR a station",
    tables=("water_levels",),
    parse=parse,
    every=timedelta(minutes=1),
    # The budget at siaga 4; from siaga 3 on a station's own is shorter (`siaga_owners`).
    late=timedelta(minutes=60),
    expired=timedelta(minutes=180),
    usual_lag=timedelta(minutes=2),
)
