-- corridor_days: how each corridor flowed, day by day.
--
-- An hour that is told of again counts again: means are those of the readings. Rows of one day that
-- became known on different days add up.
--
-- grain  one row a day of knowing, day (both WIB), corridor and origin
-- reads  corridor_hours, corridors
-- days   alone
--
-- known_day    date     day on which the readings became known
-- day          date     day of the readings
-- corridor_id  varchar  corridor
-- simulated    boolean  from the simulated city
-- assumed      boolean  when some became known is assumed
-- readings     integer  readings with a speed
-- speed_sum    double   sum of their speeds, km/h
-- slow         integer  of those, slower than 62.5 % of the free speed
-- delays       integer  readings with a delay
-- delay_sum    double   sum of their delays, seconds

with readings as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        (epoch_ms(event_time) + 25_200_000) // 86_400_000 as day,
        corridor_id,
        speed_kmh,
        delay_s,
        known_assumed,
        free_flow_kmh
    from corridor_hours
    left join corridors using (corridor_id)
    where corridor_hours.simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
)

select
    date '1970-01-01' + known::integer as known_day,
    date '1970-01-01' + day::integer as day,
    corridor_id,
    $simulated::boolean as simulated,
    bool_or(known_assumed) as assumed,
    count(speed_kmh)::integer as readings,
    sum(speed_kmh) as speed_sum,
    count(*) filter (speed_kmh < 0.625::double * free_flow_kmh)::integer as slow,
    count(delay_s)::integer as delays,
    sum(delay_s) as delay_sum
from readings
where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
group by known, readings.day, corridor_id
order by known_day, corridor_id
