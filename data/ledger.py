"""The ledger of the alarms: who knew of which alarm when, and what was done about it.

Append-only rows in the operational store, each linked to the one before it (`data.chain`). How an
alarm stands with the people is computed from them, at any moment: an acknowledgement counts until
the alarm grows graver, a snooze ends by itself, and sooner if the alarm grows graver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from data.chain import Proof
from data.store import Store
from data.tables import SEVERITIES

Row = Mapping[str, Any]

SHORTEST_SNOOZE, LONGEST_SNOOZE = timedelta(minutes=15), timedelta(hours=24)
LONGEST_TEXT = 500
SHORTEST_REASON = 3

# What may be done -> the words for it in the history.
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "acknowledge": "Diketahui",
        "unacknowledge": "Dibatalkan: diketahui",
        "snooze": "Ditunda",
        "unsnooze": "Penundaan diakhiri",
        "hand_on": "Diserahkan",
        "note": "Catatan",
        "close": "Ditutup",
    }
)
NEEDS_REASON = frozenset({"snooze", "note", "close"})


class LedgerError(Exception):
    """What was asked cannot be noted; the message, Indonesian, says why."""


@dataclass(frozen=True)
class Held:
    """How one alarm stands with the people.

    Args:
        acknowledged_at: Since when it is known; None where nobody said so, or it grew graver since.
        acknowledged_by: Role.
        snoozed_until: Until when it is put aside; None where it is not.
        snooze_reason: Why.
        handed_to: Office that has it; empty where nobody handed it on.
        closed_at: When somebody noted that it is dealt with; None where it is not.
        outcome: What came of it.
    """

    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    snoozed_until: datetime | None = None
    snooze_reason: str = ""
    handed_to: str = ""
    closed_at: datetime | None = None
    outcome: str = ""

    @property
    def waits(self) -> bool:
        """Nobody has said that he knows of it."""
        return self.acknowledged_at is None and self.snoozed_until is None

    @property
    def may_wait_again(self) -> bool:
        """What was said can be taken back: it is known, and nobody handed it on or closed it."""
        return self.acknowledged_at is not None and not self.handed_to and self.closed_at is None


class Ledger:
    """Notes what people do about alarms and tells how each stands with them.

    Args:
        store: Where the rows are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def act(
        self,
        alarm: Row,
        action: str,
        *,
        role: str,
        at: datetime,
        reason: str = "",
        to_owner: str = "",
        until: datetime | None = None,
    ) -> int:
        """Note one action and return its number.

        Args:
            alarm: Row of the query `alarms_now`.
            action: One of `ACTIONS`.
            role: Who does it.
            at: When, city time (aware).
            reason: Why, or what was noted.
            to_owner: Office that it is handed to.
            until: End of a snooze (aware).

        Raises:
            LedgerError: Reason, office or end are missing or out of bounds; there is nothing to
                take back.
        """
        reason, to_owner = reason.strip(), to_owner.strip()
        self._check(alarm, action, at, reason, to_owner, until)
        return self._store.note_alarm_action(
            {
                "alarm_id": alarm["alarm_id"],
                "raised_at": alarm["raised_at"],
                "severity": alarm["severity"],
                "action": action,
                "role": role,
                "to_owner": to_owner,
                "reason": reason,
                "until": until if action == "snooze" else None,
                "at": at,
            }
        )

    def state_of(self, alarms: Sequence[Row], at: datetime) -> dict[str, Held]:
        """Return how alarms stand with the people at a moment (aware), by alarm id.

        Args:
            alarms: Rows of the query `alarms_now`, as of the same moment.
        """
        if not alarms:
            return {}
        noted = self._store.alarm_actions(
            [row["alarm_id"] for row in alarms],
            since=min(row["raised_at"] for row in alarms),
            until=at,
        )
        return {
            row["alarm_id"]: held(
                row, [action for action in noted if action["alarm_id"] == row["alarm_id"]], at
            )
            for row in alarms
        }

    def history(self, alarm_id: str, *, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Return what was done about an alarm in [`since`, `until`] (aware), oldest first."""
        return self._store.alarm_actions([alarm_id], since=since, until=until)

    def proof(self) -> Proof:
        """Look whether every entry is as it was written."""
        return self._store.prove_alarm_actions()

    def revision(self, at: datetime) -> int:
        """Return what rises with each action, and where a snooze has ended by `at` (aware)."""
        return self._store.alarm_revision(at)

    def _check(
        self,
        alarm: Row,
        action: str,
        at: datetime,
        reason: str,
        to_owner: str,
        until: datetime | None,
    ) -> None:
        if action not in ACTIONS:
            raise LedgerError("Tindakan ini tidak dikenal.")
        if max(len(reason), len(to_owner)) > LONGEST_TEXT:
            raise LedgerError(f"Teks paling panjang {LONGEST_TEXT} huruf.")
        if action in NEEDS_REASON and len(reason) < SHORTEST_REASON:
            raise LedgerError("Tuliskan alasannya.")
        if action == "hand_on" and not to_owner:
            raise LedgerError("Pilih kepada siapa peringatan diserahkan.")
        if action == "snooze" and (
            until is None or not SHORTEST_SNOOZE <= until - at <= LONGEST_SNOOZE
        ):
            raise LedgerError("Penundaan paling singkat 15 menit dan paling lama 24 jam.")
        if (
            action == "unacknowledge"
            and not self.state_of([alarm], at)[alarm["alarm_id"]].may_wait_again
        ):
            raise LedgerError(
                "Tidak ada yang dibatalkan: belum ditandai diketahui, atau sudah diserahkan atau"
                " ditutup."
            )


def held(alarm: Row, actions: Iterable[Row], at: datetime) -> Held:
    """Return how an alarm stands with the people.

    Args:
        alarm: Row of the query `alarms_now`.
        actions: What was done about it, oldest first; what was done about an earlier return of the
            same alarm does not count.
        at: Aware.
    """
    found = Held()
    for action in actions:
        if action["raised_at"] != alarm["raised_at"]:
            continue
        graver_since = _graver(alarm["severity"], action["severity"])
        moment = action["at"]
        match action["action"]:
            case "acknowledge" | "hand_on" | "close" if not graver_since:
                found = replace(
                    found,
                    acknowledged_at=found.acknowledged_at or moment,
                    acknowledged_by=found.acknowledged_by or action["role"],
                )
            case "unacknowledge":
                found = replace(found, acknowledged_at=None, acknowledged_by="")
            case "snooze" if not graver_since:
                over = action["until"] <= at
                found = replace(
                    found,
                    snoozed_until=None if over else action["until"],
                    snooze_reason="" if over else action["reason"],
                )
            case "unsnooze":
                found = replace(found, snoozed_until=None, snooze_reason="")
        if action["action"] == "hand_on":
            found = replace(found, handed_to=action["to_owner"])
        if action["action"] == "close" and not graver_since:
            found = replace(found, closed_at=moment, outcome=action["reason"])
    return found


def _graver(now: str, then: str) -> bool:
    return SEVERITIES.index(now) < SEVERITIES.index(then)
