"""Whether a camera shows the city now, told by what its pictures hold, not by whether they come.

An open connection proves nothing: a dead sensor, a stuck recorder and an old recording all answer
promptly. What is judged is a trail of snapshots, each by the hash of its pixels, its mean luminance
and the time that it says it was taken.

unreachable  no picture came
black        its mean luminance is under `BLACK_BELOW`
frozen       not one pixel has moved for `FROZEN_AFTER`. Noise alone moves pixels of a live sensor
shifted      it is of another time: it says so itself, or pictures that were shown before, with
             others between, come again in a row (a recording that runs in a loop)
live         otherwise; one new picture is proof enough

At a snapshot every ten seconds each of these is told at the third wrong one at the latest. What
only a reader of the picture can see is not told: a loop whose pictures never meet those of the
round before, a shift without a stamp, a still picture under a running caption.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

BLACK_BELOW = 8.0
# A source that renews its picture every ten seconds is often seen twice with the same one, never
# three times.
FROZEN_AFTER = timedelta(seconds=15)
# Clocks of cameras are set by hand, and a cache may hold a picture for a while.
SHIFTED_BY = timedelta(minutes=2)
# One old picture may come from a cache that lags behind its neighbour.
LOOPED_AFTER = 2
# Ten minutes of a camera that is asked every ten seconds.
REMEMBERED = 60

Sight: TypeAlias = Literal["live", "frozen", "black", "unreachable", "shifted"]


@dataclass(frozen=True)
class Picture:
    """What a snapshot shows, as far as liveness cares.

    Args:
        hash: Of its pixels, so that a new date in the file is no new picture.
        luminance: Mean, 0 to 255.
        stamp: When it was taken by its own account, aware; None where it does not say.
    """

    hash: str
    luminance: float
    stamp: datetime | None = None


@dataclass(frozen=True)
class Trail:
    """What a camera has shown so far.

    Args:
        hash: Of the last picture.
        since: When that was first seen without a break.
        earlier: Hashes of the pictures before it, oldest first, each once.
        repeats: How many pictures up to the last one, in a row, were among the earlier ones.
    """

    hash: str
    since: datetime
    earlier: tuple[str, ...] = ()
    repeats: int = 0


def follow(trail: Trail | None, picture: Picture, at: datetime) -> Trail:
    """Return the trail with one more picture, seen at `at`."""
    if trail is None:
        return Trail(picture.hash, at)
    if picture.hash == trail.hash:
        return trail
    known = picture.hash in trail.earlier
    earlier = [old for old in trail.earlier if old != trail.hash]
    return Trail(
        picture.hash,
        at,
        (*earlier, trail.hash)[-REMEMBERED:],
        trail.repeats + 1 if known else 0,
    )


def sight(picture: Picture | None, trail: Trail | None, at: datetime) -> Sight:
    """Judge one snapshot.

    Args:
        picture: What came; None where nothing did.
        trail: What the camera showed before it.
        at: When it came.
    """
    if picture is None:
        return "unreachable"
    if picture.luminance < BLACK_BELOW:
        return "black"
    now = follow(trail, picture, at)
    if at - now.since >= FROZEN_AFTER:
        return "frozen"
    if now.repeats >= LOOPED_AFTER:
        return "shifted"
    if picture.stamp is not None and abs(at - picture.stamp) > SHIFTED_BY:
        return "shifted"
    return "live"
