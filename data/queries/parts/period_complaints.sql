-- period_complaints: the complaints that came in during a period, as they stand at the cut.
--
-- Joined reports count by themselves. Real and simulated complaints are among them.
--
-- grain  one row a complaint and origin
--
-- complaint_id    varchar                   report number
-- created_at      timestamp with time zone  intake
-- kelurahan_code  varchar                   kelurahan of the problem at intake
-- holder          varchar                   unit that held it last
-- open            boolean                   neither finished nor rejected, or opened again
-- closings        bigint                    how often it was finished or rejected
-- closed_at       timestamp with time zone  when that was last; null where never
-- late_at_office  boolean                   an office of a kelurahan held or holds it beyond its time
-- late_at_holder  boolean                   the unit that has it, or had it last, did so beyond its time
-- simulated       boolean                   from the simulated city
select
    complaint_id,
    any_value(created_at) as created_at,
    any_value(kelurahan_code) as kelurahan_code,
    arg_max(unit, started_at) as holder,
    count(*) filter (where ended_at is null) > count(ended_at) as open,
    count(*) filter (where ending <> 'handed') as closings,
    max(ended_at) filter (where ending <> 'handed') as closed_at,
    if(
        count(*) filter (where ended_at is null) > count(ended_at),
        arg_max(due_at, started_at) <= $cut::timestamptz,
        arg_max(not on_time, started_at) filter (where ended_at is not null)
    ) as late_at_holder,
    bool_or(not on_time and starts_with(unit, 'KELURAHAN '))
    or (late_at_holder and starts_with(holder, 'KELURAHAN ')) as late_at_office,
    simulated
from complaint_stints
where known_day < $cut::date
    and created_at >= $since::timestamptz
    and created_at < $until::timestamptz
    and ($category is null or category = $category)
    and ($channel is null or channel = $channel)
group by complaint_id, simulated
