-- complaints_surging: what came in of each category within a day, beside the usual of a day.
--
-- The usual is the mean of the 28 days before, with half a complaint more, so that a category
-- without any has no usual of zero. Where a real feed spoke within these days, simulated rows do not
-- count.
--
-- grain  one row a category, in order of category
-- reads  complaint_versions
--
-- category   varchar  category, as the source writes it
-- received   bigint   complaints that came in within 24 hours
-- usual      double   mean of a day of the 28 days before
-- simulated  boolean  counted from simulated rows

with versions as (
    select complaint_id, created_at, event_time, category, simulated
    from complaint_versions
    where event_time > $event_time - interval 29 days
        and event_time <= $event_time
        and known_time <= $known_time
        and created_at > $event_time - interval 29 days
        and ($area = '31' or starts_with(kelurahan_code, $area))
        and category is not null
),

intake as (
    select
        complaint_id,
        any_value(created_at) as created_at,
        arg_max(category, event_time) as category,
        any_value(simulated) as simulated
    from versions
    where simulated = (select bool_and(simulated) from versions)
    group by complaint_id
)

select
    category,
    count(*) filter (where created_at > $event_time - interval 1 day) as received,
    (count(*) filter (where created_at <= $event_time - interval 1 day) + 0.5) / 28 as usual,
    bool_and(simulated) as simulated
from intake
group by category
order by category
