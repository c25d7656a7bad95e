import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from etl.errors import Malformed, Refused
from etl.feed import Context, Reject, Response, State
from etl.feeds.tomtom_flow import FEED, Corridor

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/tomtom_flow.json").read_bytes()
SHARED = ROOT.parent / "shared/samples/tomtom/tomtom_flowSegmentData_doc_sample.json"
NOW = datetime(2026, 2, 18, 3, 11, tzinfo=UTC)
THAMRIN = Corridor("K001", "Jl. M.H. Thamrin")
CORRIDORS = [
    {
        "corridor_id": "K001",
        "name": "Jl. M.H. Thamrin",
        "line": "LINESTRING (106.8 -6.1, 106.8 -6.3)",
    },
    {"corridor_id": "K002", "name": "Jl. Contoh", "line": "LINESTRING (106.7 -6.2, 106.9 -6.2)"},
]


def items(body, about=THAMRIN, **context):
    return list(FEED.parse(body, Context(fetched_at=NOW, about=about, **context)))


def segment(**changes):
    return json.dumps({"flowSegmentData": json.loads(SAMPLE)["flowSegmentData"] | changes}).encode()


def ask(url="https://api.example.org/flow/json"):
    return FEED.requests(State(url=url, now=NOW, query=lambda _sql: CORRIDORS))


def test_a_segment_is_a_jam_of_its_corridor_as_of_fetching():
    [(table, row)] = items(SAMPLE)
    assert table == "traffic_jams"
    assert orjson.loads(row.pop("geometry"))["coordinates"][0] == [106.8229, -6.1824]
    assert row.pop("length_m") == pytest.approx(1112, abs=1)
    assert row == {
        "event_time": NOW,
        "jam_id": "K001",
        "street": "Jl. M.H. Thamrin",
        "level": 3,
        "speed_kmh": 15.0,
        "delay_s": 168.0,
        "lon": 106.8229,
        "lat": -6.1874,
    }


@pytest.mark.parametrize(
    ("speed", "level"),
    [(60, 0), (50, 0), (45, 0), (44.9, 1), (31.25, 1), (31, 2), (17.5, 2), (17, 3), (12.5, 3),
     (12, 4), (0, 4)],
)  # fmt: skip
def test_the_level_follows_the_share_of_the_free_speed(speed, level):
    [(_, row)] = items(segment(currentSpeed=speed))
    assert row["level"] == level


def test_a_closed_road_is_level_five_without_delay():
    [(_, row)] = items(segment(roadClosure=True))
    assert (row["level"], row["delay_s"]) == (5, None)


def test_a_road_faster_than_free_has_no_delay():
    [(_, row)] = items(segment(currentTravelTime=60))
    assert row["delay_s"] == 0


def test_a_file_without_a_corridor_goes_by_its_place():
    [(_, row)] = items(SAMPLE, about=None)
    assert (row["jam_id"], row["street"]) == ("-6.18740,106.82290", None)


def test_a_file_without_corridor_and_place_is_rejected():
    [reject] = items(segment(coordinates=None), about=None)
    assert reject.field == "coordinates"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"currentSpeed": "---x"}, "currentSpeed"),
        ({"currentSpeed": -1}, "currentSpeed"),
        ({"freeFlowSpeed": 0}, "freeFlowSpeed"),
        ({"coordinates": {"coordinate": [{"latitude": -6.2}]}}, "coordinates"),
        ({"coordinates": {"coordinate": ["-6.2,106.8"]}}, "coordinates"),
    ],
)
def test_a_bad_segment_is_rejected_by_its_field(changes, field):
    [reject] = items(segment(**changes))
    assert isinstance(reject, Reject)
    assert reject.field == field


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"flowSegmentData": []}', b"<html>"])
def test_what_is_no_segment_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


def test_each_corridor_is_asked_for_at_its_middle_beside_the_key():
    asked = next(ask("https://api.example.org/flow/json?key=K"))
    assert [request.url for request in asked] == [
        "https://api.example.org/flow/json?key=K&point=-6.20000,106.80000&unit=KMPH",
        "https://api.example.org/flow/json?key=K&point=-6.20000,106.80000&unit=KMPH",
    ]
    assert [request.about for request in asked] == [THAMRIN, Corridor("K002", "Jl. Contoh")]


def test_a_corridor_without_an_answer_is_a_reject():
    assert items(b"", error=Refused("host menjawab HTTP 400")) == [
        Reject("K001: host menjawab HTTP 400")
    ]


def test_the_run_goes_on_where_some_corridor_is_answered():
    exchange = ask()
    bad, good = next(exchange)
    answers = [Response(bad, b"", NOW, error=Refused("400")), Response(good, SAMPLE, NOW)]
    with pytest.raises(StopIteration):
        exchange.send(answers)


def test_the_run_fails_where_no_corridor_is_answered():
    exchange = ask()
    answers = [Response(one, b"", NOW, error=Refused("403")) for one in next(exchange)]
    with pytest.raises(Refused, match="403"):
        exchange.send(answers)


def test_without_corridors_nothing_is_asked():
    assert list(FEED.requests(State(url="https://api.example.org", now=NOW))) == []


@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is absent")
def test_the_documented_answer_is_read():
    [(_, row)] = items(SHARED.read_bytes(), about=None)
    assert (row["jam_id"], row["level"], row["speed_kmh"], row["delay_s"]) == (
        "52.40476,4.84432",
        2,
        41.0,
        63.0,
    )
