"""One complaint by its log: stints, hand-overs and extensions, bad logs among them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.handling import deadline, handling

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, 1, tzinfo=UTC)
NOW = START + 500 * HOUR
RULE = {"resolve_within": 144 * HOUR, "coordinate_within": 6 * HOUR}


def entry(hours, status, unit, *, known=None):
    at = START + hours * HOUR
    known_at = START + (hours if known is None else known) * HOUR
    return {"event_time": at, "known_time": known_at, "status": status, "unit": unit}


def told(*entries, **rule):
    way = handling(entries, **(RULE | rule))
    return [
        (stint.unit, stint.held(NOW) / HOUR, stint.ending, stint.on_time(NOW))
        for stint in way.stints
    ]


def test_a_hand_over_ends_a_stint_and_begins_the_next():
    assert told(
        entry(0, "Menunggu", "A"),
        entry(2, "Koordinasi", "B"),
        entry(5, "Proses", "B"),
        entry(50, "Selesai", "B"),
    ) == [("A", 2, "handed", True), ("B", 48, "finished", True)]


def test_each_unit_has_the_time_that_the_rule_gives_it():
    assert told(
        entry(0, "Menunggu", "A"), entry(7, "Koordinasi", "B"), entry(200, "Selesai", "B")
    ) == [("A", 7, "handed", False), ("B", 193, "finished", False)]


def test_a_rule_that_says_nothing_of_hand_overs_gives_them_the_time_to_finish():
    assert told(entry(0, "Menunggu", "A"), entry(7, "Koordinasi", "B"), coordinate_within=None) == [
        ("A", 7, "handed", True),
        ("B", 493, None, False),
    ]


def test_before_the_first_rule_nothing_is_judged():
    stints = told(
        entry(0, "Menunggu", "A"),
        entry(7, "Selesai", "A"),
        resolve_within=None,
        coordinate_within=None,
    )
    assert stints == [("A", 7, "finished", None)]


def test_what_is_opened_again_begins_a_new_stint():
    assert told(
        entry(0, "Menunggu", "A"),
        entry(5, "Selesai", "A"),
        entry(30, "Menunggu", "A"),
        entry(40, "Ditolak", "A"),
    ) == [("A", 5, "finished", True), ("A", 10, "rejected", True)]


def test_a_complaint_that_comes_back_is_counted():
    way = handling(
        [
            entry(0, "Menunggu", "A"),
            entry(1, "Koordinasi", "B"),
            entry(2, "Koordinasi", "A"),
            entry(3, "Koordinasi", "B"),
        ],
        **RULE,
    )
    assert (way.hand_overs, way.returns) == (3, 2)
    assert list(way.held_by(START + 10 * HOUR).items()) == [("B", 8 * HOUR), ("A", 2 * HOUR)]


def test_an_entry_that_came_after_a_younger_one_changes_nothing_and_is_told():
    way = handling(
        [
            entry(0, "Menunggu", "A"),
            entry(10, "Selesai", "A"),
            entry(4, "Koordinasi", "B", known=20),
        ],
        **RULE,
    )
    assert [(stint.unit, stint.held(NOW)) for stint in way.stints] == [("A", 10 * HOUR)]
    assert [one["unit"] for one in way.ignored] == ["B"]


def test_no_log_and_a_log_without_offices_are_no_way():
    assert handling([], **RULE).stints == ()
    way = handling([entry(0, "Menunggu", None)], **RULE)
    assert (way.stints, len(way.ignored)) == ((), 1)


def test_an_office_that_closes_at_once_had_it_for_no_time():
    assert told(entry(0, "Selesai", "A")) == [("A", 0, "finished", True)]


def version(hours, status, expected, due=144):
    return {
        "event_time": START + hours * HOUR,
        "status": status,
        "expected_at": None if expected is None else START + expected * HOUR,
        "due_at": None if due is None else START + due * HOUR,
    }


def test_an_estimate_that_was_declared_in_time_moves_the_deadline():
    due = deadline(
        [version(0, "Menunggu", 144), version(100, "EWS", 300)], [entry(100, "EWS", "A")]
    )
    assert (due.by_rule, due.extended) == (START + 144 * HOUR, START + 300 * HOUR)
    assert due.extensions[0].moved


def test_an_estimate_that_came_too_late_moves_nothing():
    due = deadline(
        [version(0, "Menunggu", 144), version(150, "EWS", 300)], [entry(150, "EWS", "A")]
    )
    assert due.extended == due.by_rule
    assert (due.extensions[0].in_time, due.extensions[0].moved) == (False, False)


def test_a_second_estimate_counts_where_the_first_had_moved_the_deadline():
    due = deadline(
        [version(0, "Menunggu", 144), version(100, "EWS", 300), version(250, "EWS", 400)],
        [entry(100, "EWS", "A"), entry(250, "EWS", "A")],
    )
    assert due.extended == START + 400 * HOUR


def test_an_estimate_whose_date_nobody_told_leaves_the_deadline():
    due = deadline(
        [version(0, "Menunggu", 144), version(100, "EWS", 144)], [entry(100, "EWS", "A")]
    )
    assert due.extended == due.by_rule
    assert due.extensions[0].promised_at is None


def test_without_a_rule_there_is_no_deadline_to_move():
    due = deadline(
        [version(0, "Menunggu", None, due=None), version(9, "EWS", 300, due=None)],
        [entry(9, "EWS", "A")],
    )
    assert (due.by_rule, due.extended) == (None, None)
