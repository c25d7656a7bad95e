"""The lake opens, upgrades or refuses; one writes, many read; a killed writer leaves it whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import traceback
from datetime import date
from pathlib import Path

import duckdb
import pytest

from data import schema
from data.lake import ORPHANS_KEPT, Lake, LakeError
from data.past import DAYS_KEPT, PastDays
from data.settings import Settings
from data.tables import TABLES
from etl.backup import restore

ROOT = Path(__file__).parents[2]


def test_a_new_lake_holds_every_table_with_its_units(lake: Lake) -> None:
    columns = lake.tables()
    assert set(TABLES) | set(schema.SYSTEM) <= {row["table_name"] for row in columns}
    notes = {(row["table_name"], row["column_name"]): row["comment"] for row in columns}
    assert notes["water_levels", "level_cm"] == "tinggi muka air di atas titik nol pos [cm]"


def test_every_cursor_stands_in_the_lake_with_the_time_zone_of_jakarta(lake: Lake) -> None:
    seen: list[object] = []

    def look() -> None:
        seen.append(lake.value("select current_catalog() || ' ' || current_setting('TimeZone')"))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["lake Asia/Jakarta"] * 4


def test_many_threads_may_read_at_once(lake: Lake) -> None:
    counts: list[object] = []

    def read() -> None:
        counts.extend(lake.value("select count(*) from areas") for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [317] * 160


class Broken:
    """A cursor whose engine answers nothing any more."""

    def execute(self, *_question: object) -> None:
        raise duckdb.FatalException("database has been invalidated")


def test_a_lake_whose_engine_broke_is_opened_anew(lake: Lake) -> None:
    lake.value("select 1")
    lake._local.cursors["lake"] = (lake._connection, lake._path, Broken())
    assert lake.value("select count(*) from areas") == 317
    with lake.write() as cursor:
        cursor.execute("delete from areas where level = 'kota'")
    assert lake.value("select count(*) from areas where level = 'kota'") == 0


def test_a_load_whose_engine_broke_is_lost_whole_and_the_next_one_stands(lake: Lake) -> None:
    def load() -> None:
        with lake.write() as cursor:
            cursor.execute("delete from areas")
            raise duckdb.FatalException("database has been invalidated")

    with pytest.raises(duckdb.FatalException):
        load()
    assert lake.value("select count(*) from areas") == 317


def test_a_reader_needs_a_lake(settings: Settings) -> None:
    with pytest.raises(LakeError, match="there is no lake"):
        Lake(settings, read_only=True)


def test_a_reader_cannot_write(settings: Settings, lake: Lake) -> None:
    reader = Lake(settings, read_only=True)
    with pytest.raises(LakeError, match="reading only"), reader.write():
        raise AssertionError("the block must not run")
    reader.close()


def test_a_question_of_a_reader_runs_on_the_thread_that_asks(
    settings: Settings, lake: Lake
) -> None:
    reader = Lake(settings, read_only=True)
    assert reader.value("select current_setting('threads')") == 1
    assert lake.value("select current_setting('threads')") == settings.threads
    reader.close()


def test_every_table_has_statistics_also_one_that_never_held_a_row(lake: Lake) -> None:
    without = lake.rows(
        "select table_name from __ducklake_metadata_lake.ducklake_table"
        " anti join __ducklake_metadata_lake.ducklake_table_stats using (table_id)"
        " where end_snapshot is null"
    )
    assert without == []
    assert [lake.value(f"select count(*) from {name}") for name in TABLES] == [0] * len(TABLES)


def test_a_lake_newer_than_the_program_is_refused(settings: Settings, lake: Lake) -> None:
    with lake.write() as cursor:
        cursor.execute("insert into schema_version values (99, now())")
    with pytest.raises(LakeError, match="schema version 99"):
        Lake(settings)
    with pytest.raises(LakeError, match="schema version 99"):
        Lake(settings, read_only=True)


def test_a_folder_with_files_of_others_is_not_taken_for_data(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "budget.parquet").write_bytes(b"")
    with pytest.raises(LakeError, match=r"budget\.parquet is of another lake"):
        Lake(Settings(home=tmp_path / "home", data_path=str(tmp_path / "shared")))


def test_a_new_catalogue_does_not_take_over_the_files_of_an_old_one(tmp_path: Path) -> None:
    data = tmp_path / "lake" / "data"
    data.mkdir(parents=True)
    left = data / "ducklake-old.parquet"
    left.write_bytes(b"")
    Lake(Settings(home=tmp_path / "one", data_path=str(data))).close()
    long_ago = left.stat().st_mtime - 2 * ORPHANS_KEPT.total_seconds()
    os.utime(left, (long_ago, long_ago))
    with pytest.raises(LakeError, match=r"ducklake-old\.parquet is of another lake"):
        Lake(Settings(home=tmp_path / "two", data_path=str(data)))


def test_no_message_tells_the_password_of_postgresql(tmp_path: Path) -> None:
    catalog = "postgres:host=127.0.0.1 port=9 user=u password='ge heim' dbname=lake"
    with pytest.raises(LakeError, match="port=9") as caught:
        Lake(Settings(home=tmp_path, catalog=catalog))
    assert "heim" not in "".join(traceback.format_exception(caught.value))


def test_a_home_may_have_a_quote_in_its_name(tmp_path: Path, empty_lake: Path) -> None:
    settings = Settings(home=tmp_path / "jum'at")
    restore(settings, empty_lake)
    lake = Lake(settings)
    assert lake.value("select count(*) from areas") == 317
    lake.close()


def test_a_memory_limit_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="KOMANDO_MEMORY_LIMIT"):
        Lake(Settings(home=tmp_path, memory_limit="lots"))


def test_an_older_lake_is_brought_up_to_date(
    settings: Settings, lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.close()
    steps = tmp_path / "steps"
    shutil.copytree(schema.MIGRATIONS, steps)
    version = schema.latest_version() + 1
    (steps / f"{version:04}_add_ph.sql").write_text("alter table rainfall add column ph double")
    monkeypatch.setattr(schema, "MIGRATIONS", steps)
    monkeypatch.setattr(schema.latest_version, "__defaults__", (steps,))
    monkeypatch.setattr(schema.steps, "__defaults__", (steps,))
    with pytest.raises(
        LakeError, match=f"schema version {version - 1}, this program needs {version}"
    ):
        Lake(settings, read_only=True)
    upgraded = Lake(settings)
    assert upgraded.value("select max(version) from schema_version") == version
    assert "ph" in {row["column_name"] for row in upgraded.rows("describe rainfall")}
    upgraded.close()
    again = Lake(settings)
    assert again.value("select count(*) from schema_version") == 2
    again.close()


def test_a_lake_of_the_first_release_gets_the_tables_that_a_new_one_has(
    settings: Settings, lake: Lake
) -> None:
    new = lake.tables()
    with lake.write() as cursor:
        cursor.execute(
            "drop table alarms; drop table city_status; drop table complaint_photos;"
            " drop table rollups_due; drop table feed_days;"
            " delete from schema_version"
        )
        cursor.execute("insert into schema_version values (1, now())")
    lake.close()
    upgraded = Lake(settings)
    assert upgraded.tables() == new
    assert upgraded.value("select max(version) from schema_version") == schema.latest_version()
    upgraded.close()


def test_an_unknown_catalogue_is_refused_with_the_two_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="sqlite:PATH or postgres:DSN"):
        Lake(Settings(home=tmp_path, catalog="mysql:x"))


def test_a_home_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(LakeError, match="KOMANDO_HOME"):
        Lake(Settings(home=blocked / "home"))


def test_an_error_in_the_block_rolls_everything_back(lake: Lake) -> None:
    def fail() -> None:
        with lake.write() as cursor:
            cursor.execute("insert into schema_version values (50, now())")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert lake.value("select max(version) from schema_version") == schema.latest_version()


def test_a_writer_killed_before_its_commit_leaves_nothing_half_written(
    settings: Settings, lake: Lake
) -> None:
    lake.close()
    script = (
        "import sys; from data.lake import Lake; from data.settings import Settings\n"
        "lake = Lake(Settings())\n"
        "with lake.write() as cursor:\n"
        "    cursor.execute('insert into rainfall (station_id, event_time, rain_mm)"
        " select i::varchar, now(), 1 from range(100000) t(i)')\n"
        "    print('written', flush=True); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "KOMANDO_HOME": str(settings.root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    after = Lake(settings)
    assert after.value("select count(*) from rainfall") == 0
    with after.write() as cursor:
        cursor.execute(
            "insert into rainfall (station_id, event_time, rain_mm) values ('a', now(), 1)"
        )
    assert after.value("select count(*) from rainfall") == 1
    after.close()


def test_a_reader_stands_by_as_a_connection_to_the_catalogue_does(
    settings: Settings, lake: Lake
) -> None:
    def is_free() -> bool:
        with (lake.folder / "catalog.sqlite").open("r+b") as file:
            lock = struct.pack("@hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0x4000_0002, 1, 0)
            try:
                fcntl.fcntl(file, fcntl.F_OFD_SETLK, lock)
            except BlockingIOError:
                return False
            return True

    lake.close()
    assert is_free()
    reader = Lake(settings, read_only=True)
    assert not is_free(), "whoever closes the last connection would set up SQLite's memory anew"
    reader.close()
    assert is_free()


def test_a_past_day_stays_in_memory_for_as_long_as_it_is_read(lake: Lake) -> None:
    def schemas() -> int:
        found = "select count(*) from duckdb_schemas() where schema_name like 'day_%'"
        return int(lake.value(found))

    lake.cursor().execute(
        "insert into feed_runs (run_id, feed, finished_at) values ('1', 'one', now())"
    )
    lake.cursor().execute(
        "insert into rainfall (station_id, event_time, known_time, rain_mm)"
        " values ('a', '2026-02-01 03:00:00+00', '2026-02-01 03:01:00+00', 7)"
    )
    days = PastDays(lake)
    with days.held(date(2026, 2, 1), {"rainfall"}) as schema:
        for number in range(2, 3 + DAYS_KEPT):
            with days.held(date(2026, 2, number), {"rainfall"}):
                pass
        assert lake.value(f"select rain_mm from memory.{schema}.rainfall") == 7
        assert schemas() == DAYS_KEPT + 1
    assert schemas() == DAYS_KEPT
    with days.held(date(2099, 1, 1), {"rainfall"}) as schema:
        assert schema is None, "more of a day that is not over becomes known each minute"
