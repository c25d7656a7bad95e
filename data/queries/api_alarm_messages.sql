-- api_alarm_messages: what was said of alarms, each with when something was said of it before.
--
-- An alarm that stands is said anew at least once a day.
--
-- grain  one row a message, newest first
-- reads  alarms
--
-- alarm_id        varchar                   rule:subject, the same at every return
-- rule            varchar                   rule in alarm_rules
-- subject_kind    varchar                   gate, pump_house, kelurahan, air_station, corridor, feed or place
-- subject_id      varchar                   id of what it is about
-- subject         varchar                   its name
-- level           integer                   rung of its rule, 1 lightest
-- state           varchar                   raised, changed, cleared or unassessable
-- title           varchar                   one sentence
-- value           double                    what was judged
-- unit            varchar                   of value and bound
-- bound           double                    the bound that was passed
-- raised_at       timestamp with time zone  when the alarm was raised
-- event_time      timestamp with time zone  of the reading that changed it
-- known_time      timestamp with time zone  when that was judged, and so was said
-- previous_time   timestamp with time zone  known_time of the message before; null for the first
-- newest          boolean                   nothing was said of the alarm since
-- lon             double                    degrees
-- lat             double                    degrees
-- kelurahan_code  varchar                   where; null outside the city
-- simulated       boolean                   judged on data of the simulated city

select
    alarm_id,
    rule,
    subject_kind,
    subject_id,
    subject,
    level::integer as level,
    state,
    title,
    value,
    unit,
    bound,
    raised_at,
    event_time,
    known_time,
    lag(known_time) over (
        partition by alarm_id, raised_at order by event_time, known_time
    ) as previous_time,
    row_number() over (partition by alarm_id order by event_time desc, known_time desc) = 1 as newest,
    lon,
    lat,
    kelurahan_code,
    simulated
from alarms
where event_time > $since
    and event_time <= $event_time
    and known_time <= $known_time
    and ($alarm_id is null or alarm_id = $alarm_id)
    and (
        $area = '31'
        or starts_with(kelurahan_code, $area)
        or (subject_kind = 'corridor' and subject_id in (select unnest($corridors::varchar[])))
    )
order by known_time desc, alarm_id
