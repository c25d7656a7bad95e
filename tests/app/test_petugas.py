"""Officers through the program: nearest, roster, tracks, and who may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from dashboards import petugas
from data.tables import TABLES
from tests import lakes

PANELS = ("petugas-terdekat", "petugas-dinas")
HERE = "dekat=106.82,-6.18"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A lake with two officers on duty and one whose roster ended."""
    home = tmp_path_factory.mktemp("petugas")
    lake = lakes.empty_lake(home)
    with lake.write() as cursor:
        lakes.declare_feeds(cursor)
        for number, (state, lat) in enumerate(
            (("on_duty", -6.19), ("assigned", -6.181), ("off", 0))
        ):
            add(cursor, "officers", officer_id=str(number), name=f"PPSU {number}", agency="SDA")
            add(cursor, "duty_roster", 300, officer_id=str(number), state=state)
            for minutes in (1, 6, 11, 100, 170):
                add(
                    cursor,
                    "officer_positions",
                    minutes,
                    officer_id=str(number),
                    lon=106.82,
                    lat=lat or -6.18,
                    kelurahan_code="31.71.01.1001",
                )
    lake.close()
    return home


def add(cursor, table, minutes=1, **values):
    at = lakes.NOW - timedelta(minutes=minutes)
    nothing = {column.name: None for column in TABLES[table].columns}
    times = {"event_time": at, "known_time": at}
    lakes.insert(cursor, table, nothing | lakes.common(lakes.NOW) | times | values)


@pytest.fixture(scope="module")
def module_server(make, home):
    return make(home)


@pytest.fixture
def client(module_server, hands):
    next(iter(module_server.extensions["cache"])).clear()
    return module_server.test_client()


def test_the_nearest_officers_stand_first_with_their_distance(client):
    told = client.get(f"/panel/petugas-terdekat?{HERE}").text
    assert told.index("PPSU 1") < told.index("PPSU 0")
    assert "110\N{NO-BREAK SPACE}m" in told
    assert "PPSU 2" not in told


@pytest.mark.parametrize("query", ["", "?dekat=x", "?dekat=0,0", "?pos=x&alarm=y", "?dekat=1,2,3"])
def test_without_a_place_the_panel_asks_for_one(client, query):
    assert "Terdekat dengan apa?" in client.get(f"/panel/petugas-terdekat{query}").text


def test_a_gate_is_a_place(client):
    assert "P.A. Manggarai" in client.get("/panel/petugas-terdekat?pos=manggarai").text


def test_without_a_roster_no_officer_is_shown_and_the_page_says_why(make, tmp_path_factory):
    home = tmp_path_factory.mktemp("no-roster")
    lake = lakes.empty_lake(home)
    with lake.write() as cursor:
        add(cursor, "officers", officer_id="1", name="PPSU 1")
        add(cursor, "officer_positions", officer_id="1", lon=106.82, lat=-6.18)
    lake.close()
    client = make(home).test_client()
    assert petugas.NO_ROSTER in client.get("/panel/petugas-dinas").text
    assert "PPSU 1" not in client.get(f"/panel/petugas-terdekat?{HERE}").text
    assert client.get("/geo/officers.geojson").json["features"] == []


def test_a_track_is_a_list_of_places_and_times_and_its_look_is_logged(client):
    client.set_cookie("peran", "pimpinan")
    with capture_logs() as logs:
        track = client.get("/petugas/jejak?petugas=0&jam=3")
    assert track.json["name"] == "PPSU 0"
    assert [point[:2] for point in track.json["points"]] == [[106.82, -6.19]] * 5
    assert track.json["points"][-1][2] == (lakes.NOW - lakes.MINUTE).timestamp()
    assert track.headers["Cache-Control"] == "private, no-store"
    [entry] = [entry for entry in logs if entry["event"] == "officer.track"]
    assert (entry["role"], entry["officer"], entry["hours"], entry["positions"]) == (
        "pimpinan",
        "0",
        3,
        5,
    )


@pytest.mark.parametrize(("hours", "points"), [("1", 3), ("2", 4), ("3", 5), ("99", 4), ("x", 4)])
def test_a_track_goes_back_one_to_three_hours_and_no_further(client, hours, points):
    assert len(client.get(f"/petugas/jejak?petugas=1&jam={hours}").json["points"]) == points


def test_who_is_off_duty_has_no_track(client):
    assert client.get("/petugas/jejak?petugas=2").json["points"] == []
    assert client.get("/petugas/jejak?petugas=nobody").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/petugas", "/petugas/jejak?petugas=0", "/geo/officers.geojson"]
    + [f"/panel/{name}" for name in PANELS]
    + [f"/panel/{name}/data.csv" for name in PANELS],
)
def test_officers_are_shown_to_those_who_send_them_and_to_nobody_else(client, path):
    for role in ("publik", "lurah", "camat", "inspektur"):
        client.set_cookie("peran", role)
        assert client.get(path).status_code == 403, role
    for role in ("operator", "pimpinan", "admin"):
        client.set_cookie("peran", role)
        assert client.get(path).status_code == 200, role


def test_positions_carry_the_ages_at_which_they_fade_and_leave(client):
    features = client.get("/geo/officers.geojson").json["features"]
    assert {(f["properties"]["late"], f["properties"]["expired"]) for f in features} == {(300, 900)}
