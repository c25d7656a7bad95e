"""Facts are checked, told from what is known, and appended; never edited."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import rollups
from data.append import Origin, Outcome, append, append_trusted, arrow_table
from data.lake import Lake
from data.settings import Settings
from data.tables import TABLES

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
AT = NOW - timedelta(minutes=5)
LEVELS = TABLES["water_levels"]
COMPLAINTS = TABLES["complaint_versions"]
CAMERAS = TABLES["cameras"]


def load(
    lake: Lake,
    table: Any,
    *,
    known: datetime = NOW,
    lag: timedelta | None = None,
    feed: str = "one",
    **columns: Any,
) -> Outcome:
    batch, unfit = arrow_table(table, columns)
    with lake.write() as cursor:
        outcome = append(cursor, table, batch, Origin(feed, "run", known, False, lag))
    outcome.refused = [*unfit, *outcome.refused]
    return outcome


def level(lake: Lake, stations: list[Any], levels: list[Any], **more: Any) -> Outcome:
    times = more.pop("times", [AT] * len(stations))
    return load(lake, LEVELS, station_id=stations, level_cm=levels, event_time=times, **more)


def complaint(lake: Lake, status: str, at: datetime, **more: Any) -> Outcome:
    return load(
        lake,
        COMPLAINTS,
        complaint_id=["JK2602180001"],
        created_at=[AT],
        status=[status],
        event_time=[at],
        **more,
    )


def test_the_same_rows_again_add_nothing(lake: Lake) -> None:
    assert level(lake, ["a", "b"], [1.0, 2.0]).loaded == 2
    again = level(lake, ["a", "b"], [1.0, 2.0], known=NOW + timedelta(hours=1))
    assert (again.loaded, again.unchanged) == (0, 2)
    assert lake.value("select count(*) from water_levels") == 2


def test_identical_rows_of_one_payload_count_as_unchanged(lake: Lake) -> None:
    outcome = level(lake, ["a", "a"], [1.0, 1.0])
    assert (outcome.loaded, outcome.unchanged, outcome.refused) == (1, 1, [])


def test_rows_that_contradict_each_other_keep_the_same_one_in_any_order(lake: Lake) -> None:
    first = level(lake, ["a", "a"], [1.0, 2.0])
    kept = lake.value("select level_cm from water_levels")
    again = level(lake, ["a", "a"], [2.0, 1.0])
    assert first.loaded == 1
    assert (again.loaded, again.unchanged) == (0, 1)
    assert [r.reason for r in again.refused] == [
        "bertentangan dengan baris lain dalam data ini untuk hal dan saat yang sama"
    ]
    assert lake.value("select level_cm from water_levels") == kept


def test_a_correction_is_a_new_version_and_so_is_the_return_to_the_older_value(lake: Lake) -> None:
    for hour, value in enumerate((1.0, 2.0, 1.0)):
        assert level(lake, ["a"], [value], known=NOW + timedelta(hours=hour)).loaded == 1
    assert level(lake, ["a"], [1.0], known=NOW + timedelta(hours=3)).loaded == 0


def test_another_feed_speaks_for_itself(lake: Lake) -> None:
    level(lake, ["a"], [1.0])
    assert level(lake, ["a"], [1.0], feed="two").loaded == 1


def test_an_older_state_that_arrives_late_is_loaded_once(lake: Lake) -> None:
    complaint(lake, "Selesai", AT)
    assert complaint(lake, "Menunggu", AT - timedelta(hours=2)).loaded == 1
    assert complaint(lake, "Menunggu", AT - timedelta(hours=2)).loaded == 0
    assert complaint(lake, "Selesai", AT).loaded == 0


def test_the_reporter_key_does_not_make_a_version_new(lake: Lake) -> None:
    complaint(lake, "Proses", AT, reporter_key=["v1:aa"])
    assert complaint(lake, "Proses", AT, reporter_key=["v2:bb"]).loaded == 0


def test_a_list_of_things_read_later_is_not_new(lake: Lake) -> None:
    def cameras(name: str, at: datetime) -> Outcome:
        return load(lake, CAMERAS, camera_id=["c1"], name=[name], event_time=[at])

    assert cameras("Bundaran", AT).loaded == 1
    assert cameras("Bundaran", AT + timedelta(minutes=1)).loaded == 0
    assert cameras("Bundaran HI", AT + timedelta(minutes=2)).loaded == 1


def test_a_shuffled_payload_gives_the_same_lake(lake: Lake) -> None:
    rng = random.Random(5)
    rows = [(f"s{rng.randint(0, 5)}", float(rng.randint(0, 3))) for _ in range(200)]
    level(lake, [s for s, _ in rows], [v for _, v in rows], feed="straight")
    rng.shuffle(rows)
    level(lake, [s for s, _ in rows], [v for _, v in rows], feed="shuffled")
    found = lake.rows(
        "select feed, list((station_id, level_cm, row_hash) order by station_id) as rows"
        " from water_levels group by feed"
    )
    assert found[0]["rows"] == found[1]["rows"]


@pytest.mark.parametrize(
    ("station", "value", "at", "field", "reason"),
    [
        (None, 1.0, AT, "station_id", "kosong"),
        ("a", None, AT, "level_cm", "kosong"),
        ("a", 6_100.0, AT, "level_cm", "di luar -500 sampai 1.500 cm"),
        ("a", float("nan"), AT, "level_cm", "bukan angka berhingga"),
        ("a", float("inf"), AT, "level_cm", "bukan angka berhingga"),
        ("a", 1.0, None, "event_time", "kosong"),
        ("a", 1.0, NOW + timedelta(hours=1), "event_time", "di masa depan"),
        ("x" * 300_000, 1.0, AT, "station_id", "lebih dari 200.000 karakter"),
        ("a", "deep", AT, "level_cm", "bukan nilai jenis DOUBLE"),
    ],
)
def test_a_row_that_cannot_be_true_is_refused_and_its_neighbour_loaded(
    lake: Lake, station: Any, value: Any, at: Any, field: str, reason: str
) -> None:
    outcome = level(lake, [station, "good"], [value, 2.0], times=[at, AT])
    assert [(r.ordinal, r.field, r.reason) for r in outcome.refused] == [(0, field, reason)]
    assert lake.rows("select station_id from water_levels") == [{"station_id": "good"}]
    assert all(len(r.raw) <= 4_000 for r in outcome.refused)


def test_a_value_outside_the_list_is_refused(lake: Lake) -> None:
    outcome = complaint(lake, "Open", AT)
    assert [(r.field, r.reason.split()[:3]) for r in outcome.refused] == [
        ("status", ["bukan", "salah", "satu"])
    ]


def test_a_column_that_the_table_does_not_have_is_a_fault_of_the_feed() -> None:
    with pytest.raises(KeyError, match="water_levels has no column 'depth'"):
        arrow_table(LEVELS, {"station_id": ["a"], "depth": [1.0]})


def test_history_assumes_when_it_was_known_but_never_after_now(lake: Lake) -> None:
    level(lake, ["a", "b"], [1.0, 2.0], times=[AT - timedelta(days=9), AT], lag=timedelta(hours=1))
    rows = lake.rows("select known_time, known_assumed from water_levels order by station_id")
    assert [row["known_assumed"] for row in rows] == [True, True]
    assert rows[0]["known_time"] == AT - timedelta(days=9) + timedelta(hours=1)
    assert rows[1]["known_time"] == NOW


def test_files_of_history_that_contradict_each_other_add_nothing_the_second_time(
    lake: Lake,
) -> None:
    def files() -> list[int]:
        return [level(lake, ["a"], [v], lag=timedelta(minutes=1)).loaded for v in (1.0, 2.0)]

    assert [files(), files(), files()] == [[1, 1], [0, 0], [0, 0]]


def test_history_loaded_again_beside_a_live_correction_adds_nothing(lake: Lake) -> None:
    level(lake, ["a"], [2.0])
    again = [level(lake, ["a"], [1.0], lag=timedelta(minutes=1)).loaded for _ in range(3)]
    assert again == [1, 0, 0]


def test_rows_whose_key_is_all_they_say_are_told_apart_by_it(lake: Lake) -> None:
    def log(*agencies: str | None) -> Outcome:
        many = len(agencies)
        return load(
            lake,
            TABLES["complaint_log"],
            complaint_id=["JK2602180001"] * many,
            status=["Proses"] * many,
            agency=list(agencies),
            event_time=[AT] * many,
        )

    first, again = log("SDA", None, "SDA"), log(None, "SDA", "BINA MARGA")
    assert (first.loaded, first.unchanged) == (2, 1)
    assert (again.loaded, again.unchanged, again.refused) == (1, 2, [])


def test_a_simulated_row_does_not_stand_for_a_real_one(lake: Lake) -> None:
    batch, _ = arrow_table(LEVELS, {"station_id": ["a"], "level_cm": [1.0], "event_time": [AT]})
    for simulated in (True, False, True, False):
        with lake.write() as cursor:
            append(cursor, LEVELS, batch, Origin("one", "run", NOW, simulated))
    assert lake.value("select list(simulated order by simulated) from water_levels") == [
        False,
        True,
    ]


def test_live_rows_meet_the_history_without_a_seam(lake: Lake) -> None:
    columns = {"station_id": ["a"], "level_cm": [1.0], "event_time": [AT]}
    batch, _ = arrow_table(LEVELS, columns)
    with lake.write() as cursor:
        origin = Origin("one", "history", NOW, False, timedelta(minutes=1))
        append_trusted(cursor, LEVELS, batch.drop(["ordinal"]), origin)
    assert level(lake, ["a"], [1.0]).loaded == 0


def test_complaint_days_count_each_change_on_the_day_that_it_became_known(lake: Lake) -> None:
    evening = datetime(2026, 2, 16, 16, 0, tzinfo=UTC)  # 23.00 WIB
    night = datetime(2026, 2, 16, 18, 0, tzinfo=UTC)  # 01.00 WIB of the 17th
    for status, at in (("Menunggu", evening), ("Selesai", night), ("Proses", AT)):
        complaint(lake, status, at, known=at, feed="crm_requests", kelurahan_code=["31.71.01.1001"])
    rollup = next(r for r in rollups.all_rollups() if r.name == "complaint_days")
    days = [date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)]
    with lake.write() as cursor:
        rollups.build(cursor, rollup, days, simulated=False)
        rollups.build(cursor, rollup, days[1:], simulated=False)
    found = lake.rows(
        "select known_day, received, finished, open_change from complaint_days order by known_day"
    )
    assert [tuple(row.values()) for row in found] == [
        (days[0], 1, 0, 1),
        (days[1], 0, 1, -1),
        (days[2], 0, 0, 1),
    ]


def test_history_loaded_behind_a_live_feed_makes_no_complaint_new(lake: Lake) -> None:
    def open_and_received() -> tuple[int, ...]:
        with lake.write() as cursor:
            rollups.note(cursor, "complaint_versions", "run")
        lake.settle()
        row = lake.rows("select sum(open_change) as o, sum(received) as r from complaint_days")[0]
        return tuple(row.values())

    complaint(lake, "Proses", AT, known=AT, feed="crm_requests")
    assert open_and_received() == (1, 1)
    earlier = AT - timedelta(days=3)
    complaint(lake, "Menunggu", earlier, lag=timedelta(minutes=1), feed="crm_requests")
    with lake.write() as cursor:
        cursor.execute("update complaint_versions set run_id = 'live' where event_time = $1", [AT])
    assert open_and_received() == (1, 1)


def test_a_run_of_real_rows_leaves_the_simulated_side_of_a_rollup(lake: Lake) -> None:
    complaint(lake, "Proses", AT, known=AT, feed="crm_requests")
    with lake.write() as cursor:
        rollups.note(cursor, "complaint_versions", "run")
        rollups.settle(cursor)
        cursor.execute("update complaint_versions set simulated = true")
        cursor.execute("update complaint_days set simulated = true")
    complaint(lake, "Selesai", AT, known=AT, feed="crm_requests")
    with lake.write() as cursor:
        cursor.execute("update complaint_versions set run_id = 'city' where simulated")
        rollups.note(cursor, "complaint_versions", "run")
    lake.settle()
    rows = lake.rows("select simulated, received, finished from complaint_days order by simulated")
    assert [tuple(row.values()) for row in rows] == [(False, 1, 1), (True, 1, 0)]


def test_what_a_run_told_of_waits_to_be_settled(lake: Lake) -> None:
    complaint(lake, "Menunggu", AT, known=AT, feed="crm_requests")
    for _ in range(2):
        with lake.write() as cursor:
            rollups.note(cursor, "complaint_versions", "run")
    assert lake.value("select count(*) from complaint_days") == 0
    assert lake.value("select count(*) from rollups_due") == 1
    lake.settle()
    assert lake.value("select received from complaint_days") == 1
    assert lake.value("select count(*) from rollups_due") == 0


def test_a_past_that_waited_is_built_year_by_year(lake: Lake) -> None:
    moments = [datetime(year, 12, 31, 5, 0, tzinfo=UTC) for year in (2023, 2024, 2025)]
    for moment, status in zip(moments, ("Menunggu", "Selesai", "Proses"), strict=True):
        complaint(lake, status, moment, known=moment, feed="crm_requests")
    with lake.write() as cursor:
        rollups.note(cursor, "complaint_versions", "run")
    assert lake.value("select count(*) from complaint_days") == 0
    lake.settle()
    found = lake.rows("select known_day, open_change from complaint_days order by known_day")
    assert [tuple(row.values()) for row in found] == [
        (moments[0].date(), 1),
        (moments[1].date(), -1),
        (moments[2].date(), 1),
    ]


def test_a_rollup_whose_definition_changed_is_made_anew_from_the_facts(
    lake: Lake, settings: Settings
) -> None:
    complaint(lake, "Proses", AT, known=AT, feed="crm_requests")
    with lake.write() as cursor:
        cursor.execute("update reference_files set digest = '' where name = 'complaint_days'")
    assert lake.value("select count(*) from complaint_days") == 0
    again = Lake(settings)
    assert again.value("select sum(received) from complaint_days") == 1
    again.close()


def test_a_complaint_that_two_feeds_tell_of_is_counted_once(lake: Lake) -> None:
    for feed in ("crm_requests", "crm_public"):
        complaint(lake, "Menunggu", AT, known=AT, feed=feed)
    rollup = next(r for r in rollups.all_rollups() if r.name == "complaint_days")
    with lake.write() as cursor:
        rollups.build(cursor, rollup, [date(2026, 2, 18)], simulated=False)
    assert lake.value("select sum(received) from complaint_days") == 1
