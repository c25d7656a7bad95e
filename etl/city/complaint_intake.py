"""What comes in on each day: the year's plan, in which some reports stand for what is planted.

A report of the plan may become the duplicate of another, one half of a recomplaint, or spam. It
keeps its day, category and channel, so that all counts stay those of the plan, and takes the place
and, for a duplicate, the hour of what it now is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from etl.city.complaint_city import DAY, WIB_SECONDS, calm, city_of, day_number
from etl.city.complaint_floods import home_of, water_of
from etl.city.complaint_truth import WINDOW_S, Cast, Role, cast_of, truth_of
from etl.city.complaint_years import HOURS, Plan
from etl.city.world import WIB, Floats, Ints, World

_GOLDEN, _SILVER = 0.6180339887498949, 0.7548776662466927  # additive recurrences: even, not random
_FLOOD_REPORTS_AN_HOUR = 260.0  # in a wholly flooded city, over what the season brings
_FLOOD_MIX = {
    "Penanganan Banjir": 0.6, "Saluran Air, Kali/Sungai": 0.17, "Pohon": 0.13, "Jalan": 0.1,
}  # fmt: skip
_FLOODED = 0.85  # share of the flood reports that come from an RW under water while there is one
_SCENARIO_ORDINALS = 6_000  # ordinals of a scenario's own reports, above any calm day's count
_LAST_FIRST = DAY - 600  # no time is left on its day for duplicates of what comes in later
_MOST_DUPLICATES = 6


@dataclass(frozen=True)
class Intake:
    """What comes in, as parallel arrays.

    Args:
        day: Days since 1970, WIB.
        second: Second of that day.
        dice: Index of each complaint's own random numbers; there are no two alike.
        incident: `dice` of the incident's first report; its own where it is the first.
        place: Index of the random numbers that decide the position.
        area: RW under water that it is about, -1 where it is about none.
        role: `Role`.
        number: Which of its kelurahan's spammers sends it.
    """

    day: Ints
    second: Ints
    dice: Ints
    category: Ints
    channel: Ints
    kelurahan: Ints
    incident: Ints
    place: Ints
    area: Ints
    role: Ints
    number: Ints

    @property
    def created(self) -> Ints:
        """Moment of intake in seconds since 1970 UTC."""
        moments: Ints = self.day * DAY - WIB_SECONDS + self.second
        return moments

    @property
    def cast(self) -> NDArray[np.bool_]:
        """Which stand for what is planted."""
        given: NDArray[np.bool_] = self.role > Role.DUPLICATE
        return given

    @property
    def extra(self) -> NDArray[np.bool_]:
        """Which come on top of the plan, by the scenario."""
        beyond: NDArray[np.bool_] = self.dice % 10_000 >= _SCENARIO_ORDINALS
        return beyond


def intake_of(world: World, plan: Plan, first: int, last: int) -> Intake:
    """Return what comes in on some days of one year (since 1970, WIB), in order."""
    planned = _with_cast(
        world, cast_of(world.seed, first, last), _planned(world, plan, first, last)
    )
    parts = (_with_duplicates(world, planned), _scenario_reports(world, first, last))
    whole = Intake(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Intake)))
    order = np.lexsort((whole.dice, whole.second, whole.day))
    return Intake(*(getattr(whole, f.name)[order] for f in fields(Intake)))


def ranks(sorted_values: Ints) -> Ints:
    """Return for each entry how many equal ones stand before it."""
    _, first, counts = np.unique(sorted_values, return_index=True, return_counts=True)
    result: Ints = np.arange(len(sorted_values)) - np.repeat(first, counts)
    return result


def pick_by_row(cdf: Floats, row: Ints, u: Floats) -> Ints:
    """Return for each u the interval of its row's cumulated shares that holds it."""
    result: Ints = np.zeros(len(u), np.int64)
    for column in range(cdf.shape[1]):
        result += u >= cdf[row, column]
    return result


