import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.city import air
from etl.city.world import World
from etl.errors import Malformed, Unreachable
from etl.feed import Context, Reject, Response, State
from etl.feeds.udara_jakarta import FEED, Known

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/udara_jakarta.html").read_bytes()
DETAIL = (ROOT / "tests/samples/udara_jakarta.spku.html").read_bytes()
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
NOW = datetime(2026, 2, 17, 20, 10, tzinfo=UTC)
AT_2000, AT_1930 = (datetime(2026, 2, 17, *time, tzinfo=UTC) for time in ((20, 0), (19, 30)))
BASE = "https://udara.example.org"
DKI4 = "a188c80b-8233-41e1-9239-9f7143acbab8"
WORLD = World()


def items(body, **more):
    return list(FEED.parse(body, Context(fetched_at=NOW, **more)))


def detail(**changes):
    return b"SPKU_DETAIL_DATA = " + json.dumps({"rawHistory": []} | changes).encode() + b";"


def entry(**changes):
    return {"time": "2026-02-17T20:00:00", "value": 1, "metricName": "CO"} | changes


def facts(found):
    """Give the rows by what they are about, with what they say."""
    return {
        (row["station_id"], row["parameter"], row["event_time"]): (row["value"], row["ispu"])
        for _, row in found
    }


def in_bulk(start, end):
    """Give the rows of the reference stations that the city's past holds."""
    return [
        row
        for batch in air.air_measurements(WORLD, start, end)
        for row in batch.to_pylist()
        if row["station_id"].startswith("DKI")
    ]


def in_detail(now, **more):
    """Give the rows of the pages of the reference stations that the city serves."""
    stations = [station for station in air.stations() if station.is_reference]
    pages = [air.detail(WORLD, now, {"uuid": station.uuid}).body for station in stations]
    return [row for page in pages for _, row in items(page, **more)]


def ask(state, **answer):
    """Give the request of the front page, and those that its answer leads to."""
    exchange = FEED.requests(state)
    front = next(exchange)
    try:
        return front, exchange.send(Response(front, fetched_at=NOW, **answer))
    except StopIteration:
        return front, []


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
    assert (reject.field, reject.reason) == ("dominantMetric", "stasiun tidak menyebut pencemar")
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
        b"window.__SPKU_DETAIL_DATA = [];",
        b'SPKU_DETAIL_DATA = {"rawHistory": [',
        b'SPKU_DETAIL_DATA = {"datasourceID": "a"};',
        b'SPKU_DETAIL_DATA = {"rawHistory": []};',
        b'SPKU_DETAIL_DATA = {"datasourceID": ["a"], "rawHistory": []};',
        b"SPKU_DETAIL_DATA = " + b'{"a":' * 100_000,
    ],
)
def test_a_page_without_whole_data_is_malformed(body):
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


def test_a_detail_page_tells_each_pollutant_in_utc_and_the_index_of_its_newest_value():
    found = items(DETAIL)
    assert facts(found) == {
        ("DKI4", "pm25", AT_2000): (35.5, 75),
        ("DKI4", "no2", AT_2000): (28.4, 18),
        ("DKI4", "pm25", AT_1930): (33.1, None),
        ("DKI4", "no2", AT_1930): (30.0, None),
    }
    assert {row["unit"] for _, row in found} == {"µg/m³"}


def test_both_pages_tell_the_same_row_of_the_dominant_pollutant():
    assert items(SAMPLE)[0] in items(DETAIL)


def test_what_the_front_page_told_is_left_out_of_the_detail_page():
    about = Known(listed=frozenset({("DKI4", "pm25", AT_2000)}))
    assert ("DKI4", "pm25", AT_2000) not in facts(items(DETAIL, about=about))
    assert len(items(DETAIL, about=about)) == 3


def test_an_index_told_once_stays_with_its_value():
    key = ("DKI4", "pm25", AT_1930)
    assert facts(items(DETAIL, about=Known(indices={(key, 33.1): 72})))[key] == (33.1, 72)
    assert facts(items(DETAIL, about=Known(indices={(key, 33.2): 72})))[key] == (33.1, None)


