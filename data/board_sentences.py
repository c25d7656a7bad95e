"""What is said of a board when it is published: its title, and one sentence a unit."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from data import reference, words
from data.boards import Board, Level, Standing
from data.publications import FORM, Frozen
from data.ranking import FEWEST

# Level -> value of `?tingkat=`, one unit, as a heading.
LEVELS: Mapping[Level, tuple[str, str, str]] = MappingProxyType(
    {
        "kelurahan": ("kelurahan", "kelurahan", "Kelurahan"),
        "kecamatan": ("kecamatan", "kecamatan", "Kecamatan"),
        "kota": ("kota", "kota", "Kota"),
        "agency": ("pd", "perangkat daerah", "Perangkat daerah"),
    }
)
# A mix of cases is worth a word from half a percentage point on.
MIX = 0.005


def frozen(board: Board, appeals: Mapping[str, int] | None = None) -> Frozen:
    """Return a board with the sentence that is said of each unit.

    Args:
        appeals: How many wait or were accepted, by office or perangkat daerah.
    """
    units = {unit.unit for unit in board.units}
    appealed: Counter[str] = Counter()
    for office, count in (appeals or {}).items():
        code = _office_codes().get(office, office)
        appealed.update({unit: count for unit in units if _is_of(code, unit)})
    return Frozen(
        board,
        {unit.unit: reason(unit, board) for unit in board.units},
        dict(sorted(appealed.items())),
        FORM,
    )


def title(board: Board) -> str:
    """Return the title of a board."""
    question = board.question
    narrowed = [one for one in (question.category, question.channel) if one]
    text = f"Peringkat {LEVELS[question.level][1]}, {words.period(question.since, question.until)}"
    return f"{text} ({', '.join(narrowed)})" if narrowed else text


def reason(unit: Standing, board: Board) -> str:
    """Return the one sentence that says why the rule's value and the tier of a unit differ."""
    if unit.ranked and unit.tier == "belum_cukup_data":
        return (
            f"Baru {words.number(unit.n)} penanganan jatuh tempo di tangan sendiri; di bawah"
            f" {FEWEST} belum dapat dibandingkan."
        )
    if not unit.n:
        return "Tidak ada penanganan di tangan sendiri yang jatuh tempo."
    if not unit.rule_late:
        return f"Tidak ada laporan terlambat menurut aturan; di tangan sendiri {_own(unit, board)}."
    return f"{_lateness(unit, board.question.level)}; di tangan sendiri {_own(unit, board)}."


@functools.cache
def _office_codes() -> Mapping[str, str]:
    """Return the area of each office of a kelurahan, kecamatan or kota, by its name."""
    return MappingProxyType(
        {
            row["agency"]: row["area_code"]
            for row in reference.rows("agencies")
            if row["kind"] in ("kelurahan", "kecamatan", "kota")
        }
    )


def _is_of(code: str, unit: str) -> bool:
    return code == unit or code.startswith(f"{unit}.")


def _lateness(unit: Standing, level: Level) -> str:
    elsewhere = unit.rule_late - unit.late_here
    late = words.number(unit.rule_late)
    if level == "agency":
        if 2 * elsewhere > unit.rule_late:
            return (
                f"{words.number(elsewhere)} dari {late} laporan terlambat sudah lama di unit lain"
            )
        return f"{words.number(unit.late_here)} dari {late} laporan terlambat lewat batas di sini"
    if 2 * elsewhere > unit.rule_late:
        return (
            f"{words.number(elsewhere)} dari {late} laporan terlambat dari wilayah ini lewat batas"
            " di tangan perangkat daerah lain"
        )
    return f"{words.number(unit.late_here)} dari {late} laporan terlambat lewat batas di kantor ini"


def _own(unit: Standing, board: Board) -> str:
    gap = 100 * ((unit.share or 0) - (unit.expected or 0))
    mix = (unit.expected or 0) - (board.city or 0)
    like = "laporan serupa"
    if mix <= -MIX:
        like = "laporan serupa, yang lebih sulit dari umumnya"
    elif mix >= MIX:
        like = "laporan serupa, yang lebih mudah dari umumnya"
    if not round(gap, 1):
        return f"sama dengan kota pada {like}"
    side = "tinggi" if gap > 0 else "rendah"
    told = f"{words.number(abs(gap), 1)} poin persentase lebih {side} dari kota pada {like}"
    return f"{told} (masih dalam rentang ketidakpastian)" if unit.tier == "setara" else told
