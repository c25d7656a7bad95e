-- rain_stations: stations that ever told of rain.
--
-- grain  one row a station, in order
-- reads  rain_days
--
-- station_id  varchar  station

select distinct station_id
from rain_days
order by station_id
