-- series_ispu: the official daily index over time, and days by its category.
--
-- $measure is index (mean over the days), highest, or a category: the days that have it; with
-- "pm25 " before it, the same of the index of PM2.5 alone; or several of one kind with | between. A
-- place is a station, or 31: of each day the greatest index of the city, from its stations or, where
-- the source tells no more, from its row of maxima. An index of 0 is a day without data. The
-- category is that of the index, not the printed one: `ispu_contradictions` lists where they differ.
--
-- grain  one row a place, measure and span, in order
-- reads  ispu_daily, ispu_categories
--
-- place      varchar  place that was asked for
-- measure    varchar  measure that was asked for
-- bucket     date     first day of the span that the value is of
-- value      double   value; null where nothing can be said
-- days       bigint   days with data in the span
-- simulated  boolean  from the simulated city
-- assumed    boolean  when some of it became known is assumed
-- basis      varchar  what the value is made of, where that changes; else null

with asked as (
    select unnest($places::varchar[]) as place
),

measures as (
    select unnest(string_split($measure, '|')) as measure
),

told as (
    select
        station_id,
        city_max,
        day,
        simulated,
        bool_or(known_assumed) as assumed,
        nullif(
            arg_max(if(starts_with($measure, 'pm25 '), pm25, index_max), known_time), 0
        ) as index
    from ispu_daily
    where event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
    group by station_id, city_max, day, simulated
),

daily as (
    select
        asked.place,
        day,
        simulated,
        bool_or(assumed) as assumed,
        max(index) as index,
        any_value(if(city_max, 'nilai tertinggi sekota', 'per stasiun')) as basis
    from told
    join asked on asked.place = '31' or (asked.place = station_id and not city_max)
    where index is not null
    group by asked.place, day, simulated, city_max
    qualify row_number() over (partition by asked.place, day, simulated order by city_max) = 1
),

named as (
    select daily.*, category_id as category
    from daily
    -- The worst category has no end.
    left join ispu_categories
        on floor(index + 0.5) >= lo
        and (hi is null or floor(index + 0.5) <= hi)
)

select
    place,
    measure,
    date_trunc($bucket, day)::date as bucket,
    case replace(measure, 'pm25 ', '')
        when 'index' then avg(index)
        when 'highest' then max(index)
        else count(*) filter (category = replace(measure, 'pm25 ', ''))
    end::double as value,
    count(*) as days,
    simulated,
    bool_or(assumed) as assumed,
    if(place = '31', string_agg(distinct basis, ' dan '), null) as basis
from named
cross join measures
group by place, measure, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, measure, bucket
