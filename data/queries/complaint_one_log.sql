-- complaint_one_log: the changes of state and the hand-overs of one complaint.
--
-- An office of an area is a unit of its own; any other agency counts for its perangkat daerah.
--
-- grain  one row an entry, in the order in which they became known
-- reads  complaint_log, agencies
--
-- event_time     timestamp with time zone  of the change
-- known_time     timestamp with time zone  when it became known
-- known_assumed  boolean                   that is assumed: it was loaded afterwards
-- status         varchar                   CRM state
-- agency         varchar                   office that has it from then on; null where not told
-- unit           varchar                   unit of that office
-- simulated      boolean                   from the simulated city

select
    logged.event_time,
    logged.known_time,
    logged.known_assumed,
    logged.status,
    logged.agency,
    if(
        agencies.agency is null or agencies.kind in ('kelurahan', 'kecamatan', 'kota'),
        logged.agency,
        agencies.perangkat_daerah
    ) as unit,
    logged.simulated
from complaint_log as logged
left join agencies on agencies.agency = logged.agency
where logged.complaint_id = $complaint_id
    and logged.event_time >= $since
    and logged.event_time <= $event_time
    and logged.known_time <= $known_time
order by logged.known_time, logged.event_time
