"""The questions of the traffic page, each on a few rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data import queries
from data.asof import AsOf
from data.lake import Lake
from tests.lakes import common, empty_lake, insert

MINUTE, HOUR, DAY, WEEK = (
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(weeks=1),
)
CITY, GAMBIR = "31", "31.71.01.1001"
# Thursday, 21 November 2024, 12.00 WIB; the eight weeks before it hold no holiday.
NOW = datetime(2024, 11, 21, 5, tzinfo=UTC)
LIVE = AsOf.now(NOW)


class Undo(Exception):
    """Ends a test's transaction, so that the next one finds the lake empty."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = empty_lake(tmp_path_factory.mktemp("traffic"))
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


def sample(lake: Lake, at: datetime, speed: float, **changes: Any) -> None:
    values = {
        "jam_id": "K001",
        "street": "Jl. M.H. Thamrin",
        "level": 1,
        "speed_kmh": speed,
        "length_m": 2070.0,
        "delay_s": 60.0,
        "feed": "tomtom_flow",
    }
    add(lake, "traffic_jams", event_time=at, **values | changes)


def hour(lake: Lake, at: datetime, speed: float, **changes: Any) -> None:
    values = {"corridor_id": "K001", "speed_kmh": speed, "jam_m": 0.0, "delay_s": 10.0}
    add(lake, "corridor_hours", event_time=at, **values | {"feed": "tomtom_flow"} | changes)


def usual(lake: Lake, at: datetime, speeds: list[float], **changes: Any) -> None:
    """Tell the same hour of the weeks before `at`, newest first."""
    for weeks, speed in enumerate(speeds, start=1):
        hour(lake, at - weeks * WEEK, speed, **changes)


def corridor(lake: Lake, as_of: AsOf = LIVE) -> dict[str, Any]:
    (found,) = queries.corridors_now(lake, as_of, CITY)
    return found


def test_the_usual_is_the_median_of_the_same_hour_of_the_weeks_before(lake: Lake) -> None:
    sample(lake, NOW - MINUTE, 20)
    # At half past the usual is wholly that of the hour.
    half = AsOf.now(NOW + 30 * MINUTE)
    for step in (-1, 0, 1):
        usual(lake, NOW + step * HOUR, [30, 40, 50])
    found = corridor(lake, half)
    assert (found["speed_kmh"], found["usual_kmh"], found["weeks"]) == (20, 40, 3)
    assert found["usual_low_kmh"] == pytest.approx(32)
    assert found["usual_high_kmh"] == pytest.approx(48)


def test_between_the_middles_of_two_hours_the_usual_changes_evenly(lake: Lake) -> None:
    sample(lake, NOW - MINUTE, 20)
    usual(lake, NOW - 2 * HOUR, [60] * 3)
    usual(lake, NOW - HOUR, [40] * 3)
    usual(lake, NOW, [20] * 3)
    assert corridor(lake)["usual_kmh"] == pytest.approx(30)
    assert corridor(lake)["usual_hour_kmh"] == pytest.approx(50)


def test_two_weeks_are_not_usual(lake: Lake) -> None:
    sample(lake, NOW - MINUTE, 20)
    for step in (-2, -1, 0):
        usual(lake, NOW + step * HOUR, [40, 40])
    assert corridor(lake)["usual_kmh"] is None


def test_days_of_holidays_are_not_usual(lake: Lake) -> None:
    # Idul Fitri was on Wednesday, 10 April 2024, with four days before and after it.
    thursday = datetime(2024, 5, 2, 5, tzinfo=UTC)
    sample(lake, thursday - MINUTE, 20)
    for step in (-2, -1, 0):
        usual(lake, thursday + step * HOUR, [40, 40, 99, 40])
    found = corridor(lake, AsOf.now(thursday))
    assert (found["usual_kmh"], found["weeks"]) == (40, 3)


def test_a_real_speed_is_not_held_against_a_simulated_usual(lake: Lake) -> None:
    sample(lake, NOW - MINUTE, 20, simulated=False)
    sample(lake, NOW - MINUTE, 90)
    for step in (-2, -1, 0):
        usual(lake, NOW + step * HOUR, [40, 40, 40])
    found = corridor(lake)
    assert (found["speed_kmh"], found["simulated"], found["usual_kmh"]) == (20, False, None)


def test_what_was_learnt_later_is_not_known_then(lake: Lake) -> None:
    sample(lake, NOW - 10 * MINUTE, 30)
    sample(lake, NOW - MINUTE, 20, known_time=NOW + MINUTE)
    for step in (-2, -1, 0):
        usual(lake, NOW + step * HOUR, [40, 40, 40], known_time=NOW + MINUTE)
    found = corridor(lake)
    assert (found["speed_kmh"], found["usual_kmh"]) == (30, None)


