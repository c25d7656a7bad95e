-- card_floods: where it was flooded when it rained, and the pumps near: by area and by day.
--
-- $level is kelurahan or kecamatan. It rained where the mean of the stations reached $least_mm. Near
-- an area are the pump houses within $near_km of the point of one of its kelurahan. It is short of
-- pumps on a day where $bound percent of their hours or more they neither ran nor stood ready.
--
-- grain  one row an area of the level over its rainy days, and one a rainy day over its areas
-- reads  inundations, rain_days, pump_days, pump_houses, areas
--
-- area       varchar  code of the area; null in a row of a day
-- day        date     day (WIB); null in a row of an area
-- cases      bigint   rainy days of the area, or areas of the day
-- wet        bigint   of those, with a flooded RT or RW
-- flooded    bigint   RT and RW that were flooded, counted on each day anew
-- told       bigint   cases of which pumps near are told
-- running_h  double   hours that they ran, summed over the pumps; null without report
-- idle_h     double   hours that they stood ready
-- total_h    double   hours told of, times the pumps
-- short      bigint   cases that were short of pumps
-- short_wet  bigint   of those, with a flooded RT or RW
-- other      bigint   cases that are told of and were not short
-- other_wet  bigint   of those, with a flooded RT or RW

with rain as (
    select day, avg(rain_mm) as rain_mm
    from (
        select station_id, day, sum(rain_mm) as rain_mm
        from rain_days
        where day >= $since::date
            and day < $until::date
            and known_day < $cut::date
            and simulated = $simulated
        group by station_id, day
    )
    group by day
    having avg(rain_mm) >= $least_mm
),

points as (
    select
        if($level = 'kelurahan', code, parent_code) as area,
        lon,
        lat
    from areas
    where areas.level = 'kelurahan'
),

near as (
    select distinct points.area, pump_house_id
    from pump_houses as houses
    join points
        on abs(points.lat - houses.lat) < $near_km / 110
        and pow((points.lat - houses.lat) * 110.6, 2) + pow((points.lon - houses.lon) * 110.7, 2)
        < pow($near_km, 2)
),

pumps as (
    select
        near.area,
        day,
        sum(running_h)::double as running_h,
        sum(idle_h)::double as idle_h,
        sum(total_h)::double as total_h
    from pump_days
    join near using (pump_house_id)
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
        and simulated = $simulated
    group by near.area, day
),

floods as (
    select
        event_time::date as day,
        left(kelurahan_code, if($level = 'kelurahan', 13, 8)) as area,
        count(distinct area_code)::integer as flooded
    from inundations
    where event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
        and simulated = $simulated
        and not coalesce(ended, false)
    group by day, area
),

places as (
    select distinct area
    from points
    where $area = '31' or starts_with(area, $area)
),

cases as (
    select
        day,
        places.area,
        coalesce(flooded, 0) as flooded,
        flooded > 0 as wet,
        running_h,
        idle_h,
        total_h,
        100 * (1 - (running_h + idle_h) / total_h) >= $bound as short
    from rain
    cross join places
    left join floods using (day, area)
    left join pumps using (day, area)
)

select
    area,
    day,
    count(*) as cases,
    count(*) filter (wet) as wet,
    sum(flooded)::bigint as flooded,
    count(total_h) as told,
    sum(running_h) as running_h,
    sum(idle_h) as idle_h,
    sum(total_h) as total_h,
    count(*) filter (short) as short,
    count(*) filter (short and wet) as short_wet,
    count(*) filter (not short) as other,
    count(*) filter (not short and wet) as other_wet
from cases
group by grouping sets ((area), (day))
order by area nulls last, day
