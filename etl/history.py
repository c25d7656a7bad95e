"""Load the simulated city's past over HTTP, so that its live feeds go on without a seam."""

from __future__ import annotations

import io
import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from data import rollups
from data.append import Origin, append_trusted, with_kelurahan
from data.areas import kelurahan_locator
from data.asof import WIB
from data.lake import Lake
from data.tables import TABLES
from etl.errors import FetchError
from etl.feed import Feed, Request
from etl.fetch import Fetcher
from etl.maintain import flush

# A long answer is made while it is sent.
TIMEOUT = 300.0


@dataclass(frozen=True)
class Past:
    """A table of which the simulated city serves the past, and the feed that goes on with it."""

    table: str
    feed: str


PAST = (
    Past("complaint_versions", "crm_requests"),
    Past("complaint_log", "crm_requests"),
    Past("water_levels", "dsda_levels"),
    Past("air_measurements", "udara_jakarta"),
    Past("rainfall", "pantau_rain"),
    Past("corridor_hours", "tomtom_flow"),
    Past("inundations", "petabencana_floods"),
    Past("flood_reports", "petabencana_reports"),
)


def load(
    lake: Lake,
    fetcher: Fetcher,
    feeds: Mapping[str, Feed],
    city: str,
    *,
    start: datetime,
    now: datetime,
    show: Callable[[Sequence[Past]], Iterable[Past]] = iter,
) -> dict[str, int]:
    """Load each table of `PAST` that has no simulated past yet.

    Args:
        lake: Open for writing; each table is one transaction.
        fetcher: Asks the city.
        feeds: Gives each feed's usual lag, from which known_time is assumed.
        city: Base URL of the simulated city.
        start: First moment (aware).
        now: Where the past ends and the live feeds go on (aware).
        show: Wraps the steps for a progress bar.

    Returns:
        Rows loaded by table; nothing for a table that had its past already.

    Raises:
        FetchError: The city does not answer.
    """
    counts: dict[str, int] = {}
    for past in show(PAST):
        if lake.value(
            "select 1 from feed_runs where feed = $feed and history and raw_path = $path limit 1",
            feed=past.feed,
            path=_path(past.table),
        ):
            continue
        counts[past.table] = _load_table(lake, fetcher, feeds[past.feed], past, city, start, now)
    if counts:
        lake.settle()
        flush(lake)
    return counts


def _load_table(
    lake: Lake,
    fetcher: Fetcher,
    feed: Feed,
    past: Past,
    city: str,
    start: datetime,
    now: datetime,
) -> int:
    table = TABLES[past.table]
    run_id = uuid.uuid4().hex
    began = time.perf_counter()
    origin = Origin(past.feed, run_id, now, simulated=True, lag=feed.usual_lag)
    locator = kelurahan_locator(lake)
    count, newest = 0, start
    with lake.write() as cursor:
        # What live runs brought before is in the past too, and would be there twice.
        cursor.execute(
            f"delete from {past.table} where feed = $feed and simulated and event_time < $now",  # noqa: S608
            {"feed": past.feed, "now": now},
        )
        for batch in _batches(fetcher, city, past.table, start, now):
            whole = _complete(batch, past.table)
            if table.located:
                whole = with_kelurahan(whole, locator)
            count += append_trusted(cursor, table, whole, origin)
            newest = whole["event_time"][-1].as_py() if whole.num_rows else newest
        rollups.note(cursor, past.table, run_id)
        previous = cursor.execute(
            "select coalesce(max(version), 0) from feed_runs where feed = $feed",
            {"feed": past.feed},
        ).fetchone()
        cursor.execute(
            "insert into feed_runs by name select $run_id as run_id, $feed as feed,"
            " $now as started_at, $now as finished_at, 'ok' as outcome, $count as fetched,"
            " $count as loaded, 0 as unchanged, 0 as quarantined, 0 as ended, $seconds as seconds,"
            " $path as raw_path, $version as version, $newest as event_time, true as history,"
            " true as simulated",
            {
                "run_id": run_id,
                "feed": past.feed,
                "now": now,
                "count": count,
                "seconds": time.perf_counter() - began,
                "path": _path(past.table),
                "version": previous[0] + 1 if previous else 1,
                "newest": newest,
            },
        )
    return count


def _batches(
    fetcher: Fetcher, city: str, table: str, start: datetime, end: datetime
) -> Iterator[pa.Table]:
    """Yield the past in time order; the next part is made while one is being loaded.

    Parts end with the halves of a year, so that none fills two of the lake's yearly files.
    """
    halves = (
        datetime(year, month, 1, tzinfo=WIB)
        for year in range(start.year, end.year + 2)
        for month in (1, 7)
    )
    edges = [start, *(edge for edge in halves if start < edge < end), end]

    def part(span: tuple[datetime, datetime]) -> pa.Table:
        params = {"start": span[0].isoformat(), "end": span[1].isoformat()}
        request = Request(f"{city}/{_path(table)}", params, timeout=TIMEOUT)
        body = fetcher.fetch(request, limit=None).body
        try:
            return pq.read_table(io.BytesIO(body))
        except pa.ArrowException as error:
            raise FetchError(f"{city}: the past of {table} is not Parquet") from error

    with ThreadPoolExecutor(1) as pool:
        spans = list(itertools.pairwise(edges))
        waiting = [pool.submit(part, span) for span in spans[:2]]
        for following in [*spans[2:], None, None]:
            if not waiting:
                break
            yield waiting.pop(0).result()
            if following is not None:
                waiting.append(pool.submit(part, following))


def _path(table: str) -> str:
    return f"bulk/{table}.parquet"


def _complete(batch: pa.Table, name: str) -> pa.Table:
    """Return the batch with every own column of the table; absent ones are null."""
    wanted = [column.name for column in TABLES[name].columns] + ["event_time"]
    for column in wanted:
        if column not in batch.column_names:
            batch = batch.append_column(column, pa.nulls(batch.num_rows))
    return batch.select(wanted)
