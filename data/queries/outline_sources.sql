-- outline_sources: where the boundaries of kelurahan, kecamatan and kota come from.
--
-- grain  one row a source and whether it is approximate, approximate ones first
-- reads  area_shapes
--
-- approximate  boolean  drawn from points, not surveyed
-- source       varchar  where it comes from

select distinct approximate, source
from area_shapes
where level in ('kelurahan', 'kecamatan', 'kota')
order by approximate desc, source
