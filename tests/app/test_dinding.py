"""The wall through the program: its page, its panels, its roles, and addresses full of nonsense."""

from __future__ import annotations

import pytest

PANELS = [
    "wall-status",
    "wall-perhatian",
    "wall-pintu",
    "wall-pompa",
    "wall-genangan",
    "wall-pengaduan",
    "wall-macet",
    "wall-udara",
    "wall-cuaca",
    "wall-kamera",
    "wall-peta",
]


def test_the_wall_is_one_plain_page_without_dash(client):
    answer = client.get("/dinding?jarak=5&mm_px=0.63")
    assert answer.status_code == 200
    html = answer.text
    assert "--u:52.03px" in html
    assert "_dash" not in html
    assert [name for name in PANELS if f'data-panel="{name}"' not in html] == []
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in html


@pytest.mark.parametrize("panel", PANELS)
def test_every_zone_is_drawn(client, panel):
    answer = client.get(f"/panel/{panel}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"


def test_the_public_sees_no_wall(client):
    client.set_cookie("peran", "publik")
    assert client.get("/dinding").status_code == 403
    assert client.get("/panel/wall-perhatian").status_code == 403


def test_nonsense_in_the_address_is_a_note_and_never_an_error(client):
    answer = client.get(
        "/dinding?jarak=<b>&mm_px=-1&sambungan=x,y&adegan=%00&peta=zzz&nama=../..&pada=kemarin"
        "&jarak=7&wilayah=99&tema=ungu&uji=ya"
    )
    assert answer.status_code == 200
    assert "jarak tidak dapat dibaca; dipakai 5 m" in answer.text
    assert "<b>" not in answer.text
    assert "--u:52.03px" in answer.text


def test_the_theme_follows_the_hour_of_the_city(client, hands):
    assert 'data-theme="dark"' in client.get("/dinding").text
    hands.move(hours=8)
    assert 'data-theme="light"' in client.get("/dinding").text
