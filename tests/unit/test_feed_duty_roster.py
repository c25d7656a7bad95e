import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etl.errors import Malformed
from etl.feed import Context, Reject
from etl.feeds.duty_roster import FEED

SAMPLE = (Path(__file__).parents[2] / "tests/samples/duty_roster.json").read_bytes()
CONTEXT = Context(fetched_at=datetime(2026, 2, 18, 12, tzinfo=UTC))


def items(body):
    return list(FEED.parse(body, CONTEXT))


def roster(**changed):
    entry = {"officer_id": "1", "state": "on_duty", "since": "2026-02-18T18:40:00+07:00"} | changed
    return json.dumps({"roster": [entry]}).encode()


def test_a_duty_state_holds_from_since_until_its_planned_end():
    assert items(SAMPLE) == [
        (
            "duty_roster",
            {
                "officer_id": officer,
                "event_time": datetime(2026, 2, day, hour, minute, tzinfo=UTC),
                "state": state,
                "task_id": task,
                "until": until,
            },
        )
        for officer, state, task, (day, hour, minute), until in (
            ("1", "assigned", "JK2602180123", (18, 11, 40), datetime(2026, 2, 18, 15, tzinfo=UTC)),
            ("2", "on_duty", None, (18, 7, 0), datetime(2026, 2, 18, 15, tzinfo=UTC)),
            ("3", "off", None, (17, 23, 0), None),
        )
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"since": None}, "since"),
        ({"since": "2026-02-18T18:40:00"}, "since"),
        ({"since": 1771416000}, "since"),
        ({"until": "2026-02-18T18:00:00+07:00"}, "until"),
        ({"state": "assigned"}, "task_id"),
        ({"state": "off", "task_id": "JK1"}, "task_id"),
        ({"state": ["off"]}, "state"),
    ],
)
def test_a_state_that_cannot_be_is_rejected(changed, field):
    [item] = items(roster(**changed))
    assert isinstance(item, Reject)
    assert item.field == field


def test_fields_beyond_the_format_are_neither_read_nor_kept():
    body = roster(name="Nama Palsu", phone="0812", since=None)
    [reject] = items(body)
    assert "Palsu" not in reject.raw
    assert b"Palsu" not in FEED.redact(body, CONTEXT)
    assert items(FEED.redact(SAMPLE, CONTEXT)) == items(SAMPLE)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"roster": {}}', b"<html>", SAMPLE[:-9]])
def test_what_is_no_roster_is_malformed(body):
    with pytest.raises(Malformed):
        items(body)
