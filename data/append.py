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
    key = ", ".join(_moment_key(table))
    cursor.register("incoming", batch)
    try:
        cursor.execute(
            f"create or replace temp table staged as select ordinal, {key},"
            f" {_known_time(origin)} as known_time, {hash_sql(table)} as row_hash,"
            f" {_problem_sql(table)} as problem from incoming",
            {"latest": origin.known_time + FUTURE},
        )
        cursor.execute(
            f"create or replace temp table verdicts as {_verdict_sql(table)}",
            {"feed": origin.feed, "simulated": origin.simulated},
        )
        counts = dict(
            cursor.execute("select verdict, count(*) from verdicts group by verdict").fetchall()
        )
        outcome.unchanged = counts.get("unchanged", 0)
        outcome.loaded = counts.get("new", 0)
        if outcome.unchanged + outcome.loaded < batch.num_rows:
            outcome.refused = _refusals(cursor, table)
        if outcome.loaded:
            fresh = "incoming join verdicts using (ordinal) where verdict = 'new'"
            _insert(cursor, table, fresh, origin)
        if table.dated:
            row = cursor.execute(
                "select max(event_time) from staged where problem is null"
            ).fetchone()
            outcome.newest = row[0] if row else None
        cursor.execute("drop table staged; drop table verdicts")
    finally:
        cursor.unregister("incoming")
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
    """Return the SQL of a row's content hash: the lower half of MD5 over its columns as text."""
    names = [column for column in table.columns if column.hashed]
    parts = [_as_text(column) for column in names]
    if table.dated:
        parts.append(_as_text(table.column("event_time")))
    return f"md5_number_lower(concat_ws(chr(31), {', '.join(parts)}))"


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
            rules.append((f"length({name}) > {LONGEST_VALUE}", name, reason))
    rules.append(("event_time > $latest", "event_time", "di masa depan"))
    cases = " ".join(
        f"when {test} then '{name}' || chr(31) || '{reason}'" for test, name, reason in rules
    )
    return f"case {cases} end"


def _written(number: float) -> str:
    """Write 1234.5 as "1.234,5", as Indonesian readers do."""
    return f"{number:,.10g}".translate(str.maketrans(",.", ".,"))


def _verdict_sql(table: Table) -> str:
    """Return the SQL that compares each row with the version before it, in both times.

    A row is new where there is none, or another one. Where several versions became known at one
    moment (files of history that contradict each other), all of them are the version before.
    """
    key = ", ".join(_moment_key(table))
    same_thing = " and ".join(
        f"known.{name} is not distinct from batch.{name}" for name in table.key
    )
    same_moment = " and ".join(
        f"twin.{name} is not distinct from good.{name}" for name in _moment_key(table)
    )
    # The content of an undated thing may stand since long before; else only its moment counts.
    before = "=" if table.dated else "<="
    since = "(select min(event_time) from good)" if table.dated else "'-infinity'::timestamptz"
    return f"""
        with good as (
            select * from staged where problem is null
        ),
        twins as (
            select {key} from good group by {key} having count(*) > 1
        ),
        ranked as (
            select ordinal,
                row_number() over (partition by {key}, row_hash order by ordinal) as copy,
                dense_rank() over (partition by {key} order by row_hash) as variant
            from good where exists (select 1 from twins as twin where {same_moment})
        ),
        extra as (select ordinal, variant from ranked where copy > 1 or variant > 1),
        batch as (select * from good anti join extra using (ordinal)),
        preceding as (
            select batch.ordinal, max(struct_pack(
                event_time := known.event_time,
                known_time := known.known_time,
                same := known.row_hash = batch.row_hash
            )).same as same
            from batch
            join {table.name} as known
                on {same_thing}
                and known.event_time {before} batch.event_time
                and known.known_time <= batch.known_time
            where known.feed = $feed and known.simulated = $simulated
                and known.event_time between {since} and (select max(event_time) from good)
            group by batch.ordinal
        )
        select ordinal, known_time, row_hash,
            case when same then 'unchanged' else 'new' end as verdict
        from batch left join preceding using (ordinal)
        union all
        select ordinal, null, null,
            case when variant > 1 then 'contradicts' else 'unchanged' end
        from extra
    """


def _refusals(cursor: duckdb.DuckDBPyConnection, table: Table) -> list[Refused]:
    own = ", ".join(f"{column.name} := {column.name}" for column in table.columns)
    found = cursor.execute(
        f"""
        select ordinal, problem, left(
            to_json(struct_pack({own}, event_time := event_time))::varchar, {RAW_CHARACTERS})
        from (
            select incoming.*, coalesce(problem,
                'event_time' || chr(31) || 'bertentangan dengan baris lain dalam data ini untuk'
                || ' hal dan saat yang sama') as problem
            from incoming join staged using (ordinal) left join verdicts using (ordinal)
            where problem is not null or verdict = 'contradicts'
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
