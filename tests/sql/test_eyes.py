"""Cameras, blind spots and officers: what the questions answer on a few rows."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from data import queries
from data.asof import AsOf
from data.tables import TABLES
from tests import lakes

NOW = lakes.NOW
LIVE = AsOf.now(NOW)
HOUR = timedelta(hours=1)
# 0.001° of latitude is 111 m.
METRE = 1 / 111_195


def put(lake, table, at=NOW - lakes.MINUTE, *, known=None, simulated=False, **values):
    columns = {column.name: None for column in TABLES[table].columns}
    common = lakes.common(NOW) | {"event_time": at, "known_time": known or at}
    lakes.insert(lake.cursor(), table, columns | common | {"simulated": simulated} | values)


def camera(lake, name, *, state=None, lat=-6.2, lon=106.8, proxied=True, kind="gate", **values):
    put(
        lake,
        "cameras",
        NOW - 5 * HOUR,
        camera_id=name,
        name=f"Kamera {name}",
        kind=kind,
        proxied=proxied,
        lon=lon,
        lat=lat,
        **values,
    )
    if state:
        put(lake, "camera_checks", camera_id=name, state=state)


class Undo(Exception):
    """Ends a test's transaction, so that the next one finds the lake empty."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    lake = lakes.empty_lake(tmp_path_factory.mktemp("eyes"))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty):
    with suppress(Undo), empty.write():
        yield empty
        raise Undo


def wall(lake, **asked):
    usual = {"kind": None, "at": None, "within_m": 2000.0, "troubled": False}
    found = queries.cameras_wall(lake, LIVE, "31", **usual | {"most": 12, "skip": 0} | asked)
    return [row["camera_id"] for row in found]


def test_the_wall_shows_pictures_first_by_name_then_what_is_only_embedded(lake):
    camera(lake, "b", state="live")
    camera(lake, "a", proxied=False)
    camera(lake, "c", state="frozen")
    camera(lake, "d", kind="road", state="live")
    assert wall(lake) == ["b", "c", "d", "a"]
    assert wall(lake, kind="road") == ["d"]
    assert wall(lake, troubled=True) == ["c"]
    assert wall(lake, most=2, skip=1) == ["c", "d"]


def test_near_a_place_the_wall_counts_from_there_and_ends_at_its_reach(lake):
    for name, metres in (("far", 2100), ("near", 10), ("middle", 1900)):
        camera(lake, name, lat=-6.2 - metres * METRE)
    assert wall(lake, at=(106.8, -6.2)) == ["near", "middle"]
    [row, *_] = queries.cameras_wall(
        lake, LIVE, "31", kind=None, at=(106.8, -6.2), within_m=2000, troubled=False, most=1, skip=0
    )
    assert row["distance_m"] == pytest.approx(10, abs=0.1)
    assert row["total"] == 2


def test_a_state_older_than_90_minutes_or_not_yet_known_is_none(lake):
    camera(lake, "a")
    put(lake, "camera_checks", NOW - 91 * lakes.MINUTE, camera_id="a", state="live")
    put(lake, "camera_checks", NOW - HOUR, known=NOW + HOUR, camera_id="a", state="frozen")
    assert queries.camera_one(lake, LIVE, "a")["state"] is None
    assert queries.camera_groups(lake, LIVE, "31")[0]["unprobed"] == 1


def test_a_state_of_a_camera_that_nobody_may_fetch_is_not_told(lake):
    camera(lake, "a", proxied=False, state="live")
    assert queries.camera_one(lake, LIVE, "a")["state"] is None


def test_only_what_the_newest_list_lets_us_fetch_is_ours(lake):
    camera(lake, "a")
    camera(lake, "b", proxied=False)
    camera(lake, "revoked")
    put(lake, "cameras", NOW - HOUR, camera_id="revoked", name="x", proxied=False, kind="gate")
    assert queries.cameras_ours(lake, ["a", "b", "revoked", "none"]) == {"a"}


def test_periods_join_rows_of_one_state_and_leave_out_when_nobody_looked(lake):
    for hours, state in ((9, "live"), (8, "live"), (7.5, "black"), (7, "live"), (1, "frozen")):
        put(lake, "camera_checks", NOW - hours * HOUR, camera_id="a", state=state)
    put(lake, "camera_checks", NOW - 31 * 24 * HOUR, camera_id="a", state="live")
    found = queries.camera_periods(lake, LIVE, "a")
    told = [(row["state"], row["seconds"] / 3600) for row in found]
    assert told == [("live", 1.5), ("black", 0.5), ("live", 2.0), (None, 4.0), ("frozen", 1.0)]
    assert found[0]["starts_at"] == NOW - 9 * HOUR
    assert found[-1]["ends_at"] == NOW


def flood(lake, code, days, *, level="rw", lat=-6.2, **values):
    for day in range(days):
        put(
            lake,
            "inundations",
            NOW - timedelta(days=10 * day + 1),
            area_code=code,
            area_name="RW 07",
            area_level=level,
            lon=106.8,
            lat=lat,
            **values,
        )


def blind(lake, as_of=LIVE):
    return {row["area_code"]: row for row in queries.blind_spots(lake, as_of, "31")}


