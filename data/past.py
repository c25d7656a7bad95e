"""Past days in memory: the facts that questions about them read, copied from the lake once.

A question to the lake takes ten milliseconds a table before it reads its first row. Who moves
through a day asks a dozen questions at each step, all of the same few thousand rows.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
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


class PastDays:
    """The days that were asked of last.

    Args:
        lake: Where they are copied from.
    """

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._turn = threading.Lock()
        self._days: OrderedDict[date, _Day] = OrderedDict()
        self._numbers = itertools.count()

    def hold(self, day: date, tables: Collection[str]) -> str | None:
        """Return the schema that holds those of `tables` that are in `LOOK_BACK`.

        Args:
            day: WIB; its rows are those that were known at its end.

        Returns:
            None where the day is not over: more of it becomes known each minute.
        """
        held = self._day(day)
        if held is None:
            return None
        with held.turn:
            for table in sorted(LOOK_BACK.keys() & set(tables) - held.tables):
                self._lake.cursor().execute(
                    f"create table memory.{held.schema}.{table} as from lake.main.{table}"
                    " where event_time > $day::date::timestamptz - $back::interval"
                    " and event_time < $day::date::timestamptz + interval 1 day"
                    " and known_time < $day::date::timestamptz + interval 1 day",
                    {"day": day, "back": LOOK_BACK[table]},
                )
                held.tables.add(table)
        return held.schema

    def _day(self, day: date) -> _Day | None:
        with self._turn:
            held = self._days.pop(day, None)
            if held is not None and time.monotonic() - held.made_at > SECONDS_KEPT:
                self._drop(held)
                held = None
            if held is None:
                over = self._lake.value(
                    "select max(finished_at) >= $day::date::timestamptz + interval 1 day"
                    " from feed_runs",
                    day=day,
                )
                if not over:
                    return None
                held = _Day(f"day_{next(self._numbers)}")
                self._lake.cursor().execute(f"create schema memory.{held.schema}")
            self._days[day] = held
            if len(self._days) > DAYS_KEPT:
                self._drop(self._days.popitem(last=False)[1])
            return held

    def _drop(self, held: _Day) -> None:
        self._lake.cursor().execute(f"drop schema memory.{held.schema} cascade")
