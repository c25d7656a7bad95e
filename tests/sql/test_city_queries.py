"""The questions of Beranda and its map, each on a few rows with the whole expected answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from data import queries, rollups
from data.asof import AsOf
from data.feeds import Day
from data.lake import Lake
from data.siaga import siaga_level
from data.tables import TABLES
from tests.lakes import common, empty_lake, insert, row

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CITY = "31"
GAMBIR, TEBET = "31.71.01.1001", "31.74.01.1001"
OURS = (
    "air_now",
    "cameras_count",
    "cameras_now",
    "changes",
    "complaints_backlog",
    "complaints_open",
    "complaints_today",
    "gates_now",
    "inundations_now",
    "jams_now",
    "officers_now",
    "officers_on_duty",
    "pumps_now",
    "warnings_now",
)


class Undo(Exception):
    """Ends a test's transaction, so that the next one finds the lake empty."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = empty_lake(tmp_path_factory.mktemp("city"))
    yield lake
    lake.close()


@pytest.fixture
def lake(empty: Lake) -> Iterator[Lake]:
    with suppress(Undo), empty.write():
        yield empty
        raise Undo


@pytest.fixture
def now() -> datetime:
    """Thursday, 14 March 2024, 12.00 WIB."""
    return datetime(2024, 3, 14, 5, tzinfo=UTC)


def add(lake: Lake, table: str, values: dict[str, Any]) -> None:
    times = common(values["event_time"])
    insert(lake.cursor(), table, times | values)


def parameters(name: str, now: datetime) -> dict[str, Any]:
    values = {"event_time": now, "known_time": now, "area": CITY, "most": 60}
    wanted = set(re.findall(r"\$(\w+)", queries.sql(name)))
    return {key: value for key, value in values.items() if key in wanted}


@pytest.mark.parametrize("name", OURS)
def test_the_header_lists_the_columns_with_their_types(
    lake: Lake, now: datetime, name: str
) -> None:
    header = re.findall(r"^-- (\w+) {2,}([a-z]+(?: [a-z]+)*?)(?: {2,}|$)", queries.sql(name), re.M)
    told = [(column, kind) for column, kind in header if column not in ("grain", "reads")]
    found = lake.rows(f"describe {queries.sql(name)}", **parameters(name, now))
    assert told == [(row["column_name"], row["column_type"].lower()) for row in found]


@pytest.mark.parametrize("name", OURS)
def test_the_header_names_the_tables_that_are_read(name: str) -> None:
    text = queries.sql(name)
    told = re.search(r"^-- reads +(.+)$", text, re.M)
    assert told is not None
    tree = sqlglot.parse_one(text, dialect="duckdb")
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    read = {table.name for table in tree.find_all(exp.Table)} - inner
    assert {name for name in read if name} == set(re.split(r",\s*", told[1]))


@pytest.mark.parametrize("name", OURS)
def test_a_lake_without_facts_answers(lake: Lake, now: datetime, name: str) -> None:
    rows = queries.run(lake, name, **parameters(name, now))
    times = [row.get("event_time") for row in rows]
    assert all(time is None for time in times)


def complaint(lake: Lake, id: str, created: datetime, changed: datetime, **values: Any) -> None:
    add(
        lake,
        "complaint_versions",
        {
            "complaint_id": id,
            "created_at": created,
            "event_time": changed,
            "known_time": changed + MINUTE,
            "status": "Proses",
            "category": "Jalan",
            "kelurahan_code": GAMBIR,
            "lon": 106.82,
            "lat": -6.18,
            "feed": "crm_requests",
        }
        | values,
    )


def test_open_complaints_are_those_whose_last_known_version_is_open(
    lake: Lake, now: datetime
) -> None:
    complaint(lake, "open", now - 2 * DAY, now - 2 * DAY)
    complaint(lake, "open", now - 2 * DAY, now - DAY, status="Disposisi")
    complaint(lake, "done", now - 2 * DAY, now - 2 * DAY)
    complaint(lake, "done", now - 2 * DAY, now - DAY, status="Selesai")
    complaint(lake, "done-but-not-known", now - 3 * DAY, now - 3 * DAY)
    complaint(
        lake, "done-but-not-known", now - 3 * DAY, now - DAY, status="Selesai", known_time=now + DAY
    )
    complaint(lake, "old", now - 31 * DAY, now - DAY)
    complaint(lake, "elsewhere", now - DAY, now - DAY, kelurahan_code=TEBET, lon=None)
    rows = queries.complaints_open(lake, AsOf.now(now), CITY)
    assert [(row["complaint_id"], row["status"]) for row in rows] == [
        ("elsewhere", "Proses"),
        ("open", "Disposisi"),
        ("done-but-not-known", "Proses"),
    ]
    assert rows[0]["lon"] is None
    assert rows[1]["event_s"] == int((now - DAY).timestamp())
    assert rows[1]["kelurahan"] == "Gambir"
    inside = queries.complaints_open(lake, AsOf.now(now), "31.74")
    assert [row["complaint_id"] for row in inside] == ["elsewhere"]


