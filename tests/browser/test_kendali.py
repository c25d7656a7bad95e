"""The wall under the supervisor's hand, through the night, and while its server is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.serving import Server

NONSENSE = (
    "?jarak=jauh&mm_px=-1&nama=%3Cscript%3E&sambungan=x&adegan=..%2F..&peta=99.99&tema=ungu",
    "?jarak=1e99&mm_px=nan&pada=kemarin&wilayah=nol&uji=mungkin&pratinjau=2&jam=banyak",
    "?nama=" + "a" * 300 + "&nama=dua&adegan=banjir&adegan=udara",
)


@pytest.fixture
def own_server(home: Path) -> Iterator[Server]:
    with Server(home) as server:
        yield server


def wall(open_page: Callable[..., Page], name: str, more: str = "", **options: object) -> Page:
    """Open a wall of a name of its own and wait until it shows its gates."""
    page = open_page(f"/dinding?nama={name}{more}", **options)
    expect(page.locator(".zone-pintu .gate").first).to_be_visible()
    return page


def born(page: Page) -> float:
    """Return when the page was loaded: another number after each loading."""
    return page.evaluate("performance.timeOrigin")


def order(page: Page, **body: object) -> dict:
    """Send an order as the supervisor's page does."""
    answer = page.request.post(
        page.evaluate("location.origin") + "/dinding/kendali/perintah", data=body
    )
    return {"status": answer.status, **answer.json()}


def test_a_wall_tells_of_itself_and_the_supervisor_sees_it(open_page: Callable[..., Page]) -> None:
    wall(open_page, "lobi")
    desk = open_page("/dinding/kendali?nama=lobi")
    card = desk.locator(".kendali-card[data-value=lobi]")
    expect(card).to_contain_text("Terhubung")
    expect(card).to_contain_text("1.920 × 1.080 piksel")
    expect(card).to_have_attribute("aria-pressed", "true")


def test_a_scene_that_is_held_shows_survives_a_reload_and_is_let_go(
    open_page: Callable[..., Page],
) -> None:
    screen = wall(open_page, "adegan")
    desk = open_page("/dinding/kendali?nama=adegan&menit=15")
    desk.get_by_role("button", name="Udara dan cuaca").click()
    expect(screen.locator("body")).to_have_attribute("data-scene", "udara", timeout=5_000)
    standing = desk.locator(".kendali-standing")
    expect(standing).to_contain_text("Udara dan cuaca")
    expect(standing).to_contain_text("diterapkan")
    screen.reload()
    expect(screen.locator("body")).to_have_attribute("data-scene", "udara")
    desk.get_by_role("button", name="Lepas semua").click()
    expect(standing).to_have_count(0)
    journal = desk.locator(".kendali-journal li")
    expect(journal.first).to_contain_text("Semua perintah dilepas")
    expect(journal.first).to_contain_text("Operator")


def test_the_map_goes_where_the_supervisor_sends_it(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "peta")
    picture = screen.locator(".wall-picture").first
    before = picture.get_attribute("viewBox") or ""
    desk = open_page("/dinding/kendali?nama=peta")
    desk.get_by_role("textbox", name="Cari wilayah, tempat atau kamera").fill("Gambir")
    found = desk.locator("#kendali-hasil li").filter(has_text="Kel. Gambir").first
    found.get_by_role("button", name="Peta ke sini").click()
    expect(picture).not_to_have_attribute("viewBox", before)
    expect(desk.locator(".kendali-standing")).to_contain_text("Cakupan peta")
    assert order(screen, wall="peta", kind="release")["status"] == 200
    expect(picture).to_have_attribute("viewBox", before)


def test_a_wall_is_loaded_anew_by_order_and_says_so(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "ulang")
    desk = open_page("/dinding/kendali?nama=ulang")
    expect(desk.locator(".kendali-card[data-value=ulang]")).to_contain_text("Terhubung")
    desk.on("dialog", lambda dialog: dialog.accept())
    with screen.expect_event("load"):
        desk.get_by_role("button", name="Muat ulang layar").click()
    expect(desk.locator(".kendali-journal")).to_contain_text("ulang · Memuat ulang: perintah")


