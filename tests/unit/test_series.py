"""Series: the registry, what a URL asks for, and where a rule or a definition changed."""

from __future__ import annotations

from datetime import date

import pytest

from data import queries, series
from data.schema import SYSTEM
from data.series import SeriesError
from data.tables import TABLES

CUT = date(2026, 11, 22)


def asked(**params):
    return series.read_question(params, CUT, "31")


def test_every_series_has_its_question_and_says_what_it_is():
    for one in series.registry().values():
        assert one.query in queries.SERIES
        assert not one.hours_query or one.hours_query in queries.SERIES_HOURS
        assert len(one.labels) in (0, len(one.measures))
        assert set(one.tables) <= TABLES.keys() | SYSTEM.keys()
        assert one.definition.endswith(".")
        assert series.places(one.places)


def test_without_parameters_the_last_ten_years_of_the_city_are_asked_for():
    question = asked()
    assert question.series.id == "pengaduan-masuk"
    assert question.places == ("31",)
    assert (question.since, question.until) == (date(2016, 1, 1), CUT)
    assert question.bucket == "month"


def test_the_area_of_the_page_is_the_place_of_a_series_of_areas_only():
    of_area = series.read_question({}, CUT, "31.71.01")
    of_station = series.read_question({"seri": "siaga-jam"}, CUT, "31.71.01")
    assert of_area.places == ("31.71.01",)
    assert of_station.places == ("31",)


@pytest.mark.parametrize(
    ("since", "bucket"), [("2026-11-12", "day"), ("2025-11-22", "week"), ("2010-01-01", "month")]
)
def test_the_span_chooses_what_a_value_is_of(since, bucket):
    assert asked(dari=since).bucket == bucket


def test_a_series_is_never_asked_for_more_finely_than_it_can_be_told():
    assert asked(seri="pengaduan-tepat", dari="2026-11-01").bucket == "month"


def test_the_last_day_that_is_asked_for_is_inside():
    question = asked(dari="2024-01-01", sampai="2024-01-31")
    assert question.until == date(2024, 2, 1)


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"seri": "cuaca"}, "Seri “cuaca” tidak dikenal"),
        ({"tempat": "31.99"}, "tidak memiliki tempat “31.99”"),
        ({"tempat": "31|31.71|31.72|31.73|31.74"}, "Paling banyak 4 tempat"),
        ({"dari": "2020-02-30"}, "tidak dapat dibaca"),
        ({"sampai": "kemarin"}, "tidak dapat dibaca"),
        ({"dari": "2020-02-02", "sampai": "2020-02-01"}, "setelah tanggal akhir"),
        ({"dari": "2027-02-02", "sampai": "2028-02-01"}, "belum terjadi"),
        ({"dari": "2026-11-22"}, "tengah malam. Pilih tanggal sebelum 22 November 2026"),
        ({"dari": "0001-01-01"}, "Tidak ada data tahun 1"),
        ({"sampai": "9999-12-31"}, "antara 1997 dan 2100"),
        ({"per": "abad"}, "Rentang “abad” tidak dikenal"),
        ({"per": "hari", "dari": "2010-01-01"}, "paling panjang 3 tahun"),
    ],
)
def test_what_cannot_be_answered_says_why(params, reason):
    with pytest.raises(SeriesError, match=reason):
        asked(**params)


def test_a_rule_that_changed_inside_the_span_is_marked():
    marks = series.marks(asked(dari="2016-01-01"))
    rules = [(mark.day, mark.kind) for mark in marks if mark.kind == "aturan"]
    assert (date(2019, 7, 1), "aturan") in rules
    assert marks == sorted(marks, key=lambda mark: (mark.day, mark.title))


def test_a_mark_at_the_edge_of_the_span_is_none():
    assert not series.marks(asked(dari="2019-07-01", sampai="2019-12-31"))


def test_ispu_marks_the_rule_that_brought_pm25_and_the_years_of_city_maxima():
    marks = series.marks(asked(seri="ispu-indeks", dari="2010-01-01"))
    assert date(2020, 7, 14) in [mark.day for mark in marks if mark.kind == "aturan"]
    assert date(2011, 1, 1) in [mark.day for mark in marks if mark.kind == "definisi"]


def test_a_renamed_category_is_marked_for_itself_only():
    def renamed(place):
        question = asked(seri="kategori-masuk", tempat=place)
        return [mark for mark in series.marks(question) if mark.kind == "definisi"]

    assert len(renamed("Gangguan dan Kebisingan")) == 1
    assert renamed("Jalan") == []


@pytest.mark.parametrize(
    ("bucket", "first", "after"),
    [
        ("day", date(2024, 2, 29), date(2024, 3, 1)),
        ("week", date(2024, 2, 26), date(2024, 3, 4)),
        ("month", date(2024, 2, 1), date(2024, 3, 1)),
        ("year", date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_spans_follow_the_calendar(bucket, first, after):
    assert series.first_bucket(date(2024, 2, 29), bucket) == first
    assert series.next_bucket(first, bucket) == after
