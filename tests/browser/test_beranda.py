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
    expect(page.locator(".map-popup")).to_be_focused()
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(gate(page)).to_be_focused()
    page.get_by_role("link", name="Lewati peta").press("Enter")
    expect(page.locator(".map > span")).to_be_focused()


def test_points_are_read_one_by_one_from_the_middle_of_the_map(open_page):
    page = ready(open_page("/"))
    reader = page.get_by_role("button", name="Baca titik di peta")
    told = page.locator(".map-said")
    reader.press("Enter")
    expect(told).to_have_text(re.compile(r"1 dari \d+; [\d,]+ k?m dari pusat peta; .*Sumber: "))
    expect(page.get_by_role("button", name="Berikutnya")).to_be_focused()
    page.keyboard.press("n")
    expect(told).to_have_text(re.compile("2 dari "))
    page.keyboard.press("p")
    expect(told).to_have_text(re.compile("1 dari "))
    page.keyboard.press("Escape")
    expect(page.locator(".popup")).to_have_count(0)
    expect(reader).to_be_focused()


def test_paper_tells_the_looks_of_the_layers_that_are_on(open_page):
    page = ready(open_page("/"))
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    key = page.locator(".beranda-map + .map-key")
    expect(key).to_contain_text("Siaga 1 – Bahaya")
    expect(key).not_to_contain_text("Kamera")
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(key).to_have_count(0)


def test_enter_goes_to_the_best_place_escape_closes_it_and_back_undoes_its_filter(open_page):
    page = ready(open_page("/"))
    search = page.get_by_role("textbox", name="Cari tempat di peta")
    search.fill("zzzz")
    expect(page.get_by_text("Tidak ditemukan")).to_be_visible()
    search.fill("gambir")
    expect(page.get_by_role("option", name="Gambir · Gambir", exact=True)).to_be_visible()
    search.press("Enter")
    expect(page.locator(".popup h3")).to_have_text("Gambir")
    search.press("Escape")
    expect(page.locator(".popup")).to_have_count(0)
    search.fill("gambir")
    search.press("Enter")
    page.get_by_role("button", name="Saring halaman ke Kel. Gambir").click()
    expect(page).to_have_url(re.compile(r"\?wilayah=31\.71\.01\.1001$"))
    picker = page.get_by_role("textbox", name="Pilih wilayah")
    expect(picker).to_have_value(re.compile("^Kel. Gambir"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(picker).to_have_value("Seluruh Jakarta")


def test_a_source_that_fails_is_told_before_its_data_are_late(open_page):
    def fail(route):
        answer = route.fetch()
        told = answer.json()
        told["feeds"]["pantau_pumps"]["failing"] = True
        route.fulfill(response=answer, json=told)

    page = open_page("/sistem")
    page.route("**/versi", fail)
    page.goto(page.url.replace("/sistem", "/"))
    trouble = page.locator(".feed-trouble", has_text="Rumah pompa")
    expect(trouble).to_contain_text("Gagal diambil")
    expect(page.locator(".feed-count", has_text="gagal diambil")).to_have_text("1 gagal diambil")
    badge = page.locator("[data-panel=beranda-pompa] .panel-badge")
    expect(badge).to_contain_text("pengambilan gagal")


def test_a_part_that_another_role_may_not_see_says_so_and_is_not_green(open_page):
    page = ready(open_page("/", complaints_are="ignored"))
    page.route(
        "**/panel/beranda-pompa?*",
        lambda route: route.fulfill(
            status=403, content_type="text/html", body="<h1>Forbidden</h1>"
        ),
    )
    page.evaluate("komando.go({ wilayah: '31.71' })")
    tile = page.locator("[data-panel=beranda-pompa]")
    expect(tile).to_contain_text("Tidak berwenang melihat bagian ini. Muat ulang halaman.")
    expect(tile).not_to_contain_text("Forbidden")
    expect(tile.locator(".panel-badge")).to_contain_text("Gagal dimuat")


def test_ages_on_a_replayed_map_count_from_its_moment(open_page):
    def month_ago(route):
        answer = route.fetch()
        drawn = answer.json()
        for feature in drawn["features"]:
            if "t" in feature["properties"]:
                feature["properties"]["t"] -= 30 * 86_400
                drawn["layer"]["moment"] = feature["properties"]["t"] + 120
        route.fulfill(response=answer, json=drawn)

    page = ready(open_page("/"))
    page.route("**/geo/gates.geojson?*", month_ago)
    page.evaluate("komando.go({ pada: new Date(komando.now() - 1000).toISOString() })")
    expect(gate(page).locator("small")).to_have_text("2 mnt lalu")
    gate(page).press("Enter")
    expect(page.locator(".popup time")).to_have_text("2 mnt lalu")


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
