-- area_backlog: how old the open complaints are in the hands of the offices of areas.
--
-- grain  one row an area of the level whose offices hold an open complaint, in order of area
-- reads  complaint_stints, agencies
--
-- area       varchar                   code of the area
-- running    bigint                    complaints in the hands of its offices at the cut
-- age_p50_d  double                    days since intake that half of them are at most old
-- age_p90_d  double                    days that nine of ten are at most old
-- oldest_at  timestamp with time zone  intake of the oldest
-- simulated  boolean                   counted from simulated rows

with offices as (
    select
        agency,
        left(area_code, case $level when 'kelurahan' then 13 when 'kecamatan' then 8 else 5 end)
            as area
    from agencies
    where kind in ('kelurahan', 'kecamatan', 'kota')
        and starts_with(area_code, $area)
        and ($level <> 'kelurahan' or kind = 'kelurahan')
        and ($level <> 'kecamatan' or kind <> 'kota')
),

stints as (
    select
        complaint_stints.complaint_id,
        complaint_stints.started_at,
        complaint_stints.created_at,
        complaint_stints.ended_at,
        complaint_stints.simulated,
        offices.area
    from complaint_stints
    join offices on offices.agency = complaint_stints.unit
    where known_day < $cut::date
),

running as (
    select
        area,
        any_value(created_at) as created_at,
        any_value(simulated) as simulated
    from stints
    where simulated = (select bool_and(simulated) from stints)
    group by area, complaint_id, started_at
    having count(*) filter (where ended_at is null) > count(ended_at)
)

select
    area,
    count(*) as running,
    quantile_cont(epoch($cut::timestamptz - created_at), 0.5) / 86400 as age_p50_d,
    quantile_cont(epoch($cut::timestamptz - created_at), 0.9) / 86400 as age_p90_d,
    min(created_at) as oldest_at,
    any_value(simulated) as simulated
from running
group by area
order by area
