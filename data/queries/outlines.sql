-- outlines: the boundaries of kelurahan, kecamatan and kota.
--
-- grain  one row an area
-- reads  area_shapes
--
-- level        varchar  kelurahan, kecamatan or kota
-- code         varchar  Kemendagri code
-- name         varchar  name
-- parent_code  varchar  code of the area around it
-- geometry     varchar  GeoJSON geometry
-- approximate  boolean  drawn from points, not surveyed
-- source       varchar  where it comes from

select level, code, name, parent_code, geometry, approximate, source
from area_shapes
where level in ('kelurahan', 'kecamatan', 'kota')
order by level, code
