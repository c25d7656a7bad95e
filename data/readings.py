"""What the alarm rules judge, made from the rows of the queries: pure functions.

Each returns a reading for every subject that there is, those far from any bound included, for an
alarm whose subject is not told of cannot be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from data.alarms import Reading, Rule
from data.areas import distance_m
from data.freshness import Budget, Progress, counted_from
from data.ispu import ispu

Row = Mapping[str, Any]

# Pumps within this distance of a gate are those that its water threatens.
NEAR_M = 3_000.0
SIAGA_BOUNDS = ("siaga3_cm", "siaga2_cm", "siaga1_cm")


def gate_levels(rule: Rule, rows: Iterable[Row]) -> list[Reading]:
    """Return the level of each gate that has bounds; rows of `gates_now` with `kelurahan_code`."""
    return [
        _gate(rule, row, row["level_cm"])
        for row in rows
        if row["event_time"] is not None and row["siaga3_cm"] is not None
    ]


def gate_rises(rule: Rule, rows: Iterable[Row]) -> list[Reading]:
    """Return how fast each gate rises, cm/h, as long as it is below siaga 3.

    From there on its level is an alarm of its own, which tells how fast it moves.

    Args:
        rows: Of `gates_now` with `kelurahan_code`.
    """
    return [
        _gate(rule, row, row["rise_cm_h"] if (row["siaga"] or 4) > 3 else None)
        for row in rows
        if row["event_time"] is not None
    ]


def pumps_near_gates(
    rule: Rule,
    gates: Iterable[Row],
    pumps: Sequence[Row],
    fetched: Mapping[str, datetime],
) -> list[Reading]:
    """Return the share of pumps not running around each gate, in per cent.

    Args:
        gates: Rows of `gates_now` with `kelurahan_code`.
        pumps: Rows of `pumps_now`; houses without a report do not count.
        fetched: Last good fetch by feed: a house that says nothing new is still known.
    """
    least = min(rung.minimum or 0.0 for rung in rule.rungs)
    told = [row for row in pumps if row["event_time"] is not None]
    found = []
    for gate in gates:
        if gate["event_time"] is None or gate["siaga3_cm"] is None:
            continue
        near = [
            row
            for row in told
            if row["simulated"] == gate["simulated"]
            and distance_m(gate["lon"], gate["lat"], row["lon"], row["lat"]) <= NEAR_M
        ]
        installed = sum(row["pumps"] or 0 for row in near)
        threatened = (gate["siaga"] or 4) <= 3 and installed >= max(least, 1)
        running = sum(row["running"] or 0 for row in near)
        heard = [fetched.get(row["feed"], row["event_time"]) for row in near]
        stale_at = gate["event_time"] + timedelta(seconds=gate["expired_s"])
        if heard and rule.stale is not None:
            stale_at = min(stale_at, max(heard) + rule.stale)
        found.append(
            _reading(
                rule,
                gate,
                subject_id=gate["station_id"],
                kind="gate",
                value=100 * (1 - min(running / installed, 1)) if threatened else None,
                moment=max([gate["event_time"], *(row["event_time"] for row in near)]),
                stale_at=stale_at,
                feeds=sorted({gate["feed"], *(row["feed"] for row in near)}),
            )
        )
    return found


def complaint_counts(
    rule: Rule, rows: Iterable[Row], now: datetime, fetched: Mapping[str, datetime]
) -> list[Reading]:
    """Return the complaints of three hours in each kelurahan; rows of `complaint_bursts`.

    Args:
        now: Up to which was counted (aware); a count falls as time goes on, without any row.
        fetched: Last good fetch by feed: without news of complaints there are none.
    """
    found = []
    for row in rows:
        heard = [fetched[name] for name in row["feeds"] or () if name in fetched]
        newest = max(heard, default=row["newest"])
        found.append(
            _reading(
                rule,
                row,
                subject_id=row["kelurahan_code"],
                kind="kelurahan",
                value=float(row["received"]),
                moment=now,
                stale_at=None if newest is None or rule.stale is None else newest + rule.stale,
                feeds=row["feeds"] or (),
                bounds={"usual": row["usual"]},
            )
        )
    return found


def air_indices(rule: Rule, rows: Iterable[Row]) -> list[Reading]:
    """Return the index of PM2.5 at each station; rows of `air_now` with `kelurahan_code`.

    The source's own hourly index where it gives one, else that of the mean of 24 hours.
    """
    found = []
    for row in rows:
        if row["parameter"] != "pm25" or row["event_time"] is None:
            continue
        mean = row["mean_ug_m3"]
        index = row["ispu"]
        if index is None and mean is not None:
            index = ispu("pm25", mean)
        found.append(
            _reading(
                rule,
                row,
                subject_id=row["station_id"],
                kind="air_station",
                value=None if index is None else float(index),
                moment=row["event_time"],
                stale_at=None if rule.stale is None else row["event_time"] + rule.stale,
                feeds=(row["feed"],),
            )
        )
    return found


def corridor_speeds(rule: Rule, rows: Iterable[Row]) -> list[Reading]:
    """Return the speed of each corridor in per cent of its usual.

    Args:
        rows: Of `corridors_now`, with the middle of each and its `kelurahan_code`.
    """
    least = min(rung.minimum or 0.0 for rung in rule.rungs)
    found = []
    for row in rows:
        known = row["usual_kmh"] and row["speed_kmh"] is not None and row["weeks"] >= least
        found.append(
            _reading(
                rule,
                row,
                subject_id=row["corridor_id"],
                kind="corridor",
                value=100 * row["speed_kmh"] / row["usual_kmh"] if known else None,
                moment=row["event_time"],
                stale_at=None if rule.stale is None else row["event_time"] + rule.stale,
                feeds=(row["feed"],),
            )
        )
    return found


def feed_ages(
    rule: Rule, declared: Iterable[Row], runs: Mapping[str, Row], now: datetime
) -> list[Reading]:
    """Return the age of each scheduled feed in minutes, against its own budget.

    Args:
        declared: Rows of `feeds`.
        runs: Rows of `feed_states` by feed; a feed that never ran has no age.
        now: Aware.
    """
    subjects = frozenset().union(*(rung.subjects for rung in rule.rungs))
    found = []
    for row in declared:
        if row["feed"] not in subjects:
            continue
        run = runs.get(row["feed"])
        since = None if run is None else counted_from(_budget(row), _progress(run))
        known = row["scheduled"] and row["expired_s"] is not None and since is not None
        moment = now if since is None else since
        if known:
            # It expired at one moment, however long ago that is seen.
            moment = min(now, max(moment, moment + timedelta(seconds=row["expired_s"])))
        found.append(
            Reading(
                rule=rule.id,
                subject_kind="feed",
                subject_id=row["feed"],
                subject=row["title"],
                value=(now - since).total_seconds() / 60 if known and since else None,
                moment=moment,
                bounds={"expired_min": row["expired_s"] / 60 if row["expired_s"] else None},
                simulated=bool(row["simulated"] if run is None else run["simulated"]),
            )
        )
    return found


def _gate(rule: Rule, row: Row, value: float | None) -> Reading:
    return _reading(
        rule,
        row,
        subject_id=row["station_id"],
        kind="gate",
        value=value,
        moment=row["event_time"],
        stale_at=row["event_time"] + timedelta(seconds=row["expired_s"]),
        feeds=(row["feed"],),
        bounds={name: row[name] for name in SIAGA_BOUNDS},
    )


def _reading(
    rule: Rule,
    row: Row,
    *,
    subject_id: str,
    kind: str,
    value: float | None,
    moment: datetime,
    stale_at: datetime | None,
    feeds: Iterable[str],
    bounds: Mapping[str, float | None] | None = None,
) -> Reading:
    return Reading(
        rule=rule.id,
        subject_kind=kind,
        subject_id=subject_id,
        subject=row["name"],
        value=value,
        moment=moment,
        stale_at=stale_at,
        bounds=bounds or {},
        feeds=tuple(feeds),
        simulated=bool(row["simulated"]),
        lon=row.get("lon"),
        lat=row.get("lat"),
        kelurahan_code=row.get("kelurahan_code"),
    )


def _budget(row: Row) -> Budget:
    late, expired = row["late_s"], row["expired_s"]
    return Budget(
        None if late is None else timedelta(seconds=late),
        None if expired is None else timedelta(seconds=expired),
        row["clock"],
    )


def _progress(run: Row) -> Progress:
    return Progress(run["event_time"], run["known_time"], empty=run["last_content"] == "empty")
