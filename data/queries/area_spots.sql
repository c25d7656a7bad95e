-- area_spots: places that are complained of again and again, those of the last 90 days.
--
-- A place is a cell of about 110 m. A joined report is not counted beside its first; only reports
-- whose device told the place count.
--
-- grain  one row a place and category with three incidents or more, most numerous first
-- reads  complaint_versions, complaint_incidents, areas
--
-- spot_id         varchar                   cell and category
-- category        varchar                   category, as the source writes it
-- incidents       bigint                    incidents within 90 days
-- open            bigint                    of those, open
-- newest_at       timestamp with time zone  intake of the newest
-- kelurahan_code  varchar                   kelurahan of most of them
-- kelurahan       varchar                   its name
-- lon             double                    degrees, in the middle of them
-- lat             double                    degrees
-- simulated       boolean                   counted from simulated rows

with versions as (
    select complaint_id, created_at, event_time, category, status, kelurahan_code, lon, lat, simulated
    from complaint_versions
    where event_time > $event_time - interval 90 days
        and created_at > $event_time - interval 90 days
        and event_time <= $event_time
        and known_time <= $known_time
        and geotagged
        and lon is not null
        and category is not null
        and ($area = '31' or starts_with(kelurahan_code, $area))
),

complaints as (
    select
        complaint_id,
        any_value(created_at) as created_at,
        arg_max(
            struct_pack(category, status, kelurahan_code, lon, lat, simulated), event_time
        ) as told
    from versions
    where simulated = (select bool_and(simulated) from versions)
        and complaint_id not in (
            select complaint_id
            from complaint_incidents
            where known_day <= $known_time::timestamptz::date
        )
    group by complaint_id
),

spots as (
    select
        (told.lon * 1000)::integer as x,
        (told.lat * 1000)::integer as y,
        told.category as category,
        count(*) as incidents,
        count(*) filter (where told.status not in ('Selesai', 'Ditolak')) as open,
        max(created_at) as newest_at,
        mode(told.kelurahan_code) as kelurahan_code,
        avg(told.lon) as lon,
        avg(told.lat) as lat,
        bool_and(told.simulated) as simulated
    from complaints
    group by x, y, told.category
    having count(*) >= 3
)

select
    concat_ws('/', spots.x, spots.y, spots.category) as spot_id,
    spots.category,
    spots.incidents,
    spots.open,
    spots.newest_at,
    spots.kelurahan_code,
    areas.name as kelurahan,
    spots.lon,
    spots.lat,
    spots.simulated
from spots
left join areas on areas.code = spots.kelurahan_code
order by spots.incidents desc, spots.newest_at desc, spot_id
