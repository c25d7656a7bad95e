-- rain_near: the reports of the rain post nearest to a point, over a span of time.
--
-- grain  one row a report, oldest first
-- reads  rainfall
--
-- station_id        varchar                   rain post
-- distance_km       double                    from the point, as the crow flies
-- event_time        timestamp with time zone  of the report
-- rain_mm           double                    over the minutes before it
-- interval_minutes  integer                   how many minutes
-- feed              varchar                   feed that says so
-- simulated         boolean                   from the simulated city

with reports as (
    select
        station_id,
        event_time,
        feed,
        simulated,
        arg_max(rain_mm, known_time) as rain_mm,
        arg_max(coalesce(interval_minutes, 60), known_time)::integer as interval_minutes,
        -- A degree is 110.6 km at this latitude, either way to within half a per cent.
        110.6 * sqrt(
            pow(arg_max(lon, known_time) - $lon, 2) + pow(arg_max(lat, known_time) - $lat, 2)
        ) as distance_km
    from rainfall
    where event_time > $since
        and event_time <= $event_time
        and known_time <= $known_time
    group by station_id, event_time, feed, simulated
),

nearest as (
    select station_id, simulated
    from reports
    where distance_km is not null
    order by simulated, distance_km, station_id
    limit 1
)

select station_id, distance_km, event_time, rain_mm, interval_minutes, feed, simulated
from reports
semi join nearest using (station_id, simulated)
order by event_time
