"""A board of the ranking in words: its tiers, its period and rules, one sentence a unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from dashboards.exports import Column, Sheet
from data import board_sentences, words
from data.asof import WIB
from data.board_sentences import LEVELS
from data.boards import Board, Standing, before_rules
from data.metrics import Rule, metrics
from data.publications import Frozen

# Tier -> its words, in the order in which boards are read.
TIERS: Mapping[str, str] = MappingProxyType(
    {
        "lebih_baik": "Kinerja lebih baik dari kota",
        "setara": "Setara dengan kota",
        "perlu_dibantu": "Perlu dibantu",
        "belum_cukup_data": "Belum cukup data",
    }
)
NOT_RANKED = "Ditampilkan, tidak diperingkat"
METHOD = (
    "Nilai menurut aturan berlaku menghitung semua laporan, siapa pun pemegangnya. Tingkat kinerja"
    " hanya menghitung waktu di tangan unit itu sendiri, dibandingkan dengan kota pada laporan"
    " serupa; rentang peringkat memuat peringkat sebenarnya dengan peluang sedekat mungkin dengan"
    " 90 %.",
    "Laporan gabungan dihitung sekali dalam kinerja. Kepulauan Seribu ditampilkan, tidak"
    " diperingkat.",
)


@dataclass(frozen=True)
class Totals:
    """The sum of some rows of a board.

    Args:
        units: How many rows.
    """

    units: int
    rule_due: int
    rule_late: int
    n: int
    on_time: int
    expected: float

    @property
    def rule_share(self) -> float | None:
        """On time by the rule."""
        return 1 - self.rule_late / self.rule_due if self.rule_due else None

    @property
    def share(self) -> float | None:
        """On time in their own hands."""
        return self.on_time / self.n if self.n else None

    @property
    def expected_share(self) -> float | None:
        """What the city would have had with the same cases."""
        return self.expected / self.n if self.n else None


def totals(units: tuple[Standing, ...]) -> Totals:
    """Add up rows of a board."""
    return Totals(
        len(units),
        sum(unit.rule_due for unit in units),
        sum(unit.rule_late for unit in units),
        sum(unit.n for unit in units),
        sum(unit.on_time for unit in units),
        sum((unit.expected or 0) * unit.n for unit in units),
    )


def interval(unit: Standing) -> str:
    """Return the 90 % interval of a unit's rank: "25–120"."""
    if unit.rank_low is None or unit.rank_high is None:
        return words.NOTHING
    if unit.rank_low == unit.rank_high:
        return str(unit.rank_low)
    return f"{unit.rank_low}–{unit.rank_high}"


def chance(unit: Standing) -> str:
    """Return what the interval holds instead where that is not about 90 %: " (98 %)"."""
    return "" if unit.chance is None else f" ({probability(unit.chance)})"


def probability(share: float) -> str:
    """Write a drawn probability, which is never certain: "98 %", "> 99 %"."""
    if share > 0.99:
        return "> 99 %"
    return "< 1 %" if share < 0.01 else words.percent(share, 0)


def ranks(unit: Standing) -> str:
    """Return the interval of a unit's rank with its `chance`: "1–2 (98 %)"."""
    return f"{interval(unit)}{chance(unit)}"


def tier(unit: Standing) -> str:
    """Return the words for the tier of a unit."""
    return TIERS[unit.tier] if unit.ranked else NOT_RANKED


def in_ranks(board: Board) -> int:
    """Return how many units have a rank."""
    return sum(unit.rank is not None for unit in board.units)


def as_of(board: Board) -> str:
    """Return the moment of a board, midnight told as the end of a day."""
    last = (board.cut - timedelta(seconds=1)).astimezone(WIB)
    return f"{words.day(last)} pukul 24.00 WIB"


def rule(one: Rule) -> str:
    """Return a rule: since when, and within what time a complaint is handed on and finished."""
    # The name of a circular stands before its content.
    name = one.name.split(":")[0] if one.name.startswith("SE ") else "Aturan"
    within = "≤\N{NO-BREAK SPACE}"
    handed = f", koordinasi {within}{hours(one.coordinate_h)}" if one.coordinate_h else ""
    since = words.day(one.valid_from, weekday=False)
    return f"{name} sejak {since}: selesai {within}{hours(one.resolve_h)}{handed}"


def rules(board: Board) -> str:
    """Return the rules that judge a board's complaints."""
    told = "; ".join(rule(one) for one in board.rules)
    if not before_rules(board.question):
        return told
    unjudged = "laporan sebelum aturan pertama tidak dapat dinilai"
    return f"{told}; {unjudged}" if told else unjudged


def hours(count: float | None) -> str:
    """Return hours in the unit that says enough: "57 mnt", "3,6 jam", "6 hari"."""
    if count is None:
        return words.NOTHING
    if count < 2 and count != 1:
        return words.quantity(60 * count, "mnt")
    told, unit = (round(count / 24, 1), "hari") if count >= 48 else (round(count, 1), "jam")
    return words.quantity(told, unit, 0 if told == int(told) else 1)


def counted(board: Board) -> dict[str, int]:
    """Return how many ranked units are in each tier, in the order of `TIERS`."""
    found = Counter(unit.tier for unit in board.ranked)
    return {name: found[name] for name in TIERS}


def sheet(frozen: Frozen) -> Sheet:
    """Return a board as a table that leaves the site."""
    board = frozen.board
    sums = totals(board.units)
    chances = [Column("Peluang rentang", "share", 0, 8)] if frozen.form >= 2 else []
    return Sheet(
        name=f"peringkat-{LEVELS[board.question.level][0]}",
        title=board_sentences.title(board),
        at=board.cut,
        facts=(
            ("Data per", as_of(board)),
            ("Periode laporan masuk", words.period(board.question.since, board.question.until)),
            ("Kategori", board.question.category or "semua"),
            ("Kanal", board.question.channel or "semua"),
            ("Aturan", rules(board)),
            (
                "n",
                f"{words.number(sums.rule_due)} laporan jatuh tempo menurut aturan;"
                f" {words.number(sums.n)} penanganan jatuh tempo di tangan unit;"
                f" {words.number(sums.units)} unit",
            ),
        ),
        columns=(
            Column("Unit", width=22),
            Column("Bagian dari", width=16),
            Column("Tepat waktu menurut aturan", "share", 1, 9),
            Column("Laporan jatuh tempo", "number", 0, 8),
            Column("Terlambat (bendera merah)", "number", 0, 9),
            Column("Tingkat kinerja", width=17),
            Column("Rentang peringkat 90 %: dari", "number", 0, 8),
            Column("sampai", "number", 0, 7),
            *chances,
            Column("Tepat waktu di tangan sendiri", "share", 1, 9),
            Column("Kota dengan laporan serupa", "share", 1, 9),
            Column("n penanganan", "number", 0, 10),
            Column("Disanggah", "number", 0, 9),
            Column("Mengapa keduanya berbeda", width=52),
        ),
        rows=tuple(
            (
                unit.name,
                unit.parent or "",
                unit.rule_share,
                unit.rule_due,
                unit.rule_late,
                tier(unit),
                unit.rank_low,
                unit.rank_high,
                *([unit.rank_mass] if chances else []),
                unit.share,
                unit.expected,
                unit.n,
                frozen.appealed.get(unit.unit, 0),
                frozen.reasons[unit.unit],
            )
            for unit in board.units
        ),
        notes=(*METHOD, f"{metrics()['M3'].name}: {metrics()['M3'].definition}."),
        simulated=bool(board.simulated),
    )
