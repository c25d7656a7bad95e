-- covered: what tells of a moment: tables with rows of the days before it, feeds with a good run.
--
-- A day; a week for complaints, which on a holiday may come late. A run that found nothing tells as
-- much as one with rows, so that "none" is a finding and not a gap.
--
-- grain  one row a table or feed that tells of the moment
-- reads  camera_checks, complaint_versions, duty_roster, inundations, officer_positions, traffic_alerts, traffic_jams, water_levels, weather_alerts, feed_runs
--
-- source  varchar  table or feed

select 'camera_checks' as source
where exists (
    select 1
    from camera_checks
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'complaint_versions' as source
where exists (
    select 1
    from complaint_versions
    where event_time > $event_time - interval 7 days
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'duty_roster' as source
where exists (
    select 1
    from duty_roster
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'inundations' as source
where exists (
    select 1
    from inundations
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'officer_positions' as source
where exists (
    select 1
    from officer_positions
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'traffic_alerts' as source
where exists (
    select 1
    from traffic_alerts
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'traffic_jams' as source
where exists (
    select 1
    from traffic_jams
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'water_levels' as source
where exists (
    select 1
    from water_levels
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select 'weather_alerts' as source
where exists (
    select 1
    from weather_alerts
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
)
union all
select distinct feed as source
from feed_runs
where finished_at > $event_time - interval 1 day
    and finished_at <= $event_time
    and outcome <> 'failed'
    and not history
order by source
