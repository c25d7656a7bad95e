-- camera_days: for how many hours the cameras that are probed showed a picture that moves on.
--
-- An hour of a camera is as its last probe in it. Rows of one day that became known on different
-- days add up.
--
-- grain  one row a day of knowing, day (both WIB), kelurahan and origin
-- reads  camera_checks, cameras
-- days   alone
--
-- known_day       date     day on which the probes became known
-- day             date     day of the probes
-- kelurahan_code  varchar  kelurahan of the cameras; null where unknown
-- simulated       boolean  from the simulated city
-- assumed         boolean  when some became known is assumed
-- hours           integer  hours of cameras that were probed
-- live            integer  of those, live

with places as (
    select camera_id, arg_max(kelurahan_code, known_time) as kelurahan_code
    from cameras
    group by camera_id
),

checks as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        (epoch_ms(event_time) + 25_200_000) // 3_600_000 as hour,
        camera_id,
        arg_max(state, event_time) as state,
        bool_or(known_assumed) as assumed
    from camera_checks
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
    group by known, hour, camera_id
)

select
    date '1970-01-01' + known::integer as known_day,
    date '1970-01-01' + (hour // 24)::integer as day,
    kelurahan_code,
    $simulated::boolean as simulated,
    bool_or(assumed) as assumed,
    count(*)::integer as hours,
    count(*) filter (state = 'live')::integer as live
from checks
left join places using (camera_id)
where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
group by known, day, kelurahan_code
order by known_day, kelurahan_code
