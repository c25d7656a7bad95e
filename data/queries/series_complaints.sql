-- series_complaints: complaints that came in, were finished and stood open, over time.
--
-- $measure is received, finished or open (at the end of the span). The day is that on which it
-- became known. Where real rows tell of a place and span, simulated ones do not count.
--
-- grain  one row a place and span, in order
-- reads  complaint_days
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

-- A day on which the city was told of, and the place was not, is a zero.
told as (
    select
        place,
        known_day,
        simulated,
        sum(
            if(
                place = '31' or starts_with(kelurahan_code, place),
                case $measure
                    when 'received' then received
                    when 'finished' then finished
                    when 'open' then open_change
                end,
                0
            )
        ) as change
    from complaint_days
    cross join asked
    where known_day < $until::date
        and known_day < $cut::date
        -- How many are open is told by all that ever came.
        and (known_day >= $since::date or $measure = 'open')
    group by place, known_day, simulated
),

standing as (
    select
        *,
        sum(change) over (
            partition by place, simulated order by known_day rows unbounded preceding
        ) as open
    from told
)

select
    place,
    $measure as measure,
    date_trunc($bucket, known_day)::date as bucket,
    if($measure = 'open', arg_max(open, known_day), sum(change))::double as value,
    count(*) as days,
    simulated,
    false as assumed,
    null::varchar as basis
from standing
where known_day >= $since::date
group by place, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
