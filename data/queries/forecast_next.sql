-- forecast_next: what BMKG forecasts for an area over the next 24 hours, step by step.
--
-- Of each kelurahan and step the newest forecast issued within two days counts.
--
-- grain  one row a step, next first; the step that holds the moment is the first
-- reads  weather_forecasts
--
-- valid_time    timestamp with time zone  beginning of the step
-- coolest_c     double                    lowest temperature of the area's kelurahan
-- warmest_c     double                    highest
-- rain_mm       double                    most rain
-- humidity_pct  double                    mean relative humidity
-- wind_kmh      double                    strongest wind
-- weather       varchar                   weather of most kelurahan, in BMKG's words
-- code          integer                   its BMKG code
-- wettest       varchar                   weather of the greatest code, in BMKG's words
-- wettest_code  integer                   greatest code: 60 and above is rain, 95 and above thunder
-- wet           integer                   kelurahan with rain
-- places        integer                   kelurahan that it is told for
-- event_time    timestamp with time zone  oldest moment of issue
-- feed          varchar                   feed that says so
-- simulated     boolean                   from the simulated city

with latest as (
    select *
    from weather_forecasts
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
        and valid_time > $event_time - interval 3 hours
        and valid_time <= $event_time + interval 24 hours
        and ($area = '31' or starts_with(adm4, $area))
    qualify
        row_number() over (
            partition by adm4, valid_time order by simulated, event_time desc, known_time desc
        ) = 1
),

spoken as (
    select *
    from latest
    qualify not simulated or bool_and(simulated) over (partition by valid_time)
)

select
    valid_time,
    min(temperature_c) as coolest_c,
    max(temperature_c) as warmest_c,
    max(rain_mm) as rain_mm,
    avg(humidity_pct) as humidity_pct,
    max(wind_kmh) as wind_kmh,
    mode(weather) as weather,
    mode(weather_code) as code,
    arg_max(weather, weather_code) as wettest,
    max(weather_code) as wettest_code,
    (count(*) filter (where weather_code >= 60))::integer as wet,
    count(*)::integer as places,
    min(event_time) as event_time,
    any_value(feed) as feed,
    bool_or(simulated) as simulated
from spoken
group by valid_time
order by valid_time
