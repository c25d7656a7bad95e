"""Forecasts by kelurahan and warnings of heavy rain, as BMKG publishes them.

A forecast knows the rain that will fall, give or take: each run of BMKG's model has its own error,
which grows with the hours ahead. Warnings are given hour by hour, an hour before the rain at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from werkzeug.exceptions import NotFound

from etl.city.air import temperature_c
from etl.city.world import (
    CITY_BASINS,
    WIB,
    Handler,
    Payload,
    World,
    basin_at,
    hours_of,
    moments,
    reference,
    wib_text,
)

_RUN_HOURS, _STEP_HOURS, _STEPS = 12, 3, 24
_READY = timedelta(hours=3)  # from the analysis to its publication
_WARNED_MM_H = 10.0  # BMKG calls rain heavy from 10 mm in an hour
_WARNING_HOURS = 2
_WINDS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Province:
    """A province in BMKG's warnings: BPS number, prefix of its codes, name, basins within."""

    number: int
    prefix: str
    name: str
    basins: tuple[str, ...]


_PROVINCES = (
    Province(31, "CJK", "DKI Jakarta", CITY_BASINS),
    Province(32, "CJB", "Jawa Barat", ("hulu",)),
)


@dataclass(frozen=True)
class RainWarning:
    """One warning: whom it concerns, from when, how much rain is to come in which basins."""

    province: Province
    begins: datetime
    rain_mm_h: Mapping[str, float]

    @property
    def code(self) -> str:
        """Such as CJK20260218011: province, day and hour (UTC)."""
        return f"{self.province.prefix}{self.begins:%Y%m%d0%H}"

    @property
    def identifier(self) -> str:
        """CAP identifier: date and hour, BPS province, number within the hour."""
        return f"2.49.0.1.360.0.{self.begins:%Y.%m.%d.%H}.{self.province.number}.001"

    @property
    def headline(self) -> str:
        """What and where, as BMKG writes it."""
        return f"Hujan Lebat dan Petir di {self.province.name}"

    @property
    def expires(self) -> datetime:
        """When it ends unless a newer one is given."""
        return self.begins + timedelta(hours=_WARNING_HOURS)


