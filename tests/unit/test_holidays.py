"""The holidays of eleven years, and which of them the city rests on."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from data import reference
from data.holidays import days_off, quiet_days


@pytest.mark.parametrize(
    "day",
    [
        date(2016, 2, 8),  # Imlek
        date(2020, 12, 31),  # leave moved there from Idul Fitri
        date(2024, 2, 14),  # elections
        date(2025, 4, 7),  # joint leave beyond the days around Idul Fitri
        date(2026, 8, 17),
    ],
)
def test_offices_are_closed_on_holidays_and_joint_leave(day):
    assert day in days_off()
    assert day not in quiet_days()


def test_the_city_rests_four_days_before_and_after_idul_fitri():
    around = {date(2026, 3, 21) + timedelta(days=number) for number in range(-4, 5)}
    assert around == {day for day in quiet_days() if day.year == 2026}
    assert quiet_days() < days_off()


def test_every_year_has_its_holidays_and_no_day_stands_twice():
    days = [row["date"] for row in reference.rows("holidays")]
    assert days == sorted(set(days))
    assert min(Counter(day[:4] for day in days).values()) >= 13
    assert {day[:4] for day in days} == {str(year) for year in range(2016, 2027)}
