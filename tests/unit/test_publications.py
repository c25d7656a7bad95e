"""Published boards: frozen, checked against their fingerprint, readable for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from data import board_sentences
from data.boards import Level, Question
from data.publications import (
    SCHEDULE,
    Publication,
    PublicationError,
    Publications,
    freeze,
    thaw,
)
from data.store import Store
from tests import lakes
from tests.boards import board, standing

SAMPLE = Path(__file__).parents[1] / "samples" / "publication.json"
FROZEN = board_sentences.frozen(board(standing(), standing(unit="31.71.01.1002", name="Cideng")))


@pytest.fixture
def publications(tmp_path: Path) -> Publications:
    return Publications(Store(f"sqlite:///{tmp_path / 'store.sqlite'}"))


def test_what_was_frozen_comes_back_and_freezes_to_the_same_bytes():
    assert thaw(freeze(FROZEN)) == FROZEN
    assert freeze(thaw(freeze(FROZEN))) == freeze(FROZEN)


def test_a_board_published_by_an_earlier_release_can_still_be_read():
    frozen = thaw(SAMPLE.read_bytes())
    assert [unit.name for unit in frozen.board.units] == ["Gambir", "Cideng"]
    assert frozen.reasons["31.71.01.1001"].startswith("15 dari 20")


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"board": {"units": 3}}', b"\xff"])
def test_a_text_that_is_no_board_is_an_error_of_ours(body):
    with pytest.raises(PublicationError):
        thaw(body)


def test_a_board_is_published_once_by_whom_it_was_first(publications):
    first = publications.publish(FROZEN, title="Peringkat", role="pimpinan", at=lakes.NOW)
    again = publications.publish(
        FROZEN, title="Peringkat", role="admin", at=lakes.NOW + timedelta(hours=1)
    )
    assert again == first
    assert (again.role, again.published_at) == ("pimpinan", lakes.NOW)
    assert again.frozen() == FROZEN


def test_the_newest_publications_come_first_and_without_their_text(publications):
    for hours, unit in enumerate(("a", "b", "c")):
        frozen = board_sentences.frozen(board(standing(unit=unit)))
        at = lakes.NOW + timedelta(hours=hours)
        publications.publish(frozen, title=unit, role="admin", at=at)
    assert [one.title for one in publications.newest(2)] == ["c", "b"]
    assert not publications.newest(1)[0].body


def daily(publications, level: Level, last_day: date) -> Publication:
    question = Question(level, last_day - timedelta(days=90), last_day)
    frozen = board_sentences.frozen(board(standing(), question=question))
    return publications.publish(frozen, title="Peringkat", role=SCHEDULE, at=lakes.NOW)


def test_the_schedule_publishes_one_of_each_level_a_day(publications):
    day = date(2026, 3, 11)
    found = daily(publications, "kelurahan", day)
    assert (found.id, found.daily) == ("20260311-kel", ("kelurahan", day))
    changed = board_sentences.frozen(board(standing(n=3), question=found.frozen().board.question))
    again = publications.publish(changed, title="Lain", role=SCHEDULE, at=lakes.NOW)
    assert again == found


def test_a_daily_board_knows_the_ones_before_and_after_it_of_its_level(publications):
    days = [date(2026, 3, number) for number in (9, 10, 12)]
    first, middle, last = (daily(publications, "kecamatan", day) for day in days)
    other = daily(publications, "agency", days[1])
    by_hand = publications.publish(FROZEN, title="Peringkat", role="admin", at=lakes.NOW)
    assert publications.around(middle) == (first.id, last.id)
    assert publications.around(first) == ("", middle.id)
    assert publications.around(other) == publications.around(by_hand) == ("", "")
    assert {one.id for one in publications.newest_daily(9)} == {
        one.id for one in (first, middle, last, other)
    }
    assert [one.id for one in publications.newest(9)] == [by_hand.id]


def test_a_text_that_was_changed_is_not_read(publications):
    found = publications.publish(FROZEN, title="Peringkat", role="admin", at=lakes.NOW)
    changed = replace(found, body=found.body.replace("Gambir", "Kambir"))
    assert not changed.intact
    with pytest.raises(PublicationError, match=found.id):
        changed.frozen()


def test_an_address_that_nobody_published_is_none(publications):
    assert publications.one("000000000000") is None
