"""A small lake of a flood morning, with all that a brief asks: four weeks and a year ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data.lake import Lake
from data.tables import TABLES
from tests import complaint_lakes, lakes

# Wednesday, 11 March 2026, 06.15 WIB.
CUT = datetime(2026, 3, 10, 23, 15, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
# feed -> title, tables, every, late, expired (minutes), clock
FEEDS = {
    **lakes.FEEDS,
    "alarms": ("Peringatan dan status kota", "alarms, city_status", 1, 10, 30, "fetch"),
    "tomtom_flow": ("Arus lalu lintas", "traffic_jams", 5, 15, 45, "event"),
    "bmkg_alerts": ("Peringatan BMKG", "weather_alerts", 5, 15, 60, "fetch"),
    "bmkg_forecast": ("Prakiraan BMKG", "weather_forecasts", 360, 720, 1440, "fetch"),
}
STATIONS = {"manggarai": 860.0, "katulampa": 90.0, "depok": 120.0}
CORRIDORS = [f"K{number:03}" for number in range(1, 11)]


def flood_morning(home: Path) -> Lake:
    """Make the lake; all feeds are fresh at the cut."""
    lake = lakes.empty_lake(home)
    with lake.write() as cursor:
        _feeds(cursor)
        _water(cursor)
        _floods_and_pumps(cursor)
        _air(cursor)
        _traffic(cursor)
        _weather(cursor)
        _complaints(cursor)
        _alarms(cursor)
        complaint_lakes.roll_up(cursor)
    return lake


def _feeds(cursor: Any) -> None:
    for name, (title, tables, every, late, expired, clock) in FEEDS.items():
        lakes.insert(
            cursor,
            "feeds",
            {
                "feed": name,
                "title": title,
                "source": f"Instansi {title}",
                "licence": "CC BY 4.0",
                "tables": tables,
                "every_s": every * 60.0,
                "late_s": late * 60.0,
                "expired_s": expired * 60.0,
                "clock": clock,
                "scheduled": True,
                "simulated": True,
                "declared_at": CUT - 60 * DAY,
            },
        )
        heard = CUT - MINUTE
        lakes.add_run(cursor, name, heard, event_time=heard - MINUTE, known_time=heard)


def fact(feed: str, at: datetime, **values: Any) -> dict[str, Any]:
    """Return a row with the columns that every fact has, known a minute after it happened."""
    common = lakes.common(at) | {"event_time": at, "known_time": at + MINUTE, "feed": feed}
    return common | values


def add(cursor: Any, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows; columns that a row does not name are null."""
    nothing = {column.name: None for column in TABLES[table].all_columns}
    lakes.insert_all(cursor, table, [nothing | row for row in rows])


def days_back() -> list[datetime]:
    """Return the moment of the cut on each of the last four weeks' days and a year ago."""
    return [CUT - DAY * number for number in range(29)] + [CUT - 52 * 7 * DAY]


def _water(cursor: Any) -> None:
    calm = [
        fact("dsda_levels", moment - 5 * MINUTE, station_id=station, level_cm=50.0)
        for moment in days_back()[1:]
        for station in STATIONS
    ]
    # Katulampa's crest passed an hour ago, Manggarai still rises.
    now = [
        fact("dsda_levels", CUT - 10 * MINUTE * step, station_id=station, level_cm=level(step, top))
        for station, top in STATIONS.items()
        for step in range(1, 40)
    ]
    add(cursor, "water_levels", calm + now)


def level(step: int, top: float) -> float:
    """Return how high the water stood so many ten-minute steps before the cut, cm."""
    return max(top - 5.0 * step, 20.0) if top > 500 else max(top - 1.5 * abs(step - 6), 20.0)


def _floods_and_pumps(cursor: Any) -> None:
    places = [("rt-1", "3", "31.71.01.1001"), ("rt-2", "2", "31.71.01.1002")]
    old = [("rt-9", "2", "31.71.01.1001", CUT - 400 * DAY)]
    add(
        cursor,
        "inundations",
        [
            fact(
                "petabencana_floods",
                at,
                area_code=code,
                area_name=f"RT {code[-1]}",
                area_level="rt",
                state=state,
                kelurahan_code=kelurahan,
                ended=False,
            )
            for code, state, kelurahan, at in [*((*one, CUT - HOUR) for one in places), *old]
        ],
    )
    add(
        cursor,
        "pump_states",
        [
            fact(
                "pantau_pumps",
                moment - 10 * MINUTE,
                pump_house_id=str(house),
                running=2 if moment == CUT else 1,
                idle=1,
                off=0,
                total=3,
            )
            for moment in days_back()
            for house in range(1, 6)
        ],
    )


