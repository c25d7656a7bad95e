from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds import pantau_gates, pantau_pumps, pantau_rain

SAMPLES = Path("tests/samples")
REAL = Path("../shared/samples/pantaubanjir")
CONTEXT = Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC))
ALL = pytest.mark.parametrize("module", [pantau_gates, pantau_pumps, pantau_rain])


def parse(module, body):
    return list(module.FEED.parse(body, CONTEXT))


def sample(module):
    return parse(module, (SAMPLES / f"{module.__name__.rsplit('.', 1)[1]}.json").read_bytes())


def real(module, name):
    path = REAL / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    return parse(module, path.read_bytes())


def rows_of(items):
    return [item[1] for item in items if not isinstance(item, Reject)]


def rejects_of(items):
    return [(item.field, item.reason) for item in items if isinstance(item, Reject)]


def test_a_gate_tells_level_siaga_and_weather_at_its_hour_in_wib():
    assert sample(pantau_gates)[0] == (
        "water_levels",
        {
            "station_id": "manggarai",
            "event_time": datetime(2026, 2, 17, 20, tzinfo=UTC),
            "level_cm": 872.0,
            "level_reported": 872.0,
            "unit_reported": "cm",
            "siaga_reported": 2,
            "weather": "Hujan",
        },
    )


def test_gates_are_known_by_name_else_keep_the_number_of_the_source():
    rows = rows_of(sample(pantau_gates))
    assert [(row["station_id"], row["weather"]) for row in rows] == [
        ("manggarai", "Hujan"),
        ("pasar-ikan", None),
        ("pantau-41", "Hujan"),
    ]


def test_gates_that_never_reported_or_name_no_siaga_are_rejected():
    assert rejects_of(sample(pantau_gates)) == [
        ("tanggal", "tempat ini belum pernah melapor"),
        ("status_siaga", "bukan siaga 1 sampai 4"),
    ]


def test_the_real_gates_are_all_read_and_all_known():
    rows = rows_of(real(pantau_gates, "pintu_air.json"))
    assert len(rows) == 18
    assert len({row["station_id"] for row in rows}) == 18
    assert not [row for row in rows if row["station_id"].startswith("pantau-")]
    levels = {row["station_id"]: (row["level_cm"], row["siaga_reported"]) for row in rows}
    assert levels["karet"] == (260, 4)
    assert levels["hek"] == (250, 2)
    assert levels["marina"] == (174, 3)
    times = {row["station_id"]: row["event_time"] for row in rows}
    assert times["cakung-drain"] == datetime(2021, 2, 2, 14, tzinfo=UTC)


def test_a_pump_house_tells_running_and_idle_pumps_and_nothing_about_the_rest():
    items = sample(pantau_pumps)
    assert items[:2] == [
        (
            "pump_states",
            {
                "pump_house_id": "1",
                "event_time": datetime(2026, 2, 17, 20, tzinfo=UTC),
                "running": 5,
                "idle": 3,
                "total": 8,
            },
        ),
        (
            "pump_states",
            {
                "pump_house_id": "2",
                "event_time": datetime(2026, 2, 17, 19, tzinfo=UTC),
                "running": 0,
                "idle": 2,
                "total": 3,
            },
        ),
    ]
    assert rejects_of(items) == [("tanggal", "tempat ini belum pernah melapor")]


def test_the_real_pump_houses_are_all_read_but_the_three_that_never_reported():
    items = real(pantau_pumps, "pompa.json")
    rows = rows_of(items)
    assert (len(items), len(rows)) == (184, 181)
    assert rejects_of(items) == [("tanggal", "tempat ini belum pernah melapor")] * 3
    assert sum(row["running"] for row in rows) == 23
    assert sum(row["total"] for row in rows) == 499 - 3 * 2


def test_a_rain_post_tells_millimetres_over_its_interval():
    items = sample(pantau_rain)
    rows = rows_of(items)
    assert items[0] == (
        "rainfall",
        {
            "station_id": "1",
            "event_time": datetime(2026, 2, 17, 20, tzinfo=UTC),
            "rain_mm": 42.5,
            "interval_minutes": 60,
            "lon": 106.84,
            "lat": -6.1556,
        },
    )
    assert [row["rain_mm"] for row in rows] == [42.5, 17.5, None]
    assert rejects_of(items) == [("coordinates", "seharusnya bujur dan lintang")]


def test_swapped_coordinates_are_left_to_the_range_check():
    (report, *_) = json.loads((SAMPLES / "pantau_rain.json").read_bytes())
    report["geometry"]["coordinates"].reverse()
    ((_, row),) = parse(pantau_rain, json.dumps([report]).encode())
    assert (row["lon"], row["lat"]) == (-6.1556, 106.84)


@ALL
@pytest.mark.parametrize("row", [None, 7, "x", [], {}, {"properties": None}, {"properties": []}])
def test_a_row_of_another_shape_is_rejected_and_harms_no_other(module, row):
    name = module.__name__.rsplit(".", 1)[1]
    good, *_ = json.loads((SAMPLES / f"{name}.json").read_bytes())
    bad, (_, found) = parse(module, json.dumps([row, good]).encode())
    assert isinstance(bad, Reject)
    assert found["event_time"] == datetime(2026, 2, 17, 20, tzinfo=UTC)


@pytest.mark.parametrize("other", ["pantau_gates", "pantau_pumps", "pantau_rain"])
@ALL
def test_reports_of_something_else_are_malformed(module, other):
    body = (SAMPLES / f"{other}.json").read_bytes()
    if module.__name__.endswith(other):
        assert parse(module, body)
    else:
        with pytest.raises(Malformed, match="tidak satu pun"):
            parse(module, body)


@ALL
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tanggal": "08/03/2024"}, "tanggal"),
        ({"jam": "25:00:00"}, "tanggal"),
        ({"jam": "23.30"}, "tanggal"),
        ({"jam": None}, "tanggal"),
    ],
)
def test_a_moment_that_cannot_be_read_is_rejected(module, changes, field):
    name = module.__name__.rsplit(".", 1)[1]
    (report, *_) = json.loads((SAMPLES / f"{name}.json").read_bytes())
    report["properties"] |= changes
    (reject,) = parse(module, json.dumps([report]).encode())
    assert isinstance(reject, Reject)
    assert reject.field == field


@ALL
def test_an_empty_list_is_no_fault(module):
    assert parse(module, b"[]") == []


@ALL
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "kosong"),
        (b"<html>Token tidak valid</html>", "halaman HTML"),
        (b'[{"properties": {"id": 1', "JSON yang rusak atau terpotong"),
        (b'{"detail": "Invalid token."}', "seharusnya daftar pada pangkal, ditemukan objek"),
        (b"[" * 100_000, "seharusnya JSON"),
    ],
)
def test_another_document_is_malformed(module, body, message):
    with pytest.raises(Malformed, match=message):
        parse(module, body)
