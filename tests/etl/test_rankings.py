"""The boards that the schedule publishes each day: when, once each, and what a reader finds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from data import boards
from data.asof import WIB, AsOf
from data.boards import LEVELS, Question
from data.lake import Lake
from data.publications import Publications
from data.store import Store
from etl import rankings
from etl.rankings import publish
from tests import lakes
from tests.boards import ranked_lake

MIDNIGHT = datetime(2026, 3, 12, tzinfo=WIB)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def ranked(tmp_path_factory):
    home = tmp_path_factory.mktemp("ranked")
    ranked_lake(home)
    lake = Lake(lakes.settings(home))
    yield lake
    lake.close()


@pytest.fixture
def lake(ranked):
    with ranked.write() as cursor:
        cursor.execute("delete from feed_runs where feed = $1", [rankings.FEED])
    return ranked


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path}/store.sqlite")


def published(lake, store, now):
    return [one.id for one in publish(lake, lake, store, now)]


def runs(lake):
    return lake.rows(
        "select outcome, loaded, error from feed_runs where feed = $feed order by finished_at",
        feed=rankings.FEED,
    )


def test_the_usual_boards_are_published_once_half_an_hour_after_midnight(lake, store):
    assert published(lake, store, MIDNIGHT + 29 * MINUTE) == [
        f"20260310-{level[:3]}" for level in LEVELS
    ]
    assert published(lake, store, MIDNIGHT + 30 * MINUTE) == [
        f"20260311-{level[:3]}" for level in LEVELS
    ]
    assert published(lake, store, MIDNIGHT + 35 * MINUTE) == []
    # Nor where the clock of a demo was put back.
    assert published(lake, store, MIDNIGHT + 29 * MINUTE) == []
    assert [run["loaded"] for run in runs(lake)] == [4, 4]
    [declared] = lake.rows("select title from feeds where feed = $feed", feed=rankings.FEED)
    assert declared["title"] == "Peringkat harian yang diterbitkan"


def test_what_is_published_is_the_board_of_the_page_at_that_midnight(lake, store):
    publish(lake, lake, store, MIDNIGHT + 30 * MINUTE)
    found = Publications(store).one("20260311-kel")
    shown = boards.board(
        lake, AsOf.now(MIDNIGHT + HOUR), Question.usual("kelurahan", MIDNIGHT.date())
    )
    assert found.frozen().board == shown
    assert found.title == "Peringkat kelurahan, 12 Maret 2025 – 11 Maret 2026"
    assert found.daily == ("kelurahan", date(2026, 3, 11))


def test_one_that_fails_is_noted_and_tried_again_and_the_others_come(lake, store, monkeypatch):
    board = boards.board

    def sometimes(reader, as_of, question, **rest):
        if question.level == "kota":
            raise RuntimeError("the lake is away")
        return board(reader, as_of, question, **rest)

    monkeypatch.setattr(boards, "board", sometimes)
    assert len(published(lake, store, MIDNIGHT + HOUR)) == 3
    [run] = runs(lake)
    assert (run["outcome"], run["loaded"]) == ("failed", 3)
    assert run["error"] == "kota: RuntimeError: the lake is away"
    monkeypatch.undo()
    assert published(lake, store, MIDNIGHT + 2 * HOUR) == ["20260311-kot"]
    assert runs(lake)[1]["outcome"] == "ok"


def test_before_there_are_complaints_nothing_is_published(lake, store):
    assert published(lake, store, MIDNIGHT - 400 * DAY) == []
    assert runs(lake) == []
