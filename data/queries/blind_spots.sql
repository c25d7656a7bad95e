-- blind_spots: where it floods again and again and no live camera stands within 300 m.
--
-- A place is an RW, the RT in it counted with it, that was flooded on three days or more within
-- three years. Cameras that nobody probes are not known to be live.
--
-- grain  one row an RW, most often flooded first
-- reads  inundations, areas, cameras, camera_checks
--
-- area_code       varchar                   RW of the source
-- area_name       varchar                   name as printed, such as RW 09
-- kelurahan_code  varchar                   kelurahan
-- kelurahan       varchar                   its name
-- days            bigint                    days with a flood within three years
-- last_at         timestamp with time zone  of the last report of a flood
-- deepest_cm      double                    greatest depth told in that time; null where never told
-- lost            bigint                    own cameras within 300 m, none of them live
-- embedded        bigint                    cameras of others within 300 m
-- nearest_m       double                    to the nearest live camera; null where none is live
-- nearest         varchar                   its name
-- lon             double                    degrees
-- lat             double                    degrees
-- simulated       boolean                   from the simulated city

with floods as (
    select
        -- 10 digits of the kelurahan, 3 of the RW, 3 of the RT
        case
            when area_level = 'rt' and length(area_code) = 16 then left(area_code, 13) || '000'
            else area_code
        end as place,
        *
    from inundations
    where event_time > $event_time - interval 3 years
        and event_time <= $event_time
        and known_time <= $known_time
        and not coalesce(ended, false)
        and lon is not null
        and ($area = '31' or starts_with(kelurahan_code, $area))
    qualify not simulated or bool_and(simulated) over ()
),

prone as (
    select
        place,
        max(area_name) filter (where area_level = 'rw') as area_name,
        arg_max(kelurahan_code, event_time) as kelurahan_code,
        count(distinct date_trunc('day', event_time)) as days,
        max(event_time) as last_at,
        max(coalesce(depth_max_cm, depth_min_cm)) as deepest_cm,
        arg_max(lon, event_time) as lon,
        arg_max(lat, event_time) as lat,
        bool_and(simulated) as simulated
    from floods
    group by place
    having days >= 3
),

list as (
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

eyes as (
    select list.name, list.proxied, checks.state, list.lon, list.lat
    from list
    left join checks on checks.camera_id = list.camera_id and list.proxied
    where list.lon is not null
    qualify not list.simulated or bool_and(list.simulated) over ()
),

apart as (
    select
        prone.place,
        eyes.name,
        eyes.proxied,
        coalesce(eyes.state = 'live', false) as live,
        111195 * sqrt(
            power(eyes.lat - prone.lat, 2)
            + power((eyes.lon - prone.lon) * cos(radians(prone.lat)), 2)
        ) as distance_m
    from prone
    cross join eyes
),

seen as (
    select
        place,
        count(*) filter (where distance_m <= 300 and live) as live,
        count(*) filter (where distance_m <= 300 and proxied and not live) as lost,
        count(*) filter (where distance_m <= 300 and not proxied) as embedded,
        min(distance_m) filter (where live) as nearest_m,
        arg_min(name, distance_m) filter (where live) as nearest
    from apart
    group by place
)

select
    prone.place as area_code,
    coalesce(prone.area_name, 'RW ' || substr(prone.place, 12, 2)) as area_name,
    prone.kelurahan_code,
    areas.name as kelurahan,
    prone.days,
    prone.last_at,
    prone.deepest_cm,
    coalesce(seen.lost, 0) as lost,
    coalesce(seen.embedded, 0) as embedded,
    seen.nearest_m,
    seen.nearest,
    prone.lon,
    prone.lat,
    prone.simulated
from prone
left join seen using (place)
left join areas on areas.code = prone.kelurahan_code
where coalesce(seen.live, 0) = 0
order by prone.days desc, prone.last_at desc, prone.place
