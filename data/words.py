"""Numbers, moments and ages as Indonesian readers write them; times are WIB."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from data.asof import WIB

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
NOTHING = "–"
MINUS = "−"

# What a freshness state (`data.freshness.State`) is called on screen.
STATES = {
    "fresh": "Terkini",
    "late": "Terlambat",
    "expired": "Kedaluwarsa",
    "disconnected": "Terputus",
    "empty": "Nihil",
    "never": "Belum ada data",
}


def number(value: float | None, decimals: int = 0) -> str:
    """Write 1234.5 as "1.234,5"; what is unknown is a dash, never a zero."""
    if value is None or value != value:
        return NOTHING
    text = f"{abs(value):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    return MINUS + text if value < 0 and text.strip("0,.") else text


def percent(share: float | None, decimals: int = 1) -> str:
    """Write the share 0.968 as "96,8 %"."""
    return NOTHING if share is None else f"{number(share * 100, decimals)} %"


def quantity(value: float | None, unit: str, decimals: int = 0) -> str:
    """Write a figure with its unit; the two stay on one line."""
    return NOTHING if value is None else f"{number(value, decimals)}\N{NO-BREAK SPACE}{unit}"


def clock(moment: datetime, *, seconds: bool = False) -> str:
    """Write an aware moment as "03.10 WIB"."""
    return f"{moment.astimezone(WIB):{'%H.%M.%S' if seconds else '%H.%M'}} WIB"


def day(when: date, *, weekday: bool = True) -> str:
    """Write a date as "Rabu, 12 Maret 2025"; a moment counts by its day in WIB."""
    local = when.astimezone(WIB) if isinstance(when, datetime) else when
    text = f"{local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{DAYS[local.weekday()]}, {text}" if weekday else text


def period(since: date, until: date) -> str:
    """Write two days, both included, as "22 November 2025 – 21 November 2026"."""
    return f"{day(since, weekday=False)} – {day(until, weekday=False)}"


def midnight(day_after: date) -> str:
    """Write the beginning of a day (WIB) as the end of the one before, "… pukul 24.00 WIB"."""
    return f"{day(day_after - timedelta(days=1), weekday=False)} pukul 24.00 WIB"


def moment(when: datetime | None) -> str:
    """Write an aware moment as "Rabu, 12 Maret 2025 pukul 03.10 WIB"."""
    return NOTHING if when is None else f"{day(when)} pukul {clock(when)}"


def short_moment(when: datetime | None) -> str:
    """Write an aware moment as "12 Mar 2025 03.10" for tables whose heading says WIB."""
    if when is None:
        return NOTHING
    local = when.astimezone(WIB)
    return f"{local.day} {MONTHS[local.month - 1][:3]} {local.year} {local:%H.%M}"


def weekday_hour(when: datetime) -> str:
    """Write the weekday and hour of an aware moment as "Rabu pukul 03.00–04.00 WIB"."""
    local = when.astimezone(WIB)
    return f"{DAYS[local.weekday()]} pukul {local.hour:02}.00–{(local.hour + 1) % 24:02}.00 WIB"


def duration(span: timedelta) -> str:
    """Write a span in the largest unit that says enough: "45 dtk", "90 mnt", "3 jam", "12 hari"."""
    seconds = max(0, int(span.total_seconds()))
    for least, length, unit in ((172_800, 86_400, "hari"), (7_200, 3_600, "jam"), (60, 60, "mnt")):
        if seconds >= least:
            return f"{number(seconds // length)} {unit}"
    return f"{seconds} dtk"


def age(when: datetime | None, now: datetime) -> str:
    """Write how long ago an aware moment was: "56 mnt lalu"; what lies ahead is "baru saja"."""
    if when is None:
        return NOTHING
    span = now - when
    return "baru saja" if span < timedelta(seconds=5) else f"{duration(span)} lalu"


def size(count: float | None) -> str:
    """Write a number of bytes as "1,2 MB"."""
    if count is None:
        return NOTHING
    for factor, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if count >= factor:
            return f"{number(count / factor, 1)} {unit}"
    return f"{number(count)} B"
