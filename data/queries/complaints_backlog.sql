-- complaints_backlog: how many complaints are open, of all that ever came in, and how many too long.
--
-- Days before today come from the rollup; today's changes from the versions that became known today.
-- Every rule gives less than 30 days, so that an open complaint is in time only if it came in within
-- them: those are counted, the others are late.
--
-- grain  one row
-- reads  complaint_days, complaint_versions, complaint_statuses, complaint_rules
--
-- open        bigint                    open complaints
-- late        bigint                    of those, beyond the rule in force on the day of intake
-- event_time  timestamp with time zone  newest change within 30 days; null without one
-- simulated   boolean                   counted from simulated rows; null without rows

with moment as (
    select
        least($event_time::timestamptz, $known_time::timestamptz) as until,
        date_trunc('day', least($event_time::timestamptz, $known_time::timestamptz)) as midnight
),

versions as (
    select
        complaint_versions.complaint_id,
        complaint_versions.created_at,
        complaint_versions.event_time,
        complaint_versions.known_time,
        complaint_versions.simulated,
        not statuses.closed as open
    from complaint_versions
    join complaint_statuses as statuses on statuses.status = complaint_versions.status
    where complaint_versions.event_time > $event_time - interval 30 days
        and complaint_versions.event_time <= $event_time
        and complaint_versions.known_time <= $known_time
        and ($area = '31' or starts_with(complaint_versions.kelurahan_code, $area))
),

days as (
    select
        bool_and(simulated) as simulated,
        sum(open_change) filter (where simulated) as simulated_open,
        sum(open_change) filter (where not simulated) as real_open
    from complaint_days
    -- For the scan, which compares with a value but not with a row of another table.
    where known_day < least($event_time::timestamptz, $known_time::timestamptz)::date
        and ($area = '31' or starts_with(kelurahan_code, $area))
),

origin as (
    select coalesce(
        (select bool_and(simulated) from versions),
        (select simulated from days)
    ) as simulated
),

counted as (
    select versions.*, versions.known_time < moment.midnight as earlier
    from versions
    cross join moment
    where simulated = (select simulated from origin)
),

latest as (
    select
        complaint_id,
        any_value(created_at) as created_at,
        bool_or(not earlier) as changed,
        arg_max(open, (event_time, known_time)) as open,
        coalesce(
            arg_max(open, (event_time, known_time)) filter (where earlier),
            any_value(created_at) < (select midnight from moment)
        ) as was_open
    from counted
    group by complaint_id
),

before as (
    select
        coalesce(if((select simulated from origin), simulated_open, real_open), 0) as open
    from days
),

today as (
    select coalesce(sum(open::integer - was_open::integer), 0) as change
    from latest
    where changed
),

in_time as (
    select count(*) as open
    from latest
    join complaint_rules as rules
        -- The calendar is asked about four rules, not about each complaint.
        on latest.created_at >= rules.valid_from::timestamptz
        and latest.created_at < (coalesce(rules.valid_to, date '9999-12-30') + 1)::timestamptz
    where latest.open
        and epoch(latest.created_at) + 3600 * rules.resolve_within_hours
        >= epoch($event_time::timestamptz)
)

select
    greatest(before.open + today.change, 0)::bigint as open,
    greatest(before.open + today.change - in_time.open, 0)::bigint as late,
    (select max(event_time) from counted) as event_time,
    origin.simulated
from before, today, in_time, origin