def _planned(world: World, plan: Plan, first: int, last: int) -> Intake:
    """Return what comes in by the year's plan."""
    days = np.arange(first - plan.first, last - plan.first + 1)
    row = np.repeat(days, plan.counts[days])
    ordinal = ranks(row)
    dice = (plan.first + row) * 10_000 + ordinal
    # Even sequences instead of random numbers keep the published totals to the report.
    in_year = plan.offset[row] + ordinal
    phase = float(world.uniform("complaint/phase", plan.first))
    category = pick_by_row(plan.category_cdf, row, np.mod(in_year * _GOLDEN + phase, 1.0))
    channel = np.searchsorted(plan.channel_cdf, np.mod(in_year * _SILVER, 1.0), "right")
    second = _second_of_day(world, plan, row, category, dice)
    return _placed(world, plan.first + row, second, dice, category, channel)


def _scenario_reports(world: World, first: int, last: int) -> Intake:
    """Return what a scenario's flood adds to the calm city's reports."""
    centre = day_number(world.anchor.astimezone(WIB).date())
    days, numbers, seconds = [], [], []
    for day in range(max(first, centre - 1), min(last, centre + 3) + 1):
        minute = np.arange(0, DAY, 60)
        times = (day * DAY - WIB_SECONDS + minute).astype("datetime64[s]")
        flood = world.wetness(times) - calm(world.seed).wetness(times)
        so_far = np.cumsum(np.maximum(flood, 0)) * _FLOOD_REPORTS_AN_HOUR / 60
        number = np.arange(int(so_far[-1]))
        days.append(np.full(len(number), day))
        numbers.append(number)
        seconds.append(minute[np.searchsorted(so_far, number + 1)] + number % 60)
    nothing = np.zeros(0, np.int64)
    of_day, number = np.concatenate([nothing, *days]), np.concatenate([nothing, *numbers])
    dice = of_day * 10_000 + _SCENARIO_ORDINALS + number
    city = city_of(world.seed)
    kinds = np.array([city.category_of[name] for name in _FLOOD_MIX])
    cdf: Floats = np.cumsum(list(_FLOOD_MIX.values()))
    kind = np.searchsorted(cdf[:-1], world.uniform("complaint/flood", dice), "right")
    channel = np.full(len(dice), city.channels.index("JAKI"))
    second = np.concatenate([nothing, *seconds])
    return _placed(world, of_day, second, dice, kinds[kind], channel)


def _placed(
    world: World, day: Ints, second: Ints, dice: Ints, category: Ints, channel: Ints
) -> Intake:
    """Return reports, each the first of its incident, in the kelurahan where it arises."""
    city = city_of(world.seed)
    kelurahan = np.searchsorted(city.weight_cdf, world.uniform("complaint/place", dice), "right")
    area = np.full(len(dice), -1)
    flood = np.flatnonzero(category == city.category_of["Penanganan Banjir"])
    flood = flood[world.uniform("complaint/flooded", dice[flood]) < _FLOODED]
    if flood.size:
        moment = day[flood] * DAY - WIB_SECONDS + second[flood]
        u = world.uniform("complaint/area", dice[flood])
        area[flood] = water_of(world, int(day.min()), int(day.max())).area_at(moment, u)
        kelurahan = np.where(area >= 0, home_of(world)[area], kelurahan)
    nothing = np.zeros(len(dice), np.int64)
    return Intake(
        day=day,
        second=second,
        dice=dice,
        category=category,
        channel=channel,
        kelurahan=kelurahan,
        incident=dice,
        place=dice,
        area=area,
        role=nothing,
        number=nothing,
    )


