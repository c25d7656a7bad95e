"""Editions of the brief that are kept: frozen in what they say, reviewed, published for ever.

An edition's content never changes; its fingerprint is noted with it. What people do to one are
steps that are only ever added: its states draf, diperiksa, terbit, and the review of the draft
(pins, comments, order). How an edition stands is computed from them.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, get_args

import msgspec

from data import words
from data.asof import WIB
from data.brief.model import Comment, Content, Edition, EditionKind, Review, State
from data.redaction import personal_data
from data.store import Store

SCHEDULE = "jadwal"
LONGEST_COMMENT, LONGEST_REASON, SHORTEST = 300, 300, 3
MOST_COMMENTS = 40
# State -> states that it may go to.
WAYS: Mapping[State, tuple[State, ...]] = {
    "draf": ("diperiksa",),
    "diperiksa": ("terbit", "draf"),
    "terbit": (),
}
PIN, UNPIN, COMMENT, ORDER, WITHDRAW = "pin", "unpin", "comment", "order", "withdraw"
REVIEWS = (PIN, UNPIN, COMMENT, ORDER)

Row = Mapping[str, Any]


class EditionError(Exception):
    """What was asked cannot be done; the message, Indonesian, says why."""


class Editions:
    """The editions that are kept.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def newest(self, most: int, kind: EditionKind | None = None) -> list[Edition]:
        """Return the newest editions, of one kind or of all, newest first."""
        return self._editions(self._store.editions(most, kind=kind))

    def one(self, edition_id: str) -> Edition | None:
        """Return an edition; None where there is none of this id.

        Raises:
            EditionError: Its text is not the one that was kept.
        """
        row = self._store.edition(edition_id)
        return None if row is None else self._editions([row])[0]

    def previous(self, edition_id: str) -> Edition | None:
        """Return the edition before one; None for the first."""
        row = self._store.edition(edition_id)
        if row is None:
            return None
        found = self._store.editions(1, before=(row["cut"], row["id"]))
        return self._editions(found)[0] if found else None

    def following(self, edition_id: str) -> Edition | None:
        """Return the edition after one; None for the newest."""
        row = self._store.edition(edition_id)
        if row is None:
            return None
        found = self._store.editions(1, after=(row["cut"], row["id"]))
        return self._editions(found)[0] if found else None

    def make(self, content: Content, by: str, at: datetime, *, late: bool = False) -> Edition:
        """Keep a content as draft; the slot's edition that is kept already stays as it is.

        An edition that was withdrawn gets a successor, with a number after its id.

        Args:
            by: Role, or `SCHEDULE`.
            at: When it is made (aware).
            late: After its time.
        """
        edition_id = self._free_id(slot(content.kind, content.cut))
        before = self._store.editions(1, before=(content.cut, edition_id))
        body = freeze(content)
        kept = self._store.keep_edition(
            {
                "id": edition_id,
                "kind": content.kind,
                "cut": content.cut,
                "made_at": at,
                "late": late,
                "previous": before[0]["id"] if before else "",
                "changed": list(changed(thaw(before[0]["body"].encode()), content))
                if before
                else [],
                "sha256": sha256(body).hexdigest(),
                "body": body.decode(),
            }
        )
        if kept:
            self._note(edition_id, 1, "draf", (), "", by, at)
        found = self.one(edition_id)
        assert found is not None
        return found

    def advance(self, edition_id: str, state: State, role: str, at: datetime) -> Edition:
        """Bring an edition into another state at a moment (aware).

        Raises:
            EditionError: There is no such edition, or it cannot go there.
        """
        edition = self._standing(edition_id)
        if state not in WAYS[edition.state]:
            raise EditionError(
                f"Edisi yang sudah {edition.state} tidak dapat menjadi {state}."
                if state in get_args(State)
                else "Keadaan ini tidak dikenal."
            )
        return self._add(edition_id, state, (), "", role, at)

    def pin(self, edition_id: str, item: str, on: bool, role: str, at: datetime) -> Edition:
        """Pin an item of *perlu perhatian* above the others, or let it go.

        Raises:
            EditionError: The edition is published, or has no such item.
        """
        edition = self._reviewable(edition_id, (item,), attention_of)
        if (item in edition.review.pinned) == on:
            return edition
        return self._add(edition_id, PIN if on else UNPIN, (item,), "", role, at)

    def order(self, edition_id: str, items: Sequence[str], role: str, at: datetime) -> Edition:
        """Put the items of *perlu perhatian* in an order; those not named follow.

        Raises:
            EditionError: The edition is published, or has no such item.
        """
        self._reviewable(edition_id, items, attention_of)
        return self._add(edition_id, ORDER, tuple(dict.fromkeys(items)), "", role, at)

    def comment(self, edition_id: str, item: str, text: str, role: str, at: datetime) -> Edition:
        """Write beside an item.

        Raises:
            EditionError: The edition is published, has no such item or too many comments, or the
                text is missing, too long or holds personal data.
        """
        edition = self._reviewable(edition_id, (item,), items_of)
        if len(edition.review.comments) >= MOST_COMMENTS:
            raise EditionError("Edisi ini sudah memiliki terlalu banyak catatan.")
        return self._add(
            edition_id, COMMENT, (item,), _checked(text, "Catatan", LONGEST_COMMENT), role, at
        )

    def withdraw(self, edition_id: str, reason: str, role: str, at: datetime) -> Edition:
        """Take an edition back: it stays to be read, with the reason on it.

        Raises:
            EditionError: There is no such edition, it is withdrawn already, or no reason is given.
        """
        edition = self._standing(edition_id)
        if edition.withdrawn:
            raise EditionError("Edisi ini sudah ditarik.")
        return self._add(
            edition_id, WITHDRAW, (), _checked(reason, "Alasan", LONGEST_REASON), role, at
        )

    def _free_id(self, base: str) -> str:
        """Return the id of a slot's edition: the newest that is not withdrawn, or the next."""
        edition_id = base
        while (edition := self.one(edition_id)) is not None and edition.withdrawn:
            edition_id = _successor(edition_id)
        return edition_id

    def _standing(self, edition_id: str) -> Edition:
        edition = self.one(edition_id)
        if edition is None:
            raise EditionError("Edisi ini tidak ditemukan.")
        return edition

    def _reviewable(self, edition_id: str, items: Iterable[str], known: Any) -> Edition:
        edition = self._standing(edition_id)
        if edition.state == "terbit":
            raise EditionError("Edisi yang sudah terbit tidak dapat diubah.")
        if edition.withdrawn:
            raise EditionError("Edisi yang ditarik tidak dapat diubah.")
        if not set(items) <= set(known(edition.content)):
            raise EditionError("Butir ini tidak ada pada edisi ini.")
        return edition

    def _add(
        self,
        edition_id: str,
        action: str,
        items: Sequence[str],
        text: str,
        role: str,
        at: datetime,
    ) -> Edition:
        step = len(self._store.edition_steps([edition_id])) + 1
        self._note(edition_id, step, action, items, text, role, at)
        return self._standing(edition_id)

    def _note(
        self,
        edition_id: str,
        step: int,
        action: str,
        items: Sequence[str],
        text: str,
        role: str,
        at: datetime,
    ) -> None:
        row = {
            "edition": edition_id,
            "step": step,
            "action": action,
            "items": list(items),
            "text": text,
            "role": role,
            "at": at,
        }
        if not self._store.note_edition_step(row):
            raise EditionError("Edisi ini baru saja berubah. Muat ulang halaman.")

    def _editions(self, rows: Sequence[Row]) -> list[Edition]:
        steps: dict[str, list[Row]] = {row["id"]: [] for row in rows}
        for step in self._store.edition_steps(steps):
            steps[step["edition"]].append(step)
        return [self._edition(row, steps[row["id"]]) for row in rows]

    def _edition(self, row: Row, steps: Sequence[Row]) -> Edition:
        body = row["body"].encode()
        if sha256(body).hexdigest() != row["sha256"]:
            raise EditionError(f"Isi edisi {row['id']} tidak sesuai dengan sidik jarinya.")
        states: list[Row] = [step for step in steps if step["action"] in WAYS]
        taken = next((step for step in steps if step["action"] == WITHDRAW), None)
        # Between keeping an edition and noting its first state another process may read it.
        last = states[-1] if states else {"action": "draf", "at": row["made_at"], "role": SCHEDULE}
        successor = _successor(row["id"]) if taken else ""
        return Edition(
            id=row["id"],
            content=_content(body),
            sha256=row["sha256"],
            made_at=row["made_at"],
            state=last["action"],
            state_at=last["at"],
            state_role=last["role"],
            review=_review(steps),
            previous=row["previous"],
            changed=tuple(row["changed"]),
            late=row["late"],
            withdrawn=_withdrawal(taken) if taken else "",
            corrected_by=successor if successor and self._store.edition(successor) else "",
        )


