-- complaints_open: complaints of the last 30 days that are still open.
--
-- Times are numbers: ten thousand rows with TIMESTAMPTZ take a quarter of a second to fetch.
--
-- grain  one row a complaint, newest intake first
-- reads  complaint_versions, complaint_statuses, complaint_rules, feed_precedence, areas
--
-- complaint_id    varchar  report number
-- created_s       bigint   intake, seconds since 1970
-- event_s         bigint   last change, likewise
-- due_s           bigint   due by the rule in force on the day of intake, likewise
-- overdue         boolean  that has passed; null where there is no rule
-- category        varchar  category, as the source writes it
-- status          varchar  CRM state
-- agency          varchar  perangkat daerah that holds it
-- kelurahan_code  varchar  kelurahan of the problem
-- kelurahan       varchar  its name
-- lon             double   degrees; null where the source gives no point
-- lat             double   degrees
-- simulated       boolean  from the simulated city

with versions as (
    select
        complaint_versions.complaint_id,
        complaint_versions.created_at,
        complaint_versions.event_time,
        complaint_versions.known_time,
        complaint_versions.category,
        complaint_versions.status,
        complaint_versions.agency,
        complaint_versions.kelurahan_code,
        complaint_versions.lon,
        complaint_versions.lat,
        complaint_versions.simulated,
        coalesce(precedence.rank, 99) as rank
    from complaint_versions
    left join feed_precedence as precedence
        on precedence.table_name = 'complaint_versions'
        and precedence.feed = complaint_versions.feed
    where event_time > $event_time - interval 30 days
        and created_at > $event_time - interval 30 days
        and event_time <= $event_time
        and known_time <= $known_time
),

latest as (
    select *
    from versions
    qualify
        row_number() over (
            partition by complaint_id order by rank, event_time desc, known_time desc
        ) = 1
),

present as (
    select *
    from latest
    where $area = '31' or starts_with(kelurahan_code, $area)
    qualify not simulated or bool_and(simulated) over (partition by kelurahan_code)
)

select
    present.complaint_id,
    epoch(present.created_at)::bigint as created_s,
    epoch(present.event_time)::bigint as event_s,
    (epoch(present.created_at) + 3600 * rules.resolve_within_hours)::bigint as due_s,
    epoch(present.created_at) + 3600 * rules.resolve_within_hours
    < epoch($event_time::timestamptz) as overdue,
    present.category,
    present.status,
    present.agency,
    present.kelurahan_code,
    areas.name as kelurahan,
    present.lon,
    present.lat,
    present.simulated
from present
join complaint_statuses as statuses
    on statuses.status = present.status
    and not statuses.closed
left join complaint_rules as rules
    -- The calendar is asked about four rules, not about each complaint.
    on present.created_at >= rules.valid_from::timestamptz
    and present.created_at < (coalesce(rules.valid_to, date '9999-12-30') + 1)::timestamptz
left join areas on areas.code = present.kelurahan_code
order by present.created_at desc, present.complaint_id
