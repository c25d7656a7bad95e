-- ispu_contradictions: days on which a printed row of the daily index contradicts itself.
--
-- Its category is not that of its maximum, or its maximum is not the greatest of its indices. Both
-- stay in the lake as printed; pages count by the maximum.
--
-- grain  one row a station, day and kind of row, oldest first
-- reads  ispu_daily, ispu_categories
--
-- day         date     day, WIB
-- station_id  varchar  station, or that of the city's maximum
-- city_max    boolean  the row is the maximum over the city
-- index_max   double   maximum as printed
-- greatest    double   greatest of the indices beside it; null without any
-- printed     varchar  category as printed
-- computed    varchar  category of index_max

with told as (
    select
        day,
        station_id,
        city_max,
        index_max,
        greatest(pm10, pm25, so2, co, o3, no2) as greatest,
        category as printed
    from ispu_daily
    where known_time < $cut::date::timestamptz
        and not simulated
    qualify row_number() over (partition by station_id, city_max, day order by known_time desc) = 1
)

select
    told.*,
    category_id as computed
from told
join ispu_categories
    on floor(index_max + 0.5) >= lo
    and (hi is null or floor(index_max + 0.5) <= hi)
where printed <> upper(category_id)
    or index_max <> greatest
order by day, station_id, city_max
