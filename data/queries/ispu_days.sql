-- ispu_days: the newest official index of a day at each reference station, of the last three days.
--
-- grain  one row a station
-- reads  ispu_daily
--
-- station_id  varchar                   DKI1 to DKI5
-- day         date                      WIB
-- index_max   double                    greatest index of the day
-- critical    varchar                   pollutant whose index it is
-- category    varchar                   category as printed
-- event_time  timestamp with time zone  beginning of the day
-- feed        varchar                   feed that says so
-- simulated   boolean                   from the simulated city

select
    station_id,
    day,
    index_max,
    critical,
    category,
    event_time,
    feed,
    simulated
from ispu_daily
where event_time > $event_time - interval 3 days
    and event_time <= $event_time
    and known_time <= $known_time
    and not city_max
    and index_max is not null
qualify
    row_number() over (
        partition by station_id order by simulated, event_time desc, known_time desc
    ) = 1
order by station_id
