-- series_levels: hours at each siaga level and peaks of the water, over time.
--
-- $measure is siaga3, siaga2 or siaga1 (hours whose peak was at that level, none worse) or peak
-- (cm), or several of them with | between.
-- The city, 31, is the sum over the posts and gates of the thirteen, without those of the sea.
--
-- grain  one row a place, measure and span, in order
-- reads  level_days, water_stations
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
        max(peak_cm) as peak_cm,
        bit_or(siaga3) as siaga3,
        bit_or(siaga2) as siaga2,
        bit_or(siaga1) as siaga1
    from level_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by station_id, day, simulated
),

placed as (
    select asked.place, told.*
    from told
    join water_stations as stations using (station_id)
    join asked
        on asked.place = station_id
        or asked.place = '31' and stations.order13 is not null and kind <> 'pasang surut'
)

select
    place,
    measure,
    date_trunc($bucket, day)::date as bucket,
    case measure
        when 'siaga3' then sum(bit_count(siaga3 & ~siaga2))
        when 'siaga2' then sum(bit_count(siaga2 & ~siaga1))
        when 'siaga1' then sum(bit_count(siaga1))
        when 'peak' then max(peak_cm)
    end::double as value,
    count(distinct day) as days,
    simulated,
    bool_or(assumed) as assumed,
    null::varchar as basis
from placed
cross join measures
group by place, measure, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, measure, bucket
