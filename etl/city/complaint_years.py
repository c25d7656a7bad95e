"""How many complaints each day brings, and of what kind: the simulated years, calibrated.

`complaint_published_totals.csv` holds year by year: totals, finished reports and the peak day
exactly, channels and categories nearly to the report. What nobody published is interpolated or
assumed, and stands below with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import cast

import numpy as np

from etl.city.complaint_city import DAY, LONGEST_DAYS, calm, city_of, date_of, day_number
from etl.city.world import Floats, Ints, reference

# Reports of the years that no source prints. 2018 and 2019 follow the 186,685 finished from 2018-01
# to 2019-09; 2017 is what then remains of the 930,246 finished from 2017 to 2023-01-16; the others
# are interpolated.
_ASSUMED_TOTALS = {
    2016: 300_000, 2017: 326_000, 2018: 110_000, 2019: 118_000,
    2023: 165_000, 2025: 190_000, 2026: 195_000,
}  # fmt: skip
_ASSUMED_FINISHED = 0.968  # as 2024; used where no share is published
_PRINTED_FINISHED = {"2020": 137_574}  # sindonews; the table has it rounded, as 99.85 %
# Mean hours to finish: 40.22 (2020) and 39.87 (2021) and 4 days (2023-01) are published.
_MEAN_HOURS = {2016: 72.0, 2017: 60.0, 2018: 52.0, 2019: 46.0, 2020: 40.22, 2021: 39.87, 2022: 60.0}
_MEAN_HOURS_LATER = 96.0
# Shares of the channels where not published: JAKI opened in September 2019 (jaki.jakarta.go.id);
# before it Qlue was the city's app.
_ASSUMED_CHANNELS = {
    2016: {"Qlue": 0.86, "Twitter": 0.05, "Balai Warga": 0.02},
    2017: {"Qlue": 0.84, "Twitter": 0.06, "Balai Warga": 0.02},
    2018: {"Qlue": 0.74, "Twitter": 0.11, "Email": 0.04, "Facebook": 0.04, "Balai Warga": 0.02},
    2019: {"Qlue": 0.60, "JAKI": 0.12, "Twitter": 0.13, "Email": 0.05, "Facebook": 0.05},
    2022: {"Twitter": 0.035, "SP4N-LAPOR!": 0.018},
    2023: {"JAKI": 0.905, "Twitter": 0.03, "SP4N-LAPOR!": 0.025},
}
SPREAD = 1.6  # sigma of ln(finishing time): the median is about a quarter of the mean
QUICKEST_S = 2400  # the way there, the work and two photos take as long at least
FORWARD_HOURS = 1.4  # usual time until a complaint is handed on
FORWARD_SHARE = 0.3  # of the whole life, at most
WAIT_SPREAD = 0.8  # sigma of the logarithm of each wait
# Reports of each hour of the day: by day as offices and commuters wake, noise and dark lamps at
# night, parking and traffic at the two rush hours.
HOURS = {
    "siang": (4, 3, 2, 2, 3, 8, 24, 46, 62, 68, 66, 58,
              50, 52, 54, 52, 48, 42, 34, 32, 30, 24, 15, 8),
    "malam": (26, 18, 12, 8, 7, 8, 12, 20, 26, 28, 26, 24,
              24, 24, 26, 28, 30, 34, 46, 58, 64, 66, 58, 42),
    "sibuk": (4, 2, 2, 2, 4, 14, 44, 78, 82, 58, 48, 44,
              46, 44, 46, 56, 74, 80, 64, 42, 30, 20, 12, 7),
}  # fmt: skip
_WEEKDAY = np.array([1.09, 1.10, 1.07, 1.05, 1.02, 0.88, 0.79])
_YEARS = tuple(range(2016, 2027))


@dataclass(frozen=True)
class Plan:
    """What is fixed for a whole year before any single complaint is drawn.

    Args:
        first: First day, days since 1970 by WIB.
        counts: Reports of each day.
        unfinished: Reports of each day that are never finished.
        offset: Ordinal in the year of each day's first report.
        category_cdf: One row a day.
        rain_cdf: One row a day, knots at the 25 full hours, for what rain makes people report.
        channel_cdf: One value a channel.
        scale_s: Factor of the finishing times that gives the year's mean.
    """

    first: int
    counts: Ints
    unfinished: Ints
    offset: Ints
    category_cdf: Floats
    rain_cdf: Floats
    channel_cdf: Floats
    scale_s: float


@lru_cache(maxsize=32)
def plan_of(seed: int, year: int) -> Plan:
    """Return the plan of a year; years beyond the known ones are like the nearest."""
    first, last = day_number(date(year, 1, 1)), day_number(date(year, 12, 31))
    day = np.arange(first, last + 1)
    hours = (day[:, None] * 24 + np.arange(24) - 7).ravel()
    wet = calm(seed).wetness((hours * 3600).astype("datetime64[s]")).reshape(-1, 24)
    counts, unfinished = _counts(seed, year, day, wet.mean(axis=1))
    shares = _category_shares(seed, year)
    rain = np.array(HOURS["siang"]) * (1 + 60 * wet)
    rain_cdf = np.concatenate([np.zeros((len(day), 1)), np.cumsum(rain, axis=1)], axis=1)
    return Plan(
        first=first,
        counts=counts,
        unfinished=unfinished,
        offset=np.cumsum(counts) - counts,
        category_cdf=_category_cdf(seed, year, day, counts, wet.mean(axis=1)),
        rain_cdf=rain_cdf / rain_cdf[:, -1:],
        channel_cdf=np.cumsum(_channel_shares(year))[:-1],
        scale_s=_scale(seed, shares, _MEAN_HOURS.get(year, _MEAN_HOURS_LATER) * 3600),
    )


def _counts(seed: int, year: int, day: Ints, wet: Floats) -> tuple[Ints, Ints]:
    """Return reports and never finished reports of each day; published periods sum exactly."""
    weight = np.interp(day, [day_number(date(y, 7, 1)) for y in _YEARS], _totals())
    weight *= _WEEKDAY[(day + 3) % 7] * (1 + 1.5 * wet)  # 1970-01-01 was a Thursday
    weight *= np.exp(0.06 * calm(seed).normal("complaints/day", day))
    for row in reference("holidays"):
        away = day - day_number(date.fromisoformat(row["date"]))
        near = (away >= -int(row["days_before"])) & (away <= int(row["days_after"]))
        weight[near] *= float(row["activity"])
    months = np.array([f"{date_of(d):%Y-%m}" for d in day])
    dates = np.array([date_of(d).isoformat() for d in day])
    counts, unfinished = np.zeros(len(day), np.int64), np.zeros(len(day), np.int64)
    total, total_open = _total(year), _open(str(year), _total(year))
    free = np.ones(len(day), bool)
    most = None
    for row in reference("complaint_published_totals"):
        period, reports = row["period"], row["reports"]
        if not period.startswith(f"{year}-") or not reports:
            continue
        if row["dimension"] == "peak_day":
            peak = dates == period
            counts[peak] = most = int(reports)
            unfinished[peak] = round(most * total_open / total)
            free &= ~peak
        elif row["dimension"] == "total" and period in months:
            mine = months == period
            counts[mine] = _apportioned(weight[mine], int(reports))
            still_open = _open(period, int(reports)) or round(int(reports) * total_open / total)
            unfinished[mine] = _apportioned(counts[mine].astype(float), still_open)
            free &= ~mine
    counts[free] = _apportioned(weight[free], total - int(counts.sum()), most)
    unfinished[free] = _apportioned(counts[free].astype(float), total_open - int(unfinished.sum()))
    return counts, unfinished


def _apportioned(weight: Floats, total: int, most: int | None = None) -> Ints:
    """Share a whole number by weights, by running totals, each share below `most`."""
    weight = weight.copy()
    for _ in range(20 if most else 0):
        weight = np.minimum(weight, 0.95 * cast(int, most) / total * weight.sum())
    ends = np.floor(np.cumsum(weight) / weight.sum() * total + 0.5).astype(np.int64)
    shares: Ints = np.diff(ends, prepend=0)
    return shares


def _category_cdf(seed: int, year: int, day: Ints, counts: Ints, wet: Floats) -> Floats:
    """Return each day's cumulated shares, with what is published of a month's categories."""
    daily = _wet_categories(seed, _category_shares(seed, year), counts, wet)
    months = np.array([f"{date_of(d):%Y-%m}" for d in day])
    for month in np.unique(months).tolist():
        mine = months == month
        if told := _printed_categories(seed, month):
            daily[mine] = _as_printed(daily[mine], counts[mine], told)
    return np.cumsum(daily, axis=1)[:, :-1]


def _wet_categories(seed: int, shares: Floats, counts: Ints, wet: Floats) -> Floats:
    """Return each day's shares: rain lifts some, while the year's shares stay."""
    factor = np.array([float(c["wet_factor"]) for c in city_of(seed).categories])
    lift = 1 + wet[:, None] * factor
    base = shares.copy()
    daily: Floats = lift
    for _ in range(30):
        daily = base * lift
        daily /= daily.sum(axis=1, keepdims=True)
        base *= shares / (counts @ daily / counts.sum())
    return daily


def _printed_categories(seed: int, month: str) -> dict[int, int]:
    """Return the reports of the categories that are published of a month, by category."""
    number = {
        name: i
        for i, row in enumerate(city_of(seed).categories)
        for name in (row["category"], *row["aliases"].split("|"))
    }
    return {
        number[row["value"]]: int(row["reports"])
        for row in reference("complaint_published_totals")
        if row["period"] == month and row["dimension"] == "category"
    }


def _as_printed(daily: Floats, counts: Ints, told: Mapping[int, int]) -> Floats:
    """Return shares of some days whose sums are as told; the rest fill the days in proportion."""
    known = np.array(list(told))
    rest = np.setdiff1d(np.arange(daily.shape[1]), known)
    wanted: Floats = np.array(list(told.values()), float)
    daily = daily.copy()
    for _ in range(30):
        daily[:, known] *= wanted / (counts @ daily[:, known])
        daily[:, rest] *= (counts.sum() - wanted.sum()) / (counts @ daily[:, rest]).sum()
        daily /= daily.sum(axis=1, keepdims=True)
    return daily


def _category_shares(seed: int, year: int) -> Floats:
    column = f"share_{min(max(year, 2020), 2023)}"
    shares = np.array([float(c[column]) for c in city_of(seed).categories])
    result: Floats = shares / shares.sum()
    return result


def _channel_shares(year: int) -> Floats:
    """Return the share of each channel; what is not told is shared by the lesser channels."""
    rows = reference("complaint_channels")
    told = dict(_ASSUMED_CHANNELS.get(min(year, 2023), {}))
    for row in reference("complaint_published_totals"):
        if row["period"] == str(year) and row["dimension"] == "channel":
            told[row["value"]] = int(row["reports"]) / _total(year)
    shares = np.array([told.get(row["channel"], 0.0) for row in rows])
    open_ = [
        row["channel"] not in told
        and row["channel"] not in ("JAKI", "Qlue")
        and (row["valid_to"] or "9999") >= f"{year}-01-01"
        for row in rows
    ]
    return np.where(open_, (1 - shares.sum()) / sum(open_), shares)


def _scale(seed: int, shares: Floats, mean_s: float) -> float:
    """Return the median length that gives the mean, in seconds, of the finished reports.

    The tail is cut and offices differ, so the mean has no closed form; it is found by repetition
    over the offices' work and quantiles of the spread.
    """
    city = city_of(seed)
    z, weight_z = np.polynomial.hermite.hermgauss(64)
    of_kota = np.bincount(city.kota, np.diff(city.weight_cdf, prepend=0.0, append=1.0))
    of_route = np.diff(city.routes, axis=1, prepend=0.0, append=1.0)
    kelurahan = city.route_agency[..., None] < 0
    pace = np.where(kelurahan, 1.0, city.pace[city.branch[city.route_agency]])
    slow = city.duration[:, None, None] * pace
    lengths = np.multiply.outer(slow, np.exp(SPREAD * math.sqrt(2) * z))
    work = np.multiply.outer(shares[:, None] * of_route, of_kota)
    weight = np.multiply.outer(work, weight_z)
    weight /= weight.sum()
    working = mean_s - QUICKEST_S
    scale = working / float((lengths * weight).sum())
    for _ in range(12):
        longest = LONGEST_DAYS * DAY - QUICKEST_S
        scale *= working / float((np.minimum(scale * lengths, longest) * weight).sum())
    return scale


def _totals() -> list[int]:
    return [_total(year) for year in _YEARS]


@cache
def _total(year: int) -> int:
    """Return the reports of a year: published, else assumed; the nearest known year beyond both."""
    nearest = min(max(year, _YEARS[0]), _YEARS[-1])
    for row in reference("complaint_published_totals"):
        if row["period"] == str(nearest) and row["dimension"] == "total":
            return int(row["reports"])
    return _ASSUMED_TOTALS[nearest]


def _open(period: str, total: int) -> int:
    """Return how many reports of a period are never finished; 0 for a month of no known share."""
    if period in _PRINTED_FINISHED:
        return total - _PRINTED_FINISHED[period]
    for row in reference("complaint_published_totals"):
        if row["period"] == period and row["dimension"] == "finished":
            return total - int(row["reports"])
    for row in reference("complaint_published_totals"):
        if row["period"] == period and row["dimension"] == "total" and row["pct"]:
            return total - math.floor(total * float(row["pct"]) / 100 + 0.5)
    return 0 if "-" in period else round(total * (1 - _ASSUMED_FINISHED))
