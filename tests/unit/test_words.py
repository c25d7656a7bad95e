from datetime import UTC, date, datetime, timedelta

import pytest

from data import words
from data.freshness import ORDER

MOMENT = datetime(2025, 3, 11, 20, 10, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1234.5, 1, "1.234,5"),
        (185_852, 0, "185.852"),
        (0, 0, "0"),
        (-195, 0, "−195"),
        (-0.04, 1, "0,0"),
        (1e6, 2, "1.000.000,00"),
    ],
)
def test_numbers_have_a_decimal_comma_and_thousands_points(value, decimals, text):
    assert words.number(value, decimals) == text


@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_is_unknown_is_a_dash_and_never_a_zero(value):
    assert words.number(value) == "–"
    assert words.quantity(None, "cm") == "–"
    assert words.percent(None) == "–"


def test_a_share_is_written_in_percent():
    assert words.percent(0.968) == "96,8 %"


def test_a_figure_and_its_unit_stay_on_one_line():
    assert words.quantity(680, "cm") == "680\N{NO-BREAK SPACE}cm"


def test_a_midnight_is_the_end_of_the_day_before_it():
    assert words.midnight(date(2025, 3, 1)) == "28 Februari 2025 pukul 24.00 WIB"


def test_moments_are_told_in_wib_whatever_zone_they_come_in():
    assert words.moment(MOMENT) == "Rabu, 12 Maret 2025 pukul 03.10 WIB"
    assert words.clock(MOMENT) == "03.10 WIB"
    assert words.clock(MOMENT, seconds=True) == "03.10.07 WIB"
    assert words.short_moment(MOMENT) == "12 Mar 2025 03.10"


def test_a_moment_counts_by_its_day_in_wib_and_a_date_by_itself():
    assert words.day(MOMENT) == "Rabu, 12 Maret 2025"
    assert words.day(date(2025, 8, 17), weekday=False) == "17 Agustus 2025"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 dtk"),
        (59, "59 dtk"),
        (60, "1 mnt"),
        (90 * 60, "90 mnt"),
        (2 * 3600, "2 jam"),
        (47 * 3600, "47 jam"),
        (48 * 3600, "2 hari"),
        (-5, "0 dtk"),
    ],
)
def test_spans_are_told_in_the_largest_unit_that_says_enough(seconds, text):
    assert words.duration(timedelta(seconds=seconds)) == text


def test_ages_count_back_from_now_and_the_future_is_just_now():
    assert words.age(MOMENT - timedelta(minutes=56), MOMENT) == "56 mnt lalu"
    assert words.age(MOMENT + timedelta(minutes=1), MOMENT) == "baru saja"
    assert words.age(None, MOMENT) == "–"


@pytest.mark.parametrize(
    ("count", "text"), [(None, "–"), (12, "12 B"), (2_048, "2,0 kB"), (3.5e6, "3,5 MB")]
)
def test_sizes_are_told_in_decimal_units(count, text):
    assert words.size(count) == text


def test_every_state_has_a_word():
    assert set(words.STATES) == set(ORDER)
