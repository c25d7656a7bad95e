"""What the store keeps of walls, and what the supervisor's page makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from dashboards import kendali
from dashboards.markup import html_text
from dashboards.site import ActionError
from data.store import Store
from tests.lakes import SQUARE

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEWS = {
    "wall": "utama",
    "screen": "abc",
    "width": 5760,
    "height": 2160,
    "search": "?nama=utama&jarak=5",
    "scene": "banjir",
    "theme": "dark",
    "scenes": [{"id": "banjir", "title": "Banjir"}, {"id": "udara", "title": "Udara"}],
    "orders": [],
    "heap_mb": 38,
    "picture_at": "2026-02-18T02:59:55Z",
    "life_s": 30,
    "reloaded": "",
}
OUTLINES = [
    {"level": "kecamatan", "code": "31.71.01", "name": "Gambir", "geometry": SQUARE},
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def give(store: Store, kind: str, value: str, *, at: datetime = NOW, wall: str = "utama") -> int:
    return store.log_wall(
        wall, kind=kind, value=value, title=value, role="operator", at=at, until=at + 30 * MINUTE
    )


def screen(**changes: Any) -> list[dict[str, Any]]:
    at = changes.pop("heard_at", NOW)
    news = {**NEWS, **changes}
    return [{"wall": news["wall"], "screen": news["screen"], "heard_at": at, "news": news}]


def test_an_order_ends_at_its_time(store: Store) -> None:
    give(store, "scene", "banjir")
    assert [row["value"] for row in store.wall_orders(NOW + 29 * MINUTE, "utama")] == ["banjir"]
    assert store.wall_orders(NOW + 30 * MINUTE, "utama") == []


def test_an_order_takes_the_place_of_the_one_of_its_kind_on_its_wall(store: Store) -> None:
    give(store, "scene", "banjir")
    give(store, "scene", "udara", wall="lobi")
    give(store, "extent", "31.71")
    give(store, "scene", "kamera", at=NOW + MINUTE)
    standing = store.wall_orders(NOW + 2 * MINUTE, "utama")
    assert [(row["kind"], row["value"]) for row in standing] == [
        ("extent", "31.71"),
        ("scene", "kamera"),
    ]
    assert len(store.wall_orders(NOW + 2 * MINUTE)) == 3


def test_a_release_ends_one_kind_or_all_and_the_log_keeps_everything(store: Store) -> None:
    give(store, "scene", "banjir")
    give(store, "extent", "31.71")
    assert store.release_wall("utama", NOW + MINUTE, "scene") == 1
    assert [row["kind"] for row in store.wall_orders(NOW + MINUTE, "utama")] == ["extent"]
    assert store.release_wall("utama", NOW + MINUTE) == 1
    assert store.release_wall("utama", NOW + MINUTE) == 0
    assert [(row["kind"], row["ended_at"]) for row in store.wall_log(10)] == [
        ("extent", NOW + MINUTE),
        ("scene", NOW + MINUTE),
    ]


def test_a_reload_is_done_once_and_stands_for_nothing(store: Store) -> None:
    assert store.last_wall_entry("utama", "reload") == 0
    number = store.log_wall("utama", kind="reload", value="", title="", role="admin", at=NOW)
    assert store.last_wall_entry("utama", "reload") == number
    assert store.wall_orders(NOW) == []


def test_old_entries_are_forgotten_but_orders_that_stood_since(store: Store) -> None:
    give(store, "scene", "banjir", at=NOW - 60 * MINUTE)
    give(store, "extent", "31.71", at=NOW - 20 * MINUTE)
    store.log_wall("utama", kind="reload", value="", title="", role="admin", at=NOW - 60 * MINUTE)
    assert store.forget_wall_log(NOW - 10 * MINUTE) == 2
    assert [row["kind"] for row in store.wall_log(10)] == ["extent"]


def test_screens_that_were_silent_for_a_day_are_forgotten(store: Store) -> None:
    store.hear_wall("utama", "abc", {"scene": "banjir"}, NOW)
    store.hear_wall("utama", "abc", {"scene": "udara"}, NOW + MINUTE)
    assert [(row["news"]["scene"], row["heard_at"]) for row in store.wall_screens()] == [
        ("udara", NOW + MINUTE)
    ]
    store.hear_wall("lobi", "def", {}, NOW + timedelta(days=2))
    assert [row["wall"] for row in store.wall_screens()] == ["lobi"]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("lobi-2", "lobi-2"),
        (" Utama ", "utama"),
        (None, "utama"),
        ("<script>", "utama"),
        ("a" * 41, "utama"),
        ("-x", "utama"),
    ],
)
def test_a_wall_without_a_good_name_is_the_main_one(given: str | None, name: str) -> None:
    assert kendali.wall_name(given) == name


@pytest.mark.parametrize("given", [None, "", "-5", "31", "dua", "1e9"])
def test_nonsense_in_the_minutes_means_half_an_hour(given: str | None) -> None:
    assert kendali.read_minutes(given) == 30


def test_a_wall_is_heard_by_real_time_whatever_the_speed_of_the_city() -> None:
    rows = screen(heard_at=NOW - 5 * MINUTE)
    assert not kendali.screens(rows, NOW, 1)[0].heard
    assert kendali.screens(rows, NOW, 60)[0].heard


def test_two_screens_of_one_name_are_told() -> None:
    rows = [*screen(), *screen(screen="def", heard_at=NOW - timedelta(seconds=5))]
    (one,) = kendali.screens(rows, NOW, 1)
    assert one.others == 1
    assert "2 layar memakai nama ini" in html_text(kendali.wall_list([one], [], "utama"))


def test_walls_that_are_heard_come_before_silent_ones() -> None:
    rows = [*screen(wall="a", heard_at=NOW - 60 * MINUTE), *screen(wall="b")]
    assert [(one.wall, one.heard) for one in kendali.screens(rows, NOW, 1)] == [
        ("b", True),
        ("a", False),
    ]


def test_a_wall_gets_the_orders_in_force_and_nothing_of_the_moment(store: Store) -> None:
    number = give(store, "scene", "banjir")
    standing = store.wall_orders(NOW, "utama")
    body = kendali.orders_document(standing, 7, "b1")
    document = orjson.loads(body)
    assert document["orders"]["scene"] == {
        "id": number,
        "value": "banjir",
        "title": "banjir",
        "until": "2026-02-18T03:30:00+00:00",
    }
    assert (document["reload"], document["build"]) == (7, "b1")
    assert kendali.orders_document(store.wall_orders(NOW + MINUTE, "utama"), 7, "b1") == body


@pytest.mark.parametrize(
    ("given", "point"),
    [
        ("106.85,-6.2", (106.85, -6.2)),
        ("0,0", None),
        ("31.71.01", None),
        ("nan,nan", None),
        ("106.85,-6.2,3", None),
        ("", None),
    ],
)
def test_a_point_lies_in_or_near_the_city(given: str, point: tuple[float, float] | None) -> None:
    assert kendali.read_point(given) == point


def test_an_area_has_a_name_and_bounds() -> None:
    title, bounds = kendali.area_extent(OUTLINES, "31.71.01")
    assert title == "Kec. Gambir"
    assert bounds == [[-6.2, 106.8], [-6.16, 106.84]]
    for unknown in ("31.99.99", "DROP TABLE", "31.71.01.1001"):
        with pytest.raises(ActionError):
            kendali.area_extent(OUTLINES, unknown)


def test_the_small_double_of_a_wall_has_its_parameters_and_size() -> None:
    (one,) = kendali.screens(screen(search="?jarak=5&nama=lain&mm_px=0.63"), NOW, 1)
    assert kendali.preview(one, "utama") == {
        "src": "/dinding?jarak=5&nama=utama&mm_px=0.63&pratinjau=1",
        "width": 5760,
        "height": 2160,
    }


def test_an_order_waits_until_the_wall_says_that_it_obeys(store: Store) -> None:
    number = give(store, "scene", "banjir")
    standing = store.wall_orders(NOW, "utama")
    for obeyed, word in (([], "menunggu layar"), ([number], "diterapkan")):
        (one,) = kendali.screens(screen(orders=obeyed), NOW, 1)
        drawn = html_text(kendali.controls(one, standing, "utama", 30))
        assert word in drawn
        assert "sampai 10.30 WIB" in drawn


def test_a_wall_that_shows_everything_has_no_scenes_to_hold() -> None:
    (one,) = kendali.screens(screen(scenes=[]), NOW, 1)
    drawn = html_text(kendali.controls(one, [], "utama", 30))
    assert "Semua zona tampil bersama" in drawn
    assert "Tahan adegan" not in drawn


def test_what_a_wall_says_is_text_and_never_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"
    rows = screen(scene=evil, scenes=[{"id": evil, "title": evil}])
    found = kendali.screens(rows, NOW, 1)
    drawn = html_text(
        [kendali.wall_list(found, [], "utama"), *kendali.controls(found[0], [], "utama", 30)]
    )
    assert "<img" not in drawn


@pytest.mark.parametrize(
    "change",
    [
        {"width": 0},
        {"screen": "A B"},
        {"theme": "pink"},
        {"scenes": [{"id": "x"}]},
        {"picture_at": "kemarin"},
        {"heap_mb": -1},
        {"search": "?" + "a" * 2000},
    ],
)
def test_news_out_of_range_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**NEWS, **change}, kendali.News)


def test_the_build_changes_with_the_bytes_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")
    before = kendali.build_of(tmp_path)
    (tmp_path / "note.txt").write_text("no part of it")
    assert kendali.build_of(tmp_path) == before
    (tmp_path / "a.js").write_text("two")
    assert kendali.build_of(tmp_path) != before
