-- cameras_ours: which of some cameras our server may fetch pictures of, and show.
--
-- grain  one row a camera of $camera_ids
-- reads  cameras
--
-- camera_id  varchar  camera

with newest as (
    select camera_id, arg_max(proxied, known_time) as proxied
    from cameras
    where list_contains($camera_ids, camera_id)
    group by camera_id
)

select camera_id
from newest
where proxied
order by camera_id
