from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject, State
from etl.feeds.petabencana_reports import FEED
from etl.reading import WIB

SAMPLE = Path("tests/samples/petabencana_reports.json")
REAL = Path("../shared/samples/petabencana/crowdsourced-reports_0.json")
ARCHIVE = Path("../shared/history/petabencana_2017")
NOW = datetime(2026, 2, 18, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOW)


def parse(body):
    return list(FEED.parse(body, CONTEXT))


def report(coordinates=(106.8, -6.2), **properties):
    properties = {"created_at": "2017-02-21T06:46:00", "source": "qlue"} | properties
    geometry = {"type": "Point", "coordinates": list(coordinates)}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*found):
    return json.dumps({"type": "FeatureCollection", "features": list(found)}).encode()


def asked_hours(last_event_time):
    state = State(url="http://x/reports?admin=ID-JK", now=NOW, last_event_time=last_event_time)
    (request,) = FEED.requests(state)
    return int(request.params["timeperiod"]) / 3600


def test_a_report_tells_place_depth_and_what_happened_without_the_person():
    table, row = parse(SAMPLE.read_bytes())[0]
    assert table == "flood_reports"
    assert row == {
        "report_id": "900001",
        "event_time": datetime(2026, 2, 17, 20, 5, tzinfo=UTC),
        "lon": 106.7,
        "lat": -6.25,
        "depth_cm": 65.0,
        "source": "grasp",
        "text_redacted": "Air masuk rumah, hubungi Pak [nama] [telepon]",
    }


def test_each_report_of_the_sample_gives_one_item():
    _, (_, titled), quake, nowhere = parse(SAMPLE.read_bytes())
    assert (titled["text_redacted"], titled["depth_cm"]) == ("Banjir", None)
    assert (titled["lon"], titled["lat"]) == pytest.approx((106.89998, -6.15001))
    assert (quake.field, quake.reason) == ("disaster_type", "bukan banjir")
    assert nowhere.field == "geometry"


def test_neither_quarantine_nor_the_raw_archive_holds_a_person():
    items = parse(SAMPLE.read_bytes())
    kept = [item.raw for item in items if isinstance(item, Reject)]
    kept.append(FEED.redact(SAMPLE.read_bytes(), CONTEXT).decode())
    for text in kept:
        assert "0812" not in text
        assert "Pak Contoh" not in text
        assert "Ibu Contoh" not in text
        assert "akun_contoh" not in text
    assert "Gempa" in kept[0]


def test_what_the_archive_keeps_reads_like_the_answer():
    kept = FEED.redact(SAMPLE.read_bytes(), CONTEXT)
    rows = [item for item in parse(SAMPLE.read_bytes()) if not isinstance(item, Reject)]
    assert [item for item in parse(kept) if not isinstance(item, Reject)] == rows
    assert len(parse(kept)) == 4


def test_the_archive_keeps_no_field_that_nobody_has_looked_at():
    body = collection(report(reporter={"name": "Contoh"}, text="banjir"), ["Contoh"])
    kept = FEED.redact(body, CONTEXT)
    assert b"Contoh" not in kept
    assert b"banjir" in kept


def test_the_real_answer_is_read():
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here")
    ((_, row),) = parse(REAL.read_bytes())
    assert (row["report_id"], row["source"]) == ("5519", "qlue")
    assert row["event_time"] == datetime(2016, 12, 9, 21, 37, tzinfo=UTC)
    assert (row["lon"], row["lat"]) == (106.817276, -6.138229)


def test_times_without_a_zone_are_wib():
    ((_, row),) = parse(collection(report()))
    assert row["event_time"] == datetime(2017, 2, 20, 23, 46, tzinfo=UTC)


def test_reports_of_the_archive_are_told_apart_and_known_again():
    twins = [report(image_url=f"https://example.org/{n}", text="banjir") for n in (1, 2)]
    first, second = (row["report_id"] for _, row in parse(collection(*twins)))
    assert first != second
    assert [row["report_id"] for _, row in parse(collection(*twins))] == [first, second]


@pytest.mark.parametrize(
    ("name", "reports", "with_depth"),
    [
        ("petabencana.id_jbd_reports_2017-02-20.geojson", 69, 7),
        ("petabencana.id_jbd_reports_2017-02-21.geojson", 1057, 214),
    ],
)
def test_the_real_archive_is_read_whole(name, reports, with_depth):
    path = ARCHIVE / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    rows = [row for _, row in parse(path.read_bytes())]
    assert len(rows) == len({row["report_id"] for row in rows}) == reports
    assert sum(row["depth_cm"] is not None for row in rows) == with_depth
    assert {f"{row['event_time'].astimezone(WIB):%Y-%m-%d}" for row in rows} == {name[-18:-8]}


@pytest.mark.parametrize(
    ("gap", "hours"),
    [
        (None, 168),
        (timedelta(seconds=30), 1),
        (timedelta(minutes=90), 2),
        (timedelta(days=3), 73),
        (timedelta(days=3000), 168),
        (timedelta(minutes=-5), 1),
    ],
)
def test_a_gap_is_asked_for_back_to_the_newest_report_and_a_week_at_most(gap, hours):
    assert asked_hours(None if gap is None else NOW - gap) == hours


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"created_at": "kemarin"}, "created_at"),
        ({"report_data": {"flood_depth": "NaN"}}, "flood_depth"),
        ({"text": "x" * 1_000_000}, "text"),
        ({"source": ["qlue"]}, "source"),
    ],
)
def test_a_report_that_cannot_be_read_is_rejected_by_field(changes, field):
    (reject,) = parse(collection(report(**changes)))
    assert isinstance(reject, Reject)
    assert reject.field == field


def test_coordinates_may_be_text_and_are_never_swapped():
    ((_, row),) = parse(collection(report(("-6.2", "106.8"))))
    assert (row["lon"], row["lat"]) == (-6.2, 106.8)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"statusCode": 429}', SAMPLE.read_bytes()[:99]]
)
def test_another_document_is_malformed_to_parse_and_to_redact(body):
    with pytest.raises(Malformed):
        parse(body)
    with pytest.raises(Malformed):
        FEED.redact(body, CONTEXT)
