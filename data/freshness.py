"""How fresh a feed is: six states from its budgets, its newest data and its last run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

State: TypeAlias = Literal["fresh", "late", "expired", "disconnected", "empty", "never"]

# From what needs no one's attention to what does; a panel is as fresh as the worst of its feeds.
ORDER: tuple[State, ...] = ("fresh", "empty", "never", "late", "expired", "disconnected")


@dataclass(frozen=True)
class Budget:
    """How old a feed's data may be.

    Args:
        late: Age from which the feed is late; None where it never is (files of history).
        expired: Age from which it is expired; None likewise.
        clock: What the age counts from: "event", the newest event, or "fetch", the last good fetch.
    """

    late: timedelta | None
    expired: timedelta | None
    clock: str = "event"


@dataclass(frozen=True)
class Progress:
    """What a feed's runs add up to; moments are aware and of the same clock.

    Args:
        event_time: Newest event of the feed.
        known_time: Last good fetch.
        failing: The newest run failed.
        empty: The newest payload was valid and held nothing.
    """

    event_time: datetime | None = None
    known_time: datetime | None = None
    failing: bool = False
    empty: bool = False


def counted_from(budget: Budget, progress: Progress) -> datetime | None:
    """Return the moment from which a feed's age counts; None before its first good run.

    An empty payload holds no event to count from: there the fetch itself is the news. Files of
    history have no budget and no fetch, only what they tell of.
    """
    if budget.late is None:
        return progress.event_time or progress.known_time
    if progress.known_time is None:
        return None
    if budget.clock == "event" and not progress.empty and progress.event_time is not None:
        return progress.event_time
    return progress.known_time


def judge(budget: Budget, progress: Progress, now: datetime) -> State:
    """Return the state of a feed at `now`."""
    since = counted_from(budget, progress)
    if since is None:
        return "never"
    age = now - since
    if budget.late is not None and age > budget.late:
        if progress.failing:
            return "disconnected"
        return "expired" if budget.expired is not None and age > budget.expired else "late"
    return "empty" if progress.empty else "fresh"
