"""Evidence for inspectors: which offices and reporters have more odd cases than chance gives.

What counts as a case of a signal is asked of the lake (data/queries/evidence_*.sql); here it is
judged. An office is pointed out where it has at least twice the cases that the rest of the city
would have in as many, and so many that chance explains at most a small share of those pointed out
(`Signal.fdr`). That is a reason to look, not a finding: the words on screen never say more.

The signals are data (data/reference/evidence_rules.csv), with their measured precision and recall.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from data import reference

Row: TypeAlias = Mapping[str, Any]
Floats: TypeAlias = NDArray[np.float64]

# However sure it is that a unit is above the others, only one far above them is pointed out.
TIMES_USUAL = 2.0
# Those with most cases for their size do not count for what is usual; more of them would hide each
# other. Who they are settles within a few rounds.
TRIMMED, ROUNDS = 0.05, 3
# Below, the negative binomial is the Poisson distribution to any digit that matters.
NO_SPREAD = 1e-6
BLOCK = 512
JUDGED = frozenset({"unit", "n", "weight", "complaint_ids", "against", "measures"})


@dataclass(frozen=True)
class Signal:
    """One signal.

    Args:
        name: On screen.
        unit: What is pointed out: "unit" (an office) or "pelapor" (a reporter).
        seen: What was seen.
        meaning: Why it may mean something.
        caveat: Why it may mean nothing.
        measure: What is measured in each case, and in which unit.
        window: How far back it looks.
        at_least: Fewest cases of whoever is pointed out.
        fdr: Share of those pointed out who would be so by chance alone, at most.
        limits: Bounds that the query takes, by parameter.
        most_usual: Share of cases that is never taken for usual, even where the whole city does it;
            None where there is no such norm.
        precision: Share of planted cases among those pointed out, in the simulated city.
        recall: Share of the planted cases that were pointed out.
        measured_on: On what data.
    """

    code: str
    name: str
    unit: str
    seen: str
    meaning: str
    caveat: str
    measure: str
    measure_unit: str
    window: timedelta
    at_least: int
    fdr: float
    limits: Mapping[str, float]
    most_usual: float | None
    precision: float
    recall: float
    measured_on: str


@dataclass(frozen=True)
class Finding:
    """An office or a reporter with more cases than chance gives.

    Args:
        n: Out of how many the cases are.
        usual: Cases that the rest of the city would have in as many.
        q: Share of those pointed out who are no further from chance and are so by chance alone.
        complaint_ids: The cases, newest first.
        against: For each what it is held against: another complaint, a category, a month, a feed.
        measures: For each how near, how fast, how alike: see `Signal.measure`.
        told: What else the query told of it.
    """

    signal: str
    unit: str
    n: int
    usual: float
    q: float
    complaint_ids: tuple[str, ...]
    against: tuple[str, ...]
    measures: tuple[float, ...]
    told: Row

    @property
    def cases(self) -> int:
        """How many there are."""
        return len(self.complaint_ids)


@cache
def signals() -> Mapping[str, Signal]:
    """Return the signals by code, in the order in which they are shown."""
    return MappingProxyType({row["code"]: _signal(row) for row in reference.rows("evidence_rules")})


def findings(signal: Signal, rows: Sequence[Row]) -> list[Finding]:
    """Return who has more cases than chance gives, least likely first.

    Args:
        rows: One an office or reporter: `unit`, `n`, `weight` (proportional to what is usual) and
            the lists `complaint_ids`, `against` and `measures`.
    """
    if not rows:
        return []
    cases = np.array([len(row["complaint_ids"] or ()) for row in rows])
    weight = np.array([row["weight"] for row in rows], float)
    usual, q = judged(cases, weight, signal.most_usual)
    found = [
        Finding(
            signal=signal.code,
            unit=row["unit"],
            n=row["n"],
            usual=float(usual[i]),
            q=float(q[i]),
            complaint_ids=tuple(row["complaint_ids"]),
            against=tuple(row["against"]),
            measures=tuple(row["measures"]),
            told={name: value for name, value in row.items() if name not in JUDGED},
        )
        for i, row in enumerate(rows)
        if cases[i] >= max(signal.at_least, TIMES_USUAL * usual[i]) and q[i] <= signal.fdr
    ]
    return sorted(found, key=lambda one: (one.q, -one.cases, one.unit))


def judged(
    cases: NDArray[np.int64], weight: Floats, most_usual: float | None = None
) -> tuple[Floats, Floats]:
    """Return the usual number of cases of each unit, and its q-value.

    A unit's own rate is spread around the city's as those of the other units are, so that its cases
    are negative binomial; the q-values are those of Benjamini and Hochberg.

    Args:
        cases: Of each unit.
        weight: Of each unit, proportional to what is usual.
        most_usual: Highest rate that may be usual; None: any.

    Source: Clayton & Kaldor, Biometrics 43 (1987); Benjamini & Hochberg, J. R. Statist. Soc. B 57
        (1995).
    """
    usual, rate = np.zeros(len(cases)), 0.0
    others = np.ones(len(cases), bool)
    for _ in range(ROUNDS):
        whole = weight[others].sum()
        # One case in the whole city is no proof that there are none.
        rate = max(cases[others].sum(), 1) / whole if whole else 0.0
        usual = weight * rate
        excess = (cases - usual) / np.sqrt(usual + 1)
        others = excess <= np.quantile(excess, 1 - TRIMMED)
    if most_usual is not None and rate > most_usual:
        usual = weight * most_usual
        tail = _tail(cases, usual, spread=0.0)
    else:
        tail = _tail(cases, usual, _spread(cases[others], usual[others]))
    return usual, stats.false_discovery_control(tail)


def lookalikes(signal: Signal, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of `findings` for after-photos that look like an earlier one of the office.

    Args:
        signal: Its limits say how many bits may differ, and within how many days.
        rows: Of the query `evidence_photos`.
    """
    return [_alike(signal, row) for row in rows]


