"""Alarms: when one is raised, made graver or lighter, ended, or can no longer be judged.

Pure rules. What was known before is an argument (the alarms that stand, as the lake holds them), so
that a restart raises nothing anew. An alarm rises as soon as a reading reaches a bound, and falls
only when the reading is below the bound by the rule's margin and the rule's least time is over; a
reading that grew too old neither raises nor ends one. The rules are rows of
`data/reference/alarm_rules.csv`, what they judge comes from `data.readings`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from data import reference
from data.tables import SEVERITIES

# Readers look back two days for what stands, so what stands is noted anew within them.
NOTED_ANEW_AFTER = timedelta(hours=20)
ENDED = "cleared"


@dataclass(frozen=True)
class Rung:
    """One level of a rule.

    Args:
        level: 1 is the lightest.
        bound: A number in the rule's unit, the name of a bound that each subject has of its own
            ("siaga3_cm"), or "poisson P": the count whose Poisson tail is below P.
        margin: How far on the good side of the bound a value must be to fall below this level.
        minimum: The least count for which it is judged; None where any will do.
        subjects: Ids for which this level exists; empty for all.
        owner: Who decides; "siaga" means as `siaga_owners` says.
        title: Sentence with `{subject}`.
    """

    level: int
    severity: str
    bound: str
    margin: float
    minimum: float | None
    subjects: frozenset[str]
    owner: str
    title: str


@dataclass(frozen=True)
class Rule:
    """One rule in force.

    Args:
        name: On screen.
        rises: True where more is worse, False where less is.
        step: A value that moved by this much since it was noted is noted again.
        hold: Least time between the last change of level and a fall.
        stale: Age from which what it reads cannot be judged; None where the subject has its own.
        feeds: Feeds whose news may change it.
        rungs: Lightest first.
    """

    id: str
    name: str
    unit: str
    decimals: int
    rises: bool
    step: float
    hold: timedelta
    stale: timedelta | None
    feeds: tuple[str, ...]
    rungs: tuple[Rung, ...]
    effective_from: date
    source: str

    def reached(self, reading: Reading, *, falling: bool = False) -> int:
        """Return the gravest level whose bound the value passes, 0 for none.

        Args:
            falling: Count a level as passed until the value is beyond its margin too.
        """
        value = reading.value
        if value is None:
            return 0
        gravest = 0
        for rung in self.rungs:
            bound = self.bound(rung, reading)
            if bound is None:
                continue
            slack = rung.margin if falling else 0.0
            if value >= bound - slack if self.rises else value <= bound + slack:
                gravest = rung.level
        return gravest

    def bound(self, rung: Rung, reading: Reading) -> float | None:
        """Return the bound of a level for what a reading is about; None where it has none."""
        if rung.subjects and reading.subject_id not in rung.subjects:
            return None
        kind, _, number = rung.bound.partition(" ")
        if kind == "poisson":
            count = poisson_bound(reading.bounds["usual"] or 0.0, float(number))
            return max(count, rung.minimum or 0.0)
        if kind in reading.bounds:
            return reading.bounds[kind]
        return float(rung.bound)


@dataclass(frozen=True)
class Reading:
    """What a rule judges: one value of one subject.

    Args:
        value: In the rule's unit; None where the rule does not apply now (no gate at siaga).
        moment: Of what was read (aware); the alarm's event time.
        stale_at: When it is too old to be judged; None for never.
        bounds: The subject's own bounds by name; "usual" for a Poisson bound.
        feeds: Feeds that say so.
    """

    rule: str
    subject_kind: str
    subject_id: str
    subject: str
    value: float | None
    moment: datetime
    stale_at: datetime | None = None
    bounds: Mapping[str, float | None] = field(default_factory=dict)
    feeds: tuple[str, ...] = ()
    simulated: bool = False
    lon: float | None = None
    lat: float | None = None
    kelurahan_code: str | None = None

    @property
    def alarm_id(self) -> str:
        """The name of its alarm, the same at every return."""
        return f"{self.rule}:{self.subject_id}"


@dataclass(frozen=True)
class Alarm:
    """One row of the table `alarms`: how one alarm stood after a change."""

    alarm_id: str
    rule: str
    subject_kind: str
    subject_id: str
    subject: str
    severity: str
    level: int
    state: str
    value: float | None
    unit: str
    bound: float | None
    title: str
    feeds: str
    owner: str
    raised_at: datetime
    since: datetime
    event_time: datetime
    known_time: datetime
    simulated: bool
    lon: float | None = None
    lat: float | None = None
    kelurahan_code: str | None = None

    @property
    def stands(self) -> bool:
        """It is not over."""
        return self.state != ENDED

    @property
    def gravity(self) -> int:
        """Rank of its severity, 0 for the gravest."""
        return SEVERITIES.index(self.severity)


def read_rules(rows: Iterable[Mapping[str, str]], day: date) -> dict[str, Rule]:
    """Return the rules that are in force on a day (WIB), by id.

    Args:
        rows: Of `alarm_rules.csv`, levels of a rule beside each other; where a rule stands there
            with several dates, the newest that has come counts.
    """
    found: dict[str, Rule] = {}
    key = ("rule", "effective_from")
    for (name, since), rungs in groupby(rows, key=lambda row: tuple(row[part] for part in key)):
        start = date.fromisoformat(since)
        known = found.get(name)
        if start <= day and (known is None or known.effective_from <= start):
            found[name] = _rule(list(rungs), start)
    return found


@functools.cache
def rules(day: date) -> Mapping[str, Rule]:
    """Return our rules in force on a day (WIB), by id."""
    return read_rules(reference.rows("alarm_rules"), day)


def evaluate(
    rules: Mapping[str, Rule],
    readings: Iterable[Reading],
    standing: Mapping[str, Alarm],
    now: datetime,
    judged: Collection[str] | None = None,
) -> list[Alarm]:
    """Return what changed: an alarm raised, changed, cleared or unassessable, in order of id.

    Args:
        readings: Every subject of every judged rule, those far from any bound included.
        standing: The newest row of each alarm by id, cleared ones or not.
        now: Aware.
        judged: Rules that were read; the alarms of others stay as they are. None for all.
    """
    wanted = rules.keys() if judged is None else judged
    told = {reading.alarm_id: reading for reading in readings}
    silent = (
        alarm.alarm_id
        for alarm in standing.values()
        if alarm.stands and alarm.rule in wanted and alarm.alarm_id not in told
    )
    changes = []
    for alarm_id in sorted({*told, *silent}):
        before = standing.get(alarm_id)
        reading = told.get(alarm_id)
        rule = rules.get(alarm_id.partition(":")[0])
        change = (
            _beyond_judgement(before, now, now)
            if reading is None or rule is None
            else judge(rule, reading, before, now)
        )
        if change is not None:
            changes.append(change)
    return changes


def judge(rule: Rule, reading: Reading, before: Alarm | None, now: datetime) -> Alarm | None:
    """Return the alarm's new row, None where nothing changed.

    Args:
        before: Its newest row, None where it was never raised.
    """
    if reading.stale_at is not None and now >= reading.stale_at:
        return _beyond_judgement(before, reading.stale_at, now)
    standing = before if before is not None and before.stands else None
    level = rule.reached(reading)
    if standing is not None and level < standing.level:
        held = min(standing.level, rule.reached(reading, falling=True))
        level = max(level, held)
        # Where the rule no longer applies there is nothing to wait for.
        applies = reading.value is not None
        if applies and level < standing.level and reading.moment - standing.since < rule.hold:
            level = standing.level
    # A source that falls back on an older reading does not turn back the alarm's history.
    moment = min(reading.moment, now)
    if before is not None:
        moment = max(moment, before.event_time)
    if standing is None:
        return (
            _alarm(rule, reading, level, "raised", moment, moment, moment, now) if level else None
        )
    if level == 0:
        return replace(
            standing,
            state=ENDED,
            value=reading.value,
            feeds=" ".join(reading.feeds),
            event_time=moment,
            known_time=now,
        )
    since = standing.since if level == standing.level else moment
    after = _alarm(rule, reading, level, "changed", standing.raised_at, since, moment, now)
    if _tells_more(rule, standing, after):
        return after
    if now - standing.known_time >= NOTED_ANEW_AFTER:
        return replace(after, event_time=now)
    return None


def next_deadline(readings: Iterable[Reading], standing: Mapping[str, Alarm]) -> datetime | None:
    """Return when the reading of a standing alarm grows too old, the first; None for never."""
    moments = [
        reading.stale_at
        for reading in readings
        if reading.stale_at is not None
        and (alarm := standing.get(reading.alarm_id)) is not None
        and alarm.stands
        and alarm.state != "unassessable"
    ]
    return min(moments, default=None)


def poisson_bound(mean: float, tail: float) -> float:
    """Return the least count that a Poisson variable reaches with a chance below `tail`.

    Args:
        mean: Expected count, zero or more.
        tail: Between 0 and 1.
    """
    # From the top down, for one minus a sum near one loses all digits.
    top = int(mean + 40 * math.sqrt(mean + 1) + 60)
    chance = 0.0
    for count in range(top, 0, -1):
        chance += math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) if mean else 0.0
        if chance >= tail:
            return count + 1.0
    return 1.0


def gravest_first(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return alarms by severity, those that reached theirs last first within each."""
    return sorted(
        alarms, key=lambda alarm: (alarm.gravity, -alarm.since.timestamp(), alarm.alarm_id)
    )


