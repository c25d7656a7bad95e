"""Evidence is for inspectors alone; who looks into a unit is noted, and what came of it is kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlencode

import dash
import pytest

from dashboards.access import EVERYONE
from dashboards.periksa import ROLES, cut, inside, propensity_rows
from data.asof import WIB, AsOf
from data.evidence import signals
from data.metrics import metrics
from data.photos import Photos
from tests import lakes

OFFICE = "KELURAHAN GAMBIR"
BURST = datetime(2026, 2, 28, 23, 50, tzinfo=WIB)
CASES = f"/periksa/kasus?{urlencode({'sinyal': 'cutoff', 'unit': OFFICE})}"
PAGES = ["/periksa", CASES, *(f"/panel/periksa-{code}" for code in signals())]


def close(cursor, complaint_id: str, agency: str, at: datetime) -> None:
    common = lakes.common(at) | {"event_time": at, "known_time": at, "feed": "crm_requests"}
    told = {"complaint_id": complaint_id, "status": "Selesai", "agency": agency}
    lakes.insert(cursor, "complaint_log", told | common)
    version = told | {
        "created_at": at - timedelta(days=2),
        "resolved_at": at,
        "category": "Jalan",
        "kelurahan_code": "31.71.01.1001",
        "reporter_key": "1:rahasia",
    }
    lakes.insert(cursor, "complaint_versions", version | common)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A lake in which one office finishes a month's complaints in its last ten minutes."""
    home = tmp_path_factory.mktemp("periksa")
    lake = lakes.small_lake(home)
    with lake.write() as cursor:
        for number in range(60):
            at = BURST - timedelta(days=2 + number % 20, hours=12, minutes=number)
            close(cursor, f"JK260201{number:04d}", f"KELURAHAN CONTOH {number % 12}", at)
        for number in range(9):
            close(cursor, f"JK260228{number:04d}", OFFICE, BURST + timedelta(seconds=9 * number))
    lake.close()
    Photos(home / "photos").keep("JK2602280000", "sesudah", b"\xff\xd8 foto", lakes.NOW)
    return home


@pytest.fixture(scope="module")
def built(make, home):
    return make(home), dict(dash.page_registry)


@pytest.fixture
def server(built, hands):
    server, pages = built
    dash.page_registry.clear()
    dash.page_registry.update(pages)
    next(iter(server.extensions["cache"])).clear()
    return server


@pytest.fixture
def inspector(server):
    client = server.test_client()
    client.set_cookie("peran", "inspektur")
    return client


def waiting(told: str) -> int:
    return int(re.search(r"(\d+)\s*butir</strong>", told)[1])


def test_the_office_is_pointed_out_with_the_reason_and_the_doubt(inspector):
    told = inspector.get("/panel/periksa-cutoff").text

    assert "Kelurahan Gambir" in told
    assert signals()["cutoff"].caveat in told
    assert "diukur pada data simulasi, belum pada kasus nyata" in told
    assert "pukul 24.00 WIB" in told
    assert "Kelurahan Contoh" not in told


def test_the_cases_are_shown_with_their_photos_or_with_what_became_of_them(inspector):
    told = inspector.get(CASES).text

    assert "/pengaduan/JK2602280000/foto/sesudah.jpg" in told
    assert "Foto tidak diambil" in told
    assert told.count("JK26022800") >= 9
    assert "9 laporan selesai pada 20 menit terakhir bulan" in told


def test_to_open_the_cases_is_noted(inspector, server):
    site = server.extensions["komando"]
    before = len(site.store.reviews(site.clock.now(), "cutoff", OFFICE))

    inspector.get(CASES)

    rows = site.store.reviews(site.clock.now(), "cutoff", OFFICE)
    assert len(rows) == before + 1
    assert (rows[-1]["action"], rows[-1]["role"]) == ("opened", "inspektur")
    assert "Dibuka oleh inspektur" in inspector.get(CASES).text


def test_a_conclusion_needs_a_note_and_stands_in_the_table(inspector, hands):
    assert "Belum diperiksa" in inspector.get("/panel/periksa-cutoff").text
    before = inspector.get("/panel/periksa-menunggu").text
    body = {"signal": "cutoff", "unit": OFFICE, "action": "normal", "note": " "}
    assert inspector.post("/periksa/catat", json=body).status_code == 422

    note = "Pencatatan sebulan dilakukan pada akhir bulan."
    assert inspector.post("/periksa/catat", json=body | {"note": note}).status_code == 200

    hands.move(seconds=2)
    assert "Selesai: wajar" in inspector.get("/panel/periksa-cutoff").text
    after = inspector.get("/panel/periksa-menunggu").text
    assert metrics()["M11"].name in inspector.get("/periksa").text
    assert [waiting(told) for told in (before, after)] == [1, 0]
    assert note in inspector.get(CASES).text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"signal": "lain", "unit": OFFICE, "action": "examine"},
        {"signal": "cutoff", "unit": "", "action": "examine"},
        {"signal": "cutoff", "unit": ["x"], "action": "examine"},
        {"signal": "cutoff", "unit": OFFICE, "action": "hapus"},
        {"signal": "cutoff", "unit": OFFICE, "action": "normal", "note": "x" * 1_001},
    ],
)
def test_what_cannot_be_noted_is_refused_in_words(inspector, body):
    answer = inspector.post("/periksa/catat", json=body)

    assert answer.status_code == 422
    assert answer.get_json()["error"]


