"""The methodology: what it says of the chosen board, and whose figures it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import dash
import orjson
import pandas as pd
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboards import method_figures
from data.metrics import metrics, rules
from data.proportions import funnel_limits
from data.recounts import Way, recount
from tests import boards

PANELS = ("text", "funnel", "units", "maturity", "formulas", "stability", "published", "proof")


@pytest.fixture(scope="module")
def program(make: Callable[[Path], Flask], tmp_path_factory: Any) -> tuple[Flask, dict]:
    home = tmp_path_factory.mktemp("methods")
    boards.ranked_lake(home)
    return make(home), dict(dash.page_registry)


@pytest.fixture
def client(program: tuple[Flask, dict], hands: object) -> FlaskClient:
    server, pages = program
    dash.page_registry.clear()
    dash.page_registry.update(pages)
    next(iter(server.extensions["cache"])).clear()
    client = server.test_client()
    client.set_cookie("peran", "camat")
    return client


def words_of(answer: Any) -> str:
    """Return what a reader reads of a panel, of HTML or of Dash's JSON."""
    assert answer.status_code == 200
    if answer.mimetype == "application/json":
        return " ".join(texts(orjson.loads(answer.data)))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def texts(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, list):
        return [text for child in node for text in texts(child)]
    if isinstance(node, dict) and "props" in node:
        return texts(node["props"].get("children"))
    return []


@pytest.mark.parametrize("name", PANELS)
@pytest.mark.parametrize("query", ["", "tingkat=pd", "tingkat=kota&sejak=2026-01-01&utm=1"])
def test_every_part_answers_for_every_board(client, name, query):
    assert words_of(client.get(f"/panel/method-{name}?{query}"))


@pytest.mark.parametrize("name", ["text", "funnel", "stability", "proof"])
@pytest.mark.parametrize(
    "query",
    ["tingkat=planet", "sejak=kemarin", "sejak=2026-03-01&sampai=2026-02-01", "kategori=Naga"],
)
def test_a_board_that_cannot_be_asked_for_is_told_in_words(client, name, query):
    told = words_of(client.get(f"/panel/method-{name}?{query}"))
    assert "Metodologi dengan periode bawaan" in told


def test_the_public_has_no_way_in(client):
    client.set_cookie("peran", "publik")
    assert client.get("/peringkat/metodologi").status_code == 403
    assert client.get("/panel/method-text").status_code == 403


def test_every_definition_comes_from_the_registry(client):
    told = words_of(client.get("/panel/method-metrics"))
    for metric in metrics().values():
        assert metric.name in told
        assert metric.guard in told.replace("&amp;", "&")


def test_the_rules_are_told_with_their_days_and_the_one_that_judges_is_marked(client):
    told = words_of(client.get("/panel/method-text"))
    assert "28 Mei 2025 – sekarang" in told
    assert told.count("menilai periode ini") == 2, "2025 and the rule before it judge this year"
    assert "1 Januari 2018 – 30 Juni 2019" in told


def test_the_proof_carries_the_fingerprint_of_the_file_of_the_ranking(client):
    told = words_of(client.get("/panel/method-proof"))
    (mark,) = re.findall(r"\b[0-9a-f]{64}\b", told)
    text = client.get("/peringkat/unduh.csv").text
    assert mark in text


@pytest.mark.parametrize("part", ["maturity", "formulas"])
def test_the_first_span_says_from_which_day_on_it_counts(client, part):
    told = words_of(client.get(f"/panel/method-{part}"))
    assert "Semua laporan tercatat sejak 2 Desember 2025" in told


def test_the_funnel_places_every_ranked_unit_and_no_island(client):
    rows = client.get("/panel/method-funnel/data.csv").text
    assert "Gambir" in rows
    assert "Pulau Pari" not in rows


def test_the_past_knows_only_what_had_been_published(client):
    told = words_of(client.get("/panel/method-published?pada=2023-06-01T10:00"))
    assert "2022" in told
    assert "2024" not in told


