"""The versions of the feeds: what browsers poll at `/versi`, and what panels are cached by.

A process looks at the lake at most once a second, and reads the runs only where a commit was made
since; all requests in between share one document.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

from data import queries
from data.asof import WIB, AsOf
from data.clock import Clock
from data.freshness import Budget, Progress, State, counted_from, judge
from data.lake import Lake
from data.queries import Row

LOOK_EVERY = timedelta(seconds=1)
# Runs are read from the last one seen on, less this: a run is noted a little after its end.
OVERLAP = timedelta(hours=1)
# A purge or a restore takes runs away, which reading on from the last one would not see.
READ_ALL_EVERY = timedelta(minutes=10)
# Stands for "whatever any feed does", runs without new data included.
ANY_FEED = "*"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Feed:
    """One feed as declared, and where it stands.

    Args:
        version: Rises when the feed's data change.
        moment: What its age counts from; None before its first good run.
        run: The feed's row of the query `feed_states`; None before its first run.
    """

    name: str
    title: str
    scheduled: bool
    simulated: bool
    version: int
    state: State
    moment: datetime | None
    budget: Budget
    progress: Progress
    declared: Row
    run: Row | None = None


class Versions:
    """The feeds of one lake, as a web process sees them.

    Args:
        lake: Where feeds and their runs are noted.
        clock: The shared clock; its real side paces the looks at the lake.
    """

    def __init__(self, lake: Lake, clock: Clock) -> None:
        self._lake = lake
        self._clock = clock
        self._turn = threading.Lock()
        self._looked_at: datetime | None = None
        self._read_all_at: datetime | None = None
        self._snapshot = -1
        self._declared: list[Row] = []
        self._runs: dict[str, Row] = {}
        self._feeds: dict[str, Feed] = {}
        self._document = b""
        self._tag = ""

    def feeds(self) -> Mapping[str, Feed]:
        """Return every declared feed by name, scheduled ones first."""
        self._look()
        return self._feeds

    def signature(self, feeds: Collection[str]) -> str:
        """Return what changes when the data or the state of one of `feeds` change."""
        known = self.feeds()
        if ANY_FEED in feeds:
            return self._tag.strip('"')
        return ",".join(
            f"{name}:{known[name].version}:{known[name].state}" for name in feeds if name in known
        )

    def simulated(self, feeds: Collection[str]) -> bool:
        """Answer whether one of `feeds` comes from the simulated city."""
        known = self.feeds()
        names = known if ANY_FEED in feeds else feeds
        return any(known[name].simulated for name in names if name in known)

    def at(self, as_of: AsOf) -> Mapping[str, Feed]:
        """Return every feed as it stood at a moment, as far as it was known then."""
        if as_of.live:
            return self.feeds()
        declared = queries.feeds(self._lake)
        until = min(as_of.event_time, as_of.known_time)
        runs = queries.feed_states(self._lake, since=BEGINNING, until=until)
        return _join(declared, {row["feed"]: row for row in runs}, until)

    def answer(self) -> Response:
        """Answer `GET /versi`, with 304 where the feeds are as the asker knows them."""
        self._look()
        tag, document = self._tag, self._document
        if request.headers.get("If-None-Match") == tag:
            response = Response(status=304)
        else:
            response = Response(document, mimetype="application/json")
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "no-cache"
        return response

    def _look(self) -> None:
        real = self._clock.real()
        looked_at = self._looked_at
        if looked_at is not None and timedelta(0) <= real - looked_at < LOOK_EVERY:
            return
        # Who comes while another looks takes the last document; only the first have to wait.
        if not self._turn.acquire(blocking=looked_at is None):
            return
        try:
            if self._looked_at is looked_at:
                self._refresh(real)
                self._looked_at = real
        finally:
            self._turn.release()

    def _refresh(self, real: datetime) -> None:
        snapshot = self._lake.snapshot()
        if snapshot != self._snapshot:
            self._read(real)
            self._snapshot = snapshot
        now = self._clock.now()
        feeds = _join(self._declared, self._runs, now)
        body = orjson.dumps({name: _public(feed) for name, feed in feeds.items()})
        tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        head = orjson.dumps({"now": now.astimezone(WIB), "speed": self._clock.speed})
        self._feeds = feeds
        self._document = head[:-1] + b',"feeds":' + body + b"}"
        self._tag = tag

    def _read(self, real: datetime) -> None:
        whole = self._read_all_at is None or real - self._read_all_at > READ_ALL_EVERY
        ends = [row["ran_at"] for row in self._runs.values() if row["ran_at"] is not None]
        since = BEGINNING if whole or not ends else max(ends) - OVERLAP
        # Far ahead, not now: the writer's clock may be a little before ours.
        until = self._clock.now() + timedelta(days=1)
        runs = {
            row["feed"]: row for row in queries.feed_states(self._lake, since=since, until=until)
        }
        if whole:
            self._runs = runs
            self._read_all_at = real
        else:
            self._runs = self._runs | {
                name: _newer(self._runs.get(name), row) for name, row in runs.items()
            }
        self._declared = queries.feeds(self._lake)


def _newer(old: Row | None, new: Row) -> Row:
    """Lay what the newer runs say over what the older ones said."""
    if old is None:
        return new
    return (
        old
        | {key: value for key, value in new.items() if value is not None}
        | ({"error": new["error"]} if new["ran_at"] is not None else {})
    )


def _join(declared: Collection[Row], runs: Mapping[str, Row], now: datetime) -> dict[str, Feed]:
    return {row["feed"]: _feed(row, runs.get(row["feed"]), now) for row in declared}


def _feed(row: Row, run: Row | None, now: datetime) -> Feed:
    budget = Budget(_seconds(row["late_s"]), _seconds(row["expired_s"]), row["clock"])
    progress = (
        Progress()
        if run is None
        else Progress(
            run["event_time"],
            run["known_time"],
            failing=run["outcome"] == "failed",
            empty=run["last_content"] == "empty",
        )
    )
    simulated = bool(row["simulated"] if run is None else run["simulated"])
    return Feed(
        name=row["feed"],
        title=row["title"],
        scheduled=bool(row["scheduled"]),
        simulated=simulated,
        version=0 if run is None else int(run["version"] or 0),
        state=judge(budget, progress, now),
        moment=counted_from(budget, progress),
        budget=budget,
        progress=progress,
        declared=row,
        run=run,
    )


def _public(feed: Feed) -> dict[str, Any]:
    return {
        "title": feed.title,
        "version": feed.version,
        "event_time": _wib(feed.progress.event_time),
        "known_time": _wib(feed.progress.known_time),
        "moment": _wib(feed.moment),
        "state": feed.state,
        "simulated": feed.simulated,
        "scheduled": feed.scheduled,
        "failing": feed.progress.failing,
        "late_s": feed.declared["late_s"],
        "expired_s": feed.declared["expired_s"],
    }


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _wib(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(WIB)
