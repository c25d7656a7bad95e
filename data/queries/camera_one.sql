-- camera_one: one camera, with what its last probe of the last 90 minutes saw.
--
-- grain  one row or none
-- reads  cameras, camera_checks, areas
--
-- camera_id   varchar                   camera
-- name        varchar                   name
-- owner       varchar                   who runs it
-- kind        varchar                   road, gate, pump or other
-- proxied     boolean                   our server may fetch its picture
-- stream_url  varchar                   live picture
-- embed_url   varchar                   page of its owner
-- state       varchar                   live, frozen, black, unreachable or shifted; null: not probed
-- event_time  timestamp with time zone  of the last row about it; null: not probed
-- kelurahan   varchar                   where it stands
-- lon         double                    degrees
-- lat         double                    degrees
-- simulated   boolean                   from the simulated city

with list as (
    select *
    from cameras
    where camera_id = $camera_id
        and known_time <= $known_time
    qualify row_number() over (order by simulated, known_time desc) = 1
),

checks as (
    select arg_max(state, event_time) as state, max(event_time) as event_time
    from camera_checks
    where camera_id = $camera_id
        and event_time > $event_time - interval 90 minutes
        and event_time <= $event_time
        and known_time <= $known_time
)

select
    list.camera_id,
    list.name,
    list.owner,
    list.kind,
    list.proxied,
    list.stream_url,
    list.embed_url,
    case when list.proxied then checks.state end as state,
    case when list.proxied then checks.event_time end as event_time,
    areas.name as kelurahan,
    list.lon,
    list.lat,
    list.simulated
from list
cross join checks
left join areas on areas.code = list.kelurahan_code
