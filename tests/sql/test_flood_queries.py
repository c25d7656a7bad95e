"""The questions of /banjir, each on a few rows with the whole expected answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import queries, rollups
from data.asof import WIB, AsOf
from data.lake import Lake
from tests.lakes import common, empty_lake, insert

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2024, 3, 14, 5, tzinfo=UTC)
GAMBIR = "31.71.01.1001"


class Undo(Exception):
    """Ends a test's transaction, so that the next one finds the lake empty."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = empty_lake(tmp_path_factory.mktemp("floods"))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty: Lake) -> Iterator[Lake]:
    with suppress(Undo), empty.write():
        yield empty
        raise Undo


def add(lake: Lake, table: str, at: datetime, **values: Any) -> None:
    insert(
        lake.cursor(),
        table,
        common(at) | {"event_time": at, "known_time": at + MINUTE} | values,
    )


def level(lake: Lake, minutes: float, level_cm: float, **values: Any) -> None:
    told = {"station_id": "manggarai", "level_cm": level_cm, "feed": "dsda_levels"}
    add(lake, "water_levels", NOW - minutes * MINUTE, **told | values)


def history(lake: Lake, as_of: AsOf, step: timedelta = MINUTE) -> list[float]:
    rows = queries.level_history(lake, as_of, "manggarai", since=NOW - 2 * DAY, step=step)
    return [row["level_cm"] for row in rows]


def now() -> AsOf:
    return AsOf.now(NOW)


def test_a_day_of_readings_comes_by_station_and_feed(lake: Lake) -> None:
    level(lake, 20, 600)
    level(lake, 10, 610)
    level(lake, 10, 615, known_time=NOW - 5 * MINUTE)
    level(lake, 15, 500, feed="pantau_gates")
    level(lake, 25 * 60, 900)
    level(lake, 0, 620)
    first, second = queries.levels_day(lake, now())
    ago = [int((NOW - minutes * MINUTE).timestamp()) for minutes in (20, 10)]
    assert first == {
        "station_id": "manggarai",
        "feed": "dsda_levels",
        "simulated": True,
        "event_s": ago,
        "levels_cm": [600.0, 615.0],
    }
    assert (second["feed"], second["levels_cm"]) == ("pantau_gates", [500.0])


def test_history_is_as_known_then(lake: Lake) -> None:
    level(lake, 120, 600)
    level(lake, 60, 700, known_time=NOW - 10 * MINUTE)
    then = NOW - 30 * MINUTE
    assert history(lake, AsOf(then, then, live=False)) == [600]
    assert history(lake, AsOf(then, NOW, live=False)) == [600, 700]


def test_history_takes_the_highest_of_each_step(lake: Lake) -> None:
    for minutes, value in ((175, 600), (170, 640), (165, 620), (100, 610)):
        level(lake, minutes, value)
    assert history(lake, now(), HOUR) == [640, 610]
    assert history(lake, now()) == [600, 640, 620, 610]


def test_history_prefers_the_feed_of_the_higher_rank_and_real_rows(lake: Lake) -> None:
    level(lake, 60, 600, feed="pantau_gates")
    level(lake, 60, 650)
    level(lake, 30, 610, feed="pantau_gates")
    assert history(lake, now()) == [650, 610]
    level(lake, 45, 700, simulated=False)
    assert history(lake, now()) == [700]


def test_history_says_when_a_reading_was_learnt_of_first(lake: Lake) -> None:
    level(lake, 60, 600, known_assumed=True)
    level(lake, 60, 605, known_time=NOW - 5 * MINUTE)
    [row] = queries.level_history(lake, now(), "manggarai", since=NOW - DAY, step=MINUTE)
    assert row["level_cm"] == 605
    assert row["known_time"] == NOW - 59 * MINUTE
    assert row["known_assumed"] is True


def rain(lake: Lake, minutes: float, mm: float, **values: Any) -> None:
    told = {"station_id": "1", "rain_mm": mm, "interval_minutes": 10, "lon": 106.8, "lat": -6.2}
    add(lake, "rainfall", NOW - minutes * MINUTE, **told | {"feed": "pantau_rain"} | values)


def test_rain_is_per_hour_of_the_part_that_is_told(lake: Lake) -> None:
    for minutes in (10, 20, 30):
        rain(lake, minutes, 5)
    rain(lake, 600, 12, interval_minutes=60)
    [row] = queries.rain_now(lake, now())
    assert row["rain_mm_h"] == pytest.approx(30)
    assert row["rain_24h_mm"] == pytest.approx(27)
    assert row["told_24h"] == pytest.approx(1.5)


def test_rain_of_less_than_half_an_hour_makes_no_rate(lake: Lake) -> None:
    rain(lake, 10, 5)
    assert queries.rain_now(lake, now())[0]["rain_mm_h"] is None


def test_a_report_counts_by_its_share_of_the_hour(lake: Lake) -> None:
    rain(lake, 30, 12, interval_minutes=60)
    assert queries.rain_now(lake, now())[0]["rain_mm_h"] == pytest.approx(12)


