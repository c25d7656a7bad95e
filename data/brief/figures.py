"""The six numbers of a brief, each beside yesterday, the usual of its weekday and last year."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from types import MappingProxyType

from data import queries, reference, words
from data.asof import WIB, AsOf
from data.brief import prose
from data.brief.asking import Answer, Asking, rules
from data.brief.limits import Usual, usual
from data.brief.model import Comparison, Figure
from data.queries import Row

DAY = timedelta(days=1)
YESTERDAY, WEEKS = DAY, tuple(timedelta(weeks=week) for week in (1, 2, 3, 4))
# The same weekday a year ago.
LAST_YEAR = timedelta(weeks=52)
LEAST_WEEKS = 3
TREND_DAYS = 14
CITY = "31"


@dataclass(frozen=True)
class About:
    """What a figure is: a row of `brief_figures.csv`."""

    id: str
    title: str
    unit: str
    decimals: int
    link: str
    how: str


@dataclass(frozen=True)
class Known:
    """A figure at one moment.

    Args:
        value: Compared as it is.
        told: Posts, houses or stations behind it; None where all always are.
    """

    value: float
    told: int | None = None


@dataclass(frozen=True)
class Measured:
    """A figure over time, as far as it is known.

    Args:
        by_age: Figure by how long before the brief.
        value, detail, title: As printed.
        relative: Differences are shares of the earlier value, in per cent.
    """

    by_age: Mapping[timedelta, Known]
    value: str
    detail: str
    answers: tuple[Answer, ...]
    title: str = ""
    unit: str = ""
    relative: bool = False


@functools.cache
def registry() -> Mapping[str, About]:
    """Return what each of the six is, in the order of the brief."""
    return MappingProxyType(
        {
            row["id"]: About(
                row["id"],
                row["title"],
                row["unit"],
                int(row["decimals"]),
                row["link"],
                row["how"],
            )
            for row in reference.rows("brief_figures")
        }
    )


def figures(asking: Asking) -> tuple[Figure, ...]:
    """Return the six numbers; one that cannot be known says so and shows none."""
    measures: Mapping[str, Callable[[Asking], Measured | None]] = {
        "pos-siaga": _gates,
        "wilayah-tergenang": _floods,
        "pompa-aktif": _pumps,
        "pengaduan-terlambat": _overdue,
        "waktu-tempuh": _corridors,
        "udara-tidak-sehat": _air,
    }
    return tuple(_figure(asking, about, measures[about.id]) for about in registry().values())


def ages() -> list[timedelta]:
    """Return how long before the brief a figure is asked for: each day of the last weeks."""
    return [DAY * days for days in range(int(rules()["usual_days"]) + 1)]


def _figure(asking: Asking, about: About, measure: Callable[[Asking], Measured | None]) -> Figure:
    found = measure(asking)
    if found is None or timedelta(0) not in found.by_age:
        if found is not None:
            asking.miss(
                f"angka:{about.id}",
                f"{about.title} belum diketahui: tidak ada data terkini.",
                f"angka {prose.lowered(about.title)}",
                *found.answers,
            )
        return Figure(
            about.id, about.title, "unknown", "", "", "", (), (), link=about.link, how=about.how
        )
    now = found.by_age[timedelta(0)]
    values = [_comparable(found.by_age.get(age), now) for age in ages()]
    limits = usual(values[:0:-1], least=int(rules()["usual_least"]), sigmas=rules()["usual_sigmas"])
    unit = found.unit or about.unit
    return Figure(
        id=about.id,
        title=found.title or about.title,
        state="known",
        value=found.value,
        unit=unit,
        detail=found.detail,
        comparisons=_comparisons(asking.now, found, now, limits, unit),
        notes=asking.cite(*found.answers),
        trend=tuple(
            None if value is None else round(float(value), 4)
            for value in reversed(values[:TREND_DAYS])
        ),
        trend_label=f"{TREND_DAYS} hari terakhir pukul {words.clock(asking.now)}",
        link=about.link,
        how=about.how,
    )


def _comparisons(
    cut: datetime, found: Measured, now: Known, limits: Usual | None, unit: str
) -> tuple[Comparison, ...]:
    local = cut.astimezone(WIB)
    weekday = words.DAYS[local.weekday()]
    weeks = [
        value for age in WEEKS if (value := _comparable(found.by_age.get(age), now)) is not None
    ]
    usual_week = median(weeks) if len(weeks) >= LEAST_WEEKS else None
    last_year = words.day(local - LAST_YEAR, weekday=False)

    def compared(against: str, value: float | None, age: timedelta | None) -> Comparison:
        if value is None:
            return Comparison(against, _why_not(found, now, age), None)
        outside = None
        if limits is not None:
            far = limits.is_outside(now.value) if age is None else limits.differs(now.value, value)
            outside = far and now.value != value
        return Comparison(
            against, difference(now.value, value, outside, found.relative, unit), outside
        )

    return (
        compared("kemarin", _comparable(found.by_age.get(YESTERDAY), now), YESTERDAY),
        compared(f"median {weekday} empat pekan terakhir", usual_week, None),
        compared(
            f"{weekday}, {last_year}", _comparable(found.by_age.get(LAST_YEAR), now), LAST_YEAR
        ),
    )


def _comparable(then: Known | None, now: Known) -> float | None:
    """Return a figure of another moment; None where far fewer stations told of it."""
    if then is None:
        return None
    if now.told is None or then.told is None:
        return then.value
    fewer, more = sorted((then.told, now.told))
    return then.value if fewer >= rules()["comparable"] * more else None


def _why_not(found: Measured, now: Known, age: timedelta | None) -> str:
    then = None if age is None else found.by_age.get(age)
    if then is None or then.told is None or now.told is None:
        return "belum ada data pembanding"
    told = f"{words.number(then.told)} yang memberi data, kini {words.number(now.told)}"
    return f"tidak sebanding: {told}"


def difference(now: float, then: float, outside: bool | None, relative: bool, unit: str) -> str:
    """Write what a figure differs by; that it rose or fell is said only outside its limits.

    Args:
        outside: Beyond the usual variation; None where that is not known.
        relative: As a share of the earlier value, in per cent.
    """
    moved = 100 * (now / then - 1) if relative else now - then
    unit = "%" if relative else unit
    if outside is None:
        return f"selisih {prose.signed(moved)} {unit}; variasi wajar belum diketahui"
    if not outside:
        return f"relatif tetap ({prose.signed(moved)} {unit})"
    return f"{'meningkat' if moved > 0 else 'menurun'} {words.number(abs(moved))} {unit}"


def _gates(asking: Asking) -> Measured | None:
    answer, rows = _over_time(asking, queries.brief_gates)
    if not asking.usable("angka:pos-siaga", "angka pos menurut siaga", *answer):
        return None
    by_age = {
        age: Known(row["siaga1"] + row["siaga2"] + row["siaga3"], row["told"])
        for age, row in rows.items()
        if row["told"]
    }
    now = rows.get(timedelta(0), {})
    if not now:
        return Measured(by_age, "", "", answer)
    detail = [
        f"Siaga {siaga}: {words.number(now[f'siaga{siaga}'])}"
        for siaga in (1, 2, 3)
        if now[f"siaga{siaga}"]
    ]
    if silent := now["stations"] - now["told"]:
        detail.append(f"{words.number(silent)} tanpa data terkini")
    total = words.number(now["told"])
    value = f"{words.number(by_age[timedelta(0)].value)} dari {total}" if by_age else ""
    return Measured(by_age, value, " · ".join(detail), answer)


def _floods(asking: Asking) -> Measured | None:
    answer, rows = _over_time(asking, queries.brief_floods)
    if not asking.usable("angka:wilayah-tergenang", "angka RT tergenang", *answer):
        return None
    # A source tells of RT or of RW; what it never tells of is not zero.
    level = (
        "rw"
        if not any(row["rt"] for row in rows.values()) and any(row["rw"] for row in rows.values())
        else "rt"
    )
    by_age = {age: Known(row[level]) for age, row in rows.items()}
    now = rows.get(timedelta(0), {})
    detail = f"di {words.number(now['kelurahan'])} kelurahan" if now.get("kelurahan") else ""
    value = words.number(now[level]) if now else ""
    unit = level.upper()
    return Measured(by_age, value, detail, answer, title=f"{unit} tergenang", unit=unit)


def _pumps(asking: Asking) -> Measured | None:
    answer, rows = _over_time(asking, queries.brief_pumps)
    if not asking.usable("angka:pompa-aktif", "angka pompa aktif", *answer):
        return None
    by_age = {age: Known(row["running"], row["houses"]) for age, row in rows.items()}
    now = rows.get(timedelta(0))
    if now is None:
        return Measured(by_age, "", "", answer)
    detail = [f"{words.number(now['idle'])} siap (idle)"]
    if now["off"] is not None:
        detail.append(f"{words.number(now['off'])} nonaktif")
    if now["silent"]:
        detail.append(f"{words.number(now['silent'])} rumah pompa tanpa data")
    value = f"{words.number(now['running'])} dari {words.number(now['pumps'])}"
    return Measured(by_age, value, " · ".join(detail), answer)


def _overdue(asking: Asking) -> Measured | None:
    backlog = asking.ask(queries.complaints_backlog, CITY)
    moments = [asking.now - age for age in ages()]
    changes = asking.ask(queries.brief_overdue, moments)
    a_year_ago = asking.ask(
        queries.complaints_backlog,
        CITY,
        moment=AsOf(asking.now - LAST_YEAR, asking.as_of.known_time, live=False),
    )
    answers = (backlog, changes, a_year_ago)
    if not asking.usable(
        "angka:pengaduan-terlambat", "angka pengaduan melewati batas waktu", *answers
    ):
        return None
    if backlog.first.get("simulated") is None:
        return Measured({}, "", "", answers)
    late = backlog.first["late"]
    rows = {asking.now - row["moment"]: row for row in changes.rows}
    now = rows.get(timedelta(0))
    by_age = {timedelta(0): Known(late)}
    if now is not None:
        by_age |= {
            age: Known(late - row["open_change"] + now["in_time"] - row["in_time"])
            for age, row in rows.items()
        }
    if a_year_ago.first.get("simulated") == backlog.first["simulated"]:
        by_age[LAST_YEAR] = Known(a_year_ago.first["late"])
    open_ = backlog.first["open"]
    detail = (
        f"{words.percent(late / open_)} dari {words.number(open_)} yang terbuka" if open_ else ""
    )
    return Measured(by_age, words.number(late), detail, answers)


def _corridors(asking: Asking) -> Measured | None:
    hour = asking.now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    answers, rows = _over_time(asking, queries.brief_corridors, hour)
    if not asking.usable("angka:waktu-tempuh", "angka waktu tempuh koridor", *answers):
        return None
    by_age = {
        age: Known(row["spent_h"] / row["free_h"], row["corridors"]) for age, row in rows.items()
    }
    now = by_age.get(timedelta(0))
    if now is None:
        return Measured(by_age, "", "", answers)
    weeks = [value for age in WEEKS if (value := _comparable(by_age.get(age), now)) is not None]
    if len(weeks) < LEAST_WEEKS:
        return Measured({}, "", "", answers)
    ratio = now.value / median(weeks)
    local = hour.astimezone(WIB)
    detail = (
        f"pukul {local:%H.00}–{words.clock(local + timedelta(hours=1))};"
        f" {words.number(now.value, 2)} kali arus bebas"
    )
    printed = prose.signed(100 * (ratio - 1))
    return Measured(by_age, printed, detail, answers, relative=True)


def _air(asking: Asking) -> Measured | None:
    answers, rows = _over_time(asking, queries.brief_air)
    if not asking.usable("angka:udara-tidak-sehat", "angka stasiun udara", *answers):
        return None
    by_age = {age: Known(row["unhealthy"], row["told"]) for age, row in rows.items()}
    now = rows.get(timedelta(0))
    if now is None:
        return Measured(by_age, "", "", answers)
    detail = ""
    if now["worse"]:
        detail = f"{words.number(now['worse'])} di antaranya Sangat Tidak Sehat atau lebih buruk"
    printed = f"{words.number(now['unhealthy'])} dari {words.number(now['told'])}"
    return Measured(by_age, printed, detail, answers)


def _over_time(
    asking: Asking,
    question: Callable[..., list[Row]],
    newest: datetime | None = None,
) -> tuple[tuple[Answer, ...], dict[timedelta, Row]]:
    """Ask a question about each day of the last weeks and about a year ago.

    Real and simulated figures are never held against each other.
    """
    newest = newest or asking.now
    recent = asking.ask(question, [newest - age for age in ages()])
    a_year_ago = asking.ask(question, [newest - LAST_YEAR])
    rows = {newest - row["moment"]: row for row in (*recent.rows, *a_year_ago.rows)}
    now = rows.get(timedelta(0))
    same = {
        age: row for age, row in rows.items() if now is None or row["simulated"] == now["simulated"]
    }
    return (recent, a_year_ago), same
