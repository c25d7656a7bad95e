-- evidence_fast: complaints finished faster than the work can be done.
--
-- Counted is the time in the hands of whoever finished it. Too fast is what stays under both the
-- floor and the 1st percentile of its own category; that is taken from the middle half of all times,
-- as if their logarithms were normal, so that those who are too fast cannot move it.
--
-- grain  one row an office that finished some
-- reads  complaint_log, complaint_stints
--
-- unit           varchar    office that finished them
-- n              bigint     finished complaints with a known time in hand
-- weight         double     the same
-- complaint_ids  varchar[]  those that were too fast, newest first
-- against        varchar[]  for each its category
-- measures       double[]   for each the seconds in hand
-- simulated      boolean    counted from simulated rows

with closings as (
    select
        log.agency as unit,
        log.complaint_id,
        log.event_time as ended_at,
        stints.category,
        epoch(stints.ended_at - stints.started_at) as seconds,
        log.simulated
    from complaint_log as log
    join complaint_stints as stints
        on stints.complaint_id = log.complaint_id
        and stints.ended_at = log.event_time
        and stints.simulated = log.simulated
    where log.event_time > $since::timestamptz
        and log.event_time <= $event_time
        and log.known_time <= $known_time
        and log.status = 'Selesai'
        and log.agency is not null
        and stints.ending = 'finished'
        and stints.known_day >= $since::timestamptz::date
        -- A log whose beginning is not known does not tell how long it took.
        and stints.ended_at > stints.started_at
    qualify not log.simulated or bool_and(log.simulated) over ()
),

categories as (
    select
        category,
        least(
            $floor_s,
            exp(
                median(ln(seconds))
                - 2.326 * (quantile_cont(ln(seconds), 0.75) - quantile_cont(ln(seconds), 0.25)) / 1.349
            )
        ) as bound_s
    from closings
    group by category
),

judged as (
    select closings.*, seconds < bound_s as too_fast
    from closings
    join categories on categories.category is not distinct from closings.category
)

select
    unit,
    count(*) as n,
    count(*)::double as weight,
    list(complaint_id order by ended_at desc, complaint_id) filter (where too_fast) as complaint_ids,
    list(category order by ended_at desc, complaint_id) filter (where too_fast) as against,
    list(seconds order by ended_at desc, complaint_id) filter (where too_fast) as measures,
    any_value(simulated) as simulated
from judged
group by unit
order by unit
