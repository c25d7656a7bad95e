"""What a person sees and does on the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from data.lake import Lake
from tests import lakes

SIZES = [(1920, 1080), (3840, 2160), (390, 844)]
PAGES = ["/", "/sistem"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_page_opens_at_every_size_without_a_complaint(open_page, path, width, height):
    page = open_page(path, width=width, height=height)
    expect(page.locator("main")).to_be_visible()
    expect(page.locator(".panel[aria-busy=true]")).to_have_count(0)
    expect(page.locator("#tanda")).to_have_text("KONDISI TERKINI")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_typed_stays_with_its_record_when_another_comes_before_it(open_page):
    page = open_page("/sistem")
    left = page.evaluate(
        """() => {
            const form = (key) => `<details data-key="${key}"><summary>Catat</summary><form>
                <textarea></textarea><select><option>pagi<option>sore</select></form></details>`;
            const panel = document.body.appendChild(document.createElement("section"));
            const { fill } = window.komando;
            const of = (key) => panel.querySelector(`[data-key="${key}"]`);
            fill(panel, form(2) + form(1));
            of(1).open = true;
            of(1).querySelector("textarea").value = "selesai";
            of(1).querySelector("textarea").focus();
            const chosen = form(2).replace("<option>sore", "<option selected>sore");
            fill(panel, form(3) + chosen + form(1));
            return [3, 2, 1].map((key) => [
                of(key).open,
                of(key).querySelector("textarea").value,
                of(key).querySelector("select").value,
                of(key).contains(document.activeElement),
            ]);
        }"""
    )
    assert left == [
        [False, "", "pagi", False],
        [False, "", "sore", False],
        [True, "selesai", "pagi", True],
    ]


def test_the_strip_tells_each_feeds_state_by_shape_word_and_age(open_page):
    page = open_page("/sistem")
    strip = page.locator(".feed-strip")
    expect(strip.locator(".feed-cells .state")).to_have_count(len(lakes.FEEDS))
    trouble = strip.locator(".feed-trouble", has_text="Kemacetan")
    expect(trouble).to_contain_text(re.compile(r"Kemacetan\s+\d\d mnt lalu"))
    strip.locator("summary").click()
    chip = strip.locator(".feed-chip", has_text="Kemacetan")
    expect(chip).to_contain_text("Terputus")
    expect(chip).to_contain_text("DATA SIMULASI")
    chip.click()
    expect(page).to_have_url(re.compile(r"/sistem\?sumber=waze_ccp"))


def test_choosing_a_feed_filters_runs_and_refused_rows_and_is_a_link_to_share(open_page):
    page = open_page("/sistem")
    rows = page.locator("#karantina .ag-center-cols-container .ag-row")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Rumah pompa").click()
    expect(page).to_have_url(re.compile(r"\?sumber=pantau_pumps$"))
    expect(rows).to_have_count(0)
    runs = page.locator("[data-panel=sistem-riwayat] tbody tr")
    expect(runs).to_have_count(1)
    shared = open_page("/sistem?sumber=dsda_levels")
    expect(shared.locator("#karantina .ag-center-cols-container .ag-row")).to_have_count(3)
    expect(shared.locator(".filter-note")).to_contain_text("dsda_levels")


def test_a_refused_row_opens_with_its_reason_and_its_content(open_page):
    page = open_page("/sistem")
    page.locator("#karantina").get_by_text("di luar -500 sampai").first.click()
    expect(page.locator("#laci")).to_contain_text('{"station": "Manggarai", "level": 9999}')
    page.keyboard.press("Escape")
    expect(page.locator("#laci")).to_be_hidden()


def test_the_catalogue_opens_a_tables_columns_with_their_units(open_page):
    page = open_page("/sistem")
    page.get_by_role("button", name="water_levels", exact=True).click()
    row = page.locator("#laci tr", has_text="level_cm")
    expect(row).to_contain_text("cm")
    expect(row).to_contain_text("−500 … 1.500")


def test_how_a_panel_is_computed_is_one_menu_away(open_page):
    page = open_page("/sistem")
    page.get_by_label("Menu panel Riwayat proses").click()
    page.get_by_role("menuitem", name="Lihat cara hitung").click()
    expect(page.locator("#laci")).to_contain_text("Dibaca = baru + tetap + karantina")
    page.locator("#laci summary", has_text="runs.sql").click()
    expect(page.locator("#laci pre")).to_contain_text("from feed_runs")


def test_the_data_of_a_panel_can_be_downloaded(open_page):
    page = open_page("/sistem")
    page.get_by_label("Menu panel Sumber data").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Unduh data (CSV)").click()
    assert re.match(r"komando-sistem-sumber-simulasi-.*\.csv", download.value.suggested_filename)


def test_an_area_is_found_by_words_stays_in_the_address_and_goes_along(open_page):
    page = open_page("/sistem")
    picker = page.get_by_role("textbox", name="Pilih wilayah")
    picker.click()
    picker.fill("pusat gambir kel")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Kec. Gambir")
    page.get_by_role("option", name="Kel. Gambir · Kec. Gambir · Jakarta Pusat").click()
    expect(page).to_have_url(re.compile(r"\?wilayah=31\.71\.01\.1001$"))
    page.get_by_role("link", name="Beranda").click()
    expect(page).to_have_url(re.compile(r"/\?wilayah=31\.71\.01\.1001$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/sistem\?wilayah=31\.71\.01\.1001$"))
    expect(page.locator("h1")).to_have_text("Sistem dan sumber data")
    expect(picker).to_have_value("Kel. Gambir · Kec. Gambir · Jakarta Pusat")


def test_a_replay_is_marked_and_one_click_from_now(open_page):
    page = open_page("/sistem?pada=2026-02-18T03:10&seperti=saat-itu")
    expect(page.locator("#tanda")).to_have_text("PUTAR ULANG")
    expect(page.locator("#putar-ulang")).to_contain_text("Rabu, 18 Februari 2026 pukul 03.10 WIB")
    page.get_by_role("button", name="Kembali ke kondisi terkini").click()
    expect(page).to_have_url(re.compile(r"/sistem$"))
    expect(page.locator("#tanda")).to_have_text("KONDISI TERKINI")
    expect(page.locator("#putar-ulang")).to_be_hidden()


def test_the_chosen_theme_is_remembered(open_page):
    page = open_page("/sistem")
    page.get_by_label("Tampilan terang atau gelap").click()
    page.get_by_role("menuitem", name="Gelap").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_two_readers_at_once_do_not_share_their_roles(open_page):
    operator = open_page("/sistem")
    public = open_page("/sistem", complaints_are="ignored")
    public.get_by_label("Peran demo").click()
    public.get_by_role("menuitem", name="Publik").click()
    expect(public.locator("h1")).to_have_text("Tidak berwenang")
    expect(public.get_by_role("link", name="Sistem")).to_have_count(0)
    operator.reload()
    expect(operator.locator("h1")).to_have_text("Sistem dan sumber data")


def test_the_keyboard_reaches_the_content_first(open_page):
    page = open_page("/sistem")
    expect(page.locator("main")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#isi")).to_be_focused()


def test_new_data_appear_by_themselves_where_they_belong_once_nobody_is_in_a_field(open_page, home):
    page = open_page("/sistem")
    panel = page.locator("[data-panel=sistem-riwayat]")
    runs = panel.locator("tbody tr")
    expect(runs.first).to_be_visible()
    before = runs.count()
    panel.locator(".panel-html").evaluate("(html) => html.append(document.createElement('select'))")
    panel.locator("select").press("Home")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    lake = Lake(lakes.settings(home))
    now = datetime.now(UTC)
    with lake.write() as cursor:
        lakes.add_run(cursor, "udara_jakarta", now, version=4, event_time=now)
    lake.close()
    expect(panel.locator(".panel-badge")).to_contain_text("data baru menunggu isian")
    expect(runs).to_have_count(before)
    panel.locator("select").blur()
    expect(runs).to_have_count(before + 1)
    expect(panel.locator(".panel-badge")).not_to_contain_text("menunggu")
    assert not [url for url in asked if "/panel/sistem-katalog" in url]


def test_a_screen_that_lost_its_server_says_so(open_page):
    page = open_page("/sistem", complaints_are="ignored")
    expect(page.locator(".feed-cells .state").first).to_be_visible()
    page.route("**/versi", lambda route: route.abort())
    banner = page.locator("#tidak-terhubung")
    expect(banner).to_contain_text("LAYAR TIDAK TERHUBUNG sejak pukul")
    page.unroute("**/versi")
    expect(banner).to_be_hidden()


def test_the_citizens_page_says_on_paper_whence_and_when_it_is(open_page):
    page = open_page("/publik")
    expect(page.locator(".panel[data-state]").first).to_be_attached()
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".print-foot")).to_contain_text("/publik · dicetak")


def test_the_citizens_page_which_asks_seldom_is_not_called_lost_between_two_answers(open_page):
    page = open_page("/publik", complaints_are="ignored", prepare=lambda page: page.clock.install())
    banner = page.locator("#tidak-terhubung")
    with page.expect_response("**/versi"):
        page.clock.run_for(36_000)
    expect(banner).to_be_hidden()
    page.route("**/versi", lambda route: route.abort())
    page.clock.run_for(20_000)
    expect(banner).to_be_hidden()
    page.clock.run_for(60_000)
    expect(banner).to_contain_text("LAYAR TIDAK TERHUBUNG sejak pukul")


def test_an_area_that_nobody_knows_is_named_and_leaves_the_address(open_page):
    page = open_page("/banjir?wilayah=xx&pos=manggarai")
    expect(page.locator(".mantine-Notification-root")).to_contain_text("Wilayah “xx” tidak dikenal")
    expect(page).to_have_url(re.compile(r"/banjir\?pos=manggarai$"))
    expect(page.locator(".area-picker input").first).to_have_value("Seluruh Jakarta")
