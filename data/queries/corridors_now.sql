-- corridors_now: how each corridor flows now, an hour ago, and usually at this hour and weekday.
--
-- The usual is the median of the same hour and weekday of the eight weeks before, without the days
-- of holidays, from three weeks on; between the middles of two hours it changes evenly. It is of the
-- same origin as the newest sample: a real speed is never held against a simulated one.
--
-- grain  one row a corridor that told of itself within an hour, in order of id
-- reads  traffic_jams, corridor_hours, corridors, holidays
--
-- corridor_id     varchar                   corridor
-- name            varchar                   name
-- free_kmh        double                    speed in free flow
-- length_m        double                    length
-- line            varchar                   WKT LineString
-- event_time      timestamp with time zone  of the newest sample
-- speed_kmh       double                    speed
-- level           tinyint                   0 flows freely to 4 stands still, 5 closed
-- delay_s         double                    delay against free flow; null where closed
-- earlier_kmh     double                    mean speed 45 to 75 minutes before, else that of the hour before
-- half_kmh        double                    mean speed 20 to 40 minutes before; null without samples
-- usual_kmh       double                    usual speed at this moment
-- usual_low_kmh   double                    exceeded in nine of ten weeks
-- usual_high_kmh  double                    exceeded in one of ten weeks
-- usual_hour_kmh  double                    usual speed an hour ago
-- weeks           integer                   weeks that the usual is of
-- feed            varchar                   feed that says so
-- simulated       boolean                   from the simulated city

with moments as (
    select
        epoch(date_trunc('hour', $event_time::timestamptz - interval 30 minutes)) as middle_s,
        epoch($event_time::timestamptz - interval 30 minutes) % 3600 / 3600 as share
),

samples as (
    select
        jam_id as corridor_id,
        event_time,
        speed_kmh,
        level,
        delay_s,
        feed,
        simulated
    from traffic_jams
    semi join corridors on corridors.corridor_id = traffic_jams.jam_id
    where event_time > $event_time - interval 3 hours
        and event_time <= $event_time
        and known_time <= $known_time
        and not coalesce(ended, false)
    qualify
        not simulated or bool_and(simulated) over (partition by jam_id)
),

latest as (
    select *
    from samples
    where event_time > $event_time - interval 1 hour
    qualify row_number() over (partition by corridor_id order by event_time desc, feed) = 1
),

before as (
    select
        samples.corridor_id,
        avg(samples.speed_kmh) filter (
            where samples.event_time between latest.event_time - interval 75 minutes
                and latest.event_time - interval 45 minutes
        ) as earlier_kmh,
        avg(samples.speed_kmh) filter (
            where samples.event_time between latest.event_time - interval 40 minutes
                and latest.event_time - interval 20 minutes
        ) as half_kmh
    from samples
    join latest using (corridor_id, feed)
    group by samples.corridor_id
),

days_off as (
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
        any_value((epoch(event_time) - moments.middle_s) / 3600)::integer as hours_from
    from corridor_hours
    cross join moments
    where event_time > $event_time - interval 57 days
        and event_time <= $event_time
        and known_time <= $known_time
        -- Of each week the hour of the middle, the one before and the one after.
        and ((epoch(event_time) - moments.middle_s) / 3600 + 1 + 10 * 168) % 168 <= 2
    group by corridor_id, simulated, event_time
),

steps as (
    select
        corridor_id,
        simulated,
        (hours_from + 1 + 10 * 168) % 168 - 1 as step,
        median(speed_kmh) as kmh,
        quantile_cont(speed_kmh, 0.1) as low_kmh,
        quantile_cont(speed_kmh, 0.9) as high_kmh,
        count(*) as weeks
    from told
    where hours_from < -2
        and not exists (
            select 1
            from days_off
            where told.event_time::date between days_off.first_day and days_off.last_day
        )
    group by all
    having count(*) >= 3
),

-- The middle of the hour that holds the moment is step 0 in its first half and step 1 after it.
usual as (
    select
        corridor_id,
        simulated,
        sum(kmh * weight) filter (where step >= 0) as usual_kmh,
        sum(low_kmh * weight) filter (where step >= 0) as usual_low_kmh,
        sum(high_kmh * weight) filter (where step >= 0) as usual_high_kmh,
        sum(kmh * weight_before) filter (where step <= 0) as usual_hour_kmh,
        min(weeks) as weeks
    from (
        select
            steps.*,
            case step when 0 then 1 - share when 1 then share end as weight,
            case step when -1 then 1 - share when 0 then share end as weight_before
        from steps
        cross join moments
    )
    group by corridor_id, simulated
    having count(*) = 3
)

select
    corridors.corridor_id,
    corridors.name,
    corridors.free_flow_kmh::double as free_kmh,
    corridors.length_m::double as length_m,
    corridors.line,
    latest.event_time,
    latest.speed_kmh,
    latest.level,
    latest.delay_s,
    coalesce(before.earlier_kmh, last_hour.speed_kmh) as earlier_kmh,
    before.half_kmh,
    usual.usual_kmh,
    usual.usual_low_kmh,
    usual.usual_high_kmh,
    usual.usual_hour_kmh,
    usual.weeks::integer as weeks,
    latest.feed,
    latest.simulated
from latest
join corridors using (corridor_id)
left join before using (corridor_id)
left join usual
    on usual.corridor_id = latest.corridor_id
    and usual.simulated = latest.simulated
left join told as last_hour
    on last_hour.corridor_id = latest.corridor_id
    and last_hour.simulated = latest.simulated
    and last_hour.event_time = date_trunc('hour', $event_time::timestamptz) - interval 1 hour
order by latest.corridor_id
