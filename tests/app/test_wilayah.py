"""The page /wilayah through the program: every level and role, now and then, and wrong names."""

from __future__ import annotations

import pytest

PANELS = [
    "wilayah-kerja",
    "wilayah-bantuan",
    "wilayah-kini",
    "wilayah-catatan",
    "wilayah-bulan",
    "wilayah-kategori",
    "wilayah-sebelah",
]
GAMBIR, KECAMATAN, KOTA = "31.71.01.1001", "31.71.01", "31.71"


def be(client, role):
    client.set_cookie("peran", role)
    return client


@pytest.mark.parametrize(
    "search",
    [
        f"?wilayah={GAMBIR}",
        f"?wilayah={KECAMATAN}",
        f"?wilayah={KOTA}&saring=terlambat&daftar=lain",
        f"?wilayah={GAMBIR}&saring=%3Cscript%3E&daftar=a&daftar=b",
        f"?wilayah={GAMBIR}&pada=2026-03-12T03:09&seperti=saat-itu",
        f"?wilayah={GAMBIR}&pada=2026-03-12T03:09&seperti=sekarang",
        "",
        "?wilayah=xx&pada=besok",
        "?wilayah=31.99.99",
    ],
)
def test_every_panel_is_drawn(client, search):
    for panel in PANELS:
        answer = client.get(f"/panel/{panel}{search}")
        assert answer.status_code == 200, panel
        assert "gagal" not in answer.text, panel
        assert "<script>" not in answer.text


def test_every_panel_is_drawn_on_an_empty_lake(empty_client):
    for panel in PANELS:
        answer = empty_client.get(f"/panel/{panel}?wilayah={GAMBIR}")
        assert answer.status_code == 200, panel
        assert "gagal" not in answer.text, panel
        assert "0,0 %" not in answer.text, panel


def test_a_past_without_data_has_no_work_and_no_zeros(client):
    for panel in ("wilayah-kerja", "wilayah-bantuan"):
        answer = client.get(f"/panel/{panel}?wilayah={GAMBIR}&pada=1990-01-01")
        assert "Belum ada data untuk saat itu" in answer.text, panel


@pytest.mark.parametrize(
    "path",
    ["/wilayah", f"/wilayah/{GAMBIR}", f"/wilayah?wilayah={KOTA}", "/wilayah/x", "/wilayah/31.99"],
)
def test_every_address_is_a_page(client, path):
    assert client.get(path).status_code == 200
    assert client.get(f"{path}{'&' if '?' in path else '?'}utm=1&utm=2").status_code == 200


def test_the_public_has_no_part_in_it(client):
    be(client, "publik")
    assert client.get(f"/wilayah/{GAMBIR}").status_code == 403
    for panel in PANELS:
        assert client.get(f"/panel/{panel}?wilayah={GAMBIR}").status_code == 403, panel
    assert client.get("/geo/spots.geojson").status_code == 403


def test_a_work_list_is_of_the_own_territory(client):
    be(client, "lurah")
    allowed = {GAMBIR: 200, "31.71.01.1002": 403, KECAMATAN: 403, KOTA: 403}
    for area, status in allowed.items():
        for panel in ("wilayah-kerja", "wilayah-bantuan"):
            assert client.get(f"/panel/{panel}?wilayah={area}").status_code == status, area
        export = client.get(f"/panel/wilayah-kerja/data.csv?wilayah={area}")
        assert export.status_code == status, area
        assert client.get(f"/panel/wilayah-catatan?wilayah={area}").status_code == 200
    be(client, "camat")
    assert client.get(f"/panel/wilayah-kerja?wilayah={KECAMATAN}").status_code == 200


def test_nothing_that_leaves_tells_who_reported(client):
    for panel in PANELS:
        for path in (f"/panel/{panel}", f"/panel/{panel}/data.csv"):
            answer = client.get(f"{path}?wilayah={GAMBIR}")
            assert "reporter_key" not in answer.text, path
            assert "text_redacted" not in answer.text, path


def test_every_panel_explains_itself(client):
    for panel in PANELS:
        assert ".sql" in client.get(f"/panel/{panel}/cara?wilayah={GAMBIR}").text


def test_the_public_sees_complaints_only_near_where_they_are(client):
    be(client, "publik")
    assert client.get("/geo/complaints.geojson").status_code == 403
    seen = client.get("/geo/complaints-public.geojson").json["features"]
    for feature in seen:
        assert (
            set(feature["properties"]) & {"in", "due"} == set() or not feature["properties"]["in"]
        )
        assert feature["properties"]["id"].startswith("p")
        assert feature["geometry"]["coordinates"] != [106.82, -6.18]
    be(client, "operator")
    assert client.get("/geo/complaints-public.geojson").status_code == 403


@pytest.mark.parametrize("area", ["31", KOTA, KECAMATAN, GAMBIR])
def test_the_citizens_page_counts_complaints_and_tells_none(client, area):
    be(client, "publik")
    page = client.get(f"/publik?wilayah={area}").text
    assert "Pengaduan warga" in page
    assert "Kinerja perangkat daerah" in page
    for told in ("complaint_id", "address_public", "text_redacted", "photo_", "reporter"):
        assert told not in page, told
        assert told not in client.get(f"/panel/publik-pengaduan/data.csv?wilayah={area}").text
