"""Upkeep of the lake: merge small files, forget old snapshots, remove what nothing points at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from data.lake import ORPHANS_KEPT, Lake
from etl.archive import Archive

log = structlog.get_logger()

# The run log of live feeds; that of loaded files stays, and so does each feed's newest run.
RUNS_DAYS = 90
# What was asked of walls, and what they did: as long as the runs.
WALLS_KEPT = timedelta(days=RUNS_DAYS)
# A reader that began before a merge may still need the files of the snapshot that it sees.
READERS_MAY_TAKE = "1 hour"
FLUSH = "call ducklake_flush_inlined_data('lake')"
STEPS = (
    ("move small inserts into files", FLUSH),
    ("merge small files", "call ducklake_merge_adjacent_files('lake')"),
    ("rewrite files with many deletions", "call ducklake_rewrite_data_files('lake')"),
    (
        "forget old snapshots",
        "call ducklake_expire_snapshots('lake', older_than => now() - interval"
        f" '{READERS_MAY_TAKE}')",
    ),
    (
        "remove files that no snapshot needs",
        "call ducklake_cleanup_old_files('lake', older_than => now() - interval"
        f" '{READERS_MAY_TAKE}')",
    ),
    (
        "remove files that a killed load left",
        "call ducklake_delete_orphaned_files('lake', older_than => now() - interval"
        f" '{ORPHANS_KEPT.days} day')",
    ),
)


def maintain(
    lake: Lake, archive: Archive, progress: Callable[[str], object] = lambda _step: None
) -> None:
    """Do all the upkeep, each step under the writer's lock of its own; readers go on.

    Args:
        lake: Open for writing.
        archive: Loses what is older than its retention.
        progress: Told the name of each step as it begins.
    """
    # First, for on a full disk no other step has the room that it needs.
    progress("remove old raw payloads")
    gone = archive.prune()
    progress("sum up the runs of past days")
    sum_up_runs(lake)
    progress("forget old runs and rejected rows")
    _forget(lake, archive.days)
    for name, sql in STEPS:
        progress(name)
        with lake.maintain() as cursor:
            cursor.execute(sql).fetchall()
    log.info("lake.maintained", raw_removed=gone)


def flush(lake: Lake) -> None:
    """Move small inserts out of the catalogue into files: a loaded past leaves many behind."""
    with lake.maintain() as cursor:
        cursor.execute(FLUSH).fetchall()


def sum_up_runs(lake: Lake) -> None:
    """Add the days to `feed_days` that are over: those before the day of the newest run."""
    with lake.write() as cursor:
        cursor.execute(
            """
            insert into feed_days by name
            select
                -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes longer.
                date '1970-01-01' + ((epoch_ms(finished_at) + 25_200_000) // 86_400_000)::integer
                as day,
                feed,
                simulated,
                count(*) as runs,
                count(*) filter (outcome <> 'failed') as working
            from feed_runs
            where not history
                and finished_at >= (
                    select coalesce(max(day) + 1, date '1970-01-01')::timestamptz from feed_days
                )
                and finished_at < (
                    select max(finished_at)::date::timestamptz from feed_runs where not history
                )
            group by all
            """
        )


def _forget(lake: Lake, quarantine_days: int) -> None:
    """Remove rejected rows as old as raw payloads, and live runs older than `RUNS_DAYS`."""
    with lake.write() as cursor:
        cursor.execute(
            "delete from quarantine where recorded_at < now() - to_days($days::integer)",
            {"days": quarantine_days},
        )
        cursor.execute(
            "delete from feed_runs where not history"
            " and finished_at < now() - to_days($days::integer)"
            " and run_id not in (select arg_max(run_id, finished_at) from feed_runs group by feed)",
            {"days": RUNS_DAYS},
        )
