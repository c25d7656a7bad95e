"""The brief in a browser: a footnote that leads to its replay, and what staff do with a draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from data.brief.editions import Editions
from data.settings import Settings
from data.store import Store
from tests import briefs


@pytest.fixture(scope="module")
def kept(address: str, home: Path) -> str:
    """Address of the full brief of `tests.briefs`, kept as a draft of the served program."""
    store = Store(Settings(home=home).store_url)
    content = briefs.replace(briefs.FULL, cut=datetime.now(UTC).replace(second=0, microsecond=0))
    return f"/ringkasan/{Editions(store).make(content, 'jadwal', datetime.now(UTC)).id}"


def test_a_footnote_opens_and_its_replay_opens_that_page_at_that_instant(
    open_page: Callable[..., Page], kept: str
) -> None:
    page = open_page(kept)
    page.get_by_role("link", name="[3]", exact=True).first.click()
    drawer = page.locator("#laci")
    expect(drawer).to_contain_text("pumps_now")
    drawer.get_by_role("link", name="Putar ulang pada saat itu").click()
    expect(page).to_have_url(re.compile(r"/banjir\?pada=2025-03-12T06%3A15"))
    expect(drawer).not_to_be_visible()
    expect(page.locator(".mark-replay")).to_be_visible()


def test_a_draft_is_ordered_and_commented_with_the_keyboard_alone(
    open_page: Callable[..., Page], kept: str
) -> None:
    page = open_page(kept, width=390, height=844)
    items = page.locator(".brief-attention")
    expect(items).to_have_count(3)
    items.nth(2).get_by_role("button", name="Naik").focus()
    page.keyboard.press("Enter")
    expect(items.nth(1)).to_contain_text("Enam pompa")
    items.nth(1).get_by_text("Catatan…").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Dibahas dengan Dinas SDA.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(items.nth(1).locator(".brief-comments")).to_contain_text("Dibahas dengan Dinas SDA.")
    source = page.locator("#sumber-1")
    mark = source.locator("[data-label='Sidik jari']")
    expect(mark).to_be_hidden()
    source.get_by_text("Rincian").focus()
    page.keyboard.press("Enter")
    expect(mark).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, "nothing lies beyond the right edge of a phone"


def test_a_directive_is_noted_and_what_is_wrong_is_said(open_page: Callable[..., Page]) -> None:
    page = open_page("/ringkasan/arahan", complaints_are="ignored")
    page.get_by_role("button", name="Catat arahan").click()
    expect(page.get_by_text("Isi arahan: tuliskan sedikitnya 10 huruf.")).to_be_visible()
    page.get_by_label("Isi arahan").fill("Keruk Kali Krukut ruas Kemang.")
    page.get_by_label("Penanggung jawab").fill("Dinas SDA")
    page.get_by_role("button", name="Catat arahan").click()
    expect(page.locator(".register-one")).to_contain_text("Keruk Kali Krukut ruas Kemang.")
    expect(page.get_by_label("Isi arahan")).to_have_value("")
