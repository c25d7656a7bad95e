-- series_corridors: how the corridors flow, over time.
--
-- $measure is speed (km/h), delay (seconds a passage) or slow (percent of the readings slower than
-- 62.5 % of the free speed). A place is a corridor, the code of a kota, or 31.
--
-- grain  one row a place and span, in order
-- reads  corridor_days, corridors
--
-- place      varchar  place that was asked for
-- measure    varchar  measure that was asked for
-- bucket     date     first day of the span that the value is of
-- value      double   value; null where nothing can be said
-- days       bigint   days with data in the span
-- simulated  boolean  from the simulated city
-- assumed    boolean  when some of it became known is assumed
-- basis      varchar  what the value is made of, where that changes; else null

with asked as (
    select unnest($places::varchar[]) as place
),

-- First by day: there are a hundred corridors to each.
daily as (
    select
        asked.place,
        days.day,
        days.simulated,
        sum(days.speed_sum) as speed_sum,
        sum(days.readings) as readings,
        sum(days.delay_sum) as delay_sum,
        sum(days.delays) as delays,
        sum(days.slow) as slow,
        bool_or(days.assumed) as assumed
    from corridor_days as days
    join corridors using (corridor_id)
    join asked on asked.place in (days.corridor_id, corridors.kota_code, '31')
    where days.day >= $since::date
        and days.day < $until::date
        and days.known_day < $cut::date
    group by asked.place, days.day, days.simulated
)

select
    place,
    $measure as measure,
    date_trunc($bucket, day)::date as bucket,
    case $measure
        when 'speed' then sum(speed_sum) / nullif(sum(readings), 0)
        when 'delay' then sum(delay_sum) / nullif(sum(delays), 0)
        when 'slow' then 100.0 * sum(slow) / nullif(sum(readings), 0)
    end as value,
    count(*) as days,
    simulated,
    bool_or(assumed) as assumed,
    null::varchar as basis
from daily
group by place, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
