"""The simulated past is loaded once, whole tables at a time, and never twice."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import stamina

from data.append import Origin, append, arrow_table
from data.asof import WIB
from data.clock import Clock
from data.lake import Lake
from data.tables import TABLES
from etl import history
from etl.errors import FetchError
from etl.feed import discover
from etl.fetch import Fetcher
from tests.etl.conftest import NOW, Source

START = NOW - timedelta(days=1)
LEVELS = history.Past("water_levels", "dsda_levels")
RAIN = history.Past("rainfall", "pantau_rain")


def parquet(**columns: Any) -> bytes:
    """Return rows as the city sends them, times in UTC."""
    times = pa.array(columns.pop("event_time"), pa.timestamp("us", "UTC"))
    sink = io.BytesIO()
    pq.write_table(pa.table({**columns, "event_time": times}), sink)
    return sink.getvalue()


def levels(*times: datetime) -> bytes:
    return parquet(
        station_id=["a"] * len(times), level_cm=[1.0] * len(times), event_time=list(times)
    )


def load(lake: Lake, clock: Clock, source: Source, start: datetime = START) -> dict[str, int]:
    with stamina.set_testing(True, attempts=1), Fetcher(clock) as fetcher:
        return history.load(lake, fetcher, discover(), source.url, start=start, now=NOW)


def test_what_live_runs_brought_before_its_past_is_not_there_twice(
    lake: Lake, clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAST", (LEVELS,))
    table = TABLES["water_levels"]
    seen = NOW - timedelta(minutes=10)
    batch, _ = arrow_table(table, {"station_id": ["a"], "level_cm": [1.0], "event_time": [seen]})
    for simulated in (True, False):
        with lake.write() as cursor:
            append(cursor, table, batch, Origin("dsda_levels", "live", NOW, simulated))
    source.will(levels(START, seen))
    assert load(lake, clock, source) == {"water_levels": 2}
    assert load(lake, clock, source) == {}
    found = lake.rows("select simulated, count(*) as n from water_levels group by all order by all")
    assert [tuple(row.values()) for row in found] == [(False, 1), (True, 2)]


def test_a_past_that_broke_off_is_completed_and_not_begun_anew(
    lake: Lake, clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAST", (LEVELS, RAIN))
    source.will(levels(START), b"broken off")
    with pytest.raises(FetchError, match="rainfall"):
        load(lake, clock, source)
    source.will(parquet(station_id=["r"], rain_mm=[2.0], event_time=[START]))
    assert load(lake, clock, source) == {"rainfall": 1}
    assert lake.value("select count(*) from water_levels") == 1


def test_a_past_in_which_nothing_happened_is_not_asked_for_again(
    lake: Lake, clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAST", (LEVELS,))
    source.will(levels())
    assert load(lake, clock, source) == {"water_levels": 0}
    assert load(lake, clock, source) == {}


def test_a_long_past_is_asked_for_by_halves_of_a_year_and_one_of_few_rows_at_once(
    lake: Lake, clock: Clock, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAST", (LEVELS, replace(RAIN, whole=True)))
    start = datetime(2025, 3, 1, tzinfo=WIB)
    rain = parquet(station_id=["r"], rain_mm=[2.0], event_time=[start])
    source.will(levels(start), levels(datetime(2025, 8, 1, tzinfo=WIB)), levels(START), rain)
    assert load(lake, clock, source, start) == {"water_levels": 3, "rainfall": 1}
    asked: dict[str, list[datetime]] = {}
    for path, _ in source.asked:
        begin = parse_qs(urlsplit(path).query)["start"][0]
        asked.setdefault(urlsplit(path).path, []).append(datetime.fromisoformat(begin))
    assert asked == {
        "/bulk/water_levels.parquet": [
            start,
            datetime(2025, 7, 1, tzinfo=WIB),
            datetime(2026, 1, 1, tzinfo=WIB),
        ],
        "/bulk/rainfall.parquet": [start],
    }
