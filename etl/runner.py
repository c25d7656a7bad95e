"""Run a feed: fetch, keep the raw bytes, parse, check, append what is new, note the run.

One run is one transaction of the lake: killed at any moment it leaves nothing half written, and the
next run completes it. A feed that fails notes that and harms no other.
"""

from __future__ import annotations

import mmap
import shutil
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import structlog

from data import rollups
from data.append import Origin, Refused, append, arrow_table, with_kelurahan
from data.areas import Locator, kelurahan_locator
from data.clock import Clock
from data.frames import Frames
from data.lake import Lake
from data.settings import masked
from data.tables import TABLES, Table
from etl.archive import Archive, content_hash
from etl.config import Source
from etl.errors import EtlError, FetchError, Malformed, Misconfigured, Unreachable
from etl.feed import Batch, Context, Feed, Item, Reject, Request, Response, Row, State, ask_once
from etl.fetch import Fetcher

log = structlog.get_logger()

Result: TypeAlias = Literal["ok", "empty", "unchanged", "partial", "failed"]
BATCH_ROWS = 50_000
AHEAD_ITEMS = 5_000
QUARANTINE_ROWS = 10_000
SHOWN_REFUSALS = 5
ENDED_WITHIN = timedelta(days=7)
LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass
class Tally:
    """What a run did; a row of `feed_runs` in the making.

    Args:
        refused: The first few rows in quarantine, with the table that each was meant for.
    """

    run_id: str
    feed: str
    started_at: datetime
    simulated: bool
    live: bool = False
    history: bool = False
    outcome: Result = "ok"
    fetched: int = 0
    loaded: int = 0
    unchanged: int = 0
    quarantined: int = 0
    ended: int = 0
    bytes: int = 0
    error: str | None = None
    raw: list[str] = field(default_factory=list)
    etag: str | None = None
    newest: datetime | None = None
    refused: list[tuple[str | None, Refused]] = field(default_factory=list, repr=False)

    def summary(self) -> dict[str, Any]:
        """Return the counts, for a log line or a terminal."""
        return {
            "feed": self.feed,
            "outcome": self.outcome,
            "fetched": self.fetched,
            "loaded": self.loaded,
            "unchanged": self.unchanged,
            "quarantined": self.quarantined,
            "ended": self.ended,
        }


