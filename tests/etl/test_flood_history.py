"""Real flood history and PetaBencana's answers in the lake, through the runner."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from data.clock import Clock
from data.lake import Lake
from etl.archive import Archive
from etl.config import Source as Configured
from etl.declare import declare
from etl.feeds import flood_events_csv, petabencana_floods, water_level_csv
from etl.fetch import Fetcher
from etl.runner import Runner, Tally
from tests.etl.conftest import NOW, Source

HISTORY = Path("../shared/history")
FEEDS = {
    module.__name__.rsplit(".", 1)[1]: module.FEED
    for module in (flood_events_csv, petabencana_floods, water_level_csv)
}
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def runner(lake: Lake, clock: Clock, source: Source, tmp_path: Path) -> Iterator[Runner]:
    sources = {"petabencana_floods": Configured(url=source.url)}
    declare(lake, FEEDS, sources, clock.now())
    with stamina.set_testing(True, attempts=1), Fetcher(clock) as fetcher:
        yield Runner(lake, clock, FEEDS, sources, fetcher, Archive(tmp_path / "raw", 30))


def backfill(runner: Runner, name: str, path: Path) -> Tally:
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return runner.run_file(name, path.read_bytes(), path.name)


def counts(tally: Tally) -> tuple[int, int, int]:
    return tally.loaded, tally.unchanged, tally.quarantined


def topology(west: float, **changed_minutes_ago: int) -> bytes:
    """Return an answer that lists RW of some metres' width, on a grid that begins at `west`."""
    geometries, arcs = [], []
    for number, (code, minutes) in enumerate(changed_minutes_ago.items()):
        changed = f"{NOW - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%S}Z"
        properties = {"geom_id": code, "area_name": "RW 01", "state": 2, "last_updated": changed}
        geometries.append({"type": "Polygon", "properties": properties, "arcs": [[number]]})
        start = round((106.82 - west) / 0.00003)
        arcs.append([[start, 10], [10, 0], [0, 10], [-10, 0], [0, -10]])
    return json.dumps(
        {
            "statusCode": 200,
            "result": {
                "type": "Topology",
                "objects": {"output": {"type": "GeometryCollection", "geometries": geometries}},
                "arcs": arcs,
                "transform": {"scale": [0.00003, 0.00003], "translate": [west, -6.18]},
            },
        }
    ).encode()


def test_siaga_from_our_bounds_agrees_with_january_2020(runner: Runner, reader: Rows) -> None:
    tally = backfill(runner, "water_level_csv", HISTORY / "water_levels/tma_2020.csv")
    assert counts(tally) == (22_112, 8_947, 0)
    found = reader(
        """
        select station_id, count(*) as readings, count(*) filter (
            siaga_reported is distinct from case
                when level_cm >= siaga1_cm then 1
                when level_cm >= siaga2_cm then 2
                when level_cm >= siaga3_cm then 3
                else 4
            end
        ) as differing
        from water_levels join water_stations using (station_id)
        where station_id in ('manggarai', 'depok', 'karet', 'pesanggrahan') group by station_id
        """
    )
    assert {row["station_id"]: (row["readings"], row["differing"]) for row in found} == {
        "manggarai": (1_311, 0),
        "depok": (1_193, 0),
        "karet": (940, 0),
        "pesanggrahan": (1_315, 0),
    }


def test_flooded_rt_keep_the_kelurahan_that_their_code_names(runner: Runner, reader: Rows) -> None:
    path = HISTORY / "flood_events/histori_banjir_rt_2021_2022.csv"
    assert counts(backfill(runner, "flood_events_csv", path)) == (5_779, 219, 0)
    (most,) = reader(
        "select kelurahan_code, count(*) as n from inundations group by 1 order by 2 desc limit 1"
    )
    assert most == {"kelurahan_code": "31.75.03.1001", "n": 875}


def test_an_rw_that_a_snapshot_no_longer_lists_ended_at_its_moment(
    runner: Runner, reader: Rows
) -> None:
    for hour in (13, 14):
        name = f"petabencana_2017/floods/jkt_floods_2017-02-21T{hour}-00-00.geojson"
        tally = backfill(runner, "petabencana_floods", HISTORY / name)
    assert (tally.loaded, tally.ended) == (52, 159)
    found = reader(
        "select strftime(event_time, '%H.%M') as at, coalesce(ended, false) as over, count(*) as n,"
        " count(kelurahan_code) as placed from inundations group by 1, 2 order by 1, 2"
    )
    assert [tuple(row.values()) for row in found] == [
        ("13.00", False, 168, 168),
        ("14.00", False, 52, 52),
        ("14.00", True, 159, 159),
    ]


def test_an_area_that_vanishes_from_the_live_list_ended_when_we_saw_it(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(topology(106.8, rw1=60, rw2=5), topology(106.8, rw1=60))
    assert [runner.run("petabencana_floods").ended for _ in range(2)] == [0, 1]
    assert reader("select area_code, event_time from inundations where ended") == [
        {"area_code": "rw2", "event_time": NOW}
    ]


def test_a_list_that_becomes_empty_ends_all(runner: Runner, source: Source, reader: Rows) -> None:
    source.will(topology(106.8, rw1=60, rw2=5), topology(106.8))
    tallies = [runner.run("petabencana_floods") for _ in range(2)]
    assert [tally.ended for tally in tallies] == [0, 2]
    assert tallies[1].outcome == "empty"


def test_an_area_on_another_grid_is_not_news(runner: Runner, source: Source) -> None:
    source.will(topology(106.8, rw1=60), topology(106.70001, rw1=60))
    assert [counts(runner.run("petabencana_floods")) for _ in range(2)] == [(1, 0, 0), (0, 1, 0)]
