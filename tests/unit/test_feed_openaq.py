import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject, Response, State
from etl.feeds.openaq import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/openaq.json").read_bytes()
SHARED = ROOT.parent / "shared/samples/openaq"
NOW = datetime(2026, 2, 18, 3, 11, tzinfo=UTC)
BASE = "https://api.openaq.org/v3"
needs_shared = pytest.mark.skipif(
    not SHARED.exists(), reason="../shared with the real payloads is absent"
)


def items(body, url=f"{BASE}/locations/77/sensors"):
    return list(FEED.parse(body, Context(fetched_at=NOW, url=url)))


def sensor(**changes):
    first = json.loads(SAMPLE)["results"][0]
    return json.dumps({"results": [first | changes]}).encode()


def in_unit(name, units, value):
    return sensor(
        parameter={"name": name, "units": units},
        latest={"datetime": {"utc": "2026-02-18T03:00:00Z"}, "value": value},
    )


def test_the_latest_value_belongs_to_the_station_of_the_url():
    assert items(SAMPLE)[0] == (
        "air_measurements",
        {
            "event_time": datetime(2026, 2, 18, 3, 0, tzinfo=UTC),
            "station_id": "openaq-77",
            "parameter": "pm25",
            "value": 41.2,
            "unit": "µg/m³",
        },
    )


def test_without_a_url_a_sensor_is_its_own_station():
    assert items(SAMPLE, url="")[0][1]["station_id"] == "openaq-sensor-501"


def test_what_the_lake_has_no_place_for_is_rejected_with_its_reason():
    rejects = [item for item in items(SAMPLE) if isinstance(item, Reject)]
    assert [(reject.field, reject.reason) for reject in rejects] == [
        ("parameter", 'parameter "no" tidak disimpan'),
        ("latest", "sensor ini belum memiliki nilai"),
    ]
    assert len(items(SAMPLE)) == 5


@pytest.mark.parametrize(
    ("name", "units", "value", "expected"),
    [
        ("o3", "ppm", 0.05, 98.16),
        ("no2", "ppb", 21, 39.52),
        ("so2", "ppm", 0.01, 26.20),
        ("co", "ppm", 1, 1145.6),
        ("co", "mg/m³", 1.2, 1200.0),
        ("pm10", "µg/m³", 15, 15.0),
    ],
)
def test_gases_are_stored_as_micrograms_at_25_degrees(name, units, value, expected):
    [(_, row)] = items(in_unit(name, units, value))
    assert row["value"] == pytest.approx(expected, rel=1e-3)
    assert (row["parameter"], row["unit"]) == (name, "µg/m³")


@pytest.mark.parametrize(
    ("name", "units", "parameter", "unit"),
    [("relativehumidity", "%", "humidity", "%"), ("temperature", "c", "temperature", "°C")],
)
def test_weather_keeps_its_own_unit(name, units, parameter, unit):
    [(_, row)] = items(in_unit(name, units, 28))
    assert (row["parameter"], row["value"], row["unit"]) == (parameter, 28.0, unit)


@pytest.mark.parametrize(
    ("name", "units"), [("pm25", "ppm"), ("pm25", "particles/cm³"), ("o3", "")]
)
def test_a_unit_that_cannot_be_converted_is_rejected(name, units):
    [reject] = items(in_unit(name, units, 1))
    assert reject.field == "parameter"
    assert "tidak dapat dikonversi" in reject.reason


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"parameter": "pm25"}, "parameter"),
        ({"latest": {"datetime": "2026-02-18T03:00:00Z", "value": 1}}, "datetime"),
        ({"latest": {"datetime": {"utc": "2026-02-18 03:00"}, "value": 1}}, "utc"),
        ({"latest": {"datetime": {"utc": "2026-02-18T03:00:00Z"}, "value": None}}, "value"),
        ({"latest": {"datetime": {"utc": "2026-02-18T03:00:00Z"}, "value": "x"}}, "value"),
    ],
)
def test_a_bad_sensor_is_rejected_by_its_field(changes, field):
    [reject] = items(sensor(**changes))
    assert reject.field == field


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"results": {}}', b'{"results": [{"id": 1}]}']
)
def test_what_is_no_list_of_openaq_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


