import json
import math
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from data.tables import TABLES
from etl.city import complaints, officers
from etl.city.world import World
from etl.feed import Context
from etl.feeds import duty_roster, traccar

NOON = datetime(2026, 2, 18, 3, 0, 20, tzinfo=UTC)  # Wednesday, 10.00 WIB
NIGHT = datetime(2026, 2, 18, 19, 0, tzinfo=UTC)
WORLD = World(anchor=datetime(2026, 2, 18, 12, tzinfo=UTC))


def answer(handler, now=NOON):
    return json.loads(handler(WORLD, now, {}).body)


def fixes(now):
    return {row["deviceId"]: row for row in answer(officers.positions, now)}


def moment(row):
    return datetime.fromisoformat(row["fixTime"])


def metres(one, other):
    north = (other["latitude"] - one["latitude"]) * 110_570
    east = (other["longitude"] - one["longitude"]) * 110_570 * math.cos(math.radians(6.2))
    return math.hypot(north, east)


@pytest.fixture(scope="module")
def roster():
    return answer(officers.roster)["roster"]


def test_two_thousand_crews_have_names_of_units():
    devices = answer(officers.devices)
    assert len({row["name"] for row in devices}) == len({row["id"] for row in devices}) == 2000
    assert all(traccar.unit_name(row["name"]) == row["name"] for row in devices)
    assert {row["contact"] for row in devices} == {row["phone"] for row in devices} == {None}


def test_every_kelurahan_has_ppsu():
    names = [row["name"] for row in answer(officers.devices)]
    assert sum(name.startswith("PPSU ") for name in names) == 3 * 267


def test_positions_are_those_of_the_devices():
    devices = {row["id"]: row["positionId"] for row in answer(officers.devices)}
    assert {row["deviceId"]: row["id"] for row in answer(officers.positions)} == devices


def test_the_feed_takes_every_position_and_device():
    context = Context(fetched_at=NOON)
    low = {name: TABLES["officer_positions"].column(name).low for name in ("lon", "lat")}
    high = {name: TABLES["officer_positions"].column(name).high for name in ("lon", "lat")}
    for handler in (officers.devices, officers.positions):
        found = list(traccar.FEED.parse(handler(WORLD, NOON, {}).body, context))
        assert len(found) == 2000
        for table, row in found:
            if table == "officer_positions":
                assert all(low[name] < row[name] < high[name] for name in low)
                assert row["event_time"] <= NOON


def test_working_crews_report_each_minute_while_they_move():
    online = {row["id"] for row in answer(officers.devices) if row["status"] == "online"}
    ages = {i: (NOON - moment(row)).total_seconds() for i, row in fixes(NOON).items()}
    assert len(online) > 800
    assert max(ages[i] for i in online) <= 302
    moving = [i for i, row in fixes(NOON).items() if row["attributes"]["motion"] and i in online]
    assert len(moving) > 300
    assert sum(ages[i] <= 62 for i in moving) > 0.9 * len(moving)


def test_few_work_at_night_and_the_others_are_silent():
    statuses = Counter(row["status"] for row in answer(officers.devices, NIGHT))
    assert 50 < statuses["online"] < 500
    offline = {row["id"] for row in answer(officers.devices, NIGHT) if row["status"] == "offline"}
    now, later = fixes(NIGHT), fixes(NIGHT + timedelta(minutes=10))
    unmoved = sum(now[i] == later[i] for i in offline)
    assert unmoved > 0.95 * len(offline)


def test_a_crew_does_not_jump():
    now, later = fixes(NOON), fixes(NOON + timedelta(minutes=1))
    for i, row in now.items():
        seconds = (moment(later[i]) - moment(row)).total_seconds()
        assert seconds >= 0
        if 0 < seconds <= 60:
            assert metres(row, later[i]) < 20 * seconds


def test_speed_is_in_knots_and_agrees_with_the_way():
    now, later = fixes(NOON), fixes(NOON + timedelta(minutes=1))
    compared = 0
    for i, row in now.items():
        seconds = (moment(later[i]) - moment(row)).total_seconds()
        if row["speed"] and later[i]["speed"] == row["speed"] and seconds == 60:
            assert metres(row, later[i]) / 60 * 3.6 / 1.852 == pytest.approx(
                row["speed"], rel=0.05, abs=0.02
            )
            compared += 1
    assert compared > 100


def test_the_roster_holds_each_crew_once_and_the_feed_reads_it(roster):
    body = officers.roster(WORLD, NOON, {}).body
    found = list(duty_roster.FEED.parse(body, Context(fetched_at=NOON)))
    assert [row["officer_id"] for _, row in found] == [str(i + 1) for i in range(2000)]
    assert {row["state"] for row in roster} == {"on_duty", "assigned", "off"}


def test_roster_and_devices_agree_on_who_works(roster):
    off = {row["officer_id"] for row in roster if row["state"] == "off"}
    online = {str(row["id"]) for row in answer(officers.devices) if row["status"] == "online"}
    assert not off & online
    assert len(online) + len(off) > 0.95 * 2000


def test_roster_times_hold_the_present(roster):
    for row in roster:
        since, until = (datetime.fromisoformat(row[name]) for name in ("since", "until"))
        assert since <= NOON < until


def test_a_task_is_a_complaint_in_work_and_the_crew_goes_there(roster):
    tasks = {row["officer_id"]: row["task_id"] for row in roster if row["task_id"]}
    hour = NOON.replace(minute=0, second=0)
    in_hand = {task.complaint_id: task for task in complaints.tasks_in_hand(WORLD, hour)}
    assert len(tasks) > 100
    assert len(set(tasks.values())) == len(tasks)
    assert set(tasks.values()) <= set(in_hand)
    there = 0
    later = fixes(hour + timedelta(minutes=58))
    for officer, number in tasks.items():
        place = {"latitude": in_hand[number].lat, "longitude": in_hand[number].lon}
        there += metres(later[int(officer)], place) < 200
    assert there > 0.8 * len(tasks)


def test_a_state_is_told_with_the_same_since_until_it_changes():
    first, second = (
        {
            row["officer_id"]: row
            for row in answer(officers.roster, NOON + timedelta(minutes=m))["roster"]
        }
        for m in (0, 30)
    )
    same = [i for i in first if first[i]["state"] == second[i]["state"]]
    assert sum(first[i] == second[i] for i in same) > 0.95 * len(same)
