-- area_months: how the offices of areas kept the rule's time, by month of intake.
--
-- Counted as `unit_scores` does: the stints that are due, without joined reports.
--
-- grain  one row an area of the level and month with a stint, in order of area, then month
-- part   board_stints
-- reads  complaint_stints, complaint_incidents, agencies
--
-- area       varchar  code of the area
-- month      date     first day of the month of intake, WIB
-- n          bigint   stints that are due
-- on_time    bigint   of those, ended in time
-- received   bigint   stints that began, due or not
-- simulated  boolean  counted from simulated rows

with months as (
    select
        place as area,
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        date_trunc('month', make_timestamp(epoch_us(created_at) + 25_200_000_000))::date as month,
        due_at <= $cut::timestamptz as due,
        on_time,
        ended_at is null as begins,
        simulated
    from board_stints
    where starts_with(place, $area)
)

select
    area,
    month,
    count(*) filter (where due and begins) as n,
    count(*) filter (where due and on_time) as on_time,
    count(*) filter (where begins) as received,
    any_value(simulated) as simulated
from months
where simulated = (select bool_and(simulated) from months)
group by area, month
order by area, month
