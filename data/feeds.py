"""Where the feeds stand: each with its state, its age and its budget, now or at a past moment.

Of a past moment the runs that had ended by then tell, with the budgets as they were declared then
(as declared first, where that was later). Where no run tells of a feed (its history was loaded
afterwards, its run log forgotten) its own rows do; and where it has none, those of another feed
that fills one of its tables.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from data import queries
from data.asof import AsOf
from data.freshness import Budget, Progress, State, counted_from, judge
from data.lake import Lake
from data.queries import Row

# Of a past moment the runs of so many days before it count: what ran last is among them.
RUNS_TELL_FOR = timedelta(days=2)
# So long before a moment a table's row tells of it; a day where the table is not named.
COVERS = {
    "air_measurements": timedelta(days=2),
    "camera_checks": timedelta(minutes=90),
    "complaint_versions": timedelta(days=7),
    "ispu_daily": timedelta(days=3),
    "officer_positions": timedelta(hours=1),
    "traffic_jams": timedelta(hours=3),
}
DAY = timedelta(days=1)
# Rows of history have no budget; a feed is late after two of the usual gaps between them.
LATE_GAPS, EXPIRED_GAPS = 2, 3


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


def feeds_at(lake: Lake, as_of: AsOf, day: Day | None = None) -> dict[str, Feed]:
    """Return every declared feed as it stood at a moment, by name, scheduled ones first.

    Args:
        day: What the rows tell of the day of the moment; without it they are asked only where a
            scheduled feed has no run.
    """
    moment = as_of.event_time
    until = min(moment, as_of.known_time)
    declared = queries.feeds_then(lake, until)
    runs = {
        row["feed"]: row
        for row in queries.feed_states(lake, since=until - RUNS_TELL_FOR, until=until)
    }
    if day is None:
        silent = any(row["scheduled"] and row["feed"] not in runs for row in declared)
        day = Day(queries.covered(lake, since=moment, until=moment) if silent else ())
    return then(declared, runs, day.told(as_of), moment)


def join(declared: Collection[Row], runs: Mapping[str, Row], now: datetime) -> dict[str, Feed]:
    """Return the feeds from their declarations and from what their runs add up to, at `now`."""
    return {row["feed"]: _feed(row, runs.get(row["feed"]), now) for row in declared}


def then(
    declared: Sequence[Row], runs: Mapping[str, Row], told: Sequence[Told], moment: datetime
) -> dict[str, Feed]:
    """Return the feeds of a past moment from the runs before it and from the rows themselves."""
    feeds = join(declared, runs, moment)
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


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
