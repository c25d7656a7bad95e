"""Annotations of series: what a person knows of a day that no table tells, with role and source.

They are kept in the operational store and are never changed: one that is withdrawn stays, so that
a past moment shows what was written by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from data.store import Store

LONGEST_TEXT, LONGEST_SOURCE, MOST = 240, 200, 500


class AnnotationError(Exception):
    """An annotation cannot be kept; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Annotation:
    """A note at a day of a series.

    Args:
        series: Id of the registry.
        day: What it is about, WIB.
        role: Id of the role that wrote it.
        at: When it was written, aware.
        source: Where it can be checked.
    """

    id: int
    series: str
    day: date
    text: str
    source: str
    role: str
    at: datetime


class Annotations:
    """The annotations of all series.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, series: str, at: datetime) -> list[Annotation]:
        """Return those that stood at a series at a moment (aware), in order of day."""
        return [
            Annotation(
                row["id"],
                row["series"],
                date.fromisoformat(row["day"]),
                row["text"],
                row["source"],
                row["role"],
                row["at"],
            )
            for row in self._store.annotations(series, at)
        ]

    def add(self, series: str, day: str, text: str, source: str, *, role: str, at: datetime) -> int:
        """Keep an annotation and return its number.

        Raises:
            AnnotationError: It has no text, source or day, or they are too long.
        """
        text, source = " ".join(text.split()), " ".join(source.split())
        if not text or not source:
            raise AnnotationError("Tulis catatan dan sumbernya.")
        if len(text) > LONGEST_TEXT or len(source) > LONGEST_SOURCE:
            raise AnnotationError(
                f"Catatan paling panjang {LONGEST_TEXT} huruf, sumber {LONGEST_SOURCE}."
            )
        try:
            when = date.fromisoformat(day)
        except ValueError:
            raise AnnotationError("Pilih tanggal catatan.") from None
        if len(self.of(series, at)) >= MOST:
            raise AnnotationError("Seri ini sudah memiliki terlalu banyak catatan.")
        return self._store.annotate(
            {
                "series": series,
                "day": when.isoformat(),
                "text": text,
                "source": source,
                "role": role,
                "at": at,
            }
        )

    def withdraw(self, annotation_id: int, *, role: str, at: datetime) -> bool:
        """Take an annotation back; False where it is none, or somebody else's role wrote it."""
        return self._store.withdraw_annotation(annotation_id, role, at)
