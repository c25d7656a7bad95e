-- cohort_months: how the complaints of each month stand towards the rule of their day of intake.
--
-- From intake to the end, whoever held them, as the rule in force counts. Joined reports count by
-- themselves. Where a real feed spoke in the period, simulated rows do not count.
--
-- grain  one row a month of intake (WIB), oldest first
-- part   period_complaints
-- reads  complaint_stints, complaint_rules
--
-- month      date     first day of the month
-- on_time    bigint   finished or rejected in time
-- late       bigint   finished or rejected late
-- overdue    bigint   open, beyond the time
-- pending    bigint   open, in time
-- early      bigint   of those on time, finished though not due yet
-- unjudged   bigint   without a rule
-- simulated  boolean  counted from simulated rows

with ages as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(created_at) + 25_200_000) // 86_400_000 as created_day,
        not open as finished,
        (epoch_ms(closed_at) - epoch_ms(created_at)) / 3_600_000 as took_h,
        (epoch_ms($cut::timestamptz) - epoch_ms(created_at)) / 3_600_000 as age_h,
        simulated
    from period_complaints
),

judged as (
    select
        date_trunc('month', date '1970-01-01' + created_day::integer)::date as month,
        finished,
        took_h <= rules.resolve_within_hours as on_time,
        age_h >= rules.resolve_within_hours as due,
        simulated
    from ages
    left join complaint_rules as rules
        on date '1970-01-01' + created_day::integer >= rules.valid_from
        and date '1970-01-01' + created_day::integer <= coalesce(rules.valid_to, date '9999-12-31')
    where simulated = (select bool_and(simulated) from ages)
)

select
    month,
    count(*) filter (where finished and on_time) as on_time,
    count(*) filter (where finished and not on_time) as late,
    count(*) filter (where not finished and due) as overdue,
    count(*) filter (where not finished and not due) as pending,
    count(*) filter (where finished and on_time and not due) as early,
    count(*) filter (where due is null) as unjudged,
    bool_and(simulated) as simulated
from judged
group by month
order by month
