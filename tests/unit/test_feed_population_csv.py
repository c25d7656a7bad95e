from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from data.reference import rows as reference_rows
from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.population_csv import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/population_csv.csv").read_bytes()
SHARED = ROOT.parent / "shared/history/population/penduduk_kelurahan_usia_jk_2013_2021_raw.csv"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="../shared with the real file is absent"
)


def items(body):
    return list(FEED.parse(body, Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC))))


def line(**changes):
    cells = {
        "tahun": "2016",
        "nama_kelurahan": "GAMBIR",
        "usia": "0-4",
        "jenis_kelamin": "Laki-laki",
        "jumlah_penduduk": "101",
    } | changes
    return items(f"{','.join(cells)}\n{','.join(cells.values())}\n".encode())[0]


def test_a_line_counts_on_the_last_day_of_its_year():
    assert items(SAMPLE)[0] == (
        "population",
        {
            "event_time": datetime(2016, 12, 30, 17, 0, tzinfo=UTC),
            "kelurahan_code": "31.71.01.1001",
            "age_group": "0-4",
            "sex": "L",
            "residents": 101,
        },
    )


def test_age_groups_that_became_dates_and_both_spellings_of_a_sex_are_read():
    rows = [item[1] for item in items(SAMPLE)[1:5]]
    assert [(row["age_group"], row["sex"]) for row in rows] == [
        ("5-9", "L"),
        ("10-14", "P"),
        ("10-14", "P"),
        (">75", "P"),
    ]


def test_a_line_that_is_repeated_is_repeated():
    assert items(SAMPLE)[2] == items(SAMPLE)[3]


def test_an_unknown_kelurahan_is_rejected():
    reject = items(SAMPLE)[5]
    assert (reject.field, reject.reason) == (
        "nama_kelurahan",
        "tidak ada kelurahan di Jakarta dengan nama itu",
    )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("P. PARI", "31.01.02.1003"),
        ("KERENDANG", "31.73.04.1005"),
        ("KAMPUNG TENGAH", "31.75.04.1002"),
        ("HALIM PERDANA KUSUMAH", "31.75.08.1004"),
        ("PAL MERIAM", "31.75.01.1004"),
        ("Kali Baru", "31.72.04.1004"),
    ],
)
def test_a_kelurahan_is_known_by_any_of_its_spellings(written, code):
    assert line(nama_kelurahan=written)[1]["kelurahan_code"] == code


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tahun": ""}, "tahun"),
        ({"tahun": "16"}, "tahun"),
        ({"tahun": "9999999"}, "tahun"),
        ({"jenis_kelamin": "-"}, "jenis_kelamin"),
        ({"jumlah_penduduk": "banyak"}, "jumlah_penduduk"),
        ({"jumlah_penduduk": "1.5"}, "jumlah_penduduk"),
        ({"nama_kelurahan": "x" * 100_000}, "nama_kelurahan"),
    ],
)
def test_a_bad_line_is_rejected_by_its_field(changes, field):
    reject = line(**changes)
    assert isinstance(reject, Reject)
    assert reject.field == field


@pytest.mark.parametrize("body", [b"", b"tahun,usia\n2016,0-4\n", b"<html></html>", b"{}"])
def test_another_file_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


@cache
def real():
    """Return the residents of the real file by year, kelurahan, age group and sex."""
    found: dict[tuple[int, str, str, str], list[int]] = {}
    for _, row in items(SHARED.read_bytes()):
        key = (row["event_time"].year, row["kelurahan_code"], row["age_group"], row["sex"])
        found.setdefault(key, []).append(row["residents"])
    return found


@needs_shared
def test_every_line_of_the_real_file_is_loaded():
    assert sum(len(repeats) for repeats in real().values()) == 34_176
    assert Counter(year for (year, *_), repeats in real().items() for _ in repeats) == {
        2013: 8_544,
        2014: 8_544,
        2015: 8_544,
        2016: 8_544,
    }


@needs_shared
def test_repeated_lines_of_the_real_file_never_differ():
    assert all(len(set(repeats)) == 1 for repeats in real().values())


@needs_shared
@pytest.mark.parametrize(
    ("year", "different", "residents"),
    [
        (2013, 8_369, 12_933_757),
        (2014, 3_103, 3_939_572),
        (2015, 1_001, 1_273_219),
        (2016, 8_280, 9_871_409),
    ],
)
def test_no_year_of_the_real_file_is_whole(year, different, residents):
    rows = {key: repeats[0] for key, repeats in real().items() if key[0] == year}
    assert (len(rows), sum(rows.values())) == (different, residents)
    assert different < 267 * 16 * 2


@needs_shared
def test_every_kelurahan_is_in_the_real_file():
    codes = {row["code"] for row in reference_rows("areas") if row["level"] == "kelurahan"}
    assert {key[1] for key in real()} == codes
    assert len({key[2] for key in real()}) == 16
