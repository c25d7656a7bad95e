"""Series over time: what each question answers on rows written by hand, and what replay may see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from data import queries, reference, rollups, series
from data.ispu import category
from data.ispu import ispu as index
from data.tables import TABLES
from etl.maintain import sum_up_runs
from tests import lakes

DAY = timedelta(days=1)
CUT = date(2026, 3, 11)
GAMBIR, KEBON = "31.71.01.1001", "31.73.05.1001"


def wib(day, hour=12):
    """Return an hour of a day in WIB."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour - 7)


def add(cursor, table, at, known=None, **values):
    nothing = {column.name: None for column in TABLES[table].columns}
    times = {"event_time": at, "known_time": known or at + timedelta(minutes=1)}
    origin = {"simulated": False, "known_assumed": False}
    lakes.insert(cursor, table, nothing | lakes.common(at) | times | origin | values)


def make(cursor):
    """Make the daily rollups of the facts that there are."""
    for rollup in rollups.all_rollups():
        facts = sorted(rollup.reads & TABLES.keys())
        told = any(cursor.execute(f"select 1 from {name} limit 1").fetchone() for name in facts)
        if rollup.name.endswith("_days") and told:
            rollups.make(cursor, rollup)


@pytest.fixture
def lake(tmp_path):
    lake = lakes.empty_lake(tmp_path)
    yield lake
    lake.close()


def ask(lake, name, measures, places=("31",), since=date(2026, 1, 1), cut=CUT, bucket="month"):
    rows = queries.series(
        lake,
        name,
        measures=measures,
        places=places,
        since=since,
        until=cut,
        cut=cut,
        bucket=bucket,
    )
    return {(row["place"], row["measure"], row["bucket"]): row for row in rows}


def complaint(cursor, number, came, steps, category="Jalan", place=GAMBIR, **values):
    """Report a complaint and its versions: (days after intake, status)."""
    for days, status in [(0, "Menunggu"), *steps]:
        add(
            cursor,
            "complaint_versions",
            wib(came) + days * DAY,
            complaint_id=number,
            created_at=wib(came),
            category=category,
            status=status,
            kelurahan_code=place,
            **values,
        )


def test_complaints_come_are_finished_and_stay_open_by_place(lake):
    with lake.write() as cursor:
        complaint(cursor, "A", date(2026, 1, 5), [(3, "Selesai")])
        complaint(cursor, "B", date(2026, 1, 6), [(40, "Selesai")])
        complaint(cursor, "C", date(2026, 2, 2), [], place=KEBON)
        make(cursor)
    january, february = date(2026, 1, 1), date(2026, 2, 1)

    def values(measure, place):
        rows = ask(lake, "series_complaints", [measure], [place])
        return [rows[place, measure, month]["value"] for month in (january, february)]

    assert values("received", "31") == [2, 1]
    assert values("received", "31.71") == [2, 0]
    assert values("finished", "31.71") == [1, 1]
    assert values("open", "31") == [1, 1]


def test_how_many_are_open_counts_those_of_before_the_span(lake):
    with lake.write() as cursor:
        complaint(cursor, "OLD", date(2024, 5, 5), [])
        complaint(cursor, "NEW", date(2026, 1, 5), [])
        make(cursor)
    rows = ask(lake, "series_complaints", ["open"])
    assert rows["31", "open", date(2026, 1, 1)]["value"] == 2


def test_a_month_is_judged_by_the_rule_of_intake_once_all_of_it_is_due(lake):
    with lake.write() as cursor:
        complaint(cursor, "BEFORE", date(2025, 12, 30), [])
        complaint(cursor, "IN", date(2026, 1, 5), [(3, "Selesai")])
        complaint(cursor, "LATE", date(2026, 1, 6), [(9, "Selesai")])
        complaint(cursor, "OPEN", date(2026, 1, 7), [])
        complaint(cursor, "AGAIN", date(2026, 1, 8), [(2, "Selesai"), (3, "Proses")])
        complaint(cursor, "YOUNG", date(2026, 3, 5), [(1, "Selesai")])
        make(cursor)
    rows = ask(lake, "series_cohorts", ["on_time"])
    assert rows["31", "on_time", date(2026, 1, 1)]["value"] == 50
    assert ("31", "on_time", date(2026, 3, 1)) not in rows


