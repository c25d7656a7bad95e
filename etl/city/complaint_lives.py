"""Every complaint with its whole life, drawn for any days at once.

A complaint is a function of (seed, day, ordinal in the day). Its state at any moment is its
timeline cut there, so the bulk history and the live answers are one thing, read at two moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.city.complaint_cheats import closed_on_water, kinds_of, scenes_of
from etl.city.complaint_city import (
    DAY,
    LONGEST_DAYS,
    SPOTS,
    WIB_SECONDS,
    city_of,
    date_of,
    day_number,
)
from etl.city.complaint_floods import Water, water_of
from etl.city.complaint_intake import Intake, intake_of, pick_by_row, ranks
from etl.city.complaint_truth import (
    KEPT,
    NEAR_M,
    SPAM_REJECTED,
    SPAM_REJECTED_FROM,
    SPAMMERS_FROM,
    Kind,
    Role,
    truth_of,
)
from etl.city.complaint_years import (
    FORWARD_HOURS,
    FORWARD_SHARE,
    QUICKEST_S,
    SPREAD,
    WAIT_SPREAD,
    Plan,
    plan_of,
)
from etl.city.floods import flood_areas
from etl.city.world import Floats, Ints, World

# Steps of a life, in the only order in which they can come; a life skips some.
INTAKE, FORWARD, HANDOVER, DISPOSITION, WORK, EXTENSION, CLOSED, REOPENED, CLOSED_AGAIN = range(9)
NEVER = 2**61
_FINISHES = 9  # beyond the last step
# Where the unfinished stand: the shares of 2021 (kbanews 2022), the rest in Proses or Ditolak.
_STUCK = {FORWARD: 0.46, EXTENSION: 0.27, DISPOSITION: 0.154, INTAKE: 0.038, WORK: 0.038}
_SELDOM_STUCK = 0.01  # what the kelurahan does itself is not left lying
_OPENED = date(2015, 1, 1)  # Qlue, the first of the apps, came in December 2014
_OFTEN_WRONG = ("DINAS BINA MARGA", "SATUAN POLISI PAMONG PRAJA", "DINAS SUMBER DAYA AIR")
_DEGREE_M = 110_570  # one degree of latitude here
_EAGER, _EAGER_SHARE, _OTHERS = 8, 0.65, 230  # reporters in each kelurahan
# Shares of a day's field work by hour; finishing photos come in working hours.
_FIELD_WORK = (1, 1, 1, 1, 1, 2, 5, 9, 11, 11, 10, 8, 6, 8, 10, 10, 8, 6, 5, 4, 3, 2, 1, 1)


@dataclass(frozen=True)
class Complaints:
    """Complaints as parallel arrays, in the order of their numbers.

    Args:
        day: Day of intake, days since 1970 by WIB.
        sequence: Number within the day, from 1.
        dice: Index of each complaint's own random numbers.
        steps: Moment of each step in seconds since 1970 UTC, one column a step; `NEVER` where
            a life skips it.
        holders: Agency after intake, forwarding, hand-over and disposition, one column each.
        rejected: The step `CLOSED` means Ditolak, not Selesai.
        reporter: Who reports; there are 400 numbers in each kelurahan.
        incident: `dice` of the first report of the same incident; its own where it is the first.
        kind: `Kind`: what is wrong with it, by the plan.
        scene: What the after-photo shows: `dice`, or the place of whichever photo is used again.
    """

    day: Ints
    sequence: Ints
    dice: Ints
    channel: Ints
    category: Ints
    kelurahan: Ints
    spot: Ints
    lon: Floats
    lat: Floats
    steps: Ints
    holders: Ints
    rejected: NDArray[np.bool_]
    reporter: Ints
    incident: Ints
    kind: Ints
    scene: Ints

    def last_step(self, before: int) -> Ints:
        """Return the last step of each complaint before a moment (seconds); -1 where none was."""
        reached = self.steps < before
        last = reached.shape[1] - 1 - np.argmax(reached[:, ::-1], axis=1)
        return np.where(reached.any(axis=1), last, -1)


def complaints_of(world: World, first: date, last: date) -> Complaints:
    """Return all complaints with intake from `first` to `last` (WIB, both included)."""
    day, stop = max(day_number(first), day_number(_OPENED)), day_number(last)
    parts = []
    while day <= stop:
        year = date_of(day).year
        until = min(stop, day_number(date(year, 12, 31)))
        parts.append(_drawn(world, plan_of(world.seed, year), day, until))
        day = until + 1
    return joined(parts or [_drawn(world, plan_of(world.seed, _OPENED.year), day, day - 1)])


def joined(parts: Sequence[Complaints]) -> Complaints:
    """Return several batches as one."""
    if len(parts) == 1:
        return parts[0]
    return Complaints(
        *(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Complaints))
    )


@dataclass(frozen=True)
class _Course:
    """How a complaint goes through the offices.

    Args:
        holders: As `Complaints.holders`.
        forwarded: It is handed on at all.
        handed: It goes to a wrong unit first.
        own: The office of the kelurahan finishes it.
    """

    holders: Ints
    forwarded: NDArray[np.bool_]
    handed: NDArray[np.bool_]
    own: NDArray[np.bool_]


def _drawn(world: World, plan: Plan, begin: int, last: int) -> Complaints:
    """Draw the complaints of some days of one year."""
    city = city_of(world.seed)
    intake = intake_of(world, plan, begin, last)
    dice, kelurahan = intake.dice, intake.kelurahan
    water = water_of(world, begin, last)
    spot, lon, lat = _positions(world, intake)
    wet = closed_on_water(world, intake, water)
    course = _course(world, intake, wet)
    slow = city.pace[course.holders[:, 3]] * city.duration[intake.category]
    length = plan.scale_s * slow * np.exp(SPREAD * world.normal("complaint/length", dice))
    length = np.minimum(QUICKEST_S + length, LONGEST_DAYS * DAY)
    kind, length = kinds_of(world, intake, course.own, course.forwarded, wet, length)
    stop = _stops(world, plan, intake, kind, np.where(course.forwarded, slow, _SELDOM_STUCK))
    lies = (stop != _FINISHES) & (kind != Kind.SPAM)
    length = np.where(lies, np.maximum(length, 3 * DAY), length)
    copies, first = _finished_together(intake, kind, stop)
    length[copies] = length[first] - (intake.created[copies] - intake.created[first])
    length[copies] = np.maximum(length[copies], QUICKEST_S)
    steps = _steps(world, intake, course, kind, length, stop, water)
    _finish(world, intake, steps, copies, first)
    return Complaints(
        day=intake.day,
        sequence=ranks(intake.day) + 1,
        dice=dice,
        channel=intake.channel,
        category=intake.category,
        kelurahan=kelurahan,
        spot=spot,
        lon=lon,
        lat=lat,
        steps=steps,
        holders=course.holders,
        rejected=stop == CLOSED,
        reporter=_reporters(world, intake),
        incident=intake.incident,
        kind=kind,
        scene=scenes_of(intake, kind),
    )


def _positions(world: World, intake: Intake) -> tuple[Ints, Floats, Floats]:
    """Return the spot of each complaint, and its longitude and latitude."""
    city, place = city_of(world.seed), intake.place
    nth = np.floor(SPOTS * world.uniform("complaint/spot", place) ** 1.2).astype(np.int64)
    spot = intake.kelurahan * SPOTS + nth
    off = np.clip(world.normal("complaint/off", place), -2.5, 2.5) * 40 / _DEGREE_M
    lon, lat = city.spot_lon[spot], city.spot_lat[spot]
    flooded = np.flatnonzero(intake.area >= 0)
    centre, reach = _flood_places(world)
    area = intake.area[flooded]
    lon[flooded], lat[flooded] = centre[area].T
    off[flooded] = reach[area] * np.sqrt(world.uniform("complaint/reach", place[flooded]))
    turn = 2 * np.pi * world.uniform("complaint/turn", place)
    again = np.isin(intake.role, (Role.DUPLICATE, Role.AGAIN))
    near = np.where(again, NEAR_M / _DEGREE_M, 0) * np.sqrt(
        world.uniform("complaint/near", intake.dice)
    )
    side = 2 * np.pi * world.uniform("complaint/side", intake.dice)
    lon += off * np.cos(turn) + near * np.cos(side)
    lat += off * np.sin(turn) + near * np.sin(side)
    return spot, np.round(lon, 6), np.round(lat, 6)


@cache
def _flood_places(world: World) -> tuple[Floats, Floats]:
    """Return longitude and latitude of each RW's point, and how far from it reports lie."""
    areas = flood_areas(world)
    centre = np.array([(area.lon, area.lat) for area in areas])
    return centre, 0.8 * np.hypot(*(np.array([area.ring[0] for area in areas]) - centre).T)