def test_the_feed_that_ranks_first_speaks_for_a_complaint(lake: Lake, now: datetime) -> None:
    complaint(lake, "twice", now - 2 * DAY, now - DAY, status="Koordinasi")
    complaint(lake, "twice", now - 2 * DAY, now - HOUR, status="Selesai", feed="crm_public")
    rows = queries.complaints_open(lake, AsOf.now(now), CITY)
    assert [row["status"] for row in rows] == ["Koordinasi"]


def test_the_rule_of_the_day_of_intake_says_what_is_late(lake: Lake) -> None:
    # 7 days until 27 May 2025, 6 days from then on.
    now = datetime(2025, 6, 4, 1, tzinfo=UTC)
    complaint(lake, "before", datetime(2025, 5, 27, 10, tzinfo=UTC), now - DAY)
    complaint(lake, "after", datetime(2025, 5, 28, 3, tzinfo=UTC), now - DAY)
    complaint(lake, "young", datetime(2025, 6, 1, 3, tzinfo=UTC), now - DAY)
    rows = queries.complaints_open(lake, AsOf.now(now), CITY)
    assert {row["complaint_id"]: row["overdue"] for row in rows} == {
        "before": True,
        "after": True,
        "young": False,
    }
    due = {row["complaint_id"]: row["due_s"] for row in rows}
    assert due["before"] == int(datetime(2025, 6, 3, 10, tzinfo=UTC).timestamp())
    assert due["after"] == int(datetime(2025, 6, 3, 3, tzinfo=UTC).timestamp())


def test_real_complaints_of_a_kelurahan_hide_the_simulated_ones(lake: Lake, now: datetime) -> None:
    complaint(lake, "simulated", now - DAY, now - DAY)
    complaint(lake, "real", now - DAY, now - DAY, simulated=False)
    complaint(lake, "simulated-elsewhere", now - DAY, now - DAY, kelurahan_code=TEBET)
    rows = queries.complaints_open(lake, AsOf.now(now), CITY)
    assert {row["complaint_id"] for row in rows} == {"real", "simulated-elsewhere"}


def test_today_is_held_against_the_same_weekday_up_to_the_same_hour(
    lake: Lake, now: datetime
) -> None:
    for week, received in ((0, 3), (1, 2), (2, 4), (3, 1), (4, 2)):
        for number in range(received):
            at = now - 7 * week * DAY - HOUR
            complaint(lake, f"w{week}-{number}", at, at)
    complaint(lake, "later-that-day", now - 7 * DAY + HOUR, now - 7 * DAY + HOUR)
    complaint(lake, "w1-0", now - 7 * DAY - HOUR, now - HOUR, status="Selesai", resolved_at=now)
    row = queries.complaints_today(lake, AsOf.now(now), CITY)
    assert (row["received"], row["received_usual"], row["finished"]) == (3, 2.0, 1)
    assert row["simulated"] is True


def test_the_backlog_is_the_rollup_and_the_changes_of_today(lake: Lake, now: datetime) -> None:
    complaint(lake, "ancient", now - 60 * DAY, now - 60 * DAY, run_id="backlog")
    complaint(lake, "late", now - 20 * DAY, now - 20 * DAY, run_id="backlog")
    complaint(lake, "young", now - DAY, now - DAY, run_id="backlog")
    complaint(lake, "done", now - 2 * DAY, now - 2 * DAY, run_id="backlog")
    rollups.note(lake.cursor(), "complaint_versions", "backlog")
    rollups.settle(lake.cursor())
    complaint(lake, "done", now - 2 * DAY, now - HOUR, status="Selesai")
    complaint(lake, "new", now - HOUR, now - HOUR)
    complaint(lake, "new-and-done", now - 2 * HOUR, now - 2 * HOUR)
    complaint(lake, "new-and-done", now - 2 * HOUR, now - HOUR, status="Ditolak")
    row = queries.complaints_backlog(lake, AsOf.now(now), CITY)
    assert (row["open"], row["late"]) == (4, 2)
    earlier = AsOf.now(now - 3 * HOUR)
    assert queries.complaints_backlog(lake, earlier, CITY)["open"] == 4
    before = AsOf.now(now - 30 * HOUR)
    assert queries.complaints_backlog(lake, before, CITY)["open"] == 3


