"""Complaints through the program: list, map, views, downloads, and the page of one."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image

from dashboards.complaint_search import FILTERS, read
from data.asof import AsOf
from tests import lakes
from tests.complaint_lakes import DAY, HOUR, LURAH, MINUTE, ROADS, SUDIN_ROADS, report, roll_up

LIST, COUNT = "/panel/pengaduan-daftar", "/panel/pengaduan-jumlah"
CHANNELS = "/panel/pengaduan-kanal"
HEAD, HISTORY = "/panel/laporan-kepala", "/panel/laporan-riwayat"
NOW = lakes.NOW


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Complaints of two weeks, well kept and badly kept ones."""
    home = tmp_path_factory.mktemp("pengaduan")
    lake = lakes.empty_lake(home)
    with lake.write() as cursor:
        lakes.declare_feeds(cursor)
        lakes.add_runs(cursor)
        for number in range(60):
            report(
                cursor,
                f"JK26031100{number:02}",
                NOW - DAY - number * MINUTE,
                lat=-6.1 - number / 500,
            )
        report(cursor, "JK2603110100", NOW - 2 * HOUR, text_redacted="=1+1 banjir setinggi lutut")
        report(cursor, "JK2603110101", NOW - HOUR, channel="Twitter")
        report(
            cursor,
            "JK2603010001",
            NOW - 10 * DAY,
            [
                (2, "Koordinasi", ROADS),
                (3, "Disposisi", SUDIN_ROADS),
                (20, "EWS", SUDIN_ROADS),
                (90, "Selesai", SUDIN_ROADS),
                (4, "Proses", LURAH, 6000),
            ],
        )
        report(cursor, "JK1701010001", NOW - 3400 * DAY)
        wrong = {"resolved_at": NOW - 7 * DAY}
        report(cursor, "JK2603050001", NOW - 6 * DAY, [(5, "Selesai", LURAH)], **wrong)
        report(cursor, "JK2603060001", NOW - 6 * DAY, lon=None, lat=None, kelurahan_code=None)
        cursor.execute("delete from complaint_log where complaint_id = 'JK2603060001'")
        roll_up(cursor)
    lake.close()
    return home


@pytest.fixture(scope="module")
def module_server(make, home):
    return make(home)


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    return module_server.test_client()


def ask(client, url, role="operator", **query):
    client.set_cookie("peran", role)
    return client.get(url, query_string=query)


def text(client, url, **query):
    answer = ask(client, url, **query)
    assert answer.status_code == 200
    return answer.text


def numbers(page):
    return [part.split("<")[0] for part in page.split("<code>")[1:]]


def test_the_public_sees_no_complaint(client):
    for url in (LIST, COUNT, HEAD, "/geo/complaints-found.geojson", "/pengaduan/unduh.csv"):
        assert ask(client, url, "publik").status_code == 403
    assert ask(client, "/pengaduan", "publik").status_code == 403
    assert ask(client, "/pengaduan/JK2603110100", "publik").status_code == 403
    photo = ask(client, "/pengaduan/JK2603110100/foto/sesudah.jpg", "publik")
    assert photo.status_code == 403


def test_both_pages_are_pages(client):
    assert ask(client, "/pengaduan").status_code == 200
    assert ask(client, "/pengaduan/JK2603110100").status_code == 200


def test_nothing_of_the_reporter_is_in_any_answer(client):
    urls = [LIST, HEAD, HISTORY, "/panel/laporan-sekitar", "/geo/complaint-one.geojson"]
    urls += ["/geo/complaints-found.geojson", "/pengaduan/unduh.csv"]
    for url in urls:
        assert "rahasia" not in text(client, url, nomor="JK2603110100")


def test_pages_follow_each_other_without_gap_or_repetition(client):
    found, start = [], {}
    while start is not None:
        page = text(client, LIST, dari="2026-03-11", **start)
        found += numbers(page)
        cursor = page.split('data-value="')[1].split('"')[0]
        start = {"mulai": cursor} if cursor else None
    assert len(found) == len(set(found)) == 62 - 1
    assert found[:2] == ["JK2603110100", "JK2603110000"]


