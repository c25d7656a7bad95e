"""The lake's schema: what a new lake is made of, and the steps that bring an older one up to it.

A lake carries its version in `schema_version`. `data/migrations/NNNN_what.sql` leads from version
NNNN-1 to NNNN; adding, renaming and widening columns work in place, any other change is a new
table, a copy and a swap. A lake newer than this code is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

from data.tables import TABLES, Column, Table

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST_VERSION = 1

# Tables that are not facts: name -> (meaning, columns).
SYSTEM: dict[str, tuple[str, tuple[Column, ...]]] = {
    "schema_version": (
        "version of the lake's schema",
        (
            Column("version", "INTEGER", "version reached"),
            Column("applied_at", "TIMESTAMPTZ", "when"),
        ),
    ),
    "feeds": (
        "feeds as declared, newest declaration last",
        (
            Column("feed", "VARCHAR", "name of the feed"),
            Column("title", "VARCHAR", "name on screen"),
            Column("source", "VARCHAR", "who publishes it"),
            Column("licence", "VARCHAR", "terms of use"),
            Column("tables", "VARCHAR", "tables it fills, separated by commas"),
            Column("every_s", "DOUBLE", "time between two runs; null for history files", "s"),
            Column("late_s", "DOUBLE", "age from which it is late", "s"),
            Column("expired_s", "DOUBLE", "age from which it is expired", "s"),
            Column("clock", "VARCHAR", "age counts from the newest event, or from the last fetch"),
            Column("scheduled", "BOOLEAN", "feeds.toml runs it"),
            Column("simulated", "BOOLEAN", "feeds.toml points it at the simulated city"),
            Column("declared_at", "TIMESTAMPTZ", "when this declaration was made"),
        ),
    ),
    "feed_runs": (
        "one row a run of a feed",
        (
            Column("run_id", "VARCHAR", "id of the run"),
            Column("feed", "VARCHAR", "name of the feed"),
            Column("started_at", "TIMESTAMPTZ", "start, city time"),
            Column("finished_at", "TIMESTAMPTZ", "end, city time"),
            Column("outcome", "VARCHAR", "ok, empty, unchanged, partial or failed"),
            Column("fetched", "BIGINT", "rows read = loaded + unchanged + quarantined", "baris"),
            Column("loaded", "BIGINT", "rows that were new", "baris"),
            Column("unchanged", "BIGINT", "rows known already", "baris"),
            Column("quarantined", "BIGINT", "rows that cannot be true or read", "baris"),
            Column("ended", "BIGINT", "rows added since the source lists them no more", "baris"),
            Column("bytes", "BIGINT", "size of what came", "B"),
            Column("seconds", "DOUBLE", "real time that the run took", "s"),
            Column("error", "VARCHAR", "what went wrong, for an operator"),
            Column("raw_path", "VARCHAR", "raw payloads in the archive, or the file's name"),
            Column("etag", "VARCHAR", "ETag of the payload"),
            Column("version", "BIGINT", "rises when the feed's data change"),
            Column("event_time", "TIMESTAMPTZ", "newest event_time of the feed so far"),
            Column("known_time", "TIMESTAMPTZ", "last good fetch so far"),
            Column("history", "BOOLEAN", "loaded from files, not from the live source"),
            Column("simulated", "BOOLEAN", "the source is the simulated city"),
        ),
    ),
    "quarantine": (
        "rows that were refused, with the reason",
        (
            Column("run_id", "VARCHAR", "run that refused it"),
            Column("ordinal", "BIGINT", "number of the row within the run"),
            Column("feed", "VARCHAR", "name of the feed"),
            Column("table_name", "VARCHAR", "table it was meant for, where known"),
            Column("recorded_at", "TIMESTAMPTZ", "when"),
            Column("field", "VARCHAR", "field at fault"),
            Column("reason", "VARCHAR", "what is wrong"),
            Column("raw", "VARCHAR", "the row, without secrets and personal data"),
        ),
    ),
    "area_shapes": (
        "boundaries of areas",
        (
            Column("level", "VARCHAR", "kelurahan, kecamatan, kota or rw"),
            Column("code", "VARCHAR", "Kemendagri code"),
            Column("name", "VARCHAR", "name"),
            Column("parent_code", "VARCHAR", "code of the area around it"),
            Column("geometry", "VARCHAR", "GeoJSON geometry"),
            Column("approximate", "BOOLEAN", "drawn from points, not surveyed"),
            Column("source", "VARCHAR", "where it comes from"),
        ),
    ),
    "layers": (
        "city layers loaded by hand",
        (
            Column("layer", "VARCHAR", "name of the layer"),
            Column("feature_id", "VARCHAR", "id within the layer"),
            Column("name", "VARCHAR", "name"),
            Column("geometry", "VARCHAR", "GeoJSON geometry"),
            Column("properties", "VARCHAR", "JSON"),
            Column("source", "VARCHAR", "where it comes from"),
            Column("dated", "DATE", "date of the data"),
            Column("loaded_at", "TIMESTAMPTZ", "when it was loaded"),
        ),
    ),
}


def latest_version(folder: Path = MIGRATIONS) -> int:
    """Return the version that this code speaks."""
    return max((number for number, _ in steps(folder)), default=FIRST_VERSION)


def steps(folder: Path = MIGRATIONS) -> list[tuple[int, str]]:
    """Return (version reached, SQL) of every migration, oldest first."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = re.match(r"(\d{4})_\w+\.sql\Z", path.name)
        if match is None:
            raise ValueError(f"{path.name}: a migration is named NNNN_what.sql")
        found.append((int(match[1]), path.read_text(encoding="utf-8")))
    return found


def create_statements() -> list[str]:
    """Return the SQL that makes a new lake: tables, partitions, comments with units."""
    statements: list[str] = []
    for name, (meaning, columns) in SYSTEM.items():
        statements += _create(name, meaning, columns)
    statements.append(
        "alter table feed_runs set partitioned by (year(finished_at), month(finished_at))"
    )
    for table in TABLES.values():
        statements += _create(table.name, table.meaning, table.all_columns)
        statements += _partition(table)
    return statements


def _create(name: str, meaning: str, columns: tuple[Column, ...]) -> list[str]:
    body = ", ".join(f"{column.name} {column.type}" for column in columns)
    return [
        f"create table {name} ({body})",
        f"comment on table {name} is {_quoted(meaning)}",
        *(
            f"comment on column {name}.{column.name} is {_quoted(_note(column))}"
            for column in columns
        ),
    ]


def _partition(table: Table) -> list[str]:
    if not table.partition:
        return []
    return [f"alter table {table.name} set partitioned by ({', '.join(table.partition)})"]


def _note(column: Column) -> str:
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
