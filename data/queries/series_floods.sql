-- series_floods: flooded RT and RW over time.
--
-- $measure is areas (RT or RW that were flooded), days (days with a flooded one), depth (greatest,
-- cm) or hours (sum over the RT and RW of the hours they were flooded: a row holds until the next
-- of its RT or RW, six hours at most). A year of which a source tells nothing at all is no zero.
--
-- grain  one row a place and span of a year that is told of, in order
-- reads  inundations
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

versions as (
    select
        feed,
        area_code,
        event_time,
        simulated,
        known_assumed,
        kelurahan_code,
        depth_max_cm,
        coalesce(ended, false) as ended
    from inundations
    where event_time < $until::date::timestamptz
        and event_time >= date_trunc('year', $since::date)::date::timestamptz
        and known_time < $cut::date::timestamptz
    qualify row_number() over (partition by feed, area_code, event_time order by known_time desc) = 1
),

spells as (
    select
        *,
        event_time::date as day,
        least(
            coalesce(
                epoch(
                    lead(event_time) over (partition by feed, area_code order by event_time)
                    - event_time
                ) / 3600,
                6
            ),
            6
        ) as hours
    from versions
),

told_years as (
    select distinct year(day) as year, simulated
    from spells
),

-- One day each, so that a span without floods in a year that is told of is a zero.
calendar as (
    select asked.place, unnest(range($since::date, least($until::date, $cut::date), interval 1 day))::date as day
    from asked
),

placed as (
    select
        calendar.place,
        calendar.day,
        told_years.simulated,
        spells.area_code,
        spells.depth_max_cm,
        spells.hours,
        spells.known_assumed
    from calendar
    join told_years on told_years.year = year(calendar.day)
    left join spells
        on spells.day = calendar.day
        and spells.simulated = told_years.simulated
        and not spells.ended
        and (calendar.place = '31' or starts_with(spells.kelurahan_code, calendar.place))
)

select
    place,
    $measure as measure,
    date_trunc($bucket, day)::date as bucket,
    case $measure
        when 'areas' then count(distinct area_code)
        when 'days' then count(distinct day) filter (area_code is not null)
        when 'depth' then max(depth_max_cm)
        when 'hours' then coalesce(sum(hours), 0)
    end::double as value,
    count(distinct day) as days,
    simulated,
    coalesce(bool_or(known_assumed), false) as assumed,
    null::varchar as basis
from placed
group by place, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