def test_a_joined_report_is_unfolded_under_its_first(client):
    page = text(client, LIST)
    first = page.index("JK2603110100")
    assert page.index("2 laporan") > first
    assert page.index("JK2603110101") > first


@pytest.mark.parametrize(
    "query",
    [
        {"status": "Buka"},
        {"kategori": "Apa saja"},
        {"kanal": "Merpati pos"},
        {"pd": "DINAS AJAIB"},
        {"dari": "kemarin"},
        {"dari": "2026-03-10", "sampai": "2026-03-01"},
        {"dari": "2031-01-01"},
        {"tempo": "-1"},
        {"tempo": "99999999999999999999"},
        {"q": "ab"},
        {"mulai": "apa~ini"},
    ],
)
def test_a_filter_that_makes_no_sense_is_told_and_finds_nothing(client, query):
    page = text(client, LIST, **query)
    assert "Saringan ini tidak dapat dijawab" in page
    assert "<code>" not in page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days_like_others(client, day):
    assert "Saringan" not in text(client, LIST, sampai=day)
    assert "Saringan" not in text(client, CHANNELS, sampai=day)


def test_a_filter_that_matches_nothing_says_so(client):
    page = text(client, LIST, dari="2026-03-11", status="Ditolak")
    assert "Tidak ada laporan yang cocok" in page
    assert "Hapus semua saringan" in page


def test_a_number_leads_to_its_complaint_and_an_unknown_one_is_told(client):
    assert numbers(text(client, LIST, q=" jk2603010001 ")) == ["JK2603010001"]
    assert "Tidak ada laporan bernomor JK9999999999" in text(client, LIST, q="JK9999999999")


def test_words_are_looked_for_in_the_text(client):
    assert numbers(text(client, LIST, q="Banjir lutut")) == ["JK2603110100"]


def test_the_moment_is_that_of_the_replay(client):
    then = {"pada": "2026-03-05T05:00"}
    assert numbers(text(client, LIST, **then)) == ["JK2603010001"]
    assert "JK2603110100" not in text(client, LIST, **then)
    assert "Tidak ada laporan bernomor" in text(client, HEAD, nomor="JK2603110100", **then)


def test_the_counts_are_those_of_the_search(client):
    page = text(client, COUNT, dari="2026-03-11")
    assert "<strong>62</strong> laporan" in page


def test_channels_are_compared_over_a_period_that_is_named(client):
    usual = text(client, CHANNELS)
    assert "Laporan masuk 12 Desember 2025 – 11 Maret 2026." in usual
    chosen = text(client, CHANNELS, dari="2026-03-01", sampai="2026-03-05")
    assert "Laporan masuk 1 Maret 2026 – 5 Maret 2026." in chosen
    none = text(client, CHANNELS, dari="2020-01-01", sampai="2020-01-31")
    assert "1 Januari 2020 – 31 Januari 2020" in none
    assert "Tidak ada laporan" in none
    assert "sesudah pukul 24.00" in text(client, CHANNELS, dari="2026-03-12")
    assert "tidak dapat dijawab" in text(client, CHANNELS, kanal="Merpati pos")


def test_the_map_shows_what_the_list_finds(client):
    found = ask(client, "/geo/complaints-found.geojson", q="banjir lutut").get_json()
    assert [one["properties"]["id"] for one in found["features"]] == ["JK2603110100"]


def test_a_download_holds_all_rows_and_no_formula(client):
    lines = text(client, "/pengaduan/unduh.csv", dari="2026-03-11").splitlines()
    assert sum(line.startswith("JK") for line in lines) == 62
    assert lines[0].lstrip("\ufeff") == "# Asal data: DATA SIMULASI"
    assert not any(line.startswith(("=", "+", "-", "@")) for line in lines)
    book = ask(client, "/pengaduan/unduh.xlsx", dari="2026-03-11")
    assert book.status_code == 200
    assert book.data[:2] == b"PK"
    assert ask(client, "/pengaduan/unduh.pdf").status_code == 404
    assert ask(client, "/pengaduan/unduh.csv", status="Buka").status_code == 422


def post(client, url, body, role="lurah"):
    client.set_cookie("peran", role)
    return client.post(url, json=body)


