-- river_records: how often a siaga upstream was followed by Siaga 3 downstream within twelve hours.
--
-- A time upstream begins with the first hour at that siaga or worse after twelve hours without; it is
-- counted once its twelve hours are over, and where the gauge downstream told of nearly all of them: of
-- a silent one nobody knows whether it followed. Hours downstream that were at Siaga 3 already count as
-- followed at once. Counted is what was known at the midnight before the moment. Where a gauge
-- upstream told of real times, only those count.
--
-- grain  one row a stretch with a published travel time, siaga upstream and origin
-- reads  level_days, river_travel_times
--
-- upstream_id    varchar  gauge above
-- downstream_id  varchar  gauge below
-- siaga          integer  siaga upstream, 3 to 1
-- simulated      boolean  from the simulated city
-- times          integer  how often it was reached upstream
-- followed       integer  of those, followed by Siaga 3 downstream
-- ahead_h        double   median of the hours between the two, of those followed

with cuts as (
    select least($event_time::timestamptz, $known_time::timestamptz)::date as cut
),

days as (
    select
        station_id,
        simulated,
        day,
        bit_or(told) as told,
        bit_or(siaga3) as siaga3,
        bit_or(siaga2) as siaga2,
        bit_or(siaga1) as siaga1
    from level_days
    where known_day < (select cut from cuts)
    group by station_id, simulated, day
),

bits as (
    -- Siaga 0: the hours of which anything was told.
    select station_id, simulated, day, 0 as siaga, told as hours from days
    union all
    select station_id, simulated, day, 3, siaga3 from days
    union all
    select station_id, simulated, day, 2, siaga2 from days
    union all
    select station_id, simulated, day, 1, siaga1 from days
),

hours as (
    select station_id, simulated, siaga, (day - date '1970-01-01') * 24 + hour as hour
    from bits
    cross join range(24) as clock(hour)
    where hours & (1 << hour) <> 0
),

starts as (
    select *
    from hours
    where siaga > 0
    qualify
        coalesce(
            hour - lag(hour) over (partition by station_id, simulated, siaga order by hour) > 12,
            true
        )
        and hour + 12 < (select cut - date '1970-01-01' from cuts) * 24
),

told as (
    select
        upstream_id,
        downstream_id,
        above.siaga,
        above.simulated,
        above.hour,
        min(below.hour - above.hour) filter (below.siaga = 3) as ahead_h
    from river_travel_times
    join starts as above on above.station_id = upstream_id
    join hours as below
        on below.station_id = downstream_id
        and below.simulated = above.simulated
        and below.siaga in (0, 3)
        and below.hour between above.hour and above.hour + 12
    group by all
    having count(*) filter (below.siaga = 0) >= 12
)

select
    upstream_id,
    downstream_id,
    siaga,
    simulated,
    count(*)::integer as times,
    count(ahead_h)::integer as followed,
    median(ahead_h)::double as ahead_h
from told
group by upstream_id, downstream_id, siaga, simulated
qualify not simulated or bool_and(simulated) over (partition by upstream_id)
order by upstream_id, downstream_id, siaga desc
