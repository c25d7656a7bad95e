-- areas: every kota, kecamatan and kelurahan, with the name that tells it from its namesakes.
--
-- grain  one row an area, from the largest level to the smallest, each in order of code
-- reads  areas
--
-- code   varchar  Kemendagri code; key
-- level  varchar  kota, kecamatan or kelurahan
-- name   varchar  name
-- label  varchar  name with the areas around it

select
    area.code,
    area.level,
    area.name,
    case area.level
        when 'kota' then area.name
        when 'kecamatan' then 'Kec. ' || area.name || ' · ' || regexp_replace(above.name, '^(Kota|Kabupaten) Administrasi ', '')
        else 'Kel. ' || area.name || ' · Kec. ' || above.name || ' · ' || regexp_replace(top.name, '^(Kota|Kabupaten) Administrasi ', '')
    end as label
from areas as area
left join areas as above on above.code = area.parent_code
left join areas as top on top.code = above.parent_code
where area.level in ('kota', 'kecamatan', 'kelurahan')
order by length(area.code), area.code