def standing(name: str, n: int, share: float, expected: float = 0.9) -> Any:
    return boards.standing(
        unit=name, name=name, n=n, share=share, expected=expected, n_eff=float(n)
    )


def test_the_funnel_marks_who_differs_more_than_chance_would_have_it():
    board = boards.board(
        standing("inside", 400, 0.9),
        standing("warning", 400, 0.9 - 2.5 * 0.015),
        standing("action", 400, 0.8),
        standing("few", 5, 0.6),
        city=0.9,
    )
    placed, dispersion = method_figures.funnel(board)
    assert dispersion == 1.0
    assert {one.unit.name: one.beyond for one in placed} == {
        "inside": "",
        "warning": "warning",
        "action": "action",
        "few": "",
    }


def test_a_unit_with_harder_cases_is_placed_by_the_mix_of_the_city():
    board = boards.board(standing("hard", 400, 0.8, expected=0.8), city=0.9)
    (placed,), _ = method_figures.funnel(board)
    assert placed.share == pytest.approx(0.9)
    assert placed.beyond == ""


def test_complaints_that_share_their_fate_widen_the_funnel():
    unit = boards.standing(n=400, share=0.86, expected=0.9, n_eff=100.0)
    (placed,), dispersion = method_figures.funnel(boards.board(unit, city=0.9))
    assert dispersion == 4.0
    alone = funnel_limits(0.9, [400.0], 1.0)["warning_low"][0]
    assert placed.share < alone
    assert placed.beyond == ""


def month(**changes: int) -> dict[str, Any]:
    row = {"month": date(2026, 1, 1), "on_time": 0, "late": 0, "overdue": 0, "pending": 0}
    return row | {"early": 0, "unjudged": 0, "simulated": True} | changes


def test_the_three_formulas_part_in_the_newest_month_and_meet_in_old_ones():
    newest = method_figures.formulas(month(on_time=30, early=30, pending=70))
    assert (newest.of_closed, newest.of_received, newest.of_due) == (1.0, 0.3, None)
    old = method_figures.formulas(month(on_time=80, late=15, overdue=5))
    assert old.of_received == old.of_due == 0.8
    assert old.of_closed == pytest.approx(80 / 95)


def hours(*found: tuple[bool, int, int], quarter: date = date(2026, 1, 1)) -> list[dict[str, Any]]:
    return [
        {"quarter": quarter, "finished": finished, "hours": h, "n": n, "simulated": True}
        for finished, h, n in found
    ]


def test_a_cohort_counts_what_is_open_and_leaves_out_what_runs_backwards():
    found, backwards = method_figures.cohorts(
        hours((True, 20, 60), (False, 200, 40), (True, -5, 3))
    )
    (cohort,) = found
    assert (cohort.name, backwards) == ("Triwulan I 2026", 3)
    assert cohort.maturity.n == 100
    assert cohort.maturity.curve["share"].loc[1] == pytest.approx(0.6)
    assert cohort.maturity.curve["share"].loc[8] == pytest.approx(0.6)
    assert pd.isna(cohort.maturity.curve["share"].loc[9]), "nobody is that old yet"


def test_ghosts_are_only_of_periods_that_had_ended():
    assert [period for period, _ in method_figures.ghosts(date(2023, 1, 15))] == ["2020", "2021"]
    assert method_figures.ghosts(date(2025, 6, 1))[-1] == ("2024", 0.968)


def year(count: int, finished: int, category: str = "Sampah", at: int = 2020) -> list[dict]:
    return [
        {
            "month": date(at, number, 1),
            "category": category,
            "received": count if number == 1 else 0,
            "finished": finished if number == 1 else 0,
            "by_then": 0,
            "simulated": True,
        }
        for number in range(1, 13)
    ]


