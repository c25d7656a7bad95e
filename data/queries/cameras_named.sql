-- cameras_named: the cameras whose name holds every one of some words.
--
-- grain  one row a camera, shortest name first
-- reads  cameras
--
-- camera_id  varchar  camera
-- name       varchar  name
-- owner      varchar  who runs it
-- lon        double   degrees
-- lat        double   degrees

with list as (
    select *
    from cameras
    qualify row_number() over (partition by camera_id order by simulated, known_time desc) = 1
)

select camera_id, name, owner, lon, lat
from list
where lon is not null
    and lat is not null
    and list_bool_and(list_transform($words, word -> contains(lower(name), word)))
order by length(name), name, camera_id
limit $most
