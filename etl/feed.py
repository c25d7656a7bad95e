"""What a feed is: one frozen declaration and a pure `parse`; the runner does the rest."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

import etl.feeds
from data.frames import Frames
from data.tables import TABLES
from etl.errors import FetchError

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Reject:
    """A source row that cannot be read; the runner puts it into quarantine.

    Args:
        reason: What is wrong, in words an operator understands.
        field: Source field at fault, where one is.
        raw: The row as text, with secrets and personal data removed.
    """

    reason: str
    field: str | None = None
    raw: str = ""


@dataclass(frozen=True)
class Batch:
    """Many rows of one table, by column: for feeds where a dict a row would be too slow.

    Args:
        columns: Values by name, all of one length: own columns of the table and `event_time`,
            each a list or a pyarrow array.
    """

    table: str
    columns: Mapping[str, Sequence[Any]]

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        if any(len(values) != len(self) for values in self.columns.values()):
            raise ValueError(f"columns of {self.table} differ in length")

    def __len__(self) -> int:
        return len(self.columns["event_time"])


Item: TypeAlias = tuple[str, Row] | Reject | Batch
"""What `parse` yields: a table's name with a row of its own columns, a batch, or a reject."""


@dataclass(frozen=True)
class Request:
    """One GET.

    Args:
        url: Absolute URL.
        params: Query parameters.
        headers: Headers besides those of feeds.toml.
        timeout: Seconds until the answer must be complete.
        tolerate: A failure is an answer too (a dead camera): `parse` gets an empty body and
            `Context.error`, and the run does not fail.
        keep: The body goes to the raw archive; not for pictures.
        guarded: The URL came from a payload, so private addresses are refused (SSRF) unless
            the feed's configuration allows the host by name.
        about: What the answer is to be read with, handed on as `Context.about`; the runner
            does not look into it.
    """

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 20.0
    tolerate: bool = False
    keep: bool = True
    guarded: bool = False
    about: Any = None


@dataclass(frozen=True)
class Response:
    """What came back for one request.

    Args:
        fetched_at: Aware UTC, by the shared clock.
        latency_ms: From sending to the last byte, in real milliseconds.
        modified: Last-Modified, aware UTC; None where the server does not say.
        not_modified: HTTP 304: `body` is empty and nothing is parsed.
        error: Set where a tolerated request failed.
    """

    request: Request
    body: bytes
    fetched_at: datetime
    latency_ms: float = 0.0
    etag: str | None = None
    modified: datetime | None = None
    not_modified: bool = False
    error: FetchError | None = None


Exchange: TypeAlias = Generator[
    "Request | Sequence[Request]", "Response | Sequence[Response]", None
]


@dataclass(frozen=True)
class State:
    """What a feed may know before it asks.

    Args:
        url: The feed's URL from feeds.toml.
        now: Aware UTC, by the shared clock.
        last_event_time: Newest event_time that the lake holds of this feed; None at first.
        query: Runs read-only SQL on the lake: `query(sql, **params)` gives rows as dicts.
        watched: Ids of the cameras that some screen shows now.
        frames: Where the last good picture of each camera is kept; None: nowhere.
        speed: City seconds a real second.
        memory: What the feed's `requests` noted in earlier runs of this process; the runner
            keeps one a feed and hands it back. Lost on a restart, so never the only source.
    """

    url: str
    now: datetime
    last_event_time: datetime | None = None
    query: Callable[..., list[Row]] = lambda _sql, **_params: []
    watched: frozenset[str] = frozenset()
    frames: Frames | None = None
    speed: float = 1.0
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """Where a payload came from.

    Args:
        fetched_at: Aware UTC; "the future" begins here.
        url: URL of the request, or of `--from`.
        name: File name, where the payload is a file (a moment may be only there).
        reporter_key: Secret of the keyed reporter hash.
        latency_ms: Time that the fetch took.
        error: Why there is no body, for a tolerated request.
        modified: Last-Modified of the payload, aware UTC; None where the server does not say.
        state: What `requests` was given; None where a file is parsed by hand.
        about: `Request.about` of the request that this answers.
    """

    fetched_at: datetime
    url: str = ""
    name: str = ""
    reporter_key: bytes = b""
    latency_ms: float = 0.0
    error: FetchError | None = None
    modified: datetime | None = None
    state: State | None = None
    about: Any = None


def ask_once(state: State) -> Exchange:
    """Ask the feed's URL once: what most feeds do."""
    yield Request(state.url)


@dataclass(frozen=True)
class Feed:
    """One source, declared.

    Args:
        title: Name on screen, Indonesian.
        source: Who publishes it, with a link.
        licence: Terms under which it may be used, or what is missing for that.
        reads: The format in one line, named when a file is not of it.
        tables: Lake tables that `parse` fills; the first is the main one.
        parse: Pure: bytes (or a buffer) and context to items. Raises `Malformed` where the
            document as a whole is not of the format; a bad row is a `Reject`, never an error.
        every: Time between two runs; None for history files, which are only backfilled.
        late: Age from which the feed is late.
        expired: Age from which it is expired.
        clock: What the age is counted from. "event": the newest event_time (a sensor that
            reports steadily). "fetch": the last good fetch (a source where silence is news).
        usual_lag: known_time minus event_time that is assumed where history is loaded.
        complete: Tables of which each whole payload lists all that is, so that what vanished
            from it has ended.
        redact: Returns the bytes that may be kept; for feeds with personal data in them.
        requests: Generator of requests; it is sent each response, so that it can page.
        pace: Least real time between two requests of one run.
        parallel: Requests of one yielded sequence that may be under way at once.
    """

    title: str
    source: str
    licence: str
    reads: str
    tables: tuple[str, ...]
    parse: Callable[[bytes, Context], Iterator[Item]]
    every: timedelta | None = None
    late: timedelta | None = None
    expired: timedelta | None = None
    clock: Literal["event", "fetch"] = "event"
    usual_lag: timedelta = timedelta(0)
    complete: tuple[str, ...] = ()
    redact: Callable[[bytes, Context], bytes] | None = None
    requests: Callable[[State], Exchange] = ask_once
    pace: timedelta = timedelta(0)
    parallel: int = 1

    def __post_init__(self) -> None:
        """Refuse a declaration that names a table the lake does not have."""
        unknown = [name for name in (*self.tables, *self.complete) if name not in TABLES]
        if unknown or not self.tables:
            raise ValueError(f"unknown tables {unknown}; the lake has {sorted(TABLES)}")
        if self.every is not None and (self.late is None or self.expired is None):
            raise ValueError("a scheduled feed declares when it is late and when it is expired")


def discover() -> dict[str, Feed]:
    """Import every module of `etl.feeds` and return its `FEED` by module name, sorted by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(etl.feeds.__path__))
    return {name: importlib.import_module(f"etl.feeds.{name}").FEED for name in names}
