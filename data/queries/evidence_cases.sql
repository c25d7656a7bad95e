-- evidence_cases: what an inspector needs of some complaints: what, where, when, and their photos.
--
-- grain  one row a complaint that is known
-- reads  complaint_versions, complaint_photos, areas
--
-- complaint_id    varchar                   number of the report
-- category        varchar                   category
-- status          varchar                   CRM state
-- agency          varchar                   office that has it
-- kelurahan       varchar                   name of the kelurahan of the problem
-- kelurahan_code  varchar                   its code
-- address_public  varchar                   where the problem is
-- created_at      timestamp with time zone  intake
-- resolved_at     timestamp with time zone  when it was finished; null where it is not
-- before_state    varchar                   state of the before-photo; null where none was fetched
-- after_state     varchar                   state of the after-photo; null where none was fetched
-- taken_at        timestamp with time zone  when the after-photo says that it was taken
-- has_gps         boolean                   the after-photo says where
-- distance_m      double                    how far that is from the complaint

with latest as (
    select
        complaint_id,
        arg_max(
            struct_pack(
                category, status, agency, kelurahan_code, address_public, created_at, resolved_at
            ),
            (event_time, known_time)
        ) as told
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and list_contains($complaint_ids::varchar[], complaint_id)
    group by complaint_id
),

photos as (
    select
        complaint_id,
        arg_max(state, (event_time, known_time)) filter (where which = 'sebelum') as before_state,
        arg_max(
            struct_pack(state, taken_at, has_gps, distance_m), (event_time, known_time)
        ) filter (where which = 'sesudah') as after_photo
    from complaint_photos
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and list_contains($complaint_ids::varchar[], complaint_id)
    group by complaint_id
)

select
    latest.complaint_id,
    told.category,
    told.status,
    told.agency,
    areas.name as kelurahan,
    told.kelurahan_code,
    told.address_public,
    told.created_at,
    told.resolved_at,
    photos.before_state,
    after_photo.state as after_state,
    after_photo.taken_at,
    after_photo.has_gps,
    after_photo.distance_m
from latest
left join photos using (complaint_id)
left join areas on areas.code = told.kelurahan_code
order by latest.complaint_id
