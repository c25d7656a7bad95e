-- late_known: what happened in the day before a moment and became known only after it.
--
-- Positions, jams and probes of cameras are left out: nobody looks at one row of them.
--
-- grain  one row a fact, at most $most a table, newest first
-- reads  air_measurements, air_stations, complaint_versions, flood_reports, inundations, pump_houses, pump_states, traffic_alerts, water_levels, water_stations, weather_alerts
--
-- source         varchar                   table
-- id             varchar                   what it is about
-- name           varchar                   its name; null where it has none
-- event_time     timestamp with time zone  when it happened
-- known_time     timestamp with time zone  when it became known
-- known_assumed  boolean                   that is assumed: the row was loaded afterwards
-- simulated      boolean                   from the simulated city
-- found          bigint                    rows of the table that became known after the moment

with late as (
    select
        'air_measurements' as source,
        air_measurements.station_id as id,
        coalesce(stations.name, air_measurements.station_id) || ', ' || air_measurements.parameter as name,
        air_measurements.event_time,
        air_measurements.known_time,
        air_measurements.known_assumed,
        air_measurements.simulated
    from air_measurements
    left join air_stations as stations using (station_id)
    where air_measurements.event_time > $event_time - interval 1 day
        and air_measurements.event_time <= $event_time
        and air_measurements.known_time > $event_time
        and air_measurements.known_time <= $known_time
    union all by name
    select
        'complaint_versions' as source,
        complaint_versions.complaint_id as id,
        complaint_versions.category || ': ' || complaint_versions.status as name,
        complaint_versions.event_time,
        complaint_versions.known_time,
        complaint_versions.known_assumed,
        complaint_versions.simulated
    from complaint_versions
    where complaint_versions.event_time > $event_time - interval 1 day
        and complaint_versions.event_time <= $event_time
        and complaint_versions.known_time > $event_time
        and complaint_versions.known_time <= $known_time
        and ($area = '31' or starts_with(complaint_versions.kelurahan_code, $area))
    union all by name
    select
        'flood_reports' as source,
        flood_reports.report_id as id,
        cast(null as varchar) as name,
        flood_reports.event_time,
        flood_reports.known_time,
        flood_reports.known_assumed,
        flood_reports.simulated
    from flood_reports
    where flood_reports.event_time > $event_time - interval 1 day
        and flood_reports.event_time <= $event_time
        and flood_reports.known_time > $event_time
        and flood_reports.known_time <= $known_time
        and ($area = '31' or starts_with(flood_reports.kelurahan_code, $area))
    union all by name
    select
        'inundations' as source,
        inundations.area_code as id,
        inundations.area_name as name,
        inundations.event_time,
        inundations.known_time,
        inundations.known_assumed,
        inundations.simulated
    from inundations
    where inundations.event_time > $event_time - interval 1 day
        and inundations.event_time <= $event_time
        and inundations.known_time > $event_time
        and inundations.known_time <= $known_time
        and ($area = '31' or starts_with(inundations.kelurahan_code, $area))
    union all by name
    select
        'pump_states' as source,
        pump_states.pump_house_id as id,
        coalesce(houses.name, pump_states.pump_house_id) as name,
        pump_states.event_time,
        pump_states.known_time,
        pump_states.known_assumed,
        pump_states.simulated
    from pump_states
    left join pump_houses as houses using (pump_house_id)
    where pump_states.event_time > $event_time - interval 1 day
        and pump_states.event_time <= $event_time
        and pump_states.known_time > $event_time
        and pump_states.known_time <= $known_time
    union all by name
    select
        'traffic_alerts' as source,
        traffic_alerts.alert_id as id,
        traffic_alerts.street as name,
        traffic_alerts.event_time,
        traffic_alerts.known_time,
        traffic_alerts.known_assumed,
        traffic_alerts.simulated
    from traffic_alerts
    where traffic_alerts.event_time > $event_time - interval 1 day
        and traffic_alerts.event_time <= $event_time
        and traffic_alerts.known_time > $event_time
        and traffic_alerts.known_time <= $known_time
        and ($area = '31' or starts_with(traffic_alerts.kelurahan_code, $area))
    union all by name
    select
        'water_levels' as source,
        water_levels.station_id as id,
        coalesce(stations.name, water_levels.station_id) as name,
        water_levels.event_time,
        water_levels.known_time,
        water_levels.known_assumed,
        water_levels.simulated
    from water_levels
    left join water_stations as stations using (station_id)
    where water_levels.event_time > $event_time - interval 1 day
        and water_levels.event_time <= $event_time
        and water_levels.known_time > $event_time
        and water_levels.known_time <= $known_time
    union all by name
    select
        'weather_alerts' as source,
        weather_alerts.alert_id as id,
        coalesce(weather_alerts.headline, weather_alerts.event) as name,
        weather_alerts.event_time,
        weather_alerts.known_time,
        weather_alerts.known_assumed,
        weather_alerts.simulated
    from weather_alerts
    where weather_alerts.event_time > $event_time - interval 1 day
        and weather_alerts.event_time <= $event_time
        and weather_alerts.known_time > $event_time
        and weather_alerts.known_time <= $known_time
)

select
    source,
    id,
    name,
    event_time,
    known_time,
    known_assumed,
    simulated,
    count(*) over (partition by source) as found
from late
qualify
    row_number() over (partition by source order by event_time desc, known_time desc, id) <= $most
order by source, event_time desc, known_time desc, id
