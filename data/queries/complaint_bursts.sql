-- complaint_bursts: what came in within three hours in each kelurahan, beside the usual of these hours.
--
-- The usual is the mean of the same three hours on the 28 days before, with half a complaint more,
-- so that a kelurahan without any has no usual of zero. Where a real feed spoke within these days,
-- simulated rows do not count.
--
-- grain  one row a kelurahan, in order of code
-- reads  complaint_versions, areas
--
-- kelurahan_code  varchar                   kelurahan
-- name            varchar                   its name
-- lon             double                    degrees
-- lat             double                    degrees
-- received        bigint                    complaints that came in within three hours
-- usual           double                    mean of the same hours on the 28 days before
-- newest          timestamp with time zone  newest change of any complaint; null without rows
-- feeds           varchar[]                 feeds that say so; null without rows
-- simulated       boolean                   counted from simulated rows; null without rows

with versions as (
    select complaint_id, created_at, event_time, kelurahan_code, feed, simulated
    from complaint_versions
    where event_time > $event_time - interval 29 days
        and event_time <= $event_time
        and known_time <= $known_time
),

origin as (
    select
        bool_and(simulated) as simulated,
        max(event_time) as newest
    from versions
),

intake as (
    select
        versions.complaint_id,
        any_value(versions.created_at) as created_at,
        arg_max(versions.kelurahan_code, versions.event_time) as kelurahan_code
    from versions
    join origin using (simulated)
    where versions.created_at > $event_time - interval 28 days - interval 3 hours
        and versions.created_at <= $event_time
        -- How long before the moment, on a clock of one day: the three hours before it, on any day.
        and (epoch($event_time::timestamptz) - epoch(versions.created_at))::bigint % 86400 < 10800
    group by versions.complaint_id
),

counts as (
    select
        kelurahan_code,
        count(*) filter (where created_at > $event_time - interval 3 hours) as received,
        count(*) filter (where created_at <= $event_time - interval 3 hours) as before
    from intake
    group by kelurahan_code
)

select
    areas.code as kelurahan_code,
    areas.name,
    areas.lon,
    areas.lat,
    coalesce(counts.received, 0) as received,
    (coalesce(counts.before, 0) + 0.5) / 28 as usual,
    origin.newest,
    (
        select list(distinct versions.feed)
        from versions
        join origin using (simulated)
    ) as feeds,
    origin.simulated
from areas
cross join origin
left join counts on counts.kelurahan_code = areas.code
where areas.level = 'kelurahan'
order by areas.code
