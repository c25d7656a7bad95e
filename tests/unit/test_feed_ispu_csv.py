import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from data.ispu import category
from data.tables import CATEGORIES_ISPU
from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.ispu_csv import FEED, POLLUTANTS

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/ispu_csv.csv").read_bytes()
SHARED = ROOT.parent / "shared/history/ispu"
HEADER = "periode_data,tanggal,stasiun,pm10,so2,co,o3,no2,max,critical,categori"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="../shared with the real files is absent"
)
UNDECIDED = "bertentangan dengan periode_data, dan baris lain tidak menentukan mana yang benar"


def items(body):
    return list(FEED.parse(body, Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC))))


def lines(*found, header=HEADER):
    return items("\n".join([header, *found]).encode())


def dated(period, *days):
    """Return the items of rows that differ in their dates, after one that confirms 2022."""
    rest = "DKI1,50,20,30,40,10,50,PM10,BAIK"
    _, *found = lines(f"202206,2022-06-15,{rest}", *(f"{period},{day},{rest}" for day in days))
    return found


def test_a_row_has_the_indices_of_its_day_which_begins_at_midnight_wib():
    assert items(SAMPLE)[0] == (
        "ispu_daily",
        {
            "event_time": datetime(2022, 12, 30, 17, 0, tzinfo=UTC),
            "station_id": "DKI4",
            "day": date(2022, 12, 31),
            "pm10": 54.0,
            "pm25": 73.0,
            "so2": 56.0,
            "co": 24.0,
            "o3": 23.0,
            "no2": 24.0,
            "index_max": 73.0,
            "critical": "pm25",
            "category": "SEDANG",
            "city_max": True,
        },
    )


def test_each_way_to_write_a_date_is_read():
    rows = [item[1] for item in items(SAMPLE) if not isinstance(item, Reject)]
    assert [row["day"] for row in rows] == [
        date(2022, 12, 31),
        date(2022, 12, 30),
        date(2022, 2, 28),
        date(2022, 4, 1),
        date(2022, 9, 13),
        date(2022, 10, 1),
    ]


def test_each_way_to_write_station_pollutant_and_category_is_read():
    rows = [item[1] for item in items(SAMPLE) if not isinstance(item, Reject)]
    assert [(row["station_id"], row["critical"], row["category"]) for row in rows] == [
        ("DKI4", "pm25", "SEDANG"),
        ("DKI4", "pm25", "SEDANG"),
        ("DKI5", "pm25", "BAIK"),
        ("DKI1", "o3", "SEDANG"),
        ("DKI2", "o3", "SEDANG"),
        ("DKI3", None, None),
    ]


def test_a_day_without_data_is_a_row_of_nulls():
    row = items(SAMPLE)[5][1]
    assert {row[name] for name in (*POLLUTANTS, "index_max", "critical", "category")} == {None}


def test_rows_that_cannot_be_told_are_rejected_with_their_reason():
    rejects = [item for item in items(SAMPLE) if isinstance(item, Reject)]
    assert [(reject.field, reject.reason) for reject in rejects] == [
        ("lokasi_spku", "bukan stasiun DKI1 sampai DKI5"),
        ("lokasi_spku", "kategori pada tempat stasiun: kolom bergeser"),
    ]
    assert '"tanggal":"2022-06-01"' in rejects[1].raw


def test_a_file_with_stations_is_no_maximum_of_the_city():
    [(_, row)] = lines("201401,2014-01-01,DKI1 (Bunderan HI),77,3,39,54,13,77,PM10,SEDANG")
    assert (row["station_id"], row["city_max"], row["pm25"]) == ("DKI1", False, None)


def test_the_period_tells_day_and_month_apart():
    found = dated("202209", "9/1/2022", "1/9/2022", "9/9/2022", "13/9/2022", "9/13/2022")
    assert [row["day"].day for _, row in found] == [1, 1, 9, 13, 13]
    assert {row["day"].month for _, row in found} == {9}


def test_a_wrong_year_in_the_date_yields_to_the_period_that_other_rows_confirm():
    [(_, row)] = dated("202202", "2020-02-28")
    assert row["day"] == date(2022, 2, 28)


def test_a_wrong_year_in_the_period_yields_to_the_date_that_other_rows_confirm():
    [(_, row)] = dated("201202", "2022-02-28")
    assert row["day"] == date(2022, 2, 28)


@pytest.mark.parametrize(
    ("period", "day", "reason"),
    [
        ("201202", "2013-02-28", UNDECIDED),
        ("202203", "2022-02-28", UNDECIDED),
        ("202202", "2020-02-29", "tidak ada tanggal itu pada tahun 2022"),
        ("", "1/9/2022", "hari dan bulan tidak dapat dibedakan tanpa periode_data"),
        ("202206", "kemarin", "bukan tanggal"),
        ("202206", "", "bukan tanggal"),
        ("202206", "2022-06-31", "bukan tanggal"),
        ("000101", "0001-01-01", "bukan tanggal"),
        ("202206", "99999", "bukan tanggal"),
    ],
)
def test_a_date_that_nothing_decides_is_rejected(period, day, reason):
    [reject] = dated(period, day)
    assert (reject.field, reject.reason) == ("tanggal", reason)


