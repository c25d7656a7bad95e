-- alarms_now: the alarms that stand, gravest first.
--
-- An alarm that stands is noted anew at least once a day, so that two days hold all of them.
--
-- grain  one row an alarm that is not cleared
-- reads  alarms
--
-- alarm_id        varchar                   rule:subject, the same at every return
-- rule            varchar                   rule in alarm_rules
-- subject_kind    varchar                   gate, pump_house, kelurahan, air_station, corridor, feed or place
-- subject_id      varchar                   id of what it is about
-- subject         varchar                   its name
-- severity        varchar                   siaga1, siaga2, warning, siaga3 or notice, gravest first
-- level           integer                   rung of its rule, 1 lightest
-- title           varchar                   one sentence
-- value           double                    as last judged, moved by less than the rule's step since
-- unit            varchar                   of value and bound
-- bound           double                    the bound that was passed
-- raised_at       timestamp with time zone  when it was raised
-- since           timestamp with time zone  when it reached this severity
-- event_time      timestamp with time zone  of the reading that changed it last
-- known_time      timestamp with time zone  when that was judged
-- known_assumed   boolean                   known_time is assumed: it was judged later, from history
-- state           varchar                   active or unassessable
-- kelurahan_code  varchar                   where; null outside the city and for feeds
-- lon             double                    degrees; null for feeds
-- lat             double                    degrees; null for feeds
-- feeds           varchar[]                 feeds that it was judged on
-- owner           varchar                   office that decides
-- simulated       boolean                   judged on data of the simulated city

with latest as (
    select *
    from alarms
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (partition by alarm_id order by event_time desc, known_time desc) = 1
)

select
    alarm_id,
    rule,
    subject_kind,
    subject_id,
    subject,
    severity,
    level::integer as level,
    title,
    value,
    unit,
    bound,
    raised_at,
    since,
    event_time,
    known_time,
    known_assumed,
    if(state = 'unassessable', state, 'active') as state,
    kelurahan_code,
    lon,
    lat,
    list_filter(string_split(feeds, ' '), lambda name: name <> '') as feeds,
    owner,
    simulated
from latest
where state <> 'cleared'
    and (
        $area = '31'
        or starts_with(kelurahan_code, $area)
        or (subject_kind = 'corridor' and subject_id in (select unnest($corridors::varchar[])))
    )
order by
    list_position(['siaga1', 'siaga2', 'warning', 'siaga3', 'notice'], severity),
    since desc,
    alarm_id
