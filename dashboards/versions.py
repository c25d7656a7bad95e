"""The versions of the feeds: what browsers poll at `/versi`, and what panels are cached by.

A process looks at the lake at most once a second, and reads the runs only where a commit was made
since; all requests in between share one document.

`/versi?pada=…&seperti=…` tells the same of a past moment, as `data.feeds` finds it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

from dashboards.conditional import conditional
from data import queries
from data.asof import WIB, AsOf, read_as_of
from data.boards import ADDED_UP_AFTER, cut_of
from data.clock import Clock
from data.feeds import DAY, Day, Feed, feeds_at, join
from data.lake import Lake
from data.queries import Row

LOOK_EVERY = timedelta(seconds=1)
# Runs are read from the last one seen on, less this: a run is noted a little after its end.
OVERLAP = timedelta(hours=1)
# A purge or a restore takes runs away, which reading on from the last one would not see.
READ_ALL_EVERY = timedelta(minutes=10)
# Stands for "whatever any feed does", runs without new data included.
ANY_FEED = "*"
# What people do about alarms: not a feed, but with a version that panels follow as they do feeds'.
LEDGER = "alarm_ledger"
# The last midnight (WIB): what is counted up to it is drawn anew each day, and not with each run of
# the feeds that it is counted from; those say how far it can be trusted.
MIDNIGHT = "midnight"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# A run without rows tells of the day after it: "none" is then a finding and not a gap.
RUN_COVERS = timedelta(days=1)
PAST_KEPT = 512
DAYS_KEPT = 8
PAST_KEPT_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Past:
    """The feeds at a past moment.

    Args:
        sources: Tables and feeds that tell anything of the moment.
    """

    feeds: Mapping[str, Feed]
    sources: frozenset[str]
    document: bytes
    tag: str


class Versions:
    """The feeds of one lake, as a web process sees them.

    Args:
        lake: Where feeds and their runs are noted.
        clock: The shared clock; its real side paces the looks at the lake.
        ledger: Gives the number of the newest action about an alarm.
    """

    def __init__(self, lake: Lake, clock: Clock, ledger: Callable[[], int] = lambda: 0) -> None:
        self._lake = lake
        self._clock = clock
        self._ledger = ledger
        self._actions = 0
        self._turn = threading.Lock()
        self._looked_at: datetime | None = None
        self._read_all_at: datetime | None = None
        self._snapshot = -1
        self._declared: list[Row] = []
        self._runs: dict[str, Row] = {}
        self._feeds: dict[str, Feed] = {}
        self._document = b""
        self._tag = ""
        self._past: OrderedDict[tuple[datetime, datetime], tuple[datetime, Past]] = OrderedDict()
        self._days: OrderedDict[datetime, tuple[datetime, datetime, Day]] = OrderedDict()
        self._past_turn = threading.Lock()

    def feeds(self) -> Mapping[str, Feed]:
        """Return every declared feed by name, scheduled ones first."""
        self._look()
        return self._feeds

    def signature(self, feeds: Collection[str], as_of: AsOf | None = None) -> str:
        """Return what changes when the data or the state of one of `feeds` change.

        Args:
            feeds: Names; `ANY_FEED` follows every run of every feed.
            as_of: The moment that is looked at; None for now.
        """
        known = self.feeds() if as_of is None else self.at(as_of)
        if ANY_FEED in feeds:
            return self._tag if as_of is None or as_of.live else self.past(as_of).tag
        own = {
            LEDGER: self._actions,
            MIDNIGHT: _midnight(as_of or AsOf.now(self._clock.now()))["version"],
        }
        daily = MIDNIGHT in feeds
        return ",".join(
            f"{name}:{own[name]}:fresh"
            if name in own
            else f"{name}:{'' if daily else known[name].version}:{known[name].state}"
            for name in feeds
            if name in known or name in own
        )

    def simulated(self, feeds: Collection[str], as_of: AsOf | None = None) -> bool:
        """Answer whether one of `feeds` comes (came, at `as_of`) from the simulated city."""
        known = self.feeds() if as_of is None else self.at(as_of)
        names = known if ANY_FEED in feeds else feeds
        return any(known[name].simulated for name in names if name in known)

    def at(self, as_of: AsOf) -> Mapping[str, Feed]:
        """Return every feed as it stands, or as it stood at a past moment."""
        return self.feeds() if as_of.live else self.past(as_of).feeds

    def past(self, as_of: AsOf) -> Past:
        """Return how the feeds stood at a past moment, as far as it was known at `known_time`."""
        key = (as_of.event_time, as_of.known_time)
        # All panels of a page ask for the same moment at once; one of them reads.
        with self._past_turn:
            real = self._clock.real()
            kept = self._past.get(key)
            if kept is None or not timedelta(0) <= real - kept[0] < PAST_KEPT_FOR:
                kept = (real, self._read_past(as_of))
                self._past[key] = kept
                if len(self._past) > PAST_KEPT:
                    self._past.popitem(last=False)
            return kept[1]

    def answer(self) -> Response:
        """Answer `GET /versi`, with 304 where the feeds are as the asker knows them."""
        asked = request.args
        as_of = read_as_of(asked.get("pada"), asked.get("seperti"), self._clock.now())
        if as_of.live:
            self._look()
            tag, document = self._tag, self._document
        else:
            past = self.past(as_of)
            tag, document = past.tag, past.document
        return conditional(document, tag=tag)

    def _read_past(self, as_of: AsOf) -> Past:
        moment = as_of.event_time
        day = self._day(moment)
        feeds = feeds_at(self._lake, as_of, day)
        heard = {
            feed.name
            for feed in feeds.values()
            if feed.run is not None
            and feed.run["known_time"] is not None
            and moment - feed.run["known_time"] < RUN_COVERS
        }
        head = {
            "now": moment.astimezone(WIB),
            "speed": 0,
            "seperti": "saat-itu" if as_of.known_time <= moment else "sekarang",
        }
        body = orjson.dumps(
            head
            | {
                "feeds": {
                    name: _public(feed) | {"assumed": feed.assumed} for name, feed in feeds.items()
                }
                | {MIDNIGHT: _midnight(as_of)}
            }
        )
        tag = blake2b(body, digest_size=12).hexdigest()
        return Past(feeds, frozenset(heard | {one.source for one in day.told(as_of)}), body, tag)

    def _day(self, moment: datetime) -> Day:
        """Return the day (WIB) of a moment: who scrubs through it asks the lake but once."""
        begin = moment.astimezone(WIB).replace(hour=0, minute=0, second=0, microsecond=0)
        real, now = self._clock.real(), self._clock.now()
        kept = self._days.get(begin)
        # What is read of a day that is not over says nothing of the moments that come.
        if kept is None or kept[1] < moment or not timedelta(0) <= real - kept[0] < PAST_KEPT_FOR:
            rows = queries.covered(self._lake, since=begin, until=min(begin + DAY, now))
            kept = (real, now, Day(rows))
            self._days[begin] = kept
            if len(self._days) > DAYS_KEPT:
                self._days.popitem(last=False)
        return kept[2]

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
        feeds = join(self._declared, self._runs, now)
        self._actions = self._ledger()
        public = {name: _public(feed) for name, feed in feeds.items()}
        own = {
            LEDGER: _own("Tindakan atas peringatan", self._actions, None),
            MIDNIGHT: _midnight(AsOf.now(now)),
        }
        body = orjson.dumps(public | own)
        tag = blake2b(body, digest_size=12).hexdigest()
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
        "late_s": _in_seconds(feed.budget.late),
        "expired_s": _in_seconds(feed.budget.expired),
    }


def _midnight(as_of: AsOf) -> dict[str, Any]:
    cut = cut_of(as_of)
    midnight = datetime.combine(cut, time.min, WIB)
    added_up = "+" if as_of.event_time - midnight >= ADDED_UP_AFTER else ""
    return _own("Tengah malam", f"{cut}{added_up}", midnight)


def _own(title: str, version: int | str, moment: datetime | None) -> dict[str, Any]:
    """Return what stands among the feeds without being one."""
    return {
        "title": title,
        "version": version,
        "event_time": None,
        "known_time": None,
        "moment": moment,
        "state": "fresh",
        "simulated": False,
        "scheduled": False,
        "failing": False,
        "late_s": None,
        "expired_s": None,
    }


def _in_seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _wib(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(WIB)
