"""Air quality, as udara.jakarta.go.id (objects inside HTML) and OpenAQ v3 (JSON) tell it.

Levels, seasons and stations follow the city's own index files of 2023 and 2024, turned back into
concentrations; PM2.5 is highest in the dry season and from late night to early morning, and rain
washes it out. Five reference stations measure six pollutants each half hour, a hundred sensors
PM2.5 each hour. All concentrations are µg/m³.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from werkzeug.exceptions import NotFound

from etl.city.world import (
    DENSE_DAYS,
    Bulk,
    Floats,
    Handler,
    Ints,
    Payload,
    Times,
    World,
    basin_at,
    floor_to,
    hour_of_day,
    hours_of,
    moments,
    reference,
    repeated,
    spans,
    tiled,
    timestamps,
    whole,
    whole_hours,
    wib_text,
)

POLLUTANTS = ("pm25", "pm10", "so2", "co", "o3", "no2")
# Means of the reference stations 2023-24 in the order of POLLUTANTS (city's ISPU files).
_REFERENCE_MEANS = {
    "DKI1": (33, 52, 33, 1280, 60, 48),
    "DKI2": (35, 60, 49, 880, 65, 40),
    "DKI3": (31, 54, 55, 880, 48, 43),
    "DKI4": (42, 72, 40, 1520, 48, 24),
    "DKI5": (37, 45, 28, 1360, 108, 24),
}
_SENSOR_MEAN = 36.0
# PM2.5 of each month over that of the year, from the same files.
_SEASON = (0.64, 0.60, 0.74, 0.90, 1.28, 1.23, 1.28, 1.35, 1.21, 1.23, 1.01, 0.53)
# PM2.5 of every third hour from 00 WIB over that of the day: the shallow air of the night holds
# the smoke of lorries, the afternoon's wind from the sea clears it.
_PM25_DAY = (1.14, 1.22, 1.30, 1.10, 0.80, 0.70, 0.78, 0.98)
_RUSH_DAY = (0.75, 0.65, 1.15, 1.35, 0.90, 0.85, 1.25, 1.10)
_OZONE_DAY = (0.45, 0.40, 0.45, 1.05, 1.90, 1.90, 1.15, 0.70)
_DAY = {"pm25": _PM25_DAY, "pm10": _PM25_DAY, "co": _RUSH_DAY, "no2": _RUSH_DAY, "o3": _OZONE_DAY}
_ISLANDS = 0.55  # clean sea air of Kepulauan Seribu
_WASHED_PER_MM = 0.018  # a storm of 25 mm takes a third of the particles with it
_HAZE_UG, _HAZE_HOURS = 165.0, 60.0  # ISPU 200 is 150.4 µg/m³ of PM2.5
_OUTAGE_CHANCE, _OUTAGE_HOURS = 0.015, 12

_CATEGORIES = ("Baik", "Sedang", "Tidak Sehat", "Sangat Tidak Sehat", "Berbahaya")
_OPENAQ_UNITS = {"id": 2, "name": "pm25", "units": "µg/m³", "displayName": "PM2.5"}


@dataclass(frozen=True)
class Station:
    """A row of `air_stations.csv`; `mean` is its yearly mean of each pollutant it measures."""

    station_id: str
    uuid: str
    name: str
    district: str
    lat: float
    lon: float
    mean: Mapping[str, float]

    @property
    def is_reference(self) -> bool:
        """True for DKI1 to DKI5, which measure every half hour."""
        return len(self.mean) > 1

    @property
    def seconds(self) -> int:
        """Time between two measurements."""
        return 1800 if self.is_reference else 3600


# Stations of other owners that OpenAQ collects: number, name, owner, lat, lon.
_OPENAQ = (
    (8647, "Jakarta Central", "US Diplomatic Post", -6.18242, 106.83421),
    (8294, "Jakarta South", "US Diplomatic Post", -6.23673, 106.79335),
    (920_001, "Cilandak", "Komunitas Udara Contoh", -6.29120, 106.79760),
    (920_002, "Rawamangun", "Komunitas Udara Contoh", -6.19600, 106.88480),
    (920_003, "Puri Indah", "Komunitas Udara Contoh", -6.18790, 106.73690),
)


def concentration(world: World, station: Station, pollutant: str, times: Times) -> Floats:
    """Return the concentration of a pollutant at a station in µg/m³, to a tenth."""
    name = f"air/{station.station_id}"
    value = station.mean[pollutant] * np.exp(
        0.35 * world.drift("air/stagnation", times, 60)
        + 0.15 * world.drift(f"air/{pollutant}", times, 9)
        + 0.20 * world.drift(f"{name}/{pollutant}", times, 5)
    )
    for shift in world.shifts:
        if shift.subject == station.station_id:
            value *= shift.at(times)
    hour = hour_of_day(times)
    if pollutant in _DAY:
        value *= np.interp(hour, np.arange(0, 27, 3), (*_DAY[pollutant], _DAY[pollutant][0]))
    if pollutant in ("pm25", "pm10"):
        month = (hours_of(times) / 730.5) % 12 - 0.5
        value *= np.interp(month, np.arange(12), _SEASON, period=12)
        rained = world.rain_mm(times, basin_at(station.lon, station.lat), 6)
        value *= np.exp(-_WASHED_PER_MM * rained)
        # An hour early: the portal is up to an hour behind, and haze has no sharp beginning.
        early: Times = times + np.timedelta64(1, "h")
        haze = world.scenario_strength(early, "kabut-asap", _HAZE_HOURS)
        value += haze * _HAZE_UG * (1.1 + 0.1 * world.drift(f"{name}/haze", times, 4))
    result: Floats = np.round(value, 1)
    return result


def index_of(pollutant: str, value: Floats) -> Ints:
    """Return the ISPU of a concentration, by the breakpoints of P.14/2020."""
    limits = _breakpoints()[pollutant]
    return np.ceil(np.interp(value, (0, *limits), (0, 50, 100, 200, 300, 500))).astype(np.int64)


def portal(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Serve the front page: the newest measurement of each station; times in WIB without zone."""
    listed = [_listed(world, station, now) for station in stations()]
    update = wib_text(moments(now - timedelta(minutes=5))[0], "%Y-%m-%d %H:%M:00")
    return _page({"window.__SPKU_DATA__": listed, "window.__SPKU_UPDATE_TIME__": update})


