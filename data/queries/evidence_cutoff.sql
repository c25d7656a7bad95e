-- evidence_cutoff: complaints finished in the last minutes of a month, just before the cut-off.
--
-- What is usual is what the office finishes in the same minutes of other days, or would if it
-- worked at that hour as the city does, whichever is more.
--
-- grain  one row an office that finished some
-- reads  complaint_log
--
-- unit           varchar    office that finished them
-- n              bigint     finished complaints
-- weight         double     usual in as many of those minutes
-- complaint_ids  varchar[]  those of the last minutes, newest first
-- against        varchar[]  for each the month, such as 2026-02
-- measures       double[]   for each the seconds before midnight
-- simulated      boolean    counted from simulated rows

with closings as (
    select
        agency as unit,
        complaint_id,
        event_time as ended_at,
        epoch(date_trunc('day', event_time) + interval 1 day - event_time) as left_s,
        event_time::date = last_day(event_time::date) as last,
        simulated
    from complaint_log
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and status = 'Selesai'
        and agency is not null
    qualify not simulated or bool_and(simulated) over ()
),

days as (
    select
        count(*) filter (where day = last_day(day)) as last_days,
        count(*) filter (where day <> last_day(day)) as other_days
    from (
        select unnest(
            generate_series($since::timestamptz::date, $event_time::date, interval 1 day)
        )::date as day
    )
),

city as (
    select count(*) filter (where not last and left_s <= 60 * $last_minutes) / count(*) as late_share
    from closings
),

offices as (
    select
        unit,
        count(*) as n,
        count(*) filter (where not last and left_s <= 60 * $last_minutes) as other,
        list(complaint_id order by ended_at desc, complaint_id)
            filter (where last and left_s <= 60 * $last_minutes) as complaint_ids,
        list(strftime(ended_at, '%Y-%m') order by ended_at desc, complaint_id)
            filter (where last and left_s <= 60 * $last_minutes) as against,
        list(left_s order by ended_at desc, complaint_id)
            filter (where last and left_s <= 60 * $last_minutes) as measures,
        any_value(simulated) as simulated
    from closings
    group by unit
)

select
    unit,
    n,
    greatest(other, n * late_share) * last_days / greatest(other_days, 1) as weight,
    complaint_ids,
    against,
    measures,
    simulated
from offices, city, days
order by unit
