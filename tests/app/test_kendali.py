"""The routes between walls, supervisors and the server."""

from __future__ import annotations

import pytest

from tests.unit.test_walls import NEWS

ORDER = "/dinding/kendali/perintah"


def be(client, role):
    client.set_cookie("peran", role)
    return client


@pytest.fixture
def clean(server, hands):
    """The store without walls."""
    site = server.extensions["komando"]
    for wall in ("utama", "lobi"):
        site.store.release_wall(wall, hands.now)
    return site.store


def orders(client, wall="utama"):
    return client.get(f"/dinding/perintah?nama={wall}").json["orders"]


def test_an_order_reaches_its_wall_alone_and_ends_after_its_minutes(client, hands, clean):
    client.post("/dinding/kabar", json=NEWS)
    given = {"wall": "utama", "kind": "scene", "value": "udara", "minutes": 15}
    assert client.post(ORDER, json=given).status_code == 200
    assert orders(client)["scene"]["value"] == "udara"
    assert orders(client)["scene"]["title"] == "Udara"
    assert orders(client, "lobi") == {}
    hands.move(minutes=15)
    assert orders(client) == {}


def test_a_wall_that_asks_again_gets_nothing_new(client, clean):
    first = client.get("/dinding/perintah?nama=utama")
    again = client.get("/dinding/perintah", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    client.post(ORDER, json={"wall": "utama", "kind": "extent", "value": "31"})
    assert (
        client.get(
            "/dinding/perintah", headers={"If-None-Match": first.headers["ETag"]}
        ).status_code
        == 200
    )


def test_an_event_gives_the_map_bounds_around_it(client, clean):
    given = {"wall": "utama", "kind": "extent", "value": "106.85,-6.2", "title": "Manggarai"}
    client.post(ORDER, json=given)
    extent = orders(client)["extent"]
    assert extent["title"] == "Manggarai"
    (south, west), (north, east) = extent["bounds"]
    assert south < -6.2 < north
    assert west < 106.85 < east


@pytest.mark.parametrize(
    "given",
    [
        {"wall": "utama", "kind": "scene", "value": "tidak-ada"},
        {"wall": "belum-ada", "kind": "scene", "value": "banjir"},
        {"wall": "utama", "kind": "camera", "value": "tidak-ada"},
        {"wall": "utama", "kind": "extent", "value": "31.99"},
        {"wall": "utama", "kind": "extent", "value": "0,0"},
        {"wall": "utama", "kind": "dance"},
        {"wall": 1, "kind": "reload"},
        {"kind": "reload"},
        {},
    ],
)
def test_what_a_wall_cannot_do_is_told_and_not_logged(client, clean, given):
    client.post("/dinding/kabar", json=NEWS)
    before = len(clean.wall_log(1000))
    answer = client.post(ORDER, json=given)
    assert answer.status_code == 422
    assert answer.json["error"]
    assert len(clean.wall_log(1000)) == before


@pytest.mark.parametrize("role", ["publik", "lurah", "camat", "inspektur"])
def test_only_the_control_room_orders_walls(client, role):
    be(client, role)
    assert client.post(ORDER, json={"wall": "utama", "kind": "reload"}).status_code == 403
    assert client.post("/dinding/kabar", json=NEWS).status_code == 403
    assert client.get("/dinding/perintah").status_code == 403
    assert client.get("/dinding/kendali/keadaan").status_code == 403


def test_another_site_cannot_order_a_wall(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post(ORDER, json={"wall": "utama", "kind": "reload"}, headers=headers)
    assert answer.status_code == 403


def test_each_order_is_in_the_journal_with_its_author(client, clean):
    be(client, "pimpinan")
    client.post(ORDER, json={"wall": "lobi", "kind": "extent", "value": "31"})
    client.post(ORDER, json={"wall": "lobi", "kind": "release"})
    journal = client.get("/dinding/kendali/keadaan?nama=lobi").json["html"]["kendali-catatan"]
    newest, before = journal.split("<li>")[1:3]
    assert "Semua perintah dilepas" in newest
    assert "Pimpinan" in newest
    assert "Cakupan peta: Seluruh Jakarta" in before
    assert "berakhir" in before


def test_a_wall_logs_its_night_and_why_it_was_loaded_anew(client, clean):
    client.post("/dinding/kabar", json={**NEWS, "screen": "s1", "theme": "light"})
    client.post("/dinding/kabar", json={**NEWS, "screen": "s1", "theme": "dark"})
    client.post("/dinding/kabar", json={**NEWS, "screen": "s2", "reloaded": "rencana 04.30"})
    titles = [row["title"] for row in clean.wall_log(2)]
    assert titles == ["Memuat ulang: rencana 04.30", "Mode malam"]
    assert {row["role"] for row in clean.wall_log(2)} == {"layar"}


def test_the_wall_pc_learns_whether_its_wall_is_heard(client, hands, clean):
    client.post("/dinding/kabar", json=NEWS)
    assert client.get("/dinding/terdengar?nama=utama").json == {"heard": True}
    hands.move(minutes=1)
    assert client.get("/dinding/terdengar?nama=utama").json == {"heard": False}


@pytest.mark.parametrize("search", ["", "?q=gambir", "?q=%00%F0%9F%92%A7", "?q=" + "x" * 500])
def test_places_are_found_or_said_to_be_missing(client, search):
    answer = client.get(f"/dinding/kendali/cari{search}")
    assert answer.status_code == 200
    assert answer.data.startswith(b"<")


@pytest.mark.parametrize("search", ["?nama=%3Cscript%3E&menit=abc", "?nama=a&nama=b", "?menit=-1"])
def test_nonsense_in_the_address_of_the_desk_is_read_as_its_default(client, search):
    answer = client.get(f"/dinding/kendali/keadaan{search}")
    assert answer.status_code == 200
    assert b"<script" not in answer.data
