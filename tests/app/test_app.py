"""Every page, route and callback of the program, and who may reach it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_caching import Cache

import app as program
from dashboards.access import ROLES, UndeclaredError
from dashboards.versions import LEDGER, MIDNIGHT
from data.lake import LakeError
from data.settings import Settings
from tests import lakes


def be(client, role):
    client.set_cookie("peran", role)
    return client


def visit(client, path, search=""):
    """Ask for a page as Dash's router does."""
    outputs = [
        {"id": "_pages_content", "property": "children"},
        {"id": "_pages_store", "property": "data"},
    ]
    return client.post(
        "/_dash-update-component",
        json={
            "output": ".._pages_content.children..._pages_store.data..",
            "outputs": outputs,
            "inputs": [
                {"id": "_pages_location", "property": "pathname", "value": path},
                {"id": "_pages_location", "property": "search", "value": search},
            ],
            "changedPropIds": ["_pages_location.pathname"],
        },
    )


def site(server):
    return server.extensions["komando"]


@pytest.mark.parametrize(
    "search",
    ["", "?utm=1", "?sumber=a&sumber=b", "?wilayah=31.71.01", "?wilayah=%3Cscript%3E&pada=kemarin"],
)
def test_every_page_opens_whatever_the_address_says(server, client, search):
    be(client, "admin")
    for link in site(server).links:
        assert client.get(link.path + search).status_code == 200
        answer = visit(client, link.path, search)
        assert answer.status_code == 200
        assert b"Tidak berwenang" not in answer.data


def test_a_page_is_refused_to_roles_that_it_does_not_name(client):
    be(client, "publik")
    assert client.get("/sistem").status_code == 403
    answer = visit(client, "/sistem")
    assert b"Tidak berwenang" in answer.data
    assert b"karantina" not in answer.data


def test_an_address_that_leads_nowhere_says_so(client):
    assert client.get("/tidak-ada").status_code == 404
    assert b"tidak ditemukan" in visit(client, "/tidak-ada").data


def test_the_navigation_shows_only_what_a_role_may_see(client):
    seen = {
        role: str(be(client, role).get("/_dash-layout").json) for role in ("publik", "operator")
    }
    assert "'/sistem'" not in seen["publik"]
    assert "'/sistem'" in seen["operator"]


def test_all_that_can_be_reached_is_declared(server):
    app = site(server).app
    site(server).access.demand(program.reachable(app))
    assert {"route:/versi", "page:/sistem"} <= set(program.reachable(app))


def test_a_route_that_nobody_declared_is_refused_and_stops_the_next_start(make, lake_folder):
    server = make(lake_folder)
    # Flask takes no new routes once it has answered, and `make` has warmed it.
    server._got_first_request = False
    server.add_url_rule("/lubang", endpoint="/lubang", view_func=lambda: "terbuka")
    assert server.test_client().get("/lubang").status_code == 403
    with pytest.raises(UndeclaredError, match="route:/lubang"):
        program.warm(site(server).app)


def test_every_panel_and_its_export_asks_for_the_panels_own_roles(server, client):
    for panel in site(server).shown.values():
        be(client, min(panel.roles))
        assert client.get(f"/panel/{panel.id}").status_code == 200, panel.id
        assert client.get(f"/panel/{panel.id}/cara").status_code == 200, panel.id
        export = client.get(f"/panel/{panel.id}/data.csv")
        assert export.status_code == (200 if panel.rows else 404), panel.id
        for role in ROLES.keys() - panel.roles:
            be(client, role)
            for part in ("", "/cara", "/data.csv"):
                answer = client.get(f"/panel/{panel.id}{part}")
                assert answer.status_code == 403, (role, panel.id, part)


def test_callbacks_of_a_page_are_refused_to_roles_that_may_not_see_it(client):
    request = {
        "output": "karantina.getRowsResponse",
        "outputs": {"id": "karantina", "property": "getRowsResponse"},
        "inputs": [{"id": "karantina", "property": "getRowsRequest", "value": {"startRow": 0}}],
        "state": [{"id": "alamat", "property": "data", "value": None}],
        "changedPropIds": ["karantina.getRowsRequest"],
    }
    assert be(client, "publik").post("/_dash-update-component", json=request).status_code == 403
    answer = be(client, "operator").post("/_dash-update-component", json=request)
    assert answer.json["response"]["karantina"]["getRowsResponse"]["rowCount"] == 3


