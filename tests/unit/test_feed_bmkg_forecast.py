import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed, Refused, Unreachable
from etl.feed import Context, Reject, Response, State
from etl.feeds.bmkg_forecast import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/bmkg_forecast.json").read_bytes()
SHARED = ROOT.parent / "shared/samples/bmkg/prakiraan_cuaca_31.71.01.1001_shape.json"
NOW = datetime(2026, 2, 18, 14, 11, 12, 13, tzinfo=UTC)
URL = "https://api.example.org/publik/prakiraan-cuaca"


def items(body, **context):
    return list(FEED.parse(body, Context(**{"fetched_at": NOW} | context)))


def steps(*found, adm4="31.71.01.1001"):
    return json.dumps({"data": [{"lokasi": {"adm4": adm4}, "cuaca": [list(found)]}]}).encode()


def test_a_step_has_the_moment_forecast_and_the_moment_of_issue():
    assert items(SAMPLE)[0] == (
        "weather_forecasts",
        {
            "event_time": datetime(2026, 2, 18, 0, 0, tzinfo=UTC),
            "issued_at": datetime(2026, 2, 18, 0, 0, tzinfo=UTC),
            "adm4": "31.71.01.1001",
            "valid_time": datetime(2026, 2, 18, 6, 0, tzinfo=UTC),
            "temperature_c": 31.0,
            "humidity_pct": 75.0,
            "rain_mm": 0.1,
            "weather_code": 61,
            "weather": "Hujan Ringan",
            "wind_kmh": 11.1,
        },
    )


def test_all_steps_of_all_days_are_read():
    assert [row["valid_time"].hour for _, row in items(SAMPLE)] == [6, 9, 21]


@pytest.mark.parametrize(
    "written",
    [
        {"datetime": "2026-02-18T06:00:00Z"},
        {"utc_datetime": "2026-02-18 06:00:00"},
        {"local_datetime": "2026-02-18 13:00:00"},
    ],
)
def test_each_way_to_write_the_moment_is_read(written):
    [(_, row)] = items(steps(written))
    assert row["valid_time"] == datetime(2026, 2, 18, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fetched", "issued"),
    [
        (datetime(2026, 2, 18, 14, 11, 12, 13, tzinfo=UTC), datetime(2026, 2, 18, 12, tzinfo=UTC)),
        (datetime(2026, 2, 18, 12, tzinfo=UTC), datetime(2026, 2, 18, 12, tzinfo=UTC)),
        (datetime(2026, 2, 18, 11, 59, tzinfo=UTC), datetime(2026, 2, 18, 0, tzinfo=UTC)),
    ],
)
def test_without_an_analysis_date_the_last_run_of_bmkg_is_the_issue(fetched, issued):
    [(_, row)] = items(steps({"datetime": "2026-02-18T18:00:00Z"}), fetched_at=fetched)
    assert (row["issued_at"], row["event_time"]) == (issued, issued)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"t": "panas"}, "t"),
        ({"weather": 3.5}, "weather"),
        ({"datetime": "besok"}, "datetime"),
        ({"datetime": "2026-02-18 06:00:00"}, "datetime"),
        ({"analysis_date": 20260218}, "analysis_date"),
        ({"ws": float("inf")}, "ws"),
    ],
)
def test_a_bad_step_is_rejected_and_harms_no_other(changes, field):
    good = {"datetime": "2026-02-18T06:00:00Z"}
    reject, row = items(steps(good | changes, good))
    assert isinstance(reject, Reject)
    assert reject.field == field
    assert row[0] == "weather_forecasts"


def test_a_day_that_is_no_list_is_rejected():
    body = json.dumps({"data": [{"lokasi": {"adm4": "31.71.01.1001"}, "cuaca": [{}, []]}]})
    assert [item.field for item in items(body.encode())] == ["cuaca"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"statusCode": 404, "message": "not found"}',
        b'{"data": [{"cuaca": []}]}',
        b'{"data": [{"lokasi": {"adm4": {}}, "cuaca": []}]}',
        b'{"data": [{"lokasi": {"adm4": "31.71.01.1001"}}]}',
        b'{"data": ["31.71.01.1001"]}',
    ],
)
def test_what_is_no_forecast_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


def ask(*codes):
    return FEED.requests(State(url=URL, now=NOW, query=lambda _sql: [{"code": c} for c in codes]))


def test_each_kelurahan_is_asked_for_by_its_code():
    exchange = ask("31.01.01.1001", "31.71.01.1001")
    first = next(exchange)
    second = exchange.send(Response(first, SAMPLE, NOW))
    assert [(one.url, one.params) for one in (first, second)] == [
        (URL, {"adm4": "31.01.01.1001"}),
        (URL, {"adm4": "31.71.01.1001"}),
    ]
    with pytest.raises(StopIteration):
        exchange.send(Response(second, SAMPLE, NOW))


def test_a_code_that_bmkg_does_not_know_is_a_reject_and_the_others_go_on():
    exchange = ask("31.01.01.1001", "31.71.01.1001")
    first = next(exchange)
    refused = Refused("api.example.org menjawab HTTP 404")
    second = exchange.send(Response(first, b"", NOW, error=refused))
    assert second.params == {"adm4": "31.71.01.1001"}
    assert items(b"", error=refused, about=first.about) == [
        Reject("tidak ada prakiraan untuk 31.01.01.1001: api.example.org menjawab HTTP 404", "adm4")
    ]


def test_a_failure_that_may_pass_is_asked_again_with_retries():
    exchange = ask("31.01.01.1001", "31.71.01.1001")
    first = next(exchange)
    passing = Unreachable("no answer")
    again = exchange.send(Response(first, b"", NOW, error=passing))
    assert (again.params, again.tolerate) == ({"adm4": "31.01.01.1001"}, False)
    assert exchange.send(Response(again, SAMPLE, NOW)).params == {"adm4": "31.71.01.1001"}
    assert items(b"", error=passing, about=first.about) == []


@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is absent")
def test_the_described_payload_is_read():
    found = items(SHARED.read_bytes())
    assert [
        (
            row["adm4"],
            row["valid_time"],
            row["temperature_c"],
            row["weather_code"],
            row["issued_at"],
        )
        for _, row in found
    ] == [
        (
            "31.71.01.1001",
            datetime(2026, 10, 8, 6, tzinfo=UTC),
            32.0,
            2,
            NOW.replace(hour=12, minute=0, second=0, microsecond=0),
        ),
        (
            "31.71.01.1001",
            datetime(2026, 10, 8, 15, tzinfo=UTC),
            28.0,
            0,
            NOW.replace(hour=12, minute=0, second=0, microsecond=0),
        ),
    ]
