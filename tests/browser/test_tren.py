"""Trends in a browser: the choices stand in the address, and pictures and notes are made there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from data.lake import Lake
from tests import lakes


@pytest.fixture(scope="module", autouse=True)
def rain(home):
    """Days of rain of last year in the lake that the program serves."""
    lake = Lake(lakes.settings(home))
    with lake.write() as cursor:
        cursor.execute(
            """
            insert into rain_days by name
            select
                day::date as day,
                day::date as known_day,
                'p' || station as station_id,
                true as simulated,
                false as assumed,
                1 as readings,
                5.0 as rain_mm
            from unnest(
                range(timestamp '2024-01-01', timestamp '2026-01-01', interval 1 day)
            ) as days (day)
            cross join (values (1), (2)) as stations (station)
            """
        )
    lake.close()


def test_choices_stand_in_the_address_and_a_picture_tells_where_it_is_from(open_page):
    page = open_page("/tren?seri=hujan-jumlah&dari=2024-01-01&sampai=2025-12-31")
    expect(page.locator(".tren-judul h3")).to_contain_text("Curah hujan – Seluruh Jakarta")
    page.locator('[data-tren="tempat"]').select_option("p1")
    expect(page.locator(".tren-tempat li")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"tempat=31(\||%7C)p1"))
    page.get_by_role("button", name="Bulan × tahun").click()
    expect(page.locator(".js-plotly-plot .hm")).to_be_visible()
    with page.expect_download() as told:
        page.get_by_role("button", name="SVG").click()
    drawn = told.value.path().read_text(encoding="utf-8")
    assert told.value.suggested_filename.startswith("komando-hujan-jumlah-")
    assert "Curah hujan" in drawn
    assert "DATA SIMULASI" in drawn
    assert "var(--" not in drawn


def test_a_note_is_written_and_stands_in_the_figure(open_page):
    page = open_page("/tren?seri=hujan-jumlah&dari=2024-01-01&sampai=2025-12-31")
    page.get_by_role("button", name="Catatan…").click()
    page.locator(".tren-formulir [name=day]").fill("2025-02-01")
    page.locator(".tren-formulir [name=text]").fill("Alat ukur diganti")
    page.locator(".tren-formulir [name=source]").fill("Berita acara")
    page.get_by_role("button", name="Simpan").click()
    expect(page.locator(".tren-arti")).to_contain_text("Alat ukur diganti")


def test_on_a_phone_nothing_is_wider_than_the_screen(open_page):
    page = open_page("/tren?seri=hujan-jumlah&dari=2024-01-01", width=390, height=844)
    expect(page.locator(".tren-judul")).to_be_visible()
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_screen_of_4k_a_figure_is_written_as_large_as_the_page(open_page):
    page = open_page("/tren?seri=hujan-jumlah&dari=2024-01-01", width=3840, height=2160)
    tick = page.locator(".js-plotly-plot .ytick text").first
    expect(tick).to_be_visible()
    written = "node => parseFloat(getComputedStyle(node).fontSize)"
    assert tick.evaluate(written) == pytest.approx(12 * 1.7)


def test_on_paper_a_figure_of_the_night_has_the_ink_and_width_of_a_sheet_until_it_is_printed(
    open_page,
):
    page = open_page("/tren?seri=hujan-jumlah&dari=2024-01-01")
    page.evaluate("() => komando.chooseTheme('dark')")
    figure = page.locator(".js-plotly-plot")
    tick, picture = figure.locator(".ytick text").first, figure.locator(".main-svg").first
    line = figure.locator(".scatterlayer .js-line").first
    of_night, of_day = "rgb(152, 164, 178)", "rgb(86, 96, 109)"
    expect(tick).to_have_css("fill", of_night)
    expect(line).to_have_css("stroke", "rgb(132, 184, 228)")
    before = picture.get_attribute("width")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    expect(tick).to_have_css("fill", of_day)
    expect(line).to_have_css("stroke", "rgb(7, 92, 155)")
    expect(picture).to_have_attribute("width", "620")
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(tick).to_have_css("fill", of_night)
    expect(picture).to_have_attribute("width", before)
    expect(line).to_have_css("stroke", "rgb(132, 184, 228)")
