-- evidence_recomplaints: finished complaints after which the same was reported again at the same place.
--
-- Counted are incidents whose device told the place, and which were finished long enough ago for
-- a new report to have come. A joined report is neither a complaint of its own nor a new one.
-- How often the same comes again by chance follows how much of it comes from that kelurahan in those
-- days, rain included, and how densely its kota is built. Water that comes back tells nothing.
--
-- grain  one row an office that finished some
-- reads  complaint_versions, complaint_incidents
--
-- unit           varchar    office that finished them
-- n              bigint     finished incidents
-- weight         double     new reports that their kota has after as many of these kinds
-- complaint_ids  varchar[]  finished ones that were reported again, newest first
-- against        varchar[]  for each the new report
-- measures       double[]   for each the days until it came
-- simulated      boolean    counted from simulated rows

with latest as (
    select
        complaint_id,
        arg_max(
            struct_pack(
                created_at, status, agency, resolved_at, category, kelurahan_code, geotagged, lon, lat,
                simulated
            ),
            (event_time, known_time)
        ) as told
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and created_at > $since::timestamptz
    group by complaint_id
),

reports as (
    select
        complaint_id,
        unnest(told),
        -- Metres on a plane; at this latitude a degree of longitude is 0.994 of one of latitude.
        told.lon * 110_650 as x,
        told.lat * 110_570 as y
    from latest
    where told.geotagged
        and told.lon is not null
        and told.category <> 'Penanganan Banjir'
        and complaint_id not in (select complaint_id from complaint_incidents)
),

kept as (
    select * from reports where simulated = (select bool_and(simulated) from reports)
),

finished as (
    select *
    from kept
    where status = 'Selesai'
        and agency is not null
        and resolved_at <= $event_time - to_days($within_days::integer)
),

later as (
    select
        finished.complaint_id,
        again.complaint_id as again_id,
        epoch(again.created_at - finished.resolved_at) / 86_400 as days,
        (again.x - finished.x) ** 2 + (again.y - finished.y) ** 2 <= $near_m ** 2 as near
    from finished
    join kept as again using (category, kelurahan_code)
    where again.created_at > finished.resolved_at
        and again.created_at <= finished.resolved_at + to_days($within_days::integer)
),

counted as (
    select
        complaint_id,
        count(*) as usual,
        arg_min(again_id, days) filter (where near) as again_id,
        min(days) filter (where near) as days
    from later
    group by complaint_id
),

judged as (
    select finished.*, coalesce(counted.usual, 0) as usual, counted.again_id, counted.days
    from finished
    left join counted using (complaint_id)
),

kota as (
    select left(kelurahan_code, 5) as kota_code, count(again_id) / nullif(sum(usual), 0) as share
    from judged
    group by kota_code
)

select
    agency as unit,
    count(*) as n,
    coalesce(sum(usual * share), 0)::double as weight,
    list(complaint_id order by resolved_at desc, complaint_id)
        filter (where again_id is not null) as complaint_ids,
    list(again_id order by resolved_at desc, complaint_id)
        filter (where again_id is not null) as against,
    list(days order by resolved_at desc, complaint_id)
        filter (where again_id is not null) as measures,
    any_value(simulated) as simulated
from judged
join kota on kota.kota_code = left(judged.kelurahan_code, 5)
group by agency
order by unit
