"""`parse` is total: any bytes give rows of the declared tables or rejects, or are `Malformed`."""

import json
import math
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.tables import TABLES
from etl.errors import Malformed, Refused
from etl.feed import Context, Reject

SAMPLES = Path(__file__).parents[1] / "samples"
FEEDS = {
    "waze_ccp": "json",
    "tomtom_flow": "json",
    "openaq": "json",
    "bmkg_forecast": "json",
    "bmkg_alerts": "xml",
    "udara_jakarta": "html",
    "ispu_csv": "csv",
    "population_csv": "csv",
}
JSON_FEEDS = [name for name, kind in FEEDS.items() if kind == "json"]
NOW = datetime(2026, 2, 18, 3, 11, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOW, url="https://example.org/v3/locations/1/sensors", about="x")
KEPT = (str, int, float, bool, date, datetime, type(None))
few = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.sampled_from(
        [10**400, -1, 0, 1e308, -0.0, "", "---", "NaN", "1,5", "0001-01-01", "9" * 500]
    )
    | st.floats()
    | st.text(max_size=20)
    | st.datetimes().map(str)
    | st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@cache
def sample(name):
    return (SAMPLES / f"{name}.{FEEDS[name]}").read_bytes()


def check(name, body, context=CONTEXT):
    """Parse, check each item, and return how many there are; None where it is malformed."""
    feed = import_module(f"etl.feeds.{name}").FEED
    count = 0
    try:
        for item in feed.parse(body, context):
            count += 1
            if isinstance(item, Reject):
                item.raw.encode()
                assert item.reason
                continue
            table, row = item
            assert table in feed.tables
            assert set(row) <= {column.name for column in TABLES[table].all_columns}
            for value in row.values():
                assert isinstance(value, KEPT)
                if isinstance(value, str):
                    value.encode()
                if isinstance(value, float):
                    assert math.isfinite(value) or name == "openaq"
            assert row["event_time"] is None or row["event_time"].utcoffset() == timedelta(0)
    except Malformed:
        return None
    return count


def replaced(document, path, value):
    """Return `document` with the value at `path`, a list of numbers, replaced."""
    if not path or not isinstance(document, dict | list) or not document:
        return value
    keys = list(document) if isinstance(document, dict) else range(len(document))
    chosen = keys[path[0] % len(keys)]
    changed = document.copy()
    changed[chosen] = replaced(document[chosen], path[1:], value)
    return changed


@pytest.mark.parametrize("name", FEEDS)
def test_the_sample_has_rows(name):
    assert check(name, sample(name))


@pytest.mark.parametrize("name", FEEDS)
@given(body=st.binary(max_size=300))
@few
def test_any_bytes_are_items_or_malformed(name, body):
    check(name, body)


@pytest.mark.parametrize("name", FEEDS)
@given(data=st.data())
@few
def test_a_damaged_sample_is_items_or_malformed(name, data):
    body = bytearray(sample(name))
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 200)))
    body[start:end] = data.draw(st.binary(max_size=30) | st.text(max_size=30).map(_encoded))
    check(name, bytes(body[: data.draw(st.integers(0, len(body)) | st.just(len(body)))]))


@pytest.mark.parametrize("name", JSON_FEEDS)
@given(path=st.lists(st.integers(0, 20), max_size=8), value=junk)
@few
def test_anything_in_place_of_a_value_is_items_or_malformed(name, path, value):
    document = replaced(json.loads(sample(name)), path, value)
    check(name, json.dumps(document).encode())


@given(stations=st.lists(junk, max_size=4))
@few
def test_anything_in_place_of_a_station_is_one_item_or_more(stations):
    body = b"window.__SPKU_DATA__ = " + json.dumps(stations).encode() + b";"
    count = check("udara_jakarta", body)
    assert count is None or count >= len(stations)


@pytest.mark.parametrize("name", ["ispu_csv", "population_csv"])
@given(
    lines=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters='\r\n",'), max_size=12),
            min_size=12,
            max_size=12,
        ),
        max_size=5,
    )
)
@few
def test_every_line_of_a_csv_is_one_item(name, lines):
    header = sample(name).splitlines()[0].decode().split(",")
    rows = [line[: len(header)] for line in lines]
    body = "\n".join(",".join(cells) for cells in [header, *rows]).encode()
    assert check(name, body) == len(rows)


@pytest.mark.parametrize("name", FEEDS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>502</body></html>",
        b"\x1f\x8b\x08\x00truncated",
        b"[" * 200_000,
        b"<a>" * 200_000,
        b'{"a":' * 200_000,
        b"x" * 1_000_000,
        b"null",
    ],
    ids=["empty", "html", "gzip", "deep-json", "deep-xml", "deep-objects", "long", "null"],
)
def test_what_the_source_never_sends_is_malformed(name, body):
    assert check(name, body) is None


@pytest.mark.parametrize("name", ["tomtom_flow", "bmkg_forecast"])
def test_an_answer_that_did_not_come_is_one_item(name):
    assert check(name, b"", Context(fetched_at=NOW, error=Refused("answered 404"))) == 1


def _encoded(text):
    return text.encode(errors="replace")
