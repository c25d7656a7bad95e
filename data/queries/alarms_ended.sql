-- alarms_ended: the alarms that ended within a day.
--
-- grain  one row an alarm and end, newest first
-- reads  alarms
--
-- alarm_id        varchar                   rule:subject
-- title           varchar                   one sentence
-- subject         varchar                   name of what it was about
-- severity        varchar                   at its end
-- owner           varchar                   office that decided
-- raised_at       timestamp with time zone  when it was raised
-- event_time      timestamp with time zone  of the reading that ended it
-- known_time      timestamp with time zone  when that was judged
-- known_assumed   boolean                   known_time is assumed
-- kelurahan_code  varchar                   where; null outside the city and for feeds
-- simulated       boolean                   judged on data of the simulated city

select
    alarm_id,
    title,
    subject,
    severity,
    owner,
    raised_at,
    event_time,
    known_time,
    known_assumed,
    kelurahan_code,
    simulated
from alarms
where state = 'cleared'
    and event_time > $event_time - interval 1 day
    and event_time <= $event_time
    and known_time <= $known_time
    and (
        $area = '31'
        or starts_with(kelurahan_code, $area)
        or (subject_kind = 'corridor' and subject_id in (select unnest($corridors::varchar[])))
    )
order by event_time desc, alarm_id
limit $most
