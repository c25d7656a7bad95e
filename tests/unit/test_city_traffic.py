import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from werkzeug.exceptions import BadRequest

from etl.city import traffic
from etl.city.world import Shift, World
from etl.feed import Context
from etl.feeds import waze_ccp

ROOT = Path(__file__).parents[2]
WORLD = World(anchor=datetime(2026, 2, 18, 12, tzinfo=UTC))
WEDNESDAY = datetime(2025, 8, 12, 17, tzinfo=UTC)  # 00.00 WIB of 13 August


def clock(hour, day=WEDNESDAY):
    return day + timedelta(hours=hour)


def times(*moments):
    return np.array([m.replace(tzinfo=None) for m in moments], "datetime64[s]")


def waze(now, world=WORLD):
    return json.loads(traffic.waze(world, now, {}).body)


def jams(now, world=WORLD):
    return {jam["uuid"]: jam for jam in waze(now, world).get("jams", [])}


def corridors():
    with (ROOT / "data/reference/corridors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_shift_moves_its_corridor_from_its_moment_on_and_no_other():
    moved = World(anchor=WORLD.anchor, shifts=(Shift("K002", clock(8), 0.5),))
    at = times(*(clock(hour) for hour in (7, 8, 9)))
    before, after = traffic.congestion(WORLD, at), traffic.congestion(moved, at)
    changed = before != after
    place = [row["corridor_id"] for row in corridors()].index("K002")
    assert np.argwhere(changed).tolist() == [[1, place], [2, place]]
    assert (after[1:, place] < before[1:, place]).all()


def test_a_hundred_corridors_lie_in_all_five_kota():
    rows = corridors()
    assert len({row["corridor_id"] for row in rows}) == 100
    assert {row["kota_code"] for row in rows} == {"31.71", "31.72", "31.73", "31.74", "31.75"}
    assert {row["simulated"] for row in rows} == {"true"}
    for row in rows:
        line = shapely.from_wkt(row["line"])
        assert line.geom_type == "LineString"
        west, south, east, north = line.bounds
        assert 106.68 < west <= east < 106.98
        assert -6.38 < south <= north < -6.09
        assert float(row["length_m"]) == pytest.approx(line.length * 110_800, rel=0.02)


def test_working_days_have_two_rush_hours_and_quiet_nights():
    full = traffic.congestion(WORLD, times(*(clock(h) for h in range(24)))).mean(axis=1)
    assert min(full[7:9].mean(), full[17:19].mean()) > 1.3 * full[10:15].mean()
    assert full[1:4].max() < 0.1


def test_a_weekend_morning_is_calmer_than_a_working_one():
    sunday = clock(8, WEDNESDAY + timedelta(days=4))
    full = traffic.congestion(WORLD, times(clock(8), sunday)).mean(axis=1)
    assert full[1] < 0.6 * full[0]


def test_rain_and_floods_fill_the_roads():
    night = World(scenario="malam-banjir", anchor=clock(20))
    dry, wet = (traffic.congestion(w, times(clock(22))).mean() for w in (WORLD, night))
    assert wet > 1.5 * dry


def test_a_rush_hour_comes_at_any_hour_in_its_scenario():
    world = World(scenario="jam-sibuk", anchor=clock(23))
    assert traffic.congestion(world, times(clock(23.5))).mean() > 0.6
    assert len(jams(clock(23.5), world)) > 200


def test_the_epidemic_emptied_the_roads():
    april = [datetime(year, 4, 22, 0, 30, tzinfo=UTC) for year in (2019, 2020)]
    full = traffic.congestion(WORLD, times(*april)).mean(axis=1)
    assert full[1] < 0.6 * full[0]


def test_congestion_does_not_jump():
    minutes = traffic.congestion(WORLD, times(*(clock(6 + m / 60) for m in range(180))))
    assert np.abs(np.diff(minutes, axis=0)).max() < 0.05


def test_the_snapshot_stands_for_two_minutes():
    first, same, next_ = (
        traffic.waze(WORLD, clock(8) + timedelta(seconds=s), {}) for s in (5, 115, 125)
    )
    assert first == same
    assert first.body != next_.body
    body = json.loads(first.body)
    assert body["endTime"] == "2025-08-13 01:00:00:000"
    assert body["startTime"] == "2025-08-13 00:58:00:000"
    assert body["endTimeMillis"] - body["startTimeMillis"] == 120_000


def test_a_jam_keeps_its_uuid_while_it_lives():
    now, later, much_later = (set(jams(clock(hour))) for hour in (8, 8 + 2 / 60, 12))
    assert len(now & later) > 0.85 * len(now)
    assert not now & much_later


def test_jams_are_more_and_worse_at_rush_hours():
    rush, noon, night = (jams(clock(hour)) for hour in (8, 12, 3))
    assert len(rush) > 1.3 * len(noon) > 0
    assert not night
    share = [
        sum(jam["level"] >= 3 for jam in found.values()) / len(found) for found in (rush, noon)
    ]
    assert share[0] > 2 * share[1]


def test_a_jam_lies_on_its_corridor_and_its_figures_agree():
    lines = {row["name"]: shapely.from_wkt(row["line"]) for row in corridors()}
    for jam in jams(clock(18)).values():
        points = [(p["x"], p["y"]) for p in jam["line"]]
        assert (
            shapely.hausdorff_distance(shapely.LineString(points), lines[jam["street"]])
            < lines[jam["street"]].length
        )
        assert max(lines[jam["street"]].distance(shapely.Point(p)) for p in points) < 1e-5
        assert jam["speed"] == pytest.approx(jam["speedKMH"] / 3.6, abs=0.01)
        assert jam["delay"] >= 0
        assert 1 <= jam["level"] <= 4


def test_flooded_roads_are_closed():
    world = World(scenario="malam-banjir", anchor=clock(20))
    closed = [jam for jam in jams(clock(23), world).values() if jam["level"] == 5]
    assert closed
    assert {(jam["delay"], jam["speed"]) for jam in closed} == {(-1, 0.0)}
    alerts = waze(clock(23), world)["alerts"]
    assert sum(alert["subtype"] == "HAZARD_WEATHER_FLOOD" for alert in alerts) > 20


def test_what_is_not_there_is_left_out():
    quiet = waze(clock(3))
    assert "jams" not in quiet
    assert "irregularities" not in quiet


def test_an_alert_keeps_its_uuid_and_ends():
    now, later, much_later = (
        {alert["uuid"] for alert in waze(clock(hour))["alerts"]} for hour in (8, 8.1, 14)
    )
    assert len(now & later) > 0.6 * len(now)
    assert not now & much_later


def test_the_feed_reads_the_snapshot_whole():
    body = traffic.waze(WORLD, clock(18), {}).body
    document = json.loads(body)
    found = list(waze_ccp.FEED.parse(body, Context(fetched_at=clock(18))))
    assert len(found) == sum(len(document[n]) for n in ("alerts", "jams", "irregularities"))
    assert all(isinstance(item, tuple) for item in found)


def test_tomtom_answers_with_the_nearest_corridor():
    args = {"point": "-6.1950,106.8230"}
    rush, night = (
        json.loads(traffic.flow_segment(WORLD, clock(hour), args).body)["flowSegmentData"]
        for hour in (18, 3)
    )
    assert rush["coordinates"]["coordinate"][0] == {"latitude": -6.1824, "longitude": 106.8229}
    assert rush["currentSpeed"] < night["currentSpeed"] <= rush["freeFlowSpeed"] == 50
    assert rush["currentTravelTime"] > night["currentTravelTime"] >= rush["freeFlowTravelTime"]


@pytest.mark.parametrize(
    "args", [{}, {"point": "here"}, {"point": "-5.6,106.5"}, {"point": "nan,0"}]
)
def test_tomtom_refuses_a_point_that_is_none_or_far_from_any_road(args):
    with pytest.raises(BadRequest):
        traffic.flow_segment(WORLD, clock(8), args)


def test_corridor_hours_join_without_gap_or_overlap():
    start = datetime(2025, 7, 1, tzinfo=UTC)
    whole = pa.concat_tables(
        traffic.bulk_corridor_hours(WORLD, start, start + timedelta(days=100))
    ).to_pandas(types_mapper=None)
    assert len(whole) == 100 * 24 * 100
    assert not whole.duplicated(["event_time", "corridor_id"]).any()
    assert whole["event_time"].is_monotonic_increasing
    part = pa.concat_tables(
        traffic.bulk_corridor_hours(
            WORLD, start + timedelta(days=50), start + timedelta(days=50, hours=2)
        )
    ).to_pandas()
    assert part["speed_kmh"].tolist() == whole["speed_kmh"][50 * 2400 : 50 * 2400 + 200].tolist()


def test_corridor_hours_are_slow_where_they_are_jammed():
    start = datetime(2025, 7, 1, tzinfo=UTC)
    rows = pa.concat_tables(
        traffic.bulk_corridor_hours(WORLD, start, start + timedelta(days=7))
    ).to_pylist()
    slow = [row for row in rows if row["speed_kmh"] < 15]
    free = [row for row in rows if row["speed_kmh"] > 35]
    assert min(row["jam_m"] for row in slow) > max(row["jam_m"] for row in free) == 0
    assert all(row["delay_s"] >= 0 for row in rows)


def test_a_span_without_a_full_hour_is_an_empty_table():
    start = datetime(2025, 7, 1, 0, 10, tzinfo=UTC)
    (empty,) = traffic.bulk_corridor_hours(WORLD, start, start + timedelta(minutes=20))
    assert empty.num_rows == 0
    assert "corridor_id" in empty.schema.names
