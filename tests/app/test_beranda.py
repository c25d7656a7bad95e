"""Beranda and its map through the program: pages, panels, layers, roles and empty lakes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dashboards import beranda
from dashboards.access import DEMO_ROLE
from dashboards.layers import ALL_LAYERS
from dashboards.markup import html_text
from data.asof import AsOf
from data.store import Store
from tests import lakes

NUMBERS = [
    "beranda-siaga",
    "beranda-genangan",
    "beranda-pompa",
    "beranda-hari-ini",
    "beranda-tunggakan",
    "beranda-lalu-lintas",
    "beranda-udara",
    "beranda-bmkg",
    "beranda-kamera",
    "beranda-petugas",
    "beranda-terbaru",
]
# What the role sees that nobody chose.
SEEN = [known for known in ALL_LAYERS if DEMO_ROLE in known.roles]


def layer(client, name, **query):
    return client.get(f"/geo/{name}.geojson", query_string=query)


@pytest.mark.parametrize("search", ["", "?wilayah=31.71.01", "?wilayah=31.75"])
def test_every_number_is_drawn(client, search):
    for panel in NUMBERS:
        answer = client.get(f"/panel/{panel}{search}")
        assert answer.status_code == 200, panel
        assert "gagal" not in answer.text


def test_every_number_is_drawn_on_an_empty_lake(empty_client):
    assert empty_client.get("/").status_code == 200
    for panel in NUMBERS:
        answer = empty_client.get(f"/panel/{panel}")
        assert answer.status_code == 200, panel
    assert "Belum ada data tinggi muka air" in empty_client.get("/panel/beranda-siaga").text
    for known in SEEN:
        drawn = layer(empty_client, known.id).json
        assert all("t" not in feature["properties"] for feature in drawn["features"])


def test_a_past_without_data_shows_no_zeros(client):
    for panel in NUMBERS:
        answer = client.get(f"/panel/{panel}?pada=1990-01-01")
        assert answer.status_code == 200
        assert "note-empty" in answer.text or "hidup dari" in answer.text, panel
        assert 'class="value">0<' not in answer.text, panel
    assert client.get("/panel/beranda-hari-ini/data.csv?pada=1990-01-01").data == "\ufeff".encode()


def test_a_past_with_data_shows_them(client):
    for panel in NUMBERS:
        answer = client.get(f"/panel/{panel}?pada=2026-03-12T03:09")
        assert "Belum ada data untuk saat itu" not in answer.text, panel


def test_cameras_to_embed_are_told_apart_from_cameras_to_probe():
    row = {"total": 2_909, "proxied": 209, "probed": 200, "live": 190, "lost": 10}
    told = html_text(beranda.cameras(row))
    assert "hidup dari 209 kamera" in told
    assert "10 terputus, beku atau gelap · 9 belum diketahui · 2.700 hanya sematan" in told
    unprobed = html_text(beranda.cameras(row | {"probed": 0, "live": 0, "lost": 0}))
    assert 'class="value">–<' in unprobed
    embedded = {"total": 5, "proxied": 0, "probed": 0, "live": 0, "lost": 0}
    assert "kamera terdaftar" in html_text(beranda.cameras(embedded))


def test_an_area_without_gates_says_so():
    assert "Tidak ada pintu air di wilayah ini" in html_text(beranda.gates([]))


def test_every_number_explains_itself_and_can_be_taken_away(client):
    for panel in NUMBERS:
        assert ".sql" in client.get(f"/panel/{panel}/cara").text
        export = client.get(f"/panel/{panel}/data.csv")
        assert export.status_code == 200
        assert "-simulasi-" in export.headers["Content-Disposition"] or panel in (
            "beranda-bmkg",
            "beranda-kamera",
            "beranda-petugas",
        )


def test_every_layer_is_served_with_its_count_and_origin(client):
    heads = client.get("/geo/lapisan.json").json
    assert set(heads) == {known.id for known in SEEN}
    for known in SEEN:
        drawn = layer(client, known.id).json
        assert drawn["type"] == "FeatureCollection"
        assert drawn["layer"] == heads[known.id]
        assert drawn["layer"]["count"] == len(drawn["features"])
        marks = {mark.key for mark in known.marks}
        assert {feature["properties"]["mark"] for feature in drawn["features"]} <= marks


def test_a_layer_that_did_not_change_is_not_sent_again(client):
    first = layer(client, "gates")
    again = client.get("/geo/gates.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = layer(client, "gates", wilayah="31.75")
    assert other.headers["ETag"] != first.headers["ETag"]


def test_a_layer_of_a_past_moment_says_what_now_is(client):
    drawn = layer(client, "gates", pada="2026-03-12T01:00", seperti="saat-itu").json
    assert drawn["layer"]["moment"] == 1773252000
    assert all("t" not in feature["properties"] for feature in drawn["features"])


@pytest.mark.parametrize("role", ["publik", "lurah", "camat", "inspektur"])
def test_positions_of_officers_are_for_staff_only(client, role):
    client.set_cookie("peran", role)
    assert layer(client, "officers").status_code == 403
    assert client.get("/panel/beranda-petugas").status_code == 403
    assert "officers" not in client.get("/geo/lapisan.json").json
    assert layer(client, "gates").status_code == 200


@pytest.mark.parametrize("role", ["operator", "pimpinan", "admin"])
def test_staff_see_officers(client, role):
    client.set_cookie("peran", role)
    assert layer(client, "officers").status_code == 200


def test_an_unknown_layer_is_not_there(client):
    assert layer(client, "rahasia").status_code == 404


def test_outlines_and_rivers_are_served(client):
    outlines = client.get("/geo/batas.geojson").json
    assert [feature["properties"]["level"] for feature in outlines["features"]] == [
        "kecamatan",
        "kelurahan",
        "kota",
    ]
    assert client.get("/geo/sungai.geojson").json["features"]


def test_a_place_comes_with_the_area_that_it_lies_in(client):
    found = client.get("/geo/cari.json", query_string={"q": "monas"}).json
    assert isinstance(found, list)
    [gambir, *_] = client.get("/geo/cari.json", query_string={"q": "gambir"}).json
    assert (gambir["kind"], gambir["area"]) == ("kelurahan", "31.71.01.1001")
    assert client.get("/geo/cari.json").json == []


def test_one_broken_number_leaves_its_neighbours_alone(make, lake_folder, monkeypatch):
    def broken(_rows):
        raise ValueError("a broken number")

    monkeypatch.setattr(beranda, "pumps", broken)
    client = make(lake_folder).test_client()
    answer = client.get("/panel/beranda-pompa")
    assert answer.status_code == 500
    assert "Kode kesalahan" in answer.text
    assert client.get("/panel/beranda-siaga").status_code == 200


def test_real_and_simulated_rows_never_share_a_number():
    rows = [{"simulated": True}, {"simulated": False}, {"simulated": None}]
    assert beranda.one_origin(rows) == [{"simulated": False}, {"simulated": None}]
    assert beranda.one_origin(rows[:1]) == rows[:1]


def test_mean_speed_is_that_of_the_whole_way():
    rows = [{"length_m": 1000.0, "speed_kmh": 10.0}, {"length_m": 1000.0, "speed_kmh": 30.0}]
    assert beranda.mean_speed(rows) == pytest.approx(15.0)
    assert beranda.mean_speed([{"length_m": 5.0, "speed_kmh": None}]) is None


def test_each_kind_of_change_is_told_in_a_sentence():
    row = {
        "id": "x",
        "event_time": lakes.NOW,
        "earlier": "4",
        "later": "3",
        "amount": 772.0,
        "name": "P.A. Manggarai",
        "place": None,
        "kelurahan_code": None,
    }
    gambir = {"place": "Gambir", "kelurahan_code": "31.71.01.1001"}
    told = [
        row | {"kind": "gate"},
        row | gambir | {"kind": "inundation", "name": "RW 09", "later": "flooded", "amount": 70.0},
        row | {"kind": "warning", "name": "Hujan lebat", "amount": None},
        row | gambir | {"kind": "alert", "name": "Jl. Merdeka", "later": "ACCIDENT"},
        row | gambir | {"kind": "camera", "name": None, "amount": 12.0},
        row | gambir | {"kind": "burst", "later": "Sampah", "amount": 7.0},
    ]
    assert set(beranda.SENTENCES) == {row["kind"] for row in told}
    drawn = beranda.newest(told, AsOf.now(lakes.NOW))
    text = json.dumps(drawn.to_plotly_json(), default=lambda o: o.to_plotly_json())
    spoken = json.loads(text)
    assert len(spoken["props"]["children"]) == len(told)
    for part in ("naik ke Siaga 3", "tergenang, hingga 70", "Lonjakan pengaduan", "12 kamera"):
        assert part in json.dumps(spoken, ensure_ascii=False)


def test_a_camera_that_a_popup_shows_is_probed_more_often(client, server, lake_folder, hands):
    lake = server.extensions["komando"].lake
    camera = lake.value("select camera_id from cameras limit 1")
    assert client.get("/kamera/tidak-ada/dilihat").status_code == 404
    assert client.get(f"/kamera/{camera}/dilihat").status_code == 204
    store = Store(lakes.settings(lake_folder).store_url)
    assert store.watched(hands.now) == {camera}
    assert store.watched(hands.now + timedelta(minutes=2)) == frozenset()
