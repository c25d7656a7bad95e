"""The wall in its four layouts: all of it can be read, nothing is cut, what is stale is seen."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

# Layout -> size in px, and pitch in mm of such a screen; read from five metres.
SCREENS = {
    "satu": (1920, 1080, 0.63),
    "penuh": (3840, 2160, 0.43),
    "dua": (3840, 1080, 0.63),
    "enam": (5760, 2160, 0.63),
}
SEAMS = {"dua": ([1920], []), "enam": ([1920, 3840], [1080])}
LEAST_CONTRAST = 7.0
SEAM_PX = 24

# Each piece of text that is seen, with its size, its box and that of the zone around it.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  const seen = { visibilityProperty: true, opacityProperty: true };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!node.nodeValue.trim() || !holder.checkVisibility(seen)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const around = holder.closest(".zone:not(.zone-status), .wall-bar") || document.body;
    const zone = around.getBoundingClientRect();
    const size = parseFloat(getComputedStyle(holder).fontSize);
    for (const box of range.getClientRects()) {
      // Letters do not reach the edges of their line.
      const blank = (box.height - 0.9 * size) / 2;
      found.push({
        text: node.nodeValue.trim(),
        size: size,
        box: [box.left, box.top + blank, box.right, box.bottom - blank],
        zone: [zone.left, zone.top, zone.right, zone.bottom],
      });
    }
  }
  return found;
}"""

# The colours of each value and of what lies under it.
COLOURS = """() => Array
  .from(document.querySelectorAll(".value, .amount, [data-clock], .status-word"))
  .filter((node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((node) => {
    const of = (one) => getComputedStyle(one).backgroundColor;
    let under = node;
    while (under.parentElement && /, 0\\)$/.test(of(under))) under = under.parentElement;
    return [node.textContent, getComputedStyle(node).color, of(under)];
  })"""

ZONES = """() => Array.from(document.querySelectorAll(".zone:not(.zone-kamera, .zone-status)"))
  .filter((zone) => zone.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((zone) => {
    const box = zone.getBoundingClientRect();
    return [zone.dataset.panel, box.left, box.top, box.right, box.bottom];
  })"""


def open_wall(open_page, layout: str, more: str = "") -> Page:
    width, height, pitch = SCREENS[layout]
    page = open_page(f"/dinding?jarak=5&mm_px={pitch}{more}", width=width, height=height)
    expect(page.locator(".zone[aria-busy=true]")).to_have_count(0)
    expect(page.locator("body")).to_have_attribute("data-layout", layout)
    page.evaluate("document.fonts.ready")
    # The wall has heard that nobody ordered anything.
    expect(page.locator("html")).to_have_attribute("data-side", re.compile("one|other"))
    # What leaves for want of room does so at the next look, which comes with a new size.
    page.evaluate("window.dispatchEvent(new Event('resize'))")
    return page


@pytest.mark.parametrize("layout", SCREENS)
def test_all_text_is_large_enough_and_none_is_cut_or_near_a_seam(open_page, layout):
    page = open_wall(open_page, layout)
    width, height, _ = SCREENS[layout]
    unit = page.evaluate("parseFloat(getComputedStyle(document.body).getPropertyValue('--u'))")
    texts = page.evaluate(TEXTS)
    assert len(texts) > 20
    assert [one["text"] for one in texts if one["size"] < unit - 0.01] == []
    assert [one["text"] for one in texts if not inside(one["box"], [0, 0, width, height])] == []
    assert [one["text"] for one in texts if not inside(one["box"], one["zone"])] == []
    across, down = SEAMS.get(layout, ([], []))
    near = [
        one["text"]
        for one in texts
        if any(one["box"][0] < at + SEAM_PX and one["box"][2] > at - SEAM_PX for at in across)
        or any(one["box"][1] < at + SEAM_PX and one["box"][3] > at - SEAM_PX for at in down)
    ]
    assert near == []
    scrolled = "document.documentElement.scrollWidth + ',' + document.documentElement.scrollHeight"
    assert page.evaluate(scrolled) == f"{width},{height}"


@pytest.mark.parametrize("layout", SCREENS)
def test_zones_do_not_lie_on_each_other(open_page, layout):
    zones = open_wall(open_page, layout).evaluate(ZONES)
    assert len(zones) >= 4
    touching = [
        (one[0], other[0])
        for number, one in enumerate(zones)
        for other in zones[number + 1 :]
        if one[1] < other[3] - 1
        and other[1] < one[3] - 1
        and one[2] < other[4] - 1
        and other[2] < one[4] - 1
    ]
    assert touching == []


