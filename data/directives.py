"""Directives (arahan) of the leadership: what was directed, to whom, until when, how far it is.

Append-only steps in the operational store. How a directive stands is computed from its steps, at
any moment; nothing is ever overwritten.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from data import words
from data.asof import WIB
from data.redaction import personal_data
from data.store import Store

Row = Mapping[str, Any]

SHORTEST_TEXT, LONGEST_TEXT, LONGEST_NOTE = 10, 300, 300
LONGEST_OFFICE, LONGEST_EVIDENCE = 120, 300
LONGEST_TERM = timedelta(days=3 * 366)
# Who directed or who carries it out must say how far it is at least once in so long.
SILENT_AFTER = timedelta(days=7)

# State -> its words; those that ask for something come first.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "terlambat": "Terlambat",
        "tanpa data": "Tanpa data",
        "berjalan": "Berjalan",
        "selesai": "Selesai",
    }
)
GIVE, PROGRESS, FINISH, REOPEN = "give", "progress", "finish", "reopen"


class DirectiveError(Exception):
    """What was asked cannot be noted; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Directive:
    """One directive as it stands at a moment.

    Args:
        number: Of the directive, from 1.
        giver: Office that gave it.
        owner: Office that carries it out.
        due: Last day, WIB.
        state: Key of `STATES`: past its day and not finished; without a word for a week; else
            running or finished.
        evidence: Newest evidence given, a link or words; empty for none.
        given_at: When it was noted, aware.
        told_at: When something was last said of it, aware.
        told: What was said then; empty where nothing was since it was given.
        steps: What was done, oldest first: action, role, at, text, due, evidence.
    """

    number: int
    text: str
    giver: str
    owner: str
    due: date
    state: str
    evidence: str
    given_at: datetime
    told_at: datetime
    told: str
    steps: tuple[Row, ...]

    @property
    def id(self) -> str:
        """What names it on a brief."""
        return f"arahan-{self.number}"


