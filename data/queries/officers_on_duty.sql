-- officers_on_duty: how many officers are on duty, and of how many the position is known.
--
-- An officer belongs to the area of the last position within 15 minutes; without one only the whole
-- city counts them.
--
-- grain  one row
-- reads  duty_roster, officer_positions
--
-- on_duty     bigint                    on duty or assigned
-- assigned    bigint                    of those, with a task
-- placed      bigint                    of those on duty, with a position of the last 15 minutes
-- event_time  timestamp with time zone  newest position; null without one
-- simulated   boolean                   counted from simulated rows; null without rows

with roster as (
    select officer_id, state, until, simulated
    from duty_roster
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (
            partition by officer_id order by simulated, event_time desc, known_time desc
        ) = 1
),

positions as (
    select
        officer_id,
        max(event_time) as event_time,
        arg_max(kelurahan_code, event_time) as kelurahan_code
    from officer_positions
    where event_time > $event_time - interval 15 minutes
        and event_time <= $event_time
        and known_time <= $known_time
    group by officer_id
),

duty as (
    select roster.state, roster.simulated, positions.event_time
    from roster
    left join positions using (officer_id)
    where roster.state in ('on_duty', 'assigned')
        and coalesce(roster.until > $event_time, true)
        and ($area = '31' or starts_with(positions.kelurahan_code, $area))
    qualify not roster.simulated or bool_and(roster.simulated) over ()
)

select
    count(*) as on_duty,
    count(*) filter (where state = 'assigned') as assigned,
    count(event_time) as placed,
    max(event_time) as event_time,
    bool_and(simulated) as simulated
from duty