class Runner:
    """Runs feeds against one lake.

    Args:
        lake: Open for writing.
        clock: The shared clock.
        feeds: All feeds by name.
        sources: Those that are configured, by name.
        fetcher: The HTTP client.
        archive: Where raw payloads go.
        reporter_key: Secret of the keyed reporter hash.
        watched: Gives the cameras that some screen shows now.
        frames: Where the last good picture of each camera is kept; None: nowhere.
    """

    def __init__(
        self,
        lake: Lake,
        clock: Clock,
        feeds: Mapping[str, Feed],
        sources: Mapping[str, Source],
        fetcher: Fetcher,
        archive: Archive,
        *,
        reporter_key: bytes = b"",
        watched: Callable[[datetime], frozenset[str]] = lambda _now: frozenset(),
        frames: Frames | None = None,
    ) -> None:
        self._lake = lake
        self._clock = clock
        self._feeds = feeds
        self._sources = sources
        self._fetcher = fetcher
        self._archive = archive
        self._reporter_key = reporter_key
        self._watched = watched
        self._frames = frames
        self._locator: Locator | None = None
        self._located: int | None = None
        self._locator_turn = threading.Lock()
        self._failing: set[str] = set()
        self._memory: dict[str, dict[str, Any]] = {}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let runs that ask for hundreds of pages end with those that they have."""
        self._stopping.set()

    def run(self, name: str, *, dry: bool = False) -> Tally:
        """Ask the feed's source once and load what is new.

        Args:
            name: A configured feed.
            dry: Fetch, parse and check, then roll everything back.

        Raises:
            Misconfigured: feeds.toml does not name it.
        """
        feed = self._feed(name)
        source = self._sources.get(name)
        if source is None:
            raise Misconfigured(f"feeds.toml has no [{name}]; add one with its url")
        if source.problem is not None:
            raise Misconfigured(source.problem)
        previous = self._last_run(name)
        tally = self._begin(name, simulated=source.simulated)
        tally.live = True
        started = time.perf_counter()
        self._check_disk()
        state = State(
            url=source.url,
            now=tally.started_at,
            last_event_time=_newest_seen(self._last_run(name, whole=True), tally),
            query=self._lake.rows,
            watched=self._watched(tally.started_at),
            frames=None if dry else self._frames,
            speed=self._clock.speed,
            memory=self._memory.setdefault(name, {}),
        )
        try:
            # Who tries a feed wants to see the payload, also where it did not change.
            etag = None if dry else previous.get("etag")
            responses = self._ask(feed, source, state, tally, etag)
            payloads = [
                (
                    answer.body,
                    Context(
                        fetched_at=answer.fetched_at,
                        url=answer.request.url,
                        reporter_key=self._reporter_key,
                        latency_ms=answer.latency_ms,
                        error=answer.error,
                        modified=answer.modified,
                        state=state,
                        about=answer.request.about,
                    ),
                    answer.request.keep,
                )
                for answer in responses
                if not answer.not_modified
            ]
            if responses and not payloads:
                tally.outcome = "unchanged"
            self._load(feed, payloads, tally, started, dry=dry)
        except Exception as error:
            # Whatever broke, the next feed goes on.
            tally = self._crashed(tally, error, started, dry=dry)
        self._log(tally)
        return tally

    def run_file(
        self, name: str, body: bytes, file_name: str, *, history: bool = True, dry: bool = False
    ) -> Tally:
        """Load one payload that lies in a file.

        Args:
            name: Any feed, configured or not.
            body: Bytes or a memory map of the file.
            file_name: Its name, which may carry the station or the moment.
            history: Assume known_time from event_time; else the rows are known now.
            dry: Parse and check, then roll everything back.

        Raises:
            Malformed: The feed does not read such a file.
        """
        feed = self._feed(name)
        tally = self._begin(name, simulated=False)
        tally.history = history
        tally.bytes = len(body)
        started = time.perf_counter()
        self._check_disk()
        context = Context(
            fetched_at=tally.started_at,
            url=file_name if "://" in file_name else "",
            name=file_name,
            reporter_key=self._reporter_key,
        )
        tally.raw.append(Path(file_name).name)
        try:
            self._load(feed, [(body, context, False)], tally, started, dry=dry, strict=True)
        except EtlError:
            raise
        except Exception as error:
            tally = self._crashed(tally, error, started, dry=dry)
        self._log(tally)
        return tally

    def _crashed(self, tally: Tally, error: Exception, started: float, *, dry: bool) -> Tally:
        """Put a run on record whose rows were rolled back, and return what it came to."""
        # Not the message, which may quote a row.
        log.error(
            "feed.crashed",
            feed=tally.feed,
            run=tally.run_id,
            error=type(error).__name__,
            where=traceback.format_tb(error.__traceback__),
        )
        failed = Tally(
            tally.run_id,
            tally.feed,
            tally.started_at,
            tally.simulated,
            live=tally.live,
            history=tally.history,
            outcome="failed",
            bytes=tally.bytes,
            error=_crash_text(error, tally.run_id),
            raw=tally.raw,
        )
        if not dry:
            with self._lake.write() as cursor:
                previous = self._last_run(tally.feed)
                note_run(cursor, failed, previous, self._clock.now(), started)
        return failed

    def _begin(self, name: str, *, simulated: bool) -> Tally:
        return Tally(uuid.uuid4().hex, name, self._clock.now(), simulated)

    def _feed(self, name: str) -> Feed:
        try:
            return self._feeds[name]
        except KeyError:
            raise Misconfigured(
                f"no feed is called {name!r}; there are {', '.join(self._feeds)}"
            ) from None

    def _last_run(self, name: str, *, whole: bool = False) -> Row:
        """Return the newest run; with `whole`, the newest that got all that it asked for."""
        found = self._lake.rows(
            "select version, event_time, known_time, etag, simulated from feed_runs"
            " where feed = $feed and (not $whole or outcome not in ('partial', 'failed'))"
            " order by version desc, finished_at desc limit 1",
            feed=name,
            whole=whole,
        )
        return found[0] if found else {}

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self._lake.folder).free
        if free < LEAST_FREE_BYTES:
            raise EtlError(
                f"{self._lake.folder}: only {free // 2**20} MB free; nothing is loaded until"
                f" there are {LEAST_FREE_BYTES // 2**20} MB (see `etl maintain`)"
            )

    def _ask(
        self, feed: Feed, source: Source, state: State, tally: Tally, etag: str | None
    ) -> list[Response]:
        pace = (feed.pace if source.pace is None else source.pace).total_seconds()
        responses: list[Response] = []
        exchange = feed.requests(state)
        try:
            wanted = next(exchange)
            while True:
                answer: Response | list[Response]
                if isinstance(wanted, Request):
                    # That a first page is as it was tells nothing of the pages behind it.
                    tag = etag if feed.requests is ask_once else None
                    answer = self._fetcher.fetch(
                        wanted,
                        headers=source.headers,
                        etag=tag,
                        allowed_hosts=source.allowed_hosts,
                    )
                    responses.append(answer)
                    if len(responses) == 1:
                        tally.etag = answer.etag
                else:
                    answer = self._fetcher.fetch_many(
                        wanted,
                        parallel=feed.parallel,
                        headers=source.headers,
                        allowed_hosts=source.allowed_hosts,
                    )
                    responses.extend(answer)
                wanted = exchange.send(answer)
                if self._stopping.wait(pace):
                    raise Unreachable("dihentikan sebelum semua halaman diminta")
        except StopIteration:
            pass
        except (FetchError, Malformed) as error:
            tally.error = str(error)
            tally.outcome = "partial" if responses else "failed"
        tally.bytes = sum(len(answer.body) for answer in responses)
        return responses

    def _load(
        self,
        feed: Feed,
        payloads: Sequence[tuple[bytes, Context, bool]],
        tally: Tally,
        started: float,
        *,
        dry: bool,
        strict: bool = False,
    ) -> None:
        """Parse and append in one transaction; with `strict`, a malformed payload is raised."""
        try:
            with self._lake.write() as cursor:
                load = _Load(self, cursor, feed, tally)
                parsed = 0
                for body, context, keep in payloads:
                    try:
                        load.payload(body, context)
                        parsed += 1
                    except Malformed as error:
                        if strict:
                            raise
                        tally.error = _malformed_text(error, body)
                        continue
                    if keep and not dry:
                        kept = feed.redact(body, context) if feed.redact else body
                        tally.raw.append(self._archive.keep(tally.feed, kept))
                load.finish(complete=parsed == len(payloads) and tally.error is None)
                if tally.error is not None:
                    tally.outcome = "partial" if parsed else "failed"
                elif tally.outcome == "ok" and feed.complete and tally.fetched == 0:
                    tally.outcome = "empty"
                elif tally.fetched and tally.quarantined == tally.fetched:
                    tally.outcome = "failed"
                    tally.error = f"semua {tally.fetched} baris masuk karantina"
                # Asked here, for another process may have run the feed while this one fetched.
                previous = self._last_run(tally.feed)
                note_run(cursor, tally, previous, self._clock.now(), started)
                if dry:
                    raise _RollBack
        except _RollBack:
            pass

    def _log(self, tally: Tally) -> None:
        """Log each run, a failing feed only when it begins to fail and when it is back."""
        failed = tally.outcome == "failed"
        if failed and tally.feed not in self._failing:
            self._failing.add(tally.feed)
            log.error("feed.failing", error=tally.error, **tally.summary())
        elif not failed and tally.feed in self._failing:
            self._failing.discard(tally.feed)
            log.info("feed.recovered", **tally.summary())
        elif not failed:
            log.debug("feed.run", error=tally.error, **tally.summary())

    def locator(self) -> Locator:
        """Return the locator over the lake's kelurahan, made anew after `etl boundaries`."""
        drawn = self._lake.value(
            "select bit_xor(hash(code, geometry)) from area_shapes where level = 'kelurahan'"
        )
        with self._locator_turn:
            if self._locator is None or self._located != drawn:
                self._locator, self._located = kelurahan_locator(self._lake), drawn
            return self._locator


