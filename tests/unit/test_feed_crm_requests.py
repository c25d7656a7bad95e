import json
import mmap
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from pathlib import Path

import pyarrow as pa
import pytest

from data.append import arrow_table
from data.tables import TABLES
from etl.errors import Malformed
from etl.feed import Batch, Context, Reject, Request, Response, State
from etl.feeds import crm_requests
from etl.feeds.crm_requests import FEED, SLICE_ROWS, Reporter, reporter_hash

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/samples/crm_requests.json"
SHARED = ROOT.parent / "shared/samples/open311"
NOON = datetime(2026, 2, 20, 5, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOON, reporter_key=b"v1:a secret for tests")


def parsed(body, context=CONTEXT):
    """Return rows by table and the rejects."""
    tables = {"complaint_versions": [], "complaint_log": []}
    rejects = []
    for item in FEED.parse(body, context):
        if isinstance(item, Batch):
            tables[item.table] += pa.table(item.columns).to_pylist()
        else:
            rejects.append(item)
    return tables["complaint_versions"], tables["complaint_log"], rejects


def complaint(**changed):
    extension = {
        "status_label": "Proses",
        "channel": "JAKI",
        "log": [{"datetime": "2026-02-18T07:00:00+07:00", "status_label": "Menunggu"}],
    } | changed.pop("extended_attributes", {})
    return {
        "service_request_id": "JK2602180001",
        "service_name": "Jalan",
        "requested_datetime": "2026-02-18T07:00:00+07:00",
        "updated_datetime": "2026-02-18T08:00:00+07:00",
        "extended_attributes": extension,
    } | changed


def body(*rows):
    return json.dumps(rows).encode()


def utc(day, hour, minute=0):
    return datetime(2026, 2, day, hour, minute, tzinfo=UTC)


def test_a_finished_complaint_has_its_times_places_and_photos_and_no_person():
    versions, _, _ = parsed(SAMPLE.read_bytes())
    key = versions[0].pop("reporter_key")
    assert key.startswith("v1:")
    assert versions[0] == {
        "complaint_id": "JK2602180001",
        "event_time": utc(19, 2, 30),
        "created_at": utc(18, 0),
        "channel": "JAKI",
        "category": "Jalan",
        "status": "Selesai",
        "agency": "DINAS BINA MARGA",
        "kelurahan_code": "31.71.06.1001",
        "lon": 106.832,
        "lat": -6.182,
        "geotagged": True,
        "due_at": utc(25, 0),
        "first_response_at": utc(18, 1, 10),
        "resolved_at": utc(19, 2, 30),
        "reopened_count": 0,
        "photo_before": "/crm/photos/JK2602180001-sebelum.jpg",
        "photo_after": "/crm/photos/JK2602180001-sesudah.jpg",
        "address_public": "Jl. Kebon Sirih No. 12 RT 03/RW 05 (rumah Ibu [nama])",
        "verification": "Sesuai",
        "rating": 4.0,
        "text_redacted": "Jalan berlubang dekat halte. Hubungi saya di [telepon], [nama]",
    }


def test_log_entries_come_oldest_first_whatever_their_order():
    _, log, _ = parsed(SAMPLE.read_bytes())
    first = [row for row in log if row["complaint_id"] == "JK2602180001"]
    assert [(row["event_time"], row["status"], row["agency"]) for row in first] == [
        (utc(18, 0), "Menunggu", "KELURAHAN"),
        (utc(18, 1, 10), "Koordinasi", "DINAS BINA MARGA"),
        (utc(19, 2, 30), "Selesai", "DINAS BINA MARGA"),
    ]


def test_a_new_complaint_happened_when_it_was_made():
    versions, _, _ = parsed(SAMPLE.read_bytes())
    assert versions[1]["event_time"] == versions[1]["created_at"] == utc(18, 16, 10)
    assert versions[1]["category"] == "Gangguan dan Kebisingan"
    assert versions[1]["due_at"] is None
    assert versions[1]["rating"] is None


