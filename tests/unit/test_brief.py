"""How a brief writes numbers and judges what is usual."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.ringkasan_sheet import SHAPES
from data import reference
from data.brief import alarms, figures, performance, prose
from data.brief.asking import questions, rules, templates
from data.brief.limits import Usual, usual
from data.tables import SEVERITIES
from tests import boards
from tests.brief_rules import wrong_numbers, wrong_prose

FINITE = st.floats(-1e9, 1e9, allow_nan=False)


@given(FINITE, st.integers(0, 2))
def test_differences_are_written_with_sign_comma_and_points(value, decimals):
    text = prose.signed(value, decimals)
    assert wrong_numbers(f"{text} cm") == []
    assert float(text.replace(".", "").replace(",", ".").replace("−", "-")) == pytest.approx(
        value, abs=0.51 * 10**-decimals
    )


@given(st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_ages_are_words_and_numbers(length):
    assert re.fullmatch(r"[\d.]+ (menit|jam|hari)", prose.span(length))
    assert wrong_prose(f"{prose.span(length)} lalu") == []


@given(
    st.timedeltas(timedelta(0), timedelta(days=7000)),
    st.timedeltas(timedelta(0), timedelta(days=3)),
)
def test_a_time_names_its_day_where_it_is_not_that_of_the_brief(since, earlier):
    cut = datetime(2015, 1, 1, tzinfo=UTC) + since
    text = prose.clock(cut - earlier, cut)
    assert wrong_prose(text) == []
    assert text.startswith("pukul") == (
        (cut - earlier + timedelta(hours=7)).date() == (cut + timedelta(hours=7)).date()
    )


@pytest.mark.parametrize(
    ("low", "high", "mass", "told"),
    [
        (7, 21, 0.91, "Gambir (7–21 dari 42)"),
        (7, 21, None, "Gambir (7–21 dari 42)"),
        (1, 1, 0.95, "Gambir (1 dari 42, peluang 95 persen)"),
        (1, 2, 0.999, "Gambir (1–2 dari 42, peluang di atas 99 persen)"),
        (None, None, None, "Gambir"),
    ],
)
def test_a_rank_interval_tells_its_probability_where_that_is_not_about_90(low, high, mass, told):
    unit = boards.standing(rank_low=low, rank_high=high, rank_mass=mass)
    assert performance.named(unit, 42) == told


def test_within_a_sentence_only_abbreviations_keep_their_capital():
    assert prose.lowered("Pos pada Siaga 3") == "pos pada Siaga 3"
    assert prose.lowered("RT tergenang") == "RT tergenang"


@given(st.lists(st.text("abc", min_size=1), min_size=1), st.integers(1, 5))
def test_a_list_names_some_and_counts_the_rest(names, most):
    text = prose.listed(names, most)
    rest = len(names) - most
    assert text.endswith(f"dan {rest} lainnya") if rest > 0 else text.count("lainnya") == 0


@given(
    st.floats(0, 1e6),
    st.floats(0.1, 1e6),
    st.sampled_from([True, False, None]),
    st.booleans(),
)
def test_a_figure_rises_or_falls_only_outside_its_limits(now, then, outside, relative):
    text = figures.difference(now, then, outside, relative, "pos")
    assert wrong_numbers(text) == []
    assert bool(re.search("meningkat|menurun", text)) == (outside is True)
    assert text.startswith("relatif tetap") == (outside is False)


def test_one_flood_night_neither_moves_the_middle_nor_widens_the_limits():
    calm = [10.0, 11.0, 9.0, 10.0, 12.0, 10.0, 9.0, 11.0, 10.0, 10.0, 9.0, 11.0, 10.0, 12.0]
    flooded = [*calm[:-1], 300.0]
    before = usual(calm, least=14, sigmas=3)
    after = usual(flooded, least=14, sigmas=3)
    assert before is not None
    assert after is not None
    assert after.middle == before.middle
    assert after.spread == pytest.approx(before.spread, rel=0.5)
    assert after.is_outside(300.0)
    assert not after.is_outside(12.0)


def test_what_is_told_of_too_few_days_is_not_judged():
    assert usual([1.0] * 13 + [None] * 15, least=14, sigmas=3) is None
    assert usual([1.0] * 14 + [None] * 14, least=14, sigmas=3) == Usual(1.0, 0.0, 3)


def test_within_three_sigmas_a_steady_figure_is_hardly_ever_flagged():
    # 28 draws leave the spread uncertain, so more than the 3 in a thousand of known limits.
    draw = random.Random(31)
    flags = 0
    for _ in range(2000):
        values = [draw.gauss(100, 10) for _ in range(29)]
        limits = usual(values[:-1], least=14, sigmas=3)
        assert limits is not None
        flags += limits.is_outside(values[-1])
    assert flags < 40


def test_a_difference_between_two_days_has_the_spread_of_both():
    limits = Usual(100.0, 10.0, 3)
    assert limits.is_outside(131.0)
    assert not limits.differs(131.0, 100.0)
    assert limits.differs(143.0, 100.0)


def test_every_template_names_what_depends_on_it_and_keeps_the_word_rules():
    for template in templates().values():
        plain = re.sub(r"\{\w+\}", "x", template.text)
        assert template.missing
        assert wrong_prose(plain.replace("pukul x", "x")) == [], template.id
        assert not re.search(r"\b(meningkat|menurun)\b", template.text)
        assert template.link.startswith("/")


def test_every_rule_is_a_number_with_a_meaning_and_a_source():
    assert all(value >= 0 for value in rules().values())
    assert all(row["meaning"] and row["source"] for row in reference.rows("brief_rules"))


def test_every_question_names_a_page_to_see_its_answer_on():
    assert all(
        question.page.startswith("/") and question.title for question in questions().values()
    )


def test_every_severity_has_a_mark_of_its_own_and_only_siaga_has_those_of_siaga() -> None:
    marks = {severity: SHAPES[alarms.LEVELS[severity]] for severity in SEVERITIES}
    assert len(set(marks.values())) == len(SEVERITIES)
    siaga = {SHAPES[level] for level in range(1, 5)}
    assert {name for name, mark in marks.items() if mark in siaga} == {
        name for name in SEVERITIES if name.startswith("siaga")
    }