def test_two_years_that_other_rows_both_confirm_decide_nothing():
    rest = "DKI1,50,20,30,40,10,50,PM10,BAIK"
    found = lines(
        f"202206,2022-06-01,{rest}", f"202306,2023-06-01,{rest}", f"202207,2023-07-01,{rest}"
    )
    assert [type(item) for item in found] == [tuple, tuple, Reject]


def test_without_a_period_a_date_that_means_one_day_is_read():
    [(_, row)] = dated("", "2022-06-02")
    assert row["day"] == date(2022, 6, 2)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("202206,2022-06-01,DKI6,5,2,3,4,1,5,PM10,BAIK", "stasiun"),
        ("202206,2022-06-01,DKI12,5,2,3,4,1,5,PM10,BAIK", "stasiun"),
        ("202206,2022-06-01,,5,2,3,4,1,5,PM10,BAIK", "stasiun"),
        ("202206,2022-06-01,DKI1,lima,2,3,4,1,5,PM10,BAIK", "pm10"),
        ("202206,2022-06-01,DKI1,5,nan,3,4,1,5,PM10,BAIK", "so2"),
        ("202206,2022-06-01,DKI1,5,2,3,4,1,O3,PM10,BAIK", "max"),
        ("202206,2022-06-01,DKI1,5,2,3,4,1,5,DEBU,BAIK", "critical"),
        ("202206,2022-06-01,DKI1,5,2,3,4,1,5,7,BAIK", "critical"),
    ],
)
def test_a_bad_row_is_rejected_by_its_field(line, field):
    [reject] = lines(line)
    assert reject.field == field


def test_a_semicolon_and_a_decimal_comma_are_read():
    [(_, row)] = lines(
        "202206;2022-06-01;DKI1;5,5;2;3;4;1;5,5;PM2,5;BAIK", header=HEADER.replace(",", ";")
    )
    assert (row["pm10"], row["index_max"], row["critical"]) == (5.5, 5.5, "pm25")


@pytest.mark.parametrize("header", ["a,b", "tanggal,max", "tanggal,stasiun", "<html>"])
def test_another_file_is_malformed(header):
    with pytest.raises(Malformed):
        lines("1,2", header=header)


@cache
def real(year):
    [path] = SHARED.glob(f"*{year}*.csv")
    return items(path.read_bytes())


def rows_of(year):
    return [item[1] for item in real(year) if not isinstance(item, Reject)]


@needs_shared
@pytest.mark.parametrize(
    ("year", "data_rows", "rejects"),
    [
        (2010, 1825, 0),
        (2011, 365, 0),
        (2012, 366, 0),
        (2013, 365, 0),
        (2014, 1825, 0),
        (2015, 365, 0),
        (2018, 365, 0),
        (2022, 365, 1),
        (2023, 1825, 0),
        (2024, 1830, 0),
    ],
)
def test_every_row_of_every_real_file_is_loaded_or_rejected(year, data_rows, rejects):
    assert len(real(year)) == data_rows
    assert sum(isinstance(item, Reject) for item in real(year)) == rejects


@needs_shared
def test_the_one_reject_of_the_real_files_is_the_day_without_a_station():
    [reject] = [item for item in real(2022) if isinstance(item, Reject)]
    assert (reject.field, reject.reason) == ("lokasi_spku", "bukan stasiun DKI1 sampai DKI5")
    assert '"tanggal":"2022-05-31"' in reject.raw


@needs_shared
@pytest.mark.parametrize(
    ("year", "first", "last", "a_day"),
    [
        (2010, date(2010, 1, 1), date(2010, 12, 31), 5),
        (2011, date(2011, 1, 1), date(2011, 12, 31), 1),
        (2012, date(2012, 1, 1), date(2012, 12, 31), 1),
        (2013, date(2013, 1, 1), date(2013, 12, 31), 1),
        (2014, date(2014, 1, 1), date(2014, 12, 31), 5),
        (2015, date(2015, 1, 1), date(2015, 12, 31), 1),
        (2018, date(2018, 1, 1), date(2018, 12, 31), 1),
        (2022, date(2022, 1, 1), date(2022, 12, 31), 1),
        (2023, date(2022, 12, 1), date(2023, 11, 30), 5),
        (2024, date(2024, 1, 1), date(2024, 12, 31), 5),
    ],
)
def test_the_mended_dates_fill_the_year_without_a_gap_or_a_day_twice(year, first, last, a_day):
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rejected = {date(2022, 5, 31)} if year == 2022 else set()
    found = Counter(row["day"] for row in rows_of(year))
    assert found == {day: a_day for day in days if day not in rejected}
    assert len({(row["station_id"], row["day"]) for row in rows_of(year)}) == len(rows_of(year))
    assert {row["city_max"] for row in rows_of(year)} == {a_day == 1}


