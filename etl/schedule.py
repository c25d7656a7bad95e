"""Run the feeds on their schedule, in one process; on SIGTERM the running loads finish first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from data.clock import Clock, real_now
from etl.config import Source
from etl.errors import EtlError
from etl.feed import Feed
from etl.runner import Runner

log = structlog.get_logger()

THREADS = 8


@dataclass(frozen=True)
class Chore:
    """Something else that runs on the schedule.

    Args:
        every: Real time between two runs.
    """

    name: str
    every: timedelta
    do: Callable[[], object]


SHORTEST = timedelta(seconds=1)
# First runs are spread over this time, so that a start does not ask every source at once.
SPREAD = timedelta(seconds=10)
# Where restarts come often, what runs every ten minutes must have its turn too.
SOON = timedelta(minutes=1)


def interval(feed: Feed, source: Source, clock: Clock) -> timedelta | None:
    """Return the real time between two runs; None for what is only backfilled."""
    every = feed.every if source.every is None else source.every
    return None if every is None else max(SHORTEST, clock.wait(every))


def serve(
    runner: Runner,
    feeds: Mapping[str, Feed],
    sources: Mapping[str, Source],
    clock: Clock,
    chores: Sequence[Chore] = (),
) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        runner: Runs one feed.
        feeds: All feeds.
        sources: The configured ones; disabled ones are left out.
        clock: Its speed shortens the intervals.
        chores: What else runs; each at most once at a time.
    """
    scheduler = BackgroundScheduler(
        executors={
            "default": ThreadPoolExecutor(THREADS),
            "chores": ThreadPoolExecutor(max(1, len(chores))),
        },
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="Asia/Jakarta",
    )
    planned = {
        name: every
        for name, source in sources.items()
        if source.enabled and (every := interval(feeds[name], source, clock)) is not None
    }
    for number, (name, every) in enumerate(sorted(planned.items(), key=lambda item: item[1])):
        scheduler.add_job(
            _quietly,
            IntervalTrigger(seconds=every.total_seconds()),
            args=[name, partial(runner.run, name)],
            id=name,
            next_run_time=real_now() + SPREAD * number / len(planned),
        )
    for chore in chores:
        scheduler.add_job(
            _quietly,
            IntervalTrigger(seconds=chore.every.total_seconds()),
            args=[chore.name, chore.do],
            id=chore.name,
            executor="chores",
            next_run_time=real_now() + min(chore.every, SOON),
        )
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    scheduler.start()
    log.info("schedule.started", feeds=sorted(planned))
    stop.wait()
    log.info("schedule.stopping")
    runner.stop()
    scheduler.shutdown(wait=True)
    log.info("schedule.stopped")


def _quietly(name: str, do: Callable[[], object]) -> None:
    """Run one job; what breaks is logged and never reaches its neighbours."""
    try:
        do()
    except EtlError as error:
        log.error("job.not_run", job=name, error=str(error))
    except Exception:
        log.exception("job.crashed", job=name)
