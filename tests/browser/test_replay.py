"""What a person sees and does on the bar of time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from data import words
from data.asof import WIB, read_as_of
from data.lake import Lake
from tests import lakes


@pytest.fixture(scope="session")
def happened(home: Path) -> datetime:
    """When the rows of the small lake happened; they became known a minute later."""
    lake = Lake(lakes.settings(home), read_only=True)
    moment = lake.value("select max(event_time) from inundations")
    lake.close()
    return moment.astimezone(WIB)


@pytest.fixture
def after(happened: datetime) -> str:
    """The page when its rows had become known."""
    return f"/?pada={happened + timedelta(seconds=90):%Y-%m-%dT%H:%M:%S}"


@pytest.fixture
def before(happened: datetime) -> str:
    """The page when its rows had happened and nobody knew of them."""
    return f"/?pada={happened + timedelta(seconds=30):%Y-%m-%dT%H:%M:%S}"


@pytest.fixture
def night(happened: datetime) -> str:
    """The page at two o'clock in the night before the day before."""
    return f"/?pada={happened - timedelta(days=2):%Y-%m-%d}T02:00"


def band(page):
    return page.get_by_role("region", name="Putar ulang")


def moment(page, text):
    expect(band(page).get_by_role("status")).to_contain_text(text)


def test_the_past_looks_unlike_the_present_and_one_click_leads_back(open_page, after, happened):
    page = open_page(after)
    moment(page, f"{words.moment(happened + timedelta(seconds=90))}, seperti diketahui saat itu")
    expect(page.locator("#tanda")).to_have_text("PUTAR ULANG")
    frame = "getComputedStyle(document.documentElement, '::after').borderTopWidth"
    assert page.evaluate(frame) == "5px"
    page.get_by_role("button", name="Kembali ke kondisi terkini").click()
    expect(page.locator("#tanda")).to_have_text("KONDISI TERKINI")
    expect(band(page)).to_be_hidden()
    assert "pada" not in page.url
    assert page.evaluate(frame) != "5px"


def test_a_moment_that_cannot_be_read_is_named_until_another_is_chosen(open_page):
    page = open_page("/?pada=kemarin")
    note = page.get_by_text("Saat “kemarin” tidak dikenali")
    expect(note).to_be_visible()
    expect(page.locator("#tanda")).to_have_text("KONDISI TERKINI")
    page.get_by_role("button", name="Putar ulang").click()
    expect(page.locator("#tanda")).to_have_text("PUTAR ULANG")
    expect(note).to_be_hidden()


def test_panels_and_sources_look_as_they_were_then(open_page, after, before):
    page = open_page(after)
    expect(page.locator("[data-panel=beranda-siaga]")).to_have_attribute("data-state", "fresh")
    page = open_page(before)
    expect(page.locator("[data-panel=beranda-siaga]")).to_have_attribute("data-state", "never")
    expect(page.locator(".layer-count[data-layer=inundations]")).to_have_text("belum ada data")


def test_what_was_not_known_then_is_outlined_as_known_now(open_page, before):
    page = open_page(before)
    changes = page.locator("[data-panel=beranda-terbaru]")
    expect(changes).to_contain_text("Belum ada data")
    expect(page.locator("#putar-ulang-baru")).to_contain_text("belum diketahui saat itu")
    page.get_by_role("button", name="Seperti diketahui sekarang").click()
    expect(changes.locator(".late-known").first).to_contain_text("baru diketahui")
    assert "seperti=sekarang" in page.url
    page.locator("#putar-ulang-baru").click()
    expect(page.get_by_role("dialog")).to_contain_text("Genangan RT/RW: 1 baris")


def test_keys_step_play_and_return(open_page, night):
    page = open_page(night)
    moment(page, "02.00")
    slider = page.get_by_role("slider", name="Waktu pada hari itu")
    slider.focus()
    page.keyboard.press("ArrowRight")
    moment(page, "02.10")
    page.keyboard.press("Shift+ArrowLeft")
    moment(page, "01.10")
    expect(slider).to_have_attribute("aria-valuetext", "01.10 WIB")
    page.get_by_role("button", name="600 kali").click()
    page.keyboard.press("ArrowLeft")
    moment(page, "01.00")
    slider.focus()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Jeda")).to_be_visible()
    moment(page, re.compile(r"pukul 01\.[1-5]0"))
    page.keyboard.press("Escape")
    expect(page.locator("#tanda")).to_have_text("KONDISI TERKINI")


def test_the_button_of_the_frame_opens_the_bar_and_a_day_can_be_chosen(open_page, happened):
    page = open_page("/")
    page.get_by_role("button", name="Putar ulang").click()
    expect(page.locator("#tanda")).to_have_text("PUTAR ULANG")
    day = happened - timedelta(days=3)
    page.locator("#putar-ulang-saat").fill(f"{day:%Y-%m-%d}T21:15")
    moment(page, f"{words.day(day)} pukul 21.15 WIB")
    page.get_by_role("button", name="Hari berikutnya").click()
    moment(page, f"{words.day(day + timedelta(days=1))} pukul 21.15 WIB")


def test_a_mark_on_the_bar_leads_to_what_happened(open_page, after, happened):
    page = open_page(after)
    mark = page.get_by_role("button", name=re.compile("mulai tergenang di Jakarta Pusat"))
    mark.focus()
    expect(mark.locator(".replay-tip")).to_be_visible()
    mark.click()
    moment(page, words.clock(happened))


@pytest.mark.parametrize("width", [390, 1920])
def test_the_bar_fits_the_screen(open_page, after, width):
    page = open_page(after, width=width, height=844)
    expect(page.locator(".replay-mark").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 390:
        for button in band(page).get_by_role("button").all():
            box = button.bounding_box()
            assert box is None or box["height"] >= 44


def test_browser_and_server_read_the_same_moments(open_page):
    page = open_page("/publik", complaints_are="ignored")
    asked = [
        "2026-02-18",
        "2026-02-18T03:10",
        "2026-02-18 03:10:09",
        "2026-02-18T03:10:09.500000+07:00",
        "2026-02-17T20:10Z",
        "2026-02-18T03:10+07:00",
        "2026-02-30T03:10",
        "2026-02-18T24:00",
        "2026-02-18T03",
        "20260218T0310",
        "2026-13-01",
        "2026-02-18T03:10+99:00",
        "1899-12-31",
        "2999-01-01",
        "kemarin",
        "",
    ]
    heard = page.evaluate(
        "asked => asked.map(pada => komando.replayed({ query: { pada: pada } }))", asked
    )
    read = [read_as_of(pada, None, datetime.now(UTC)) for pada in asked]
    assert heard == [None if one.live else one.event_time.timestamp() * 1000 for one in read]
    assert sum(one.live for one in read) == 10
