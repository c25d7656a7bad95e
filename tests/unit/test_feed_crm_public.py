import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject, Request, Response, State
from etl.feeds.crm_public import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/samples/crm_public.json"
SHARED = ROOT.parent / "shared/samples/crm/crm_public_api_shape.json"
NOON = datetime(2026, 2, 20, 5, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOON)


def items(body):
    return list(FEED.parse(body, CONTEXT))


def complaint(**changed):
    return {
        "code": "JK2602180001",
        "content": "Permasalahan: Gelap Kategori: Jalan Lokasi: - Detail Alamat Laporan: Jl. A",
        "lat": "-6.2",
        "lng": "106.8",
        "tstatus": {"name": "Proses"},
        "complaintCategory": {"name": "Jalan"},
        "zone": {"name": "DINAS BINA MARGA"},
        "createdAt": "2026-02-18T00:00:00.000Z",
    } | changed


def body(*rows):
    return json.dumps(rows).encode()


def test_place_category_state_and_unit_are_kept_and_the_text_is_not():
    assert items(SAMPLE.read_bytes())[0] == (
        "complaint_versions",
        {
            "complaint_id": "JK2602180001",
            "event_time": datetime(2026, 2, 18, 0, 5, tzinfo=UTC),
            "created_at": datetime(2026, 2, 18, 0, 5, tzinfo=UTC),
            "category": "Jalan",
            "status": "Selesai",
            "agency": "DINAS BINA MARGA",
            "kelurahan_code": "31.72.04.1004",
            "lon": 106.93,
            "lat": -6.1,
            "address_public": "Jl. Kebon Sirih No. 12 RT 03/RW 05 (rumah Ibu [nama])",
        },
    )


def test_an_unknown_kelurahan_and_a_dash_for_the_address_are_nothing():
    _, row = items(SAMPLE.read_bytes())[1]
    assert row["kelurahan_code"] is row["address_public"] is row["lat"] is None
    assert row["category"] == "Jaringan Listrik"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Selesai", "Selesai"),
        ("selesai ", "Selesai"),
        ("Estimasi Waktu Selesai", "EWS"),
        ("Menunggu Validasi", "Menunggu"),
        ("Menunggu Verifikasi", "Proses"),
        ("Entah", "Entah"),
        (None, None),
    ],
)
def test_states_are_those_of_the_crm_and_an_unknown_one_is_left_to_the_lakes_rules(name, status):
    assert items(body(complaint(tstatus={"name": name})))[0][1]["status"] == status


def test_the_village_of_a_detail_says_which_kelurahan():
    detail = complaint(village={"name": "PAL MERIAM"})
    assert items(body(detail))[0][1]["kelurahan_code"] == "31.75.01.1004"


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("lat", complaint(lat="sini")),
        ("lng", complaint(lng=[])),
        ("createdAt", complaint(createdAt="18/02/2026")),
        ("createdAt", complaint(createdAt="2026-02-18T07:00:00")),
        ("tstatus", complaint(tstatus="Selesai")),
        (None, "JK2602180001"),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_by_its_field(field, row):
    good, bad = items(body(complaint(), row))
    assert good[1]["complaint_id"] == "JK2602180001"
    assert isinstance(bad, Reject)
    assert bad.field == field


@pytest.mark.parametrize(
    "bad", [b"", b"<html>", b"[{", b'{"statusCode": 500}', b'[{"id": 1}]', b"[" * 100_000]
)
def test_what_is_not_the_dashboards_list_is_malformed(bad):
    with pytest.raises(Malformed):
        items(bad)


def test_no_person_gets_into_rows_rejects_or_archive():
    personal = complaint(
        content="Permasalahan: Fulan Samaran 0812-0000-1234 Kategori: Jalan Lokasi: x"
        " Detail Alamat Laporan: Jl. A, rumah Ibu Samaran 0812-0000-1234",
        zone={"name": "Bapak Fulan"},
        reporter="Fulan",
    )
    payload = body(personal, personal | {"lat": "Fulan"}, ["Fulan"])
    seen = repr(items(payload)) + FEED.redact(payload, CONTEXT).decode()
    assert [word for word in ("Fulan", "Samaran", "0812") if word in seen] == []


def test_the_archived_bytes_give_the_same_rows():
    payload = body(*json.loads(SAMPLE.read_bytes()), complaint(village={"name": "Gambir"}), 1)
    kept = FEED.redact(payload, CONTEXT)
    rows = [item for item in items(payload) if not isinstance(item, Reject)]
    again = items(kept)
    assert [item for item in again if not isinstance(item, Reject)] == rows
    assert len(again) == len(items(payload))


def days(state):
    exchange = FEED.requests(state)
    request, seen = next(exchange), []
    try:
        while True:
            assert request.params["dateStart"] == request.params["dateEnd"]
            seen.append(request.params["dateStart"])
            request = exchange.send(Response(Request(""), b"[]", NOON))
    except StopIteration:
        return seen


def test_each_of_the_last_days_is_asked_for_in_wib():
    evening = datetime(2026, 2, 20, 18, tzinfo=UTC)
    asked = days(State("http://crm", evening, last_event_time=evening))
    assert (len(asked), asked[0], asked[-1]) == (8, "2026-02-14", "2026-02-21")


def test_after_days_off_the_gap_is_asked_for_a_month_at_most():
    away = days(State("http://crm", NOON, last_event_time=NOON - timedelta(days=20)))
    assert away[0] == "2026-01-31"
    assert len(days(State("http://crm", NOON, last_event_time=NOON - timedelta(days=900)))) == 32


def test_the_shape_of_the_public_scrapers_is_read_with_its_detail():
    if not SHARED.exists():
        pytest.skip("the shared samples are not here")
    ((table, row),) = items(SHARED.read_bytes())
    assert table == "complaint_versions"
    assert row["complaint_id"] == "JK2301010001"
    assert row["event_time"] == datetime(2023, 1, 1, 0, 5, tzinfo=UTC)
    assert (row["lat"], row["lon"], row["kelurahan_code"]) == (-6.10, 106.93, "31.72.04.1004")
    assert (row["status"], row["agency"]) == ("Selesai", "DINAS BINA MARGA")
    assert row["address_public"] is None
