"""A board of the ranking: what the rule in force says of each unit, and what is fair to say.

Two numbers stand side by side. *By the rule*: of the complaints from an area, how many were not
finished in time, whoever held them; pay follows it. *In its own hands*: of the stays with the unit,
how many ended in time, beside what the city would have had with the same cases; the tier and the
rank interval rest on it (`data.ranking`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, TypeAlias

import pandas as pd

from data import queries, reference
from data.asof import WIB, AsOf
from data.lake import Lake
from data.metrics import Rule, rules, rules_between
from data.ranking import rank_units

Level: TypeAlias = Literal["kelurahan", "kecamatan", "kota", "agency"]
LEVELS: tuple[Level, ...] = ("kelurahan", "kecamatan", "kota", "agency")
# Days of a board unless told otherwise: in fewer, 267 kelurahan cannot be told apart (PRODUCT 4.3).
WINDOWS: Mapping[Level, int] = {"kelurahan": 365, "kecamatan": 91, "kota": 91, "agency": 91}
# After midnight, until what was loaded before it has been added up.
ADDED_UP_AFTER = timedelta(minutes=30)
# Shown, not ranked: a few reports a month.
APART = "31.01"
_TIER_ORDER = ("lebih_baik", "setara", "perlu_dibantu", "belum_cukup_data")


class QuestionError(ValueError):
    """A board that cannot be asked for, and what to do; in Indonesian, for the reader."""


@dataclass(frozen=True)
class Question:
    """Which board.

    Args:
        since: First day of intake (WIB), itself included.
        until: Last day, itself included.
        category, channel: Only these, as the source writes them; None: all.
    """

    level: Level
    since: date
    until: date
    category: str | None = None
    channel: str | None = None

    @classmethod
    def usual(cls, level: Level, cut: date) -> Question:
        """Return the board of the level's usual window, that ends the day before `cut`."""
        return cls(level, cut - timedelta(days=WINDOWS[level]), cut - timedelta(days=1))

    def checked(self, cut: date) -> Question:
        """Return the question, cut where nothing can be known yet.

        Raises:
            QuestionError: It ends before it begins, or begins after the cut.
        """
        if self.until < self.since:
            raise QuestionError("Tanggal akhir mendahului tanggal awal. Ubah salah satunya.")
        if self.since >= cut:
            raise QuestionError("Periode belum dimulai. Pilih tanggal awal yang lebih dini.")
        return replace(self, until=min(self.until, cut - timedelta(days=1)))


@dataclass(frozen=True)
class Standing:
    """One unit on a board; shares are 0 to 1, None where they rest on nothing.

    Args:
        unit: Code of the area, or name of the perangkat daerah.
        name: As it is written on screen.
        parent: Name of what it belongs to: kecamatan of a kelurahan, kota of a kecamatan.
        ranked: Takes part in ranks; Kepulauan Seribu does not.
        rule_due, rule_late: Complaints by the rule in force that are due, and those late.
        rule_open: Of those late, still open.
        late_here: Of those late, which the unit itself held too long.
        rule_share: On time by the rule.
        n, on_time, late, overdue: Its own stints that are due, and how they ended.
        received, handed, running, unjudged: Its stints, those handed over, still running, and
            those from before the first rule.
        share: On time in its own hands.
        expected: What the city would have had with the same cases.
        rank_low, rank, rank_high: 90 % interval and middle of the rank; None without enough cases.
        better: Probability of doing better than the city with the same cases.
        tier: "lebih_baik", "setara", "perlu_dibantu" or "belum_cukup_data".
        n_eff: Size of n after the design effect; None in what was published before it was told.
        rank_mass: Probability that the rank lies in its interval; None likewise.
    """

    unit: str
    name: str
    parent: str | None
    ranked: bool
    rule_due: int
    rule_late: int
    rule_open: int
    late_here: int
    rule_share: float | None
    received: int
    n: int
    on_time: int
    late: int
    overdue: int
    handed: int
    running: int
    unjudged: int
    share: float | None
    expected: float | None
    standardised: float | None
    rank_low: int | None
    rank: int | None
    rank_high: int | None
    better: float | None
    tier: str
    n_eff: float | None = None
    rank_mass: float | None = None

    @property
    def chance(self) -> float | None:
        """Probability that the rank lies in its interval, where that is not about 90 %."""
        if self.rank_mass is None or 0.87 <= round(self.rank_mass, 2) <= 0.93:
            return None
        return self.rank_mass


