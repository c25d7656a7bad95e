"""Appeals on the page: who may file and decide, what is frozen, what it changes on the board."""

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

from dashboards import boards_kept
from data.asof import AsOf
from data.boards import Question, cut_of
from tests import boards, lakes

ACT = "/sanggah/tindakan"
LIST, CASE, EFFECT = (f"/panel/appeal-{name}" for name in ("list", "case", "effect"))
# The office of the demo's camat and lurah; the first complaint of each office is late or handed on.
OWN, OTHER = "KELURAHAN GAMBIR", "KELURAHAN CIDENG"
OWN_ID, OTHER_ID = "JK3171011001-003", "JK3171011002-003"
TEXT = "Diserahkan pada hari yang sama, catatannya keliru."
DECISION = "Catatan status mendukung penjelasan ini."


@pytest.fixture(scope="module")
def program(make: Callable[[Path], Flask], tmp_path_factory: Any) -> tuple[Flask, dict]:
    home = tmp_path_factory.mktemp("appeals")
    boards.ranked_lake(home)
    return make(home), dict(dash.page_registry)


@pytest.fixture
def server(program: tuple[Flask, dict], hands: object) -> Flask:
    server, pages = program
    dash.page_registry.clear()
    dash.page_registry.update(pages)
    next(iter(server.extensions["cache"])).clear()
    store = server.extensions["komando"].store
    with store._engine.begin() as connection:
        # Rows stay, since the number of the newest tells panels that something was done.
        connection.exec_driver_sql(
            "update appeal_actions set complaint_id ="
            " (select max(id) from appeal_actions) || ' before ' || complaint_id"
        )
    return server


@pytest.fixture
def acting(server: Flask) -> Callable[[str], FlaskClient]:
    def client(role: str) -> FlaskClient:
        found = server.test_client()
        found.set_cookie("peran", role)
        return found

    return client


def send(client: FlaskClient, action: str, complaint: str = OWN_ID, **changes: Any) -> Any:
    body = {
        "action": action,
        "pengaduan": complaint,
        "unit": OWN,
        "reason": "record",
        "text": TEXT,
        "evidence": "",
    }
    return client.post(ACT, json=body | changes)


def words_of(answer: Any) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_lurah_files_for_the_own_office_and_the_inspector_decides(acting, hands):
    assert send(acting("lurah"), "file").status_code == 200
    hands.move(hours=1)
    assert send(acting("inspektur"), "examine", text="").status_code == 200
    assert send(acting("inspektur"), "accept", text=DECISION).status_code == 200
    told = words_of(acting("operator").get(f"{CASE}?pengaduan={OWN_ID}"))
    assert "Kelurahan Gambir Diterima" in told
    assert told.index("Diajukan oleh Lurah Gambir") < told.index("Mulai diperiksa oleh Inspektur")
    assert f"Diterima oleh Inspektur: {DECISION}" in told


def test_an_accepted_stint_leaves_the_board_at_the_next_midnight(acting, server, hands):
    site = server.extensions["komando"]
    send(acting("camat"), "file", OTHER_ID, unit=OTHER)
    send(acting("admin"), "accept", OTHER_ID, unit=OTHER, text=DECISION)

    def own() -> tuple[int, int, int]:
        as_of = AsOf.now(hands.now)
        board = boards_kept.board(site, as_of, Question.usual("kelurahan", cut_of(as_of)))
        found = board.of("31.71.01.1002")
        assert found is not None
        return found.n, found.on_time, found.rule_late

    before = own()
    hands.move(days=1)
    after = own()
    assert (before[0] - after[0], before[1] - after[1]) == (1, 0)
    assert after[2] == before[2], "what pay follows counts it still"


def test_the_board_tells_how_many_appeals_stand_beside_what_pay_follows(acting, hands):
    send(acting("camat"), "file", OTHER_ID, unit=OTHER)
    hands.move(days=1)
    told = words_of(acting("operator").get("/panel/ranking-board"))
    assert re.search(r"terlambat \d+ disanggah", told)


def test_the_score_is_shown_with_and_without_the_stint(acting):
    send(acting("camat"), "file", OTHER_ID, unit=OTHER)
    told = words_of(acting("operator").get(f"{EFFECT}?pengaduan={OTHER_ID}"))
    assert "Dengan penanganan ini · yang berlaku 66,67 % 120" in told
    assert "Tanpa penanganan ini 67,23 % 119" in told
    assert "+0,56 poin persentase" in told
    assert "Nilai menurut aturan berlaku tidak berubah" in told


def test_a_lurah_files_neither_for_another_office_nor_about_another_area(acting):
    for complaint, unit in ((OTHER_ID, OTHER), (OTHER_ID, OWN), (OWN_ID, boards.DINAS)):
        answer = send(acting("lurah"), "file", complaint, unit=unit)
        assert answer.status_code == 422
        assert "tidak dapat disanggah" in answer.get_json()["error"]


def test_a_camat_files_for_every_office_of_the_kecamatan(acting):
    assert send(acting("camat"), "file").status_code == 200
    assert send(acting("camat"), "file", OTHER_ID, unit=OTHER).status_code == 200


