"""What a person sees and does on Beranda and its map."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from data.lake import Lake
from tests import lakes


def ready(page):
    expect(page.locator(".map-canvas")).to_have_attribute("aria-busy", "false")
    return page


def gate(page):
    return page.get_by_role("button", name=re.compile("^P.A. Manggarai, Siaga"))


def test_the_city_stands_on_one_screen(open_page):
    page = ready(open_page("/"))
    expect(page.locator(".key")).to_have_count(10)
    expect(page.locator(".panel[aria-busy=true]")).to_have_count(0)
    expect(page.locator("[data-panel=beranda-siaga]")).to_contain_text("Siaga 4 – Normal")
    for box in (page.locator(".key").last, page.locator(".beranda-map")):
        place = box.bounding_box()
        assert place["y"] + place["height"] <= 1080


def test_on_a_phone_the_map_comes_first_and_the_numbers_follow(open_page):
    page = ready(open_page("/", width=390, height=844))
    map_box = page.locator(".beranda-map").bounding_box()
    first = page.locator(".key").first.bounding_box()
    assert map_box["y"] + map_box["height"] <= first["y"]
    assert page.locator(".layer-control").get_attribute("open") is None


def test_a_gate_tells_its_level_source_time_and_origin_by_keyboard(open_page):
    page = ready(open_page("/"))
    gate(page).focus()
    page.keyboard.press("Enter")
    popup = page.locator(".popup")
    expect(popup.locator("h3")).to_have_text("P.A. Manggarai")
    expect(popup).to_contain_text(re.compile("Siaga [14] – (Normal|Bahaya)"))
    expect(popup).to_contain_text(
        re.compile(r"Sumber: Tinggi muka air · \d\d\.\d\d WIB · \d+ (mnt|dtk)|baru saja")
    )
    expect(popup).to_contain_text("DATA SIMULASI")


def test_a_place_is_found_by_typing_and_filters_the_page(open_page):
    page = ready(open_page("/"))
    page.get_by_role("textbox", name="Cari tempat di peta").press_sequentially("gambir")
    expect(page.get_by_role("option", name="Gambir · Gambir", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Saring halaman ke Kel. Gambir").click()
    expect(page).to_have_url(re.compile(r"\?wilayah=31\.71\.01\.1001$"))
    expect(page.locator(".map-kelurahan.is-chosen")).to_have_count(1)


def test_a_click_on_an_area_filters_the_page_one_level_deeper_each_time(open_page):
    page = ready(open_page("/"))
    page.emulate_media(reduced_motion="reduce")
    # Symbols and their labels would take the click.
    for shown in page.get_by_role("checkbox").all():
        shown.set_checked(False)
    area = page.locator(".map-kelurahan")
    for code in ("31.71", "31.71.01", "31.71.01.1001"):
        expect(area).to_have_count(1)
        box = area.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page).to_have_url(re.compile(rf"\?wilayah={re.escape(code)}$"))
        expect(page.locator(".map-outline.is-chosen")).to_have_count(1)


@pytest.mark.parametrize("width", [1920, 390])
def test_the_map_says_that_its_lines_are_approximate(open_page, width):
    page = ready(open_page("/", width=width))
    sources = page.locator(".leaflet-control-attribution")
    expect(sources).to_have_text("Peta dasar: batas perkiraan · alur sungai dan pantai perkiraan")
    box = sources.bounding_box()
    for other in (".leaflet-control-scale", ".layer-control"):
        beside = page.locator(other).bounding_box()
        assert (
            beside["y"] + beside["height"] <= box["y"] or beside["x"] + beside["width"] <= box["x"]
        )


def test_a_layer_that_was_switched_off_stays_off(open_page):
    page = ready(open_page("/"))
    expect(gate(page)).to_have_count(1)
    page.get_by_role("checkbox", name="Pintu air dan pos").uncheck()
    expect(gate(page)).to_have_count(0)
    page.reload()
    ready(page)
    expect(page.get_by_role("checkbox", name="Pintu air dan pos")).not_to_be_checked()
    expect(gate(page)).to_have_count(0)
    page.get_by_role("checkbox", name="Pintu air dan pos").check()
    expect(gate(page)).to_have_count(1)


def test_the_map_is_drawn_again_after_a_visit_to_another_page(open_page):
    page = ready(open_page("/"))
    page.get_by_role("link", name="Sistem").click()
    expect(page.locator("#karantina")).to_be_visible()
    page.get_by_role("link", name="Beranda").click()
    ready(page)
    expect(gate(page)).to_have_count(1)
    expect(page.locator(".layer-number").first).not_to_be_empty()


def test_only_staff_have_a_layer_of_officers(open_page, address):
    page = ready(open_page("/"))
    expect(page.get_by_role("checkbox", name="Petugas")).to_have_count(1)
    page.context.add_cookies([{"name": "peran", "value": "publik", "url": address}])
    page.reload()
    ready(page)
    expect(page.get_by_role("checkbox", name="Petugas")).to_have_count(0)
    expect(page.locator("[data-panel=beranda-petugas]")).to_have_count(0)


def test_a_new_level_reaches_map_and_numbers_without_a_reload(open_page, home):
    page = ready(open_page("/"))
    expect(page.locator(".gate-1")).to_have_count(0)
    now = datetime.now(UTC)
    lake = Lake(lakes.settings(home))
    with lake.write() as cursor:
        level = {"station_id": "manggarai", "level_cm": 965.0, "feed": "test"}
        times = {"event_time": now - timedelta(seconds=5), "known_time": now}
        lakes.insert(cursor, "water_levels", lakes.common(now) | level | times)
        lakes.add_run(cursor, "dsda_levels", now, version=9, event_time=now)
    lake.close()
    expect(page.locator(".gate-1")).to_contain_text("965 cm")
    expect(page.locator("[data-panel=beranda-siaga]")).to_contain_text("P.A. Manggarai 965 cm")
