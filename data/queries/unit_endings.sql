-- unit_endings: how the stints of one unit ended that are due, and how many of each in time.
--
-- Counted as in unit_scores, so that the rows add up to its n and on_time.
--
-- grain  one row a way of ending, in order of name
-- reads  complaint_stints, complaint_incidents, agencies
--
-- ending   varchar  finished, handed, rejected or running
-- n        bigint   stints that are due
-- on_time  bigint   of those, ended in time

with stints as (
    select
        complaint_id,
        started_at,
        max(ending) as ending,
        bool_or(on_time) as on_time,
        any_value(due_at) as due_at,
        any_value(complaint_stints.simulated) as simulated
    from complaint_stints
    left join agencies on agencies.agency = complaint_stints.unit
    where known_day < $cut::date
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and ($category is null or category = $category)
        and ($channel is null or channel = $channel)
        and case $level
            when 'agency' then complaint_stints.unit = $unit
            when 'kelurahan' then agencies.area_code = $unit and agencies.kind = 'kelurahan'
            else
                starts_with(agencies.area_code, $unit)
                and agencies.kind in ('kelurahan', 'kecamatan', 'kota')
        end
        and complaint_id not in (
            select complaint_id from complaint_incidents where known_day < $cut::date
        )
        and complaint_id not in (select unnest($excluded::varchar[]))
        and concat_ws(' ', complaint_id, unit) not in (select unnest($excluded::varchar[]))
    group by complaint_id, unit, started_at
)

select
    coalesce(ending, 'running') as ending,
    count(*) as n,
    count(*) filter (where on_time) as on_time
from stints
where due_at <= $cut::timestamptz
    and simulated = (select bool_and(simulated) from stints)
group by all
order by ending
