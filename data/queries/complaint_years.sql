-- complaint_years: what came in month by month and how much of it is finished, by category.
--
-- Finished is Selesai, as it is published; a rejected complaint is not. A complaint counts in the
-- month and with the category with which it came in. Where a real feed spoke in the period,
-- simulated rows do not count.
--
-- grain  one row a month of intake (WIB) and category, in order
-- reads  complaint_versions
--
-- month      date     first day of the month
-- category   varchar  category at intake; null where the source names none
-- received   bigint   complaints that came in
-- finished   bigint   of those, finished by the cut
-- by_then    bigint   of those, finished by the end of the year of intake
-- simulated  boolean  counted from simulated rows

with versions as (
    select complaint_id, created_at, category, status, known_time, event_time, simulated
    from complaint_versions
    where event_time >= $since::timestamptz
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and known_time < $cut::timestamptz
),

complaints as (
    select
        complaint_id,
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(any_value(created_at)) + 25_200_000) // 86_400_000 as created_day,
        (epoch_ms(max(event_time)) + 25_200_000) // 86_400_000 as told_day,
        arg_min(category, known_time) as category,
        arg_max(status, (event_time, known_time)) = 'Selesai' as finished,
        any_value(simulated) as simulated
    from versions
    where simulated = (select bool_and(simulated) from versions)
    group by complaint_id
),

months as (
    select
        date_trunc('month', date '1970-01-01' + created_day::integer)::date as month,
        category,
        finished,
        finished and year(date '1970-01-01' + told_day::integer) = year(month) as by_then,
        simulated
    from complaints
)

select
    month,
    category,
    count(*) as received,
    count(*) filter (where finished) as finished,
    count(*) filter (where by_then) as by_then,
    bool_and(simulated) as simulated
from months
group by month, category
order by month, category
