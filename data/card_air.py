"""The card of air and congestion: PM2.5 against the delay of traffic, by lag, and before and after.

Real days count alone where there are enough of them; else simulated ones do, and no number holds
both. What is shown is the difference between a day of much and one of little delay: its quartiles.
By hours it is what the same difference of delay in one hour goes with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from data import association, cards, queries, reference, series, words
from data.association import LEAST_DAYS, Effect, Floats
from data.cards import CardError, Input, Span
from data.holidays import quiet_days
from data.lake import Lake
from data.queries import Row

CARD = "udara-macet"
LAGS = tuple(range(-3, 4))
HOURS = tuple(range(13))
# Hours are those of the last days of the span, at most.
HOURLY_DAYS = 365
# Days on each side of a mark that a before and after looks at, at most.
WINDOW_DAYS = 365
# Of so many of the days rain must be told for a number to be adjusted for it.
LEAST_RAIN = 0.9
WET_MM = 1.0
GROUPS = 10
# Hours before, whose rain is counted together: what fell washes the air for some of them.
RAIN_HOURS = (*((hour, hour + 1) for hour in range(7)), (7, 13), (13, 25))
# What may move at a mark: name, unit, decimals and column.
CHANGING = (
    ("PM2.5", "µg/m³", 1, "pm25"),
    ("Tundaan per lintasan", "detik", 0, "delay_s"),
)


@dataclass(frozen=True)
class Question:
    """What is asked.

    Args:
        station: Of the air, or "31": the mean over the reference stations.
        corridor: A corridor, the code of a kota, or "31".
        lag: Days by which the air is looked at after the traffic.
        mark: Day of a rule; None without before and after.
    """

    span: Span
    station: str
    corridor: str
    lag: int
    mark: series.Mark | None


@dataclass(frozen=True)
class Pair:
    """A day: the delay, and the air `lag` days later."""

    day: date
    delay_s: float
    pm25: float
    wet: bool | None


@dataclass(frozen=True)
class Lag:
    """What much and little delay differ in, so many days (µg/m³) or hours (per cent) `after`."""

    after: int
    raw: Effect | None
    adjusted: Effect | None


@dataclass(frozen=True)
class Change:
    """By how much a series moved at a mark; None where too little is told on one side."""

    name: str
    unit: str
    decimals: int
    effect: Effect | None


@dataclass(frozen=True)
class Answer:
    """The card.

    Args:
        pairs: Days of the chosen lag on which both are told.
        groups: Tenths of those days by delay: mean delay, mean PM2.5, and PM2.5 as it would be on
            days alike in rain and calendar.
        quartiles: Delay of a day of little and of much congestion, seconds.
        lags: By days.
        hours: By hours, of the newest `HOURLY_DAYS`; nothing with too few of them.
        rain: Rain is among what was adjusted for, of the days.
        changes: At the mark of the question.
    """

    question: Question
    pairs: tuple[Pair, ...]
    groups: tuple[tuple[float, float, float], ...]
    quartiles: tuple[float, float]
    lags: tuple[Lag, ...]
    hours: tuple[Lag, ...]
    rain: bool
    changes: tuple[Change, ...]
    inputs: tuple[Input, ...]
    simulated: bool

    @property
    def chosen(self) -> Lag:
        """The lag that was asked for."""
        return next(lag for lag in self.lags if lag.after == self.question.lag)


def read_question(params: Mapping[str, str], cut: date, area: str) -> Question:
    """Read `dari`, `sampai`, `stasiun`, `koridor`, `jeda` and `tanda` of a URL.

    Args:
        cut: Day at whose beginning the card ends.
        area: Area of the page, whose kota the corridors are of unless told otherwise.

    Raises:
        CardError: One of them cannot be answered.
    """
    span = cards.read_span(params, cut)
    station = params.get("stasiun") or series.WHOLE_CITY
    if station not in series.places("air"):
        raise CardError(f"Stasiun “{station[:40]}” tidak dikenal. Pilih dari daftar.")
    usual = area[:5] if area[:5] in series.places("corridor") else series.WHOLE_CITY
    corridor = params.get("koridor") or usual
    if corridor not in series.places("corridor"):
        raise CardError(f"Koridor “{corridor[:40]}” tidak dikenal. Pilih dari daftar.")
    try:
        lag = int(params.get("jeda") or 0)
    except ValueError:
        lag = LAGS[0] - 1
    if lag not in LAGS:
        raise CardError(f"Jeda dari {LAGS[0]} sampai {LAGS[-1]} hari.")
    asked = params.get("tanda")
    mark = next((one for one in marks() if one.day.isoformat() == asked), None)
    if asked and mark is None:
        raise CardError("Tanda ini tidak ada dalam daftar aturan.")
    return Question(span, station, corridor, lag, mark)


def marks() -> tuple[series.Mark, ...]:
    """Return the dated rules that may have moved traffic or air, oldest first."""
    found = [
        series.Mark(date.fromisoformat(row["date"]), "aturan", row["title"], row["source"])
        for row in reference.rows("policy_marks")
    ]
    return tuple(sorted(found, key=lambda mark: mark.day))


def answer(lake: Lake, question: Question) -> Answer:
    """Return the card of a question."""
    span = question.span
    rows = _one_origin(_asked(lake, question, span))
    days = [row["day"] for row in rows]
    air, delay, rain = (_column(rows, name) for name in ("pm25", "delay_s", "rain_mm"))
    both = np.isfinite(air) & np.isfinite(delay)
    has_rain = bool(both.any()) and np.isfinite(rain[both]).mean() >= LEAST_RAIN
    controls = _controls(days, rain if has_rain else None)
    known = delay[np.isfinite(delay)]
    low, high = np.percentile(known, [25, 75]) if known.size else (np.nan, np.nan)
    scale = float(high - low)
    lags = []
    for lag in LAGS:
        exposure = association.shifted(days, [row["delay_s"] for row in rows], lag)
        raw = association.slope(air, exposure)
        adjusted = association.slope(air, exposure, controls)
        lags.append(Lag(lag, raw and raw.times(scale), adjusted and adjusted.times(scale)))
    exposure = association.shifted(days, [row["delay_s"] for row in rows], question.lag)
    simulated = any(row["simulated"] for row in rows)
    return Answer(
        question=question,
        pairs=tuple(
            Pair(day, float(before), float(now), None if np.isnan(mm) else bool(mm >= WET_MM))
            for day, before, now, mm in zip(days, exposure, air, rain, strict=True)
            if np.isfinite(before) and np.isfinite(now)
        ),
        groups=_groups(air, exposure, controls),
        quartiles=(float(low), float(high)),
        lags=tuple(lags),
        hours=_by_hour(lake, question, scale, simulated=simulated),
        rain=has_rain,
        changes=_changes(lake, question),
        inputs=_inputs(lake, days, {"air": air, "delay": delay, "rain": rain}, simulated),
        simulated=simulated,
    )


def _by_hour(lake: Lake, question: Question, scale: float, *, simulated: bool) -> tuple[Lag, ...]:
    """Return the differences by hours, at the same hours for all lags."""
    span = question.span
    since = max(span.since, span.until - timedelta(days=HOURLY_DAYS))
    days = [since + timedelta(days=number) for number in range((span.until - since).days)]
    rows = queries.card_air_hours(
        lake,
        station=question.station,
        corridor=question.corridor,
        since=since,
        until=span.until,
        cut=span.cut,
        simulated=simulated,
    )
    told = np.full((24 * len(days), 3), np.nan)
    told[[row["hour"] for row in rows]] = np.column_stack(
        [_column(rows, name) for name in ("pm25", "delay_s", "rain_mm")]
    )
    air, delay, rain = told.T
    # What an hour, a season or rain does to the air it does in proportion.
    air = np.log(air, where=air > 0, out=np.full(air.size, np.nan))
    exposures = np.column_stack([_before(delay, hours) for hours in HOURS])
    known = np.isfinite(air) & np.isfinite(exposures).all(axis=1)
    if known.sum() < 24 * LEAST_DAYS:
        return ()
    raw = association.slopes(air, exposures, np.ones((air.size, 1)))
    # Rain counts where all the hours are told that it is summed over.
    fallen = np.sum([_before(rain, hours) for hours in range(RAIN_HOURS[-1][1])], axis=0)
    has_rain = bool(np.isfinite(fallen[known]).mean() >= LEAST_RAIN)
    adjusted = association.slopes(air, exposures, _hourly(days, rain if has_rain else None))
    return tuple(
        Lag(hours, _per_cent(one, scale), _per_cent(other, scale))
        for hours, one, other in zip(HOURS, raw, adjusted, strict=True)
    )


def _per_cent(slope: Effect | None, scale: float) -> Effect | None:
    """Return what the slope of a logarithm is over `scale` units, in per cent."""
    if slope is None:
        return None
    told = slope.times(scale)
    value, low, high = 100 * np.expm1([told.value, told.low, told.high])
    return Effect(float(value), float(low), float(high), told.n)


def _before(values: Floats, hours: int) -> Floats:
    return np.concatenate([np.full(hours, np.nan), values[: values.size - hours]])


def _hourly(days: Sequence[date], rain: Floats | None) -> Floats:
    """Return what an hour is adjusted for: the day, the hour of days of work and of rest, rain."""
    weekdays = association.weekdays(days)
    at_rest = np.array([day.weekday() >= 5 or day in quiet_days() for day in days], dtype=float)
    hours = np.tile(np.eye(24)[:, 1:], (len(days), 1))
    calendar = np.column_stack([association.season(days, quiet_days()), weekdays, at_rest])
    columns = [calendar.repeat(24, axis=0), hours, hours * at_rest.repeat(24)[:, None]]
    if rain is not None:
        for first, last in RAIN_HOURS:
            fallen = np.sum([_before(rain, hours) for hours in range(first, last)], axis=0)
            columns += [np.log1p(fallen)[:, None], fallen[:, None]]
    return np.column_stack(columns)


def _asked(lake: Lake, question: Question, span: Span) -> list[Row]:
    return queries.card_air_days(
        lake,
        station=question.station,
        corridor=question.corridor,
        since=span.since,
        until=span.until,
        cut=span.cut,
    )


def _one_origin(rows: Sequence[Row]) -> list[Row]:
    """Return the real days where both sides are told of enough of them, else the simulated."""
    real = [row for row in rows if not row["simulated"]]
    told = sum(row["pm25"] is not None and row["delay_s"] is not None for row in real)
    return real if told >= LEAST_DAYS else [row for row in rows if row["simulated"]]


def _column(rows: Sequence[Row], name: str) -> Floats:
    return np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=float)


def _controls(days: Sequence[date], rain: Floats | None) -> Floats:
    """Return what a day is adjusted for: calendar and, where it is told, rain."""
    columns = [association.season(days, quiet_days()), association.weekdays(days)]
    if rain is not None:
        # A first shower washes more than a tenth one, and a storm more than both; the air of today
        # remembers the rain of yesterday.
        for fallen in (np.log1p(rain), rain):
            columns += [fallen[:, None], association.shifted(days, list(fallen), 1)[:, None]]
    return np.column_stack(columns)


def _groups(
    air: Floats, exposure: Floats, controls: Floats
) -> tuple[tuple[float, float, float], ...]:
    known = np.isfinite(air) & np.isfinite(exposure) & np.isfinite(controls).all(axis=1)
    if known.sum() < LEAST_DAYS:
        return ()
    told, before = air[known], exposure[known]
    rest, moved = association.without(np.column_stack([told, before]), controls[known]).T
    # As it would be where rain and calendar are those of the mean day.
    alike, at = rest + told.mean(), moved + before.mean()
    raw = np.array_split(np.argsort(before), GROUPS)
    adjusted = np.array_split(np.argsort(at), GROUPS)
    return tuple(
        (float(before[one].mean()), float(told[one].mean()), float(alike[other].mean()))
        for one, other in zip(raw, adjusted, strict=True)
    )


def _changes(lake: Lake, question: Question) -> tuple[Change, ...]:
    mark = question.mark
    if mark is None:
        return ()
    rows = _one_origin(_asked(lake, question, _around(mark, question.span.cut)))
    days = [row["day"] for row in rows]
    rain = _column(rows, "rain_mm")
    slow = association.season(days, quiet_days())
    if days and np.isfinite(rain).mean() >= LEAST_RAIN:
        slow = np.column_stack([slow, np.log1p(rain)])
    return tuple(
        Change(name, unit, decimals, association.step(days, _column(rows, column), mark.day, slow))
        for name, unit, decimals, column in CHANGING
    )


def _around(mark: series.Mark, cut: date) -> Span:
    """Return the days around a mark, as far as no other rule began in them."""
    reach = timedelta(days=WINDOW_DAYS)
    others = [other.day for other in marks() if other.day != mark.day]
    since = max([mark.day - reach, *(day for day in others if day < mark.day)])
    until = min([mark.day + reach, cut, *(day for day in others if day > mark.day)])
    return Span(since, until, cut)


def _inputs(
    lake: Lake, days: Sequence[date], columns: Mapping[str, Floats], simulated: bool
) -> tuple[Input, ...]:
    feeds = queries.feeds(lake)
    names = {
        "air": ("PM2.5 harian", "air_measurements"),
        # The hours of corridors are those of the jams on them.
        "delay": ("Tundaan koridor harian", "traffic_jams"),
        "rain": ("Curah hujan harian", "rainfall"),
    }
    found = []
    for column, (name, table) in names.items():
        told = [day for day, value in zip(days, columns[column], strict=True) if value == value]
        found.append(
            Input(
                name,
                cards.sources(feeds, table),
                told[-1] if told else None,
                words.quantity(len(told), "hari"),
                simulated and bool(told),
            )
        )
    return tuple(found)
