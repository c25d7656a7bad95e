"""A board in words: why the rule's value and the tier differ, moments, rules, totals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dashboards import boards_table, boards_words, markup
from data import board_sentences
from data.boards import Question
from data.metrics import rules
from data.publications import thaw
from tests.boards import board, standing

SAMPLE = Path(__file__).parents[1] / "samples" / "publication.json"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {},
            "15 dari 20 laporan terlambat dari wilayah ini lewat batas di tangan perangkat daerah"
            " lain; di tangan sendiri 2,4 poin persentase lebih tinggi dari kota pada laporan"
            " serupa.",
        ),
        (
            {"late_here": 18, "share": 0.88, "tier": "perlu_dibantu"},
            "18 dari 20 laporan terlambat lewat batas di kantor ini; di tangan sendiri 4,0 poin"
            " persentase lebih rendah dari kota pada laporan serupa.",
        ),
        (
            {"late_here": 18, "share": 0.925, "tier": "setara"},
            "18 dari 20 laporan terlambat lewat batas di kantor ini; di tangan sendiri 0,5 poin"
            " persentase lebih tinggi dari kota pada laporan serupa (masih dalam rentang"
            " ketidakpastian).",
        ),
        (
            {"rule_late": 0, "late_here": 0, "expected": 0.9, "share": 0.9},
            "Tidak ada laporan terlambat menurut aturan; di tangan sendiri sama dengan kota pada"
            " laporan serupa, yang lebih sulit dari umumnya.",
        ),
        (
            {"n": 12, "tier": "belum_cukup_data"},
            "Baru 12 penanganan jatuh tempo di tangan sendiri; di bawah 20 belum dapat"
            " dibandingkan.",
        ),
        (
            {"ranked": False, "n": 0, "share": None, "tier": "belum_cukup_data"},
            "Tidak ada penanganan di tangan sendiri yang jatuh tempo.",
        ),
    ],
)
def test_one_sentence_says_why_the_two_differ(changes, sentence):
    unit = standing(**changes)
    assert board_sentences.reason(unit, board(unit)) == sentence


def test_a_perangkat_daerah_is_told_where_the_time_was_lost():
    unit = standing(unit="DINAS BINA MARGA", late_here=1)
    question = Question("agency", date(2026, 1, 1), date(2026, 3, 1))
    said = board_sentences.reason(unit, board(unit, question=question))
    assert said.startswith("19 dari 20 laporan terlambat sudah lama di unit lain;")


@pytest.mark.parametrize(
    ("low", "high", "text"), [(25, 120, "25–120"), (3, 3, "3"), (None, None, "–")]
)
def test_a_rank_is_told_as_its_interval(low, high, text):
    assert boards_words.interval(standing(rank_low=low, rank_high=high)) == text


@pytest.mark.parametrize(
    ("held", "text"),
    [(0.9, ""), (0.93, ""), (0.853, " (85 %)"), (0.976, " (98 %)"), (1.0, " (> 99 %)"), (None, "")],
)
def test_an_interval_tells_its_chance_where_that_is_not_about_90_percent(held, text):
    assert boards_words.chance(standing(rank_mass=held)) == text
    assert boards_words.ranks(standing(rank_low=1, rank_high=2, rank_mass=held)) == f"1–2{text}"


def test_midnight_is_told_as_the_end_of_a_day():
    assert boards_words.as_of(board()) == "Rabu, 11 Maret 2026 pukul 24.00 WIB"


def test_every_rule_is_told_in_indonesian_with_its_times():
    told = [boards_words.rule(rule).replace("\xa0", " ") for rule in rules()]
    assert told[0] == "SE Sekda 61/SE/2018 sejak 1 Januari 2018: selesai ≤ 24 jam"
    assert told[-1] == "Aturan sejak 28 Mei 2025: selesai ≤ 6 hari, koordinasi ≤ 6 jam"


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (6, "6 jam"),
        (1, "1 jam"),
        (0.95, "57 mnt"),
        (3.63, "3,6 jam"),
        (47.5, "47,5 jam"),
        (144, "6 hari"),
        (60, "2,5 hari"),
    ],
)
def test_hours_are_told_in_the_unit_that_says_enough(hours, text):
    assert boards_words.hours(hours).replace("\xa0", " ") == text


def test_totals_add_counts_and_weigh_shares_by_them():
    sums = boards_words.totals((standing(), standing(n=10, on_time=0, expected=0.5)))
    assert (sums.units, sums.rule_due, sums.rule_late, sums.n) == (2, 200, 40, 100)
    assert sums.rule_share == pytest.approx(0.8)
    assert sums.share == pytest.approx(0.85)
    assert sums.expected_share == pytest.approx(0.878)


def test_totals_of_nothing_are_no_share():
    sums = boards_words.totals(())
    assert (sums.rule_share, sums.share, sums.expected_share) == (None, None, None)


def test_a_sheet_holds_each_unit_in_the_order_of_the_board():
    other = standing(unit="31.71.01.1002", name="Cideng", rank_low=None, rank_high=None)
    sheet = boards_words.sheet(board_sentences.frozen(board(standing(), other)))
    assert [row[0] for row in sheet.rows] == ["Gambir", "Cideng"]
    assert len(sheet.columns) == len(sheet.rows[0])
    assert sheet.simulated
    assert dict(sheet.facts)["Data per"] == "Rabu, 11 Maret 2026 pukul 24.00 WIB"


def test_a_sheet_tells_the_probability_of_each_interval():
    sheet = boards_words.sheet(board_sentences.frozen(board(standing(rank_mass=0.976))))
    names = [column.name for column in sheet.columns]
    assert dict(zip(names, sheet.rows[0], strict=True))["Peluang rentang"] == 0.976


def test_the_files_of_a_board_published_before_that_keep_their_columns():
    earlier = thaw(SAMPLE.read_bytes())
    assert boards_words.sheet(earlier).fingerprint == (
        "ff5a0b63b625b886fc42ea2dd3b2f0b73bc5141b6f3b727f744dced68861ce5b"
    )
    with_mass = replace(earlier, board=board(standing(rank_mass=0.9)))
    assert not any("Peluang" in column.name for column in boards_words.sheet(with_mass).columns)


def test_a_real_board_says_nothing_of_simulation():
    real = board(standing(), simulated=False)
    assert not boards_words.sheet(board_sentences.frozen(real)).simulated
    assert "SIMULASI" not in markup.html_text(boards_table.draw_told(real))


def test_the_bar_of_an_interval_spans_its_ranks():
    bar = markup.html_text(boards_table.interval_bar(standing(rank_low=26, rank_high=50), 100))
    assert "left:25.00%;width:25.00%" in bar
    assert "26–50" in bar
    sure = standing(rank_low=1, rank_high=1, rank_mass=0.98)
    assert "dari 5 (98 %)" in markup.html_text(boards_table.interval_bar(sure, 5))


@pytest.mark.parametrize(
    ("unit", "area", "is_shown"),
    [
        ("31.71.01.1001", "31", True),
        ("31.71.01.1001", "31.71.01", True),
        ("31.71.01.1001", "31.72", False),
        ("31.71.01", "31.71.01.1001", True),
        ("DINAS BINA MARGA", "31.71.01.1001", True),
    ],
)
def test_an_area_shows_what_lies_in_it_or_holds_it(unit, area, is_shown):
    assert boards_table.shown_in(replace(standing(), unit=unit), area) == is_shown


def test_appeals_count_for_their_office_and_for_the_area_that_holds_it():
    appeals = {"KELURAHAN GAMBIR": 2, "KELURAHAN CIDENG": 1, "DINAS BINA MARGA": 4}
    gambir = standing(unit="31.71.01.1001")
    assert board_sentences.frozen(board(gambir), appeals).appealed == {"31.71.01.1001": 2}
    kecamatan = standing(unit="31.71.01")
    assert board_sentences.frozen(board(kecamatan), appeals).appealed == {"31.71.01": 3}
    dinas = standing(unit="DINAS BINA MARGA")
    assert board_sentences.frozen(board(dinas), appeals).appealed == {"DINAS BINA MARGA": 4}
