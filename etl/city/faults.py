"""Faults on demand: a source that sends an error page, half a body, nothing, or yesterday's news.

A fault is given to a source, the first part of its path (`dsda`, `pantau`, `crm`, ...), and holds
until another or none is given.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

KINDS = {
    "html": "an HTML error page with status 200",
    "500": "status 500",
    "429": "status 429 with Retry-After",
    "404": "status 404",
    "empty": "an empty body with status 200",
    "truncated": "half of the body",
    "gzip": "half of a gzip body, told to be whole",
    "timeout": "no answer for a minute",
    "huge": "a body of 64 MB",
    "freeze": "what was true when the fault began",
    "shuffle": "the rows in another order",
}
HUGE_BYTES = 64 * 2**20
TIMEOUT_SECONDS = 60.0
_ERROR_PAGE = (
    b"<!DOCTYPE html><html><head><title>Service Unavailable</title></head>"
    b"<body><h1>Layanan sedang dalam perbaikan</h1></body></html>"
)


@dataclass(frozen=True)
class Broken:
    """What goes out instead of the payload; None of a field leaves it as it is."""

    body: bytes
    status: int = 200
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fault:
    """A kind of fault and the city's time at which it began."""

    kind: str
    since: datetime


class Faults:
    """The faults in force, by source; they may be changed while the city is served."""

    def __init__(self, given: Mapping[str, Fault]) -> None:
        self._given = dict(given)

    @classmethod
    def parse(cls, text: str, now: datetime) -> Self:
        """Read "dsda=html,waze=timeout".

        Raises:
            ValueError: A kind is not known; the message names those that are.
        """
        faults = cls({})
        for pair in filter(None, text.replace(" ", "").split(",")):
            source, _, kind = pair.partition("=")
            faults.give(source, kind, now)
        return faults

    def give(self, source: str, kind: str, now: datetime) -> None:
        """Let a source fail from now on; the kind "none" heals it.

        Raises:
            ValueError: The kind is not known.
        """
        if kind == "none":
            self._given.pop(source, None)
        elif kind in KINDS:
            self._given[source] = Fault(kind, now)
        else:
            raise ValueError(f"fault {kind!r} is none of {', '.join(KINDS)} and none")

    def of(self, path: str) -> Fault | None:
        """Return the fault of the source that a path belongs to."""
        return self._given.get(path.strip("/").split("/", 1)[0])

    def listed(self) -> dict[str, str]:
        """Return source to kind."""
        return {source: fault.kind for source, fault in self._given.items()}


def broken(fault: Fault, body: bytes) -> Broken:
    """Return what a fault makes of a body; "timeout" and "freeze" change when, not what."""
    match fault.kind:
        case "html":
            return Broken(_ERROR_PAGE, content_type="text/html")
        case "429":
            return Broken(b"Too Many Requests", 429, "text/plain", {"Retry-After": "30"})
        case "500" | "404":
            return Broken(_ERROR_PAGE, int(fault.kind), "text/html")
        case "empty":
            return Broken(b"")
        case "truncated":
            return Broken(body[: len(body) // 2])
        case "gzip":
            packed = zlib.compress(body, wbits=31)
            return Broken(packed[: len(packed) // 2], headers={"Content-Encoding": "gzip"})
        case "huge":
            return Broken(b" " * HUGE_BYTES)
        case "shuffle":
            return Broken(_shuffled(body))
    return Broken(body)


def _shuffled(body: bytes) -> bytes:
    """Put the members of every JSON list of objects in another, always the same, order."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    dice = random.Random(zlib.crc32(body))

    def visit(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: visit(member) for name, member in value.items()}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return [visit(member) for member in dice.sample(value, len(value))]
        return value

    return json.dumps(visit(document)).encode()
