-- air_parameters_now: the newest value of each pollutant at each air station, and its mean of a day.
--
-- grain  one row a station and pollutant; a reference station that says nothing has one row of nulls
-- reads  air_measurements, air_stations, feed_precedence
--
-- station_id   varchar                   station
-- name         varchar                   name
-- district     varchar                   kota or kabupaten, as the network names it
-- kind         varchar                   reference or low-cost
-- lon          double                    degrees
-- lat          double                    degrees
-- parameter    varchar                   pollutant that has an index
-- value_ug_m3  double                    newest value of the last two days
-- ispu         integer                   its index as the source computed it; null where it did not
-- mean_ug_m3   double                    mean of the last 24 hours
-- hours        integer                   hours of those 24 that have a value
-- event_time   timestamp with time zone  of the newest value
-- feed         varchar                   feed that says so
-- simulated    boolean                   from the simulated city

with readings as (
    select air_measurements.*, coalesce(precedence.rank, 99) as rank
    from air_measurements
    left join feed_precedence as precedence
        on precedence.table_name = 'air_measurements'
        and precedence.feed = air_measurements.feed
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
        and parameter not in ('temperature', 'humidity')
),

sources as (
    select station_id, feed, simulated
    from readings
    group by station_id, feed, simulated, rank
    qualify row_number() over (partition by station_id order by simulated, rank, feed) = 1
),

latest as (
    select
        station_id,
        parameter,
        arg_max(value, event_time) as value_ug_m3,
        arg_max(ispu, event_time) filter (where ispu is not null) as ispu,
        avg(value) filter (where event_time > $event_time - interval 24 hours) as mean_ug_m3,
        count(distinct date_sub('hour', event_time, $event_time)) filter (
            where event_time > $event_time - interval 24 hours
        ) as hours,
        max(event_time) as event_time,
        any_value(feed) as feed,
        any_value(simulated) as simulated
    from readings
    semi join sources using (station_id, feed, simulated)
    group by station_id, parameter
)

select
    stations.station_id,
    stations.name,
    stations.district,
    stations.kind,
    stations.lon,
    stations.lat,
    latest.parameter,
    latest.value_ug_m3,
    latest.ispu,
    latest.mean_ug_m3,
    latest.hours::integer as hours,
    latest.event_time,
    latest.feed,
    latest.simulated
from air_stations as stations
left join latest using (station_id)
where latest.event_time is not null or stations.kind = 'reference'
order by stations.station_id, latest.parameter
