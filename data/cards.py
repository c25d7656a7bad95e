"""Evidence cards: the registry, and what every card is asked and says of its inputs.

The registry is `data/reference/cards.csv`: a question for policy, its pillars, the facts and the
uploads that it rests on, what speaks against reading more into it, and how it is computed. The
numbers are those of the modules `card_*`; each takes all of its choices from the URL.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from data import reference
from data.queries import Row

FIRST_DAY = date(2010, 1, 1)
LEAST_SPAN = 60
USUAL_YEARS = 3


class CardError(Exception):
    """A question that has no answer; the message, Indonesian, says why and what to ask instead."""


@dataclass(frozen=True)
class Card:
    """One card of the registry.

    Args:
        pillars: Of the smart city, by their Indonesian names.
        tables: Facts behind it.
        uploads: Kinds of `data.uploads` behind it.
        caveats: What it does not tell.
    """

    id: str
    title: str
    pillars: tuple[str, ...]
    question: str
    tables: tuple[str, ...]
    uploads: tuple[str, ...]
    caveats: tuple[str, ...]
    definition: str


@dataclass(frozen=True)
class Input:
    """What a card rests on.

    Args:
        source: Who publishes it.
        newest: Day of its newest value; None where there is none.
        count: How much of it there is, such as "1.095 hari".
    """

    name: str
    source: str
    newest: date | None
    count: str
    simulated: bool = False


@dataclass(frozen=True)
class Span:
    """Days of a card, from `since` to before `until` (WIB), as known before `cut`."""

    since: date
    until: date
    cut: date

    @property
    def last(self) -> date:
        """The last day."""
        return self.until - timedelta(days=1)


@functools.cache
def registry() -> Mapping[str, Card]:
    """Return every card by its id, in the order in which they are offered."""
    return MappingProxyType(
        {
            row["id"]: Card(
                id=row["id"],
                title=row["title"],
                pillars=tuple(row["pillars"].split("|")),
                question=row["question"],
                tables=tuple(row["tables"].split()),
                uploads=tuple(row["uploads"].split()),
                caveats=tuple(row["caveats"].split("|")),
                definition=row["definition"],
            )
            for row in reference.rows("cards")
        }
    )


def read_span(params: Mapping[str, str], cut: date, years: int = USUAL_YEARS) -> Span:
    """Read `dari` and `sampai` (itself included) of a URL; usually the last `years`.

    Raises:
        CardError: One is no date, they are in the wrong order, too close or too early.
    """
    yesterday = cut - timedelta(days=1)
    last = min(_day(params, "sampai", yesterday), yesterday)
    if last < FIRST_DAY:
        raise CardError("Tidak ada data sebelum 2010. Pilih tanggal yang lebih baru.")
    until = last + timedelta(days=1)
    since = _day(params, "dari", until - timedelta(days=365 * years))
    if since >= cut:
        raise CardError("Rentang ini belum terjadi. Pilih tanggal yang sudah lewat.")
    if since > last:
        raise CardError("Tanggal awal berada setelah tanggal akhir. Tukar keduanya.")
    if since < FIRST_DAY:
        raise CardError("Tidak ada data sebelum 2010. Pilih tanggal yang lebih baru.")
    if (until - since).days < LEAST_SPAN:
        raise CardError(f"Rentang paling pendek {LEAST_SPAN} hari. Pilih tanggal awal lebih lama.")
    return Span(since, until, cut)


def sources(feeds: Iterable[Row], table: str) -> str:
    """Return who publishes a table, of the feeds as the lake knows them."""
    told = {row["source"] for row in feeds if table in str(row["tables"]).split(", ")}
    return "; ".join(sorted(told))


def _day(params: Mapping[str, str], name: str, usual: date) -> date:
    text = params.get(name)
    if not text:
        return usual
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CardError(
            f"Tanggal “{text[:20]}” tidak dapat dibaca. Tulis seperti 2024-01-31."
        ) from None
