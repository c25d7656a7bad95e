from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from data import reference
from data.siaga import siaga_level
from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.water_level_csv import FEED

SAMPLE = Path("tests/samples/water_level_csv.csv")
REAL = Path("../shared/history/water_levels/tma_2020.csv")
HEADER = b"nama_pintu_air,lokasi,latitude,longitude,tanggal,tinggi_air,status_siaga\n"
LINE = b'"PA. Manggarai",Ciliwung,-6.2,106.8,"2020-01-01 09:00:00",9650,"Status : Siaga 1"\n'


def parse(body):
    return list(FEED.parse(body, Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC))))


@cache
def january_2020():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    return parse(REAL.read_bytes())


def bounds(station_id):
    (station,) = (
        row for row in reference.rows("water_stations") if row["station_id"] == station_id
    )
    return [float(station[f"siaga{n}_cm"]) if station[f"siaga{n}_cm"] else None for n in (3, 2, 1)]


def disagreements(station_id):
    rows = [row for _, row in january_2020() if row["station_id"] == station_id]
    limits = bounds(station_id)
    return len(rows), Counter(
        (row["siaga_reported"], siaga_level(row["level_cm"], *limits))
        for row in rows
        if row["siaga_reported"] != siaga_level(row["level_cm"], *limits)
    )


def test_millimetres_become_centimetres_and_wib_becomes_utc():
    assert parse(SAMPLE.read_bytes())[0] == (
        "water_levels",
        {
            "station_id": "manggarai",
            "event_time": datetime(2020, 1, 1, 2, tzinfo=UTC),
            "level_cm": 965.0,
            "level_reported": 9650.0,
            "unit_reported": "mm",
            "siaga_reported": 1,
        },
    )


def test_each_line_of_the_sample_gives_one_item():
    items = parse(SAMPLE.read_bytes())
    rows = [item[1] for item in items if not isinstance(item, Reject)]
    assert [(row["station_id"], row["level_cm"]) for row in rows] == [
        ("manggarai", 965.0),
        ("manggarai", 965.0),
        ("waduk-pluit", -123.0),
        ("ancol-flushing", 205.0),
        ("tma-poscontoh", 120.0),
        ("depok", None),
    ]
    rejects = [(item.field, item.reason) for item in items if isinstance(item, Reject)]
    assert rejects == [
        ("tanggal", "bukan waktu"),
        ("status_siaga", "siaga tidak dikenal"),
        (None, "3 sel untuk 7 kolom"),
    ]


def test_the_file_may_be_separated_by_semicolons_and_begin_with_a_byte_order_mark():
    body = b"\xef\xbb\xbf" + (HEADER + LINE).replace(b",", b";")
    assert parse(body) == parse(HEADER + LINE)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "kosong"),
        (b"<html><body>404</body></html>", "nama_pintu_air"),
        (b"tanggal,stasiun,pm10\n2020-01-01,DKI1,50\n", "nama_pintu_air, tinggi_air"),
        (b"\x1f\x8b\x08\x00\x00", "kolom"),
    ],
)
def test_another_file_is_malformed(body, message):
    with pytest.raises(Malformed, match=message):
        parse(body)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"9650", b"NaN", "tinggi_air"),
        (b"9650", b"9 650", "tinggi_air"),
        (b"PA. Manggarai", b"", "nama_pintu_air"),
        (b"PA. Manggarai", b"x" * 100_000, "nama_pintu_air"),
        (b"2020-01-01 09", b"2020-13-01 09", "tanggal"),
    ],
)
def test_a_line_that_cannot_be_read_harms_no_other(old, new, field):
    bad, good = parse(HEADER + LINE.replace(old, new) + LINE)
    assert isinstance(bad, Reject)
    assert bad.field == field
    assert good[1]["level_cm"] == 965.0


def test_a_million_characters_in_one_cell_cost_one_line():
    bad, good = parse(HEADER + LINE.replace(b"Ciliwung", b"x" * 1_000_000) + LINE)
    assert isinstance(bad, Reject)
    assert good[1]["level_cm"] == 965.0


def test_every_line_of_january_2020_is_read_and_every_station_is_known():
    items = january_2020()
    rows = [row for _, row in items]
    assert len(rows) == 31_059
    stations = Counter(row["station_id"] for row in rows)
    assert len(stations) == 21
    assert set(stations.values()) == {1_479}
    assert not [station for station in stations if station.startswith("tma-")]
    assert Counter(row["siaga_reported"] for row in rows) == {4: 25_533, 3: 2_830, 2: 2_118, 1: 578}


def test_the_repeated_lines_of_january_2020_never_contradict():
    keys = Counter((row["station_id"], row["event_time"]) for _, row in january_2020())
    contents = {tuple(row.items()) for _, row in january_2020()}
    assert len(keys) == len(contents) == 31_059 - 8_947


@pytest.mark.parametrize("station_id", ["manggarai", "depok", "karet", "pesanggrahan"])
def test_siaga_from_our_bounds_is_the_label_of_every_line(station_id):
    assert disagreements(station_id) == (1_479, {})


@pytest.mark.parametrize(
    ("station_id", "differing"),
    [
        ("ancol-flushing", {(4, 3): 147, (4, 2): 229, (4, 1): 26}),
        ("hek", {(4, 3): 215}),
        ("cideng", {(4, None): 1_479}),
        *(
            (station_id, {})
            for station_id in (
                "angke-hulu", "cibalok-gadog", "cipinang-hulu", "istiqlal", "jembatan-merah",
                "kali-duri", "katulampa", "krukut-hulu", "marina", "pasar-ikan", "pulo-gadung",
                "sunter-hulu", "waduk-pluit", "yos-sudarso",
            )
        ),
    ],
)  # fmt: skip
def test_where_bounds_and_labels_differ_it_is_known_by_how_much(station_id, differing):
    assert disagreements(station_id) == (1_479, differing)