def _reporters(world: World, intake: Intake) -> Ints:
    """Return a number for who reports: few report much, and all live where the problem is.

    A few in each kelurahan write two thirds, which gives about 42,000 reporters a year and 7,000 a
    month (published: 41,528 in 2024 and 5,225 in 2023-01). Who sends a duplicate is not who sent
    the first report.
    """
    own = _nth_reporter(world, intake.dice)
    same = (intake.incident != intake.dice) & (own == _nth_reporter(world, intake.incident))
    own = np.where(same, (own + 1) % (_EAGER + _OTHERS), own)
    own = np.where(intake.role == Role.SPAM, SPAMMERS_FROM + intake.number, own)
    result: Ints = intake.kelurahan * 400 + own
    return result


def _nth_reporter(world: World, dice: Ints) -> Ints:
    u = world.uniform("complaint/reporter", dice)
    often = u < _EAGER_SHARE
    within = np.where(often, u / _EAGER_SHARE, (u - _EAGER_SHARE) / (1 - _EAGER_SHARE))
    nth = np.where(often, _EAGER * within, _EAGER + _OTHERS * within)
    return np.floor(nth).astype(np.int64)


def _course(world: World, intake: Intake, wet: NDArray[np.bool_]) -> _Course:
    """Return the way of each complaint; the reports of an incident go the same way.

    Args:
        world: The city.
        intake: What came in.
        wet: As `closed_on_water` returns it.
    """
    city, truth = city_of(world.seed), truth_of(world.seed)
    kelurahan, category, dice = intake.kelurahan, intake.category, intake.incident

    def routed(u: Floats) -> Ints:
        nth = pick_by_row(city.routes, category, u)
        agency = city.route_agency[category, nth]
        return np.where(agency < 0, city.office[kelurahan], agency)

    tilt = 0.8 + 0.45 * world.uniform("complaint/tilt", kelurahan)
    agency = routed(world.uniform("complaint/agency", dice) ** tilt)
    code = truth.kind[kelurahan]
    keeps = np.isin(code, (Kind.FAST, Kind.PHOTO, Kind.CUTOFF))
    keeps &= world.uniform("complaint/kept", dice) < KEPT
    own = keeps | intake.cast | wet
    agency = np.where(own, city.office[kelurahan], agency)
    # What has a position goes straight to the kelurahan, the rest through the central desk.
    at_intake = np.where(city.geotagged[intake.channel], city.office[kelurahan], city.intake_office)
    branch = city.branch[agency, city.kota[kelurahan]]
    wrong = routed(world.uniform("complaint/detour", dice))
    others = np.array([city.agencies.index(name).as_py() for name in _OFTEN_WRONG])
    other = np.floor((len(others) - 1) * world.uniform("complaint/wrong", dice)).astype(int)
    another = np.where(others[other] == agency, others[other + 1], others[other])
    wrong = np.where((wrong == agency) | (wrong == at_intake), another, wrong)
    forwarded = agency != at_intake
    handed = world.uniform("complaint/handed", dice) < truth.misrouted[kelurahan, category]
    handed &= forwarded
    first = np.where(handed, wrong, agency)
    return _Course(
        holders=np.stack([at_intake, first, agency, branch], axis=1),
        forwarded=forwarded,
        handed=handed,
        own=branch == city.office[kelurahan],
    )