def forecast(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve three days in steps of three hours for the kelurahan `adm4`.

    Raises:
        NotFound: There is no such kelurahan.
    """
    areas = _areas()
    village = areas.get(args.get("adm4", ""))
    if village is None or village["level"] != "kelurahan":
        raise NotFound("adm4 is not known")
    district = areas[village["parent_code"]]
    city = areas[district["parent_code"]]
    place = {
        "adm1": "31",
        "adm2": city["code"],
        "adm3": district["code"],
        "adm4": village["code"],
        "provinsi": "DKI Jakarta",
        "kotkab": city["name"].replace("Administrasi", "Adm."),
        "kecamatan": district["name"],
        "desa": village["name"],
        "lon": float(village["lon"]),
        "lat": float(village["lat"]),
        "timezone": "Asia/Jakarta",
    }
    days: dict[str, list[dict[str, Any]]] = {}
    for step in _steps(world, now, village):
        days.setdefault(step["local_datetime"][:10], []).append(step)
    return Payload.json({"lokasi": place, "data": [{"lokasi": place, "cuaca": [*days.values()]}]})


def nowcast(world: World, now: datetime, _args: Mapping[str, str]) -> Payload:
    """Serve the RSS of the warnings in force."""
    items = "".join(
        f"<item><title>{escape(w.headline)}</title>"
        f"<link>https://www.bmkg.go.id/alerts/nowcast/id/{w.code}_alert.xml</link>"
        f"<description>{escape(_description(w))}</description>"
        f"<pubDate>{w.begins.astimezone(WIB):%a, %d %b %Y %H:%M:%S %z}</pubDate>"
        f'<guid isPermaLink="false">{w.identifier}</guid></item>\n'
        for w in _in_force(world, now)
    )
    return Payload.of(
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        "<title>Peringatan Dini Cuaca BMKG</title><link>https://www.bmkg.go.id</link>"
        f"<description>Nowcasting</description><language>id</language>\n{items}</channel></rss>\n",
        "application/rss+xml; charset=utf-8",
    )


def alert(world: World, now: datetime, args: Mapping[str, str]) -> Payload:
    """Serve one warning as CAP 1.2.

    Raises:
        NotFound: No such warning was given until now.
    """
    warning = _of_code(world, args["code"])
    if warning is None or warning.begins > now:
        raise NotFound(f"no warning {args['code']}")
    most = max(warning.rain_mm_h.values())
    polygons = "".join(f"<polygon>{box}</polygon>" for box in _boxes(warning))
    body = f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{warning.identifier}</identifier>
  <sender>cuaca.ekstrem@bmkg.go.id</sender>
  <sent>{_wib_offset(warning.begins)}</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>id</language>
    <category>Met</category>
    <event>Hujan Lebat dan Petir</event>
    <urgency>Immediate</urgency>
    <severity>{"Severe" if most > 2.5 * _WARNED_MM_H else "Moderate"}</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>OET:v1.2</valueName><value>OET-194</value></eventCode>
    <effective>{_wib_offset(warning.begins)}</effective>
    <expires>{_wib_offset(warning.expires)}</expires>
    <senderName>BMKG</senderName>
    <headline>{escape(warning.headline)}</headline>
    <description>{escape(_description(warning))}</description>
    <web>https://nowcasting.bmkg.go.id/infografis/{warning.code}.jpg</web>
    <area><areaDesc>{escape(warning.province.name)}</areaDesc>{polygons}</area>
  </info>
</alert>
"""
    return Payload.of(body, "text/xml; charset=utf-8")


def _steps(world: World, now: datetime, village: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    ready = now.astimezone(UTC) - _READY
    run = ready.replace(hour=ready.hour // 12 * 12, minute=0, second=0, microsecond=0)
    ahead = np.arange(1, _STEPS + 1) * _STEP_HOURS
    times = moments(run)[0] + ahead * np.timedelta64(3600, "s")
    basin = basin_at(float(village["lon"]), float(village["lat"]))
    number = int(hours_of(times)[0]) // _RUN_HOURS * 100
    error = world.normal(f"forecast/{basin}", number + ahead)
    rain = np.round(
        world.rain_mm(times, basin, _STEP_HOURS) * np.exp(0.3 * error * np.sqrt(ahead / 24)), 1
    )
    warmth = np.round(temperature_c(world, times, basin) + 0.5 * error)
    clouds = np.clip(55 + 40 * world.drift(f"clouds/{basin}", times, 5) + 30 * (rain > 0), 5, 100)
    wind = np.round(8 + 4 * world.drift("wind", times, 4), 1)
    degrees = np.round(180 + 170 * world.drift("wind/from", times, 12))
    for i, time in enumerate(times):
        code, word, english = _weather(float(rain[i]), float(clouds[i]))
        sector = int((degrees[i] + 22.5) // 45) % 8
        day = 6 <= int(wib_text(time, "%H")) < 18
        yield {
            "datetime": f"{time}Z",
            "t": int(warmth[i]),
            "tcc": int(clouds[i]),
            "tp": float(rain[i]),
            "weather": code,
            "weather_desc": word,
            "weather_desc_en": english,
            "wd_deg": int(degrees[i]),
            "wd": _WINDS[sector],
            "wd_to": _WINDS[(sector + 4) % 8],
            "ws": float(wind[i]),
            "hu": int(np.clip(165 - 3.3 * warmth[i], 40, 99)),
            "vs": None if rain[i] else 10_000,
            "vs_text": None if rain[i] else "> 10 km",
            "time_index": f"{ahead[i] - _STEP_HOURS}-{ahead[i]}",
            "analysis_date": f"{run:%Y-%m-%dT%H:%M:%S}",
            "image": "https://api-apps.bmkg.go.id/storage/icon/cuaca/"
            f"{word.lower()}-{'am' if day else 'pm'}.svg",
            "utc_datetime": str(time).replace("T", " "),
            "local_datetime": wib_text(time, "%Y-%m-%d %H:%M:%S"),
        }


def _weather(rain_mm: float, clouds_pct: float) -> tuple[int, str, str]:
    """Return BMKG's weather code and words for the rain of three hours and the clouds."""
    if rain_mm > 20:
        return 95, "Hujan Petir", "Thunderstorm"
    if rain_mm > 10:
        return 63, "Hujan Sedang", "Moderate Rain"
    if rain_mm > 0.5:
        return 61, "Hujan Ringan", "Light Rain"
    if clouds_pct > 75:
        return 3, "Berawan", "Mostly Cloudy"
    return (2, "Cerah Berawan", "Partly Cloudy") if clouds_pct > 35 else (0, "Cerah", "Sunny")


def _in_force(world: World, now: datetime) -> Iterator[RainWarning]:
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for back in range(_WARNING_HOURS):
        for province in _PROVINCES:
            warning = _given(world, province, hour - timedelta(hours=back))
            if warning is not None:
                yield warning


def _given(world: World, province: Province, hour: datetime) -> RainWarning | None:
    """Return the warning that was given at a full hour, for the rain of the two hours after it."""
    times = moments(*(hour + timedelta(minutes=m) for m in range(0, 60 * _WARNING_HOURS, 15)))
    most = {basin: float(world.rain_mm_h(times, basin).max()) for basin in province.basins}
    wet = {basin: rain for basin, rain in most.items() if rain >= _WARNED_MM_H}
    return RainWarning(province, hour, wet) if wet else None


def _of_code(world: World, code: str) -> RainWarning | None:
    province = next((p for p in _PROVINCES if p.prefix == code[:3]), None)
    try:
        hour = datetime.strptime(code[3:], "%Y%m%d0%H").replace(tzinfo=UTC)
    except ValueError:
        return None
    return _given(world, province, hour) if province else None


def _description(warning: RainWarning) -> str:
    end = warning.expires.astimezone(WIB)
    places = ", ".join(name for name, *_ in _places(warning))
    return (
        f"Peringatan dini cuaca {warning.province.name} tanggal "
        f"{warning.begins.astimezone(WIB):%d-%m-%Y pukul %H:%M} WIB: berpotensi terjadi hujan "
        "dengan intensitas sedang-lebat yang dapat disertai kilat/petir dan angin kencang di "
        f"{places}. Kondisi ini diperkirakan berlangsung hingga pukul {end:%H:%M} WIB."
    )


def _boxes(warning: RainWarning) -> Iterator[str]:
    """Yield a square of some 4 km about each place, as "lat,lon lat,lon ..."."""
    reach = 0.02
    for _, lat, lon in _places(warning):
        corners = ((1, -1), (1, 1), (-1, 1), (-1, -1), (1, -1))
        yield " ".join(f"{lat + reach * y:.4f},{lon + reach * x:.4f}" for y, x in corners)


def _places(warning: RainWarning) -> list[tuple[str, float, float]]:
    """Return the kecamatan within the wet basins, or the upstream towns, with lat and lon."""
    if warning.province.number == 32:
        return [("Kota Bogor", -6.595, 106.797), ("Ciawi", -6.668, 106.858)]
    return [
        (row["name"], float(row["lat"]), float(row["lon"]))
        for row in _areas().values()
        if row["level"] == "kecamatan"
        and not row["code"].startswith("31.01")
        and basin_at(float(row["lon"]), float(row["lat"])) in warning.rain_mm_h
    ]


def _wib_offset(time: datetime) -> str:
    return time.astimezone(WIB).isoformat(timespec="seconds")


@cache
def _areas() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in reference("areas")}


ROUTES: dict[str, Handler] = {
    "/bmkg/prakiraan-cuaca": forecast,
    "/bmkg/nowcast": nowcast,
    "/bmkg/nowcast/<code>_alert.xml": alert,
}