def _beyond_judgement(before: Alarm | None, since: datetime, now: datetime) -> Alarm | None:
    """Return the row that says that an alarm cannot be judged; None where that is said already."""
    if before is None or not before.stands:
        return None
    if before.state == "unassessable":
        if now - before.known_time < NOTED_ANEW_AFTER:
            return None
        return replace(before, event_time=now, known_time=now)
    moment = max(min(since, now), before.event_time)
    return replace(before, state="unassessable", event_time=moment, known_time=now)


def _tells_more(rule: Rule, before: Alarm, after: Alarm) -> bool:
    if before.state == "unassessable" or before.simulated != after.simulated:
        return True
    if before.level != after.level or (before.title, before.owner) != (after.title, after.owner):
        return True
    if before.value is None or after.value is None:
        return before.value is not after.value
    return abs(after.value - before.value) >= rule.step


def _alarm(
    rule: Rule,
    reading: Reading,
    level: int,
    state: str,
    raised_at: datetime,
    since: datetime,
    moment: datetime,
    now: datetime,
) -> Alarm:
    rung = next(rung for rung in rule.rungs if rung.level == level)
    return Alarm(
        alarm_id=reading.alarm_id,
        rule=rule.id,
        subject_kind=reading.subject_kind,
        subject_id=reading.subject_id,
        subject=reading.subject,
        severity=rung.severity,
        level=level,
        state=state,
        value=reading.value,
        unit=rule.unit,
        bound=rule.bound(rung, reading),
        title=rung.title.format(subject=reading.subject),
        feeds=" ".join(reading.feeds),
        owner=_owner(rung),
        raised_at=raised_at,
        since=since,
        event_time=moment,
        known_time=now,
        simulated=reading.simulated,
        lon=reading.lon,
        lat=reading.lat,
        kelurahan_code=reading.kelurahan_code,
    )


