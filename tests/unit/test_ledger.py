"""The ledger of the alarms: what counts as known, put aside or handed on, and until when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data import chain
from data.ledger import Held, Ledger, LedgerError
from data.store import Store

NOW = datetime(2026, 2, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def alarm(severity: str = "siaga2", raised_at: datetime = NOW) -> dict[str, Any]:
    return {"alarm_id": "gate_level:manggarai", "raised_at": raised_at, "severity": severity}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Store(f"sqlite:///{tmp_path / 'store.sqlite'}"))


def held(ledger: Ledger, at: datetime, row: dict[str, Any] | None = None) -> Held:
    row = row or alarm()
    return ledger.state_of([row], at)[row["alarm_id"]]


def test_an_alarm_waits_until_somebody_says_that_he_knows_of_it(ledger: Ledger) -> None:
    assert held(ledger, NOW).waits
    ledger.act(alarm(), "acknowledge", role="operator", at=NOW + MINUTE)
    found = held(ledger, NOW + MINUTE)
    assert not found.waits
    assert (found.acknowledged_at, found.acknowledged_by) == (NOW + MINUTE, "operator")
    assert held(ledger, NOW).waits, "what was done later does not leak into the past"


def test_a_graver_alarm_waits_again_and_a_lighter_one_does_not(ledger: Ledger) -> None:
    ledger.act(alarm("siaga2"), "acknowledge", role="operator", at=NOW)
    assert held(ledger, NOW, alarm("siaga1")).waits
    assert not held(ledger, NOW, alarm("siaga3")).waits


def test_an_alarm_that_returns_is_not_known_from_the_last_time(ledger: Ledger) -> None:
    ledger.act(alarm(), "acknowledge", role="operator", at=NOW)
    assert held(ledger, NOW + 2 * MINUTE, alarm(raised_at=NOW + MINUTE)).waits


def test_an_acknowledgement_is_taken_back_while_nobody_has_acted_on_it(ledger: Ledger) -> None:
    ledger.act(alarm(), "acknowledge", role="operator", at=NOW)
    ledger.act(alarm(), "unacknowledge", role="admin", at=NOW + 90 * MINUTE)
    assert not held(ledger, NOW + 89 * MINUTE).waits
    assert held(ledger, NOW + 90 * MINUTE).waits
    with pytest.raises(LedgerError, match="dibatalkan"):
        ledger.act(alarm(), "unacknowledge", role="operator", at=NOW + 91 * MINUTE)
    ledger.act(alarm(), "hand_on", role="operator", at=NOW + 91 * MINUTE, to_owner="lurah")
    with pytest.raises(LedgerError, match="diserahkan"):
        ledger.act(alarm(), "unacknowledge", role="operator", at=NOW + 92 * MINUTE)
    told = ledger.history(alarm()["alarm_id"], since=NOW, until=NOW + 92 * MINUTE)
    assert [(row["action"], row["role"]) for row in told] == [
        ("acknowledge", "operator"),
        ("unacknowledge", "admin"),
        ("hand_on", "operator"),
    ]


def test_a_snooze_ends_by_itself_by_hand_and_when_the_alarm_grows_graver(ledger: Ledger) -> None:
    until = NOW + 15 * MINUTE
    ledger.act(alarm(), "snooze", role="operator", at=NOW, reason="menunggu petugas", until=until)
    assert held(ledger, until - MINUTE).snoozed_until == until
    assert held(ledger, until).waits
    assert held(ledger, NOW, alarm("siaga1")).waits
    ledger.act(alarm(), "unsnooze", role="operator", at=NOW + MINUTE)
    assert held(ledger, NOW + MINUTE).waits


def test_a_snooze_needs_a_reason_and_an_end_within_a_day(ledger: Ledger) -> None:
    def snooze(minutes: float | None, reason: str = "menunggu petugas") -> None:
        until = None if minutes is None else NOW + minutes * MINUTE
        ledger.act(alarm(), "snooze", role="operator", at=NOW, reason=reason, until=until)

    for minutes in (None, 14, 24 * 60 + 1, -5):
        with pytest.raises(LedgerError, match="15 menit"):
            snooze(minutes)
    with pytest.raises(LedgerError, match="alasan"):
        snooze(30, "  ")
    assert ledger.revision(NOW) == 0
    snooze(24 * 60)
    assert ledger.revision(NOW) == 1


def test_the_end_of_a_snooze_is_news_like_an_action(ledger: Ledger) -> None:
    until = NOW + 15 * MINUTE
    ledger.act(alarm(), "snooze", role="operator", at=NOW, reason="menunggu petugas", until=until)
    assert ledger.revision(until - MINUTE) == 1
    assert ledger.revision(until) == 2
    ledger.act(alarm(), "acknowledge", role="operator", at=until)
    assert ledger.revision(until) == 3


def test_an_alarm_is_handed_on_to_a_named_office_and_counts_as_known(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="kepada siapa"):
        ledger.act(alarm(), "hand_on", role="operator", at=NOW)
    ledger.act(alarm(), "hand_on", role="operator", at=NOW, to_owner="gubernur")
    found = held(ledger, NOW)
    assert (found.handed_to, found.waits) == ("gubernur", False)
    graver = held(ledger, NOW, alarm("siaga1"))
    assert (graver.handed_to, graver.waits) == ("gubernur", True)


def test_a_closed_alarm_tells_its_outcome_until_it_grows_graver(ledger: Ledger) -> None:
    ledger.act(alarm(), "close", role="operator", at=NOW, reason="pompa kembali berjalan")
    assert held(ledger, NOW).outcome == "pompa kembali berjalan"
    assert held(ledger, NOW, alarm("siaga1")).closed_at is None


def test_the_history_holds_every_action_in_order_and_none_is_changed(ledger: Ledger) -> None:
    ledger.act(alarm(), "note", role="operator", at=NOW, reason="debit masih naik")
    ledger.act(alarm(), "acknowledge", role="pimpinan", at=NOW + MINUTE)
    rows = ledger.history("gate_level:manggarai", since=NOW, until=NOW + MINUTE)
    assert [(row["action"], row["role"], row["at"]) for row in rows] == [
        ("note", "operator", NOW),
        ("acknowledge", "pimpinan", NOW + MINUTE),
    ]
    assert ledger.history("gate_level:karet", since=NOW, until=NOW + MINUTE) == []


@pytest.mark.parametrize("action", ["", "delete", "ACKNOWLEDGE"])
def test_an_unknown_action_is_refused(ledger: Ledger, action: str) -> None:
    with pytest.raises(LedgerError, match="tidak dikenal"):
        ledger.act(alarm(), action, role="operator", at=NOW)


def test_a_text_of_a_novel_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="500"):
        ledger.act(alarm(), "note", role="operator", at=NOW, reason="x" * 501)


def test_a_ledger_is_one_chain_whoever_writes(ledger: Ledger) -> None:
    def note(number: int) -> None:
        ledger.act(alarm(), "note", role=f"operator-{number}", at=NOW, reason="dicek di lapangan")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(12)))
    proof = ledger.proof()
    assert (proof.entries, proof.broken) == (12, None)
    newest = ledger.history(alarm()["alarm_id"], since=NOW, until=NOW)[-1]
    assert proof.head == newest["sha256"]


@pytest.mark.parametrize(
    "tampering",
    [
        "update alarm_actions set reason = 'lain' where id = 2",
        "update alarm_actions set at = '2026-02-18 02:00:00' where id = 2",
        "delete from alarm_actions where id = 1",
    ],
)
def test_an_entry_that_was_changed_or_removed_breaks_the_chain_there(
    ledger: Ledger, tampering: str
) -> None:
    for _ in range(3):
        ledger.act(alarm(), "note", role="operator", at=NOW, reason="dicek")
    with ledger._store._engine.begin() as connection:
        connection.exec_driver_sql(tampering)
    assert ledger.proof().broken == 2


def test_a_column_that_the_table_gets_later_breaks_no_chain() -> None:
    entry = dict.fromkeys(chain.CONTENT, "x")
    assert chain.link(entry | {"later": None}) == chain.link(entry)