@pytest.mark.parametrize(
    ("role", "action", "status"),
    [
        ("publik", "file", 403),
        ("operator", "file", 422),
        ("inspektur", "file", 422),
        ("lurah", "accept", 422),
        ("pimpinan", "reject", 422),
        ("admin", "burn", 422),
    ],
)
def test_who_has_no_part_in_it_is_refused(acting, role, action, status):
    send(acting("lurah"), "file")
    answer = send(acting(role), action, OTHER_ID if action == "file" else OWN_ID, text=DECISION)
    assert answer.status_code == status
    assert "Diajukan" in words_of(acting("operator").get(f"{CASE}?pengaduan={OWN_ID}"))


def test_the_public_sees_no_appeal(acting):
    assert acting("publik").get(LIST).status_code == 403
    assert acting("publik").get("/sanggah").status_code == 403


def test_personal_data_are_refused_in_words(acting):
    answer = send(acting("lurah"), "file", text="Pelapor dapat dihubungi di 0812 3456 7890")
    assert answer.status_code == 422
    assert "nomor telepon" in answer.get_json()["error"]


@pytest.mark.parametrize("complaint", ["JK0", "", "x" * 300, "'; drop table feeds; --"])
def test_what_no_board_counts_cannot_be_appealed(acting, complaint):
    assert send(acting("lurah"), "file", complaint).status_code == 422
    told = words_of(acting("lurah").get(CASE, query_string={"pengaduan": complaint}))
    assert "tidak ada dalam hitungan peringkat" in told


def test_a_body_of_the_wrong_kind_is_refused(acting):
    answer = acting("lurah").post(ACT, json={"action": ["file"], "pengaduan": 1})
    assert answer.status_code == 422


def test_each_reader_is_shown_what_he_may_do(acting, hands):
    path = f"{CASE}?pengaduan={OWN_ID}"
    assert "Ajukan sanggahan" in words_of(acting("lurah").get(path))
    assert "oleh lurah atau camat" in words_of(acting("operator").get(path))
    assert "bukan dari wilayah Anda" in words_of(
        acting("lurah").get(f"{CASE}?pengaduan={OTHER_ID}")
    )
    send(acting("lurah"), "file")
    hands.move(seconds=2)
    assert "Tarik kembali" in words_of(acting("lurah").get(path))
    assert "Terima sanggahan" in words_of(acting("inspektur").get(path))
    assert "Terima sanggahan" not in words_of(acting("operator").get(path))


def test_a_filing_is_taken_back_and_can_be_filed_again(acting):
    send(acting("lurah"), "file")
    assert send(acting("lurah"), "withdraw", text="").status_code == 200
    told = words_of(acting("lurah").get(f"{CASE}?pengaduan={OWN_ID}"))
    assert "Ditarik kembali" in told
    assert "Ajukan sanggahan" in told


def test_an_undecided_appeal_runs_out_and_comes_first(acting, hands):
    send(acting("lurah"), "file")
    hands.move(days=20)
    send(acting("camat"), "file", OTHER_ID, unit=OTHER)
    told = words_of(acting("inspektur").get(LIST))
    assert told.index("Lewat tenggat " + OWN_ID) < told.index("Diajukan " + OTHER_ID)
    assert "lewat " in told
    assert "sisa " in told


def test_a_lurah_sees_the_own_appeals_first_and_all_on_demand(acting):
    send(acting("camat"), "file", OTHER_ID, unit=OTHER)
    assert OTHER_ID not in words_of(acting("lurah").get(LIST))
    assert OTHER_ID in words_of(acting("lurah").get(f"{LIST}?milik=semua"))
    assert OTHER_ID in words_of(acting("camat").get(LIST))


def test_an_unknown_state_in_the_address_is_told_and_narrows_nothing(acting):
    send(acting("lurah"), "file")
    told = words_of(acting("admin").get(f"{LIST}?keadaan=entah"))
    assert "“entah” tidak dikenal" in told
    assert OWN_ID in told
    assert OWN_ID not in words_of(acting("admin").get(f"{LIST}?keadaan=diterima"))


def test_the_past_knows_no_later_appeal_and_has_no_form(acting, hands):
    send(acting("lurah"), "file")
    hands.move(days=2)
    path = f"{CASE}?pengaduan={OWN_ID}&pada=" + "2026-03-12T03:00%2B07:00"
    told = words_of(acting("lurah").get(path))
    assert "Diajukan" not in told
    assert "hanya dapat dibaca" in told


def test_the_export_holds_the_appeals_and_no_formula(acting):
    send(acting("lurah"), "file", text="=HYPERLINK(1) sudah diserahkan")
    text = acting("admin").get(f"{LIST}/data.csv").text
    assert OWN_ID in text
    assert "'=HYPERLINK" in text


def test_evidence_is_a_link_only_where_it_is_one(acting):
    send(acting("lurah"), "file", evidence="https://contoh.jakarta.go.id/berkas/1")
    send(acting("camat"), "file", OTHER_ID, unit=OTHER, evidence="javascript:alert(1)")
    one = acting("admin").get(f"{CASE}?pengaduan={OWN_ID}").text
    two = acting("admin").get(f"{CASE}?pengaduan={OTHER_ID}").text
    assert 'href="https://contoh.jakarta.go.id/berkas/1"' in one
    assert 'href="javascript' not in two


def test_a_complaint_outside_the_usual_window_has_no_effect_to_show(acting, hands):
    hands.now = lakes.NOW + timedelta(days=900)
    told = words_of(acting("operator").get(f"{EFFECT}?pengaduan={OTHER_ID}"))
    assert "di luar periode peringkat bawaan" in told
