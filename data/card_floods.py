"""The card of floods and pumps: where it was flooded when it rained, and what the pumps near did.

Areas are compared on one and the same rainy day, so that the rain of the day is no difference
between them. Of which origin the numbers are follows the inundations: rain and pumps of the other
origin do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy import stats

from data import cards, queries, reference, words
from data.association import Effect, Floats
from data.cards import CardError, Input, Span
from data.lake import Lake
from data.queries import Row

CARD = "banjir-pompa"
LEVELS = ("kecamatan", "kelurahan")
LEAST_MM, NEAR_KM = 5.0, 2.0
BOUNDS = (10, 25, 50)
USUAL_BOUND = 25
# Fewer days on which both kinds of areas are found tell nothing.
LEAST_DAYS = 10
NAMES = {
    "inundations": ("Genangan RT dan RW", "laporan"),
    "rainfall": ("Curah hujan harian", "pos"),
    "pump_states": ("Pompa per jam", "rumah pompa"),
}


@dataclass(frozen=True)
class Question:
    """What is asked.

    Args:
        level: One of `LEVELS`.
        area: Only areas of this one; "31": all.
        bound: Percent of the pump hours that are not ready from which an area counts as short.
    """

    span: Span
    level: str
    area: str
    bound: int


@dataclass(frozen=True)
class Place:
    """One area over the rainy days of the span.

    Args:
        flooded_days: Rainy days on which an RT or RW of it was flooded.
        flooded: RT and RW, counted on each day anew.
        pump_days: Rainy days on which a pump house near was told of.
        running, ready: Shares of the pump hours near; None where no pump is told of.
    """

    code: str
    name: str
    rainy_days: int
    flooded_days: int
    flooded: int
    pump_days: int
    running: float | None
    ready: float | None

    @property
    def short(self) -> float | None:
        """Share of the pump hours that were neither running nor ready."""
        return None if self.running is None or self.ready is None else 1 - self.running - self.ready


@dataclass(frozen=True)
class Answer:
    """The card.

    Args:
        rainy_days: Days of the span on which it rained.
        told_days: Of these, those on which pumps were told of.
        compared_days: Of these, those on which areas of both kinds are found.
        raw: Percentage points by which areas short of pumps were flooded more often, over all days
            together; None where too little is told.
        same_day: Likewise, compared on one and the same day.
    """

    question: Question
    places: tuple[Place, ...]
    rainy_days: int
    told_days: int
    compared_days: int
    raw: Effect | None
    same_day: Effect | None
    inputs: tuple[Input, ...]
    simulated: bool


def read_question(params: Mapping[str, str], cut: date, area: str) -> Question:
    """Read `dari`, `sampai`, `tingkat` and `ambang` of a URL.

    Raises:
        CardError: One of them cannot be answered.
    """
    level = params.get("tingkat") or LEVELS[0]
    if level not in LEVELS:
        raise CardError(f"Tingkat “{level[:20]}” tidak dikenal: kecamatan atau kelurahan.")
    bound = params.get("ambang") or str(USUAL_BOUND)
    if bound not in {str(one) for one in BOUNDS}:
        raise CardError("Ambang jam pompa tidak siap: 10, 25 atau 50 persen.")
    return Question(cards.read_span(params, cut), level, area, int(bound))


def answer(lake: Lake, question: Question) -> Answer:
    """Return the card of a question."""
    span = question.span
    days = {"since": span.since, "until": span.until, "cut": span.cut}
    origins = queries.card_flood_origins(lake, **days)
    told = [row["simulated"] for row in origins if row["source"] == "inundations"]
    simulated = bool(told) and all(told)
    rows = queries.card_floods(
        lake,
        question.level,
        area=question.area,
        simulated=simulated,
        bound=question.bound,
        least_mm=LEAST_MM,
        near_km=NEAR_KM,
        **days,
    )
    daily = [row for row in rows if row["day"] is not None]
    raw, same_day, compared = _differences(daily)
    return Answer(
        question=question,
        places=_places([row for row in rows if row["area"] is not None], question.level),
        rainy_days=len(daily),
        told_days=sum(row["told"] > 0 for row in daily),
        compared_days=compared,
        raw=raw,
        same_day=same_day,
        inputs=_inputs(lake, origins, simulated=simulated),
        simulated=simulated,
    )


def _places(rows: Sequence[Row], level: str) -> tuple[Place, ...]:
    names = {row["code"]: row["name"] for row in reference.rows("areas") if row["level"] == level}
    return tuple(
        Place(
            code=row["area"],
            name=names[row["area"]],
            rainy_days=row["cases"],
            flooded_days=row["wet"],
            flooded=row["flooded"],
            pump_days=row["told"],
            running=row["running_h"] / row["total_h"] if row["total_h"] else None,
            ready=row["idle_h"] / row["total_h"] if row["total_h"] else None,
        )
        for row in rows
    )


def _differences(daily: Sequence[Row]) -> tuple[Effect | None, Effect | None, int]:
    """Return by how many points areas short of pumps are flooded more often, with intervals.

    Days are what varies: of one day all areas share the weather.
    """
    names = ("short_wet", "short", "other_wet", "other")
    counts = np.array([[row[name] for name in names] for row in daily], dtype=float).reshape(-1, 4)
    both = counts[(counts[:, 1] > 0) & (counts[:, 3] > 0)]
    if len(both) < LEAST_DAYS:
        return None, None, len(both)
    on_the_day = 100 * (both[:, 0] / both[:, 1] - both[:, 2] / both[:, 3])
    weight = both[:, 1] * both[:, 3] / (both[:, 1] + both[:, 3])
    return _pooled(counts), _mean(on_the_day, weight), len(both)


def _mean(values: Floats, weight: Floats) -> Effect:
    mean = float((weight * values).sum() / weight.sum())
    rest = weight * (values - mean) / weight.sum()
    return _interval(mean, float(np.sqrt((rest**2).sum())), values.size)


def _pooled(daily: Floats) -> Effect:
    wet, count = daily[:, [0, 2]], daily[:, [1, 3]]
    share = wet.sum(axis=0) / count.sum(axis=0)
    rest = 100 * (wet - share * count) / count.sum(axis=0)
    error = float(np.sqrt(((rest[:, 0] - rest[:, 1]) ** 2).sum()))
    return _interval(100 * float(share[0] - share[1]), error, len(daily))


def _interval(value: float, error: float, n: int) -> Effect:
    half = float(stats.t.ppf(0.975, n - 1)) * error
    return Effect(value, value - half, value + half, n)


def _inputs(lake: Lake, origins: list[Row], *, simulated: bool) -> tuple[Input, ...]:
    feeds = queries.feeds(lake)
    told = {row["source"]: row for row in origins if row["simulated"] == simulated}
    found = []
    for table, (name, unit) in NAMES.items():
        row = told.get(table)
        count = (
            f"{words.quantity(row['days'], 'hari')}, {words.quantity(row['rows'], unit)}"
            if row
            else "belum ada data"
        )
        found.append(
            Input(
                name,
                cards.sources(feeds, table),
                row["newest"] if row else None,
                count,
                simulated and row is not None,
            )
        )
    return tuple(found)
