"""The questions that pages ask the lake: one typed function a file of `data/queries/*.sql`."""

from __future__ import annotations

import functools
from collections.abc import Sequence, Set
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from data import reference
from data.areas import Locator, Shape
from data.asof import AsOf
from data.lake import Lake

Row: TypeAlias = dict[str, Any]

FOLDER = Path(__file__).parent / "queries"


@functools.cache
def sql(name: str) -> str:
    """Return the text of `data/queries/<name>.sql`, header included."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def run(lake: Lake, name: str, **params: Any) -> list[Row]:
    """Run `data/queries/<name>.sql` with all of its `$name` parameters, and no others."""
    return lake.rows(sql(name), **params)


def ask(lake: Lake, name: str, as_of: AsOf, area: str, **params: Any) -> list[Row]:
    """Run a query that takes a moment and an area: `$event_time`, `$known_time`, `$area`."""
    return run(
        lake,
        name,
        event_time=as_of.event_time,
        known_time=as_of.known_time,
        area=area,
        **params,
    )


def areas(lake: Lake) -> list[Row]:
    """Return every kota, kecamatan and kelurahan, largest level first, in order of code."""
    return run(lake, "areas")


def feeds(lake: Lake) -> list[Row]:
    """Return every feed as it was declared last, scheduled ones first."""
    return run(lake, "feeds")


def feed_states(lake: Lake, *, since: datetime, until: datetime) -> list[Row]:
    """Return what the runs of each feed add up to, of those that ended in (`since`, `until`]."""
    return run(lake, "feed_states", since=since, until=until)


def runs(lake: Lake, *, since: datetime, until: datetime, feed: str | None, most: int) -> list[Row]:
    """Return the newest runs, of one feed or of all, that ended in (`since`, `until`]."""
    return run(lake, "runs", since=since, until=until, feed=feed, most=most)


def runs_hourly(lake: Lake, *, since: datetime, until: datetime) -> list[Row]:
    """Return what each feed did in each hour of (`since`, `until`]."""
    return run(lake, "runs_hourly", since=since, until=until)


def quarantine_reasons(
    lake: Lake, *, since: datetime, until: datetime, feed: str | None, most: int
) -> list[Row]:
    """Return why rows of one feed or of all were refused, most frequent first."""
    return run(lake, "quarantine_reasons", since=since, until=until, feed=feed, most=most)


def quarantine_rows(
    lake: Lake,
    *,
    until: datetime,
    feed: str | None,
    reason: str | None,
    field: str | None,
    skip: int,
    most: int,
) -> list[Row]:
    """Return one page of refused rows; `reason` and `field` are parts to look for."""
    return run(
        lake,
        "quarantine_rows",
        until=until,
        feed=feed,
        reason=reason,
        field=field,
        skip=skip,
        most=most,
    )


def catalogue(lake: Lake) -> list[Row]:
    """Return the lake's tables with meaning, rows and newest event, in order of name."""
    return run(lake, "catalogue")


def complaints_open(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the complaints of the last 30 days that are still open, newest intake first."""
    return ask(lake, "complaints_open", as_of, area)


def complaints_today(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return what came in and was finished since midnight (WIB), beside the usual intake."""
    return ask(lake, "complaints_today", as_of, area)[0]


def complaints_backlog(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return how many complaints are open, of all that ever came in, and how many too long."""
    return ask(lake, "complaints_backlog", as_of, area)[0]


def gates_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the water at each gate and post, gravest first."""
    rows = ask_city(lake, "gates_now", as_of)
    return _inside(lake, rows, "water_stations", "station_id", area)


def pumps_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the pumps of each house as last told."""
    rows = ask_city(lake, "pumps_now", as_of)
    return _inside(lake, rows, "pump_houses", "pump_house_id", area)


def inundations_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the RT and RW that are flooded, deepest first."""
    return ask(lake, "inundations_now", as_of, area)


def jams_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the jams of level 1 or more, worst first."""
    return ask(lake, "jams_now", as_of, area)


def air_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return each pollutant at each air station over the last day."""
    rows = ask_city(lake, "air_now", as_of)
    return _inside(lake, rows, "air_stations", "station_id", area)


def officers_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the officers on duty with their position of the last 15 minutes."""
    return ask(lake, "officers_now", as_of, area)


def officers_on_duty(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return how many officers are on duty."""
    return ask(lake, "officers_on_duty", as_of, area)[0]


def cameras_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return every camera with what its last probe saw."""
    return ask(lake, "cameras_now", as_of, area)


def cameras_count(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return how many cameras are live, of how many."""
    return ask(lake, "cameras_count", as_of, area)[0]


def warnings_now(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return the BMKG warnings in force."""
    return ask_city(lake, "warnings_now", as_of)


def changes(lake: Lake, as_of: AsOf, area: str, *, most: int) -> list[Row]:
    """Return what changed in the last six hours, newest first, at most so many."""
    rows = ask(lake, "changes", as_of, area, most=most)
    gates = _inside(
        lake, [row for row in rows if row["kind"] == "gate"], "water_stations", "id", area
    )
    inside = {row["id"] for row in gates}
    return [row for row in rows if row["kind"] != "gate" or row["id"] in inside]


def covered(lake: Lake, as_of: AsOf, sources: Set[str]) -> bool:
    """Tell whether one of `sources` (tables and feeds) tells anything of the days before."""
    return any(row["source"] in sources for row in ask_city(lake, "covered", as_of))


def outlines(lake: Lake) -> list[Row]:
    """Return the boundaries of kelurahan, kecamatan and kota."""
    return run(lake, "outlines")


def outline_sources(lake: Lake) -> list[Row]:
    """Return where the boundaries come from, approximate ones first."""
    return run(lake, "outline_sources")


def camera_listed(lake: Lake, camera_id: str) -> bool:
    """Tell whether there is a camera of that id."""
    return bool(run(lake, "camera_listed", camera_id=camera_id))


def cameras_named(lake: Lake, words: Sequence[str], *, most: int) -> list[Row]:
    """Return the cameras whose name holds every word (lower case), shortest name first."""
    return run(lake, "cameras_named", words=list(words), most=most)


def kelurahan_at(lake: Lake, lons: Sequence[float], lats: Sequence[float]) -> list[str | None]:
    """Return the kelurahan in which each point (degrees) lies, None for one outside the city."""
    return list(_locator(_kelurahan(lake)).locate(lons, lats))


def ask_city(lake: Lake, name: str, as_of: AsOf) -> list[Row]:
    """Run a query that takes a moment and is always about the whole city."""
    return run(lake, name, event_time=as_of.event_time, known_time=as_of.known_time)


def _inside(lake: Lake, rows: list[Row], table: str, key: str, area: str) -> list[Row]:
    """Keep the rows about stations of a reference table that lie in `area`."""
    if area == "31" or not rows:
        return rows
    found = _located(_kelurahan(lake), table)
    return [row for row in rows if (found.get(row[key]) or "").startswith(area)]


def _kelurahan(lake: Lake) -> tuple[Shape, ...]:
    return tuple(Shape(**row) for row in outlines(lake) if row["level"] == "kelurahan")


@functools.lru_cache(maxsize=2)
def _locator(shapes: tuple[Shape, ...]) -> Locator:
    return Locator(shapes)


@functools.lru_cache(maxsize=8)
def _located(shapes: tuple[Shape, ...], table: str) -> dict[str, str | None]:
    """Return the kelurahan of each row of a reference table by the row's first column."""
    rows = reference.rows(table)
    codes = _locator(shapes).locate(
        [float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows]
    )
    return {next(iter(row.values())): code for row, code in zip(rows, codes, strict=True)}
