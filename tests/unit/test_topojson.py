from __future__ import annotations

import pytest

from etl.errors import Malformed
from etl.topojson import MOST_POSITIONS, features


def topology(geometries, arcs=(), **more):
    marked = [{"properties": {"state": 1}} | geometry for geometry in geometries]
    objects = {"output": {"type": "GeometryCollection", "geometries": marked}}
    return {"type": "Topology", "objects": objects, "arcs": list(arcs)} | more


GRID = {"scale": [0.5, 0.25], "translate": [100, -10]}
SQUARES = [[[2, 0], [0, 4]], [[2, 4], [-2, 0], [0, -4], [2, 0]], [[2, 0], [2, 0], [0, 4], [-2, 0]]]


def shapes(document):
    return [feature["geometry"] for feature in features(document, "state")]


def test_arcs_are_steps_on_the_grid_and_rings_share_them_forwards_and_backwards():
    left = {"type": "Polygon", "arcs": [[0, 1]]}
    right = {"type": "Polygon", "arcs": [[~0, 2]]}
    assert shapes(topology([left, right], SQUARES, transform=GRID)) == [
        {
            "type": "Polygon",
            "coordinates": [[(101, -10), (101, -9), (100, -9), (100, -10), (101, -10)]],
        },
        {
            "type": "Polygon",
            "coordinates": [[(101, -9), (101, -10), (102, -10), (102, -9), (101, -9)]],
        },
    ]


def test_without_a_transform_positions_are_as_they_stand():
    arc = [[106.8, -6.2], [106.9, -6.2], [106.9, -6.1], [106.8, -6.2]]
    (shape,) = shapes(topology([{"type": "MultiPolygon", "arcs": [[[0]]]}], [arc]))
    assert shape == {"type": "MultiPolygon", "coordinates": [[[tuple(p) for p in arc]]]}


def test_a_point_stands_on_the_grid_by_itself_whatever_its_height():
    (shape,) = shapes(topology([{"type": "Point", "coordinates": [3, 4, 0]}], transform=GRID))
    assert shape == {"type": "Point", "coordinates": (101.5, -9)}


def test_properties_come_along_and_a_shape_may_be_null():
    (feature,) = features(topology([{"type": None, "properties": {"state": 2}}]), "state")
    assert feature == {"type": "Feature", "properties": {"state": 2}, "geometry": None}


def test_geojson_and_the_envelope_of_the_api_are_read_alike():
    feature = {"type": "Feature", "properties": {"state": 1}, "geometry": None}
    collection = {"type": "FeatureCollection", "features": [feature]}
    assert features(collection, "state") == [feature]
    assert features({"statusCode": 200, "result": collection}, "state") == [feature]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "arcs": [[9]]},
        {"type": "Polygon", "arcs": [[-9]]},
        {"type": "Polygon", "arcs": [["0"]]},
        {"type": "Polygon", "arcs": 7},
        {"type": "Polygon"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": {"lon": 1}},
        {"type": "Circle"},
        {"arcs": [[0]]},
    ],
)
def test_a_shape_that_cannot_be_followed_stays_without_coordinates_one_can_draw(geometry):
    (shape,) = shapes(topology([geometry], SQUARES, transform=GRID))
    assert shape == geometry


def test_one_long_arc_asked_for_again_and_again_ends_early():
    arc = [[0, 0]] * 1_000
    geometry = {"type": "Polygon", "arcs": [[0] * MOST_POSITIONS]}
    assert shapes(topology([geometry], [arc], transform=GRID)) == [geometry]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "seharusnya FeatureCollection atau Topology"),
        (None, "seharusnya FeatureCollection atau Topology"),
        ({"type": "Feature"}, "seharusnya FeatureCollection atau Topology"),
        ({"statusCode": 429, "message": "slow down"}, "melaporkan kegagalan"),
        ({"statusCode": 200}, "seharusnya FeatureCollection atau Topology"),
        ({"type": "FeatureCollection", "features": None}, "seharusnya daftar pada features"),
        (
            {"type": "FeatureCollection", "features": [{"properties": {}}, 7]},
            "tidak satu pun dari 2",
        ),
        ({"type": "Topology"}, "seharusnya objek pada objects"),
        ({"type": "Topology", "objects": {"output": {}}}, "seharusnya daftar pada geometries"),
    ],
)
def test_another_document_is_malformed(document, message):
    with pytest.raises(Malformed, match=message):
        features(document, "state")