class Directives:
    """Notes directives and tells how they stand.

    Args:
        store: Where the steps are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def at(self, moment: datetime) -> list[Directive]:
        """Return all as known at a moment (aware): open ones by state and day, then finished."""
        found: dict[int, list[Row]] = {}
        for row in self._store.directive_steps(moment):
            found.setdefault(row["directive"], []).append(row)
        all_of_them = [_directive(steps, moment) for steps in found.values()]
        order = list(STATES)
        is_open = [one for one in all_of_them if one.state != "selesai"]
        finished = [one for one in all_of_them if one.state == "selesai"]
        return [
            *sorted(is_open, key=lambda one: (order.index(one.state), one.due, one.number)),
            *sorted(finished, key=lambda one: one.told_at, reverse=True),
        ]

    def one(self, number: int, moment: datetime) -> Directive | None:
        """Return a directive as known at a moment (aware); None where there was none."""
        steps = self._store.directive_steps(moment, number)
        return _directive(steps, moment) if steps else None

    def give(
        self,
        text: str,
        *,
        giver: str,
        owner: str,
        due: str,
        evidence: str = "",
        role: str,
        at: datetime,
    ) -> int:
        """Note a directive at a moment (aware) and return its number.

        Args:
            due: Last day as "2026-11-30", WIB.

        Raises:
            DirectiveError: A text is missing, too long or holds personal data, or the day is none
                or has passed.
        """
        step = {
            "text": _checked(text, LONGEST_TEXT, "Isi arahan", SHORTEST_TEXT),
            "giver": _checked(giver, LONGEST_OFFICE, "Pemberi arahan", 3),
            "owner": _checked(owner, LONGEST_OFFICE, "Penanggung jawab", 3),
            "due": _day(due, at),
            "evidence": _evidence(evidence),
        }
        number = self._store.newest_directive() + 1
        self._note(number, 1, GIVE, role, at, step)
        return number

    def act(
        self,
        number: int,
        action: str,
        *,
        text: str,
        evidence: str = "",
        due: str = "",
        role: str,
        at: datetime,
    ) -> None:
        """Note progress of a directive, that it is finished, or that it is open again.

        Args:
            action: `PROGRESS`, `FINISH` or `REOPEN`.
            evidence: Where it can be seen; needed to finish.
            due: New last day, needed to reopen.

        Raises:
            DirectiveError: There is no such directive, it is in no state for that, or what was
                said will not do.
        """
        standing = self.one(number, at)
        if standing is None:
            raise DirectiveError("Arahan ini tidak ditemukan.")
        if action not in (PROGRESS, FINISH, REOPEN):
            raise DirectiveError("Tindakan ini tidak dikenal.")
        if (standing.state == "selesai") != (action == REOPEN):
            raise DirectiveError(
                "Arahan ini sudah selesai."
                if standing.state == "selesai"
                else "Arahan ini belum selesai, sehingga tidak perlu dibuka kembali."
            )
        step = {
            "text": _checked(text, LONGEST_NOTE, "Keterangan", SHORTEST_TEXT),
            "evidence": _evidence(evidence, needed=action == FINISH),
            "due": _day(due, at) if action == REOPEN else "",
        }
        self._note(number, len(standing.steps) + 1, action, role, at, step)

    def _note(
        self, number: int, step: int, action: str, role: str, at: datetime, content: Row
    ) -> None:
        row = {"directive": number, "step": step, "action": action, "role": role, "at": at}
        empty = {"text": "", "giver": "", "owner": "", "due": "", "evidence": ""}
        if not self._store.note_directive_step(row | empty | dict(content)):
            raise DirectiveError("Arahan ini baru saja berubah. Muat ulang halaman.")


def _directive(steps: Sequence[Row], moment: datetime) -> Directive:
    first, last = steps[0], steps[-1]
    due = date.fromisoformat(_newest(steps, "due"))
    if last["action"] == FINISH:
        state = "selesai"
    elif moment.astimezone(WIB).date() > due:
        state = "terlambat"
    else:
        state = "tanpa data" if moment - last["at"] > SILENT_AFTER else "berjalan"
    return Directive(
        number=first["directive"],
        text=first["text"],
        giver=first["giver"],
        owner=first["owner"],
        due=due,
        state=state,
        evidence=_newest(steps, "evidence"),
        given_at=first["at"],
        told_at=last["at"],
        told=last["text"] if len(steps) > 1 else "",
        steps=tuple(steps),
    )


def _newest(steps: Sequence[Row], column: str) -> str:
    return next((str(row[column]) for row in reversed(steps) if row[column]), "")


def _checked(text: str, longest: int, name: str, shortest: int) -> str:
    # A NUL is text to SQLite and an error to PostgreSQL.
    text = unicodedata.normalize("NFC", " ".join(text.replace("\0", "").split()))
    if len(text) < shortest:
        raise DirectiveError(f"{name}: tuliskan sedikitnya {shortest} huruf.")
    if len(text) > longest:
        raise DirectiveError(f"{name} paling panjang {longest} huruf.")
    if kind := personal_data(text):
        raise DirectiveError(f"{name} memuat {kind}. Sebut jabatan atau kantornya, bukan orangnya.")
    return text


def _evidence(text: str, *, needed: bool = False) -> str:
    text = " ".join(text.replace("\0", "").split())
    if not text:
        if needed:
            raise DirectiveError("Bukti: isi tautan atau nomor dokumen yang menunjukkan hasilnya.")
        return ""
    if len(text) > LONGEST_EVIDENCE:
        raise DirectiveError(f"Bukti paling panjang {LONGEST_EVIDENCE} huruf.")
    if is_link(text):
        return text
    return _checked(text, LONGEST_EVIDENCE, "Bukti", 3)


def is_link(text: str) -> bool:
    """Answer whether evidence is an address of the web and nothing else."""
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme in ("http", "https") and bool(url.netloc) and " " not in text


def _day(text: str, at: datetime) -> str:
    today = at.astimezone(WIB).date()
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise DirectiveError("Tenggat: pilih tanggalnya.") from None
    if day < today:
        raise DirectiveError(f"Tenggat {words.day(day, weekday=False)} sudah lewat.")
    if day - today > LONGEST_TERM:
        raise DirectiveError("Tenggat paling jauh tiga tahun dari sekarang.")
    return day.isoformat()


def count(directives: Iterable[Directive]) -> dict[str, int]:
    """Return how many directives are in each state, in the order of `STATES`."""
    counted = dict.fromkeys(STATES, 0)
    for one in directives:
        counted[one.state] += 1
    return counted