def test_reports_that_overlap_count_no_minute_twice(lake: Lake) -> None:
    for minutes in range(10, 24 * 60, 10):
        rain(lake, minutes, 6, interval_minutes=60)
    [row] = queries.rain_now(lake, now())
    assert row["rain_mm_h"] == pytest.approx(6)
    assert row["rain_24h_mm"] == pytest.approx(144, rel=0.02)
    assert row["told_24h"] == 24


def test_real_rain_hides_simulated_rain(lake: Lake) -> None:
    rain(lake, 10, 5)
    rain(lake, 10, 3, station_id="2", simulated=False)
    assert [row["station_id"] for row in queries.rain_now(lake, now())] == ["2"]


def test_the_nearest_rain_post_answers(lake: Lake) -> None:
    rain(lake, 20, 1)
    rain(lake, 10, 2)
    rain(lake, 10, 9, station_id="2", lon=106.9)
    rows = queries.rain_near(lake, now(), 106.81, -6.2, since=NOW - DAY)
    assert [(row["station_id"], row["rain_mm"]) for row in rows] == [("1", 1), ("1", 2)]
    assert rows[0]["distance_km"] == pytest.approx(1.106)


def report(lake: Lake, minutes: float, id: str = "r1", **values: Any) -> None:
    told = {"report_id": id, "depth_cm": 30, "lon": 106.82, "lat": -6.18, "source": "grasp"}
    told |= {"kelurahan_code": GAMBIR, "feed": "petabencana_reports"}
    add(lake, "flood_reports", NOW - minutes * MINUTE, **told | values)


def test_reports_of_the_last_three_hours_come_once_each_without_their_text(lake: Lake) -> None:
    report(lake, 10, text_redacted="air masuk rumah")
    report(lake, 10, depth_cm=50, known_time=NOW - 2 * MINUTE)
    report(lake, 90, "r2")
    report(lake, 200, "r3")
    rows = queries.flood_reports_now(lake, now(), "31")
    assert [(row["report_id"], row["depth_cm"]) for row in rows] == [("r1", 50), ("r2", 30)]
    assert rows[0]["kelurahan"] == "Gambir"
    assert "text_redacted" not in rows[0]
    assert queries.flood_reports_now(lake, now(), "31.75") == []


def camera(lake: Lake, id: str, lon: float, *, flood: bool = True, **values: Any) -> None:
    told = {"camera_id": id, "name": id, "flood": flood, "lon": lon, "lat": -6.2}
    add(lake, "cameras", NOW - DAY, **told | {"kind": "gate", "feed": "cameras"} | values)


def test_the_nearest_cameras_at_the_water_come_with_their_state(lake: Lake) -> None:
    camera(lake, "near", 106.81)
    camera(lake, "nearer", 106.805)
    camera(lake, "street", 106.8, flood=False)
    camera(lake, "far", 106.9)
    for minutes, state in ((30, "live"), (10, "frozen")):
        check = {"camera_id": "near", "state": state, "feed": "cameras"}
        add(lake, "camera_checks", NOW - minutes * MINUTE, **check)
    rows = queries.cameras_near(lake, now(), 106.8, -6.2, most=5)
    assert [(row["camera_id"], row["state"]) for row in rows] == [
        ("nearer", None),
        ("near", "frozen"),
    ]
    assert len(queries.cameras_near(lake, now(), 106.8, -6.2, most=1)) == 1


def test_stations_know_whether_they_lie_in_the_city(lake: Lake) -> None:
    assert queries.stations_inside(lake, "31") == frozenset()
    shape = {"level": "kelurahan", "code": "31.71.06.1002", "name": "Menteng", "source": "tests"}
    square = (
        '{"type":"Polygon","coordinates":[[[106.84,-6.21],[106.86,-6.21],[106.86,-6.20],'
        "[106.84,-6.20],[106.84,-6.21]]]}"
    )
    insert(lake.cursor(), "area_shapes", shape | {"geometry": square, "approximate": True})
    inside = queries.stations_inside(lake, "31")
    assert inside == {"manggarai", "manggarai-kcl"}
    assert queries.stations_inside(lake, "31.75") == frozenset()


def wave(lake: Lake, station: str, crest: datetime, crest_cm: float, **values: Any) -> None:
    """Tell of a wave by the hour: twelve hours up from 20 cm, twelve down again."""
    for hour in range(-12, 13):
        at = crest + hour * HOUR
        height = 20 + (crest_cm - 20) * (1 - abs(hour) / 12)
        told = {"station_id": station, "level_cm": height, "feed": "dsda_levels"}
        add(lake, "water_levels", at, **told | values)


def build(lake: Lake, name: str) -> None:
    rollup = next(one for one in rollups.all_rollups() if one.name == name)
    rollups.make(lake.cursor(), rollup)


CREST = datetime(2024, 3, 1, 3, tzinfo=UTC)


