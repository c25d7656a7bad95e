"""How a soak is judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bench.soak import Sample, Soak, anchor_for, growth
from data.asof import WIB
from data.clock import Clock


def samples(heap: list[float], nodes: int = 1000) -> list[Sample]:
    return [Sample(at, mb, nodes, 300, 10, at) for at, mb in enumerate(heap)]


def test_growth_is_told_from_waves() -> None:
    waves = [20.0, 26.0, 21.0] * 5
    assert growth(waves) == 0
    assert Soak(samples(waves), loads=1).faults() == []
    leaking = [20.0 + at for at in range(15)]
    assert growth(leaking) == 10
    assert "the heap grew by 10.0 MB" in Soak(samples(leaking), loads=1).faults()[0]


def test_nodes_complaints_and_a_wall_that_stands_still_are_faults() -> None:
    swollen = [*samples([20.0] * 5), *samples([20.0] * 10, 1100)]
    (fault, still) = Soak(swollen, loads=1).faults()[0], Soak(samples([1.0, 1.0]), loads=1)
    assert "+10.0%" in fault
    assert still.faults() == []
    frozen = [Sample(at, 1.0, 10, 3, 1, 7) for at in range(4)]
    assert Soak(frozen, ["thrown: x"], loads=2).faults() == [
        "the page complained 1 times: thrown: x",
        "the page was loaded 2 times",
        "no panel was drawn: the wall stood still",
    ]


def test_a_soak_begins_just_after_the_planned_reload() -> None:
    real = datetime(2026, 2, 18, 9, 0, tzinfo=UTC)
    clock = Clock(anchor_for(real, 60), 60, lambda: real)
    begins = clock.now().astimezone(WIB)
    assert abs(begins - begins.replace(hour=4, minute=31, second=0)) < timedelta(seconds=1)
