"""What the open API asks besides the questions of the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from data import queries
from data.asof import AsOf
from data.tables import TABLES
from tests import lakes

NOW, MINUTE = lakes.NOW, lakes.MINUTE
SAID = (
    ("gate_level:a", "raised", 50, 50),
    ("gate_level:a", "changed", 40, 40),
    ("gate_level:a", "cleared", 30, 30),
    ("gate_level:a", "raised", 20, 20),
    ("gate_level:b", "raised", 10, 10),
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    lake = lakes.empty_lake(tmp_path_factory.mktemp("messages"))
    blank = lakes.row(TABLES["alarms"].columns, NOW) | lakes.common(NOW)
    with lake.write() as cursor:
        for alarm_id, state, happened, raised in SAID:
            first = max(raised, 50) if happened > 20 else raised
            told = {
                "alarm_id": alarm_id,
                "state": state,
                "raised_at": NOW - first * MINUTE,
                "event_time": NOW - happened * MINUTE,
                "known_time": NOW - (happened - 1) * MINUTE,
                "kelurahan_code": "31.71.01.1001" if alarm_id.endswith("a") else None,
            }
            lakes.insert(cursor, "alarms", blank | told)
    yield lake
    lake.close()


def told(lake, as_of=None, area="31", **asked):
    asked.setdefault("since", NOW - timedelta(days=2))
    rows = queries.api_alarm_messages(lake, as_of or AsOf.now(NOW), area, **asked)
    return [
        (
            row["alarm_id"],
            row["state"],
            row["previous_time"] and int((NOW - row["previous_time"]) / MINUTE),
            row["newest"],
        )
        for row in rows
    ]


def test_each_message_knows_the_one_before_it_until_the_alarm_is_raised_anew(lake):
    assert told(lake) == [
        ("gate_level:b", "raised", None, True),
        ("gate_level:a", "raised", None, True),
        ("gate_level:a", "cleared", 39, False),
        ("gate_level:a", "changed", 49, False),
        ("gate_level:a", "raised", None, False),
    ]


def test_a_past_moment_hears_only_what_was_said_by_then(lake):
    moment = NOW - 30 * MINUTE
    seen = told(lake, AsOf.at(moment, NOW, "saat-itu"))
    assert [(state, newest) for _, state, _, newest in seen] == [
        ("changed", True),
        ("raised", False),
    ]


def test_one_alarm_one_area_and_a_span_can_be_asked_for(lake):
    assert {row[0] for row in told(lake, alarm_id="gate_level:b")} == {"gate_level:b"}
    assert {row[0] for row in told(lake, area="31.71")} == {"gate_level:a"}
    assert len(told(lake, since=NOW - 25 * MINUTE)) == 2