def level(lake: Lake, station: str, at: datetime, level_cm: float, **values: Any) -> None:
    add(
        lake,
        "water_levels",
        {
            "station_id": station,
            "event_time": at,
            "known_time": at + MINUTE,
            "level_cm": level_cm,
            "feed": "dsda_levels",
        }
        | values,
    )


def gate(lake: Lake, now: datetime, station: str) -> dict[str, Any]:
    rows = queries.gates_now(lake, AsOf.now(now), CITY)
    return next(row for row in rows if row["station_id"] == station)


def test_a_gate_has_its_siaga_its_rise_and_its_budget_of_age(lake: Lake, now: datetime) -> None:
    for minutes, level_cm in ((130, 700.0), (70, 720.0), (10, 771.0)):
        level(lake, "manggarai", now - minutes * MINUTE, level_cm)
    row = gate(lake, now, "manggarai")
    assert (row["siaga"], row["level_cm"], row["rise_cm_h"]) == (3, 771.0, 51.0)
    # Its readings come every hour, siaga 3 wants them every half: twice its own interval counts.
    assert (row["late_s"], row["expired_s"]) == (7200.0, 10800.0)
    level(lake, "manggarai", now - 9 * MINUTE, 960.0, known_time=now + MINUTE)
    assert gate(lake, now, "manggarai")["siaga"] == 3


@pytest.mark.parametrize("level_cm", [-1.0, 149.9, 150.0, 249.9, 250.0, 349.9, 350.0, 900.0])
def test_sql_and_python_agree_on_siaga(lake: Lake, now: datetime, level_cm: float) -> None:
    level(lake, "pesanggrahan", now - MINUTE, level_cm)
    row = gate(lake, now, "pesanggrahan")
    assert row["siaga"] == siaga_level(level_cm, 150, 250, 350)


def test_a_real_gate_without_readings_is_listed_and_a_generated_one_is_not(
    lake: Lake, now: datetime
) -> None:
    rows = {row["station_id"]: row for row in queries.gates_now(lake, AsOf.now(now), CITY)}
    assert rows["manggarai"]["level_cm"] is None
    assert "sawangan" not in rows


def test_a_lower_ranking_feed_speaks_where_the_first_fell_silent(lake: Lake, now: datetime) -> None:
    level(lake, "depok", now - 20 * MINUTE, 100.0)
    level(lake, "depok", now - MINUTE, 150.0, feed="pantau_gates")
    assert gate(lake, now, "depok")["level_cm"] == 100.0
    level(lake, "karet", now - 3 * HOUR, 100.0)
    level(lake, "karet", now - MINUTE, 150.0, feed="pantau_gates")
    assert gate(lake, now, "karet")["level_cm"] == 150.0
    level(lake, "karet", now - 4 * HOUR, 90.0, simulated=False)
    assert gate(lake, now, "karet")["level_cm"] == 90.0


def test_a_gate_belongs_to_the_kelurahan_it_stands_in(lake: Lake, now: datetime) -> None:
    assert queries.gates_now(lake, AsOf.now(now), "31.72") == []


def test_pumps_are_as_the_newest_report_says(lake: Lake, now: datetime) -> None:
    for minutes, running in ((60, 1), (5, 3)):
        at = now - minutes * MINUTE
        values = {"pump_house_id": "1", "running": running, "total": 8, "event_time": at}
        add(lake, "pump_states", values | {"known_time": at})
    rows = {row["pump_house_id"]: row for row in queries.pumps_now(lake, AsOf.now(now), CITY)}
    assert (rows["1"]["running"], rows["1"]["pumps"]) == (3, 8)
    assert (rows["2"]["running"], rows["2"]["pumps"]) == (None, 3)


def flood(lake: Lake, code: str, at: datetime, **values: Any) -> None:
    add(
        lake,
        "inundations",
        {
            "area_code": code,
            "area_name": code,
            "area_level": "rw",
            "event_time": at,
            "known_time": at,
            "kelurahan_code": GAMBIR,
            "lon": 106.82,
            "lat": -6.18,
            "feed": "petabencana_floods",
        }
        | values,
    )


