"""The rivers, the sea, pumps and rain gauges of the simulated city."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from etl.city import pantau, water
from etl.city.world import Handler, Times, World, moments, reference, whole_hours

WORLD = World()
FLOOD = World(scenario="malam-banjir")
LIMITS = {station.station_id: station.siaga_cm for station in water.stations()}
DECADE = whole_hours(datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
SEA = ("pasar-ikan", "marina", "ancol-flushing")


def siaga(world: World, station: str, times: Times) -> np.ndarray:
    return water.siaga_of(water.level_cm(world, station, times), LIMITS[station])


def dsda_rows(world: World, now: datetime) -> list[dict[str, str]]:
    root = ElementTree.fromstring(water.dsda(world, now, {}).body)
    return [{cell.tag: cell.text or "" for cell in row} for row in root]


@pytest.mark.parametrize("handler", [*water.ROUTES.values(), *pantau.ROUTES.values()])
def test_the_same_seed_and_time_give_the_same_bytes(handler: Handler) -> None:
    now = FLOOD.anchor + timedelta(hours=1)
    first = handler(FLOOD, now, {})
    handler(FLOOD, now + timedelta(days=200), {})
    again = handler(World(scenario="malam-banjir"), now, {})
    assert first == again
    assert handler(World(seed=7, scenario="malam-banjir"), now, {}).body != first.body


def test_every_station_of_the_list_is_told_once() -> None:
    rows = dsda_rows(WORLD, WORLD.anchor)
    assert len(rows) == 39
    assert len({row["ID_PINTU_AIR"] for row in rows}) == 39
    manggarai = next(row for row in rows if row["ID_PINTU_AIR"] == "122")
    assert (manggarai["SIAGA1"], manggarai["SIAGA3"]) == ("9500", "7500")
    assert 5_000 < int(manggarai["TINGGI_AIR"]) < 10_000


def test_readings_are_at_most_ten_minutes_old_but_for_the_few_that_are_silent() -> None:
    late = []
    for hours in range(0, 360, 24):
        now = WORLD.anchor + timedelta(hours=hours, minutes=hours % 60)
        wall = (now + timedelta(hours=7)).replace(tzinfo=None)
        for row in dsda_rows(WORLD, now):
            age = wall - datetime.fromisoformat(row["TANGGAL"])
            assert age >= timedelta(0)
            late.append(age > timedelta(minutes=10))
    assert 0 < np.mean(late) < 0.02


def test_stations_do_not_all_report_at_the_same_minute() -> None:
    minutes = {row["TANGGAL"][14:16] for row in dsda_rows(WORLD, WORLD.anchor)}
    assert len(minutes) >= 5


def test_the_reading_before_is_told_with_the_reading() -> None:
    before, after = (
        dsda_rows(FLOOD, FLOOD.anchor + timedelta(minutes=minutes)) for minutes in (0, 10)
    )
    for old, new in zip(before, after, strict=True):
        if old["TANGGAL"] != new["TANGGAL"] and abs(int(old["TINGGI_AIR"])) < 20_000:
            assert new["TINGGI_AIR_SEBELUMNYA"] == old["TINGGI_AIR"]


def test_the_status_agrees_with_the_limits() -> None:
    labels = set()
    for row in dsda_rows(FLOOD, FLOOD.anchor + timedelta(hours=2)):
        level, limits = int(row["TINGGI_AIR"]), [int(row[f"SIAGA{n}"]) for n in (1, 2, 3)]
        labels.add(row["STATUS_SIAGA"])
        if all(limits):
            reached = [n for n, limit in zip((1, 2, 3), limits, strict=True) if level >= limit]
            expected = f"Status : Siaga {reached[0]}" if reached else "Status : Normal"
            assert row["STATUS_SIAGA"] == expected
    assert {"Status : Normal", "Status : Siaga 1", "Status : Siaga 3"} <= labels


@pytest.mark.parametrize(
    "pair",
    reference("river_travel_times"),
    ids=lambda row: f"{row['upstream_id']}-{row['downstream_id']}",
)
def test_a_flood_wave_takes_the_published_time(pair: dict[str, str]) -> None:
    times = np.arange(
        np.datetime64("2023-11-01T00:00"), np.datetime64("2024-04-01"), np.timedelta64(10, "m")
    ).astype("datetime64[s]")
    above, below = (
        water.level_cm(WORLD, pair[end], times) for end in ("upstream_id", "downstream_id")
    )
    fit = [np.corrcoef(above[: above.size - lag], below[lag:])[0, 1] for lag in range(72)]
    assert int(np.argmax(fit)) / 6 == pytest.approx(float(pair["hours"]), abs=0.75)
    assert max(fit) > 0.6


def test_the_sea_has_one_high_water_a_day_and_a_plausible_range() -> None:
    times = whole_hours(datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    tide = water.tide_cm(times).reshape(-1, 24)
    ranges = np.ptp(tide, axis=1)
    highs = ((np.diff(tide.ravel())[:-1] > 0) & (np.diff(tide.ravel())[1:] <= 0)).sum()
    assert 30 < ranges.mean() < 90
    assert ranges.max() < 130
    assert ranges.max() > 1.8 * ranges.min()
    assert 360 <= highs <= 560


def test_pasar_ikan_and_marina_rise_and_fall_together() -> None:
    times = DECADE[:5_000]
    a, b = (water.level_cm(WORLD, name, times) for name in ("pasar-ikan", "marina"))
    assert np.corrcoef(a, b)[0, 1] > 0.9


def test_a_dry_week_is_calm_at_every_river() -> None:
    times = whole_hours(datetime(2025, 8, 10, tzinfo=UTC), datetime(2025, 8, 17, tzinfo=UTC))
    for station in LIMITS:
        if station not in SEA:
            assert (siaga(WORLD, station, times) == 4).all(), station


def test_the_flood_night_walks_down_the_ciliwung() -> None:
    times = moments(*(FLOOD.anchor + timedelta(minutes=10 * n) for n in range(-60, 140)))
    crests = {}
    for station in ("katulampa", "depok", "manggarai"):
        level = water.level_cm(FLOOD, station, times)
        assert siaga(FLOOD, station, times).min() == 1
        crests[station] = int(level.argmax()) / 6
    assert crests["katulampa"] < crests["depok"] < crests["manggarai"]
    assert siaga(FLOOD, "katulampa", moments(FLOOD.anchor))[0] == 1


@pytest.mark.parametrize("station", ["katulampa", "depok", "manggarai", "karet", "pesanggrahan"])
def test_ten_years_hold_as_many_hours_of_siaga_as_a_river_has(station: str) -> None:
    found = siaga(WORLD, station, DECADE)
    hours = {level: (found == level).sum() / 10 for level in (1, 2, 3)}
    assert 15 < hours[3] < 120
    assert 1 < hours[2] < 40
    assert 0 < hours[1] < 8
    month = DECADE.astype("datetime64[M]").astype(int) % 12 + 1
    assert np.isin(month[found < 4], (11, 12, 1, 2, 3, 4, 5)).mean() > 0.8


@pytest.mark.parametrize(
    ("day", "worst"), [("2017-02-21", 2), ("2020-01-01", 1), ("2021-02-20", 1)]
)
def test_the_great_floods_are_in_the_levels(day: str, worst: int) -> None:
    first = np.datetime64(day, "h")
    times = np.arange(first, first + 36).astype("datetime64[s]")
    assert min(siaga(WORLD, name, times).min() for name in ("manggarai", "karet")) <= worst


def test_levels_stay_within_what_the_stations_can_show() -> None:
    for station in LIMITS:
        level = water.level_cm(WORLD, station, DECADE[::5])
        assert level.min() > -300
        assert level.max() < 1_050


def test_gates_are_told_hourly_with_coordinates_as_text() -> None:
    rows = json.loads(pantau.gates(WORLD, WORLD.anchor, {}).body)
    assert len(rows) == 18
    for row in rows:
        assert all(isinstance(c, str) for c in row["geometry"]["coordinates"])
        assert row["properties"]["jam"][3:] == "00:00"
        assert row["properties"]["status_siaga"] in (1, 2, 3, 4)
        assert isinstance(row["properties"]["ketinggian"], int)


def test_pumps_start_when_their_basin_is_wet() -> None:
    def running(hours: float) -> tuple[int, int]:
        rows = json.loads(pantau.pumps(FLOOD, FLOOD.anchor + timedelta(hours=hours), {}).body)
        assert len(rows) == 191
        told = [row["properties"] for row in rows if row["properties"]["jam"]]
        assert 3 <= 191 - len(told) <= 10
        for state in told:
            working = state["jumlah_pompa_operasi"] + state["jumlah_pompa_idle"]
            assert working <= state["pompa_air"]["total_pompa"]
        return sum(state["jumlah_pompa_operasi"] for state in told), len(told)

    dry, _ = running(72)
    wet, houses = running(4)
    assert dry < 60
    assert wet > 5 * dry
    assert wet > houses


def test_a_few_pumps_are_broken() -> None:
    rows = json.loads(pantau.pumps(WORLD, WORLD.anchor, {}).body)
    broken = [
        row["properties"]["pompa_air"]["total_pompa"]
        - row["properties"]["jumlah_pompa_operasi"]
        - row["properties"]["jumlah_pompa_idle"]
        for row in rows
        if row["properties"]["jam"]
    ]
    assert 0 < sum(broken) < 30


def test_the_past_of_the_pumps_says_what_their_reports_say() -> None:
    start, end = FLOOD.anchor - timedelta(hours=30), FLOOD.anchor + timedelta(hours=12)
    past = [row for batch in pantau.pump_states(FLOOD, start, end) for row in batch.to_pylist()]
    assert len(past) < 0.2 * 187 * 42
    known: dict[str, tuple[int, ...]] = {}
    for hour in range(-18, 12, 3):
        now = FLOOD.anchor + timedelta(hours=hour)
        known |= {
            row["pump_house_id"]: (row["running"], row["idle"], row["total"])
            for row in past
            if row["event_time"] <= now
        }
        live = {}
        for row in json.loads(pantau.pumps(FLOOD, now + timedelta(minutes=30), {}).body):
            state, house = row["properties"], row["properties"]["pompa_air"]
            if state["jam"]:
                pumps = state["jumlah_pompa_operasi"], state["jumlah_pompa_idle"]
                live[str(house["id"])] = (*pumps, house["total_pompa"])
        assert known == live


def test_bulk_levels_come_in_order_without_a_key_twice() -> None:
    start = WORLD.anchor - timedelta(days=95)
    end = WORLD.anchor - timedelta(days=85)
    rows = [
        row
        for piece in pairwise((start, start + timedelta(days=3, minutes=7), end))
        for batch in water.water_levels(WORLD, *piece)
        for row in batch.to_pylist()
    ]
    moments_told = [row["event_time"] for row in rows]
    assert moments_told == sorted(moments_told)
    assert start <= moments_told[0]
    assert moments_told[-1] < end
    assert len({(row["station_id"], row["event_time"]) for row in rows}) == len(rows)
    # Five days hourly, then five days each ten minutes.
    assert len(rows) == pytest.approx(39 * (5 * 24 + 5 * 144), rel=0.02)
    assert all(row["level_reported"] == 10 * row["level_cm"] for row in rows)
    assert {row["unit_reported"] for row in rows} == {"mm"}


def test_cutting_the_past_elsewhere_gives_the_same_rows() -> None:
    start, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 9, tzinfo=UTC)
    middle = datetime(2024, 1, 4, 13, 4, tzinfo=UTC)
    for table in (*water.BULK.values(), *pantau.BULK.values()):
        whole = [row for batch in table(WORLD, start, end) for row in batch.to_pylist()]
        parts = [
            row
            for piece in ((start, middle), (middle, end))
            for batch in table(WORLD, *piece)
            for row in batch.to_pylist()
        ]
        assert parts == whole
        assert whole


def test_rain_is_told_by_every_post_in_fifths_of_a_millimetre() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    batches = list(pantau.rainfall(WORLD, start, start + timedelta(days=60)))
    rain = np.concatenate([batch["rain_mm"].to_numpy() for batch in batches])
    assert rain.size == 60 * 24 * len(pantau.RAIN_POSTS)
    assert np.allclose(rain * 5, np.round(rain * 5))
    assert 0.02 < (rain > 0).mean() < 0.35
    assert rain.max() < 150


def test_rain_comes_each_ten_minutes_and_adds_up_to_the_hour() -> None:
    def told(minutes: int) -> dict[str, Any]:
        now = FLOOD.anchor + timedelta(minutes=minutes)
        return json.loads(pantau.rain(FLOOD, now, {}).body)[1]["properties"]

    tens = [told(minutes) for minutes in range(14, 74, 10)]
    assert {report["durasi"] for report in tens} == {10}
    assert [report["jam"][3:] for report in tens] == [f"{m}0:00" for m in "123450"]
    hour = moments(FLOOD.anchor + timedelta(hours=1))
    whole = pantau.rain_at(FLOOD, pantau.RAIN_POSTS[1], hour, 3600)[0]
    assert sum(report["curah_hujan"] for report in tens) == pytest.approx(whole, abs=0.7)
    assert whole > 10
