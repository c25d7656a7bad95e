-- series_cameras: percent of the hours of cameras whose picture moved on, over time.
--
-- $measure is live.
--
-- grain  one row a place and span, in order
-- reads  camera_days
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
)

select
    asked.place,
    $measure as measure,
    date_trunc($bucket, day)::date as bucket,
    if($measure = 'live', 100.0 * sum(live) / nullif(sum(hours), 0), null) as value,
    count(distinct day) as days,
    simulated,
    bool_or(assumed) as assumed,
    null::varchar as basis
from camera_days
join asked on asked.place = '31' or starts_with(kelurahan_code, asked.place)
where day >= $since::date
    and day < $until::date
    and known_day < $cut::date
group by asked.place, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by asked.place, bucket)
order by asked.place, bucket
