-- brief_overdue: how the overdue complaints differ between some moments and the last one.
--
-- As in complaints_backlog every rule gives less than 30 days, so that what is open and older is
-- late. A complaint that was known before the span is taken as open until its first change in it.
--
-- grain  one row a moment, oldest first
-- reads  complaint_versions, complaint_statuses, complaint_rules
--
-- moment        timestamp with time zone  one of $moments
-- open_change   bigint                    open at $until, less those open at the moment
-- in_time       bigint                    open at the moment and within their time
-- simulated     boolean                   counted from simulated rows

with moments as (
    select unnest($moments::timestamptz[]) as moment
),

versions as (
    select
        complaint_versions.complaint_id,
        complaint_versions.created_at,
        complaint_versions.event_time,
        not statuses.closed as open,
        complaint_versions.simulated,
        lead(complaint_versions.event_time) over (
            partition by complaint_versions.simulated, complaint_versions.complaint_id
            order by complaint_versions.event_time, complaint_versions.known_time
        ) as until,
        row_number() over (
            partition by complaint_versions.simulated, complaint_versions.complaint_id
            order by complaint_versions.event_time, complaint_versions.known_time
        ) as ordinal
    from complaint_versions
    join complaint_statuses as statuses on statuses.status = complaint_versions.status
    where complaint_versions.event_time > $since
        and complaint_versions.event_time <= $until
        and complaint_versions.known_time <= $known_time
),

counted as (
    select
        versions.*,
        epoch(versions.created_at) + 3600 * rules.resolve_within_hours as due_s
    from versions
    left join complaint_rules as rules
        -- The calendar is asked about four rules, not about each complaint.
        on versions.created_at >= rules.valid_from::timestamptz
        and versions.created_at < (coalesce(rules.valid_to, date '9999-12-30') + 1)::timestamptz
    where versions.simulated = (select bool_and(simulated) from versions)
),

spans as (
    select event_time as begin_time, until as end_time, created_at, due_s
    from counted
    where open
    union all by name
    -- What came in before the span was open until the first that is said of it in the span.
    select created_at as begin_time, event_time as end_time, created_at, due_s
    from counted
    where ordinal = 1 and created_at < event_time
),

standing as (
    select
        moments.moment,
        count(spans.begin_time) as open,
        count(*) filter (
            due_s >= epoch(moments.moment)
            and created_at > moments.moment - interval 30 days
        ) as in_time
    from moments
    left join spans
        on spans.begin_time <= moments.moment
        and (spans.end_time is null or spans.end_time > moments.moment)
    group by moments.moment
)

select
    standing.moment,
    (
        select count(*) from spans where begin_time <= $until and end_time is null
    ) - standing.open as open_change,
    standing.in_time,
    (select bool_and(simulated) from versions) as simulated
from standing
where (select bool_and(simulated) from versions) is not null
order by standing.moment
