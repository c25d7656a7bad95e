"""The one clock that city, ETL and web share; it may run faster than the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def real_now() -> datetime:
    """Return the machine's time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """City time as a linear function of real time.

    Args:
        anchor: Instant at which city time and real time are equal (aware).
        speed: City seconds a real second.
        real: Where real time comes from; tests hand in their own.
    """

    anchor: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    speed: float = 1.0
    real: Callable[[], datetime] = real_now

    def now(self) -> datetime:
        """Return city time, aware, in UTC."""
        real = self.real()
        return real if self.speed == 1 else self.anchor + (real - self.anchor) * self.speed

    def wait(self, interval: timedelta) -> timedelta:
        """Return the real time that a city `interval` takes."""
        return interval / self.speed
