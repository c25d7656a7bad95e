"""Who does what among the simulated complaints: the known truth that every signal is tested on.

Quality       each office has a factor of slowness (`City.pace`) for what it has in hand, kelurahan
              also for handing on; `on_time_shares` says what follows by a rule
Duplicates    further people report an incident within 3 h and 20 m of its first report, Poisson
              with `Truth.rate` an hour: 0.03, and threefold in four kecamatan. What is reported
              first after 23.50 has none, and towards midnight they come denser, so that a day's
              reports stay that day's. They are finished up to 20 minutes after the first report.
Misrouting    a report is handed to a wrong unit first with the chance `Truth.misrouted`
Cheaters      four kelurahan of each kind below and eight of CONTRADICTED, none of two kinds;
              `Complaints.kind` marks the single complaints

    FAST          on one day in three every complaint that comes by app from 7 to 21 and that the
                  office does itself, floods apart, is closed 20 to 300 s after intake
    RECOMPLAINT   some 70 complaints a year are closed after 3 to 48 h with nothing done, and the
                  same is reported again within 20 m and 13 days of the closing
    PHOTO         each fortnight begins with a complaint done and photographed; its after-photo,
                  cropped, lighter or darker, serves for six in ten of those from the fourth day on
    CUTOFF        what is open when the month ends, and most of what came in its last 12 days, is
                  closed in one row of 150 s within the last 20 minutes of the month
    SPAM          two or three reporters file 500 reports a year in the kelurahan, which is the
                  victim; seven in ten are rejected while the day's number of unfinished reports is
                  at least 6
    CONTRADICTED  reports of an RW under water are closed after 15 to 60 minutes, while the water
                  stands; everybody else closes after it is gone from the kelurahan

The offices of FAST, PHOTO and CUTOFF keep three in ten of the complaints that they should hand on.
Honest work takes `complaint_years.QUICKEST_S` at least, 13 minutes of it with whoever finishes it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cache

import numpy as np
from scipy.special import ndtr

from etl.city.complaint_city import DAY, calm, city_of
from etl.city.complaint_floods import home_of
from etl.city.complaint_years import (
    FORWARD_HOURS,
    FORWARD_SHARE,
    QUICKEST_S,
    SPREAD,
    WAIT_SPREAD,
    plan_of,
)
from etl.city.floods import flood_areas
from etl.city.world import Floats, Ints, World

WINDOW_S = 3 * 3600  # within which further reports belong to the incident of the first
NEAR_M = 20.0  # how far from it they lie at most
EPOCH_DAYS = 14  # for so long one photo serves
KEPT = 0.3
SPAM_REJECTED, SPAM_REJECTED_FROM = 0.7, 6
SPAMMERS_FROM = 397  # numbers of reporters in a kelurahan that no honest one has
_OFFICES, _WET_OFFICES = 4, 8
_RATE, _EAGER_RATE, _EAGER_DISTRICTS = 0.03, 0.09, 4
_RECOMPLAINT_CHANCE = 0.2
_SPAM_CHANCES, _SPAM_CHANCE = 4, 0.35
_FIELD = (
    "Jalan", "Sampah", "Parkir Liar", "Trotoar", "PKL Liar", "Saluran Air, Kali/Sungai",
)  # fmt: skip


class Kind(IntEnum):
    """What is wrong with a complaint, or with a kelurahan."""

    HONEST = 0
    FAST = 1
    RECOMPLAINT = 2
    PHOTO = 3
    CUTOFF = 4
    SPAM = 5
    CONTRADICTED = 6


class Role(IntEnum):
    """Why a report stands where it stands; all but the first take a planned report's place."""

    FIRST = 0
    DUPLICATE = 1
    NOT_DONE = 2
    AGAIN = 3
    ORIGINAL = 4
    SPAM = 5


@dataclass(frozen=True)
class Truth:
    """What is planted in the city of a seed.

    Args:
        kind: `Kind` of each kelurahan, in the order of `areas.csv`.
        eager: Codes of the kecamatan that report threefold.
        rate: Further reports an hour after an incident's first, of each kelurahan.
        misrouted: Chance that a report which is handed on goes to a wrong unit first, one row a
            kelurahan, one column a category.
    """

    kind: Ints
    eager: tuple[str, ...]
    rate: Floats
    misrouted: Floats


