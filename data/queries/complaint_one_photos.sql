-- complaint_one_photos: what became of the photos of one complaint when they were asked for.
--
-- grain  one row a photo
-- reads  complaint_photos
--
-- which  varchar  sebelum or sesudah
-- state  varchar  stored, refused, unreachable, too_large or unreadable

select
    which,
    state
from complaint_photos
where complaint_id = $complaint_id
    and event_time <= $event_time
    and known_time <= $known_time
qualify row_number() over (partition by which order by event_time desc, known_time desc) = 1
order by which
