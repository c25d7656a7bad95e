-- camera_groups: how many cameras of each kind there are, and what their pictures are worth.
--
-- grain  one row a kind
-- reads  cameras, camera_checks
--
-- kind         varchar  road, gate, pump or other
-- total        bigint   cameras listed
-- proxied      bigint   of those, whose picture our server may fetch
-- live         bigint   of the proxied, live
-- frozen       bigint   of the proxied, frozen
-- black        bigint   of the proxied, black
-- shifted      bigint   of the proxied, of another time
-- unreachable  bigint   of the proxied, unreachable
-- unprobed     bigint   of the proxied, not probed within 90 minutes
-- simulated    boolean  counted from simulated rows

with list as (
    select *
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

found as (
    select list.kind, list.proxied, list.simulated, checks.state
    from list
    left join checks on checks.camera_id = list.camera_id and list.proxied
    where ($area = '31' or starts_with(list.kelurahan_code, $area))
    qualify not list.simulated or bool_and(list.simulated) over ()
)

select
    kind,
    count(*) as total,
    count(*) filter (where proxied) as proxied,
    count(*) filter (where state = 'live') as live,
    count(*) filter (where state = 'frozen') as frozen,
    count(*) filter (where state = 'black') as black,
    count(*) filter (where state = 'shifted') as shifted,
    count(*) filter (where state = 'unreachable') as unreachable,
    count(*) filter (where proxied and state is null) as unprobed,
    bool_and(simulated) as simulated
from found
group by kind
order by kind
