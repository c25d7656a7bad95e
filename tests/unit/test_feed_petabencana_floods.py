from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.petabencana_floods import FEED

SAMPLE = Path("tests/samples/petabencana_floods.json")
REAL = Path("../shared/samples/petabencana/floods_topojson.json")
SNAPSHOTS = Path("../shared/history/petabencana_2017/floods")
SQUARE = [[[106.8, -6.2], [106.81, -6.2], [106.81, -6.19], [106.8, -6.19], [106.8, -6.2]]]


def parse(body, name=""):
    context = Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC), name=name)
    return list(FEED.parse(body, context))


def area(geometry=None, **properties):
    properties = {
        "geom_id": 3174040007007000,
        "state": 2,
        "changed": "2017-02-21T08:39:36.885",
    } | properties
    geometry = geometry or {"type": "Polygon", "coordinates": SQUARE}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*found):
    return json.dumps({"type": "FeatureCollection", "features": list(found)}).encode()


def test_a_flooded_rw_tells_its_depth_class_and_a_point_within_it():
    table, row = parse(SAMPLE.read_bytes())[0]
    assert table == "inundations"
    assert (row.pop("lon"), row.pop("lat")) == pytest.approx((106.805, -6.195))
    assert row == {
        "area_code": "3171010001003000",
        "area_name": "RW 03",
        "area_level": "rw",
        "event_time": datetime(2026, 2, 17, 20, tzinfo=UTC),
        "depth_min_cm": 10,
        "depth_max_cm": 70,
        "state": "2",
        "ended": False,
    }


def test_all_that_is_flooded_gives_one_item_and_dry_areas_none():
    first, second, broken, shapeless = parse(SAMPLE.read_bytes())
    assert first[1]["area_name"] == "RW 03"
    assert (second[1]["depth_min_cm"], second[1]["depth_max_cm"]) == (150, None)
    assert (second[1]["lon"], second[1]["lat"]) == pytest.approx((106.815, -6.195))
    assert isinstance(broken, Reject)
    assert broken.field == "geometry"
    assert (shapeless[1]["state"], shapeless[1]["depth_max_cm"]) == ("1", None)
    assert (shapeless[1]["lon"], shapeless[1]["lat"]) == (None, None)


def test_the_real_topojson_answer_is_read():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    ((_, row),) = parse(REAL.read_bytes())
    assert (row["area_code"], row["area_name"], row["state"]) == ("3174040004009000", "RW 09", "1")
    assert row["event_time"] == datetime(2016, 12, 19, 13, 53, 52, 274_000, UTC)
    assert (row["lon"], row["lat"]) == pytest.approx((106.7931, -6.1573), abs=0.0005)


def test_topojson_and_geojson_of_one_area_give_one_row():
    step = {"scale": [0.01, 0.01], "translate": [106.8, -6.2]}
    properties = area()["properties"]
    ring = {"type": "Polygon", "arcs": [[0]], "properties": properties}
    topology = {
        "type": "Topology",
        "objects": {"output": {"type": "GeometryCollection", "geometries": [ring]}},
        "arcs": [[[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]]],
        "transform": step,
    }
    ((_, by_arcs),) = parse(json.dumps(topology).encode())
    ((_, by_rings),) = parse(collection(area()))
    for name in ("lon", "lat"):
        assert by_arcs.pop(name) == pytest.approx(by_rings.pop(name))
    assert by_arcs == by_rings


def test_the_moment_of_a_snapshot_is_in_its_file_name_in_wib():
    name = "jkt_floods_2017-02-21T12-00-00.geojson"
    ((_, row),) = parse(collection(area()), name)
    assert row["event_time"] == datetime(2017, 2, 21, 5, tzinfo=UTC)


def test_a_file_name_with_a_moment_that_never_was_is_malformed():
    with pytest.raises(Malformed, match="ditemukan 2017-02-30T12-00-00"):
        parse(collection(area()), "jkt_floods_2017-02-30T12-00-00.geojson")


def test_without_such_a_name_the_change_of_the_area_counts_in_wib():
    ((_, row),) = parse(collection(area()), "floods.geojson")
    assert row["event_time"] == datetime(2017, 2, 21, 1, 39, 36, 885_000, UTC)


def test_the_point_of_a_bent_area_lies_within_it():
    horseshoe = [
        [
            [106.80, -6.20], [106.83, -6.20], [106.83, -6.19], [106.81, -6.19],
            [106.81, -6.18], [106.83, -6.18], [106.83, -6.17], [106.80, -6.17], [106.80, -6.20],
        ]
    ]  # fmt: skip
    ((_, row),) = parse(collection(area({"type": "Polygon", "coordinates": horseshoe})))
    assert not (row["lon"] > 106.81 and -6.19 < row["lat"] < -6.18)


@pytest.mark.parametrize("state", [None, 0])
def test_a_dry_area_is_no_inundation(state):
    assert parse(collection(area(state=state))) == []


@pytest.mark.parametrize("state", [5, -1, "banjir", [], "-"])
def test_a_state_that_is_no_depth_class_is_rejected(state):
    (reject,) = parse(collection(area(state=state)))
    assert isinstance(reject, Reject)
    assert reject.field == "state"


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [[[106.8, -6.2], [106.81, -6.2]]]},
        {"type": "Polygon", "coordinates": []},
        {
            "type": "Polygon",
            "coordinates": [[[-6.2, 106.8], [-6.1, 106.8], [-6.1, 106.9], [-6.2, 106.8]]],
        },
        {"type": "Polygon", "coordinates": "106.8 -6.2"},
        {"type": "Banjir"},
        7,
    ],
    ids=["too short", "empty", "swapped", "text", "unknown type", "number"],
)
def test_a_geometry_that_cannot_be_drawn_in_the_region_is_rejected(geometry):
    (reject,) = parse(collection(area(geometry)))
    assert isinstance(reject, Reject)
    assert reject.field == "geometry"


def test_nothing_flooded_is_no_fault():
    assert parse(b'{"type": "FeatureCollection", "features": []}') == []
    assert (
        parse(
            b'{"statusCode": 200, "result": {"type": "Topology", "objects": {"output":'
            b' {"type": "GeometryCollection", "geometries": []}}, "arcs": []}}'
        )
        == []
    )


def test_features_of_another_kind_are_malformed():
    stop = {"type": "Feature", "properties": {"nama": "Halte Contoh"}, "geometry": None}
    with pytest.raises(Malformed, match="seharusnya fitur dengan state"):
        parse(collection(stop))


def test_an_answer_of_another_kind_is_malformed():
    with pytest.raises(Malformed, match="seharusnya FeatureCollection atau Topology"):
        parse(b'{"statusCode": 200, "result": [{"area_id": "5", "state": 1}]}')


def test_every_real_snapshot_is_read_whole():
    if not SNAPSHOTS.exists():
        pytest.skip(f"{SNAPSHOTS} is not here")
    rows = []
    for path in sorted(SNAPSHOTS.iterdir()):
        listed = len(json.loads(path.read_bytes())["features"])
        found = parse(path.read_bytes(), path.name)
        assert len(found) == listed
        rows += [row for _, row in found]
    assert len(rows) == 1654
    assert Counter(row["state"] for row in rows) == {"2": 1441, "3": 208, "1": 5}
    assert len({row["area_code"] for row in rows}) == 231
    at_peak = [row for row in rows if row["event_time"] == datetime(2017, 2, 21, 6, tzinfo=UTC)]
    assert len(at_peak) == 168
