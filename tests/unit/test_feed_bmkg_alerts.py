from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject, Response, State
from etl.feeds.bmkg_alerts import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "tests/samples/bmkg_alerts.xml").read_bytes()
SHARED = ROOT.parent / "shared/samples/bmkg/cap_nowcast_shape.xml"
NOW = datetime(2026, 2, 17, 20, 10, tzinfo=UTC)
URL = "https://www.example.org/alerts/nowcast/id"


def items(body):
    return list(FEED.parse(body, Context(fetched_at=NOW)))


def rss(*entries):
    listed = "".join(
        f"<item><title>Hujan</title><link>{link}</link><guid>{guid}</guid></item>"
        for guid, link in entries
    )
    return f'<rss version="2.0"><channel><title>Nowcast</title>{listed}</channel></rss>'.encode()


JAKARTA = ("2.49.0.1.360.0.2026.02.18.03.31.001", f"{URL}/CJK20260218001_alert.xml")
JAMBI = ("2.49.0.1.360.0.2026.02.18.03.15.005", f"{URL}/CJI20260218005_alert.xml")


def test_a_warning_is_read_in_indonesian_with_its_area():
    [(table, row)] = items(SAMPLE)
    assert table == "weather_alerts"
    assert orjson.loads(row.pop("polygon")) == {
        "type": "MultiPolygon",
        "coordinates": [
            [[[106.8, -6.2], [106.85, -6.2], [106.85, -6.25], [106.8, -6.2]]],
            [[[106.8, -6.3], [106.85, -6.3], [106.85, -6.35], [106.8, -6.3]]],
        ],
    }
    assert row == {
        "event_time": datetime(2026, 2, 17, 20, 5, tzinfo=UTC),
        "alert_id": "2.49.0.1.360.0.2026.02.18.03.31.001",
        "event": "Hujan Lebat dan Petir",
        "urgency": "Immediate",
        "severity": "Moderate",
        "certainty": "Observed",
        "headline": "Hujan Lebat disertai Petir di DKI Jakarta",
        "description": "Contoh: Tebet, Jatinegara dan sekitarnya",
        "area": "DKI Jakarta",
        "message_type": "Alert",
        "effective_at": datetime(2026, 2, 17, 20, 10, tzinfo=UTC),
        "expires_at": datetime(2026, 2, 17, 22, 10, tzinfo=UTC),
    }


def test_the_list_of_warnings_becomes_no_rows():
    assert items(rss(JAKARTA, JAMBI)) == []
    assert items(rss()) == []


def test_an_entry_that_cannot_be_followed_is_rejected():
    found = items(rss(("guid-2", JAMBI[1]), (JAKARTA[0], f"{URL}/infografis.jpg"), JAKARTA))
    assert [(item.field, item.reason) for item in found] == [
        ("guid", "guid tidak menyebut provinsi"),
        ("link", "tidak ada tautan ke CODE_alert.xml"),
    ]


@pytest.mark.parametrize("url", [URL, f"{URL}/", f"{URL}/rss.xml"])
def test_only_the_warnings_of_jakarta_are_asked_for(url):
    exchange = FEED.requests(State(url=url, now=NOW))
    listing = next(exchange)
    assert listing.url == url
    asked = exchange.send(Response(listing, rss(JAMBI, JAKARTA), NOW))
    assert asked.url == f"{URL}/CJK20260218001_alert.xml"
    with pytest.raises(StopIteration):
        exchange.send(Response(asked, SAMPLE, NOW))


@pytest.mark.parametrize(
    "link",
    ["http://169.254.169.254/latest/X_alert.xml", "file:///etc/X_alert.xml", "//evil/X_alert.xml"],
)
def test_a_link_cannot_send_us_elsewhere(link):
    exchange = FEED.requests(State(url=URL, now=NOW))
    asked = exchange.send(Response(next(exchange), rss((JAKARTA[0], link)), NOW))
    assert asked.url == f"{URL}/X_alert.xml"


def test_a_list_that_did_not_change_is_asked_again_since_a_warning_may_be_missing():
    exchange = FEED.requests(State(url=URL, now=NOW))
    listing = next(exchange)
    assert exchange.send(Response(listing, b"", NOW, not_modified=True)).url == URL
    asked = exchange.send(Response(listing, rss(JAKARTA), NOW))
    assert asked.url == f"{URL}/CJK20260218001_alert.xml"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"<status>Actual", b"<status>Test", "status"),
        (b".03.31.001", b".03.32.001", "identifier"),
        (b"<sent>2026-02-18T03:05:00+07:00", b"<sent>kemarin", "sent"),
        (b"<sent>2026-02-18T03:05:00+07:00", b"<sent>2026-02-18T03:05:00", "sent"),
        (b"-6.25,106.85", b"-6.25", "polygon"),
        (b"-6.25,106.85", b"106.85,-6.25", "polygon"),
        (b"-6.30,106.80 -6.30,106.85", b"-6.30,106.80", "polygon"),
        (b"<expires>2026-02-18T05:10:00+07:00", b"<expires>---x", "expires"),
        (b"Contoh", b"x" * 1_000_000, "description"),
    ],
)
def test_a_bad_warning_is_rejected_by_its_field(old, new, field):
    assert old in SAMPLE
    [reject] = items(SAMPLE.replace(old, new))
    assert isinstance(reject, Reject)
    assert reject.field == field


def test_a_warning_without_polygons_or_infos_is_told_apart():
    start, end = SAMPLE.index(b"<polygon>"), SAMPLE.rindex(b"</polygon>") + len(b"</polygon>")
    [(_, row)] = items(SAMPLE[:start] + SAMPLE[end:])
    assert row["polygon"] is None
    start, end = SAMPLE.index(b"<info>"), SAMPLE.rindex(b"</info>") + len(b"</info>")
    [reject] = items(SAMPLE[:start] + SAMPLE[end:])
    assert reject.field == "info"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"<html></html>", b"<rss/>", b"<alert/>", SAMPLE[:-20], b"<rss><channel>"],
)
def test_what_is_neither_rss_nor_a_warning_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is absent")
def test_the_described_warning_is_read():
    [(_, row)] = items(SHARED.read_bytes())
    assert (row["alert_id"], row["event_time"], row["expires_at"]) == (
        "2.49.0.1.360.0.2026.01.01.31.001",
        datetime(2026, 1, 1, 8, 0, tzinfo=UTC),
        datetime(2026, 1, 1, 10, 0, tzinfo=UTC),
    )
    assert orjson.loads(row["polygon"])["coordinates"][0][0][1] == [106.85, -6.2]
