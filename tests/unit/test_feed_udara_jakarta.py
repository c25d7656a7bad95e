import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.udara_jakarta import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/udara_jakarta.html").read_bytes()
SHARED = ROOT.parent / "shared/samples/udara/udara_jakarta_payload_shape.json"
STATION = {
    "id": "00000000-0000-4000-8000-000000000001",
    "ispu": 60,
    "dominantMetric": "PM25",
    "dominantRawValue": 20.5,
    "temperature": 0,
    "humidity": 70,
    "dominantMetricTime": "2026-02-18T03:00:00",
}


def items(body):
    return list(FEED.parse(body, Context(fetched_at=datetime(2026, 2, 17, 20, 10, tzinfo=UTC))))


def page(*stations):
    return b"<script>window.__SPKU_DATA__ = " + json.dumps(stations).encode() + b";</script>"


def test_a_reference_station_goes_by_its_number_and_wib_becomes_utc():
    assert items(SAMPLE)[0] == (
        "air_measurements",
        {
            "event_time": datetime(2026, 2, 17, 20, 0, tzinfo=UTC),
            "station_id": "DKI4",
            "parameter": "pm25",
            "value": 35.5,
            "unit": "µg/m³",
            "ispu": 75,
        },
    )


def test_another_station_keeps_its_id_and_tells_its_weather():
    rows = [row for _, row in items(SAMPLE)[1:4]]
    assert {row["station_id"] for row in rows} == {"015724e5-cea6-464c-9c8a-4982a8567a79"}
    assert [(row["parameter"], row["value"], row["unit"]) for row in rows] == [
        ("o3", 88.0, "µg/m³"),
        ("temperature", 27.4, "°C"),
        ("humidity", 81.0, "%"),
    ]


def test_a_station_that_is_down_is_rejected():
    [reject] = [item for item in items(SAMPLE) if isinstance(item, Reject)]
    assert (reject.field, reject.reason) == ("dominantMetric", "the station tells no pollutant")
    assert '"name":"Mati"' in reject.raw


def test_temperature_zero_means_that_the_weather_is_missing():
    assert [row["parameter"] for _, row in items(page(STATION))] == ["pm25"]


def test_humidity_zero_is_missing():
    found = items(page(STATION | {"temperature": 26, "humidity": 0}))
    assert [row["parameter"] for _, row in found] == ["pm25", "temperature"]


def test_brackets_inside_text_do_not_end_the_list():
    assert len(items(page(STATION | {"name": '"];', "area": "]}"}, STATION))) == 2


def test_a_list_may_be_empty():
    assert items(page()) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>maintenance</html>",
        b"window.__SPKU_DATA__ = null;",
        b'window.__SPKU_DATA__ = [{"id": "a"',
        b"window.__SPKU_DATA__ = [{id: 1}];",
        b"window.__SPKU_DATA__ = " + b"[" * 100_000,
        b'window.__SPKU_DATA__ = ["\\ud800"];',
    ],
)
def test_a_page_without_a_whole_list_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"dominantRawValue": "tinggi"}, "dominantRawValue"),
        ({"dominantMetricTime": "18/02/2026"}, "dominantMetricTime"),
        ({"dominantMetricTime": 1771384200}, "dominantMetricTime"),
        ({"ispu": 60.5}, "ispu"),
        ({"dominantRawValue": float("nan")}, "dominantRawValue"),
    ],
)
def test_a_bad_station_is_rejected_by_its_field(changes, field):
    assert [item.field for item in items(page(STATION | changes))] == [field]


def test_bad_weather_does_not_cost_the_pollutant():
    row, reject = items(page(STATION | {"temperature": "panas", "humidity": None}))
    assert row[1]["parameter"] == "pm25"
    assert reject.field == "temperature"


@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is absent")
def test_the_described_payload_is_read():
    [(_, row)] = items(SHARED.read_bytes())
    assert row == {
        "event_time": datetime(2026, 9, 13, 6, 30, tzinfo=UTC),
        "station_id": "DKI4",
        "parameter": "pm25",
        "value": 35.0,
        "unit": "µg/m³",
        "ispu": 75,
    }
