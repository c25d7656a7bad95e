"""The questions that pages ask the lake: one typed function a file of `data/queries/*.sql`."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import shapely

from data import past, reference
from data.areas import Locator, Shape, distance_m
from data.asof import WIB, AsOf
from data.evidence import Signal, lookalikes
from data.lake import Lake
from data.metrics import Rule

Row: TypeAlias = dict[str, Any]

FOLDER = Path(__file__).parent / "queries"
# Facts about a place of a reference table, which has no kelurahan of its own.
STATIONS_OF = {
    "air_measurements": "air_stations",
    "pump_states": "pump_houses",
    "water_levels": "water_stations",
}
# Signal of `data.evidence` -> its query.
EVIDENCE = {
    "recomplaint": "evidence_recomplaints",
    "fast": "evidence_fast",
    "photo": "evidence_photos",
    "cutoff": "evidence_cutoff",
    "reporter": "evidence_reporters",
    "contradiction": "evidence_contradictions",
    "jam": "evidence_jams",
}
# Questions of the registry of series (`data.series`).
SERIES = (
    "series_cameras",
    "series_cohorts",
    "series_complaints",
    "series_corridors",
    "series_feeds",
    "series_floods",
    "series_ispu",
    "series_levels",
    "series_pm25",
    "series_population",
    "series_rain",
)
SERIES_HOURS = ("series_hours_complaints", "series_hours_corridors", "series_hours_pm25")
# About 200 m: no kelurahan that a corridor passes through is narrower on its way.
STEP_DEGREES = 0.002


@functools.cache
def sql(name: str) -> str:
    """Return the text of `data/queries/<name>.sql`, header included.

    The part of `data/queries/parts/` that its header may name comes first among its own.
    """
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    named = re.search(r"^-- part +(\w+)$", text, re.MULTILINE)
    if named is None:
        return text
    if text.count("\nwith ") != 1 or "\nwith recursive " in text:
        raise ValueError(f"{name}.sql: a part goes before the first of its common tables")
    part = (FOLDER / "parts" / f"{named[1]}.sql").read_text(encoding="utf-8")
    return text.replace("\nwith ", f"\nwith {named[1]} as (\n{part}),\n\n", 1)


@functools.cache
def reads(name: str) -> frozenset[str]:
    """Return the tables that `data/queries/<name>.sql` says it reads."""
    told = re.search(r"^-- reads +(.+)$", sql(name), re.MULTILINE)
    return frozenset(re.split(r"\W+", told[1].strip())) if told else frozenset()


def run(lake: Lake, name: str, **params: Any) -> list[Row]:
    """Run `data/queries/<name>.sql` with all of its `$name` parameters, and no others."""
    return lake.rows(sql(name), **params)


def ask(lake: Lake, name: str, as_of: AsOf, area: str, **params: Any) -> list[Row]:
    """Run a query that takes a moment and an area: `$event_time`, `$known_time`, `$area`."""
    return ask_city(lake, name, as_of, area=area, **params)


def areas(lake: Lake) -> list[Row]:
    """Return every kota, kecamatan and kelurahan, largest level first, in order of code."""
    return run(lake, "areas")


def area_names(lake: Lake) -> dict[str, str]:
    """Return the name of every area by its code."""
    return {row["code"]: row["name"] for row in areas(lake)}


def feeds(lake: Lake) -> list[Row]:
    """Return every feed as it was declared last, scheduled ones first."""
    return run(lake, "feeds")


def feeds_then(lake: Lake, known_time: datetime) -> list[Row]:
    """Return every feed as it was declared at a moment (aware), scheduled ones first."""
    return run(lake, "feeds_then", known_time=known_time)


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


def unit_scores(
    lake: Lake,
    level: str,
    *,
    flood_days: Sequence[date],
    judged_by: Rule | None = None,
    excluded: Collection[str] = (),
    **period: Any,
) -> list[Row]:
    """Return how each unit kept the rule's time with its own cases.

    Args:
        level: "kelurahan", "kecamatan", "kota" or "agency".
        flood_days: As `flood_days` returns them.
        judged_by: Rule for all complaints; None: that of each one's day of intake.
        excluded: Complaints that do not count: "<number>", or "<number> <unit>" for the stints of
            one unit alone.
        period: `cut` (midnight WIB up to which the city is known), `since` and `until` (days of
            intake, `until` itself not included), `category` and `channel` (None: all).
    """
    return run(
        lake,
        "unit_scores",
        level=level,
        flood_days=list(flood_days),
        resolve_h=judged_by and judged_by.resolve_h,
        coordinate_h=judged_by and judged_by.coordinate_h,
        excluded=sorted(excluded),
        **period,
    )


def unit_times(
    lake: Lake, level: str, *, excluded: Collection[str] = (), **period: Any
) -> list[Row]:
    """Return how long complaints stay with each unit; arguments as for `unit_scores`."""
    return run(lake, "unit_times", level=level, excluded=sorted(excluded), **period)


def unit_effects(
    lake: Lake, level: str, unit: str, *, excluded: Collection[str] = (), most: int, **period: Any
) -> list[Row]:
    """Return the stints of a unit that went furthest beyond their time.

    Args:
        unit: Code of an area, or name of a perangkat daerah.
        excluded, period: As for `unit_scores`.
    """
    return run(
        lake,
        "unit_effects",
        level=level,
        unit=unit,
        excluded=list(excluded),
        most=most,
        **period,
    )


def unit_endings(
    lake: Lake, level: str, unit: str, *, excluded: Collection[str] = (), **period: Any
) -> list[Row]:
    """Return how the stints of a unit ended that are due; arguments as for `unit_effects`."""
    return run(lake, "unit_endings", level=level, unit=unit, excluded=list(excluded), **period)


def rule_values(lake: Lake, level: str, **period: Any) -> list[Row]:
    """Return what the rule in force makes of each unit; arguments as for `unit_scores`."""
    return run(lake, "rule_values", level=level, **period)


def cohort_times(lake: Lake, *, since: date, cut: date) -> list[Row]:
    """Return how long complaints took that came in from `since` on, by quarter of intake.

    What is open counts with its age at `cut`, midnight (WIB) up to which the city is known.
    """
    return run(lake, "cohort_times", since=since, until=cut, cut=cut, category=None, channel=None)


def cohort_months(lake: Lake, *, since: date, cut: date) -> list[Row]:
    """Return how complaints that came in from `since` on stand at `cut`, by month of intake."""
    return run(lake, "cohort_months", since=since, until=cut, cut=cut, category=None, channel=None)


def cohort_stints(
    lake: Lake,
    level: str,
    *,
    flood_days: Sequence[date],
    excluded: Collection[str],
    most: int,
    **period: Any,
) -> pd.DataFrame:
    """Return each beginning and each end of a stint that `unit_scores` counts, to count otherwise.

    Args:
        most: Who sent more complaints in a month is marked.
        level, flood_days, excluded, period: As of `unit_scores`.
    """
    return lake.frame(
        sql("cohort_stints"),
        level=level,
        flood_days=list(flood_days),
        excluded=sorted(excluded),
        most=most,
        **period,
    )


def complaint_years(lake: Lake, *, since: date, until: date, cut: date) -> list[Row]:
    """Return what came in in [`since`, `until`) and was finished, by month and category."""
    return run(lake, "complaint_years", since=since, until=until, cut=cut)


def complaint_stints(lake: Lake, complaint_id: str, *, cut: date) -> list[Row]:
    """Return the stays of one complaint with each unit as known at `cut`, in order of time."""
    return run(lake, "complaint_stints", complaint_id=complaint_id, cut=cut)


def flood_days(lake: Lake, *, since: date, cut: date) -> list[date]:
    """Return the days from `since` to `cut` (midnight WIB) on which a river stood at Siaga 2."""
    return [row["day"] for row in run(lake, "flood_days", since=since, cut=cut)]


def gates_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the water at each gate and post, gravest first."""
    rows = ask_city(lake, "gates_now", as_of)
    return _inside(lake, rows, "water_stations", "station_id", area)


