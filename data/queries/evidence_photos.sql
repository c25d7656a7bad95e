-- evidence_photos: the after-photos of each office, by what they look like.
--
-- Photos of one incident may well be the same: one shows that all of its reports are dealt with.
--
-- grain  one row an office with after-photos
-- reads  complaint_versions, complaint_photos, complaint_incidents
--
-- unit           varchar                     office that finished them
-- complaint_ids  varchar[]                   complaints, oldest first
-- phashes        varchar[]                   for each the perceptual hash, 16 hex digits
-- incidents      varchar[]                   for each the first report of its incident
-- finished       timestamp with time zone[]  for each when it was finished
-- simulated      boolean                     counted from simulated rows

with photos as (
    select complaint_id, event_time, arg_max(phash, known_time) as phash
    from complaint_photos
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and which = 'sesudah'
        and state = 'stored'
    group by complaint_id, event_time
),

closings as (
    select
        versions.complaint_id,
        versions.resolved_at,
        arg_max(versions.agency, versions.known_time) as unit,
        any_value(photos.phash) as phash,
        any_value(coalesce(incidents.first_id, versions.complaint_id)) as first_id,
        any_value(versions.simulated) as simulated
    from complaint_versions as versions
    join photos
        on photos.complaint_id = versions.complaint_id
        and photos.event_time = versions.resolved_at
    left join complaint_incidents as incidents
        on incidents.complaint_id = versions.complaint_id
    where versions.event_time > $since::timestamptz
        and versions.event_time <= $event_time
        and versions.known_time <= $known_time
        and versions.status = 'Selesai'
        and versions.agency is not null
    group by versions.complaint_id, versions.resolved_at
)

select
    unit,
    list(complaint_id order by resolved_at, complaint_id) as complaint_ids,
    list(phash order by resolved_at, complaint_id) as phashes,
    list(first_id order by resolved_at, complaint_id) as incidents,
    list(resolved_at order by resolved_at, complaint_id) as finished,
    any_value(simulated) as simulated
from closings
where simulated = (select bool_and(simulated) from closings)
group by unit
order by unit
