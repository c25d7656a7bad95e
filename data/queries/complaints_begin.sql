-- complaints_begin: when the oldest complaint came in.
--
-- grain  one row
-- reads  complaint_versions
--
-- begin_at  timestamp with time zone  its intake; null without complaints

select min(created_at) as begin_at
from complaint_versions