@dataclass(frozen=True)
class Cast:
    """Reports that the plan wants, as parallel arrays.

    Args:
        day: Days since 1970, WIB.
        role: `Role`.
        place: Number that decides the position; the same for a complaint and its recomplaint.
        number: For spam, which of the kelurahan's spammers.
    """

    day: Ints
    category: Ints
    kelurahan: Ints
    role: Ints
    place: Ints
    number: Ints


@cache
def truth_of(seed: int) -> Truth:
    """Return what is planted in the city of a seed."""
    world, city = calm(seed), city_of(seed)
    districts = np.array([code[:8] for code in city.codes.to_pylist()])
    mainland = np.flatnonzero(np.char.find(districts, "31.01") < 0)
    names = np.unique(districts[mainland])
    order = np.argsort(world.uniform("truth/eager", np.arange(len(names))))
    eager = names[order[:_EAGER_DISTRICTS]]
    rate = np.where(np.isin(districts, eager), _EAGER_RATE, _RATE)

    numbers = np.arange(len(city.codes))
    kind = np.zeros(len(numbers), np.int64)
    wet = np.bincount(home_of(world), [1 - area.sill for area in flood_areas(world)], len(numbers))
    wettest = _shuffled(seed, "truth/contradicted", np.argsort(-wet)[: 2 * _WET_OFFICES])
    kind[wettest[:_WET_OFFICES]] = Kind.CONTRADICTED
    share = np.diff(city.weight_cdf, prepend=0.0, append=1.0)
    busy = np.flatnonzero((share > np.median(share)) & (kind == Kind.HONEST))
    busy = _shuffled(seed, "truth/cheaters", busy[np.isin(busy, mainland)])
    kinds = (Kind.FAST, Kind.RECOMPLAINT, Kind.PHOTO, Kind.CUTOFF, Kind.SPAM)
    for nth, one in enumerate(kinds):
        kind[busy[nth * _OFFICES : (nth + 1) * _OFFICES]] = one

    of_category = 0.12 * world.uniform("truth/misrouted", np.arange(len(city.categories)))
    of_kelurahan = np.exp(0.4 * world.normal("truth/misrouting", numbers))
    return Truth(
        kind=kind,
        eager=tuple(eager.tolist()),
        rate=rate,
        misrouted=np.minimum(np.multiply.outer(of_kelurahan, 0.02 + of_category), 0.5),
    )


def cheaters(world: World) -> dict[str, list[str]]:
    """Return the codes of the planted kelurahan by the name of their kind, in lower case."""
    codes, kind = city_of(world.seed).codes.to_pylist(), truth_of(world.seed).kind
    return {
        one.name.lower(): [codes[k] for k in np.flatnonzero(kind == one).tolist()]
        for one in Kind
        if one
    }


def propensity(world: World) -> dict[str, float]:
    """Return further reports an hour after an incident's first one, by code of the kelurahan."""
    codes = city_of(world.seed).codes.to_pylist()
    return dict(zip(codes, truth_of(world.seed).rate.tolist(), strict=True))


def slowness(world: World) -> dict[str, float]:
    """Return the factor of each office's times by its name, 1 for the usual one."""
    city = city_of(world.seed)
    return dict(zip(city.agencies.to_pylist(), city.pace.tolist(), strict=True))


def on_time_shares(world: World, year: int) -> dict[str, float]:
    """Return each kelurahan's true share on time by the rule of 2025, by code.

    That is to hand on within 6 h and to finish within 144 h, over the categories of the whole city
    in a year, without what is never finished.
    """
    city, plan = city_of(world.seed), plan_of(world.seed, year)
    share = np.diff(plan.category_cdf, axis=1, prepend=0.0, append=1.0)
    share = plan.counts @ share / plan.counts.sum()
    own = np.where(city.route_agency < 0, np.diff(city.routes, axis=1, prepend=0, append=1), 0)
    own = own.sum(axis=1)
    pace = city.pace[city.office]

    def done(seconds: float, pace: Floats) -> Floats:
        usual = np.multiply.outer(pace, plan.scale_s * city.duration)
        result: Floats = ndtr(np.log((seconds - QUICKEST_S) / usual) / SPREAD)
        return result

    # What is finished soon is handed on soon.
    long = share @ (1 - done(6 * 3600 / FORWARD_SHARE, np.ones(1))[0])
    kept_long = long * ndtr(np.log(FORWARD_HOURS * pace / 6) / WAIT_SPREAD)
    shares = (1 - kept_long) * (share @ (1 - own)) + done(144 * 3600, pace) @ (share * own)
    return dict(zip(city.codes.to_pylist(), shares.tolist(), strict=True))


