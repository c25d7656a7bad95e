-- camera_periods: what a camera showed over thirty days, as periods of one state each.
--
-- A probe leaves a row at each change and one an hour: where none came for two hours, nobody looked,
-- and that time is neither up nor down.
--
-- grain  one row a period, oldest first
-- reads  camera_checks
--
-- state      varchar                   live, frozen, black, unreachable or shifted; null: not probed
-- starts_at  timestamp with time zone  begin
-- ends_at    timestamp with time zone  end; of the last one the moment asked for, or two hours on
-- seconds    double                    length

with checks as (
    select
        event_time,
        state,
        lead(event_time, 1, $event_time) over (order by event_time) as next_at
    from camera_checks
    where camera_id = $camera_id
        and event_time > $event_time - interval 30 days
        and event_time <= $event_time
        and known_time <= $known_time
),

pieces as (
    select state, event_time as starts_at, least(next_at, event_time + interval 2 hours) as ends_at
    from checks
    union all
    select null, event_time + interval 2 hours, next_at
    from checks
    where next_at > event_time + interval 2 hours
),

marked as (
    select
        *,
        state is distinct from lag(state) over (order by starts_at)
        or row_number() over (order by starts_at) = 1 as begins
    from pieces
),

numbered as (
    select *, count(*) filter (where begins) over (order by starts_at) as period
    from marked
)

select
    any_value(state) as state,
    min(starts_at) as starts_at,
    max(ends_at) as ends_at,
    epoch(max(ends_at) - min(starts_at)) as seconds
from numbered
group by period
order by starts_at
