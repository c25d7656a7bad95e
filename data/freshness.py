"""How fresh a feed is: six states from its budgets, its newest data and its last run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

State: TypeAlias = Literal["fresh", "late", "expired", "disconnected", "empty", "never"]

# From what needs no one's attention to what does; a page is as fresh as the worst of its feeds.
ORDER: tuple[State, ...] = ("fresh", "empty", "late", "expired", "disconnected", "never")


@dataclass(frozen=True)
class Budget:
    """How old a feed's data may be.

    Args:
        late: Age from which the feed is late; None where it is never (history files).
        expired: Age from which it is expired; None likewise.
        clock: What the age counts from: "event", the newest event, or "fetch", the last good fetch.
    """

    late: timedelta | None
    expired: timedelta | None
    clock: Literal["event", "fetch"] = "event"


def moment(
    budget: Budget, event_time: datetime | None, known_time: datetime | None, *, empty: bool
) -> datetime | None:
    """Return the moment from which a feed's age counts; None before its first good run.

    An empty payload holds no event to count from: there the fetch itself is the news.

    Args:
        event_time: Newest event of the feed (aware).
        known_time: Last good fetch (aware).
        empty: The last good payload was valid and empty.
    """
    if budget.clock == "event" and not empty and event_time is not None:
        return event_time
    return known_time


def judge(
    budget: Budget, counted_from: datetime | None, now: datetime, *, failing: bool, empty: bool
) -> State:
    """Return the state of a feed.

    Args:
        counted_from: What `moment` returned.
        now: Aware; the same clock as `counted_from`.
        failing: The last run failed.
        empty: The last good payload was valid and empty.
    """
    if counted_from is None:
        return "never"
    age = now - counted_from
    if budget.late is not None and age > budget.late:
        if failing:
            return "disconnected"
        return "expired" if budget.expired is not None and age > budget.expired else "late"
    return "empty" if empty else "fresh"


def worst(states: list[State]) -> State:
    """Return the state that speaks for several feeds together; without any, "never"."""
    return max(states, key=ORDER.index, default="never")