def _owner(rung: Rung) -> str:
    if rung.owner != "siaga":
        return rung.owner
    siaga = rung.severity.removeprefix("siaga")
    return next(row["owner"] for row in reference.rows("siaga_owners") if row["siaga"] == siaga)


def _rule(rows: Sequence[Mapping[str, str]], start: date) -> Rule:
    first = rows[0]
    return Rule(
        id=first["rule"],
        name=first["name"],
        unit=first["unit"],
        decimals=int(first["decimals"]),
        rises=first["direction"] == "up",
        step=float(first["step"]),
        hold=timedelta(minutes=float(first["hold_min"])),
        stale=timedelta(minutes=float(first["stale_min"])) if first["stale_min"] else None,
        feeds=tuple(first["feeds"].split()),
        rungs=tuple(sorted(_rungs(rows), key=lambda rung: rung.level)),
        effective_from=start,
        source=first["source"],
    )


def _rungs(rows: Iterable[Mapping[str, str]]) -> Iterator[Rung]:
    for row in rows:
        yield Rung(
            level=int(row["level"]),
            severity=row["severity"],
            bound=row["bound"],
            margin=float(row["margin"]),
            minimum=float(row["minimum"]) if row["minimum"] else None,
            subjects=frozenset(row["subjects"].split()),
            owner=row["owner"],
            title=row["title"],
        )
