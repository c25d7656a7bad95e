-- replay_days: the days that are worth seeing again: most areas flooded, highest water.
--
-- A day of floods stands for the hour in which most RT and RW were flooded anew; a day of high water
-- (Siaga 1 or 2) for the reading farthest above the bound of its siaga.
--
-- grain  one row a kind and day (WIB), at most $most a kind, gravest first
-- reads  inundations, water_levels, water_stations
--
-- kind        varchar                   flood or water
-- event_time  timestamp with time zone  the moment to see
-- name        varchar                   station of the highest water; null for floods
-- siaga       integer                   its siaga; null for floods
-- amount      double                    RT and RW flooded on that day · level in cm
-- simulated   boolean                   from the simulated city

with hours as (
    select
        date_trunc('hour', event_time) as hour,
        simulated,
        count(distinct area_code) as areas
    from inundations
    where known_time <= $known_time
        and not coalesce(ended, false)
    group by hour, simulated
),

days as (
    select
        event_time::date as day,
        simulated,
        count(distinct area_code) as areas
    from inundations
    where known_time <= $known_time
        and not coalesce(ended, false)
    group by day, simulated
),

floods as (
    select
        'flood' as kind,
        arg_max(hours.hour, hours.areas) + interval 1 hour as event_time,
        any_value(days.areas) as amount,
        days.simulated
    from days
    join hours on hours.hour::date = days.day and hours.simulated = days.simulated
    group by days.day, days.simulated
    qualify row_number() over (order by any_value(days.areas) desc, days.day desc) <= $most
),

readings as (
    select
        water_levels.event_time,
        stations.name,
        if(water_levels.level_cm >= stations.siaga1_cm, 1, 2) as siaga,
        water_levels.level_cm,
        water_levels.level_cm / nullif(stations.siaga2_cm, 0) as share,
        water_levels.simulated
    from water_levels
    join water_stations as stations
        on stations.station_id = water_levels.station_id
        and stations.siaga2_cm > 0
        and water_levels.level_cm >= stations.siaga2_cm
    where water_levels.known_time <= $known_time
),

worst as (
    select
        'water' as kind,
        arg_max(event_time, (-siaga, share)) as event_time,
        arg_max(name, (-siaga, share)) as name,
        min(siaga) as siaga,
        arg_max(level_cm, (-siaga, share)) as amount,
        max(share) as share,
        simulated
    from readings
    group by event_time::date, simulated
    qualify row_number() over (order by min(siaga), max(share) desc, max(event_time) desc) <= $most
),

found as (
    select * from floods
    union all by name
    select * exclude (share) from worst
)

select
    kind,
    least(event_time, $known_time::timestamptz) as event_time,
    name,
    siaga,
    amount::double as amount,
    simulated
from found
order by kind, siaga, found.amount desc, found.event_time desc
