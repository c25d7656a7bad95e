from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tables import TABLES
from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds import (
    dsda_history,
    dsda_levels,
    flood_events_csv,
    pantau_gates,
    pantau_pumps,
    pantau_rain,
    petabencana_floods,
    petabencana_reports,
    water_level_csv,
)

MODULES = (
    dsda_history,
    dsda_levels,
    flood_events_csv,
    pantau_gates,
    pantau_pumps,
    pantau_rain,
    petabencana_floods,
    petabencana_reports,
    water_level_csv,
)
CONTEXT = Context(fetched_at=datetime(2026, 2, 18, tzinfo=UTC), name="IdPintuAir=122")
EACH = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__[10:])
FEW = settings(max_examples=60, deadline=None)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def name_of(module):
    return module.__name__.rsplit(".", 1)[1]


def sample_of(module):
    (path,) = Path("tests/samples").glob(f"{name_of(module)}.*")
    return path.read_bytes()


def unfit(module, body):
    """Parse, and return the items that the runner could not take; a Malformed leaves none."""
    try:
        items = list(module.FEED.parse(body, CONTEXT))
    except Malformed:
        return []
    return [item for item in items if not is_fit(module, item)]


def is_fit(module, item):
    if isinstance(item, Reject):
        return bool(item.reason) and len(item.raw) <= 4_000
    table, row = item
    return (
        table in module.FEED.tables
        and set(row) <= {column.name for column in TABLES[table].columns} | {"event_time"}
        and (row["event_time"] is None or row["event_time"].tzinfo is UTC)
    )


@EACH
@given(body=st.binary(max_size=300))
@FEW
def test_any_bytes_give_items_or_malformed(module, body):
    assert unfit(module, body) == []


@EACH
@given(data=st.data())
@FEW
def test_a_sample_cut_or_spoilt_anywhere_gives_items_or_malformed(module, data):
    sample = bytearray(sample_of(module))
    start = data.draw(st.integers(0, len(sample)))
    spoilt = data.draw(st.binary(max_size=12))
    end = data.draw(st.sampled_from([start, start + len(spoilt), len(sample)]))
    sample[start:end] = spoilt
    assert unfit(module, bytes(sample)) == []


def replaced(document, places, value):
    """Return the document with the value at one of its places, chosen by number."""
    found = []

    def walk(node):
        if isinstance(node, dict):
            for key in node:
                found.append((node, key))
                walk(node[key])
        elif isinstance(node, list):
            for index, inner in enumerate(node):
                found.append((node, index))
                walk(inner)

    walk(document)
    node, key = found[places % len(found)]
    node[key] = value
    return document


@pytest.mark.parametrize(
    "module",
    [pantau_gates, pantau_pumps, pantau_rain, petabencana_floods, petabencana_reports],
    ids=lambda module: module.__name__[10:],
)
@given(place=st.integers(0, 10_000), value=values)
@settings(FEW, max_examples=150)
def test_any_value_in_any_place_of_a_json_sample_gives_items_or_malformed(module, place, value):
    document = replaced(json.loads(sample_of(module)), place, value)
    body = json.dumps(document).encode("utf-8", "replace")
    assert unfit(module, body) == []
    if module.FEED.redact:
        with suppress(Malformed):
            assert unfit(module, module.FEED.redact(body, CONTEXT)) == []


@pytest.mark.parametrize(
    "module", [flood_events_csv, water_level_csv], ids=lambda module: module.__name__[10:]
)
@given(cells=st.lists(st.text(max_size=30), min_size=1, max_size=25))
@FEW
def test_any_cells_under_the_header_give_items(module, cells):
    header = sample_of(module).splitlines()[0]
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    assert unfit(module, header + b"\n" + line.encode("utf-8", "replace") + b"\n") == []


@EACH
@pytest.mark.parametrize("depth", [1_000, 200_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"1}"), (b"<a>", b"</a>")]
)
def test_deep_nesting_gives_items_or_malformed(module, depth, opening, closing):
    assert unfit(module, opening * depth) == []
    assert unfit(module, opening * depth + closing * depth) == []


@EACH
def test_a_sample_with_carriage_returns_reads_the_same(module):
    sample = sample_of(module)
    with_returns = sample.replace(b"\n", b"\r\n")
    rows = [item for item in module.FEED.parse(sample, CONTEXT) if not isinstance(item, Reject)]
    assert rows
    assert [
        item for item in module.FEED.parse(with_returns, CONTEXT) if not isinstance(item, Reject)
    ] == rows
