"""The card of social aid: who receives beyond need, and whose need is not reached, per kelurahan.

Only counts of families per kelurahan, as uploaded; never persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data import reference, words
from data.cards import CardError, Input
from data.uploads import Upload, kelurahan

CARD, KIND = "bantuan", "bansos"
INPUT = "Penerima dan kebutuhan per kelurahan"
ORDERS = {
    "kelurahan": "Kelurahan",
    "eksklusi": "Celah eksklusi",
    "inklusi": "Celah inklusi",
    "bagian": "Bagian tak terjangkau",
}


@dataclass(frozen=True)
class Question:
    """What is asked.

    Args:
        area: Only kelurahan of this area; "31": all.
        order: Key of `ORDERS`.
    """

    area: str
    order: str


@dataclass(frozen=True)
class Gap:
    """A kelurahan, or a sum of them; families.

    Args:
        deserving: Recipients who are in need; None where the file does not tell.
        inclusion: Recipients beyond need; without `deserving` at least so many.
        exclusion: Need that is not reached; without `deserving` at least so much.
    """

    code: str
    name: str
    recipients: float
    need: float
    deserving: float | None
    inclusion: float
    exclusion: float

    @property
    def unreached(self) -> float | None:
        """Share of the need that is not reached; None without need."""
        return self.exclusion / self.need if self.need else None

    @property
    def beyond(self) -> float | None:
        """Share of the recipients beyond need; None without recipients."""
        return self.inclusion / self.recipients if self.recipients else None


@dataclass(frozen=True)
class Answer:
    """The card.

    Args:
        gaps: Kelurahan that the file tells of, in the order that was asked for.
        total: Sum over them, where one kelurahan's surplus covers no other's lack.
        incomplete: Kelurahan with only one of recipients and need, by name.
        silent: How many kelurahan of the area the file does not tell of.
        exact: The file tells for every kelurahan how many recipients are in need.
    """

    question: Question
    upload: Upload
    gaps: tuple[Gap, ...]
    total: Gap
    incomplete: tuple[str, ...]
    silent: int
    exact: bool
    inputs: tuple[Input, ...]


def read_question(params: Mapping[str, str], area: str) -> Question:
    """Read `urut` of a URL.

    Raises:
        CardError: There is no such order.
    """
    order = params.get("urut") or "eksklusi"
    if order not in ORDERS:
        raise CardError(f"Urutan “{order[:20]}” tidak dikenal: {', '.join(ORDERS)}.")
    return Question(area, order)


def answer(upload: Upload, question: Question) -> Answer:
    """Return the card of a question on an upload."""
    inside = {
        code: name
        for code, name in kelurahan().items()
        if question.area == "31" or code.startswith(question.area)
    }
    told = {code: upload.values[code] for code in inside if code in upload.values}
    gaps = [
        _gap(code, inside[code], row)
        for code, row in told.items()
        if {"penerima", "kebutuhan"} <= row.keys()
    ]
    deserving = [gap.deserving for gap in gaps if gap.deserving is not None]
    exact = bool(gaps) and len(deserving) == len(gaps)
    return Answer(
        question=question,
        upload=upload,
        gaps=tuple(sorted(gaps, key=lambda gap: (_place_in(question.order, gap), gap.name))),
        total=Gap(
            question.area,
            _area_name(question.area),
            sum(gap.recipients for gap in gaps),
            sum(gap.need for gap in gaps),
            sum(deserving) if exact else None,
            sum(gap.inclusion for gap in gaps),
            sum(gap.exclusion for gap in gaps),
        ),
        incomplete=tuple(inside[code] for code in told if code not in {gap.code for gap in gaps}),
        silent=len(inside) - len(told),
        exact=exact,
        inputs=(
            Input(
                INPUT,
                upload.source,
                upload.dated,
                f"{words.number(len(told))} dari {words.number(len(inside))} kelurahan",
                upload.simulated,
            ),
        ),
    )


def _place_in(order: str, gap: Gap) -> float:
    """Return where a kelurahan stands in an order: the least first, names where all are alike."""
    figures = {"eksklusi": gap.exclusion, "inklusi": gap.inclusion, "bagian": gap.unreached or 0}
    return -figures.get(order, 0)


def _gap(code: str, name: str, row: Mapping[str, float]) -> Gap:
    recipients, need, deserving = row["penerima"], row["kebutuhan"], row.get("penerima_layak")
    # More deserving recipients than recipients, or than need, are a mistake of the file: what is
    # left is never less than nothing.
    reached = min(recipients, need) if deserving is None else min(deserving, recipients, need)
    return Gap(code, name, recipients, need, deserving, recipients - reached, need - reached)


def _area_name(area: str) -> str:
    return next(
        (row["name"] for row in reference.rows("areas") if row["code"] == area), "Seluruh Jakarta"
    )
