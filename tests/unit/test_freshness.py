from datetime import UTC, datetime, timedelta

import pytest

from data.freshness import Budget, Progress, counted_from, judge

NOW = datetime(2026, 3, 11, 20, 10, tzinfo=UTC)
GATE = Budget(timedelta(minutes=15), timedelta(minutes=60), "event")
JAMS = Budget(timedelta(minutes=10), timedelta(minutes=30), "fetch")
HISTORY = Budget(None, None, "event")


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(0, "fresh"), (15, "fresh"), (15.1, "late"), (60, "late"), (60.1, "expired")],
)
def test_age_passes_from_fresh_over_late_to_expired_at_its_budgets(minutes, state):
    assert judge(GATE, Progress(ago(minutes), ago(0)), NOW) == state


def test_a_failing_feed_is_disconnected_only_once_its_data_are_late():
    assert judge(GATE, Progress(ago(5), ago(5), failing=True), NOW) == "fresh"
    assert judge(GATE, Progress(ago(20), ago(20), failing=True), NOW) == "disconnected"
    assert judge(GATE, Progress(ago(500), ago(500), failing=True), NOW) == "disconnected"


def test_a_feed_without_a_good_run_never_had_data():
    assert judge(GATE, Progress(), NOW) == "never"
    assert judge(GATE, Progress(failing=True), NOW) == "never"


def test_history_in_the_lake_does_not_make_a_live_feed_fresh():
    assert judge(GATE, Progress(event_time=ago(1)), NOW) == "never"


def test_the_age_counts_from_the_newest_event_or_from_the_last_fetch():
    progress = Progress(ago(40), ago(1))
    assert counted_from(GATE, progress) == ago(40)
    assert counted_from(JAMS, progress) == ago(1)


def test_an_empty_payload_is_news_of_its_own_until_it_grows_old():
    assert judge(GATE, Progress(ago(600), ago(1), empty=True), NOW) == "empty"
    assert judge(GATE, Progress(ago(600), ago(20), empty=True), NOW) == "late"


def test_files_of_history_do_not_age():
    assert judge(HISTORY, Progress(event_time=ago(3_000_000)), NOW) == "fresh"
    assert judge(HISTORY, Progress(), NOW) == "never"
