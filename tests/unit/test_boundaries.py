import json
from pathlib import Path

import pytest
import shapely

from etl.boundaries import read_boundaries
from etl.errors import Malformed, Misconfigured

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared/history/boundaries"
SAMPLE = (ROOT / "tests/samples/boundaries.geojson").read_bytes()
real_files = pytest.mark.skipif(not SHARED.exists(), reason="the shared history is not here")


def box(west=106.80, south=-6.20, width=0.01):
    return json.loads(shapely.to_geojson(shapely.box(west, south, west + width, south + width)))


def collection(*features, **members):
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | members).encode()


def feature(geometry=None, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry or box()}


def test_our_sample_has_two_kelurahan_one_in_two_pieces_and_one_that_is_unknown():
    found = read_boundaries(SAMPLE, None, "sample")
    assert found.level == "kelurahan"
    assert [(s.code, s.name, s.parent_code) for s in found.shapes] == [
        ("31.71.01.1001", "Gambir", "31.71.01"),
        ("31.71.01.1002", "Cideng", "31.71.01"),
    ]
    assert [json.loads(s.geometry)["type"] for s in found.shapes] == ["Polygon", "MultiPolygon"]
    assert {(s.level, s.approximate, s.source) for s in found.shapes} == {
        ("kelurahan", False, "sample")
    }
    assert [(r.field, r.reason) for r in found.rejects] == [("KODE_DESA", "bukan kode kelurahan")]
    assert len(found.missing) == 265


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("kode", "31.71.01.1001", "31.71.01.1001"),
        ("KODE_KD", "3171011001", "31.71.01.1001"),
        ("id_desa", 3171011001, "31.71.01.1001"),
        ("id_desa", 3171011001.0, "31.71.01.1001"),
        ("bps", "3173080003", "31.71.01.1001"),
        ("kec", "31.71.01", "31.71.01"),
        ("kec", "317101", "31.71.01"),
        ("kab", "31.71", "31.71"),
        ("kab", 31.71, "31.71"),
    ],
)
def test_the_code_is_found_under_any_name_and_spelling(name, value, code):
    [shape] = read_boundaries(collection(feature(nama="x", **{name: value})), None, "t").shapes
    assert shape.code == code


def test_a_kota_code_without_its_dot_could_be_either_of_two_and_is_not_taken():
    with pytest.raises(Malformed, match=r"kode kota \(misalnya 31\.01\)"):
        read_boundaries(collection(feature(kode="3171")), "kota", "t")


def test_a_kelurahan_file_gives_kecamatan_when_they_are_asked_for():
    body = collection(
        feature(box(106.80), kel="31.71.01.1001", kec="31.71.01"),
        feature(box(106.81), kel="31.71.01.1002", kec="31.71.01"),
    )
    [shape] = read_boundaries(body, "kecamatan", "t").shapes
    assert (shape.code, json.loads(shape.geometry)["type"]) == ("31.71.01", "Polygon")


@pytest.mark.parametrize("number", ["RW 04", "rw4", "04", 4, "RW.04", "004"])
def test_an_rw_is_its_kelurahan_and_its_number(number):
    body = collection(feature(kode="31.71.01.1001", RW=number))
    found = read_boundaries(body, None, "t")
    [shape] = found.shapes
    assert found.level == "rw"
    assert (shape.code, shape.name, shape.parent_code) == (
        "31.71.01.1001.004",
        "RW 04",
        "31.71.01.1001",
    )


@pytest.mark.parametrize("number", [None, "", "RW", "RW 00", "RW 1000", "timur"])
def test_an_rw_without_a_number_is_left_out_by_name(number):
    body = collection(
        feature(kode="31.71.01.1001", rw="RW 01"), feature(kode="31.71.01.1002", rw=number)
    )
    found = read_boundaries(body, "rw", "t")
    assert [shape.code for shape in found.shapes] == ["31.71.01.1001.001"]
    assert [reject.field for reject in found.rejects] == ["rw"]


def test_broken_rings_are_mended_and_what_is_no_area_is_left_out():
    bow = {
        "type": "Polygon",
        "coordinates": [
            [[106.8, -6.2], [106.82, -6.18], [106.82, -6.2], [106.8, -6.18], [106.8, -6.2]]
        ],
    }
    lines = {"type": "LineString", "coordinates": [[106.8, -6.2], [106.82, -6.18]]}
    body = collection(
        feature(bow, kode="31.71.01.1001"),
        feature(lines, kode="31.71.01.1002"),
        feature({"type": "Polygon", "coordinates": []}, kode="31.71.01.1003"),
        feature({"type": "Polygon", "coordinates": "x"}, kode="31.71.01.1004"),
        {"type": "Feature", "properties": {"kode": "31.71.01.1005"}, "geometry": None},
        "feature",
    )
    found = read_boundaries(body, None, "t")
    [shape] = found.shapes
    outline = shapely.from_geojson(shape.geometry)
    assert outline.is_valid
    assert outline.area == pytest.approx(0.0002, rel=0.01)
    assert len(found.rejects) == 5


