"""The lake: DuckLake tables that one process writes at a time and any number read.

The catalogue (SQLite or PostgreSQL) and the data path (a folder or S3) are settings; nothing above
this module notices which. Every cursor stands in the lake's catalogue with the session time zone
Asia/Jakarta; values that come out are aware datetimes.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import struct
import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import structlog
from filelock import FileLock, Timeout

from data import rollups, schema
from data.past import PastDays
from data.reference import FOLDER as REFERENCE_FOLDER
from data.settings import Settings, masked

log = structlog.get_logger()

TIME_ZONE = "Asia/Jakarta"
# Loads of at most this many rows go into the catalogue, not into a Parquet file of their own.
INLINE_ROWS = 2_000
LOCK_NOTICE_SECONDS = 5.0
BUSY_MILLISECONDS = 10_000
# Answers about past moments that are kept: those of a few steps of the replay.
RECALLED = 64
# How long upkeep spares a file that no snapshot knows: a load may be writing it.
ORPHANS_KEPT = timedelta(days=1)
# Bytes that SQLite locks for as long as a connection is open, in its file and its shared memory.
SQLITE_SHARED, SQLITE_CONNECTED = 0x4000_0002, 128
# Errors of the engine itself, after which it answers no question of the process.
BROKEN = (duckdb.InternalException, duckdb.FatalException)


class LakeError(Exception):
    """The lake cannot be used; the message says why and what to do."""


class Lake:
    """A handle on the lake for one process; safe to use from many threads.

    Args:
        settings: Catalogue, data path, memory and threads.
        read_only: Open for reading; the lake must exist.

    Raises:
        LakeError: There is no lake to read, its schema is newer than this code, the catalogue or
            the data path cannot be reached, or the disk is full.
    """

    def __init__(self, settings: Settings, *, read_only: bool = False) -> None:
        self._settings = settings
        self._read_only = read_only
        self._local = threading.local()
        self._path = "lake.main"
        self._recalled: OrderedDict[Hashable, Future[list[dict[str, Any]]]] = OrderedDict()
        self._recall_turn = threading.Lock()
        if not read_only:
            self._make_folders()
        self._lock = FileLock(settings.root / "lake" / "writer.lock", thread_local=False)
        self._write_turn = threading.RLock()
        # What is opened anew is asked at once, and may break again.
        self._open_turn = threading.RLock()
        self._past: PastDays | None = None
        self._standing_by: list[int] = []
        self._connection = self._attach()
        if read_only:
            self._check_version()
            kind, _, where = settings.catalog_url.partition(":")
            if kind == "sqlite":
                self._standing_by = _stand_by(Path(where))
        elif not self._is_current():
            with self._locked():
                self._upgrade()

    @property
    def folder(self) -> Path:
        """Folder of the embedded catalogue, the writer's lock and, by default, the data."""
        return self._settings.root / "lake"

    def cursor(self, schema: str | None = None) -> duckdb.DuckDBPyConnection:
        """Return this thread's cursor, standing in the lake, time zone set.

        Args:
            schema: Of the memory, where names of tables are looked up first.
        """
        connection = self._local.connection = self._connection
        path = f"memory.{schema},{self._path}" if schema else self._path
        # One for the lake and one for a past day: to set a path takes as long as a question.
        kind = "past" if schema else "lake"
        cursors = self._local.__dict__.setdefault("cursors", {})
        held = cursors.get(kind)
        if held is None or held[:2] != (connection, path):
            # A cursor inherits neither USE nor SET from the connection it comes from.
            cursor = connection.cursor()
            cursor.execute(f"set search_path = '{path}'; set timezone = '{TIME_ZONE}'")
            held = cursors[kind] = (connection, path, cursor)
        found: duckdb.DuckDBPyConnection = held[2]
        return found

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """Run a query with `$name` parameters and return its rows, times aware in WIB."""
        return self._rows_in(None, sql, params)

    def recall(
        self, sql: str, *, day: date | None = None, tables: Collection[str] = (), **params: Any
    ) -> list[dict[str, Any]]:
        """Answer like `rows`, once for all who ask the same of the same snapshot.

        A panel and a layer of the map that show one thing ask for it at the same time.

        Args:
            day: WIB day of the past that the question is about, where it may be answered from
                `tables` as `data.past` holds them.
        """
        if day is None or self._past is None:
            return self._recall(None, sql, params)
        with self._past.held(day, tables) as schema:
            return self._recall(schema, sql, params)

    def _recall(self, schema: str | None, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        key = (sql, tuple(params.items()), schema or self.snapshot())
        with self._recall_turn:
            answer = self._recalled.get(key)
            mine = answer is None
            if answer is None:
                answer = self._recalled[key] = Future()
                if len(self._recalled) > RECALLED:
                    self._recalled.popitem(last=False)
        if mine:
            try:
                answer.set_result(self._rows_in(schema, sql, params))
            except BaseException as error:
                with self._recall_turn:
                    self._recalled.pop(key, None)
                answer.set_exception(error)
        return [dict(row) for row in answer.result()]

    def hold_reference(self) -> None:
        """Keep in memory what is asked for again and again, for as long as this handle is open.

        A table of twenty rows takes ten milliseconds to read from the lake, in every question. The
        reference tables change only where a newer program upgrades the lake; of past days
        `data.past` keeps those asked for last.
        """
        held = {row["table_name"] for row in self.tables()}
        for path in sorted(REFERENCE_FOLDER.glob("*.csv")):
            if path.stem in held:
                self.cursor().execute(
                    f'create table memory.main."{path.stem}" as from lake.main."{path.stem}"'
                )
        self._path = "memory.main,lake.main"
        self._past = PastDays(self)

    def _rows_in(
        self, schema: str | None, sql: str, params: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Answer like `rows`; names of tables are looked up in a schema of the memory first."""
        result = self._ask(sql, params, schema)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, sql: str, **params: Any) -> Any:
        """Run a query and return the first column of its first row; None where it has none."""
        row = self._ask(sql, params).fetchone()
        return None if row is None else row[0]

    def frame(self, sql: str, **params: Any) -> pd.DataFrame:
        """Run a query and return a pandas frame."""
        frame: pd.DataFrame = self._ask(sql, params).df()
        return frame

    def arrow(self, sql: str, **params: Any) -> pa.Table:
        """Run a query and return an Arrow table."""
        return self._ask(sql, params).to_arrow_table()

    def snapshot(self) -> int:
        """Return the number of the newest snapshot; it rises with every commit."""
        return int(self.value("select id from lake.current_snapshot()"))

    def tables(self) -> list[dict[str, Any]]:
        """Return `table_name`, `column_name`, `data_type`, `comment` of every column."""
        return self.rows(
            "select table_name, column_name, data_type, comment from duckdb_columns()"
            " where database_name = 'lake' order by table_name, column_index"
        )

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the writer's lock and one transaction; commit at the end, roll back on an error.

        Raises:
            LakeError: The lake was opened for reading only.
        """
        if self._read_only:
            raise LakeError("the lake was opened for reading only")
        with self._write_turn, self._locked():
            cursor = self.cursor()
            cursor.execute("begin")
            try:
                yield cursor
                cursor.execute("commit")
            except BaseException as error:
                self._roll_back(cursor)
                if isinstance(error, BROKEN):
                    self._reopen(error)
                raise

    def settle(self) -> None:
        """Build the rollups that loads left for later."""
        if self.value("select 1 from rollups_due limit 1"):
            with self.write() as cursor:
                rollups.settle(cursor)

    @contextmanager
    def maintain(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the writer's lock without a transaction, for DuckLake's own upkeep calls."""
        with self._write_turn, self._locked():
            yield self.cursor()

    def close(self) -> None:
        """Close the connection; cursors of other threads end with it."""
        self._connection.close()
        while self._standing_by:
            os.close(self._standing_by.pop())

    def _ask(
        self, sql: str, params: dict[str, Any], schema: str | None = None
    ) -> duckdb.DuckDBPyConnection:
        try:
            return self.cursor(schema).execute(sql, params)
        except BROKEN as error:
            # What was kept in memory is lost with it; the lake knows the same.
            self._reopen(error)
            return self.cursor().execute(sql, params)

    def _reopen(self, error: Exception) -> None:
        """Open the lake anew: after an error of its own the engine answers nothing any more.

        Seen with 1.5.5, rarely, in a window over several threads; asked again it is answered.
        """
        broken = self._local.connection
        with self._open_turn:
            if self._connection is not broken:
                return
            log.error("lake.reopened", error=masked(_first_line(error)))
            self._path = "lake.main"
            self._connection = self._attach()
            if self._past is not None:
                self.hold_reference()

    @staticmethod
    def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
        try:
            cursor.execute("rollback")
        except duckdb.Error as error:
            log.warning("lake.rollback_failed", error=masked(str(error)))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # DuckLake writers that meet fail with "database is locked" whatever the busy timeout, so
        # that the CLI and the scheduler take turns here, and say that they wait.
        waited = 0.0
        while True:
            try:
                self._lock.acquire(timeout=LOCK_NOTICE_SECONDS)
                break
            except Timeout:
                waited += LOCK_NOTICE_SECONDS
                log.info("lake.waiting_for_writer", seconds=waited, lock=self._lock.lock_file)
        try:
            yield
        finally:
            self._lock.release()

    def _make_folders(self) -> None:
        try:
            (self._settings.root / "lake").mkdir(parents=True, exist_ok=True)
            if not self._settings.data_url.startswith("s3://"):
                Path(self._settings.data_url).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LakeError(
                f"cannot make {error.filename}: {error.strerror}; set KOMANDO_HOME (and"
                " KOMANDO_DATA_PATH, if set) to a folder that may be written and has room"
            ) from error

    def _attach(self) -> duckdb.DuckDBPyConnection:
        settings = self._settings
        kind, _, where = settings.catalog_url.partition(":")
        if kind not in ("sqlite", "postgres") or not where:
            raise LakeError(
                f"KOMANDO_CATALOG is {masked(settings.catalog_url)!r};"
                " it must be sqlite:PATH or postgres:DSN"
            )
        if kind == "sqlite" and self._read_only and not Path(where).exists():
            raise LakeError(
                f"there is no lake at {where}; any `python -m etl` command makes one,"
                " `make run` fills it"
            )
        extensions = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}
        wanted = [extensions[kind], "ducklake"]
        try:
            connection = duckdb.connect(
                config={
                    "autoinstall_known_extensions": "false",
                    "autoload_known_extensions": "false",
                    "memory_limit": settings.memory_limit,
                    # A reader's questions are many and small: two threads that share one of them
                    # take twice the processor's time.
                    "threads": "1" if self._read_only else str(settings.threads),
                    "temp_directory": str(settings.root / "tmp"),
                }
            )
        except duckdb.Error as error:
            raise LakeError(
                f"KOMANDO_MEMORY_LIMIT is {settings.memory_limit!r}: {_first_line(error)}"
            ) from error
        if settings.data_url.startswith("s3://"):
            wanted.append("httpfs")
        for name in wanted:
            connection.execute(f"load {quoted(extension_path(name))}")
        if "httpfs" in wanted:
            self._sign_in_to_s3(connection)
        options = [
            f"data_path {quoted(settings.data_url)}",
            f"data_inlining_row_limit {INLINE_ROWS}",
        ]
        # Without WAL a commit shuts readers out; without a timeout they give up at once.
        if kind == "sqlite":
            options.append(f"meta_busy_timeout {BUSY_MILLISECONDS}")
        if self._read_only:
            options.append("read_only")
        elif kind == "sqlite":
            options.append("meta_journal_mode 'wal'")
        try:
            connection.execute(
                f"attach {quoted(f'ducklake:{kind}:{where}')} as lake ({', '.join(options)})"
            )
        except duckdb.Error as error:
            # Chained, it would show the password of PostgreSQL, which its message repeats.
            raise LakeError(
                f"cannot open the lake at {masked(where)}: {masked(_first_line(error))}"
            ) from None
        return connection

    def _sign_in_to_s3(self, connection: duckdb.DuckDBPyConnection) -> None:
        settings = self._settings
        connection.execute(
            f"create secret (type s3, provider config, key_id {quoted(settings.s3_key)},"
            f" secret {quoted(settings.s3_secret.get_secret_value())},"
            f" region {quoted(settings.s3_region)}, endpoint {quoted(settings.s3_endpoint)},"
            f" url_style 'path', use_ssl {settings.s3_tls})"
        )

    def _version(self) -> int | None:
        try:
            version = self.value("select max(version) from schema_version")
        except duckdb.CatalogException:
            return None
        return None if version is None else int(version)

    def _check_version(self) -> None:
        version, latest = self._version(), schema.latest_version()
        if version is None:
            raise LakeError("the lake is empty; any `python -m etl` command fills its schema")
        if version > latest:
            raise LakeError(_newer(version, latest))
        if version < latest:
            raise LakeError(
                f"the lake has schema version {version}, this program needs {latest}:"
                " any `python -m etl` command brings it up to date"
            )

    def _is_current(self) -> bool:
        """Tell whether nothing needs upgrading, so that no writer has to be waited for."""
        return (
            self._version() == schema.latest_version()
            and not self._changed_references()
            and not self._changed_rollups()
        )

    def _upgrade(self) -> None:
        version, latest = self._version(), schema.latest_version()
        if version is not None and version > latest:
            raise LakeError(_newer(version, latest))
        if version is None:
            self._refuse_foreign_files()
            self._apply(schema.create_statements(), latest)
        else:
            for number, sql in schema.steps():
                if number > version:
                    log.info("lake.upgrade", to=number)
                    self._apply([sql], number)
        self._load_reference()
        for rollup in self._changed_rollups():
            log.info("lake.rollup", name=rollup.name)
            with self.write() as cursor:
                rollups.make(cursor, rollup)
                _note_file(cursor, rollup.name, rollup.digest)
        with self.write() as cursor:
            _touch_unused(cursor)

    def _refuse_foreign_files(self) -> None:
        """Refuse a data folder that is not this new lake's alone: upkeep removes what it lacks.

        Raises:
            LakeError: There are Parquet files of another.
        """
        # A first start that was killed may have left some of today's; upkeep spares those as well.
        found = self.rows(
            "select filename from read_blob($files) where last_modified < $before"
            " or not starts_with(parse_filename(filename), 'ducklake-') limit 1",
            files=f"{self._settings.data_url}**/*.parquet",
            before=datetime.now(UTC) - ORPHANS_KEPT,
        )
        if found:
            raise LakeError(
                f"{found[0]['filename']} is of another lake: set KOMANDO_DATA_PATH to an empty"
                " folder, or KOMANDO_CATALOG to the catalogue that it belongs to"
            )

    def _apply(self, statements: Sequence[str], version: int) -> None:
        with self.write() as cursor:
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("insert into schema_version values ($1, now())", [version])

    def _load_reference(self) -> None:
        """Bring `data/reference/*.csv` into the lake where a file changed."""
        changed = self._changed_references()
        if not changed:
            return
        with self.write() as cursor:
            cursor.execute(
                "create table if not exists reference_files"
                " (name varchar, digest varchar, loaded_at timestamptz)"
            )
            for path, digest in changed.items():
                name = path.stem
                cursor.execute(f'drop table if exists "{name}"')
                cursor.execute(f'create table "{name}" as {_reference_select(path)}')
                _note_file(cursor, name, digest)

    def _changed_references(self) -> dict[Path, str]:
        """Return the files whose content the lake does not hold yet, with their digests."""
        known = self._reference_digests()
        digests = {
            path: sha256(path.read_bytes()).hexdigest()
            for path in sorted(REFERENCE_FOLDER.glob("*.csv"))
        }
        return {path: digest for path, digest in digests.items() if known.get(path.stem) != digest}

    def _changed_rollups(self) -> list[rollups.Rollup]:
        known = self._reference_digests()
        return [one for one in rollups.all_rollups() if known.get(one.name) != one.digest]

    def _reference_digests(self) -> Mapping[str, str]:
        try:
            return {row["name"]: row["digest"] for row in self.rows("from reference_files")}
        except duckdb.CatalogException:
            return {}


def quoted(text: object) -> str:
    """Return `text` as a literal of SQL, for where no parameter can stand."""
    return "'" + str(text).replace("'", "''") + "'"


def extension_path(name: str) -> Path:
    """Return the file of a DuckDB extension that came as a wheel.

    Raises:
        LakeError: The wheel is not installed.
    """
    try:
        module = importlib.import_module(f"duckdb_extension_{name}")
    except ModuleNotFoundError as error:
        raise LakeError(
            f"the package duckdb-extension-{name.replace('_', '-')} is missing;"
            " install the locked requirements"
        ) from error
    folder = Path(str(module.__file__)).parent / "extensions"
    found = next(folder.glob(f"*/{name}.duckdb_extension"), None)
    if found is None:
        raise LakeError(f"{folder} holds no {name} for DuckDB; install the locked requirements")
    return found


def _stand_by(catalogue: Path) -> list[int]:
    """Hold the locks of an idle connection to an SQLite catalogue; return the descriptors.

    The scanner opens a connection for each question. Where none was open for a moment, the next
    sets up SQLite's shared memory anew, and who comes meanwhile sleeps a whole second, for this
    SQLite knows no shorter sleep. The locks are of open files, which no other connection of the
    process can lose; where the system knows none, questions wait as before.
    """
    held: list[int] = []
    shared_memory = catalogue.with_name(f"{catalogue.name}-shm")
    for path, first_byte in ((catalogue, SQLITE_SHARED), (shared_memory, SQLITE_CONNECTED)):
        with suppress(OSError, AttributeError):
            held.append(os.open(path, os.O_RDONLY))
            # struct flock: kind, from where, first byte, length, no process.
            lock = struct.pack("@hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, first_byte, 1, 0)
            fcntl.fcntl(held[-1], fcntl.F_OFD_SETLK, lock)
    return held


def _touch_unused(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give each table that never held a row the statistics of an empty one.

    Where there are none, DuckLake 1.5.5 looks for them again for each column, in each question.
    """
    unused = cursor.execute(
        "select table_name from __ducklake_metadata_lake.ducklake_table"
        " anti join __ducklake_metadata_lake.ducklake_table_stats using (table_id)"
        " where end_snapshot is null"
    ).fetchall()
    for (name,) in unused:
        cursor.execute(f'insert into "{name}" default values; delete from "{name}"')


def _reference_select(path: Path) -> str:
    # Codes look like decimals and ids like numbers: both stay text.
    with path.open(encoding="utf-8") as file:
        header = file.readline().strip().split(",")
    text = [
        name
        for name in header
        if name in ("code", "id", "alias", "period") or name.endswith(("_code", "_id", "_uuid"))
    ]
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in text)
    options = f", types = {{{types}}}" if types else ""
    return (
        f"select * from read_csv({quoted(path)}, header = true, delim = ',', quote = '\"',"
        " escape = '\"',"
        f" sample_size = -1{options})"
    )


def _note_file(cursor: duckdb.DuckDBPyConnection, name: str, digest: str) -> None:
    cursor.execute("delete from reference_files where name = $1", [name])
    cursor.execute(
        "insert into reference_files values ($1, $2, $3)", [name, digest, datetime.now(UTC)]
    )


def _newer(version: int, latest: int) -> str:
    return (
        f"the lake has schema version {version}, this program speaks {latest}:"
        " install the newer program, or restore a backup made with this one"
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
