-- covered: which tables tell of the moments of a span, by their rows, and whose rows they are.
--
-- A day before the span counts too; a week for complaints, which on a holiday may come late; hours
-- where rows are many. Numbers and no times: thousands of TIMESTAMPTZ take long to fetch.
--
-- grain  one row a table, feed and minute in which something happened, oldest first
-- reads  air_measurements, alarms, camera_checks, city_status, complaint_versions, corridor_hours, duty_roster, flood_reports, inundations, ispu_daily, officer_positions, pump_states, rainfall, traffic_alerts, traffic_jams, water_levels, weather_alerts, weather_forecasts
--
-- source     varchar  table
-- feed       varchar  feed whose rows they are
-- event_s    bigint   begin of the minute, seconds since 1970
-- known_s    bigint   when the first of its rows became known, likewise
-- simulated  boolean  from the simulated city
-- assumed    boolean  some of the times at which its rows became known are assumed

with told as (
    select
        'air_measurements' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from air_measurements
    where event_time > $since - interval 2 days
        and event_time <= $until
    union all by name
    select
        'alarms' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from alarms
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'camera_checks' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from camera_checks
    where event_time > $since - interval 90 minutes
        and event_time <= $until
    union all by name
    select
        'city_status' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from city_status
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'complaint_versions' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from complaint_versions
    where event_time > $since - interval 7 days
        and event_time <= $until
    union all by name
    select
        'corridor_hours' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from corridor_hours
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'duty_roster' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from duty_roster
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'flood_reports' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from flood_reports
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'inundations' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from inundations
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'ispu_daily' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from ispu_daily
    where event_time > $since - interval 3 days
        and event_time <= $until
    union all by name
    select
        'officer_positions' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from officer_positions
    where event_time > $since - interval 1 hour
        and event_time <= $until
    union all by name
    select
        'pump_states' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from pump_states
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'rainfall' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from rainfall
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'traffic_alerts' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from traffic_alerts
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'traffic_jams' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from traffic_jams
    where event_time > $since - interval 3 hours
        and event_time <= $until
    union all by name
    select
        'water_levels' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from water_levels
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'weather_alerts' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from weather_alerts
    where event_time > $since - interval 1 day
        and event_time <= $until
    union all by name
    select
        'weather_forecasts' as source,
        feed,
        event_time,
        known_time,
        known_assumed,
        simulated
    from weather_forecasts
    where event_time > $since - interval 1 day
        and event_time <= $until
)

select
    source,
    feed,
    epoch_us(event_time) // 60_000_000 * 60 as event_s,
    ceil(epoch(min(known_time)))::bigint as known_s,
    bool_and(simulated) as simulated,
    bool_or(known_assumed) as assumed
from told
group by source, feed, event_s
order by source, feed, event_s
