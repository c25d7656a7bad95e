"""Published rankings: each frozen as it was, with a fingerprint that tells whether it still is.

A publication keeps the whole board and the sentence that was said of each unit, as one JSON text in
the operational store. Its id is the beginning of the text's sha256, so that publishing the same
board again leads to the same address.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import msgspec

from data.boards import Board
from data.store import Store

ID_LENGTH = 12


class PublicationError(Exception):
    """A publication cannot be read; the message says why."""


@dataclass(frozen=True)
class Frozen:
    """What a publication holds.

    Args:
        reasons: What was said of each unit, by unit.
        appealed: Appeals that waited or were accepted, by unit; units without are left out.
    """

    board: Board
    reasons: Mapping[str, str]
    appealed: Mapping[str, int] = field(default_factory=dict)


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
        """Keep a board for ever; one that was published before stays as it was, by whom it was."""
        body = freeze(frozen).decode()
        digest = sha256(body.encode()).hexdigest()
        publication = Publication(digest[:ID_LENGTH], title, at, role, digest, body)
        self._store.publish(dataclasses.asdict(publication))
        return self.one(publication.id) or publication

    def one(self, publication_id: str) -> Publication | None:
        """Return a publication; None where there is none of this id."""
        row = self._store.publication(publication_id)
        return None if row is None else Publication(**row)

    def newest(self, most: int) -> list[Publication]:
        """Return the newest publications without their text, newest first."""
        return [Publication(**row) for row in self._store.publications(most)]


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
