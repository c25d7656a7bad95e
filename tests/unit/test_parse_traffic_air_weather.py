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


def items(name, body, context=CONTEXT):
    """Return every item of a payload; None where it is malformed."""
    try:
        return list(import_module(f"etl.feeds.{name}").FEED.parse(body, context))
    except Malformed:
        return None


def faults(name, body):
    """Return what is wrong with the items of a payload; nothing where it is malformed."""
    return [fault for item in items(name, body) or () for fault in faults_of(name, item)]


def faults_of(name, item):
    if isinstance(item, Reject):
        if not item.reason:
            yield "a reject without reason"
        if not _encodes(item.raw):
            yield "a reject that cannot be kept"
        return
    table, row = item
    if table not in import_module(f"etl.feeds.{name}").FEED.tables:
        yield f"a row of {table}"
        return
    if unknown := row.keys() - {column.name for column in TABLES[table].all_columns}:
        yield f"unknown columns {unknown}"
    for column, value in row.items():
        if not isinstance(value, KEPT):
            yield f"{column} is a {type(value)}"
        elif isinstance(value, str) and not _encodes(value):
            yield f"{column} cannot be kept"
        elif isinstance(value, float) and not math.isfinite(value) and name != "openaq":
            yield f"{column} is not finite"
    if row["event_time"] is not None and row["event_time"].utcoffset() != timedelta(0):
        yield "event_time is not in UTC"


def _encodes(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def count(name, body, context=CONTEXT):
    """Return how many items there are; None where it is malformed."""
    found = items(name, body, context)
    return None if found is None else len(found)


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
    assert count(name, sample(name))
    assert faults(name, sample(name)) == []


@pytest.mark.parametrize("name", FEEDS)
@given(body=st.binary(max_size=300))
@few
def test_any_bytes_are_items_or_malformed(name, body):
    assert faults(name, body) == []


@pytest.mark.parametrize("name", FEEDS)
@given(data=st.data())
@few
def test_a_damaged_sample_is_items_or_malformed(name, data):
    body = bytearray(sample(name))
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 200)))
    body[start:end] = data.draw(st.binary(max_size=30) | st.text(max_size=30).map(_encoded))
    kept = data.draw(st.integers(0, len(body)) | st.just(len(body)))
    assert faults(name, bytes(body[:kept])) == []


@pytest.mark.parametrize("name", JSON_FEEDS)
@given(path=st.lists(st.integers(0, 20), max_size=8), value=junk)
@few
def test_anything_in_place_of_a_value_is_items_or_malformed(name, path, value):
    document = replaced(json.loads(sample(name)), path, value)
    assert faults(name, json.dumps(document).encode()) == []


@given(stations=st.lists(junk, max_size=4))
@few
def test_anything_in_place_of_a_station_is_one_item_or_more(stations):
    body = b"window.__SPKU_DATA__ = " + json.dumps(stations).encode() + b";"
    found = count("udara_jakarta", body)
    assert found is None or found >= len(stations)
    assert faults("udara_jakarta", body) == []


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
    assert count(name, body) == len(rows)
    assert faults(name, body) == []


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
    assert items(name, body) is None


@pytest.mark.parametrize("name", ["tomtom_flow", "bmkg_forecast"])
def test_an_answer_that_did_not_come_is_one_item(name):
    assert count(name, b"", Context(fetched_at=NOW, error=Refused("answered 404"))) == 1


def _encoded(text):
    return text.encode(errors="replace")