def test_what_was_published_stands_beside_what_is_counted():
    rows = year(137_776 - 14_494, 137_574 - 14_400, "Jalan") + year(14_494, 14_400)
    found = method_figures.published(rows, date(2026, 1, 1))
    told = {(one.period, one.what): one for one in found}
    total, finished = told["2020", "Masuk"], told["2020", "Selesai"]
    assert (total.published, total.counted, total.difference) == (137_776, 137_776, 0)
    assert finished.counted == 137_574
    assert finished.share == pytest.approx(0.9985)
    assert finished.counted_share == pytest.approx(0.9985, abs=5e-5)
    assert told["2020", "Masuk: Sampah"].difference == 0
    assert told["2020", "Masuk: Pohon"].counted is None, "not there under this name"
    assert told["2021", "Masuk"].counted is None, "a year that the lake does not hold"


def test_a_category_is_compared_by_whatever_name_it_was_published():
    called = "Fasilitas Sosial/Fasilitas Umum (Fasos/Fasum)"
    rows = [one | {"month": date(2023, 1, 1)} for one in year(930, 900, called)[:1]]
    found = method_figures.published(rows, date(2026, 1, 1))
    told = {(one.period, one.what): one for one in found}
    assert told["2023-01", "Masuk: Fasos/Fasum"].difference == 0


def test_a_year_of_which_a_month_is_missing_is_not_compared():
    found = method_figures.published(year(1_000, 900)[:11], date(2026, 1, 1))
    assert all(one.counted is None for one in found)


def stints(*units: tuple[str, int, int, bool, int]) -> pd.DataFrame:
    """Return stints of (unit, n, late, by who sent many, days before the cut)."""
    rows = []
    for unit, n, late, many, day in units:
        for number in range(n):
            base = {"unit": unit, "kind": 1, "category": 1, "due": True, "many": many, "day": day}
            base |= {"age_h": 24.0 * day}
            held = 200.0 if number < late else 10.0
            rows.append(base | {"begins": True, "handed": None, "held_h": None, "on_time": None})
            rows.append(
                base | {"begins": False, "handed": False, "held_h": held, "on_time": held <= 144}
            )
    return pd.DataFrame(rows)


def test_a_recount_says_who_leaves_the_top_and_how_far_units_move():
    city = [(f"31.71.01.{1000 + number}", 100, 5 + number, False, 60) for number in range(10)]
    # The first is on top by what came in the last week alone, the second by one busy reporter.
    found = recount(
        stints(*city, ("31.71.02.1001", 25, 9, False, 60), ("31.71.02.1001", 300, 0, False, 3)),
        {"week": Way(last_days=7), "as usual": Way()},
        kappa=50.0,
        apart="31.01",
    )
    assert (found["as usual"].top, found["as usual"].left, found["as usual"].moved) == (1, (), 0)
    assert found["week"].left == ("31.71.02.1001",)
    assert found["week"].stayed == 0
    assert found["week"].farthest == 10
    assert found["week"].counted == 1_025


def test_a_recount_by_another_rule_and_without_busy_reporters():
    data = stints(
        ("31.71.01.1001", 50, 10, False, 60),
        ("31.71.01.1002", 50, 5, False, 60),
        ("31.71.01.1002", 50, 45, True, 60),
    )
    found = recount(
        data,
        {"2018": Way(rule=rules()[0]), "calm": Way(without_many=True)},
        kappa=10.0,
        apart="31.01",
    )
    assert found["calm"].counted == 100
    assert found["calm"].left == ("31.71.01.1001",)
    assert found["2018"].left == (), "10 hours are in time by the rule of 2018 too"


def test_islands_and_empty_boards_are_recounted_to_nothing():
    found = recount(
        stints(("31.01.01.1001", 30, 0, False, 60)), {"a": Way()}, kappa=5.0, apart="31.01"
    )
    assert (found["a"].top, found["a"].moved, found["a"].counted) == (0, None, 0)