def _stops(world: World, plan: Plan, intake: Intake, kind: Ints, slow: Floats) -> Ints:
    """Return the step at which each life stops, `CLOSED` where it is rejected, else `_FINISHES`.

    Of each day as many stop as planned, slow ones first; the reports of an incident together.
    """
    dice, quota = intake.incident, plan.unfinished[intake.day - plan.first]
    score = world.uniform("complaint/never", dice) ** (1 / np.sqrt(slow))
    # A scenario's reports come on top of the plan, so all of them are finished.
    score[intake.extra | (kind != Kind.HONEST) | intake.cast] = -1
    turned_down = (kind == Kind.SPAM) & (quota >= SPAM_REJECTED_FROM)
    turned_down &= world.uniform("complaint/spam", intake.dice) < SPAM_REJECTED
    score[turned_down] = 2
    order = np.lexsort((-score, intake.day))
    stuck = np.zeros(len(dice), bool)
    stuck[order] = ranks(intake.day) < quota
    which = np.searchsorted(
        np.cumsum(list(_STUCK.values())), world.uniform("complaint/stuck", dice), "right"
    )
    stop = np.where(stuck, np.array([*_STUCK, CLOSED])[which], _FINISHES)
    return np.where(stuck & turned_down, CLOSED, stop)


def _steps(
    world: World,
    intake: Intake,
    course: _Course,
    kind: Ints,
    length: Floats,
    stop: Ints,
    water: Water,
) -> Ints:
    """Return `Complaints.steps`.

    Args:
        world: The city.
        intake: What came in.
        course: How it goes through the offices.
        kind: What is wrong with it.
        length: Seconds from intake to the end.
        stop: As `_stops` returns it.
        water: Where water stands.
    """
    city, dice, created = city_of(world.seed), intake.dice, intake.created
    finishes = stop == _FINISHES
    exact = np.isin(kind, (Kind.FAST, Kind.CUTOFF, Kind.CONTRADICTED))
    first = intake.incident == dice
    plain = first & (kind == Kind.HONEST) & (intake.role == Role.FIRST)
    again = finishes & plain & (length > 2 * DAY)
    again &= world.uniform("complaint/again", dice) < 0.05
    first_end = np.where(again, 0.5 * length, length)
    late = (first_end > 5 * DAY) & ~exact & (world.uniform("complaint/ews", dice) < 0.4)
    extended = (late & (stop != CLOSED)) | (stop == EXTENSION)

    steps = np.full((len(dice), 9), NEVER)
    steps[:, INTAKE] = created
    so_far = np.zeros(len(dice))
    pace, holders = city.pace, course.holders
    # Who takes it, the hours that it usually takes, and the share of what is left of the
    # complaint's life that it takes at most.
    disposed = course.forwarded & (holders[:, 3] != holders[:, 2])
    offices: dict[int, tuple[NDArray[np.bool_], Any, float]] = {
        FORWARD: (course.forwarded, FORWARD_HOURS * pace[holders[:, 0]], FORWARD_SHARE),
        HANDOVER: (course.handed, 3.0 * pace[holders[:, 1]], 0.3),
        DISPOSITION: (disposed, 3.0 * pace[holders[:, 2]], 0.3),
        WORK: (np.ones(len(dice), bool), 3.5, 0.4),
    }
    for step, (present, mean_h, share) in offices.items():
        wait = mean_h * 3600 * np.exp(WAIT_SPREAD * world.normal(f"complaint/wait/{step}", dice))
        wait = np.clip(wait, 20, share * (first_end - so_far))
        so_far = np.where(present, so_far + wait, so_far)
        steps[present, step] = created[present] + so_far[present].astype(np.int64)
    promised = so_far + 0.4 * (first_end - so_far)
    steps[extended, EXTENSION] = created[extended] + promised[extended].astype(np.int64)
    end = created + first_end.astype(np.int64)
    end = np.where((first_end > DAY) & ~exact, _in_working_hours(end), end)
    previous = np.where(extended, steps[:, EXTENSION], steps[:, WORK])
    steps[:, CLOSED] = np.maximum(end, previous + np.where(exact, 5, 60))
    flood = intake.category == city.category_of["Penanganan Banjir"]
    _after_the_water(world, intake, steps, flood & ~exact, CLOSED, water)
    steps[again, REOPENED] = steps[again, CLOSED] + (0.12 * length[again]).astype(np.int64)
    end = _in_working_hours(created + length.astype(np.int64))
    steps[again, CLOSED_AGAIN] = np.maximum(end, steps[:, REOPENED] + 60)[again]
    _after_the_water(world, intake, steps, flood & again, CLOSED_AGAIN, water)
    steps[~finishes[:, None] & (np.arange(9) > stop[:, None])] = NEVER
    return steps


