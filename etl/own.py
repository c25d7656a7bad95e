"""What the schedule makes by itself, as a feed: with a declaration, a version and an age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.lake import Lake
from etl.feed import Row


@dataclass(frozen=True)
class OwnFeed:
    """What is declared of it.

    Args:
        feed: Its name.
        tables: Facts that it writes, commas between.
        every: How often a run is noted as long as all is well.
    """

    feed: str
    title: str
    source: str
    every: timedelta
    late: timedelta
    expired: timedelta
    tables: str = ""
    licence: str = "milik sendiri"


def declare(lake: Lake, own: OwnFeed, now: datetime) -> None:
    """Say in the lake that it is a feed, unless it is known already; `now` is aware."""
    if lake.value("select count(*) from feeds where feed = $feed", feed=own.feed):
        return
    with lake.write() as cursor:
        cursor.execute(
            "insert into feeds (feed, title, source, licence, tables, every_s, late_s, expired_s,"
            " clock, scheduled, simulated, declared_at) values ($feed, $title, $source, $licence,"
            " $tables, $every_s, $late_s, $expired_s, 'fetch', true, false, $now)",
            {
                "feed": own.feed,
                "title": own.title,
                "source": own.source,
                "licence": own.licence,
                "tables": own.tables,
                "every_s": own.every.total_seconds(),
                "late_s": own.late.total_seconds(),
                "expired_s": own.expired.total_seconds(),
                "now": now,
            },
        )


def last_run(lake: Lake, feed: str) -> Row:
    """Return the newest run; nothing before the first."""
    found = lake.rows(
        "select version, event_time, known_time, etag, error from feed_runs where feed = $feed"
        " order by version desc, finished_at desc limit 1",
        feed=feed,
    )
    return found[0] if found else {}
