-- stints_begin: since when complaints are told.
--
-- What came in before is told only where it was still open then. Simulated stints count where there
-- are no others.
--
-- grain  one row
-- reads  complaint_stints
--
-- begin_at  timestamp with time zone  the first stint's begin; null without stints

select min(started_at) as begin_at
from complaint_stints
where simulated = (select bool_and(simulated) from complaint_stints)
