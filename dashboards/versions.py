"""The versions of the feeds: what browsers poll at `/versi`, and what panels are cached by.

A process looks at the lake at most once a second, and reads the runs only where a commit was made
since; all requests in between share one document.

`/versi?pada=…&seperti=…` tells the same of a past moment: of each feed the runs that had ended by
then, with its budgets as they were declared then (as declared first, where that was later). Where
no run tells of a feed (its history was loaded afterwards, its run log forgotten) its own rows do;
and where it has none, those of another feed that fills one of its tables.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson
from flask import Response, request

from data import queries
from data.asof import WIB, AsOf, read_as_of
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
# What people do about alarms: not a feed, but with a version that panels follow as they do feeds'.
LEDGER = "alarm_ledger"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
# Of a past moment the runs of so many days before it count: what ran last is among them.
RUNS_TELL_FOR = timedelta(days=2)
# A run without rows tells of the day after it: "none" is then a finding and not a gap.
RUN_COVERS = timedelta(days=1)
# So long before a moment a table's row tells of it; a day where the table is not named.
COVERS = {
    "air_measurements": timedelta(days=2),
    "camera_checks": timedelta(hours=3),
    "complaint_versions": timedelta(days=7),
    "ispu_daily": timedelta(days=3),
    "officer_positions": timedelta(hours=1),
    "traffic_jams": timedelta(hours=3),
}
DAY = timedelta(days=1)
# Rows of history have no budget; a feed is late after two of the usual gaps between them.
LATE_GAPS, EXPIRED_GAPS = 2, 3
PAST_KEPT = 512
DAYS_KEPT = 8
PAST_KEPT_FOR = timedelta(minutes=1)


@dataclass(frozen=True)
class Feed:
    """One feed as declared, and where it stands.

    Args:
        version: Rises when the feed's data change.
        moment: What its age counts from; None before its first good run.
        run: The feed's row of the query `feed_states`; None before its first run.
        assumed: When its rows became known is assumed: they were loaded afterwards.
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
    assumed: bool = False

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables that it fills."""
        return frozenset(self.declared["tables"].replace(" ", "").split(","))


@dataclass(frozen=True)
class Told:
    """What the rows of one table, brought by one feed, tell of a moment.

    Args:
        event_time: Begin of the newest minute in which something happened.
        known_time: When that became known, at most the moment itself.
        gap: Mean distance between such minutes.
        assumed: Some of the times at which rows became known are assumed.
    """

    source: str
    feed: str
    event_time: datetime
    known_time: datetime
    gap: timedelta
    simulated: bool
    assumed: bool


class Day:
    """The minutes of which rows tell, on one day and so long before it as they tell for.

    Args:
        rows: Those of the query `covered`.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self._minutes: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in rows:
            self._minutes[row["source"], row["feed"]].append(row)

    def told(self, as_of: AsOf) -> list[Told]:
        """Return what each table and feed tells of a moment of the day."""
        at, known = as_of.event_time.timestamp(), as_of.known_time.timestamp()
        found = []
        for (source, feed), minutes in self._minutes.items():
            span = COVERS.get(source, DAY)
            begin = bisect_right(minutes, at - span.total_seconds(), key=_event_s)
            end = bisect_right(minutes, at, key=_event_s)
            seen = [row for row in minutes[begin:end] if row["known_s"] <= known]
            if not seen:
                continue
            newest = seen[-1]
            # What became known after the moment counts, as known now, from when it happened.
            heard = newest["known_s"] if newest["known_s"] <= at else newest["event_s"]
            found.append(
                Told(
                    source=source,
                    feed=feed,
                    event_time=datetime.fromtimestamp(newest["event_s"], UTC),
                    known_time=datetime.fromtimestamp(heard, UTC),
                    gap=span / len(seen),
                    simulated=all(row["simulated"] for row in seen),
                    assumed=any(row["assumed"] for row in seen),
                )
            )
        return found


