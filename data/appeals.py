"""Appeals (sanggah): an office says why its stint with a complaint should not count; others decide.

Append-only rows in the operational store. What an appeal is about is frozen as it stood when it was
filed; how it stands is computed from the rows, at any moment. Only one may be open for a complaint
and a unit, and what was decided is not asked again. An accepted one takes the unit's stint out of
the tiers and ranks; the value by the rule in force stays, since pay follows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from data.asof import WIB
from data.holidays import days_off
from data.store import Store

Row = Mapping[str, Any]

WORKING_DAYS = 5
SHORTEST_TEXT, LONGEST_TEXT, LONGEST_EVIDENCE = 10, 1_000, 500

# Why a stint should not count -> its words.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "authority": "Bukan kewenangan unit ini",
        "place": "Lokasi bukan di wilayah unit ini",
        "elsewhere": "Menunggu pihak lain di luar kendali unit",
        "record": "Waktu atau pencatatan keliru",
        "done": "Sudah selesai tepat waktu, tercatat terlambat",
        "double": "Laporan ganda atau beruntun",
        "disaster": "Terhalang banjir atau keadaan darurat",
    }
)
# State -> its words.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "overdue": "Lewat tenggat",
        "filed": "Diajukan",
        "examined": "Diperiksa",
        "accepted": "Diterima",
        "rejected": "Ditolak",
        "withdrawn": "Ditarik kembali",
    }
)
WAITING = frozenset({"overdue", "filed", "examined"})
DECISIONS = frozenset({"accepted", "rejected"})
# Action -> the state that it leads to.
_LEADS_TO: Mapping[str, str] = MappingProxyType(
    {
        "file": "filed",
        "examine": "examined",
        "accept": "accepted",
        "reject": "rejected",
        "withdraw": "withdrawn",
    }
)
_PERSONAL: Sequence[tuple[str, re.Pattern[str]]] = (
    ("alamat surel", re.compile(r"[^\s@]+@[^\s@]+\.\w")),
    ("NIK atau nomor dokumen", re.compile(r"(?<![\w.,])\d(?:[ .-]?\d){14,15}(?!\d)")),
    (
        "nomor telepon",
        re.compile(
            r"(?<![\w.,])(?:(?:\+ ?62|62|0)[ .()-]{0,2}8\d(?:[ .-]?\d){6,11}"
            r"|\(?0\d{2,3}\)?[ -]\d{3,4}[ -]?\d{3,5})(?!\d)"
        ),
    ),
)


class AppealError(Exception):
    """What was asked cannot be noted; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Appeal:
    """One appeal as it stands at a moment.

    Args:
        unit: Office or perangkat daerah whose stint it is about.
        filed_by: Role.
        reason: Key of `REASONS`.
        item: The stint as it stood when the appeal was filed: a row of the query
            `complaint_stints`, moments as text; empty where the unit never held the complaint.
        until: Midnight (aware) at which the time to decide ends.
        state: Key of `STATES`.
        decided_at: None while it is undecided.
        decision: What was said with it.
        actions: What was done, oldest first: action, role, at, text.
    """

    complaint_id: str
    unit: str
    filed_at: datetime
    filed_by: str
    reason: str
    text: str
    evidence: str
    item: Row
    until: datetime
    state: str
    decided_at: datetime | None
    decided_by: str
    decision: str
    actions: tuple[Row, ...]

    @property
    def waits(self) -> bool:
        """Nobody has decided."""
        return self.state in WAITING

    @property
    def excluded(self) -> str:
        """What does not count if it is accepted, as `queries.unit_scores` takes it."""
        return f"{self.complaint_id} {self.unit}"