def test_numbers_as_text_decimal_commas_and_dashes_are_read():
    versions, _, _ = parsed(SAMPLE.read_bytes())
    row = versions[2]
    assert (row["lat"], row["lon"], row["geotagged"], row["reopened_count"]) == (
        -6.21,
        106.85,
        True,
        1,
    )
    assert row["status"] == "EWS"
    assert row["address_public"] is row["photo_before"] is row["due_at"] is None


def test_a_log_entry_that_cannot_be_read_goes_alone():
    versions, log, rejects = parsed(SAMPLE.read_bytes())
    assert [row["complaint_id"] for row in versions] == [f"JK260218000{n}" for n in (1, 2, 3)]
    assert [row["status"] for row in log if row["complaint_id"] == "JK2602180003"] == ["EWS"]
    assert [(reject.field, reject.reason) for reject in rejects] == [("log", "bukan waktu")]


def test_one_bad_row_among_many_leaves_the_others_as_they_are():
    many = [complaint(service_request_id=f"JK{n:010}") for n in range(SLICE_ROWS + 40)]
    good = parsed(body(*many))
    many[700] = complaint(requested_datetime="18/02/2026")
    versions, log, rejects = parsed(body(*many))
    assert versions == good[0][:700] + good[0][701:]
    assert log == good[1][:700] + good[1][701:]
    assert [reject.field for reject in rejects] == ["requested_datetime"]


@pytest.mark.parametrize(
    ("field", "row"),
    [
        ("lat", complaint(lat="di sini")),
        ("lat", complaint(lat="NaN")),
        ("long", complaint(long={"x": 1})),
        ("updated_datetime", complaint(updated_datetime="2026-02-18T07:00:00")),
        ("updated_datetime", complaint(updated_datetime="2026-13-18T07:00:00+07:00")),
        ("updated_datetime", complaint(updated_datetime="0001-01-01T00:00:00+07:00")),
        ("updated_datetime", complaint(updated_datetime=1_771_400_000)),
        ("extended_attributes", complaint() | {"extended_attributes": "kosong"}),
        ("reopened", complaint(extended_attributes={"reopened": 10**12})),
        ("reopened", complaint(extended_attributes={"reopened": 1.5})),
        ("geotagged", complaint(extended_attributes={"geotagged": "barangkali"})),
        ("rating", complaint(extended_attributes={"rating": "baik"})),
        ("log", complaint(extended_attributes={"log": "kosong"})),
        ("description", complaint(description=["a"])),
        (None, "JK2602180001"),
        (None, None),
    ],
)
def test_a_row_that_cannot_be_read_is_rejected_by_its_field(field, row):
    versions, _, rejects = parsed(body(complaint(), row))
    assert len(versions) == 1
    assert [reject.field for reject in rejects] == [field]


def test_a_row_of_broken_text_is_rejected_alone():
    versions, _, rejects = parsed(body(complaint(), complaint()).replace(b"Jalan", b"\xff\xfe", 1))
    assert (len(versions), len(rejects)) == (1, 1)


def test_a_not_a_number_is_nothing():
    versions, _, rejects = parsed(
        body(complaint()).replace(b'"service', b'"lat": NaN, "service', 1)
    )
    assert versions[0]["lat"] is None
    assert rejects == []


def test_rows_without_what_is_required_are_left_to_the_lakes_rules():
    bare = {"service_request_id": None}
    versions, log, rejects = parsed(body(bare))
    assert versions[0]["complaint_id"] is versions[0]["status"] is versions[0]["event_time"] is None
    assert (log, rejects) == ([], [])


def test_a_picture_whose_address_is_none_is_left_out():
    versions, _, _ = parsed(body(complaint(media_url="javascript:alert(1)")))
    assert versions[0]["photo_before"] is None


