"""The tables of the lake, as data: one declaration for DDL, validation, hashing and catalogue.

Every fact carries the columns of `COMMON` besides its own. A table whose key holds `event_time`
is a *series* (one row a moment); any other holds *versions* of an entity, told apart by content.
Units stand beside the column; times are TIMESTAMPTZ, written in UTC, shown in WIB.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        type: DuckDB type.
        unit: Unit of measure as printed ("cm", "km/h"); empty where there is none.
        low: Smallest value that can be true, in `unit`; a row below it is quarantined.
        high: Largest value that can be true, in `unit`; a row above it is quarantined.
        required: A row without it is quarantined.
        hashed: False for what does not make a row new (derived, or a secret that rotates).
        one_of: The only values allowed besides null; empty where any will do.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    required: bool = False
    hashed: bool = True
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One fact table.

    Args:
        key: Columns that name the thing, besides `feed`.
        columns: Own columns, without `COMMON`.
        partition: DuckLake partition expressions over `event_time`; empty for small tables.
        dated: False where `event_time` is only the moment of reading (a list of devices), so
            that the same content read later is not a new version.
        points: Name of the (lon, lat) columns from which `kelurahan_code` is derived, if any.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: tuple[str, ...] = ("year(event_time)", "month(event_time)")
    dated: bool = True
    located: bool = False

    @property
    def series(self) -> bool:
        """True where one key and one moment make one row."""
        return "event_time" in self.key

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Own columns, then those that every fact has."""
        return self.columns + COMMON

    def column(self, name: str) -> Column:
        """Return the column of that name; `KeyError` where there is none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


COMMON = (
    Column("event_time", "TIMESTAMPTZ", "when it happened", required=True),
    Column("known_time", "TIMESTAMPTZ", "when we learnt it", required=True, hashed=False),
    Column(
        "known_assumed",
        "BOOLEAN",
        "known_time is event_time plus the feed's usual lag",
        hashed=False,
    ),
    Column("simulated", "BOOLEAN", "the row comes from the simulated city", hashed=False),
    Column("feed", "VARCHAR", "the feed that brought it", required=True, hashed=False),
    Column("run_id", "VARCHAR", "the run that brought it", required=True, hashed=False),
    Column("row_hash", "UBIGINT", "content hash", hashed=False),
)

# The region from which a position can be true: Jakarta with Kepulauan Seribu, and the upstream
# posts to Katulampa and Gadog.
WEST, EAST, SOUTH, NORTH = 106.3, 107.2, -6.9, -5.0

MONTHLY = ("year(event_time)", "month(event_time)")
DAILY = ("year(event_time)", "month(event_time)", "day(event_time)")

STATUSES = ("Menunggu", "Koordinasi", "Disposisi", "Proses", "EWS", "Selesai", "Ditolak")
CLOSED_STATUSES = ("Selesai", "Ditolak")
POLLUTANTS = ("pm10", "pm25", "so2", "co", "o3", "no2", "hc", "temperature", "humidity")
CATEGORIES_ISPU = ("BAIK", "SEDANG", "TIDAK SEHAT", "SANGAT TIDAK SEHAT", "BERBAHAYA")


def _text(name: str, meaning: str, *, required: bool = False, hashed: bool = True) -> Column:
    return Column(name, "VARCHAR", meaning, required=required, hashed=hashed)


def _time(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "TIMESTAMPTZ", meaning, required=required)


def _lon(*, required: bool = False, hashed: bool = True) -> Column:
    return Column("lon", "DOUBLE", "longitude, WGS 84", "°", WEST, EAST, required, hashed)


def _lat(*, required: bool = False, hashed: bool = True) -> Column:
    return Column("lat", "DOUBLE", "latitude, WGS 84", "°", SOUTH, NORTH, required, hashed)


def _kelurahan(meaning: str = "kelurahan in which the point lies, found by us") -> Column:
    return Column("kelurahan_code", "VARCHAR", meaning, hashed=False)


ENDED = Column("ended", "BOOLEAN", "true in the row that says the source no longer lists it")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "complaint_versions",
            "one row a version of a complaint",
            ("complaint_id",),
            (
                _text("complaint_id", "report number such as JK2310140085", required=True),
                _time("created_at", "intake", required=True),
                _text("channel", "one of the 13 channels"),
                _text("category", "category as the source writes it, trimmed"),
                Column("status", "VARCHAR", "CRM state", required=True, one_of=STATUSES),
                _text("agency", "perangkat daerah that holds it"),
                _text("kelurahan_code", "kelurahan of the problem, Kemendagri code"),
                _lon(),
                _lat(),
                Column("geotagged", "BOOLEAN", "the point comes from the reporter's device"),
                _time("due_at", "the source's expected_datetime; shown, not used"),
                _time("first_response_at", "first meaningful action"),
                _time("resolved_at", "finished"),
                Column("reopened_count", "INTEGER", "times reopened", low=0, high=100),
                _text("photo_before", "URL of the photo before"),
                _text("photo_after", "URL of the photo after"),
                _text("address_public", "where the problem is, redacted"),
                _text("verification", "result of Biro Pemerintahan, null where unknown"),
                Column("rating", "DOUBLE", "the reporter's rating", low=0, high=5),
                _text("reporter_key", "keyed hash of the reporter, never the person", hashed=False),
                _text("text_redacted", "complaint text with personal data removed"),
            ),
        ),
        Table(
            "complaint_log",
            "one row a change of state or hand-over",
            ("complaint_id", "event_time", "status", "agency"),
            (
                _text("complaint_id", "report number", required=True),
                Column("status", "VARCHAR", "CRM state", required=True, one_of=STATUSES),
                _text("agency", "perangkat daerah that holds it from then on"),
            ),
        ),
        Table(
            "water_levels",
            "water level at one station at one moment",
            ("station_id", "event_time"),
            (
                _text(
                    "station_id",
                    "station of water_stations, else the source's own id",
                    required=True,
                ),
                Column(
                    "level_cm", "DOUBLE", "level above the station's zero", "cm", -500, 1500, True
                ),
                Column("level_reported", "DOUBLE", "level as the source wrote it"),
                _text("unit_reported", "unit of level_reported"),
                Column("siaga_reported", "TINYINT", "siaga as the source says", low=1, high=4),
                _text("weather", "weather as the operator wrote it"),
            ),
        ),
        Table(
            "pump_states",
            "pumps of one house at one moment",
            ("pump_house_id", "event_time"),
            (
                _text("pump_house_id", "house of pump_houses", required=True),
                Column("running", "INTEGER", "pumps running", "pompa", 0, 100, True),
                Column("idle", "INTEGER", "pumps ready", "pompa", 0, 100),
                Column("off", "INTEGER", "pumps off", "pompa", 0, 100),
                Column(
                    "broken",
                    "INTEGER",
                    "pumps broken, only where the source says so",
                    "pompa",
                    0,
                    100,
                ),
                Column("total", "INTEGER", "pumps installed", "pompa", 0, 100),
            ),
        ),
        Table(
            "inundations",
            "flooded RT or RW at one moment",
            ("area_code", "event_time"),
            (
                _text("area_code", "RT or RW of the source", required=True),
                _text("area_name", "name as printed, such as RW 09"),
                Column("area_level", "VARCHAR", "rt or rw", required=True, one_of=("rt", "rw")),
                Column("depth_min_cm", "DOUBLE", "least depth", "cm", 0, 1000),
                Column("depth_max_cm", "DOUBLE", "greatest depth", "cm", 0, 1000),
                _text("state", "state as the source names it"),
                _text("cause", "cause, where told"),
                # TopoJSON moves every point by metres when another area joins the list.
                _lon(hashed=False),
                _lat(hashed=False),
                ENDED,
                _kelurahan(),
            ),
            located=True,
        ),
        Table(
            "flood_reports",
            "a citizen's flood report",
            ("report_id",),
            (
                _text("report_id", "id of the report", required=True),
                _lon(required=True, hashed=False),
                _lat(required=True, hashed=False),
                Column("depth_cm", "DOUBLE", "reported depth", "cm", 0, 500),
                _text("source", "application that took it"),
                _text("text_redacted", "text with personal data removed"),
                _kelurahan(),
            ),
            located=True,
        ),
        Table(
            "rainfall",
            "rain at one station in the interval before event_time",
            ("station_id", "event_time"),
            (
                _text("station_id", "rain station", required=True),
                Column("rain_mm", "DOUBLE", "rain of the interval", "mm", 0, 500, True),
                Column("interval_minutes", "INTEGER", "length of the interval", "menit", 1, 1440),
                _lon(),
                _lat(),
            ),
        ),
        Table(
            "traffic_jams",
            "one jam as seen at one moment",
            ("jam_id", "event_time"),
            (
                _text("jam_id", "id of the jam", required=True),
                _text("street", "street name"),
                Column("level", "TINYINT", "0 free to 5 closed", low=0, high=5),
                Column("speed_kmh", "DOUBLE", "speed", "km/h", 0, 200),
                Column("length_m", "DOUBLE", "length", "m", 0, 200_000),
                Column(
                    "delay_s",
                    "DOUBLE",
                    "delay against free flow; null where closed",
                    "s",
                    0,
                    86_400,
                ),
                _text("geometry", "GeoJSON LineString"),
                _lon(),
                _lat(),
                ENDED,
                _kelurahan(),
            ),
            DAILY,
            located=True,
        ),
        Table(
            "traffic_alerts",
            "a traffic alert of the road users",
            ("alert_id",),
            (
                _text("alert_id", "id of the alert", required=True),
                _text("type", "type as the source names it"),
                _text("subtype", "subtype as the source names it"),
                _text("street", "street name"),
                Column("reliability", "DOUBLE", "0 to 10", low=0, high=10),
                _lon(required=True),
                _lat(required=True),
                ENDED,
                _kelurahan(),
            ),
            located=True,
        ),
        Table(
            "air_measurements",
            "one parameter at one air station",
            ("station_id", "parameter", "event_time"),
            (
                _text(
                    "station_id", "station of air_stations, else the source's own id", required=True
                ),
                Column("parameter", "VARCHAR", "pollutant", required=True, one_of=POLLUTANTS),
                Column("value", "DOUBLE", "concentration", "µg/m³", -50, 100_000, True),
                _text("unit", "unit of value"),
                _text("averaging", "averaging time, such as 1h"),
                Column("ispu", "INTEGER", "index that the source computed", low=0, high=2_000),
            ),
        ),
        Table(
            "ispu_daily",
            "air quality index of one day, of a station or the maximum over the city",
            ("station_id", "city_max", "event_time"),
            (
                _text("station_id", "DKI1 to DKI5", required=True),
                Column("day", "DATE", "day, WIB", required=True),
                *(
                    Column(name, "DOUBLE", f"index of {name}", low=0, high=1_000)
                    for name in ("pm10", "pm25", "so2", "co", "o3", "no2")
                ),
                Column("index_max", "DOUBLE", "greatest index", low=0, high=1_000),
                _text("critical", "pollutant of the greatest index"),
                Column("category", "VARCHAR", "category as printed", one_of=CATEGORIES_ISPU),
                Column(
                    "city_max",
                    "BOOLEAN",
                    "each index is the maximum over the city, station_id where index_max stood",
                    required=True,
                ),
            ),
        ),
        Table(
            "weather_forecasts",
            "forecast of one kelurahan and hour; event_time is issued_at",
            ("adm4", "valid_time", "event_time"),
            (
                _text("adm4", "kelurahan code", required=True),
                _time("valid_time", "moment that is forecast", required=True),
                _time("issued_at", "analysis time", required=True),
                Column("temperature_c", "DOUBLE", "temperature", "°C", -10, 60),
                Column("humidity_pct", "DOUBLE", "relative humidity", "%", 0, 100),
                Column("rain_mm", "DOUBLE", "rain", "mm", 0, 500),
                Column("weather_code", "INTEGER", "BMKG weather code", low=0, high=200),
                _text("weather", "weather in words"),
                Column("wind_kmh", "DOUBLE", "wind speed", "km/h", 0, 300),
            ),
        ),
        Table(
            "weather_alerts",
            "a BMKG warning (CAP 1.2)",
            ("alert_id",),
            (
                _text("alert_id", "CAP identifier", required=True),
                _text("event", "CAP event"),
                _text("urgency", "CAP urgency"),
                _text("severity", "CAP severity"),
                _text("certainty", "CAP certainty"),
                _text("headline", "CAP headline"),
                _text("description", "CAP description"),
                _text("area", "CAP areaDesc"),
                _text("message_type", "CAP msgType"),
                _time("effective_at", "CAP effective"),
                _time("expires_at", "CAP expires"),
                _text("polygon", "GeoJSON MultiPolygon"),
                ENDED,
            ),
        ),
        Table(
            "officers",
            "an officer's device; event_time is the moment of reading",
            ("officer_id",),
            (
                _text("officer_id", "device id", required=True),
                _text("name", "unit name, never a person's", required=True),
                _text("agency", "perangkat daerah"),
                _text("category", "kind of device or crew"),
            ),
            (),
            dated=False,
        ),
        Table(
            "officer_positions",
            "position of one officer at one moment",
            ("officer_id", "event_time"),
            (
                _text("officer_id", "device id", required=True),
                _lon(required=True),
                _lat(required=True),
                Column("accuracy_m", "DOUBLE", "accuracy", "m", 0, 100_000),
                Column("speed_kmh", "DOUBLE", "speed", "km/h", 0, 250),
                Column("battery_pct", "DOUBLE", "battery", "%", 0, 100),
                _kelurahan(),
            ),
            DAILY,
            located=True,
        ),
        Table(
            "duty_roster",
            "duty state of one officer from one moment on",
            ("officer_id", "event_time"),
            (
                _text("officer_id", "device id", required=True),
                Column(
                    "state",
                    "VARCHAR",
                    "duty state",
                    required=True,
                    one_of=("on_duty", "assigned", "off"),
                ),
                _text("task_id", "task, where assigned"),
                _time("until", "end of the shift or task"),
            ),
        ),
        Table(
            "cameras",
            "a camera; event_time is the moment of reading",
            ("camera_id",),
            (
                _text("camera_id", "id of the camera", required=True),
                _text("name", "name", required=True),
                _text("owner", "who runs it"),
                _text("kind", "road, gate, pump or other"),
                _text("snapshot_url", "still picture; null where its terms forbid fetching"),
                _text("stream_url", "live stream"),
                _text("embed_url", "page to embed, where its terms forbid a proxy"),
                Column("proxied", "BOOLEAN", "ours or licensed, so that our server may fetch it"),
                Column("flood", "BOOLEAN", "watches water, so probed every 10 s"),
                _lon(),
                _lat(),
                _kelurahan(),
            ),
            (),
            dated=False,
            located=True,
        ),
        Table(
            "camera_checks",
            "state of one camera: each change, and one row an hour",
            ("camera_id", "event_time"),
            (
                _text("camera_id", "id of the camera", required=True),
                Column(
                    "state",
                    "VARCHAR",
                    "what the probe saw",
                    required=True,
                    one_of=("live", "frozen", "black", "unreachable"),
                ),
                Column("latency_ms", "DOUBLE", "time to the picture", "ms", 0, 600_000),
                _text("frame_hash", "hash of the picture"),
            ),
        ),
        Table(
            "corridor_hours",
            "traffic of one corridor and hour",
            ("corridor_id", "event_time"),
            (
                _text("corridor_id", "corridor of corridors", required=True),
                Column("speed_kmh", "DOUBLE", "mean speed", "km/h", 0, 200),
                Column("jam_m", "DOUBLE", "mean length of jams", "m", 0, 200_000),
                Column("delay_s", "DOUBLE", "mean delay", "s", 0, 86_400),
            ),
        ),
        Table(
            "population",
            "residents of one kelurahan by age and sex; event_time is 31 December of the year",
            ("kelurahan_code", "age_group", "sex", "event_time"),
            (
                _text("kelurahan_code", "kelurahan, Kemendagri code", required=True),
                _text("age_group", "age group as printed", required=True),
                Column("sex", "VARCHAR", "sex as printed", required=True, one_of=("L", "P")),
                Column("residents", "INTEGER", "residents", "jiwa", 0, 1_000_000, True),
            ),
            (),
        ),
    )
}
