-- jams_now: the jams that road users or flow segments tell of now, last told within an hour.
--
-- One source speaks for the city, as feed_precedence ranks them, real before simulated: two tell of
-- the same queue, which would count twice.
--
-- grain  one row a jam of level 1 or more, worst first
-- reads  traffic_jams, feed_precedence
--
-- jam_id          varchar                   id of the jam
-- street          varchar                   street name
-- level           tinyint                   1 light to 4 standstill, 5 closed
-- speed_kmh       double                    speed
-- length_m        double                    length
-- delay_s         double                    delay against free flow; null where closed
-- geometry        varchar                   GeoJSON LineString
-- kelurahan_code  varchar                   kelurahan of the middle
-- lon             double                    degrees
-- lat             double                    degrees
-- event_time      timestamp with time zone  of the observation
-- feed            varchar                   feed that says so
-- simulated       boolean                   from the simulated city

with latest as (
    select *
    from traffic_jams
    where event_time > $event_time - interval 1 hour
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (partition by feed, jam_id order by event_time desc, known_time desc) = 1
),

spoken as (
    select latest.*
    from latest
    left join feed_precedence as precedence
        on precedence.table_name = 'traffic_jams'
        and precedence.feed = latest.feed
    where latest.level >= 1
        and not coalesce(latest.ended, false)
    qualify
        dense_rank() over (order by latest.simulated, coalesce(precedence.rank, 99), latest.feed) = 1
)

select
    jam_id,
    street,
    level,
    speed_kmh,
    length_m,
    delay_s,
    geometry,
    kelurahan_code,
    lon,
    lat,
    event_time,
    feed,
    simulated
from spoken
where $area = '31' or starts_with(kelurahan_code, $area)
order by level desc, delay_s desc nulls first, jam_id
