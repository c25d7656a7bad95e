-- series_population: residents at the end of each year, over time.
--
-- $measure is residents. The file that the source publishes has a row a kelurahan, age group and
-- sex, of which some are missing: the sum is of those that are there, its days are those of the
-- year in the share of the rows that there should be, and its basis tells how many they are.
--
-- grain  one row a place and span, in order
-- reads  population, areas
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

told as (
    select
        kelurahan_code,
        year(event_time) as year,
        age_group,
        sex,
        simulated,
        arg_max(residents, known_time) as residents,
        bool_or(known_assumed) as assumed
    from population
    where event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
    group by all
),

-- Sixteen age groups of both sexes.
whole as (
    select asked.place, count(*) * 32 as cells
    from areas
    join asked on asked.place = '31' or starts_with(code, asked.place)
    where level = 'kelurahan'
    group by asked.place
),

summed as (
    select
        asked.place,
        make_date(year, 1, 1) as year,
        simulated,
        sum(residents) as residents,
        count(*) as cells,
        bool_or(assumed) as assumed
    from told
    join asked on asked.place = '31' or starts_with(kelurahan_code, asked.place)
    group by asked.place, year, simulated
)

select
    place,
    $measure as measure,
    date_trunc($bucket, year)::date as bucket,
    if($measure = 'residents', residents, null)::double as value,
    (365 * summed.cells // whole.cells)::bigint as days,
    simulated,
    assumed,
    if(
        summed.cells < whole.cells,
        replace(
            format('jumlah {:,} dari {:,} baris umur dan jenis kelamin', summed.cells, whole.cells),
            ',',
            '.'
        ),
        null
    ) as basis
from summed
join whole using (place)
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
