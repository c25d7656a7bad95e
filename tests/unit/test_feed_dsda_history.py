from __future__ import annotations

import mmap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.dsda_history import FEED

SAMPLE = Path("tests/samples/dsda_history.txt")
REAL = Path("../shared/samples/dsda/dsda_history_response_shape.txt")
URL = (
    "https://poskobanjir.dsdadki.web.id/Pages/GenerateDataTinggiAir.aspx?IdPintuAir={}&StartDate=x"
)


def parse(body, url="", name=""):
    context = Context(fetched_at=datetime(2026, 10, 8, tzinfo=UTC), url=url, name=name)
    return list(FEED.parse(body, context))


def station_of(items):
    (station_id,) = {item[1]["station_id"] for item in items if not isinstance(item, Reject)}
    return station_id


def test_points_are_centimetres_although_the_limits_are_millimetres():
    assert parse(SAMPLE.read_bytes())[0] == (
        "water_levels",
        {
            "station_id": "manggarai",
            "event_time": datetime(2026, 2, 17, 19, 50, tzinfo=UTC),
            "level_cm": 864.0,
            "level_reported": 864.0,
            "unit_reported": "cm",
        },
    )


def test_each_point_of_the_sample_gives_one_item():
    _, with_decimal_comma, without_level, without_seconds = parse(SAMPLE.read_bytes())
    assert with_decimal_comma[1]["level_cm"] == 868.5
    assert without_level[1]["level_cm"] is None
    assert (without_seconds.field, without_seconds.reason) == ("time", "bukan waktu")


def test_the_shape_sample_of_the_source_is_read():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    rows = [row for _, row in parse(REAL.read_bytes(), name=REAL.name)]
    assert [(row["event_time"], row["level_cm"]) for row in rows] == [
        (datetime(2026, 10, 8, 5, 40, tzinfo=UTC), 605.0),
        (datetime(2026, 10, 8, 5, 50, tzinfo=UTC), 607.0),
        (datetime(2026, 10, 8, 6, 0, tzinfo=UTC), 610.0),
    ]
    assert {row["station_id"] for row in rows} == {"manggarai"}


@pytest.mark.parametrize(
    ("url", "name", "station_id"),
    [
        (URL.format(160), "", "pesanggrahan"),
        (URL.format(999), "", "dsda-999"),
        (URL.format(160), "IdPintuAir=118.txt", "pesanggrahan"),
        ("", "GenerateDataTinggiAir_IdPintuAir=118_2026-02.txt", "depok"),
        ("", "dsda_116_2026-02-18.txt", "katulampa"),
        ("", "2026-02-18.txt", "manggarai"),
    ],
)
def test_the_station_comes_from_the_url_else_the_file_name_else_the_limits(url, name, station_id):
    assert station_of(parse(SAMPLE.read_bytes(), url, name)) == station_id


@pytest.mark.parametrize(
    ("limits", "fitting"), [(b"1;2;3", 0), (b"2500;2000;1700", 2)], ids=["none", "two tide gauges"]
)
def test_limits_that_fit_no_station_or_several_name_none(limits, fitting):
    with pytest.raises(Malformed, match=rf"{fitting} pos memiliki batas siaga ini"):
        parse(b"2026-02-18 02.50.00,180;|" + limits + b"|<html>")


def test_limits_may_lie_below_zero_or_be_left_out():
    body = b"2026-02-18 02.50.00,-175;|%b|<html>"
    assert station_of(parse(body % b"450;0;-500")) == "waduk-pluit"
    assert station_of(parse(body % b"3600;2700;", name="IdPintuAir=988.txt")) == "dsda-988"


def test_a_file_is_read_as_a_memory_map_too(tmp_path):
    path = tmp_path / "122.txt"
    path.write_bytes(b"2026-02-18 02.50.00,864;" * 1000 + b"|9500;8500;7500|")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        assert len(parse(view)) == 1000


def test_a_period_without_points_is_no_fault():
    assert parse(b"|9500;8500;7500|<html></html>") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Runtime Error</body></html>",
        b"2026-02-18 02.50.00,864;2026-02-18 03.0",
        b"2026-02-18 02.50.00,864;|9500;85",
        b'{"a": "|"}',
    ],
    ids=["empty", "error page", "cut in a point", "cut in the limits", "JSON"],
)
def test_another_text_is_malformed(body):
    with pytest.raises(Malformed, match="teks riwayat DSDA"):
        parse(body, URL.format(122))


@pytest.mark.parametrize(
    ("point", "field"),
    [
        ("2026-02-18 02.50.00,NaN", "level"),
        ("2026-02-18 02.50.00,abc", "level"),
        ("18/02/2026 02.50,864", "time"),
        ("x" * 1_000_000, "time"),
    ],
)
def test_a_point_that_cannot_be_read_harms_no_other(point, field):
    bad, (_, good) = parse(f"{point};2026-02-18 03.00.00,870;|9500;8500;7500|".encode())
    assert (bad.field, good["level_cm"]) == (field, 870.0)
    assert len(bad.raw) <= 4_000
