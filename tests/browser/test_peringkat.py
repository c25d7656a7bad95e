"""The ranking in a browser: sorting, searching, the drawer, publishing, a phone and paper."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
NAMES = ".rank-table tbody th .link"


def as_leader(page: Page) -> None:
    page.add_init_script("document.cookie = 'peran=pimpinan; path=/'")


def as_lurah(page: Page) -> None:
    page.add_init_script("document.cookie = 'peran=lurah; path=/'")


def names(page: Page) -> list[str]:
    return page.locator(".rank-table").first.locator("tbody th .link").all_inner_texts()


def test_a_table_is_sorted_with_the_keyboard_and_the_address_keeps_it(open_page: OpenPage) -> None:
    page = open_page("/peringkat")
    expect(page.locator(NAMES).first).to_have_text("Gambir")
    head = page.get_by_role("button", name="Tepat waktu").first
    head.focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[data-key=tepat]").first).to_have_attribute("aria-sort", "ascending")
    assert names(page)[0] == "Cideng"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("urut=-tepat"))
    assert names(page)[-1] == "Cideng"
    page.reload()
    expect(page.locator("th[data-key=tepat]").first).to_have_attribute("aria-sort", "descending")
    assert names(page)[-1] == "Cideng"


def test_a_search_leaves_what_matches_and_says_when_nothing_does(open_page: OpenPage) -> None:
    page = open_page("/peringkat?cari=petojo")
    expect(page.locator(f"{NAMES}:visible")).to_have_text(["Petojo Utara"])
    page.get_by_label("Cari unit").fill("atlantis")
    expect(page.get_by_text("Tidak ada unit yang cocok")).to_be_visible()
    expect(page).to_have_url(re.compile("cari=atlantis"))


def test_the_drawer_closes_with_escape_and_the_focus_returns(open_page: OpenPage) -> None:
    page = open_page("/peringkat")
    unit = page.locator(NAMES, has_text="Cideng")
    unit.focus()
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("link", name="Sanggah")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(unit).to_be_focused()


def test_who_goes_from_the_drawer_to_a_page_is_on_that_page(open_page: OpenPage) -> None:
    page = open_page("/peringkat?cari=cideng")
    page.get_by_label("Cari unit").press("Enter")
    expect(page.locator(NAMES, has_text="Cideng")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("link", name="Sanggah").first.press("Enter")
    expect(page).to_have_url(re.compile("/sanggah"))
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#isi")).to_be_focused()


def test_what_is_typed_into_a_form_outlives_new_data(open_page: OpenPage) -> None:
    page = open_page("/peringkat")
    expect(page.locator(NAMES).first).to_be_visible()
    kept = page.evaluate(
        """() => {
          const { fill } = window.komando;
          const form = '<form><textarea name="text"></textarea></form>';
          const box = document.querySelector("#isi").appendChild(document.createElement("div"));
          fill(box, '<a href="/a">a</a>' + form);
          box.querySelector("form").innerHTML += '<p class="drawer-refusal">Terlalu pendek.</p>';
          box.querySelector("textarea").value = "alasan";
          box.querySelector("textarea").focus();
          box.querySelector("textarea").setSelectionRange(2, 3);
          fill(box, "<p>baru</p>" + form);
          const field = box.querySelector("textarea");
          const told = [field.value, document.activeElement === field, field.selectionStart];
          return [...told, field.form.querySelector(".drawer-refusal").textContent];
        }"""
    )
    assert kept == ["alasan", True, 2, "Terlalu pendek."]


def test_what_a_leader_publishes_opens_under_its_own_address(open_page: OpenPage) -> None:
    page = open_page("/peringkat?tingkat=kota", prepare=as_leader)
    page.get_by_role("button", name="Terbitkan").click()
    expect(page.locator(".rank-frozen")).to_contain_text("persis seperti saat diterbitkan")
    expect(page).to_have_url(re.compile(r"/peringkat/terbitan/[0-9a-f]{12}"))
    page.get_by_role("button", name="Bandingkan dengan sekarang").click()
    expect(page.locator(".rank-changes")).to_contain_text("0 unit berpindah tingkat")


def test_a_phone_shows_cards_without_a_sideways_scroll(open_page: OpenPage) -> None:
    page = open_page("/peringkat", width=390, height=844, prepare=as_lurah)
    expect(page.locator(NAMES).first).to_be_in_viewport()
    expect(page.locator(".rank-own")).to_contain_text("Gambir")
    expect(page.locator(".rank-facts")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tab = page.get_by_role("button", name="Perangkat daerah", exact=True)
    expect(tab).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("Urutkan")).to_be_hidden()
    page.get_by_text("Saring, urutkan, unduh").click()
    page.get_by_label("Urutkan").select_option("nama")
    expect(page.locator(NAMES).first).to_have_text("Cideng")


def test_paper_shows_the_table_and_nothing_to_press(open_page: OpenPage) -> None:
    # As wide as a sheet of A4, which is narrower than what a phone's look begins at.
    page = open_page("/peringkat", width=718)
    expect(page.locator(NAMES).first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".rank-toolbar")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.locator(".rank-facts")).to_be_visible()
    expect(page.locator(".rank-table thead").first).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".print-foot")).to_contain_text("/peringkat · dicetak")
    expect(page.locator(".print-foot")).to_contain_text("DATA SIMULASI")
    # A4 landscape: at least 35 rows of two lines on a sheet.
    page.set_viewport_size({"width": 1047, "height": 700})
    row = page.locator(".rank-table tbody tr").first.bounding_box()
    assert row is not None
    assert row["height"] <= 20