class _RollBack(Exception):
    """Leave the transaction of a dry run."""


class _Load:
    """One run's rows on their way into the lake."""

    def __init__(
        self, runner: Runner, cursor: duckdb.DuckDBPyConnection, feed: Feed, tally: Tally
    ) -> None:
        self._runner = runner
        self._cursor = cursor
        self._feed = feed
        self._tally = tally
        self._ordinal = 0
        self._waiting: dict[str, list[Row]] = {}
        self._waiting_rows = 0
        self._refused: list[tuple[str | None, Refused]] = []
        self._changed: set[str] = set()
        self._listed: dict[str, set[tuple[Any, ...]]] = {name: set() for name in feed.complete}
        self._moment: datetime | None = None
        self._rejects = 0
        self._known_time = tally.started_at
        self._live = True

    def payload(self, body: bytes, context: Context) -> None:
        """Parse one payload; its rows wait until there are `BATCH_ROWS` of them, or for the end."""
        self._known_time = context.fetched_at
        self._live = context.state is not None
        for item in _ahead(self._feed.parse(body, context)):
            if isinstance(item, Batch):
                self._flush()
                self._append(TABLES[item.table], item.columns)
            elif isinstance(item, Reject):
                self._tally.fetched += 1
                self._rejects += 1
                self._refuse(None, Refused(self._ordinal, item.field, item.reason, item.raw))
                self._ordinal += 1
            else:
                name, row = item
                self._waiting.setdefault(name, []).append(row)
                self._waiting_rows += 1
                if self._waiting_rows >= BATCH_ROWS:
                    self._flush()

    def finish(self, *, complete: bool) -> None:
        """End what a whole payload no longer lists, write quarantine, note what rollups are due."""
        # Not after each payload: an append costs 50 ms, and a run may have 500 pictures.
        self._flush()
        if complete and not self._rejects and self._tally.outcome != "unchanged":
            for name in self._feed.complete:
                self._note_presence(TABLES[name])
        _write_quarantine(self._cursor, self._tally, self._refused)
        for name in sorted(self._changed):
            rollups.note(self._cursor, name, self._tally.run_id)

    def _refuse(self, table: str | None, refused: Refused) -> None:
        self._tally.quarantined += 1
        if len(self._tally.refused) < SHOWN_REFUSALS:
            self._tally.refused.append((table, refused))
        self._refused.append((table, refused))
        if len(self._refused) >= QUARANTINE_ROWS:
            _write_quarantine(self._cursor, self._tally, self._refused)
            self._refused.clear()

    def _flush(self) -> None:
        for name, rows in self._waiting.items():
            table = TABLES[name]
            wanted = [*(column.name for column in table.columns), "event_time"]
            unknown = set().union(*rows) - set(wanted)
            if unknown:
                raise KeyError(f"{self._tally.feed}: {name} has no columns {sorted(unknown)}")
            self._append(table, {key: [row.get(key) for row in rows] for key in wanted})
        self._waiting.clear()
        self._waiting_rows = 0

    def _append(self, table: Table, columns: Mapping[str, Any]) -> None:
        batch, unfit = arrow_table(table, columns)
        length = batch.num_rows + len(unfit)
        if table.located:
            batch = with_kelurahan(batch, self._runner.locator())
        outcome = append(self._cursor, table, batch, self._origin())
        tally = self._tally
        tally.fetched += length
        tally.loaded += outcome.loaded
        tally.unchanged += outcome.unchanged
        for refused in (*unfit, *outcome.refused):
            self._refuse(table.name, replace(refused, ordinal=self._ordinal + refused.ordinal))
        # What a row without its key would have said is not known: it may be of any thing.
        self._rejects += len(unfit) + sum(one.field in table.key for one in outcome.refused)
        self._ordinal += length
        if outcome.loaded:
            self._changed.add(table.name)
        if outcome.newest is not None and (tally.newest is None or outcome.newest > tally.newest):
            tally.newest = outcome.newest
        if table.name in self._listed:
            self._note_listed(table, batch)

    def _origin(self) -> Origin:
        return Origin(
            self._tally.feed,
            self._tally.run_id,
            self._known_time,
            self._tally.simulated,
            self._feed.usual_lag if self._tally.history else None,
        )

    def _note_listed(self, table: Table, batch: pa.Table) -> None:
        names = [name for name in table.key if name != "event_time"]
        keys = zip(*(batch[name].to_pylist() for name in names), strict=True)
        self._listed[table.name].update(keys)
        newest = pc.max(batch["event_time"]).as_py() if table.series else None
        if newest is not None and (self._moment is None or newest > self._moment):
            self._moment = newest

    def _note_presence(self, table: Table) -> None:
        """Append an "ended" row for each thing that is listed no more, and one for each return.

        A thing that is listed again may carry the moment that it had before it vanished, so that
        its own row is known already and older than its end.
        """
        # A file, loaded years later perhaps, speaks of the moment that its rows speak of.
        moment = self._known_time if self._live else self._moment
        if moment is None:
            return
        names = [name for name in table.key if name != "event_time"]
        keys = ", ".join(names)
        span = {
            "feed": self._tally.feed,
            "simulated": self._tally.simulated,
            "moment": moment,
            "since": moment - ENDED_WITHIN,
        }
        within = (
            f"from {table.name} where feed = $feed and simulated = $simulated"
            " and event_time <= $moment and event_time > $since"
        )
        found = self._cursor.execute(
            f"""
            select {keys}, arg_max(coalesce(ended, false), (event_time, known_time)),
                max(event_time) filter (where not coalesce(ended, false))
            {within} group by {keys}
            """,
            span,
        ).fetchall()
        moved = {
            tuple(key): (not over, seen_at)
            for *key, over, seen_at in found
            if over == (tuple(key) in self._listed[table.name]) and seen_at is not None
        }
        if not moved:
            return
        own = [column.name for column in table.columns]
        # The first question reads few columns of many rows, this one all columns of few rows.
        rows = self._cursor.execute(
            f"""
            select {", ".join(own)} {within} and event_time >= $earliest
                and not coalesce(ended, false)
            qualify row_number() over (
                partition by {keys} order by event_time desc, known_time desc
            ) = 1
            """,
            {**span, "earliest": min(seen_at for _, seen_at in moved.values())},
        ).fetchall()
        columns: dict[str, list[Any]] = {name: [] for name in [*own, "event_time"]}
        for values in rows:
            row = dict(zip(own, values, strict=True))
            key = tuple(row[name] for name in names)
            if key in moved:
                row |= {"ended": moved[key][0], "event_time": moment}
                for name, value in row.items():
                    columns[name].append(value)
        batch, _ = arrow_table(table, columns)
        outcome = append(self._cursor, table, batch, self._origin())
        self._tally.ended += outcome.loaded
        if outcome.loaded:
            self._changed.add(table.name)


