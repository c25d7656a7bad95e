"""The page of an area in a browser: its address, its lists, the way from area to area, on paper."""

from __future__ import annotations

import re

from playwright.sync_api import expect

GAMBIR = "31.71.01.1001"


def as_lurah(page):
    page.context.add_cookies(
        [{"name": "peran", "value": "lurah", "domain": "127.0.0.1", "path": "/"}]
    )


def test_a_lurah_lands_on_the_own_work_list(open_page):
    page = open_page("/wilayah?utm=1", width=390, height=844, prepare=as_lurah)
    expect(page).to_have_url(re.compile(rf"/wilayah/{GAMBIR}\?utm=1$"))
    expect(page.get_by_role("heading", name="Kelurahan Gambir")).to_be_visible()
    expect(page.get_by_text("Tidak ada laporan terbuka di tangan kantor")).to_be_visible()
    page.locator(".kerja-tab", has_text="lain").click()
    expect(page).to_have_url(re.compile(rf"/wilayah/{GAMBIR}\?utm=1&daftar=lain$"))
    expect(page.locator(".kerja li")).to_have_count(1)
    page.locator(".kerja-chip", has_text="terlambat").click()
    expect(page.get_by_text("Lepas saringan di atas.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_from_area_to_area_and_back(open_page):
    page = open_page("/wilayah/31")
    field = page.get_by_label("Cari wilayah menurut nama")
    field.fill("cideng")
    expect(page.get_by_role("link", name="Kelurahan Cideng")).to_be_visible()
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/wilayah/31\.71\.01\.1002$"))
    expect(page.get_by_role("heading", name="Kelurahan Cideng")).to_be_visible()
    page.get_by_role("link", name="Kecamatan Gambir").click()
    expect(page).to_have_url(re.compile(r"/wilayah/31\.71\.01$"))
    expect(page.get_by_role("heading", name="Kelurahan yang didahulukan")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Kelurahan Cideng")).to_be_visible()
    banjir = page.locator("nav a", has_text="Banjir")
    expect(banjir).to_have_attribute("href", "/banjir?wilayah=31.71.01.1002")


def test_on_paper_there_is_the_work_list_alone(open_page):
    page = open_page(f"/wilayah/{GAMBIR}?daftar=lain", width=703, height=1032)
    expect(page.locator(".kerja li")).to_have_count(1)
    page.emulate_media(media="print")
    for gone in (".wilayah-kini", ".wilayah-map", ".nav", ".kerja-chips", ".header"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.locator(".kerja li")).to_be_visible()