@pytest.mark.parametrize("role", sorted(EVERYONE - ROLES))
def test_nobody_but_inspectors_sees_any_of_it(server, role):
    client = server.test_client()
    client.set_cookie("peran", role)

    assert {client.get(path).status_code for path in PAGES} == {403}
    assert client.get("/panel/periksa-cutoff/data.csv").status_code == 403
    assert client.get("/panel/periksa-pelaporan").status_code == 403
    body = {"signal": "cutoff", "unit": OFFICE, "action": "examine"}
    assert client.post("/periksa/catat", json=body).status_code == 403


def test_no_panel_and_no_route_of_evidence_is_open_to_anybody_else(server):
    rules = server.extensions["komando"].access._rules
    mine = {name: rule for name, rule in rules.items() if "periksa" in name}

    assert len(mine) == 3 + len(signals()) + 2
    assert {rule.roles for rule in mine.values()} == {ROLES}


def test_rankings_and_the_public_page_say_nothing_of_it(server):
    site, client = server.extensions["komando"], server.test_client()
    shown = [name for name in site.shown if name.startswith(("peringkat", "rank", "publik"))]
    assert shown
    for role in ("publik", "pimpinan"):
        client.set_cookie("peran", role)
        told = " ".join(client.get(f"/panel/{name}").text for name in shown)
        assert "/periksa" not in told
        assert "Perlu diperiksa" not in told


@pytest.mark.parametrize(
    "query", ["", "?sinyal=lain&unit=x", "?sinyal=cutoff", "?sinyal=cutoff&sinyal=fast"]
)
def test_an_unknown_signal_or_unit_is_not_found(inspector, query):
    assert inspector.get(f"/periksa/kasus{query}").status_code == 404


def test_a_unit_that_is_not_pointed_out_has_no_cases_and_is_not_noted(inspector, server):
    site = server.extensions["komando"]
    asked = urlencode({"sinyal": "cutoff", "unit": "KELURAHAN <b>LAIN</b>"})

    told = inspector.get(f"/periksa/kasus?{asked}").text

    assert "tidak lagi ditandai" in told
    assert "<b>" not in told.lower()
    assert site.store.reviews(site.clock.now(), "cutoff", "KELURAHAN <b>LAIN</b>") == []


def test_at_a_past_moment_only_what_was_known_by_then_is_judged(inspector):
    before = inspector.get("/panel/periksa-cutoff?pada=2026-02-28T12:00")

    assert "Tidak ada yang menonjol" in before.text


def test_an_area_narrows_the_units(inspector):
    assert "Kelurahan Gambir" in inspector.get("/panel/periksa-cutoff?wilayah=31.71.01").text
    assert "Kelurahan Gambir" not in inspector.get("/panel/periksa-cutoff?wilayah=31.74").text


@pytest.mark.parametrize("code", list(signals()))
def test_every_signal_answers_on_a_small_lake_and_exports(inspector, code):
    assert inspector.get(f"/panel/periksa-{code}").status_code == 200
    exported = inspector.get(f"/panel/periksa-{code}/data.csv")
    assert exported.status_code == 200
    assert "rahasia" not in exported.text


def test_the_day_is_cut_at_midnight_in_jakarta():
    as_of = cut(AsOf.now(datetime(2026, 3, 12, 3, 17, 20, tzinfo=WIB)))

    assert as_of.event_time == datetime(2026, 3, 12, tzinfo=WIB)
    assert as_of.known_time == datetime(2026, 3, 12, 3, 10, tzinfo=WIB)


def test_what_ended_just_after_midnight_is_not_judged_before_it_was_known():
    moment = datetime(2026, 3, 12, 0, 4, tzinfo=WIB)

    as_of = cut(AsOf.at(moment, moment + timedelta(days=9), "saat-itu"))

    assert as_of.known_time == as_of.event_time == datetime(2026, 3, 12, tzinfo=WIB)


def test_a_reporter_belongs_to_his_kelurahan_and_an_office_to_its_area():
    assert inside("31.72.02.1004/3fa2", "31.72")
    assert not inside("31.72.02.1004/3fa2", "31.74")
    assert inside(OFFICE, "31")


def test_places_that_report_little_are_told_apart_from_places_where_little_happens():
    rows = [
        {
            "kelurahan_code": f"31.74.01.10{number:02d}",
            "incidents": 700,
            "duplicates": 10 if number == 3 else 60,
            "hours": 2_000.0,
            "simulated": True,
        }
        for number in range(20)
    ]

    told = propensity_rows(rows, {"31.74.01.1003": "Contoh"})

    assert [row["name"] for row in told if row["rendah"]] == ["Contoh"]
    assert propensity_rows([row | {"duplicates": 0} for row in rows], {}) == []
    assert propensity_rows([], {}) == []
