-- cameras_near: the cameras that watch water near a point, with what their last probe saw.
--
-- grain  one row a camera within five km, nearest first, at most $most
-- reads  cameras, camera_checks
--
-- camera_id    varchar                   camera
-- name         varchar                   name
-- owner        varchar                   who runs it
-- proxied      boolean                   ours or licensed, so that our server may fetch its picture
-- state        varchar                   live, frozen, black or unreachable; null: not probed
-- distance_km  double                    from the point, as the crow flies
-- lon          double                    degrees
-- lat          double                    degrees
-- event_time   timestamp with time zone  of the probe
-- simulated    boolean                   from the simulated city

with list as (
    select *
    from cameras
    where known_time <= $known_time
        and lon between $lon - 0.05 and $lon + 0.05
        and lat between $lat - 0.05 and $lat + 0.05
    qualify row_number() over (partition by camera_id order by simulated, known_time desc) = 1
),

near as (
    select *, 110.6 * sqrt(pow(lon - $lon, 2) + pow(lat - $lat, 2)) as distance_km
    from list
    where flood
    qualify not simulated or bool_and(simulated) over ()
    order by distance_km, camera_id
    limit $most
),

checks as (
    select camera_id, arg_max(state, event_time) as state, max(event_time) as event_time
    from camera_checks
    semi join near using (camera_id)
    where event_time > $event_time - interval 90 minutes
        and event_time <= $event_time
        and known_time <= $known_time
    group by camera_id
)

select
    near.camera_id,
    near.name,
    near.owner,
    near.proxied,
    checks.state,
    near.distance_km,
    near.lon,
    near.lat,
    checks.event_time,
    near.simulated
from near
left join checks using (camera_id)
order by near.distance_km, near.camera_id
