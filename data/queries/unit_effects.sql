-- unit_effects: the stints of one unit that went furthest beyond their time.
--
-- Counted as in unit_scores. A stint that was handed over is measured by the time to coordinate,
-- any other by the time to finish; one that still runs, up to the cut.
--
-- grain  one row a late stint, furthest beyond its time first, at most $most
-- part   board_stints
-- reads  complaint_stints, complaint_incidents, complaint_rules, agencies
--
-- complaint_id    varchar                   report number
-- holder          varchar                   office that held it
-- category        varchar                   category at intake
-- channel         varchar                   channel
-- kelurahan_code  varchar                   kelurahan of the problem; null where not known
-- created_at      timestamp with time zone  intake of the complaint
-- started_at      timestamp with time zone  the office received it
-- ended_at        timestamp with time zone  end of the stint; null while it runs
-- ending          varchar                   handed, finished or rejected; null while it runs
-- allowed_h       double                    hours that the rule allows
-- held_h          double                    hours with the office
-- over_h          double                    hours beyond what the rule allows

with stints as (
    select
        complaint_id,
        unit as holder,
        any_value(category) as category,
        any_value(channel) as channel,
        any_value(kelurahan_code) as kelurahan_code,
        any_value(created_at) as created_at,
        started_at,
        max(ended_at) as ended_at,
        max(ending) as ending,
        any_value(due_at) as due_at,
        any_value(simulated) as simulated
    from board_stints
    where place = $unit
    group by complaint_id, unit, started_at
),

measured as (
    select
        stints.*,
        epoch(coalesce(ended_at, $cut::timestamptz) - started_at) / 3600 as held_h,
        if(
            ending = 'handed',
            coalesce(rules.coordinate_within_hours, rules.resolve_within_hours),
            rules.resolve_within_hours
        )::double as allowed_h
    from stints
    join complaint_rules as rules
        on created_at::date >= rules.valid_from
        and created_at::date <= coalesce(rules.valid_to, date '9999-12-31')
    where due_at <= $cut::timestamptz
        and simulated = (select bool_and(simulated) from stints)
)

select
    complaint_id,
    holder,
    category,
    channel,
    kelurahan_code,
    created_at,
    started_at,
    ended_at,
    ending,
    allowed_h,
    held_h,
    held_h - allowed_h as over_h
from measured
where held_h > allowed_h
order by over_h desc, complaint_id
limit $most
