-- runs_hourly: what the feeds did in each hour, files of history aside.
--
-- grain  one row per feed and hour in which it ran, oldest first
-- reads  feed_runs
--
-- feed         varchar                   name of the feed; key
-- hour         timestamp with time zone  begin of the hour; key
-- runs         bigint                    runs that ended in it
-- failed       bigint                    of those, failed
-- fetched      hugeint                   rows read
-- loaded       hugeint                   rows that were new
-- unchanged    hugeint                   rows known already
-- quarantined  hugeint                   rows refused

select
    feed,
    date_trunc('hour', finished_at) as hour,
    count(*) as runs,
    count(*) filter (outcome = 'failed') as failed,
    sum(fetched) as fetched,
    sum(loaded) as loaded,
    sum(unchanged) as unchanged,
    sum(quarantined) as quarantined
from feed_runs
where finished_at > $since
    and finished_at <= $until
    and not history
group by feed, hour
order by feed, hour
