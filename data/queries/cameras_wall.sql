-- cameras_wall: one page of the wall of cameras, those with a picture first, nearest or by name.
--
-- With a place ($lon, $lat) only cameras within $within_m of it, of any kind unless one is asked
-- for. A camera that nobody may fetch a picture of has no state and stands last.
--
-- grain  one row a camera
-- reads  cameras, camera_checks, areas
--
-- camera_id   varchar                   camera
-- name        varchar                   name
-- owner       varchar                   who runs it
-- kind        varchar                   road, gate, pump or other
-- proxied     boolean                   our server may fetch its picture
-- embed_url   varchar                   page of its owner
-- state       varchar                   live, frozen, black, unreachable or shifted; null: not probed
-- event_time  timestamp with time zone  of the last row about it; null: not probed
-- kelurahan   varchar                   where it stands
-- distance_m  double                    from the place; null without one
-- total       bigint                    rows of all pages
-- simulated   boolean                   from the simulated city

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
    select
        list.*,
        checks.state,
        checks.event_time as checked_at,
        111195 * sqrt(
            power(list.lat - $lat::double, 2)
            + power((list.lon - $lon::double) * cos(radians($lat::double)), 2)
        ) as distance_m
    from list
    left join checks on checks.camera_id = list.camera_id and list.proxied
    where ($area = '31' or starts_with(list.kelurahan_code, $area))
        and ($kind::varchar is null or list.kind = $kind::varchar)
    qualify not list.simulated or bool_and(list.simulated) over ()
)

select
    found.camera_id,
    found.name,
    found.owner,
    found.kind,
    found.proxied,
    found.embed_url,
    found.state,
    found.checked_at as event_time,
    areas.name as kelurahan,
    found.distance_m,
    count(*) over () as total,
    found.simulated
from found
left join areas on areas.code = found.kelurahan_code
where ($lon::double is null or found.distance_m <= $within_m::double)
    and (not $troubled::boolean or found.state <> 'live')
order by not found.proxied, found.distance_m, found.name, found.camera_id
limit $most::bigint offset $skip::bigint
