-- rule_values: what the rule in force makes of the complaints of each unit, as pay follows it.
--
-- Counted are complaints, joined reports among them, that came in during the period and are due
-- before the cut. Whoever held them, they count for the area where the problem is; for the
-- perangkat daerah that held them last. Late is what was not finished within the rule's time from
-- intake, opened again or not.
--
-- grain  one row a unit with complaints, in order of unit
-- reads  complaint_stints, complaint_rules, agencies
--
-- unit        varchar  code of the area, or name of the perangkat daerah
-- received    bigint   complaints that came in
-- due         bigint   of those, due before the cut
-- finished    bigint   of those due, finished or rejected
-- on_time     bigint   of those, within the time
-- late        bigint   finished later, or still open: a red flag each
-- open        bigint   of those late, still open
-- late_here   bigint   of those late, which the unit itself held beyond its time
-- reopened    bigint   complaints that were opened again
-- simulated   boolean  counted from simulated rows

with stints as (
    select *
    from complaint_stints
    where known_day < $cut::date
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and ($category is null or category = $category)
        and ($channel is null or channel = $channel)
),

complaints as (
    select
        complaint_id,
        any_value(created_at) as created_at,
        any_value(kelurahan_code) as kelurahan_code,
        arg_max(unit, started_at) as holder,
        count(*) filter (where ended_at is null) > count(ended_at) as open,
        count(*) filter (where ending in ('finished', 'rejected')) as closings,
        max(ended_at) filter (where ending in ('finished', 'rejected')) as closed_at,
        bool_or(not on_time and starts_with(unit, 'KELURAHAN ')) as late_at_office,
        arg_max(not on_time, started_at) filter (where ended_at is not null) as late_at_holder,
        any_value(simulated) as simulated
    from stints
    where simulated = (select bool_and(simulated) from stints)
    group by complaint_id
),

judged as (
    select
        if(
            $level = 'agency',
            holder,
            left(kelurahan_code, if($level = 'kelurahan', 13, if($level = 'kecamatan', 8, 5)))
        ) as unit,
        complaints.* exclude (late_at_office, late_at_holder),
        coalesce(if($level = 'agency', late_at_holder or open, late_at_office), false) as late_here,
        created_at + to_hours(rules.resolve_within_hours) as due_at,
        due_at <= $cut::timestamptz as due,
        not open and closed_at <= due_at as on_time
    from complaints
    left join complaint_rules as rules
        on created_at::date >= rules.valid_from
        and created_at::date <= coalesce(rules.valid_to, date '9999-12-31')
)

select
    unit,
    count(*) as received,
    count(*) filter (where due) as due,
    count(*) filter (where due and not open) as finished,
    count(*) filter (where due and on_time) as on_time,
    count(*) filter (where due and not on_time) as late,
    count(*) filter (where due and open) as open,
    count(*) filter (where due and not on_time and late_here) as late_here,
    count(*) filter (where closings > 1 or (open and closings > 0)) as reopened,
    bool_and(simulated) as simulated
from judged
left join agencies on agencies.agency = judged.unit
where unit is not null
    and ($level <> 'agency' or agencies.kind is null
        or agencies.kind not in ('kelurahan', 'kecamatan', 'kota'))
group by unit
order by unit
