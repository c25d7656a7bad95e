"""Make the editions of the governor's brief when they are due, and hand them out.

Pagi is cut at 06.15 WIB and Sore at 16.15, ready ten minutes later; Situasi at each full hour at
which the city stands at Tinggi or above. Each is made once. Of what was missed while the schedule
was not running the newest is made, marked as late.

A run is noted every other minute as long as no edition is outstanding, so that one that cannot be
made lets this feed expire five minutes after its cut: the alarm that every silent feed raises.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from datetime import time as clock_time

import structlog

from data import queries
from data.asof import WIB, AsOf
from data.brief.content import Registers, content
from data.brief.editions import SCHEDULE, Editions, slot
from data.brief.model import Content, Edition, EditionKind
from data.lake import Lake
from data.store import Store
from etl import alarms
from etl.delivery import Way
from etl.own import OwnFeed, declare, last_run
from etl.runner import Tally, note_run

log = structlog.get_logger()

FEED = "brief"
EVERY = timedelta(seconds=30)
CUTS: tuple[tuple[EditionKind, clock_time], ...] = (
    ("pagi", clock_time(6, 15)),
    ("sore", clock_time(16, 15)),
)
# Loads that began before the cut are given so long to end.
WAIT = timedelta(minutes=1)
READY_AFTER, ALARM_AFTER = timedelta(minutes=10), timedelta(minutes=5)
SITUATION_FROM = 3
HEARTBEAT = timedelta(minutes=2)
OWN = OwnFeed(
    FEED,
    title="Edisi Ringkasan Gubernur",
    source="disusun dari sumber data lain menurut kalimat baku",
    every=HEARTBEAT,
    late=timedelta(minutes=4),
    expired=ALARM_AFTER,
)
# What is older is not sent any more: a way that was set up today gets no archive.
SENT_WITHIN, NEWEST = timedelta(hours=24), 30

# Before the first load nothing can be told, and nothing was missed.
BEGIN = "select min(finished_at) from feed_runs where not history and feed <> $feed"


@dataclass(frozen=True)
class Due:
    """An edition that is to be made.

    Args:
        cut: Aware.
    """

    kind: EditionKind
    cut: datetime

    @property
    def id(self) -> str:
        """Its id once it is kept."""
        return slot(self.kind, self.cut)


class Press:
    """Makes the editions that are due and hands out those that are kept.

    Args:
        lake: Open for writing: runs are noted there.
        reader: The same lake, read as the web reads it, so that both compute alike.
        store: Where editions and registers are kept.
        ways: How editions are handed out.
        compose: Makes the content; tests hand in their own.
        alarm_after: How long after its cut an edition that is missing raises the alarm.
    """

    def __init__(
        self,
        lake: Lake,
        reader: Lake,
        store: Store,
        ways: Sequence[Way] = (),
        compose: Callable[[Lake, Registers, AsOf, EditionKind], Content] = content,
        alarm_after: timedelta = ALARM_AFTER,
    ) -> None:
        self._lake = lake
        self._reader = reader
        self._store = store
        self._editions = Editions(store)
        self._registers = Registers.of(store)
        self._ways = ways
        self._compose = compose
        self._own = replace(OWN, expired=alarm_after)
        self._alarmed: set[str] = set()

    def look(self, now: datetime) -> list[Edition]:
        """Make what is due at `now` (aware), hand out what waits; return what was made."""
        started = time.perf_counter()
        declare(self._lake, self._own, now)
        made: list[Edition] = []
        failures: list[str] = []
        outstanding = self.outstanding(now)
        for due in outstanding:
            if now < due.cut + WAIT:
                continue
            try:
                made.append(self.make(due.kind, due.cut, now))
            except Exception as error:
                log.exception("brief.failed", edition=due.id)
                failures.append(f"{due.id}: {type(error).__name__}: {error}")
        undelivered = self.deliver(now)
        left = [due for due in outstanding if due.id not in {one.id for one in made}]
        self._note(now, made, left, failures, undelivered, started)
        return made

    def outstanding(self, now: datetime) -> list[Due]:
        """Return the editions whose cut is over and that are not kept."""
        begin = self._lake.value(BEGIN, feed=FEED)
        wanted = [_cuts(now)[0], *self._situation(now)]
        return [
            due
            for due in wanted
            if begin is not None and begin <= due.cut and self._editions.one(due.id) is None
        ]

    def make(self, kind: EditionKind, cut: datetime, now: datetime, by: str = SCHEDULE) -> Edition:
        """Make an edition as the city was known at its cut (aware); one that is kept stays."""
        kept = self._editions.one(slot(kind, cut))
        if kept is not None and not kept.withdrawn:
            return kept
        told = self._compose(self._reader, self._registers, AsOf(cut, cut, live=False), kind)
        edition = self._editions.make(told, by, now, late=now > cut + READY_AFTER)
        log.info("brief.made", edition=edition.id, late=edition.late, sha256=edition.sha256)
        return edition

    def deliver(self, now: datetime) -> list[str]:
        """Hand out each draft and each published edition once; return what did not go out."""
        failures = []
        for edition in reversed(self._editions.newest(NEWEST) if self._ways else []):
            if now - edition.state_at > SENT_WITHIN or edition.withdrawn:
                continue
            state = "terbit" if edition.state == "terbit" else "draf"
            for way in self._ways:
                if not self._store.claim_delivery(edition.id, state, way.name, now):
                    continue
                try:
                    way.send(edition)
                except Exception as error:
                    # The claim goes back, so that the next look tries again.
                    self._store.release_delivery(edition.id, state, way.name)
                    log.warning(
                        "brief.not_delivered", edition=edition.id, way=way.name, error=str(error)
                    )
                    failures.append(f"{edition.id} {way.name}: {type(error).__name__}: {error}")
                else:
                    log.info("brief.delivered", edition=edition.id, way=way.name, state=state)
        return failures

    def _situation(self, now: datetime) -> list[Due]:
        hour = now.replace(minute=0, second=0, microsecond=0)
        status = queries.city_status(self._reader, AsOf(hour, hour, live=False))
        return [Due("situasi", hour)] if status and status["level"] >= SITUATION_FROM else []

    def _note(
        self,
        now: datetime,
        made: Sequence[Edition],
        left: Sequence[Due],
        failures: Sequence[str],
        undelivered: Sequence[str],
        started: float,
    ) -> None:
        """Note the run; raise the alarm where an edition is overdue."""
        tally = _tally(now, made, failures, undelivered)
        last = last_run(self._lake, FEED)
        beats = last.get("known_time") is None or now - last["known_time"] >= HEARTBEAT
        news = tally.error is not None and tally.error != last.get("error")
        if made or news or (beats and not left):
            with self._lake.write() as cursor:
                note_run(cursor, tally, last_run(self._lake, FEED), now, started)
        overdue = {due.id for due in left if now >= due.cut + self._own.expired}
        if overdue - self._alarmed:
            alarms.evaluate(self._lake, now, ("feed_expired",))
        self._alarmed = overdue


def newest_cut(kind: EditionKind, now: datetime) -> datetime:
    """Return the newest cut of a kind that is over; of Situasi the present minute."""
    for due in _cuts(now):
        if due.kind == kind:
            return due.cut
    return now.replace(second=0, microsecond=0)


def _cuts(now: datetime) -> list[Due]:
    """Return the cuts of today and yesterday that are over, newest first."""
    today = now.astimezone(WIB).date()
    found = [
        Due(kind, datetime.combine(day, at, WIB))
        for day in (today, today - timedelta(days=1))
        for kind, at in CUTS
    ]
    return sorted((due for due in found if due.cut <= now), key=lambda due: due.cut, reverse=True)


def _tally(
    now: datetime, made: Sequence[Edition], failures: Sequence[str], undelivered: Sequence[str]
) -> Tally:
    tally = Tally(
        uuid.uuid4().hex, FEED, now, any(edition.content.simulated for edition in made), live=True
    )
    tally.fetched = tally.loaded = len(made)
    tally.newest = max((edition.content.cut for edition in made), default=None)
    if failures:
        tally.outcome = "failed"
    elif undelivered:
        tally.outcome = "partial"
    elif not made:
        tally.outcome = "unchanged"
    tally.error = "; ".join([*failures, *undelivered]) or None
    return tally
