-- flood_reports_now: what citizens reported of floods in the last three hours.
--
-- Texts are left out: they are citizens' own words.
--
-- grain  one row a report, newest first
-- reads  flood_reports, areas
--
-- report_id       varchar                   report
-- depth_cm        double                    depth that is reported; null where none is
-- source          varchar                   application that took it in
-- kelurahan_code  varchar                   kelurahan of the point
-- kelurahan       varchar                   its name
-- lon             double                    degrees
-- lat             double                    degrees
-- event_time      timestamp with time zone  of the report
-- feed            varchar                   feed that says so
-- simulated       boolean                   from the simulated city

with latest as (
    select *
    from flood_reports
    where event_time > $event_time - interval 3 hours
        and event_time <= $event_time
        and known_time <= $known_time
        and ($area = '31' or starts_with(kelurahan_code, $area))
    qualify
        row_number() over (partition by feed, report_id order by event_time desc, known_time desc) = 1
)

select
    latest.report_id,
    latest.depth_cm,
    latest.source,
    latest.kelurahan_code,
    areas.name as kelurahan,
    latest.lon,
    latest.lat,
    latest.event_time,
    latest.feed,
    latest.simulated
from latest
left join areas on areas.code = latest.kelurahan_code
qualify not latest.simulated or bool_and(latest.simulated) over ()
order by latest.event_time desc, latest.report_id
