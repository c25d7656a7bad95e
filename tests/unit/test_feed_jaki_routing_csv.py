from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.jaki_routing_csv import FEED

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/samples/jaki_routing_csv.csv"
SHARED = ROOT.parent / "shared/history/complaints/crm_jaki_sample_2023_routing.csv"
CONTEXT = Context(fetched_at=datetime(2026, 2, 20, tzinfo=UTC))


def items(body):
    return list(FEED.parse(body, CONTEXT))


def test_a_line_is_a_complaint_as_it_was_at_intake():
    midnight = datetime(2026, 2, 17, 17, tzinfo=UTC)
    assert items(SAMPLE.read_bytes())[0] == (
        "complaint_versions",
        {
            "complaint_id": "JK2602180001",
            "event_time": midnight,
            "created_at": midnight,
            "channel": "JAKI",
            "category": "Jalan",
            "status": "Menunggu",
            "agency": "DINAS BINA MARGA",
            "kelurahan_code": "31.72.04.1004",
        },
    )


def test_a_unit_stands_under_its_perangkat_daerah_and_commas_are_its_own():
    _, row = items(SAMPLE.read_bytes())[1]
    assert row["agency"] == "DINAS CIPTA KARYA, TATA RUANG, DAN PERTANAHAN"
    assert row["category"] == "Tata Ruang dan Bangunan"


def test_a_wrong_date_costs_its_own_line_only():
    assert [type(item) for item in items(SAMPLE.read_bytes())] == [tuple, tuple, Reject]


@pytest.mark.parametrize("bad", [b"", b"<html></html>", b"a,b\n1,2\n", b'[{"code": 1}]'])
def test_another_file_is_malformed(bad):
    with pytest.raises(Malformed):
        items(bad)


def test_the_real_file_gives_a_row_for_each_of_its_320_lines():
    if not SHARED.exists():
        pytest.skip("the shared history is not here")
    rows = [row for _, row in items(SHARED.read_bytes())]
    assert len(rows) == len({row["complaint_id"] for row in rows}) == 320
    assert Counter(row["agency"] for row in rows).most_common(3) == [
        ("DINAS BINA MARGA", 71),
        ("SATUAN POLISI PAMONG PRAJA", 65),
        ("DINAS PERHUBUNGAN", 55),
    ]
    assert rows[0]["created_at"] == datetime(2022, 12, 31, 17, tzinfo=UTC)
    assert {row["status"] for row in rows} == {"Menunggu"}
