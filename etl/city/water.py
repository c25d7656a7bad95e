"""Rivers and tide, as DSDA's telemetry (XML) tells them.

A gauge hears the rain of its own basin and the gauges upstream of it, delayed by the published
travel times (`data/reference/river_travel_times.csv`), so a flood wave walks down the Ciliwung at
the real pace. Height follows flow by a rating curve drawn through the gauge's own siaga limits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etl.city.world import (
    BASINS,
    DENSE_DAYS,
    Bulk,
    Floats,
    Handler,
    Payload,
    Times,
    World,
    floor_to,
    hours_of,
    moments,
    reference,
    repeated,
    spans,
    timestamps,
    wib_text,
)

READING_SECONDS = 600  # DSDA's telemetry renews a gauge about every ten minutes

# Flow, in mm of runoff, at which a gauge stands at its siaga 3 and siaga 1. With them a wet season
# has some tens of hours at siaga 3 on each river and siaga 1 comes every few years, as in the logs
# of Katulampa and Manggarai.
_FLOW_SIAGA3, _FLOW_SIAGA1 = 30.0, 95.0
_BANK_CM = 20.0  # so that Manggarai and Depok crest near their 969 and 429 cm of January 2020
_CREST_H = 2.0  # from the start of a short storm to the crest at a gauge within the basin
_NEXT_GATE_H = 1.0  # between neighbouring gates for which no travel time is published
_OUTAGE_CHANCE, _OUTAGE_HOURS = 0.004, 6.0
_GLITCH_CHANCE = 1 / 5000
_GLITCH_MM = (24_034, -60_475)  # outliers that DSDA's telemetry really sent (FEEDS.md 2)

# Harmonic constants of Pasar Ikan (cm; degrees behind 2020-01-01 00.00 UTC; speed in degrees an
# hour), fitted to the hourly file of January 2020 (residual 9 cm) with P1 tied to K1 as usual.
_TIDE = (
    (27.9, 32.4, 15.041069),  # K1
    (9.2, 51.8, 14.958931),  # P1
    (13.3, 152.0, 13.943036),  # O1
    (6.1, 252.9, 28.984104),  # M2
    (5.9, 95.2, 30.0),  # S2
)
_TIDE_EPOCH_H = 438_288.0  # 2020-01-01 00.00 UTC in hours since 1970


@dataclass(frozen=True)
class Gauge:
    """One water gauge.

    Args:
        base_cm: Level in dry weather: the median of January 2020 where the TMA file has the gauge
            and it was not above siaga 3 half of the time, else the Pantau Banjir snapshot of 2024,
            else well below siaga 3.
        heard: Share of each basin or gauge upstream in the flow.
        tide: Share of the tide at Pasar Ikan that is felt.
        stir_cm: How far pumps, gates and waves move the level about.
    """

    base_cm: float
    heard: Mapping[str, float]
    tide: float = 0.0
    stir_cm: float = 4.0


_GAUGES = {
    "cibalok-gadog": Gauge(20, {"hulu": 0.6}),
    "katulampa": Gauge(20, {"hulu": 1.0}),
    "depok": Gauge(80, {"katulampa": 0.85, "tengah": 0.15}),
    "manggarai": Gauge(616, {"depok": 0.7, "tengah": 0.3}),
    "manggarai-kcl": Gauge(520, {"depok": 0.7, "tengah": 0.3}),
    "karet": Gauge(270, {"manggarai": 0.4, "krukut-hulu": 0.6}),
    "istiqlal": Gauge(170, {"manggarai": 0.4, "tengah": 0.6}),
    "jembatan-merah": Gauge(40, {"istiqlal": 1.0}, tide=0.15),
    "jembatan-merah-husada": Gauge(40, {"istiqlal": 1.0}, tide=0.15),
    "tangki": Gauge(150, {"istiqlal": 1.0}),
    "ancol-flushing": Gauge(105, {"jembatan-merah": 0.5}, tide=0.6),
    "krukut-hulu": Gauge(21, {"tengah": 0.5, "barat": 0.5}),
    "cideng": Gauge(3, {"tengah": 1.0}, stir_cm=9),
    "cideng-tarakan": Gauge(3, {"tengah": 1.0}, stir_cm=9),
    "sawangan": Gauge(60, {"barat": 0.6, "hulu": 0.4}),
    "pesanggrahan": Gauge(73, {"sawangan": 0.7, "barat": 0.3}),
    "grogol-hulu": Gauge(40, {"barat": 1.0}),
    "angke-hulu": Gauge(72, {"barat": 0.7, "hulu": 0.3}),
    "mookevart": Gauge(90, {"barat": 1.0}),
    "cengkareng-drain": Gauge(90, {"angke-hulu": 0.5, "pesanggrahan": 0.5}, tide=0.3),
    "kampung-gusti": Gauge(45, {"angke-hulu": 0.6, "utara": 0.4}, stir_cm=6),
    "angke-muara": Gauge(90, {"kampung-gusti": 0.6}, tide=0.6),
    "kali-duri": Gauge(160, {"karet": 0.4, "utara": 0.6}, tide=0.2, stir_cm=8),
    "kali-duri-ledeng": Gauge(160, {"karet": 0.4, "utara": 0.6}, tide=0.2, stir_cm=8),
    "hek": Gauge(60, {"timur": 1.0}),
    "hek-cipinang": Gauge(60, {"timur": 1.0}),
    "cipinang-hulu": Gauge(70, {"timur": 0.8, "hulu": 0.2}),
    "cipinang-besar": Gauge(90, {"cipinang-hulu": 0.7, "timur": 0.3}),
    "sunter-hulu": Gauge(60, {"timur": 0.8, "hulu": 0.2}),
    "pulo-gadung": Gauge(334, {"cipinang-hulu": 0.6, "sunter-hulu": 0.4}),
    "buaran": Gauge(65, {"jatikramat": 0.6, "timur": 0.4}),
    "jatikramat": Gauge(60, {"timur": 1.0}),
    "cakung-drain": Gauge(140, {"buaran": 0.5, "timur": 0.5}, tide=0.2),
    "sunter-utara": Gauge(90, {"pulo-gadung": 0.5, "utara": 0.5}, tide=0.3),
    "yos-sudarso": Gauge(10, {"utara": 1.0}, stir_cm=8),
    "baru-barat": Gauge(45, {"tengah": 1.0}),
    "waduk-pluit": Gauge(-186, {"utara": 0.6, "tengah": 0.4}, stir_cm=10),
    # The sea stood on siaga 3 for half of January 2020 (mean 167 cm); the mean here is lower, so
    # that only the spring tides about the solstices reach it.
    "pasar-ikan": Gauge(115, {}, tide=1.0, stir_cm=6),
    "marina": Gauge(119, {}, tide=0.86, stir_cm=6),
}


@dataclass(frozen=True)
class Station:
    """A row of `water_stations.csv`.

    Args:
        siaga_cm: Limits of siaga 3, 2 and 1 in cm; empty where none are known.
    """

    station_id: str
    name: str
    river: str
    dsda_id: str
    lat: float
    lon: float
    siaga_cm: tuple[float, ...]


def siaga_of(level_cm: Floats, limits: tuple[float, ...]) -> NDArray[np.int8]:
    """Return siaga 4 (normal) to 1 for levels against the limits of siaga 3, 2 and 1."""
    reached = sum((level_cm >= limit).astype(np.int8) for limit in limits)
    return np.int8(4) - np.asarray(reached, np.int8) + np.zeros(level_cm.shape, np.int8)


def tide_cm(times: Times) -> Floats:
    """Return the astronomical tide at Pasar Ikan about its mean, in cm."""
    hours = hours_of(times) - _TIDE_EPOCH_H
    waves = [a * np.cos(np.radians(v * hours - g)) for a, g, v in _TIDE]
    result: Floats = np.sum(waves, axis=0)
    return result


def flow(world: World, station_id: str, times: Times) -> Floats:
    """Return the flood wave at a gauge, in mm of runoff."""
    total = np.zeros(times.shape)
    for name, share in _GAUGES[station_id].heard.items():
        if name in BASINS:
            wave = world.runoff_mm(times, name, lag_h=0.5, rise_h=_CREST_H - 0.5)
        else:
            hours = _travel_hours().get((name, station_id), _NEXT_GATE_H)
            wave = flow(world, name, times - np.timedelta64(int(hours * 3600), "s"))
        total += share * wave
    return total


def level_cm(world: World, station_id: str, times: Times) -> Floats:
    """Return the level at a gauge in whole cm above its zero."""
    gauge = _GAUGES[station_id]
    base = gauge.base_cm
    siaga3, siaga1 = _rating(station_id)
    # No flatter than a broad weir: some gauges have siaga 3 and siaga 1 next to each other.
    bend = max(np.log((siaga1 - base) / (siaga3 - base)) / np.log(_FLOW_SIAGA1 / _FLOW_SIAGA3), 0.6)
    height = (flow(world, station_id, times) / _FLOW_SIAGA3) ** bend
    # Rivers run higher in the wet season, about a tenth of the way to siaga 3.
    height += 0.06 * (1 + np.cos(2 * np.pi * (hours_of(times) / 8766 - 0.1)))
    height += 0.05 * world.drift(f"swell/{station_id}", times, 60)
    level = base + (siaga3 - base) * height + gauge.tide * tide_cm(times)
    level += gauge.stir_cm * world.drift(f"stir/{station_id}", times, 3)
    # Above siaga 1 a river leaves its bed, and what more comes raises it by ever less.
    over = np.maximum(level - siaga1, 0)
    result: Floats = np.round(np.minimum(level, siaga1) + _BANK_CM * np.log1p(over / _BANK_CM))
    return result


def dsda(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Serve the last reading of every gauge; levels and limits in mm, times in WIB without zone."""
    rows = [_dsda_row(world, number, station, now) for number, station in enumerate(stations(), 1)]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<DocumentElement>\n'
    return Payload.of(head + "\n".join(rows) + "\n</DocumentElement>\n", "text/xml; charset=utf-8")


