"""A run loads what is good, keeps what is bad apart, and is on record whatever happens."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from data import queries
from data.clock import Clock
from data.lake import Lake
from etl.archive import Archive
from etl.config import Source as Configured
from etl.declare import declare, purge_simulated
from etl.errors import Malformed, Misconfigured
from etl.feed import Context, Exchange, Feed, Item, Reject, Request, State
from etl.fetch import Fetcher
from etl.reading import each, moment, number, text
from etl.runner import Runner
from tests.etl.conftest import NOW, Answer, Source

AT = NOW - timedelta(minutes=5)
Rows = Callable[..., list[dict[str, Any]]]


def parse_levels(body: bytes, context: Context) -> Iterator[Item]:
    """Read a list of {"id", "cm", "at"}."""
    try:
        rows = json.loads(body)
    except ValueError as error:
        raise Malformed("seharusnya daftar JSON", getattr(error, "pos", None)) from error

    def read(row: dict[str, Any]) -> dict[str, Any]:
        return {
            "station_id": text(row, "id"),
            "level_cm": number(row, "cm"),
            "event_time": moment(row, "at", zone=UTC),
        }

    if not isinstance(rows, list):
        raise Malformed("seharusnya daftar JSON")
    yield from each(rows, "water_levels", read)


def parse_floods(body: bytes, context: Context) -> Iterator[Item]:
    """Read {"at", "areas"}: what is flooded at one moment."""
    document = json.loads(body)
    at = datetime.fromisoformat(document["at"])
    for code in document["areas"]:
        moment = None if code == "undated" else at
        named = None if code == "unnamed" else code
        yield "inundations", {"area_code": named, "area_level": "rw", "event_time": moment}


def floods(minutes: int, *areas: str) -> bytes:
    """Return what is flooded, as told some minutes before AT."""
    return json.dumps(
        {"at": (AT - timedelta(minutes=minutes)).isoformat(), "areas": areas}
    ).encode()


def parse_badly(body: bytes, context: Context) -> Iterator[Item]:
    """Break, as a feed with a fault would."""
    yield Reject("first")
    raise RuntimeError("a name that must not be kept")


def parse_silently(body: bytes, context: Context) -> Iterator[Item]:
    """Break without a word."""
    raise TimeoutError


LEVELS = Feed(
    title="Uji",
    source="uji",
    licence="uji",
    reads="JSON list of id, cm, at",
    tables=("water_levels",),
    parse=parse_levels,
    every=timedelta(minutes=1),
    late=timedelta(minutes=5),
    expired=timedelta(hours=1),
    usual_lag=timedelta(minutes=10),
)
FEEDS = {
    "levels": LEVELS,
    "floods": replace(
        LEVELS, tables=("inundations",), parse=parse_floods, complete=("inundations",)
    ),
    "broken": replace(LEVELS, parse=parse_badly),
    "silent": replace(LEVELS, parse=parse_silently),
}


@pytest.fixture
def runner(lake: Lake, clock: Clock, source: Source, tmp_path: Path) -> Iterator[Runner]:
    sources = {name: Configured(url=source.url, simulated=True) for name in FEEDS}
    declare(lake, FEEDS, sources, clock.now())
    archive = Archive(tmp_path / "raw", 30)
    with stamina.set_testing(True, attempts=1), Fetcher(clock) as fetcher:
        yield Runner(lake, clock, FEEDS, sources, fetcher, archive)


@pytest.fixture
def ticking(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a minute pass with each look at the clock."""
    minutes = itertools.count()
    moving = Clock(real=lambda: NOW + timedelta(minutes=next(minutes)))
    monkeypatch.setattr(runner, "_clock", moving)
    monkeypatch.setattr(runner._fetcher, "_clock", moving)


def paging(
    lake: Lake, clock: Clock, source: Source, folder: Path, ask: Callable[[State], Exchange]
) -> Runner:
    """Return a runner of a real feed with requests of its own."""
    return Runner(
        lake,
        clock,
        {"levels": replace(LEVELS, requests=ask)},
        {"levels": Configured(url=source.url)},
        Fetcher(clock),
        Archive(folder / "raw", 30),
    )


