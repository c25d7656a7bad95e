"""The ranking: what the page says of a board, its drawer, its files and its publications."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import dash
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from dashboards.access import EVERYONE
from data import board_sentences
from data.boards import Question
from data.publications import SCHEDULE, Publications
from tests import boards, lakes

BOARD = "/panel/ranking-board"
PUBLISHED = "/panel/ranking-published"
UNIT = "/peringkat/unit?tingkat=kelurahan&unit=31.71.01.1001"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ranked")
    boards.ranked_lake(home)
    return home


@pytest.fixture(scope="module")
def program(make: Callable[[Path], Flask], folder: Path) -> tuple[Flask, dict]:
    return make(folder), dict(dash.page_registry)


@pytest.fixture
def client(program: tuple[Flask, dict], hands: object) -> FlaskClient:
    server, pages = program
    dash.page_registry.clear()
    dash.page_registry.update(pages)
    next(iter(server.extensions["cache"])).clear()
    client = server.test_client()
    client.set_cookie("peran", "pimpinan")
    return client


def words_of(html: str) -> str:
    """Return what a reader reads of HTML."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def shown(client: FlaskClient, query: str = "", panel: str = BOARD) -> str:
    answer = client.get(f"{panel}?{query}")
    assert answer.status_code == 200
    return answer.text


def rows(html: str) -> list[str]:
    """Return the rows of units of a board, as text, in their order."""
    return [
        words_of(row) for row in re.findall(r"<tr[^>]*data-find.*?</tr>", html, flags=re.DOTALL)
    ]


def test_a_board_tells_its_moment_its_period_its_rule_and_n_before_its_units(client):
    text = words_of(shown(client))
    head = text[: text.index("Mengapa keduanya berbeda")]
    assert "Data per Rabu, 11 Maret 2026 pukul 24.00 WIB" in head
    assert "12 Maret 2025 – 11 Maret 2026" in head
    assert "Aturan sejak 28 Mei 2025: selesai ≤\xa06\xa0hari".replace("\xa0", " ") in head
    assert "398 laporan dan 398 penanganan jatuh tempo; 30 dan 30 di antaranya di Kep" in head
    assert "DATA SIMULASI" in head


def test_units_come_by_tier_and_then_by_name_and_never_with_a_lone_ordinal(client):
    found = rows(shown(client))
    names = [row.split()[0] for row in found]
    assert names == ["Gambir", "Petojo", "Cideng", "Duri", "Pulau"]
    assert "Kinerja lebih baik dari kota" in found[0]
    assert "Perlu dibantu" in found[2]
    assert "Belum cukup data" in found[3]
    assert re.search(r"1(–2)? dari 3", found[0])


def test_the_sentence_says_whose_hands_the_late_ones_were_in(client):
    gambir, _, cideng, duri, _ = rows(shown(client))
    assert "40 dari 40 laporan terlambat dari wilayah ini lewat batas di tangan perangkat" in gambir
    assert "40 dari 40 laporan terlambat lewat batas di kantor ini" in cideng
    assert "Baru 8 penanganan jatuh tempo di tangan sendiri; di bawah 20" in duri


def test_kepulauan_seribu_is_shown_and_not_ranked(client):
    html = shown(client)
    apart = words_of(html[html.index("rank-apart") :])
    assert "Pulau Pari" in apart
    assert "Ditampilkan, tidak diperingkat" in apart


def test_the_rows_add_up_to_the_line_of_the_city(client):
    foot = words_of(re.findall(r"<tfoot>.*?</tfoot>", shown(client), flags=re.DOTALL)[0])
    assert "Seluruh kota: 4 kelurahan diperingkat" in foot
    assert "92 dari 368 terlambat" in foot
    assert "Jumlah 75,4 % 98 dari 398 terlambat" in foot


def test_the_areas_of_the_rule_add_up_to_the_same_at_every_level(client):
    period = "sejak=2025-12-01&sampai=2026-03-11"
    told = {
        level: re.search(
            r"([\d.]+) laporan dan", words_of(shown(client, f"{period}&tingkat={level}"))
        )
        for level in ("kelurahan", "kecamatan", "kota")
    }
    assert {match[1] for match in told.values() if match} == {"398"}


def test_perangkat_daerah_have_a_board_of_their_own(client):
    found = rows(shown(client, "tingkat=pd&sejak=2025-12-01"))
    assert len(found) == 1
    assert "Dinas Bina Marga" in found[0]
    assert "50 dari 50 terlambat" in found[0]


