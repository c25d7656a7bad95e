"""Replay over HTTP: the feeds as they stood, what a past moment knows, marks on the bar of time."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from dashboards import parts
from dashboards.versions import Versions
from data.asof import AsOf, read_as_of
from data.feeds import Day
from tests import lakes

NOW = lakes.NOW
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# 03.08 WIB, two minutes before now: what the small lake holds happened then and was known at 03.09.
THEN = "2026-03-12T03:08:30"
KNOWN = "2026-03-12T03:09:30"


@pytest.fixture(scope="module")
def module_lake(tmp_path_factory):
    lake = lakes.empty_lake(tmp_path_factory.mktemp("replay"))
    yield lake
    lake.close()


@pytest.fixture
def lake(module_lake):
    """A lake whose feeds are declared and nothing else."""
    with module_lake.write() as cursor:
        for table in ("feeds", "feed_runs", "water_levels", "inundations", "complaint_versions"):
            cursor.execute(f"delete from {table}")
        lakes.declare_feeds(cursor, NOW - timedelta(days=30))
    return module_lake


@pytest.fixture
def versions(lake, hands):
    return Versions(lake, hands.clock())


def level(lake, at, *, feed="dsda_levels", late=MINUTE, assumed=False, simulated=True):
    values = lakes.row(lakes.TABLES["water_levels"].columns, at) | lakes.common(at)
    times = {"event_time": at, "known_time": at + late, "known_assumed": assumed}
    with lake.write() as cursor:
        lakes.insert(
            cursor, "water_levels", values | times | {"feed": feed, "simulated": simulated}
        )


def then(moment, seen="saat-itu"):
    return AsOf.at(moment, NOW, seen)


def test_the_document_of_a_past_moment_tells_how_the_feeds_stood_then(client):
    document = client.get(f"/versi?pada={KNOWN}").json
    assert datetime.fromisoformat(document["now"]) == datetime(2026, 3, 11, 20, 9, 30, tzinfo=UTC)
    assert (document["speed"], document["seperti"]) == (0, "saat-itu")
    assert document["feeds"]["dsda_levels"]["state"] == "fresh"
    assert document["feeds"]["dsda_levels"]["moment"] == "2026-03-12T03:08:00+07:00"
    earlier = client.get(f"/versi?pada={THEN}").json["feeds"]["dsda_levels"]
    assert (earlier["state"], earlier["moment"]) == ("never", None)


def test_the_document_of_a_past_moment_does_not_change_as_time_goes_by(client, hands):
    tag = client.get(f"/versi?pada={KNOWN}").headers["ETag"]
    hands.move(hours=5)
    again = client.get(f"/versi?pada={KNOWN}", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert client.get("/versi").headers["ETag"] != tag


@pytest.mark.parametrize("moment", ["besok", "2999-01-01", "0001-01-01", "", "2026-13-01T00:00"])
def test_a_moment_that_cannot_be_read_means_now(client, moment):
    assert client.get(f"/versi?pada={moment}").json["speed"] == 1


def test_a_panel_of_the_past_is_kept_under_what_was_known_of_its_feeds(client):
    answer = client.get(f"/panel/beranda-siaga?pada={KNOWN}")
    assert answer.headers["X-Signature"].startswith("dsda_levels:3:fresh")
    assert client.get(f"/panel/beranda-siaga?pada={THEN}").headers["X-Signature"] == (
        "dsda_levels:0:never"
    )


def test_as_known_now_is_the_same_question_for_a_minute():
    asked = [read_as_of(KNOWN, "sekarang", NOW + MINUTE * ago) for ago in (0, 0.5, 1.5)]
    assert asked[0] == asked[1] != asked[2]


def test_a_layer_counts_nothing_where_nothing_is_known(client):
    known = client.get(f"/geo/lapisan.json?pada={KNOWN}").json
    assert (known["inundations"]["known"], known["inundations"]["count"]) == (True, 1)
    earlier = client.get("/geo/lapisan.json?pada=2011-01-01").json
    assert not any(head["known"] for head in earlier.values())
    assert all(head["known"] for head in client.get("/geo/lapisan.json").json.values())


def test_history_without_runs_is_judged_by_its_own_rows(lake, versions):
    for ago in range(24):
        level(lake, NOW - 5 * HOUR - ago * HOUR, assumed=True)
    for after, state in ((MINUTE * 30, "fresh"), (HOUR * 2.5, "late"), (HOUR * 4.5, "expired")):
        feed = versions.at(then(NOW - 5 * HOUR + after))["dsda_levels"]
        assert (feed.state, feed.assumed) == (state, True)


def test_a_feed_that_said_nothing_is_stood_in_for_by_who_fills_its_table(lake, versions):
    with lake.write() as cursor:
        lakes.insert(
            cursor,
            "feeds",
            {
                "feed": "water_level_csv",
                "title": "Riwayat",
                "tables": "water_levels",
                "clock": "event",
                "scheduled": False,
                "simulated": False,
                "declared_at": NOW,
            },
        )
    level(lake, NOW - HOUR, feed="water_level_csv", assumed=True, simulated=False)
    feed = versions.at(then(NOW - HOUR / 2))["dsda_levels"]
    assert (feed.state, feed.simulated, feed.scheduled) == ("fresh", False, True)
    assert feed.title == "Tinggi muka air (menurut Riwayat)"


def test_budgets_are_those_that_were_declared_then(lake, versions):
    with lake.write() as cursor:
        cursor.execute(
            "insert into feeds by name select * replace (60.0 as late_s, $1 as declared_at)"
            " from feeds where feed = 'dsda_levels'",
            [NOW - timedelta(days=2)],
        )
        for day in (1, 10):
            lakes.add_run(cursor, "dsda_levels", NOW - timedelta(days=day) - 5 * MINUTE)
    assert versions.at(then(NOW - timedelta(days=1)))["dsda_levels"].state == "late"
    assert versions.at(then(NOW - timedelta(days=10)))["dsda_levels"].state == "fresh"


@pytest.mark.parametrize(
    ("run", "known"),
    [
        ({"outcome": "empty"}, True),
        ({"outcome": "unchanged"}, True),
        ({"outcome": "failed", "known_time": None}, False),
    ],
)
def test_a_good_run_without_rows_covers_the_day_after_it(lake, versions, run, known):
    with lake.write() as cursor:
        lakes.add_run(cursor, "waze_ccp", NOW - 30 * HOUR, **run)
    assert ("waze_ccp" in versions.past(then(NOW - 29 * HOUR)).sources) is known
    assert "waze_ccp" not in versions.past(then(NOW - HOUR)).sources


def test_of_10_000_moments_none_is_told_of_by_what_became_known_later():
    chance = random.Random(7)
    begin = int(NOW.timestamp())
    rows = sorted(
        (
            {
                "source": chance.choice(("water_levels", "traffic_jams", "complaint_versions")),
                "feed": "feed",
                "event_s": (event := begin + 60 * chance.randint(0, 1440)),
                "known_s": event + chance.choice((30, 300, 40_000)),
                "simulated": chance.random() < 0.5,
                "assumed": chance.random() < 0.5,
            }
            for _ in range(60)
        ),
        key=lambda row: (row["source"], row["event_s"]),
    )
    for _ in range(10_000):
        at = begin + chance.randint(0, 86_400)
        as_of = then(datetime.fromtimestamp(at, UTC))
        as_of = AsOf(as_of.event_time, as_of.event_time, live=False)
        known = [row for row in rows if row["known_s"] <= at and row["event_s"] <= at]
        assert Day(rows).told(as_of) == Day(known).told(as_of)


def test_the_marks_of_a_day_are_told_in_words(client):
    marks = client.get("/putar-ulang/tanda?dari=2026-03-11T04:00&sampai=2026-03-12T03:10").json
    texts = {mark["kind"]: mark["text"] for mark in marks}
    assert texts["inundation"].endswith("1 RT/RW mulai tergenang di Jakarta Pusat")
    assert all({"t", "grave", "shape", "color", "sim"} <= mark.keys() for mark in marks)


@pytest.mark.parametrize(
    "span",
    [
        "",
        "dari=x&sampai=y",
        "dari=2026-03-01&sampai=2026-03-05",
        "dari=2026-03-02&sampai=2026-03-01",
    ],
)
def test_marks_are_given_for_a_day_at_most(client, span):
    assert client.get(f"/putar-ulang/tanda?{span}").status_code == 400


def test_the_moments_worth_seeing_can_be_gone_to(client):
    page = client.get("/putar-ulang/saat").text
    assert re.search(r'<button[^>]* data-value="2026-03-12T03:10"', page)
    assert "1 RT dan RW tergenang" in page


def test_what_became_known_after_the_moment_is_listed_with_its_delay(client):
    late = client.get(f"/putar-ulang/baru?pada={THEN}").text
    assert "baru diketahui 60 dtk kemudian" in late or "baru diketahui 1 mnt kemudian" in late
    assert 'data-count="0"' not in late
    assert 'data-count="0"' in client.get(f"/putar-ulang/baru?pada={KNOWN}").text
    assert 'data-count="0"' in client.get("/putar-ulang/baru").text


def test_a_row_is_marked_late_only_at_a_moment_that_did_not_know_it():
    at = NOW - HOUR
    row = {"event_time": at, "known_time": at + 42 * MINUTE, "known_assumed": True}
    mark = parts.late_mark(row, AsOf.at(at + MINUTE, NOW, "sekarang"))
    assert mark.children == "baru diketahui 42 mnt kemudian (diasumsikan)"
    assert parts.late_mark(row, AsOf.at(at + 43 * MINUTE, NOW, "sekarang")) is None
    assert parts.late_mark(row, AsOf.now(NOW)) is None


def test_as_known_now_reads_to_the_minute_and_never_before_the_moment():
    now = NOW + timedelta(seconds=40)
    as_of = read_as_of("2026-03-12T03:10:30", "sekarang", now)
    assert as_of.known_time == as_of.event_time
    assert read_as_of("2026-03-12T03:00", "sekarang", now).known_time == NOW
