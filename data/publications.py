"""Published rankings: each frozen as it was, with a fingerprint that tells whether it still is.

A publication keeps the whole board and the sentence that was said of each unit, as one JSON text in
the operational store. Its id is the beginning of the text's sha256, so that publishing the same
board again leads to the same address. What the schedule publishes each day is called by its last
day and its level instead, so that there is one of each.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256

import msgspec

from data.boards import LEVELS, Board, Level
from data.store import Store

ID_LENGTH = 12
# Of the files of a publication: from 2 on they tell the probability of each rank interval.
FORM = 2
# Role of what the schedule publishes.
SCHEDULE = "jadwal"


class PublicationError(Exception):
    """A publication cannot be read; the message says why."""


@dataclass(frozen=True)
class Frozen:
    """What a publication holds.

    Args:
        reasons: What was said of each unit, by unit.
        appealed: Appeals that waited or were accepted, by unit; units without are left out.
        form: `FORM` when it was published, so that its files keep their columns and fingerprint.
    """

    board: Board
    reasons: Mapping[str, str]
    appealed: Mapping[str, int] = field(default_factory=dict)
    form: int = 1


@dataclass(frozen=True)
class Publication:
    """A ranking as it was published.

    Args:
        published_at: City time, aware.
        role: Who published it.
        sha256: Of the text, as noted when it was published.
        body: The text; empty in lists.
    """

    id: str
    title: str
    published_at: datetime
    role: str
    sha256: str
    body: str = ""

    @property
    def daily(self) -> tuple[Level, date] | None:
        """Level and last day of what the schedule published; None of what a person did."""
        if self.role != SCHEDULE:
            return None
        day, _, letters = self.id.partition("-")
        return next(one for one in LEVELS if one.startswith(letters)), date.fromisoformat(day)

    @property
    def intact(self) -> bool:
        """The text is the one that was published."""
        return sha256(self.body.encode()).hexdigest() == self.sha256

    def frozen(self) -> Frozen:
        """Return what was published.

        Raises:
            PublicationError: The text is not the one that was published.
        """
        if not self.intact:
            raise PublicationError(f"publication {self.id} does not match its sha256")
        return thaw(self.body.encode())


class Publications:
    """The rankings that were published.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def publish(self, frozen: Frozen, *, title: str, role: str, at: datetime) -> Publication:
        """Keep a board for ever; one that was published before stays as it was, by whom it was.

        Args:
            role: Who publishes it; `SCHEDULE` the usual board of a day.
        """
        body = freeze(frozen).decode()
        digest = sha256(body.encode()).hexdigest()
        question = frozen.board.question
        name = daily_id(question.level, question.until) if role == SCHEDULE else digest[:ID_LENGTH]
        publication = Publication(name, title, at, role, digest, body)
        self._store.publish(dataclasses.asdict(publication))
        return self.one(publication.id) or publication

    def one(self, publication_id: str) -> Publication | None:
        """Return a publication; None where there is none of this id."""
        row = self._store.publication(publication_id)
        return None if row is None else Publication(**row)

    def newest(self, most: int) -> list[Publication]:
        """Return the newest that people published, without their text, newest first."""
        return self._newest(most, is_of=False)

    def newest_daily(self, most: int) -> list[Publication]:
        """Return the newest that the schedule published, without their text, newest first."""
        return self._newest(most, is_of=True)

    def around(self, publication: Publication) -> tuple[str, str]:
        """Return the ids of the daily boards of its level before and after it; empty: none."""
        if publication.daily is None:
            return "", ""
        ending = publication.id[publication.id.index("-") :]
        return self._store.publications_around(publication.id, ending)

    def _newest(self, most: int, *, is_of: bool) -> list[Publication]:
        rows = self._store.publications(most, SCHEDULE, is_of=is_of)
        return [Publication(**row) for row in rows]


def daily_id(level: Level, last_day: date) -> str:
    """Return the id of a day's usual board: "20261121-kel"."""
    return f"{last_day:%Y%m%d}-{level[:3]}"


def freeze(frozen: Frozen) -> bytes:
    """Return a board as JSON; the same board gives the same bytes."""
    return msgspec.json.encode(frozen, order="deterministic")


def thaw(body: bytes) -> Frozen:
    """Return what `freeze` made.

    Raises:
        PublicationError: It is not what `freeze` makes.
    """
    try:
        return msgspec.json.decode(body, type=Frozen)
    except msgspec.MsgspecError as error:
        raise PublicationError(f"the text of a publication cannot be read: {error}") from None
