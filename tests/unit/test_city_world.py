"""The weather of the simulated city is a function of seed and time, and looks like Jakarta's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from etl.city.world import (
    BASINS,
    CITY_BASINS,
    Times,
    World,
    basin_at,
    hour_of_day,
    moments,
    spans,
    whole_hours,
    wib_text,
)

WORLD = World()
TEN_YEARS = whole_hours(datetime(2014, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC))


def of_month(times: Times) -> np.ndarray:
    return times.astype("datetime64[M]").astype(int) % 12 + 1


def test_a_number_does_not_depend_on_what_else_is_asked() -> None:
    many = WORLD.uniform("dice", np.arange(-50, 50))
    assert [float(WORLD.uniform("dice", i)) for i in (-50, 0, 49)] == [many[0], many[50], many[99]]
    assert ((many >= 0) & (many < 1)).all()


def test_numbers_differ_by_seed_and_by_name() -> None:
    index = np.arange(1000)
    drawn = [
        WORLD.uniform("a", index),
        WORLD.uniform("b", index),
        World(seed=32).uniform("a", index),
    ]
    assert np.abs(np.corrcoef(drawn) - np.eye(3)).max() < 0.1
    assert all(abs(numbers.mean() - 0.5) < 0.05 for numbers in drawn)


def test_normal_numbers_are_normal() -> None:
    drawn = WORLD.normal("n", np.arange(20_000))
    assert abs(drawn.mean()) < 0.03
    assert abs(drawn.std() - 1) < 0.03


def test_drift_is_smooth_and_bounded() -> None:
    times = np.arange(np.datetime64("2026-01-01T00:00"), np.datetime64("2026-02-01T00:00")).astype(
        "datetime64[s]"
    )
    drift = WORLD.drift("x", times, 6)
    assert np.abs(drift).max() <= 1
    assert np.abs(np.diff(drift)).max() < 0.02
    assert drift.std() > 0.3


@pytest.mark.parametrize("basin", BASINS)
def test_a_moment_alone_is_as_wet_as_within_ten_years(basin: str) -> None:
    wave = WORLD.runoff_mm(TEN_YEARS, basin, lag_h=1, rise_h=2)
    rain = WORLD.rain_mm_h(TEN_YEARS, basin)
    for i in (5_000, int(wave.argmax()), int(rain.argmax()), -1):
        alone = TEN_YEARS[i : i + 1 or None]
        assert WORLD.runoff_mm(alone, basin, lag_h=1, rise_h=2)[0] == wave[i]
        assert WORLD.rain_mm_h(alone, basin)[0] == rain[i]


@pytest.mark.parametrize(
    ("basin", "low", "high"),
    [("hulu", 2500, 3700), *((basin, 1500, 2500) for basin in CITY_BASINS)],
)
def test_a_year_has_the_rain_of_its_place(basin: str, low: float, high: float) -> None:
    assert low < WORLD.rain_mm(TEN_YEARS, basin, 1).sum() / 10 < high


def test_most_rain_falls_in_the_wet_season_and_after_noon_or_at_night() -> None:
    rain = WORLD.rain_mm_h(TEN_YEARS, "tengah")
    month, hour = of_month(TEN_YEARS), hour_of_day(TEN_YEARS)
    wet = rain[np.isin(month, (11, 12, 1, 2, 3))].sum()
    assert wet > 2 * rain[np.isin(month, (5, 6, 7, 8, 9))].sum()
    assert rain[(hour >= 8) & (hour < 13)].sum() < 0.1 * rain.sum()


def test_the_rain_of_an_hour_is_the_sum_of_its_minutes() -> None:
    night = World(scenario="malam-banjir")
    end = moments(night.anchor + timedelta(hours=2))
    minutes = end - np.arange(60) * np.timedelta64(1, "m") - np.timedelta64(30, "s")
    summed = night.rain_mm_h(minutes, "tengah").sum() / 60
    assert summed > 10
    assert night.rain_mm(end, "tengah", 1)[0] == pytest.approx(summed, rel=1e-3)


@pytest.mark.parametrize("day", ["2017-02-21", "2020-01-01", "2021-02-20"])
def test_the_great_floods_of_the_decade_are_in_history(day: str) -> None:
    times = np.arange(np.datetime64(day, "h"), np.datetime64(day, "h") + 24).astype("datetime64[s]")
    assert WORLD.wetness(times).max() > 0.7


def test_the_flood_night_is_wet_where_the_calm_one_is_not() -> None:
    anchor = datetime(2025, 8, 12, 12, tzinfo=UTC)
    times = moments(*(anchor + timedelta(hours=h) for h in range(1, 8)))
    assert World(scenario="malam-banjir", anchor=anchor).wetness(times).max() > 0.7
    assert World(scenario="tenang", anchor=anchor).wetness(times).max() < 0.1


def test_a_scenario_grows_holds_and_ends() -> None:
    world = World(scenario="kabut-asap")
    times = moments(*(world.anchor + timedelta(hours=h) for h in (-2, -0.5, 0, 5, 9, 12)))
    assert world.scenario_strength(times, "kabut-asap", 10).tolist() == [0, 0.5, 1, 1, 1, 0]
    assert not world.scenario_strength(times, "jam-sibuk", 10).any()


def test_spans_cover_a_time_without_gap_or_overlap() -> None:
    start, end = datetime(2024, 1, 1, 5, tzinfo=UTC), datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
    pieces = list(spans(start, end, 100))
    assert (pieces[0][0], pieces[-1][1]) == (start, end)
    assert all(a[1] == b[0] for a, b in pairwise(pieces))


def test_whole_hours_include_the_start_and_exclude_the_end() -> None:
    start, end = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert [str(t) for t in whole_hours(start, end)] == [
        "2026-01-01T05:00:00",
        "2026-01-01T06:00:00",
    ]
    assert [str(t) for t in whole_hours(start + timedelta(minutes=1), end)] == [
        "2026-01-01T06:00:00"
    ]


def test_wall_time_is_written_in_wib() -> None:
    assert wib_text(np.datetime64("2026-02-18T20:10:00")) == "2026-02-19T03:10:00"


@pytest.mark.parametrize(
    ("lon", "lat", "basin"),
    [
        (106.84, -6.63, "hulu"),
        (106.85, -6.21, "tengah"),
        (106.70, -6.20, "barat"),
        (106.93, -6.22, "timur"),
        (106.80, -6.12, "utara"),
    ],
)
def test_each_point_has_its_basin(lon: float, lat: float, basin: str) -> None:
    assert basin_at(lon, lat) == basin
