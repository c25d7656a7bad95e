-- rule_values: what the rule in force makes of the complaints of each unit, as pay follows it.
--
-- Counted are complaints, joined reports among them, that came in during the period and are due
-- before the cut. Whoever held them, they count for the area where the problem is; for the
-- perangkat daerah that held them last. Late is what was not finished within the rule's time from
-- intake, opened again or not.
--
-- grain  one row a unit with complaints, in order of unit
-- part   period_complaints
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

with judged as (
    select
        if(
            $level = 'agency',
            holder,
            left(kelurahan_code, if($level = 'kelurahan', 13, if($level = 'kecamatan', 8, 5)))
        ) as unit,
        open,
        closings,
        coalesce(if($level = 'agency', late_at_holder, late_at_office), false) as late_here,
        -- Numbers, not intervals: these are the calendar's, which takes much longer.
        epoch_us(created_at) + rules.resolve_within_hours * 3_600_000_000 as due_us,
        due_us <= epoch_us($cut::timestamptz) as due,
        not open and epoch_us(closed_at) <= due_us as on_time,
        simulated
    from period_complaints
    left join complaint_rules as rules
        -- The calendar is asked about four rules, not about each complaint.
        on created_at >= rules.valid_from::timestamptz
        and created_at < (coalesce(rules.valid_to, date '9999-12-30') + 1)::timestamptz
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
    and simulated = (select bool_and(simulated) from judged)
    and ($level <> 'agency' or agencies.kind is null
        or agencies.kind not in ('kelurahan', 'kecamatan', 'kota'))
group by unit
order by unit
