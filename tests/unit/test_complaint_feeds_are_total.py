import json
from contextlib import suppress
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.tables import TABLES
from etl.errors import BadField, Malformed
from etl.feed import Batch, Context, Reject
from etl.feeds import crm_public, crm_requests, jaki_routing_csv
from etl.reading import read_moment

NOW = datetime(2026, 2, 18, tzinfo=UTC)
CONTEXT = Context(fetched_at=NOW, reporter_key=b"v1:test")
few = settings(max_examples=80, deadline=None)
feeds = pytest.mark.parametrize("module", [crm_requests, crm_public, jaki_routing_csv])

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars | st.sampled_from(["-", "---", "2026-02-18T07:00:00+07:00", "106,8", "/a.jpg"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


def rows_of(*names, **nested):
    fields = {name: values for name in names} | nested
    return st.lists(st.fixed_dictionaries({}, optional=fields) | values, max_size=5)


DOCUMENTS = {
    crm_requests: rows_of(
        *("service_request_id", "service_name", "description", "requested_datetime"),
        *("updated_datetime", "address", "lat", "long", "media_url", "unreadable"),
        extended_attributes=values
        | st.fixed_dictionaries(
            {},
            optional={
                name: values
                for name in ("status_label", "reopened", "geotagged", "reporter", "log", "rating")
            },
        ),
    ),
    crm_public: rows_of(
        *("code", "content", "lat", "lng", "tstatus", "complaintCategory", "zone", "createdAt"),
        "village",
    ),
    jaki_routing_csv: st.just([]),
}


def check(module, body):
    """Return rows and rejects; every row is one that its table knows, what fails is Malformed."""
    rows, rejects = [], 0
    with suppress(Malformed):
        for item in module.FEED.parse(body, CONTEXT):
            if isinstance(item, Reject):
                rejects += 1
                continue
            table, columns = (item.table, item.columns) if isinstance(item, Batch) else item
            known = {column.name for column in TABLES[table].columns} | {"event_time"}
            assert set(columns) <= known
            found = pa.table(columns).to_pylist() if isinstance(item, Batch) else [columns]
            rows += [(table, row) for row in found]
    return rows, rejects


@feeds
@few
@given(body=st.binary(max_size=200))
def test_any_bytes_are_items_or_malformed(module, body):
    rows, _rejects = check(module, body)
    assert {table for table, _row in rows} <= set(module.FEED.tables)


@feeds
@few
@given(data=st.data())
def test_any_document_is_items_or_malformed_and_its_archived_copy_gives_the_same(module, data):
    document = data.draw(DOCUMENTS[module])
    body = json.dumps(document).encode(errors="replace")
    found = check(module, body)
    if module.FEED.redact:
        kept = b"[]"
        with suppress(Malformed):
            kept = module.FEED.redact(body, CONTEXT)
        assert check(module, kept) == found


@few
@given(
    st.lists(st.sampled_from([b'"code"', b'"service_request_id"', b"{", b"}", b"[", b"]", b":"]))
)
def test_any_pile_of_brackets_is_items_or_malformed(pieces):
    for module in (crm_requests, crm_public):
        rows, _rejects = check(module, b"".join(pieces))
        assert {table for table, _row in rows} <= set(module.FEED.tables)


DIGITS = st.text("0123456789-:.TZ+ ", max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    st.builds(
        "{}-{:02}-{:02}{}".format,
        st.integers(1980, 2110),
        st.integers(0, 13),
        st.integers(0, 32),
        DIGITS,
    )
)
def test_a_time_is_read_alike_among_many_and_alone(text):
    column = pa.array([text]).cast
    try:
        many = column(crm_requests.MICROSECONDS).cast(pa.int64())[0].as_py()
    except pa.ArrowInvalid:
        return
    try:
        alone = int(read_moment(text, "time").timestamp() * 1_000_000)
    except BadField:
        assert not 1990 <= datetime.fromtimestamp(many / 1_000_000, UTC).year < 2100
        return
    assert abs(many - alone) <= 1
