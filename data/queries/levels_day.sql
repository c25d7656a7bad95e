-- levels_day: what each feed told of each station over the last 24 hours, oldest first.
--
-- Which feed counts for a station is said by gates_now.
--
-- grain  one row a station, feed and origin
-- reads  water_levels
--
-- station_id  varchar   station
-- feed        varchar   feed that says so
-- simulated   boolean   from the simulated city
-- event_s     bigint[]  seconds since 1970 of each reading
-- levels_cm   double[]  levels in cm above the station's own zero, in the same order

with readings as (
    select station_id, feed, simulated, event_time, arg_max(level_cm, known_time) as level_cm
    from water_levels
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
    group by station_id, feed, simulated, event_time
)

select
    station_id,
    feed,
    simulated,
    list(epoch(event_time)::bigint order by event_time) as event_s,
    list(level_cm order by event_time) as levels_cm
from readings
group by station_id, feed, simulated
order by station_id, feed, simulated