def test_the_columns_are_those_of_the_lake():
    for item in FEED.parse(SAMPLE.read_bytes(), CONTEXT):
        if isinstance(item, Batch):
            table, refused = arrow_table(TABLES[item.table], item.columns)
            assert (table.num_rows, refused) == (len(item), [])


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"<!doctype html><html>502 Bad Gateway</html>",
        b'[{"service_request_id": "JK26',
        b'{"errors": [{"code": 403, "description": "key"}]}',
        b'[{"service_code": "JLN", "service_name": "Jalan"}]',
        b"[" * 100_000,
        b'[{"service_request_id": "1", "x": ' + b"[" * 100_000,
        b"\x1f\x8b\x08\x00",
        b"null",
    ],
)
def test_what_is_no_list_of_requests_is_malformed(bad):
    for read in (FEED.parse, FEED.redact):
        with pytest.raises(Malformed):
            list(read(bad, CONTEXT))


def test_an_empty_page_is_no_fault():
    assert parsed(b"[]") == ([], [], [])


def test_a_memory_map_can_be_closed_while_rows_are_still_read(tmp_path):
    path = tmp_path / "requests.json"
    path.write_bytes(body(*[complaint()] * (2 * SLICE_ROWS)))
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        first = next(FEED.parse(view, CONTEXT))
    assert view.closed
    assert first.table == "complaint_versions"


SECRETS = ("Fulan", "Samaran", "0812-0000-1234", "1234 UJI", "3171000000001234", "contoh@")
PERSONAL = complaint(
    description="Bapak Fulan Samaran, 0812-0000-1234, mobil B 1234 UJI, contoh@example.org",
    address="Jl. Melati 3 (rumah Ibu Samaran, NIK 3171000000001234)",
    agency_responsible="KELURAHAN, Bapak Fulan 0812-0000-1234",
    reporter_phone="0812-0000-1234",
    notes={"name": "Fulan"},
    extended_attributes={
        "reporter": {"name": "Fulan Samaran", "contact": "0812-0000-1234", "ktp": "1234 UJI"},
        "log": [
            {"datetime": "Fulan", "status_label": "Samaran", "agency": "contoh@example.org"},
            {
                "datetime": "2026-02-18T07:00:00Z",
                "status_label": "Proses",
                "agency": "Ibu Samaran",
                "note": "Fulan",
            },
        ],
    },
)


@pytest.mark.parametrize(
    "row",
    [
        PERSONAL,
        PERSONAL | {"lat": "Fulan Samaran 0812-0000-1234"},
        PERSONAL | {"extended_attributes": {"reporter": "Fulan Samaran, 0812-0000-1234"}},
        PERSONAL | {"extended_attributes": {"reporter": ["Fulan", {"contact": "contoh@x.org"}]}},
        PERSONAL | {"unreadable": {"reason": "Fulan Samaran", "row": "0812-0000-1234"}},
        ["Fulan Samaran", "0812-0000-1234"],
        "Fulan Samaran 0812-0000-1234",
    ],
)
def test_no_person_gets_into_rows_rejects_or_archive(row):
    payload = body(complaint(), row)
    seen = repr(parsed(payload)) + FEED.redact(payload, CONTEXT).decode()
    assert [secret for secret in SECRETS if secret in seen] == []


def test_a_reject_tells_hash_and_size_of_its_row():
    row = b'{"service_request_id":"1","lat":[]}'
    digest = blake2b(row, digest_size=16).hexdigest()
    _, _, rejects = parsed(b"[%b]" % row)
    assert rejects == [Reject("bukan angka", "lat", f"{digest}, {len(row)} bytes")]


def test_the_archived_bytes_give_the_same_rows_and_rejects():
    payload = body(*json.loads(SAMPLE.read_bytes()), PERSONAL, complaint(lat="x"), "row")
    kept = FEED.redact(payload, CONTEXT)
    assert parsed(kept) == parsed(payload)
    assert parsed(FEED.redact(kept, CONTEXT)) == parsed(kept)
    without_key = Context(fetched_at=NOON)
    assert parsed(kept, without_key) == parsed(payload)