def test_a_view_is_saved_for_the_role_and_removed_again(client, module_server):
    views = "/pengaduan/tampilan"
    kept = {"nama": "Punya saya", "saringan": {"status": "terbuka"}}
    assert post(client, views, kept).status_code == 200
    assert post(client, views, kept | {"saringan": {}}).status_code == 422
    assert post(client, views, {"nama": "x", "saringan": "y"}).status_code == 422
    assert post(client, views, kept, "publik").status_code == 403
    assert post(client, f"{views}/hapus", {"id": 1}, "camat").status_code == 422
    assert post(client, f"{views}/hapus", {"id": 1}).status_code == 200


def test_a_complaint_tells_its_rule_its_deadline_and_its_extension(client):
    page = text(client, HEAD, nomor="JK2603010001")
    assert "Selesai dalam 6\N{NO-BREAK SPACE}hari, koordinasi dalam 6\N{NO-BREAK SPACE}jam" in page
    assert "berlaku sejak 28 Mei 2025" in page
    assert "Estimasi Waktu Selesai dinyatakan" in page
    assert "tanggal barunya tidak tercatat" in page
    assert "Tanpa perpanjangan: tepat waktu" in page


def test_the_history_tells_who_had_it_for_how_long(client):
    page = text(client, HISTORY, nomor="JK2603010001")
    assert "<strong>2</strong> unit" in page
    assert "2 jam dari 6 jam · tepat waktu · diserahkan" in page
    assert "3 hari dari 6 hari · tepat waktu · selesai" in page
    assert "Tidak dihitung" in page


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("JK0000000000", "Tidak ada laporan bernomor JK0000000000"),
        ("<script>", "Tidak ada laporan bernomor &lt;script&gt;"),
        ("x" * 500, "Tidak ada laporan bernomor"),
        ("", "Tidak ada laporan bernomor"),
        ("JK1701010001", "tidak dapat dinilai"),
        ("JK2603050001", "waktu pada data tidak urut"),
        ("JK2603060001", "di luar wilayah"),
    ],
)
def test_bad_complaints_get_a_clear_page_and_no_wrong_number(client, number, words):
    page = text(client, HEAD, nomor=number)
    assert words in page
    for panel in ("laporan-riwayat", "laporan-foto", "laporan-sekitar"):
        assert ask(client, f"/panel/{panel}", nomor=number).status_code == 200
    assert ask(client, "/geo/complaint-one.geojson", nomor=number).status_code == 200


def test_a_complaint_without_a_log_or_a_point_says_what_is_missing(client):
    number = {"nomor": "JK2603060001"}
    assert "tidak menyertakan riwayat status" in text(client, HISTORY, **number)
    assert "Tempatnya tidak diketahui" in text(client, "/panel/laporan-sekitar", **number)


def test_photos_are_shown_as_a_pair_where_both_are_here(client, module_server):
    number = "JK2603010001"
    pair = {"nomor": number}
    assert "sumber tidak menyertakannya" in text(client, "/panel/laporan-foto", **pair)
    body = io.BytesIO()
    Image.new("RGB", (8, 6)).save(body, "JPEG")
    photos = module_server.extensions["komando"].photos
    for which in ("sebelum", "sesudah"):
        photos.keep(number, which, body.getvalue(), NOW)
    next(iter(module_server.extensions["cache"])).clear()
    assert "pair-slide" in text(client, "/panel/laporan-foto", **pair)
    with ask(client, f"/pengaduan/{number}/foto/sesudah.jpg") as photo:
        assert photo.mimetype == "image/jpeg"
    assert ask(client, f"/pengaduan/{number}/foto/lain.jpg").status_code == 404
    then = {"pada": (NOW - 5 * DAY).isoformat()}
    assert "pair-slide" not in text(client, "/panel/laporan-foto", **pair, **then)


def test_the_address_is_read_as_it_is_written():
    asked = read({"dari": "hari-ini", "tempo": "24", "urut": "terlama"}, "31.71", AsOf.now(NOW))
    assert (str(asked.search.since), asked.search.due_within) == ("2026-03-12", timedelta(days=1))
    assert (asked.search.oldest_first, asked.search.area, asked.problems) == (True, "31.71", ())
    assert set(FILTERS) >= {"dari", "tempo", "urut"}
