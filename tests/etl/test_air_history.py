"""The air's past in the lake and the portal's pages after it, through the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from data.append import Origin, append_trusted, arrow_table
from data.clock import Clock
from data.lake import Lake
from data.tables import TABLES
from etl.archive import Archive
from etl.city import bulk
from etl.city.faults import Faults
from etl.city.server import create_city
from etl.city.world import World
from etl.config import Source as Configured
from etl.declare import declare
from etl.feeds.udara_jakarta import FEED
from etl.fetch import Fetcher
from etl.runner import Runner

WORLD = World()
FEEDS = {"udara_jakarta": FEED}
DKI2 = "2420af88-7961-41aa-9d16-090da63e4ef7"
Rows = Callable[..., list[dict[str, Any]]]


@dataclass
class Portal:
    """The city's portal: the test sets its time, and the pages that do not answer."""

    time: datetime = WORLD.anchor
    silent: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.clock = Clock(real=lambda: self.time)
        self._city = create_city(WORLD, self.clock, Faults({}))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].rpartition("/")[2] in self.silent:
            start_response("503 Service Unavailable", [])
            return [b""]
        return self._city(environ, start_response)


@pytest.fixture
def portal() -> Portal:
    return Portal()


@pytest.fixture
def runner(lake: Lake, portal: Portal, tmp_path: Path) -> Iterator[Runner]:
    sources = {"udara_jakarta": Configured(url="http://city.test/udara/", simulated=True)}
    declare(lake, FEEDS, sources, portal.time)
    transport = httpx.WSGITransport(app=portal)
    with (
        stamina.set_testing(True, attempts=1),
        Fetcher(portal.clock, transport) as fetcher,
    ):
        archive = Archive(tmp_path / "raw", 30)
        yield Runner(lake, portal.clock, FEEDS, sources, fetcher, archive)


def load_past(lake: Lake, now: datetime) -> None:
    table = TABLES["air_measurements"]
    origin = Origin("udara_jakarta", "past", now, simulated=True, lag=FEED.usual_lag)
    with lake.write() as cursor:
        for batch in bulk.rows(WORLD, table.name, now - timedelta(hours=30), now):
            columns = {name: batch[name].combine_chunks() for name in batch.column_names}
            append_trusted(cursor, table, arrow_table(table, columns)[0], origin)


def told_twice(reader: Rows) -> list[dict[str, Any]]:
    return reader(
        "select station_id, parameter, event_time, list((value, ispu)) as told"
        " from air_measurements group by all having count(*) > 1"
    )


def test_six_pollutants_go_on_after_the_past_and_nothing_is_told_twice(
    lake: Lake, runner: Runner, portal: Portal, reader: Rows
) -> None:
    load_past(lake, portal.time)
    loaded = []
    for minutes in (12, 14, 35, 65):
        portal.time = WORLD.anchor + timedelta(minutes=minutes)
        tally = runner.run("udara_jakarta")
        assert (tally.outcome, tally.quarantined) == ("ok", 0)
        loaded.append(tally.loaded)
    assert loaded[0] > 0
    assert loaded[1] == 0
    assert told_twice(reader) == []
    newest = reader(
        "select parameter, count(ispu) as indices from air_measurements"
        " where station_id like 'DKI_' and unit = 'µg/m³' and event_time = $time"
        " group by 1 order by 1",
        time=WORLD.anchor + timedelta(minutes=30),
    )
    assert newest == [
        {"parameter": name, "indices": 5} for name in ("co", "no2", "o3", "pm10", "pm25", "so2")
    ]


def test_a_page_that_does_not_answer_costs_only_its_own_rows(
    runner: Runner, portal: Portal, reader: Rows
) -> None:
    portal.silent = {DKI2}
    tally = runner.run("udara_jakarta")
    assert (tally.outcome, tally.quarantined) == ("ok", 1)
    (reject,) = reader("select reason from quarantine")
    assert reject["reason"].startswith("halaman rinci DKI2 tidak terjawab: city.test")
    pollutants = reader(
        "select station_id, count(distinct parameter) as n from air_measurements"
        " where station_id like 'DKI_' and unit = 'µg/m³' group by 1 order by 1"
    )
    assert [row["n"] for row in pollutants] == [6, 1, 6, 6, 6]
