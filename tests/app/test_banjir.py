"""The page /banjir through the program: every panel, on small and empty lakes, now and then."""

from __future__ import annotations

import pytest

from dashboards.banjir import MAP_LAYERS, SPANS

PANELS = [
    "banjir-papan",
    "banjir-grafik",
    "banjir-sekitar",
    "banjir-pos",
    "banjir-pompa",
    "banjir-genangan",
    "banjir-bmkg",
    "banjir-laporan",
    "banjir-laut",
    "banjir-hujan",
]


@pytest.mark.parametrize(
    "search",
    [
        "",
        "?wilayah=31.71.01",
        "?wilayah=31.75",
        "?pos=manggarai&rentang=30-hari",
        "?pos=%3Cscript%3E&rentang=selamanya&wilayah=xx&pada=besok",
        "?pos=a&pos=b",
        "?pada=2026-03-12T03:09&seperti=saat-itu",
        "?pada=2026-03-12T03:09&seperti=sekarang",
    ],
)
def test_every_panel_is_drawn(client, search):
    for panel in PANELS:
        answer = client.get(f"/panel/{panel}{search}")
        assert answer.status_code == 200, panel
        assert "gagal" not in answer.text, panel
        assert "<script>" not in answer.text


def test_every_panel_is_drawn_on_an_empty_lake(empty_client):
    assert empty_client.get("/banjir").status_code == 200
    for panel in PANELS:
        answer = empty_client.get(f"/panel/{panel}")
        assert answer.status_code == 200, panel
        assert 'class="value">0<' not in answer.text or panel == "banjir-pompa", panel


def test_a_past_without_data_shows_no_zeros(client):
    for panel in ("banjir-genangan", "banjir-bmkg", "banjir-laporan", "banjir-hujan"):
        answer = client.get(f"/panel/{panel}?pada=1990-01-01")
        assert "Belum ada data untuk saat itu" in answer.text, panel


@pytest.mark.parametrize("role", ["publik", "lurah", "operator"])
def test_everyone_may_see_it(client, role):
    client.set_cookie("peran", role)
    for panel in PANELS:
        assert client.get(f"/panel/{panel}").status_code == 200


def test_every_panel_explains_itself(client):
    for panel in PANELS:
        assert ".sql" in client.get(f"/panel/{panel}/cara").text


def test_what_is_shown_can_be_taken_away(client):
    for panel in set(PANELS) - {"banjir-sekitar"}:
        answer = client.get(f"/panel/{panel}/data.csv")
        assert answer.status_code == 200, panel
        assert "text_redacted" not in answer.text


def test_the_chart_shows_the_station_and_the_span_of_the_address(client):
    for span in SPANS:
        told = client.get(f"/panel/banjir-grafik?pos=manggarai&rentang={span}").text
        assert "P.A. Manggarai" in told
    first = client.get("/panel/banjir-grafik?rentang=48-jam").headers["ETag"]
    assert client.get("/panel/banjir-grafik?rentang=30-hari").headers["ETag"] != first


def test_every_layer_of_the_map_is_served(client):
    for layer in MAP_LAYERS:
        drawn = client.get(f"/geo/{layer.id}.geojson").json
        marks = {mark.key for mark in layer.marks}
        assert {feature["properties"]["mark"] for feature in drawn["features"]} <= marks