def test_one_contact_in_any_spelling_is_one_reporter():
    hashed = reporter_hash(b"v1:secret")
    spellings = ["0812-0000-1234", "+62 812 0000 1234", "62812.0000.1234", "081200001234 "]
    assert len({hashed(Reporter(contact=contact)) for contact in spellings}) == 1
    assert hashed(Reporter(name="A", contact="x@y.id")) == hashed(Reporter(contact="X@y.id"))


def test_another_key_gives_another_hash_under_its_version():
    person = Reporter(name="Contoh")
    first, second = (reporter_hash(key)(person) for key in (b"v1:secret", b"v2:other"))
    assert first.startswith("v1:")
    assert second.startswith("v2:")
    assert first[3:] != second[3:]
    assert reporter_hash(b"secret")(person) == reporter_hash(b"v1:secret")(person)


def test_without_a_key_or_a_person_there_is_no_hash():
    assert reporter_hash(b"")(Reporter(contact="081200001234")) is None
    assert reporter_hash(b"v1:secret")(Reporter(name="-", contact="")) is None


def asked(state, pages):
    """Return the parameters of each request, answering with `pages` in turn."""
    exchange, seen = FEED.requests(state), []
    try:
        request = next(exchange)
        for page in pages:
            seen.append(dict(request.params))
            request = exchange.send(Response(Request(""), page, NOON))
    except StopIteration:
        pass
    return seen


def page(count, start=0):
    return body(*(complaint(service_request_id=str(start + n)) for n in range(count)))


def test_pages_are_asked_for_until_one_is_short():
    state = State("http://crm", NOON, last_event_time=NOON - timedelta(hours=1))
    seen = asked(state, [page(500), page(500, 500), page(3), page(1)])
    assert [request["page"] for request in seen] == ["1", "2", "3"]
    assert {request["page_size"] for request in seen} == {"500"}
    assert {request["updated_after"] for request in seen} == {"2026-02-20T03:50:00Z"}


def test_a_time_of_the_lake_is_in_wib_and_asked_for_in_utc():
    wib = timezone(timedelta(hours=7))
    state = State("http://crm", NOON, last_event_time=(NOON - timedelta(hours=1)).astimezone(wib))
    assert asked(state, [b"[]"])[0]["updated_after"] == "2026-02-20T03:50:00Z"


def test_after_years_off_only_the_last_90_days_are_asked_for():
    state = State("http://crm", NOON, last_event_time=NOON - timedelta(days=900))
    assert asked(state, [b"[]"])[0]["updated_after"] == "2025-11-22T05:00:00Z"


def test_the_first_look_goes_back_a_week():
    assert asked(State("http://crm", NOON), [b"[]"])[0]["updated_after"] == "2026-02-13T05:00:00Z"


def test_a_source_that_ignores_pages_is_asked_twice_only():
    assert len(asked(State("http://crm", NOON), [page(500)] * 5)) == 2


def test_a_request_of_another_city_is_read_and_left_to_the_lakes_rules():
    if not SHARED.exists():
        pytest.skip("the shared samples are not here")
    versions, log, rejects = parsed((SHARED / "toronto_request_real_record.json").read_bytes())
    assert [(row["complaint_id"], row["lat"], row["status"]) for row in versions] == [
        ("101001366957", 43.683629226, None)
    ]
    assert (log, rejects) == ([], [])
    with pytest.raises(Malformed, match="seharusnya permintaan GeoReport"):
        parsed((SHARED / "georeport_v2_services_shape.json").read_bytes())


def test_many_rows_come_in_few_batches(monkeypatch):
    monkeypatch.setattr(crm_requests, "SLICE_ROWS", 10)
    monkeypatch.setattr(crm_requests, "BATCH_ROWS", 40)
    items = list(FEED.parse(page(100), CONTEXT))
    assert [len(item) for item in items if item.table == "complaint_versions"] == [40, 40, 20]
