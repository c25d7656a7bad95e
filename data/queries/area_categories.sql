-- area_categories: what an area complains of, beside what the whole city does.
--
-- Expected is what there would be if the area's complaints were spread over the categories as the
-- city's. A joined report is not counted beside its first.
--
-- grain  one row a category of the area or of the city, most numerous in the area first
-- reads  complaint_stints, complaint_incidents
--
-- category   varchar  category at intake, as the source writes it
-- here       bigint   incidents in the area
-- expected   double   incidents as the city has them
-- city       bigint   incidents in the city
-- simulated  boolean  counted from simulated rows

with stints as (
    select complaint_id, category, kelurahan_code, ended_at, simulated
    from complaint_stints
    where known_day < $cut::date
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and category is not null
        and complaint_id not in (
            select complaint_id from complaint_incidents where known_day < $cut::date
        )
),

complaints as (
    select
        complaint_id,
        any_value(category) as category,
        any_value(kelurahan_code) as kelurahan_code,
        any_value(simulated) as simulated
    from stints
    where ended_at is null
        and simulated = (select bool_and(simulated) from stints)
    group by complaint_id
),

categories as (
    select
        category,
        count(*) filter (where starts_with(kelurahan_code, $area)) as here,
        count(*) as city,
        bool_and(simulated) as simulated
    from complaints
    group by category
)

select
    category,
    here,
    city * sum(here) over () / sum(city) over () as expected,
    city,
    simulated
from categories
order by here desc, city desc, category
