"""Series of the city over time: what can be asked, of which places and spans, and the answer.

The registry is `data/reference/series.csv`: one row a series with the question of `data/queries/`
that answers it, its measures, its unit and how it adds up. Marks are days on which a rule, a
definition or a source changed, from the effective-dated reference tables and
`data/reference/series_marks.csv`: there a series may move though the city did not.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from data import changepoints, queries, reference, words
from data.changepoints import Change
from data.lake import Lake
from data.metrics import Rule, rules
from data.queries import Row

Bucket: TypeAlias = Literal["day", "week", "month", "year"]

WHOLE_CITY = "31"
FIRST_YEAR, LAST_YEARS_USUAL = 2010, 10
# A question about other years is a slip of the pen.
EARLIEST, LATEST = 1997, 2100
MOST_PLACES = 4
# Longest span of a bucket, in days: what is finer cannot be read.
LONGEST: Mapping[Bucket, int] = MappingProxyType(
    {"day": 1100, "week": 3700, "month": 40_000, "year": 40_000}
)
HOURS_DAYS = 366
# Of a span with fewer of its days told, nothing is said.
LEAST_TOLD = 0.5
PERIODS: Mapping[Bucket, int] = MappingProxyType({"week": 52, "month": 12})


class SeriesError(Exception):
    """A question that has no answer; the message, Indonesian, says why and what to ask instead."""


@dataclass(frozen=True)
class Series:
    """One series of the registry.

    Args:
        measures: What its query is asked for; several are parts of one whole.
        labels: Names of the parts, in the order of `measures`.
        over_time, over_places: How values add up, in words.
        places: Kind of place that it is told of; see `places`.
        least: Finest bucket.
        hours_query: Question by weekday and hour; empty where there is none.
        tables: Facts behind it.
        marks: Groups of marks that concern it.
    """

    id: str
    domain: str
    name: str
    unit: str
    decimals: int
    query: str
    measures: tuple[str, ...]
    labels: tuple[str, ...]
    over_time: str
    over_places: str
    places: str
    least: Bucket
    hours_query: str
    hours_measure: str
    tables: tuple[str, ...]
    marks: tuple[str, ...]
    first_year: int
    definition: str

    @property
    def is_stock(self) -> bool:
        """It adds up what came and went: it drifts, and has no level that could move."""
        return self.over_time.startswith("keadaan")

    @property
    def sums(self) -> bool:
        """A part of a span has less of it than the whole span."""
        return self.over_time in ("jumlah", "wilayah berbeda")


@dataclass(frozen=True)
class Question:
    """What is asked: a series of some places from `since` to before `until` (WIB)."""

    series: Series
    places: tuple[str, ...]
    since: date
    until: date
    bucket: Bucket


@dataclass(frozen=True)
class Point:
    """One span of a line.

    Args:
        at: First day of the span.
        value: None in a gap.
        days: Days of the span that were told of.
        partial: The span is not over, or began before what was asked for.
    """

    at: date
    value: float | None
    days: int = 0
    simulated: bool = False
    assumed: bool = False
    basis: str | None = None
    partial: bool = False


@dataclass(frozen=True)
class Line:
    """One measure of one place, span by span, without a hole in time."""

    place: str
    measure: str
    points: tuple[Point, ...]

    @property
    def told(self) -> bool:
        """It has a value at all."""
        return any(point.value is not None for point in self.points)


@dataclass(frozen=True)
class Mark:
    """A day on which a rule, a definition or a source changed.

    Args:
        kind: "aturan" or "definisi".
    """

    day: date
    kind: str
    title: str
    source: str


@functools.cache
def registry() -> Mapping[str, Series]:
    """Return every series by its id, in the order in which they are offered."""
    return MappingProxyType({row["id"]: _series(row) for row in reference.rows("series")})


@functools.cache
def places(kind: str) -> Mapping[str, str]:
    """Return what a kind of place holds: ids and names, the whole city first where it has one."""
    city = {WHOLE_CITY: "Seluruh Jakarta"}
    known: dict[str, dict[str, str]] = {
        "area": city | _names("areas", "code"),
        "category": city | {row["category"]: row["category"] for row in _categories()},
        "water": city | _names("water_stations", "station_id"),
        "water_one": _names("water_stations", "station_id"),
        "corridor": city | _kota() | _names("corridors", "corridor_id"),
        "air": city | _names("air_stations", "station_id"),
        "ispu": city
        | {
            row["station_id"]: f"{row['station_id']} {row['name']}"
            for row in reference.rows("air_stations")
            if row["kind"] == "reference"
        },
        "rain": city,
        "feed": city,
    }
    return MappingProxyType(known[kind])


def lake_places(lake: Lake, name: str) -> dict[str, str]:
    """Return the places of a series (its id) that only the lake knows: ids and names."""
    asked = registry().get(name)
    if asked is None or asked.places not in ("rain", "feed"):
        return {}
    if asked.places == "feed":
        return {row["feed"]: row["title"] for row in queries.feeds(lake)}
    return {
        row["station_id"]: f"Pos hujan {row['station_id']}" for row in queries.rain_stations(lake)
    }


def read_question(
    params: Mapping[str, str], cut: date, area: str, extra: Mapping[str, str] | None = None
) -> Question:
    """Read `seri`, `tempat`, `dari`, `sampai` (itself included) and `per` of a URL.

    Args:
        cut: Day at whose beginning the series ends.
        area: Area of the page, for a series of areas without `tempat`.
        extra: Places that only the lake knows: id to name.

    Raises:
        SeriesError: One of them cannot be answered.
    """
    asked = params.get("seri") or next(iter(registry()))
    series = registry().get(asked)
    if series is None:
        raise SeriesError(f"Seri “{asked[:40]}” tidak dikenal. Pilih salah satu dari daftar.")
    last = _day(params, "sampai", cut - timedelta(days=1))
    until = min(last, date.max - timedelta(days=1)) + timedelta(days=1)
    usual = date(max(series.first_year, cut.year - LAST_YEARS_USUAL), 1, 1)
    if until <= usual:
        usual = date(FIRST_YEAR, 1, 1)
    since = _day(params, "dari", usual)
    if since >= cut:
        raise SeriesError(
            "Rentang ini belum terjadi: data dipotong setiap tengah malam. Pilih tanggal sebelum"
            f" {words.day(cut, weekday=False)}."
        )
    if since >= until:
        raise SeriesError("Tanggal awal berada setelah tanggal akhir. Tukar keduanya.")
    return Question(
        series,
        _places(params.get("tempat", ""), series, area, extra or {}),
        since,
        min(until, cut),
        _bucket(params.get("per", ""), series, (until - since).days),
    )


def answer(lake: Lake, question: Question, cut: date) -> list[Line]:
    """Return the lines of a question: one a place and measure, gaps as spans without value.

    Args:
        cut: What became known from this day on (WIB) does not count.
    """
    rows = queries.series(
        lake,
        question.series.query,
        measures=question.series.measures,
        places=question.places,
        since=question.since,
        until=question.until,
        cut=cut,
        bucket=question.bucket,
    )
    told: dict[tuple[str, str], dict[date, Row]] = defaultdict(dict)
    for row in rows:
        told[row["place"], row["measure"]][row["bucket"]] = row
    return [
        Line(place, measure, tuple(_points(question, told[place, measure])))
        for measure in question.series.measures
        for place in question.places
    ]


def by_hour(lake: Lake, question: Question, cut: date) -> list[Row]:
    """Return the first place by `weekday` and `hour`, of the last year of the span at most."""
    since = max(question.since, question.until - timedelta(days=HOURS_DAYS))
    return queries.series_hours(
        lake,
        question.series.hours_query,
        measure=question.series.hours_measure,
        place=question.places[0],
        since=since,
        until=question.until,
        cut=cut,
    )


def changes(question: Question, line: Line) -> list[Change]:
    """Return the change points of a line; none of a stock, of days or years, of too few spans."""
    period = PERIODS.get(question.bucket)
    if period is None or question.series.is_stock:
        return []
    values = [None if point.partial else point.value for point in line.points]
    return changepoints.find(values, period)


def marks(question: Question) -> list[Mark]:
    """Return the marks of a series inside the span, oldest first."""
    found = [mark for group in question.series.marks for mark in _marks(group)]
    inside = [mark for mark in found if question.since < mark.day < question.until]
    if question.series.places == "category":
        inside = [
            mark
            for mark in inside
            if mark.kind == "aturan" or any(place in mark.title for place in question.places)
        ]
    return sorted(inside, key=lambda mark: (mark.day, mark.title))


def next_bucket(day: date, bucket: Bucket) -> date:
    """Return the first day of the span after that which begins with `day`."""
    if bucket == "year":
        return date(day.year + 1, 1, 1)
    if bucket == "month":
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + timedelta(days=7 if bucket == "week" else 1)


def first_bucket(day: date, bucket: Bucket) -> date:
    """Return the first day of the span that `day` lies in."""
    if bucket == "year":
        return date(day.year, 1, 1)
    if bucket == "month":
        return date(day.year, day.month, 1)
    return day - timedelta(days=day.weekday()) if bucket == "week" else day


def _points(question: Question, rows: Mapping[date, Row]) -> list[Point]:
    points, at = [], first_bucket(question.since, question.bucket)
    while at < question.until:
        end = next_bucket(at, question.bucket)
        partial = at < question.since or end > question.until
        inside = (min(end, question.until) - max(at, question.since)).days
        row = rows.get(at)
        if row is None or row["days"] < LEAST_TOLD * inside:
            points.append(Point(at, None, row["days"] if row else 0, partial=partial))
        else:
            told = (row["days"], row["simulated"], row["assumed"], row["basis"])
            points.append(Point(at, row["value"], *told, partial=partial))
        at = end
    return points


def _places(text: str, series: Series, area: str, extra: Mapping[str, str]) -> tuple[str, ...]:
    known = {**places(series.places), **extra}
    asked = list(dict.fromkeys(part for part in text.split("|") if part))
    if not asked and series.places == "area":
        asked = [area]
    if not asked:
        asked = [next(iter(known))]
    if len(asked) > MOST_PLACES:
        raise SeriesError(f"Paling banyak {MOST_PLACES} tempat dapat dibandingkan.")
    for place in asked:
        if place not in known:
            raise SeriesError(
                f"Seri “{series.name}” tidak memiliki tempat “{place[:60]}”. Pilih dari daftar."
            )
    return tuple(asked)


def _bucket(text: str, series: Series, days: int) -> Bucket:
    names: dict[str, Bucket] = {"hari": "day", "minggu": "week", "bulan": "month", "tahun": "year"}
    order: tuple[Bucket, ...] = get_args(Bucket)
    if text:
        bucket = names.get(text)
        if bucket is None:
            raise SeriesError(f"Rentang “{text[:20]}” tidak dikenal: hari, minggu, bulan, tahun.")
        if days > LONGEST[bucket]:
            raise SeriesError(
                f"Per {text} paling panjang {LONGEST[bucket] // 365} tahun. Pilih rentang yang"
                " lebih pendek, atau nilai per bulan."
            )
    else:
        bucket = "day" if days <= 100 else "week" if days <= 750 else "month"
    return max(bucket, series.least, key=order.index)


def _day(params: Mapping[str, str], name: str, usual: date) -> date:
    text = params.get(name)
    if not text:
        return usual
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise SeriesError(
            f"Tanggal “{text[:20]}” tidak dapat dibaca. Tulis seperti 2024-01-31."
        ) from None
    if not EARLIEST <= day.year <= LATEST:
        raise SeriesError(
            f"Tidak ada data tahun {day.year}. Pilih tanggal antara {EARLIEST} dan {LATEST}."
        )
    return day


def _series(row: Mapping[str, str]) -> Series:
    least: Bucket = next(bucket for bucket in get_args(Bucket) if bucket == row["least"])
    return Series(
        id=row["id"],
        domain=row["domain"],
        name=row["name"],
        unit=row["unit"],
        decimals=int(row["decimals"]),
        query=row["query"],
        measures=tuple(row["measures"].split("|")),
        labels=tuple(row["labels"].split("|")) if row["labels"] else (),
        over_time=row["over_time"],
        over_places=row["over_places"],
        places=row["places"],
        least=least,
        hours_query=row["hours_query"],
        hours_measure=row["hours_measure"],
        tables=tuple(row["tables"].split()),
        marks=tuple(row["marks"].split()),
        first_year=int(row["first_year"]),
        definition=row["definition"],
    )


def _marks(group: str) -> list[Mark]:
    if group == "complaint_rules":
        return [Mark(rule.valid_from, "aturan", _rule_title(rule), rule.source) for rule in rules()]
    if group == "categories":
        return [
            Mark(
                date.fromisoformat(row["label_since"]),
                "definisi",
                f"Kategori “{row['label_before'].strip()}” menjadi “{row['category']}”",
                row["source"],
            )
            for row in _categories()
            if row["label_since"]
        ]
    if group == "channels":
        return [mark for row in reference.rows("complaint_channels") for mark in _channel(row)]
    if group == "stations":
        return [
            Mark(
                date.fromisoformat(row["valid_from"]),
                "definisi",
                f"Pos {row['name']} dimulai",
                row["source"],
            )
            for row in reference.rows("water_stations")
            if row["valid_from"]
        ]
    return [
        Mark(date.fromisoformat(row["date"]), row["kind"], row["title"], row["source"])
        for row in reference.rows("series_marks")
        if row["marks"] == group
    ]


def _rule_title(rule: Rule) -> str:
    letter = rule.name.split(":")[0] if rule.name.startswith("SE ") else "Aturan tanpa nomor surat"
    days, rest = divmod(rule.resolve_h, 24)
    return (
        f"{letter}: selesai dalam {rule.resolve_h} jam"
        if rest
        else f"{letter}: selesai dalam {days} hari"
    )


def _channel(row: Mapping[str, str]) -> list[Mark]:
    said = []
    if row["valid_from"]:
        said.append((date.fromisoformat(row["valid_from"]), "dibuka"))
    if row["valid_to"]:
        said.append((date.fromisoformat(row["valid_to"]) + timedelta(days=1), "ditutup"))
    return [
        Mark(day, "definisi", f"Kanal {row['channel']} {what}", row["source"]) for day, what in said
    ]


def _categories() -> Sequence[Mapping[str, str]]:
    return reference.rows("complaint_categories")


def _names(table: str, key: str) -> dict[str, str]:
    return {row[key]: row["name"] for row in reference.rows(table)}


def _kota() -> dict[str, str]:
    return {row["code"]: row["name"] for row in reference.rows("areas") if row["level"] == "kota"}
