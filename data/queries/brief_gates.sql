-- brief_gates: at how many posts and gates the water stood at which siaga at each of some moments.
--
-- Of each station the newest reading of the hour before the moment counts: of the feed that ranks
-- first, real before simulated. A moment with real readings has no simulated ones.
--
-- grain  one row a moment at which a station told anything, oldest first
-- reads  water_levels, water_stations, feed_precedence
--
-- moment      timestamp with time zone  one of $moments
-- siaga1      bigint                    stations at siaga 1
-- siaga2      bigint                    stations at siaga 2
-- siaga3      bigint                    stations at siaga 3
-- told        bigint                    stations with a reading and a siaga
-- stations    bigint                    stations that there are
-- event_time  timestamp with time zone  newest reading
-- feeds       varchar[]                 feeds that told
-- simulated   boolean                   from the simulated city

with moments as (
    select unnest($moments::timestamptz[]) as moment
),

readings as (
    select
        moments.moment,
        water_levels.station_id,
        water_levels.event_time,
        water_levels.level_cm,
        water_levels.siaga_reported,
        water_levels.feed,
        water_levels.simulated
    from water_levels
    join moments
        on water_levels.event_time > moments.moment - interval 1 hour
        and water_levels.event_time <= moments.moment
    left join feed_precedence as precedence
        on precedence.table_name = 'water_levels'
        and precedence.feed = water_levels.feed
    where water_levels.event_time > $since
        and water_levels.event_time <= $until
        and water_levels.known_time <= $known_time
    qualify
        row_number() over (
            partition by moments.moment, water_levels.station_id
            order by
                water_levels.simulated,
                coalesce(precedence.rank, 99),
                water_levels.event_time desc,
                water_levels.known_time desc
        ) = 1
),

judged as (
    select
        readings.*,
        case
            when readings.level_cm >= stations.siaga1_cm then 1
            when readings.level_cm >= stations.siaga2_cm then 2
            when readings.level_cm >= stations.siaga3_cm then 3
            when stations.siaga3_cm is not null then 4
            else readings.siaga_reported
        end as siaga
    from readings
    join water_stations as stations using (station_id)
    qualify not readings.simulated or bool_and(readings.simulated) over (partition by moment)
)

select
    moment,
    count(*) filter (siaga = 1) as siaga1,
    count(*) filter (siaga = 2) as siaga2,
    count(*) filter (siaga = 3) as siaga3,
    count(siaga) as told,
    (
        select count(*)
        from water_stations as stations
        where not stations.simulated or any_value(judged.simulated)
    ) as stations,
    max(event_time) as event_time,
    list_sort(list(distinct feed)) as feeds,
    any_value(simulated) as simulated
from judged
group by moment
order by moment