def cast_of(seed: int, first: int, last: int) -> Cast:
    """Return the reports that the plan wants on some days (since 1970, WIB)."""
    kind = truth_of(seed).kind
    parts = (
        _recomplaints(seed, first, last, np.flatnonzero(kind == Kind.RECOMPLAINT)),
        _originals(seed, first, last, np.flatnonzero(kind == Kind.PHOTO)),
        _spam(seed, first, last, np.flatnonzero(kind == Kind.SPAM)),
    )
    whole = Cast(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Cast)))
    here = (whole.day >= first) & (whole.day <= last)
    return Cast(*(getattr(whole, f.name)[here] for f in fields(Cast)))


def length_not_done(seed: int, place: Ints) -> Floats:
    """Return seconds from intake to the closing of what is closed with nothing done."""
    result: Floats = 3600 * (3 + 45 * calm(seed).uniform("truth/not done", place) ** 2)
    return result


def _recomplaints(seed: int, first: int, last: int, office: Ints) -> Cast:
    """Return pairs: what is closed with nothing done, and the same reported again."""
    world = calm(seed)
    day, kelurahan = _crossed(np.arange(first - 13, last + 1), office)
    place = -(day * 1000 + kelurahan)
    chosen = world.uniform("truth/recomplaint", place) < _RECOMPLAINT_CHANCE
    day, kelurahan, place = day[chosen], kelurahan[chosen], place[chosen]
    days = np.ceil(length_not_done(seed, place) / DAY).astype(np.int64)
    days += 1 + np.floor(10 * world.uniform("truth/again", place)).astype(np.int64)
    return Cast(
        day=np.concatenate([day, day + days]),
        category=np.tile(_category(seed, place), 2),
        kelurahan=np.tile(kelurahan, 2),
        role=np.repeat([Role.NOT_DONE, Role.AGAIN], len(day)).astype(np.int64),
        place=np.tile(place, 2),
        number=np.zeros(2 * len(day), np.int64),
    )


def _originals(seed: int, first: int, last: int, office: Ints) -> Cast:
    """Return the complaints whose after-photos serve again."""
    days = np.arange(first, last + 1)
    day, kelurahan = _crossed(days[days % EPOCH_DAYS == 0], office)
    place = -(day * 1000 + kelurahan)
    return Cast(
        day=day,
        category=_category(seed, place),
        kelurahan=kelurahan,
        role=np.full(len(day), Role.ORIGINAL, np.int64),
        place=place,
        number=np.zeros(len(day), np.int64),
    )


def _spam(seed: int, first: int, last: int, office: Ints) -> Cast:
    world = calm(seed)
    chance, kelurahan = _crossed(
        np.arange(first * _SPAM_CHANCES, (last + 1) * _SPAM_CHANCES), office
    )
    place = -(chance * 1000 + kelurahan)
    chosen = world.uniform("truth/spam", place) < _SPAM_CHANCE
    chance, kelurahan, place = chance[chosen], kelurahan[chosen], place[chosen]
    spammers = 2 + np.floor(2 * world.uniform("truth/spammers", kelurahan))
    return Cast(
        day=chance // _SPAM_CHANCES,
        category=_category(seed, place),
        kelurahan=kelurahan,
        role=np.full(len(place), Role.SPAM, np.int64),
        place=place,
        number=np.floor(spammers * world.uniform("truth/spammer", place)).astype(np.int64),
    )


def _category(seed: int, place: Ints) -> Ints:
    field = np.array([city_of(seed).category_of[name] for name in _FIELD])
    chosen: Ints = field[
        np.floor(len(field) * calm(seed).uniform("truth/category", place)).astype(int)
    ]
    return chosen


def _shuffled(seed: int, name: str, some: Ints) -> Ints:
    """Return numbers in an order that is drawn."""
    order: Ints = some[np.argsort(calm(seed).uniform(name, some))]
    return order


def _crossed(day: Ints, kelurahan: Ints) -> tuple[Ints, Ints]:
    return np.repeat(day, len(kelurahan)), np.tile(kelurahan, len(day))
