-- city_status: the operational status of the city, why, what it asks of whom, what would lower it.
--
-- It is noted anew at least once a day, so that two days always hold it.
--
-- grain  one row, none before the first judgement
-- reads  city_status, city_status_asks
--
-- level         integer                   1 Rutin, 2 Penguatan, 3 Tinggi, 4 Sangat Tinggi, 5 Puncak; never on screen
-- since         timestamp with time zone  when it reached this level
-- reasons       varchar[]                 why, one sentence each
-- lowers        varchar[]                 what would lower it, one sentence each
-- unassessable  integer                   alarms among its inputs that cannot be judged
-- asks          varchar[]                 what it asks of whom, such as Dinas SDA: Jalankan semua pompa
-- event_time    timestamp with time zone  of the change that led to this row
-- known_time    timestamp with time zone  when that was judged
-- simulated     boolean                   judged on data of the simulated city

with latest as (
    select *
    from city_status
    where area_code = '31'
        and event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
    order by event_time desc, known_time desc
    limit 1
)

select
    latest.level::integer as level,
    latest.since,
    from_json(latest.reasons, '["VARCHAR"]') as reasons,
    from_json(latest.lowers, '["VARCHAR"]') as lowers,
    latest.unassessable,
    (
        select list(asks.who || ': ' || asks.ask order by asks.ordinal)
        from city_status_asks as asks
        where asks.level = latest.level
    ) as asks,
    latest.event_time,
    latest.known_time,
    latest.simulated
from latest
