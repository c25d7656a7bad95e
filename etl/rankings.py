"""Publish the usual boards of the ranking each day, each under an address of its own.

Boards are cut at midnight WIB and published half an hour later, when what was loaded before it has
been added up. Each is published once, and one that fails is tried again. Of days on which the
schedule did not run nothing is published later; a board of then is asked for by its moment.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta
from datetime import time as clock_time

import structlog

from data import board_sentences, boards
from data.appeals import Appeals
from data.asof import WIB, AsOf
from data.boards import LEVELS, Level, Question
from data.lake import Lake
from data.publications import SCHEDULE, Publication, Publications, daily_id
from data.store import Store
from etl.own import OwnFeed, declare, last_run
from etl.runner import Tally, note_run

log = structlog.get_logger()

FEED = "rankings"
EVERY = timedelta(minutes=5)
OWN = OwnFeed(
    FEED,
    title="Peringkat harian yang diterbitkan",
    source="dihitung dari pengaduan menurut metodologi peringkat",
    every=timedelta(days=1),
    late=timedelta(hours=25),
    expired=timedelta(hours=36),
)


def publish(lake: Lake, reader: Lake, store: Store, now: datetime) -> list[Publication]:
    """Publish the boards of the last midnight that are not published yet, and return them.

    Args:
        lake: Open for writing: the run is noted there.
        reader: The same lake, read as the web reads it.
        store: Where publications and appeals are kept.
        now: Aware.
    """
    started = time.perf_counter()
    declare(lake, OWN, now)
    cut = datetime.combine((now - boards.ADDED_UP_AFTER).astimezone(WIB).date(), clock_time(), WIB)
    made: list[Publication] = []
    failures: list[str] = []
    for level in _missing(store, cut):
        try:
            publication = _published(reader, store, level, cut, now)
        except Exception as error:
            log.exception("rankings.failed", level=level)
            failures.append(f"{level}: {type(error).__name__}: {error}")
        else:
            made += [publication] if publication else []
    if made or failures:
        simulated = any(bool(one.frozen().board.simulated) for one in made)
        tally = Tally(uuid.uuid4().hex, FEED, now, simulated, live=True)
        tally.fetched = tally.loaded = len(made)
        tally.newest = cut if made else None
        tally.outcome = "failed" if failures else "ok"
        tally.error = "; ".join(failures) or None
        with lake.write() as cursor:
            note_run(cursor, tally, last_run(lake, FEED), now, started)
    return made


def _missing(store: Store, cut: datetime) -> list[Level]:
    known, last_day = Publications(store), cut.date() - timedelta(days=1)
    return [level for level in LEVELS if known.one(daily_id(level, last_day)) is None]


def _published(
    reader: Lake, store: Store, level: Level, cut: datetime, now: datetime
) -> Publication | None:
    """Publish one board; None where there was no complaint."""
    appeals = Appeals(store)
    board = boards.board(
        reader,
        AsOf(cut, cut, live=False),
        Question.usual(level, cut.date()),
        excluded=appeals.excluded(cut),
    )
    if not board.units:
        return None
    publication = Publications(store).publish(
        board_sentences.frozen(board, appeals.counted(cut)),
        title=board_sentences.title(board),
        role=SCHEDULE,
        at=now,
    )
    log.info("rankings.published", id=publication.id, sha256=publication.sha256)
    return publication
