from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.liveness import Sight, Trail
from data.tables import TABLES
from etl.boundaries import read_boundaries
from etl.errors import Malformed, Refused, Unreachable
from etl.feed import Context, Reject
from etl.feeds import cameras, duty_roster, traccar
from etl.feeds.cameras import Probe, look
from etl.guard import public_address
from etl.layers import read_layer

NOW = datetime(2026, 2, 18, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOW, url="http://127.0.0.1:8060/x")
SAMPLES = Path(__file__).parents[1] / "samples"
FEEDS = pytest.mark.parametrize("module", [cameras, duty_roster, traccar])
READERS = pytest.mark.parametrize(
    "read", [lambda body: read_boundaries(body, None, "t"), lambda body: read_layer(body, "a.csv")]
)
few = settings(max_examples=60, deadline=None)

whole = st.integers(-(2**63), 2**63 - 1)
scalars = st.none() | st.booleans() | whole | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def rows(sample, *path):
    document = json.loads((SAMPLES / sample).read_bytes())
    for name in path:
        document = document[name]
    return document


def damaged(row):
    return st.fixed_dictionaries({}, optional={key: values | st.just(row[key]) for key in row})


def check(module, body):
    """Every item is a row that its table knows, or a reject; anything else is Malformed."""
    items = []
    with suppress(Malformed):
        items = list(module.FEED.parse(body, CONTEXT))
    for item in items:
        if not isinstance(item, Reject):
            table, row = item
            known = {column.name for column in TABLES[table].columns} | {"event_time"}
            assert set(row) <= known
            assert row["event_time"].tzinfo is not None
    return items


@FEEDS
@few
@given(body=st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(module, body):
    check(module, body)


@FEEDS
@few
@given(document=values)
def test_any_json_is_read_or_malformed(module, document):
    for body in (document, {"roster": [document], "cameras": [document], "_type": "location"}):
        check(module, json.dumps(body).encode())
        check(module, json.dumps([body, document]).encode())


@few
@given(data=st.data())
def test_each_damaged_row_is_one_row_or_one_reject(data):
    for module, sample, wrap in (
        (traccar, rows("traccar.json")[0], lambda row: [row]),
        (traccar, rows("traccar_devices.json")[1], lambda row: [row]),
        (duty_roster, rows("duty_roster.json", "roster")[0], lambda row: {"roster": [row]}),
        (cameras, rows("cameras.json", "cameras")[0], lambda row: {"cameras": [row]}),
    ):
        row = data.draw(damaged(sample))
        assert len(check(module, json.dumps(wrap(row)).encode())) == 1


@few
@given(data=st.data())
def test_what_is_kept_of_a_payload_reads_like_the_payload(data):
    for module, sample, wrap in (
        (traccar, rows("traccar.json")[0], lambda row: [row]),
        (traccar, rows("traccar_devices.json")[1], lambda row: [row]),
        (duty_roster, rows("duty_roster.json", "roster")[0], lambda row: {"roster": [row]}),
    ):
        body = json.dumps(wrap(data.draw(damaged(sample)))).encode()
        assert check(module, module.FEED.redact(body, CONTEXT)) == check(module, body)


@few
@given(body=st.binary(max_size=400), known=st.sampled_from(["live", "frozen", None]))
def test_any_picture_is_judged(body, known):
    about = Probe("a", Trail("0" * 16, NOW), known)
    for item in cameras.parse(body, Context(fetched_at=NOW, about=about)):
        assert item[1]["state"] in get_args(Sight)
    look(body)


@READERS
@few
@given(body=st.binary(max_size=300), document=values, geometry=values)
def test_any_file_of_places_is_read_or_malformed(read, body, document, geometry):
    features = [
        document,
        {"type": "Feature", "properties": document, "geometry": geometry},
        {
            "properties": {"kode": "31.71.01.1001"},
            "geometry": {"type": "Polygon", "coordinates": geometry},
        },
        {
            "properties": {"kode": "31.71", "x": document},
            "geometry": {"type": "Point", "coordinates": [106.8, -6.2]},
        },
    ]
    collection = {"type": "FeatureCollection", "features": features}
    for found in (body, json.dumps(document).encode(), json.dumps(collection).encode()):
        with suppress(Malformed):
            read(found)


@few
@given(url=st.text(max_size=40) | st.from_regex(r"https?://[^/]{0,20}/", fullmatch=True))
def test_any_url_is_allowed_or_refused(url):
    def resolve(*_arguments, **_options):
        raise OSError

    with suppress(Refused, Unreachable):
        public_address(url, (), resolve=resolve)
