from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.dsda_levels import FEED

SAMPLE = Path("tests/samples/dsda_levels.xml")
REAL = Path("../shared/samples/dsda/dsda_xmldata_shape.xml")
CONTEXT = Context(fetched_at=datetime(2026, 10, 8, 7, tzinfo=UTC))


def parse(body):
    return list(FEED.parse(body, CONTEXT))


def station(**fields):
    cells = {
        "ID_PINTU_AIR": "122",
        "NAMA_PINTU_AIR": "P.A. Manggarai 2",
        "TANGGAL": "2026-02-18T03:10:00",
        "TINGGI_AIR": "8725",
        "STATUS_SIAGA": "Status : Siaga 2",
    } | fields
    row = "".join(f"<{name}>{text}</{name}>" for name, text in cells.items() if text is not None)
    return f"<DocumentElement><SP_GET>{row}</SP_GET></DocumentElement>".encode()


def test_millimetres_become_centimetres_and_wib_becomes_utc():
    assert parse(SAMPLE.read_bytes())[0] == (
        "water_levels",
        {
            "station_id": "manggarai",
            "event_time": datetime(2026, 2, 17, 20, 10, tzinfo=UTC),
            "level_cm": 872.5,
            "level_reported": 8725.0,
            "unit_reported": "mm",
            "siaga_reported": 2,
        },
    )


def test_each_station_of_the_sample_gives_one_item():
    items = parse(SAMPLE.read_bytes())
    rows = [item[1] for item in items if not isinstance(item, Reject)]
    assert [(row["station_id"], row["level_cm"]) for row in rows] == [
        ("manggarai", 872.5),
        ("pesanggrahan", 160.0),
        ("waduk-pluit", -175.0),
        ("depok", -6047.5),
        ("hek", 50.0),
        ("dsda-999", 74.0),
    ]
    (reject,) = (item for item in items if isinstance(item, Reject))
    assert (reject.field, reject.reason) == ("TANGGAL", "bukan waktu")
    assert "Bendung Katulampa" in reject.raw


def test_the_shape_sample_of_the_source_is_read():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    rows = [row for _, row in parse(REAL.read_bytes())]
    assert [(row["station_id"], row["level_cm"], row["siaga_reported"]) for row in rows] == [
        ("manggarai", 610.0, 4),
        ("pesanggrahan", 160.0, 3),
    ]
    assert {row["event_time"] for row in rows} == {datetime(2026, 10, 8, 6, tzinfo=UTC)}


def test_a_time_with_an_offset_keeps_it():
    ((_, row),) = parse(station(TANGGAL="2026-02-18T03:10:00.0000000+07:00"))
    assert row["event_time"] == datetime(2026, 2, 17, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize("name", ["TINGGI_AIR", "TANGGAL"])
@pytest.mark.parametrize("missing", [None, "", "---"])
def test_what_the_source_leaves_out_is_null(name, missing):
    ((_, row),) = parse(station(**{name: missing}))
    assert row[{"TINGGI_AIR": "level_cm", "TANGGAL": "event_time"}[name]] is None


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("TINGGI_AIR", "NaN"),
        ("TINGGI_AIR", "tinggi"),
        ("TINGGI_AIR", "9" * 1_000_000),
        ("TANGGAL", "2026-02-30T03:10:00"),
        ("TANGGAL", "18-02-2026 03:10"),
        ("TANGGAL", "0001-01-01T00:00:00"),
        ("STATUS_SIAGA", "Status : Ungu"),
        ("ID_PINTU_AIR", ""),
        ("NAMA_PINTU_AIR", "x" * 1_000_000),
    ],
)
def test_a_station_that_cannot_be_read_is_rejected_by_field(field, text):
    changed = {field: text} | ({"ID_PINTU_AIR": "999"} if field == "NAMA_PINTU_AIR" else {})
    (reject,) = parse(station(**changed))
    assert isinstance(reject, Reject)
    assert reject.field == field


def test_an_empty_list_of_stations_is_no_fault():
    assert parse(b"<DocumentElement/>") == []


def test_what_stands_beside_the_stations_is_not_passed_over():
    reject, _ = parse(station().replace(b"<SP_GET>", b"<Error>busy</Error><SP_GET>"))
    assert reject.field == "ID_PINTU_AIR"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "kosong"),
        (b"<!DOCTYPE html><html><p>503</html>", "halaman HTML"),
        (SAMPLE.read_bytes()[:900], "XML yang rusak atau terpotong"),
        (b"<ArrayOfStation/>", "akar DocumentElement, ditemukan ArrayOfStation"),
        (b"<DocumentElement><Error>busy</Error></DocumentElement>", "tidak satu pun dari 1"),
        (b'{"data": []}', "JSON"),
        (b"\x1f\x8b\x08\x00", "data terkompresi"),
        (
            b'<!DOCTYPE a [<!ENTITY b "c">]><DocumentElement>&b;</DocumentElement>',
            "tanpa deklarasi entitas",
        ),
    ],
)
def test_another_document_is_malformed_and_the_message_says_what_came(body, message):
    with pytest.raises(Malformed, match=message):
        parse(body)
