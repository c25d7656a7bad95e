"""Evidence cards: the registry, gaps of social aid, and how closely kelurahan go together."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import card_aid, card_air, card_floods, card_places, cards, uploads
from data.cards import CardError
from data.tables import TABLES
from data.uploads import Upload

CUT = date(2026, 3, 11)
GAMBIR, KEBON = "31.71.01.1001", "31.73.05.1001"
PILLARS = {"Tata Kelola", "Masyarakat", "Kehidupan", "Mobilitas", "Ekonomi", "Lingkungan"}


def upload(values, **changes):
    told = {
        "id": 1,
        "kind": "bansos",
        "values": MappingProxyType(values),
        "source": "Dinas Contoh",
        "dated": date(2026, 1, 31),
        "simulated": False,
        "role": "operator",
        "at": datetime(2026, 2, 1, tzinfo=UTC),
        "sha256": "0" * 64,
        "name_sha256": "0" * 64,
    }
    return Upload(**told | changes)


@pytest.mark.parametrize("card", cards.registry().values(), ids=lambda card: card.id)
def test_every_card_names_its_pillars_inputs_and_what_it_does_not_tell(card):
    assert set(card.pillars) <= PILLARS
    assert set(card.tables) <= TABLES.keys()
    assert set(card.uploads) <= uploads.kinds().keys()
    assert card.tables or card.uploads
    assert card.caveats
    assert card.definition
    assert card.question.endswith("?")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"dari": "2026-13-01"}, "tidak dapat dibaca"),
        ({"dari": "2026-03-01"}, "paling pendek 60 hari"),
        ({"dari": "2025-06-01", "sampai": "2025-01-01"}, "Tukar keduanya"),
        ({"dari": "2027-01-01", "sampai": "2027-06-01"}, "belum terjadi"),
        ({"dari": "1990-01-01"}, "sebelum 2010"),
        ({"sampai": "0001-01-01"}, "sebelum 2010"),
    ],
)
def test_a_span_that_cannot_be_says_why(params, said):
    with pytest.raises(CardError, match=said):
        cards.read_span(params, CUT)


def test_a_span_ends_where_the_day_is_over():
    span = cards.read_span({"dari": "2025-01-01", "sampai": "9999-12-31"}, CUT)
    assert (span.until, span.last) == (CUT, date(2026, 3, 10))


@pytest.mark.parametrize(
    "params",
    [{"stasiun": "X"}, {"koridor": "X"}, {"jeda": "9"}, {"jeda": "x"}, {"tanda": "2020-01-01"}],
)
def test_an_unknown_choice_of_air_and_congestion_is_refused(params):
    with pytest.raises(CardError):
        card_air.read_question(params, CUT, "31")


@pytest.mark.parametrize("params", [{"tingkat": "rw"}, {"ambang": "26"}, {"ambang": "-1"}])
def test_an_unknown_choice_of_floods_is_refused(params):
    with pytest.raises(CardError):
        card_floods.read_question(params, CUT, "31")


def test_corridors_are_those_of_the_kota_that_the_page_is_about():
    assert card_air.read_question({}, CUT, "31.71.01.1001").corridor == "31.71"
    assert card_air.read_question({}, CUT, "31").corridor == "31"


def test_every_rule_that_can_be_chosen_has_a_day_and_a_source():
    assert card_air.marks()
    assert all(mark.source and mark.day < CUT for mark in card_air.marks())


def test_a_before_and_after_reaches_into_no_other_rule():
    days = [mark.day for mark in card_air.marks()]
    for mark in card_air.marks():
        span = card_air._around(mark, CUT)
        assert not any(span.since < day < span.until for day in days if day != mark.day)
        assert span.since < mark.day < span.until <= CUT


def aid(values, **params):
    return card_aid.answer(upload(values), card_aid.read_question(params, "31"))


def test_what_is_beyond_need_covers_no_other_lack():
    answer = aid(
        {
            GAMBIR: {"penerima": 120.0, "kebutuhan": 100.0},
            KEBON: {"penerima": 50.0, "kebutuhan": 80.0},
        }
    )
    assert (answer.total.inclusion, answer.total.exclusion) == (20, 30)
    assert answer.total.unreached == pytest.approx(30 / 180)
    assert not answer.exact
    assert [gap.code for gap in answer.gaps] == [KEBON, GAMBIR]


def test_who_of_the_recipients_is_in_need_makes_both_gaps_exact():
    answer = aid({GAMBIR: {"penerima": 100.0, "kebutuhan": 100.0, "penerima_layak": 70.0}})
    assert (answer.total.inclusion, answer.total.exclusion) == (30, 30)
    assert answer.exact


def test_a_kelurahan_with_one_of_two_figures_is_named_and_not_counted():
    answer = aid({GAMBIR: {"penerima": 10.0}, KEBON: {"penerima": 1.0, "kebutuhan": 1.0}})
    assert answer.incomplete == (uploads.kelurahan()[GAMBIR],)
    assert answer.total.recipients == 1
    assert answer.silent == 265


def test_only_kelurahan_of_the_area_are_counted():
    values = {code: {"penerima": 1.0, "kebutuhan": 2.0} for code in (GAMBIR, KEBON)}
    answer = card_aid.answer(upload(values), card_aid.read_question({}, "31.71"))
    assert [gap.code for gap in answer.gaps] == [GAMBIR]


amounts = st.integers(0, 100_000).map(float)


@given(recipients=amounts, need=amounts, deserving=st.none() | amounts)
def test_gaps_are_never_negative_and_differ_by_what_is_given_too_much(recipients, need, deserving):
    row = {"penerima": recipients, "kebutuhan": need}
    if deserving is not None:
        row["penerima_layak"] = deserving
    (gap,) = aid({GAMBIR: row}).gaps
    assert gap.inclusion >= 0
    assert gap.exclusion >= 0
    assert gap.inclusion - gap.exclusion == recipients - need
    if deserving is not None:
        least = aid({GAMBIR: {"penerima": recipients, "kebutuhan": need}}).gaps[0]
        assert gap.inclusion >= least.inclusion
        assert gap.exclusion >= least.exclusion


def test_an_unknown_order_is_refused():
    with pytest.raises(CardError, match="tidak dikenal"):
        card_aid.read_question({"urut": "peringkat"}, "31")


def places(rng, slope, count=200):
    across, density = rng.normal(size=count), rng.normal(size=count)
    up = slope * across + density + rng.normal(size=count)
    return [
        card_places.Place(f"31.71.01.{number}", str(number), one, other, third)
        for number, (one, other, third) in enumerate(zip(across, up, density, strict=True))
    ]


def test_a_planted_correlation_of_ranks_is_told_and_none_is_not():
    rng = np.random.default_rng(1)
    _, planted = card_places._correlations(places(rng, 1.0))
    assert planted.low > 0.5
    told = sum(card_places._correlations(places(rng, 0.0))[1].told for _ in range(60))
    assert told <= 8


def test_too_few_kelurahan_tell_nothing():
    few = places(np.random.default_rng(2), 1.0, card_places.LEAST_PLACES - 1)
    assert card_places._correlations(few) == (None, None)
