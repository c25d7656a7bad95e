-- feed_states: what the runs of each feed add up to within a span of time.
--
-- grain  one row per feed that ran
-- reads  feed_runs
--
-- feed          varchar                   key
-- version       bigint                    rises when the feed's data change
-- event_time    timestamp with time zone  newest event so far; null before the first
-- known_time    timestamp with time zone  last good fetch so far; null before the first
-- ran_at        timestamp with time zone  end of the newest run, files of history aside
-- outcome       varchar                   of that run: ok, empty, unchanged, partial or failed
-- error         varchar                   of that run, where it failed
-- last_content  varchar                   outcome of the newest run that brought a payload
-- last_fetched  bigint                    rows read by that run
-- last_loaded   bigint                    rows of it that were new
-- simulated     boolean                   the newest run read the simulated city

select
    feed,
    max(version) as version,
    -- Each run notes what all adds up to.
    arg_max_null(event_time, (version, finished_at)) as event_time,
    arg_max_null(known_time, (version, finished_at)) as known_time,
    max(finished_at) filter (not history) as ran_at,
    arg_max(outcome, finished_at) filter (not history) as outcome,
    arg_max_null(error, finished_at) filter (not history) as error,
    arg_max(outcome, finished_at) filter (outcome in ('ok', 'partial', 'empty')) as last_content,
    arg_max(fetched, finished_at) filter (outcome in ('ok', 'partial', 'empty')) as last_fetched,
    arg_max(loaded, finished_at) filter (outcome in ('ok', 'partial', 'empty')) as last_loaded,
    arg_max(simulated, finished_at) as simulated
from feed_runs
where finished_at > $since and finished_at <= $until
group by feed
order by feed
