"""CCTV through the program: the wall, one camera, pictures, who may see them."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import orjson
import pytest
from PIL import Image

from dashboards import cctv
from dashboards.markup import html_text
from data.frames import Frames
from data.store import Store
from data.tables import TABLES
from tests import lakes

PANELS = ("cctv-dinding", "cctv-keadaan", "cctv-titik-buta")


def jpeg():
    body = io.BytesIO()
    Image.new("RGB", (32, 18), (90, 120, 60)).save(body, "JPEG")
    return body.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A lake with thirty gate cameras, one of them frozen, one only embedded; all have pictures."""
    home = tmp_path_factory.mktemp("cctv")
    lake = lakes.empty_lake(home)
    known = lakes.common(lakes.NOW)
    nothing = {column.name: None for column in TABLES["cameras"].columns}
    with lake.write() as cursor:
        lakes.declare_feeds(cursor)
        for number in range(30):
            name = f"g{number:02d}"
            lakes.insert(
                cursor,
                "cameras",
                nothing
                | known
                | {
                    "camera_id": name,
                    "name": f"Pintu <{number:02d}>",
                    "kind": "gate",
                    "proxied": number != 7,
                    "stream_url": "https://mitra.example.org/7.m3u8" if number == 3 else None,
                    "embed_url": "https://mitra.example.org/7",
                    "lon": 106.82 + number / 10_000,
                    "lat": -6.18,
                    "kelurahan_code": "31.71.01.1001",
                },
            )
            check = {"camera_id": name, "latency_ms": 5.0, "frame_hash": "x"}
            state = {"state": "frozen" if number == 2 else "live"}
            lakes.insert(cursor, "camera_checks", known | check | state)
    lake.close()
    frames = Frames(home / "frames")
    for number in range(30):
        frames.keep(f"g{number:02d}", jpeg(), lakes.NOW - timedelta(seconds=number))
    return home


@pytest.fixture(scope="module")
def module_server(make, home):
    return make(home)


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    return module_server.test_client()


def shown(client, query=""):
    return re.findall(r'data-camera="([^"]+)"', client.get(f"/panel/cctv-dinding{query}").text)


def sheet(client, *names, since=""):
    answer = client.get(f"/cctv/lembar?kamera={','.join(names)}&sejak={since}")
    assert answer.status_code == 200
    length = int.from_bytes(answer.data[:4], "big")
    return orjson.loads(answer.data[4 : 4 + length])["frames"]


def test_the_page_opens_and_every_panel_is_drawn(client):
    assert client.get("/cctv").status_code == 200
    for panel in PANELS:
        answer = client.get(f"/panel/{panel}")
        assert answer.status_code == 200, answer.text


def test_every_panel_is_drawn_without_a_row(empty_client):
    assert {empty_client.get(f"/panel/{panel}").status_code for panel in PANELS} == {200}


def test_a_page_of_the_wall_has_twelve_cameras_and_the_next_has_others(client):
    first, second = shown(client), shown(client, "?hal=2")
    assert len(first) == len(second) == 12
    assert not set(first) & set(second)
    # The last page ends with the one that is only embedded: it has no place for a picture.
    assert len(shown(client, "?isi=24&hal=2")) == 5


@pytest.mark.parametrize(
    "query",
    [
        "?hal=0",
        "?hal=-1",
        "?hal=1e9",
        "?hal=x&isi=y",
        "?isi=1000",
        "?kelompok=x",
        "?kondisi=y",
        "?dekat=x&pos=y&alarm=z",
        "?hal=%F0%9F%98%80",
    ],
)
def test_nonsense_in_the_address_is_the_first_page(client, query):
    assert shown(client, query) == shown(client)


def test_a_page_behind_the_last_is_empty_and_says_so(client):
    answer = client.get("/panel/cctv-dinding?hal=9")
    assert "Halaman ini kosong" in answer.text
    assert "0 kamera" in answer.text


def test_near_a_place_the_nearest_comes_first(client):
    assert shown(client, "?dekat=106.8220,-6.18")[0] == "g20"
    assert (
        "Dalam 2,0\N{NO-BREAK SPACE}km dari"
        in client.get("/panel/cctv-dinding?dekat=106.8220,-6.18").text
    )


