"""The pages of traffic, air and citizens through the program."""

from __future__ import annotations

import re
from html import escape

import pytest

from dashboards import lalu_lintas, publik, udara

EVERY = [panel for page in (lalu_lintas, udara, publik) for panel in page._panels()]
PANELS = [panel.id for panel in EVERY]
CHOOSING = [panel.id for panel in EVERY if panel.params]
NONSENSE = [
    "koridor=%00",
    "koridor=K999&urut=banyak",
    "stasiun=%3Cscript%3E",
    "stasiun=&koridor=",
    "wilayah=31.99&koridor=K001",
    "wilayah=%27--&pada=kemarin&seperti=nanti",
]


def citizens(client, role="publik"):
    client.set_cookie("peran", role)
    return client


@pytest.mark.parametrize("search", ["", "?wilayah=31.71.01", "?pada=2026-03-12T03:09"])
def test_every_panel_is_drawn(client, search):
    for panel in PANELS:
        answer = client.get(f"/panel/{panel}{search}")
        assert answer.status_code == 200, panel
        assert "gagal dimuat" not in answer.text


@pytest.mark.parametrize("search", NONSENSE)
def test_nonsense_in_the_address_is_no_error(client, search):
    for panel in CHOOSING:
        answer = client.get(f"/panel/{panel}?{search}")
        assert answer.status_code == 200, panel
        assert "<script" not in answer.text
    assert client.get(f"/publik?{search}").status_code == 200


def test_everything_is_drawn_on_an_empty_lake(empty_client):
    for panel in PANELS:
        answer = empty_client.get(f"/panel/{panel}")
        assert answer.status_code == 200, panel
        assert 'class="value">0<' not in answer.text or panel in EMPTY_IS_A_FINDING, panel
    page = empty_client.get("/publik")
    assert page.status_code == 200
    assert "Belum ada data tinggi muka air" in page.text


# A feed that tells of jams tells also that there are none; whether it does, its state says.
EMPTY_IS_A_FINDING = ("jalan-angka", "publik-jalan")


def test_a_past_that_nobody_knows_shows_no_zeros_and_gives_no_comfort(client):
    for panel in PANELS:
        answer = client.get(f"/panel/{panel}?pada=1990-01-01")
        assert answer.status_code == 200
        assert 'class="value">0<' not in answer.text, panel
    told = client.get("/panel/publik-saran?pada=1990-01-01").text
    assert told.count("tidak dapat dinilai, belum ada data") == len(publik.TOPICS)


@pytest.mark.parametrize("role", ["publik", "lurah", "operator", "inspektur"])
def test_everyone_sees_these_pages(client, role):
    citizens(client, role)
    for path in ("/lalu-lintas", "/udara", "/publik"):
        assert client.get(path).status_code == 200


def test_the_citizens_page_says_it_all_without_a_script(client):
    page = citizens(client).get("/publik?wilayah=31.71.01.1001")
    assert page.mimetype == "text/html"
    text = page.text
    assert "<h1>Kel. Gambir, Kec. Gambir, Jakarta Pusat</h1>" in text
    for panel in publik._panels():
        assert f'<h2 id="panel-{panel.id}">{panel.title}</h2>' in text
    assert 'href="tel:112"' in text
    assert 'class="skeleton"' not in text
    assert text.count("DATA SIMULASI") >= 2


def test_the_link_that_is_shared_names_the_place_and_no_past_moment(client):
    text = client.get("/publik?wilayah=31.71.01.1001&pada=2026-03-12T03:00").text
    assert 'property="og:title" content="[DATA SIMULASI] Kel. Gambir: banjir' in text
    address = "http://localhost/publik?wilayah=31.71.01.1001"
    assert f'property="og:url" content="{address}"' in text
    assert f'data-url="{address}"' in text
    assert "PUTAR ULANG" in text


@pytest.mark.parametrize("asked", ["31.99", "Gambir", "32"])
def test_an_unknown_place_is_said_to_be_unknown(client, asked):
    text = client.get(f"/publik?wilayah={asked}").text
    assert "Wilayah itu tidak dikenal" in text
    assert "<h1>Seluruh Jakarta</h1>" in text


@pytest.mark.parametrize("asked", ["", "?wilayah=", "?wilayah=31", "?wilayah=31.71"])
def test_a_known_place_is_not_said_to_be_unknown(client, asked):
    assert "Wilayah itu tidak dikenal" not in client.get(f"/publik{asked}").text


@pytest.mark.parametrize("asked", ["kemarin", "2026-02-30", "2999-01-01T00:00", "<b>"])
def test_a_moment_that_cannot_be_shown_is_said_not_to_be_shown(client, asked):
    text = client.get(f"/publik?pada={asked}").text
    assert f'Saat “<span id="saat-diminta">{escape(asked)}</span>” tidak dikenali' in text
    assert "KONDISI TERKINI" in text
    assert "pada tidak dikenali" in client.get(f"/dinding?pada={asked}").text


@pytest.mark.parametrize("path", ["/publik", "/dinding"])
def test_without_a_moment_none_is_refused(client, path):
    for search in ("", "?pada=2026-03-12T03:00"):
        assert "tidak dikenali" not in client.get(f"{path}{search}").text


def test_nothing_on_the_citizens_page_comes_from_elsewhere_or_is_about_a_person(client):
    page = citizens(client).get("/publik")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    hosts = re.findall(r'(?:src|href|action)="(\w+://[^/"]+)', page.text)
    assert hosts == []
    # The rows of the small lake carry these columns as their values.
    for personal in ("text_redacted", "reporter_key", "officer_id", "address_public"):
        assert personal not in page.text


def test_a_panel_that_fails_leaves_the_rest_of_the_citizens_page(server, monkeypatch):
    def fail(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(publik, "weather", fail)
    text = server.test_client().get("/publik").text
    assert "Panel ini gagal dimuat." in text
    assert "Pintu air" in text


def test_a_citizen_downloads_what_a_panel_shows(client):
    answer = citizens(client).get("/panel/publik-banjir/data.csv")
    assert answer.status_code == 200
    assert answer.text.lstrip("\ufeff").startswith("area_code,")


def test_the_layer_of_reports_is_on_the_map(client):
    drawn = client.get("/geo/alerts.geojson").json
    assert drawn["layer"]["count"] == len(drawn["features"])
