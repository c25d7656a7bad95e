from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from data import reference
from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.flood_events_csv import FEED

SAMPLE = Path("tests/samples/flood_events_csv.csv")
REAL = Path("../shared/history/flood_events/histori_banjir_rt_2021_2022.csv")
HEADER, *LINES = SAMPLE.read_text(encoding="utf-8").splitlines()
WAKTU = "2021-06-04 18:00:20"


def parse(body):
    if isinstance(body, str):
        body = body.encode()
    return list(FEED.parse(body, Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC))))


def parse_line(old="", new=""):
    (item,) = parse(f"{HEADER}\n{LINES[0].replace(old, new)}\n")
    return item


@cache
def bulletins():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    return parse(REAL.read_bytes())


def test_a_flooded_rt_tells_depth_class_cause_and_its_kelurahan():
    assert parse(SAMPLE.read_bytes())[0] == (
        "inundations",
        {
            "area_code": "3175081005003001",
            "area_name": "RT 001 RW 003",
            "area_level": "rt",
            "event_time": datetime(2021, 6, 4, 11, tzinfo=UTC),
            "depth_min_cm": 40.0,
            "depth_max_cm": 40.0,
            "state": "2",
            "cause": "Luapan Kali Sunter",
            "ended": False,
            "kelurahan_code": "31.75.08.1005",
        },
    )


def test_each_line_of_the_sample_gives_one_item():
    items = parse(SAMPLE.read_bytes())
    rows = [item[1] for item in items if not isinstance(item, Reject)]
    assert [
        (row["area_name"], row["depth_min_cm"], row["depth_max_cm"], row["cause"]) for row in rows
    ] == [
        ("RT 001 RW 003", 40, 40, "Luapan Kali Sunter"),
        ("RT 001 RW 003", 40, 40, "Luapan Kali Sunter"),
        ("RT 002 RW 003", 71, 150, None),
        ("RT 003 RW 003", 60, 80, None),
        ("RT 004 RW 003", 150, None, None),
    ]
    assert [(item.field, item.reason) for item in items if isinstance(item, Reject)] == [
        ("genangan", "bukan kedalaman dalam cm"),
        ("flood", "bukan YES dan tidak kosong"),
    ]


def test_the_moment_is_the_one_in_wib_not_the_nominal_hour():
    items = parse(SAMPLE.read_bytes())
    assert items[2][1]["event_time"] == datetime(2021, 2, 20, 14, 54, tzinfo=UTC)


def test_without_a_moment_in_wib_waktu_counts_to_the_minute():
    items = parse(SAMPLE.read_bytes())
    assert items[4][1]["event_time"] == datetime(2022, 1, 19, 17, 0, tzinfo=UTC)


def test_the_portal_also_serves_semicolons_with_bare_decimal_commas():
    cells = next(csv.reader([LINES[0]]))
    body = f"{HEADER.replace(',', ';')}\n{';'.join(cells)}\n"
    assert parse(body) == [parse_line()]


@pytest.mark.parametrize(
    ("words", "depths"),
    [
        ("40 cm", (40, 40)),
        ("50 CM", (50, 50)),
        ("85CM", (85, 85)),
        ("140  CM", (140, 140)),
        ("40", (40, 40)),
        ("50.0", (50, 50)),
        ('"12,5 cm"', (12.5, 12.5)),
        ("5 cm", (5, 5)),
        ("2", (2, 2)),
        ("10-70 cm", (10, 70)),
        ("40-150 cm", (40, 150)),
        ("40 s.d 60 cm", (40, 60)),
        ("40 s.d. 50 cm", (40, 50)),
        ("40 s/d 50 cm", (40, 50)),
        ("40 S/D 80 CM", (40, 80)),
        ("60 s.d 80", (60, 80)),
        ("50 cm s.d 70 cm", (50, 70)),
        ("10 sd 30 cm", (10, 30)),
        ("> 150", (150, None)),
        (">150 cm", (150, None)),
        ("-", (10, 70)),
        ("", (10, 70)),
    ],
)
def test_depths_are_read_in_every_wording_of_the_file(words, depths):
    _, row = parse_line("40 cm", words)
    assert (row["depth_min_cm"], row["depth_max_cm"]) == depths


