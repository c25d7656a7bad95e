-- complaint_one_near: what else was the case near a point between two moments.
--
-- Flooded RT and RW, and jams of level 3 or more, within so many metres; alarms about water gates and
-- posts that stood then, wherever they are; warnings of BMKG in force for the city. Simulated rows do
-- not count where a source of the same kind is real.
--
-- grain  one row a thing, gravest first within its kind
-- reads  inundations, traffic_jams, alarms, weather_alerts
--
-- kind        varchar                   inundation, gate, jam or warning
-- id          varchar                   id of the thing
-- name        varchar                   its name, as the source writes it
-- amount      double                    greatest depth in cm, jam level or alarm's value; null unknown
-- severity    varchar                   severity of an alarm or warning; depth class of a flood
-- event_time  timestamp with time zone  when it was first told of in between
-- lon         double                    degrees; null without a place
-- lat         double                    degrees
-- distance_m  double                    metres from the point; null without a place
-- simulated   boolean                   from the simulated city

with floods as (
    select
        'inundation' as kind,
        area_code as id,
        any_value(area_name) as name,
        max(coalesce(depth_max_cm, depth_min_cm)) as amount,
        max(state) as severity,
        min(event_time) as event_time,
        arg_max(lon, event_time) as lon,
        arg_max(lat, event_time) as lat,
        any_value(simulated) as simulated
    from inundations
    where event_time >= $since
        and event_time <= least($until::timestamptz, $event_time::timestamptz)
        and known_time <= $known_time
        and not coalesce(ended, false)
    group by area_code, simulated
),

jams as (
    select
        'jam' as kind,
        jam_id as id,
        any_value(street) as name,
        max(level)::double as amount,
        null::varchar as severity,
        min(event_time) as event_time,
        arg_max(lon, event_time) as lon,
        arg_max(lat, event_time) as lat,
        any_value(simulated) as simulated
    from traffic_jams
    where event_time >= $since
        and event_time <= least($until::timestamptz, $event_time::timestamptz)
        and known_time <= $known_time
        and not coalesce(ended, false)
        and level >= 3
        and lon between $lon - $within_m / 110000 and $lon + $within_m / 110000
        and lat between $lat - $within_m / 110000 and $lat + $within_m / 110000
    group by jam_id, simulated
),

-- An alarm stood between the two moments if it was raised before the end and not over before.
gates as (
    select
        'gate' as kind,
        subject_id as id,
        any_value(subject) as name,
        arg_max(value, event_time) as amount,
        arg_max(severity, event_time) as severity,
        min(raised_at) as event_time,
        any_value(lon) as lon,
        any_value(lat) as lat,
        any_value(simulated) as simulated
    from alarms
    where event_time >= $since::timestamptz - interval 2 days
        and event_time <= least($until::timestamptz, $event_time::timestamptz)
        and known_time <= $known_time
        and rule = 'gate_level'
    group by alarm_id, subject_id, simulated
    having arg_max(state, event_time) <> 'cleared' or max(event_time) >= $since::timestamptz
),

warnings as (
    select
        'warning' as kind,
        alert_id as id,
        any_value(coalesce(headline, event)) as name,
        null::double as amount,
        any_value(severity) as severity,
        min(coalesce(effective_at, event_time)) as event_time,
        null::double as lon,
        null::double as lat,
        any_value(simulated) as simulated
    from weather_alerts
    where event_time >= $since::timestamptz - interval 2 days
        and event_time <= least($until::timestamptz, $event_time::timestamptz)
        and known_time <= $known_time
        and coalesce(message_type, '') <> 'Cancel'
        and coalesce(effective_at, event_time) <= $until::timestamptz
        and expires_at >= $since::timestamptz
    group by alert_id, simulated
),

things as (
    select * from floods
    union all
    select * from jams
    union all
    select * from gates
    union all
    select * from warnings
),

placed as (
    select
        *,
        -- Metres on a plane; at this latitude a degree of longitude is 0.994 of one of latitude.
        sqrt(((lon - $lon) * 110650) ** 2 + ((lat - $lat) * 110570) ** 2) as distance_m
    from things
    qualify not simulated or bool_and(simulated) over (partition by kind)
)

select
    kind,
    id,
    name,
    amount,
    severity,
    event_time,
    lon,
    lat,
    distance_m,
    simulated
from placed
where kind in ('gate', 'warning') or distance_m <= $within_m
order by kind, severity, amount desc nulls last, id
