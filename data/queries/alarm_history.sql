-- alarm_history: how one alarm went, its earlier returns included.
--
-- grain  one row a change, oldest first
-- reads  alarms
--
-- state          varchar                   raised, changed, cleared or unassessable
-- severity       varchar                   siaga1, siaga2, warning, siaga3 or notice
-- title          varchar                   one sentence
-- value          double                    what was judged
-- unit           varchar                   of value and bound
-- bound          double                    the bound that was passed
-- raised_at      timestamp with time zone  when it was raised
-- event_time     timestamp with time zone  of the change
-- known_time     timestamp with time zone  when that was judged
-- known_assumed  boolean                   known_time is assumed
-- simulated      boolean                   judged on data of the simulated city

select
    state,
    severity,
    title,
    value,
    unit,
    bound,
    raised_at,
    event_time,
    known_time,
    known_assumed,
    simulated
from alarms
where alarm_id = $alarm_id
    and event_time > $since
    and event_time <= $event_time
    and known_time <= $known_time
order by event_time, known_time
