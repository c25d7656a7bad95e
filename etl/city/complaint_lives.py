"""Every complaint with its whole life, drawn for any days at once.

A complaint is a function of (seed, day, ordinal in the day). Its state at any moment is its
timeline cut there, so the bulk history and the live answers are one thing, read at two moments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.city.complaint_city import (
    DAY,
    LONGEST_DAYS,
    SPOTS,
    WIB_SECONDS,
    calm,
    city_of,
    date_of,
    day_number,
)
from etl.city.complaint_years import HOURS, SPREAD, Plan, plan_of
from etl.city.world import WIB, Floats, Ints, World, reference

STATUSES = ("Menunggu", "Koordinasi", "Disposisi", "Proses", "EWS", "Selesai", "Ditolak")
# Steps of a life, in the only order in which they can come; a life skips some.
INTAKE, FORWARD, HANDOVER, DISPOSITION, WORK, EXTENSION, CLOSED, REOPENED, CLOSED_AGAIN = range(9)
_STATUS_OF_STEP = np.array([0, 1, 1, 2, 3, 4, 5, 3, 5])
_REJECTED = STATUSES.index("Ditolak")
NEVER = 2**61
_FINISHES = 9  # beyond the last step
# Where the unfinished stand: the shares of 2021 (kbanews 2022), the rest in Proses or Ditolak.
_STUCK = {FORWARD: 0.46, EXTENSION: 0.27, DISPOSITION: 0.154, INTAKE: 0.038, WORK: 0.038}
_SELDOM_STUCK = 0.01  # what the kelurahan does itself is not left lying
_GOLDEN, _SILVER = 0.6180339887498949, 0.7548776662466927  # additive recurrences: even, not random
_FLOOD_REPORTS_AN_HOUR = 260.0  # in a wholly flooded city, over what the season brings
_FLOOD_MIX = {
    "Penanganan Banjir": 0.6, "Saluran Air, Kali/Sungai": 0.17, "Pohon": 0.13, "Jalan": 0.1,
}  # fmt: skip
_OPENED = date(2015, 1, 1)  # Qlue, the first of the apps, came in December 2014
_SCENARIO_ORDINALS = 6_000  # ordinals of a scenario's own reports, above any calm day's count
# Shares of a day's field work by hour; finishing photos come in working hours.
_FIELD_WORK = (1, 1, 1, 1, 1, 2, 5, 9, 11, 11, 10, 8, 6, 8, 10, 10, 8, 6, 5, 4, 3, 2, 1, 1)
_VERIFIED_SINCE = int(datetime(2021, 1, 1, tzinfo=WIB).timestamp())
_TAILS = (
    ". Mohon segera ditindaklanjuti.", ". Sudah beberapa hari.", ". Mohon dicek petugas.",
    ". Mengganggu warga yang melintas.", ". Sering terjadi di tempat ini.", ". Terima kasih.",
)  # fmt: skip


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


def versions(world: World, some: Complaints, index: Ints, step: Ints) -> pa.Table:
    """Return complaints as they were from one of their steps on, as rows of `complaint_versions`.

    Args:
        world: The city.
        some: Complaints.
        index: Which of them, one a row.
        step: After which step, one a row.
    """
    city = city_of(world.seed)
    dice = some.dice[index]
    created = some.steps[index, INTAKE]
    event = some.steps[index, step]
    closed = ((step == CLOSED) | (step == CLOSED_AGAIN)) & ~some.rejected[index]
    holder = _holder(some, index, step)
    channel, category = some.channel[index], some.category[index]
    geotagged = city.geotagged[channel]
    ids = _ids(some.day[index], some.sequence[index])
    later = np.sort(some.steps[index, FORWARD : WORK + 1], axis=1)[:, 0]
    responded = np.where(step == INTAKE, NEVER, np.minimum(later, event))
    photo = geotagged & (world.uniform("complaint/photo", dice) < 0.93)
    verified = closed & (created >= _VERIFIED_SINCE)
    verified &= world.uniform("complaint/verified", dice) < 0.3
    contested = (step == CLOSED) & (some.steps[index, REOPENED] < NEVER)
    rated = closed & (world.uniform("complaint/rated", dice) < 0.12)
    speed = np.log10(np.maximum(event - created, 1) / DAY)
    rating = np.clip(np.round(3.9 - 1.1 * speed + world.normal("complaint/rating", dice)), 1, 5)
    spot = pa.array(some.spot[index])
    return pa.table(
        {
            "event_time": _moments(event),
            "complaint_id": ids,
            "created_at": _moments(created),
            "channel": _coded(channel, pa.array(city.channels)),
            "category": labels(world.seed, some.day[index], category, raw=False),
            "status": _coded(_status(some, index, step), pa.array(STATUSES)),
            "agency": _coded(holder, city.agencies),
            "kelurahan_code": _coded(some.kelurahan[index], city.codes),
            "lon": pa.array(some.lon[index], mask=~geotagged),
            "lat": pa.array(some.lat[index], mask=~geotagged),
            "geotagged": pa.array(geotagged),
            "due_at": _moments(_due(some.day[index], created)),
            "first_response_at": _moments(responded),
            "resolved_at": _moments(np.where(closed, event, NEVER)),
            "reopened_count": pa.array((step >= REOPENED).astype(np.int32)),
            "photo_before": _photo(ids, "sebelum", photo),
            "photo_after": _photo(ids, "sesudah", closed & photo),
            "address_public": city.spot_address.take(spot),
            "verification": pa.DictionaryArray.from_arrays(
                pa.array(contested.astype(np.int32), mask=~verified), ["Sesuai", "Tidak Sesuai"]
            ),
            "rating": pa.array(rating, mask=~rated),
            "reporter_key": _reporter_keys().take(pa.array(reporters(world, some, index))),
            "text_redacted": _text(world, some, index),
        }
    )


def log(world: World, some: Complaints, index: Ints, step: Ints) -> pa.Table:
    """Return steps as rows of `complaint_log`; arguments as for `versions`."""
    return pa.table(
        {
            "event_time": _moments(some.steps[index, step]),
            "complaint_id": _ids(some.day[index], some.sequence[index]),
            "status": _coded(_status(some, index, step), pa.array(STATUSES)),
            "agency": _coded(_holder(some, index, step), city_of(world.seed).agencies),
        }
    )


def labels(seed: int, day: Ints, category: Ints, *, raw: bool) -> pa.Array:
    """Return the category as the source wrote it on that day, with its stray blanks where `raw`."""
    rows = city_of(seed).categories
    now = [row["label"] for row in rows]
    then = [row["label_before"] or row["label"] for row in rows]
    since = np.array(
        [day_number(date.fromisoformat(row["label_since"] or "1970-01-01")) for row in rows]
    )
    words = now + then if raw else [word.strip() for word in now + then]
    drifted = category + len(rows) * (day < since[category])
    distinct = list(dict.fromkeys(words))
    codes = np.array([distinct.index(word) for word in words])
    return _coded(codes[drifted], pa.array(distinct))


def reporters(world: World, some: Complaints, index: Ints) -> Ints:
    """Return a number for who reports: few report much, and all live where the problem is.

    400 in each kelurahan, of whom the eager write most, give about 41,500 reporters a year and
    6,000 a month (published: 41,528 in 2024 and 5,225 in 2023-01).
    """
    dice = some.dice[index]
    own = np.floor(400 * world.uniform("complaint/reporter", dice) ** 8).astype(np.int64)
    result: Ints = some.kelurahan[index] * 400 + own
    return result


@dataclass(frozen=True)
class _Intake:
    """What comes in: day (since 1970, WIB), second of that day, and what it is about."""

    day: Ints
    second: Ints
    dice: Ints
    category: Ints
    channel: Ints

    def taken(self, order: Ints) -> _Intake:
        return _Intake(*(getattr(self, f.name)[order] for f in fields(self)))


def _drawn(world: World, plan: Plan, first: int, last: int) -> Complaints:
    """Draw the complaints of some days of one year."""
    city = city_of(world.seed)
    planned, more = _planned(world, plan, first, last), _scenario_reports(world, first, last)
    intake = _Intake(
        *(
            np.concatenate([getattr(part, f.name) for part in (planned, more)])
            for f in fields(_Intake)
        )
    )
    intake = intake.taken(np.lexsort((intake.dice, intake.second, intake.day)))
    dice = intake.dice
    kelurahan = np.searchsorted(city.weight_cdf, world.uniform("complaint/place", dice), "right")
    place = np.floor(SPOTS * world.uniform("complaint/spot", dice) ** 1.8).astype(np.int64)
    spot = kelurahan * SPOTS + place
    # About 40 m of scatter around the spot; one degree of latitude is 110.57 km here.
    off = np.clip(world.normal("complaint/off", dice), -2.5, 2.5) * 40 / 110_570
    turn = 2 * np.pi * world.uniform("complaint/turn", dice)
    holders, forwarded, handed = _holders(world, intake, kelurahan)
    slow = city.speed[kelurahan] * city.duration[intake.category]
    stop = _stops(world, plan, intake, np.where(forwarded, slow, _SELDOM_STUCK))
    length = plan.scale_s * slow * np.exp(SPREAD * world.normal("complaint/length", dice))
    length = np.clip(length, np.where(stop == _FINISHES, 600, 3 * DAY), LONGEST_DAYS * DAY)
    disposed = forwarded & (holders[:, 3] != holders[:, 2])
    offices = {
        FORWARD: (forwarded, 1.4 * city.speed[kelurahan], 0.3),
        HANDOVER: (handed, 3.0, 0.3),
        DISPOSITION: (disposed, 3.0, 0.3),
        WORK: (np.ones(len(dice), bool), 3.5, 0.4),
    }
    return Complaints(
        day=intake.day,
        sequence=_ranks(intake.day) + 1,
        dice=dice,
        channel=intake.channel,
        category=intake.category,
        kelurahan=kelurahan,
        spot=spot,
        lon=np.round(city.spot_lon[spot] + off * np.cos(turn), 6),
        lat=np.round(city.spot_lat[spot] + off * np.sin(turn), 6),
        steps=_steps(world, intake, length, stop, offices),
        holders=holders,
        rejected=stop == CLOSED,
    )


def _planned(world: World, plan: Plan, first: int, last: int) -> _Intake:
    """Return what comes in by the year's plan."""
    days = np.arange(first - plan.first, last - plan.first + 1)
    row = np.repeat(days, plan.counts[days])
    ordinal = _ranks(row)
    dice = (plan.first + row) * 10_000 + ordinal
    # Even sequences instead of random numbers keep the published totals to the report.
    in_year = plan.offset[row] + ordinal
    phase = float(world.uniform("complaint/phase", plan.first))
    category = _pick_by_row(plan.category_cdf, row, np.mod(in_year * _GOLDEN + phase, 1.0))
    channel = np.searchsorted(plan.channel_cdf, np.mod(in_year * _SILVER, 1.0), "right")
    second = _second_of_day(world, plan, row, category, dice)
    return _Intake(plan.first + row, second, dice, category, channel)


