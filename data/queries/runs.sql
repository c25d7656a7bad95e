-- runs: the newest runs of the feeds.
--
-- grain  one row per run, newest first
-- reads  feed_runs
--
-- run_id       varchar                   key
-- feed         varchar                   name of the feed
-- started_at   timestamp with time zone  start, city time
-- finished_at  timestamp with time zone  end, city time
-- seconds      double                    real seconds that it took
-- outcome      varchar                   ok, empty, unchanged, partial or failed
-- fetched      bigint                    rows read = loaded + unchanged + quarantined
-- loaded       bigint                    rows that were new
-- unchanged    bigint                    rows known already
-- quarantined  bigint                    rows refused
-- ended        bigint                    rows added since the source lists them no more
-- bytes        bigint                    size of what came
-- error        varchar                   what went wrong; null where nothing did
-- history      boolean                   loaded from files, not from the live source

select
    run_id,
    feed,
    started_at,
    finished_at,
    seconds,
    outcome,
    fetched,
    loaded,
    unchanged,
    quarantined,
    ended,
    bytes,
    error,
    history
from feed_runs
where finished_at > $since
    and finished_at <= $until
    and (feed = $feed or $feed is null)
order by finished_at desc, run_id
limit $most
