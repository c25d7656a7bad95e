"""Cohorts, months, published totals and recounts, on complaints written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from data import queries, rollups
from data.lake import Lake
from data.metrics import rules
from tests import lakes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INTAKE = datetime(2026, 1, 5, 3, tzinfo=UTC)  # Monday, 10.00 WIB
CUT = date(2026, 3, 1)
GAMBIR, OFFICE, DINAS = "31.71.01.1001", "KELURAHAN GAMBIR", "DINAS BINA MARGA"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    lake = lakes.empty_lake(tmp_path_factory.mktemp("cohorts"))
    yield lake
    lake.close()


@pytest.fixture
def lake(whole: Lake) -> Lake:
    with whole.write() as cursor:
        for table in ("complaint_versions", "complaint_log"):
            cursor.execute(f"delete from {table}")
    return whole


def complaint(lake: Lake, name: str, *log: tuple[float, str, str], **values: Any) -> None:
    """Write a complaint and its log of (hours after intake, status, agency)."""
    created = values.pop("created_at", INTAKE)
    simulated = values.pop("simulated", True)
    fact = lakes.common(INTAKE) | {"feed": "crm_requests", "simulated": simulated}
    version = {
        "complaint_id": name,
        "created_at": created,
        "category": "Jalan",
        "channel": "JAKI",
        "geotagged": False,
        "kelurahan_code": GAMBIR,
    } | values
    with lake.write() as cursor:
        for hours, status, agency in log:
            at = created + hours * HOUR
            moment = fact | {"event_time": at, "known_time": at + timedelta(minutes=1)}
            told = {"status": status, "agency": agency}
            lakes.insert(cursor, "complaint_versions", moment | version | told)
            entry = {"complaint_id": name} | told
            lakes.insert(cursor, "complaint_log", moment | entry)


def built(lake: Lake) -> Lake:
    with lake.write() as cursor:
        for rollup in rollups.all_rollups():
            if rollup.name in ("complaint_stints", "complaint_incidents"):
                rollups.make(cursor, rollup)
    return lake


def month(lake: Lake, cut: date = CUT, of: date = date(2026, 1, 1)) -> dict[str, Any]:
    rows = queries.cohort_months(built(lake), since=date(2017, 1, 1), cut=cut)
    return next(row for row in rows if row["month"] == of)


def test_all_complaints_are_told_from_the_day_after_the_first_change(lake: Lake) -> None:
    assert queries.complaints_told_from(built(lake)) is None
    complaint(lake, "open-before", (48, "Menunggu", OFFICE))
    assert queries.complaints_told_from(built(lake)) == date(2026, 1, 8)


def test_each_complaint_of_a_month_stands_in_one_way_towards_the_rule(lake: Lake) -> None:
    opened = (0, "Menunggu", OFFICE)
    complaint(lake, "in-time", opened, (144, "Selesai", OFFICE))
    complaint(lake, "late", opened, (145, "Selesai", OFFICE))
    complaint(lake, "overdue", opened)
    complaint(lake, "again", opened, (5, "Selesai", OFFICE), (50, "Proses", OFFICE))
    complaint(lake, "handed", opened, (1, "Koordinasi", DINAS), (9, "Selesai", DINAS))
    row = month(lake)
    assert (row["on_time"], row["late"], row["overdue"], row["pending"]) == (2, 1, 2, 0)
    assert (row["early"], row["unjudged"], row["simulated"]) == (0, 0, True)


def test_a_simulated_complaint_of_the_same_number_is_another(lake: Lake) -> None:
    complaint(lake, "one", (0, "Menunggu", OFFICE))
    complaint(lake, "one", (0, "Menunggu", OFFICE), (144, "Selesai", OFFICE), simulated=False)
    row = month(lake)
    assert (row["on_time"], row["overdue"], row["simulated"]) == (1, 0, False)


def test_what_is_not_due_yet_is_pending_or_early(lake: Lake) -> None:
    intake = datetime(2026, 2, 26, 3, tzinfo=UTC)
    complaint(lake, "open", (0, "Menunggu", OFFICE), created_at=intake)
    complaint(lake, "done", (0, "Menunggu", OFFICE), (2, "Selesai", OFFICE), created_at=intake)
    row = month(lake, of=date(2026, 2, 1))
    assert (row["on_time"], row["early"], row["pending"], row["overdue"]) == (1, 1, 1, 0)


def test_a_month_is_one_of_wib_and_a_complaint_before_the_rules_is_not_judged(lake: Lake) -> None:
    complaint(
        lake,
        "new-year",
        (0, "Menunggu", OFFICE),
        created_at=datetime(2025, 12, 31, 17, tzinfo=UTC),
    )
    complaint(lake, "old", (0, "Menunggu", OFFICE), created_at=datetime(2017, 5, 2, tzinfo=UTC))
    assert month(lake)["overdue"] == 1
    old = month(lake, of=date(2017, 5, 1))
    assert (old["unjudged"], old["overdue"], old["pending"]) == (1, 0, 0)


def test_months_and_quarters_know_nothing_of_what_came_after_the_cut(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (10 * 24, "Selesai", OFFICE))
    then = month(lake, cut=date(2026, 1, 7))
    assert (then["on_time"], then["late"], then["pending"]) == (0, 0, 1)
    rows = queries.cohort_times(lake, since=date(2026, 1, 1), cut=date(2026, 1, 7))
    assert [(row["finished"], row["hours"], row["n"]) for row in rows] == [(False, 38, 1)]


def test_quarters_hold_begun_hours_of_the_finished_and_the_age_of_the_open(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (2.5, "Selesai", OFFICE))
    complaint(lake, "b", (0, "Menunggu", OFFICE), (3, "Selesai", OFFICE))
    complaint(lake, "c", (0, "Menunggu", OFFICE))
    rows = queries.cohort_times(built(lake), since=date(2026, 1, 1), cut=date(2026, 1, 10))
    assert {row["quarter"] for row in rows} == {date(2026, 1, 1)}
    assert [(row["finished"], row["hours"], row["n"]) for row in rows] == [
        (False, 110, 1),
        (True, 3, 2),
    ]


def test_years_count_selesai_only_by_category_at_intake(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (5, "Selesai", OFFICE))
    complaint(lake, "b", (0, "Menunggu", OFFICE), (5, "Ditolak", OFFICE))
    complaint(lake, "c", (0, "Menunggu", OFFICE), (500, "Selesai", OFFICE), category="Pohon")
    intake = datetime(2025, 12, 31, 3, tzinfo=UTC)
    complaint(lake, "d", (0, "Menunggu", OFFICE), (48, "Selesai", OFFICE), created_at=intake)
    rows = queries.complaint_years(lake, since=date(2025, 1, 1), until=date(2027, 1, 1), cut=CUT)
    assert [
        (row["month"].month, row["category"], row["received"], row["finished"], row["by_then"])
        for row in rows
    ] == [(12, "Jalan", 1, 1, 0), (1, "Jalan", 2, 1, 1), (1, "Pohon", 1, 1, 1)]


def test_real_complaints_push_simulated_ones_out_of_every_cohort(lake: Lake) -> None:
    complaint(lake, "real", (0, "Menunggu", OFFICE), simulated=False)
    complaint(lake, "made-up", (0, "Menunggu", OFFICE))
    row = month(lake)
    assert (row["overdue"], row["simulated"]) == (1, False)
    years = queries.complaint_years(lake, since=date(2026, 1, 1), until=CUT, cut=CUT)
    assert [(row["received"], row["simulated"]) for row in years] == [(1, False)]


def stints(lake: Lake, **changes: Any) -> Any:
    asked = {
        "cut": CUT,
        "since": date(2026, 1, 1),
        "until": date(2026, 2, 1),
        "category": None,
        "channel": None,
        "flood_days": [],
        "excluded": (),
        "most": 2,
    } | changes
    return queries.cohort_stints(built(lake), "kelurahan", **asked)


def test_stints_row_by_row_add_up_to_the_scores(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (1, "Koordinasi", DINAS))
    complaint(lake, "b", (0, "Menunggu", OFFICE), (200, "Selesai", OFFICE))
    complaint(lake, "c", (0, "Menunggu", OFFICE))
    found = stints(lake)
    period = {"cut": CUT, "since": date(2026, 1, 1), "until": date(2026, 2, 1)}
    (score,) = queries.unit_scores(
        lake, "kelurahan", flood_days=[], category=None, channel=None, **period
    )
    assert (found["due"] & found["begins"]).sum() == score["n"] == 3
    assert found.loc[found["due"], "on_time"].fillna(False).sum() == score["on_time"] == 1
    ended = found[~found["begins"]].sort_values("held_h")
    assert ended["held_h"].tolist() == [1, 200]
    assert ended["handed"].tolist() == [True, False]
    assert set(found["day"]) == {55}


def test_who_sent_very_many_in_a_month_is_marked_and_never_named(lake: Lake) -> None:
    for name in "abc":
        complaint(lake, name, (0, "Menunggu", OFFICE), reporter_key="busy")
    complaint(lake, "d", (0, "Menunggu", OFFICE), reporter_key="calm")
    found = stints(lake)
    assert found["many"].sum() == 3
    assert "reporter_key" not in found


def test_excluded_is_a_whole_complaint_or_the_stints_of_one_unit(lake: Lake) -> None:
    log = ((0, "Menunggu", OFFICE), (1, "Koordinasi", DINAS), (9, "Selesai", DINAS))
    for name in ("a", "b", "c"):
        complaint(lake, name, *log)
    built(lake)
    period = {"cut": CUT, "since": date(2026, 1, 1), "until": date(2026, 2, 1)}

    def counted(level: str) -> int:
        rows = queries.unit_scores(
            lake,
            level,
            flood_days=[],
            excluded=["a", f"b {OFFICE}", "nothing"],
            category=None,
            channel=None,
            **period,
        )
        return sum(row["n"] for row in rows)

    assert (counted("kelurahan"), counted("agency")) == (1, 2)
    assert len(stints(lake, excluded=["a", f"b {OFFICE}"])) == 2


def test_another_rule_for_all_judges_by_its_own_hours(lake: Lake) -> None:
    complaint(lake, "a", (0, "Menunggu", OFFICE), (30, "Selesai", OFFICE))
    complaint(lake, "b", (0, "Menunggu", OFFICE), (10, "Koordinasi", DINAS))
    built(lake)
    period = {"cut": CUT, "since": date(2026, 1, 1), "until": date(2026, 2, 1)}

    def on_time(rule: Any) -> int:
        rows = queries.unit_scores(
            lake,
            "kelurahan",
            flood_days=[],
            judged_by=rule,
            category=None,
            channel=None,
            **period,
        )
        return int(rows[0]["on_time"])

    # 2018 gave a day and knew no time to hand over; 2019 gave seven days and six hours.
    assert [on_time(rule) for rule in (None, *rules())] == [1, 1, 1, 1, 1]
    complaint(lake, "c", (0, "Menunggu", OFFICE), (20, "Koordinasi", DINAS))
    built(lake)
    assert [on_time(rule) for rule in (None, *rules())] == [1, 2, 1, 1, 1]


def test_the_stints_of_one_complaint_come_in_order_and_only_up_to_the_cut(lake: Lake) -> None:
    complaint(
        lake,
        "a",
        (0, "Menunggu", OFFICE),
        (7, "Koordinasi", DINAS),
        (90, "Selesai", DINAS),
    )
    built(lake)
    found = queries.complaint_stints(lake, "a", cut=CUT)
    assert [(row["unit"], row["ending"], row["on_time"], row["joined"]) for row in found] == [
        (OFFICE, "handed", False, False),
        (DINAS, "finished", True, False),
    ]
    early = queries.complaint_stints(lake, "a", cut=date(2026, 1, 6))
    assert [(row["unit"], row["ending"]) for row in early] == [(OFFICE, "handed"), (DINAS, None)]
    assert queries.complaint_stints(lake, "nobody", cut=CUT) == []
