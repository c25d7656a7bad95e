"""Past days in memory: the facts that questions about them read, copied from the lake once.

A question to the lake takes ten milliseconds a table before it reads its first row. Who moves
through a day asks a dozen questions at each step, all of the same few thousand rows.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.lake import Lake

# How far before its midnight the questions about a day reach; tests/sql/test_replay.py compares
# their answers with those of the whole lake.
LOOK_BACK: Mapping[str, timedelta] = MappingProxyType(
    {
        "air_measurements": timedelta(days=2),
        "alarms": timedelta(days=2),
        "camera_checks": timedelta(hours=9),
        "city_status": timedelta(days=2),
        "complaint_versions": timedelta(days=31),
        "duty_roster": timedelta(days=2),
        "inundations": timedelta(days=2),
        "pump_states": timedelta(days=2),
        "rainfall": timedelta(days=1),
        "traffic_alerts": timedelta(days=2),
        "traffic_jams": timedelta(hours=2),
        "water_levels": timedelta(days=2),
        "weather_alerts": timedelta(days=2),
    }
)
# Questions that read no more of these tables than that.
QUESTIONS = frozenset(
    {
        "air_now",
        "alarms_ended",
        "alarms_now",
        "cameras_count",
        "cameras_now",
        "changes",
        "city_status",
        "complaints_backlog",
        "complaints_open",
        "complaints_today",
        "corridors_now",
        "gates_now",
        "inundations_now",
        "jams_now",
        "levels_day",
        "officers_on_duty",
        "pumps_now",
        "rain_now",
        "traffic_alerts_now",
        "warnings_now",
    }
)
DAYS_KEPT = 3
# What is loaded of a past day afterwards is seen by then.
SECONDS_KEPT = 60.0


class _Day:
    """A schema of the memory with the tables of one day, each copied when it is first needed."""

    def __init__(self, schema: str) -> None:
        self.schema = schema
        self.made_at = time.monotonic()
        self.turn = threading.Lock()
        self.tables: set[str] = set()
        self.readers = 0
        self.is_kept = True


class PastDays:
    """The days that were asked of last.

    Args:
        lake: Where they are copied from.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._turn = threading.Lock()
        self._days: OrderedDict[date, _Day] = OrderedDict()

    @contextmanager
    def held(self, day: date, tables: Collection[str]) -> Iterator[str | None]:
        """Give the schema that holds those of `tables` that are in `LOOK_BACK`, to read from.

        Args:
            day: WIB; its rows are those that were known at its end.

        Yields:
            None where the day is not over: more of it becomes known each minute.
        """
        found = self._enter(day)
        if found is None:
            yield None
            return
        try:
            self._copy(day, found, tables)
            yield found.schema
        finally:
            with self._turn:
                found.readers -= 1
                self._drop_unread(found)

    def _copy(self, day: date, into: _Day, tables: Collection[str]) -> None:
        with into.turn:
            for table in sorted(LOOK_BACK.keys() & set(tables) - into.tables):
                self._lake.cursor().execute(
                    f"create table memory.{into.schema}.{table} as from lake.main.{table}"
                    " where event_time > $day::date::timestamptz - $back::interval"
                    " and event_time < $day::date::timestamptz + interval 1 day"
                    " and known_time < $day::date::timestamptz + interval 1 day",
                    {"day": day, "back": LOOK_BACK[table]},
                )
                into.tables.add(table)

    def _enter(self, day: date) -> _Day | None:
        with self._turn:
            held = self._days.pop(day, None)
            if held is not None and time.monotonic() - held.made_at > SECONDS_KEPT:
                self._retire(held)
                held = None
            if held is None:
                over = self._lake.value(
                    "select max(finished_at) >= $day::date::timestamptz + interval 1 day"
                    " from feed_runs",
                    day=day,
                )
                if not over:
                    return None
                held = _Day(f"day_{uuid.uuid4().hex}")
                self._lake.cursor().execute(f"create schema memory.{held.schema}")
            self._days[day] = held
            held.readers += 1
            if len(self._days) > DAYS_KEPT:
                self._retire(self._days.popitem(last=False)[1])
            return held

    def _retire(self, held: _Day) -> None:
        held.is_kept = False
        self._drop_unread(held)

    def _drop_unread(self, held: _Day) -> None:
        if not held.is_kept and not held.readers:
            self._lake.cursor().execute(f"drop schema if exists memory.{held.schema} cascade")
