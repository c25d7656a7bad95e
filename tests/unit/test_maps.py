"""What the map is made of: features, outlines, rivers, looks and places."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboards import layers, maps
from dashboards.layers import GATES, LAYERS
from dashboards.panels import View
from data import places, queries
from data.areas import default_shapes
from data.asof import AsOf
from data.siaga import WORDS

ASSETS = Path(__file__).parents[2] / "assets"
AT = datetime(2026, 3, 11, 20, 10, tzinfo=UTC)

MANGGARAI = {
    "station_id": "manggarai",
    "name": "P.A. Manggarai",
    "river": "Ciliwung",
    "lon": 106.8484581,
    "lat": -6.2078251,
    "event_time": AT,
    "level_cm": 772.0,
    "siaga": 3,
    "siaga3_cm": 750.0,
    "siaga2_cm": 850.0,
    "siaga1_cm": 950.0,
    "rise_cm_h": 12.0,
    "late_s": 1800.0,
    "expired_s": 5400.0,
    "feed": "dsda_levels",
    "simulated": True,
}
UNKNOWN = dict.fromkeys(MANGGARAI) | {"station_id": "x", "name": "X", "lon": 106.8, "lat": -6.2}


def test_a_row_becomes_a_feature_with_what_the_popup_needs():
    drawn = json.loads(maps.features(GATES, [MANGGARAI, UNKNOWN], None))
    assert drawn["layer"] == {
        "count": 2,
        "unplaced": 0,
        "simulated": True,
        "moment": None,
        "known": True,
    }
    known, unknown = drawn["features"]
    assert known["geometry"] == {"type": "Point", "coordinates": [106.84846, -6.20783]}
    assert known["properties"] == {
        "id": "manggarai",
        "name": "P.A. Manggarai",
        "mark": "3",
        "t": int(AT.timestamp()),
        "level": 772.0,
        "word": "Siaga 3 – Waspada",
        "trend": "naik",
        "rise": 12.0,
        "river": "Ciliwung",
        "s3": 750.0,
        "s2": 850.0,
        "s1": 950.0,
        "late": 1800.0,
        "expired": 5400.0,
        "sim": 1,
    }
    assert unknown["properties"] == {"id": "x", "name": "X", "mark": "none"}


def test_rows_without_a_point_are_counted_but_not_drawn():
    drawn = json.loads(maps.features(GATES, [MANGGARAI | {"lon": None}], AT))
    assert drawn["features"] == []
    assert drawn["layer"]["unplaced"] == 1
    assert drawn["layer"]["moment"] == int(AT.timestamp())


def test_a_line_keeps_its_own_geometry():
    line = '{"type":"LineString","coordinates":[[106.8,-6.2],[106.9,-6.3]]}'
    row = {
        "jam_id": "1",
        "street": None,
        "level": 4,
        "speed_kmh": 6.0,
        "length_m": 500.0,
        "delay_s": None,
        "geometry": line,
        "kelurahan_code": None,
        "lon": 106.8,
        "lat": -6.2,
        "event_time": AT,
        "simulated": False,
    }
    [drawn] = json.loads(maps.features(layers.JAMS, [row], None))["features"]
    assert drawn["geometry"] == json.loads(line)
    assert drawn["properties"]["name"] == "Jalan tanpa nama"
    assert "sim" not in drawn["properties"]


def test_outlines_of_the_whole_city_are_light_and_say_that_they_are_approximate():
    rows = [
        {name: getattr(shape, name) for name in ("level", "code", "name", "geometry")}
        | {"approximate": shape.approximate, "source": shape.source}
        for shape in default_shapes()
    ]
    text = maps.outline_features(rows)
    drawn = json.loads(text)
    assert len(drawn["features"]) == 267 + 44 + 6
    assert drawn["layer"]["approximate"] is True
    assert len(text) < 300_000


def test_without_boundaries_the_base_map_is_empty():
    assert json.loads(maps.outline_features([]))["features"] == []


def test_a_river_runs_through_its_stations_downstream():
    rivers = {
        feature["properties"]["name"]: feature["geometry"]["coordinates"]
        for feature in json.loads(maps.river_features())["features"]
    }
    ciliwung = [tuple(point) for point in rivers["Ciliwung"]]
    katulampa, depok, manggarai = (
        (106.836806, -6.633167),
        (106.832143, -6.400514),
        (106.848458, -6.207825),
    )
    assert ciliwung.index(katulampa) < ciliwung.index(depok) < ciliwung.index(manggarai)
    assert "Laut Jawa" not in rivers


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_every_look_has_a_picture_in_the_legend_and_a_colour(layer):
    style = (ASSETS / "map.css").read_text() + (ASSETS / "tokens.css").read_text()
    for mark in layer.marks:
        assert f".swatch-{mark.shape}" in style
        assert f"{mark.color}:" in style
    assert len({mark.key for mark in layer.marks}) == len(layer.marks)


@pytest.mark.parametrize("siaga", [*WORDS, None])
def test_every_siaga_has_a_look_of_its_own(siaga):
    [drawn] = json.loads(maps.features(GATES, [MANGGARAI | {"siaga": siaga}], None))["features"]
    assert drawn["properties"]["mark"] in {mark.key for mark in GATES.marks}


@pytest.mark.parametrize(
    ("rise", "word"), [(5.0, "naik"), (1.9, "tetap"), (-2.0, "turun"), (None, None)]
)
def test_a_level_that_hardly_moves_is_steady(rise, word):
    assert layers.trend(rise) == word


@pytest.mark.parametrize(
    ("running", "idle", "off", "broken", "mark"),
    [
        (2, 1, 0, None, "active"),
        (0, 1, 0, None, "idle"),
        (0, 0, 3, None, "off"),
        (0, 2, 1, 1, "broken"),
        (None, None, None, None, "unknown"),
    ],
)
def test_a_pump_house_is_what_its_pumps_do(running, idle, off, broken, mark):
    row = {"running": running, "idle": idle, "off": off, "broken": broken}
    assert layers.pump_mark(row) == mark
    assert mark in {look.key for look in layers.PUMPS.marks}


def test_the_greatest_index_of_a_station_counts(monkeypatch):
    rows = [
        {"station_id": "DKI1", "parameter": "pm25", "ispu": None, "mean_ug_m3": 55.4},
        {"station_id": "DKI1", "parameter": "pm10", "ispu": 120, "mean_ug_m3": 20.0},
        {"station_id": "DKI2", "parameter": None, "ispu": None, "mean_ug_m3": None},
    ]
    monkeypatch.setattr(queries, "air_now", lambda *_: rows)
    view = View(AsOf.now(AT), "31", role=None)
    first, second = layers.air_stations(lake=None, view=view)
    assert (first["index"], first["category"], first["parameter"]) == (120, "Tidak Sehat", "pm10")
    assert (second["index"], second["category"]) == (None, None)


@pytest.fixture
def no_cameras(monkeypatch):
    monkeypatch.setattr(queries, "cameras_named", lambda *_, **__: [])


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("gambir", "kelurahan", "Gambir"),
        ("Kali Baru", "kelurahan", "Kalibaru"),
        ("pal meriem", "kelurahan", "Palmeriam"),
        ("p.a. manggarai", "station", "P.A. Manggarai"),
        ("jl sudirman", "corridor", "Jl. Jenderal Sudirman"),
        ("waduk tomang", "pump_house", "Waduk Tomang Barat"),
    ],
)
def test_a_place_is_found_as_people_write_it(no_cameras, text, kind, name):
    first = places.find(None, text, most=5)[0]
    assert (first.kind, first.name) == (kind, name)


@pytest.mark.parametrize("text", ["", "  ", "--", "tidak ada tempat ini", "'; drop table areas"])
def test_what_is_no_place_is_not_found(no_cameras, text):
    assert places.find(None, text, most=5) == []
