"""Replay: what became known after a moment is in no answer about it.

Every question that takes a moment is asked for 10,000 random moments at once: of a lake as known
then, and as known now of the same lake without the rows that became known after each moment. A row
that leaks makes them differ, and so does one that was known and is left out.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest

from data import past, queries, rollups
from data.asof import WIB
from data.lake import Lake
from data.tables import TABLES, Column
from tests import lakes
from tests.sql.test_queries import PARAMETERS

MOMENTS = 10_000
# What DuckDB cannot ask for many moments at once is asked for fewer.
ONE_BY_ONE = {
    "area_open",
    "brief_floods",
    "brief_gates",
    "brief_pumps",
    "camera_periods",
    "complaints_today",
    "corridor_day",
    "corridors_now",
    "feeds_then",
}
FEW_MOMENTS = 100
# What does not search for leaks is tried at the first of them.
SOME_MOMENTS = 1_000
BEGIN = datetime(2026, 3, 9, 17, 0, tzinfo=UTC)
SPAN = timedelta(days=3)
AFTER_ALL = datetime(2026, 4, 1, tzinfo=UTC)
ROWS = 60
# When a row of a table that is no fact became known.
KNOWN = {"feed_runs": "finished_at", "complaint_days": "known_day::timestamptz + interval 1 day"}
KNOWN |= dict.fromkeys(TABLES, "known_time")


def questions() -> dict[str, set[str]]:
    """Return the parameters of every question that is asked as of some knowledge."""
    found = {}
    for path in sorted(queries.FOLDER.glob("*.sql")):
        names = set(re.findall(r"\$(\w+)", path.read_text(encoding="utf-8")))
        if "known_time" in names or path.stem == "feed_states":
            found[path.stem] = names
    return found


QUESTIONS = questions()
# They say what is later than the moment, are told by no fact, or end at what is known: of a lake
# without later rows they are asked as known then.
OF_THE_PRESENT = {"late_known", "feeds_then", "replay_days"}


class Memory:
    """A lake in memory, quick enough to be asked for many moments."""

    def __init__(self, reference: Lake) -> None:
        self.connection = duckdb.connect(config={"threads": "1"})
        self.connection.execute("set timezone = 'Asia/Jakarta'")
        columns: dict[str, list[str]] = {}
        for row in reference.tables():
            columns.setdefault(row["table_name"], []).append(
                f'"{row["column_name"]}" {row["data_type"]}'
            )
        for name, declared in columns.items():
            self.connection.execute(f"create table {name} ({', '.join(declared)})")
            if name not in KNOWN and name != "feeds":
                rows = reference.arrow(f"from {name}")
                self.connection.register("rows", rows)
                self.connection.execute(f"insert into {name} by name from rows")
                self.connection.unregister("rows")

    def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        lakes.insert_all(self.connection, table, rows)

    def one(self, sql: str) -> Counter[str]:
        """Return the rows of an answer; in no order, for equals may come in any."""
        return Counter(map(repr, self.connection.execute(sql).fetchall()))

    def each(self, sql: str, most: int = MOMENTS) -> dict[int, tuple[int, int]]:
        """Return how many rows answer each of the first moments, and their hashes added up."""
        self.connection.execute(f"create or replace macro answer(moment) as table ({sql})")
        rows = self.connection.execute(
            "select number, count(*), sum(hash(answer)) from moments,"
            " answer(moments.moment) as answer where number < $1 group by number",
            [most],
        ).fetchall()
        return {number: (count, total) for number, count, total in rows}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = lakes.empty_lake(tmp_path_factory.mktemp("reference"))
    yield lake
    lake.close()


@pytest.fixture(scope="module")
def lake(reference: Lake) -> Memory:
    """Every fact table filled: known at once, minutes or a day late, by assumption, in disorder."""
    chance = random.Random(20260311)
    lake = Memory(reference)
    for name, table in TABLES.items():
        made = []
        for number in range(ROWS):
            event = BEGIN + SPAN * chance.random()
            late = chance.choice(
                (0, 0, chance.randint(1, 59), chance.randint(60, 1500), chance.randint(1, 3))
            )
            feed = chance.choice(("dsda_levels", "crm_requests", "crm_public", "waze_ccp"))
            made.append(
                {
                    column.name: value(column, number, event, chance)
                    for column in table.columns
                    if column.name != "event_time"
                }
                | {
                    "event_time": event,
                    "known_time": event + timedelta(minutes=late, seconds=chance.randint(1, 30)),
                    "known_assumed": chance.random() < 0.2,
                    "simulated": chance.random() < 0.7,
                    "feed": feed,
                    "run_id": "run",
                    "row_hash": number,
                }
            )
        lake.insert(name, made)
    runs = []
    for number in range(ROWS):
        at = BEGIN + SPAN * chance.random()
        runs.append(
            {
                "run_id": str(number),
                "feed": chance.choice(("dsda_levels", "crm_requests", "waze_ccp")),
                "finished_at": at,
                "outcome": chance.choice(("ok", "empty", "failed", "unchanged")),
                "version": number,
                "event_time": at - timedelta(minutes=1),
                "known_time": at,
                "history": False,
                "simulated": True,
            }
        )
    lake.insert("feed_runs", runs)
    lake.insert(
        "feeds",
        [
            {"feed": feed, "title": feed, "declared_at": BEGIN + timedelta(hours=hour)}
            for feed in ("dsda_levels", "waze_ccp")
            for hour in (1, 30)
        ],
    )
    for rollup in rollups.all_rollups():
        rollups.make(lake.connection, rollup)
    lake.connection.execute(
        "create table moments as"
        " select (unnest(range(len($1))))::integer as number, unnest($1::timestamptz[]) as moment",
        [[BEGIN + (SPAN + timedelta(hours=6)) * chance.random() for _ in range(MOMENTS)]],
    )
    return lake


def value(column: Column, number: int, event: datetime, chance: random.Random) -> Any:
    """Return a value that makes rows meet: few ids, times near to the event, all of a range."""
    few = {
        "station_id": ("manggarai", "depok", "DKI1", "katulampa"),
        "complaint_id": ("JK1", "JK2", "JK3", "JK4", "JK5", "JK6"),
        "kelurahan_code": ("31.71.01.1001", "31.72.01.1001", None),
        "pump_house_id": ("1", "2"),
        "corridor_id": ("K001", "K002"),
        "category": ("Jalan", "Sampah"),
        "type": ("ACCIDENT", "ROAD_CLOSED", "HAZARD"),
        "message_type": ("Alert", "Cancel"),
        "alarm_id": ("gate_level:manggarai", "gate_level:depok"),
        "adm4": ("31.71.01.1001", "31.72.01.1001"),
        "reasons": ("[]",),
        "lowers": ("[]",),
        "polygon": (None,),
        "geometry": ('{"type":"LineString","coordinates":[[106.82,-6.18],[106.83,-6.19]]}',),
    }
    if column.one_of:
        return chance.choice(column.one_of)
    if column.name in few:
        return chance.choice(few[column.name])
    if column.name == "lon":
        return 106.80 + chance.random() / 20
    if column.name == "lat":
        return -6.20 + chance.random() / 20
    if column.type == "VARCHAR":
        return f"{column.name} {number % 7}"
    if column.type == "BOOLEAN":
        return chance.random() < 0.3
    if column.type == "DATE":
        return event.date()
    if column.type == "TIMESTAMPTZ":
        return event + timedelta(minutes=chance.randint(-120, 240))
    low = 0.0 if column.low is None else max(column.low, 0.0)
    high = 900.0 if column.high is None else min(column.high, 900.0)
    drawn = low + (high - low) * chance.random()
    return drawn if column.type in ("DOUBLE", "FLOAT") else int(drawn)


def asked(name: str, moment: str, known: str) -> str:
    """Return the text of a question with its parameters filled in."""
    times = {
        "event_time": moment,
        "until": moment,
        "since": f"({moment} - interval 1 day)",
        "known_time": known,
        "moments": f"[{moment}]",
    }

    def filled(match: re.Match[str]) -> str:
        return times.get(match[1]) or literal(PARAMETERS[match[1]])

    text = re.sub(r"\$(\w+)", filled, bare(queries.sql(name)))
    # DuckDB unfolds an inner join for many moments, but no semi join.
    return re.sub(
        r"semi join (\w+) using \(([^)]+)\)",
        r"join (select distinct \2 from \1) as \1_keys using (\2)",
        text,
    )


def bare(sql: str) -> str:
    """Return a question without its comments."""
    return re.sub(r"--.*", "", sql).strip()


def literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def forgetful(sql: str, moment: str) -> str:
    """Return a question asked of the lake without what became known after the moment."""
    read = set(re.findall(r"\b(?:from|join)\s+(\w+)", sql)) & KNOWN.keys()
    kept = [f"{name} as (from main.{name} where {KNOWN[name]} <= {moment})" for name in read]
    return before(kept, bare(sql))


def before(parts: list[str], sql: str) -> str:
    """Return a question that looks into these named parts first."""
    if not parts:
        return sql
    return f"with {', '.join(parts)}" + (
        f", {sql.removeprefix('with ')}" if sql.startswith("with ") else f" {sql}"
    )


def timestamp(moment: datetime) -> str:
    return f"timestamptz '{moment.isoformat()}'"


def differing(lake: Memory, name: str, most: int = MOMENTS) -> datetime | None:
    """Return a moment of which the two lakes do not say the same; None where there is none."""
    now = "" if name in OF_THE_PRESENT else timestamp(AFTER_ALL)
    moments = dict(lake.connection.execute("from moments").fetchall())
    if name in ONE_BY_ONE:
        doubtful = list(moments.values())[:FEW_MOMENTS]
    else:
        whole = lake.each(asked(name, "moment", "moment"), most)
        fewer = lake.each(forgetful(asked(name, "moment", now or "moment"), "moment"), most)
        doubtful = [
            moments[number]
            for number in whole.keys() | fewer.keys()
            if whole.get(number) != fewer.get(number)
        ]
    for moment in doubtful:
        at = timestamp(moment)
        if lake.one(asked(name, at, at)) != lake.one(forgetful(asked(name, at, now or at), at)):
            return moment
    return None


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_no_answer_as_known_then_holds_what_became_known_later(lake: Memory, name: str) -> None:
    assert differing(lake, name) is None


@pytest.mark.parametrize("name", sorted(past.QUESTIONS))
def test_a_past_day_in_memory_is_all_that_a_question_about_it_needs(
    lake: Memory, name: str
) -> None:
    def of_its_day(moment: str) -> str:
        midnight = f"date_trunc('day', {moment})"
        tables = past.LOOK_BACK.keys() & queries.reads(name)
        assert tables
        held = [
            f"{table} as (from main.{table} where known_time < {midnight} + interval 1 day"
            f" and event_time < {midnight} + interval 1 day and event_time > {midnight}"
            f" - interval '{past.LOOK_BACK[table].total_seconds()} seconds')"
            for table in sorted(tables)
        ]
        return before(held, asked(name, moment, moment))

    if name not in ONE_BY_ONE:
        whole = lake.each(asked(name, "moment", "moment"), SOME_MOMENTS)
        assert lake.each(of_its_day("moment"), SOME_MOMENTS) == whole
        return
    for number, moment in lake.connection.execute("from moments").fetchmany(FEW_MOMENTS):
        at = timestamp(moment)
        assert lake.one(of_its_day(at)) == lake.one(asked(name, at, at)), number


def test_a_row_that_leaks_is_seen(lake: Memory) -> None:
    leaky = queries.sql("gates_now").replace("water_levels.known_time <= $known_time", "true")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "sql", lambda _name: leaky)
        assert differing(lake, "gates_now", SOME_MOMENTS) is not None


def test_what_is_late_is_what_the_two_modes_differ_by(lake: Memory) -> None:
    tables = re.findall(r"\n    from (\w+)", queries.sql("late_known"))
    assert len(tables) == 8
    counts = " union all ".join(
        f"select '{name}' as source, count(*) as found from {name} where event_time <= moment"
        f" and event_time > moment - interval 1 day and known_time > moment having count(*) > 0"
        for name in tables
    )
    late = asked("late_known", "moment", timestamp(AFTER_ALL))
    told = lake.each(f"select distinct source, found from ({late})")
    assert told == lake.each(counts)
    assert len(told) > MOMENTS / 2


def test_a_rollup_of_past_days_is_what_was_known_of_them_then(lake: Memory) -> None:
    rollup = next(one for one in rollups.all_rollups() if one.name == "complaint_days")
    days = [(BEGIN + timedelta(days=number)).date() for number in range(-1, 6)]
    for number, simulated in ((n, s) for n in range(1, 5) for s in (False, True)):
        midnight = BEGIN + timedelta(days=number)
        params = {"days": days, "simulated": simulated}
        then = lake.connection.execute(
            forgetful(rollup.sql, timestamp(midnight)), params
        ).fetchall()
        kept = lake.connection.execute(
            "from complaint_days where simulated = $1 and known_day < $2",
            [simulated, midnight.astimezone(WIB).date()],
        ).fetchall()
        assert Counter(then) == Counter(kept)


def test_many_moments_at_once_are_answered_as_one_by_one(lake: Memory) -> None:
    moments = lake.connection.execute("from moments limit 5").fetchall()
    for name in ("gates_now", "changes", "inundations_now", "complaints_backlog", "late_known"):
        counts = lake.each(asked(name, "moment", "moment"), SOME_MOMENTS)
        for number, moment in moments:
            rows = lake.one(asked(name, timestamp(moment), timestamp(moment)))
            assert counts.get(number, (0, 0))[0] == rows.total(), name