@dataclass(frozen=True)
class Board:
    """A whole board.

    Args:
        question: As it was answered: its end may lie before the one asked for.
        cut: Midnight (WIB) up to which the city is known.
        units: By tier, then by name.
        rules: Those that judge the period's complaints, oldest first.
        flood_days: Days on which the cases count as those of a flood.
        simulated: From simulated rows; None without rows.
        city: Share on time over all ranked units; None without cases.
        correlation: Between the complaints of one unit and week.
        kappa, tau: What the prior weighs, in complaints, and how far parents lie apart (log-odds).
    """

    question: Question
    cut: datetime
    units: tuple[Standing, ...]
    rules: tuple[Rule, ...]
    flood_days: tuple[date, ...]
    simulated: bool | None
    city: float | None
    correlation: float
    kappa: float | None
    tau: float

    @property
    def ranked(self) -> tuple[Standing, ...]:
        """The units that take part in ranks."""
        return tuple(unit for unit in self.units if unit.ranked)

    @property
    def apart(self) -> tuple[Standing, ...]:
        """The units that are shown beside."""
        return tuple(unit for unit in self.units if not unit.ranked)

    def of(self, unit: str) -> Standing | None:
        """Return the standing of one unit; None where it had no complaint."""
        return next((found for found in self.units if found.unit == unit), None)


def cut_of(as_of: AsOf) -> date:
    """Return the day at whose beginning (WIB) boards of this moment are cut."""
    return min(as_of.event_time, as_of.known_time).astimezone(WIB).date()


def board(
    lake: Lake,
    as_of: AsOf,
    question: Question,
    *,
    judged_by: Rule | None = None,
    excluded: Collection[str] = (),
) -> Board:
    """Answer a question with what was known at midnight (WIB) before the moment.

    Args:
        judged_by: Rule for all stints; None: that of each complaint's day of intake. What pay
            follows stays by the rule in force.
        excluded: Complaints, or a unit's stints with them, that do not count for the tiers; as
            `queries.unit_scores` takes them.

    Raises:
        QuestionError: It ends before it begins, or begins after the cut.
    """
    cut = cut_of(as_of)
    asked = question.checked(cut)
    period = {
        "cut": cut,
        "since": asked.since,
        "until": asked.until + timedelta(days=1),
        "category": asked.category,
        "channel": asked.channel,
    }
    # Each takes a quarter of a second at ten years, and a reader's question runs on one thread.
    with ThreadPoolExecutor(1) as beside:
        by_rule = beside.submit(queries.rule_values, lake, asked.level, **period)
        flood_days = queries.flood_days(lake, since=asked.since, cut=cut)
        scores = queries.unit_scores(
            lake,
            asked.level,
            flood_days=flood_days,
            judged_by=judged_by,
            excluded=excluded,
            **period,
        )
    return assembled(asked, cut, scores, by_rule.result(), flood_days)