@pytest.mark.parametrize("theme", ["terang", "gelap"])
def test_values_stand_out_by_day_and_by_night(open_page, theme):
    page = open_wall(open_page, "enam", f"&tema={theme}")
    expect(page.locator("html")).to_have_attribute(
        "data-theme", {"terang": "light", "gelap": "dark"}[theme]
    )
    page.wait_for_function(f"() => ({COLOURS})().length > 8")
    values = [one for one in page.evaluate(COLOURS) if alpha(one[1]) == 1]
    assert len(values) > 4
    faint = [one for one in values if contrast(one[1], one[2]) < LEAST_CONTRAST]
    assert faint == []


def test_when_a_feed_dies_its_gates_look_stale_and_are_not_judged(open_page):
    page = open_wall(open_page, "satu")
    gate = page.locator(".gate[data-key=manggarai]")
    before = gate.screenshot()
    page.evaluate(
        """() => document.querySelectorAll("[data-key=manggarai] [data-fresh]").forEach((one) => {
          one.dataset.fresh = new Date(komando.present() - 4 * 3600000).toISOString();
          const time = one.querySelector("time");
          if (time) time.dateTime = one.dataset.fresh;
        })"""
    )
    expect(gate.locator(".reading")).to_have_attribute("data-state", "expired")
    expect(gate.locator(".reading-age")).to_have_text("4 jam lalu")
    assert gate.screenshot() != before
    assert gate.locator(".value").evaluate("one => getComputedStyle(one).color") == (
        "rgba(0, 0, 0, 0)"
    )


def test_a_dead_server_is_told_on_the_whole_width_and_the_picture_stays(open_page):
    page = open_page("/dinding", complaints_are="ignored")
    expect(page.locator(".zone[aria-busy=true]")).to_have_count(0)
    page.route("**/*", lambda route: route.abort())
    banner = page.locator("#tidak-terhubung")
    expect(banner).to_contain_text("LAYAR TIDAK TERHUBUNG sejak pukul", timeout=15_000)
    assert banner.evaluate("one => one.offsetWidth") == 1920
    expect(page.locator(".gate").first).to_be_visible()
    page.unroute("**/*")
    expect(banner).to_be_hidden(timeout=15_000)


@pytest.mark.parametrize("skew", [timedelta(days=1), timedelta(days=-1)])
def test_the_clock_is_the_servers_however_wrong_the_browsers_is(open_page, skew):
    page = open_page("/healthz", complaints_are="ignored")
    page.clock.install(time=datetime.now().astimezone() + skew)
    page.goto(page.url.removesuffix("/healthz") + "/dinding")
    page.clock.run_for(2000)
    expect(page.locator(".zone[aria-busy=true]")).to_have_count(0)
    told = page.evaluate("komando.present()") / 1000
    assert abs(told - datetime.now().astimezone().timestamp()) < 60
    assert abs(page.evaluate("Date.now()") / 1000 - told) > 80_000


def test_an_unknown_alarm_at_siaga_1_holds_the_scene_that_caused_it(open_page):
    page = open_wall(open_page, "penuh", "&adegan=udara")
    expect(page.locator(".exception[data-waits=yes]").first).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-scene", "banjir")


def test_an_order_goes_before_an_alarm_and_an_alarm_before_the_address(open_page):
    page = open_page("/dinding")
    scenes = {"order": "kamera", "alarm": "banjir", "address": "udara"}

    def shown(**asked):
        found = page.evaluate(
            "(asked) => komando.wall.choose(asked)",
            {"turn": 1, "scenes": ["banjir", "pengaduan", "udara", "kamera"], **asked},
        )
        return found["scene"], found["by"]

    assert shown(**scenes) == ("kamera", "perintah")
    assert shown(**scenes | {"order": None}) == ("banjir", "alarm")
    assert shown(address="udara") == ("udara", "alamat")
    assert shown() == ("pengaduan", None)
    assert shown(order="pesta") == ("pengaduan", None)


