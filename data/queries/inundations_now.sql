-- inundations_now: the RT and RW that are flooded, as last told within two days and not ended since.
--
-- grain  one row an RT or RW, deepest first
-- reads  inundations, areas, feed_precedence
--
-- area_code       varchar                   RT or RW of the source
-- area_name       varchar                   name as printed, such as RW 09
-- area_level      varchar                   rt or rw
-- depth_min_cm    double                    least depth; null where not known
-- depth_max_cm    double                    greatest depth; null where not known or open-ended
-- state           varchar                   depth class 1 (not known) to 4
-- cause           varchar                   cause, where told
-- kelurahan_code  varchar                   kelurahan of the point
-- kelurahan       varchar                   its name
-- lon             double                    degrees
-- lat             double                    degrees
-- event_time      timestamp with time zone  of the report
-- feed            varchar                   feed that says so
-- simulated       boolean                   from the simulated city
-- known_time      timestamp with time zone  when the report became known
-- known_assumed   boolean                   that is assumed: it was loaded afterwards

with latest as (
    select inundations.*, coalesce(precedence.rank, 99) as rank
    from inundations
    left join feed_precedence as precedence
        on precedence.table_name = 'inundations'
        and precedence.feed = inundations.feed
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (
            partition by inundations.feed, area_code order by event_time desc, known_time desc
        ) = 1
),

present as (
    select *
    from latest
    where not coalesce(ended, false)
        and ($area = '31' or starts_with(kelurahan_code, $area))
    qualify row_number() over (partition by area_code order by simulated, rank, feed) = 1
)

select
    present.area_code,
    present.area_name,
    present.area_level,
    present.depth_min_cm,
    present.depth_max_cm,
    present.state,
    present.cause,
    present.kelurahan_code,
    areas.name as kelurahan,
    present.lon,
    present.lat,
    present.event_time,
    present.feed,
    present.simulated,
    present.known_time,
    present.known_assumed
from present
left join areas on areas.code = present.kelurahan_code
qualify not simulated or bool_and(simulated) over ()
order by
    present.state desc nulls last,
    coalesce(present.depth_max_cm, present.depth_min_cm) desc nulls last,
    present.area_code