def test_height_is_dropped_and_a_collection_keeps_its_surfaces():
    surface = box()
    surface["coordinates"] = [[[*point, 7.5] for point in surface["coordinates"][0]]]
    mixed = {
        "type": "GeometryCollection",
        "geometries": [surface, {"type": "Point", "coordinates": [106.8, -6.2]}],
    }
    [shape] = read_boundaries(collection(feature(mixed, kode="31.71.01.1001")), None, "t").shapes
    assert json.loads(shape.geometry)["type"] == "Polygon"
    assert not shapely.from_geojson(shape.geometry).has_z


def test_neighbours_keep_one_common_line_when_it_is_thinned_out():
    crooked = [[106.81, -6.20 + step * 1e-5] for step in range(1001)]
    west = [[106.80, -6.19], [106.80, -6.20], *crooked, [106.80, -6.19]]
    east = [[106.82, -6.20], [106.82, -6.19], *crooked[::-1], [106.82, -6.20]]
    body = collection(
        feature({"type": "Polygon", "coordinates": [west]}, kode="31.71.01.1001"),
        feature({"type": "Polygon", "coordinates": [east]}, kode="31.71.01.1002"),
    )
    one, two = (shapely.from_geojson(s.geometry) for s in read_boundaries(body, None, "t").shapes)
    assert shapely.get_num_coordinates(one) < 20
    assert one.intersection(two).area == 0
    assert one.union(two).area == pytest.approx(0.0002)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "kosong"),
        (b"<html></html>", "HTML"),
        (b'{"type": "Feature"}', "FeatureCollection"),
        (collection(), "tidak berisi fitur"),
        (collection(feature(nama="Gambir")), "kode kelurahan .* berkas ini: nama"),
        (
            collection(
                feature(kode="31.71"),
                crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32748"}},
            ),
            "WGS 84 .*32748",
        ),
        (collection(feature(box(700_000, 9_310_000, 500), kode="31.71")), "di luar wilayah"),
        (collection(feature(box(-6.2, 106.8), kode="31.71")), "di luar wilayah"),
        (b"[" * 100_000, "terlalu dalam"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(body, message):
    with pytest.raises(Malformed, match=message):
        read_boundaries(body, None, "t")


def test_a_level_that_is_none_is_refused():
    with pytest.raises(Misconfigured, match="kota, kecamatan, kelurahan, rw"):
        read_boundaries(SAMPLE, "provinsi", "t")


def test_a_count_of_rw_is_no_number_of_one():
    body = collection(feature(kode="31.71.01.1001", jumlah_rw=12))
    assert read_boundaries(body, None, "t").level == "kelurahan"


def test_an_rw_file_without_numbers_says_so():
    with pytest.raises(Malformed, match="properti rw"):
        read_boundaries(collection(feature(kode="31.71.01.1001")), "rw", "t")


@real_files
@pytest.mark.parametrize(
    ("name", "level", "count"),
    [
        ("jakarta_kelurahan_267", "kelurahan", 267),
        ("jakarta_kecamatan_44", "kecamatan", 44),
        ("jakarta_kota_6", "kota", 6),
    ],
)
def test_the_real_files_are_read_whole(name, level, count):
    found = read_boundaries((SHARED / f"{name}.geojson").read_bytes(), None, name)
    assert (found.level, len(found.shapes)) == (level, count)
    assert found.rejects == []
    assert found.missing == []
    assert shapely.is_valid(shapely.from_geojson([s.geometry for s in found.shapes])).all()


@real_files
def test_the_real_rw_file_has_two_features_without_a_code_and_none_of_the_islands():
    body = (SHARED / "jakarta_rw_2724_osm_bpbd2012.geojson").read_bytes()
    found = read_boundaries(body, None, "rw")
    assert (found.level, len(found.shapes), len(found.rejects)) == ("rw", 2682, 2)
    assert found.missing == [
        *("31.01.01.1001", "31.01.01.1002", "31.01.01.1003"),
        *("31.01.02.1001", "31.01.02.1002", "31.01.02.1003"),
    ]
    assert sum(len(shape.geometry) for shape in found.shapes) < len(body) / 2