def _after_the_water(
    world: World,
    intake: Intake,
    steps: Ints,
    chosen: NDArray[np.bool_],
    step: int,
    water: Water,
) -> None:
    """Put off a step of flood complaints until there is no water in the kelurahan."""
    some = np.flatnonzero(chosen)
    planned = steps[some, step]
    dry = water.dry_after(intake.kelurahan[some], planned)
    pause = 3600 * (1 + 4 * world.uniform("complaint/dry", intake.dice[some]))
    steps[some, step] = np.where(dry > planned, dry + pause.astype(np.int64), planned)


def _finished_together(intake: Intake, kind: Ints, stop: Ints) -> tuple[Ints, Ints]:
    """Return the duplicates that are finished with the first report of their incident, and it."""
    copies = np.flatnonzero(intake.incident != intake.dice)
    order = np.argsort(intake.dice)
    first = order[np.searchsorted(intake.dice, intake.incident[copies], sorter=order)]
    usual = (kind == Kind.HONEST) & (stop == _FINISHES)
    together = usual[copies] & usual[first]
    return copies[together], first[together]


def _finish(world: World, intake: Intake, steps: Ints, copies: Ints, first: Ints) -> None:
    """Finish duplicates up to 20 minutes after the first report."""
    end = np.where(steps[first, REOPENED] < NEVER, steps[first, CLOSED_AGAIN], steps[first, CLOSED])
    end = np.maximum(end, intake.created[copies] + QUICKEST_S)
    lag = 60 + np.floor(1140 * world.uniform("complaint/lag", intake.dice[copies]))
    extended = steps[copies, EXTENSION] < NEVER
    previous = np.where(extended, steps[copies, EXTENSION], steps[copies, WORK])
    steps[copies, CLOSED] = np.maximum(end + lag.astype(np.int64), previous + 60)


def _in_working_hours(moment: Ints) -> Ints:
    """Move moments within their day (WIB), so that they fall when field crews work."""
    local = moment + WIB_SECONDS
    knots = np.concatenate([[0.0], np.cumsum(_FIELD_WORK) / np.sum(_FIELD_WORK)])
    hour = np.interp((local % DAY) / DAY, knots, np.arange(25))
    result: Ints = local - local % DAY + np.minimum(hour * 3600, DAY - 1).astype(np.int64)
    return result - WIB_SECONDS
