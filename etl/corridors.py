"""Sum up the flow samples of each corridor by the hour: the long memory of congestion."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from data import rollups
from data.append import Origin, append, arrow_table
from data.lake import Lake
from data.tables import TABLES

FEED = "tomtom_flow"
# An hour without samples stays a gap; one that the ETL slept through is not asked for again.
LOOK_BACK = timedelta(hours=24)
CONGESTED = 2
HOURS = """
select
    jam_id as corridor_id,
    date_trunc('hour', event_time) as event_time,
    round(avg(speed_kmh), 2) as speed_kmh,
    round(avg(case when level >= $congested then length_m else 0 end), 2) as jam_m,
    round(avg(delay_s), 2) as delay_s,
    simulated
from traffic_jams
where feed = $feed and event_time >= $since and event_time < date_trunc('hour', $now::timestamptz)
group by all
order by event_time, corridor_id
"""


def sum_up(lake: Lake, now: datetime) -> int:
    """Append the hours that are over to `corridor_hours`; return how many rows were new.

    Args:
        lake: Open for writing.
        now: Aware; the hour that holds it is not over yet.
    """
    # From the start of an hour: of an hour cut in two, the rest would be taken for the whole.
    since = (now - LOOK_BACK).replace(minute=0, second=0, microsecond=0)
    found = lake.arrow(HOURS, congested=CONGESTED, feed=FEED, since=since, now=now)
    loaded = 0
    table = TABLES["corridor_hours"]
    names = [*(column.name for column in table.columns), "event_time"]
    for simulated in (False, True):
        part = [row for row in found.to_pylist() if row["simulated"] is simulated]
        if not part:
            continue
        batch, _ = arrow_table(table, {name: [row[name] for row in part] for name in names})
        with lake.write() as cursor:
            origin = Origin(FEED, uuid.uuid4().hex, now, simulated)
            loaded += append(cursor, table, batch, origin).loaded
            rollups.note(cursor, table.name, origin.run_id)
    return loaded
