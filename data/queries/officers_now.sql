-- officers_now: officers who are on duty, where they were within the last 15 minutes.
--
-- grain  one row an officer on duty or assigned with a position
-- reads  officer_positions, officers, duty_roster
--
-- officer_id      varchar                   device id
-- name            varchar                   unit name, never a person's
-- agency          varchar                   perangkat daerah
-- category        varchar                   kind of crew
-- state           varchar                   on_duty or assigned
-- task_id         varchar                   task, where assigned
-- kelurahan_code  varchar                   kelurahan of the position
-- lon             double                    degrees
-- lat             double                    degrees
-- speed_kmh       double                    speed
-- accuracy_m      double                    accuracy of the position
-- event_time      timestamp with time zone  of the position
-- simulated       boolean                   from the simulated city

with positions as (
    select *
    from officer_positions
    where event_time > $event_time - interval 15 minutes
        and event_time <= $event_time
        and known_time <= $known_time
    qualify row_number() over (partition by officer_id order by simulated, event_time desc) = 1
),

duty as (
    select officer_id, state, task_id, until
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
    positions.kelurahan_code,
    positions.lon,
    positions.lat,
    positions.speed_kmh,
    positions.accuracy_m,
    positions.event_time,
    positions.simulated
from positions
join duty
    on duty.officer_id = positions.officer_id
    and duty.state in ('on_duty', 'assigned')
    and coalesce(duty.until > $event_time, true)
left join devices on devices.officer_id = positions.officer_id
where $area = '31' or starts_with(positions.kelurahan_code, $area)
qualify not positions.simulated or bool_and(positions.simulated) over ()
order by positions.officer_id
