-- card_places: what is told of each kelurahan: who lives there, complaints, and the air.
--
-- The air is that of the nearest station within $near_km that has 90 days or more. Complaints of a
-- real feed count alone where there is one; the same holds for the readings of a station.
--
-- grain  one row a kelurahan, in order
-- reads  areas, complaint_days, pm25_days, air_stations
--
-- code                  varchar  kelurahan
-- name                  varchar  name
-- population            bigint   people who live there
-- area_km2              double   area
-- received              double   complaints that came in; null where no day is told
-- complaints_days       bigint   days told of in the city
-- complaints_newest     date     newest of them
-- complaints_simulated  boolean  from the simulated city
-- pm25                  double   mean concentration, µg/m³; null without a station near
-- pm25_days             bigint   days behind it
-- pm25_newest           date     newest of them
-- pm25_simulated        boolean  from the simulated city

with days as (
    select *
    from complaint_days
    where known_day >= $since::date
        and known_day < least($until::date, $cut::date)
),

told as (
    select
        count(distinct known_day) as complaints_days,
        max(known_day) as complaints_newest,
        bool_and(simulated) as complaints_simulated
    from days
    where simulated = (select bool_and(simulated) from days)
),

complaints as (
    select kelurahan_code, sum(received) as received
    from days
    where simulated = (select bool_and(simulated) from days)
    group by kelurahan_code
),

heard as (
    select station_id, day, simulated, sum(value_sum) / sum(readings) as value
    from pm25_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by station_id, day, simulated
    having bit_count(bit_or(told)) >= 18
),

air as (
    select
        station_id,
        simulated,
        avg(value) as pm25,
        count(*) as days,
        max(day) as newest
    from heard
    group by station_id, simulated
    having count(*) >= 90
    qualify not simulated or bool_and(simulated) over (partition by station_id)
),

near as (
    select
        areas.code,
        arg_min(
            {pm25: air.pm25, days: air.days, newest: air.newest, simulated: air.simulated},
            pow((areas.lat - stations.lat) * 110.6, 2) + pow((areas.lon - stations.lon) * 110.7, 2)
        ) as air
    from areas
    join air_stations as stations
        on pow((areas.lat - stations.lat) * 110.6, 2) + pow((areas.lon - stations.lon) * 110.7, 2)
        <= pow($near_km, 2)
    join air using (station_id)
    where areas.level = 'kelurahan'
    group by areas.code
)

select
    areas.code,
    areas.name,
    areas.population,
    areas.area_km2,
    if(complaints_days > 0, coalesce(received, 0), null)::double as received,
    complaints_days,
    complaints_newest,
    complaints_simulated,
    near.air.pm25 as pm25,
    near.air.days as pm25_days,
    near.air.newest as pm25_newest,
    near.air.simulated as pm25_simulated
from areas
cross join told
left join complaints on complaints.kelurahan_code = areas.code
left join near using (code)
where areas.level = 'kelurahan'
order by areas.code
