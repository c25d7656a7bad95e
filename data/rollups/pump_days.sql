-- pump_days: how many hours the pumps of each house ran and stood ready, day by day.
--
-- Of each hour the last report counts, for all pumps of the house; what is missing to the total is
-- neither off nor broken, since the source does not say which. A report holds for its hour; one of a
-- past that was loaded later, and tells only what changed, until the next of its day. Rows of one
-- day that became known on different days add up.
--
-- grain  one row a day of knowing, day (both WIB), pump house and origin
-- reads  pump_states
-- days   alone
--
-- known_day      date     day on which the reports became known
-- day            date     day of the reports
-- pump_house_id  varchar  pump house
-- simulated      boolean  from the simulated city
-- assumed        boolean  when some became known is assumed
-- running_h      integer  hours that pumps ran, summed over the pumps
-- idle_h         integer  hours that they stood ready
-- total_h        integer  hours told of, times the pumps that are installed

with reports as (
    select
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        (epoch_ms(event_time) + 25_200_000) // 3_600_000 as hour,
        *
    from pump_states
    where simulated = $simulated
        and total > 0
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
),

held as (
    select
        *,
        hour // 24 as day,
        if(known_assumed and simulated, coalesce(until, (hour // 24 + 1) * 24), least(until, hour + 1)) - hour
        as hours
    from (
        select
            *,
            lead(hour) over (
                partition by known, pump_house_id, hour // 24 order by event_time, known_time
            ) as until
        from reports
    )
)

select
    date '1970-01-01' + known::integer as known_day,
    date '1970-01-01' + day::integer as day,
    pump_house_id,
    $simulated::boolean as simulated,
    bool_or(known_assumed) as assumed,
    sum(hours * running)::integer as running_h,
    sum(hours * coalesce(idle, 0))::integer as idle_h,
    sum(hours * total)::integer as total_h
from held
where known in (select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000)
group by known, held.day, pump_house_id
order by known_day, pump_house_id