def detail(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve the page of one station: its last 24 hours (UTC without zone) and 30 days (with Z).

    Raises:
        NotFound: There is no station of that `uuid`.
    """
    station = next((s for s in stations() if s.uuid == args["uuid"]), None)
    if station is None:
        raise NotFound(f"no station {args['uuid']}")
    time = _newest(world, station, now)
    times: Times = time - np.arange(24 * 3600 // station.seconds) * np.timedelta64(
        station.seconds, "s"
    )
    times = times[~_silent(world, station, times)]
    values = {name: concentration(world, station, name, times) for name in station.mean}
    dominant, index, value = _dominant(world, station, times[:1])
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [midnight - timedelta(days=back) for back in range(1, 31)]
    daily = [
        float(concentration(world, station, "pm25", whole_hours(d, d + timedelta(days=1))).mean())
        for d in days
    ]
    return _page(
        {
            "window.SPKU_DETAIL_DATA": {
                "datasourceID": station.uuid,
                "datasourceKode": station.name.split(" ")[0],
                "type": "Reference" if station.is_reference else "Sensor",
                "latitude": station.lat,
                "longitude": station.lon,
                "lastUpdate": wib_text(time),
                "ispuValue": index,
                "ispuCategory": category(index),
                "ispuParameter": dominant.upper(),
                "ispuConcentration": value,
                "metrics": [
                    {
                        "metricID": name,
                        "metricName": name.upper(),
                        "currentIspu": int(index_of(name, series[:1])[0]),
                        "currentRaw": float(series[0]),
                        "history": [],
                    }
                    for name, series in values.items()
                ],
                "ispuHistory": [],
                "rawHistory": [
                    {"time": str(at), "value": float(v), "metricName": name.upper()}
                    for name, series in values.items()
                    for at, v in zip(times, series, strict=True)
                ],
                "rawMeteoHistory": [],
                "dailyIspu30Days": [
                    {
                        "date": f"{day:%Y-%m-%dT00:00:00Z}",
                        "maxIspu": int(index_of("pm25", np.array([mean]))[0]),
                        "concentration": round(mean, 1),
                        "dominantMetric": "PM25",
                    }
                    for day, mean in zip(days, daily, strict=True)
                ],
            }
        }
    )


def openaq_locations(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve the stations, in pages of `limit`."""
    page, limit = whole(args, "page", 1), whole(args, "limit", 100)
    found = openaq_stations()
    shown = found[(page - 1) * limit : page * limit]
    return _openaq([_openaq_location(world, s, now) for s in shown], page, limit, len(found))


def openaq_location(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve one station."""
    return _openaq([_openaq_location(world, _openaq_station(args), now)])


def openaq_latest(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve the newest value of one station, without its parameter, as OpenAQ does."""
    station = _openaq_station(args)
    number = int(station.station_id)
    latest = _openaq_newest(world, station, now)
    return _openaq([latest | {"sensorsId": number * 10, "locationsId": number}])


def openaq_sensors(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve the sensors of one station with the newest value of each."""
    station = _openaq_station(args)
    latest = _openaq_newest(world, station, now)
    sensor = {
        "id": int(station.station_id) * 10,
        "name": "pm25 µg/m³",
        "parameter": _OPENAQ_UNITS,
        "datetimeFirst": _utc_and_local(np.datetime64("2019-01-01T00:00:00")),
        "datetimeLast": latest["datetime"],
        "coverage": None,
        "latest": latest,
        "summary": None,
    }
    return _openaq([sensor])


def air_measurements(world: World, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield hourly values: reference stations always, sensors since 90 days before the anchor.

    Hours in which a station was out of order are not among them.
    """
    dense_from = min(max(start, world.anchor - timedelta(days=DENSE_DAYS)), end)
    dense = [(s, name) for s in stations() for name in s.mean]
    sparse = [(station, name) for station, name in dense if station.is_reference]
    for first, last, series in ((start, dense_from, sparse), (dense_from, end, dense)):
        for begin, until in spans(first, last, 90):
            times = whole_hours(begin, until)
            shape = (times.size, len(series))
            value, index = np.empty(shape), np.empty(shape, np.int32)
            told = np.empty(shape, np.bool_)
            for column, (station, name) in enumerate(series):
                value[:, column] = concentration(world, station, name, times)
                index[:, column] = index_of(name, value[:, column])
                told[:, column] = ~_silent(world, station, times)
            size = int(told.sum())
            mask = pa.array(told.ravel())
            yield pa.table(
                {
                    "event_time": timestamps(np.repeat(times, len(series))[told.ravel()]),
                    "station_id": tiled([s.station_id for s, _ in series], times.size).filter(mask),
                    "parameter": tiled([name for _, name in series], times.size).filter(mask),
                    "value": value[told],
                    "unit": repeated("µg/m³", size),
                    "averaging": pa.nulls(size, pa.string()),
                    "ispu": index[told],
                }
            )


def category(index: int) -> str:
    """Return the word of an index, as the portal writes it."""
    return _CATEGORIES[int(np.searchsorted((50, 100, 200, 300), index))]


@cache
def stations() -> tuple[Station, ...]:
    """Return the 105 stations in the order of `air_stations.csv`."""
    return tuple(
        Station(
            row["station_id"],
            row["udara_uuid"],
            row["name"],
            row["district"],
            float(row["lat"]),
            float(row["lon"]),
            _means(row),
        )
        for row in reference("air_stations")
    )


@cache
def openaq_stations() -> tuple[Station, ...]:
    """Return the stations of other owners that OpenAQ lists; their id is OpenAQ's number."""
    return tuple(
        Station(str(number), "", name, owner, lat, lon, {"pm25": _SENSOR_MEAN})
        for number, name, owner, lat, lon in _OPENAQ
    )


def _means(row: Mapping[str, str]) -> dict[str, float]:
    if row["kind"] == "reference":
        return dict(zip(POLLUTANTS, map(float, _REFERENCE_MEANS[row["station_id"]]), strict=True))
    # Neighbouring sensors differ by about a tenth; which way is fixed by the sensor's own id.
    dice = int(row["udara_uuid"].split("-")[0], 16) / 0xFFFFFFFF
    mean = _SENSOR_MEAN * (0.85 + 0.3 * dice)
    return {"pm25": mean * (_ISLANDS if float(row["lat"]) > -5.95 else 1)}


@cache
def _breakpoints() -> dict[str, tuple[float, ...]]:
    columns = ("i0_50", "i51_100", "i101_200", "i201_300", "i_over_300_ref")
    return {
        row["pollutant"].lower().replace(".", ""): tuple(float(row[name]) for name in columns)
        for row in reference("ispu_breakpoints")
    }


def _listed(world: World, station: Station, now: datetime) -> dict[str, Any]:
    time = _newest(world, station, now)
    dominant, index, value = _dominant(world, station, np.array([time]))
    code, district = _kecamatan(station.lon, station.lat)
    weather = _weather(world, station, np.array([time]))
    return {
        "id": station.uuid,
        "name": f"{station.station_id} {station.name}" if station.is_reference else station.name,
        "initial": station.station_id if station.is_reference else station.name.split(" ")[0],
        "datasourceName": station.name.split(" ")[0],
        "area": station.name,
        "kecamatan": district,
        "kecamatanID": code,
        "kota": station.district,
        "lat": station.lat,
        "lng": station.lon,
        "ispu": index,
        "status": category(index),
        "dominantMetric": dominant.upper(),
        "dominantRawValue": value,
        **weather,
        "dominantMetricTime": wib_text(time),
    }


def _dominant(world: World, station: Station, time: Times) -> tuple[str, int, float]:
    """Return the pollutant of the greatest index, with index and concentration."""
    found = []
    for name in station.mean:
        value = concentration(world, station, name, time)
        found.append((int(index_of(name, value)[0]), name, float(value[0])))
    index, name, most = max(found)
    return name, index, most


def _weather(world: World, station: Station, time: Times) -> dict[str, float]:
    """Return what the little weather stations tell; half of them have none and write zeros."""
    if world.uniform(f"meteo/{station.station_id}", 0) < 0.5:
        return dict.fromkeys(("temperature", "humidity", "wind", "windDirection"), 0)
    warmth = temperature_c(world, time, basin_at(station.lon, station.lat))[0]
    return {
        "temperature": round(float(warmth), 1),
        "humidity": round(float(np.clip(165 - 3.3 * warmth, 40, 99)), 1),
        "wind": round(float(1.5 + world.drift("wind", time, 4)[0]), 1),
        "windDirection": round(float(180 + 170 * world.drift("wind/from", time, 12)[0])),
    }


def temperature_c(world: World, times: Times, basin: str) -> Floats:
    """Return the air temperature in °C: warmest at 13 WIB, cooled by rain."""
    curve = 28.4 + 3.6 * np.cos(2 * np.pi * (hour_of_day(times) - 13) / 24)
    cooled = 4 * (1 - np.exp(-world.rain_mm(times, basin, 3) / 10))
    result: Floats = curve + 0.8 * world.drift("warmth", times, 72) - cooled
    return result


def _newest(world: World, station: Station, now: datetime) -> np.datetime64:
    """Return the moment of the newest published measurement, of before an outage if need be."""
    delay = timedelta(minutes=2 + 8 * float(world.uniform(f"air/delay/{station.station_id}", 0)))
    time = floor_to(moments(now - delay)[0], station.seconds)
    while _silent(world, station, np.array([time]))[0]:
        before = floor_to(time, _OUTAGE_HOURS * 3600) - np.timedelta64(1, "s")
        time = floor_to(before, station.seconds)
    return time


def _silent(world: World, station: Station, times: Times) -> NDArray[np.bool_]:
    block = (hours_of(times) // _OUTAGE_HOURS).astype(np.int64)
    return world.uniform(f"air/outage/{station.station_id}", block) < _OUTAGE_CHANCE


@cache
def _kecamatan(lon: float, lat: float) -> tuple[str, str]:
    """Return code and name of the kecamatan whose kelurahan is nearest."""
    areas = {row["code"]: row for row in reference("areas")}
    nearest = min(
        (row for row in areas.values() if row["level"] == "kelurahan"),
        key=lambda r: (float(r["lat"]) - lat) ** 2 + (float(r["lon"]) - lon) ** 2,
    )
    parent = areas[nearest["parent_code"]]
    return parent["code"], parent["name"]


def _page(objects: Mapping[str, object]) -> Payload:
    script = "\n".join(f"{name} = {orjson.dumps(v).decode()};" for name, v in objects.items())
    return Payload.of(
        '<!DOCTYPE html>\n<html lang="id"><head><title>Udara Jakarta</title></head>\n'
        f'<body><div id="app"></div>\n<script>\n{script}\n</script></body></html>\n',
        "text/html; charset=utf-8",
    )


def _openaq(
    results: list[dict[str, Any]], page: int = 1, limit: int = 100, found: int = 1
) -> Payload:
    meta = {"name": "openaq-api", "website": "/", "page": page, "limit": limit, "found": found}
    return Payload.json({"meta": meta, "results": results})


def _openaq_station(args: Mapping[str, str]) -> Station:
    found = next((s for s in openaq_stations() if s.station_id == args["number"]), None)
    if found is None:
        raise NotFound(f"no location {args['number']}")
    return found


def _openaq_location(world: World, station: Station, now: datetime) -> dict[str, Any]:
    number = int(station.station_id)
    return {
        "id": number,
        "name": station.name,
        "locality": "Jakarta",
        "timezone": "Asia/Jakarta",
        "country": {"id": 1, "code": "ID", "name": "Indonesia"},
        "owner": {"id": 4, "name": station.district},
        "provider": {"id": 119, "name": "AirNow"},
        "isMobile": False,
        "isMonitor": True,
        "instruments": [{"id": 2, "name": "Government Monitor"}],
        "sensors": [{"id": number * 10, "name": "pm25 µg/m³", "parameter": _OPENAQ_UNITS}],
        "coordinates": {"latitude": station.lat, "longitude": station.lon},
        "bounds": [station.lon, station.lat, station.lon, station.lat],
        "distance": None,
        "datetimeFirst": _utc_and_local(np.datetime64("2019-01-01T00:00:00")),
        "datetimeLast": _openaq_newest(world, station, now)["datetime"],
    }


def _openaq_newest(world: World, station: Station, now: datetime) -> dict[str, Any]:
    time = _newest(world, station, now)
    value = concentration(world, station, "pm25", np.array([time]))
    return {
        "datetime": _utc_and_local(time),
        "value": float(value[0]),
        "coordinates": {"latitude": station.lat, "longitude": station.lon},
    }


def _utc_and_local(time: np.datetime64) -> dict[str, str]:
    return {"utc": f"{time}Z", "local": f"{wib_text(time)}+07:00"}


ROUTES: dict[str, Handler] = {
    "/udara/": portal,
    "/udara/spku/<uuid>": detail,
    "/openaq/v3/locations": openaq_locations,
    "/openaq/v3/locations/<number>": openaq_location,
    "/openaq/v3/locations/<number>/latest": openaq_latest,
    "/openaq/v3/locations/<number>/sensors": openaq_sensors,
}
BULK: dict[str, Bulk] = {"air_measurements": air_measurements}
