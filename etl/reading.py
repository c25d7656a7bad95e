"""Read the fields of a source row: numbers, times and text as the sources write them.

Each reader returns None for what the sources write instead of nothing (`ABSENT`) and raises
`BadField`, which names the field, for what cannot be read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from etl.errors import BadField
from etl.feed import Item, Reject, Row

WIB = ZoneInfo("Asia/Jakarta")
ABSENT = frozenset({"", "-", "--", "---", "null", "none", "n/a"})
LONGEST_TEXT = 4_000
LONGEST_RAW = 4_000
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,20})?(?:[eE][+-]?\d{1,3})?\Z")
_HOURS_AND_A_POINT = re.compile(r".{10}.\d{2}[.,]")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def kind_of(value: object) -> str:
    """Return what an operator calls a value of that type."""
    match value:
        case None:
            return "kosong"
        case bool():
            return "benar/salah"
        case int() | float():
            return "angka"
        case str():
            return "teks"
        case Mapping():
            return "objek"
        case list():
            return "daftar"
    return type(value).__name__


def absent(value: object) -> bool:
    """Tell whether `value` stands for nothing."""
    return value is None or (isinstance(value, str) and value.strip().lower() in ABSENT)


def text(row: Mapping[str, Any], name: str, *, most: int = LONGEST_TEXT) -> str | None:
    """Return a trimmed string of at most `most` characters.

    Raises:
        BadField: It is longer, or neither text nor a plain number.
    """
    value = row.get(name)
    if absent(value):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadField(name, f"seharusnya teks, ditemukan {kind_of(value)}")
    result = str(value).strip()
    if len(result) > most:
        limit = f"{most:,}".replace(",", ".")
        raise BadField(name, f"lebih dari {limit} karakter")
    return result


def number(row: Mapping[str, Any], name: str) -> float | None:
    """Return a finite float; decimal comma and point are both read.

    Raises:
        BadField: It is not a number, or not finite.
    """
    value = row.get(name)
    if absent(value):
        return None
    if isinstance(value, str):
        if not _NUMBER.match(value.strip()):
            raise BadField(name, "bukan angka")
        value = float(value.strip().replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadField(name, "bukan angka")
    try:
        result = float(value)
    except OverflowError as error:
        raise BadField(name, "bukan angka berhingga") from error
    if not math.isfinite(result):
        raise BadField(name, "bukan angka berhingga")
    return result


def whole(row: Mapping[str, Any], name: str) -> int | None:
    """Return an integer, also where the source writes 3.0.

    Raises:
        BadField: It is not a whole number.
    """
    value = number(row, name)
    if value is None:
        return None
    if value != int(value):
        raise BadField(name, "bukan bilangan bulat")
    return int(value)


def moment(
    row: Mapping[str, Any], name: str, *, zone: tzinfo | None = None, formats: Iterable[str] = ()
) -> datetime | None:
    """Return an aware UTC datetime.

    Args:
        row: The source row.
        name: The field.
        zone: Zone of a time without one; None refuses such a time.
        formats: `strptime` formats tried before ISO 8601.

    Raises:
        BadField: It is no time, has no zone, or lies outside 1990 to 2100.
    """
    value = row.get(name)
    if absent(value):
        return None
    if not isinstance(value, str):
        raise BadField(name, f"seharusnya waktu, ditemukan {kind_of(value)}")
    return read_moment(value.strip(), name, zone=zone, formats=formats)


def read_moment(
    value: str, name: str, *, zone: tzinfo | None = None, formats: Iterable[str] = ()
) -> datetime:
    """Return `value` as an aware UTC datetime; see `moment`."""
    found: datetime | None = None
    for pattern in formats:
        try:
            found = datetime.strptime(value, pattern)  # noqa: DTZ007 - zone is set below
            break
        except ValueError:
            continue
    if found is None:
        # `fromisoformat` takes the 20 of "03.20" for a fraction of a second, not for minutes.
        if _HOURS_AND_A_POINT.match(value):
            raise BadField(name, "bukan waktu")
        try:
            found = datetime.fromisoformat(value)
        except ValueError as error:
            raise BadField(name, "bukan waktu") from error
    if found.tzinfo is None:
        if zone is None:
            raise BadField(name, "waktu tanpa zona")
        found = found.replace(tzinfo=zone)
    try:
        result = found.astimezone(UTC)
    except OverflowError as error:
        raise BadField(name, "waktu di luar tahun 1990 sampai 2099") from error
    if not _EARLIEST <= result < _LATEST:
        raise BadField(name, "waktu di luar tahun 1990 sampai 2099")
    return result


def each(rows: Iterable[Any], table: str, read: Callable[[Any], Row]) -> Iterator[Item]:
    """Read rows one by one; one that cannot be read becomes a `Reject` and harms no other.

    Only for feeds without personal data: the raw row goes to quarantine as it is.
    """
    for row in rows:
        try:
            if not isinstance(row, Mapping):
                raise BadField("", f"seharusnya objek, ditemukan {kind_of(row)}")
            yield table, read(row)
        except BadField as error:
            yield Reject(error.reason, error.field or None, raw_text(row))


def raw_text(row: object) -> str:
    """Return a source row as JSON text for quarantine, cut to `LONGEST_RAW` characters."""
    try:
        encoded = orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, RecursionError, ValueError):
        encoded = repr(type(row))
    return encoded[:LONGEST_RAW]
