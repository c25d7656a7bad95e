-- unit_times: how long complaints stay with each unit, and until it first acts.
--
-- Counted are the ended stints of complaints that came in during the period; a joined report is not
-- counted beside its first. Where a real feed spoke in the period, simulated rows do not count.
--
-- grain  one row a unit that ended a stint, in order of unit
-- part   board_stints
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
        place,
        -- Numbers, not intervals: these are the calendar's, which takes much longer.
        (epoch_us(ended_at) - epoch_us(started_at)) / 3_600_000_000 as held_h,
        (epoch_us(answered_at) - epoch_us(started_at)) / 3_600_000_000 as answer_h,
        ending = 'handed' as handed,
        simulated
    from board_stints
    where ended_at is not null
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
