"""Evaluate the alarm rules and the city status: facts derived from the other facts.

Nothing is remembered between two looks but what saves work: how each alarm stood is read from the
lake, so that a restart raises nothing anew. Only changes are appended, and a run is noted for each,
so that the derived facts have a version like those of any feed.
"""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import orjson
import shapely
import structlog

from data import alarms, city_status, queries, readings
from data.alarms import Alarm, Reading, Rule
from data.append import Origin, append, append_trusted, arrow_table
from data.asof import WIB, AsOf
from data.city_status import Noted, Status
from data.lake import Lake
from data.queries import Row
from data.tables import TABLES, Table
from etl.errors import Misconfigured
from etl.own import OwnFeed, declare, last_run
from etl.runner import Tally, note_run

log = structlog.get_logger()

FEED = "alarms"
WHOLE_CITY = "31"
# What slides with the clock alone (a count of three hours) is looked at again after this time.
SLIDES = timedelta(minutes=5)
# A run is noted at least so often, so that readers see that the rules are still judged.
HEARTBEAT = timedelta(minutes=2)
EVERY = timedelta(seconds=10)
OWN = OwnFeed(
    FEED,
    title="Peringatan dan status kota",
    source="dihitung dari sumber data lain menurut aturan peringatan",
    every=EVERY,
    late=timedelta(minutes=5),
    expired=timedelta(minutes=15),
    tables="alarms, city_status",
)
# What stands was noted within two days; a feed that was silent for longer has no age to judge.
LOOK_BACK = timedelta(days=2)
# Longer than any lag: known_time of an evaluated past is the moment that was evaluated.
EVALUATED = timedelta(days=3650)

ALARM_FIELDS = tuple(field.name for field in fields(Alarm))

STANDING = """
select *
from alarms
where event_time > $since and event_time <= $event_time and known_time <= $known_time
qualify row_number() over (partition by alarm_id order by event_time desc, known_time desc) = 1
"""
ASSUMED = """
select *
from alarms
where known_assumed and known_time between $start and $end
order by known_time, alarm_id
"""
STATUS = """
select *
from city_status
where area_code = $area and event_time > $since and event_time <= $event_time
    and known_time <= $known_time
order by event_time desc, known_time desc
limit 1
"""


@dataclass(frozen=True)
class Outlook:
    """What one evaluation found.

    Args:
        changes: New rows of `alarms`.
        noted: New row of `city_status`; None where nothing changed.
        standing: Every alarm after it, by id.
        status: The status after it.
        deadline: When the reading of a standing alarm grows too old; None for never.
    """

    changes: tuple[Alarm, ...]
    noted: Noted | None
    standing: Mapping[str, Alarm]
    status: Noted | None
    deadline: datetime | None


