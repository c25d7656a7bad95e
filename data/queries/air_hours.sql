-- air_hours: PM2.5 at one station by the hour over the last 30 days.
--
-- grain  one row an hour that was told of, oldest first
-- reads  air_measurements, feed_precedence
--
-- event_time   timestamp with time zone  beginning of the hour
-- value_ug_m3  double                    mean of its values
-- simulated    boolean                   from the simulated city

with readings as (
    select air_measurements.*, coalesce(precedence.rank, 99) as rank
    from air_measurements
    left join feed_precedence as precedence
        on precedence.table_name = 'air_measurements'
        and precedence.feed = air_measurements.feed
    where station_id = $station_id
        and parameter = 'pm25'
        and event_time > $event_time - interval 30 days
        and event_time <= $event_time
        and known_time <= $known_time
),

sources as (
    select feed, simulated
    from readings
    group by feed, simulated, rank
    qualify row_number() over (order by simulated, rank, feed) = 1
)

select
    date_trunc('hour', event_time) as event_time,
    avg(value) as value_ug_m3,
    any_value(simulated) as simulated
from readings
semi join sources using (feed, simulated)
group by date_trunc('hour', event_time)
order by 1
