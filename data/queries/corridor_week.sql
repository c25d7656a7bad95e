-- corridor_week: one corridor by weekday and hour, as usual over the last eight weeks.
--
-- grain  one row a weekday and hour that was told of, Monday and midnight first; WIB
-- reads  corridor_hours, holidays
--
-- weekday    integer  1 Monday to 7 Sunday
-- hour       integer  0 to 23
-- speed_kmh  double   median, without the days of holidays
-- delay_s    double   median delay against free flow
-- weeks      integer  hours that the median is of
-- simulated  boolean  from the simulated city

with days_off as (
    select
        date - days_before::integer as first_day,
        date + days_after::integer as last_day
    from holidays
),

told as (
    select
        event_time,
        arg_max(speed_kmh, known_time) as speed_kmh,
        arg_max(delay_s, known_time) as delay_s,
        simulated
    from corridor_hours
    where corridor_id = $corridor
        and event_time > $event_time - interval 56 days
        and event_time <= $event_time
        and known_time <= $known_time
    group by event_time, simulated
    qualify not simulated or bool_and(simulated) over ()
)

select
    isodow(event_time)::integer as weekday,
    hour(event_time)::integer as hour,
    median(speed_kmh) as speed_kmh,
    median(delay_s) as delay_s,
    count(*)::integer as weeks,
    simulated
from told
where not exists (
    select 1
    from days_off
    where told.event_time::date between days_off.first_day and days_off.last_day
)
group by all
order by weekday, hour
