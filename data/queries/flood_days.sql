-- flood_days: days on which a river gate or post of the thirteen stood at Siaga 2 or above.
--
-- The sea at Pasar Ikan and Marina is left out: it rises with every spring tide.
--
-- grain  one row a day (WIB), in order
-- reads  water_levels, water_stations
--
-- day  date  a flood day

select distinct water_levels.event_time::date as day
from water_levels
join water_stations using (station_id)
where water_levels.event_time >= $since::timestamptz
    and water_levels.event_time < $cut::timestamptz
    and water_levels.known_time < $cut::timestamptz
    and water_stations.order13 is not null
    and water_stations.kind <> 'pasang surut'
    and water_levels.level_cm >= water_stations.siaga2_cm
order by day
