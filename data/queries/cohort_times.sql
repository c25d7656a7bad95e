-- cohort_times: how long the complaints of each quarter took until they were finished.
--
-- A complaint that is open at the cut, opened again or not, counts with its age. Joined reports count
-- by themselves, as they do in what is published. Where a real feed spoke in the period, simulated
-- rows do not count.
--
-- grain  one row a quarter of intake (WIB), whether finished, and begun hours
-- part   period_complaints
-- reads  complaint_stints
--
-- quarter    date     first day of the quarter
-- finished   boolean  finished or rejected before the cut
-- hours      integer  begun hours from intake to the end, or to the cut
-- n          bigint   complaints
-- simulated  boolean  counted from simulated rows

with ages as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(created_at) + 25_200_000) // 86_400_000 as created_day,
        not open as finished,
        ceil(
            (epoch(if(open, $cut::timestamptz, closed_at)) - epoch(created_at)) / 3600
        )::integer as hours,
        simulated
    from period_complaints
),

days as (
    select
        date '1970-01-01' + created_day::integer as created_on,
        finished,
        hours,
        count(*) as n,
        bool_and(simulated) as simulated
    from ages
    where simulated = (select bool_and(simulated) from ages)
    group by created_day, finished, hours
)

select
    date_trunc('quarter', created_on)::date as quarter,
    finished,
    hours,
    sum(n)::bigint as n,
    bool_and(simulated) as simulated
from days
group by all
order by quarter, finished, hours
