"""The errors of the ETL.

EtlError
├── FetchError            nothing usable came back
│   ├── Unreachable       no answer, or one that may be better next time (retried)
│   └── Refused           an answer that a retry does not change
│       └── TooLarge      more bytes than are read
├── Malformed             the payload is not what the source sends
├── BadField              one field of one row cannot be read
└── Misconfigured         a setting is wrong; the message says which
"""

from __future__ import annotations


class EtlError(Exception):
    """Anything that the ETL raises on purpose; the message is fit for an operator."""


class FetchError(EtlError):
    """Nothing usable came back from the source."""


class Unreachable(FetchError):
    """No answer, or one that may be better next time: a retry helps."""


class Refused(FetchError):
    """An answer that a retry does not change: not found, forbidden, too large, private."""


class TooLarge(Refused):
    """The answer has more bytes than are read."""


class Malformed(EtlError):
    """The payload as a whole is not what the source sends.

    Args:
        message: What was expected and what came instead, without quoting the payload.
        position: Byte offset of the fault, where known.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class BadField(EtlError):
    """One field of one row cannot be read, so that row goes to quarantine."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Misconfigured(EtlError):
    """A setting is wrong; the message says which and what would be right."""