def levels(*rows: tuple[Any, ...]) -> bytes:
    names = ("id", "cm", "at")
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows]).encode()


GOOD = (("a", 1.5, AT.isoformat()), ("b", "2,5", AT.isoformat()))


def test_good_rows_are_loaded_and_bad_ones_kept_apart_with_their_reason(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(levels(*GOOD, ("c", "tinggi", AT.isoformat()), ("d", 99_999, AT.isoformat())))
    tally = runner.run("levels")
    assert (tally.fetched, tally.loaded, tally.quarantined) == (4, 2, 2)
    assert reader("select station_id, level_cm, simulated from water_levels order by 1") == [
        {"station_id": "a", "level_cm": 1.5, "simulated": True},
        {"station_id": "b", "level_cm": 2.5, "simulated": True},
    ]
    assert reader("select field, reason from quarantine order by field") == [
        {"field": "cm", "reason": "bukan angka"},
        {"field": "level_cm", "reason": "di luar -500 sampai 1.500 cm"},
    ]
    run = reader("select outcome, fetched, loaded, quarantined, version from feed_runs")[0]
    assert tuple(run.values()) == ("ok", 4, 2, 2, 1)


def test_the_same_payload_again_changes_nothing_but_the_run_log(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(levels(*GOOD))
    runner.run("levels")
    tally = runner.run("levels")
    assert (tally.loaded, tally.unchanged) == (0, 2)
    assert [r["version"] for r in reader("select version from feed_runs")] == [1, 1]


def test_a_payload_in_another_order_gives_the_same_lake(
    runner: Runner, source: Source, lake: Lake
) -> None:
    rows = [(f"s{n}", n, AT.isoformat()) for n in range(50)] + [("s1", 7, AT.isoformat())]
    seen = []
    for seed in (1, 2):
        random.Random(seed).shuffle(rows)
        source.will(levels(*rows))
        runner.run("levels")
        seen.append(
            lake.rows("select station_id, level_cm, row_hash from water_levels order by all")
        )
    assert seen[0] == seen[1]


def test_a_payload_of_which_no_row_can_be_read_is_no_good_look(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(levels(("a", "tinggi", AT.isoformat()), ("b", 99_999, AT.isoformat())))
    assert runner.run("levels").outcome == "failed"
    rows = reader("select known_time, quarantined, error from feed_runs")
    assert [tuple(row.values()) for row in rows] == [(None, 2, "semua 2 baris masuk karantina")]


def test_only_the_schedule_declares_anew(lake: Lake, clock: Clock) -> None:
    def simulated(now: bool, **renew: bool) -> object:
        sources = {"levels": Configured(url="http://sumber.example", simulated=now)}
        declare(lake, {"levels": LEVELS}, sources, clock.now(), **renew)
        return lake.value("select arg_max(simulated, rowid) from feeds where feed = 'levels'")

    assert [simulated(False), simulated(True), simulated(True, renew=True)] == [False, False, True]


def test_a_payload_that_cannot_be_parsed_leaves_its_hash_size_and_position_but_not_its_bytes(
    runner: Runner, source: Source, reader: Rows, tmp_path: Path
) -> None:
    source.will(b'[{"id": "nama warga"')
    tally = runner.run("levels")
    assert tally.outcome == "failed"
    error = str(reader("select error from feed_runs")[0]["error"])
    assert "20 byte" in error
    assert "byte ke-20" in error
    assert "warga" not in error
    assert not list((tmp_path / "raw").rglob("*.gz"))


def test_a_good_payload_is_in_the_archive_once(
    runner: Runner, source: Source, reader: Rows, tmp_path: Path
) -> None:
    source.will(levels(*GOOD))
    runner.run("levels")
    runner.run("levels")
    names = {str(row["raw_path"]) for row in reader("select raw_path from feed_runs")}
    assert len(names) == 1
    assert Archive(tmp_path / "raw", 30).read(names.pop()) == levels(*GOOD)


def test_a_source_that_fails_is_on_record_and_the_next_feed_runs(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(Answer(status=404))
    assert runner.run("levels").outcome == "failed"
    source.will(levels(*GOOD))
    assert runner.run("levels").outcome == "ok"
    outcomes = reader("select outcome, known_time from feed_runs order by outcome")
    assert [row["outcome"] for row in outcomes] == ["failed", "ok"]
    assert outcomes[0]["known_time"] is None


def test_a_feed_that_crashes_is_on_record_without_what_it_said(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(b"[]")
    tally = runner.run("broken")
    assert tally.outcome == "failed"
    assert reader("select error like 'RuntimeError saat memuat%' as kind from feed_runs") == [
        {"kind": True}
    ]
    assert reader("select count(*) as n from quarantine") == [{"n": 0}]


def test_an_error_that_says_nothing_is_on_record_by_its_kind(runner: Runner) -> None:
    assert runner.run_file("silent", b"[]", "silent.json").error == "TimeoutError"


def test_a_file_that_crashes_the_feed_is_on_record_too(runner: Runner, reader: Rows) -> None:
    assert runner.run_file("broken", b"[]", "broken.json").outcome == "failed"
    assert runner.run_file("broken", b"[]", "broken.json", dry=True).outcome == "failed"
    rows = reader(
        "select outcome, fetched, raw_path, history, known_time, error not like '%name%' as clean,"
        " contains(error, run_id) as findable from feed_runs"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("failed", 0, "broken.json", True, None, True, True)
    ]


def test_a_bad_row_that_the_source_repeats_is_counted_each_time_and_kept_once(
    runner: Runner, source: Source, reader: Rows
) -> None:
    bad = ("c", "tinggi", AT.isoformat())
    source.will(
        levels(*GOOD, bad),
        levels(*GOOD, bad),
        levels(*GOOD, bad, ("d", "tinggi", AT.isoformat()), ("e", "---", AT.isoformat())),
    )
    assert [runner.run("levels").quarantined for _ in range(3)] == [1, 1, 3]
    assert reader("select field, raw->>'id' as id from quarantine order by id") == [
        {"field": "cm", "id": "c"},
        {"field": "cm", "id": "d"},
        {"field": "level_cm", "id": None},
    ]


def test_what_a_whole_payload_no_longer_lists_has_ended(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(floods(20, "rw1", "rw2"), floods(10, "rw2"), floods(10, "rw2"))
    assert [runner.run("floods").ended for _ in range(3)] == [0, 1, 0]
    rows = reader("select area_code, coalesce(ended, false) as over from inundations order by all")
    assert [tuple(row.values()) for row in rows] == [
        ("rw1", False),
        ("rw1", True),
        ("rw2", False),
        ("rw2", False),
    ]


def test_what_is_listed_again_with_the_moment_that_it_had_has_not_ended(
    runner: Runner, source: Source, lake: Lake, ticking: None
) -> None:
    source.will(*(floods(20, "rw1"), floods(20), floods(20, "rw1"), floods(20, "rw1")))
    assert [runner.run("floods").ended for _ in range(4)] == [0, 1, 1, 0]
    states = lake.rows("select coalesce(ended, false) as over from inundations order by event_time")
    assert [row["over"] for row in states] == [False, True, False]


def test_a_row_without_its_moment_harms_no_other_and_ends_nothing(
    runner: Runner, source: Source
) -> None:
    source.will(floods(20, "rw1"), floods(10, "rw1", "undated"))
    runner.run("floods")
    tally = runner.run("floods")
    assert (tally.outcome, tally.loaded, tally.quarantined, tally.ended) == ("ok", 1, 1, 0)


def test_a_row_without_its_name_may_be_of_any_thing_so_that_nothing_has_ended(
    runner: Runner, source: Source
) -> None:
    source.will(floods(20, "rw1", "rw2"), floods(10, "rw1", "unnamed"))
    runner.run("floods")
    tally = runner.run("floods")
    assert (tally.loaded, tally.quarantined, tally.ended) == (1, 1, 0)


def test_a_file_ends_neither_what_is_simulated_nor_what_it_cannot_speak_of(
    runner: Runner, source: Source
) -> None:
    source.will(floods(20, "rw1"))
    runner.run("floods")
    runner.run_file("floods", floods(15, "rw2"), "floods.json", history=False)
    assert runner.run_file("floods", floods(0), "empty.json").ended == 0


def test_a_valid_payload_that_lists_nothing_is_empty_not_failed(
    runner: Runner, source: Source
) -> None:
    source.will(json.dumps({"at": AT.isoformat(), "areas": []}).encode())
    assert runner.run("floods").outcome == "empty"


def test_a_dry_run_keeps_nothing(runner: Runner, source: Source, reader: Rows) -> None:
    source.will(levels(*GOOD))
    assert runner.run("levels", dry=True).loaded == 2
    assert reader("select count(*) as n from water_levels") == [{"n": 0}]
    assert reader("select count(*) as n from feed_runs") == [{"n": 0}]


def test_an_unchanged_payload_counts_as_a_good_look(
    runner: Runner, source: Source, reader: Rows
) -> None:
    source.will(Answer(levels(*GOOD), headers={"ETag": '"1"'}), Answer(status=304))
    runner.run("levels")
    assert runner.run("levels").outcome == "unchanged"
    newest = reader("select known_time, etag from feed_runs where outcome = 'unchanged'")[0]
    assert newest == {"known_time": NOW, "etag": '"1"'}


def test_a_payload_that_could_not_be_read_is_asked_for_again_in_full(
    runner: Runner, source: Source
) -> None:
    source.will(Answer(b"<html>", headers={"ETag": '"2"'}), levels(*GOOD))
    assert runner.run("levels").outcome == "failed"
    assert runner.run("levels").loaded == 2
    assert "If-None-Match" not in source.asked[1][1]


def test_a_fault_in_asking_is_on_record_but_not_of_a_dry_run(
    lake: Lake, clock: Clock, source: Source, reader: Rows, tmp_path: Path
) -> None:
    def ask(_state: State) -> Exchange:
        raise RuntimeError("a name that must not be kept")
        yield

    made = paging(lake, clock, source, tmp_path, ask)
    assert made.run("levels", dry=True).outcome == "failed"
    assert made.run("levels").outcome == "failed"
    assert reader("select error not like '%name%' as clean from feed_runs") == [{"clean": True}]


def test_versions_rise_also_where_another_process_loads_meanwhile(
    lake: Lake, clock: Clock, source: Source, reader: Rows, tmp_path: Path, runner: Runner
) -> None:
    def ask(state: State) -> Exchange:
        runner.run_file("levels", levels(GOOD[0]), "levels.json")
        yield Request(state.url)

    source.will(levels(GOOD[1]))
    paging(lake, clock, source, tmp_path, ask).run("levels")
    rows = reader("select version from feed_runs order by history desc")
    assert [row["version"] for row in rows] == [1, 2]


def test_a_real_source_is_not_asked_from_where_the_simulated_city_ended(
    runner: Runner, lake: Lake, clock: Clock, source: Source, tmp_path: Path
) -> None:
    seen: list[datetime | None] = []

    def ask(state: State) -> Exchange:
        seen.append(state.last_event_time)
        yield Request(state.url)

    source.will(levels(*GOOD))
    runner.run("levels")
    made = paging(lake, clock, source, tmp_path, ask)
    made.run("levels")
    made.run("levels")
    assert seen == [None, AT]


def test_a_feed_that_goes_real_is_as_old_as_its_real_rows(
    runner: Runner, lake: Lake, clock: Clock, source: Source, tmp_path: Path
) -> None:
    def ask(state: State) -> Exchange:
        yield Request(state.url)

    old = AT - timedelta(days=3)
    source.will(levels(*GOOD), levels(("real", 1, old.isoformat())))
    runner.run("levels")
    paging(lake, clock, source, tmp_path, ask).run("levels")
    [state] = queries.feed_states(lake, since=old, until=NOW + timedelta(days=1))
    assert (state["event_time"], state["version"]) == (old, 2)


def test_a_file_is_history_and_real(runner: Runner, reader: Rows) -> None:
    runner.run_file("levels", levels(*GOOD), "levels.json")
    rows = reader("select known_time, known_assumed, simulated from water_levels limit 1")
    assert rows == [{"known_time": NOW, "known_assumed": True, "simulated": False}]
    run = reader("select history, known_time, raw_path from feed_runs")[0]
    assert tuple(run.values()) == (True, None, "levels.json")


def test_a_file_that_the_feed_does_not_read_is_said_and_not_recorded(
    runner: Runner, reader: Rows
) -> None:
    with pytest.raises(Malformed, match="seharusnya daftar JSON"):
        runner.run_file("levels", b"<html>", "page.html")
    assert reader("select count(*) as n from feed_runs") == [{"n": 0}]


def test_an_unknown_feed_is_named_with_those_that_there_are(runner: Runner) -> None:
    with pytest.raises(Misconfigured, match="there are levels, floods, broken"):
        runner.run("river")


def test_a_paging_feed_is_sent_each_answer(
    lake: Lake, clock: Clock, source: Source, tmp_path: Path
) -> None:
    def pages(state: State) -> Exchange:
        for page in range(1, 10):
            answer = yield Request(state.url, {"page": str(page)})
            if not isinstance(answer, list) and answer.body == b"[]":
                return

    source.will(Answer(levels(GOOD[0]), headers={"ETag": '"1"'}), levels(GOOD[1]), b"[]")
    assert paging(lake, clock, source, tmp_path, pages).run("levels").loaded == 2
    assert [path for path, _ in source.asked] == ["/?page=1", "/?page=2", "/?page=3"]


def paged(lake: Lake, clock: Clock, source: Source, fetcher: Fetcher, folder: Path) -> Runner:
    """A runner whose feed asks for pages until one is empty, and notes since when it asks."""

    def pages(state: State) -> Exchange:
        since = "" if state.last_event_time is None else state.last_event_time.isoformat()
        while True:
            answer = yield Request(state.url, {"since": since})
            if not isinstance(answer, list) and answer.body == b"[]":
                return

    feeds = {"levels": replace(LEVELS, requests=pages)}
    sources = {"levels": Configured(url=source.url)}
    return Runner(lake, clock, feeds, sources, fetcher, Archive(folder, 30))


def test_pages_that_a_broken_run_did_not_get_are_asked_for_again(
    lake: Lake, clock: Clock, source: Source, tmp_path: Path
) -> None:
    with stamina.set_testing(True, attempts=1), Fetcher(clock) as fetcher:
        runner = paged(lake, clock, source, fetcher, tmp_path)
        source.will(levels(GOOD[0]), Answer(status=404))
        assert runner.run("levels").outcome == "partial"
        source.will(levels(GOOD[1]), b"[]")
        assert runner.run("levels").outcome == "ok"
        assert source.asked[0][0] == "/?since="
        source.will(b"[]")
        runner.run("levels")
        assert source.asked[0][0].startswith("/?since=2026-02-18")


def test_a_runner_that_is_told_to_stop_keeps_the_pages_that_it_has(
    lake: Lake, clock: Clock, source: Source, tmp_path: Path
) -> None:
    with Fetcher(clock) as fetcher:
        runner = paged(lake, clock, source, fetcher, tmp_path)
        source.will(levels(GOOD[0]))
        runner.stop()
        tally = runner.run("levels")
    assert (tally.outcome, tally.loaded, len(source.asked)) == ("partial", 1, 1)


def test_a_file_loaded_by_hand_is_no_look_at_the_source(runner: Runner, reader: Rows) -> None:
    runner.run_file("levels", levels(*GOOD), "levels.json", history=False)
    assert reader("select outcome, known_time from feed_runs") == [
        {"outcome": "ok", "known_time": None}
    ]


def test_purging_removes_simulated_rows_and_their_runs_only(
    runner: Runner, source: Source, lake: Lake
) -> None:
    source.will(levels(*GOOD, ("x", None, AT.isoformat())))
    runner.run("levels")
    runner.run_file("levels", levels(("real", 1, AT.isoformat())), "real.json")
    removed = purge_simulated(lake)
    assert removed["water_levels"] == 2
    assert lake.rows("select station_id from water_levels") == [{"station_id": "real"}]
    assert lake.value("select count(*) from feed_runs") == 1
    assert lake.value("select count(*) from quarantine") == 0
