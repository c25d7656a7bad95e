"""Evidence cards on planted truth: what the lake tells of it, real before simulated, and when."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import numpy as np
import pytest

from data import card_air, card_floods, card_places, rollups
from data.tables import TABLES
from data.uploads import Upload
from tests import lakes

CUT = date(2026, 3, 11)
BEGIN = date(2024, 9, 1)
DAYS = [BEGIN + timedelta(days=number) for number in range((CUT - BEGIN).days)]
ALL = {"dari": BEGIN.isoformat()}
GAMBIR, KEBON = "31.71.01.1001", "31.73.05.1001"
DAY_HOURS = (1 << 24) - 1
WRITTEN = (
    *("pm25_days", "corridor_days", "rain_days", "pump_days", "complaint_days"),
    *("pump_states", "inundations", "air_measurements", "corridor_hours", "rainfall"),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    lake = lakes.empty_lake(tmp_path_factory.mktemp("cards"))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty):
    """The lake of this module, which each test leaves as empty as it was."""
    yield empty
    with empty.write() as cursor:
        for table in WRITTEN:
            cursor.execute(f"delete from {table}")


def plant(lake, *, simulated=False, effect=0.0, step=0.0, days=DAYS, known=None, seed=1):
    """Write days of air, traffic and rain: rain slows traffic and cleans the air.

    Args:
        effect: µg/m³ that a second of delay adds to the air of the next day.
        step: Seconds by which delay moves on 1 May 2025.
        known: Day on which all of it became known; None: each day on the next.
    """
    rng = np.random.default_rng(seed)
    rain = np.where(rng.random(len(days)) < 0.4, rng.exponential(8, len(days)), 0)
    delay = 60 + 2 * rain + rng.normal(0, 8, len(days))
    delay += np.array([step if day >= date(2025, 5, 1) else 0 for day in days])
    before = np.concatenate([[60], delay[:-1]])
    air = 40 - 6 * np.log1p(rain) + effect * (before - 60) + rng.normal(0, 3, len(days))
    told = {
        "day": days,
        "known_day": [known or day + timedelta(days=1) for day in days],
        "readings": [24] * len(days),
        "air": (24 * air).tolist(),
        "delay": (24 * delay).tolist(),
        "rain": rain.tolist(),
    }
    columns = ", ".join(f"unnest(${name}) as {name}" for name in told)
    origin = f"{simulated} as simulated, false as assumed"
    with lake.write() as cursor:
        for table, values in (
            ("pm25_days", f"'DKI1' as station_id, {DAY_HOURS} as told, air as value_sum"),
            ("corridor_days", "'K001' as corridor_id, readings as delays, delay as delay_sum"),
            ("rain_days", "'1' as station_id, rain as rain_mm"),
        ):
            cursor.execute(
                f"insert into {table} by name select known_day, day, readings, {origin}, {values}"
                f" from (select {columns})",
                told,
            )


def air(lake, cut=CUT, **params):
    return card_air.answer(lake, card_air.read_question(ALL | params, cut, "31"))


def test_a_planted_effect_is_found_at_its_lag_and_within_its_interval(lake):
    plant(lake, effect=0.2)
    answer = air(lake, jeda="1")
    low, high = answer.quartiles
    planted = 0.2 * (high - low)
    assert answer.rain
    assert answer.chosen.adjusted.low <= planted <= answer.chosen.adjusted.high
    assert answer.chosen.adjusted.told
    assert max(answer.lags, key=lambda lag: lag.adjusted.value).after == 1


def test_what_rain_does_to_both_is_no_claim_once_it_is_adjusted_for(lake):
    plant(lake)
    answer = air(lake)
    assert answer.chosen.raw.told
    assert not answer.chosen.adjusted.told


def test_real_days_count_alone_where_there_are_enough(lake):
    plant(lake, simulated=True)
    plant(lake, days=DAYS[:200], seed=2)
    answer = air(lake)
    assert not answer.simulated
    assert len(answer.pairs) == 200
    assert not any(told.simulated for told in answer.inputs)


def test_a_few_real_days_do_not_join_the_simulated(lake):
    plant(lake, simulated=True)
    plant(lake, days=DAYS[:20], seed=2)
    answer = air(lake)
    assert answer.simulated
    # The last of them is known from today on.
    assert len(answer.pairs) == len(DAYS) - 1


def test_what_became_known_later_is_in_no_answer_about_the_past(lake):
    plant(lake, known=date(2026, 3, 1))
    assert len(air(lake).pairs) == len(DAYS)
    assert air(lake, cut=date(2026, 3, 1)).pairs == ()


def test_a_day_of_few_hours_is_not_told_of(lake):
    plant(lake)
    with lake.write() as cursor:
        cursor.execute("update pm25_days set told = 131071 where day = '2025-06-01'")
    assert date(2025, 6, 1) not in {pair.day for pair in air(lake).pairs}


def test_a_rule_with_a_planted_step_moves_what_it_moved_and_nothing_else(lake, monkeypatch):
    plant(lake, step=15)
    mark = card_air.series.Mark(date(2025, 5, 1), "aturan", "Aturan contoh", "uji")
    monkeypatch.setattr(card_air, "marks", lambda: (mark,))
    change_air, change_delay = air(lake, tanda="2025-05-01").changes
    assert change_delay.effect.low <= 15 <= change_delay.effect.high
    assert change_delay.effect.told
    assert not change_air.effect.told


def test_a_rule_before_the_data_tells_nothing(lake):
    plant(lake)
    assert [change.effect for change in air(lake, tanda="2019-09-09").changes] == [None, None]
    assert air(lake).changes == ()


def plant_hours(lake, *, effect=0.0, days=100, simulated=False):
    """Write hours of air, traffic and rain: rain slows traffic and cleans the air.

    Args:
        effect: Per cent that 10 s of delay add to the air five hours later.
    """
    rng, count = np.random.default_rng(7), 24 * days
    begin = datetime(2025, 11, 30, 17, tzinfo=UTC)
    hours = np.arange(count)
    rain = np.where(rng.random(count) < 0.1, rng.exponential(5, count), 0)
    rush = 10 * np.sin(hours * np.pi / 12)
    delay = 60 + rush + 2 * rain + rng.normal(0, 8, count)
    before = np.concatenate([np.full(5, 60), delay[:-5]])
    falling = sum(np.concatenate([np.zeros(lag), rain[: count - lag]]) for lag in range(3))
    air = 3.5 - rush / 50 - 0.03 * falling + effect / 1000 * (before - 60)
    air = np.exp(air + rng.normal(0, 0.1, count))
    told = {
        "began": [begin + timedelta(hours=int(hour)) for hour in hours],
        "air": air.tolist(),
        "delay": delay.tolist(),
        "rain": rain.tolist(),
    }
    columns = ", ".join(f"unnest(${name}) as {name}" for name in told)
    with lake.write() as cursor:
        for table, values in (
            (
                "air_measurements",
                "began as event_time, 'DKI1' as station_id, 'pm25' as parameter, air as value",
            ),
            ("corridor_hours", "began as event_time, 'K001' as corridor_id, delay as delay_s"),
            (
                "rainfall",
                "began + interval 1 hour as event_time, '1' as station_id,"
                " rain as rain_mm, 60 as interval_minutes",
            ),
        ):
            cursor.execute(
                f"insert into {table} by name select {values}, began as known_time,"
                f" {simulated} as simulated from (select {columns})",
                told,
            )


def test_an_effect_of_hours_is_found_at_its_hour_in_per_cent(lake):
    plant(lake)
    plant_hours(lake, effect=3.0)
    answer = air(lake)
    low, high = answer.quartiles
    planted = 100 * math.expm1(0.003 * (high - low))
    by_hour = {lag.after: lag.adjusted for lag in answer.hours}
    assert list(by_hour) == list(range(13))
    assert by_hour[5].low <= planted <= by_hour[5].high
    assert by_hour[5].told
    assert max(by_hour, key=lambda hour: by_hour[hour].value) == 5
    # The last hours, whose lags reach before the first one, are those of all lags.
    assert {effect.n for effect in by_hour.values()} == {24 * 100 - 24}


def test_rain_and_the_hour_of_the_day_make_no_effect_of_hours(lake):
    plant(lake)
    plant_hours(lake)
    answer = air(lake)
    assert sum(lag.raw.told for lag in answer.hours) > 6
    assert sum(lag.adjusted.told for lag in answer.hours) <= 2


def test_hours_are_of_the_origin_of_the_days_and_not_of_too_few(lake):
    plant(lake)
    plant_hours(lake, simulated=True)
    assert air(lake).hours == ()
    plant_hours(lake, days=59)
    assert air(lake).hours == ()


def wib(day, hour=12):
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 7)


def fact(table, at, **values):
    nothing = {column.name: None for column in TABLES[table].columns}
    origin = {"event_time": at, "known_time": at, "simulated": False}
    return nothing | lakes.common(at) | origin | values


def pumps(cursor, rows):
    lakes.insert_all(cursor, "pump_states", rows)
    for rollup in rollups.all_rollups():
        if rollup.name == "pump_days":
            rollups.make(cursor, rollup)


def test_pump_hours_take_the_last_report_of_each_hour(lake):
    day = date(2026, 1, 5)
    with lake.write() as cursor:
        pumps(
            cursor,
            [
                fact("pump_states", wib(day, hour), pump_house_id="1", **pumps)
                for hour, pumps in (
                    (8.1, {"running": 0, "idle": 4, "total": 4}),
                    (8.9, {"running": 3, "idle": 1, "total": 4}),
                    (9.0, {"running": 1, "idle": None, "total": 4}),
                    (10.0, {"running": 1, "idle": 1, "total": None}),
                )
            ],
        )
    (row,) = lake.rows("select day, running_h, idle_h, total_h from pump_days")
    assert list(row.values()) == [day, 4, 1, 8]


def test_a_past_of_changes_holds_until_the_next_report_of_the_day(lake):
    day = date(2026, 1, 5)
    city = {"simulated": True, "total": 4}
    past = city | {"known_assumed": True}
    with lake.write() as cursor:
        pumps(
            cursor,
            [
                fact("pump_states", wib(day, hour), pump_house_id="1", **pumps)
                for hour, pumps in (
                    (0, past | {"running": 0, "idle": 4}),
                    (15, past | {"running": 3, "idle": 1}),
                    (20, city | {"running": 1, "idle": 3}),
                    (22, past | {"running": 0, "idle": 3}),
                )
            ],
        )
    (row,) = lake.rows("select day, running_h, idle_h, total_h from pump_days")
    assert list(row.values()) == [day, 3 * 5 + 1, 15 * 4 + 5 + 3 + 2 * 3, 4 * (20 + 1 + 2)]


def plant_floods(lake, more, simulated=False):
    """Write 80 rainy days on which houses 1 and 2 stand ready in turn.

    Args:
        more: Share by which the kecamatan of the house that is not ready is flooded more often.
    """
    rng = np.random.default_rng(3)
    houses = {
        row["pump_house_id"]: row
        for row in lake.rows("select pump_house_id, lon, lat from pump_houses")
    }
    points = lake.rows("select parent_code, lon, lat from areas where level = 'kelurahan'")

    def near(house):
        return {
            point["parent_code"]
            for point in points
            if math.hypot(point["lat"] - house["lat"], point["lon"] - house["lon"]) < 0.016
        }

    one, other = (
        "1",
        next(
            name
            for name, house in houses.items()
            if near(house) and not near(house) & near(houses["1"])
        ),
    )
    rain, states, floods = [], [], []
    for number in range(80):
        day = date(2025, 10, 1) + timedelta(days=number)
        told = {"known_day": day + timedelta(days=1), "day": day, "simulated": simulated}
        rain.append(told | {"assumed": False, "station_id": "1", "readings": 24, "rain_mm": 20.0})
        for house, ready in ((one, number % 2 == 0), (other, number % 2 == 1)):
            states.append(
                fact(
                    "pump_states",
                    wib(day),
                    pump_house_id=house,
                    running=0,
                    idle=4 if ready else 1,
                    total=4,
                    simulated=simulated,
                )
            )
            if rng.random() < 0.2 + (0 if ready else more):
                floods += [
                    fact(
                        "inundations",
                        wib(day),
                        area_code=f"{kecamatan}-{number}",
                        area_level="rt",
                        kelurahan_code=f"{kecamatan}.1001",
                        ended=False,
                        simulated=simulated,
                    )
                    for kecamatan in near(houses[house])
                ]
    with lake.write() as cursor:
        lakes.insert_all(cursor, "rain_days", rain)
        lakes.insert_all(cursor, "inundations", floods)
        pumps(cursor, states)


def floods(lake, **params):
    asked = {"dari": "2025-09-01", "sampai": "2025-12-31"} | params
    return card_floods.answer(lake, card_floods.read_question(asked, CUT, "31"))


def test_a_planted_difference_between_areas_of_one_day_is_found(lake):
    plant_floods(lake, more=0.5)
    answer = floods(lake)
    assert (answer.rainy_days, answer.told_days, answer.compared_days) == (80, 80, 80)
    assert answer.same_day.low <= 50 <= answer.same_day.high
    assert answer.same_day.told
    shares = {round(place.short, 3) for place in answer.places if place.short is not None}
    assert shares == {0.375}


def test_where_areas_are_flooded_alike_nothing_is_claimed(lake):
    plant_floods(lake, more=0.0)
    assert not floods(lake).same_day.told


def test_without_pumps_the_floods_are_told_and_no_difference(lake):
    plant_floods(lake, more=0.5)
    with lake.write() as cursor:
        cursor.execute("delete from pump_days")
    answer = floods(lake)
    assert answer.same_day is None
    assert sum(place.flooded_days for place in answer.places) > 0
    assert all(place.short is None for place in answer.places)
    assert [told.count for told in answer.inputs if told.newest is None] == ["belum ada data"]


def test_real_floods_are_not_joined_to_simulated_pumps(lake):
    plant_floods(lake, more=0.5, simulated=True)
    with lake.write() as cursor:
        lakes.insert(
            cursor,
            "inundations",
            fact(
                "inundations",
                wib(date(2025, 11, 1)),
                area_code="x",
                area_level="rt",
                kelurahan_code=GAMBIR,
            ),
        )
    answer = floods(lake)
    assert not answer.simulated
    assert (answer.rainy_days, answer.same_day) == (0, None)


def test_only_areas_inside_the_page_are_told_of(lake):
    plant_floods(lake, more=0.0)
    question = card_floods.read_question(
        {"dari": "2025-09-01", "tingkat": "kelurahan"}, CUT, "31.71.01"
    )
    answer = card_floods.answer(lake, question)
    assert {place.code[:8] for place in answer.places} == {"31.71.01"}


def green(simulated):
    codes = [row["code"] for row in card_places.queries.reference.rows("areas")]
    return Upload(
        id=1,
        kind="rth",
        values=MappingProxyType(
            {code: {"rth_m2": 1000.0 * number} for number, code in enumerate(codes)}
        ),
        source="Dinas Contoh",
        dated=date(2026, 1, 1),
        simulated=simulated,
        role="operator",
        at=lakes.NOW,
        sha256="",
        name_sha256="",
    )


def complaints(lake, simulated=False):
    codes = [row["code"] for row in lake.rows("select code from areas where level = 'kelurahan'")]
    with lake.write() as cursor:
        lakes.insert_all(
            cursor,
            "complaint_days",
            [
                {
                    "known_day": day,
                    "kelurahan_code": code,
                    "simulated": simulated,
                    "received": number % 7,
                    "finished": 0,
                    "open_change": 0,
                }
                for day in DAYS[-365:]
                for number, code in list(enumerate(codes))[:: 365 if day != DAYS[-1] else 1]
            ],
        )


def together(lake, upload):
    question = card_places.read_question({}, CUT, "31")
    return card_places.answer(lake, question, {"rth": upload})


def test_without_an_upload_the_card_says_what_is_missing(lake):
    complaints(lake)
    answer = together(lake, None)
    assert answer.missing == ("rth",)
    assert answer.places == ()


def test_each_kelurahan_is_a_point_and_islands_do_not_count(lake):
    complaints(lake)
    answer = together(lake, green(simulated=False))
    assert len(answer.places) == 267
    assert answer.raw.n == 261
    assert sum(place.apart for place in answer.places) == 6
    people = {row["code"]: row for row in lake.rows("select * from areas")}
    point = next(place for place in answer.places if place.code == GAMBIR)
    assert point.density == people[GAMBIR]["population"] / people[GAMBIR]["area_km2"]


def test_a_real_and_a_simulated_measure_make_no_number(lake):
    complaints(lake, simulated=True)
    answer = together(lake, green(simulated=False))
    assert answer.mixed
    assert (answer.raw, answer.adjusted) == (None, None)
    assert together(lake, green(simulated=True)).raw is not None
