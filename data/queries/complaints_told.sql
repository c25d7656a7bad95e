-- complaints_told: some complaints with all that is said of them.
--
-- grain  one row a complaint, newest intake first
-- reads  complaint_versions, complaint_statuses, complaint_rules, feed_precedence, areas
--
-- complaint_id    varchar                   report number
-- created_at      timestamp with time zone  intake
-- event_time      timestamp with time zone  last change
-- known_time      timestamp with time zone  when that became known
-- known_assumed   boolean                   that is assumed: it was loaded afterwards
-- channel         varchar                   channel
-- category        varchar                   category, as the source writes it
-- status          varchar                   CRM state
-- closed          boolean                   finished or rejected
-- agency          varchar                   office that holds it, or held it last
-- kelurahan_code  varchar                   kelurahan of the problem
-- kelurahan       varchar                   its name
-- kecamatan       varchar                   name of its kecamatan
-- lon             double                    degrees; null where the source gives no point
-- lat             double                    degrees
-- geotagged       boolean                   the reporter's device told the place
-- address         varchar                   place of the problem in words
-- text            varchar                   what was reported, without personal data
-- reopened        integer                   how often it was opened again
-- closed_at       timestamp with time zone  when it was finished or rejected; null while open
-- due_at          timestamp with time zone  due by the rule in force on the day of intake
-- overdue         boolean                   finished after that, or open beyond it
-- simulated       boolean                   from the simulated city
-- event_us        bigint                    last change, microseconds since 1970

with versions as (
    select complaint_versions.*, coalesce(precedence.rank, 99) as rank
    from complaint_versions
    left join feed_precedence as precedence
        on precedence.table_name = 'complaint_versions'
        and precedence.feed = complaint_versions.feed
    where complaint_id in (select unnest($complaint_ids::varchar[]))
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and event_time >= $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
),

latest as (
    select unnest(arg_max(versions, (-rank, event_time, known_time)))
    from versions
    group by complaint_id
)

select
    latest.complaint_id,
    latest.created_at,
    latest.event_time,
    latest.known_time,
    latest.known_assumed,
    latest.channel,
    latest.category,
    latest.status,
    statuses.closed,
    latest.agency,
    latest.kelurahan_code,
    areas.name as kelurahan,
    parents.name as kecamatan,
    latest.lon,
    latest.lat,
    latest.geotagged,
    latest.address_public as address,
    latest.text_redacted as text,
    latest.reopened_count as reopened,
    if(statuses.closed, coalesce(latest.resolved_at, latest.event_time), null) as closed_at,
    latest.created_at + to_hours(rules.resolve_within_hours) as due_at,
    coalesce(closed_at, $event_time) > due_at as overdue,
    latest.simulated,
    epoch_us(latest.event_time) as event_us
from latest
join complaint_statuses as statuses on statuses.status = latest.status
left join complaint_rules as rules
    -- The calendar is asked about four rules, not about each complaint.
    on latest.created_at >= rules.valid_from::timestamptz
    and latest.created_at < (coalesce(rules.valid_to, date '9999-12-30') + 1)::timestamptz
left join areas on areas.code = latest.kelurahan_code
left join areas as parents on parents.code = left(latest.kelurahan_code, 8)
order by latest.created_at desc, latest.complaint_id desc
