-- feed_signs: the runs in which a feed was heard, if only to tell that there is nothing.
--
-- grain  one row a run that did not fail, files of history aside
--
-- heard_at   timestamp with time zone  minute of its end
-- simulated  boolean                   of the simulated city
-- tables     varchar[]                 tables that the feed fills
select
    date_trunc('minute', runs.finished_at) as heard_at,
    runs.simulated,
    declared.tables
from feed_runs as runs
join (
    select feed, string_split(replace(arg_max(tables, declared_at), ' ', ''), ',') as tables
    from feeds
    group by feed
) as declared using (feed)
where runs.finished_at > $since::timestamptz
    and runs.finished_at <= least($event_time::timestamptz, $known_time::timestamptz)
    and runs.outcome <> 'failed'
    and not runs.history
