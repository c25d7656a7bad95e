-- river_lags: how long crests took from the gauge above each stretch to the one below.
--
-- A crest above belongs to the first one below that comes after half of the quickest published
-- travel time and before one and a half times the slowest; a stretch with one published figure takes
-- the widest spread between two. Counted is what was known at the midnight before the moment. Where
-- real crests passed a stretch, only those count.
--
-- grain  one row a stretch, siaga of the crest above and year, for those with a crest below
-- reads  level_crests, river_travel_times
--
-- upstream_id    varchar   gauge above
-- downstream_id  varchar   gauge below
-- siaga          integer   siaga of the crest above, 4 to 1
-- year           integer   year of the crests above, WIB
-- simulated      boolean   from the simulated city
-- lags_s         double[]  seconds between the two crests, shortest first

with stretches as (
    select
        upstream_id,
        downstream_id,
        hours * 3600.0 as quickest_s,
        coalesce(
            slowest_hours,
            hours * coalesce(max(slowest_hours / hours) over (), 1)
        ) * 3600.0 as slowest_s
    from river_travel_times
),

crests as (
    select station_id, simulated, siaga, crest_at, epoch(crest_at) as crest_s
    from level_crests
    where known_day < least($event_time::timestamptz, $known_time::timestamptz)::date
),

passed as (
    select
        stretches.upstream_id,
        stretches.downstream_id,
        above.siaga,
        above.simulated,
        above.crest_at,
        min(below.crest_s - above.crest_s) as lag_s
    from stretches
    join crests as above on above.station_id = stretches.upstream_id
    -- An inner join would begin with all pairs of crests.
    left join crests as below
        on below.station_id = stretches.downstream_id
        and below.simulated = above.simulated
        and below.crest_s between above.crest_s + quickest_s / 2 and above.crest_s + slowest_s * 1.5
    group by all
    having count(below.crest_s) > 0
)

select
    upstream_id,
    downstream_id,
    siaga,
    year(crest_at)::integer as year,
    simulated,
    list(lag_s order by lag_s) as lags_s
from passed
group by upstream_id, downstream_id, siaga, year(crest_at), simulated
qualify not simulated or bool_and(simulated) over (partition by upstream_id, downstream_id)
order by upstream_id, downstream_id, siaga, year
