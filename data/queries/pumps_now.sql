-- pumps_now: the pumps of each house as last told.
--
-- grain  one row a pump house; a real house without a report has nulls
-- reads  pump_states, pump_houses, feed_precedence
--
-- pump_house_id  varchar                   house
-- name           varchar                   name
-- authority      varchar                   who runs it
-- lon            double                    degrees
-- lat            double                    degrees
-- pumps          integer                   pumps installed: as told, else as in pump_houses
-- running        integer                   pumps running; null without a report of the last two days
-- idle           integer                   pumps ready
-- off            integer                   pumps off
-- broken         integer                   pumps broken, only where the source says so
-- event_time     timestamp with time zone  of the report
-- feed           varchar                   feed that says so
-- simulated      boolean                   from the simulated city

with latest as (
    select pump_states.*
    from pump_states
    left join feed_precedence as precedence
        on precedence.table_name = 'pump_states'
        and precedence.feed = pump_states.feed
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    qualify
        row_number() over (
            partition by pump_house_id
            order by simulated, event_time desc, coalesce(precedence.rank, 99), known_time desc
        ) = 1
)

select
    houses.pump_house_id,
    houses.name,
    houses.authority,
    houses.lon,
    houses.lat,
    coalesce(latest.total, houses.pumps)::integer as pumps,
    latest.running,
    latest.idle,
    latest.off,
    latest.broken,
    latest.event_time,
    latest.feed,
    latest.simulated
from pump_houses as houses
left join latest using (pump_house_id)
where not houses.simulated or latest.event_time is not null
order by houses.name, houses.pump_house_id
