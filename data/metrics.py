"""The registry of metrics: what each number about complaints is called, means and is computed by.

`complaint_metrics.csv` names for each code one question of `data/queries/` and the column of its
answer, so that no two pages can compute it in two ways.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from data import reference


@dataclass(frozen=True)
class Metric:
    """One metric.

    Args:
        code: M1 to M11 of the ranking, A1 and A2 of the rule in force.
        name: As it is written on screen.
        definition: How it is computed, in words.
        query: Question of `data/queries/` that answers it; of M11 all whose names begin so.
        value: Column of its answer, or its numerator; of M11 the function of `data.reviews`.
        unit: Unit of measure on screen.
        guard: What it must not be read as.
        version: Rises when the definition changes.
    """

    code: str
    name: str
    definition: str
    query: str
    value: str
    unit: str
    guard: str
    version: int


@dataclass(frozen=True)
class Rule:
    """How long a complaint may take: the rule for those that came in on these days.

    Args:
        valid_from: First day of intake (WIB).
        valid_to: Last day, itself included; None while it is in force.
        name: The circular, or what is known of it.
        respond_h, coordinate_h, resolve_h: Hours to answer, to hand over and to finish.
        source: Where that is written.
    """

    valid_from: date
    valid_to: date | None
    name: str
    respond_h: int | None
    coordinate_h: int | None
    resolve_h: int
    source: str


@functools.cache
def metrics() -> Mapping[str, Metric]:
    """Return every metric by its code."""
    return MappingProxyType(
        {
            row["code"]: Metric(**{**row, "version": int(row["version"])})  # type: ignore[arg-type]
            for row in reference.rows("complaint_metrics")
        }
    )


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Return the rules in order of time; without gap or overlap, as their test asserts."""
    return tuple(
        Rule(
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            row["rule"],
            _hours(row["respond_within_hours"]),
            _hours(row["coordinate_within_hours"]),
            int(row["resolve_within_hours"]),
            row["source"],
        )
        for row in reference.rows("complaint_rules")
    )


def rules_between(since: date, until: date) -> list[Rule]:
    """Return the rules that judge complaints of the days `since` to `until`, both included."""
    return [
        rule
        for rule in rules()
        if rule.valid_from <= until and (rule.valid_to is None or rule.valid_to >= since)
    ]


def _hours(text: str) -> int | None:
    return int(text) if text else None
