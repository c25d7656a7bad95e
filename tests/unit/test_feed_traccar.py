import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject, State
from etl.feeds.traccar import FEED, unit_name

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/samples"
SHARED = ROOT.parent / "shared/samples/traccar"
NOON = datetime(2026, 2, 18, 12, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOON, reporter_key=b"key")


def items(body):
    return list(FEED.parse(body, CONTEXT))


def position(**changed):
    row = {
        "deviceId": 1,
        "fixTime": "2026-02-18T12:00:00Z",
        "deviceTime": "2026-02-18T12:00:05Z",
        "serverTime": "2026-02-18T12:00:06Z",
        "valid": True,
        "latitude": -6.2,
        "longitude": 106.8,
        "speed": 0.0,
        "accuracy": 5,
        "attributes": {"batteryLevel": 50},
    } | changed
    return json.dumps([row]).encode()


def test_a_position_is_where_the_device_was_at_its_fix_with_speed_in_kmh():
    first = items((SAMPLES / "traccar.json").read_bytes())[0]
    assert first == (
        "officer_positions",
        {
            "officer_id": "1",
            "event_time": NOON,
            "lon": 106.8481,
            "lat": -6.2079,
            "accuracy_m": 12.0,
            "speed_kmh": 18.52,
            "battery_pct": 82.0,
        },
    )


def test_an_outdated_position_keeps_the_time_of_its_old_fix():
    _, row = items((SAMPLES / "traccar.json").read_bytes())[1]
    assert row["event_time"] == datetime(2026, 2, 18, 11, 40, tzinfo=UTC)
    assert row["battery_pct"] is None


def test_a_position_without_a_fix_is_rejected():
    assert items((SAMPLES / "traccar.json").read_bytes())[2] == Reject(
        "perangkat belum mendapat posisi",
        "valid",
        '{"deviceId":3,"fixTime":"2026-02-18T11:59:00.000+00:00","valid":false,"latitude":0.0,'
        '"longitude":0.0,"accuracy":0.0,"speed":0.0,"attributes":{}}',
    )


def test_devices_become_officers_named_by_crew_never_by_person():
    found = items((SAMPLES / "traccar_devices.json").read_bytes())
    assert found == [
        (
            "officers",
            {
                "officer_id": "1",
                "event_time": NOON,
                "name": "Satgas SDA 01",
                "agency": "DINAS SUMBER DAYA AIR",
                "category": "person",
            },
        ),
        (
            "officers",
            {
                "officer_id": "2",
                "event_time": NOON,
                "name": "Tim PPSU Kel. Setia Budi 3",
                "agency": "KELURAHAN",
                "category": "motorcycle",
            },
        ),
        (
            "officers",
            {
                "officer_id": "3",
                "event_time": NOON,
                "name": "Unit 3",
                "agency": None,
                "category": None,
            },
        ),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Satgas SDA 01",
        "Satgas SDA Setia Budi 2",
        "Tim PPSU Kel. Cipinang Besar Utara 03",
        "Satpol PP Jakarta Pusat",
        "Satpol PP Kota Bambu Utara 01",
        "Sudin SDA Barat B12",
        "Pasukan Biru 7",
        "Satgas Pal Meriam 1",
        "satgas01",
    ],
)
def test_the_name_of_a_crew_is_kept(name):
    assert unit_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["Budi Santoso", "Regu Budi", "Satgas Sari Wijaya", "Unit 081200000000", "B 1234 XYZ", "", "7"],
)
def test_a_name_that_may_be_a_persons_is_not_kept(name):
    assert unit_name(name) is None


def test_what_is_archived_holds_no_person_and_reads_the_same():
    for name in ("traccar.json", "traccar_devices.json"):
        body = (SAMPLES / name).read_bytes()
        kept = FEED.redact(body, CONTEXT)
        for secret in (b"Palsu", b"0812", b"812 0000", b"00000000000000", b"uniqueId", b"phone"):
            assert secret not in kept
        assert items(kept) == items(body)


def test_a_rejected_row_shows_no_person():
    body = json.dumps([{"id": {"x": 1}, "name": "Nama Palsu", "phone": "0812"}]).encode()
    [reject] = items(body)
    assert reject == Reject("seharusnya teks, ditemukan daftar", "id", '{"id":[],"name":null}')


def test_owntracks_leaves_out_zero_speed_and_tells_kmh():
    officer, (table, row) = items((SAMPLES / "traccar_owntracks.json").read_bytes())
    assert officer[1]["name"] == "satgas07"
    assert (table, row) == (
        "officer_positions",
        {
            "officer_id": "owntracks-satgas07",
            "event_time": NOON,
            "lon": 106.8271,
            "lat": -6.1753,
            "accuracy_m": None,
            "speed_kmh": 0.0,
            "battery_pct": None,
        },
    )


def test_an_owntracks_user_who_may_be_a_person_is_hashed_with_the_key():
    location = {
        "_type": "location",
        "topic": "owntracks/palsu/x",
        "lat": -6.1,
        "lon": 106.8,
        "tst": 1,
    }
    body = json.dumps(location).encode()
    ids = {
        next(FEED.parse(body, Context(fetched_at=NOON, reporter_key=key)))[1]["officer_id"]
        for key in (b"one", b"two")
    }
    assert len(ids) == 2
    assert not any("palsu" in officer for officer in ids)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"fixTime": None}, "fixTime"),
        ({"fixTime": "2026-02-18T12:00:00"}, "fixTime"),
        ({"fixTime": "18/02/2026"}, "fixTime"),
        ({"latitude": "NaN"}, "latitude"),
        ({"longitude": {"deg": 106}}, "longitude"),
        ({"deviceId": None}, "deviceId"),
        ({"speed": "fast"}, "speed"),
        ({"deviceId": "x" * 1_000_000}, "deviceId"),
    ],
)
def test_a_position_that_cannot_be_read_is_rejected_by_field(changed, field):
    [reject] = items(position(**changed))
    assert isinstance(reject, Reject)
    assert reject.field == field


def test_coordinates_as_text_with_a_decimal_comma_are_read():
    [(_, row)] = items(position(latitude="-6,2", longitude="106.8"))
    assert (row["lat"], row["lon"]) == (-6.2, 106.8)


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b"{", b"{}", b'{"_type": "lwt"}', b"[" * 5000, b"7"]
)
def test_what_is_no_list_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)


def test_two_requests_a_run_ask_for_devices_and_positions_at_once():
    [asked] = FEED.requests(State("https://traccar.example/", NOON))
    assert [request.url for request in asked] == [
        "https://traccar.example/api/devices",
        "https://traccar.example/api/positions",
    ]
    assert FEED.parallel == 2


@pytest.mark.skipif(not SHARED.exists(), reason="the shared samples are not here")
def test_the_shared_shapes_are_read():
    [(_, device)] = items((SHARED / "traccar_devices_shape.json").read_bytes())
    [(_, row)] = items((SHARED / "traccar_positions_shape.json").read_bytes())
    (_, officer), (_, tracked) = items((SHARED / "owntracks_location_shape.json").read_bytes())
    assert device["name"] == "Satgas SDA 01"
    assert row["speed_kmh"] == pytest.approx(5.4 * 1.852)
    assert row["event_time"] == datetime(2026, 10, 10, 2, tzinfo=UTC)
    assert officer["officer_id"] == tracked["officer_id"] == "owntracks-satgas01"
    assert (tracked["speed_kmh"], tracked["accuracy_m"], tracked["battery_pct"]) == (20, 12, 82)
    assert tracked["event_time"] == datetime(2026, 10, 10, 2, tzinfo=UTC)
