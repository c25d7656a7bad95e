"""Waves on rivers: crests in readings, published travel times, and windows of arrival."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data import reference, waves
from data.waves import Travel, Wave, Window

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
S3 = 80.0


def found(*levels: float, siaga3: float | None = S3) -> Wave | None:
    """Look for a wave in hourly readings that end now."""
    times = [NOW - HOUR * back for back in reversed(range(len(levels)))]
    return waves.find_wave(times, levels, siaga3)


def stretch(above: str, below: str, hours: str, slowest: str = "") -> dict[str, str]:
    return {"upstream_id": above, "downstream_id": below, "hours": hours, "slowest_hours": slowest}


def test_a_stretch_with_one_figure_is_as_uncertain_as_the_widest_account() -> None:
    times = waves.travel_times([stretch("a", "b", "9", "12"), stretch("c", "d", "3")])
    assert times["a", "b"] == Travel(9 * HOUR, 12 * HOUR)
    assert times["c", "d"] == Travel(3 * HOUR, 4 * HOUR)


def test_stretches_join_and_a_published_one_is_not_replaced() -> None:
    parts = [stretch("a", "b", "3"), stretch("b", "c", "6"), stretch("c", "d", "1")]
    times = waves.travel_times([*parts, stretch("a", "c", "8", "16")])
    assert times["a", "c"] == Travel(8 * HOUR, 16 * HOUR)
    assert times["b", "d"] == Travel(7 * HOUR, 14 * HOUR)
    assert times["a", "d"].fastest in (9 * HOUR, 10 * HOUR)


def test_the_way_from_katulampa_to_manggarai_is_the_published_range() -> None:
    times = waves.travel_times(reference.rows("river_travel_times"))
    assert times["katulampa", "manggarai"] == Travel(9 * HOUR, 12 * HOUR)
    assert times["katulampa", "depok"] == Travel(3 * HOUR, 4 * HOUR)


def test_no_stretches_are_no_times() -> None:
    assert waves.travel_times([]) == {}


def test_a_crest_that_has_passed_is_dated() -> None:
    assert found(20, 20, 60, 110, 111, 100, 70) == Wave(NOW - 2 * HOUR, 110, over=True)


def test_water_that_still_rises_has_no_crest_yet() -> None:
    assert found(20, 20, 60, 110, 140) == Wave(NOW, 140, over=False)


def test_a_rise_of_a_third_of_the_way_is_a_wave_before_siaga_3() -> None:
    assert found(20, 20, 25, 41) == Wave(NOW, 41, over=False)
    assert found(20, 20, 25, 35) is None


def test_scatter_at_the_crest_is_not_its_end() -> None:
    wave = found(20, 60, 100, 102, 101, 101)
    # No later crest than the highest so far is ruled out, and no earlier one claimed.
    assert wave == Wave(NOW - 2 * HOUR, 101, over=False)


def test_one_reading_that_stands_out_is_an_error() -> None:
    assert found(20, 20, 300, 20, 20) is None


def test_a_second_rise_is_a_new_wave() -> None:
    assert found(20, 60, 120, 110, 50, 60, 90) == Wave(NOW, 90, over=False)


def test_a_crest_before_the_first_reading_is_not_dated() -> None:
    assert found(150, 120, 90, 60) is None


def test_without_a_bound_or_with_too_few_readings_nothing_is_said() -> None:
    assert found(20, 60, 120, siaga3=None) is None
    assert found(20, 120) is None


@pytest.mark.parametrize("shift", [-200.0, 0.0, 700.0])
def test_the_zero_of_a_gauge_does_not_matter(shift: float) -> None:
    levels = [20, 20, 60, 110, 111, 100, 70]
    wave = found(*(level + shift for level in levels), siaga3=S3 + shift)
    assert wave == Wave(NOW - 2 * HOUR, 110 + shift, over=True)


TIMES = {
    ("a", "b"): Travel(3 * HOUR, 4 * HOUR),
    ("b", "c"): Travel(6 * HOUR, 8 * HOUR),
    ("a", "c"): Travel(9 * HOUR, 12 * HOUR),
}


def test_a_crest_opens_a_window_at_each_gauge_below() -> None:
    crest = NOW - HOUR
    windows = waves.arrivals({"a": Wave(crest, 200, over=True)}, TIMES, {}, NOW)
    assert windows == {
        "b": Window("a", crest + 3 * HOUR, crest + 4 * HOUR),
        "c": Window("a", crest + 9 * HOUR, crest + 12 * HOUR),
    }


def test_a_rise_opens_a_window_without_an_end() -> None:
    windows = waves.arrivals({"a": Wave(NOW, 200, over=False)}, TIMES, {}, NOW)
    assert windows["b"] == Window("a", NOW + 3 * HOUR, None)


def test_a_crest_tells_more_than_a_nearer_rise() -> None:
    crest = NOW - 2 * HOUR
    seen = {"a": Wave(crest, 200, over=True), "b": Wave(NOW, 150, over=False)}
    assert waves.arrivals(seen, TIMES, {}, NOW)["c"].origin == "a"


def test_the_nearest_crest_counts() -> None:
    seen = {
        "a": Wave(NOW - 5 * HOUR, 200, over=True),
        "b": Wave(NOW - HOUR, 150, over=True),
    }
    assert waves.arrivals(seen, TIMES, {}, NOW)["c"] == Window("b", NOW + 5 * HOUR, NOW + 7 * HOUR)


def test_a_window_that_has_closed_is_gone() -> None:
    windows = waves.arrivals({"a": Wave(NOW - 5 * HOUR, 200, over=True)}, TIMES, {}, NOW)
    assert set(windows) == {"c"}


def test_what_was_learned_for_the_siaga_of_a_crest_takes_the_place_of_what_is_published() -> None:
    learned = {("a", "b", 2): Travel(2 * HOUR, 3 * HOUR, crests=12)}
    grave, light = Wave(NOW, 200, over=True, siaga=2), Wave(NOW, 90, over=True, siaga=3)
    found = waves.arrivals({"a": grave}, TIMES, learned, NOW)["b"]
    assert found == Window("a", NOW + 2 * HOUR, NOW + 3 * HOUR, crests=12)
    assert waves.arrivals({"a": light}, TIMES, learned, NOW)["b"].crests is None


def test_a_wave_has_the_siaga_of_its_crest() -> None:
    row = {"station_id": "a", "river": "Kali", "siaga3_cm": 80, "siaga2_cm": 150, "siaga1_cm": 200}
    levels = (20, 90, 160, 160, 120, 60)
    points = [
        (NOW - HOUR * back, level) for back, level in zip(range(5, -1, -1), levels, strict=True)
    ]
    assert waves.waves_now([row], {"a": points})["a"].siaga == 2