def levels_day(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return the readings of each station and feed over the last 24 hours."""
    return ask_city(lake, "levels_day", as_of)


def level_history(
    lake: Lake, as_of: AsOf, station_id: str, *, since: datetime, step: timedelta
) -> list[Row]:
    """Return the highest level of each `step` in (`since`, the moment], oldest first."""
    return ask_city(
        lake,
        "level_history",
        as_of,
        station_id=station_id,
        since=since,
        step_s=int(step.total_seconds()),
    )


def river_lags(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return how long crests took along each stretch, as known at midnight."""
    return ask_city(lake, "river_lags", as_of)


def river_records(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return how often siaga upstream was followed by Siaga 3 downstream, as known at midnight."""
    return ask_city(lake, "river_records", as_of)


def stations_inside(lake: Lake, area: str) -> frozenset[str]:
    """Return the ids of the water stations that lie in `area`; "31" holds only those inside it."""
    found = _located(_kelurahan(lake), "water_stations")
    return frozenset(key for key, code in found.items() if (code or "").startswith(area))


def rain_now(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return how hard it rains at each rain post, hardest first."""
    return ask_city(lake, "rain_now", as_of)


def rain_near(lake: Lake, as_of: AsOf, lon: float, lat: float, *, since: datetime) -> list[Row]:
    """Return the reports of the rain post nearest to a point (degrees), oldest first."""
    return ask_city(
        lake,
        "rain_near",
        as_of,
        lon=lon,
        lat=lat,
        since=since,
    )


def pumps_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the pumps of each house as last told."""
    rows = ask_city(lake, "pumps_now", as_of)
    return _inside(lake, rows, "pump_houses", "pump_house_id", area)


def inundations_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the RT and RW that are flooded, deepest first."""
    return ask(lake, "inundations_now", as_of, area)


def flood_reports_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return what citizens reported of floods in the last three hours, newest first."""
    return ask(lake, "flood_reports_now", as_of, area)


def jams_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the jams of level 1 or more, worst first."""
    return ask(lake, "jams_now", as_of, area)


def corridors_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return how each corridor that crosses `area` flows, beside what is usual."""
    rows = ask_city(lake, "corridors_now", as_of)
    if area == "31" or not rows:
        return rows
    inside = set(_corridors_inside(lake, area))
    return [row for row in rows if row["corridor_id"] in inside]


def corridor_day(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return each corridor by the hour over the last twelve, beside what is usual."""
    return ask_city(lake, "corridor_day", as_of)


def corridor_week(lake: Lake, as_of: AsOf, corridor: str) -> list[Row]:
    """Return one corridor by weekday and hour, as usual over the last eight weeks."""
    return ask_city(
        lake,
        "corridor_week",
        as_of,
        corridor=corridor,
    )


def traffic_alerts_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the accidents, closed roads and hazards that road users report, newest first."""
    return ask(lake, "traffic_alerts_now", as_of, area)


def air_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return each pollutant at each air station over the last day."""
    rows = ask_city(lake, "air_now", as_of)
    return _inside(lake, rows, "air_stations", "station_id", area)


def air_parameters_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the newest value of each pollutant at each air station."""
    rows = ask_city(lake, "air_parameters_now", as_of)
    return _inside(lake, rows, "air_stations", "station_id", area)


def air_hours(lake: Lake, as_of: AsOf, station_id: str) -> list[Row]:
    """Return PM2.5 at one station by the hour over the last 30 days, oldest first."""
    return ask_city(
        lake,
        "air_hours",
        as_of,
        station_id=station_id,
    )


def ispu_days(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return the newest official index of a day at each reference station."""
    return ask_city(lake, "ispu_days", as_of)


def officers_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the officers on duty with their position of the last 15 minutes."""
    return ask(lake, "officers_now", as_of, area)


def officers_on_duty(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return how many officers are on duty."""
    return ask(lake, "officers_on_duty", as_of, area)[0]


def cameras_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return every camera with what its last probe saw."""
    return ask(lake, "cameras_now", as_of, area)


def cameras_near(lake: Lake, as_of: AsOf, lon: float, lat: float, *, most: int) -> list[Row]:
    """Return the cameras that watch water nearest to a point (degrees)."""
    return ask_city(
        lake,
        "cameras_near",
        as_of,
        lon=lon,
        lat=lat,
        most=most,
    )


def cameras_count(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return how many cameras are live, of how many."""
    return ask(lake, "cameras_count", as_of, area)[0]


def cameras_wall(
    lake: Lake,
    as_of: AsOf,
    area: str,
    *,
    kind: str | None,
    at: tuple[float, float] | None,
    within_m: float,
    troubled: bool,
    most: int,
    skip: int,
) -> list[Row]:
    """Return one page of cameras, those with a picture first.

    Args:
        kind: Only of this kind; None: of all.
        at: Place (lon, lat) from which they are counted, nearest first; None: by name.
        within_m: How far from the place they may stand.
        troubled: Only those that were probed and are not live.
    """
    lon, lat = at or (None, None)
    return ask(
        lake,
        "cameras_wall",
        as_of,
        area,
        kind=kind,
        lon=lon,
        lat=lat,
        within_m=within_m,
        troubled=troubled,
        most=most,
        skip=skip,
    )


def camera_groups(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return how many cameras of each kind there are, and in what state."""
    return ask(lake, "camera_groups", as_of, area)


def camera_one(lake: Lake, as_of: AsOf, camera_id: str) -> Row | None:
    """Return one camera with its state; None where there is none of that id."""
    found = ask_city(
        lake,
        "camera_one",
        as_of,
        camera_id=camera_id,
    )
    return next(iter(found), None)


def camera_periods(lake: Lake, as_of: AsOf, camera_id: str) -> list[Row]:
    """Return what a camera showed over thirty days, as periods of one state, oldest first."""
    return ask_city(
        lake,
        "camera_periods",
        as_of,
        camera_id=camera_id,
    )


def cameras_ours(lake: Lake, camera_ids: Sequence[str]) -> frozenset[str]:
    """Return which of some cameras our server may show pictures of."""
    found = run(lake, "cameras_ours", camera_ids=list(camera_ids))
    return frozenset(row["camera_id"] for row in found)


def blind_spots(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the RW that flood again and again where no live camera stands within 300 m."""
    return ask(lake, "blind_spots", as_of, area)


def officers_by_agency(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return how many officers of each agency are on duty; nothing without a roster."""
    return ask(lake, "officers_by_agency", as_of, area)


def officers_near(
    lake: Lake, as_of: AsOf, at: tuple[float, float], *, agency: str | None, most: int
) -> list[Row]:
    """Return the officers on duty nearest to a place (lon, lat), of one agency or of all.

    Rows are those of `officers_now` with `distance_m`.
    """
    found = [
        row | {"distance_m": distance_m(*at, row["lon"], row["lat"])}
        for row in officers_now(lake, as_of, "31")
        if agency is None or row["agency"] == agency
    ]
    return sorted(found, key=lambda row: (row["distance_m"], row["officer_id"]))[:most]


def officer_one(lake: Lake, as_of: AsOf, officer_id: str) -> Row | None:
    """Return the device of one officer; None where there is none of that id."""
    found = run(lake, "officer_one", known_time=as_of.known_time, officer_id=officer_id)
    return next(iter(found), None)


def officer_track(lake: Lake, as_of: AsOf, officer_id: str, *, since: datetime) -> list[Row]:
    """Return where an officer was since a moment (aware) while on duty, oldest first."""
    return ask_city(
        lake,
        "officer_track",
        as_of,
        officer_id=officer_id,
        since=since,
    )


def city_layers(lake: Lake) -> list[Row]:
    """Return the layers that were loaded by hand, in order of name."""
    return run(lake, "city_layers")


def city_layer(lake: Lake, layer: str) -> list[Row]:
    """Return the features of one layer that was loaded by hand."""
    return run(lake, "city_layer", layer=layer)


def warnings_now(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return the BMKG warnings in force."""
    return ask_city(lake, "warnings_now", as_of)


def forecast_next(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return what BMKG forecasts for `area` over the next 24 hours, next step first."""
    return ask(lake, "forecast_next", as_of, area)


def changes(lake: Lake, as_of: AsOf, area: str, *, most: int) -> list[Row]:
    """Return what changed in the last six hours, newest first, at most so many."""
    rows = ask(lake, "changes", as_of, area, most=most)
    gates = _inside(
        lake, [row for row in rows if row["kind"] == "gate"], "water_stations", "id", area
    )
    inside = {row["id"] for row in gates}
    return [row for row in rows if row["kind"] != "gate" or row["id"] in inside]


def alarms_now(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the alarms that stand, gravest first, those that cannot be judged among them."""
    return _ask_alarms(lake, "alarms_now", as_of, area)


def alarm_history(lake: Lake, as_of: AsOf, alarm_id: str, *, since: datetime) -> list[Row]:
    """Return how one alarm went after `since`, oldest first."""
    return ask_city(
        lake,
        "alarm_history",
        as_of,
        alarm_id=alarm_id,
        since=since,
    )


def alarms_ended(lake: Lake, as_of: AsOf, area: str, *, most: int) -> list[Row]:
    """Return the alarms that ended within a day, newest first."""
    return _ask_alarms(lake, "alarms_ended", as_of, area, most=most)


def api_alarm_messages(
    lake: Lake, as_of: AsOf, area: str, *, since: datetime, alarm_id: str | None = None
) -> list[Row]:
    """Return what was said of one alarm after `since`, or of all alarms, newest first."""
    return _ask_alarms(lake, "api_alarm_messages", as_of, area, since=since, alarm_id=alarm_id)


def alarm_rates(lake: Lake, as_of: AsOf, area: str) -> Row:
    """Return how many alarms were raised within ten minutes and within the day."""
    return _ask_alarms(lake, "alarm_rates", as_of, area)[0]


def city_status(lake: Lake, as_of: AsOf) -> Row | None:
    """Return the operational status of the city; None before it was judged first."""
    return next(iter(ask_city(lake, "city_status", as_of)), None)


def complaint_bursts(lake: Lake, as_of: AsOf) -> list[Row]:
    """Return what came in within three hours in each kelurahan, beside the usual."""
    return ask_city(lake, "complaint_bursts", as_of)


def complaints_found(
    lake: Lake, as_of: AsOf, area: str, *, since: datetime, until: datetime, **search: Any
) -> list[Row]:
    """Return the complaints of [`since`, `until`) that answer to a search (data/complaints.py)."""
    moment = {"event_time": as_of.event_time, "known_time": as_of.known_time}
    window = {"since": since, "until": until}
    return run(lake, "complaints_found", area=area, **moment, **window, **search)


def complaints_begin(lake: Lake) -> datetime | None:
    """Return when the oldest complaint came in; None without complaints."""
    begin: datetime | None = run(lake, "complaints_begin")[0]["begin_at"]
    return begin


def complaints_told_from(lake: Lake) -> date | None:
    """Return the first day (WIB) of which every complaint is told; None without complaints."""
    begin: datetime | None = run(lake, "stints_begin")[0]["begin_at"]
    return begin and begin.astimezone(WIB).date() + timedelta(days=1)


def complaints_counted(
    lake: Lake, as_of: AsOf, area: str, *, since: datetime, until: datetime, **search: Any
) -> Row:
    """Return how many complaints of [`since`, `until`) answer to a search, and how they stand."""
    moment = {"event_time": as_of.event_time, "known_time": as_of.known_time}
    window = {"since": since, "until": until}
    return run(lake, "complaints_counted", area=area, **moment, **window, **search)[0]


def complaints_told(
    lake: Lake, as_of: AsOf, complaint_ids: Sequence[str], *, since: datetime, until: datetime
) -> list[Row]:
    """Return all that is said of some complaints that came in within [`since`, `until`)."""
    return run(
        lake,
        "complaints_told",
        event_time=as_of.event_time,
        known_time=as_of.known_time,
        complaint_ids=list(complaint_ids),
        since=since,
        until=until,
    )


def complaints_channels(
    lake: Lake,
    area: str,
    *,
    since: date,
    until: date,
    cut: date,
    category: str | None,
    channel: str | None,
) -> list[Row]:
    """Return what came in by each channel in [`since`, `until`), as known before the day `cut`."""
    return run(
        lake,
        "complaints_channels",
        area=area,
        since=since,
        until=until,
        cut=cut,
        category=category,
        channel=channel,
    )


def complaints_surging(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return what came in of each category within a day, beside the usual."""
    return ask(lake, "complaints_surging", as_of, area)


def area_open(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the incidents of an area with an open report, of all years, soonest due first."""
    return ask(lake, "area_open", as_of, area)


def area_spots(lake: Lake, as_of: AsOf, area: str) -> list[Row]:
    """Return the places that are complained of again and again, most often first."""
    return ask(lake, "area_spots", as_of, area)


def area_categories(lake: Lake, area: str, *, since: date, until: date, cut: date) -> list[Row]:
    """Return what came in by category in [`since`, `until`), beside what the whole city has."""
    return run(lake, "area_categories", area=area, since=since, until=until, cut=cut)


def area_months(
    lake: Lake, level: str, area: str, *, since: date, until: date, cut: date
) -> list[Row]:
    """Return how the offices of the areas of a level in `area` kept the time, by intake month."""
    period: dict[str, Any] = {"since": since, "until": until, "cut": cut}
    period |= {"category": None, "channel": None, "excluded": []}
    return run(lake, "area_months", level=level, area=area, **period)


def series(
    lake: Lake,
    name: str,
    *,
    measures: Sequence[str],
    places: Sequence[str],
    since: date,
    until: date,
    cut: date,
    bucket: str,
) -> list[Row]:
    """Return a `series_*` question by place, measure and `bucket`, in order.

    Args:
        bucket: day, week, month or year.
        since, until: First day, and the day after the last (WIB).
        cut: Day (WIB) from which what became known does not count.
    """
    return run(
        lake,
        name,
        measure="|".join(measures),
        places=list(places),
        since=since,
        until=until,
        cut=cut,
        bucket=bucket,
    )


def series_hours(
    lake: Lake, name: str, *, measure: str, place: str, since: date, until: date, cut: date
) -> list[Row]:
    """Return a `series_hours_*` question of one place by weekday and hour; the days as above."""
    span = {"since": since, "until": until, "cut": cut}
    return run(lake, name, measure=measure, place=place, **span)


def ispu_contradictions(lake: Lake, *, cut: date) -> list[Row]:
    """Return the printed rows of the daily index that contradict themselves, oldest first."""
    return run(lake, "ispu_contradictions", cut=cut)


def card_air_days(
    lake: Lake, *, station: str, corridor: str, since: date, until: date, cut: date
) -> list[Row]:
    """Return PM2.5, delay and rain by day and origin, in order.

    Args:
        station: Of the air, or "31": the mean over the reference stations.
        corridor: A corridor, the code of a kota, or "31".
        since, until, cut: As for `series`.
    """
    span = {"since": since, "until": until, "cut": cut}
    return run(lake, "card_air_days", station=station, corridor=corridor, **span)


def card_air_hours(
    lake: Lake,
    *,
    station: str,
    corridor: str,
    since: date,
    until: date,
    cut: date,
    simulated: bool,
) -> list[Row]:
    """Return PM2.5, delay and rain of one origin by hour, in order; the rest as above."""
    span = {"since": since, "until": until, "cut": cut, "simulated": simulated}
    return run(lake, "card_air_hours", station=station, corridor=corridor, **span)


def card_floods(
    lake: Lake,
    level: str,
    *,
    area: str,
    simulated: bool,
    bound: float,
    least_mm: float,
    near_km: float,
    since: date,
    until: date,
    cut: date,
) -> list[Row]:
    """Return where it was flooded when it rained and the pumps near: by area, then by day.

    Args:
        level: "kelurahan" or "kecamatan", those inside `area`.
        simulated: Of which origin; no number holds both.
        bound: Percent of the pump hours that are not ready from which an area is short of pumps.
        least_mm: Rain of a rainy day, the mean of the stations.
        near_km: Distance to a pump house that is near.
        since, until, cut: As for `series`.
    """
    asked = {"level": level, "area": area, "simulated": simulated, "bound": bound}
    span = {"since": since, "until": until, "cut": cut}
    return run(lake, "card_floods", least_mm=least_mm, near_km=near_km, **asked, **span)


def card_flood_origins(lake: Lake, *, since: date, until: date, cut: date) -> list[Row]:
    """Return of which origin there are inundations, rain and pumps; the days as for `series`."""
    return run(lake, "card_flood_origins", since=since, until=until, cut=cut)


def card_places(lake: Lake, *, near_km: float, since: date, until: date, cut: date) -> list[Row]:
    """Return people, complaints and PM2.5 of every kelurahan; the days as for `series`."""
    return run(lake, "card_places", near_km=near_km, since=since, until=until, cut=cut)


def rain_stations(lake: Lake) -> list[Row]:
    """Return the `station_id` of every station that ever told of rain, in order."""
    return run(lake, "rain_stations")


def area_quality(
    lake: Lake, level: str, area: str, *, since: date, until: date, cut: date
) -> list[Row]:
    """Return what came back, passed its check and pleased, by the areas of a level in `area`."""
    period = {"since": since, "until": until, "cut": cut}
    return run(lake, "area_quality", level=level, area=area, **period)


def area_counts(lake: Lake, level: str, area: str, *, cut: date) -> list[Row]:
    """Return what came in and was finished within 30 days, by the areas of a level in `area`."""
    return run(lake, "area_counts", level=level, area=area, cut=cut)


def area_backlog(lake: Lake, level: str, area: str, *, cut: date) -> list[Row]:
    """Return how old the open complaints are in the hands of the offices, by area of a level."""
    return run(lake, "area_backlog", level=level, area=area, cut=cut)


def complaint_one(lake: Lake, as_of: AsOf, complaint_id: str) -> list[Row]:
    """Return the versions of one complaint, the one that counts last; none where there is none."""
    return ask_city(lake, "complaint_one", as_of, complaint_id=complaint_id)


def complaint_one_log(lake: Lake, as_of: AsOf, complaint_id: str, *, since: datetime) -> list[Row]:
    """Return the log of one complaint after `since`, in the order in which it became known."""
    return ask_city(lake, "complaint_one_log", as_of, complaint_id=complaint_id, since=since)


def complaint_one_photos(lake: Lake, as_of: AsOf, complaint_id: str) -> list[Row]:
    """Return what became of the photos of one complaint when they were asked for."""
    return ask_city(lake, "complaint_one_photos", as_of, complaint_id=complaint_id)


def complaint_one_incident(lake: Lake, complaint_id: str, *, since: datetime) -> list[Row]:
    """Return the other reports of the incident of a complaint that came in at `since`."""
    return run(lake, "complaint_one_incident", complaint_id=complaint_id, since=since)


def complaint_one_spot(
    lake: Lake,
    as_of: AsOf,
    complaint_id: str,
    at: tuple[float, float],
    *,
    within_m: float,
    since: datetime,
    until: datetime,
) -> list[Row]:
    """Return other complaints of [`since`, `until`) within metres of a place (lon, lat)."""
    return ask_city(
        lake,
        "complaint_one_spot",
        as_of,
        complaint_id=complaint_id,
        lon=at[0],
        lat=at[1],
        within_m=within_m,
        since=since,
        until=until,
    )


def complaint_one_near(
    lake: Lake,
    as_of: AsOf,
    at: tuple[float, float],
    *,
    within_m: float,
    since: datetime,
    until: datetime,
) -> list[Row]:
    """Return what else was the case near a place (lon, lat) between two moments."""
    return ask_city(
        lake,
        "complaint_one_near",
        as_of,
        lon=at[0],
        lat=at[1],
        within_m=within_m,
        since=since,
        until=until,
    )


def evidence(lake: Lake, as_of: AsOf, signal: Signal) -> list[Row]:
    """Return what `evidence.findings` judges: one row an office or reporter, with its cases.

    A reporter is called by his kelurahan and four digits: the key of who reports stays here.
    """
    compared = signal.code == "photo"
    limits = {} if compared else signal.limits
    since = as_of.event_time - signal.window
    rows = ask_city(lake, EVIDENCE[signal.code], as_of, since=since, **limits)
    if compared:
        return lookalikes(signal, rows)
    for row in rows:
        if (key := row.pop("reporter_key", None)) is not None:
            digits = blake2b(key.encode(), digest_size=2).hexdigest()
            row["unit"] = f"{row['kelurahan_code']}/{digits}"
    return rows


def evidence_cases(
    lake: Lake, as_of: AsOf, complaint_ids: Sequence[str], *, since: datetime
) -> dict[str, Row]:
    """Return what is known of some complaints that changed after `since`, by report number."""
    rows = run(
        lake,
        "evidence_cases",
        event_time=as_of.event_time,
        known_time=as_of.known_time,
        complaint_ids=list(complaint_ids),
        since=since,
    )
    return {row["complaint_id"]: row for row in rows}


def duplicates_by_area(lake: Lake, as_of: AsOf, *, since: datetime) -> list[Row]:
    """Return how often incidents that came in after `since` were reported again, by kelurahan."""
    return ask_city(lake, "duplicates_by_area", as_of, since=since)


def covered(lake: Lake, *, since: datetime, until: datetime) -> list[Row]:
    """Return the minutes in (`since`, `until`] and before it of which a table tells, by feed."""
    return run(lake, "covered", since=since, until=until)


def replay_marks(
    lake: Lake, area: str, *, since: datetime, until: datetime, known_time: datetime
) -> list[Row]:
    """Return what happened in (`since`, `until`] as known at `known_time`, oldest first."""
    rows = run(lake, "replay_marks", since=since, until=until, known_time=known_time, area=area)
    inside = _inside(
        lake, [row for row in rows if row["kind"] == "gate"], "water_stations", "id", area
    )
    ids = {row["id"] for row in inside}
    return [row for row in rows if row["kind"] != "gate" or row["id"] in ids]


def replay_days(lake: Lake, *, known_time: datetime, most: int) -> list[Row]:
    """Return the days of ten years with most floods and with the highest water."""
    return run(lake, "replay_days", known_time=known_time, most=most)


def late_known(lake: Lake, as_of: AsOf, area: str, *, most: int) -> list[Row]:
    """Return what became known only after the moment, at most so many rows a table.

    `as_of` sees the moment as known now: as known then there is nothing late.
    """
    rows = ask(lake, "late_known", as_of, area, most=most)
    kept: dict[str, list[Row]] = {}
    for row in rows:
        kept.setdefault(row["source"], []).append(row)
    for table, stations in STATIONS_OF.items():
        kept[table] = _inside(lake, kept.get(table, []), stations, "id", area)
    return [row for source in sorted(kept) for row in kept[source]]


def brief_gates(lake: Lake, as_of: AsOf, moments: Sequence[datetime]) -> list[Row]:
    """Return at how many posts the water stood at which siaga, at some moments (aware)."""
    return _at_moments(lake, "brief_gates", as_of, moments, timedelta(hours=1))


def brief_floods(lake: Lake, as_of: AsOf, moments: Sequence[datetime]) -> list[Row]:
    """Return how many RT and RW were flooded at some moments (aware)."""
    return _at_moments(lake, "brief_floods", as_of, moments, timedelta(days=2))


def brief_pumps(lake: Lake, as_of: AsOf, moments: Sequence[datetime]) -> list[Row]:
    """Return how many pumps ran at some moments (aware)."""
    return _at_moments(lake, "brief_pumps", as_of, moments, timedelta(days=2))


def brief_overdue(lake: Lake, as_of: AsOf, moments: Sequence[datetime]) -> list[Row]:
    """Return how the overdue complaints differ between some moments (aware) and the last."""
    return _at_moments(lake, "brief_overdue", as_of, moments, timedelta(days=31))


def brief_corridors(lake: Lake, as_of: AsOf, moments: Sequence[datetime]) -> list[Row]:
    """Return how long the corridors took in hours that begin at some moments (aware)."""
    return _at_moments(lake, "brief_corridors", as_of, moments, timedelta(hours=1))


def brief_air(lake: Lake, as_of: AsOf, moments: Sequence[datetime]) -> list[Row]:
    """Return how many air stations were Tidak Sehat or worse at some moments (aware)."""
    return _at_moments(lake, "brief_air", as_of, moments, timedelta(hours=26))


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


def ask_city(lake: Lake, name: str, as_of: AsOf, **params: Any) -> list[Row]:
    """Run a query that takes a moment and is not about an area."""
    params |= {"event_time": as_of.event_time, "known_time": as_of.known_time}
    if as_of.live:
        return lake.rows(sql(name), **params)
    if name in past.QUESTIONS and as_of.known_time == as_of.event_time:
        day = as_of.event_time.astimezone(WIB).date()
        return lake.recall(sql(name), day=day, tables=reads(name), **params)
    return lake.recall(sql(name), **params)


def _at_moments(
    lake: Lake, name: str, as_of: AsOf, moments: Sequence[datetime], reach: timedelta
) -> list[Row]:
    """Run a query about several moments (aware), which reads so far back from the first."""
    return run(
        lake,
        name,
        moments=list(moments),
        since=min(moments) - reach,
        until=min(max(moments), as_of.event_time),
        known_time=as_of.known_time,
    )


def _ask_alarms(lake: Lake, name: str, as_of: AsOf, area: str, **params: Any) -> list[Row]:
    """Run a query about alarms, which are in an area by their kelurahan or by their corridor."""
    inside = () if area == "31" else _corridors_inside(lake, area)
    return ask(lake, name, as_of, area, corridors=inside, **params)


def _corridors_inside(lake: Lake, area: str) -> tuple[str, ...]:
    """Return the ids of the corridors that cross an area, in order."""
    return tuple(
        corridor
        for corridor, codes in sorted(_crossed(_kelurahan(lake)).items())
        if any(code.startswith(area) for code in codes)
    )


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


@functools.lru_cache(maxsize=2)
def _crossed(shapes: tuple[Shape, ...]) -> dict[str, set[str]]:
    """Return the kelurahan that each corridor passes through."""
    found: dict[str, set[str]] = {}
    for row in reference.rows("corridors"):
        line = shapely.segmentize(shapely.from_wkt(row["line"]), STEP_DEGREES)
        points = shapely.get_coordinates(line)
        codes = _locator(shapes).locate(points[:, 0].tolist(), points[:, 1].tolist())
        found[row["corridor_id"]] = {code for code in codes if code is not None}
    return found