def _ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield `items`, parsing the next ones while the database is busy with these."""

    def take() -> list[Item]:
        taken: list[Item] = []
        for item in items:
            taken.append(item)
            if isinstance(item, Batch) or len(taken) >= AHEAD_ITEMS:
                break
        return taken

    with ThreadPoolExecutor(1) as pool:
        waiting = [pool.submit(take), pool.submit(take)]
        while taken := waiting.pop(0).result():
            waiting.append(pool.submit(take))
            yield from taken


@contextmanager
def open_file(path: Path) -> Iterator[bytes]:
    """Open the file as a memory map, so that a file of any size costs no memory.

    Raises:
        Misconfigured: It cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    with file:
        if path.stat().st_size == 0:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            yield view  # type: ignore[misc]  # a buffer, as `parse` wants it


def _newest_seen(previous: Row, tally: Tally) -> datetime | None:
    # Of the simulated city a real source knows nothing, and what a wrong clock dated ahead must
    # not hide what happens until then.
    newest: datetime | None = previous.get("event_time")
    if newest is None or previous["simulated"] != tally.simulated:
        return None
    return min(newest, tally.started_at)


def _crash_text(error: Exception, run_id: str) -> str:
    # A full disk is told in full; any other message may quote a row.
    if isinstance(error, OSError | duckdb.IOException):
        return masked(str(error) or type(error).__name__).splitlines()[0]
    return f"{type(error).__name__} saat memuat; lihat log proses {run_id}"