@pytest.mark.parametrize(
    ("tinggi", "depths"),
    [("1", (None, None)), ("3", (71, 150)), ("4", (150, None)), ("", (None, None))],
)
def test_without_words_the_depth_class_gives_the_bounds(tinggi, depths):
    _, row = parse_line("40 cm,2,", f"-,{tinggi},")
    assert (row["depth_min_cm"], row["depth_max_cm"]) == depths


@pytest.mark.parametrize("flood", ["YES", "Yes", "yes", " YES", "-", ""])
def test_all_that_is_listed_is_flooded_whatever_was_filled_in(flood):
    assert parse_line(",YES,", f",{flood},") == parse_line()


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Penyebab: Curah Hujan Tinggi", "Curah Hujan Tinggi"),
        ("ROB", "ROB"),
        ("PUKUL 03:00 WIB", None),
        ("Pukul 00.00 WIB", None),
        ("03:00 wib", None),
        ("-", None),
        ("", None),
    ],
)
def test_the_cause_is_told_without_its_prefix_and_an_hour_is_no_cause(words, cause):
    _, row = parse_line("Penyebab : Luapan Kali Sunter", words)
    assert row["cause"] == cause


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("3175081005003001", "3.17508E+15", "id_rt_ar"),
        ("3175081005003001", "", "id_rt_ar"),
        ("40 cm", "80 s.d 60 cm", "genangan"),
        ("40 cm", "1 meter", "genangan"),
        ("40 cm", "> 10-70", "genangan"),
        ("40 cm", "40" * 5_000, "genangan"),
        ("40 cm,2,", "40 cm,9,", "tinggi"),
        ("2021-06-04 18:00,0.0045", "04/06/2021 18:00,0.0045", "waktu_wib"),
        ("YES", "NO", "flood"),
    ],
)
def test_a_line_that_cannot_be_read_is_rejected_by_field(old, new, field):
    reject = parse_line(old, new)
    assert isinstance(reject, Reject)
    assert reject.field == field


def test_an_rt_of_a_kelurahan_that_is_not_known_keeps_its_own_code():
    _, row = parse_line("3175081005003001", "3175089999003001")
    assert (row["area_code"], row["kelurahan_code"]) == ("3175089999003001", None)


@pytest.mark.parametrize("body", ["", "<html></html>", "OBJECTID,WILAYAH\n1,JAKARTA TIMUR\n"])
def test_another_file_is_malformed(body):
    with pytest.raises(Malformed):
        parse(body)


def test_every_line_of_2021_and_2022_is_read():
    rows = [row for _, row in bulletins()]
    assert len(rows) == 5_998
    assert Counter(row["state"] for row in rows) == {"2": 3_418, "3": 2_074, "4": 340, "1": 166}
    assert sum(row["depth_min_cm"] is None for row in rows) == 5
    assert not [row for row in rows if row["kelurahan_code"] is None]


def test_the_repeated_lines_of_2021_and_2022_never_contradict():
    keys = {(row["area_code"], row["event_time"]) for _, row in bulletins()}
    contents = {tuple(row.items()) for _, row in bulletins()}
    assert len(keys) == len(contents) == 5_998 - 219


def test_the_codes_of_2021_and_2022_name_the_kelurahan_that_the_file_names():
    names = {row["code"]: reference.plain(row["name"]) for row in reference.rows("areas")}
    rows = [row for _, row in bulletins()]
    with REAL.open(encoding="utf-8", newline="") as file:
        written = [reference.plain(line["KELURAHAN"]) for line in csv.DictReader(file)]
    differing = Counter(
        (names[row["kelurahan_code"]], name)
        for row, name in zip(rows, written, strict=True)
        if names[row["kelurahan_code"]] != name
    )
    assert differing == {("tengah", "kampungtengah"): 2}
