"""City layers: what `etl layer` loaded is on every map, with its date and source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dash
import pytest

from dashboards import maps
from etl.declare import replace_layer
from etl.layers import read_layer
from tests import lakes

SAMPLES = Path(__file__).parents[3] / "shared/samples/layers"
ROW = {
    "layer": "pos_pantau",
    "source": "Dinas Contoh",
    "dated": date(2024, 6, 30),
    "loaded_at": lakes.NOW,
    "features": 3,
    "points": True,
}
CSV = b"nama,lon,lat,Koridor,OBJECTID\nHalte Contoh,106.82,-6.18,2,1\nHalte Lain,106.83,-6.18,,2\n"


def load(lake, body, name, dated="2024-06-30"):
    found = read_layer(body, name)
    replace_layer(
        lake,
        found.name,
        found.rows,
        source="Dinas Contoh",
        dated=date.fromisoformat(dated),
        now=lakes.NOW,
    )


@pytest.fixture(scope="module")
def served(make, tmp_path_factory):
    home = tmp_path_factory.mktemp("layers")
    lake = lakes.small_lake(home)
    load(lake, CSV, "perhentian.csv")
    yield make(home), lake
    lake.close()


@pytest.fixture
def client(served, hands):
    server, _ = served
    next(iter(server.extensions["cache"])).clear()
    return server.test_client()


def test_a_layer_says_its_date_and_source():
    layer = maps.city_layer(ROW)
    assert (layer.id, layer.title) == ("kota-pos_pantau", "Pos pantau")
    assert layer.note == "Data per 30 Juni 2024 · sumber: Dinas Contoh"
    bare = maps.city_layer(ROW | {"dated": None, "source": None})
    assert bare.note == "Tanpa tanggal · sumber: tidak disebutkan"


def test_many_points_are_clustered_and_lines_are_not():
    assert maps.city_layer(ROW | {"features": 5000}).cluster
    assert not maps.city_layer(ROW | {"features": 5000, "points": False}).cluster


def test_its_features_tell_what_the_file_told_without_what_is_technical(client):
    drawn = client.get("/geo/kota-perhentian.geojson").json
    assert drawn["layer"]["count"] == 2
    first, second = (feature["properties"] for feature in drawn["features"])
    assert first["name"] == "Halte Contoh"
    assert first["told"] == [["Koridor", "2"]]
    assert second["told"] == []


@pytest.mark.parametrize("page", ["/", "/cctv", "/petugas", "/banjir"])
def test_it_is_on_every_map(client, page, served):
    server, _ = served
    with server.test_request_context(page):
        layout = next(p for p in dash.page_registry.values() if p["path"] == page)["layout"]
        text = str(layout())
    assert "kota-perhentian" in text
    assert "Data per 30 Juni 2024" in text


def test_it_is_counted_with_the_others_and_open_to_the_public(client):
    client.set_cookie("peran", "publik")
    assert client.get("/geo/lapisan.json").json["kota-perhentian"]["count"] == 2
    assert client.get("/geo/kota-perhentian.geojson").status_code == 200


@pytest.mark.parametrize("name", ["kota-", "kota-x", "kota-../../etc", "kota-%00"])
def test_a_layer_that_nobody_loaded_is_not_there(client, name):
    assert client.get(f"/geo/{name}.geojson").status_code == 404


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
def test_the_citys_own_layers_are_drawn_whole(served, client):
    _, lake = served
    for path in sorted(SAMPLES.glob("*.geojson")):
        found = read_layer(path.read_bytes(), path.name)
        load(lake, path.read_bytes(), path.name)
        drawn = client.get(f"/geo/kota-{found.name}.geojson").json
        assert drawn["layer"]["count"] == len(found.rows) > 40
        assert drawn["layer"]["unplaced"] == 0
        assert all(feature["properties"]["name"] for feature in drawn["features"])
