"""What the archive teaches about flood waves: windows that hold, and what followed a siaga."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from data import lags

HOUR = timedelta(hours=1)


def told(
    *hours: float, siaga: int = 4, year: int = 2025, simulated: bool = False
) -> dict[str, Any]:
    return {
        "upstream_id": "a",
        "downstream_id": "b",
        "siaga": siaga,
        "year": year,
        "simulated": simulated,
        "lags_s": sorted(3600 * hour for hour in hours),
    }


def test_fewer_than_ten_crests_teach_nothing() -> None:
    assert lags.learn([told(*[3.0] * 9)]) == {}
    assert lags.learn([told(*[3.0] * 10)])["a", "b", 4].crests == 10


def test_a_window_holds_nine_in_ten_of_the_crests_to_come() -> None:
    travel = lags.learn([told(*range(1, 20), simulated=True)])["a", "b", 4]
    assert (travel.fastest, travel.slowest) == (HOUR, 19 * HOUR)
    assert travel.simulated


@pytest.mark.parametrize("crests", [10, 14, 19, 40, 150])
def test_windows_of_few_crests_hold_as_well_as_those_of_many(crests: int) -> None:
    dice = np.random.default_rng(crests)
    inside = []
    for _ in range(600):
        *seen, next_one = dice.normal(6, 0.5, crests + 1)
        travel = lags.learn([told(*seen)])["a", "b", 4]
        inside.append(travel.fastest <= next_one * HOUR <= travel.slowest)
    assert 0.87 <= np.mean(inside) <= 0.93


def test_a_crest_is_told_by_those_of_its_siaga_and_where_they_are_few_by_the_nearest() -> None:
    rows = [
        told(1, siaga=1),
        told(*[2.0] * 9, siaga=2),
        told(*[3.0] * 11, siaga=3),
        told(*[4.0] * 30, siaga=4),
    ]
    found = lags.learn(rows)
    assert {siaga: found["a", "b", siaga].crests for siaga in (1, 2, 3, 4)} == {
        1: 10,
        2: 10,
        3: 11,
        4: 30,
    }


def test_windows_are_tried_on_the_years_after_those_they_were_learned_from() -> None:
    rows = [
        told(*np.linspace(5, 7, 19), year=2023),
        told(6, 6.5, 9, year=2024),
        told(6, siaga=1, year=2022),
    ]
    assert lags.tried(rows) == lags.Trial(crests=3, inside=2)
    assert lags.tried(rows[:1]) == lags.Trial(0, 0)


def record(times: int, followed: int, ahead_h: float | None) -> dict[str, Any]:
    return {
        "upstream_id": "a",
        "downstream_id": "b",
        "siaga": 3,
        "simulated": False,
        "times": times,
        "followed": followed,
        "ahead_h": ahead_h,
    }


def test_a_record_is_that_of_the_gauge_and_its_siaga_with_an_interval() -> None:
    rows = [record(41, 12, 8.4), record(3, 3, 1.0) | {"siaga": 1}]
    (found,) = lags.records(rows, "a", 3)
    assert (found.times, found.followed, found.ahead) == (41, 12, 8.4 * HOUR)
    assert found.low < 12 / 41 < found.high
    assert found.is_enough
    (few,) = lags.records(rows, "a", 1)
    assert not few.is_enough
    assert lags.records(rows, "b", 3) == []