def slot(kind: EditionKind, cut: datetime) -> str:
    """Return the id of the edition of a kind that is cut at a moment (aware)."""
    local = cut.astimezone(WIB)
    day = f"{local:%Y-%m-%d}-{kind}"
    return f"{day}-{local:%H%M}" if kind == "situasi" else day


def freeze(content: Content) -> bytes:
    """Return a content as JSON; an equal one gives the same bytes."""
    return msgspec.json.encode(content, order="deterministic")


def thaw(body: bytes) -> Content:
    """Return what `freeze` made.

    Raises:
        EditionError: It is not what `freeze` makes.
    """
    try:
        return msgspec.json.decode(body, type=Content)
    except msgspec.MsgspecError as error:
        raise EditionError(f"Isi edisi tidak dapat dibaca: {error}") from None


def items_of(content: Content) -> dict[str, object]:
    """Return what a brief says, by the id of the item: what two editions are compared by."""
    return {
        **{one.id: one.text for one in content.opening},
        **{one.issue.id: (one.issue.text, one.owner) for one in content.decisions},
        **{one.id: (one.what.text, one.severity, one.handler) for one in content.attention},
        **{one.id: (one.value, one.unit, one.detail) for one in content.figures},
        **{one.id: (one.state, one.text, one.detail) for one in content.followed},
        **{one.id: one.text for one in content.performance},
        **{one.id: one.would_change for one in content.unknown},
        **{one.id: one.text for one in content.outlook},
    }


