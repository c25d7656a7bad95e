"""What every feed owes: a data sheet, a sample of its own, and a `parse` that never crashes."""

from __future__ import annotations

import importlib
import json
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.append import arrow_table
from data.tables import TABLES
from etl.errors import FetchError, Malformed
from etl.feed import Batch, Context, Feed, Reject, discover

SAMPLES = Path(__file__).parents[1] / "samples"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
FEEDS = discover()
named = pytest.mark.parametrize("name", sorted(FEEDS))


def sample(name: str) -> Path:
    """Return the feed's own sample; its name is the feed's."""
    return next(path for path in sorted(SAMPLES.iterdir()) if path.name.split(".")[0] == name)


def context(name: str, **more: object) -> Context:
    return Context(fetched_at=NOW, name=name, reporter_key=b"v1:test", **more)  # type: ignore[arg-type]


def items(feed: Feed, body: bytes, name: str) -> list[object]:
    """Parse to the end; only `Malformed` may come out."""
    try:
        return list(feed.parse(body, context(name)))
    except Malformed:
        return []


@named
def test_its_docstring_is_a_data_sheet(name: str) -> None:
    text = importlib.import_module(f"etl.feeds.{name}").__doc__ or ""
    for heading in ("Source", "Quirks", "Sample"):
        assert re.search(rf"^{heading} ", text, re.MULTILINE), heading


@named
def test_its_sample_gives_rows_that_fit_the_lake(name: str) -> None:
    path = sample(name)
    rows: dict[str, list[dict[str, object]]] = {}
    for item in FEEDS[name].parse(path.read_bytes(), context(path.name)):
        if isinstance(item, Batch):
            columns = {
                k: v if isinstance(v, list) else v.to_pylist() for k, v in item.columns.items()
            }
            found = [
                dict(zip(columns, values, strict=True))
                for values in zip(*columns.values(), strict=True)
            ]
            rows.setdefault(item.table, []).extend(found)
        elif not isinstance(item, Reject):
            rows.setdefault(item[0], []).append(item[1])
    assert FEEDS[name].tables[0] in rows or name == "cameras"
    for table, found in rows.items():
        columns = {key: [row.get(key) for row in found] for key in set().union(*found)}
        batch, unfit = arrow_table(TABLES[table], columns)
        assert unfit == []
        assert batch["event_time"].null_count == 0
        assert all(moment.tzinfo is not None for moment in columns["event_time"])  # type: ignore[union-attr]


@named
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_bytes_are_rows_or_malformed(name: str, data: st.DataObject) -> None:
    body = sample(name).read_bytes()
    kind = data.draw(st.sampled_from(["random", "cut", "changed", "repeated"]))
    if kind == "random":
        body = data.draw(st.binary(max_size=300))
    elif kind == "cut":
        body = body[: data.draw(st.integers(0, len(body)))]
    elif kind == "changed":
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        body = body[:at] + data.draw(st.binary(min_size=1, max_size=6)) + body[at + 1 :]
    else:
        body = body * 2
    assert isinstance(items(FEEDS[name], body, sample(name).name), list)


@named
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<html><body><h1>502 Bad Gateway</h1></body></html>",
        b"null",
        b"[]",
        b"{}",
        b'[null, 1, "x", []]',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"<a>" * 50_000,
        b"\xff\xfe\x00\x01",
        b"\x1f\x8b\x08\x00broken gzip",
        json.dumps([{"x": "y" * 1_000_000}]).encode(),
        b"NaN",
    ],
    ids=lambda body: repr(body[:16]),
)
def test_a_hostile_document_gives_rejects_or_malformed(name: str, body: bytes) -> None:
    found = items(FEEDS[name], body, sample(name).name)
    assert all(isinstance(item, Reject) or item for item in found)


@named
def test_a_failed_request_is_never_a_crash(name: str) -> None:
    broken = context("x", error=FetchError("sumber: no answer"))
    try:
        found = list(FEEDS[name].parse(b"", broken))
    except Malformed:
        found = []
    assert isinstance(found, list)


@named
def test_hostile_values_in_place_of_good_ones_are_never_a_crash(name: str) -> None:
    text = sample(name).read_text(encoding="utf-8")
    hostile = [
        "---",
        "NaN",
        "null",
        "-1e400",
        "1,5",
        "31/02/2026",
        "0001-01-01T00:00:00Z",
        "9" * 400,
    ]
    rng = random.Random(name)
    values = list(re.finditer(r'(?<=[>":,;])([\w .:+-]{2,40})(?=[<",;])', text))
    for match in rng.sample(values, min(60, len(values))):
        body = text[: match.start()] + rng.choice(hostile) + text[match.end() :]
        found = items(FEEDS[name], body.encode(), sample(name).name)
        assert isinstance(found, list)


@named
def test_it_is_scheduled_with_budgets_or_only_backfilled(name: str) -> None:
    feed = FEEDS[name]
    if feed.every is None:
        assert feed.late is None
    else:
        assert feed.late is not None
        assert feed.expired is not None
        assert timedelta(0) < feed.late <= feed.expired