class Appeals:
    """Notes appeals and what is decided, and tells how they stand.

    Args:
        store: Where the rows are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def file(
        self,
        complaint_id: str,
        unit: str,
        *,
        item: Row,
        role: str,
        at: datetime,
        reason: str,
        text: str,
        evidence: str,
    ) -> None:
        """File an appeal at a moment (aware).

        Raises:
            AppealError: The reason is none of `REASONS`, a text is missing, too long or holds
                personal data, or the appeal was filed already.
        """
        if reason not in REASONS:
            raise AppealError("Pilih alasannya.")
        actions = self._actions(complaint_id, unit)
        standing = _latest(actions, at)
        if standing is not None and standing.waits:
            raise AppealError("Sanggahan untuk pengaduan dan unit ini sudah diajukan.")
        if standing is not None and standing.state in DECISIONS:
            raise AppealError("Sanggahan untuk pengaduan dan unit ini sudah diputuskan.")
        content = {
            "reason": reason,
            "text": _checked(text, LONGEST_TEXT, "Penjelasan"),
            "evidence": _checked(evidence, LONGEST_EVIDENCE, "Bukti", needed=False),
            "item": {key: _plain(value) for key, value in item.items()},
        }
        self._note(complaint_id, unit, actions, "file", role, at, content)

    def act(
        self, complaint_id: str, unit: str, action: str, *, role: str, at: datetime, text: str = ""
    ) -> None:
        """Note that an appeal is "examine"d, "accept"ed, "reject"ed or "withdraw"n.

        Raises:
            AppealError: No appeal waits, the reason of a decision is missing, or somebody else
                than who filed it withdraws it.
        """
        actions = self._actions(complaint_id, unit)
        standing = _latest(actions, at)
        if standing is None or not standing.waits:
            raise AppealError("Tidak ada sanggahan yang menunggu keputusan di sini.")
        if action not in _LEADS_TO or action == "file":
            raise AppealError("Tindakan ini tidak dikenal.")
        if action == "examine" and any(row["action"] == "examine" for row in standing.actions):
            raise AppealError("Sanggahan ini sudah diperiksa.")
        if action == "withdraw" and standing.filed_by != role:
            raise AppealError("Hanya yang mengajukan dapat menariknya kembali.")
        decides = _LEADS_TO[action] in DECISIONS
        content = {"text": _checked(text, LONGEST_TEXT, "Alasan keputusan", needed=decides)}
        self._note(complaint_id, unit, actions, action, role, at, content)

    def all(self, at: datetime) -> list[Appeal]:
        """Return all appeals as they stood at a moment (aware), waiting ones first by deadline."""
        found = _folded(self._store.appeal_actions(), at)
        waiting = [one for one in found if one.waits]
        ended = [one for one in found if not one.waits]
        return [
            *sorted(waiting, key=lambda one: (one.until, one.excluded)),
            *sorted(ended, key=lambda one: one.decided_at or at, reverse=True),
        ]

    def of(self, complaint_id: str, at: datetime) -> list[Appeal]:
        """Return the appeals about a complaint as they stood at a moment (aware), newest first."""
        return _folded(self._store.appeal_actions(complaint_id), at)[::-1]

    def excluded(self, at: datetime) -> frozenset[str]:
        """Return what does not count since it was accepted before a moment (aware)."""
        return frozenset(one.excluded for one in self.all(at) if one.state == "accepted")

    def counted(self, at: datetime) -> Mapping[str, int]:
        """Return how many appeals wait or were accepted at a moment (aware), by unit."""
        return Counter(one.unit for one in self.all(at) if one.waits or one.state == "accepted")

    def _actions(self, complaint_id: str, unit: str) -> list[Row]:
        return [row for row in self._store.appeal_actions(complaint_id) if row["unit"] == unit]

    def _note(
        self,
        complaint_id: str,
        unit: str,
        actions: Sequence[Row],
        action: str,
        role: str,
        at: datetime,
        content: Mapping[str, Any],
    ) -> None:
        empty = {"reason": "", "text": "", "evidence": "", "item": {}}
        noted = self._store.note_appeal_action(
            {
                "complaint_id": complaint_id,
                "unit": unit,
                "step": len(actions) + 1,
                "action": action,
                "role": role,
                "at": at,
            }
            | empty
            | dict(content)
        )
        if not noted:
            raise AppealError("Sanggahan ini baru saja berubah. Muat ulang halaman.")


def deadline(filed_at: datetime) -> datetime:
    """Return the midnight (UTC) that ends the fifth working day after a filing (aware), in WIB."""
    day, left = filed_at.astimezone(WIB).date(), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), WIB).astimezone(UTC)


def is_working_day(day: date) -> bool:
    """Answer whether a day is from Monday to Friday and offices are open."""
    return day.isoweekday() <= 5 and day not in days_off()


def personal_data(text: str) -> str | None:
    """Return what kind of personal data a text holds, in Indonesian; None for none that is seen."""
    plain = unicodedata.normalize("NFKC", text)
    return next((kind for kind, pattern in _PERSONAL if pattern.search(plain)), None)


def _folded(actions: Iterable[Row], at: datetime) -> list[Appeal]:
    """Return the appeals that rows tell of, in order of filing; `actions` come oldest first."""
    filings: dict[tuple[str, str, int], list[Row]] = {}
    newest: dict[tuple[str, str], int] = {}
    for row in actions:
        if row["at"] > at:
            continue
        pair = (row["complaint_id"], row["unit"])
        if row["action"] == "file":
            newest[pair] = row["step"]
        filings.setdefault((*pair, newest[pair]), []).append(row)
    return [_appeal(rows, at) for rows in filings.values()]


def _latest(actions: Iterable[Row], at: datetime) -> Appeal | None:
    return next(iter(_folded(actions, at)[::-1]), None)


def _appeal(rows: Sequence[Row], at: datetime) -> Appeal:
    filing, last = rows[0], rows[-1]
    until = deadline(filing["at"])
    state = _LEADS_TO[last["action"]]
    ended = state not in WAITING
    return Appeal(
        complaint_id=filing["complaint_id"],
        unit=filing["unit"],
        filed_at=filing["at"],
        filed_by=filing["role"],
        reason=filing["reason"],
        text=filing["text"],
        evidence=filing["evidence"],
        item=filing["item"],
        until=until,
        state=state if ended or at < until else "overdue",
        decided_at=last["at"] if ended else None,
        decided_by=last["role"] if ended else "",
        decision=last["text"] if ended else "",
        actions=tuple(rows),
    )


def _checked(text: str, longest: int, name: str, *, needed: bool = True) -> str:
    # A NUL is text to SQLite and an error to PostgreSQL.
    text = unicodedata.normalize("NFC", text.replace("\0", "")).strip()
    if len(text) > longest:
        raise AppealError(f"{name} paling panjang {longest} huruf.")
    if needed and len(text) < SHORTEST_TEXT:
        raise AppealError(f"{name}: tuliskan sedikitnya {SHORTEST_TEXT} huruf.")
    kind = personal_data(text)
    if kind is not None:
        raise AppealError(
            f"{name} memuat {kind}. Hapus data pribadi: sanggahan dibaca banyak petugas."
        )
    return text


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
