-- unit_times: how long complaints stay with each unit, and until it first acts.
--
-- Counted are the ended stints of complaints that came in during the period; a joined report is not
-- counted beside its first. Where a real feed spoke in the period, simulated rows do not count.
--
-- grain  one row a unit that ended a stint, in order of unit
-- reads  complaint_stints, complaint_incidents, agencies
--
-- unit          varchar  code of the area, or name of the perangkat daerah
-- n             bigint   ended stints
-- held_p50_h    double   hours that half of them took at most
-- held_p90_h    double   hours that nine of ten took at most
-- answer_p50_h  double   hours until the first action, likewise
-- answer_p90_h  double   likewise
-- handed        bigint   of those, handed over
-- hand_p50_h    double   hours until the hand-over; null without any

with stints as (
    select
        case $level
            when 'agency' then complaint_stints.unit
            when 'kelurahan' then agencies.area_code
            when 'kecamatan' then left(agencies.area_code, 8)
            when 'kota' then left(agencies.area_code, 5)
        end as place,
        epoch(ended_at - started_at) / 3600 as held_h,
        epoch(answered_at - started_at) / 3600 as answer_h,
        ending = 'handed' as handed,
        complaint_stints.simulated
    from complaint_stints
    left join agencies on agencies.agency = complaint_stints.unit
    where known_day < $cut::date
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and ended_at is not null
        and ($category is null or category = $category)
        and ($channel is null or channel = $channel)
        and coalesce(agencies.kind in ('kelurahan', 'kecamatan', 'kota'), false)
            = ($level <> 'agency')
        and ($level <> 'kelurahan' or agencies.kind = 'kelurahan')
        and complaint_id not in (
            select complaint_id from complaint_incidents where known_day < $cut::date
        )
        and complaint_id not in (select unnest($excluded::varchar[]))
        and concat_ws(' ', complaint_id, unit) not in (select unnest($excluded::varchar[]))
)

select
    place as unit,
    count(*) as n,
    quantile_cont(held_h, 0.5) as held_p50_h,
    quantile_cont(held_h, 0.9) as held_p90_h,
    quantile_cont(answer_h, 0.5) as answer_p50_h,
    quantile_cont(answer_h, 0.9) as answer_p90_h,
    count(*) filter (where handed) as handed,
    quantile_cont(held_h, 0.5) filter (where handed) as hand_p50_h
from stints
where place is not null
    and simulated = (select bool_and(simulated) from stints)
group by place
order by place
