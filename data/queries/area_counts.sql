-- area_counts: how many complaints came in and were finished in each area, over the last 30 days.
--
-- Whole days (WIB), by when they became known. Where a real feed spoke within them, simulated rows
-- do not count.
--
-- grain  one row an area of the level with a complaint, most received first
-- reads  complaint_days
--
-- area       varchar  code of the area
-- received   bigint   complaints that came in
-- finished   bigint   complaints that were finished or rejected
-- simulated  boolean  counted from simulated rows

with days as (
    select *
    from complaint_days
    where known_day < $cut::date
        and known_day >= $cut::date - 30
        and kelurahan_code is not null
        and ($area = '31' or starts_with(kelurahan_code, $area))
)

select
    left(
        kelurahan_code, case $level when 'kelurahan' then 13 when 'kecamatan' then 8 else 5 end
    ) as area,
    sum(received)::bigint as received,
    sum(finished)::bigint as finished,
    bool_and(simulated) as simulated
from days
where simulated = (select bool_and(simulated) from days)
group by area
order by received desc, area
