-- complaint_one_spot: other complaints within so many metres of a point, that came in about then.
--
-- grain  one row a complaint, in order of intake
-- reads  complaint_versions, complaint_statuses
--
-- complaint_id  varchar                   report number
-- created_at    timestamp with time zone  intake
-- category      varchar                   category, as the source writes it
-- status        varchar                   CRM state
-- closed        boolean                   finished or rejected
-- lon           double                    degrees
-- lat           double                    degrees
-- distance_m    double                    metres from the point
-- simulated     boolean                   from the simulated city

with versions as (
    select
        complaint_id,
        created_at,
        event_time,
        known_time,
        category,
        status,
        lon,
        lat,
        simulated,
        -- Metres on a plane; at this latitude a degree of longitude is 0.994 of one of latitude.
        sqrt(((lon - $lon) * 110650) ** 2 + ((lat - $lat) * 110570) ** 2) as distance_m
    from complaint_versions
    where created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and event_time >= $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and lon between $lon - $within_m / 110000 and $lon + $within_m / 110000
        and lat between $lat - $within_m / 110000 and $lat + $within_m / 110000
        and complaint_id <> $complaint_id
),

latest as (
    select *
    from versions
    qualify
        row_number() over (
            partition by complaint_id order by event_time desc, known_time desc
        ) = 1
)

select
    latest.complaint_id,
    latest.created_at,
    latest.category,
    latest.status,
    statuses.closed,
    latest.lon,
    latest.lat,
    latest.distance_m,
    latest.simulated
from latest
join complaint_statuses as statuses on statuses.status = latest.status
where latest.distance_m <= $within_m
qualify not latest.simulated or bool_and(latest.simulated) over ()
order by latest.created_at, latest.complaint_id
