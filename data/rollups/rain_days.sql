-- rain_days: how much it rained at each station, day by day.
--
-- Rows of one day that became known on different days add up.
--
-- grain  one row a day of knowing, day (both WIB), station and origin
-- reads  rainfall
-- days   alone
--
-- known_day   date     day on which the readings became known
-- day         date     day on which the interval of the reading began
-- station_id  varchar  station
-- simulated   boolean  from the simulated city
-- assumed     boolean  when some became known is assumed
-- readings    integer  readings
-- rain_mm     double   sum

with readings as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        station_id,
        event_time,
        arg_max(rain_mm, known_time) as rain_mm,
        any_value(coalesce(interval_minutes, 0)) as minutes,
        bool_or(known_assumed) as assumed
    from rainfall
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
    group by known, station_id, event_time
)

select
    date '1970-01-01' + known::integer as known_day,
    date '1970-01-01'
    + ((epoch_ms(event_time) + 25_200_000 - minutes * 60_000) // 86_400_000)::integer as day,
    station_id,
    $simulated::boolean as simulated,
    bool_or(assumed) as assumed,
    count(*)::integer as readings,
    sum(rain_mm) as rain_mm
from readings
where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
group by known, day, station_id
order by known_day, station_id