def test_troubled_cameras_can_be_seen_alone(client):
    assert shown(client, "?kondisi=terganggu") == ["g02"]
    told = client.get("/panel/cctv-dinding?kondisi=terganggu").text
    assert 'data-state="frozen"' in told
    assert "Gambar beku" in told


def test_the_past_has_no_pictures(client):
    told = client.get("/panel/cctv-dinding?pada=2026-03-12T03:09:30").text
    assert "Gambar masa lalu tidak disimpan" in told
    assert "data-camera" not in told


def test_names_of_a_list_are_no_html(client):
    assert "<07>" not in client.get("/panel/cctv-dinding?isi=24").text


def test_pictures_come_in_one_answer_and_only_those_that_are_ours(client):
    frames = sheet(client, "g00", "g07", "nowhere", "g01")
    assert [frame["id"] for frame in frames] == ["g00", "g01"]
    assert all(frame["size"] > 300 for frame in frames)
    again = sheet(client, "g00", "g01", since=f"{frames[0]['t']},0")
    assert [frame["size"] > 0 for frame in again] == [False, True]


def test_who_looks_at_cameras_lets_them_be_probed(client, home, hands):
    sheet(client, "g04", "g05", "g07")
    watched = Store(f"sqlite:///{home}/store.sqlite").watched(hands.now)
    assert {"g04", "g05"} <= watched
    assert "g07" not in watched


@pytest.mark.parametrize("path", ["/cctv", "/cctv/lembar?kamera=g00", "/cctv/kamera?id=g00"])
def test_pictures_are_not_for_everyone(client, path):
    for role, status in (
        ("publik", 403),
        ("lurah", 403),
        ("camat", 403),
        ("operator", 200),
        ("pimpinan", 200),
        ("inspektur", 200),
        ("admin", 200),
    ):
        client.set_cookie("peran", role)
        assert client.get(path).status_code == status, role


def test_no_answer_with_a_picture_is_kept_on_its_way(client):
    answer = client.get("/cctv/lembar?kamera=g00")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_one_camera_tells_its_outages(client):
    told = client.get("/cctv/kamera?id=g02").text
    assert "Gambar beku" in told
    assert "Riwayat 30 hari" in told
    assert 'data-camera="g02"' in told
    assert client.get("/cctv/kamera?id=nowhere").status_code == 404


def test_what_is_only_embedded_is_linked_where_its_owner_is_not_allowed(client):
    told = client.get("/cctv/kamera?id=g07").text
    assert "<iframe" not in told
    assert 'href="https://mitra.example.org/7"' in told
    assert 'rel="noopener noreferrer"' in told


ROW = {
    "camera_id": "x",
    "name": "X",
    "owner": None,
    "proxied": False,
    "stream_url": "https://mitra.example.org/x.m3u8",
    "embed_url": "https://mitra.example.org/x",
    "state": None,
    "kelurahan": None,
    "simulated": False,
}


@pytest.fixture
def view(module_server, hands):
    with module_server.test_request_context("/"):
        yield module_server.extensions["komando"].view()


def test_an_allowed_owner_is_embedded_in_a_sandbox(view):
    told = html_text(cctv.one_camera(ROW, [], view, ["https://mitra.example.org"]))
    assert '<iframe class="camera-embed"' in told
    assert 'src="https://mitra.example.org/x"' in told
    assert 'sandbox="allow-scripts"' in told
    near = html_text(cctv.one_camera(ROW, [], view, ["https://mitra.example"]))
    assert "<iframe" not in near


def test_a_stream_is_offered_where_it_is_ours_and_its_origin_allowed(view):
    ours = ROW | {"proxied": True, "state": "live"}
    allowed = html_text(cctv.one_camera(ours, [], view, ["https://mitra.example.org"]))
    assert 'data-stream="https://mitra.example.org/x.m3u8"' in allowed
    assert "data-stream" not in html_text(cctv.one_camera(ours, [], view, []))
    assert "data-stream" not in html_text(
        cctv.one_camera(ROW, [], view, ["https://mitra.example.org"])
    )


def test_the_time_in_which_nobody_looked_is_neither_up_nor_down():
    rows = [
        {"state": "live", "seconds": 900.0},
        {"state": None, "seconds": 9000.0},
        {"state": "black", "seconds": 100.0},
    ]
    assert cctv.uptime(rows) == 0.9
    assert cctv.uptime(rows[1:2]) is None
