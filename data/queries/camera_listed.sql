-- camera_listed: a camera, if there is one of that id.
--
-- grain  one row or none
-- reads  cameras
--
-- camera_id  varchar  camera

select camera_id
from cameras
where camera_id = $camera_id
limit 1
