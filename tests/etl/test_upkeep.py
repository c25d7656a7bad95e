"""Upkeep and backups: nothing that is needed goes, everything comes back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.lake import Lake
from data.settings import Settings
from data.store import Store
from etl.archive import Archive
from etl.backup import backup, restore
from etl.errors import Misconfigured
from etl.maintain import maintain
from tests.etl.conftest import NOW

Rows = Callable[..., list[dict[str, Any]]]


def rain(lake: Lake, rows: int) -> None:
    with lake.write() as cursor:
        cursor.execute(
            "insert into rainfall (station_id, event_time, rain_mm)"
            " select i::varchar, $now, 1 from range($rows) t(i)",
            {"now": NOW, "rows": rows},
        )


def test_upkeep_keeps_every_row_while_another_reads(
    lake: Lake, reader: Rows, tmp_path: Path
) -> None:
    for rows in (5_000, 5_000, 3):
        rain(lake, rows)
    assert reader("select count(*) as n from rainfall") == [{"n": 10_003}]
    archive = Archive(tmp_path / "raw", 30)
    old = tmp_path / "raw" / archive.keep("levels", b"old")
    os.utime(old, (0, 0))
    new = tmp_path / "raw" / archive.keep("levels", b"new")
    maintain(lake, archive)
    assert reader("select count(*) as n, sum(rain_mm) as mm from rainfall") == [
        {"n": 10_003, "mm": 10_003.0}
    ]
    assert (old.exists(), new.exists()) == (False, True)


def test_upkeep_leaves_one_file_of_each_year_in_small_groups(lake: Lake, tmp_path: Path) -> None:
    for month in ("2024-11", "2024-12", "2025-01", "2025-02"):
        with lake.write() as cursor:
            cursor.execute(
                "insert into rainfall (station_id, event_time, rain_mm) select 'a',"
                f" timestamptz '{month}-01' + to_minutes(i::integer), 1 from range(20_000) t(i)"
            )
    maintain(lake, Archive(tmp_path / "raw", 30))
    files = lake.rows("select data_file from ducklake_list_files('lake', 'rainfall')")
    groups = lake.rows(
        "select file_name, count(*) as n from parquet_metadata($files)"
        " where path_in_schema = 'event_time' group by file_name",
        files=[row["data_file"] for row in files],
    )
    assert [row["n"] for row in groups] == [2, 2]


def test_upkeep_forgets_old_rejects_and_live_runs_but_no_newest_and_no_file(
    lake: Lake, reader: Rows, tmp_path: Path
) -> None:
    with lake.write() as cursor:
        for run_id, feed, days, history in (
            ("old", "a", 200, False),
            ("newest", "a", 100, False),
            ("file", "a", 300, True),
            ("recent", "b", 1, False),
        ):
            cursor.execute(
                "insert into feed_runs (run_id, feed, finished_at, history)"
                f" values ('{run_id}', '{feed}', now() - interval {days} day, {history})"
            )
            cursor.execute(
                "insert into quarantine (run_id, recorded_at)"
                f" values ('{run_id}', now() - interval {days} day)"
            )
    maintain(lake, Archive(tmp_path / "raw", 30))
    kept = reader("select run_id from feed_runs order by run_id")
    assert [row["run_id"] for row in kept] == ["file", "newest", "recent"]
    assert reader("select run_id from quarantine") == [{"run_id": "recent"}]


def test_runs_of_days_that_are_over_are_summed_up_once_and_outlive_their_rows(
    lake: Lake, reader: Rows, tmp_path: Path
) -> None:
    def ran(days: int, outcome: str) -> None:
        with lake.write() as cursor:
            cursor.execute(
                "insert into feed_runs (run_id, feed, finished_at, outcome, history, simulated)"
                f" values (uuid()::varchar, 'a', now() - interval {days} day, '{outcome}', false,"
                " false)"
            )

    for days, outcome in ((200, "ok"), (200, "failed"), (2, "ok"), (0, "ok")):
        ran(days, outcome)
    for _ in range(2):
        maintain(lake, Archive(tmp_path / "raw", 30))
    assert reader("select runs, working from feed_days order by day") == [
        {"runs": 2, "working": 1},
        {"runs": 1, "working": 1},
    ]
    assert reader("select count(*) as n from feed_runs") == [{"n": 2}]


def test_a_backup_of_a_lake_in_use_comes_back_in_another_home(
    lake: Lake, settings: Settings, tmp_path: Path
) -> None:
    rain(lake, 5_000)
    rain(lake, 3)
    Store(settings.store_url).watch(["kamera"], NOW)
    backup(lake, settings, tmp_path / "backup")
    rain(lake, 1)
    there = Settings(home=tmp_path / "there")
    restore(there, tmp_path / "backup")
    again = Lake(there)
    assert again.value("select count(*) from rainfall") == 5_003
    assert (there.root / "store.sqlite").exists()
    again.close()


def test_a_backup_harms_neither_an_older_one_nor_a_lake(
    lake: Lake, settings: Settings, empty_lake: Path, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match="not empty"):
        backup(lake, settings, empty_lake)
    with pytest.raises(Misconfigured, match="exists"):
        restore(settings, empty_lake)
    with pytest.raises(Misconfigured, match="not a backup"):
        restore(Settings(home=tmp_path / "other"), tmp_path)