def test_a_place_that_floods_often_is_blind_without_a_live_camera_within_300_m(lake):
    flood(lake, "seen", 3)
    flood(lake, "blind", 3, lat=-6.3)
    flood(lake, "seldom", 2, lat=-6.4)
    camera(lake, "a", state="live", lat=-6.2 + 299 * METRE)
    camera(lake, "b", state="live", lat=-6.3 + 301 * METRE)
    camera(lake, "c", state="frozen", lat=-6.3 + 200 * METRE)
    camera(lake, "d", proxied=False, lat=-6.3 - 100 * METRE)
    found = blind(lake)
    assert set(found) == {"blind"}
    told = found["blind"]
    assert (told["days"], told["lost"], told["embedded"]) == (3, 1, 1)
    assert (told["nearest"], round(told["nearest_m"])) == ("Kamera b", 301)


def test_a_place_becomes_blind_when_its_camera_dies_and_was_not_before(lake):
    flood(lake, "rw", 3)
    camera(lake, "a", state="live")
    put(lake, "camera_checks", NOW, camera_id="a", state="unreachable")
    assert set(blind(lake)) == {"rw"}
    before = NOW - timedelta(seconds=30)
    assert blind(lake, AsOf(before, before, live=False)) == {}


def test_rt_are_counted_with_their_rw_and_ended_rows_are_no_flood(lake):
    flood(lake, "3172050002007000", 2)
    put(
        lake,
        "inundations",
        NOW - timedelta(days=200),
        area_code="3172050002007003",
        area_level="rt",
        lon=106.8,
        lat=-6.2,
    )
    flood(lake, "other", 5, lat=-6.3, ended=True)
    found = blind(lake)
    assert {code: row["days"] for code, row in found.items()} == {"3172050002007000": 3}
    assert found["3172050002007000"]["nearest_m"] is None


def officer(lake, name, *, minutes=1, state="on_duty", lat=-6.2, agency="Dishub", until=None):
    put(lake, "officers", NOW - 5 * HOUR, officer_id=name, name=f"Regu {name}", agency=agency)
    if state:
        put(lake, "duty_roster", NOW - 4 * HOUR, officer_id=name, state=state, until=until)
    if minutes is not None:
        put(
            lake,
            "officer_positions",
            NOW - minutes * lakes.MINUTE,
            officer_id=name,
            lon=106.8,
            lat=lat,
        )


def near(lake, agency=None):
    found = queries.officers_near(lake, LIVE, (106.8, -6.2), agency=agency, most=10)
    return [row["officer_id"] for row in found]


def test_the_nearest_officers_are_those_on_duty_with_a_position_of_15_minutes(lake):
    officer(lake, "far", lat=-6.25)
    officer(lake, "near", lat=-6.201, state="assigned", agency="SDA")
    officer(lake, "old", minutes=16)
    officer(lake, "off", state="off")
    officer(lake, "unlisted", state=None)
    officer(lake, "over", until=NOW - lakes.MINUTE)
    assert near(lake) == ["near", "far"]
    assert near(lake, "SDA") == ["near"]


def test_without_a_roster_nobody_is_told_of(lake):
    officer(lake, "a", state=None)
    assert near(lake) == []
    assert queries.officers_by_agency(lake, LIVE, "31") == []
    assert queries.officer_track(lake, LIVE, "a", since=NOW - 3 * HOUR) == []


def test_agencies_tell_recent_fading_and_unknown_positions_apart(lake):
    for name, minutes in (("a", 1), ("b", 4), ("c", 6), ("d", 14), ("e", 20), ("f", None)):
        officer(lake, name, minutes=minutes)
    [row] = queries.officers_by_agency(lake, LIVE, "31")
    assert (row["on_duty"], row["recent"], row["fading"]) == (6, 2, 2)


def test_a_track_holds_only_positions_while_on_duty(lake):
    for hours, state in ((5, "off"), (2.5, "on_duty"), (1.5, "off"), (0.5, "assigned")):
        put(lake, "duty_roster", NOW - hours * HOUR, officer_id="a", state=state)
    for hours in (3.5, 2.75, 2, 1, 0.25):
        at = NOW - hours * HOUR
        put(lake, "officer_positions", at, officer_id="a", lon=106.8, lat=-6.2)
    put(lake, "officer_positions", NOW - HOUR / 8, officer_id="b", lon=106.8, lat=-6.2)
    found = queries.officer_track(lake, LIVE, "a", since=NOW - 3 * HOUR)
    assert [row["event_time"] for row in found] == [NOW - 2 * HOUR, NOW - 0.25 * HOUR]


def test_a_track_knows_nothing_that_came_later(lake):
    put(lake, "duty_roster", NOW - 2 * HOUR, officer_id="a", state="on_duty")
    at = NOW - HOUR
    put(lake, "officer_positions", at, known=NOW, officer_id="a", lon=106.8, lat=-6.2)
    then = NOW - HOUR / 2
    assert (
        queries.officer_track(lake, AsOf(then, then, live=False), "a", since=NOW - 3 * HOUR) == []
    )


def test_layers_tell_their_date_and_whether_they_are_points(lake):
    point, line = '{"type":"Point","coordinates":[1,2]}', '{"type":"LineString","coordinates":[]}'
    for layer, shapes in (("halte", (point, point)), ("pipa", (point, line))):
        for number, shape in enumerate(shapes):
            lakes.insert(
                lake.cursor(),
                "layers",
                {
                    "layer": layer,
                    "feature_id": str(number),
                    "geometry": shape,
                    "source": "Dinas",
                    "dated": NOW.date(),
                    "loaded_at": NOW,
                },
            )
    told = {row["layer"]: row for row in queries.city_layers(lake)}
    assert {name: (row["features"], row["points"]) for name, row in told.items()} == {
        "halte": (2, True),
        "pipa": (2, False),
    }
    assert told["halte"]["dated"] == NOW.date()
    assert [row["feature_id"] for row in queries.city_layer(lake, "pipa")] == ["0", "1"]