def test_inundations_that_ended_are_gone_and_the_deepest_come_first(
    lake: Lake, now: datetime
) -> None:
    flood(lake, "RW 01", now - 2 * HOUR, state="2", depth_max_cm=70.0)
    flood(lake, "RW 02", now - 2 * HOUR, state="4", depth_min_cm=150.0)
    flood(lake, "RW 03", now - 2 * HOUR, state="3")
    flood(lake, "RW 03", now - HOUR, state="3", ended=True)
    flood(lake, "RW 04", now - 3 * DAY, state="3")
    rows = queries.inundations_now(lake, AsOf.now(now), CITY)
    assert [(row["area_code"], row["kelurahan"]) for row in rows] == [
        ("RW 02", "Gambir"),
        ("RW 01", "Gambir"),
    ]


def test_jams_are_those_of_the_last_hour_that_go_on(lake: Lake, now: datetime) -> None:
    for jam, minutes, level_, ended in (
        ("going-on", 5, 3, False),
        ("closed", 4, 5, False),
        ("over", 3, 0, True),
        ("free", 3, 0, False),
        ("long-ago", 70, 4, False),
    ):
        at = now - minutes * MINUTE
        values = {"jam_id": jam, "level": level_, "ended": ended, "event_time": at}
        add(lake, "traffic_jams", values | {"known_time": at})
    rows = queries.jams_now(lake, AsOf.now(now), CITY)
    assert [row["jam_id"] for row in rows] == ["closed", "going-on"]


def test_air_has_the_newest_index_and_the_mean_of_a_day(lake: Lake, now: datetime) -> None:
    for hours, value, index in ((25, 90.0, None), (2, 20.0, 61), (1, 40.0, None)):
        at = now - hours * HOUR
        values = {"station_id": "DKI1", "parameter": "pm25", "value": value, "ispu": index}
        add(lake, "air_measurements", values | {"event_time": at, "known_time": at})
    rows = [
        row
        for row in queries.air_now(lake, AsOf.now(now), CITY)
        if row["event_time"] is not None or row["station_id"] == "DKI2"
    ]
    assert [(r["station_id"], r["parameter"], r["ispu"], r["mean_ug_m3"]) for r in rows] == [
        ("DKI1", "pm25", 61, 30.0),
        ("DKI2", None, None, None),
    ]


def test_only_officers_on_duty_with_a_recent_position_are_shown(lake: Lake, now: datetime) -> None:
    for officer, minutes, state, until in (
        ("here", 2, "on_duty", now + HOUR),
        ("tasked", 3, "assigned", None),
        ("off", 2, "off", None),
        ("shift-over", 2, "on_duty", now - MINUTE),
        ("silent", 16, "on_duty", None),
    ):
        at = now - minutes * MINUTE
        values = {"officer_id": officer, "lon": 106.8, "lat": -6.2, "event_time": at}
        add(lake, "officer_positions", values | {"known_time": at, "kelurahan_code": GAMBIR})
        duty = {"officer_id": officer, "state": state, "until": until, "event_time": now - HOUR}
        add(lake, "duty_roster", duty | {"known_time": now - HOUR})
    rows = queries.officers_now(lake, AsOf.now(now), CITY)
    assert [(row["officer_id"], row["state"]) for row in rows] == [
        ("here", "on_duty"),
        ("tasked", "assigned"),
    ]
    counts = queries.officers_on_duty(lake, AsOf.now(now), CITY)
    assert (counts["on_duty"], counts["assigned"], counts["placed"]) == (3, 1, 2)
    assert queries.officers_on_duty(lake, AsOf.now(now), GAMBIR)["on_duty"] == 2


def test_a_camera_is_as_its_last_probe_saw_it(lake: Lake, now: datetime) -> None:
    for camera, states in (("a", ("live", "frozen")), ("b", ("black", "live")), ("c", ())):
        listed = {"camera_id": camera, "name": camera, "lon": 106.8, "lat": -6.2, "proxied": True}
        add(lake, "cameras", listed | {"event_time": now - DAY, "known_time": now - DAY})
        for turn, state in enumerate(states):
            at = now - (2 - turn) * HOUR
            check = {"camera_id": camera, "state": state, "event_time": at, "known_time": at}
            add(lake, "camera_checks", check)
    rows = queries.cameras_now(lake, AsOf.now(now), CITY)
    assert {row["camera_id"]: row["state"] for row in rows} == {
        "a": "frozen",
        "b": "live",
        "c": None,
    }
    row = queries.cameras_count(lake, AsOf.now(now), CITY)
    assert (row["total"], row["probed"], row["live"], row["lost"]) == (3, 2, 1, 1)