def test_a_month_before_the_record_began_is_not_judged_by_what_was_left_open(lake):
    with lake.write() as cursor:
        complaint(cursor, "LEFT", date(2026, 1, 20), [], known_time=wib(date(2026, 2, 1)))
        complaint(cursor, "IN", date(2026, 2, 5), [(3, "Selesai")])
        make(cursor)
    rows = ask(lake, "series_cohorts", ["on_time"])
    assert {month: row["value"] for (_, _, month), row in rows.items()} == {date(2026, 2, 1): 100.0}


def test_a_category_counts_under_its_former_label_and_another_does_not(lake):
    new, former = "Gangguan dan Kebisingan", "Gangguan Ketenteraman dan Ketertiban"
    with lake.write() as cursor:
        complaint(cursor, "A", date(2026, 1, 5), [], category=new)
        complaint(cursor, "B", date(2026, 1, 6), [], category=former)
        complaint(cursor, "C", date(2026, 1, 7), [], category="Pohon")
        make(cursor)
    rows = ask(lake, "series_cohorts", ["received"], [new, "Pohon", "31"])
    found = {place: row["value"] for (place, _, _), row in rows.items()}
    assert found == {new: 2, "Pohon": 1, "31": 3}


def test_an_hour_counts_once_at_its_worst_siaga_level(lake):
    day = date(2026, 1, 5)
    with lake.write() as cursor:
        for minutes, level in ((0, 760), (30, 860), (60, 760), (120, 600), (121, 960)):
            at = wib(day, 1) + timedelta(minutes=minutes)
            add(cursor, "water_levels", at, station_id="manggarai", level_cm=level)
        make(cursor)
    measures = ["siaga3", "siaga2", "siaga1", "peak"]
    rows = ask(lake, "series_levels", measures, ["manggarai"])
    assert [rows["manggarai", one, date(2026, 1, 1)]["value"] for one in measures] == [1, 1, 1, 960]


def test_an_hour_that_became_known_on_two_days_is_one_hour(lake):
    late = wib(date(2026, 1, 5), 23)
    with lake.write() as cursor:
        for minutes in (0, 58):
            at = late + timedelta(minutes=minutes)
            known = at + timedelta(minutes=5)
            add(cursor, "water_levels", at, known, station_id="manggarai", level_cm=760)
        make(cursor)
    assert lake.value("select count(*) from level_days") == 2
    rows = ask(lake, "series_levels", ["siaga3"], ["manggarai"])
    assert rows["manggarai", "siaga3", date(2026, 1, 1)]["value"] == 1


