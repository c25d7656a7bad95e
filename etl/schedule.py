"""Run the feeds on their schedule, in one process; on SIGTERM the running loads finish first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
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
SHORTEST = timedelta(seconds=1)
# First runs are spread over this time, so that a start does not ask every source at once.
SPREAD = timedelta(seconds=10)
MAINTAIN_EVERY = timedelta(minutes=10)


def interval(feed: Feed, source: Source, clock: Clock) -> timedelta | None:
    """Return the real time between two runs; None for what is only backfilled."""
    every = feed.every if source.every is None else source.every
    return None if every is None else max(SHORTEST, clock.wait(every))


def serve(
    runner: Runner,
    feeds: Mapping[str, Feed],
    sources: Mapping[str, Source],
    clock: Clock,
    maintain: Callable[[], object],
) -> None:
    """Run until SIGTERM or SIGINT.

    Args:
        runner: Runs one feed.
        feeds: All feeds.
        sources: The configured ones; disabled ones are left out.
        clock: Its speed shortens the intervals.
        maintain: Upkeep of the lake, every `MAINTAIN_EVERY` of real time.
    """
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(THREADS), "upkeep": ThreadPoolExecutor(1)},
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
            _run_quietly,
            IntervalTrigger(seconds=every.total_seconds()),
            args=[runner, name],
            id=name,
            next_run_time=real_now() + SPREAD * number / len(planned),
        )
    scheduler.add_job(
        maintain,
        IntervalTrigger(seconds=MAINTAIN_EVERY.total_seconds()),
        id="maintain",
        executor="upkeep",
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
    scheduler.shutdown(wait=True)
    log.info("schedule.stopped")


def _run_quietly(runner: Runner, name: str) -> None:
    """Run one feed; what breaks is logged and never reaches its neighbours."""
    try:
        runner.run(name)
    except EtlError as error:
        log.error("feed.not_run", feed=name, error=str(error))
    except Exception:
        log.exception("feed.crashed", feed=name)
