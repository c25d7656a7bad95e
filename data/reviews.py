"""Reviews of evidence: who looked at what, and what came of it.

Append-only rows in the operational store. How a unit stands under a signal is computed from them,
at any moment; to open its cases is noted too, for nobody looks into a unit unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from data.evidence import Finding
from data.store import Store

SHORTEST_NOTE, LONGEST_NOTE = 10, 1_000
OPENED = "opened"
# What an inspector may do -> the words for how the unit stands after it.
STATES: Mapping[str, str] = MappingProxyType(
    {
        "examine": "Sedang diperiksa",
        "normal": "Selesai: wajar",
        "follow_up": "Ditindaklanjuti",
    }
)
UNSEEN = "Belum diperiksa"
CONCLUSIONS = frozenset({"normal", "follow_up"})


class ReviewError(Exception):
    """What was asked cannot be noted; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Review:
    """How a unit stands under a signal.

    Args:
        action: Last of `STATES`.
        role: Who did it.
        at: When, aware.
    """

    action: str
    role: str
    note: str
    at: datetime

    @property
    def word(self) -> str:
        """The state in words."""
        return STATES[self.action]


def waiting(
    findings: Iterable[Finding], standing: Mapping[tuple[str, str], Review]
) -> list[Finding]:
    """Return the findings on which no inspector has concluded: their count is the metric M11."""
    reviews = ((one, standing.get((one.signal, one.unit))) for one in findings)
    return [one for one, review in reviews if review is None or review.action not in CONCLUSIONS]


class Reviews:
    """Notes what inspectors do about evidence and tells how it stands.

    Args:
        store: Where the rows are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, signal: str, unit: str, *, role: str, at: datetime) -> None:
        """Note that somebody looks at the cases of a unit."""
        self._note(signal, unit, OPENED, role, "", at)

    def act(
        self, signal: str, unit: str, action: str, *, role: str, at: datetime, note: str = ""
    ) -> None:
        """Note a step of a review.

        Args:
            action: One of `STATES`.
            role: Who does it.
            at: When, city time (aware).
            note: Why; a conclusion needs one.

        Raises:
            ReviewError: The step is not known, or its note is too short or too long.
        """
        note = note.strip()
        if action not in STATES:
            raise ReviewError("Langkah pemeriksaan ini tidak dikenal.")
        if action in CONCLUSIONS and len(note) < SHORTEST_NOTE:
            raise ReviewError(f"Tuliskan alasannya, paling sedikit {SHORTEST_NOTE} huruf.")
        if len(note) > LONGEST_NOTE:
            raise ReviewError(f"Catatan paling panjang {LONGEST_NOTE} huruf.")
        self._note(signal, unit, action, role, note, at)

    def standing(self, at: datetime) -> dict[tuple[str, str], Review]:
        """Return how each unit stands at a moment (aware), by signal and unit."""
        return {
            (row["signal"], row["unit"]): Review(row["action"], row["role"], row["note"], row["at"])
            for row in self._store.reviews(at)
            if row["action"] in STATES
        }

    def history(self, signal: str, unit: str, at: datetime) -> list[dict[str, Any]]:
        """Return all that was done about a unit up to a moment (aware), oldest first."""
        return self._store.reviews(at, signal, unit)

    def _note(
        self, signal: str, unit: str, action: str, role: str, note: str, at: datetime
    ) -> None:
        self._store.note_review(
            {
                "signal": signal,
                "unit": unit,
                "action": action,
                "role": role,
                "note": note,
                "at": at,
            }
        )
