-- cameras_now: every camera with what the last probe of the last 90 minutes saw.
--
-- grain  one row a camera with a position
-- reads  cameras, camera_checks
--
-- camera_id       varchar  camera
-- name            varchar  name
-- owner           varchar  who runs it
-- kind            varchar  road, gate, pump or other
-- flood           boolean  watches water
-- state           varchar  live, frozen, black, unreachable or shifted; null: not probed
-- kelurahan_code  varchar  kelurahan of the position
-- lon             double   degrees
-- lat             double   degrees
-- event_s         bigint   seconds since 1970, of the probe
-- simulated       boolean  from the simulated city

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
)

select
    list.camera_id,
    list.name,
    list.owner,
    list.kind,
    list.flood,
    checks.state,
    list.kelurahan_code,
    list.lon,
    list.lat,
    epoch(checks.event_time)::bigint as event_s,
    list.simulated
from list
left join checks using (camera_id)
where ($area = '31' or starts_with(list.kelurahan_code, $area))
qualify not list.simulated or bool_and(list.simulated) over ()
order by list.camera_id