@needs_shared
@pytest.mark.parametrize(
    ("year", "station", "day", "expected"),
    [
        (2013, "DKI3", date(2013, 9, 13), (83, None, 40, 32, 114, 22, 114, "o3", "TIDAK SEHAT")),
        (2015, "DKI5", date(2015, 2, 14), (58, None, 13, 57, 48, 16, 58, "pm10", "SEDANG")),
        (2018, "DKI5", date(2018, 4, 1), (45, None, 25, 17, 57, 13, 57, "o3", "SEDANG")),
        (2022, "DKI4", date(2022, 12, 31), (54, 73, 56, 24, 23, 24, 73, "pm25", "SEDANG")),
        (2022, "DKI5", date(2022, 2, 28), (27, 50, 40, 12, 30, 11, 50, "pm25", "BAIK")),
        (2023, "DKI1", date(2023, 3, 7), (37, 54, 50, 11, 17, 19, 54, "pm25", "SEDANG")),
        (2023, "DKI3", date(2023, 1, 11), (None,) * 9),
        (2024, "DKI1", date(2024, 12, 1), (32, 65, 67, 7, 9, 40, 67, "pm25", "BAIK")),
    ],
)
def test_rows_of_the_real_files_are_read_exactly(year, station, day, expected):
    [row] = [row for row in rows_of(year) if (row["station_id"], row["day"]) == (station, day)]
    names = (*POLLUTANTS, "index_max", "critical", "category")
    assert tuple(row[name] for name in names) == expected
    assert row["event_time"] == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(
        hours=7
    )


def disagreements(row):
    """Return in what a row contradicts itself: it is loaded as printed."""
    indices = {name: row[name] for name in POLLUTANTS if row[name] is not None}
    if not indices:
        return []
    greatest = max(indices.values())
    return [
        name
        for name, disagrees in (
            ("max", row["index_max"] != greatest),
            ("critical", row["critical"] and indices.get(row["critical"]) != greatest),
            ("category", row["category"] != category(row["index_max"]).upper()),
        )
        if disagrees
    ]


@needs_shared
@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2010, {}),
        (2011, {}),
        (2012, {("category", "DKI2", "2012-04"): 1, ("category", "DKI2", "2012-11"): 1}),
        (2013, {}),
        (2014, {("category", "DKI5", "2014-05"): 2}),
        (2015, {}),
        (2018, {}),
        (2022, {}),
        (2023, {("max", "DKI5", "2023-01"): 31, ("critical", "DKI5", "2023-01"): 23}),
        (
            2024,
            {
                ("category", "DKI1", "2024-12"): 21,
                ("critical", "DKI1", "2024-12"): 21,
                ("critical", "DKI3", "2024-06"): 6,
            },
        ),
    ],
)
def test_these_are_all_rows_that_contradict_themselves(year, expected):
    found = Counter(
        (name, row["station_id"], f"{row['day']:%Y-%m}")
        for row in rows_of(year)
        for name in disagreements(row)
    )
    assert found == expected


@needs_shared
@pytest.mark.parametrize(
    ("year", "empty"),
    [(2010, 1302), (2011, 0), (2012, 0), (2013, 0), (2014, 34), (2015, 0), (2018, 0), (2022, 0),
     (2023, 21), (2024, 6)],
)  # fmt: skip
def test_days_without_data_are_as_many_as_the_files_say(year, empty):
    [path] = SHARED.glob(f"*{year}*.csv")
    assert len(re.findall("TIDAK ADA DATA", path.read_text())) == empty
    rows = rows_of(year)
    assert sum(row["category"] is None for row in rows) == empty
    assert sum(row["index_max"] is None for row in rows) == empty
    assert {row["category"] for row in rows} <= {*CATEGORIES_ISPU, None}


def named(name):
    body = f"{HEADER}\n202212,2022-12-30,DKI1,50,20,30,40,10,50,PM10,BAIK\n".encode()
    return list(FEED.parse(body, Context(datetime(2026, 3, 12, tzinfo=UTC), name=name)))


@pytest.mark.parametrize("name", ["ispu-2022.csv", "2026/ispu.csv", "ispu 2021-2022.csv", "a.csv"])
def test_a_file_is_read_whose_name_does_not_contradict_it(name):
    assert len(named(name)) == 1


def test_a_file_of_another_year_than_its_name_says_is_refused_with_both_years():
    with pytest.raises(Malformed, match="menyebut tahun 2021, isinya tahun 2022: pastikan"):
        named("downloads/ispu-2021.csv")
