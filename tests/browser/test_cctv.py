"""The wall of cameras in a browser: pictures come together, stay when tiles are redrawn, and go."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import expect

from data.frames import Frames
from data.lake import Lake
from data.tables import TABLES
from tests import lakes
from tests.browser.serving import Server

CAMERAS = 5


def jpeg(shade):
    body = io.BytesIO()
    Image.new("RGB", (64, 36), (shade, 90, 60)).save(body, "JPEG")
    return body.getvalue()


def check(cursor, name, state, at):
    lakes.insert(
        cursor,
        "camera_checks",
        lakes.common(at) | {"event_time": at, "camera_id": name, "state": state},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("cctv")
    now = datetime.now(UTC)
    lake = lakes.small_lake(home, now)
    nothing = {column.name: None for column in TABLES["cameras"].columns}
    with lake.write() as cursor:
        lakes.insert(
            cursor,
            "feeds",
            {
                "feed": "cameras",
                "title": "Kamera",
                "source": "tests",
                "licence": "tests",
                "tables": "camera_checks,cameras",
                "every_s": 10.0,
                "late_s": 600.0,
                "expired_s": 1200.0,
                "clock": "fetch",
                "scheduled": True,
                "simulated": True,
                "declared_at": now,
            },
        )
        lakes.add_run(cursor, "cameras", now, event_time=now)
        for number in range(CAMERAS):
            name = f"g{number}"
            lakes.insert(
                cursor,
                "cameras",
                nothing
                | lakes.common(now)
                | {
                    "camera_id": name,
                    "name": f"Pintu {number}",
                    "kind": "gate",
                    "proxied": True,
                    "lon": 106.82,
                    "lat": -6.18,
                    "kelurahan_code": "31.71.01.1001",
                },
            )
            check(cursor, name, "frozen" if number == 1 else "live", now - timedelta(seconds=5))
    lake.close()
    for number in range(CAMERAS - 1):
        age = timedelta(minutes=50 if number == 1 else 0)
        Frames(home / "frames").keep(f"g{number}", jpeg(40 * number), now - age)
    return home


@pytest.fixture(scope="module")
def address(home):
    with Server(home) as server:
        yield server.address


def test_pictures_come_in_one_request_and_their_elements_outlive_a_redraw(open_page, home):
    asked = []
    page = open_page("/cctv?kelompok=pintu-air")
    page.on("request", lambda request: asked.append(request.url))
    tiles = page.locator(".cameras .camera")
    expect(tiles).to_have_count(CAMERAS)
    expect(page.locator(".cameras img")).to_have_count(CAMERAS - 1)
    # What is not live says so, and the age of its last picture.
    frozen = page.locator('.camera[data-state="frozen"]')
    expect(frozen).to_contain_text("Gambar beku")
    expect(frozen.locator(".camera-age")).to_have_text("50 mnt lalu")
    expect(page.locator(".camera-picture[data-note='Belum ada gambar']")).to_have_count(1)

    first = page.locator('.camera-picture[data-camera="g0"] img')
    before = first.evaluate("image => { image.dataset.kept = 'yes'; return image.src; }")
    asked.clear()
    now = datetime.now(UTC)
    Frames(home / "frames").keep("g0", jpeg(200), now)
    with Lake(lakes.settings(home)).write() as cursor:
        check(cursor, "g2", "black", now)
        lakes.add_run(cursor, "cameras", now, version=9, event_time=now)
    expect(page.locator('.camera[data-state="black"]')).to_have_count(1)
    expect(first).not_to_have_attribute("src", before)
    expect(first).to_have_attribute("data-kept", "yes")
    sheets = [url for url in asked if "/cctv/lembar" in url]
    assert sheets
    assert all(url.count("g") >= CAMERAS for url in sheets)
    assert not [url for url in asked if url.endswith(".jpg")]


def test_a_picture_that_nobody_sees_is_not_asked_for_and_not_held(open_page):
    page = open_page("/cctv?kelompok=pintu-air")
    expect(page.locator(".cameras img")).to_have_count(CAMERAS - 1)
    page.locator('[data-go*="kondisi"]').first.click()
    expect(page.locator(".cameras .camera")).not_to_have_count(CAMERAS)
    left = page.locator(".cameras .camera-picture[data-camera]").count()
    page.evaluate("komando.pictures.poll()")
    assert page.evaluate("komando.pictures.held()") <= left


def test_a_picture_that_was_replaced_is_let_go(open_page, home):
    # A browser complains of an address that leads nowhere any more, which is what is wanted here.
    page = open_page("/cctv?kelompok=pintu-air", complaints_are="ignored")
    shown = page.locator('.camera-picture[data-camera="g3"] img')
    before = shown.get_attribute("src")
    Frames(home / "frames").keep("g3", jpeg(220), datetime.now(UTC))
    expect(shown).not_to_have_attribute("src", before)
    load = """url => new Promise((done) => {
        const image = new Image();
        image.onload = () => done("held");
        image.onerror = () => done("gone");
        image.src = url;
    })"""
    assert page.evaluate(load, before) == "gone"
    assert page.evaluate(load, shown.get_attribute("src")) == "held"


def test_the_drawer_of_a_camera_shows_its_picture_and_its_outages(open_page):
    page = open_page("/cctv?kelompok=pintu-air")
    page.locator(".camera-open").first.click()
    drawer = page.locator("#laci")
    expect(drawer.locator("img")).to_have_count(1)
    expect(drawer).to_contain_text("Riwayat 30 hari")


def test_the_wall_fits_a_phone(open_page):
    page = open_page("/cctv", width=390, height=844)
    expect(page.locator(".cameras .camera")).to_have_count(CAMERAS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = page.locator(".choice").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert min(sizes) >= 44
