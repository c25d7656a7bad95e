"""A lake with stints of complaints, and boards made by hand, for tests of the ranking."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from data.boards import Board, Question, Standing
from data.metrics import rules
from tests import lakes

# Office, kelurahan, complaints, of which every how many-th is late in the office itself, and every
# how many-th is handed on and late elsewhere (0: none).
OFFICES = (
    ("KELURAHAN GAMBIR", "31.71.01.1001", 120, 0, 3),
    ("KELURAHAN CIDENG", "31.71.01.1002", 120, 3, 0),
    ("KELURAHAN PETOJO UTARA", "31.71.01.1003", 120, 12, 12),
    ("KELURAHAN DURI PULO", "31.71.01.1006", 8, 4, 0),
    ("KELURAHAN PULAU PARI", "31.01.02.1003", 30, 5, 0),
)
DINAS = "DINAS BINA MARGA"
STINTS = """
insert into complaint_stints by name
with offices as (select unnest($offices::struct(
    unit varchar, code varchar, n integer, late integer, elsewhere integer)[], recursive := true)),
cases as (
    select
        *,
        format('JK{}-{:03}', replace(code, '.', ''), i) as complaint_id,
        $begin::timestamptz + i * interval 12 hours as created_at,
        elsewhere > 0 and i % elsewhere = 0 as is_handed,
        not is_handed and late > 0 and i % late = 0 as is_late
    from offices, unnest(range(n)) as counted(i)
),
stays as (
    select complaint_id, unit, code, created_at, created_at as started_at,
        if(is_handed, 'handed', 'finished') as ending,
        if(is_handed, 2, if(is_late, 200, 5)) as hours, not is_late as on_time
    from cases
    union all
    select complaint_id, $dinas, code, created_at, created_at + interval 2 hours,
        'finished', 240, false
    from cases where is_handed
)
select
    (started_at + if(begins, interval 0 hours, to_hours(hours)))::date as known_day,
    true as simulated, complaint_id, unit, created_at, code as kelurahan_code,
    'Jalan' as category, 'JAKI' as channel, true as geotagged, started_at,
    if(begins, null, started_at + interval 1 hour) as answered_at,
    if(begins, null, started_at + to_hours(hours)) as ended_at,
    if(begins, null, ending) as ending,
    started_at + interval 144 hours as due_at,
    if(begins, null, on_time) as on_time
from stays, (values (true), (false)) as halves(begins)
"""


def ranked_lake(home: Path, now: datetime = lakes.NOW) -> None:
    """Make the small lake with stints of `OFFICES`, and of a perangkat daerah, before `now`."""
    names = ("unit", "code", "n", "late", "elsewhere")
    offices = [dict(zip(names, office, strict=True)) for office in OFFICES]
    lake = lakes.small_lake(home, now)
    with lake.write() as cursor:
        begin = now - timedelta(days=101)
        cursor.execute(STINTS, {"offices": offices, "dinas": DINAS, "begin": begin})
    lake.close()


UNIT = Standing(
    unit="31.71.01.1001",
    name="Gambir",
    parent="Gambir",
    ranked=True,
    rule_due=100,
    rule_late=20,
    rule_open=3,
    late_here=5,
    rule_share=0.8,
    received=110,
    n=90,
    on_time=85,
    late=4,
    overdue=1,
    handed=60,
    running=2,
    unjudged=0,
    share=85 / 90,
    expected=0.92,
    standardised=0.94,
    rank_low=1,
    rank=1,
    rank_high=2,
    better=0.97,
    tier="lebih_baik",
)


def standing(**changes: Any) -> Standing:
    """Return a unit like `UNIT` with some figures changed."""
    return replace(UNIT, **changes)


def board(*units: Standing, **changes: Any) -> Board:
    """Return a board of units."""
    return replace(
        Board(
            question=Question("kelurahan", date(2025, 3, 12), date(2026, 3, 11)),
            cut=datetime(2026, 3, 11, 17, tzinfo=UTC),
            units=units,
            rules=rules()[-1:],
            flood_days=(),
            simulated=True,
            city=0.92,
            correlation=0.01,
            kappa=50.0,
            tau=0.1,
        ),
        **changes,
    )
