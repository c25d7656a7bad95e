"""Broken files of the open-data portal: a fault is told with its line and harms no other row."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.ispu_csv import FEED

FOLDER = Path(__file__).parents[1] / "samples" / "broken"
AT = datetime(2026, 3, 12, tzinfo=UTC)


def told(name):
    """Return the days that a file tells of, and the line and reason of each rejected row."""
    found = list(FEED.parse((FOLDER / name).read_bytes(), Context(AT, name=name)))
    rejects = [item for item in found if isinstance(item, Reject)]
    days = [item[1]["day"].isoformat() for item in found if not isinstance(item, Reject)]
    return days, [(item.raw.split(":")[0], item.field, item.reason) for item in rejects]


def test_mixed_dates_and_day_numbers_are_read_where_the_period_decides():
    days, rejects = told("ispu-2024-mixed-dates.csv")
    assert days == ["2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08"]
    assert rejects == [
        ("baris 6", "tanggal", "hari dan bulan tidak dapat dibedakan tanpa periode_data"),
        ("baris 7", "tanggal", "bukan tanggal"),
    ]


def test_shifted_columns_are_no_other_columns_values():
    days, rejects = told("ispu-2024-shifted.csv")
    assert days == ["2024-01-01"]
    assert [(line, reason) for line, _, reason in rejects] == [
        ("baris 3", "bukan stasiun DKI1 sampai DKI5"),
        ("baris 4", "13 sel untuk 12 kolom"),
        ("baris 5", "kategori pada tempat stasiun: kolom bergeser"),
    ]


def test_periods_of_another_year_decide_nothing_by_themselves():
    days, rejects = told("ispu-2024-periods-of-2023.csv")
    assert days == []
    assert {reason.split(",")[0] for _, _, reason in rejects} == {
        "bertentangan dengan periode_data"
    }


def test_a_line_in_another_encoding_is_rejected_with_what_to_do():
    days, [(line, _, reason)] = told("ispu-2024-windows-1252.csv")
    assert (days, line) == (["2024-01-01"], "baris 3")
    assert reason == "teks bukan UTF-8: simpan ulang berkas sebagai CSV UTF-8"


def test_a_quote_that_stays_open_names_the_line_at_which_it_began():
    days, [(line, _, reason)] = told("ispu-2024-open-quote.csv")
    assert (days, line) == ([], "baris 2")
    assert reason.endswith("mungkin tanda kutip tidak ditutup")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ispu-2023.csv", "menyebut tahun 2023, isinya tahun 2024"),
        ("ispu-2024-utf-16.csv", "teks UTF-16: simpan dulu sebagai CSV UTF-8"),
    ],
)
def test_a_file_that_is_another_says_which(name, reason):
    with pytest.raises(Malformed, match=reason):
        told(name)
