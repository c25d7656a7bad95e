-- flood_days: what was told of each flooded RT or RW, day by day.
--
-- A row holds until the next of its RT or RW, six hours at most. The hours between the first and
-- the last row of a day are summed up here; how long the last one holds is told by what follows.
--
-- grain  one row a day of knowing, day (both WIB), feed, RT or RW and origin
-- reads  inundations
-- days   alone
--
-- known_day       date                      day on which the rows became known
-- day             date                      day of the rows
-- feed            varchar                   source
-- area_code       varchar                   RT or RW
-- kelurahan_code  varchar                   its kelurahan; null where unknown
-- simulated       boolean                   from the simulated city
-- assumed         boolean                   when some became known is assumed
-- flooded         boolean                   it was flooded, not only told to be so no longer
-- depth_max_cm    double                    greatest depth
-- first_at        timestamp with time zone  first row
-- last_at         timestamp with time zone  last row
-- last_ended      boolean                   the last row says that the flood is over
-- hours           double                    flooded, from the first row to the last

with told as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        feed,
        area_code,
        event_time,
        any_value(kelurahan_code) as kelurahan_code,
        bool_or(known_assumed) as assumed,
        arg_max(coalesce(ended, false), known_time) as ended,
        arg_max(depth_max_cm, known_time) as depth_max_cm
    from inundations
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
    group by known, feed, area_code, event_time
),

held as (
    select
        *,
        (epoch_ms(event_time) + 25_200_000) // 86_400_000 as day,
        epoch(lead(event_time) over spell - event_time) / 3600 as hours
    from told
    window spell as (
        partition by known, feed, area_code, (epoch_ms(event_time) + 25_200_000) // 86_400_000
        order by event_time
    )
)

select
    date '1970-01-01' + known::integer as known_day,
    date '1970-01-01' + day::integer as day,
    feed,
    area_code,
    any_value(kelurahan_code) as kelurahan_code,
    $simulated::boolean as simulated,
    bool_or(assumed) as assumed,
    not bool_and(ended) as flooded,
    max(depth_max_cm) filter (not ended) as depth_max_cm,
    min(event_time) as first_at,
    max(event_time) as last_at,
    arg_max(ended, event_time) as last_ended,
    coalesce(sum(least(hours, 6)) filter (not ended and hours is not null), 0)::double as hours
from held
where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
group by known, held.day, feed, area_code
order by known_day, area_code
