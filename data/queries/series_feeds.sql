-- series_feeds: percent of the runs of the feeds that did not fail, over time.
--
-- $measure is working. A place is a feed, or 31: all of them, each counting alike.
--
-- grain  one row a place and span, in order
-- reads  feed_days
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

shares as (
    select
        asked.place,
        date_trunc($bucket, day)::date as bucket,
        feed,
        simulated,
        100.0 * sum(working) / sum(runs) as share,
        count(distinct day) as days
    from feed_days
    join asked on asked.place in (feed, '31')
    where day >= $since::date
        and day < $until::date
        and day < $cut::date
    group by place, bucket, feed, simulated
)

select
    place,
    $measure as measure,
    bucket,
    if($measure = 'working', avg(share), null) as value,
    max(days) as days,
    bool_or(simulated) as simulated,
    false as assumed,
    null::varchar as basis
from shares
group by place, bucket
order by place, bucket
