import json
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.layers import read_layer

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/samples"
SHARED = ROOT.parent / "shared/samples/layers"


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def point(lon=106.8, lat=-6.2, **properties):
    geometry = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_a_geojson_layer_is_named_by_its_file_and_its_features_by_their_names():
    found = read_layer((SAMPLES / "layer.geojson").read_bytes(), "/tmp/Taman Kota.geojson")
    assert found.name == "taman_kota"
    assert found.rows == [
        {
            "layer": "taman_kota",
            "feature_id": "7",
            "name": "Taman Contoh",
            "geometry": '{"type":"Point","coordinates":[106.83,-6.2]}',
            "properties": '{"OBJECTID":7,"NAMOBJ":"Taman Contoh","luas_m2":1200.5}',
        },
        {
            "layer": "taman_kota",
            "feature_id": "8",
            "name": "Jalur Hijau",
            "geometry": '{"type":"LineString","coordinates":[[106.82,-6.19],[106.83,-6.19]]}',
            "properties": '{"OBJECTID":8,"NAMOBJ":"Jalur Hijau","luas_m2":null}',
        },
    ]
    assert [(reject.field, reject.reason) for reject in found.rejects] == [
        ("geometry", "fitur ke-3: di luar wilayah; seharusnya bujur dan lintang dalam derajat")
    ]


def test_a_csv_with_semicolons_and_decimal_commas_is_a_layer_of_points():
    found = read_layer((SAMPLES / "layer.csv").read_bytes(), "posko.csv")
    assert [(row["feature_id"], row["name"]) for row in found.rows] == [
        ("P1", "Posko Satu"),
        ("P2", "Posko Dua"),
    ]
    assert json.loads(found.rows[0]["geometry"])["coordinates"] == [106.85, -6.21]
    assert json.loads(found.rows[0]["properties"]) == {"kode": "P1", "nama": "Posko Satu"}
    assert [(reject.field, reject.reason) for reject in found.rejects] == [
        ("bujur", "baris ke-3: bukan angka"),
        ("geometry", "baris ke-4: di luar wilayah; seharusnya bujur dan lintang dalam derajat"),
    ]


@pytest.mark.parametrize(
    "properties",
    [
        {"pemilik": "Nama Palsu"},
        {"NAMA_PENANGGUNG_JAWAB": "Nama Palsu"},
        {"Kepala": "Nama Palsu"},
        {"NIK": 3171000000000001},
        {"no_hp": "x"},
        {"E-mail": "x"},
        {"Kontak": "x"},
        {"catatan": "hubungi 0812 3456 7890"},
        {"catatan": "hubungi +62 812-3456-7890"},
        {"catatan": "nama.palsu@example.org"},
        {"catatan": "KTP 3171000000000001"},
    ],
)
def test_what_leads_to_a_person_is_left_out(properties):
    [row] = read_layer(collection(point(nama="Posko", **properties)), "a.geojson").rows
    assert json.loads(row["properties"]) == {"nama": "Posko"}


@pytest.mark.parametrize(
    "properties",
    [
        {"teknik": "beton"},
        {"klinik": "ya"},
        {"jumlah_kepala_keluarga": 120},
        {"telapak": 3},
        {"luas": 1234567890.0123456},
        {"tanggal": "2008-08-12 10:00:00"},
        {"kode": "GI01080080"},
    ],
)
def test_what_only_looks_alike_stays(properties):
    [row] = read_layer(collection(point(**properties)), "a.geojson").rows
    assert json.loads(row["properties"]) == properties


def test_a_refused_feature_is_told_by_number_not_by_what_it_says():
    found = read_layer(collection(point(), point(lon=0, nama="Nama Palsu")), "a.geojson")
    [reject] = found.rejects
    assert reject.reason.startswith("fitur ke-2")
    assert "Palsu" not in reject.raw


def test_features_without_ids_of_their_own_are_numbered():
    found = read_layer(collection(point(id=1), point(id=1), point(id=None)), "a.geojson")
    assert [row["feature_id"] for row in found.rows] == ["1", "2", "3"]
    assert [row["name"] for row in found.rows] == [None] * 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "kosong"),
        (b"nama,alamat\nPosko,Jalan\n", "kolom lon dan lat; kolomnya nama"),
        (b"lon,lat\n", "tidak ada baris"),
        (b"PK\x03\x04\x00\x00zip", "seharusnya"),
        (b"<html><body>offline</body></html>", "seharusnya"),
        (b'{"type": "Topology"}', "FeatureCollection"),
        (b"[1, 2]", "FeatureCollection"),
        (collection(point(lon=701_000, lat=9_314_000)), "di luar wilayah"),
        (collection(point(lon=-6.2, lat=106.8)), "di luar wilayah"),
    ],
)
def test_a_file_that_is_no_layer_says_why(body, message):
    with pytest.raises(Malformed, match=message):
        read_layer(body, "a.geojson")


@pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("halte", 231, "HALTE CEMPAKA TENGAH"),
        ("puskesmas", 560, None),
        ("rumahsakit", 191, "RS Abdi Waluyo"),
        ("stasiunKA", 44, "STASIUN RAWA BUAYA"),
    ],
)
def test_the_real_layers_are_read_whole(name, count, first):
    found = read_layer((SHARED / f"{name}.geojson").read_bytes(), f"{name}.geojson")
    assert found.name == name.lower()
    assert len(found.rows) == len({row["feature_id"] for row in found.rows}) == count
    assert found.rejects == []
    assert all(row["name"] for row in found.rows)
    if first is not None:
        assert found.rows[0]["name"] == first
