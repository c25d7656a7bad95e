-- brief_corridors: how long the corridors took in each of some hours, against free flow.
--
-- Travel time is the length over the mean speed of the hour, added up over the corridors that told.
-- An hour with real speeds has no simulated ones.
--
-- grain  one row an hour in which a corridor told anything, oldest first
-- reads  corridor_hours, corridors
--
-- moment      timestamp with time zone  begin of the hour, one of $moments
-- spent_h     double                    travel time over all corridors that told
-- free_h      double                    travel time over them in free flow
-- corridors   bigint                    corridors that told
-- event_time  timestamp with time zone  the hour
-- feeds       varchar[]                 feeds that told
-- simulated   boolean                   from the simulated city

with told as (
    select
        corridor_id,
        event_time,
        simulated,
        arg_max(speed_kmh, known_time) as speed_kmh,
        any_value(feed) as feed
    from corridor_hours
    where event_time in (select unnest($moments::timestamptz[]))
        and event_time > $since
        and event_time <= $until
        and known_time <= $known_time
        and speed_kmh > 0
    group by corridor_id, event_time, simulated
),

counted as (
    select told.*, corridors.length_m / 1000 as length_km, corridors.free_flow_kmh
    from told
    join corridors using (corridor_id)
    qualify not told.simulated or bool_and(told.simulated) over (partition by told.event_time)
)

select
    event_time as moment,
    sum(length_km / speed_kmh)::double as spent_h,
    sum(length_km / free_flow_kmh)::double as free_h,
    count(*) as corridors,
    event_time,
    list_sort(list(distinct feed)) as feeds,
    any_value(simulated) as simulated
from counted
group by event_time
order by event_time