def station(name, last="2026-02-18T02:00:00Z"):
    return {"id": name, "sensors": [], "datetimeLast": {"utc": last} if last else None}


def page(*stations, found=">1000"):
    return json.dumps({"meta": {"found": found}, "results": stations}).encode()


def test_stations_are_listed_page_by_page_and_those_that_report_are_asked():
    exchange = FEED.requests(State(url=BASE + "/", now=NOW))
    first = next(exchange)
    assert first.url == f"{BASE}/locations"
    assert first.params == {"bbox": "106.3,-6.9,107.2,-5.0", "limit": "1000", "page": "1"}
    full = page(station(1), *(station(2, last=None) for _ in range(999)))
    second = exchange.send(Response(first, full, NOW))
    assert second.params["page"] == "2"
    short = page(station(3, last="2026-02-01T00:00:00Z"), station(4), "not a station", {"id": "x"})
    asked = exchange.send(Response(second, short, NOW))
    assert asked.url == f"{BASE}/locations/1/sensors"
    asked = exchange.send(Response(asked, SAMPLE, NOW))
    assert asked.url == f"{BASE}/locations/4/sensors"
    with pytest.raises(StopIteration):
        exchange.send(Response(asked, SAMPLE, NOW))


def test_a_list_that_did_not_change_is_asked_again_since_it_is_needed():
    exchange = FEED.requests(State(url=BASE, now=NOW))
    first = next(exchange)
    assert exchange.send(Response(first, b"", NOW, not_modified=True)) == first
    assert (
        exchange.send(Response(first, page(station(1)), NOW)).url == f"{BASE}/locations/1/sensors"
    )


def test_the_list_of_stations_has_no_rows():
    assert items(page(station(1))) == []
    assert items(page()) == []


@needs_shared
def test_the_real_sensors_are_read():
    found = items(
        (SHARED / "openaq_v3_sensors.json").read_bytes(), url=f"{BASE}/locations/2178/sensors"
    )
    rows = {item[1]["parameter"]: item[1] for item in found if not isinstance(item, Reject)}
    assert len(found) == 8
    assert [item.reason for item in found if isinstance(item, Reject)] == [
        'parameter "nox" tidak disimpan',
        'parameter "no" tidak disimpan',
    ]
    assert sorted(rows) == ["co", "no2", "o3", "pm10", "pm25", "so2"]
    assert rows["pm25"] == {
        "event_time": datetime(2024, 8, 26, 20, 0, tzinfo=UTC),
        "station_id": "openaq-2178",
        "parameter": "pm25",
        "value": 4.1,
        "unit": "µg/m³",
    }


@needs_shared
def test_the_real_measurements_are_of_the_sensor_in_their_url():
    body = (SHARED / "openaq_v3_measurements.json").read_bytes()
    found = items(body, url=f"{BASE}/sensors/3920/measurements")
    assert [(row["event_time"], row["value"], row["averaging"]) for _, row in found] == [
        (datetime(2023, 10, 16, 13, 0, tzinfo=UTC), 6.0, "1h"),
        (datetime(2023, 10, 16, 14, 0, tzinfo=UTC), 7.5, "1h"),
    ]
    assert {row["station_id"] for _, row in found} == {"openaq-sensor-3920"}
    with pytest.raises(Malformed, match="tidak menyebut sensor"):
        items(body, url="")


@needs_shared
def test_the_real_list_of_stations_has_no_rows_and_that_of_parameters_is_malformed():
    assert items((SHARED / "openaq_v3_locations.json").read_bytes()) == []
    with pytest.raises(Malformed):
        items((SHARED / "openaq_v3_parameters.json").read_bytes())
