-- duplicates_by_area: how often the incidents of each kelurahan were reported again while they lasted.
--
-- A rejected report is no incident. An incident can be reported again until it is finished; what
-- comes within three hours counts as the same.
--
-- grain  one row a kelurahan with incidents whose place is known
-- reads  complaint_versions, complaint_incidents
--
-- kelurahan_code  varchar  kelurahan
-- incidents       bigint   first reports
-- duplicates      bigint   further reports of them
-- hours           double   hours in which these could have come
-- simulated       boolean  counted from simulated rows

with reports as (
    select
        complaint_id,
        arg_min(kelurahan_code, known_time) as kelurahan_code,
        any_value(created_at) as created_at,
        max(resolved_at) as resolved_at,
        bool_or(status = 'Ditolak') as rejected,
        any_value(simulated) as simulated
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and created_at > $since::timestamptz
        and geotagged
        and kelurahan_code is not null
    group by complaint_id
    qualify not any_value(simulated) or bool_and(any_value(simulated)) over ()
),

incidents as (
    select *
    from reports
    where not rejected
        and complaint_id not in (select complaint_id from complaint_incidents)
        and created_at <= $event_time - interval 3 hours
),

further as (
    select first_id, count(*) as duplicates
    from complaint_incidents
    where known_day >= $since::timestamptz::date
    group by first_id
)

select
    incidents.kelurahan_code,
    count(*) as incidents,
    coalesce(sum(further.duplicates), 0)::bigint as duplicates,
    sum(
        least(3, greatest(0.05, epoch(coalesce(resolved_at, $event_time) - created_at) / 3_600))
    )::double as hours,
    any_value(simulated) as simulated
from incidents
left join further on further.first_id = incidents.complaint_id
group by incidents.kelurahan_code
order by incidents.kelurahan_code
