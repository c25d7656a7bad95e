import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ispu import category, ispu
from data.reference import rows

FACTS = Path(__file__).parents[3] / "shared/facts/ispu_breakpoints.csv"
INDICES = {"i0_50": 50, "i51_100": 100, "i101_200": 200, "i201_300": 300, "i_over_300_ref": 500}
POLLUTANTS = [row["pollutant"] for row in rows("ispu_breakpoints")]


@pytest.mark.parametrize("row", rows("ispu_breakpoints"), ids=lambda row: row["pollutant"])
def test_the_index_is_exact_at_every_breakpoint(row):
    assert ispu(row["pollutant"], 0) == 0
    for column, index in INDICES.items():
        assert ispu(row["pollutant"], float(row[column])) == index


@pytest.mark.parametrize("row", rows("ispu_breakpoints"), ids=lambda row: row["pollutant"])
def test_the_index_does_not_jump_at_a_breakpoint(row):
    for column, index in INDICES.items():
        edge = float(row[column])
        for beside in (math.nextafter(edge, 0), math.nextafter(edge, math.inf)):
            assert ispu(row["pollutant"], beside) == pytest.approx(index, abs=1e-6)


def test_the_index_lies_on_the_line_between_two_breakpoints():
    assert ispu("pm10", 100) == 75
    assert ispu("pm25", 7.75) == 25
    assert ispu("pm25", 35.45) == pytest.approx(75)
    assert ispu("co", 11_500) == 150


@pytest.mark.skipif(not FACTS.exists(), reason="../shared with the published breakpoints is absent")
def test_the_breakpoints_are_those_of_the_facts():
    with FACTS.open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [dict(row) for row in rows("ispu_breakpoints")]


@given(st.sampled_from(POLLUTANTS), st.floats(0, 60_000), st.floats(0, 1))
def test_the_index_never_leaps(pollutant, concentration, step):
    [row] = [row for row in rows("ispu_breakpoints") if row["pollutant"] == pollutant]
    edges = [0.0, *(float(row[column]) for column in INDICES)]
    indices = [0, *INDICES.values()]
    steepest = max(
        (high - low) / (to - at)
        for at, to, low, high in zip(edges, edges[1:], indices, indices[1:], strict=False)
    )
    risen = ispu(pollutant, concentration + step) - ispu(pollutant, concentration)
    assert 0 <= risen <= steepest * step + 1e-6


@given(st.sampled_from(POLLUTANTS), st.integers(0, 4), st.floats(0, 1))
def test_between_two_breakpoints_the_index_is_their_share(pollutant, span, share):
    [row] = [row for row in rows("ispu_breakpoints") if row["pollutant"] == pollutant]
    edges = [0.0, *(float(row[column]) for column in INDICES)]
    indices = [0, *INDICES.values()]
    concentration = edges[span] + share * (edges[span + 1] - edges[span])
    expected = indices[span] + share * (indices[span + 1] - indices[span])
    assert ispu(pollutant, concentration) == pytest.approx(expected, abs=1e-6)


def test_the_last_line_goes_on_beyond_500():
    assert ispu("pm10", 500 + 80) == 700


@given(
    st.sampled_from(POLLUTANTS),
    st.floats(0, 100_000),
    st.floats(0, 100_000),
)
def test_more_pollution_never_has_a_lower_index(pollutant, one, other):
    low, high = sorted((one, other))
    assert ispu(pollutant, low) <= ispu(pollutant, high)


@pytest.mark.parametrize("name", ["pm25", "PM2.5", "PM2,5", "PM25"])
def test_every_spelling_of_a_pollutant_is_known(name):
    assert ispu(name, 15.5) == 50


def test_what_has_no_index_is_none():
    assert ispu("temperature", 30) is None
    assert ispu("pm25", -0.1) is None
    assert ispu("pm25", math.nan) is None
    assert ispu("pm25", math.inf) is None


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (0, "Baik"),
        (50, "Baik"),
        (50.49, "Baik"),
        (50.5, "Sedang"),
        (51, "Sedang"),
        (100, "Sedang"),
        (101, "Tidak Sehat"),
        (200, "Tidak Sehat"),
        (201, "Sangat Tidak Sehat"),
        (300, "Sangat Tidak Sehat"),
        (301, "Berbahaya"),
        (5_000, "Berbahaya"),
    ],
)
def test_the_category_is_that_of_the_index_as_published(index, name):
    assert category(index) == name


@pytest.mark.parametrize("index", [-1, math.nan, math.inf])
def test_an_index_that_cannot_be_has_no_category(index):
    with pytest.raises(ValueError, match="zero or more"):
        category(index)
