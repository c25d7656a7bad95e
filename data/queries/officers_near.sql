-- officers_near: the officers on duty who are nearest to a place, by positions of 15 minutes.
--
-- grain  one row an officer on duty or assigned with a position, nearest first
-- reads  officer_positions, officers, duty_roster
--
-- officer_id  varchar                   device id
-- name        varchar                   unit name, never a person's
-- agency      varchar                   perangkat daerah
-- category    varchar                   kind of crew
-- state       varchar                   on_duty or assigned
-- task_id     varchar                   task, where assigned
-- distance_m  double                    from the place, as the crow flies
-- event_time  timestamp with time zone  of the position
-- simulated   boolean                   from the simulated city

with positions as (
    select *
    from officer_positions
    where event_time > $event_time - interval 15 minutes
        and event_time <= $event_time
        and known_time <= $known_time
    qualify row_number() over (partition by officer_id order by simulated, event_time desc) = 1
),

duty as (
    select officer_id, state, task_id, until, simulated
    from duty_roster
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (
            partition by officer_id order by simulated, event_time desc, known_time desc
        ) = 1
),

devices as (
    select officer_id, name, agency, category
    from officers
    where known_time <= $known_time
    qualify row_number() over (partition by officer_id order by simulated, known_time desc) = 1
)

select
    positions.officer_id,
    coalesce(devices.name, positions.officer_id) as name,
    devices.agency,
    devices.category,
    duty.state,
    duty.task_id,
    111195 * sqrt(
        power(positions.lat - $lat::double, 2)
        + power((positions.lon - $lon::double) * cos(radians($lat::double)), 2)
    ) as distance_m,
    positions.event_time,
    positions.simulated
from positions
join duty
    on duty.officer_id = positions.officer_id
    and duty.state in ('on_duty', 'assigned')
    and coalesce(duty.until > $event_time, true)
left join devices on devices.officer_id = positions.officer_id
where ($agency::varchar is null or devices.agency = $agency::varchar)
qualify not positions.simulated or bool_and(positions.simulated) over ()
order by distance_m, positions.officer_id
limit $most::bigint
