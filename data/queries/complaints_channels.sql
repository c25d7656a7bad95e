-- complaints_channels: what came in by each channel, and how it was handled.
--
-- Counted are complaints of the period as known at the cut, joined reports among them. On time are
-- those finished within the rule's time from intake, of those that are due before the cut. Where a
-- real feed spoke in the period, simulated rows do not count.
--
-- grain  one row a channel, the one with most complaints first
-- reads  complaint_stints, complaint_rules
--
-- channel    varchar  channel
-- received   bigint   complaints that came in
-- geotagged  bigint   of those, with a place told by the reporter's device
-- due        bigint   of those received, due before the cut
-- on_time    bigint   of those due, finished in time
-- finished   bigint   of those received, finished or rejected
-- hours_p50  double   hours from intake to the end that half of those took at most
-- simulated  boolean  counted from simulated rows

with stints as (
    select *
    from complaint_stints
    where known_day < $cut::date
        and known_day >= $since::date
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and ($area = '31' or starts_with(kelurahan_code, $area))
        and ($category is null or category = $category)
        and ($channel is null or channel = $channel)
),

complaints as (
    select
        complaint_id,
        any_value(channel) as channel,
        any_value(created_at) as created_at,
        any_value(geotagged) as geotagged,
        count(*) filter (where ended_at is null) > count(ended_at) as open,
        max(ended_at) as ended_at
    from stints
    where simulated = (select bool_and(simulated) from stints)
    group by complaint_id
),

judged as (
    select
        complaints.*,
        created_at + to_hours(rules.resolve_within_hours) as due_at,
        due_at < $cut::timestamptz as due
    from complaints
    left join complaint_rules as rules
        on created_at::date >= rules.valid_from
        and created_at::date <= coalesce(rules.valid_to, date '9999-12-31')
)

select
    channel,
    count(*) as received,
    count(*) filter (where geotagged) as geotagged,
    count(*) filter (where due) as due,
    count(*) filter (where due and not open and ended_at <= due_at) as on_time,
    count(*) filter (where not open) as finished,
    (quantile_cont(epoch(ended_at - created_at), 0.5) filter (where not open)) / 3600 as hours_p50,
    (select bool_and(simulated) from stints) as simulated
from judged
where channel is not null
group by channel
order by received desc, channel
