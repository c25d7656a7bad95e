-- brief_air: how many air stations were Tidak Sehat or worse at each of some moments.
--
-- The index of a station is the greatest of its pollutants: the newest that the source computed
-- within 26 hours, else that of the mean of 24 hours. A station counts that told within two hours. A
-- moment with real values has no simulated ones.
--
-- grain  one row a moment at which a station told anything, oldest first
-- reads  air_measurements, ispu_breakpoints, feed_precedence
--
-- moment      timestamp with time zone  one of $moments
-- unhealthy   bigint                    stations whose index is 101 or more
-- worse       bigint                    stations whose index is 201 or more
-- told        bigint                    stations that have an index
-- event_time  timestamp with time zone  newest value
-- feeds       varchar[]                 feeds that told
-- simulated   boolean                   from the simulated city

with moments as (
    select unnest($moments::timestamptz[]) as moment
),

points as (
    select
        replace(lower(pollutant), '.', '') as parameter,
        i51_100::double as at_100,
        i101_200::double as at_200,
        i201_300::double as at_300
    from ispu_breakpoints
),

readings as (
    select
        moments.moment,
        air_measurements.station_id,
        air_measurements.parameter,
        air_measurements.event_time,
        air_measurements.value,
        air_measurements.ispu,
        air_measurements.feed,
        air_measurements.simulated,
        coalesce(precedence.rank, 99) as rank
    from air_measurements
    join moments
        on air_measurements.event_time > moments.moment - interval 26 hours
        and air_measurements.event_time <= moments.moment
    left join feed_precedence as precedence
        on precedence.table_name = 'air_measurements'
        and precedence.feed = air_measurements.feed
    where air_measurements.event_time > $since
        and air_measurements.event_time <= $until
        and air_measurements.known_time <= $known_time
        and air_measurements.parameter not in ('temperature', 'humidity')
),

sources as (
    select moment, station_id, feed, simulated
    from readings
    group by moment, station_id, feed, simulated, rank
    qualify row_number() over (partition by moment, station_id order by simulated, rank, feed) = 1
),

pollutants as (
    select
        moment,
        station_id,
        parameter,
        arg_max(ispu, event_time) filter (ispu is not null) as ispu,
        avg(value) filter (event_time > moment - interval 24 hours) as mean_ug_m3,
        max(event_time) as event_time,
        any_value(feed) as feed,
        any_value(simulated) as simulated
    from readings
    semi join sources using (moment, station_id, feed, simulated)
    group by moment, station_id, parameter
),

-- Half a point of the index up, since categories go by the rounded index.
indexed as (
    select
        pollutants.*,
        coalesce(
            ispu >= 101,
            mean_ug_m3 >= points.at_100 + 0.005 * (points.at_200 - points.at_100)
        ) as unhealthy,
        coalesce(
            ispu >= 201,
            mean_ug_m3 >= points.at_200 + 0.005 * (points.at_300 - points.at_200)
        ) as worse
    from pollutants
    left join points using (parameter)
),

stations as (
    select
        moment,
        station_id,
        bool_or(unhealthy) as unhealthy,
        bool_or(worse) as worse,
        max(event_time) as event_time,
        any_value(feed) as feed,
        any_value(simulated) as simulated
    from indexed
    where unhealthy is not null
    group by moment, station_id
    having max(event_time) > moment - interval 2 hours
    qualify not any_value(simulated) or bool_and(any_value(simulated)) over (partition by moment)
)

select
    moment,
    count(*) filter (unhealthy) as unhealthy,
    count(*) filter (worse) as worse,
    count(*) as told,
    max(event_time) as event_time,
    list_sort(list(distinct feed)) as feeds,
    any_value(simulated) as simulated
from stations
group by moment
order by moment
