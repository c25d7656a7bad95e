"""Flooded RW and citizens' reports of the simulated city."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from etl.city import floods
from etl.city.world import CITY_BASINS, Handler, World, reference

DRY = World(anchor=datetime(2025, 8, 12, 12, tzinfo=UTC))
FLOOD = World(scenario="malam-banjir", anchor=DRY.anchor)
BOUNDARIES = Path("../shared/history/boundaries/jakarta_kelurahan_267.geojson")


def listed(world: World, hours: float, **args: str) -> list[dict[str, Any]]:
    body = floods.floods(world, world.anchor + timedelta(hours=hours), args).body
    return json.loads(body)["result"]["objects"]["output"]["geometries"]


def told(world: World, hours: float, **args: str) -> list[dict[str, Any]]:
    now = world.anchor + timedelta(hours=hours)
    body = floods.reports(world, now, {"geoformat": "geojson", **args}).body
    return json.loads(body)["result"]["features"]


@pytest.mark.parametrize("handler", floods.ROUTES.values())
def test_the_same_seed_and_time_give_the_same_bytes(handler: Handler) -> None:
    now = FLOOD.anchor + timedelta(hours=3)
    first = handler(FLOOD, now, {})
    handler(FLOOD, now + timedelta(hours=5), {})
    assert handler(World(scenario="malam-banjir", anchor=DRY.anchor), now, {}) == first
    assert handler(World(7, "malam-banjir", DRY.anchor), now, {}).body != first.body


def test_water_comes_and_goes() -> None:
    count = [len(listed(FLOOD, hours)) for hours in (-4, 0.5, 2, 4, 12, 30)]
    assert count[0] == count[-1] == 0
    assert 5 < count[1] < count[2] < count[3]
    assert 100 < max(count) < 390
    assert count[4] < count[3] / 2


def test_all_depths_are_seen_and_the_deepest_are_few() -> None:
    states = [area["properties"]["state"] for area in listed(FLOOD, 4)]
    assert set(states) == {1, 2, 3, 4}
    assert states.count(2) > states.count(3) > states.count(4)


def test_a_dry_night_has_neither_floods_nor_reports() -> None:
    assert listed(DRY, 0) == []
    assert told(DRY, 0) == []
    assert floods.floods(DRY, DRY.anchor, {"geoformat": "geojson"}).body.endswith(
        b'"result":{"type":"FeatureCollection","features":[]}}'
    )


def test_shallow_water_can_be_left_out() -> None:
    states = {area["properties"]["state"] for area in listed(FLOOD, 4, minimum_state="3")}
    assert states == {3, 4}


def test_a_state_keeps_the_moment_at_which_it_began() -> None:
    early, late = (
        {a["properties"]["geom_id"]: a["properties"] for a in listed(FLOOD, hours)}
        for hours in (4, 4.2)
    )
    assert any(early[name] == late.get(name) for name in early)
    for name in early.keys() & late.keys():
        same = early[name]["state"] == late[name]["state"]
        assert same == (early[name]["last_updated"] == late[name]["last_updated"])
    now = FLOOD.anchor + timedelta(hours=4)
    times = [datetime.fromisoformat(area["last_updated"]) for area in early.values()]
    assert max(times) <= now
    assert min(times) > now - timedelta(hours=8)


def test_topojson_says_the_same_as_geojson() -> None:
    now = FLOOD.anchor + timedelta(hours=4)
    topology = json.loads(floods.floods(FLOOD, now, {}).body)["result"]
    features = json.loads(floods.floods(FLOOD, now, {"geoformat": "geojson"}).body)["result"][
        "features"
    ]
    scale, shift = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    shapes = topology["objects"]["output"]["geometries"]
    assert [shape["properties"] for shape in shapes] == [f["properties"] for f in features]
    for shape, feature in zip(shapes, features, strict=True):
        steps = np.cumsum(topology["arcs"][shape["arcs"][0][0]], axis=0)
        ring = np.array(feature["geometry"]["coordinates"][0])
        assert np.abs(steps * scale + shift - ring).max() < 0.0002


def test_points_are_topojson_too() -> None:
    now = FLOOD.anchor + timedelta(hours=4)
    topology = json.loads(floods.reports(FLOOD, now, {}).body)["result"]
    scale, shift = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    points = [s["coordinates"] for s in topology["objects"]["output"]["geometries"]]
    exact = [feature["geometry"]["coordinates"] for feature in told(FLOOD, 4)]
    assert np.abs(np.array(points) * scale + shift - exact).max() < 0.0002


def test_each_area_has_a_name_of_its_own_built_as_bps_builds_it() -> None:
    areas = floods.flood_areas(FLOOD)
    kelurahan = {row["bps_code"]: row["name"].upper() for row in reference("areas")}
    assert len({area.geom_id for area in areas}) == len(areas)
    assert 300 < len(areas) < 450
    for area in areas:
        assert len(area.geom_id) == 16
        assert kelurahan[area.geom_id[:10]] == area.parent
        assert area.name == f"RW {int(area.geom_id[10:13]):02d}"
        assert area.basin in CITY_BASINS


def test_each_area_is_a_closed_hexagon_of_some_hundred_metres() -> None:
    for area in floods.flood_areas(FLOOD):
        shape = shapely.Polygon(area.ring)
        assert len(area.ring) == 7
        assert shape.is_valid
        assert shape.contains(shapely.Point(area.lon, area.lat))
        assert 20 < shape.length / 6 * 111_200 < 260


@pytest.mark.skipif(not BOUNDARIES.exists(), reason="real boundaries are not in ../shared")
def test_the_areas_lie_in_jakarta_and_mostly_in_their_kelurahan() -> None:
    features = json.loads(BOUNDARIES.read_text())["features"]
    kelurahan = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    tree = shapely.STRtree(kelurahan)
    areas = floods.flood_areas(FLOOD)
    inside, found = tree.query(
        [shapely.Point(area.lon, area.lat) for area in areas], predicate="within"
    )
    names = {
        int(i): str(features[int(k)]["properties"]) for i, k in zip(inside, found, strict=True)
    }
    assert len(names) > 0.98 * len(areas)
    own = [areas[i].parent.replace(" ", "") in n.upper().replace(" ", "") for i, n in names.items()]
    assert np.mean(own) > 0.9


def test_reports_come_during_the_flood_with_depth_place_and_time() -> None:
    now = FLOOD.anchor + timedelta(hours=4)
    found = told(FLOOD, 4)
    assert 20 < len(found) < 150
    for report in found:
        age = now - datetime.fromisoformat(report["properties"]["created_at"])
        assert timedelta(0) <= age <= timedelta(hours=1)
        assert 10 <= report["properties"]["report_data"]["flood_depth"] <= 300
        lon, lat = report["geometry"]["coordinates"]
        assert 106.6 < lon < 107.0
        assert -6.4 < lat < -6.05
    assert len({report["properties"]["pkey"] for report in found}) == len(found)


def test_a_longer_period_tells_more_and_the_same_again() -> None:
    hour, day = (
        {f["properties"]["pkey"]: f for f in told(FLOOD, 8, timeperiod=str(seconds))}
        for seconds in (3600, 86400)
    )
    assert hour.items() <= day.items()
    assert len(day) > 2 * len(hour)


def test_some_reports_name_a_person_but_none_of_the_past() -> None:
    live = [report["properties"]["text"] for report in told(FLOOD, 8, timeperiod="86400")]
    assert any("0812-0000" in text for text in live)
    past = floods.flood_reports(FLOOD, FLOOD.anchor, FLOOD.anchor + timedelta(hours=8))
    texts = [text for batch in past for text in batch["text_redacted"].to_pylist()]
    assert len(texts) > 100
    assert not any("0812" in text for text in texts)


def test_the_past_holds_what_was_listed() -> None:
    until = FLOOD.anchor + timedelta(hours=5)
    (batch,) = floods.inundations(FLOOD, FLOOD.anchor - timedelta(hours=20), until)
    latest = {row["area_code"]: row for row in batch.to_pylist()}
    standing = {code: row for code, row in latest.items() if not row["ended"]}
    now = {a["properties"]["geom_id"]: a["properties"] for a in listed(FLOOD, 4.999)}
    assert standing.keys() == now.keys()
    for code, row in standing.items():
        assert row["state"] == str(now[code]["state"])
        assert row["event_time"] == datetime.fromisoformat(now[code]["last_updated"])


def test_an_area_that_dries_is_told_once_more() -> None:
    (batch,) = floods.inundations(FLOOD, FLOOD.anchor, FLOOD.anchor + timedelta(days=2))
    rows = batch.to_pylist()
    assert [row["event_time"] for row in rows] == sorted(row["event_time"] for row in rows)
    last = {row["area_code"]: row for row in rows}
    assert all(row["ended"] and row["depth_max_cm"] is None for row in last.values())