def _malformed_text(error: Malformed, body: bytes) -> str:
    """Describe a payload that cannot be parsed by hash, size and position, not by its bytes."""
    place = "" if error.position is None else f", byte ke-{error.position}"
    return f"{error} ({len(body)} byte, {content_hash(body)}{place})"


def _write_quarantine(
    cursor: duckdb.DuckDBPyConnection, tally: Tally, refused: Sequence[tuple[str | None, Refused]]
) -> None:
    if not refused:
        return
    rows = pa.table(
        {
            "run_id": pa.array([tally.run_id] * len(refused), pa.string()),
            "ordinal": pa.array([item.ordinal for _, item in refused], pa.int64()),
            "feed": pa.array([tally.feed] * len(refused), pa.string()),
            "table_name": pa.array([name for name, _ in refused], pa.string()),
            "recorded_at": pa.array([tally.started_at] * len(refused), pa.timestamp("us", "UTC")),
            "field": pa.array([item.field for _, item in refused], pa.string()),
            "reason": pa.array([item.reason for _, item in refused], pa.string()),
            "raw": pa.array([item.raw for _, item in refused], pa.string()),
        }
    )
    cursor.register("refused_rows", rows)
    # A source may repeat a bad row in each payload: kept once, until upkeep forgets it.
    cursor.execute(
        """
        insert into quarantine by name
        select * from refused_rows as refused where not exists (
            from quarantine as known
            where known.feed = $feed and known.run_id != $run_id
                and known.field is not distinct from refused.field
                and known.reason = refused.reason and known.raw = refused.raw
        )
        """,
        {"feed": tally.feed, "run_id": tally.run_id},
    )
    cursor.unregister("refused_rows")


