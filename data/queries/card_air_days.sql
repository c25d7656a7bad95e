-- card_air_days: PM2.5, the delay of traffic and rain, day by day.
--
-- $station is a station, or 31: the mean over the reference stations. $corridor is a corridor, the
-- code of a kota, or 31. A day of PM2.5 counts with 18 hours or more.
--
-- grain  one row a day (WIB) and origin, in order
-- reads  pm25_days, corridor_days, rain_days, air_stations, corridors
--
-- day        date     day
-- simulated  boolean  from the simulated city
-- pm25       double   mean concentration, µg/m³; null where not told
-- delay_s    double   mean delay of a passage, seconds; null where not told
-- rain_mm    double   mean over the rain stations, mm; null where not told

with heard as (
    select station_id, day, simulated, sum(value_sum) / sum(readings) as value
    from pm25_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by station_id, day, simulated
    having bit_count(bit_or(told)) >= 18
),

air as (
    select day, simulated, avg(value) as pm25
    from heard
    left join air_stations as stations using (station_id)
    where heard.station_id = $station
        or $station = '31' and stations.kind = 'reference'
    group by day, simulated
),

flow as (
    select day, days.simulated, sum(delay_sum) / nullif(sum(delays), 0) as delay_s
    from corridor_days as days
    join corridors using (corridor_id)
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
        and $corridor in (days.corridor_id, corridors.kota_code, '31')
    group by day, days.simulated
),

caught as (
    select station_id, day, simulated, sum(rain_mm) as rain_mm
    from rain_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by station_id, day, simulated
),

rain as (
    select day, simulated, avg(rain_mm) as rain_mm
    from caught
    group by day, simulated
)

select day, simulated, pm25, delay_s, rain_mm
from air
full join flow using (day, simulated)
full join rain using (day, simulated)
order by simulated, day