def test_rain_of_the_city_is_the_mean_over_the_stations_that_told(lake):
    with lake.write() as cursor:
        for station, mm in (("1", 10), ("1", 20), ("2", 0)):
            at = wib(date(2026, 1, 5), 2 + mm // 10)
            add(cursor, "rainfall", at, station_id=station, rain_mm=mm, interval_minutes=60)
        make(cursor)
    rows = ask(lake, "series_rain", ["total"], ["31", "1"])
    assert rows["31", "total", date(2026, 1, 1)]["value"] == 15
    assert rows["1", "total", date(2026, 1, 1)]["value"] == 30


def test_rain_just_after_midnight_belongs_to_the_day_it_fell_on(lake):
    with lake.write() as cursor:
        at = wib(date(2026, 1, 6), 0)
        add(cursor, "rainfall", at, station_id="1", rain_mm=5, interval_minutes=60)
        make(cursor)
    rows = ask(lake, "series_rain", ["peak"], bucket="day")
    assert list(rows) == [("31", "peak", date(2026, 1, 5))]


def test_corridors_are_told_by_corridor_kota_and_city(lake):
    with lake.write() as cursor:
        for corridor, speed in (("K001", 20), ("K002", 40)):
            at = wib(date(2026, 1, 5))
            row = {"corridor_id": corridor, "speed_kmh": speed, "delay_s": 60}
            add(cursor, "corridor_hours", at, **row)
        make(cursor)
    rows = ask(lake, "series_corridors", ["slow"], ["K001", "31.71", "31"])
    assert [row["value"] for row in rows.values()] == [50, 100, 100]
    assert {row["value"] for row in ask(lake, "series_corridors", ["speed"]).values()} == {30}


def test_a_day_of_pm25_counts_with_eighteen_hours(lake):
    with lake.write() as cursor:
        for day, hours, value in ((5, 18, 60), (6, 17, 10)):
            for hour in range(hours):
                at = wib(date(2026, 1, day), hour)
                row = {"station_id": "DKI1", "parameter": "pm25", "value": value}
                add(cursor, "air_measurements", at, **row)
        make(cursor)
    rows = ask(lake, "series_pm25", ["mean", "Sedang", "Tidak Sehat"])
    found = {measure: row["value"] for (_, measure, _), row in rows.items()}
    assert found == {"mean": 60, "Sedang": 0, "Tidak Sehat": 1}


def test_a_day_of_pm25_has_the_category_of_its_rounded_index(lake):
    values = (15.5, 15.8, 16.0, 55.4, 55.8, 56.0, 150.9, 250.6, 251.6, 252.0)
    with lake.write() as cursor:
        for day, value in enumerate(values, 1):
            for hour in range(18):
                row = {"station_id": "DKI1", "parameter": "pm25", "value": value}
                add(cursor, "air_measurements", wib(date(2026, 1, day), hour), **row)
        make(cursor)
    names = [row["category_id"] for row in reference.rows("ispu_categories")]
    rows = ask(lake, "series_pm25", names, bucket="day")
    found = {day.day: name for (_, name, day), row in rows.items() if row["value"] == 1}
    assert [found[day] for day in range(1, 11)] == [
        category(index("pm25", value)) for value in values
    ]


def ispu(cursor, day, station, index, *, city_max=False, pm25=None):
    midnight = wib(day, 0)
    row = {"station_id": station, "day": day, "index_max": index, "pm25": pm25}
    add(cursor, "ispu_daily", midnight, midnight + DAY, city_max=city_max, **row)


def test_the_index_of_the_city_tells_stations_and_city_maxima_apart(lake):
    with lake.write() as cursor:
        ispu(cursor, date(2026, 1, 5), "DKI1", 40)
        ispu(cursor, date(2026, 1, 5), "DKI2", 120)
        ispu(cursor, date(2026, 2, 5), "DKI3", 80, city_max=True)
        ispu(cursor, date(2026, 2, 6), "DKI3", 0, city_max=True)
    rows = ask(lake, "series_ispu", ["Baik", "Sedang", "Tidak Sehat"], ["31", "DKI1", "DKI3"])
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert rows["31", "Tidak Sehat", january]["value"] == 1
    assert rows["31", "Tidak Sehat", january]["basis"] == "per stasiun"
    assert rows["31", "Sedang", february]["basis"] == "nilai tertinggi sekota"
    assert rows["31", "Sedang", february]["days"] == 1
    assert rows["DKI1", "Baik", january]["value"] == 1
    assert ("DKI3", "Sedang", february) not in rows


def test_the_index_of_pm25_alone_is_a_gap_where_the_source_has_none(lake):
    with lake.write() as cursor:
        ispu(cursor, date(2026, 1, 5), "DKI1", 140, pm25=90)
        ispu(cursor, date(2026, 2, 5), "DKI1", 140)
    rows = ask(lake, "series_ispu", ["pm25 Sedang", "pm25 Tidak Sehat"])
    assert {(month.month, row["value"]) for (_, _, month), row in rows.items()} == {(1, 1), (1, 0)}


def flood(cursor, at, code, depth, **values):
    row = {"area_code": code, "area_level": "rt", "depth_max_cm": depth, "kelurahan_code": GAMBIR}
    add(cursor, "inundations", at, **row | values)


def test_floods_count_places_days_depth_and_hours_and_years_without_a_word_are_gaps(lake):
    with lake.write() as cursor:
        flood(cursor, wib(date(2026, 2, 2), 3), "1", 40)
        flood(cursor, wib(date(2026, 2, 2), 6), "1", 70)
        flood(cursor, wib(date(2026, 2, 2), 8), "1", None, ended=True)
        flood(cursor, wib(date(2026, 2, 2), 4), "2", 20)
        make(cursor)
    rows = {
        measure: ask(lake, "series_floods", [measure], since=date(2024, 1, 1), bucket="month")
        for measure in ("areas", "days", "depth", "hours")
    }
    february = date(2026, 2, 1)
    found = {one: rows[one]["31", one, february]["value"] for one in rows}
    assert found == {"areas": 2, "days": 1, "depth": 70, "hours": 11}
    assert rows["areas"]["31", "areas", date(2026, 1, 1)]["value"] == 0
    assert min(month.year for _, _, month in rows["areas"]) == 2026


def test_a_flood_lasts_over_midnight_until_the_next_row_and_six_hours_at_most(lake):
    evening, night = wib(date(2026, 2, 2), 22), wib(date(2026, 2, 3), 1)
    with lake.write() as cursor:
        flood(cursor, evening, "1", 40)
        flood(cursor, night, "1", None, ended=True)
        flood(cursor, evening, "2", 40)
        flood(cursor, wib(date(2026, 2, 20)), "2", 40)
        make(cursor)
    hours = ask(lake, "series_floods", ["hours"], bucket="month")
    assert hours["31", "hours", date(2026, 2, 1)]["value"] == 3 + 6 + 6
    days = ask(lake, "series_floods", ["days"], bucket="month")
    assert days["31", "days", date(2026, 2, 1)]["value"] == 2


def test_rows_of_a_flood_that_became_known_on_two_days_count_once(lake):
    late = wib(date(2026, 2, 2), 23)
    with lake.write() as cursor:
        flood(cursor, late, "1", 40)
        flood(cursor, late + timedelta(minutes=30), "1", 90, known_time=wib(date(2026, 2, 3), 1))
        flood(cursor, late + timedelta(hours=2), "1", None, ended=True)
        make(cursor)
    assert lake.value("select count(*) from flood_days") == 3
    rows = {one: ask(lake, "series_floods", [one]) for one in ("areas", "depth", "hours")}
    february = date(2026, 2, 1)
    found = {one: rows[one]["31", one, february]["value"] for one in rows}
    assert found == {"areas": 1, "depth": 90, "hours": 2}


def people(cursor, year, kelurahan, groups, residents=10):
    at = wib(date(year, 12, 31), 0)
    for group in range(groups):
        for sex in "LP":
            row = {"kelurahan_code": kelurahan, "age_group": str(group), "sex": sex}
            add(cursor, "population", at, residents=residents, **row)


def test_residents_of_a_year_with_rows_missing_say_so_and_hardly_told_years_are_gaps(lake):
    with lake.write() as cursor:
        cursor.execute(
            "delete from areas where level = 'kelurahan' and code not in ($1, $2)", [GAMBIR, KEBON]
        )
        people(cursor, 2023, GAMBIR, 16)
        people(cursor, 2023, KEBON, 16)
        people(cursor, 2024, GAMBIR, 15)
        people(cursor, 2024, KEBON, 16)
        people(cursor, 2025, GAMBIR, 3)
    params = {"seri": "penduduk", "dari": "2023-01-01", "tempat": "31|31.71"}
    question = series.read_question(params, CUT, "31")
    city, central = series.answer(lake, question, CUT)
    assert [point.value for point in city.points] == [640, 620, None, None]
    assert [point.value for point in central.points] == [320, 300, None, None]
    assert city.points[0].basis is None
    assert city.points[1].basis == "jumlah 62 dari 64 baris umur dan jenis kelamin"


def test_the_worst_category_has_no_end_and_a_printed_one_does_not_count(lake):
    with lake.write() as cursor:
        ispu(cursor, date(2026, 1, 5), "DKI1", 320)
        cursor.execute("update ispu_daily set category = 'BAIK'")
    rows = ask(lake, "series_ispu", ["Baik", "Berbahaya"])
    assert [row["value"] for row in rows.values()] == [0, 1]


def test_rows_of_the_index_that_contradict_themselves_are_listed(lake):
    with lake.write() as cursor:
        for day, index, pm25, printed in (
            (5, 100, 100, "SEDANG"),
            (6, 101, 101, "SEDANG"),
            (7, 90, 95, "SEDANG"),
            (8, 400, 400, "BERBAHAYA"),
            (9, None, None, None),
        ):
            ispu(cursor, date(2026, 1, day), "DKI1", index, pm25=pm25)
            cursor.execute(
                "update ispu_daily set category = $1 where day = $2", [printed, f"2026-01-{day:02}"]
            )
    found = queries.ispu_contradictions(lake, cut=CUT)
    assert [(row["day"].day, row["printed"], row["computed"]) for row in found] == [
        (6, "SEDANG", "Tidak Sehat"),
        (7, "SEDANG", "Sedang"),
    ]


def test_cameras_and_feeds_are_told_by_what_worked(lake):
    day = date(2026, 1, 5)
    with lake.write() as cursor:
        add(cursor, "cameras", wib(day), camera_id="a", name="a", kelurahan_code=GAMBIR)
        for hour, state in ((1, "live"), (2, "black"), (2, "live"), (3, "frozen")):
            at = wib(day, hour) + timedelta(minutes=len(state))
            add(cursor, "camera_checks", at, camera_id="a", state=state)
        lakes.add_run(cursor, "waze_ccp", wib(day), outcome="failed")
        lakes.add_run(cursor, "waze_ccp", wib(day) + timedelta(minutes=1))
        lakes.add_run(cursor, "waze_ccp", wib(day + DAY))
        make(cursor)
    sum_up_runs(lake)
    live = ask(lake, "series_cameras", ["live"], ["31", "31.72"])
    assert {place: round(row["value"]) for (place, _, _), row in live.items()} == {"31": 33}
    assert [row["value"] for row in ask(lake, "series_feeds", ["working"]).values()] == [50]


def test_real_rows_of_a_place_and_span_leave_no_room_for_simulated_ones(lake):
    with lake.write() as cursor:
        for simulated, mm in ((True, 90), (False, 10)):
            at, row = wib(date(2026, 1, 5)), {"station_id": "1", "rain_mm": mm}
            add(cursor, "rainfall", at, simulated=simulated, **row)
        at = wib(date(2026, 2, 5))
        add(cursor, "rainfall", at, station_id="1", rain_mm=7, simulated=True)
        make(cursor)
    rows = ask(lake, "series_rain", ["total"]).values()
    assert [(row["value"], row["simulated"]) for row in rows] == [(10, False), (7, True)]


def test_what_became_known_on_the_day_of_the_cut_is_not_seen(lake):
    event = wib(date(2026, 1, 5))
    with lake.write() as cursor:
        for day, mm in ((9, 5), (10, 7), (11, 9)):
            row = {"station_id": "1", "rain_mm": mm}
            at = event + timedelta(minutes=mm)
            add(cursor, "rainfall", at, wib(date(2026, 3, day), 0), **row)
        complaint(cursor, "A", date(2026, 3, 10), [(1, "Selesai")])
        flood(cursor, event, "1", 40, known_time=wib(CUT, 0))
        make(cursor)
    assert [row["value"] for row in ask(lake, "series_rain", ["total"]).values()] == [12]
    assert ask(lake, "series_floods", ["areas"]) == {}
    finished = ask(lake, "series_complaints", ["finished"]).values()
    assert [row["value"] for row in finished] == [0]


def test_a_run_rebuilds_only_the_days_that_it_told_of(lake):
    with lake.write() as cursor:
        add(cursor, "rainfall", wib(date(2026, 1, 5)), station_id="1", rain_mm=5, run_id="old")
        make(cursor)
        cursor.execute("update rain_days set rain_mm = 1000")
        add(cursor, "rainfall", wib(date(2026, 1, 6)), station_id="1", rain_mm=7, run_id="new")
        rollups.note(cursor, "rainfall", "new")
    lake.settle()
    found = lake.rows("select known_day, rain_mm from rain_days order by known_day")
    assert [(row["known_day"].day, row["rain_mm"]) for row in found] == [(5, 1000), (6, 7)]


@pytest.mark.parametrize("name", queries.SERIES_HOURS)
def test_hours_of_the_week_begin_on_monday_at_midnight_wib(lake, name):
    monday = wib(date(2026, 1, 5), 0)
    measure = {"complaints": "received", "corridors": "speed", "pm25": "mean"}
    with lake.write() as cursor:
        complaint(cursor, "A", date(2026, 1, 5), [])
        cursor.execute("update complaint_versions set created_at = $1", [monday])
        add(cursor, "corridor_hours", monday, corridor_id="K001", speed_kmh=20)
        air = {"station_id": "DKI1", "parameter": "pm25", "value": 30}
        add(cursor, "air_measurements", monday, **air)
    rows = queries.series_hours(
        lake,
        name,
        measure=measure[name.removeprefix("series_hours_")],
        place="31",
        since=date(2026, 1, 5),
        until=date(2026, 1, 12),
        cut=CUT,
    )
    assert [(row["weekday"], row["hour"]) for row in rows] == [(1, 0)]
    assert rows[0]["value"] == {"complaints": 1, "corridors": 20, "pm25": 30}[name.split("_")[2]]


def test_an_answer_has_no_hole_in_time_and_leaves_out_spans_hardly_told_of(lake):
    with lake.write() as cursor:
        for day in range(31):
            at = wib(date(2026, 1, 1) + day * DAY)
            add(cursor, "rainfall", at, station_id="1", rain_mm=1)
        add(cursor, "rainfall", wib(date(2026, 2, 5)), station_id="1", rain_mm=1)
        make(cursor)
    params = {"seri": "hujan-jumlah", "dari": "2025-12-01", "per": "bulan"}
    question = series.read_question(params, CUT, "31")
    [line] = series.answer(lake, question, CUT)
    assert [(point.at.month, point.value) for point in line.points] == [
        (12, None),
        (1, 31),
        (2, None),
        (3, None),
    ]
    assert [point.partial for point in line.points] == [False, False, False, True]
