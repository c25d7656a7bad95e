"""How a complaint is told: its status, its office and how it stands with its time."""

from __future__ import annotations

from datetime import datetime

from data import words
from data.queries import Row


def status_word(status: str) -> str:
    """Write a status of CRM as the screen does: its abbreviation reads as early warning."""
    return "Estimasi Waktu Selesai" if status == "EWS" else status


def office(name: str | None) -> str:
    """Write the name of an office as a reader does: "Dinas Bina Marga"."""
    if not name:
        return "perangkat daerah tidak disebut"
    return name.title().replace(" Dan ", " dan ")


def due_word(row: Row, now: datetime) -> tuple[str, str, str]:
    """Return how a complaint stands with its time: shape, word, and a note below it.

    Args:
        row: Of `complaints_told` or `complaint_one`.
        now: The moment that is looked at, aware.
    """
    due, closed = row["due_at"], row["closed_at"]
    if due is None:
        return "ring", "tidak dapat dinilai", "masuk sebelum aturan pertama"
    if row["created_at"] > (closed or now):
        return "ring", "tidak dapat dinilai", "waktu pada data tidak urut"
    if closed is not None:
        if closed <= due:
            return "speech", "tepat waktu", f"dalam {words.duration(closed - row['created_at'])}"
        return "speech-full", "selesai terlambat", f"lewat {words.duration(closed - due)}"
    if now <= due:
        return "speech", f"sisa {words.duration(due - now)}", words.short_moment(due)
    return "speech-full", f"lewat {words.duration(now - due)}", words.short_moment(due)
