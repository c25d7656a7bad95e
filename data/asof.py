"""The moment and the area that every question is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")
# No source reaches further back, and nobody can subtract a span of days from the year 1.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
# What assets/_core.js reads as a moment too.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_AREA = re.compile(r"31(\.\d{2}(\.\d{2}(\.\d{4})?)?)?\Z")


@dataclass(frozen=True)
class AsOf:
    """A moment seen from another.

    Args:
        event_time: Up to which things happened (aware UTC).
        known_time: Up to which we had learnt of them (aware UTC).
        live: The moment is now and moves on.
    """

    event_time: datetime
    known_time: datetime
    live: bool = True

    @classmethod
    def now(cls, now: datetime) -> AsOf:
        """Return the present moment."""
        return cls(now, now)

    @classmethod
    def at(cls, moment: datetime, now: datetime, seen: Literal["saat-itu", "sekarang"]) -> AsOf:
        """Return a past moment as it was known then, or as it is known now, to the minute.

        To the minute, so that what is drawn of "as known now" can be kept.
        """
        minute = now.replace(second=0, microsecond=0)
        return cls(moment, moment if seen == "saat-itu" else max(moment, minute), live=False)


def read_as_of(pada: object, seperti: object, now: datetime) -> AsOf:
    """Read `?pada=2026-02-18T03:10&seperti=saat-itu`; what cannot be read means now.

    Args:
        pada: Local time in WIB, or with an offset; a moment after `now`, or before 1900, means now.
        seperti: "saat-itu" (default) or "sekarang".
        now: Aware UTC.
    """
    if not isinstance(pada, str) or not _MOMENT.fullmatch(pada):
        return AsOf.now(now)
    try:
        moment = datetime.fromisoformat(pada)
    except ValueError:
        return AsOf.now(now)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=WIB)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return AsOf.now(now)
    if not EARLIEST <= moment < now:
        return AsOf.now(now)
    return AsOf.at(moment, now, "sekarang" if seperti == "sekarang" else "saat-itu")


def read_area(wilayah: object) -> str:
    """Read `?wilayah=31.71.01`: a Kemendagri code, or "31" (the whole city) where it is none."""
    return wilayah if isinstance(wilayah, str) and _AREA.match(wilayah) else "31"