def assembled(
    question: Question,
    cut: date,
    scores: Sequence[queries.Row],
    by_rule: Sequence[queries.Row],
    flood_days: Sequence[date] = (),
) -> Board:
    """Make a board of rows of `unit_scores` and `rule_values`."""
    names = _names(question.level)
    placed = {row["unit"]: row for row in by_rule}
    own = {row["unit"]: row for row in scores}
    ranked = [row for row in scores if not row["unit"].startswith(APART)]
    ranking = rank_units(_frame(ranked, names)) if ranked else None
    figures: dict[str, dict[str, Any]] = (
        {} if ranking is None else ranking.units.astype(object).to_dict("index")  # type: ignore[assignment]
    )
    units = [
        _standing(unit, names, own.get(unit, {}), placed.get(unit, {}), figures.get(unit, {}))
        for unit in sorted(own.keys() | placed.keys())
    ]
    units.sort(key=lambda unit: (_TIER_ORDER.index(unit.tier), unit.name))
    origins = {row["simulated"] for row in (*scores, *by_rule)}
    return Board(
        question=question,
        cut=datetime.combine(cut, datetime.min.time(), WIB).astimezone(UTC),
        units=tuple(units),
        rules=tuple(rules_between(question.since, question.until)),
        flood_days=tuple(flood_days),
        simulated=any(origins) if origins else None,
        city=None if ranking is None else _known(ranking.city),
        correlation=0.0 if ranking is None else ranking.correlation,
        kappa=None if ranking is None else _known(ranking.kappa),
        tau=0.0 if ranking is None else ranking.tau,
    )


def before_rules(question: Question) -> bool:
    """Tell whether the period begins before the first rule, which judges nothing earlier."""
    return question.since < rules()[0].valid_from


def _standing(
    unit: str,
    names: Mapping[str, tuple[str, str | None]],
    own: Mapping[str, Any],
    placed: Mapping[str, Any],
    figures: Mapping[str, Any],
) -> Standing:
    name, parent = names.get(unit, (unit, None))
    due, n = placed.get("due", 0), own.get("n", 0)
    return Standing(
        unit=unit,
        name=name,
        parent=parent,
        ranked=not unit.startswith(APART),
        rule_due=due,
        rule_late=placed.get("late", 0),
        rule_open=placed.get("open", 0),
        late_here=placed.get("late_here", 0),
        rule_share=placed["on_time"] / due if due else None,
        received=own.get("received", 0),
        n=n,
        on_time=own.get("on_time", 0),
        late=own.get("late", 0),
        overdue=own.get("overdue", 0),
        handed=own.get("handed", 0),
        running=own.get("running", 0),
        unjudged=own.get("unjudged", 0),
        share=own["on_time"] / n if n else None,
        expected=own["expected"] / n if n else None,
        standardised=_known(figures.get("standardised")),
        rank_low=_known(figures.get("rank_low")),
        rank=_known(figures.get("rank")),
        rank_high=_known(figures.get("rank_high")),
        better=_known(figures.get("better")),
        tier=figures.get("tier", "belum_cukup_data"),
        n_eff=_known(figures.get("n_eff")),
        rank_mass=_known(figures.get("rank_mass")),
    )


def _frame(
    rows: Sequence[queries.Row], names: Mapping[str, tuple[str, str | None]]
) -> pd.DataFrame:
    """Return the rows as `rank_units` takes them: what is not due weighs nothing."""
    frame = pd.DataFrame(rows).set_index("unit")
    frame = frame.fillna(
        {"expected": 0.0, "week_excess": 0.0, "week_variance": 0.0, "week_square": 0.0}
    )
    parents = [names.get(unit, (unit, None))[1] for unit in frame.index]
    return frame.assign(parent=parents) if all(parents) else frame


def _names(level: Level) -> dict[str, tuple[str, str | None]]:
    """Return for each unit its name and that of what it belongs to, which ranks it among others."""
    if level == "agency":
        return {
            row["perangkat_daerah"]: (
                row["perangkat_daerah"].title().replace(" Dan ", " dan "),
                None,
            )
            for row in reference.rows("agencies")
        }
    areas = {row["code"]: row for row in reference.rows("areas")}
    above = {"kelurahan": "kecamatan", "kecamatan": "kota", "kota": None}[level]
    return {
        code: (row["name"], areas[row["parent_code"]]["name"] if above else None)
        for code, row in areas.items()
        if row["level"] == level
    }


def _known(figure: Any) -> Any:
    """Return a figure, None for what is not a number."""
    return None if figure is None or pd.isna(figure) else figure
