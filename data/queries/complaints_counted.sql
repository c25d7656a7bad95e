-- complaints_counted: how many complaints of a window answer to a search, and how they stand.
--
-- Joined reports are counted like any other; one that was moved to another place or category since
-- is counted in both. On a day with real complaints simulated ones do not
-- count.
--
-- grain  one row
-- reads  complaint_versions, complaint_days, complaint_statuses, complaint_rules
--
-- found      bigint   complaints
-- open       bigint   of those, neither finished nor rejected
-- late       bigint   of those open, beyond the rule in force on the day of intake
-- late_done  bigint   finished or rejected after that
-- unjudged   bigint   without a rule on the day of intake
-- simulated  boolean  counted from simulated rows alone; null without rows

with real_days as (
    select distinct known_day
    from complaint_days
    where not simulated
        and received > 0
        and known_day >= $since::date - 1
        and known_day <= $until::date
),

latest as (
    select
        complaint_id,
        any_value(created_at) as created_at,
        arg_max(status, event_time) as status,
        arg_max(agency, event_time) as agency,
        max(reopened_count) as reopened_count,
        coalesce(arg_max(resolved_at, event_time), max(event_time)) as changed_at,
        any_value(simulated) as simulated
    from complaint_versions
    where created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and event_time >= $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and ($area = '31' or starts_with(kelurahan_code, $area))
        and ($category is null or category = $category)
        and ($channel is null or channel = $channel)
        and (
            $words::varchar[] is null
            or list_bool_and(
                [
                    contains(lower(concat_ws(' ', text_redacted, address_public)), word)
                    for word in $words::varchar[]
                ]
            )
        )
        and (not simulated or created_at::date not in (select known_day from real_days))
    group by complaint_id
),

judged as (
    select
        latest.*,
        statuses.closed,
        latest.created_at + to_hours(rules.resolve_within_hours) as due_at,
        if(statuses.closed, changed_at, $event_time) > due_at as overdue
    from latest
    join complaint_statuses as statuses on statuses.status = latest.status
    left join complaint_rules as rules
        on latest.created_at::date >= rules.valid_from
        and latest.created_at::date <= coalesce(rules.valid_to, date '9999-12-31')
)

select
    count(*) as found,
    count(*) filter (where not closed) as open,
    count(*) filter (where not closed and overdue) as late,
    count(*) filter (where closed and overdue) as late_done,
    count(*) filter (where due_at is null) as unjudged,
    bool_and(simulated) as simulated
from judged
where ($offices::varchar[] is null or list_contains($offices::varchar[], agency))
    and ($state is null or status = $state)
    and ($closed is null or closed = $closed)
    and (not $late or overdue)
    and (not $reopened or reopened_count > 0)
    and ($due_before is null or (not closed and due_at > $event_time and due_at <= $due_before))
