-- complaint_one: what was said of one complaint, each time that something of it changed.
--
-- The last row is how it stands: of two feeds the better one's word counts.
--
-- grain  one row a version, in the order in which they count
-- reads  complaint_versions, complaint_statuses, complaint_rules, feed_precedence, areas
--
-- complaint_id          varchar                   report number
-- created_at            timestamp with time zone  intake
-- event_time            timestamp with time zone  of the change
-- known_time            timestamp with time zone  when that became known
-- known_assumed         boolean                   that is assumed: it was loaded afterwards
-- channel               varchar                   channel
-- category              varchar                   category, as the source writes it
-- status                varchar                   CRM state
-- closed                boolean                   finished or rejected
-- agency                varchar                   office that holds it, or held it last
-- kelurahan_code        varchar                   kelurahan of the problem
-- kelurahan             varchar                   its name
-- kecamatan             varchar                   name of its kecamatan
-- lon                   double                    degrees; null where the source gives no point
-- lat                   double                    degrees
-- geotagged             boolean                   the reporter's device told the place
-- address               varchar                   place of the problem in words
-- text                  varchar                   what was reported, without personal data
-- reopened              integer                   how often it was opened again
-- closed_at             timestamp with time zone  when it was finished or rejected; null while open
-- expected_at           timestamp with time zone  end that the source expects
-- verification          varchar                   result of Biro Pemerintahan; null where unknown
-- rating                double                    of the reporter, 0 to 5
-- photo_before          varchar                   the source has a picture of before
-- photo_after           varchar                   the source has a picture of after
-- due_at                timestamp with time zone  due by the rule of the day of intake
-- rule                  varchar                   that rule; null before the first
-- rule_since            date                      its first day
-- resolve_within_hours  bigint                    hours that it gives to finish
-- coordinate_within_hours  bigint                 hours that it gives to hand over; null where none
-- simulated             boolean                   from the simulated city

select
    versions.complaint_id,
    versions.created_at,
    versions.event_time,
    versions.known_time,
    versions.known_assumed,
    versions.channel,
    versions.category,
    versions.status,
    statuses.closed,
    versions.agency,
    versions.kelurahan_code,
    areas.name as kelurahan,
    parents.name as kecamatan,
    versions.lon,
    versions.lat,
    versions.geotagged,
    versions.address_public as address,
    versions.text_redacted as text,
    versions.reopened_count as reopened,
    if(statuses.closed, coalesce(versions.resolved_at, versions.event_time), null) as closed_at,
    versions.due_at as expected_at,
    versions.verification,
    versions.rating,
    versions.photo_before,
    versions.photo_after,
    versions.created_at + to_hours(rules.resolve_within_hours) as due_at,
    rules.rule,
    rules.valid_from as rule_since,
    rules.resolve_within_hours,
    rules.coordinate_within_hours,
    versions.simulated
from complaint_versions as versions
join complaint_statuses as statuses on statuses.status = versions.status
left join feed_precedence as precedence
    on precedence.table_name = 'complaint_versions'
    and precedence.feed = versions.feed
left join complaint_rules as rules
    on versions.created_at::date >= rules.valid_from
    and versions.created_at::date <= coalesce(rules.valid_to, date '9999-12-31')
left join areas on areas.code = versions.kelurahan_code
left join areas as parents on parents.code = left(versions.kelurahan_code, 8)
where versions.complaint_id = $complaint_id
    and versions.event_time <= $event_time
    and versions.known_time <= $known_time
order by coalesce(precedence.rank, 99) desc, versions.event_time, versions.known_time
