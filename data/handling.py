"""One complaint by its status log: who held it for how long, and until when it is due.

The same rules as in data/rollups/complaint_stints.sql, for one complaint as known at any moment:
the log counts in the order in which it became known, and an entry older than one known before it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from data.tables import CLOSED_STATUSES

Row = Mapping[str, Any]
Ending = Literal["handed", "finished", "rejected"]
EXTENSION = "EWS"


@dataclass(frozen=True)
class Stint:
    """One stay of a complaint with one unit.

    Args:
        unit: Office of an area, or perangkat daerah.
        entries: Rows of the log in it, the one that began it first.
        ended_at: None while it goes on.
        limit: What the rule gives it; None before the first rule.
    """

    unit: str
    entries: tuple[Row, ...]
    started_at: datetime
    ended_at: datetime | None = None
    ending: Ending | None = None
    limit: timedelta | None = None

    @property
    def answered_at(self) -> datetime | None:
        """When the unit did something of it first; None where it did nothing yet."""
        return self.entries[1]["event_time"] if len(self.entries) > 1 else self.ended_at

    @property
    def due_at(self) -> datetime | None:
        """End of its time; None before the first rule."""
        return None if self.limit is None else self.started_at + self.limit

    def held(self, now: datetime) -> timedelta:
        """Return how long the unit has or had it, at a moment (aware)."""
        return (self.ended_at or now) - self.started_at

    def on_time(self, now: datetime) -> bool | None:
        """Answer whether it kept its time up to a moment (aware); None where there is no rule."""
        return None if self.limit is None else self.held(now) <= self.limit


@dataclass(frozen=True)
class Handling:
    """A complaint's way through the offices.

    Args:
        stints: In order.
        ignored: Entries that became known after a younger one, or that name no office.
    """

    stints: tuple[Stint, ...]
    ignored: tuple[Row, ...]

    @property
    def hand_overs(self) -> int:
        """How often one unit gave it to another."""
        return sum(stint.ending == "handed" for stint in self.stints)

    @property
    def returns(self) -> int:
        """How often it came back to a unit that had given it away."""
        had: set[str] = set()
        back = 0
        for stint in self.stints:
            back += stint.unit in had
            if stint.ending == "handed":
                had.add(stint.unit)
        return back

    def held_by(self, now: datetime) -> dict[str, timedelta]:
        """Return how long each unit held it up to a moment (aware), longest first."""
        sums: dict[str, timedelta] = {}
        for stint in self.stints:
            sums[stint.unit] = sums.get(stint.unit, timedelta()) + stint.held(now)
        return dict(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True)
class Extension:
    """An Estimasi Waktu Selesai that somebody declared.

    Args:
        declared_at: Aware.
        promised_at: The end that the source told with it; None where it told none.
        in_time: Declared before the deadline had passed.
        moved: It moved the deadline.
    """

    declared_at: datetime
    promised_at: datetime | None
    in_time: bool
    moved: bool


@dataclass(frozen=True)
class Deadline:
    """Until when a complaint is due, by the rule and with what was declared.

    Args:
        by_rule: Without extensions; None before the first rule.
        extended: With those that count.
        extensions: In order, those that do not count among them.
    """

    by_rule: datetime | None
    extended: datetime | None
    extensions: tuple[Extension, ...] = ()


def handling(
    log: Sequence[Row], *, resolve_within: timedelta | None, coordinate_within: timedelta | None
) -> Handling:
    """Return the stints of a complaint.

    Args:
        log: Rows of the query `complaint_one_log`, in its order.
        resolve_within: What the rule of the day of intake gives to finish; None before the first.
        coordinate_within: What it gives to hand over; None where it says nothing of that.
    """
    counted, ignored = _in_order(log)
    stints: list[Stint] = []
    is_closed = False
    for entry in counted:
        unit, closes = entry["unit"], entry["status"] in CLOSED_STATUSES
        last = stints[-1] if stints else None
        same = last is not None and last.unit == unit
        if last is None or not same or (is_closed and not closes):
            if last is not None and not is_closed and not same:
                limit = (coordinate_within or last.limit) if last.limit else None
                stints[-1] = replace(
                    last, ended_at=entry["event_time"], ending="handed", limit=limit
                )
            stints.append(Stint(unit, (entry,), entry["event_time"], limit=resolve_within))
            if closes:
                stints[-1] = _closed(stints[-1], entry)
        else:
            stints[-1] = last = replace(last, entries=(*last.entries, entry))
            if closes and not is_closed:
                stints[-1] = _closed(last, entry)
        is_closed = closes
    return Handling(tuple(stints), ignored)


def deadline(versions: Sequence[Row], log: Iterable[Row]) -> Deadline:
    """Return until when a complaint is due.

    An estimate moves the deadline only if it was declared before the deadline had passed, and only
    where the source told of an end beyond it.

    Args:
        versions: Rows of the query `complaint_one`; at least one.
        log: Rows of the query `complaint_one_log`.
    """
    by_rule = versions[-1]["due_at"]
    first = min(versions, key=lambda row: row["event_time"])["expected_at"]
    promises = {
        row["event_time"]: row["expected_at"]
        for row in versions
        if row["status"] == EXTENSION and row["expected_at"] != first
    }
    extended, found = by_rule, []
    for at in sorted({row["event_time"] for row in log if row["status"] == EXTENSION}):
        promised = promises.get(at)
        in_time = extended is not None and at <= extended
        moved = in_time and promised is not None and promised > extended
        extended = promised if moved else extended
        found.append(Extension(at, promised, in_time, moved))
    return Deadline(by_rule, extended, tuple(found))


def _in_order(log: Sequence[Row]) -> tuple[list[Row], tuple[Row, ...]]:
    counted: list[Row] = []
    ignored: list[Row] = []
    for entry in log:
        is_late = bool(counted) and entry["event_time"] < counted[-1]["event_time"]
        (ignored if is_late or entry["unit"] is None else counted).append(entry)
    return counted, tuple(ignored)


def _closed(stint: Stint, entry: Row) -> Stint:
    ending: Ending = "finished" if entry["status"] == "Selesai" else "rejected"
    return replace(stint, ended_at=entry["event_time"], ending=ending)
