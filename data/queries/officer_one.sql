-- officer_one: the device of one officer.
--
-- grain  one row or none
-- reads  officers
--
-- officer_id  varchar  device id
-- name        varchar  unit name, never a person's
-- agency      varchar  perangkat daerah
-- category    varchar  kind of crew

select officer_id, name, agency, category
from officers
where officer_id = $officer_id
    and known_time <= $known_time
qualify row_number() over (order by simulated, known_time desc) = 1