def test_a_supervisors_order_pins_scene_extent_and_camera_until_it_is_released(open_page):
    page = open_wall(open_page, "penuh")
    home = page.locator(".zone-peta > .wall-picture").get_attribute("viewBox")
    order = {
        "scene": {"value": "kamera", "title": "Kamera"},
        "extent": {"value": "31.71", "bounds": [[-6.25, 106.8], [-6.15, 106.9]]},
        "camera": {"value": "kamera-7", "title": "Bundaran HI"},
    }
    page.evaluate("(orders) => komando.wall.take(orders)", order)
    expect(page.locator("body")).to_have_attribute("data-scene", "kamera")
    expect(page.locator(".zone-peta > .wall-picture")).not_to_have_attribute("viewBox", home)
    free = {"scene": None, "extent": None, "camera": None}
    page.evaluate("(orders) => komando.wall.take(orders)", free)
    expect(page.locator("body")).to_have_attribute("data-scene", "banjir")
    expect(page.locator(".zone-peta > .wall-picture")).to_have_attribute("viewBox", home)


def test_nonsense_is_noted_in_small_words_and_the_wall_works(open_page):
    page = open_page("/dinding?jarak=jauh&adegan=pesta")
    expect(page.locator("#dinding-catatan")).to_contain_text("jarak tidak dapat dibaca")
    expect(page.locator(".zone[aria-busy=true]")).to_have_count(0)


def test_a_list_keeps_its_order_for_half_a_minute_and_takes_in_what_is_new(open_page):
    page = open_page("/dinding")
    kept = page.evaluate("komando.wall.keepOrder(['a', 'b', 'c'], ['x', 'c', 'a'])")
    assert kept == ["x", "a", "c"]


def test_gates_at_siaga_1_then_2_stay_while_the_others_take_turns(open_page):
    page = open_page("/dinding")

    def shown(gates, room):
        listed = [{"key": key, "rank": int(rank)} for key, rank in gates.items()]
        ask = "([gates, room, turn]) => komando.wall.gatesShown(gates, room, turn)"
        return ["".join(page.evaluate(ask, [listed, room, turn])) for turn in range(3)]

    gates = dict(zip("abcdefg", "3231333", strict=True))
    assert shown(gates, 4) == ["abcd", "bdef", "abdg"]
    assert shown(gates, 1) == ["d", "d", "d"]
    assert shown(dict(zip("abcde", "21222", strict=True)), 3) == ["abc", "bde", "abc"]


def test_posts_at_siaga_1_without_room_are_counted_in_the_last_row(open_page):
    page = open_wall(open_page, "satu")
    found = page.evaluate(
        """() => {
          const list = document.querySelector(".exceptions");
          const post = list.querySelector("[data-severity=siaga1]");
          const rest = post.cloneNode(true);
          rest.dataset.rest = "pos lain";
          rest.querySelector(".subject").innerHTML = '<span class="rest"></span>';
          list.replaceChildren(...Array.from({ length: 9 }, () => post.cloneNode(true)), rest);
          window.dispatchEvent(new Event("resize"));
          return Array.from(list.children)
            .filter((one) => one.checkVisibility())
            .map((one) => one.querySelector(".subject").textContent);
        }"""
    )
    assert 1 < len(found) < 9
    assert found[-1] == f"+{10 - len(found)} pos lain"


def test_words_on_the_map_never_overlap(open_page):
    page = open_page("/dinding")
    boxes = [
        {"x": 400 + 7 * number, "y": 300 + 5 * number, "width": 220, "height": 60, "rank": number}
        for number in range(12)
    ]
    places = page.evaluate(
        "(boxes) => komando.wall.placeLabels(boxes, [], "
        "{ left: 0, top: 0, right: 900, bottom: 600 }, 20)",
        boxes,
    )
    found = [one for one in places if one]
    assert len(found) >= 8
    assert not any(
        one["left"] < other["right"]
        and other["left"] < one["right"]
        and one["top"] < other["bottom"]
        and other["top"] < one["bottom"]
        for number, one in enumerate(found)
        for other in found[number + 1 :]
    )


def inside(box: list[float], frame: list[float]) -> bool:
    left, top, right, bottom = box
    return (
        left >= frame[0] - 2
        and top >= frame[1] - 2
        and right <= frame[2] + 2
        and bottom <= frame[3] + 2
    )


def parts(colour: str) -> list[float]:
    return [float(part) for part in re.findall(r"[\d.]+", colour)]


def alpha(colour: str) -> float:
    return (*parts(colour), 1.0)[3]


def luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in parts(colour)[:3])
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
