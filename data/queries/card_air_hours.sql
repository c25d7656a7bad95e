-- card_air_hours: PM2.5, the delay of traffic and rain, hour by hour.
--
-- $station is a station, or 31: the mean over the reference stations. $corridor is a corridor, the
-- code of a kota, or 31. All of $simulated origin.
--
-- grain  one row an hour that is told of, in order
-- reads  air_measurements, corridor_hours, rainfall, air_stations, corridors
--
-- hour     bigint  hours since the midnight (WIB) at which $since begins
-- pm25     double  mean concentration, µg/m³; null where not told
-- delay_s  double  mean delay of a passage, seconds; null where not told
-- rain_mm  double  mean over the rain stations, mm; null where not told

with air as (
    -- The midnight is a full hour of UTC: no calendar has to be asked.
    select epoch_ms(event_time) // 3_600_000 as hour, avg(value) as pm25
    from air_measurements as measured
    left join air_stations as stations using (station_id)
    where parameter = 'pm25'
        and measured.simulated = $simulated
        and event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
        and (measured.station_id = $station or $station = '31' and stations.kind = 'reference')
    group by hour
),

flow as (
    select epoch_ms(event_time) // 3_600_000 as hour, avg(delay_s) as delay_s
    from corridor_hours
    where simulated = $simulated
        and event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
        and (
            $corridor = '31'
            or corridor_id in (
                select corridor_id from corridors where $corridor in (corridor_id, kota_code)
            )
        )
    group by hour
),

caught as (
    select
        station_id,
        -- A reading is of the minutes before it.
        (epoch_ms(event_time) - coalesce(interval_minutes, 0) * 60_000) // 3_600_000 as hour,
        sum(rain_mm) as rain_mm
    from rainfall
    where simulated = $simulated
        and event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz + interval 1 hour
        and known_time < $cut::date::timestamptz
    group by station_id, hour
),

rain as (
    select hour, avg(rain_mm) as rain_mm
    from caught
    group by hour
)

select hour - epoch_ms($since::date::timestamptz) // 3_600_000 as hour, pm25, delay_s, rain_mm
from air
full join flow using (hour)
full join rain using (hour)
where hour >= epoch_ms($since::date::timestamptz) // 3_600_000
    and hour < epoch_ms($until::date::timestamptz) // 3_600_000
order by hour
