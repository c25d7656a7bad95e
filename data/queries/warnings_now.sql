-- warnings_now: the BMKG warnings in force, by their own times.
--
-- grain  one row a warning, first to expire first
-- reads  weather_alerts
--
-- alert_id      varchar                   CAP identifier
-- event         varchar                   CAP event
-- severity      varchar                   CAP severity
-- headline      varchar                   CAP headline
-- description   varchar                   CAP description
-- area          varchar                   CAP areaDesc
-- effective_at  timestamp with time zone  in force from
-- expires_at    timestamp with time zone  in force until
-- event_time    timestamp with time zone  sent
-- feed          varchar                   feed that says so
-- simulated     boolean                   from the simulated city

with latest as (
    select *
    from weather_alerts
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify row_number() over (partition by alert_id order by event_time desc, known_time desc) = 1
)

select
    alert_id,
    event,
    severity,
    headline,
    description,
    area,
    effective_at,
    expires_at,
    event_time,
    feed,
    simulated
from latest
where not coalesce(ended, false)
    and coalesce(message_type, '') <> 'Cancel'
    and coalesce(effective_at, event_time) <= $event_time
    and expires_at > $event_time
qualify not simulated or bool_and(simulated) over ()
order by expires_at, alert_id