def _air(cursor: Any) -> None:
    add(
        cursor,
        "air_measurements",
        [
            fact(
                "udara_jakarta",
                moment - 15 * MINUTE,
                station_id=station,
                parameter="pm25",
                value=60.0,
                unit="µg/m³",
                averaging="1h",
                ispu=110 if moment == CUT and station == "DKI1" else 60,
            )
            for moment in days_back()
            for station in ("DKI1", "DKI2", "DKI3")
        ],
    )


def _traffic(cursor: Any) -> None:
    hour = CUT.replace(minute=0) - HOUR
    add(
        cursor,
        "corridor_hours",
        [
            fact(
                "tomtom_flow",
                hour - (CUT - moment),
                corridor_id=corridor,
                speed_kmh=20.0 if moment == CUT else 30.0 + (moment.day % 3),
            )
            for moment in days_back()
            for corridor in CORRIDORS
        ],
    )


def _weather(cursor: Any) -> None:
    add(
        cursor,
        "weather_alerts",
        [
            fact(
                "bmkg_alerts",
                CUT - HOUR,
                alert_id="cap-1",
                event="Hujan Lebat",
                severity="Severe",
                headline="Hujan Lebat di DKI Jakarta",
                effective_at=CUT - HOUR,
                expires_at=CUT + 2 * HOUR,
                ended=False,
            )
        ],
    )
    add(
        cursor,
        "weather_forecasts",
        [
            fact(
                "bmkg_forecast",
                CUT - 6 * HOUR,
                adm4=place,
                valid_time=CUT + 3 * HOUR * step,
                issued_at=CUT - 6 * HOUR,
                temperature_c=25.0 + step,
                humidity_pct=80.0,
                rain_mm=5.0,
                weather_code=63 if step == 2 else 3,
                weather="Hujan Sedang" if step == 2 else "Berawan",
                wind_kmh=8.0,
            )
            for place in ("31.71.01.1001", "31.71.01.1002")
            for step in range(5)
        ],
    )


def _complaints(cursor: Any) -> None:
    lurah, done = complaint_lakes.LURAH, "Selesai"
    for number in range(24):
        # One a day: every third is still open.
        steps = [] if number % 3 == 0 else [(20.0, done, lurah)]
        complaint_lakes.report(
            cursor, f"JK{number:03}", CUT - DAY * number - 3 * HOUR, steps, channel="JAKI"
        )


def _alarms(cursor: Any) -> None:
    gate = {
        "rule": "gate_level",
        "subject_kind": "gate",
        "state": "raised",
        "unit": "cm",
        "feeds": "dsda_levels",
        "kelurahan_code": "31.71.01.1001",
    }
    add(
        cursor,
        "alarms",
        [
            fact(
                "alarms",
                CUT - 2 * HOUR,
                alarm_id=f"gate_level:{station}",
                subject_id=station,
                subject=name,
                severity=severity,
                level=level,
                value=value,
                bound=bound,
                title=f"Tinggi muka air {name} mencapai Siaga {4 - level}",
                owner=owner,
                raised_at=CUT - 2 * HOUR,
                since=CUT - 2 * HOUR,
                **gate,
            )
            for station, name, severity, level, value, bound, owner in (
                ("manggarai", "P.A. Manggarai", "siaga2", 2, 855.0, 850.0, "sekretaris daerah"),
                ("katulampa", "Bendung Katulampa", "siaga3", 1, 88.0, 80.0, "kepala suku dinas"),
            )
        ],
    )
    add(
        cursor,
        "city_status",
        [
            fact(
                "alarms",
                at,
                area_code="31",
                level=status,
                since=at,
                reasons='["1 pos berperingatan Siaga 2 – Siaga atau lebih gawat: P.A. Manggarai"]',
                lowers="[]",
                unassessable=0,
            )
            for at, status in ((CUT - 20 * HOUR, 1), (CUT - 2 * HOUR, 3))
        ],
    )
