"""Real floods replayed: January 2020 from the gates, 20 and 21 February 2017 from PetaBencana."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina

from dashboards.versions import Versions
from data import queries
from data.asof import WIB, AsOf
from data.clock import Clock
from data.lake import Lake
from etl.archive import Archive
from etl.config import Source as Configured
from etl.declare import declare
from etl.feeds import dsda_levels, petabencana_floods, water_level_csv
from etl.fetch import Fetcher
from etl.runner import Runner
from tests.etl.conftest import NOW

HISTORY = Path("../shared/history")
FEEDS = {
    module.__name__.rsplit(".", 1)[1]: module.FEED
    for module in (dsda_levels, petabencana_floods, water_level_csv)
}
Backfill = Callable[[str, Path], None]


@pytest.fixture
def backfill(lake: Lake, clock: Clock, tmp_path: Path) -> Iterator[Backfill]:
    """Load a file of history as `etl backfill` does, behind live feeds that are simulated."""
    sources = {
        name: Configured(url="http://127.0.0.1:9", simulated=True)
        for name in ("dsda_levels", "petabencana_floods")
    }
    declare(lake, FEEDS, sources, clock.now())

    with stamina.set_testing(True, attempts=1), Fetcher(clock) as fetcher:
        runner = Runner(lake, clock, FEEDS, sources, fetcher, Archive(tmp_path / "raw", 30))

        def load(name: str, path: Path) -> None:
            if not path.exists():
                pytest.skip(f"{path} is not here")
            runner.run_file(name, path.read_bytes(), path.name)

        yield load


def at(moment: str, seen: str = "saat-itu") -> AsOf:
    return AsOf.at(datetime.fromisoformat(moment).replace(tzinfo=WIB), NOW, seen)


def test_new_year_2020_at_eight_is_known_from_the_gates_by_assumption(
    lake: Lake, clock: Clock, backfill: Backfill
) -> None:
    backfill("water_level_csv", HISTORY / "water_levels/tma_2020.csv")
    moment = at("2020-01-01T08:00")
    manggarai = next(
        row for row in queries.gates_now(lake, moment, "31") if row["station_id"] == "manggarai"
    )
    assert (manggarai["level_cm"], manggarai["siaga"]) == (931.0, 2)
    assert (manggarai["simulated"], manggarai["known_assumed"]) == (False, True)
    assert manggarai["known_time"] <= moment.event_time
    past = Versions(lake, clock).past(moment)
    feed = past.feeds["dsda_levels"]
    assert (feed.state, feed.assumed, feed.simulated) == ("fresh", True, False)
    assert "water_levels" in past.sources
    assert "inundations" not in past.sources
    marks = queries.replay_marks(
        lake,
        "31",
        since=moment.event_time - timedelta(hours=8),
        until=moment.event_time,
        known_time=NOW,
    )
    assert ("manggarai", 2) in {(row["id"], row["later"]) for row in marks}


def test_what_a_gate_had_read_and_nobody_knew_yet_is_late(lake: Lake, backfill: Backfill) -> None:
    backfill("water_level_csv", HISTORY / "water_levels/tma_2020.csv")
    newest = lake.rows(
        "select station_id, event_time, known_time from water_levels"
        " where station_id = 'manggarai' and event_time::date = date '2020-01-01'"
        " order by event_time desc limit 1"
    )[0]
    between = newest["event_time"] + (newest["known_time"] - newest["event_time"]) / 2
    now = AsOf.at(between, NOW, "sekarang")
    late = queries.late_known(lake, now, "31", most=100)
    assert ("manggarai", True) in {(row["id"], row["known_assumed"]) for row in late}

    def seen(as_of: AsOf) -> datetime:
        gates = queries.gates_now(lake, as_of, "31")
        found: datetime = next(
            row["event_time"] for row in gates if row["station_id"] == "manggarai"
        )
        return found

    assert seen(now) == newest["event_time"]
    assert seen(AsOf.at(between, NOW, "saat-itu")) < newest["event_time"]


def test_the_floods_of_february_2017_rise_and_fall_hour_by_hour(
    lake: Lake, clock: Clock, backfill: Backfill
) -> None:
    for hour in ("06", "09", "12", "15"):
        name = f"jkt_floods_2017-02-21T{hour}-00-00.geojson"
        backfill("petabencana_floods", HISTORY / "petabencana_2017/floods" / name)
    counts = {
        hour: len(queries.inundations_now(lake, at(f"2017-02-21T{hour}:30"), "31"))
        for hour in ("06", "09", "12", "15")
    }
    assert counts == {"06": 3, "09": 130, "12": 161, "15": 61}
    past = Versions(lake, clock).past(at("2017-02-21T12:30"))
    feed = past.feeds["petabencana_floods"]
    assert (feed.state, feed.assumed, feed.simulated) == ("fresh", True, False)
    assert queries.inundations_now(lake, at("2017-02-19T11:30"), "31") == []
    assert "inundations" not in Versions(lake, clock).past(at("2017-02-19T11:30")).sources
