-- corridor_day: each corridor by the hour over the last twelve, beside what is usual.
--
-- The usual is that of corridors_now: the same hour and weekday of the eight weeks before, without
-- the days of holidays, from three weeks on, of the same origin.
--
-- grain  one row a corridor and hour, in order of corridor and hour
-- reads  corridor_hours, holidays
--
-- corridor_id     varchar                   corridor
-- event_time      timestamp with time zone  beginning of the hour
-- speed_kmh       double                    mean speed; null where nothing was told
-- usual_kmh       double                    usual speed
-- usual_low_kmh   double                    exceeded in nine of ten weeks
-- usual_high_kmh  double                    exceeded in one of ten weeks
-- simulated       boolean                   from the simulated city

with days_off as (
    select
        date - days_before::integer as first_day,
        date + days_after::integer as last_day
    from holidays
),

told as (
    select
        corridor_id,
        simulated,
        event_time,
        arg_max(speed_kmh, known_time) as speed_kmh,
        any_value((epoch(hours.began) - epoch(event_time)) / 3600)::integer as hours_ago
    from corridor_hours
    cross join (select date_trunc('hour', $event_time::timestamptz) as began) as hours
    where event_time > $event_time - interval 57 days
        and event_time <= $event_time
        and known_time <= $known_time
        and (epoch(hours.began) - epoch(event_time)) / 3600 % 168 between 1 and 12
    group by corridor_id, simulated, event_time
),

usual as (
    select
        corridor_id,
        simulated,
        hours_ago % 168 as hours_ago,
        median(speed_kmh) as usual_kmh,
        quantile_cont(speed_kmh, 0.1) as usual_low_kmh,
        quantile_cont(speed_kmh, 0.9) as usual_high_kmh
    from told
    where hours_ago > 12
        and not exists (
            select 1
            from days_off
            where told.event_time::date between days_off.first_day and days_off.last_day
        )
    group by all
    having count(*) >= 3
)

select
    corridor_id,
    date_trunc('hour', $event_time::timestamptz) - to_hours(hours_ago) as event_time,
    today.speed_kmh,
    usual.usual_kmh,
    usual.usual_low_kmh,
    usual.usual_high_kmh,
    simulated
from (select * from told where hours_ago <= 12) as today
full join usual using (corridor_id, simulated, hours_ago)
qualify not simulated or bool_and(simulated) over (partition by corridor_id)
order by corridor_id, event_time
