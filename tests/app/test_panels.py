"""Panels: rendered once a version, whoever asks."""

from __future__ import annotations

import csv
import io
import threading

import dash_mantine_components as dmc
import pytest
from dash import html

from dashboards.access import EVERYONE
from dashboards.panels import Panel, Shelf, to_csv


@pytest.fixture(scope="module")
def drawings():
    return []


@pytest.fixture
def drawn(drawings):
    """The views for which the panel was drawn in this test."""
    drawings.clear()
    return drawings


@pytest.fixture(scope="module")
def module_server(make, lake_folder, drawings):
    """A program with one more panel, which notes each time that it is drawn."""

    def render(_lake, view):
        drawings.append(view)
        return html.P(f"{view.area} {view.params.get('lantai')}")

    server = make(lake_folder)
    server.extensions["komando"].panels(
        Panel(
            id="uji",
            title="Uji",
            feeds=("dsda_levels",),
            roles=EVERYONE,
            render=render,
            rows=lambda _lake, view: [{"wilayah": view.area, "rumus": "=1+1"}],
            how="Diuji.",
            params=("lantai",),
        ),
        Panel("hitung", "Hitung", (), EVERYONE, lambda *_: html.P(str(len(drawings))), ""),
        Panel("rusak", "Rusak", (), EVERYONE, broken, ""),
        Panel("pohon", "Pohon", (), EVERYONE, lambda *_: html.Div(dmc.Badge("baru")), ""),
    )
    return server


def broken(_lake, _view):
    raise RuntimeError("rahasia dapur")


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    return module_server.test_client()


def test_a_panel_is_drawn_once_for_all_who_look_at_the_same(client, drawn):
    answers = {client.get("/panel/uji?wilayah=31.71&utm=1").data for _ in range(3)}
    assert answers == {b"<p>31.71 None</p>"}
    assert len(drawn) == 1


@pytest.mark.parametrize(
    "search",
    ["?wilayah=31.72", "?lantai=2", "?pada=2026-03-11T03:10", "?pada=2026-03-11&seperti=sekarang"],
)
def test_another_area_parameter_or_moment_is_another_panel(client, drawn, search):
    client.get("/panel/uji")
    client.get("/panel/uji" + search)
    assert len(drawn) == 2


def test_now_is_one_panel_however_time_goes_by(client, drawn, hands):
    client.get("/panel/uji")
    hands.move(seconds=90)
    client.get("/panel/uji")
    assert len(drawn) == 1


def test_a_panel_is_drawn_again_when_its_feed_grows_late(client, drawn, hands):
    before = client.get("/panel/uji").headers["X-Signature"]
    hands.move(minutes=20)
    after = client.get("/panel/uji").headers["X-Signature"]
    assert (before, after) == ("dsda_levels:3:fresh", "dsda_levels:3:late")
    assert len(drawn) == 2


def test_who_has_the_panel_already_is_told_not_modified(client):
    tag = client.get("/panel/uji").headers["ETag"]
    again = client.get("/panel/uji", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_panel_without_feeds_is_sent_again_once_it_shows_something_else(client, drawn):
    tag = client.get("/panel/hitung").headers["ETag"]
    drawn.append("one more")
    next(iter(client.application.extensions["cache"])).clear()
    again = client.get("/panel/hitung", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (200, b"<p>1</p>")


def test_roles_do_not_share_a_drawing(client, drawn):
    for role in ("publik", "admin"):
        client.set_cookie("peran", role)
        client.get("/panel/uji")
    assert [view.role.id for view in drawn] == ["publik", "admin"]


def test_a_panel_that_breaks_tells_its_reference_and_leaves_the_others_alone(client):
    answer = client.get("/panel/rusak")
    assert answer.status_code == 500
    assert "Kode kesalahan" in answer.text
    assert "rahasia" not in answer.text
    assert client.get("/panel/uji").status_code == 200


def test_a_panel_with_components_of_dash_travels_as_its_tree(client):
    answer = client.get("/panel/pohon")
    assert answer.mimetype == "application/json"
    assert answer.json["props"]["children"]["type"] == "Badge"


def test_two_panels_cannot_have_one_name(module_server):
    with pytest.raises(ValueError, match="rusak"):
        module_server.extensions["komando"].panels(
            Panel("rusak", "Rusak", (), EVERYONE, broken, "")
        )


def test_an_unknown_panel_is_not_found(client):
    assert client.get("/panel/tidak-ada").status_code == 404


def test_the_download_is_named_after_panel_origin_and_moment_and_holds_no_formula(client):
    answer = client.get("/panel/uji/data.csv?wilayah=31.71&pada=2026-03-11T03:10")
    name = answer.headers["Content-Disposition"]
    assert 'filename="komando-uji-simulasi-20260310-2010Z.csv"' in name
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [{"wilayah": "31.71", "rumus": "'=1+1"}]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\tx", "\rx"])
def test_cells_that_a_spreadsheet_would_run_are_disarmed(cell):
    assert f"'{cell}" in to_csv([{"a": cell}]).decode()


def test_negative_numbers_stay_numbers():
    assert to_csv([{"cm": -195.0}]).decode("utf-8-sig").split() == ["cm", "-195.0"]


def test_the_explanation_tells_definition_sources_and_sql(client):
    text = client.get("/panel/sistem-riwayat/cara").text
    assert "from feed_runs" in text
    assert "Instansi Tinggi muka air" not in text
    text = client.get("/panel/sistem-sumber/cara").text
    assert "terputus bila proses terakhir gagal" in text


def test_many_who_ask_at_once_make_it_once():
    class Drawer(dict):
        def set(self, key, value):
            self[key] = value

    made = []
    ready = threading.Barrier(8)

    def make():
        made.append(1)
        return b"x"

    shelf = Shelf(Drawer())

    def ask():
        ready.wait()
        assert shelf.get("k", make) == b"x"

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_what_is_made_of_others_of_the_shelf_waits_for_none_of_its_own():
    class Drawer(dict):
        def set(self, key, value):
            self[key] = value

    shelf = Shelf(Drawer())
    made = []

    def inner():
        return shelf.get(f"inner {len(made)}", lambda: b"x")

    def ask():
        for number in range(200):
            made.append(shelf.get(f"outer {number}", inner))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(timeout=10)
    assert made == [b"x"] * 200
