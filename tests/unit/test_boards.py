"""A board made of counts: what is ranked, what is shown beside, and what rests on nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data import boards
from data.boards import Board, Question
from data.metrics import metrics, rules, rules_between

QUESTION = Question("kelurahan", date(2025, 11, 22), date(2026, 11, 21))
CUT = date(2026, 11, 22)
CIDENG, GAMBIR, PETOJO = "31.71.01.1002", "31.71.01.1001", "31.71.01.1003"
ISLAND = "31.01.01.1001"


def own(unit: str, n: int, on_time: int, expected: float = 0.9) -> dict[str, Any]:
    return {
        "unit": unit,
        "n": n,
        "on_time": on_time,
        "late": n - on_time,
        "overdue": 0,
        "expected": expected * n or None,
        "week_excess": 0.1 * n or None,
        "week_variance": expected * (1 - expected) * n or None,
        "week_square": float(n) or None,
        "received": n + 3,
        "running": 3,
        "unjudged": 0,
        "handed": n // 2,
        "simulated": True,
    }


def by_rule(unit: str, due: int, late: int) -> dict[str, Any]:
    return {
        "unit": unit,
        "received": due,
        "due": due,
        "finished": due,
        "on_time": due - late,
        "late": late,
        "open": 0,
        "late_here": 0,
        "reopened": 0,
        "simulated": True,
    }


def board(*scores: dict[str, Any], values: tuple[dict[str, Any], ...] = ()) -> Board:
    return boards.assembled(QUESTION, CUT, scores, values)


def test_the_islands_stand_beside_and_take_no_rank() -> None:
    found = board(own(GAMBIR, 500, 480), own(CIDENG, 500, 400), own(ISLAND, 500, 499))
    assert [unit.unit for unit in found.apart] == [ISLAND]
    assert {unit.rank for unit in found.ranked} == {1, 2}
    assert found.apart[0].rank is None
    assert found.city == pytest.approx(0.88)


def test_units_come_by_tier_and_then_by_name() -> None:
    found = board(own(PETOJO, 900, 880), own(GAMBIR, 900, 700), own(CIDENG, 900, 882))
    assert [(unit.name, unit.tier) for unit in found.units] == [
        ("Cideng", "lebih_baik"),
        ("Petojo Utara", "lebih_baik"),
        ("Gambir", "perlu_dibantu"),
    ]


def test_few_cases_are_not_ranked_whatever_they_show() -> None:
    found = board(own(GAMBIR, 19, 19), own(CIDENG, 400, 360))
    small = found.of(GAMBIR)
    assert small is not None
    assert (small.tier, small.rank_low, small.share) == ("belum_cukup_data", None, 1.0)


def test_a_unit_with_nothing_due_has_no_share() -> None:
    found = board(own(GAMBIR, 0, 0), own(CIDENG, 400, 360))
    idle = found.of(GAMBIR)
    assert idle is not None
    assert (idle.share, idle.expected, idle.rule_share, idle.tier) == (
        None,
        None,
        None,
        "belum_cukup_data",
    )


def test_an_area_whose_office_held_nothing_still_shows_what_the_rule_says() -> None:
    found = board(own(CIDENG, 400, 360), values=(by_rule(GAMBIR, 50, 5),))
    area = found.of(GAMBIR)
    assert area is not None
    assert (area.rule_due, area.rule_late, area.rule_share, area.n) == (50, 5, 0.9, 0)


def test_the_city_is_the_sum_of_the_ranked_units() -> None:
    scores = [own(GAMBIR, 321, 300), own(CIDENG, 123, 99), own(PETOJO, 77, 70)]
    found = board(*scores)
    total = sum(unit.n for unit in found.ranked)
    assert found.city == pytest.approx(sum(unit.on_time for unit in found.ranked) / total)


def test_without_rows_a_board_is_empty_and_says_nothing() -> None:
    found = board()
    assert (found.units, found.city, found.simulated, found.kappa) == ((), None, None, None)


def test_rules_follow_each_other_without_gap_or_overlap() -> None:
    for earlier, later in zip(rules(), rules()[1:], strict=False):
        assert earlier.valid_to is not None
        assert (later.valid_from - earlier.valid_to).days == 1
    assert rules()[-1].valid_to is None


def test_the_last_day_of_a_rule_belongs_to_it() -> None:
    found = rules_between(date(2025, 5, 27), date(2025, 5, 27))
    assert [rule.resolve_h for rule in found] == [168]
    assert [rule.resolve_h for rule in rules_between(date(2025, 5, 27), date(2025, 5, 28))] == [
        168,
        144,
    ]


def test_every_metric_tells_what_it_is_and_what_it_is_not() -> None:
    assert list(metrics()) == [*(f"M{number}" for number in range(1, 12)), "A1", "A2"]
    for metric in metrics().values():
        assert min(map(len, (metric.name, metric.definition, metric.unit, metric.guard))) > 0
