"""The days on which offices are closed, by `holidays.csv`; weekends are not among them.

A row is one day, or with `days_before` and `days_after` the span around it in which the city is
away; `activity` is the share of what otherwise goes on. What the table does not hold yet counts as
any other day, so that each year's holidays are added once the joint decree (SKB) names them.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from data import reference


@functools.cache
def days_off() -> frozenset[date]:
    """Return holidays, leave that all take together, and the days around Idul Fitri."""
    return frozenset(day for row in reference.rows("holidays") for day in _span(row))


@functools.cache
def quiet_days() -> frozenset[date]:
    """Return those on which the city rests: the days around Idul Fitri."""
    rows = (row for row in reference.rows("holidays") if float(row["activity"]) < 1)
    return frozenset(day for row in rows for day in _span(row))


def _span(row: Mapping[str, str]) -> Iterator[date]:
    day = date.fromisoformat(row["date"])
    for number in range(-int(row["days_before"]), int(row["days_after"]) + 1):
        yield day + timedelta(days=number)
