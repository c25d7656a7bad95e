-- series_hours_corridors: how the corridors flow, by weekday and hour.
--
-- $measure is speed (km/h), delay (seconds) or slow (percent of the readings).
--
-- grain  one row a weekday and hour that was told of, Monday and midnight first
-- reads  corridor_hours, corridors
--
-- weekday    bigint   1 Monday to 7 Sunday
-- hour       bigint   0 to 23, WIB
-- value      double   mean over the hours that were told of
-- hours      bigint   hours that the value is of
-- simulated  boolean  from the simulated city

with told as (
    select
        (epoch_ms(event_time) + 25_200_000) // 3_600_000 as hour,
        speed_kmh,
        delay_s,
        speed_kmh < 0.625::double * free_flow_kmh as slow,
        corridor_hours.simulated
    from corridor_hours
    join corridors using (corridor_id)
    where event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
        and $place in (corridor_id, corridors.kota_code, '31')
)

select
    -- 1 January 1970 was a Thursday.
    (hour // 24 + 3) % 7 + 1 as weekday,
    hour % 24 as hour,
    case $measure
        when 'speed' then avg(speed_kmh)
        when 'delay' then avg(delay_s)
        when 'slow' then 100.0 * avg(slow::integer)
    end as value,
    count(*) as hours,
    bool_or(simulated) as simulated
from told
group by weekday, told.hour % 24
order by weekday, told.hour % 24
