-- places: what a reader may look for by name: areas, stations, pump houses, corridors, cameras.
--
-- A name that begins with the text comes before one with a word that begins with it, that before
-- one that holds it anywhere; spaces, points and capitals do not matter.
--
-- grain  one row a place, best match first
-- reads  areas, aliases, water_stations, pump_houses, air_stations, corridors, cameras
--
-- kind    varchar  kelurahan, kecamatan, kota, station, pump_house, air_station, corridor or camera
-- id      varchar  id within its kind; of an area its Kemendagri code
-- name    varchar  name
-- detail  varchar  what tells namesakes apart; null where there is nothing
-- lon     double   degrees
-- lat     double   degrees

with listed as (
    select camera_id, name, owner, lon, lat
    from cameras
    qualify row_number() over (partition by camera_id order by simulated, known_time desc) = 1
),

corridor_points as (
    select
        corridor_id,
        name,
        string_split(regexp_extract(line, '\((.*)\)', 1), ', ') as points
    from corridors
),

named as (
    select areas.level as kind, areas.code as id, areas.name, above.name as detail,
        areas.lon, areas.lat, ['kelurahan', 'kecamatan', 'kota'].list_position(areas.level) as turn
    from areas
    left join areas as above on above.code = areas.parent_code
    union all
    select 'kelurahan', areas.code, areas.name, aliases.alias, areas.lon, areas.lat, 1
    from aliases
    join areas on areas.code = aliases.id and aliases.kind = 'kelurahan'
    union all
    select 'station', station_id, name, river, lon, lat, 4
    from water_stations
    union all
    select 'pump_house', pump_house_id, name, authority, lon, lat, 5
    from pump_houses
    union all
    select 'air_station', station_id, name, district, lon, lat, 6
    from air_stations
    union all
    select
        'corridor',
        corridor_id,
        name,
        null,
        string_split(points[(len(points) + 1) // 2], ' ')[1]::double,
        string_split(points[(len(points) + 1) // 2], ' ')[2]::double,
        7
    from corridor_points
    union all
    select 'camera', camera_id, name, owner, lon, lat, 8
    from listed
),

spelled as (
    select
        *,
        regexp_replace(lower(name || ' ' || coalesce(detail, '')), '[^a-z0-9]', '', 'g') as plain,
        lower(name) as low
    from named
)

select kind, id, name, detail, lon, lat
from spelled
where contains(plain, $text)
    and lon is not null
    and lat is not null
qualify row_number() over (partition by kind, id order by detail nulls last) = 1
order by
    not starts_with(plain, $text),
    not regexp_matches(low, '[ .(]' || $text),
    turn,
    length(name),
    name,
    id
limit $most
