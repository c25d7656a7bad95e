-- cameras_count: how many cameras show a picture that moves on, of how many.
--
-- grain  one row
-- reads  cameras, camera_checks
--
-- total       bigint                    cameras listed
-- proxied     bigint                    of those, whose picture the server may fetch
-- probed      bigint                    of the proxied, probed within 90 minutes
-- live        bigint                    of the probed, live
-- lost        bigint                    of the probed, in any other state
-- event_time  timestamp with time zone  newest probe; null without one
-- simulated   boolean                   counted from simulated rows; null without rows

with list as (
    select camera_id, kelurahan_code, proxied, simulated
    from cameras
    where known_time <= $known_time
    qualify row_number() over (partition by camera_id order by simulated, known_time desc) = 1
),

checks as (
    select camera_id, arg_max(state, event_time) as state, max(event_time) as event_time
    from camera_checks
    where event_time > $event_time - interval 90 minutes
        and event_time <= $event_time
        and known_time <= $known_time
    group by camera_id
),

counted as (
    select list.proxied, list.simulated, checks.state, checks.event_time
    from list
    left join checks on checks.camera_id = list.camera_id and list.proxied
    where ($area = '31' or starts_with(list.kelurahan_code, $area))
    qualify not list.simulated or bool_and(list.simulated) over ()
)

select
    count(*) as total,
    count(*) filter (where proxied) as proxied,
    count(state) as probed,
    count(*) filter (where state = 'live') as live,
    count(*) filter (where state <> 'live') as lost,
    max(event_time) as event_time,
    bool_and(simulated) as simulated
from counted
