-- traffic_alerts_now: what road users report now: accidents, closed roads, hazards, flooded roads.
--
-- Told within two days and still listed by the source. Reports of jams are left out: the jams
-- themselves say more.
--
-- grain  one row an alert, newest first
-- reads  traffic_alerts, areas
--
-- alert_id        varchar                   id of the alert
-- type            varchar                   ACCIDENT, ROAD_CLOSED, HAZARD or WEATHERHAZARD
-- subtype         varchar                   subtype of the source
-- street          varchar                   street name
-- reliability     double                    0 to 10, as the source judges it
-- kelurahan_code  varchar                   kelurahan of the point
-- kelurahan       varchar                   its name
-- lon             double                    degrees
-- lat             double                    degrees
-- event_time      timestamp with time zone  of the report
-- feed            varchar                   feed that says so
-- simulated       boolean                   from the simulated city

with latest as (
    select *
    from traffic_alerts
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (partition by feed, alert_id order by event_time desc, known_time desc) = 1
)

select
    latest.alert_id,
    latest.type,
    latest.subtype,
    latest.street,
    latest.reliability,
    latest.kelurahan_code,
    areas.name as kelurahan,
    latest.lon,
    latest.lat,
    latest.event_time,
    latest.feed,
    latest.simulated
from latest
left join areas on areas.code = latest.kelurahan_code
where not coalesce(latest.ended, false)
    and latest.type in ('ACCIDENT', 'ROAD_CLOSED', 'HAZARD', 'WEATHERHAZARD')
    and ($area = '31' or starts_with(latest.kelurahan_code, $area))
qualify not latest.simulated or bool_and(latest.simulated) over ()
order by latest.event_time desc, latest.alert_id
