"""Load the simulated city's past over HTTP, so that its live feeds go on without a seam."""

from __future__ import annotations

import io
import itertools
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
# Parts that are made while one is being loaded.
AHEAD = 2


@dataclass(frozen=True)
class Past:
    """A table of which the simulated city serves the past, and the feed that goes on with it.

    Args:
        whole: It has so few rows that they come in one part.
    """

    table: str
    feed: str
    whole: bool = False


# Of floods the city makes few rows slowly: it does while the lake is busy with many.
PAST = (
    Past("rainfall", "pantau_rain"),
    Past("complaint_versions", "crm_requests"),
    Past("inundations", "petabencana_floods", whole=True),
    Past("complaint_log", "crm_requests"),
    Past("flood_reports", "petabencana_reports", whole=True),
    Past("water_levels", "dsda_levels"),
    Past("pump_states", "pantau_pumps"),
    Past("air_measurements", "udara_jakarta"),
    Past("corridor_hours", "tomtom_flow"),
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
    missing = [past for past in PAST if not _is_loaded(lake, past)]
    parts = itertools.groupby(_parts(fetcher, city, missing, start, now), key=lambda part: part[0])
    counts: dict[str, int] = {}
    for past, (_, group) in zip(show(missing), parts, strict=True):
        batches = (answer.result() for _, answer in group)
        counts[past.table] = _load_table(lake, feeds[past.feed], past, batches, start, now)
    if counts:
        lake.settle()
        flush(lake)
    return counts


def _is_loaded(lake: Lake, past: Past) -> bool:
    found = lake.value(
        "select 1 from feed_runs where feed = $feed and history and raw_path = $path limit 1",
        feed=past.feed,
        path=_path(past.table),
    )
    return found is not None


def _load_table(
    lake: Lake,
    feed: Feed,
    past: Past,
    batches: Iterable[pa.Table],
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
        for batch in batches:
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


def _parts(
    fetcher: Fetcher, city: str, pasts: Iterable[Past], start: datetime, end: datetime
) -> Iterator[tuple[Past, Future[pa.Table]]]:
    """Yield the parts of each past in time order, `AHEAD` of them still being made."""

    def part(table: str, span: tuple[datetime, datetime]) -> pa.Table:
        params = {"start": span[0].isoformat(), "end": span[1].isoformat()}
        request = Request(f"{city}/{_path(table)}", params, timeout=TIMEOUT)
        body = fetcher.fetch(request, limit=None).body
        try:
            return pq.read_table(io.BytesIO(body))
        except pa.ArrowException as error:
            raise FetchError(f"{city}: the past of {table} is not Parquet") from error

    halves = _halves(start, end)
    waiting: deque[tuple[Past, Future[pa.Table]]] = deque()
    with ThreadPoolExecutor(1) as pool:
        for past in pasts:
            for span in [(start, end)] if past.whole else halves:
                waiting.append((past, pool.submit(part, past.table, span)))
                if len(waiting) > AHEAD:
                    yield waiting.popleft()
        yield from waiting


def _halves(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Cut a span by the halves of years, so that no part fills two of the lake's yearly files."""
    edges = (
        datetime(year, month, 1, tzinfo=WIB)
        for year in range(start.year, end.year + 2)
        for month in (1, 7)
    )
    return list(itertools.pairwise([start, *(edge for edge in edges if start < edge < end), end]))


def _path(table: str) -> str:
    return f"bulk/{table}.parquet"


def _complete(batch: pa.Table, name: str) -> pa.Table:
    """Return the batch with every own column of the table; absent ones are null."""
    wanted = [column.name for column in TABLES[name].columns] + ["event_time"]
    for column in wanted:
        if column not in batch.column_names:
            batch = batch.append_column(column, pa.nulls(batch.num_rows))
    return batch.select(wanted)
