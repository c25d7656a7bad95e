import copy
import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject, State
from etl.feeds.waze_ccp import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/waze_ccp.json").read_bytes()
SHARED = ROOT.parent / "shared/samples/waze/waze_ccp_real_alert_plus_shape.json"
NOW = datetime(2026, 2, 18, 3, 11, tzinfo=UTC)


def items(document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(FEED.parse(body, Context(fetched_at=NOW)))


@pytest.fixture
def snapshot():
    return json.loads(SAMPLE)


def jam_like(snapshot, **changes):
    snapshot = {"endTimeMillis": snapshot["endTimeMillis"], "jams": [snapshot["jams"][0] | changes]}
    return items(snapshot)[0]


def test_a_jam_is_seen_at_the_end_of_the_snapshot():
    table, row = items(SAMPLE)[0]
    assert table == "traffic_jams"
    geometry = orjson.loads(row.pop("geometry"))
    assert row == {
        "event_time": datetime(2026, 2, 18, 3, 10, tzinfo=UTC),
        "jam_id": "2000000001",
        "street": "Jl. M.H. Thamrin",
        "level": 3,
        "speed_kmh": 9.0,
        "length_m": 850.0,
        "delay_s": 190.0,
        "lon": 106.8229,
        "lat": -6.188,
    }
    assert geometry == {
        "type": "LineString",
        "coordinates": [[106.823, -6.1955], [106.8229, -6.188]],
    }


def test_a_closed_road_has_no_delay():
    _, row = items(SAMPLE)[1]
    assert (row["jam_id"], row["level"], row["delay_s"], row["speed_kmh"]) == (
        "2000000002",
        5,
        None,
        0.0,
    )
    assert (row["lon"], row["lat"]) == (106.841, -6.161)


def test_an_alert_happens_when_it_is_published():
    assert items(SAMPLE)[2] == (
        "traffic_alerts",
        {
            "event_time": datetime(2026, 2, 18, 2, 50, tzinfo=UTC),
            "alert_id": "0b6f0a52-0000-4000-8000-000000000001",
            "type": "HAZARD",
            "subtype": "HAZARD_WEATHER_FLOOD",
            "street": "Jl. Gunung Sahari",
            "reliability": 8.0,
            "lon": 106.8375,
            "lat": -6.1521,
        },
    )


def test_an_irregularity_is_an_alert_so_that_no_queue_counts_twice():
    assert items(SAMPLE)[3] == (
        "traffic_alerts",
        {
            "event_time": datetime(2026, 2, 18, 2, 30, tzinfo=UTC),
            "alert_id": "irregularity-71",
            "type": "IRREGULARITY",
            "subtype": "Large",
            "street": "Jl. Jenderal Sudirman",
            "lon": 106.8145,
            "lat": -6.2197,
        },
    )


def test_a_speed_in_metres_a_second_becomes_kilometres_an_hour(snapshot):
    _, row = jam_like(snapshot, speed=2.5, speedKMH=None)
    assert row["speed_kmh"] == 9.0


def test_absent_lists_are_empty_lists(snapshot):
    assert items({"endTimeMillis": snapshot["endTimeMillis"], "alerts": None}) == []


def test_the_end_of_the_snapshot_may_be_text_in_utc(snapshot):
    del snapshot["endTimeMillis"]
    assert items(snapshot)[0][1]["event_time"] == datetime(2026, 2, 18, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize("end", [None, "kemarin", 1e30, "2026-02-18 03:10:00:000 WIB"])
def test_a_snapshot_without_a_readable_end_is_malformed(snapshot, end):
    del snapshot["endTimeMillis"]
    with pytest.raises(Malformed, match="endTime"):
        items(snapshot | {"endTime": end})


def test_an_old_snapshot_from_the_live_source_is_refused_and_from_a_file_is_history():
    live = State(url="https://example.org", now=NOW)
    fresh = Context(fetched_at=datetime(2026, 2, 18, 3, 40, tzinfo=UTC), state=live)
    still = Context(fetched_at=datetime(2026, 2, 18, 3, 41, tzinfo=UTC), state=live)
    assert len(list(FEED.parse(SAMPLE, fresh))) == 4
    with pytest.raises(Malformed, match=r"berakhir 18-02-2026 pukul 10\.10 WIB"):
        list(FEED.parse(SAMPLE, still))
    assert len(list(FEED.parse(SAMPLE, Context(fetched_at=still.fetched_at)))) == 4


@pytest.mark.parametrize("name", ["jams", "alerts", "irregularities"])
def test_a_list_that_is_something_else_is_malformed(snapshot, name):
    with pytest.raises(Malformed, match=f"seharusnya daftar pada {name}, ditemukan objek"):
        items(snapshot | {name: {}})


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"<html></html>"])
def test_what_is_no_snapshot_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"level": "tiga"}, "level"),
        ({"level": 2.5}, "level"),
        ({"line": "LINESTRING"}, "line"),
        ({"line": [{"x": 106.8}]}, "line"),
        ({"line": [[106.8, -6.1]]}, "line"),
        ({"speedKMH": float("nan")}, "speedKMH"),
        ({"street": "x" * 1_000_000}, "street"),
        ({"length": [850]}, "length"),
    ],
)
def test_a_bad_jam_is_rejected_by_its_field(snapshot, changes, field):
    reject = jam_like(snapshot, **changes)
    assert isinstance(reject, Reject)
    assert reject.field == field


def test_a_jam_without_a_line_has_no_place(snapshot):
    _, row = jam_like(snapshot, line=None)
    assert (row["geometry"], row["lon"], row["lat"]) == (None, None, None)


def test_a_jam_of_one_point_has_a_place_and_no_line(snapshot):
    _, row = jam_like(snapshot, line=[{"x": "106.8", "y": "-6.1"}])
    assert (row["geometry"], row["lon"], row["lat"]) == (None, 106.8, -6.1)


def test_one_bad_row_harms_no_other(snapshot):
    snapshot["alerts"].insert(0, "not an alert")
    snapshot["alerts"].append({"uuid": "x", "pubMillis": 1771383000000})
    found = items(snapshot)
    assert [type(item) for item in found] == [tuple, tuple, Reject, tuple, Reject, tuple]


def test_the_order_of_the_rows_changes_nothing_in_them(snapshot):
    shuffled = copy.deepcopy(snapshot)
    shuffled["jams"].reverse()

    def by_id(document):
        return {row["jam_id"]: row for table, row in items(document) if table == "traffic_jams"}

    assert by_id(shuffled) == by_id(snapshot)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is absent")
def test_the_real_alert_is_read():
    jam, alert, irregularity = items(SHARED.read_bytes())
    assert jam[1]["event_time"] == datetime(2018, 7, 5, 19, 28, tzinfo=UTC)
    assert alert == (
        "traffic_alerts",
        {
            "event_time": datetime(2018, 7, 5, 11, 36, 48, 212_000, tzinfo=UTC),
            "alert_id": "819b3317-72e5-3e05-9f37-8300d75385b8",
            "type": "WEATHERHAZARD",
            "subtype": "HAZARD_ON_ROAD_POT_HOLE",
            "street": "Av. Antônio Gonçalves Viana",
            "reliability": 9.0,
            "lon": -46.67667,
            "lat": -23.671387,
        },
    )
    assert irregularity[1]["alert_id"] == "irregularity-1"
