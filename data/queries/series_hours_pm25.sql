-- series_hours_pm25: concentrations of PM2.5 by weekday and hour.
--
-- $measure is mean (µg/m³). The city, 31, is all reference stations.
--
-- grain  one row a weekday and hour that was told of, Monday and midnight first
-- reads  air_measurements, air_stations
--
-- weekday    bigint   1 Monday to 7 Sunday
-- hour       bigint   0 to 23, WIB
-- value      double   mean over the hours that were told of
-- hours      bigint   hours that the value is of
-- simulated  boolean  from the simulated city

with told as (
    select
        (epoch_ms(event_time) + 25_200_000) // 3_600_000 as hour,
        value,
        simulated
    from air_measurements
    left join air_stations as stations using (station_id)
    where parameter = 'pm25'
        and event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
        and ($place = station_id or $place = '31' and stations.kind = 'reference')
)

select
    -- 1 January 1970 was a Thursday.
    (hour // 24 + 3) % 7 + 1 as weekday,
    hour % 24 as hour,
    if($measure = 'mean', avg(told.value), null) as value,
    count(*) as hours,
    bool_or(simulated) as simulated
from told
group by weekday, told.hour % 24
order by weekday, told.hour % 24