def near_pairs(
    hashes: Sequence[str], most_bits: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pairs of hashes that differ in few bits, block by block: later, earlier, bits.

    Args:
        hashes: 16 hex digits each.
        most_bits: Of 64.
    """
    bits = np.array([int(one, 16) for one in hashes], np.uint64)
    for start in range(0, len(bits), BLOCK):
        some = bits[start : start + BLOCK]
        differ = np.bitwise_count(some[:, None] ^ bits[None, : start + len(some)])
        later, earlier = np.nonzero(differ <= most_bits)
        before = earlier < later + start
        later, earlier = later[before], earlier[before]
        yield later + start, earlier, differ[later, earlier].astype(np.int64)


def score(found: Collection[str], planted: Collection[str]) -> tuple[float, float]:
    """Return precision and recall of what was found, 1 where there was nothing to find."""
    right = len(set(found) & set(planted))
    return (
        right / len(set(found)) if found else 1.0,
        right / len(set(planted)) if planted else 1.0,
    )


def _spread(cases: NDArray[np.int64], usual: Floats) -> float:
    """Return the squared coefficient of variation of the units' rates, by moments; 0 or more."""
    whole = (usual**2).sum()
    return max(0.0, float(((cases - usual) ** 2 - usual).sum() / whole)) if whole else 0.0


def _tail(cases: NDArray[np.int64], usual: Floats, spread: float) -> Floats:
    """Return how likely a unit has so many cases or more."""
    if spread < NO_SPREAD:
        tail = stats.poisson.sf(cases - 1, usual)
    else:
        tail = stats.nbinom.sf(cases - 1, 1 / spread, 1 / (1 + spread * usual))
    return np.where(cases > 0, np.clip(tail, 0, 1), 1.0)


def _alike(signal: Signal, row: Row) -> dict[str, Any]:
    ids, incidents, finished = row["complaint_ids"], row["incidents"], row["finished"]
    within = timedelta(days=signal.limits["within_days"])
    nearest: dict[int, tuple[int, int]] = {}
    for block in near_pairs(row["phashes"], int(signal.limits["most_bits"])):
        for later, earlier, bits in zip(*(part.tolist() for part in block), strict=True):
            near_in_time = finished[later] - finished[earlier] <= within
            if near_in_time and incidents[later] != incidents[earlier]:
                nearest[later] = min(nearest.get(later, (bits, earlier)), (bits, earlier))
    order = sorted(nearest, reverse=True)
    return {
        "unit": row["unit"],
        "n": len(ids),
        "weight": float(len(ids)),
        "complaint_ids": [ids[i] for i in order],
        "against": [ids[nearest[i][1]] for i in order],
        "measures": [float(nearest[i][0]) for i in order],
        "simulated": row["simulated"],
    }


def _signal(row: Mapping[str, str]) -> Signal:
    limits = dict(pair.split("=") for pair in row["limits"].split())
    return Signal(
        code=row["code"],
        name=row["name"],
        unit=row["unit"],
        seen=row["seen"],
        meaning=row["meaning"],
        caveat=row["caveat"],
        measure=row["measure"],
        measure_unit=row["measure_unit"],
        window=timedelta(days=int(row["window_days"])),
        at_least=int(row["at_least"]),
        fdr=float(row["fdr"]),
        limits=MappingProxyType({name: float(value) for name, value in limits.items()}),
        most_usual=float(row["most_usual"]) if row["most_usual"] else None,
        precision=float(row["precision"]),
        recall=float(row["recall"]),
        measured_on=row["measured_on"],
    )
