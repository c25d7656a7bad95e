-- pm25_days: PM2.5 at each station, day by day.
--
-- Rows of one day that became known on different days add up, their hours by `bit_or`: bit 0 is
-- the hour from 00.00 to 01.00 WIB.
--
-- grain  one row a day of knowing, day (both WIB), station and origin
-- reads  air_measurements
-- days   alone
--
-- known_day   date     day on which the readings became known
-- day         date     day of the readings
-- station_id  varchar  station
-- simulated   boolean  from the simulated city
-- assumed     boolean  when some became known is assumed
-- told        integer  hours with a reading, as bits
-- readings    integer  readings
-- value_sum   double   sum of the concentrations, µg/m³

with readings as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        (epoch_ms(event_time) + 25_200_000) // 3_600_000 as hour,
        station_id,
        value,
        known_assumed
    from air_measurements
    where parameter = 'pm25'
        and simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
)

select
    date '1970-01-01' + known::integer as known_day,
    date '1970-01-01' + (hour // 24)::integer as day,
    station_id,
    $simulated::boolean as simulated,
    bool_or(known_assumed) as assumed,
    bit_or((1 << (hour % 24))::integer) as told,
    count(*)::integer as readings,
    sum(value) as value_sum
from readings
where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
group by known, day, station_id
order by known_day, station_id
