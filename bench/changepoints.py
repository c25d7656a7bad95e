"""Measure the change points of /tren on a simulated city: `python -m bench.changepoints HOME`.

Every series of the registry, of the city and of some of its places, by month and by week. False
alarms are steps where the city itself did not move. Recall is the share of steps, planted where it
did not move, that are found within a quarter and with the right sign; a step is as high as so many
times the noise of its own series. HOME holds ten years of the simulated city (seed 31), loaded by
`python -m etl history --years 10`.

Steps are planted twice: into the series, and by the city itself: a twin of it in which each
corridor and each reference station of the air changed for good on a day of its own.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from data import changepoints, rollups, series
from data.append import Origin, append_trusted
from data.asof import WIB
from data.lake import Lake
from data.series import PERIODS, Bucket, Line, Question
from data.settings import Settings
from data.tables import TABLES
from etl.city import air, traffic
from etl.city.world import Shift, World

SEED = 20_260_218
PLACES = 4
PLANTED = 5
SIZES = (2.0, 3.0, 4.0)
NEAR = timedelta(days=92)
PER: dict[Bucket, str] = {"month": "bulan", "week": "minggu"}
# Normal noise over its median deviation.
NORMAL = 1.4826
# What the city itself does, so that a step there is none too many: the years of `_MEAN_HOURS` in
# etl/city/complaint_years.py with the rule of July 2019, and `_LEVELS_OF_YEARS` of traffic.py.
OWN = {
    "series_cohorts": [(date(year, 1, 1), date(year, 1, 1)) for year in range(2017, 2024)]
    + [(date(2019, 7, 1), date(2019, 7, 1))],
    "series_corridors": [
        (date(2017, 7, 1), date(2018, 7, 1)),
        (date(2020, 3, 10), date(2020, 12, 1)),
        (date(2020, 12, 1), date(2023, 1, 1)),
    ],
}
# Spans in which it does nothing of its own to the corridors, far from both ends.
CALM = ((date(2018, 10, 15), date(2019, 12, 1)), (date(2023, 4, 15), date(2025, 3, 1)))
# By how much the city itself moves, at least and at most, up or down.
MOVED = (0.1, 0.35)
# Intake follows the published totals of the years and so moves all the time.
MOVING = ("pengaduan-masuk", "pengaduan-selesai", "kategori-masuk")


def main(home: Path) -> None:
    """Print false alarms and recall by bucket."""
    lake = Lake(Settings(home=home), read_only=True)
    random = np.random.default_rng(SEED)
    alarms: dict[str, int] = defaultdict(int)
    decades: dict[str, float] = defaultdict(float)
    found: dict[tuple[str, float], list[bool]] = defaultdict(list)
    worst: dict[str, float] = defaultdict(float)
    for question, line in _lines(lake):
        bucket = question.bucket
        if question.series.id not in MOVING:
            false = [at for at in _steps(question, line) if not _is_own(question, at)]
            years = sum(point.value is not None for point in line.points) / PERIODS[bucket]
            alarms[bucket] += len(false)
            decades[bucket] += years / 10
            worst[bucket] = max(worst[bucket], len(false) / (years / 10))
            if false:
                print("false", line.place, question.series.id, line.measure, bucket, *false)
            for size in SIZES:
                found[bucket, size] += _planted(question, line, size, random)
    for per, count in decades.items():
        print(
            f"{per:6} false alarms {alarms[per]:4d} in {count:6.1f} decades of series:"
            f" {alarms[per] / count:.2f} a decade, at most {worst[per]:.1f}"
        )
        for size in SIZES:
            hits = found[per, size]
            print(f"{per:6} recall at {size:g} times the noise {np.mean(hits):.3f} of {len(hits)}")
    with TemporaryDirectory() as folder:
        moved = list(_moved(lake, Path(folder), random))
    for bucket in PER:
        for least, most in pairwise((*SIZES, np.inf)):
            hits = [hit for per, size, hit in moved if per == bucket and least <= size < most]
            print(
                f"{bucket:6} recall of the city's own, {least:g} to {most:g} times the noise"
                f" {np.mean(hits):.3f} of {len(hits)}"
            )


def _lines(lake: Lake) -> Iterator[tuple[Question, Line]]:
    since, cut = _span(lake)
    for asked in series.registry().values():
        if asked.is_stock:
            continue
        known = list(series.places(asked.places))
        for place in known[:: max(1, len(known) // PLACES)][:PLACES]:
            for bucket, per in PER.items():
                params = {"seri": asked.id, "tempat": place, "per": per, "dari": f"{since}"}
                question = series.read_question(params, cut, series.WHOLE_CITY)
                if question.bucket == bucket:
                    for line in series.answer(lake, question, cut):
                        if (
                            sum(point.value is not None for point in line.points)
                            > 5 * PERIODS[bucket]
                        ):
                            yield question, line


def _moved(
    lake: Lake, home: Path, random: np.random.Generator
) -> Iterator[tuple[Bucket, float, bool]]:
    """Yield bucket, height in times the noise and whether it was found, of the twin's own steps.

    Args:
        lake: Of the city that did not move, which tells noise and height.
        home: An empty folder, for the lake of the twin.
    """
    since, cut = _span(lake)
    stations = [station.station_id for station in air.stations() if station.is_reference]
    corridors = [code for code in series.places("corridor") if not code.startswith("31")]
    shifts = []
    for subject in (*corridors, *stations):
        first, last = CALM[random.integers(len(CALM))]
        day = first + timedelta(days=int(random.integers((last - first).days)))
        factor = 1 + random.choice((-1, 1)) * random.uniform(*MOVED)
        shifts.append(Shift(subject, datetime(day.year, day.month, day.day, tzinfo=WIB), factor))
    twin = Lake(Settings(home=home))
    _load(twin, World(shifts=tuple(shifts)), since, cut)
    for shift in shifts:
        day = shift.since.date()
        asked = "pm25-rata" if shift.subject.startswith("DKI") else "koridor-kecepatan"
        for bucket, per in PER.items():
            params = {"seri": asked, "tempat": shift.subject, "per": per, "dari": f"{since}"}
            question = series.read_question(params, cut, series.WHOLE_CITY)
            (calm,), (line,) = (series.answer(one, question, cut) for one in (lake, twin))
            told = [
                (after.at, after.value - before.value)
                for before, after in zip(calm.points, line.points, strict=True)
                if before.value is not None and after.value is not None
            ]
            step = float(np.median([by for at, by in told if at > day]))
            hit = any(
                one.size * step > 0 and abs(line.points[one.index].at - day) <= NEAR
                for one in series.changes(question, line)
            )
            yield bucket, abs(step) / _noise(_values(calm), PERIODS[bucket]), hit
    twin.close()


def _load(lake: Lake, world: World, since: date, cut: date) -> None:
    start, end = (datetime(day.year, day.month, day.day, tzinfo=WIB) for day in (since, cut))
    for name, make in (traffic.BULK | {"air_measurements": air.air_measurements}).items():
        origin = Origin("twin", name, end, simulated=True, lag=timedelta(minutes=30))
        with lake.write() as cursor:
            for batch in make(world, start, end):
                append_trusted(cursor, TABLES[name], batch, origin)
            rollups.note(cursor, name, name)
    lake.settle()


def _span(lake: Lake) -> tuple[date, date]:
    """Return the first day of the simulated past and the newest one."""
    (row,) = lake.rows(
        "select min(event_time) as oldest, max(event_time) as newest from corridor_hours"
        " where simulated"
    )
    return row["oldest"].astimezone(WIB).date(), row["newest"].astimezone(WIB).date()


def _values(line: Line) -> list[float | None]:
    return [None if point.partial else point.value for point in line.points]


def _steps(question: Question, line: Line) -> list[date]:
    return [line.points[one.index].at for one in series.changes(question, line)]


def _is_own(question: Question, at: date) -> bool:
    spans: Sequence[tuple[date, date]] = OWN.get(question.series.query, ())
    return any(first - NEAR <= at <= last + NEAR for first, last in spans)


def _planted(
    question: Question, line: Line, size: float, random: np.random.Generator
) -> list[bool]:
    """Plant a step into the line, several times; return which were found."""
    values, period = _values(line), PERIODS[question.bucket]
    noise = _noise(values, period)
    # A count that is nearly always zero has no noise to plant a step in.
    if noise == 0 or len(values) * changepoints.LEAST_TOLD > sum(v is not None for v in values):
        return []
    edge = len(values) // 6
    free = [
        at
        for at, point in enumerate(line.points)
        if edge <= at < len(values) - edge and not _is_own(question, point.at)
    ]
    hits = []
    for _ in range(PLANTED if free else 0):
        at = int(random.choice(free))
        step = size * noise * random.choice((-1, 1))
        moved = [
            value if value is None or place < at else value + step
            for place, value in enumerate(values)
        ]
        near = NEAR.days * period / 365
        hits.append(
            any(
                abs(one.index - at) <= near and one.size * step > 0
                for one in changepoints.find(moved, period)
            )
        )
    return hits


def _noise(values: Sequence[float | None], period: int) -> float:
    """Return the standard deviation of a line around its own levels, slope and season."""
    flat: NDArray[np.float64] = np.array(
        [np.nan if value is None else value for value in values], dtype=np.float64
    )
    for phase in range(period):
        flat[phase::period] -= np.nanmedian(flat[phase::period])
    here = np.flatnonzero(~np.isnan(flat))
    width = period // 2
    around = np.array([np.nanmedian(flat[max(0, at - width) : at + width + 1]) for at in here])
    rest = flat[here] - around
    return max(float(np.std(rest)), float(np.median(np.abs(rest))) * NORMAL)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
