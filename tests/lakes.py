"""Small lakes for tests: a few rows of every table, around one moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from data.clock import Clock
from data.lake import Lake
from data.settings import Settings
from data.tables import COMMON, TABLES, Column

# Thursday, 12 March 2026, 03.10 WIB.
NOW = datetime(2026, 3, 11, 20, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

SQUARE = (
    '{"type":"Polygon","coordinates":[[[106.80,-6.20],[106.84,-6.20],[106.84,-6.16],'
    "[106.80,-6.16],[106.80,-6.20]]]}"
)
# feed -> title, tables, every, late, expired (minutes), clock
FEEDS = {
    "dsda_levels": ("Tinggi muka air", "water_levels", 1, 15, 60, "event"),
    "pantau_pumps": ("Rumah pompa", "pump_states", 1, 15, 60, "event"),
    "petabencana_floods": ("Genangan", "inundations", 1, 30, 180, "fetch"),
    "crm_requests": ("Pengaduan", "complaint_versions,complaint_log", 1, 10, 60, "event"),
    "waze_ccp": ("Kemacetan", "traffic_jams,traffic_alerts", 2, 10, 30, "fetch"),
    "udara_jakarta": ("Kualitas udara", "air_measurements", 10, 90, 240, "event"),
}


def settings(home: Path, **changes: Any) -> Settings:
    """Return settings whose lake, cache and store lie under `home`."""
    return Settings(home=home, memory_limit="500MB", **changes)


def clock(now: datetime = NOW) -> Clock:
    """Return a clock that stands still."""
    return Clock(anchor=now, real=lambda: now)


def empty_lake(home: Path) -> Lake:
    """Make a lake with its schema and reference tables, and nothing else."""
    for path, content in empty_files().items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_bytes(content)
    made = settings(home)
    with closing(sqlite3.connect(made.catalog_url.removeprefix("sqlite:"))) as catalogue, catalogue:
        # DuckLake compares data paths letter by letter.
        catalogue.execute(
            "update ducklake_metadata set value = ? where key = 'data_path'", [made.data_url]
        )
    return Lake(made)


@cache
def empty_files() -> dict[Path, bytes]:
    """Return what an empty lake consists of, by path in its home: making one takes seconds."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        Lake(settings(home)).close()
        return {
            path.relative_to(home): path.read_bytes() for path in home.rglob("*") if path.is_file()
        }


def small_lake(home: Path, now: datetime = NOW) -> Lake:
    """Make a lake with declared feeds, their runs, and some rows of every table.

    All feeds are fresh at `now` but `waze_ccp`, which fails and whose data are 20 minutes old, and
    `petabencana_floods`, whose valid payload lists nothing.
    """
    lake = empty_lake(home)
    with lake.write() as cursor:
        fill(cursor, now)
    return lake


def fill(cursor: Any, now: datetime = NOW) -> None:
    """Insert what `small_lake` holds, within the caller's transaction."""
    declare_feeds(cursor, now)
    add_runs(cursor, now)
    add_quarantine(cursor, "dsda_levels", now, 3)
    for name, table in TABLES.items():
        insert(cursor, name, row(table.columns, now) | common(now))
    for level, code, parent in (
        ("kota", "31.71", "31"),
        ("kecamatan", "31.71.01", "31.71"),
        ("kelurahan", "31.71.01.1001", "31.71.01"),
    ):
        insert(
            cursor,
            "area_shapes",
            {
                "level": level,
                "code": code,
                "name": "Gambir",
                "parent_code": parent,
                "geometry": SQUARE,
                "approximate": True,
                "source": "tests",
            },
        )


def add_runs(cursor: Any, now: datetime = NOW) -> None:
    """Note the runs that `small_lake` tells of."""
    for name in FEEDS:
        if name != "waze_ccp":
            add_run(cursor, name, now - MINUTE, version=3, event_time=now - 2 * MINUTE)
    add_run(cursor, "petabencana_floods", now, outcome="empty", fetched=0, loaded=0, version=3)
    add_run(
        cursor,
        "waze_ccp",
        now,
        outcome="failed",
        error="HTTP 503",
        fetched=0,
        loaded=0,
        version=3,
        event_time=now - 20 * MINUTE,
        known_time=now - 20 * MINUTE,
    )


