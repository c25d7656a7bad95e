-- complaints_found: complaints that came in within a window and answer to a search.
--
-- A joined report (complaint_incidents) stands behind its first report, and alone where that one
-- does not answer to the search: a first report is at most three hours older, so that the window is
-- read that much further. Place, category, channel and words choose rows, not complaints: one that
-- was moved to another place or category since is found in both, and whoever reads it whole
-- (complaints_told) sees it. On a day with real complaints simulated ones do not count.
--
-- grain  one row a complaint, newest intake first, or oldest first
-- reads  complaint_versions, complaint_days, complaint_incidents, complaint_statuses, complaint_rules, feed_precedence, areas
--
-- complaint_id    varchar  report number
-- created_us      bigint   intake, microseconds since 1970
-- created_s       bigint   intake, seconds since 1970
-- event_s         bigint   last change, likewise
-- due_s           bigint   due by the rule in force on the day of intake, likewise
-- overdue         boolean  finished after that, or open beyond it; null where there is no rule
-- category        varchar  category, as the source writes it
-- status          varchar  CRM state
-- closed          boolean  finished or rejected
-- agency          varchar  office that holds it, or held it last
-- kelurahan_code  varchar  kelurahan of the problem
-- kelurahan       varchar  its name
-- lon             double   degrees; null where the source gives no point
-- lat             double   degrees
-- simulated       boolean  from the simulated city
-- event_us        bigint   last change, microseconds since 1970
-- joined          varchar[]  reports joined to it; null without any

with real_days as (
    select distinct epoch_ms(known_day::timestamp) // 86_400_000 as day
    from complaint_days
    where not simulated
        and received > 0
        and known_day >= $since::date - 1
        and known_day <= $until::date
),

versions as (
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
        complaint_versions.resolved_at,
        complaint_versions.reopened_count,
        complaint_versions.simulated,
        coalesce(precedence.rank, 99) as rank
    from complaint_versions
    left join feed_precedence as precedence
        on precedence.table_name = 'complaint_versions'
        and precedence.feed = complaint_versions.feed
    where created_at >= $since::timestamptz - interval 3 hours
        and created_at < $until::timestamptz
        -- For the scan: nothing changes before it came in.
        and event_time >= $since::timestamptz - interval 3 hours
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
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        and (
            not simulated
            or (epoch_ms(created_at) + 25_200_000) // 86_400_000 not in (select day from real_days)
        )
),

latest as (
    select unnest(arg_max(versions, (-rank, event_time, known_time)))
    from versions
    group by complaint_id
),

judged as (
    select
        latest.*,
        statuses.closed,
        latest.created_at + to_hours(rules.resolve_within_hours) as due_at,
        if(statuses.closed, coalesce(resolved_at, event_time), $event_time) > due_at as overdue
    from latest
    join complaint_statuses as statuses on statuses.status = latest.status
    left join complaint_rules as rules
        -- The calendar is asked about four rules, not about each complaint.
        on latest.created_at >= rules.valid_from::timestamptz
        and latest.created_at < (coalesce(rules.valid_to, date '9999-12-30') + 1)::timestamptz
),

matching as (
    select *
    from judged
    where ($offices::varchar[] is null or list_contains($offices::varchar[], agency))
        and ($state is null or status = $state)
        and ($closed is null or closed = $closed)
        and (not $late or overdue)
        and (not $reopened or reopened_count > 0)
        and (
            $due_before is null
            or (not closed and due_at > $event_time and due_at <= $due_before)
        )
),

folded as materialized (
    select complaint_incidents.complaint_id, complaint_incidents.first_id
    from complaint_incidents
    where known_day >= $since::date - 1
        and known_day <= $until::date + 3
        and first_id in (select complaint_id from matching)
),

incidents as (
    select first_id, list(complaint_id order by complaint_id) as joined
    from folded
    group by first_id
)

select
    matching.complaint_id,
    epoch_us(matching.created_at) as created_us,
    epoch(matching.created_at)::bigint as created_s,
    epoch(matching.event_time)::bigint as event_s,
    epoch(matching.due_at)::bigint as due_s,
    matching.overdue,
    matching.category,
    matching.status,
    matching.closed,
    matching.agency,
    matching.kelurahan_code,
    areas.name as kelurahan,
    matching.lon,
    matching.lat,
    matching.simulated,
    epoch_us(matching.event_time) as event_us,
    incidents.joined
from matching
left join incidents on incidents.first_id = matching.complaint_id
left join areas on areas.code = matching.kelurahan_code
where matching.created_at >= $since
    and matching.complaint_id not in (select complaint_id from folded)
    -- The row on which the page before ended, and what shares its instant up to it.
    and (
        $edge_id is null
        or matching.created_at <> $edge
        or if($oldest_first, matching.complaint_id > $edge_id, matching.complaint_id < $edge_id)
    )
order by
    if($oldest_first, matching.created_at, null),
    if($oldest_first, matching.complaint_id, null),
    matching.created_at desc,
    matching.complaint_id desc
limit $most