def water_levels(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield the readings that the telemetry gave: hourly, and all since 90 days before the anchor.

    An hour is told by its first reading, so the hourly rows are some of those that the live feed
    showed. Readings during an outage and glitches are not among them.
    """
    order = sorted(stations(), key=lambda station: _phase_s(world, station.station_id))
    ids = [station.station_id for station in order]
    for begin, until, step in pace(world, start, end):
        lowest, highest = moments(begin, until)
        grid: Times = np.arange(floor_to(lowest, step), highest, np.timedelta64(step, "s"))
        shape = (grid.size, len(order))
        times = np.empty(shape, "datetime64[s]")
        level, siaga, told = np.empty(shape), np.empty(shape, np.int8), np.empty(shape, np.bool_)
        for column, station in enumerate(order):
            at: Times = grid + np.timedelta64(_phase_s(world, station.station_id), "s")
            times[:, column] = at
            level[:, column] = level_cm(world, station.station_id, at)
            siaga[:, column] = siaga_of(level[:, column], station.siaga_cm)
            told[:, column] = ~_silent(world, station, at) & (_glitch_mm(world, station, at) == 0)
        told &= (times >= lowest) & (times < highest)
        which = np.broadcast_to(np.arange(len(order), dtype=np.int16), shape)[told]
        yield pa.table(
            {
                "event_time": timestamps(times[told]),
                "station_id": pa.DictionaryArray.from_arrays(which, ids),
                "level_cm": level[told],
                "level_reported": level[told] * 10,
                "unit_reported": repeated("mm", which.size),
                "siaga_reported": siaga[told],
                "weather": pa.nulls(which.size, pa.string()),
            }
        )


def pace(world: World, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, int]]:
    """Cut the past into pieces, each with the seconds between two readings in it."""
    dense_from = min(max(start, world.anchor - timedelta(days=DENSE_DAYS)), end)
    for begin, until in spans(start, dense_from, 365):
        yield begin, until, 3600
    for begin, until in spans(dense_from, end, 60):
        yield begin, until, READING_SECONDS


@cache
def stations() -> tuple[Station, ...]:
    """Return the 39 gauges in the order of `water_stations.csv`."""
    return tuple(
        Station(
            row["station_id"],
            row["name"],
            row["river"],
            row["dsda_id"] or str(900 + number),
            float(row["lat"]),
            float(row["lon"]),
            tuple(float(row[f"siaga{n}_cm"]) for n in (3, 2, 1) if row[f"siaga{n}_cm"]),
        )
        for number, row in enumerate(reference("water_stations"))
    )


def _dsda_row(world: World, number: int, station: Station, now: datetime) -> str:
    time = _last_reading(world, station, now)
    at = np.array([time - np.timedelta64(READING_SECONDS, "s"), time])
    level = level_cm(world, station.station_id, at)
    siaga = int(siaga_of(level, station.siaga_cm)[1])
    glitch = int(_glitch_mm(world, station, at)[1])
    limits = [*(f"{limit * 10:.0f}" for limit in station.siaga_cm), "0", "0", "0"][:3]
    fields = {
        "ID_PINTU_AIR": station.dsda_id,
        "KODE_STASIUN": "",
        "NAMA_PINTU_AIR": escape(station.name),
        "LOKASI": escape(station.river),
        "SORT_NUMBER": number,
        "SIAGA1": limits[2],
        "SIAGA2": limits[1],
        "SIAGA3": limits[0],
        "SIAGA4": 0,
        "COOR_X": "",
        "COOR_Y": "",
        "LATITUDE": station.lat,
        "LONGITUDE": station.lon,
        "FILE_EXPORT": "",
        "RECORD_STATUS": "A",
        "CREATED_BY": "",
        "CREATED_DATE": "",
        "LAST_UPDATED_BY": "",
        "LAST_UPDATED_DATE": "",
        "TANGGAL": wib_text(time),
        "TINGGI_AIR": glitch or int(level[1] * 10),
        "TINGGI_AIR_SEBELUMNYA": int(level[0] * 10),
        "STATUS_SIAGA": f"Status : {f'Siaga {siaga}' if siaga < 4 else 'Normal'}",
        "TMA_UNALTERED": "",
        "CCTV_URL": "",
    }
    body = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"  <SP_GET_LAST_STATUS_PINTU_AIR>{body}</SP_GET_LAST_STATUS_PINTU_AIR>"


def _last_reading(world: World, station: Station, now: datetime) -> np.datetime64:
    """Return the moment of the newest reading, from before the outage where there is one."""
    phase = np.timedelta64(_phase_s(world, station.station_id), "s")
    time = floor_to(moments(now)[0] - phase, READING_SECONDS) + phase
    while _silent(world, station, np.array([time]))[0]:
        before = floor_to(time, int(_OUTAGE_HOURS * 3600)) - np.timedelta64(1, "s")
        time = floor_to(before - phase, READING_SECONDS) + phase
    return time


def _phase_s(world: World, station_id: str) -> int:
    """Seconds after each ten minutes at which a gauge reports, in whole minutes."""
    return 60 * int(READING_SECONDS / 60 * world.uniform(f"phase/{station_id}", 0))


def _silent(world: World, station: Station, times: Times) -> NDArray[np.bool_]:
    block = (hours_of(times) // _OUTAGE_HOURS).astype(np.int64)
    return world.uniform(f"outage/{station.station_id}", block) < _OUTAGE_CHANCE


def _glitch_mm(world: World, station: Station, times: Times) -> NDArray[np.int64]:
    """Return the nonsense that a gauge sends now and then, 0 where it works."""
    dice = world.uniform(f"glitch/{station.station_id}", times.astype(np.int64))
    high, low = _GLITCH_MM
    return np.where(dice < _GLITCH_CHANCE / 2, high, np.where(dice < _GLITCH_CHANCE, low, 0))


@cache
def _travel_hours() -> dict[tuple[str, str], float]:
    published = {
        (row["upstream_id"], row["downstream_id"]): float(row["hours"])
        for row in reference("river_travel_times")
    }
    # Sunter Hulu's 4.5 hours were published without naming the gate (Kompas 2014-01-13).
    return published | {("sunter-hulu", "pulo-gadung"): 4.5}


@cache
def _rating(station_id: str) -> tuple[float, float]:
    """Return the levels at `_FLOW_SIAGA3` and `_FLOW_SIAGA1`; a guess where no limits are known."""
    known = {station.station_id: station.siaga_cm for station in stations()}
    siaga3, siaga2, *siaga1 = known[station_id] or (
        _GAUGES[station_id].base_cm + d for d in (90, 150)
    )
    return siaga3, siaga1[0] if siaga1 else 2 * siaga2 - siaga3


ROUTES: dict[str, Handler] = {"/dsda/xmldata.xml": dsda}
BULK: dict[str, Bulk] = {"water_levels": water_levels}
