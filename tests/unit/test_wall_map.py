"""The wall's map: where it looks, and that it shows what is abnormal and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import layers, wall_map
from dashboards.markup import html_text
from dashboards.wall_map import CITY, Extent

AT = datetime(2026, 3, 11, 20, 10, tzinfo=UTC)
SQUARE = json.dumps(
    {
        "type": "Polygon",
        "coordinates": [
            [[106.80, -6.20], [106.84, -6.20], [106.84, -6.16], [106.80, -6.16], [106.80, -6.20]]
        ],
    }
)
OUTLINES = [
    {"level": level, "code": code, "name": name, "geometry": SQUARE, "approximate": True}
    for level, code, name in (
        ("kota", "31.71", "Kota Administrasi Jakarta Pusat"),
        ("kecamatan", "31.71.01", "Gambir"),
        ("kelurahan", "31.71.01.1001", "Gambir"),
    )
]


def gate(**changes):
    return {
        "station_id": "manggarai",
        "name": "P.A. Manggarai",
        "lon": 106.848,
        "lat": -6.208,
        "event_time": AT,
        "level_cm": 870.0,
        "siaga": 2,
        "rise_cm_h": 12.0,
        "late_s": 900.0,
        "expired_s": 2700.0,
    } | changes


def flood(**changes):
    return {
        "area_level": "rw",
        "state": "3",
        "kelurahan_code": "31.71.01.1001",
        "kelurahan": "Gambir",
        "lon": 106.82,
        "lat": -6.18,
    } | changes


def jam(**changes):
    return {
        "street": "Jl. Gatot Subroto",
        "level": 4,
        "delay_s": 1080.0,
        "length_m": 900.0,
        "geometry": '{"type":"LineString","coordinates":[[106.82,-6.18],[106.83,-6.19]]}',
        "lon": 106.82,
        "lat": -6.18,
    } | changes


def drawn(gates=(), flooded=(), jams=(), alarms=(), air=()):
    return html_text(wall_map.over(gates, flooded, jams, alarms, air))


def test_a_calm_city_has_no_marks():
    calm = drawn(
        gates=[gate(siaga=4, level_cm=600.0)],
        jams=[jam(level=3)],
        air=[{"station_id": "DKI1", "index": 80, "category": "Sedang", "lon": 106.8, "lat": -6.2}],
    )
    assert calm.count("map-mark ") == 1
    assert 'class="map-mark is-quiet"' in calm
    assert "is-jam" not in calm
    assert "shape-ispu" not in calm


def test_a_gate_at_siaga_2_carries_shape_name_level_and_trend():
    html = drawn(gates=[gate()])
    assert "shape-siaga-2" in html
    assert "P.A. Manggarai" in html
    assert "870" in html
    assert "↗" in html


def test_the_gravest_gate_finds_room_first():
    ranks = {
        siaga: html_text(wall_map.over([gate(siaga=siaga)], [], [], [], [])) for siaga in (1, 2, 3)
    }
    assert ['data-rank="10"' in ranks[1], 'data-rank="20"' in ranks[2]] == [True, True]
    assert 'data-rank="30"' in ranks[3]


def test_a_gate_upstream_of_the_picture_stays_at_its_edge():
    assert 'data-beyond="yes"' in drawn(gates=[gate(siaga=1)])
    assert 'data-beyond="yes"' not in drawn(gates=[gate(siaga=3)])


def test_a_kelurahan_is_filled_by_its_deepest_place():
    html = drawn(flooded=[flood(state="4"), flood(state="2")])
    assert html.count('data-flooded="31.71.01.1001"') == 1
    assert 'data-depth="4"' in html
    assert "2 RW" in html


@pytest.mark.parametrize("state", [None, "", "9"])
def test_a_depth_that_nobody_told_is_not_known(state):
    assert layers.depth_of(flood(state=state)) == "1"


def test_a_closed_street_has_no_delay():
    assert wall_map.delay(None) == "ditutup"
    assert wall_map.delay(1080) == "+18\N{NO-BREAK SPACE}mnt"


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("31", CITY),
        ("106.7,-6.3,106.9,-6.1", Extent(106.7, -6.3, 106.9, -6.1)),
        ("", None),
        ("31.99", None),
        ("106.9,-6.1,106.7,-6.3", None),
        ("106.7,-6.3,106.7001,-6.2999", None),
        ("1,2,3,4", None),
        ("nan,nan,nan,nan", None),
        ("<script>", None),
        (None, None),
    ],
)
def test_an_extent_is_read_or_refused(text, extent):
    assert wall_map.read_extent(text, {}) == extent


@given(st.text())
def test_reading_an_extent_never_fails(text):
    assert isinstance(wall_map.read_extent(text, {}), Extent | None)


def test_a_kota_is_shown_whole():
    extents = wall_map.area_extents(OUTLINES)
    assert set(extents) == {"31.71", "31.71.01"}
    found = wall_map.read_extent("31.71", extents)
    assert found.west < 106.80 < 106.84 < found.east
    assert found.south < -6.20 < -6.16 < found.north


def test_the_picture_has_a_shape_for_each_kelurahan_and_the_rivers():
    html = html_text(wall_map.picture(OUTLINES, CITY))
    assert 'data-kelurahan="31.71.01.1001"' in html
    assert 'class="wall-river"' in html
    assert 'viewBox="' in html


def test_a_picture_without_outlines_is_still_land_and_rivers():
    assert "wall-land" in html_text(wall_map.picture([], CITY))
    assert "Kep. Seribu" in html_text(wall_map.islands([]))


@pytest.mark.parametrize(
    ("name", "brief"),
    [("Bendung Katulampa", "Bd. Katulampa"), ("Pos Pesanggrahan", "Pos Pesanggrahan")],
)
def test_names_are_shortened_by_the_table_alone(name, brief):
    assert wall_map.short(name) == brief
