-- area_months: how the offices of areas kept the rule's time, by month of intake.
--
-- Counted as `unit_scores` does: the stints that are due, without joined reports.
--
-- grain  one row an area of the level and month with a stint, in order of area, then month
-- reads  complaint_stints, complaint_incidents, agencies
--
-- area       varchar  code of the area
-- month      date     first day of the month of intake, WIB
-- n          bigint   stints that are due
-- on_time    bigint   of those, ended in time
-- received   bigint   stints that began, due or not
-- simulated  boolean  counted from simulated rows

with stints as (
    select *
    from complaint_stints
    where known_day < $cut::date
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and unit in (
            select agency
            from agencies
            where kind in ('kelurahan', 'kecamatan', 'kota')
                and starts_with(area_code, $area)
        )
        and complaint_id not in (
            select complaint_id from complaint_incidents where known_day < $cut::date
        )
),

placed as (
    select
        stints.*,
        left(
            agencies.area_code,
            case $level when 'kelurahan' then 13 when 'kecamatan' then 8 else 5 end
        ) as area,
        due_at <= $cut::timestamptz as due,
        ended_at is null as begins
    from stints
    join agencies on agencies.agency = stints.unit
    where simulated = (select bool_and(simulated) from stints)
        and ($level <> 'kelurahan' or agencies.kind = 'kelurahan')
)

select
    area,
    date_trunc('month', created_at)::date as month,
    count(*) filter (where due and begins) as n,
    count(*) filter (where due and on_time) as on_time,
    count(*) filter (where begins) as received,
    any_value(simulated) as simulated
from placed
group by area, month
order by area, month
