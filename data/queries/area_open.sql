-- area_open: incidents of an area with an open report, of all years, soonest due first.
--
-- A report of what another had reported already stands under its first. Who holds a complaint since
-- when is told by the stints of the days before, and by the log of the day itself. Times are
-- numbers: thousands of rows with TIMESTAMPTZ take longer to fetch than to find.
--
-- grain  one row an incident with an open report, in order of due_s, then created_s
-- reads  complaint_versions, complaint_stints, complaint_log, complaint_incidents, complaint_statuses, complaint_rules, feed_precedence, agencies, areas
--
-- complaint_id    varchar  report number: of the open report that is due first
-- reports         bigint   reports of the incident, open or not
-- created_s       bigint   intake, seconds since 1970
-- due_s           bigint   due by the rule of that day, likewise; null where there was none
-- category        varchar  category, as the source writes it
-- status          varchar  CRM state
-- agency          varchar  who holds it
-- office          varchar  code of the area whose office that is; null for a perangkat daerah
-- held_s          bigint   since when, seconds since 1970; null where the log does not tell
-- held_due_s      bigint   end of the time that the holder has by the same rule, likewise
-- respond_s       bigint   end of the time to answer, where nobody has; likewise
-- kelurahan_code  varchar  kelurahan of the problem
-- kelurahan       varchar  its name
-- place           varchar  where in it
-- reopened        integer  how often it was opened again
-- event_s         bigint   newest change, seconds since 1970
-- simulated       boolean  from the simulated city

with moment as (
    select
        least($event_time::timestamptz, $known_time::timestamptz)::date as today
),

versions as (
    select
        complaint_versions.*,
        -- Whose word counts: the better feed's, and of one feed the newer event's.
        epoch_us(event_time) - coalesce(precedence.rank, 99) * 10_000_000_000_000_000 as weight
    from complaint_versions
    left join feed_precedence as precedence
        on precedence.table_name = 'complaint_versions'
        and precedence.feed = complaint_versions.feed
    where event_time <= $event_time
        and known_time <= $known_time
        and starts_with(kelurahan_code, $area)
),

newest as (
    select
        complaint_id,
        arg_max(
            struct_pack(
                created_at,
                event_time,
                category,
                status,
                agency,
                kelurahan_code,
                address_public,
                first_response_at,
                reopened_count,
                simulated
            ),
            weight
        ) as told
    from versions
    group by complaint_id
),

present as (
    select
        complaint_id,
        told.*,
        told.created_at::date as day
    from newest
    qualify not told.simulated or bool_and(told.simulated) over (partition by told.kelurahan_code)
),

running as (
    select complaint_id, max(started_at) as since
    from complaint_stints
    where known_day < (select today from moment)
        and starts_with(kelurahan_code, $area)
    group by complaint_id
    having count(*) filter (where ending is null) > count(ending)
),

-- What changed hands, or was opened again, on the day itself.
today as (
    select complaint_id, max(event_time) as since
    from (
        select
            complaint_id,
            event_time,
            agency is distinct from lag(agency) over arrived
                or lag(status) over arrived in ('Selesai', 'Ditolak') as begins,
            lag(event_time) over arrived is null as is_first
        from complaint_log
        where event_time > $event_time - interval 2 days
            and event_time <= $event_time
            and known_time <= $known_time
        window arrived as (partition by complaint_id order by event_time)
    )
    where begins
        and (not is_first or complaint_id not in (select complaint_id from running))
    group by complaint_id
),

judged as (
    select
        present.*,
        greatest(running.since, today.since) as since,
        rules.respond_within_hours,
        rules.resolve_within_hours,
        present.created_at + to_hours(rules.resolve_within_hours) as ends_at,
        coalesce(incidents.first_id, present.complaint_id) as incident_id
    from present
    join complaint_statuses as statuses on statuses.status = present.status
    left join running using (complaint_id)
    left join today using (complaint_id)
    left join complaint_incidents as incidents
        on incidents.complaint_id = present.complaint_id
        and incidents.simulated = present.simulated
        and incidents.known_day <= $known_time::timestamptz::date
    left join complaint_rules as rules
        on present.day >= rules.valid_from
        and present.day <= coalesce(rules.valid_to, date '9999-12-31')
    where not statuses.closed
),

joined as (
    select first_id, count(*) as reports
    from complaint_incidents
    -- Not all that became known on the day were known at the moment.
    semi join newest using (complaint_id)
    where known_day <= $known_time::timestamptz::date
    group by first_id
)

select
    judged.complaint_id,
    1 + coalesce(joined.reports, 0) as reports,
    epoch(judged.created_at)::bigint as created_s,
    epoch(judged.ends_at)::bigint as due_s,
    judged.category,
    judged.status,
    judged.agency,
    agencies.area_code as office,
    epoch(judged.since)::bigint as held_s,
    epoch(judged.since + to_hours(judged.resolve_within_hours))::bigint as held_due_s,
    case
        when judged.first_response_at is null
        then epoch(judged.created_at + to_hours(judged.respond_within_hours))::bigint
    end as respond_s,
    judged.kelurahan_code,
    areas.name as kelurahan,
    judged.address_public as place,
    coalesce(judged.reopened_count, 0) as reopened,
    epoch(judged.event_time)::bigint as event_s,
    judged.simulated
from judged
left join joined on joined.first_id = judged.incident_id
left join agencies
    on agencies.agency = judged.agency
    and agencies.kind in ('kelurahan', 'kecamatan', 'kota')
left join areas on areas.code = judged.kelurahan_code
qualify
    row_number() over (
        partition by judged.incident_id
        order by judged.ends_at nulls last, judged.created_at, judged.complaint_id
    ) = 1
order by due_s nulls last, created_s, judged.complaint_id