def test_what_a_wall_cannot_do_is_not_ordered(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "salah")
    told = order(screen, wall="salah", kind="scene", value="tidak-ada")
    assert told["status"] == 422
    assert "adegan" in told["error"]


def test_a_wall_of_another_build_loads_itself_anew(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "versi", complaints_are="ignored")

    def other(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(json={**answer.json(), "build": "lain"}, headers={"ETag": '"lain"'})

    screen.evaluate("window.isOfTheFirstBuild = true")
    with screen.expect_event("load"):
        screen.route("**/dinding/perintah*", other)
    assert screen.evaluate("window.isOfTheFirstBuild") is None


def test_the_canvas_wanders_within_its_bounds(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "orbit")
    steps = screen.evaluate(
        """() => {
            const { amplitude, orbit } = komando.life;
            const reach = amplitude(5760, 2160);
            return Array.from({ length: 1440 }, (_, minute) => orbit(minute * 60000, reach));
        }"""
    )
    across = [step["x"] for step in steps]
    assert max(across) - min(across) <= 24
    assert max(across) - min(across) > 12
    moves = [
        abs(one["x"] - other["x"]) + abs(one["y"] - other["y"]) for one, other in pairwise(steps)
    ]
    assert 0 < max(moves) <= 4
    assert screen.evaluate("komando.life.amplitude(1920, 1080) * 2") == pytest.approx(16.2)
    assert screen.locator("#dinding").evaluate("node => node.style.translate") != ""


def test_orders_end_by_themselves_even_without_a_server(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "akhir")
    kept = screen.evaluate(
        """() => komando.life.inForce(
            { scene: { value: "udara", until: "2026-01-01T00:00:00Z" } },
            Date.parse("2026-01-01T00:00:01Z"))"""
    )
    assert kept == {"scene": None, "extent": None, "camera": None}


def test_steady_growth_of_the_heap_is_told_from_garbage(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "heap")
    steady, leaking = screen.evaluate(
        """() => {
            const at = (minute, rise) => 50 + (minute % 7) * 40 + minute * rise;
            const samples = (rise) => Array.from({ length: 90 }, (_, minute) => at(minute, rise));
            return [komando.life.isGrowing(samples(0)), komando.life.isGrowing(samples(3))];
        }"""
    )
    assert (steady, leaking) == (False, True)


def test_the_theme_of_an_address_is_not_kept_for_other_pages(
    open_page: Callable[..., Page],
) -> None:
    for theme, value in (("gelap", "dark"), ("terang", "light")):
        screen = wall(open_page, "tema", f"&tema={theme}")
        expect(screen.locator("html")).to_have_attribute("data-theme", value)
        assert screen.evaluate("localStorage.getItem('tema')") is None


@pytest.mark.parametrize("theme", ["terang", "gelap"])
@pytest.mark.parametrize(
    ("width", "height", "distance"), [(1920, 1080, 5), (1920, 1080, 3), (5760, 2160, 5)]
)
def test_the_wall_passes_its_own_test(
    open_page: Callable[..., Page], width: int, height: int, distance: int, theme: str
) -> None:
    address = f"&jarak={distance}&tema={theme}&uji=1"
    screen = wall(open_page, "lulus", address, width=width, height=height)
    expect(screen.locator(".uji-part")).to_have_count(6)
    expect(screen.locator(".uji-part.is-bad")).to_have_count(0)
    assert screen.evaluate("komando.uji.audit().texts") > 20


def test_the_self_test_lists_a_label_that_is_too_small(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "uji", "&uji=1")
    screen.evaluate(
        """() => {
            const label = document.createElement("p");
            label.textContent = "terlalu kecil";
            label.style.cssText = "position:absolute;left:300px;top:300px;font-size:10px";
            document.getElementById("dinding").append(label);
        }"""
    )
    small = screen.locator(".uji-part").filter(has_text="Teks di bawah 16 menit busur")
    expect(small).to_contain_text("terlalu kecil")
    expect(small).to_contain_text("10,0 px")


def test_the_self_test_measures_faint_text_seams_and_palettes(
    open_page: Callable[..., Page],
) -> None:
    screen = wall(open_page, "uji2", "&uji=1&tema=gelap&sambungan=960")
    found = screen.evaluate(
        """() => {
            const label = document.createElement("p");
            label.textContent = "pudar di sambungan";
            label.style.cssText =
                "position:absolute;left:900px;top:300px;color:#777;background:#888";
            document.getElementById("dinding").append(label);
            return komando.uji.audit();
        }"""
    )
    assert [row["text"] for row in found["faint"] if row["ratio"] < 2] == ["pudar di sambungan"]
    assert "pudar di sambungan" in [row["text"] for row in found["seamed"]]
    least = {row["palette"]: row["distance"] for row in found["close"]}
    assert least["siaga"] == pytest.approx(18.9, abs=0.2)
    assert least["ISPU"] == pytest.approx(20.3, abs=0.2)
    assert least["genangan"] == pytest.approx(16.1, abs=0.2)


def test_the_self_test_computes_the_scale_from_the_screen(open_page: Callable[..., Page]) -> None:
    screen = wall(open_page, "uji3", "&uji=1")
    assert screen.evaluate("komando.uji.pitchOf(55, 1920, 1080)") == pytest.approx(0.634, abs=0.001)
    assert screen.evaluate("komando.uji.unitOf(5, 0.63)") == pytest.approx(52, abs=0.1)
    screen.get_by_label("Jarak baca terjauh (m)").fill("3")
    expect(screen.locator(".uji output")).to_contain_text("31,0 px")


def test_a_wall_without_its_server_keeps_its_picture_marks_it_and_recovers(
    browser: Browser, own_server: Server
) -> None:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="id-ID")
    screen = context.new_page()
    screen.goto(f"{own_server.address}/dinding?nama=putus")
    gates = screen.locator(".zone-pintu .gates")
    expect(gates).to_be_visible()
    before, picture = born(screen), screen.locator(".zone-pintu .gate-name").all_inner_texts()
    banner = screen.locator("#tidak-terhubung")
    expect(banner).to_be_hidden()

    own_server.stop()
    expect(banner).to_be_visible(timeout=12_000)
    expect(banner).to_contain_text("LAYAR TIDAK TERHUBUNG sejak pukul")
    expect(screen.locator("html")).to_have_attribute("data-lost", "yes")
    assert screen.locator(".zone-pintu .gate-name").all_inner_texts() == picture
    assert born(screen) == before

    own_server.start()
    expect(banner).to_be_hidden()
    assert screen.locator(".zone-pintu .gate-name").all_inner_texts() == picture
    assert born(screen) == before
    context.close()


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_wrong_clock_of_the_pc_changes_neither_time_nor_ages(
    browser: Browser, address: str, hours: int
) -> None:
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="id-ID")
    context.add_init_script(
        f"""(() => {{
            const Real = Date;
            const shift = {hours} * 3600000;
            window.Date = class extends Real {{
                constructor(...given) {{
                    super(...(given.length ? given : [Real.now() + shift]));
                }}
                static now() {{ return Real.now() + shift; }}
            }};
        }})()"""
    )
    screen = context.new_page()
    screen.goto(f"{address}/dinding?nama=jam")
    expect(screen.locator(".zone-pintu .gate").first).to_be_visible()
    off = screen.evaluate("Math.round((komando.present() - Date.now()) / 3600000)")
    assert off == -hours
    states = screen.locator(".zone-pintu .reading").evaluate_all(
        "nodes => nodes.map(node => node.dataset.state)"
    )
    assert "fresh" in states
    shown = " ".join(screen.locator("time[data-age]").all_inner_texts())
    assert "hari lalu" not in shown
    context.close()


@pytest.mark.parametrize("search", NONSENSE)
def test_nonsense_in_the_address_gives_a_wall_all_the_same(
    open_page: Callable[..., Page], search: str
) -> None:
    screen = open_page(f"/dinding{search}")
    expect(screen.locator(".zone-pintu .gate").first).to_be_visible()
    desk = open_page(f"/dinding/kendali{search}&menit=-5")
    expect(desk.locator("#kendali-perintah")).to_contain_text("Perintah berlaku selama")
