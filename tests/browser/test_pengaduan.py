"""Complaints in a browser: filter and address agree, pages turn, photos slide by keyboard."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.sync_api import expect

from data.photos import Photos
from tests import lakes
from tests.browser.serving import Server
from tests.complaint_lakes import DAY, HOUR, LURAH, MINUTE, report, roll_up

DONE = "JK2603010001"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("pengaduan")
    now = datetime.now(UTC)
    lake = lakes.small_lake(home, now)
    with lake.write() as cursor:
        for number in range(40):
            at = now - HOUR - number * MINUTE
            report(cursor, f"JK26031100{number:02}", at, lat=-6.15 - number / 1000)
        report(cursor, DONE, now - 9 * DAY, [(5, "Selesai", LURAH)], category="Pohon")
        roll_up(cursor)
    lake.close()
    body = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(body, "JPEG")
    for which in ("sebelum", "sesudah"):
        Photos(home / "photos").keep(DONE, which, body.getvalue(), now)
    return home


@pytest.fixture(scope="module")
def address(home):
    with Server(home) as server:
        yield server.address


def test_the_form_writes_the_address_and_shows_what_it_says(open_page):
    page = open_page("/pengaduan?kategori=Pohon")
    rows = page.locator(".complaint-table tbody tr")
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Kategori")).to_have_value("Pohon")
    page.get_by_label("Kategori").select_option("")
    expect(rows).to_have_count(30)
    page.get_by_label("Cari nomor atau kata").fill(DONE)
    expect(page).to_have_url(re.compile(f"q={DONE}"))
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Hapus saringan").click()
    expect(page).to_have_url(re.compile(r"/pengaduan$"))
    expect(page.get_by_label("Cari nomor atau kata")).to_have_value("")
    page.get_by_role("button", name="Terbuka dan terlambat").click()
    expect(page.get_by_label("Status")).to_have_value("terbuka")
    expect(page.locator(".note-title")).to_contain_text("Tidak ada laporan yang cocok")


def test_pages_turn_forth_and_back(open_page):
    page = open_page("/pengaduan?kanal=JAKI")
    first = page.locator(".complaint-table tbody tr").first
    expect(first).to_contain_text("JK2603110000")
    page.get_by_role("button", name="Berikutnya").click()
    expect(first).to_contain_text("JK2603110030")
    page.get_by_role("button", name="Sebelumnya").click()
    expect(first).to_contain_text("JK2603110000")


def test_one_complaint_opens_in_place_and_its_photos_slide_by_keyboard(open_page):
    page = open_page("/pengaduan?kategori=Pohon", width=390, height=844)
    page.get_by_role("link", name="Pohon").click()
    expect(page).to_have_url(re.compile(f"/pengaduan/{DONE}$"))
    expect(page.locator(".complaint-heading")).to_contain_text("tepat waktu")
    expect(page.locator(".way > li")).to_have_count(1)
    page.get_by_label("Geser antara foto").press("ArrowRight")
    moved = page.locator(".pair").evaluate("pair => pair.style.getPropertyValue('--at')")
    assert moved == "51%"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_a_number_that_nobody_has_gets_a_page_that_says_so(open_page):
    page = open_page("/pengaduan/JK9999999999")
    expect(page.locator(".complaint-missing")).to_contain_text("Tidak ada laporan bernomor")
    expect(page.locator(".complaint-side")).to_be_hidden()