def test_a_role_that_does_not_exist_sees_what_the_public_sees(client):
    assert be(client, "gubernur").get("/sistem").status_code == 403


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8050", 200),
        ("::1", "localhost:8050", 200),
        ("10.0.0.7", "127.0.0.1:8050", 403),
        ("127.0.0.1", "komando.example.org", 403),
    ],
)
def test_without_accounts_only_this_machine_is_answered(client, address, host, status):
    answer = client.get(
        "/versi", environ_overrides={"REMOTE_ADDR": address}, headers={"Host": host}
    )
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/", "/sistem", "/tidak-ada", "/panel/beranda-siaga", "/versi"])
def test_a_foreign_name_is_refused_for_every_address(client, path):
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "Tidak berwenang" in answer.text


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/panel/beranda-petugas", 403, "Tidak berwenang melihat bagian ini. Muat ulang halaman."),
        ("/panel/tidak-ada", 404, "Bagian ini tidak ditemukan. Muat ulang halaman."),
        ("/geo/officers.geojson", 403, "Tidak berwenang melihat bagian ini. Muat ulang halaman."),
    ],
)
def test_errors_are_told_briefly_and_in_indonesian(client, path, status, told):
    answer = be(client, "publik").get(path)
    assert answer.status_code == status
    assert told in answer.text
    assert "<title>" not in answer.text


def test_any_other_address_to_listen_on_is_refused_with_what_to_change(tmp_path):
    with pytest.raises(program.StartError, match=r"KOMANDO_SECRET_KEY.*127\.0\.0\.1"):
        program.create_app(Settings(home=tmp_path, host="0.0.0.0"))


def test_without_a_lake_the_start_says_how_to_make_one(tmp_path):
    with pytest.raises(LakeError, match="make run"):
        program.create_app(Settings(home=tmp_path))


def test_pages_allow_their_own_scripts_and_nothing_from_elsewhere(client):
    policy = client.get("/sistem").headers["Content-Security-Policy"]
    assert "unsafe-eval" not in policy
    scripts = next(part for part in policy.split(";") if "script-src" in part)
    assert scripts.split()[:2] == ["script-src", "'self'"]
    assert all(part.startswith("'sha256-") for part in scripts.split()[2:])
    page = client.get("/sistem").text
    assert "https://" not in page.replace("https://json-schema.org", "")


def test_the_typeface_is_served_from_here_for_a_year(client):
    with client.get("/huruf/plus-jakarta-sans.ttf") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "font/ttf"
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_two_programs_in_one_process_both_answer(make, lake_folder):
    first, second = make(lake_folder), make(lake_folder)
    for server in (first, second):
        client = server.test_client()
        assert client.get("/sistem").status_code == 200
        assert client.get("/versi").json["feeds"].keys() == {*lakes.FEEDS, LEDGER, MIDNIGHT}


def test_an_empty_lake_shows_its_pages_and_says_that_there_is_nothing(empty_client):
    client = be(empty_client, "admin")
    assert client.get("/versi").json["feeds"].keys() == {LEDGER, MIDNIGHT}
    assert "Belum ada sumber data" in client.get("/panel/sistem-sumber").text
    for panel in site(client.application).shown.values():
        assert client.get(f"/panel/{panel.id}").status_code == 200, panel.id


def test_health_is_told_apart_from_readiness(client, hands):
    assert client.get("/healthz").text == "OK"
    assert client.get("/readyz").json["ready"] is True
    hands.move(hours=1)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reason"] == "no feed has run lately"


def test_readiness_fails_where_no_feed_has_run_or_the_lake_is_gone(make, tmp_path):
    lakes.empty_lake(tmp_path).close()
    server = make(tmp_path)
    client = server.test_client()
    assert client.get("/readyz").json["reason"] == "no feed has run yet"
    site(server).lake.close()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reason"].startswith("lake: ")


def test_metrics_tell_of_feeds_lake_and_requests(client):
    client.get("/versi")
    text = client.get("/metrics").text
    assert 'komando_feed_state{feed="waze_ccp",state="disconnected"} 1.0' in text
    assert 'komando_feed_age_seconds{feed="dsda_levels"} 120.0' in text
    assert 'komando_requests_total{endpoint="/versi",status="200"' in text
    assert "python_gc" not in text


def test_a_shared_cache_can_be_named(tmp_path):
    settings = lakes.settings(tmp_path, cache="redis://127.0.0.1:9/0")
    cache = Cache(Flask("shared"), config=program.cache_config(settings))
    assert type(cache.cache).__name__ == "RedisCache"
