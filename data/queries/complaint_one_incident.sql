-- complaint_one_incident: the reports of the incident that a complaint belongs to, itself left out.
--
-- grain  one row a report, the first one first
-- reads  complaint_incidents
--
-- complaint_id  varchar  report number
-- is_first      boolean  the first report, to which the others are joined
-- distance_m    double   metres from the first report; 0 for that one

with near as (
    select *
    from complaint_incidents
    where known_day >= $since::date - 1
        and known_day <= $since::date + 3
),

incident as (
    select coalesce(
        (select first_id from near where complaint_id = $complaint_id limit 1), $complaint_id
    ) as first_id
),

reports as (
    select
        near.complaint_id,
        false as is_first,
        near.distance_m
    from near
    join incident using (first_id)
    union all
    select
        first_id,
        true,
        0.0
    from incident
)

select
    complaint_id,
    is_first,
    distance_m
from reports
where complaint_id <> $complaint_id
order by is_first desc, complaint_id
