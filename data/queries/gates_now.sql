-- gates_now: the water at each gate and post, its siaga, how fast it moves, how old it may be.
--
-- Of several feeds the one counts that ranks first in feed_precedence, real before simulated, if its
-- newest reading is within an hour of the newest of all. The budget of age is that of the siaga
-- (siaga_owners) if the station's own median interval is within it, else twice that interval;
-- three times the base is expired.
--
-- grain  one row a station, gravest first; a real station without a reading has nulls
-- reads  water_levels, water_stations, siaga_owners, feed_precedence
--
-- station_id  varchar                   station
-- name        varchar                   name, such as P.A. Manggarai
-- river       varchar                   river
-- lon         double                    degrees
-- lat         double                    degrees
-- event_time  timestamp with time zone  of the latest reading of the last two days
-- level_cm    double                    above the station's own zero
-- siaga       integer                   1 gravest to 4; null where no bound is known
-- siaga3_cm   double                    lower bound of siaga 3
-- siaga2_cm   double                    lower bound of siaga 2
-- siaga1_cm   double                    lower bound of siaga 1
-- rise_cm_h   double                    over the hour before; null without a reading 30 to 90 min older
-- late_s      double                    age from which the reading is late, in seconds
-- expired_s   double                    age from which it is expired, in seconds
-- feed        varchar                   feed that says so
-- simulated   boolean                   from the simulated city
-- known_time  timestamp with time zone  when the reading became known
-- known_assumed  boolean                that is assumed: it was loaded afterwards

with readings as (
    select
        water_levels.station_id,
        water_levels.event_time,
        arg_max(water_levels.level_cm, water_levels.known_time) as level_cm,
        arg_max(water_levels.siaga_reported, water_levels.known_time) as siaga_reported,
        min(water_levels.known_time) as known_time,
        bool_and(water_levels.known_assumed) as known_assumed,
        water_levels.feed,
        water_levels.simulated,
        any_value(coalesce(precedence.rank, 99)) as rank
    from water_levels
    left join feed_precedence as precedence
        on precedence.table_name = 'water_levels'
        and precedence.feed = water_levels.feed
    where water_levels.event_time > $event_time - interval 2 days
        and water_levels.event_time <= $event_time
        and water_levels.known_time <= $known_time
    group by water_levels.station_id, water_levels.event_time, water_levels.feed, water_levels.simulated
),

speakers as (
    select
        station_id,
        feed,
        simulated,
        rank,
        max(max(event_time)) over (partition by station_id, simulated) - max(event_time) as behind
    from readings
    group by station_id, feed, simulated, rank
),

sources as (
    select station_id, feed, simulated
    from speakers
    qualify
        row_number() over (
            partition by station_id order by simulated, behind > interval 1 hour, rank, feed
        ) = 1
),

series as (
    -- Of a difference of times the calendar is asked, row by row.
    select readings.*, epoch(event_time) - lag(epoch(event_time)) over station as gap_s
    from readings
    semi join sources using (station_id, feed, simulated)
    window station as (partition by station_id order by event_time)
),

latest as (
    select
        station_id,
        max(event_time) as event_time,
        arg_max(level_cm, event_time) as level_cm,
        arg_max(siaga_reported, event_time) as siaga_reported,
        arg_max(known_time, event_time) as known_time,
        arg_max(known_assumed, event_time) as known_assumed,
        any_value(feed) as feed,
        any_value(simulated) as simulated,
        coalesce(median(gap_s), 0) as gap_s
    from series
    group by station_id
),

judged as (
    select
        latest.*,
        earlier.event_time as earlier_time,
        earlier.level_cm as earlier_cm
    from latest
    asof left join series as earlier
        on latest.station_id = earlier.station_id
        and latest.event_time - interval 30 minutes >= earlier.event_time
),

stations as (
    select
        stations.*,
        judged.* exclude (station_id, simulated),
        judged.simulated as told_by_city,
        case
            when judged.level_cm >= stations.siaga1_cm then 1
            when judged.level_cm >= stations.siaga2_cm then 2
            when judged.level_cm >= stations.siaga3_cm then 3
            when stations.siaga3_cm is not null and judged.level_cm is not null then 4
            else judged.siaga_reported
        end::integer as siaga
    from water_stations as stations
    left join judged using (station_id)
    where not stations.simulated or judged.event_time is not null
)

select
    stations.station_id,
    stations.name,
    stations.river,
    stations.lon,
    stations.lat,
    stations.event_time,
    stations.level_cm,
    stations.siaga,
    stations.siaga3_cm::double as siaga3_cm,
    stations.siaga2_cm::double as siaga2_cm,
    stations.siaga1_cm::double as siaga1_cm,
    case
        when stations.earlier_time >= stations.event_time - interval 90 minutes
        then
            (stations.level_cm - stations.earlier_cm)
            / (epoch(stations.event_time - stations.earlier_time) / 3600)
    end as rise_cm_h,
    case
        when stations.gap_s <= 60 * owners.observe_every_minutes
        then 60 * owners.observe_every_minutes
        else 2 * stations.gap_s
    end::double as late_s,
    (3 * greatest(60 * owners.observe_every_minutes, stations.gap_s))::double as expired_s,
    stations.feed,
    stations.told_by_city as simulated,
    stations.known_time,
    stations.known_assumed
from stations
left join siaga_owners as owners on owners.siaga = coalesce(stations.siaga, 4)
order by stations.siaga nulls last, stations.order13 nulls last, stations.name
