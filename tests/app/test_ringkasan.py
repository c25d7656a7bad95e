"""The brief on the web: preview and editions, footnotes, files, review, and the two registers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import dash
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboards import ringkasan
from data.brief import pdf
from data.brief.editions import Editions
from data.brief.model import Edition
from tests import briefs, lakes

DO, MAKE = "/ringkasan/tindakan", "/ringkasan/buat"
DIRECT, COUNT = "/ringkasan/arahan/tindakan", "/ringkasan/korban/tindakan"
PREVIEW, KEPT, STEPS, LIST = (
    f"/panel/ringkasan-{name}" for name in ("pratinjau", "edisi", "alur", "daftar")
)


@pytest.fixture(scope="module")
def program(make: Callable[[Path], Flask], tmp_path_factory: Any) -> tuple[Flask, dict]:
    home = tmp_path_factory.mktemp("brief")
    lakes.small_lake(home).close()
    return make(home), dict(dash.page_registry)


@pytest.fixture
def server(program: tuple[Flask, dict], hands: object) -> Flask:
    server, pages = program
    dash.page_registry.clear()
    dash.page_registry.update(pages)
    next(iter(server.extensions["cache"])).clear()
    with server.extensions["komando"].store._engine.begin() as connection:
        for table in ("brief_editions", "brief_steps", "directive_steps", "victim_counts"):
            connection.exec_driver_sql(f"delete from {table}")
    return server


@pytest.fixture
def acting(server: Flask) -> Callable[[str], FlaskClient]:
    def client(role: str) -> FlaskClient:
        found = server.test_client()
        found.set_cookie("peran", role)
        return found

    return client


@pytest.fixture
def kept(server: Flask, hands: Any) -> Edition:
    """The full brief of `tests.briefs`, kept as a draft."""
    store = server.extensions["komando"].store
    return Editions(store).make(briefs.FULL, "jadwal", hands.now - timedelta(minutes=1))


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def do(
    client: FlaskClient, kept: Edition, does: str, item: str = "", revision: int = 0, text: str = ""
) -> Any:
    asked = {"edisi": kept.id, "tindakan": does, "butir": item, "revisi": revision, "teks": text}
    return client.post(DO, json=asked)


def test_only_staff_and_inspectors_read_it(acting):
    for role in ("publik", "lurah", "camat"):
        for path in (PREVIEW, LIST, "/panel/arahan", "/panel/korban", "/ringkasan.pdf"):
            assert acting(role).get(path).status_code == 403
    for role in ("pimpinan", "operator", "admin", "inspektur"):
        assert acting(role).get("/ringkasan").status_code == 200


def test_the_preview_has_the_nine_blocks_and_is_cut_every_five_minutes(acting, hands):
    hands.move(minutes=2)
    told = words_of(acting("operator").get(PREVIEW))
    titles = (
        *("Ringkasan Gubernur", "Perlu keputusan", "Perlu perhatian", "Enam angka"),
        *("Tindak lanjut arahan", "Yang belum diketahui", "Kinerja wilayah"),
        *("Prakiraan 6–24 jam", "Catatan kaki"),
    )
    places = [told.index(title) for title in titles]
    assert places[:4] == sorted(places[:4])
    assert "Pratinjau" in told
    minute = int(re.search(r"Data per \w+, [\w ]+ pukul \d\d\.(\d\d) WIB", told)[1])
    assert minute % 5 == 0


def test_a_moment_without_data_says_so_on_page_and_paper(acting):
    assert "Belum ada data untuk saat itu" in words_of(
        acting("operator").get(f"{PREVIEW}?pada=2001-01-01T06:15")
    )
    paper = acting("operator").get("/ringkasan.pdf?pada=2001-01-01T06:15")
    assert (paper.status_code, paper.text) == (404, "Belum ada data untuk saat yang diminta.")


@pytest.mark.parametrize("moment", ["kemarin", "2999-01-01T06:15"])
def test_a_file_of_a_moment_that_is_none_is_not_that_of_the_present(acting, moment):
    paper = acting("operator").get(f"/ringkasan.pdf?pada={moment}")
    assert paper.status_code == 400
    assert "tidak dapat dibaca, atau belum terjadi" in paper.text


def test_every_figure_of_the_page_leads_to_a_footnote_with_its_replay(acting, kept):
    client = acting("operator")
    page = client.get(f"{KEPT}?edisi={kept.id}").text
    addresses = set(re.findall(r'data-url="(/ringkasan/sumber[^"]+)"', page))
    assert len(addresses) == len(briefs.FULL.sources)
    told = client.get(addresses.pop().replace("&amp;", "&")).text
    assert 'href="/banjir?pada=2025-03-12T06:15&amp;seperti=saat-itu"' in told
    first = client.get(f"/ringkasan/sumber?edisi={kept.id}&n=1")
    assert "gates_now.sql" in first.text
    assert "select" in first.text.lower()
    assert briefs.FULL.sources[0].sha256 in first.text
    for wrong in ("0", "7", "x", "²", "", "9" * 5000):
        assert client.get(f"/ringkasan/sumber?edisi={kept.id}&n={wrong}").status_code == 404


def test_a_footnote_of_the_preview_is_that_of_the_same_cut(acting):
    client = acting("operator")
    page = client.get(PREVIEW).text
    address = re.search(r'data-url="(/ringkasan/sumber[^"]+)"', page)[1].replace("&amp;", "&")
    printed = re.search(r"<code>([0-9a-f]{12})</code>", page)[1]
    assert printed in client.get(re.sub(r"n=\d+", "n=1", address)).text


def test_an_edition_shows_what_changed_what_is_simulated_and_the_way_around_it(
    acting, server, kept, hands
):
    later = briefs.edition().content
    changed = briefs.replace(
        later,
        kind="sore",
        cut=later.cut + timedelta(hours=10),
        opening=(briefs.replace(later.opening[0], text="Status Operasional Kota: Rutin."),),
    )
    editions = Editions(server.extensions["komando"].store)
    made = editions.make(changed, "jadwal", hands.now)
    told = words_of(acting("inspektur").get(f"{KEPT}?edisi={made.id}"))
    assert "1 butir berubah sejak edisi sebelumnya" in told
    assert "Rutin. \N{WORD JOINER} [1] [2] berubah" in told
    assert "DATA SIMULASI" in told
    assert "← Edisi sebelumnya" in told
    assert "Edisi berikutnya" not in told
    assert "Edisi berikutnya →" in words_of(acting("inspektur").get(f"{KEPT}?edisi={kept.id}"))


def test_what_came_later_is_not_seen_from_a_past_moment(acting, kept, hands):
    past = (hands.now - timedelta(minutes=2)).isoformat()
    client = acting("operator")
    query = {"edisi": kept.id, "pada": past}
    assert "tidak ditemukan" in words_of(client.get(KEPT, query_string=query))
    assert "Belum ada edisi" in words_of(client.get(LIST, query_string=query))


def test_staff_pin_order_and_comment_and_the_paper_follows(acting, kept, server):
    client = acting("operator")
    assert do(client, kept, "pin", "perhatian-3", 0).status_code == 200
    assert do(client, kept, "up", "perhatian-2", 1).status_code == 200
    assert (
        do(client, kept, "comment", "perhatian-1", 2, "Dibahas pukul 05.30 WIB.").status_code == 200
    )
    edition = Editions(server.extensions["komando"].store).one(kept.id)
    order = [one.id for one in pdf.arranged(edition)]
    assert order == ["perhatian-3", "perhatian-2", "perhatian-1"]
    told = words_of(client.get(f"{KEPT}?edisi={kept.id}"))
    assert "revisi 3" in told
    assert told.index("Enam pompa") < told.index("Terdapat 24 RT") < told.index("naik 37 cm")
    assert "Dibahas pukul 05.30 WIB." in told
    assert edition.sha256 == kept.sha256, "no figure is ever edited"


@pytest.mark.parametrize(
    ("does", "item", "text", "says"),
    [
        ("up", "perhatian-1", "", "di ujung daftarnya"),
        ("down", "perhatian-3", "", "di ujung daftarnya"),
        ("up", "tidak-ada", "", "tidak ada dalam edisi"),
        ("pin", "tidak-ada", "", "tidak ada pada edisi"),
        ("comment", "perhatian-1", "", "sedikitnya"),
        ("comment", "perhatian-1", "x" * 301, "paling panjang"),
        ("comment", "perhatian-1", "Telepon 0812 0000 0000", "nomor telepon"),
        ("hapus", "perhatian-1", "", "tidak dikenal"),
        ("terbit", "", "", "tidak berwenang"),
    ],
)
def test_what_may_not_be_done_to_a_draft_is_refused(acting, kept, does, item, text, says):
    answer = do(acting("operator"), kept, does, item, 0, text)
    assert answer.status_code == 422
    assert says in answer.get_json()["error"]


def test_two_people_do_not_overwrite_each_other(acting, kept):
    assert do(acting("operator"), kept, "pin", "perhatian-3", 0).status_code == 200
    late = do(acting("pimpinan"), kept, "pin", "perhatian-2", 0)
    assert "diubah orang lain" in late.get_json()["error"]


def test_an_edition_is_checked_then_published_by_the_leadership_and_frozen(acting, kept):
    assert do(acting("inspektur"), kept, "diperiksa").status_code == 403
    assert do(acting("operator"), kept, "diperiksa").status_code == 200
    assert "“Terbitkan” oleh Pimpinan." in words_of(
        acting("operator").get(f"{STEPS}?edisi={kept.id}")
    )
    assert do(acting("pimpinan"), kept, "terbit").status_code == 200
    page = acting("pimpinan").get(f"{KEPT}?edisi={kept.id}").text
    assert "brief-terbit" in page
    assert 'data-do="pin"' not in page
    refused = do(acting("operator"), kept, "comment", "perhatian-1", 0, "Terlambat sudah.")
    assert "sudah terbit" in refused.get_json()["error"]


def test_a_withdrawn_edition_stays_and_says_why(acting, kept):
    gone = do(acting("pimpinan"), kept, "ditarik", text="Pos Manggarai salah dibaca.")
    assert gone.status_code == 200
    told = words_of(acting("operator").get(f"{KEPT}?edisi={kept.id}"))
    assert "Pos Manggarai salah dibaca." in told
    assert "Ditarik" in told


def test_the_paper_of_a_withdrawn_edition_is_another(acting, kept):
    client = acting("pimpinan")
    before = client.get(f"/ringkasan/{kept.id}.pdf").headers["ETag"]
    do(client, kept, "ditarik", text="Pos Manggarai salah dibaca.")
    assert client.get(f"/ringkasan/{kept.id}.pdf").headers["ETag"] != before


def test_the_preview_is_kept_as_a_draft_by_hand(acting, server):
    made = acting("operator").post(MAKE, json={"jenis": "situasi"})
    assert made.status_code == 200
    edition = Editions(server.extensions["komando"].store).one(made.get_json()["id"])
    assert (edition.state, edition.content.kind) == ("draf", "situasi")
    assert acting("operator").post(MAKE, json={"jenis": "malam"}).status_code == 422
    assert acting("inspektur").post(MAKE, json={"jenis": "pagi"}).status_code == 403
    assert "Situasi" in words_of(acting("operator").get(LIST))


def test_an_edition_that_was_tampered_with_is_not_shown(acting, kept, server):
    with server.extensions["komando"].store._engine.begin() as connection:
        connection.exec_driver_sql("update brief_editions set body = replace(body, '872', '572')")
    client = acting("operator")
    for panel in (KEPT, STEPS, LIST):
        told = words_of(client.get(f"{panel}?edisi={kept.id}"))
        assert "tidak sesuai dengan sidik jarinya" in told
        assert "572" not in told
    assert "Perlu keputusan" in words_of(client.get(PREVIEW)), "the present is told all the same"
    assert client.get(f"/ringkasan/{kept.id}.pdf").status_code == 409
    assert client.get(f"/ringkasan/sumber?edisi={kept.id}&n=1").status_code == 409
    refused = do(client, kept, "pin", "perhatian-3")
    assert "sidik jarinya" in refused.get_json()["error"]


def test_the_preview_marks_what_changed_since_the_newest_edition(acting, kept):
    told = words_of(acting("operator").get(PREVIEW))
    assert re.search(r"[1-9]\d* butir berubah sejak edisi sebelumnya", told)


def test_the_files_carry_their_name_and_are_not_sent_twice(acting, kept):
    client = acting("inspektur")
    paper = client.get(f"/ringkasan/{kept.id}.pdf")
    assert paper.data.startswith(b"%PDF-")
    name = f'inline; filename="ringkasan-gubernur-{kept.id}.pdf"'
    assert paper.headers["Content-Disposition"] == name
    tag = {"If-None-Match": paper.headers["ETag"]}
    assert client.get(f"/ringkasan/{kept.id}.pdf", headers=tag).status_code == 304
    slides = client.get(f"/ringkasan/{kept.id}.pdf?bentuk=slide", headers=tag)
    assert "-slide.pdf" in slides.headers["Content-Disposition"]
    assert client.get(f"/ringkasan/{kept.id}.png").data.startswith(b"\x89PNG")
    do(acting("operator"), kept, "pin", "perhatian-3", 0)
    assert client.get(f"/ringkasan/{kept.id}.pdf", headers=tag).status_code == 200
    for path in ("/ringkasan/tidak-ada.pdf", f"/ringkasan/{kept.id}.docx", "/ringkasan.docx"):
        assert client.get(path).status_code == 404


def test_a_file_that_cannot_be_set_says_what_is_missing(acting, kept, monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "LOGO", tmp_path / "brand.svg")
    answer = acting("operator").get(f"/ringkasan/{kept.id}.pdf")
    assert answer.status_code == 500
    assert "brand.svg is missing" in answer.text


def test_a_directive_is_given_followed_and_finished(acting):
    client = acting("pimpinan")
    given = {
        "do": "give",
        "text": "Keruk Kali Krukut ruas Kemang.",
        "giver": "Gubernur",
        "owner": "Dinas SDA",
        "due": f"{lakes.NOW + timedelta(days=5):%Y-%m-%d}",
    }
    number = client.post(DIRECT, json=given).get_json()["number"]
    act = {"number": str(number), "text": "Ruas 1,2 km selesai dikeruk."}
    assert client.post(DIRECT, json=act | {"do": "progress"}).status_code == 200
    refused = client.post(DIRECT, json=act | {"do": "finish"})
    assert "Bukti" in refused.get_json()["error"]
    done = act | {"do": "finish", "evidence": "https://example.org/ba-12"}
    assert client.post(DIRECT, json=done).status_code == 200
    told = words_of(acting("inspektur").get("/panel/arahan"))
    assert "Selesai 1" in told
    assert "Riwayat (3)" in told
    assert "Tidak ada arahan dengan keadaan ini" in words_of(
        client.get("/panel/arahan?keadaan=terlambat")
    )
    assert client.post(DIRECT, json={"do": "give", "text": 5}).status_code == 422
    assert acting("inspektur").post(DIRECT, json=given).status_code == 403


def test_a_running_directive_is_on_the_brief(acting, hands):
    given = {
        "do": "give",
        "text": "Keruk Kali Krukut ruas Kemang.",
        "giver": "Gubernur",
        "owner": "Dinas SDA",
        "due": f"{lakes.NOW + timedelta(days=5):%Y-%m-%d}",
    }
    acting("pimpinan").post(DIRECT, json=given)
    hands.move(minutes=6)
    assert "Keruk Kali Krukut" in words_of(acting("operator").get(PREVIEW))


def test_victims_are_unknown_until_counted_and_a_withdrawn_count_stays(acting, hands):
    assert words_of(acting("operator").get("/panel/korban-jumlah")).count("belum diketahui") == 4
    count = {
        "do": "enter",
        "kelurahan_code": "31.71.01.1001",
        "counted_at": f"{lakes.NOW - timedelta(hours=1):%Y-%m-%dT%H:%M}+00:00",
        "evacuated": "1.250",
        "source": "Posko BPBD Gambir",
    }
    made = acting("operator").post(COUNT, json=count)
    assert made.status_code == 200, made.text
    told = words_of(acting("inspektur").get("/panel/korban-jumlah"))
    assert "Mengungsi 1.250 orang" in told
    assert told.count("belum diketahui") == 3
    hands.move(minutes=1)
    gone = {"do": "withdraw", "number": str(made.get_json()["number"]), "reason": "Salah ketik."}
    assert acting("operator").post(COUNT, json=gone).status_code == 200
    hands.move(minutes=1)
    assert words_of(acting("operator").get("/panel/korban-jumlah")).count("belum diketahui") == 4
    assert "Ditarik Operator" in words_of(acting("operator").get("/panel/korban"))
    assert acting("operator").post(COUNT, json={"do": "hapus"}).status_code == 422


def test_who_may_not_write_is_offered_no_form(acting, kept):
    for panel in ("arahan-baru", "korban-baru"):
        assert "<form" not in acting("inspektur").get(f"/panel/{panel}").text
        assert "<form" in acting("operator").get(f"/panel/{panel}").text
        past = {"pada": (lakes.NOW - timedelta(hours=1)).isoformat()}
        assert "<form" not in acting("operator").get(f"/panel/{panel}", query_string=past).text
    assert "data-do" not in acting("inspektur").get(f"{KEPT}?edisi={kept.id}").text


def test_the_kind_of_a_preview_is_that_of_the_hour_unless_another_is_asked():
    assert ringkasan.read_kind(None, briefs.CUT) == "pagi"
    assert ringkasan.read_kind("malam", briefs.CUT + timedelta(hours=9)) == "sore"
    assert ringkasan.read_kind("situasi", briefs.CUT) == "situasi"
