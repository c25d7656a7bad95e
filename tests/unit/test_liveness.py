from datetime import UTC, datetime, timedelta

import pytest

from data.liveness import REMEMBERED, Picture, Trail, follow, sight

NOON = datetime(2026, 2, 18, 12, tzinfo=UTC)
TICK = timedelta(seconds=10)


def states(hashes, *, every=TICK, luminance=100.0, stamp=lambda at: None):
    """Judge one snapshot after the other."""
    trail, found = None, []
    for turn, name in enumerate(hashes):
        at = NOON + turn * every
        seen = None if name is None else Picture(name, luminance, stamp(at))
        found.append(sight(seen, trail, at))
        trail = trail if seen is None else follow(trail, seen, at)
    return found


def test_a_picture_that_moves_on_is_live():
    assert set(states([str(n) for n in range(200)])) == {"live"}


def test_the_third_same_picture_is_frozen_and_the_next_new_one_live():
    assert states(["a", "b", "b", "b", "b", "c"]) == [*["live"] * 3, "frozen", "frozen", "live"]


def test_a_source_that_is_asked_as_often_as_it_renews_is_not_frozen():
    assert set(states(["a", "a", "b", "c", "c", "d", "d", "e"])) == {"live"}


def test_one_same_picture_is_enough_where_long_has_passed():
    assert states(["a", "a"], every=timedelta(minutes=15)) == ["live", "frozen"]


def test_a_dark_picture_is_black_at_once_and_a_night_is_not():
    assert states(["a"], luminance=7.9) == ["black"]
    assert states(["a"], luminance=8.0) == ["live"]


def test_no_picture_is_unreachable_and_leaves_the_trail_as_it_was():
    assert states(["a", None, "a", "a"]) == ["live", "unreachable", "frozen", "frozen"]


def test_a_loop_is_told_at_its_second_repeated_picture_for_as_long_as_it_runs():
    film = ["a", "b", "c", "d", "e"]
    assert states(film + film + ["new"]) == [*["live"] * 6, *["shifted"] * 4, "live"]


def test_one_picture_out_of_turn_is_a_lagging_cache():
    assert set(states(["a", "b", "a", "c", "d", "c", "e"])) == {"live"}


def test_a_loop_longer_than_the_memory_is_not_told():
    film = [str(n) for n in range(REMEMBERED + 2)]
    assert set(states(film + film)) == {"live"}


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(0, "live"), (-2, "live"), (2, "live"), (-2.1, "shifted"), (-30, "shifted"), (420, "shifted")],
)
def test_a_picture_of_another_time_by_its_own_account_is_shifted_at_once(minutes, state):
    def stamp(at):
        return at + timedelta(minutes=minutes)

    assert states(["a", "b"], stamp=stamp) == [state, state]


def test_a_picture_that_stands_still_is_frozen_whatever_its_stamp():
    assert states(["a"] * 3, stamp=lambda at: NOON - timedelta(hours=1))[-1] == "frozen"


def test_the_trail_remembers_each_picture_once_and_no_more_than_it_may():
    trail = None
    for turn in range(500):
        trail = follow(trail, Picture(str(turn % 90), 100.0), NOON + turn * TICK)
    assert len(set(trail.earlier)) == len(trail.earlier) <= REMEMBERED


def test_a_trail_begins_at_what_is_known():
    known = Trail("a", NOON - timedelta(hours=1))
    assert sight(Picture("a", 100.0), known, NOON) == "frozen"
    assert sight(Picture("b", 100.0), known, NOON) == "live"
