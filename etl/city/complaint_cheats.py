"""Which of the complaints are wrong, and how: each kind of `complaint_truth` in single reports."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from etl.city.complaint_city import DAY, WIB_SECONDS, city_of
from etl.city.complaint_floods import Water
from etl.city.complaint_intake import Intake
from etl.city.complaint_truth import EPOCH_DAYS, Kind, Role, length_not_done, truth_of
from etl.city.world import Floats, Ints, World

_FAST_DAYS, _FAST_HOURS, _FAST_S = 1 / 3, (7, 21), (20, 300)
_COPIED, _COPIED_FROM_DAY = 0.6, 3
_CUTOFF, _CUTOFF_DAYS, _CUTOFF_S, _ROW_S = 0.8, 12, 1200, 150
_ON_WATER, _ON_WATER_S = 0.9, (15 * 60, 60 * 60)

Mask = NDArray[np.bool_]


def kinds_of(
    world: World, intake: Intake, own: Mask, forwarded: Mask, wet: Mask, length: Floats
) -> tuple[Ints, Floats]:
    """Return the `Kind` of each complaint, and seconds from its intake to its end.

    Args:
        world: The city.
        intake: What came in.
        own: The office of the kelurahan finishes it.
        forwarded: It is handed on.
        wet: As `closed_on_water` returns it.
        length: Seconds if all is honest.
    """
    flood = city_of(world.seed).category_of["Penanganan Banjir"]
    planted = truth_of(world.seed).kind[intake.kelurahan]
    planted = np.where(own & (intake.category != flood), planted, Kind.HONEST)
    short = world.uniform("complaint/short", intake.dice)
    row = _seconds_to_row(world, intake) + _ROW_S * short

    fast = (planted == Kind.FAST) & ~forwarded & _on_fast_days(world, intake)
    photo = (planted == Kind.PHOTO) & _copied(world, intake)
    late = (planted == Kind.CUTOFF) & _left_for_the_row(world, intake, row, length)
    set_length = np.isin(intake.role, (Role.NOT_DONE, Role.ORIGINAL))
    kinds = {
        Kind.RECOMPLAINT: intake.role == Role.NOT_DONE,
        Kind.SPAM: intake.role == Role.SPAM,
        Kind.FAST: fast,
        Kind.PHOTO: photo,
        Kind.CUTOFF: late,
        Kind.CONTRADICTED: wet,
    }
    kind = np.select(list(kinds.values()), [int(one) for one in kinds], Kind.HONEST)
    length = np.select(
        [set_length, fast, late, wet],
        [
            length_not_done(world.seed, intake.place),
            _FAST_S[0] + np.ptp(_FAST_S) * short,
            row,
            _ON_WATER_S[0] + np.ptp(_ON_WATER_S) * short,
        ],
        length,
    )
    return kind, length


def closed_on_water(world: World, intake: Intake, water: Water) -> Mask:
    """Return which flood reports are closed although the water still stands."""
    chosen = (truth_of(world.seed).kind[intake.kelurahan] == Kind.CONTRADICTED) & (intake.area >= 0)
    chosen &= world.uniform("complaint/contradicted", intake.incident) < _ON_WATER
    some = np.flatnonzero(chosen)
    until = intake.created[some] + _ON_WATER_S[1]
    chosen[some] = water.stands(intake.area[some], intake.created[some], until)
    return np.asarray(chosen)


def scenes_of(intake: Intake, kind: Ints) -> Ints:
    """Return `Complaints.scene`."""
    original = -(intake.day // EPOCH_DAYS * EPOCH_DAYS * 1000 + intake.kelurahan)
    shared = (kind == Kind.PHOTO) | (intake.role == Role.ORIGINAL)
    return np.where(shared, original, intake.dice)


def photographed(world: World, channel: Ints, dice: Ints, scene: Ints | None = None) -> Mask:
    """Return of which complaints there are photos; a scene that serves again is one for certain."""
    geotagged = city_of(world.seed).geotagged[channel]
    taken = world.uniform("complaint/photo", dice) < 0.93
    return np.asarray(geotagged & (taken if scene is None else taken | (scene != dice)))


def _on_fast_days(world: World, intake: Intake) -> Mask:
    hour = intake.second / 3600
    open_ = (hour >= _FAST_HOURS[0]) & (hour < _FAST_HOURS[1])
    day = intake.day * 1000 + intake.kelurahan
    return np.asarray(open_ & (world.uniform("complaint/fast", day) < _FAST_DAYS))


def _copied(world: World, intake: Intake) -> Mask:
    later = intake.day % EPOCH_DAYS >= _COPIED_FROM_DAY
    chosen = world.uniform("complaint/copied", intake.dice) < _COPIED
    return np.asarray(later & chosen & photographed(world, intake.channel, intake.dice))


def _left_for_the_row(world: World, intake: Intake, row: Floats, length: Floats) -> Mask:
    """Return what is still open when the office closes all at once at the end of the month."""
    left = world.uniform("complaint/left", intake.dice) < _CUTOFF
    return np.asarray((row > 2 * 3600) & ((length > row) | (left & (row < _CUTOFF_DAYS * DAY))))


def _seconds_to_row(world: World, intake: Intake) -> Floats:
    """Return seconds from intake to the row of closings at the end of the month."""
    month = intake.day.astype("datetime64[D]").astype("datetime64[M]") + 1
    until = month.astype("datetime64[D]").astype(np.int64)
    begins = world.uniform("complaint/row", until * 1000 + intake.kelurahan)
    last_minutes = until * DAY - WIB_SECONDS - _CUTOFF_S - intake.created
    seconds: Floats = last_minutes + begins * (_CUTOFF_S - _ROW_S)
    return seconds