def declare_feeds(cursor: Any, now: datetime = NOW, *, simulated: bool = True) -> None:
    """Note all of `FEEDS` as declared and scheduled."""
    for name, (title, tables, every, late, expired, counts_from) in FEEDS.items():
        insert(
            cursor,
            "feeds",
            {
                "feed": name,
                "title": title,
                "source": f"Instansi {title}",
                "licence": "CC BY 4.0",
                "tables": tables,
                "every_s": every * 60.0,
                "late_s": late * 60.0,
                "expired_s": expired * 60.0,
                "clock": counts_from,
                "scheduled": True,
                "simulated": simulated,
                "declared_at": now - timedelta(days=1),
            },
        )


def add_run(cursor: Any, feed: str, at: datetime, **values: Any) -> None:
    """Note one run of `feed` that ended at `at`; good unless `values` say otherwise."""
    run = {
        "run_id": f"{feed}-{at:%H%M%S}-{values.get('outcome', 'ok')}",
        "feed": feed,
        "started_at": at - timedelta(seconds=2),
        "finished_at": at,
        "outcome": "ok",
        "fetched": 10,
        "loaded": 4,
        "unchanged": 6,
        "quarantined": 0,
        "ended": 0,
        "bytes": 2_048,
        "seconds": 0.4,
        "version": 1,
        "event_time": at - MINUTE,
        "known_time": at,
        "history": False,
        "simulated": True,
    }
    insert(cursor, "feed_runs", run | values)


def add_quarantine(cursor: Any, feed: str, at: datetime, count: int) -> None:
    """Note `count` refused rows of `feed`."""
    for ordinal in range(count):
        insert(
            cursor,
            "quarantine",
            {
                "run_id": f"{feed}-{at:%H%M%S}-ok",
                "ordinal": ordinal,
                "feed": feed,
                "table_name": "water_levels",
                "recorded_at": at,
                "field": "level_cm",
                "reason": "di luar -500 sampai 1.500 cm",
                "raw": '{"station": "Manggarai", "level": 9999}',
            },
        )


def insert(cursor: Any, table: str, values: Mapping[str, Any]) -> None:
    """Insert one row through a cursor of `Lake.write`."""
    insert_all(cursor, table, [values])


def insert_all(cursor: Any, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of the same columns in one statement, which costs what one row does."""
    if rows:
        names, marks = ", ".join(rows[0]), ", ".join("?" * len(rows[0]))
        cursor.execute(
            f"insert into {table} ({names}) values {', '.join([f'({marks})'] * len(rows))}",
            [values[name] for values in rows for name in rows[0]],
        )


def common(now: datetime) -> dict[str, Any]:
    """Return the columns that every fact has, two minutes before `now`."""
    values = {
        "event_time": now - 2 * MINUTE,
        "known_time": now - MINUTE,
        "known_assumed": False,
        "simulated": True,
        "feed": "test",
        "run_id": "run-1",
        "row_hash": 1,
    }
    assert set(values) == {column.name for column in COMMON}
    return values


def row(columns: tuple[Column, ...], now: datetime) -> dict[str, Any]:
    """Return one plausible value for each column, inside its range."""
    return {column.name: value(column, now) for column in columns}


def value(column: Column, now: datetime) -> Any:
    """Return a plausible value of one column."""
    named = {
        "lon": 106.82,
        "lat": -6.18,
        "kelurahan_code": "31.71.01.1001",
        "adm4": "31.71.01.1001",
        "station_id": "manggarai",
        "pump_house_id": "1",
        "category": "Jalan",
        "geometry": '{"type":"LineString","coordinates":[[106.82,-6.18],[106.83,-6.19]]}',
        "polygon": None,
        "ended": False,
        "area_level": "rw",
    }
    if column.name in named and not (column.name == "category" and column.one_of):
        return named[column.name]
    if column.one_of:
        return column.one_of[0]
    kind = column.type
    if kind == "VARCHAR":
        return column.name
    if kind == "BOOLEAN":
        return False
    if kind == "TIMESTAMPTZ":
        return now - 2 * MINUTE
    if kind == "DATE":
        return now.date()
    low = 1.0 if column.low is None else max(1.0, column.low)
    return low if kind == "DOUBLE" else int(low)