def attention_of(content: Content) -> list[str]:
    """Return the ids of what deserves attention, in order."""
    return [one.id for one in content.attention]


def changed(before: Content, after: Content) -> tuple[str, ...]:
    """Return the ids of items that differ from those before, or were not there."""
    old = items_of(before)
    return tuple(id_ for id_, said in items_of(after).items() if old.get(id_) != said)


@functools.lru_cache(maxsize=32)
def _content(body: bytes) -> Content:
    return thaw(body)


def _review(steps: Iterable[Row]) -> Review:
    pinned: list[str] = []
    order: tuple[str, ...] = ()
    comments: list[Comment] = []
    revision = 0
    for step in steps:
        revision += step["action"] in REVIEWS
        match step["action"]:
            case "pin":
                pinned.append(step["items"][0])
            case "unpin":
                pinned.remove(step["items"][0])
            case "order":
                order = tuple(step["items"])
            case "comment":
                comments.append(Comment(step["items"][0], step["text"], step["role"], step["at"]))
    return Review(revision, tuple(pinned), order, tuple(comments))


def _successor(edition_id: str) -> str:
    base, _, number = edition_id.partition("-v")
    return f"{base}-v{int(number or 1) + 1}"


def _withdrawal(step: Row) -> str:
    return f"Ditarik {words.moment(step['at'])} oleh {step['role']}: {step['text']}"


def _checked(text: str, name: str, longest: int) -> str:
    # A NUL is text to SQLite and an error to PostgreSQL.
    text = unicodedata.normalize("NFC", " ".join(text.replace("\0", "").split()))
    if len(text) < SHORTEST:
        raise EditionError(f"{name}: tuliskan sedikitnya {SHORTEST} huruf.")
    if len(text) > longest:
        raise EditionError(f"{name} paling panjang {longest} huruf.")
    if kind := personal_data(text):
        raise EditionError(f"{name} memuat {kind}. Sebut jabatan atau kantornya, bukan orangnya.")
    return text
