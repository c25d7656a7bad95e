"""A board counted in other ways: does its top rest on the units, or on how one counts?

Each way changes one thing: which stints count, or by which rule. Units are scored as in
`data.ranking`, by how far the odds of their share lie from those of their cases, with the board's
own kappa; the level of the parents and the likeness of neighbouring days are left out, in all ways
alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from data.metrics import Rule
from data.ranking import FEWEST

Floats = NDArray[np.float64]

TOP = 0.1
# As unit_scores.sql draws a kind of case to its category.
_DRAWN = 20


@dataclass(frozen=True)
class Way:
    """A way of counting.

    Args:
        rule: Judges all complaints; None: that of each one's day of intake.
        last_days: Complaints of so many days before the end do not count.
        without_many: Complaints of who sent very many do not count.
    """

    rule: Rule | None = None
    last_days: int = 0
    without_many: bool = False


@dataclass(frozen=True)
class Recount:
    """What a way of counting changes.

    Args:
        top: Units in the highest tenth as usually counted.
        left: Those of them that are not in it when counted this way.
        moved: Places that half of the units move at most; None where nothing can be compared.
        farthest: Most places that one moves.
        counted: Stints that are due, counted this way.
    """

    top: int
    left: tuple[str, ...]
    moved: float | None
    farthest: int | None
    counted: int

    @property
    def stayed(self) -> int:
        """Units that are in the highest tenth both ways."""
        return self.top - len(self.left)


def recount(
    stints: pd.DataFrame, ways: Mapping[str, Way], *, kappa: float, apart: str
) -> dict[str, Recount]:
    """Return what each way of counting changes, by its name.

    Args:
        stints: Rows of the query `cohort_stints`.
        kappa: Of the board.
        apart: Units that begin so are not ranked.
    """
    stints = stints[stints["unit"].notna() & ~stints["unit"].str.startswith(apart)]
    if stints.empty:
        return {name: Recount(0, (), None, None, 0) for name in ways}
    unit, names = pd.factorize(stints["unit"])
    kind, kinds = pd.factorize(stints["kind"])
    category, categories = pd.factorize(stints["category"])
    groups = _Groups(unit, kind, category, names.size, kinds.size, categories.size)
    usual, _ = _scores(stints, groups, Way(), kappa)
    found = {}
    for name, way in ways.items():
        other, counted = _scores(stints, groups, way, kappa)
        found[name] = _compared([str(one) for one in names], usual, other, counted)
    return found


@dataclass(frozen=True)
class _Groups:
    """To which unit, kind of case and category each row belongs, and how many there are."""

    unit: NDArray[np.intp]
    kind: NDArray[np.intp]
    category: NDArray[np.intp]
    units: int
    kinds: int
    categories: int


def _scores(stints: pd.DataFrame, groups: _Groups, way: Way, kappa: float) -> tuple[Floats, int]:
    """Return each unit's distance from its cases in log-odds, NaN with few, and how many count."""
    begins = stints["begins"].to_numpy(bool)
    due, on_time = _judged(stints, way.rule)
    counts = due & (stints["day"].to_numpy() > way.last_days)
    if way.without_many:
        counts &= ~stints["many"].to_numpy(bool)
    began, kept = counts & begins, counts & ~begins & on_time

    def tally(index: NDArray[np.intp], size: int) -> tuple[Floats, Floats]:
        return (
            np.bincount(index[began], minlength=size).astype(float),
            np.bincount(index[kept], minlength=size).astype(float),
        )

    n_category, ok_category = tally(groups.category, groups.categories)
    of_category = _share(ok_category, n_category)
    category_of = np.zeros(groups.kinds, dtype=np.intp)
    category_of[groups.kind] = groups.category
    n_kind, ok_kind = tally(groups.kind, groups.kinds)
    of_kind = (ok_kind + _DRAWN * of_category[category_of]) / (n_kind + _DRAWN)
    n, ok = tally(groups.unit, groups.units)
    expected = np.zeros(groups.units)
    np.add.at(expected, groups.unit[began], of_kind[groups.kind[began]])
    # Half a complaint from 0 and 1, where log-odds end.
    edge = 0.5 / max(n.sum(), 1)
    level = np.clip(_share(expected, n), edge, 1 - edge)
    drawn = (kappa * level + ok) / (kappa + n)
    score = special.logit(np.clip(drawn, edge, 1 - edge)) - special.logit(level)
    return np.where(n >= FEWEST, score, np.nan), int(n.sum())


def _judged(stints: pd.DataFrame, rule: Rule | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows are due, and which tell of an end in time."""
    if rule is None:
        on_time = stints["on_time"].astype("boolean").fillna(False)
        return stints["due"].to_numpy(bool), on_time.to_numpy(bool)
    handed = stints["handed"].astype("boolean").fillna(False).to_numpy(bool)
    within = np.where(handed, rule.coordinate_h or rule.resolve_h, rule.resolve_h)
    return stints["age_h"].to_numpy() >= rule.resolve_h, stints["held_h"].to_numpy() <= within


def _compared(names: Sequence[str], usual: Floats, other: Floats, counted: int) -> Recount:
    high, high_then = _highest(usual), _highest(other)
    both = ~np.isnan(usual) & ~np.isnan(other)
    moves = np.abs(_places(usual[both]) - _places(other[both]))
    left = tuple(
        name for name, now, then in zip(names, high, high_then, strict=True) if now and not then
    )
    return Recount(
        top=int(high.sum()),
        left=left,
        moved=median(moves.tolist()) if moves.size else None,
        farthest=int(moves.max()) if moves.size else None,
        counted=counted,
    )


def _places(scores: Floats) -> Floats:
    places: Floats = stats.rankdata(-scores, method="min")
    return places


def _highest(scores: Floats) -> NDArray[np.bool_]:
    known = np.sort(scores[~np.isnan(scores)])
    if not known.size:
        return np.zeros(scores.size, dtype=bool)
    least: float = known[-max(1, round(TOP * known.size))]
    return scores >= least


def _share(part: Floats, whole: Floats) -> Floats:
    shares = np.zeros(whole.size)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
