"""Flow samples become one row a corridor and hour, from whole hours only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.append import Origin, append, arrow_table
from data.lake import Lake
from data.tables import TABLES
from etl.corridors import FEED, sum_up

TEN = datetime(2026, 2, 17, 3, 0, tzinfo=UTC)  # 10.00 WIB
JAMS = TABLES["traffic_jams"]


def samples(lake: Lake, *speeds: float, simulated: bool = False) -> None:
    """Store one sample every five minutes from 10.00 on."""
    times = [TEN + timedelta(minutes=5 * number) for number in range(len(speeds))]
    batch, _ = arrow_table(
        JAMS,
        {
            "jam_id": ["thamrin"] * len(speeds),
            "level": [2] * len(speeds),
            "speed_kmh": list(speeds),
            "length_m": [500.0] * len(speeds),
            "event_time": times,
        },
    )
    with lake.write() as cursor:
        append(cursor, JAMS, batch, Origin(FEED, "run", times[-1], simulated))


def test_an_hour_that_is_over_is_summed_up_once_and_stays_as_it_is(lake: Lake) -> None:
    samples(lake, *range(10, 22))
    looks = [TEN + timedelta(minutes=m) for m in (50, 65, 75, 24 * 60 + 5, 24 * 60 + 45)]
    assert [sum_up(lake, now) for now in looks] == [0, 1, 0, 0, 0]
    assert lake.rows("select event_time, speed_kmh, jam_m from corridor_hours") == [
        {"event_time": TEN, "speed_kmh": 15.5, "jam_m": 500.0}
    ]


def test_real_and_simulated_samples_of_an_hour_share_no_number(lake: Lake) -> None:
    samples(lake, 10.0, simulated=True)
    samples(lake, 30.0)
    sum_up(lake, TEN + timedelta(hours=2))
    found = lake.rows("select speed_kmh, simulated from corridor_hours order by simulated")
    assert [tuple(row.values()) for row in found] == [(30.0, False), (10.0, True)]


def test_an_hour_reaches_the_day_that_trends_read(lake: Lake) -> None:
    samples(lake, *range(10, 22))
    sum_up(lake, TEN + timedelta(hours=2))
    lake.settle()
    assert lake.rows("select known_day, readings from corridor_days") == [
        {"known_day": TEN.date(), "readings": 1}
    ]
