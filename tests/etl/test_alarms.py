"""The alarm rules over the lake: facts that follow the others, now and in the past."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data import queries
from data.append import Origin, append, arrow_table
from data.areas import default_shapes
from data.asof import WIB, AsOf
from data.clock import Clock
from data.lake import Lake
from data.settings import Settings
from data.tables import TABLES
from etl.__main__ import app
from etl.alarms import HEARTBEAT, OWN, Watch, evaluate, evaluate_past
from etl.archive import Archive
from etl.declare import replace_areas
from etl.errors import Misconfigured
from etl.feed import discover
from etl.fetch import Fetcher
from etl.own import declare
from etl.runner import Runner, Tally

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LEVELS = TABLES["water_levels"]
HISTORY = Path(__file__).parents[3] / "shared" / "history" / "water_levels" / "tma_2020.csv"


def tell(
    lake: Lake, *readings: tuple[float, float], station: str = "manggarai", simulated: bool = False
) -> None:
    """Store levels (minutes after `NOW`, cm), known a minute after they were read."""
    for minutes, level in readings:
        at = NOW + minutes * MINUTE
        batch, _ = arrow_table(
            LEVELS, {"station_id": [station], "level_cm": [level], "event_time": [at]}
        )
        with lake.write() as cursor:
            origin = Origin("dsda_levels", f"run-{minutes}", at + MINUTE, simulated)
            append(cursor, LEVELS, batch, origin)


def judge(lake: Lake, now: datetime, rule: str = "gate_level") -> Tally | None:
    return evaluate(lake, now, (rule,))


def standing(lake: Lake, minutes: float) -> list[tuple[str, str, str]]:
    as_of = AsOf.now(NOW + minutes * MINUTE)
    return [
        (row["alarm_id"], row["severity"], row["state"])
        for row in queries.alarms_now(lake, as_of, "31")
    ]


def test_a_reading_becomes_an_alarm_that_pages_can_ask_for(lake: Lake) -> None:
    tell(lake, (0, 860))
    tally = judge(lake, NOW + 2 * MINUTE)
    assert tally is not None
    assert (tally.outcome, tally.loaded) == ("ok", 2)
    (alarm,) = queries.alarms_now(lake, AsOf.now(NOW + 2 * MINUTE), "31")
    assert alarm["event_time"] == alarm["raised_at"] == NOW
    assert alarm["known_time"] == NOW + 2 * MINUTE
    assert (alarm["feeds"], alarm["simulated"]) == (["dsda_levels"], False)


def test_an_alarm_belongs_to_the_area_in_which_its_gate_stands(lake: Lake) -> None:
    replace_areas(lake, default_shapes())
    tell(lake, (0, 860))
    tell(lake, (0, 90), station="katulampa")
    judge(lake, NOW + MINUTE)
    as_of = AsOf.now(NOW + MINUTE)
    assert len(queries.alarms_now(lake, as_of, "31")) == 2
    (inside,) = queries.alarms_now(lake, as_of, "31.71")
    assert inside["subject"] == "P.A. Manggarai"
    assert queries.alarms_now(lake, as_of, "31.72") == []


def test_an_alarm_is_not_known_before_it_was_judged(lake: Lake) -> None:
    tell(lake, (0, 860))
    judge(lake, NOW + 2 * MINUTE)
    assert standing(lake, 1) == []
    seen_later = AsOf(NOW + MINUTE, NOW + 5 * MINUTE, live=False)
    assert len(queries.alarms_now(lake, seen_later, "31")) == 1


def test_judging_twice_adds_nothing_but_a_sign_of_life(lake: Lake) -> None:
    tell(lake, (0, 860))
    judge(lake, NOW + 2 * MINUTE)
    assert judge(lake, NOW + 3 * MINUTE) is None
    later = judge(lake, NOW + 2 * MINUTE + HEARTBEAT)
    assert later is not None
    assert (later.outcome, later.loaded) == ("unchanged", 0)
    versions = lake.rows("select version from feed_runs where feed = 'alarms' order by finished_at")
    assert [row["version"] for row in versions] == [1, 1]


def test_a_level_that_swings_around_a_bound_is_one_alarm_even_if_every_look_is_a_restart(
    lake: Lake,
) -> None:
    for number, level in enumerate([849, 851, 848, 852, 849.5, 850.5, 848, 850]):
        tell(lake, (10 * number, level))
        judge(lake, NOW + (10 * number + 1) * MINUTE)
    assert lake.value("select count(*) from alarms where state = 'raised'") == 1
    assert lake.value("select count(*) from alarms where state = 'cleared'") == 0
    assert standing(lake, 80) == [("gate_level:manggarai", "siaga2", "active")]


def test_an_alarm_ends_when_the_water_falls(lake: Lake) -> None:
    tell(lake, (0, 760), (40, 700))
    judge(lake, NOW + MINUTE)
    judge(lake, NOW + 41 * MINUTE)
    assert standing(lake, 42) == []
    as_of = AsOf.now(NOW + 42 * MINUTE)
    (ended,) = queries.alarms_ended(lake, as_of, "31", most=10)
    assert (ended["raised_at"], ended["event_time"]) == (NOW, NOW + 40 * MINUTE)
    assert queries.alarm_rates(lake, as_of, "31") == {
        "last_10min": 0,
        "most_10min": 1,
        "last_day": 1,
        "urgent_day": 0,
        "chattering": 0,
    }
    history = queries.alarm_history(lake, as_of, ended["alarm_id"], since=NOW - MINUTE)
    assert [row["state"] for row in history] == ["raised", "cleared"]


def test_an_alarm_on_readings_that_grew_old_cannot_be_judged_and_keeps_the_city_up(
    lake: Lake,
) -> None:
    tell(lake, (0, 860))
    judge(lake, NOW + MINUTE)
    judge(lake, NOW + 600 * MINUTE)
    assert standing(lake, 600) == [("gate_level:manggarai", "siaga2", "unassessable")]
    status = queries.city_status(lake, AsOf.now(NOW + 600 * MINUTE))
    assert status is not None
    assert (status["level"], status["unassessable"]) == (3, 1)
    assert "tidak dapat dinilai" in status["reasons"][0]


def test_the_status_of_the_city_tells_since_when_why_what_it_asks_and_what_lowers_it(
    lake: Lake,
) -> None:
    assert queries.city_status(lake, AsOf.now(NOW)) is None
    tell(lake, (0, 860), (10, 960))
    judge(lake, NOW + MINUTE)
    judge(lake, NOW + 11 * MINUTE)
    then = queries.city_status(lake, AsOf.at(NOW + 5 * MINUTE, NOW + 20 * MINUTE, "saat-itu"))
    now = queries.city_status(lake, AsOf.now(NOW + 20 * MINUTE))
    assert then is not None
    assert now is not None
    assert (then["level"], now["level"]) == (3, 4)
    assert now["since"] == NOW + 10 * MINUTE
    assert now["reasons"] == ["1 pos berperingatan Siaga 1 – Bahaya: P.A. Manggarai"]
    assert now["lowers"] == ["Kurang dari 1 pos berperingatan Siaga 1 – Bahaya (kini 1)"]
    assert now["asks"][0].startswith("Sekretaris Daerah: ")


def test_simulated_and_real_alarms_stand_beside_each_other_marked(lake: Lake) -> None:
    tell(lake, (0, 860))
    tell(lake, (0, 560), station="karet", simulated=True)
    judge(lake, NOW + MINUTE)
    rows = queries.alarms_now(lake, AsOf.now(NOW + MINUTE), "31")
    assert {row["alarm_id"]: row["simulated"] for row in rows} == {
        "gate_level:manggarai": False,
        "gate_level:karet": True,
    }
    status = queries.city_status(lake, AsOf.now(NOW + MINUTE))
    assert status is not None
    assert status["simulated"] is True


def run_of(lake: Lake, feed: str, at: datetime, version: int) -> None:
    with lake.write() as cursor:
        cursor.execute(
            "insert into feed_runs (run_id, feed, started_at, finished_at, outcome, version,"
            " known_time, event_time, history, simulated)"
            " values ($id, $feed, $at, $at, 'ok', $version, $at, $at, false, false)",
            {"id": f"{feed}-{version}", "feed": feed, "at": at, "version": version},
        )


def test_the_rules_are_looked_at_when_their_feeds_moved_or_time_is_due(lake: Lake) -> None:
    watch = Watch(lake)
    assert watch.look(NOW) is not None
    assert watch.look(NOW + MINUTE / 6) is None
    tell(lake, (0, 860))
    run_of(lake, "dsda_levels", NOW + MINUTE, 1)
    found = watch.look(NOW + MINUTE)
    assert found is not None
    assert found.loaded == 2
    run_of(lake, "cameras", NOW + MINUTE, 1)
    assert watch.look(NOW + MINUTE * 7 / 6) is None
    slid = watch.look(NOW + 10 * MINUTE)
    assert slid is not None
    assert slid.outcome == "unchanged"


def test_a_new_watch_raises_nothing_that_stands_already(lake: Lake) -> None:
    tell(lake, (0, 860))
    Watch(lake).look(NOW + MINUTE)
    again = Watch(lake).look(NOW + 5 * MINUTE)
    assert again is not None
    assert (again.loaded, again.outcome) == (0, "unchanged")


def test_a_feed_that_expired_is_an_alarm_of_its_own(lake: Lake) -> None:
    with lake.write() as cursor:
        cursor.execute(
            "insert into feeds values ('dsda_levels', 'Tinggi muka air', 's', 'l', 'water_levels',"
            " 60, 3600, 10800, 'event', true, false, $now)",
            {"now": NOW},
        )
    run_of(lake, "dsda_levels", NOW, 1)
    judge(lake, NOW + 179 * MINUTE, "feed_expired")
    assert standing(lake, 179) == []
    judge(lake, NOW + 185 * MINUTE, "feed_expired")
    (alarm,) = queries.alarms_now(lake, AsOf.now(NOW + 185 * MINUTE), "31")
    assert (alarm["alarm_id"], alarm["severity"]) == ("feed_expired:dsda_levels", "warning")
    assert (alarm["event_time"], alarm["value"]) == (NOW + 180 * MINUTE, 185)
    assert alarm["feeds"] == []
    run_of(lake, "dsda_levels", NOW + 190 * MINUTE, 2)
    judge(lake, NOW + 191 * MINUTE, "feed_expired")
    assert standing(lake, 191) == []


def test_an_alarm_about_a_corridor_stands_halfway_and_in_every_area_that_it_crosses(
    lake: Lake,
) -> None:
    replace_areas(lake, default_shapes())
    with lake.write() as cursor:
        cursor.execute(
            "insert into corridor_hours (corridor_id, event_time, known_time, speed_kmh, simulated,"
            " feed) select 'K002', hour, hour, 40, false, 'tomtom_flow' from generate_series("
            " $now::timestamptz - interval 57 days, $now::timestamptz, interval 1 hour) t(hour)",
            {"now": NOW},
        )
        cursor.execute(
            "insert into traffic_jams (jam_id, event_time, known_time, speed_kmh, level, simulated,"
            " feed) values ('K002', $now, $now, 4, 4, false, 'tomtom_flow')",
            {"now": NOW},
        )
    judge(lake, NOW + MINUTE, "corridor_collapse")
    as_of = AsOf.now(NOW + MINUTE)
    (alarm,) = queries.alarms_now(lake, as_of, "31")
    assert (alarm["alarm_id"], alarm["severity"]) == ("corridor_collapse:K002", "warning")
    assert alarm["lon"] == pytest.approx(106.8162, abs=0.001)
    assert alarm["lat"] == pytest.approx(-6.2171, abs=0.001)
    crossed = [
        area
        for area in ("31.71", "31.72", "31.73", "31.74")
        if queries.alarms_now(lake, as_of, area)
    ]
    assert alarm["kelurahan_code"][:5] in crossed
    assert crossed == ["31.71", "31.74"]


def test_a_rule_whose_question_fails_leaves_the_others_alone(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_asked: object) -> None:
        raise RuntimeError("no such corridor")

    tell(lake, (0, 951))
    monkeypatch.setattr(queries, "corridors_now", fail)
    evaluate(lake, NOW + MINUTE, ("gate_level", "corridor_collapse"))
    assert standing(lake, 1) == [("gate_level:manggarai", "siaga1", "active")]
    with pytest.raises(RuntimeError, match="corridor"):
        evaluate(lake, NOW + MINUTE, ("corridor_collapse",))


def test_the_alarms_are_a_feed_with_a_version_and_a_budget(lake: Lake) -> None:
    declare(lake, OWN, NOW)
    declare(lake, OWN, NOW)
    (row,) = [row for row in queries.feeds(lake) if row["feed"] == "alarms"]
    assert (row["tables"], row["scheduled"], row["clock"]) == ("alarms, city_status", True, "fetch")
    assert row["expired_s"] == OWN.expired.total_seconds()


def past(
    lake: Lake, first: float, last: float, only: tuple[str, ...] = ("gate_level",)
) -> tuple[int, str]:
    tally = evaluate_past(
        lake,
        NOW + first * MINUTE,
        NOW + last * MINUTE,
        10 * MINUTE,
        NOW + timedelta(days=30),
        only,
    )
    return tally.loaded, tally.outcome


def test_the_past_is_judged_as_it_was_known_and_marked_as_judged_later(lake: Lake) -> None:
    tell(lake, (0, 760), (25, 860), (90, 700))
    loaded, outcome = past(lake, -10, 130)
    assert outcome == "ok"
    rows = lake.rows("select * from alarms order by known_time")
    assert [(row["state"], row["severity"]) for row in rows] == [
        ("raised", "siaga3"),
        ("changed", "siaga2"),
        ("cleared", "siaga2"),
    ]
    assert all(row["known_assumed"] for row in rows)
    assert [row["known_time"] - NOW for row in rows] == [10 * MINUTE, 30 * MINUTE, 100 * MINUTE]
    assert loaded == len(rows) + lake.value("select count(*) from city_status")
    assert all(row["event_time"] <= row["known_time"] for row in rows)


def test_judging_the_past_again_adds_nothing_and_anew_after_more_was_loaded(lake: Lake) -> None:
    tell(lake, (0, 760))
    past(lake, 0, 60)
    before = lake.rows("select * from alarms order by all")
    assert past(lake, 0, 60) == (0, "unchanged")
    assert lake.rows("select * from alarms order by all") == before
    tell(lake, (30, 860))
    past(lake, 0, 60)
    severities = lake.rows("select severity from alarms order by known_time")
    assert [row["severity"] for row in severities] == ["siaga3", "siaga2"]


def test_what_was_judged_as_it_happened_is_not_rewritten(lake: Lake) -> None:
    tell(lake, (0, 860))
    judge(lake, NOW + MINUTE)
    with pytest.raises(Misconfigured, match="stays as it is"):
        past(lake, 0, 60)


def test_a_rule_that_is_not_known_is_named(lake: Lake) -> None:
    with pytest.raises(Misconfigured, match="banjir_besar"):
        past(lake, 0, 60, ("banjir_besar",))


@pytest.fixture
def runner(lake: Lake, clock: Clock, tmp_path: Path) -> Iterator[Runner]:
    with Fetcher(clock) as fetcher:
        yield Runner(lake, clock, discover(), {}, fetcher, Archive(tmp_path / "raw", 30))


@pytest.mark.skipif(not HISTORY.exists(), reason="real history is not here: ../shared/history")
def test_the_flood_of_january_2020_raises_what_was_seen_then(lake: Lake, runner: Runner) -> None:
    runner.run_file("water_level_csv", HISTORY.read_bytes(), HISTORY.name)
    first = datetime(2020, 1, 1, 2, 0, tzinfo=WIB)
    evaluate_past(
        lake,
        first,
        first + timedelta(hours=7),
        30 * MINUTE,
        NOW,
        ("gate_level",),
    )
    (row,) = [
        row
        for row in lake.rows("select * from alarms where state = 'raised'")
        if row["alarm_id"] == "gate_level:manggarai"
    ]
    assert (row["value"], row["severity"]) == (796, "siaga3")
    night = queries.city_status(lake, AsOf.now(first + timedelta(hours=7)))
    assert night is not None
    assert night["level"] == 5
    assert lake.value("select bool_and(known_assumed) from alarms")
    chattering = queries.alarm_rates(lake, AsOf.now(first + timedelta(hours=7)), "31")
    assert chattering["chattering"] == 0


def test_the_command_judges_now_or_the_past_and_refuses_a_span_that_is_none(
    settings: Settings, lake: Lake
) -> None:
    tell(lake, (0, 860))
    lake.close()
    home = ["--lake", str(settings.home), "--rule", "gate_level"]
    span = ["--from", "2026-02-18T10:00", "--to", "2026-02-18T10:20"]
    done = CliRunner().invoke(app, ["alarms", *home, *span])
    assert done.exit_code == 0
    assert "outcome=ok" in done.stdout
    for wrong in (
        ["--from", "kemarin"],
        ["--to", "2026-02-18"],
        [*span[2:], "--from", "2027-01-01"],
    ):
        assert CliRunner().invoke(app, ["alarms", *home, *wrong]).exit_code == 2
