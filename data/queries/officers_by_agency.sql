-- officers_by_agency: who is on duty by the roster, and how old the positions are.
--
-- An officer belongs to the area of the last position within 15 minutes; without one only the whole
-- city counts them.
--
-- grain  one row an agency, most officers first; none without a roster
-- reads  duty_roster, officers, officer_positions
--
-- agency     varchar  perangkat daerah; null where the device is not listed
-- on_duty    bigint   on duty or assigned
-- assigned   bigint   of those, with a task
-- recent     bigint   of those on duty, with a position of the last 5 minutes
-- fading     bigint   of those on duty, with a position 5 to 15 minutes old
-- simulated  boolean  counted from simulated rows

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
),

found as (
    select duty.state, duty.simulated, devices.agency, positions.event_time
    from duty
    left join positions on positions.officer_id = duty.officer_id
    left join devices on devices.officer_id = duty.officer_id
    where duty.state in ('on_duty', 'assigned')
        and coalesce(duty.until > $event_time, true)
        and ($area = '31' or starts_with(positions.kelurahan_code, $area))
    qualify not duty.simulated or bool_and(duty.simulated) over ()
)

select
    agency,
    count(*) as on_duty,
    count(*) filter (where state = 'assigned') as assigned,
    count(*) filter (where event_time > $event_time - interval 5 minutes) as recent,
    count(*) filter (where event_time <= $event_time - interval 5 minutes) as fading,
    bool_and(simulated) as simulated
from found
group by agency
order by on_duty desc, agency