def test_an_area_shows_its_own_units_beside_the_line_of_the_city(client):
    html = shown(client, "wilayah=31.01")
    assert [row.split()[0] for row in rows(html)] == ["Pulau"]
    assert "Tidak ada unit yang diperingkat di wilayah ini" in html


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("tingkat=rt", "Tingkat “rt” tidak dikenal"),
        ("kategori=Naga", "Kategori “Naga” tidak dikenal"),
        ("kanal=Merpati", "Kanal “Merpati” tidak dikenal"),
        ("sejak=kemarin", "Tanggal “kemarin” tidak dapat dibaca"),
        ("sejak=2026-03-01&sampai=2026-01-01", "Tanggal akhir mendahului tanggal awal"),
        ("sejak=2027-01-01&sampai=2027-02-01", "Periode belum dimulai"),
        ("sejak=9999-12-31&sampai=9999-12-31", "Periode belum dimulai"),
        ("sampai=0001-01-01", "Tanggal"),
        ("kategori=Pohon", "Tidak ada laporan yang cocok"),
        ("sejak=2014-01-01&sampai=2014-12-31", "Tidak ada laporan yang cocok"),
    ],
)
def test_what_cannot_be_answered_is_said_in_the_page(client, query, message):
    assert message in words_of(shown(client, query))


def test_a_period_of_many_years_says_what_cannot_be_judged(client):
    text = words_of(shown(client, "sejak=2014-01-01&sampai=2030-01-01"))
    assert "laporan sebelum aturan pertama tidak dapat dinilai" in text
    assert "1 Januari 2014 – 11 Maret 2026" in text


def test_markup_in_the_address_stays_text(client):
    assert "<script>" not in shown(client, "tingkat=<script>alert(1)</script>")


def test_a_past_moment_knows_no_more_than_was_known(client):
    text = words_of(shown(client, "pada=2025-12-20T12:00"))
    assert "Data per Jumat, 19 Desember 2025 pukul 24.00 WIB" in text
    assert "398" not in text


def test_the_drawer_tells_the_complaints_behind_a_position(client):
    text = words_of(client.get(UNIT).text)
    assert "Tidak ada penanganan yang melewati batas" in text
    cideng = client.get(UNIT.replace("1001", "1002")).text
    assert len(re.findall(r'href="/pengaduan/JK', cideng)) == 5
    assert '/sanggah?pengaduan=JK3171011002-000"' in cideng
    assert "lewat batas" in words_of(cideng).lower()


def test_the_drawer_says_what_handed_on_complaints_change(client):
    text = words_of(client.get(UNIT).text)
    assert "yang sudah jatuh tempo; tanpa 40 yang diserahkan ke unit lain menjadi" in text
    assert "Diserahkan ke unit lain: 40, 40 tepat waktu" in text


def test_another_rule_shows_what_depends_on_it(client):
    text = words_of(client.get(f"{UNIT.replace('1001', '1002')}&aturan=2018-01-01").text)
    assert "SE Sekda 61/SE/2018" in text
    assert "unit berpindah tingkat" in text


@pytest.mark.parametrize("unit", ["31.99.99.9999", "", "<b>"])
def test_a_unit_that_is_not_known_is_a_note(client, unit):
    answer = client.get("/peringkat/unit", query_string={"unit": unit})
    assert answer.status_code == 200
    assert "tidak dikenal" in answer.text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "pdf"])
def test_a_file_is_the_same_whenever_it_is_fetched(client, hands, kind):
    first = client.get(f"/peringkat/unduh.{kind}")
    hands.move(hours=2)
    again = client.get(f"/peringkat/unduh.{kind}")
    assert first.data == again.data
    assert f'.{kind}"' in first.headers["Content-Disposition"]
    assert "simulasi" in first.headers["Content-Disposition"]


def test_a_csv_holds_every_unit_with_moment_rule_and_fingerprint(client):
    body = client.get("/peringkat/unduh.csv").get_data().decode("utf-8-sig")
    lines = body.splitlines(keepends=True)
    above = [line for line in lines if line.startswith("#")]
    data = "".join(line for line in lines if not line.startswith("#"))
    assert any("DATA SIMULASI" in line for line in above)
    assert any("Data per: Rabu, 11 Maret 2026" in line for line in above)
    assert any(sha256(data.encode()).hexdigest() in line for line in above)
    assert data.count("\r\n") == 1 + len(boards.OFFICES)


def test_a_file_of_another_kind_does_not_exist(client):
    assert client.get("/peringkat/unduh.exe").status_code == 404


def test_a_file_of_a_question_without_answer_says_why(client):
    answer = client.get("/peringkat/unduh.csv?tingkat=rt")
    assert answer.status_code == 422
    assert "tidak dikenal" in answer.text


def published(client: FlaskClient, **asked: str) -> str:
    answer = client.post("/peringkat/terbitkan", json={"tingkat": "kelurahan"} | asked)
    assert answer.status_code == 200, answer.text
    url: str = answer.json["url"]
    return url