def test_a_camera_to_embed_is_listed_and_never_waits_for_a_probe(lake: Lake, now: datetime) -> None:
    for camera, proxied in (("ours", True), ("theirs", False), ("unsaid", None)):
        values = {"camera_id": camera, "name": camera, "proxied": proxied}
        add(lake, "cameras", values | {"event_time": now - DAY, "known_time": now - DAY})
    row = queries.cameras_count(lake, AsOf.now(now), CITY)
    assert (row["total"], row["proxied"], row["probed"]) == (3, 1, 0)


@pytest.mark.parametrize(
    ("table", "days", "known"),
    [
        ("traffic_jams", 0, True),
        ("traffic_jams", 1, False),
        ("complaint_versions", 6, True),
        ("complaint_versions", 8, False),
    ],
)
def test_a_moment_is_covered_by_rows_of_the_days_before_it(
    lake: Lake, now: datetime, table: str, days: int, known: bool
) -> None:
    at = now - days * DAY
    insert(lake.cursor(), table, row(TABLES[table].columns, at) | common(at))

    def sources(moment: datetime) -> set[str]:
        rows = queries.covered(lake, since=moment - HOUR, until=moment)
        return {row.source for row in Day(rows).told(AsOf.now(moment))}

    told = sources(now)
    assert (table in told) is known
    assert "weather_alerts" not in told
    assert table not in sources(at - DAY)


def test_a_warning_holds_until_it_expires(lake: Lake, now: datetime) -> None:
    for alert, expires, kind in (
        ("holds", now + HOUR, "Alert"),
        ("expired", now - MINUTE, "Alert"),
        ("cancelled", now + HOUR, "Cancel"),
    ):
        values = {"alert_id": alert, "expires_at": expires, "message_type": kind}
        times = {"event_time": now - 2 * HOUR, "known_time": now - 2 * HOUR}
        add(lake, "weather_alerts", values | times | {"effective_at": now - 2 * HOUR})
    assert [row["alert_id"] for row in queries.warnings_now(lake, AsOf.now(now))] == ["holds"]


def test_changes_tell_what_is_new_of_each_kind_newest_first(lake: Lake, now: datetime) -> None:
    level(lake, "manggarai", now - 5 * HOUR, 740.0)
    level(lake, "manggarai", now - 4 * HOUR, 760.0)
    level(lake, "manggarai", now - 3 * HOUR, 770.0)
    flood(lake, "RW 09", now - 150 * MINUTE, depth_max_cm=70.0)
    flood(lake, "RW 09", now - 140 * MINUTE, depth_max_cm=150.0)
    flood(lake, "RW 09", now - 2 * HOUR, ended=True)
    for number in range(5):
        at = now - 100 * MINUTE + number * MINUTE
        complaint(lake, f"burst-{number}", at, at, category="Sampah")
    complaint(lake, "alone", now - 90 * MINUTE, now - 90 * MINUTE, category="Pohon")
    at = now - 80 * MINUTE
    values = {"alert_id": "crash", "type": "ACCIDENT", "street": "Jl. Merdeka", "event_time": at}
    place = {"lon": 106.82, "lat": -6.18, "kelurahan_code": GAMBIR}
    add(lake, "traffic_alerts", values | place | {"known_time": at})
    listed = {"camera_id": "seen", "name": "Kamera Gambir", "kelurahan_code": GAMBIR}
    add(lake, "cameras", listed | {"event_time": now - DAY, "known_time": now - DAY})
    for minutes, state in ((120, "live"), (60, "unreachable"), (30, "unreachable")):
        at = now - minutes * MINUTE
        check = {"camera_id": "seen", "state": state, "event_time": at, "known_time": at}
        add(lake, "camera_checks", check)
    rows = queries.changes(lake, AsOf.now(now), CITY, most=20)
    assert [(r["kind"], r["id"], r["earlier"], r["later"], r["amount"]) for r in rows] == [
        ("camera", "31.71", None, None, 1.0),
        ("alert", "crash", None, "ACCIDENT", None),
        ("burst", GAMBIR, None, "Sampah", 5.0),
        ("inundation", "RW 09", None, "dry", None),
        ("inundation", "RW 09", None, "flooded", 70.0),
        ("gate", "manggarai", "4", "3", 760.0),
    ]
    assert rows[0]["name"] == "Kamera Gambir"
    assert rows[2]["place"] == "Gambir"
    elsewhere = queries.changes(lake, AsOf.now(now), "31.75", most=20)
    assert elsewhere == []