def test_an_index_of_another_value_is_not_that_of_the_newest():
    metrics = [{"metricName": "CO", "currentRaw": 2, "currentIspu": 9}]
    body = detail(datasourceID=DKI4, rawHistory=[entry()], metrics=metrics)
    assert list(facts(items(body)).values()) == [(1.0, None)]


def test_a_detail_page_without_a_station_is_of_the_one_that_was_asked_for():
    body = detail(datasourceID="", rawHistory=[entry()])
    [(_, row)] = items(body, url=f"{BASE}/spku/{DKI4}")
    assert row["station_id"] == "DKI4"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rawHistory": [entry(time=None)]}, "time"),
        ({"rawHistory": [entry(time="20.00")]}, "time"),
        ({"rawHistory": [entry(value="tinggi")]}, "value"),
        ({"rawHistory": [entry(metricName=None)]}, "metricName"),
        ({"rawHistory": ["x"]}, None),
        ({"metrics": [{"metricName": "CO", "currentIspu": 1.5}]}, "currentIspu"),
        ({"metrics": [None]}, None),
    ],
)
def test_a_bad_entry_of_a_detail_page_is_rejected_by_its_field(changes, field):
    assert [item.field for item in items(detail(datasourceID=DKI4, **changes))] == [field]


def test_a_detail_page_that_fails_is_a_reject_that_names_the_station():
    [reject] = items(b"", url=f"{BASE}/spku/{DKI4}", error=Unreachable("udara: 503"))
    assert reject.reason == "halaman rinci DKI4 tidak terjawab: udara: 503"


def test_the_pages_of_the_reference_stations_are_asked_for_after_the_front_page():
    held = {
        "station_id": "DKI1",
        "parameter": "co",
        "event_time": AT_1930,
        "value": 900.0,
        "ispu": 12,
    }
    state = State(url=f"{BASE}/", now=NOW, query=lambda _sql, **_params: [held])
    front, pages = ask(state, body=SAMPLE)
    assert front.url == f"{BASE}/"
    assert len({page.url for page in pages}) == 5
    assert f"{BASE}/spku/{DKI4}" in {page.url for page in pages}
    assert all(page.tolerate for page in pages)
    assert ("DKI4", "pm25", AT_2000) in pages[0].about.listed
    assert pages[0].about.indices == {(("DKI1", "co", AT_1930), 900.0): 12}


def test_no_detail_page_is_asked_for_while_the_front_page_is_unchanged():
    _, pages = ask(State(url=BASE, now=NOW), body=b"", not_modified=True)
    assert pages == []


@pytest.mark.parametrize("hours", [0, 31, 40, 50, 500.5])
def test_the_past_joins_the_detail_pages_without_a_seam(hours):
    now = WORLD.anchor + timedelta(hours=hours)
    past = in_bulk(now - timedelta(hours=23), now)
    told = {
        ((row["station_id"], row["parameter"], row["event_time"]), row["value"]): row["ispu"]
        for row in past
    }
    live = in_detail(now, about=Known(indices=told))
    first = min(row["event_time"] for row in past)
    on_the_hour = [
        row | {"averaging": None}
        for row in live
        if row["event_time"].minute == 0 and first <= row["event_time"] < now
    ]
    assert len(past) > 5 * 6 * 10

    def order(row):
        return row["event_time"], row["station_id"], row["parameter"]

    assert sorted(on_the_hour, key=order) == sorted(past, key=order)


@settings(max_examples=60, deadline=None, database=None)
@given(at=st.integers(0, len(DETAIL) - 1), junk=st.binary(max_size=6), cut=st.booleans())
def test_any_detail_page_gives_items_or_is_malformed(at, junk, cut):
    body = DETAIL[:at] + junk + (b"" if cut else DETAIL[at + 1 :])
    try:
        found = items(body)
    except Malformed:
        found = []
    assert all(isinstance(item, Reject | tuple) for item in found)
