"""Boards of the ranking, computed once and kept for all who ask for the same.

A board is cut at midnight, so that it changes only where history was loaded since; what is kept
stands for a few minutes at most (`app.CACHE_SECONDS`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
import orjson

from dashboards.site import Site
from data import board_sentences, boards, queries
from data.appeals import Appeals
from data.asof import WIB, AsOf
from data.boards import Board, Question
from data.lake import Lake
from data.metrics import Rule
from data.publications import Frozen
from data.queries import Row


def board(site: Site, as_of: AsOf, question: Question, *, judged_by: Rule | None = None) -> Board:
    """Return the board that answers a question, by another rule than that of the day if given.

    Raises:
        QuestionError: It cannot be answered; the message, Indonesian, says why.
    """
    without = excluded(site, as_of)

    def make(lake: Lake, as_of: AsOf, question: Question) -> Board:
        return boards.board(lake, as_of, question, judged_by=judged_by, excluded=without)

    question = question.checked(boards.cut_of(as_of))
    what = f"board {judged_by.valid_from if judged_by else ''} {','.join(sorted(without))}"
    found: Board = _kept(site, what, as_of, question, Board, make)
    return found


def excluded(site: Site, as_of: AsOf) -> frozenset[str]:
    """Return what does not count on the boards of a moment: appeals accepted before the cut."""
    cut = datetime.combine(boards.cut_of(as_of), datetime.min.time(), WIB)
    return Appeals(site.store).excluded(cut)


def frozen(site: Site, board: Board) -> Frozen:
    """Return a board with what is said of its units, appeals up to its cut included."""
    return board_sentences.frozen(board, Appeals(site.store).counted(board.cut))


def times(site: Site, as_of: AsOf, question: Question) -> dict[str, Row]:
    """Return how long complaints stay with each unit: rows of `unit_times`, by unit."""
    without = excluded(site, as_of)

    def read(lake: Lake, as_of: AsOf, question: Question) -> list[Row]:
        span = period(as_of, question)
        return queries.unit_times(lake, question.level, excluded=without, **span)

    what = f"times {','.join(sorted(without))}"
    rows: list[Row] = _kept(site, what, as_of, question, list[dict[str, Any]], read)
    return {row["unit"]: row for row in rows}


def period(as_of: AsOf, question: Question) -> dict[str, Any]:
    """Return the parameters that queries about the units of a board take."""
    return {
        "cut": boards.cut_of(as_of),
        "since": question.since,
        "until": question.until + timedelta(days=1),
        "category": question.category,
        "channel": question.channel,
    }


def _kept(
    site: Site,
    what: str,
    as_of: AsOf,
    question: Question,
    kind: Any,
    make: Callable[..., Any],
) -> Any:
    asked = orjson.dumps(asdict(question)).decode()
    key = f"{what}|{boards.cut_of(as_of)}|{asked}"
    body = site.shelf.get(
        key, lambda: msgspec.json.encode(make(site.lake, as_of, question), order="deterministic")
    )
    return msgspec.json.decode(body, type=kind)
