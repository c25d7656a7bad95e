"""A chain of hashes over what was written down: whoever changes an entry breaks all after it.

Each entry holds the hash of the one before it, and its own hash covers its content and that. An
entry that was removed at the end leaves no trace in the chain itself: compare its head with one
that was written down elsewhere (every report of an alarm names it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

# What the first entry holds in the place of the one before it.
START = "0" * 64
# What an entry says, and whom it follows. Columns that a table gets later are no part of it, or all
# that was written before would seem changed.
CONTENT = (
    "alarm_id",
    "raised_at",
    "severity",
    "action",
    "role",
    "to_owner",
    "reason",
    "until",
    "at",
    "previous",
)


@dataclass(frozen=True)
class Proof:
    """What a look at a whole chain found.

    Args:
        entries: How many there are.
        head: Hash of the newest, as it is written there.
        broken: Number (`id`) of the first entry that is not as it was written, or that does not
            follow the one before it; None where the chain is whole.
    """

    entries: int
    head: str
    broken: int | None


def link(entry: Mapping[str, Any]) -> str:
    """Return the sha256 (hexadecimal) of an entry with `previous`, whose times are aware."""
    content = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in ((name, entry[name]) for name in CONTENT)
    }
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def prove(entries: Iterable[Mapping[str, Any]]) -> Proof:
    """Look at a whole chain.

    Args:
        entries: With `id`, `previous` and `sha256`, oldest first.
    """
    count, head, broken = 0, START, None
    for entry in entries:
        whole = entry["previous"] == head and entry["sha256"] == link(entry)
        if broken is None and not whole:
            broken = entry["id"]
        count, head = count + 1, entry["sha256"]
    return Proof(count, head, broken)
