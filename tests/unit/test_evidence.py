"""Evidence is judged against chance and the rest of the city, and told with its limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from data.evidence import Signal, findings, judged, lookalikes, near_pairs, score, signals

START = datetime(2026, 1, 5, tzinfo=UTC)


def row(unit: str, cases: int, n: int = 100, weight: float | None = None) -> dict[str, object]:
    return {
        "unit": unit,
        "n": n,
        "weight": float(n) if weight is None else weight,
        "complaint_ids": [f"{unit}-{number}" for number in range(cases)] or None,
        "against": [""] * cases or None,
        "measures": [1.0] * cases or None,
        "simulated": True,
    }


@pytest.fixture
def signal() -> Signal:
    return signals()["recomplaint"]


def honest(count: int, rate: float = 0.05, n: int = 100, seed: int = 7) -> list[dict[str, object]]:
    cases = np.random.default_rng(seed).poisson(rate * n, count)
    return [row(f"unit {number}", int(one), n) for number, one in enumerate(cases)]


def test_an_office_far_above_the_city_is_pointed_out_and_the_others_are_not(signal):
    found = findings(signal, [*honest(200), row("lain", 30)])

    assert [one.unit for one in found] == ["lain"]
    assert found[0].cases == 30
    assert found[0].usual == pytest.approx(5, rel=0.15)
    assert found[0].q < 0.01
    assert found[0].told == {"simulated": True}


def test_chance_alone_points_out_hardly_anybody(signal):
    wrong = [len(findings(signal, honest(300, seed=seed))) for seed in range(40)]

    assert sum(count > 0 for count in wrong) <= 2


def test_offices_that_differ_by_more_than_chance_are_not_pointed_out_for_that(signal):
    random = np.random.default_rng(3)
    rates = random.gamma(4, 0.05 / 4, 300)
    rows = [
        row(f"unit {number}", int(random.poisson(rate * 400)), 400)
        for number, rate in enumerate(rates)
    ]

    assert len(findings(signal, rows)) <= 2


def test_few_cases_are_never_enough(signal):
    rows = [row(f"unit {number}", 0) for number in range(300)] + [row("lain", signal.at_least - 1)]

    assert findings(signal, rows) == []


def test_who_works_as_much_as_ten_may_have_ten_times_the_cases(signal):
    assert findings(signal, [*honest(200), row("besar", 50, 1000)]) == []


def test_a_large_office_a_little_above_the_city_is_not_pointed_out_however_sure_that_is(signal):
    rows = [row(f"unit {number}", 500, 10_000) for number in range(200)]

    assert findings(signal, [*rows, row("besar", 900, 10_000)]) == []
    assert len(findings(signal, [*rows, row("besar", 1_100, 10_000)])) == 1


def test_cheaters_do_not_hide_each_other(signal):
    found = findings(signal, [*honest(190), *(row(f"lain {number}", 40) for number in range(10))])

    assert {one.unit for one in found} == {f"lain {number}" for number in range(10)}


def test_what_the_whole_city_does_wrong_does_not_become_usual():
    cases, weight = np.full(6, 30), np.full(6, 100.0)

    usual, q = judged(cases, weight, most_usual=0.01)

    assert usual == pytest.approx(np.full(6, 1.0))
    assert (q < 0.001).all()


@pytest.mark.parametrize("rows", [[], [row("satu", 0)], [row("satu", 0, 0)], [row("satu", 9, 9)]])
def test_a_city_with_nothing_to_compare_is_an_answer(signal, rows):
    found = findings(signal, rows)

    assert all(np.isfinite(one.usual) and one.q <= 1 for one in found)


def test_the_order_and_the_names_of_units_change_nothing(signal):
    rows = [*honest(100), row("lain", 30), row("lagi", 25)]

    there, back = findings(signal, rows), findings(signal, rows[::-1])

    assert [(one.unit, round(one.q, 12)) for one in there] == [
        (one.unit, round(one.q, 12)) for one in back
    ]


def photos(*hashes: str, days: tuple[int, ...] = (), incidents: tuple[str, ...] = ()) -> object:
    ids = [f"JK{number}" for number in range(len(hashes))]
    return {
        "unit": "KELURAHAN CONTOH",
        "complaint_ids": ids,
        "phashes": list(hashes),
        "incidents": list(incidents) or ids,
        "finished": [START + timedelta(days=day) for day in days or range(len(hashes))],
        "simulated": True,
    }


def alike(*args: str, **how: object) -> list[tuple[str, str, float]]:
    [told] = lookalikes(signals()["photo"], [photos(*args, **how)])
    return list(zip(told["complaint_ids"], told["against"], told["measures"], strict=True))


def test_a_photo_six_bits_from_an_earlier_one_is_alike_and_seven_is_not():
    assert alike("0" * 16, "000000000000003f") == [("JK1", "JK0", 6.0)]
    assert alike("0" * 16, "000000000000007f") == []


def test_of_several_earlier_photos_the_most_alike_is_told():
    assert alike("0" * 16, "0" * 15 + "1", "0" * 15 + "3")[0] == ("JK2", "JK1", 1.0)


def test_photos_of_one_incident_may_be_the_same():
    assert alike("0" * 16, "0" * 16, incidents=("JK0", "JK0")) == []


def test_a_photo_of_more_than_ninety_days_ago_is_not_compared():
    assert len(alike("0" * 16, "0" * 16, days=(0, 90))) == 1
    assert alike("0" * 16, "0" * 16, days=(0, 91)) == []


def test_near_pairs_are_those_that_comparing_one_by_one_finds():
    random = np.random.default_rng(5)
    base = random.integers(0, 2**64, 40, dtype=np.uint64)
    flips = [np.uint64(sum(1 << int(bit) for bit in random.choice(64, 5, False))) for _ in base]
    hashes = [f"{one:016x}" for one in [*base, *(b ^ f for b, f in zip(base, flips, strict=True))]]
    hashes *= 10
    numbers = [int(one, 16) for one in hashes]
    expected = {
        (i, j)
        for i in range(len(numbers))
        for j in range(i)
        if (numbers[i] ^ numbers[j]).bit_count() <= 6
    }

    found = {
        pair
        for later, earlier, _ in near_pairs(hashes, 6)
        for pair in zip(later.tolist(), earlier.tolist(), strict=True)
    }

    assert found == expected


@pytest.mark.parametrize(
    ("found", "planted", "expected"),
    [
        ("abc", "abcd", (1.0, 0.75)),
        ("abcd", "ab", (0.5, 1.0)),
        ("", "ab", (1.0, 0.0)),
        ("a", "", (0.0, 1.0)),
        ("", "", (1.0, 1.0)),
    ],
)
def test_precision_and_recall_are_shares_of_the_found_and_of_the_planted(found, planted, expected):
    assert score(set(found), set(planted)) == expected


def test_each_signal_says_why_it_may_mean_something_and_why_not():
    assert list(signals()) == [
        "recomplaint",
        "fast",
        "photo",
        "cutoff",
        "reporter",
        "contradiction",
        "jam",
    ]
    for one in signals().values():
        assert one.meaning
        assert one.caveat
        assert one.seen.format(cases="3", n="40", usual="1")
        assert one.precision >= 0.8
        assert one.recall >= 0.9
        assert "simulasi" in one.measured_on


def test_no_word_of_a_signal_accuses():
    told = " ".join(
        f"{one.name} {one.seen} {one.meaning} {one.caveat}" for one in signals().values()
    ).lower()

    assert not any(word in told for word in ("curang", "palsu", "bohong", "bukti", "pelanggar"))