def _event_s(row: Row) -> int:
    return int(row["event_s"])


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
            tag = self._tag if as_of is None or as_of.live else self.past(as_of).tag
            return tag.strip('"')
        return ",".join(
            f"{name}:{self._actions}:fresh"
            if name == LEDGER
            else f"{name}:{known[name].version}:{known[name].state}"
            for name in feeds
            if name in known or name == LEDGER
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
        if request.headers.get("If-None-Match") == tag:
            response = Response(status=304)
        else:
            response = Response(document, mimetype="application/json")
        response.headers["ETag"] = tag
        response.headers["Cache-Control"] = "no-cache"
        return response

    def _read_past(self, as_of: AsOf) -> Past:
        moment = as_of.event_time
        until = min(moment, as_of.known_time)
        runs = queries.feed_states(self._lake, since=until - RUNS_TELL_FOR, until=until)
        told = self._day(moment).told(as_of)
        feeds = _then(
            queries.feeds_then(self._lake, until),
            {row["feed"]: row for row in runs},
            told,
            moment,
        )
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
            }
        )
        tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        return Past(feeds, frozenset(heard | {one.source for one in told}), body, tag)

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
        feeds = _join(self._declared, self._runs, now)
        self._actions = self._ledger()
        public = {name: _public(feed) for name, feed in feeds.items()}
        body = orjson.dumps(public | {LEDGER: _ledger(self._actions)})
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


def _then(
    declared: Sequence[Row], runs: Mapping[str, Row], told: Sequence[Told], moment: datetime
) -> dict[str, Feed]:
    """Return the feeds of a past moment from the runs before it and from the rows themselves."""
    feeds = _join(declared, runs, moment)
    for feed in list(feeds.values()):
        own = [one for one in told if one.feed == feed.name and one.source in feed.tables]
        if own:
            feeds[feed.name] = _told_by_rows(feed, max(own, key=_newest), moment)
    for feed in list(feeds.values()):
        others = [
            one
            for one in told
            if one.source in feed.tables and one.feed != feed.name and one.feed in feeds
        ]
        if feed.scheduled and feed.state == "never" and others:
            feeds[feed.name] = _stood_in_for(feed, feeds[max(others, key=_newest).feed])
    return feeds


def _newest(told: Told) -> datetime:
    return told.event_time


def _told_by_rows(feed: Feed, told: Told, moment: datetime) -> Feed:
    """Return a feed with what its newest rows tell besides its runs, or instead of them."""
    progress = replace(
        feed.progress,
        event_time=max(filter(None, (feed.progress.event_time, told.event_time))),
        known_time=max(filter(None, (feed.progress.known_time, told.known_time))),
    )
    budget, simulated = feed.budget, feed.simulated
    if feed.run is None:
        simulated = told.simulated
        # What was fetched when is not known; as long as its rows tell of the day, it is not late.
        budget = Budget(None, None)
        if feed.budget.clock == "event":
            budget = Budget(
                max(feed.budget.late or told.gap, LATE_GAPS * told.gap),
                max(feed.budget.expired or told.gap, EXPIRED_GAPS * told.gap),
            )
    return replace(
        feed,
        budget=budget,
        progress=progress,
        simulated=simulated,
        state=judge(budget, progress, moment),
        moment=counted_from(budget, progress),
        assumed=told.assumed,
    )


def _stood_in_for(feed: Feed, other: Feed) -> Feed:
    """Return a feed that said nothing as `other` tells of what it should have told."""
    return replace(
        other,
        name=feed.name,
        title=f"{feed.title} (menurut {other.title})",
        scheduled=feed.scheduled,
        declared=feed.declared,
    )


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
        "late_s": _in_seconds(feed.budget.late),
        "expired_s": _in_seconds(feed.budget.expired),
    }


def _ledger(actions: int) -> dict[str, Any]:
    return {
        "title": "Tindakan atas peringatan",
        "version": actions,
        "event_time": None,
        "known_time": None,
        "moment": None,
        "state": "fresh",
        "simulated": False,
        "scheduled": False,
        "failing": False,
        "late_s": None,
        "expired_s": None,
    }


def _in_seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _wib(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(WIB)
