-- series_pm25: concentrations of PM2.5 over time, and days by their category.
--
-- $measure is mean (µg/m³) or a category of ISPU, the days whose mean has it, or several of them
-- with | between. A day counts with 18 hours or more. A place is a station, or 31: the mean over the
-- reference stations, since a city that gets more sensors did not get other air.
--
-- grain  one row a place, measure and span, in order
-- reads  pm25_days, ispu_breakpoints, air_stations
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
        day,
        simulated,
        bool_or(assumed) as assumed,
        sum(value_sum) / sum(readings) as value
    from pm25_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by station_id, day, simulated
    having bit_count(bit_or(told)) >= 18
),

daily as (
    select
        asked.place,
        day,
        simulated,
        bool_or(assumed) as assumed,
        avg(value) as value
    from told
    left join air_stations as stations using (station_id)
    join asked
        on asked.place = station_id
        or asked.place = '31' and stations.kind = 'reference'
    group by asked.place, day, simulated
),

named as (
    select
        daily.*,
        -- An index counts rounded, so that a category ends half an index above its last.
        case
            when value < i0_50 + 0.5 / 50 * (i51_100 - i0_50) then 'Baik'
            when value < i51_100 + 0.5 / 100 * (i101_200 - i51_100) then 'Sedang'
            when value < i101_200 + 0.5 / 100 * (i201_300 - i101_200) then 'Tidak Sehat'
            when value < i201_300 + 0.5 / 200 * (i_over_300_ref - i201_300)
                then 'Sangat Tidak Sehat'
            else 'Berbahaya'
        end as category
    from daily
    cross join ispu_breakpoints
    where pollutant = 'PM2.5'
)

select
    place,
    measure,
    date_trunc($bucket, day)::date as bucket,
    if(measure = 'mean', avg(value), count(*) filter (category = measure))::double as value,
    count(*) as days,
    simulated,
    bool_or(assumed) as assumed,
    null::varchar as basis
from named
cross join measures
group by place, measure, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, measure, bucket