def _next_etag(tally: Tally, previous: Row) -> str | None:
    # "Not modified" is a good answer only about what was loaded whole.
    if tally.outcome in ("ok", "empty"):
        return tally.etag
    return None if tally.outcome == "partial" else previous.get("etag")


def note_run(
    cursor: duckdb.DuckDBPyConnection,
    tally: Tally,
    previous: Row,
    finished_at: datetime,
    started: float,
) -> None:
    """Note a run, with what it adds up to after the `previous` one, in the caller's transaction.

    Args:
        finished_at: City time (aware).
        started: Of `time.perf_counter`.
    """
    if previous.get("simulated", tally.simulated) != tally.simulated:
        # Of a source that took the place of the simulated city's nothing is known yet.
        previous = {"version": previous["version"]}
    changed = bool(tally.loaded or tally.ended)
    times = [moment for moment in (previous.get("event_time"), tally.newest) if moment is not None]
    good = tally.live and tally.outcome != "failed"
    values = {
        "run_id": tally.run_id,
        "feed": tally.feed,
        "started_at": tally.started_at,
        "finished_at": finished_at,
        "outcome": tally.outcome,
        "fetched": tally.fetched,
        "loaded": tally.loaded,
        "unchanged": tally.unchanged,
        "quarantined": tally.quarantined,
        "ended": tally.ended,
        "bytes": tally.bytes,
        "seconds": time.perf_counter() - started,
        "error": tally.error,
        "raw_path": ", ".join(tally.raw) or None,
        "etag": _next_etag(tally, previous),
        "version": (previous.get("version") or 0) + changed,
        "event_time": max(times, default=None),
        "known_time": tally.started_at if good else previous.get("known_time"),
        "history": tally.history,
        "simulated": tally.simulated,
    }
    names = ", ".join(values)
    marks = ", ".join(f"${name}" for name in values)
    cursor.execute(f"insert into feed_runs ({names}) values ({marks})", values)  # noqa: S608
