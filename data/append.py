"""Append facts: check each row, hash it, tell new from known, insert what is new.

All of it is SQL on a staged batch inside the caller's transaction, so that a million rows cost what
a database costs, and the simulated city's bulk rows get the same hashes as parsed ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.areas import Locator
from data.tables import Column, Table

LONGEST_VALUE = 200_000
FUTURE = timedelta(minutes=15)
RAW_CHARACTERS = 4_000
_ARROW = {
    "VARCHAR": pa.string(),
    "DOUBLE": pa.float64(),
    "INTEGER": pa.int32(),
    "TINYINT": pa.int8(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
    "DATE": pa.date32(),
}


@dataclass(frozen=True)
class Origin:
    """Where a batch comes from.

    Args:
        known_time: When the rows became known (aware); for history, an upper bound.
        lag: Set for history: known_time is event_time plus this, and marked as assumed.
    """

    feed: str
    run_id: str
    known_time: datetime
    simulated: bool
    lag: timedelta | None = None


@dataclass(frozen=True)
class Refused:
    """A row that cannot be true: its number in the batch, the field, the reason, the row."""

    ordinal: int
    field: str | None
    reason: str
    raw: str


@dataclass
class Outcome:
    """What became of a batch."""

    loaded: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)
    newest: datetime | None = None


def arrow_table(table: Table, columns: Mapping[str, Any]) -> tuple[pa.Table, list[Refused]]:
    """Turn columns of Python values into the table's Arrow types.

    Args:
        table: Where the rows shall go.
        columns: Name to list or Arrow array, all of one length; own columns and event_time,
            absent columns are null.

    Returns:
        The rows that fit their types, with their number in the column `ordinal`, and a refusal
        for each of the others.

    Raises:
        KeyError: A column that the table does not have.
    """
    for name in columns:
        table.column(name)
    length = len(next(iter(columns.values()))) if columns else 0
    wanted = [*table.columns, table.column("event_time")]
    refused: dict[int, Refused] = {}
    arrays: list[pa.Array] = []
    for column in wanted:
        kind = _ARROW[column.type]
        values = columns.get(column.name)
        if values is None:
            arrays.append(pa.nulls(length, kind))
            continue
        try:
            arrays.append(values if isinstance(values, pa.Array) else pa.array(values, kind))
        except (pa.ArrowException, TypeError, OverflowError, ValueError):
            arrays.append(_convert_one_by_one(column, kind, values, refused))
    ordinals = pa.array(np.arange(length, dtype=np.int64))
    result = pa.Table.from_arrays(
        [ordinals, *arrays], names=["ordinal", *(column.name for column in wanted)]
    )
    if refused:
        result = result.filter(pc.invert(pc.is_in(ordinals, pa.array(sorted(refused), pa.int64()))))
    return result, [refused[number] for number in sorted(refused)]


def _convert_one_by_one(
    column: Column, kind: pa.DataType, values: Sequence[Any], refused: dict[int, Refused]
) -> pa.Array:
    converted: list[Any] = []
    for number, value in enumerate(values):
        try:
            converted.append(pa.scalar(value, kind).as_py())
        except (pa.ArrowException, TypeError, OverflowError, ValueError):
            converted.append(None)
            raw = repr(value)[:RAW_CHARACTERS]
            refused.setdefault(
                number, Refused(number, column.name, f"bukan nilai jenis {column.type}", raw)
            )
    return pa.array(converted, kind)


def append(
    cursor: duckdb.DuckDBPyConnection, table: Table, batch: pa.Table, origin: Origin
) -> Outcome:
    """Append the rows of `batch` that are true and new.

    Args:
        cursor: Of `Lake.write()`, inside its transaction.
        table: Where the rows go.
        batch: As `arrow_table` gives it: `ordinal`, own columns, `event_time`.
        origin: Feed, run and times.

    Returns:
        Counts, and a refusal for each row that breaks a rule of `data.tables`, lies in the
        future, or contradicts another row of the batch for the same thing and moment.
    """
    outcome = Outcome()
    if batch.num_rows == 0:
        return outcome
    cursor.register("incoming", batch)
    try:
        cursor.execute(
            f"create or replace temp table staged as select *, {_known_time(origin)} as known_time,"
            f" {hash_sql(table)} as row_hash, {_problem_sql(table)} as problem from incoming",
            {"latest": origin.known_time + FUTURE},
        )
    finally:
        cursor.unregister("incoming")
    cursor.execute(f"create or replace temp table settled as {_settled_alone_sql(table)}")
    oldest, newest = cursor.execute(
        "select min(event_time), max(event_time) from staged where problem is null"
    ).fetchall()[0]
    if newest is not None:
        # As values, not as a subquery, they tell which files need not be opened.
        span = {"oldest": oldest, "newest": newest} if table.dated else {"newest": newest}
        cursor.execute(
            f"insert into settled {_settled_by_known_sql(table)}",
            {"feed": origin.feed, "simulated": origin.simulated, **span},
        )
    counts = dict(
        cursor.execute("select verdict, count(*) from settled group by verdict").fetchall()
    )
    outcome.unchanged = counts.pop("unchanged", 0)
    if counts:
        outcome.refused = _refusals(cursor, table)
    outcome.loaded = batch.num_rows - outcome.unchanged - len(outcome.refused)
    if outcome.loaded:
        _insert(cursor, table, "staged anti join settled using (ordinal)", origin)
    if table.dated:
        outcome.newest = newest
    cursor.execute("drop table staged; drop table settled")
    return outcome


def with_kelurahan(batch: pa.Table, locator: Locator) -> pa.Table:
    """Return the batch of a located table with `kelurahan_code` where the source gave none."""
    codes = locator.locate(
        batch["lon"].to_numpy(zero_copy_only=False), batch["lat"].to_numpy(zero_copy_only=False)
    )
    given = batch["kelurahan_code"].cast(pa.string())
    index = batch.column_names.index("kelurahan_code")
    return batch.set_column(
        index, "kelurahan_code", pc.coalesce(given, pa.array(codes, pa.string()))
    )


def append_trusted(
    cursor: duckdb.DuckDBPyConnection, table: Table, batch: pa.Table, origin: Origin
) -> int:
    """Append rows that are known to be true and new (the simulated city's history).

    Returns:
        The number of rows.
    """
    cursor.register("incoming", batch)
    try:
        derived = f"{_known_time(origin)} as known_time, {hash_sql(table)} as row_hash"
        _insert(cursor, table, f"(select *, {derived} from incoming)", origin)
    finally:
        cursor.unregister("incoming")
    return int(batch.num_rows)


def hash_sql(table: Table) -> str:
    """Return the SQL of a row's content hash: the lower half of MD5 over its columns as text.

    Null where the key is all that a row says: rows of one key are the same row then.
    """
    if _key_is_content(table):
        return "null::ubigint"
    parts = [_as_text(column) for column in table.columns if column.hashed]
    if table.dated:
        parts.append(_as_text(table.column("event_time")))
    return f"md5_number_lower(concat_ws(chr(31), {', '.join(parts)}))"


def _key_is_content(table: Table) -> bool:
    return {column.name for column in table.columns if column.hashed} <= set(_moment_key(table))


def _as_text(column: Column) -> str:
    text = f"epoch_us({column.name})" if column.type == "TIMESTAMPTZ" else column.name
    return f"coalesce({text}::varchar, chr(30))"


def _moment_key(table: Table) -> list[str]:
    """Return the columns that name one thing at one moment."""
    return list(dict.fromkeys((*table.key, "event_time")))


def _known_time(origin: Origin) -> str:
    if origin.lag is None:
        return f"timestamptz '{origin.known_time.isoformat()}'"
    return (
        f"least(event_time + to_microseconds({int(origin.lag.total_seconds() * 1e6)}),"
        f" timestamptz '{origin.known_time.isoformat()}')"
    )


def _problem_sql(table: Table) -> str:
    """Return a CASE that gives `field<US>reason` for the first rule that a row breaks."""
    rules: list[tuple[str, str, str]] = []
    for column in (*table.columns, table.column("event_time")):
        name = column.name
        if column.required:
            rules.append((f"{name} is null", name, "kosong"))
        if column.type == "DOUBLE":
            rules.append((f"not isfinite({name})", name, "bukan angka berhingga"))
        if column.low is not None and column.high is not None:
            unit = f" {column.unit}" if column.unit else ""
            reason = f"di luar {_written(column.low)} sampai {_written(column.high)}{unit}"
            rules.append((f"{name} not between {column.low} and {column.high}", name, reason))
        if column.one_of:
            allowed = ", ".join(f"'{value}'" for value in column.one_of)
            reason = "bukan salah satu dari " + ", ".join(column.one_of)
            rules.append((f"{name} not in ({allowed})", name, reason))
        if column.type == "VARCHAR":
            reason = f"lebih dari {_written(LONGEST_VALUE)} karakter"
            # Counting bytes first spares counting the characters of each value.
            test = f"strlen({name}) > {LONGEST_VALUE} and length({name}) > {LONGEST_VALUE}"
            rules.append((test, name, reason))
    rules.append(("event_time > $latest", "event_time", "di masa depan"))
    cases = " ".join(
        f"when {test} then '{name}' || chr(31) || '{reason}'" for test, name, reason in rules
    )
    return f"case {cases} end"


def _written(number: float) -> str:
    """Write 1234.5 as "1.234,5", as Indonesian readers do."""
    return f"{number:,.10g}".translate(str.maketrans(",.", ".,"))


def _settled_alone_sql(table: Table) -> str:
    """Return the SQL of the staged rows that need no look at the lake: ordinal and verdict.

    Of rows for one thing and moment one stays; its copies are unchanged, others contradict it.
    """
    key = ", ".join(_moment_key(table))
    return f"""
        with twins as (
            select hash({key}) as twin from staged where problem is null
            group by twin having count(*) > 1
        ),
        ranked as (
            select ordinal,
                row_number() over (partition by {key}, row_hash order by ordinal) as copy,
                dense_rank() over (partition by {key} order by row_hash) as variant
            from staged where problem is null and hash({key}) in (from twins)
        )
        select ordinal, 'refused' as verdict from staged where problem is not null
        union all
        select ordinal, case when variant > 1 then 'contradicts' else 'unchanged' end
        from ranked where copy > 1 or variant > 1
    """


def _settled_by_known_sql(table: Table) -> str:
    """Return the SQL of the rows that say what the version before them said, in both times.

    Where several versions became known at one moment (files of history that contradict each
    other), all of them are the version before.
    """
    # Only plain equality lets the scan skip files in which no such key can be.
    same_thing = " and ".join(
        f"known.{name} {'=' if table.column(name).required else 'is not distinct from'} good.{name}"
        for name in table.key
    )
    same = "true" if _key_is_content(table) else "known.row_hash = good.row_hash"
    # The content of an undated thing may stand since long before; else only its moment counts.
    before, since = ("=", "and known.event_time >= $oldest") if table.dated else ("<=", "")
    return f"""
        with good as (select * from staged anti join settled using (ordinal))
        select good.ordinal, 'unchanged'
        from good
        join {table.name} as known
            on {same_thing}
            and known.event_time {before} good.event_time
            and known.known_time <= good.known_time
        where known.feed = $feed and known.simulated = $simulated
            and known.event_time <= $newest {since}
        group by good.ordinal
        having max(struct_pack(
            event_time := known.event_time, known_time := known.known_time, same := {same}
        )).same
    """


def _refusals(cursor: duckdb.DuckDBPyConnection, table: Table) -> list[Refused]:
    own = ", ".join(f"{column.name} := {column.name}" for column in table.columns)
    found = cursor.execute(
        f"""
        select ordinal, problem, left(
            to_json(struct_pack({own}, event_time := event_time))::varchar, {RAW_CHARACTERS})
        from (
            select staged.* replace (coalesce(problem,
                'event_time' || chr(31) || 'bertentangan dengan baris lain dalam data ini untuk'
                || ' hal dan saat yang sama') as problem)
            from staged join settled using (ordinal) where verdict != 'unchanged'
        ) order by ordinal
        """
    ).fetchall()
    refused = []
    for ordinal, problem, raw in found:
        name, _, reason = problem.partition("\x1f")
        refused.append(Refused(ordinal, name, reason, raw))
    return refused


def _insert(cursor: duckdb.DuckDBPyConnection, table: Table, source: str, origin: Origin) -> None:
    own = ", ".join(column.name for column in table.columns)
    cursor.execute(
        f"insert into {table.name} ({own}, event_time, known_time, known_assumed, simulated, feed,"
        f" run_id, row_hash) select {own}, event_time, known_time, $assumed, $simulated,"
        f" $feed, $run_id, row_hash from {source}",
        {
            "assumed": origin.lag is not None,
            "simulated": origin.simulated,
            "feed": origin.feed,
            "run_id": origin.run_id,
        },
    )