def test_a_crest_is_known_when_the_water_has_fallen_for_six_hours(lake: Lake) -> None:
    wave(lake, "katulampa", CREST, 160)
    wave(lake, "katulampa", CREST + 3 * DAY, 30)
    build(lake, "level_crests")
    assert lake.rows(
        "select station_id, crest_at, crest_cm, siaga, known_day from level_crests"
    ) == [
        {
            "station_id": "katulampa",
            "crest_at": CREST,
            "crest_cm": 148.0,
            "siaga": 3,
            "known_day": (CREST + 6 * HOUR + MINUTE).astimezone(WIB).date(),
        }
    ]


def test_a_crest_is_known_no_earlier_than_its_own_readings(lake: Lake) -> None:
    wave(lake, "katulampa", CREST, 160)
    came = CREST + 3 * DAY
    lake.cursor().execute(
        "update water_levels set known_time = $came where event_time between $begin and $end",
        {"came": came, "begin": CREST - 3 * HOUR, "end": CREST + 3 * HOUR},
    )
    build(lake, "level_crests")
    assert lake.value("select known_day from level_crests") == came.astimezone(WIB).date()


def test_a_crest_of_the_evening_is_there_once_when_the_days_are_built_one_by_one(
    lake: Lake,
) -> None:
    evening = datetime(2024, 3, 1, 14, tzinfo=UTC)
    wave(lake, "katulampa", evening, 160)
    rollup = next(one for one in rollups.all_rollups() if one.name == "level_crests")
    for day in (1, 2, 3):
        rollups.build(lake.cursor(), rollup, [date(2024, 3, day)], simulated=True)
    found = lake.rows("select known_day, crest_at from level_crests")
    assert found == [{"known_day": date(2024, 3, 2), "crest_at": evening}]


def test_a_crest_between_two_readings_is_found_where_the_parabola_says(lake: Lake) -> None:
    for hour, height in enumerate([20, 40, 80, 140, 180, 180, 140, 80, 40, 20, 20, 20, 20]):
        add(
            lake,
            "water_levels",
            CREST + hour * HOUR,
            station_id="katulampa",
            level_cm=float(height),
            feed="dsda_levels",
        )
    build(lake, "level_crests")
    (found,) = lake.rows("select crest_at from level_crests")
    assert abs(found["crest_at"] - (CREST + 4.5 * HOUR)) < 5 * MINUTE


def test_a_lag_is_that_to_the_first_crest_within_the_published_times(lake: Lake) -> None:
    for day in range(3):
        wave(lake, "katulampa", CREST + 3 * day * DAY, 160)
        wave(lake, "depok", CREST + 3 * day * DAY + (3 + day) * HOUR, 400)
    build(lake, "level_crests")
    (found,) = queries.river_lags(lake, now())
    assert (found["upstream_id"], found["downstream_id"]) == ("katulampa", "depok")
    assert (found["siaga"], found["year"]) == (3, 2024)
    assert found["lags_s"] == [3 * 3600, 4 * 3600, 5 * 3600]


def test_a_lag_counts_from_the_midnight_after_it_became_known(lake: Lake) -> None:
    wave(lake, "katulampa", CREST, 160)
    wave(lake, "depok", CREST + 3 * HOUR, 400)
    build(lake, "level_crests")
    same_day = AsOf.at(CREST + 13 * HOUR, NOW, "saat-itu")
    next_day = AsOf.at(CREST + 15 * HOUR, NOW, "saat-itu")
    assert queries.river_lags(lake, same_day) == []
    assert len(queries.river_lags(lake, next_day)) == 1
    assert queries.river_lags(lake, AsOf.at(CREST + 13 * HOUR, NOW, "sekarang")) == []


def test_real_crests_hide_simulated_ones(lake: Lake) -> None:
    for simulated, days in ((True, 0), (False, 3)):
        wave(lake, "katulampa", CREST + days * DAY, 160, simulated=simulated)
        wave(lake, "depok", CREST + days * DAY + 3 * HOUR, 400, simulated=simulated)
    build(lake, "level_crests")
    assert [row["simulated"] for row in queries.river_lags(lake, now())] == [False]


def test_a_record_counts_each_return_to_a_siaga_once_and_what_followed(lake: Lake) -> None:
    for day in range(3):
        wave(lake, "katulampa", CREST + 3 * day * DAY, 160)
    wave(lake, "depok", CREST + 4 * HOUR, 400)
    build(lake, "level_days")
    rows = {
        (row["upstream_id"], row["downstream_id"], row["siaga"]): row
        for row in queries.river_records(lake, now())
    }
    found = rows["katulampa", "depok", 3]
    # Of the second and third nobody knows: Depok told of the first alone.
    assert (found["times"], found["followed"], found["ahead_h"]) == (1, 1, 4.0)
    early = AsOf.at(CREST + 16 * HOUR, NOW, "saat-itu")
    then = {row["upstream_id"]: row["times"] for row in queries.river_records(lake, early)}
    assert then == {"katulampa": 1}
