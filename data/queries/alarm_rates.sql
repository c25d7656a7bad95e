-- alarm_rates: how many alarms the desk had to take within a day, against EEMUA 191.
--
-- Chattering is an alarm that was raised three times or more within an hour.
--
-- grain  one row
-- reads  alarms
--
-- last_10min  bigint  raised within the last ten minutes
-- most_10min  bigint  raised within the worst ten minutes of the day
-- last_day    bigint  raised within the day
-- urgent_day  bigint  of them siaga 1 or 2
-- chattering  bigint  alarms that chattered within the day

with raised as (
    select
        alarm_id,
        severity,
        event_time,
        count(*) over (
            partition by alarm_id
            order by event_time
            range between interval 1 hour preceding and current row
        ) as returns
    from alarms
    where state = 'raised'
        and event_time > $event_time - interval 1 day
        and event_time <= $event_time
        and known_time <= $known_time
        and (
            $area = '31'
            or starts_with(kelurahan_code, $area)
            or (subject_kind = 'corridor' and subject_id in (select unnest($corridors::varchar[])))
        )
),

spans as (
    select count(*) as raised
    from raised
    group by time_bucket(interval 10 minutes, event_time)
)

select
    count(*) filter (where event_time > $event_time - interval 10 minutes) as last_10min,
    greatest((select max(raised) from spans), last_10min) as most_10min,
    count(*) as last_day,
    count(*) filter (where severity in ('siaga1', 'siaga2')) as urgent_day,
    count(distinct alarm_id) filter (where returns >= 3) as chattering
from raised
