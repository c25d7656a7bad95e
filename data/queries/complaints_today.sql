-- complaints_today: what came in and was finished since midnight (WIB), beside the usual intake.
--
-- The usual is the median of the same weekday of the four weeks before, up to the same time of day.
-- Where a real feed spoke within the four weeks, simulated rows do not count.
--
-- grain  one row
-- reads  complaint_versions
--
-- received        bigint                    intake since midnight
-- received_usual  double                    the usual, null without rows on all four days
-- finished        bigint                    finished since midnight
-- event_time      timestamp with time zone  newest change; null without rows
-- simulated       boolean                   counted from simulated rows; null without rows

with versions as (
    select complaint_id, created_at, event_time, status, resolved_at, simulated
    from complaint_versions
    where event_time > date_trunc('day', $event_time::timestamptz) - interval 28 days
        and event_time <= $event_time
        and known_time <= $known_time
        and ($area = '31' or starts_with(kelurahan_code, $area))
),

counted as (
    select *
    from versions
    where simulated = (select bool_and(simulated) from versions)
),

days as (
    select
        weeks.ago,
        count(distinct complaint_id) as received
    from (select unnest([0, 1, 2, 3, 4]) as ago) as weeks
    left join counted
        on created_at >= date_trunc('day', $event_time::timestamptz) - to_days(7 * weeks.ago)
        and created_at <= $event_time::timestamptz - to_days(7 * weeks.ago)
    group by weeks.ago
),

finished as (
    select count(distinct complaint_id) as finished
    from counted
    where status = 'Selesai'
        and event_time >= date_trunc('day', $event_time::timestamptz)
        and coalesce(resolved_at, event_time) >= date_trunc('day', $event_time::timestamptz)
)

select
    max(days.received) filter (where days.ago = 0) as received,
    case
        when min(days.received) filter (where days.ago > 0) > 0
        then median(days.received) filter (where days.ago > 0)
    end as received_usual,
    any_value(finished.finished) as finished,
    (select max(event_time) from counted) as event_time,
    (select bool_and(simulated) from counted) as simulated
from days
cross join finished
