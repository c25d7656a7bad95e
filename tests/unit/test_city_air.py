"""The air of the simulated city, on udara.jakarta.go.id and at OpenAQ."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from werkzeug.exceptions import NotFound

from etl.city import air
from etl.city.world import Shift, World, hour_of_day, whole_hours

WORLD = World()
HAZE = World(scenario="kabut-asap")
DKI1, DKI4 = air.stations()[0], air.stations()[3]
YEAR = whole_hours(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))


def listed(world: World, now: datetime) -> list[dict[str, Any]]:
    page = air.portal(world, now, {}).body.decode()
    found = re.search(r"window\.__SPKU_DATA__ = (\[.*\]);", page)
    assert found
    return json.loads(found[1])


def test_the_same_seed_and_time_give_the_same_bytes() -> None:
    first = air.portal(WORLD, WORLD.anchor, {})
    assert air.portal(World(), WORLD.anchor, {}) == first
    assert air.portal(World(seed=7), WORLD.anchor, {}).body != first.body


def test_a_shift_moves_its_station_from_its_moment_on_and_no_other() -> None:
    moved = World(shifts=(Shift("DKI1", datetime(2024, 7, 1, tzinfo=UTC), 1.5),))
    ratio = air.concentration(moved, DKI1, "pm25", YEAR) / air.concentration(
        WORLD, DKI1, "pm25", YEAR
    )
    later = np.datetime64("2024-07-01") <= YEAR
    assert np.abs(ratio[later] - 1.5).max() < 0.05
    assert (ratio[~later] == 1).all()
    other = air.concentration(moved, DKI4, "pm25", YEAR)
    assert (other == air.concentration(WORLD, DKI4, "pm25", YEAR)).all()


def test_all_105_stations_are_listed_with_index_and_category() -> None:
    stations = listed(WORLD, WORLD.anchor)
    assert len(stations) == 105
    assert [s["initial"] for s in stations[:5]] == ["DKI1", "DKI2", "DKI3", "DKI4", "DKI5"]
    for station in stations:
        assert station["status"] == air.category(station["ispu"])
        assert station["dominantRawValue"] > 0
        assert station["kota"].startswith(("Kota Adm.", "Kab. Adm."))


def test_the_newest_values_are_an_hour_or_so_old_but_for_stations_out_of_order() -> None:
    ages = []
    for day in range(4):
        now = WORLD.anchor + timedelta(days=day)
        wall = (now + timedelta(hours=7)).replace(tzinfo=None)
        told = [datetime.fromisoformat(s["dominantMetricTime"]) for s in listed(WORLD, now)]
        ages += [wall - time for time in told]
    fresh = np.mean([age <= timedelta(minutes=75) for age in ages])
    assert min(ages) >= timedelta(0)
    assert 0.95 < fresh < 1


def test_particles_peak_before_dawn_and_in_the_dry_season() -> None:
    value, hour = air.concentration(WORLD, DKI1, "pm25", YEAR), hour_of_day(YEAR)
    month = YEAR.astype("datetime64[M]").astype(int) % 12 + 1
    by_hour = [value[hour == h].mean() for h in range(24)]
    by_month = [value[month == m].mean() for m in range(1, 13)]
    assert int(np.argmax(by_hour)) in (4, 5, 6, 7)
    assert int(np.argmin(by_hour)) in (13, 14, 15, 16)
    assert int(np.argmax(by_month)) + 1 in (5, 6, 7, 8, 9)
    assert int(np.argmin(by_month)) + 1 in (12, 1, 2)


@pytest.mark.parametrize(
    ("station", "pollutant", "published"),
    [(DKI1, "pm25", 72), (DKI1, "no2", 30), (DKI4, "pm25", 83), (DKI4, "pm10", 61)],
)
def test_mean_indices_are_those_of_the_citys_files(
    station: air.Station, pollutant: str, published: int
) -> None:
    index = air.index_of(pollutant, air.concentration(WORLD, station, pollutant, YEAR))
    assert index.mean() == pytest.approx(published, abs=5)


def test_gases_follow_sun_and_traffic() -> None:
    hour = hour_of_day(YEAR)
    ozone, nitrogen = (air.concentration(WORLD, DKI1, name, YEAR) for name in ("o3", "no2"))
    noon, night, rush = (hour >= 11) & (hour < 15), hour < 4, (hour >= 7) & (hour < 10)
    assert ozone[noon].mean() > 3 * ozone[night].mean()
    assert nitrogen[rush].mean() > 1.4 * nitrogen[night].mean()


@pytest.mark.parametrize(
    ("pollutant", "value", "index"),
    [("pm25", 15.5, 50), ("pm25", 35.0, 75), ("pm25", 150.4, 200), ("co", 8000, 100)],
)
def test_the_index_follows_the_breakpoints(pollutant: str, value: float, index: int) -> None:
    assert air.index_of(pollutant, np.array([value]))[0] == index


def test_haze_makes_the_air_very_unhealthy_and_passes() -> None:
    def median(hours: float) -> float:
        now = HAZE.anchor + timedelta(hours=hours)
        return float(np.median([station["ispu"] for station in listed(HAZE, now)]))

    assert median(0.5) > 200
    assert median(12) > 200
    assert median(-3) < 120
    assert median(80) < 150


def test_a_station_has_a_page_with_its_last_day_and_month() -> None:
    page = air.detail(WORLD, WORLD.anchor, {"uuid": DKI1.uuid}).body.decode()
    found = re.search(r"SPKU_DETAIL_DATA = (\{.*\});", page)
    assert found
    data = json.loads(found[1])
    assert {metric["metricName"] for metric in data["metrics"]} == {
        "PM25", "PM10", "SO2", "CO", "O3", "NO2",
    }  # fmt: skip
    assert len(data["rawHistory"]) == 6 * 48
    assert len(data["dailyIspu30Days"]) == 30
    with pytest.raises(NotFound):
        air.detail(WORLD, WORLD.anchor, {"uuid": "unknown"})


def test_a_page_leaves_out_the_hours_in_which_its_station_was_out_of_order() -> None:
    now = WORLD.anchor + timedelta(hours=50)
    past = {
        row["event_time"]
        for batch in air.air_measurements(WORLD, now - timedelta(hours=23), now)
        for row in batch.to_pylist()
        if row["station_id"] == "DKI1"
    }
    page = air.detail(WORLD, now, {"uuid": DKI1.uuid}).body.decode()
    found = re.search(r"SPKU_DETAIL_DATA = (\{.*\});", page)
    assert found
    history = json.loads(found[1])["rawHistory"]
    told = {datetime.fromisoformat(row["time"]).replace(tzinfo=UTC) for row in history}
    assert len(past) == 11
    assert {time for time in told if time.minute == 0 and time >= min(past)} >= past
    assert len(told) == 24


def test_openaq_lists_stations_by_page_and_their_sensors() -> None:
    pages = [
        json.loads(air.openaq_locations(WORLD, WORLD.anchor, {"page": p, "limit": "2"}).body)
        for p in ("1", "2", "3", "4")
    ]
    assert [len(page["results"]) for page in pages] == [2, 2, 1, 0]
    assert pages[0]["meta"]["found"] == 5
    number = str(pages[0]["results"][0]["id"])
    (latest,) = json.loads(air.openaq_latest(WORLD, WORLD.anchor, {"number": number}).body)[
        "results"
    ]
    (sensor,) = json.loads(air.openaq_sensors(WORLD, WORLD.anchor, {"number": number}).body)[
        "results"
    ]
    assert sensor["latest"]["value"] == latest["value"]
    assert sensor["id"] == latest["sensorsId"]
    assert latest["datetime"]["utc"].endswith("Z")
    with pytest.raises(NotFound):
        air.openaq_latest(WORLD, WORLD.anchor, {"number": "1"})


def test_bulk_holds_the_reference_stations_and_lately_all() -> None:
    dense = WORLD.anchor - timedelta(days=90)
    rows = [
        row
        for batch in air.air_measurements(
            WORLD, dense - timedelta(days=1), dense + timedelta(days=1)
        )
        for row in batch.to_pylist()
    ]
    before = [row for row in rows if row["event_time"] < dense]
    after = [row for row in rows if row["event_time"] >= dense]
    assert [row["event_time"] for row in rows] == sorted(row["event_time"] for row in rows)
    assert {row["station_id"] for row in before} == {"DKI1", "DKI2", "DKI3", "DKI4", "DKI5"}
    assert len({row["station_id"] for row in after}) > 100
    assert len(before) == pytest.approx(24 * 30, rel=0.1)
    assert len(after) == pytest.approx(24 * 130, rel=0.1)
    assert all(row["ispu"] == air.index_of(row["parameter"], row["value"]) for row in rows[:500])
