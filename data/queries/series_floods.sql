-- series_floods: flooded RT and RW over time.
--
-- $measure is areas (RT or RW that were flooded), days (days with a flooded one), depth (greatest,
-- cm) or hours (sum over the RT and RW of the hours they were flooded: a row holds until the next
-- of its RT or RW, six hours at most). A year of which a source tells nothing at all is no zero.
--
-- grain  one row a place and span of a year that is told of, in order
-- reads  flood_days
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

spells as (
    select
        day,
        area_code,
        kelurahan_code,
        simulated,
        assumed,
        flooded,
        depth_max_cm,
        hours,
        last_ended,
        epoch(
            lead(first_at) over (partition by feed, area_code, simulated order by first_at)
            - last_at
        ) / 3600 as silent
    from flood_days
    where day < $until::date
        and day >= date_trunc('year', $since::date)
        and known_day < $cut::date
),

told_years as (
    select year(day) as year, simulated, bool_or(assumed) as assumed
    from spells
    group by all
),

-- One day each, so that a span without floods in a year that is told of is a zero.
calendar as (
    select year(day) as year, day
    from (
        select unnest(
            range($since::date, least($until::date, $cut::date), interval 1 day)
        )::date as day
    ) as days
),

told as (
    select place, day, simulated, assumed
    from calendar
    join told_years using (year)
    cross join asked
),

counted as (
    select
        place,
        date_trunc($bucket, day)::date as bucket,
        simulated,
        count(*) as days,
        bool_or(assumed) as assumed
    from told
    group by place, bucket, simulated
),

flooded as (
    select
        place,
        date_trunc($bucket, day)::date as bucket,
        simulated,
        case $measure
            when 'areas' then count(distinct area_code)
            when 'days' then count(distinct day)
            when 'depth' then max(depth_max_cm)
            -- What became known on two days may overlap: that is no silence below zero.
            when 'hours' then
                sum(hours + if(last_ended, 0, greatest(least(coalesce(silent, 6), 6), 0)))
        end::double as value
    from spells
    join asked on asked.place = '31' or starts_with(kelurahan_code, asked.place)
    where flooded
        and day >= $since::date
    group by place, bucket, simulated
)

select
    place,
    $measure as measure,
    bucket,
    -- The greatest depth of no flood is none.
    if($measure = 'depth', value, coalesce(value, 0)) as value,
    days,
    simulated,
    assumed,
    null::varchar as basis
from counted
left join flooded using (place, bucket, simulated)
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
