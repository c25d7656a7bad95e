"""Editions of the brief: frozen in what they say, reviewed as drafts, published for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from data.asof import WIB
from data.brief.editions import EditionError, Editions, changed, freeze, items_of, thaw
from data.brief.model import Review
from data.store import Store
from tests import briefs

CUT = datetime(2026, 11, 22, 6, 15, tzinfo=WIB)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FULL = replace(briefs.FULL, cut=CUT)
FIRST, SECOND = (one.id for one in FULL.attention[:2])


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def editions(url):
    return Editions(Store(url))


@pytest.fixture
def draft(editions):
    return editions.make(FULL, "jadwal", CUT + HOUR)


def test_a_slot_has_one_edition_and_its_content_is_what_was_kept_first(editions, draft):
    other = replace(FULL, opening=())
    assert editions.make(other, "operator", CUT + 2 * HOUR) == draft
    assert draft.id == "2026-11-22-pagi"
    assert draft.content == FULL
    assert thaw(freeze(FULL)) == FULL
    assert editions.make(replace(FULL, kind="situasi"), "jadwal", CUT).id == (
        "2026-11-22-situasi-0615"
    )


def test_editions_stand_in_order_of_their_cut(editions):
    later = editions.make(replace(FULL, cut=CUT + DAY), "jadwal", CUT + DAY)
    first = editions.make(FULL, "jadwal", CUT + 2 * DAY)
    evening = editions.make(
        replace(FULL, kind="sore", cut=CUT + 10 * HOUR), "jadwal", CUT + 10 * HOUR
    )
    assert [one.id for one in editions.newest(9)] == [later.id, evening.id, first.id]
    assert [one.id for one in editions.newest(9, "pagi")] == [later.id, first.id]
    assert editions.previous(later.id).id == evening.id
    assert editions.following(first.id).id == evening.id
    assert editions.previous(first.id) is None
    assert editions.following(later.id) is None
    assert editions.one("2026-11-22-malam") is None
    assert editions.previous("2026-11-22-malam") is None


def test_an_edition_names_the_one_before_and_what_changed_since(editions, draft):
    figure = replace(FULL.figures[0], value="99")
    after = replace(
        FULL, cut=CUT + DAY, figures=(figure, *FULL.figures[1:]), outlook=FULL.outlook[1:]
    )
    edition = editions.make(after, "jadwal", CUT + DAY)
    assert edition.previous == draft.id
    assert edition.changed == (figure.id,)
    assert draft.previous == ""
    assert draft.changed == ()
    assert changed(FULL, FULL) == ()
    assert set(changed(replace(FULL, opening=()), FULL)) == {one.id for one in FULL.opening}


def test_it_goes_from_draft_to_checked_to_published_and_no_other_way(editions, draft):
    with pytest.raises(EditionError, match="draf tidak dapat menjadi terbit"):
        editions.advance(draft.id, "terbit", "pimpinan", CUT + HOUR)
    checked = editions.advance(draft.id, "diperiksa", "operator", CUT + 2 * HOUR)
    assert (checked.state, checked.state_role) == ("diperiksa", "operator")
    assert checked.state_at == CUT + 2 * HOUR
    assert editions.advance(draft.id, "draf", "operator", CUT + 3 * HOUR).state == "draf"
    editions.advance(draft.id, "diperiksa", "operator", CUT + 4 * HOUR)
    assert editions.advance(draft.id, "terbit", "pimpinan", CUT + 5 * HOUR).state == "terbit"
    for state in ("draf", "diperiksa", "terbit", "lain"):
        with pytest.raises(EditionError):
            editions.advance(draft.id, state, "pimpinan", CUT + 6 * HOUR)
    with pytest.raises(EditionError, match="tidak ditemukan"):
        editions.advance("2026-11-22-malam", "diperiksa", "operator", CUT)


def test_staff_pin_order_and_comment_and_the_content_stays(editions, draft):
    editions.pin(draft.id, SECOND, True, "operator", CUT + HOUR)
    editions.pin(draft.id, SECOND, True, "operator", CUT + HOUR)
    editions.order(draft.id, [SECOND, FIRST], "operator", CUT + HOUR)
    edition = editions.comment(
        draft.id, FULL.figures[0].id, "  Sudah dicek  ke posko ", "operator", CUT + 2 * HOUR
    )
    assert edition.review.revision == 3
    assert edition.review.pinned == (SECOND,)
    assert edition.review.order == (SECOND, FIRST)
    [comment] = edition.review.comments
    assert (comment.item, comment.text) == (FULL.figures[0].id, "Sudah dicek ke posko")
    assert edition.sha256 == draft.sha256
    assert edition.content == FULL
    assert editions.pin(draft.id, SECOND, False, "operator", CUT + HOUR).review.pinned == ()


def test_what_is_published_is_frozen_for_ever(editions, draft):
    editions.advance(draft.id, "diperiksa", "operator", CUT + HOUR)
    editions.advance(draft.id, "terbit", "pimpinan", CUT + HOUR)
    for act in (
        lambda: editions.pin(draft.id, FIRST, True, "operator", CUT),
        lambda: editions.order(draft.id, [FIRST], "operator", CUT),
        lambda: editions.comment(draft.id, FIRST, "Catatan", "operator", CUT),
    ):
        with pytest.raises(EditionError, match="sudah terbit"):
            act()
    assert editions.one(draft.id).review == Review()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "sedikitnya 3"),
        ("x" * 301, "paling panjang 300"),
        ("Hubungi 0812-3456-7890 segera", "memuat"),
    ],
)
def test_a_comment_has_words_but_no_personal_data(editions, draft, written, why):
    with pytest.raises(EditionError, match=why):
        editions.comment(draft.id, FIRST, written, "operator", CUT)


def test_a_review_is_of_an_item_that_there_is(editions, draft):
    with pytest.raises(EditionError, match="tidak ada pada edisi"):
        editions.pin(draft.id, FULL.figures[0].id, True, "operator", CUT)
    with pytest.raises(EditionError, match="tidak ada pada edisi"):
        editions.comment(draft.id, "lain", "Catatan", "operator", CUT)


def test_a_withdrawn_edition_stays_to_be_read_and_names_what_takes_its_place(editions, draft):
    gone = editions.withdraw(draft.id, "Angka pompa keliru", "operator", CUT + HOUR)
    assert gone.withdrawn == (
        "Ditarik Minggu, 22 November 2026 pukul 07.15 WIB oleh operator: Angka pompa keliru"
    )
    assert gone.corrected_by == ""
    with pytest.raises(EditionError, match="sudah ditarik"):
        editions.withdraw(draft.id, "Sekali lagi", "operator", CUT + HOUR)
    with pytest.raises(EditionError, match="ditarik tidak dapat diubah"):
        editions.pin(draft.id, FIRST, True, "operator", CUT)
    second = editions.make(FULL, "operator", CUT + 2 * HOUR)
    assert second.id == "2026-11-22-pagi-v2"
    assert editions.one(draft.id).corrected_by == second.id
    editions.withdraw(second.id, "Masih keliru", "operator", CUT + 2 * HOUR)
    assert editions.make(FULL, "operator", CUT + 2 * HOUR).id == "2026-11-22-pagi-v3"


def test_a_text_that_was_changed_behind_its_back_is_not_shown(editions, draft, url):
    with create_engine(url).begin() as connection:
        connection.execute(text("update brief_editions set body = replace(body, '1', '2')"))
    with pytest.raises(EditionError, match="sidik jarinya"):
        editions.one(draft.id)


def test_two_people_cannot_take_the_same_step(editions, draft, url):
    other = Editions(Store(url))
    assert other.one(draft.id) == draft
    editions.advance(draft.id, "diperiksa", "operator", CUT)
    with pytest.raises(EditionError, match="tidak dapat menjadi diperiksa"):
        other.advance(draft.id, "diperiksa", "operator", CUT)


def test_the_items_of_a_brief_are_compared_by_what_they_say():
    said = items_of(FULL)
    assert {one.id for one in FULL.figures} <= said.keys()
    assert {one.id for one in FULL.unknown} <= said.keys()
