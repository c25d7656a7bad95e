"""Searching the complaints of ten years a page at a time.

Nobody reads all of them for a page: windows of intake are read one after the other, from the end
where the reader stands, each as wide as the last one's yield suggests. A search that finds little
stops after some years and says up to where it looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from data import queries
from data.asof import WIB, AsOf
from data.lake import Lake
from data.queries import Row
from data.reference import rows as reference_rows

# Nothing is older: the first channel opened later.
OLDEST = datetime(2000, 1, 1, tzinfo=WIB)
DAY = timedelta(days=1)
NARROWEST, WIDEST = DAY, 400 * DAY
# What one question may read, and in how many windows.
MOST_READ, WINDOWS = 800 * DAY, 6
# Complaints of a day, and the share of them in an area by the length of its code.
USUAL_DAY = 500
AREA_SHARES = {2: 1.0, 5: 1 / 6, 8: 1 / 44, 13: 1 / 267}
RARE = 1 / 20
# Words are looked for in the text of no more days than these.
WORDED_SPAN = 92 * DAY
WORDED_USUALLY = 30 * DAY
# A joined report comes at most so long after the first.
JOINED_WITHIN = timedelta(hours=3, seconds=1)
OPEN, CLOSED = "terbuka", "ditutup"


@dataclass(frozen=True)
class Search:
    """What complaints are looked for.

    Args:
        area: Kemendagri code; "31" is the whole city.
        state: A status of CRM, `OPEN` or `CLOSED`; empty for all.
        unit: An office, or a perangkat daerah with all of its offices.
        since: First day of intake, WIB.
        until: Last day of intake, WIB.
        late: Finished after the time that the rule gives, or open beyond it.
        due_within: Open, and due within so long.
        reopened: Opened again at least once.
        words: In lower case; each stands in the text or in the place.
    """

    area: str = "31"
    state: str = ""
    category: str | None = None
    channel: str | None = None
    unit: str | None = None
    since: date | None = None
    until: date | None = None
    late: bool = False
    due_within: timedelta | None = None
    reopened: bool = False
    words: tuple[str, ...] = ()
    oldest_first: bool = False

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """Return from when and until when (exclusive) a complaint may have come in, aware."""
        until = now + timedelta(microseconds=1)
        if self.until is not None:
            until = min(until, midnight(self.until) + DAY)
        since = OLDEST if self.since is None else max(OLDEST, midnight(self.since))
        if self.words:
            usual = WORDED_USUALLY if self.since is None else WORDED_SPAN
            since = max(since, until - usual)
        if self.due_within is not None:
            since = max(since, now - max(_times_to_finish()))
        return since, max(since, until)

    @property
    def share(self) -> float:
        """About which share of all complaints it finds, where nothing is known of that."""
        share = AREA_SHARES.get(len(self.area), 1.0)
        if self.category:
            share *= _category_shares().get(self.category) or RARE
        if self.state not in ("", CLOSED, "Selesai"):
            share *= RARE
        for narrows in (self.unit, self.words, self.reopened, self.channel not in (None, "JAKI")):
            share *= RARE if narrows else 1.0
        return share


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: after this complaint, in the order of the search.

    Args:
        at: Its intake, aware.
        complaint_id: Empty where a page ended without one.
        span: Width of the window that is likely to fill a page.
    """

    at: datetime
    complaint_id: str
    span: timedelta

    def __str__(self) -> str:
        micros = round(self.at.timestamp() * 1_000_000)
        return f"{micros}~{int(self.span.total_seconds())}~{self.complaint_id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """Read what `str` gave; None for anything else."""
        try:
            micros, span, complaint_id = text.split("~", 2)
            at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(micros))
            return cls(at, complaint_id, _width(timedelta(seconds=int(span))))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Page:
    """Some of the complaints that were found.

    Args:
        rows: Those of the query `complaints_found`.
        next: Where the next page begins; None where there is none.
        looked_until: How far it was looked, where the page was not filled before; aware.
    """

    rows: list[Row]
    next: Cursor | None
    looked_until: datetime | None = None


def midnight(day: date) -> datetime:
    """Return the beginning of a day, WIB."""
    return datetime(day.year, day.month, day.day, tzinfo=WIB)


def offices(unit: str) -> list[str]:
    """Return the offices of a perangkat daerah; of any other unit itself."""
    found = [row["agency"] for row in reference_rows("agencies") if row["perangkat_daerah"] == unit]
    return found or [unit]


def find(
    lake: Lake, as_of: AsOf, search: Search, *, most: int, after: Cursor | None = None
) -> Page:
    """Return the complaints that answer to a search, at most so many, in its order.

    Args:
        most: Size of a page.
        after: Where the page begins; None for the first.
    """
    since, until = search.window(as_of.event_time)
    span = after.span if after else _width(1.3 * most / (USUAL_DAY * search.share) * DAY)
    if after:
        instant = timedelta(microseconds=1)
        since, until = (
            (max(since, after.at), until)
            if search.oldest_first
            else (since, min(until, after.at + instant))
        )
    elif search.oldest_first:
        since = max(since, _first(lake, as_of))
    found: list[Row] = []
    read = timedelta()
    begin, end = since, until
    for turn in range(WINDOWS):
        # Only a search that goes far has to know where all of them begin.
        if turn == 1 and len(found) <= most and not search.oldest_first:
            begin = max(begin, _first(lake, as_of))
        if begin >= end or len(found) > most or read >= MOST_READ:
            break
        low, high = (
            (begin, min(end, begin + span))
            if search.oldest_first
            else (max(begin, end - span), end)
        )
        rows = queries.complaints_found(
            lake,
            as_of,
            search.area,
            since=low,
            until=high,
            edge=after.at if after else None,
            edge_id=(after.complaint_id or None) if after else None,
            most=most + 1 - len(found),
            oldest_first=search.oldest_first,
            **filters(search, as_of),
        )
        found += rows
        read += high - low
        begin, end = (high, end) if search.oldest_first else (begin, low)
        span = _wider(span, len(found), most)
    if len(found) > most:
        last = found[most - 1]
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=last["created_us"])
        width = 1.3 * abs((since if search.oldest_first else until) - at)
        return Page(found[:most], Cursor(at, last["complaint_id"], _width(width)))
    if begin >= end:
        return Page(found, None)
    edge = begin if search.oldest_first else end
    return Page(found, Cursor(edge, "", span), edge)


def _first(lake: Lake, as_of: AsOf) -> datetime:
    """Return when the oldest complaint came in, aware; the moment itself where there is none."""
    return queries.complaints_begin(lake) or as_of.event_time


def filters(search: Search, as_of: AsOf) -> dict[str, object]:
    """Return what the queries about a search are told besides window and area."""
    is_status = search.state not in ("", OPEN, CLOSED)
    return {
        "category": search.category,
        "channel": search.channel,
        "offices": offices(search.unit) if search.unit else None,
        "state": search.state if is_status else None,
        "closed": {OPEN: False, CLOSED: True}.get(search.state),
        "late": search.late,
        "reopened": search.reopened,
        "due_before": as_of.event_time + search.due_within if search.due_within else None,
        "words": list(search.words) or None,
    }


def told(lake: Lake, as_of: AsOf, rows: list[Row]) -> list[Row]:
    """Return all that is said of complaints that were found, in their order.

    Each has its joined reports under `joined`. One whose newest change took it out of the search
    (to another place or category) was found by an older one, and is left out.

    Args:
        rows: Those of the query `complaints_found`.
    """
    if not rows:
        return []
    epoch = datetime.fromtimestamp(0, UTC)
    times = [epoch + timedelta(microseconds=row["created_us"]) for row in rows]
    joined = [complaint_id for row in rows for complaint_id in row["joined"] or ()]
    known = queries.complaints_told(
        lake,
        as_of,
        [*(row["complaint_id"] for row in rows), *joined],
        since=min(times),
        until=max(times) + JOINED_WITHIN,
    )
    by_id = {row["complaint_id"]: row for row in known}
    return [
        by_id[row["complaint_id"]]
        | {"joined": [by_id[one] for one in row["joined"] or () if one in by_id]}
        for row in rows
        if row["complaint_id"] in by_id
        and by_id[row["complaint_id"]]["event_us"] == row["event_us"]
    ]


def _wider(span: timedelta, found: int, most: int) -> timedelta:
    """Return the width of the next window, from how much those before it brought."""
    growth = 8.0 if not found else min(8.0, max(2.0, 1.5 * (most + 1 - found) / found))
    return _width(span * growth)


def _width(span: timedelta) -> timedelta:
    return min(max(span, NARROWEST), WIDEST)


def _times_to_finish() -> list[timedelta]:
    rules = reference_rows("complaint_rules")
    return [timedelta(hours=float(rule["resolve_within_hours"])) for rule in rules]


def _category_shares() -> dict[str, float]:
    rows = reference_rows("complaint_categories")
    return {row["category"]: float(row["share_2023"] or 0) for row in rows}
