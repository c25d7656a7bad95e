"""The versions document: what it says, when it changes, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dashboards.versions import MIDNIGHT, Versions
from data.asof import AsOf
from tests import lakes


@pytest.fixture(scope="module")
def module_lake(tmp_path_factory):
    lake = lakes.small_lake(tmp_path_factory.mktemp("versions"))
    yield lake
    lake.close()


@pytest.fixture
def lake(module_lake):
    """The small lake, its runs as they were at first."""
    with module_lake.write() as cursor:
        cursor.execute("delete from feed_runs")
        lakes.add_runs(cursor)
    return module_lake


@pytest.fixture
def versions(lake, hands):
    return Versions(lake, hands.clock())


def run(lake, feed, at, **values):
    with lake.write() as cursor:
        lakes.add_run(cursor, feed, at, **values)


def test_the_document_tells_version_times_state_and_budgets_of_each_feed(client):
    document = client.get("/versi").json
    assert datetime.fromisoformat(document["now"]) == lakes.NOW
    assert document["speed"] == 1.0
    assert document["feeds"]["dsda_levels"] == {
        "title": "Tinggi muka air",
        "version": 3,
        "event_time": "2026-03-12T03:08:00+07:00",
        "known_time": "2026-03-12T03:09:00+07:00",
        "moment": "2026-03-12T03:08:00+07:00",
        "state": "fresh",
        "simulated": True,
        "scheduled": True,
        "failing": False,
        "late_s": 900.0,
        "expired_s": 3600.0,
    }
    states = {name: feed["state"] for name, feed in document["feeds"].items()}
    assert states["petabencana_floods"] == "empty"
    assert states["waze_ccp"] == "disconnected"


def test_who_knows_the_feeds_already_is_told_not_modified_as_time_goes_by(client, hands):
    tag = client.get("/versi").headers["ETag"]
    hands.move(seconds=30)
    again = client.get("/versi", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


def test_a_state_that_time_alone_changes_is_a_change(client, hands):
    tag = client.get("/versi").headers["ETag"]
    hands.move(minutes=20)
    answer = client.get("/versi", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json["feeds"]["dsda_levels"]["state"] == "late"


def test_a_new_version_is_seen_a_second_later_and_not_before(lake, versions, hands):
    assert versions.feeds()["dsda_levels"].version == 3
    run(lake, "dsda_levels", hands.now, version=4, event_time=hands.now)
    assert versions.feeds()["dsda_levels"].version == 3
    hands.move(seconds=1)
    assert versions.feeds()["dsda_levels"].version == 4


def test_the_signature_moves_with_the_data_and_the_state_of_its_feeds_alone(lake, versions, hands):
    gates, pumps = versions.signature(["dsda_levels"]), versions.signature(["pantau_pumps"])
    run(lake, "dsda_levels", hands.now, version=4, event_time=hands.now)
    hands.move(seconds=1)
    assert versions.signature(["dsda_levels"]) != gates
    assert versions.signature(["pantau_pumps"]) == pumps
    hands.move(minutes=20)
    assert versions.signature(["pantau_pumps"]) != pumps


def test_what_is_counted_at_midnight_moves_at_midnight_and_once_it_is_added_up(
    client, versions, hands
):
    counted = client.get("/versi").json["feeds"][MIDNIGHT]
    assert (counted["moment"], counted["scheduled"]) == ("2026-03-12T00:00:00+07:00", False)
    before = versions.signature([MIDNIGHT])
    assert before == f"{MIDNIGHT}:{counted['version']}:{counted['state']}"
    hands.move(hours=20)
    assert versions.signature([MIDNIGHT]) == before
    hands.move(hours=1)
    after = versions.signature([MIDNIGHT])
    hands.move(minutes=30)
    assert len({before, after, versions.signature([MIDNIGHT])}) == 3
    past = client.get("/versi?pada=2026-03-01T17:00").json
    assert past["feeds"][MIDNIGHT]["moment"] == "2026-03-01T00:00:00+07:00"


def test_what_is_counted_at_midnight_follows_of_its_feeds_only_the_state(lake, versions, hands):
    before = versions.signature(["dsda_levels", MIDNIGHT])
    run(lake, "dsda_levels", hands.now, version=9, event_time=hands.now)
    hands.move(seconds=1)
    assert versions.signature(["dsda_levels", MIDNIGHT]) == before
    hands.move(hours=2)
    assert "dsda_levels::fresh" in before
    assert "dsda_levels::fresh" not in versions.signature(["dsda_levels", MIDNIGHT])


def test_a_run_without_new_data_moves_only_what_follows_every_run(lake, versions, hands):
    gates, any_feed = versions.signature(["dsda_levels"]), versions.signature(["*"])
    run(lake, "dsda_levels", hands.now, version=3, event_time=hands.now, outcome="unchanged")
    hands.move(seconds=1)
    assert versions.signature(["dsda_levels"]) == gates
    assert versions.signature(["*"]) != any_feed


def test_a_feed_that_fails_and_comes_back_is_told_with_its_error_and_without(lake, versions, hands):
    known = {"version": 3, "event_time": hands.now, "known_time": hands.now}
    run(lake, "dsda_levels", hands.now, outcome="failed", error="timeout", **known)
    hands.move(minutes=20)
    feed = versions.feeds()["dsda_levels"]
    assert (feed.state, feed.run["error"]) == ("disconnected", "timeout")
    run(lake, "dsda_levels", hands.now, version=4, event_time=hands.now)
    hands.move(seconds=1)
    feed = versions.feeds()["dsda_levels"]
    assert (feed.state, feed.run["error"]) == ("fresh", None)


def test_a_feed_whose_first_run_comes_later_and_brings_nothing_is_seen(lake, versions, hands):
    with lake.write() as cursor:
        cursor.execute("delete from feed_runs where feed = 'crm_requests'")
    assert versions.feeds()["crm_requests"].state == "never"
    run(lake, "crm_requests", hands.now, version=0, event_time=None, known_time=hands.now)
    hands.move(seconds=1)
    feed = versions.feeds()["crm_requests"]
    assert (feed.version, feed.progress.event_time) == (0, None)


def test_runs_that_a_purge_took_away_are_forgotten(lake, versions, hands):
    versions.feeds()
    with lake.write() as cursor:
        cursor.execute("delete from feed_runs where feed = 'dsda_levels'")
    hands.move(minutes=11)
    assert versions.feeds()["dsda_levels"].state == "never"


def test_files_of_history_neither_make_a_feed_fresh_nor_failing(lake, versions, hands):
    run(lake, "dsda_levels", hands.now, outcome="failed", history=True, version=3)
    hands.move(seconds=1)
    assert not versions.feeds()["dsda_levels"].progress.failing


def test_a_past_moment_shows_the_feeds_as_they_stood_then(lake, versions, hands):
    past = AsOf.at(lakes.NOW - timedelta(seconds=30), lakes.NOW, "saat-itu")
    run(lake, "dsda_levels", hands.now, version=9, event_time=hands.now)
    feed = versions.at(past)["dsda_levels"]
    assert (feed.version, feed.state) == (3, "fresh")
    assert versions.at(past)["waze_ccp"].state == "never"
