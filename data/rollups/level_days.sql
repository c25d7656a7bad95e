-- level_days: how high the water stood at each station of the reference table, day by day.
--
-- Rows of one day that became known on different days go together by the greatest peak and by
-- `bit_or` of the hours: bit 0 is the hour from 00.00 to 01.00 WIB.
--
-- grain  one row a day of knowing, day (both WIB), station and origin
-- reads  water_levels, water_stations
-- days   alone
--
-- known_day   date     day on which the readings became known
-- day         date     day of the readings
-- station_id  varchar  station
-- simulated   boolean  from the simulated city
-- assumed     boolean  when some became known is assumed
-- peak_cm     double   greatest level
-- told        integer  hours with a reading, as bits
-- siaga3      integer  hours that reached Siaga 3 or worse, as bits
-- siaga2      integer  hours that reached Siaga 2 or worse, as bits
-- siaga1      integer  hours that reached Siaga 1, as bits

with readings as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        (epoch_ms(event_time) + 25_200_000) // 3_600_000 as hour,
        station_id,
        level_cm,
        known_assumed
    from water_levels
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
),

peaks as (
    select
        known,
        hour,
        station_id,
        max(level_cm) as level_cm,
        bool_or(known_assumed) as assumed
    from readings
    where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
    group by known, hour, station_id
),

bits as (
    select
        peaks.*,
        date '1970-01-01' + known::integer as known_day,
        date '1970-01-01' + (hour // 24)::integer as day,
        (1 << (hour % 24))::integer as bit,
        siaga3_cm,
        siaga2_cm,
        siaga1_cm
    from peaks
    join water_stations using (station_id)
)

select
    known_day,
    day,
    station_id,
    $simulated::boolean as simulated,
    bool_or(assumed) as assumed,
    max(level_cm) as peak_cm,
    bit_or(bit) as told,
    coalesce(bit_or(bit) filter (level_cm >= siaga3_cm), 0) as siaga3,
    coalesce(bit_or(bit) filter (level_cm >= siaga2_cm), 0) as siaga2,
    coalesce(bit_or(bit) filter (level_cm >= siaga1_cm), 0) as siaga1
from bits
group by known_day, day, station_id
order by known_day, station_id
