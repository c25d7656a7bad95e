"""Rollups: tables derived from facts, rebuilt only for the days that a load touched.

A rollup is `data/rollups/<name>.sql`: a bare select whose header names what it is, its grain, the
facts that it reads and each column with its type. It yields `known_day` (the day, in WIB, on which
a row became known) and `simulated`, and takes the days to build as `$days` and whose rows, real or
simulated, as `$simulated`: no number holds both. It can be rebuilt at any time. One whose header
says `-- days   alone` makes the rows of a day of what became known on that day and of nothing else.

Loads only note which days are due; `Lake.settle` builds them, at the end of a command and every
minute while the schedule runs. What is told from rollups is cut at midnight, so that nobody waits.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import duckdb

from data.tables import TABLES

FOLDER = Path(__file__).parent / "rollups"
_READS = re.compile(r"^-- reads +(.+)$", re.MULTILINE)
_ALONE = re.compile(r"^-- days +alone$", re.MULTILINE)
# Jakarta is seven hours ahead of UTC all year; asking its calendar takes ten times as long.
_KNOWN_DAY = "date '1970-01-01' + ((epoch_ms(known_time) + 25_200_000) // 86_400_000)::integer"


@dataclass(frozen=True)
class Rollup:
    """One rollup: its table's name, its select, the facts that it reads, if a day stands alone."""

    name: str
    sql: str
    reads: frozenset[str]
    alone: bool = False

    @property
    def digest(self) -> str:
        """What changes when its definition does."""
        return sha256(self.sql.encode()).hexdigest()


def all_rollups(folder: Path = FOLDER) -> list[Rollup]:
    """Return the rollups of a folder, by name.

    Raises:
        ValueError: A file has no `-- reads` line.
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        sql = path.read_text(encoding="utf-8")
        match = _READS.search(sql)
        if match is None:
            raise ValueError(f"{path.name}: the header has no line `-- reads table, …`")
        reads = frozenset(re.split(r"\W+", match[1].strip()))
        found.append(Rollup(path.stem, sql, reads, alone=_ALONE.search(sql) is not None))
    return found


def make(cursor: duckdb.DuckDBPyConnection, rollup: Rollup) -> None:
    """Make the table of a rollup anew, from all facts that there are."""
    cursor.execute(f"drop table if exists {rollup.name}")
    nothing = {"days": [], "simulated": False}
    cursor.execute(f"create table {rollup.name} as {rollup.sql}", nothing)
    facts = " union ".join(
        f"select distinct simulated, {_KNOWN_DAY} from {name}"
        for name in sorted(rollup.reads & TABLES.keys())
    )
    days: dict[bool, list[date]] = defaultdict(list)
    for simulated, day in cursor.execute(facts).fetchall():
        days[simulated].append(day)
    for simulated, found in days.items():
        build(cursor, rollup, found, simulated=simulated)


def note(cursor: duckdb.DuckDBPyConnection, table: str, run_id: str) -> None:
    """Note which days a run told of, inside its transaction, for `settle` to build.

    A live feed appends to the same day a thousand times, and a loaded past to two tables.

    Args:
        cursor: Of `Lake.write()`.
        table: The facts that the run appended to.
        run_id: The run.
    """
    if any(table in rollup.reads for rollup in all_rollups()):
        cursor.execute(
            f"""
            insert into rollups_due
            select distinct '{table}', simulated, {_KNOWN_DAY} from {table} where run_id = $run_id
            except
            from rollups_due
            """,
            {"run_id": run_id},
        )


def settle(cursor: duckdb.DuckDBPyConnection) -> None:
    """Build the days that were noted; `cursor` as for `note`."""
    due = cursor.execute(
        "select simulated, table_name, list(known_day) from rollups_due group by all"
    ).fetchall()
    for side in (False, True):
        changed = {table: set(days) for simulated, table, days in due if simulated is side}
        _rebuild(cursor, changed, simulated=side)
    cursor.execute("delete from rollups_due")


def _rebuild(
    cursor: duckdb.DuckDBPyConnection, changed: Mapping[str, set[date]], *, simulated: bool
) -> None:
    """Rebuild the rollups that read a changed table, each once, for the days of its tables."""
    after = {
        table: days | _days_after(cursor, table, days, simulated=simulated)
        for table, days in changed.items()
    }
    for rollup in all_rollups():
        moved = changed if rollup.alone else after
        days = set[date]().union(*(moved[table] for table in rollup.reads & moved.keys()))
        if days:
            build(cursor, rollup, sorted(days), simulated=simulated)


def _days_after(
    cursor: duckdb.DuckDBPyConnection, table: str, days: Collection[date], *, simulated: bool
) -> set[date]:
    """Return the days that are not due, on which more became known of the same things.

    What became known later counts differently after them: history that is loaded behind a live
    feed makes no complaint new.
    """
    key = ", ".join(TABLES[table].key)
    since = gap = min(days)
    while gap in days:
        gap += timedelta(days=1)
    others = f"""
        from {table}
        where simulated = $simulated
            and known_time >= $gap::date::timestamptz
            and {_KNOWN_DAY} not in (select unnest($days::date[]))
        """
    wanted = {"days": sorted(days), "simulated": simulated, "gap": gap}
    # To match the keys of a loaded past, where nobody else told of anything, takes long.
    if cursor.execute(f"select 1 {others} limit 1", wanted).fetchone() is None:
        return set()
    found = cursor.execute(
        f"""
        select distinct {_KNOWN_DAY}
        from (select {key}, known_time {others})
        semi join (
            select {key} from {table}
            where simulated = $simulated
                and known_time >= $since::date::timestamptz
                and {_KNOWN_DAY} in (select unnest($days::date[]))
        ) using ({key})
        """,
        {**wanted, "since": since},
    ).fetchall()
    return {day for (day,) in found}


def build(
    cursor: duckdb.DuckDBPyConnection, rollup: Rollup, days: Sequence[date], *, simulated: bool
) -> None:
    """Rebuild a rollup for the given days of knowing, of real or of simulated rows.

    A year at a time, or five where each day is summed up alone: ten years of what looks back at
    earlier days would not fit into memory.
    """
    cursor.execute(
        f"delete from {rollup.name} where known_day in (select unnest($days::date[]))"
        " and simulated = $simulated",
        {"days": days, "simulated": simulated},
    )
    years = 5 if rollup.alone else 1
    parts: dict[int, list[date]] = defaultdict(list)
    for day in sorted(days):
        parts[day.year // years].append(day)
    for some in parts.values():
        cursor.execute(
            f"insert into {rollup.name} by name {rollup.sql}",
            {"days": some, "simulated": simulated},
        )
