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


def read(module, body):
    """Return every item of a payload; nothing where it is malformed, and no other error."""
    with suppress(Malformed):
        return list(module.FEED.parse(body, CONTEXT))
    return []


def sound(item):
    """Tell whether an item is a reject that says why, or a row that its table knows."""
    if isinstance(item, Reject):
        return bool(item.reason)
    table, row = item
    known = {column.name for column in TABLES[table].columns} | {"event_time"}
    return set(row) <= known and row["event_time"].tzinfo is not None


@FEEDS
@few
@given(body=st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(module, body):
    assert all(map(sound, read(module, body)))


@FEEDS
@few
@given(document=values)
def test_any_json_is_read_or_malformed(module, document):
    for body in (document, {"roster": [document], "cameras": [document], "_type": "location"}):
        assert all(map(sound, read(module, json.dumps(body).encode())))
        assert all(map(sound, read(module, json.dumps([body, document]).encode())))


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
        (item,) = read(module, json.dumps(wrap(row)).encode())
        assert sound(item)


@few
@given(data=st.data())
def test_what_is_kept_of_a_payload_reads_like_the_payload(data):
    for module, sample, wrap in (
        (traccar, rows("traccar.json")[0], lambda row: [row]),
        (traccar, rows("traccar_devices.json")[1], lambda row: [row]),
        (duty_roster, rows("duty_roster.json", "roster")[0], lambda row: {"roster": [row]}),
    ):
        body = json.dumps(wrap(data.draw(damaged(sample)))).encode()
        items = read(module, body)
        assert read(module, module.FEED.redact(body, CONTEXT)) == items
        assert all(map(sound, items))


@few
@given(body=st.binary(max_size=400), known=st.sampled_from(["live", "frozen", None]))
def test_any_picture_is_judged(body, known):
    about = Probe("a", Trail("0" * 16, NOW), known)
    for item in cameras.parse(body, Context(fetched_at=NOW, about=about)):
        assert item[1]["state"] in get_args(Sight)
    look(body)


def told(body):
    """Return what each reader of places keeps and rejects of a file, where it can read it."""
    with suppress(Malformed):
        found = read_boundaries(body, None, "t")
        yield found.shapes, found.rejects
    with suppress(Malformed):
        layer = read_layer(body, "a.csv")
        yield layer.rows, layer.rejects


@few
@given(body=st.binary(max_size=300), document=values, geometry=values)
def test_any_file_of_places_is_read_or_malformed(body, document, geometry):
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
    for file in (body, json.dumps(document).encode(), json.dumps(collection).encode()):
        for kept, rejects in told(file):
            assert kept or rejects
            assert all(reject.reason for reject in rejects)
    of_collection = list(told(json.dumps(collection).encode()))
    assert all(len(kept) + len(rejects) == len(features) for kept, rejects in of_collection)
    # A point is no boundary, but a layer may hold it.
    assert of_collection


@few
@given(url=st.text(max_size=40) | st.from_regex(r"https?://[^/]{0,20}/", fullmatch=True))
def test_any_url_without_an_address_is_refused_or_out_of_reach(url):
    def resolve(*_arguments, **_options):
        raise OSError

    with pytest.raises((Refused, Unreachable)):
        public_address(url, (), resolve=resolve)