class Watch:
    """Looks at the rules whose feeds brought something new since its last look.

    Args:
        lake: Open for writing.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._snapshot = -1
        self._versions: dict[str, int] = {}
        self._due: datetime | None = None

    def look(self, now: datetime) -> Tally | None:
        """Evaluate what may have changed; return the run, None where nothing was to be done.

        Args:
            now: Aware city time.
        """
        if self._due is None:
            declare(self._lake, OWN, now)
        snapshot = self._lake.snapshot()
        if snapshot == self._snapshot and self._due is not None and now < self._due:
            return None
        versions = _versions(self._lake, now)
        moved = {name for name, number in versions.items() if self._versions.get(name) != number}
        due = self._due if self._due is not None and now < self._due else None
        rules = alarms.rules(now.astimezone(WIB).date())
        wanted = [
            rule.id for rule in rules.values() if due is None or not moved.isdisjoint(rule.feeds)
        ]
        tally = None
        if wanted:
            started = time.perf_counter()
            outlook = look(self._lake, AsOf.now(now), rules, wanted)
            tally = record(self._lake, outlook, now, started)
            due = min(filter(None, (due or now + SLIDES, outlook.deadline)))
        self._snapshot, self._versions, self._due = snapshot, versions, due
        return tally


def evaluate(lake: Lake, now: datetime, only: Collection[str] = ()) -> Tally | None:
    """Judge the rules once and append what changed; return the run, None where nothing did.

    Args:
        lake: Open for writing.
        now: Aware.
        only: Ids of rules; empty for all.

    Raises:
        Misconfigured: A rule is not known.
    """
    started = time.perf_counter()
    declare(lake, OWN, now)
    rules = _known(only, now)
    judged = [name for name in rules if not only or name in only]
    return record(lake, look(lake, AsOf.now(now), rules, judged), now, started)


def evaluate_past(
    lake: Lake,
    start: datetime,
    end: datetime,
    every: timedelta,
    now: datetime,
    only: Collection[str] = (),
    show: Callable[[Sequence[datetime]], Iterable[datetime]] = iter,
) -> Tally:
    """Judge the past as it was known at each moment; the rows replace those of an earlier try.

    Args:
        lake: Open for writing.
        start: First moment (aware).
        end: Last moment (aware).
        every: Between two moments.
        now: Aware.
        only: Ids of rules; empty for all.
        show: Goes through the moments, with a progress bar perhaps.

    Raises:
        Misconfigured: A rule is not known, or alarms were judged in that time as it passed.
    """
    began = time.perf_counter()
    _known(only, now)
    if lake.value(
        "select count(*) from feed_runs where feed = $feed and not history"
        " and finished_at between $start and $end",
        feed=FEED,
        start=start,
        end=end,
    ):
        raise Misconfigured(
            "alarms were judged within that time as it passed: what was known then stays as it is"
        )
    declare(lake, OWN, now)
    standing: Mapping[str, Alarm]
    standing, status = _before(lake, AsOf(start, start - timedelta(microseconds=1), live=False))
    changes: list[Alarm] = []
    noted: list[Noted] = []
    steps = range(int((end - start) / every) + 1)
    for moment in show([start + every * number for number in steps]):
        rules = alarms.rules(moment.astimezone(WIB).date())
        judged = [name for name in rules if not only or name in only]
        as_of = AsOf.at(moment, now, "saat-itu")
        outlook = _look(lake, as_of, rules, judged, standing, status)
        standing, status = outlook.standing, outlook.status
        changes += outlook.changes
        noted += [outlook.noted] if outlook.noted else []
    return _replace_past(lake, changes, noted, start, end, now, began)


def look(lake: Lake, as_of: AsOf, rules: Mapping[str, Rule], judged: Collection[str]) -> Outlook:
    """Return what the rules `judged` say at a moment, against what the lake holds."""
    standing, status = _before(lake, as_of)
    return _look(lake, as_of, rules, judged, standing, status)


def read(
    lake: Lake, as_of: AsOf, rules: Mapping[str, Rule], judged: Collection[str]
) -> list[Reading]:
    """Return what the rules `judged` have to judge at a moment.

    A rule whose question to the lake fails now has nothing to judge: its alarms cannot be assessed,
    and those of the other rules go on.
    """
    wanted = [rules[name] for name in judged if name in rules]
    runs = {
        row["feed"]: row
        for row in queries.feed_states(
            lake, since=as_of.event_time - LOOK_BACK, until=min(as_of.event_time, as_of.known_time)
        )
    }
    fetched = {
        name: row["known_time"] for name, row in runs.items() if row["known_time"] is not None
    }

    @functools.cache
    def gates() -> list[Row]:
        return _placed(lake, queries.gates_now(lake, as_of, WHOLE_CITY))

    def of(rule: Rule) -> list[Reading]:
        match rule.id:
            case "gate_level":
                return readings.gate_levels(rule, gates())
            case "gate_rise":
                return readings.gate_rises(rule, gates())
            case "pumps_down":
                pumps = queries.pumps_now(lake, as_of, WHOLE_CITY)
                return readings.pumps_near_gates(rule, gates(), pumps, fetched)
            case "complaint_burst":
                counts = queries.complaint_bursts(lake, as_of)
                return readings.complaint_counts(rule, counts, as_of.event_time, fetched)
            case "ispu":
                air = _placed(lake, queries.air_now(lake, as_of, WHOLE_CITY))
                return readings.air_indices(rule, air)
            case "corridor_collapse":
                corridors = queries.corridors_now(lake, as_of, WHOLE_CITY)
                return readings.corridor_speeds(rule, _placed(lake, _at_middle(corridors)))
            case "feed_expired":
                return readings.feed_ages(rule, queries.feeds(lake), runs, as_of.event_time)
            case _:
                raise Misconfigured(f"alarm_rules.csv: nothing reads what {rule.id} judges")

    found: list[Reading] = []
    failed = 0
    for rule in wanted:
        try:
            found += of(rule)
        except Misconfigured:
            raise
        except Exception:
            failed += 1
            # A past that was judged in part would stand as if it were whole.
            if not as_of.live or failed == len(wanted):
                raise
            log.exception("alarms.rule_failed", rule=rule.id)
    return found


def record(lake: Lake, outlook: Outlook, now: datetime, started: float) -> Tally | None:
    """Append what an evaluation found; return its run, None where there was nothing to note.

    Args:
        lake: Open for writing.
        now: Aware; when it was judged.
        started: Of `time.perf_counter`.
    """
    noted = [outlook.noted] if outlook.noted else []
    quiet = not outlook.changes and not noted
    last = last_run(lake, FEED).get("known_time")
    if quiet and last is not None and now - last < HEARTBEAT:
        return None
    tally = _tally(now, outlook.standing.values())
    tally.live = True
    tally.outcome = "unchanged" if quiet else "ok"
    with lake.write() as cursor:
        for table, simulated, columns in _batches(outlook.changes, noted):
            batch, _ = arrow_table(table, columns)
            outcome = append(cursor, table, batch, Origin(FEED, tally.run_id, now, simulated))
            _count(tally, batch.num_rows, outcome.loaded, outcome.newest)
            tally.quarantined += len(outcome.refused)
        # Asked here, for another process may have judged while this one did.
        note_run(cursor, tally, last_run(lake, FEED), now, started)
    if not quiet:
        log.info("alarms.changed", **tally.summary())
    return tally


def _known(only: Collection[str], now: datetime) -> Mapping[str, Rule]:
    rules = alarms.rules(now.astimezone(WIB).date())
    if unknown := set(only) - rules.keys():
        raise Misconfigured(
            f"no alarm rule is called {', '.join(sorted(unknown))}; there are {', '.join(rules)}"
        )
    return rules


def _look(
    lake: Lake,
    as_of: AsOf,
    rules: Mapping[str, Rule],
    judged: Collection[str],
    standing: Mapping[str, Alarm],
    status: Noted | None,
) -> Outlook:
    now = as_of.event_time
    found = read(lake, as_of, rules, judged)
    changes = alarms.evaluate(rules, found, standing, now, judged)
    after = {**standing, **{alarm.alarm_id: alarm for alarm in changes}}
    moment = max((alarm.event_time for alarm in changes), default=now)
    noted = city_status.change(city_status.judge(after.values()), status, moment, now)
    deadline = alarms.next_deadline(found, after)
    return Outlook(tuple(changes), noted, after, noted or status, deadline)


def _before(lake: Lake, as_of: AsOf) -> tuple[dict[str, Alarm], Noted | None]:
    span = {
        "since": as_of.event_time - LOOK_BACK,
        "event_time": as_of.event_time,
        "known_time": as_of.known_time,
    }
    standing = {row["alarm_id"]: _alarm(row) for row in lake.rows(STANDING, **span)}
    found = lake.rows(STATUS, area=WHOLE_CITY, **span)
    return standing, _noted(found[0]) if found else None


def _alarm(row: Row) -> Alarm:
    return Alarm(**{name: row[name] for name in ALARM_FIELDS})


def _noted(row: Row) -> Noted:
    status = Status(
        row["level"],
        tuple(orjson.loads(row["reasons"])),
        tuple(orjson.loads(row["lowers"])),
        row["unassessable"],
        row["simulated"],
    )
    return Noted(status, row["since"], row["event_time"], row["known_time"])


def _batches(
    changes: Iterable[Alarm], noted: Iterable[Noted]
) -> Iterator[tuple[Table, bool, dict[str, list[Any]]]]:
    """Yield table, origin and columns of what is to be appended, real rows apart from simulated."""
    rows = [("alarms", alarm.simulated, _columns_of(alarm)) for alarm in changes]
    rows += [("city_status", one.status.simulated, _status_columns(one)) for one in noted]
    for (name, simulated), group in groupby(sorted(rows, key=_batch_of), key=_batch_of):
        values = [row for _, _, row in group]
        yield TABLES[name], simulated, {key: [row[key] for row in values] for key in values[0]}


def _batch_of(row: tuple[str, bool, dict[str, Any]]) -> tuple[str, bool]:
    return row[0], row[1]


def _columns_of(alarm: Alarm) -> dict[str, Any]:
    return {
        name: getattr(alarm, name)
        for name in ALARM_FIELDS
        if name not in ("known_time", "simulated")
    }


def _status_columns(noted: Noted) -> dict[str, Any]:
    return {
        "area_code": WHOLE_CITY,
        "level": noted.status.level,
        "since": noted.since,
        "reasons": city_status.to_text(noted.status.reasons),
        "lowers": city_status.to_text(noted.status.lowers),
        "unassessable": noted.status.unassessable,
        "event_time": noted.event_time,
    }


def _replace_past(
    lake: Lake,
    changes: Sequence[Alarm],
    noted: Sequence[Noted],
    start: datetime,
    end: datetime,
    now: datetime,
    began: float,
) -> Tally:
    tally = _tally(now, changes)
    tally.history = True
    span = {"start": start, "end": end}
    if changes == [_alarm(row) for row in lake.rows(ASSUMED, **span)]:
        tally.outcome = "unchanged"
        _count(tally, len(changes), 0, None)
        return tally
    with lake.write() as cursor:
        for name in ("alarms", "city_status"):
            cursor.execute(
                f"delete from {name} where known_assumed and known_time between $start and $end",  # noqa: S608
                span,
            )
        for moment in sorted(
            {*(row.known_time for row in changes), *(row.known_time for row in noted)}
        ):
            origin = Origin(FEED, tally.run_id, moment, False, EVALUATED)
            told = [alarm for alarm in changes if alarm.known_time == moment]
            said = [one for one in noted if one.known_time == moment]
            for table, simulated, columns in _batches(told, said):
                batch, _ = arrow_table(table, columns)
                count = append_trusted(cursor, table, batch, replace(origin, simulated=simulated))
                _count(tally, count, count, max(columns["event_time"]))
        note_run(cursor, tally, last_run(lake, FEED), now, began)
    return tally


def _tally(now: datetime, judged: Iterable[Alarm]) -> Tally:
    simulated = any(alarm.simulated for alarm in judged if alarm.stands)
    return Tally(uuid.uuid4().hex, FEED, now, simulated)


def _count(tally: Tally, fetched: int, loaded: int, newest: datetime | None) -> None:
    tally.fetched += fetched
    tally.loaded += loaded
    tally.unchanged += fetched - loaded
    if newest is not None:
        tally.newest = max(tally.newest or newest, newest)


def _placed(lake: Lake, rows: Sequence[Row]) -> list[Row]:
    """Return rows with the kelurahan in which each lies."""
    codes = queries.kelurahan_at(lake, [row["lon"] for row in rows], [row["lat"] for row in rows])
    return [row | {"kelurahan_code": code} for row, code in zip(rows, codes, strict=True)]


def _at_middle(corridors: Sequence[Row]) -> list[Row]:
    """Return rows of corridors with where each is halfway through: there its alarm stands."""
    lines = shapely.from_wkt([row["line"] for row in corridors])
    middles = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    return [
        row | {"lon": float(lon), "lat": float(lat)}
        for row, (lon, lat) in zip(corridors, middles, strict=True)
    ]


def _versions(lake: Lake, now: datetime) -> dict[str, int]:
    rows = lake.rows(
        "select feed, max(version) as version from feed_runs"
        " where finished_at > $since and feed <> $feed group by feed",
        since=now - timedelta(hours=1),
        feed=FEED,
    )
    return {row["feed"]: row["version"] for row in rows}
