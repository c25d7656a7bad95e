-- rain_now: how hard it rains at each rain post, and how much fell in a day.
--
-- A report tells of the minutes before it; of those that lie in the span its share counts. Reports
-- that overlap are averaged, so that no minute counts twice.
--
-- grain  one row a rain post with a report of the last 24 hours, hardest rain first
-- reads  rainfall
--
-- station_id   varchar                   rain post
-- lon          double                    degrees
-- lat          double                    degrees
-- rain_mm_h    double                    over the last hour; null where less than half of it is told
-- rain_24h_mm  double                    over the last 24 hours, of those that are told
-- told_24h     double                    hours of the last 24 that are told
-- event_time   timestamp with time zone  of the newest report
-- feed         varchar                   feed that says so
-- simulated    boolean                   from the simulated city

with reports as (
    select
        station_id,
        event_time,
        feed,
        simulated,
        arg_max(rain_mm, known_time) as rain_mm,
        arg_max(coalesce(interval_minutes, 60), known_time)::double as minutes,
        (epoch($event_time::timestamptz) - epoch(event_time)) / 60 as age_minutes,
        arg_max(lon, known_time) as lon,
        arg_max(lat, known_time) as lat
    from rainfall
    where event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
    group by station_id, event_time, feed, simulated
),

shares as (
    select
        *,
        greatest(0, least(minutes, 60 - age_minutes)) as in_hour,
        greatest(0, least(minutes, 1440 - age_minutes)) as in_day
    from reports
),

posts as (
    select
        station_id,
        simulated,
        arg_max(feed, event_time) as feed,
        arg_max(lon, event_time) as lon,
        arg_max(lat, event_time) as lat,
        max(event_time) as event_time,
        sum(in_hour) as hour_told,
        sum(rain_mm * in_hour / minutes) as hour_mm,
        sum(in_day) as day_told,
        sum(rain_mm * in_day / minutes) as day_mm
    from shares
    group by station_id, simulated
)

select
    station_id,
    lon,
    lat,
    case when hour_told >= 30 then 60 * hour_mm / hour_told end as rain_mm_h,
    day_mm / greatest(1, day_told / 1440) as rain_24h_mm,
    least(day_told, 1440) / 60 as told_24h,
    event_time,
    feed,
    simulated
from posts
qualify not simulated or bool_and(simulated) over ()
order by rain_mm_h desc nulls last, rain_24h_mm desc, station_id