def _scenario_reports(world: World, first: int, last: int) -> _Intake:
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
    return _Intake(of_day, np.concatenate([nothing, *seconds]), dice, kinds[kind], channel)


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
    hour = _pick_by_row(plan.rain_cdf[:, 1:], row[mine], u[mine])
    low = plan.rain_cdf[row[mine], hour]
    width = plan.rain_cdf[row[mine], hour + 1] - low
    result[mine] = hour + (u[mine] - low) / width
    seconds: Ints = np.minimum(result * 3600, DAY - 1).astype(np.int64)
    return seconds


def _holders(
    world: World, intake: _Intake, kelurahan: Ints
) -> tuple[Ints, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return `Complaints.holders`, what is forwarded at all, and what is then handed over."""
    city, dice = city_of(world.seed), intake.dice

    def routed(u: Floats) -> Ints:
        nth = _pick_by_row(city.routes, intake.category, u)
        agency = city.route_agency[intake.category, nth]
        return np.where(agency < 0, city.office[kelurahan], agency)

    tilt = 0.8 + 0.45 * world.uniform("complaint/tilt", kelurahan)
    agency = routed(world.uniform("complaint/agency", dice) ** tilt)
    detour = routed(world.uniform("complaint/detour", dice))
    # What has a position goes straight to the kelurahan, the rest through the central desk.
    at_intake = np.where(city.geotagged[intake.channel], city.office[kelurahan], city.intake_office)
    branch = city.branch[agency, city.kota[kelurahan]]
    forwarded = agency != at_intake
    handed = forwarded & (detour != agency) & (detour != at_intake)
    handed &= world.uniform("complaint/handed", dice) < 0.2
    first = np.where(handed, detour, agency)
    return np.stack([at_intake, first, agency, branch], axis=1), forwarded, handed


def _stops(world: World, plan: Plan, intake: _Intake, slow: Floats) -> Ints:
    """Return the step at which each life stops, `CLOSED` where it is rejected, else `_FINISHES`.

    Of each day as many stop as planned, slow ones first.
    """
    dice = intake.dice
    score = world.uniform("complaint/never", dice) ** (1 / np.sqrt(slow))
    # A scenario's reports come on top of the plan, so all of them are finished.
    score[dice % 10_000 >= _SCENARIO_ORDINALS] = -1
    order = np.lexsort((-score, intake.day))
    stuck = np.zeros(len(dice), bool)
    stuck[order] = _ranks(intake.day) < plan.unfinished[intake.day - plan.first]
    which = np.searchsorted(
        np.cumsum(list(_STUCK.values())), world.uniform("complaint/stuck", dice), "right"
    )
    return np.where(stuck, np.array([*_STUCK, CLOSED])[which], _FINISHES)


def _steps(
    world: World,
    intake: _Intake,
    length: Floats,
    stop: Ints,
    offices: Mapping[int, tuple[NDArray[np.bool_], Any, float]],
) -> Ints:
    """Return `Complaints.steps`.

    Args:
        world: The city.
        intake: What came in.
        length: Seconds from intake to the end.
        stop: As `_stops` returns it.
        offices: For each step until the work begins: who takes it, hours that it usually takes,
            and the share of what is left of the complaint's life that it takes at most.
    """
    dice = intake.dice
    created = intake.day * DAY - WIB_SECONDS + intake.second
    finishes = stop == _FINISHES
    again = finishes & (length > 2 * DAY) & (world.uniform("complaint/again", dice) < 0.05)
    first_end = np.where(again, 0.5 * length, length)
    late = (first_end > 5 * DAY) & (world.uniform("complaint/ews", dice) < 0.4)
    extended = (late & (stop != CLOSED)) | (stop == EXTENSION)

    steps = np.full((len(dice), 9), NEVER)
    steps[:, INTAKE] = created
    so_far = np.zeros(len(dice))
    for step, (present, mean_h, share) in offices.items():
        wait = mean_h * 3600 * np.exp(0.8 * world.normal(f"complaint/wait/{step}", dice))
        wait = np.clip(wait, 20, share * (first_end - so_far))
        so_far = np.where(present, so_far + wait, so_far)
        steps[present, step] = created[present] + so_far[present].astype(np.int64)
    promised = so_far + 0.4 * (first_end - so_far)
    steps[extended, EXTENSION] = created[extended] + promised[extended].astype(np.int64)
    end = created + first_end.astype(np.int64)
    end = np.where(first_end > DAY, _in_working_hours(end), end)
    previous = np.where(extended, steps[:, EXTENSION], steps[:, WORK])
    steps[:, CLOSED] = np.maximum(end, previous + 60)
    steps[again, REOPENED] = steps[again, CLOSED] + (0.12 * length[again]).astype(np.int64)
    end = _in_working_hours(created + length.astype(np.int64))
    steps[again, CLOSED_AGAIN] = np.maximum(end, steps[:, REOPENED] + 60)[again]
    steps[~finishes[:, None] & (np.arange(9) > stop[:, None])] = NEVER
    return steps


def _in_working_hours(moment: Ints) -> Ints:
    """Move moments within their day (WIB), so that they fall when field crews work."""
    local = moment + WIB_SECONDS
    knots = np.concatenate([[0.0], np.cumsum(_FIELD_WORK) / np.sum(_FIELD_WORK)])
    hour = np.interp((local % DAY) / DAY, knots, np.arange(25))
    result: Ints = local - local % DAY + np.minimum(hour * 3600, DAY - 1).astype(np.int64)
    return result - WIB_SECONDS


def _text(world: World, some: Complaints, index: Ints) -> pa.Array:
    city = city_of(world.seed)
    dice = some.dice[index]
    head = some.category[index] * 4 + np.floor(4 * world.uniform("complaint/head", dice)).astype(
        int
    )
    tail = np.floor(len(_TAILS) * world.uniform("complaint/tail", dice)).astype(int)
    return pc.binary_join_element_wise(
        city.heads.take(pa.array(head)),
        city.spot_street.take(pa.array(some.spot[index])),
        pa.array(_TAILS).take(pa.array(tail)),
        "",
    )


@cache
def _reporter_keys() -> pa.StringArray:
    return pa.array([f"simulasi-{i:06d}" for i in range(267 * 400)])


def _holder(some: Complaints, index: Ints, step: Ints) -> Ints:
    holder: Ints = some.holders[index, np.minimum(step, DISPOSITION)]
    return holder


def _status(some: Complaints, index: Ints, step: Ints) -> Ints:
    turned_down = some.rejected[index] & (step == CLOSED)
    return np.where(turned_down, _REJECTED, _STATUS_OF_STEP[step])


def _due(day: Ints, created: Ints) -> Ints:
    """Return the source's promise, intake plus the rule's hours; `NEVER` before the first rule."""
    rules = reference("complaint_rules")
    since = np.array([day_number(date.fromisoformat(row["valid_from"])) for row in rules])
    hours = np.array([int(row["resolve_within_hours"]) for row in rules])
    which = np.searchsorted(since, day, "right") - 1
    return np.where(which < 0, NEVER, created + 3600 * hours[which])


def _ranks(sorted_days: Ints) -> Ints:
    """Return for each entry how many of its day stand before it."""
    _, first, counts = np.unique(sorted_days, return_index=True, return_counts=True)
    return np.arange(len(sorted_days)) - np.repeat(first, counts)


def _pick_by_row(cdf: Floats, row: Ints, u: Floats) -> Ints:
    """Return for each u the interval of its row's cumulated shares that holds it."""
    result: Ints = np.zeros(len(u), np.int64)
    for column in range(cdf.shape[1]):
        result += u >= cdf[row, column]
    return result


def _ids(day: Ints, sequence: Ints) -> pa.StringArray:
    """Return report numbers: JK, date, four digits."""
    unique, where = np.unique(day, return_inverse=True)
    dates = np.array([f"JK{date_of(d):%y%m%d}".encode() for d in unique], "S8")
    text = np.empty((len(day), 12), np.uint8)
    if len(day):
        text[:, :8] = dates.view(np.uint8).reshape(-1, 8)[where]
    for place in range(4):
        text[:, 11 - place] = 48 + sequence // 10**place % 10
    offsets = np.arange(0, 12 * len(day) + 1, 12, dtype=np.int32)
    return pa.StringArray.from_buffers(len(day), pa.py_buffer(offsets), pa.py_buffer(text))


def _photo(ids: pa.StringArray, which: str, taken: NDArray[np.bool_]) -> pa.Array:
    urls = pc.binary_join_element_wise("/crm/photos/", ids, f"-{which}.jpg", "")
    return pc.if_else(pa.array(taken), urls, pa.scalar(None, pa.string()))


def _coded(codes: Ints, words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)


def _moments(seconds: Ints) -> pa.Array:
    """Return seconds since 1970 as TIMESTAMPTZ; null where `NEVER`."""
    never = seconds >= NEVER
    micros = pa.array(np.where(never, 0, seconds) * 1_000_000, mask=never)
    return micros.cast(pa.timestamp("us", "UTC"))
