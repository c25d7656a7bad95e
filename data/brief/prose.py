"""Figures and times as a brief writes them in sentences: "persen", "menit lalu", "pukul …"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data import words
from data.asof import WIB

_SPANS = (
    (timedelta(days=2), timedelta(days=1), "hari"),
    (timedelta(hours=2), timedelta(hours=1), "jam"),
)


def clock(moment: datetime, cut: datetime) -> str:
    """Write an aware moment as "pukul 03.10 WIB", with its day where that is not the cut's."""
    said = f"pukul {words.clock(moment)}"
    day = moment.astimezone(WIB).date()
    return said if day == cut.astimezone(WIB).date() else f"{words.day(day)} {said}"


def between(first: datetime, last: datetime, cut: datetime) -> str:
    """Write two moments less than a day apart as "pukul 02.10–04.40 WIB", the day as in `clock`."""
    return clock(first, cut).replace(" WIB", f"–{words.clock(last)}")


def span(length: timedelta) -> str:
    """Write a length of time in words: "56 menit", "3 jam", "12 hari"."""
    for least, unit, word in _SPANS:
        if length >= least:
            return f"{words.number(length // unit)} {word}"
    return f"{max(0, length // timedelta(minutes=1))} menit"


def percent(share: float, decimals: int = 1) -> str:
    """Write the share 0.968 as "96,8 persen"."""
    return f"{words.number(share * 100, decimals)} persen"


def signed(value: float, decimals: int = 0) -> str:
    """Write a difference with its sign: "+0,4", "−3", "0"."""
    text = words.number(value, decimals)
    return f"+{text}" if value > 0 and text.strip("0,") else text


def lowered(text: str) -> str:
    """Write a text within a sentence: "Pos pada Siaga 3" as "pos pada Siaga 3", "RT" as it is."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def listed(names: Sequence[str], most: int) -> str:
    """Write names as "A, B dan 3 lainnya"; all of them where they are no more than `most`."""
    shown = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} lainnya")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} dan {shown[-1]}"
