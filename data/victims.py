"""Victims and evacuees by kelurahan, as Pusdalops counts them by hand: signed by role and time.

Each count stands until a newer one of the same kelurahan takes its place, or until it is withdrawn;
all of them stay. No source tells of them otherwise: what nobody counted in the last day is unknown,
never zero.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from data import reference, words
from data.asof import WIB
from data.redaction import personal_data
from data.store import Store

Row = Mapping[str, Any]

# Column -> its word.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "dead": "Meninggal",
        "missing": "Hilang",
        "injured": "Luka",
        "evacuated": "Mengungsi",
    }
)
# A count tells of the day after it.
TELLS_FOR = timedelta(hours=24)
# A count that is entered later than so is a slip of the date.
LONGEST_DELAY = timedelta(days=7)
MOST = 500_000
SHORTEST_SOURCE, LONGEST_SOURCE = 5, 200


class VictimsError(Exception):
    """What was asked cannot be noted; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Count:
    """One count of one kelurahan.

    Args:
        kelurahan_code: Kemendagri code.
        counted_at: Moment of which it tells, aware.
        dead, missing, injured, evacuated: Persons; None where it does not say.
        source: Who counted, Indonesian.
        role: Role that entered it.
        at: When it was entered, aware.
        state: "berlaku", "diganti" (a newer one stands), "lewat" (older than a day) or "ditarik".
        withdrawn_at: None while it stands.
        withdrawn_by: Role; empty while it stands.
        withdrawn_for: Reason; empty while it stands.
    """

    id: int
    kelurahan_code: str
    counted_at: datetime
    dead: int | None
    missing: int | None
    injured: int | None
    evacuated: int | None
    source: str
    role: str
    at: datetime
    state: str
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_for: str

    def of(self, kind: str) -> int | None:
        """Return the number of persons of one of `KINDS`."""
        found: int | None = getattr(self, kind)
        return found


@dataclass(frozen=True)
class Told:
    """What is known of victims at a moment: the counts that stand, summed.

    Args:
        dead, missing, injured, evacuated: Persons; None where no count says.
        counts: Those that stand, in order of kelurahan.
        oldest: Oldest moment that one of them tells of, aware.
        newest: Newest moment that one of them tells of, aware.
    """

    dead: int | None
    missing: int | None
    injured: int | None
    evacuated: int | None
    counts: tuple[Count, ...]
    oldest: datetime
    newest: datetime

    def of(self, kind: str) -> int | None:
        """Return the number of persons of one of `KINDS`."""
        found: int | None = getattr(self, kind)
        return found


class Victims:
    """Notes counts of victims and tells what they say.

    Args:
        store: Where the counts are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def at(self, moment: datetime) -> Told | None:
        """Return what is known at a moment (aware); None where nobody counted in the last day."""
        counts = [one for one in self.all(moment) if one.state == "berlaku"]
        if not counts:
            return None
        counts.sort(key=lambda one: one.kelurahan_code)
        moments = [one.counted_at for one in counts]
        sums = {kind: _sum(one.of(kind) for one in counts) for kind in KINDS}
        return Told(**sums, counts=tuple(counts), oldest=min(moments), newest=max(moments))

    def all(self, moment: datetime) -> list[Count]:
        """Return all counts as known at a moment (aware), newest first."""
        seen: set[str] = set()
        found = []
        for row in self._store.victim_counts(moment):
            gone = row["withdrawn_at"] is not None and row["withdrawn_at"] <= moment
            if gone:
                state = "ditarik"
            elif row["kelurahan_code"] in seen:
                state = "diganti"
            else:
                state = "lewat" if moment - row["counted_at"] > TELLS_FOR else "berlaku"
                seen.add(row["kelurahan_code"])
            withdrawal = (
                {} if gone else {"withdrawn_at": None, "withdrawn_by": "", "withdrawn_for": ""}
            )
            found.append(Count(**(row | withdrawal), state=state))
        return found

    def enter(
        self,
        kelurahan_code: str,
        *,
        counted_at: str,
        source: str,
        counts: Mapping[str, str],
        role: str,
        at: datetime,
    ) -> int:
        """Note a count at a moment (aware) and return its number.

        Args:
            counted_at: Moment that it tells of as "2026-11-22T03:10", WIB.
            counts: As typed, by key of `KINDS`; what is empty is not known.

        Raises:
            VictimsError: The place is no kelurahan, the moment lies ahead or too far back, nothing
                was counted, a number is none, or the source is missing or names a person.
        """
        if kelurahan_code not in {code for code, _ in kelurahan()}:
            raise VictimsError("Pilih kelurahannya.")
        numbers = {kind: _number(counts.get(kind, ""), word) for kind, word in KINDS.items()}
        if all(number is None for number in numbers.values()):
            raise VictimsError("Isi sedikitnya satu angka; yang belum diketahui dibiarkan kosong.")
        return self._store.note_victim_count(
            {
                "kelurahan_code": kelurahan_code,
                "counted_at": _moment(counted_at, at),
                **numbers,
                "source": _text(source, "Sumber"),
                "role": role,
                "at": at,
                "withdrawn_by": "",
                "withdrawn_for": "",
            }
        )

    def withdraw(self, count_id: int, *, reason: str, role: str, at: datetime) -> None:
        """Take a count back at a moment (aware); it stays on the list, and counts no more.

        Raises:
            VictimsError: There is none of that number that stands, or the reason is missing.
        """
        reason = _text(reason, "Alasan")
        if not self._store.withdraw_victim_count(count_id, reason, role, at):
            raise VictimsError("Catatan ini tidak ada atau sudah ditarik.")


def kelurahan() -> list[tuple[str, str]]:
    """Return code and name of every kelurahan, in order of name."""
    areas = reference.rows("areas")
    found = ((row["code"], row["name"]) for row in areas if row["level"] == "kelurahan")
    return sorted(found, key=lambda pair: pair[1])


def _sum(numbers: Iterable[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None


def _number(text: str, word: str) -> int | None:
    plain = text.strip()
    if not plain:
        return None
    # Thousands may be written with a point, as people read them.
    digits = plain.replace(".", "") if _is_grouped(plain) else plain
    if not (digits.isascii() and digits.isdigit()):
        raise VictimsError(f"{word}: isi bilangan bulat, seperti 12.")
    if len(digits) > len(str(MOST)) or int(digits) > MOST:
        raise VictimsError(f"{word}: {plain[:12]} terlalu besar; periksa angkanya.")
    return int(digits)


def _is_grouped(text: str) -> bool:
    first, *others = text.split(".")
    return bool(others) and 1 <= len(first) <= 3 and all(len(group) == 3 for group in others)


def _moment(text: str, at: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise VictimsError("Waktu hitungan: isi tanggal dan pukulnya.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=WIB)
    if moment > at:
        raise VictimsError(f"Waktu hitungan {words.moment(moment)} belum terjadi.")
    if at - moment > LONGEST_DELAY:
        raise VictimsError(f"Waktu hitungan paling lama {LONGEST_DELAY.days} hari yang lalu.")
    return moment


def _text(text: str, name: str) -> str:
    text = unicodedata.normalize("NFC", " ".join(text.replace("\0", "").split()))
    if len(text) < SHORTEST_SOURCE:
        raise VictimsError(f"{name}: tuliskan sedikitnya {SHORTEST_SOURCE} huruf.")
    if len(text) > LONGEST_SOURCE:
        raise VictimsError(f"{name} paling panjang {LONGEST_SOURCE} huruf.")
    if kind := personal_data(text):
        raise VictimsError(f"{name} memuat {kind}. Data perorangan tidak disimpan di sini.")
    return text
