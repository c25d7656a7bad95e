-- series_rain: rain over time.
--
-- $measure is total (mm: the sum over the days of the mean over the stations) or peak (mm: most in
-- a day at one station). A place is a station, or 31: all of them.
--
-- grain  one row a place and span, in order
-- reads  rain_days
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

told as (
    select
        station_id,
        day,
        simulated,
        bool_or(assumed) as assumed,
        sum(rain_mm) as rain_mm
    from rain_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by station_id, day, simulated
),

daily as (
    select
        asked.place,
        day,
        simulated,
        bool_or(assumed) as assumed,
        avg(rain_mm) as mean_mm,
        max(rain_mm) as most_mm
    from told
    join asked on asked.place in (station_id, '31')
    group by asked.place, day, simulated
)

select
    place,
    $measure as measure,
    date_trunc($bucket, day)::date as bucket,
    if($measure = 'total', sum(mean_mm), max(most_mm)) as value,
    count(*) as days,
    simulated,
    bool_or(assumed) as assumed,
    null::varchar as basis
from daily
group by place, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
