from __future__ import annotations

import csv

import pytest

from data.reference import FOLDER
from data.siaga import WORDS, siaga_label, siaga_level


@pytest.mark.parametrize(
    ("level_cm", "siaga"),
    [(749.9, 4), (750, 3), (849.9, 3), (850, 2), (949.9, 2), (950, 1), (5000, 1), (-60, 4)],
)
def test_a_level_that_reaches_a_bound_belongs_to_it(level_cm, siaga):
    assert siaga_level(level_cm, 750, 850, 950) == siaga


def test_bounds_may_lie_below_zero():
    assert [siaga_level(level, -50, 0, 45) for level in (-209, -50, -1, 0, 45)] == [4, 3, 3, 2, 1]


def test_a_bound_that_is_not_known_is_never_reached():
    assert siaga_level(900, 110, 200, None) == 2
    assert siaga_level(900, 110, None, 250) == 1
    assert siaga_level(900, 110, None, None) == 3


@pytest.mark.parametrize("level_cm", [None, float("nan")])
def test_without_a_level_there_is_no_siaga(level_cm):
    assert siaga_level(level_cm, 750, 850, 950) is None


def test_without_the_bound_of_siaga_3_nothing_is_said():
    assert siaga_level(500, None, None, None) is None
    assert siaga_level(500, None, 200, 300) is None


@pytest.mark.parametrize(
    ("label", "siaga"),
    [
        ("Status : Normal", 4),
        ("Status : Siaga 3", 3),
        ("Status : Siaga 2", 2),
        ("Status : Siaga 1", 1),
        ("SIAGA IV ", 4),
        ("SIAGA I", 1),
        ("siaga 3", 3),
        ("Waspada", 3),
        ("Kritis", 2),
        ("Awas", 1),
        ("Status : Siaga 5", None),
        ("Status : Siaga 3 dan 2", None),
        ("", None),
    ],
)
def test_labels_are_read_as_the_sources_write_them(label, siaga):
    assert siaga_label(label) == siaga


def test_the_words_are_those_of_the_reference_table():
    with (FOLDER / "siaga_owners.csv").open(encoding="utf-8", newline="") as file:
        assert {int(row["siaga"]): row["word"] for row in csv.DictReader(file)} == dict(WORDS)
