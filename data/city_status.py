"""The operational status of the city, from the alarms that stand: pure.

Words only on screen (Rutin to Puncak), for numbers would run against those of siaga. Each row of
`data/reference/city_status_rules.csv` asks for so many alarms of one rule at one level or graver;
the highest row that is met is the status, so that a worse input never lowers it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import orjson

from data import reference
from data.alarms import NOTED_ANEW_AFTER, Alarm, gravest_first

WORDS: Mapping[int, str] = MappingProxyType(
    {1: "Rutin", 2: "Penguatan", 3: "Tinggi", 4: "Sangat Tinggi", 5: "Puncak"}
)
LOWEST = 1
NAMED = 3


@dataclass(frozen=True)
class Condition:
    """What leads to a status: `at_least` alarms of `rule` at `at_level` or graver.

    Args:
        level: Status that it leads to, 2 to 5.
        what: What is counted, in words that follow a number.
    """

    level: int
    rule: str
    at_level: int
    at_least: int
    what: str


@dataclass(frozen=True)
class Status:
    """How the city stands.

    Args:
        level: 1 Rutin to 5 Puncak.
        reasons: Why, one sentence each.
        lowers: What would lower it, one sentence each; none of them alone where there are several.
        unassessable: Alarms behind it that cannot be judged.
    """

    level: int
    reasons: tuple[str, ...]
    lowers: tuple[str, ...]
    unassessable: int = 0
    simulated: bool = False


@dataclass(frozen=True)
class Noted:
    """One row of the table `city_status`: the status since a moment."""

    status: Status
    since: datetime
    event_time: datetime
    known_time: datetime


@functools.cache
def conditions() -> tuple[Condition, ...]:
    """Return our conditions, in file order."""
    return tuple(
        Condition(
            int(row["level"]),
            row["rule"],
            int(row["at_level"]),
            int(row["at_least"]),
            row["what"],
        )
        for row in reference.rows("city_status_rules")
    )


def judge(alarms: Iterable[Alarm], rules: Sequence[Condition] | None = None) -> Status:
    """Return the status that the alarms lead to.

    Args:
        alarms: Those that are cleared do not count; those that cannot be judged count as they were.
        rules: None for ours.
    """
    standing = [alarm for alarm in alarms if alarm.stands]
    met = [
        (rule, behind)
        for rule in (conditions() if rules is None else rules)
        if len(behind := _behind(rule, standing)) >= rule.at_least
    ]
    level = max((rule.level for rule, _ in met), default=LOWEST)
    leading = [(rule, behind) for rule, behind in met if rule.level == level]
    if not leading:
        return Status(
            LOWEST,
            ("Tidak ada peringatan yang menaikkan status kota",),
            (),
            sum(alarm.state == "unassessable" for alarm in standing),
            simulated=any(alarm.simulated for alarm in standing),
        )
    counted = {alarm.alarm_id: alarm for _, behind in leading for alarm in behind}
    return Status(
        level,
        tuple(_reason(rule, behind) for rule, behind in leading),
        tuple(
            f"Kurang dari {rule.at_least} {rule.what} (kini {len(behind)})"
            for rule, behind in leading
        ),
        sum(alarm.state == "unassessable" for alarm in counted.values()),
        simulated=any(alarm.simulated for alarm in counted.values()),
    )


def change(status: Status, before: Noted | None, moment: datetime, now: datetime) -> Noted | None:
    """Return the row to note; None where nothing changed.

    Args:
        before: The newest row, None where there is none.
        moment: Of the alarm that changed it last (aware).
        now: Aware.
    """
    if before is None:
        return Noted(status, moment, moment, now)
    moment = max(moment, before.event_time)
    if status != before.status:
        since = before.since if status.level == before.status.level else moment
        return Noted(status, since, moment, now)
    if now - before.known_time >= NOTED_ANEW_AFTER:
        return replace(before, event_time=now, known_time=now)
    return None


def to_text(sentences: Iterable[str]) -> str:
    """Return sentences as they are stored: a JSON array."""
    return orjson.dumps(list(sentences)).decode()


def _behind(rule: Condition, alarms: Iterable[Alarm]) -> list[Alarm]:
    return [alarm for alarm in alarms if alarm.rule == rule.rule and alarm.level >= rule.at_level]


def _reason(rule: Condition, behind: Sequence[Alarm]) -> str:
    names = [alarm.subject for alarm in gravest_first(behind)]
    shown = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        shown += f" dan {len(names) - NAMED} lainnya"
    unclear = sum(alarm.state == "unassessable" for alarm in behind)
    stale = f"; {unclear} tidak dapat dinilai karena datanya kedaluwarsa" if unclear else ""
    return f"{len(names)} {rule.what}: {shown}{stale}"