def test_a_published_board_opens_again_as_it_was_when_the_city_went_on(client, hands):
    before = rows(shown(client))
    number = published(client).rpartition("/")[2]
    hands.move(days=30)
    html = shown(client, f"terbitan={number}", PUBLISHED)
    assert rows(html) == before
    text = words_of(html)
    assert "Diterbitkan Kamis, 12 Maret 2026 pukul 03.10 WIB oleh Pimpinan" in text
    assert "Sidik jari (sha256) cocok" in text
    assert client.get(f"/peringkat/terbitan/{number}").status_code == 200


def test_a_publication_gives_the_files_that_it_gave(client, hands):
    live = client.get("/peringkat/unduh.csv").data
    number = published(client).rpartition("/")[2]
    hands.move(days=30)
    assert client.get(f"/peringkat/unduh.csv?terbitan={number}").data == live
    assert client.get("/peringkat/unduh.csv").data != live


def test_the_boards_of_each_day_are_listed_and_lead_to_the_days_beside_them(client, program):
    store = program[0].extensions["komando"].store
    for day in (9, 10, 12):
        last = date(2026, 3, day)
        question = Question("kecamatan", last - timedelta(days=90), last)
        frozen = board_sentences.frozen(boards.board(boards.standing(), question=question))
        Publications(store).publish(frozen, title="Peringkat", role=SCHEDULE, at=lakes.NOW)
    listed = client.get("/peringkat/terbitan").text
    assert "Data per Selasa, 10 Maret 2026 pukul 24.00 WIB" in words_of(listed)
    assert 'href="/peringkat/terbitan/20260310-kec"' in listed
    html = shown(client, "terbitan=20260310-kec", PUBLISHED)
    assert re.findall(r"/peringkat/terbitan/(\d{8}-kec)", html) == ["20260309-kec", "20260312-kec"]
    assert "oleh jadwal" in words_of(html)


def test_publishing_the_same_board_again_leads_to_the_same_address(client, hands):
    first = published(client)
    hands.move(hours=1)
    assert published(client) == first
    assert published(client, tingkat="kecamatan") != first
    assert client.get("/peringkat/terbitan").text.count(first) == 1


def test_a_publication_is_compared_with_the_present(client, hands):
    number = published(client).rpartition("/")[2]
    hands.move(days=400)
    text = words_of(shown(client, f"terbitan={number}&banding=ya", PUBLISHED))
    assert "Dibandingkan dengan sekarang" in text


def test_a_publication_that_somebody_changed_is_not_shown(client, folder):
    number = published(client, kanal="JAKI").rpartition("/")[2]
    with create_engine(f"sqlite:///{folder / 'store.sqlite'}").begin() as connection:
        connection.execute(
            text("update publications set body = replace(body, 'Gambir', 'Kambir') where id = :id"),
            {"id": number},
        )
    shown_text = words_of(shown(client, f"terbitan={number}", PUBLISHED))
    assert "tidak cocok dengan sidik jarinya" in shown_text
    assert "Kambir" not in shown_text
    assert client.get(f"/peringkat/unduh.csv?terbitan={number}").status_code == 409


def test_a_publication_that_does_not_exist_is_said_so(client):
    assert "tidak ditemukan" in shown(client, "terbitan=000000000000", PUBLISHED)
    assert client.get("/peringkat/unduh.csv?terbitan=000000000000").status_code == 404


@pytest.mark.parametrize(
    "body", [{"tingkat": "rt"}, {"sejak": "2030-01-01", "sampai": "2030-02-01"}]
)
def test_what_has_no_answer_is_not_published(client, body):
    answer = client.post("/peringkat/terbitkan", json=body)
    assert answer.status_code == 422
    assert answer.json["error"]


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_who_may_read_and_who_may_publish(client, role):
    client.set_cookie("peran", role)
    reads = role != "publik"
    assert (client.get(BOARD).status_code == 200) == reads
    assert (client.get(UNIT).status_code == 200) == reads
    assert (client.get("/peringkat/unduh.csv").status_code == 200) == reads
    publishes = role in {"pimpinan", "admin"}
    answer = client.post("/peringkat/terbitkan", json={"tingkat": "kota"})
    assert (answer.status_code == 200) == publishes
    if reads:
        assert ("rank-publish" in shown(client)) == publishes


def test_a_replayed_board_cannot_be_published(client):
    assert "rank-publish" not in shown(client, "pada=2026-02-20T12:00")


def test_no_reporter_and_no_text_of_a_complaint_leaves_with_a_board(client):
    everything = shown(client) + client.get(UNIT).text + client.get("/peringkat/unduh.csv").text
    assert "reporter" not in everything
