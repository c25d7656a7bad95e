"""The questions of air and forecast, each on a few rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import queries
from data.asof import AsOf
from data.lake import Lake
from tests.lakes import common, empty_lake, insert

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CITY, GAMBIR, TEBET = "31", "31.71.01.1001", "31.74.01.1001"
# Thursday, 13 June 2024, 12.00 WIB.
NOW = datetime(2024, 6, 13, 5, tzinfo=UTC)
LIVE = AsOf.now(NOW)


class Undo(Exception):
    """Ends a test's transaction, so that the next one finds the lake empty."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = empty_lake(tmp_path_factory.mktemp("air"))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty: Lake) -> Iterator[Lake]:
    with suppress(Undo), empty.write():
        yield empty
        raise Undo


def add(lake: Lake, table: str, **values: Any) -> None:
    times = common(values["event_time"]) | {"known_time": values["event_time"]}
    insert(lake.cursor(), table, times | values)


def measure(lake: Lake, at: datetime, value: float, **changes: Any) -> None:
    values = {
        "station_id": "DKI1",
        "parameter": "pm25",
        "value": value,
        "unit": "µg/m³",
        "feed": "udara_jakarta",
    }
    add(lake, "air_measurements", event_time=at, **values | changes)


def told(lake: Lake, as_of: AsOf = LIVE) -> list[dict[str, Any]]:
    rows = queries.air_parameters_now(lake, as_of, CITY)
    return [row for row in rows if row["event_time"] is not None]


def test_the_newest_value_stands_beside_the_mean_of_a_day(lake: Lake) -> None:
    measure(lake, NOW - 25 * HOUR, 90)
    measure(lake, NOW - 2 * HOUR, 20, ispu=57)
    measure(lake, NOW - HOUR, 40)
    (row,) = told(lake)
    assert (row["value_ug_m3"], row["mean_ug_m3"], row["hours"]) == (40, 30, 2)
    assert (row["ispu"], row["event_time"], row["kind"]) == (57, NOW - HOUR, "reference")


def test_a_pollutant_that_was_told_in_the_morning_of_yesterday_is_still_there(lake: Lake) -> None:
    measure(lake, NOW - 27 * HOUR, 40, parameter="pm10")
    (row,) = told(lake)
    assert (row["parameter"], row["value_ug_m3"], row["mean_ug_m3"]) == ("pm10", 40, None)


def test_a_reference_station_without_a_word_has_a_row(lake: Lake) -> None:
    rows = queries.air_parameters_now(lake, LIVE, CITY)
    assert {row["station_id"] for row in rows} == {"DKI1", "DKI2", "DKI3", "DKI4", "DKI5"}
    assert all(row["parameter"] is None for row in rows)


def test_the_first_source_speaks_for_a_station_and_a_real_one_before_it(lake: Lake) -> None:
    measure(lake, NOW - HOUR, 10)
    measure(lake, NOW - HOUR, 20, feed="openaq")
    assert [row["value_ug_m3"] for row in told(lake)] == [10]
    measure(lake, NOW - HOUR, 30, feed="openaq", simulated=False)
    assert [row["value_ug_m3"] for row in told(lake)] == [30]


def test_what_was_learnt_later_is_not_known_then(lake: Lake) -> None:
    measure(lake, NOW - 2 * HOUR, 10)
    measure(lake, NOW - HOUR, 20, known_time=NOW + MINUTE)
    assert [row["value_ug_m3"] for row in told(lake)] == [10]
    assert [row["value_ug_m3"] for row in queries.air_hours(lake, LIVE, "DKI1")] == [10]


def test_hours_of_a_month_are_means_without_what_is_missing(lake: Lake) -> None:
    measure(lake, NOW - 31 * DAY, 99)
    measure(lake, NOW - DAY, 10)
    measure(lake, NOW - DAY + 30 * MINUTE, 20)
    measure(lake, NOW - HOUR, 40)
    measure(lake, NOW - HOUR, 40, parameter="pm10")
    assert [
        (row["event_time"], row["value_ug_m3"]) for row in queries.air_hours(lake, LIVE, "DKI1")
    ] == [(NOW - DAY, 15), (NOW - HOUR, 40)]


def test_the_official_day_is_the_newest_of_the_station_itself(lake: Lake) -> None:
    midnight = datetime(2024, 6, 11, 17, tzinfo=UTC)
    day = {"station_id": "DKI1", "index_max": 80.0, "critical": "PM25", "category": "SEDANG"}
    shared = {"city_max": False, "day": date(2024, 6, 12)}
    add(lake, "ispu_daily", event_time=midnight, **day | shared)
    older = shared | {"day": date(2024, 6, 11), "index_max": 60.0}
    add(lake, "ispu_daily", event_time=midnight - DAY, **day | older)
    add(lake, "ispu_daily", event_time=midnight, **day | shared | {"city_max": True})
    unknown = {"station_id": "DKI2", "index_max": None}
    add(lake, "ispu_daily", event_time=midnight, **day | shared | unknown)
    found = queries.ispu_days(lake, LIVE)
    assert [(row["station_id"], row["day"], row["index_max"]) for row in found] == [
        ("DKI1", date(2024, 6, 12), 80)
    ]


def forecast(lake: Lake, adm4: str, valid: datetime, **changes: Any) -> None:
    values = {
        "adm4": adm4,
        "valid_time": valid,
        "issued_at": NOW - 6 * HOUR,
        "event_time": NOW - 6 * HOUR,
        "temperature_c": 28.0,
        "humidity_pct": 80.0,
        "rain_mm": 0.0,
        "weather_code": 3,
        "weather": "Berawan",
        "wind_kmh": 5.0,
        "feed": "bmkg_forecast",
    }
    add(lake, "weather_forecasts", **values | changes)


def test_the_newest_forecast_of_each_kelurahan_counts(lake: Lake) -> None:
    step = NOW + 2 * HOUR
    rain = {"weather_code": 61, "weather": "Hujan Ringan", "rain_mm": 2.0}
    forecast(lake, GAMBIR, step, **rain)
    forecast(lake, GAMBIR, step, event_time=NOW - HOUR)
    forecast(lake, TEBET, step, **rain | {"temperature_c": 25.0})
    (whole,) = queries.forecast_next(lake, LIVE, CITY)
    assert (whole["coolest_c"], whole["warmest_c"], whole["wet"], whole["places"]) == (25, 28, 1, 2)
    assert (whole["wettest"], whole["wettest_code"]) == ("Hujan Ringan", 61)
    (gambir,) = queries.forecast_next(lake, LIVE, GAMBIR)
    assert (gambir["weather"], gambir["wet"]) == ("Berawan", 0)


def test_steps_that_are_over_or_a_day_ahead_are_left_out(lake: Lake) -> None:
    for hours in (-3, -2, 1, 24, 25):
        forecast(lake, GAMBIR, NOW + hours * HOUR)
    found = [row["valid_time"] for row in queries.forecast_next(lake, LIVE, CITY)]
    assert found == [NOW - 2 * HOUR, NOW + HOUR, NOW + 24 * HOUR]
