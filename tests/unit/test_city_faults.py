"""Faults that the simulated city shows on demand."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime

import pytest

from etl.city.faults import HUGE_BYTES, Fault, Faults, broken

NOW = datetime(2026, 2, 18, 3, tzinfo=UTC)
BODY = json.dumps({"rows": [{"n": n} for n in range(20)], "range": [3, 1, 2]}).encode()


def test_faults_are_read_from_a_line() -> None:
    faults = Faults.parse("dsda=html, waze=timeout", NOW)
    assert faults.listed() == {"dsda": "html", "waze": "timeout"}
    assert faults.of("/dsda/xmldata.xml") == Fault("html", NOW)
    assert faults.of("/pantau/gates") is None
    assert Faults.parse("", NOW).listed() == {}


def test_an_unknown_kind_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="'fire' is none of html, 500"):
        Faults.parse("dsda=fire", NOW)


def test_a_source_can_be_healed() -> None:
    faults = Faults.parse("dsda=html", NOW)
    faults.give("dsda", "none", NOW)
    faults.give("never-given", "none", NOW)
    assert faults.listed() == {}


@pytest.mark.parametrize(
    ("kind", "status"), [("html", 200), ("500", 500), ("404", 404), ("429", 429), ("empty", 200)]
)
def test_what_goes_out_is_not_the_payload(kind: str, status: int) -> None:
    result = broken(Fault(kind, NOW), BODY)
    assert result.status == status
    assert BODY not in result.body


def test_half_a_body_is_half_a_body() -> None:
    assert broken(Fault("truncated", NOW), BODY).body == BODY[: len(BODY) // 2]


def test_half_a_gzip_does_not_unpack() -> None:
    result = broken(Fault("gzip", NOW), BODY)
    assert result.headers["Content-Encoding"] == "gzip"
    unpacker = zlib.decompressobj(wbits=31)
    unpacker.decompress(result.body)
    assert not unpacker.eof


def test_a_huge_body_is_larger_than_any_limit() -> None:
    assert len(broken(Fault("huge", NOW), BODY).body) == HUGE_BYTES > 60_000_000


def test_shuffled_rows_are_the_same_rows_in_another_order() -> None:
    shuffled = json.loads(broken(Fault("shuffle", NOW), BODY).body)
    rows = json.loads(BODY)["rows"]
    assert shuffled["rows"] != rows
    assert sorted(row["n"] for row in shuffled["rows"]) == list(range(20))
    assert shuffled["range"] == [3, 1, 2]
    assert broken(Fault("shuffle", NOW), b"<xml/>").body == b"<xml/>"
