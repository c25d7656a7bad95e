-- card_flood_origins: of which origin there are inundations, rain and pumps, and how many days.
--
-- grain  one row a source and origin, in order
-- reads  inundations, rain_days, pump_days
--
-- source     varchar  inundations, rainfall or pump_states
-- simulated  boolean  from the simulated city
-- newest     date     newest day
-- days       bigint   days told of
-- rows       bigint   reports, stations or houses

select *
from (
    select
        'inundations' as source,
        simulated,
        max(event_time)::date as newest,
        count(distinct event_time::date) as days,
        count(*) as rows
    from inundations
    where event_time >= $since::date::timestamptz
        and event_time < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
    group by simulated
    union all
    select
        'rainfall',
        simulated,
        max(day),
        count(distinct day),
        count(distinct station_id)
    from rain_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by simulated
    union all
    select
        'pump_states',
        simulated,
        max(day),
        count(distinct day),
        count(distinct pump_house_id)
    from pump_days
    where day >= $since::date
        and day < $until::date
        and known_day < $cut::date
    group by simulated
)
order by source, simulated