def test_an_hour_ago_is_told_by_samples_and_else_by_the_hour_before(lake: Lake) -> None:
    sample(lake, NOW - MINUTE, 20)
    hour(lake, NOW - HOUR, 44)
    assert corridor(lake)["earlier_kmh"] == 44
    for minutes, speed in ((31, 26), (50, 30), (70, 34)):
        sample(lake, NOW - minutes * MINUTE, speed)
    found = corridor(lake)
    assert (found["earlier_kmh"], found["half_kmh"]) == (32, 26)


def test_a_corridor_that_is_silent_for_an_hour_is_left_out(lake: Lake) -> None:
    sample(lake, NOW - 61 * MINUTE, 20)
    assert queries.corridors_now(lake, LIVE, CITY) == []


def test_a_corridor_belongs_to_every_kelurahan_that_it_passes(lake: Lake) -> None:
    square = (
        '{"type":"Polygon","coordinates":[[[106.81,-6.19],[106.84,-6.19],[106.84,-6.16],'
        "[106.81,-6.16],[106.81,-6.19]]]}"
    )
    insert(
        lake.cursor(),
        "area_shapes",
        {
            "level": "kelurahan",
            "code": GAMBIR,
            "name": "Gambir",
            "parent_code": "31.71.01",
            "geometry": square,
            "approximate": True,
            "source": "tests",
        },
    )
    sample(lake, NOW - MINUTE, 20)
    assert len(queries.corridors_now(lake, LIVE, "31.71")) == 1
    assert queries.corridors_now(lake, LIVE, "31.74") == []


def test_a_day_holds_twelve_hours_with_gaps_beside_the_usual(lake: Lake) -> None:
    hour(lake, NOW - HOUR, 22)
    hour(lake, NOW - 13 * HOUR, 99)
    usual(lake, NOW - HOUR, [30, 40, 50])
    usual(lake, NOW - 2 * HOUR, [35, 35, 35])
    found = [
        (row["event_time"], row["speed_kmh"], row["usual_kmh"])
        for row in queries.corridor_day(lake, LIVE)
    ]
    assert found == [(NOW - 2 * HOUR, None, 35), (NOW - HOUR, 22, 40)]


def test_a_week_is_told_by_weekday_and_hour_of_wib(lake: Lake) -> None:
    usual(lake, NOW, [10, 20, 60])
    assert [
        (row["weekday"], row["hour"], row["speed_kmh"], row["weeks"])
        for row in queries.corridor_week(lake, LIVE, "K001")
    ] == [(4, 12, 20, 3)]
    assert queries.corridor_week(lake, LIVE, "K002") == []


def test_one_source_speaks_of_jams(lake: Lake) -> None:
    sample(lake, NOW - MINUTE, 10, level=4)
    waze = row_of_jam("waze-1", "waze_ccp", 3)
    add(lake, "traffic_jams", event_time=NOW - 2 * MINUTE, **waze)
    assert [row["jam_id"] for row in queries.jams_now(lake, LIVE, CITY)] == ["waze-1"]
    add(lake, "traffic_jams", event_time=NOW - MINUTE, **waze | {"ended": True})
    assert [row["jam_id"] for row in queries.jams_now(lake, LIVE, CITY)] == ["K001"]


def row_of_jam(jam: str, feed: str, level: int) -> dict[str, Any]:
    return {"jam_id": jam, "feed": feed, "level": level, "kelurahan_code": GAMBIR}


def alert(lake: Lake, name: str, at: datetime, **changes: Any) -> None:
    values = {
        "alert_id": name,
        "type": "ACCIDENT",
        "lon": 106.82,
        "lat": -6.18,
        "kelurahan_code": GAMBIR,
        "feed": "waze_ccp",
    }
    add(lake, "traffic_alerts", event_time=at, **values | changes)


def test_alerts_stand_until_the_source_drops_them(lake: Lake) -> None:
    alert(lake, "old", NOW - 3 * DAY)
    alert(lake, "gone", NOW - HOUR)
    alert(lake, "gone", NOW - MINUTE, ended=True)
    alert(lake, "jam", NOW - MINUTE, type="JAM")
    alert(lake, "stands", NOW - HOUR)
    alert(lake, "newer", NOW - MINUTE, type="HAZARD")
    found = queries.traffic_alerts_now(lake, LIVE, "31.71")
    assert [(row["alert_id"], row["kelurahan"]) for row in found] == [
        ("newer", "Gambir"),
        ("stands", "Gambir"),
    ]
    assert queries.traffic_alerts_now(lake, LIVE, "31.74") == []
    then = AsOf.at(NOW - 30 * MINUTE, NOW, "saat-itu")
    assert {row["alert_id"] for row in queries.traffic_alerts_now(lake, then, CITY)} == {
        "gone",
        "stands",
    }