def _with_cast(world: World, cast: Cast, planned: Intake) -> Intake:
    """Give what the plan wants the place of reports of the same day and category, by app first."""
    city = city_of(world.seed)
    group = _group(planned.day, planned.category)
    wanted = _group(cast.day, cast.category)
    among = np.flatnonzero(np.isin(group, wanted))
    by_app = city.geotagged[planned.channel[among]]
    seat = among[np.argsort(2 * group[among] + ~by_app, kind="stable")]
    order = np.argsort(wanted, kind="stable")
    wanted = wanted[order]
    at = np.searchsorted(group[seat], wanted) + ranks(wanted)
    seated = at < np.searchsorted(group[seat], wanted, "right")
    chosen, given = seat[at[seated]], order[seated]
    return replace(
        planned,
        kelurahan=_put(planned.kelurahan, chosen, cast.kelurahan[given]),
        place=_put(planned.place, chosen, cast.place[given]),
        area=_put(planned.area, chosen, -1),
        role=_put(planned.role, chosen, cast.role[given]),
        number=_put(planned.number, chosen, cast.number[given]),
    )


def _with_duplicates(world: World, planned: Intake) -> Intake:
    """Make some of each day's and category's reports duplicates of others.

    The reports are taken in a drawn order; each has a Poisson number of duplicates, which take the
    places of the last ones in that order, until all are used up.
    """
    group = _group(planned.day, planned.category)
    free = np.flatnonzero(planned.role == Role.FIRST)
    free = free[np.argsort(group[free] + world.uniform("complaint/order", planned.dice[free]))]
    if not free.size:
        return planned
    _, begin, size = np.unique(group[free], return_index=True, return_counts=True)
    begin, size = np.repeat(begin, size), np.repeat(size, size)
    # The last one's duplicates find no place any more; all have as many more instead.
    mean = WINDOW_S / 3600 * truth_of(world.seed).rate[planned.kelurahan[free]]
    mean *= np.where(planned.second[free] < _LAST_FIRST, size / np.maximum(size - 1, 1), 0)
    more = _poisson(mean, world.uniform("complaint/duplicates", planned.dice[free]))
    ends = np.cumsum(1 + more)
    start = ends - more - 1
    start -= start[begin]
    original = start < size
    more = np.minimum(more, size - start - 1)[original]
    first, copy = np.repeat(free[original], more), free[~original]
    second = planned.second[first]
    window = np.minimum(WINDOW_S, DAY - second) - 1
    later = second + 1 + np.floor(window * world.uniform("complaint/later", planned.dice[copy]))
    return replace(
        planned,
        second=_put(planned.second, copy, later.astype(np.int64)),
        kelurahan=_put(planned.kelurahan, copy, planned.kelurahan[first]),
        incident=_put(planned.incident, copy, planned.dice[first]),
        place=_put(planned.place, copy, planned.place[first]),
        area=_put(planned.area, copy, planned.area[first]),
        role=_put(planned.role, copy, Role.DUPLICATE),
    )


def _poisson(mean: Floats, u: Floats) -> Ints:
    """Return Poisson numbers by their quantiles."""
    chance = np.exp(-mean)
    below = chance.copy()
    result = np.zeros(len(u), np.int64)
    for number in range(1, _MOST_DUPLICATES + 1):
        result += u >= below
        chance *= mean / number
        below += chance
    return result


def _group(day: Ints, category: Ints) -> Ints:
    return day * 100 + category


def _put(values: Ints, index: Ints, new: Ints | int) -> Ints:
    result = values.copy()
    result[index] = new
    return result


def _second_of_day(world: World, plan: Plan, row: Ints, category: Ints, dice: Ints) -> Ints:
    """Return the second of the day (WIB) at which each complaint comes in."""
    u = world.uniform("complaint/time", dice)
    kinds = np.array([c["hours"] for c in city_of(world.seed).categories])[category]
    result = np.zeros(len(u))
    for kind, weights in HOURS.items():
        mine = kinds == kind
        knots = np.concatenate([[0.0], np.cumsum(weights) / np.sum(weights)])
        result[mine] = np.interp(u[mine], knots, np.arange(25))
    mine = np.flatnonzero(kinds == "hujan")
    hour = pick_by_row(plan.rain_cdf[:, 1:], row[mine], u[mine])
    low = plan.rain_cdf[row[mine], hour]
    width = plan.rain_cdf[row[mine], hour + 1] - low
    result[mine] = hour + (u[mine] - low) / width
    seconds: Ints = np.minimum(result * 3600, DAY - 1).astype(np.int64)
    return seconds
