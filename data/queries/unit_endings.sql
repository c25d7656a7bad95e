-- unit_endings: how the stints of one unit ended that are due, and how many of each in time.
--
-- Counted as in unit_scores, so that the rows add up to its n and on_time.
--
-- grain  one row a way of ending, in order of name
-- part   board_stints
-- reads  complaint_stints, complaint_incidents, agencies
--
-- ending   varchar  finished, handed, rejected or running
-- n        bigint   stints that are due
-- on_time  bigint   of those, ended in time

with stints as (
    select
        max(ending) as ending,
        bool_or(on_time) as on_time,
        any_value(due_at) as due_at,
        any_value(simulated) as simulated
    from board_stints
    where place = $unit
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
