-- level_history: the water at one station over a span of time.
--
-- Of several feeds the one counts in each step that ranks first in feed_precedence; where any
-- reading of the span is real, only real ones do.
--
-- grain  one row a step of $step_s seconds that has a reading, oldest first
-- reads  water_levels, feed_precedence
--
-- event_time     timestamp with time zone  of the reading
-- level_cm       double                    highest level of the step, as known last
-- known_time     timestamp with time zone  when that reading was learnt of first
-- known_assumed  boolean                   that moment is assumed: the reading came with an archive
-- feed           varchar                   feed that says so
-- simulated      boolean                   from the simulated city

with readings as (
    select
        event_time,
        feed,
        simulated,
        arg_max(level_cm, known_time) as level_cm,
        min(known_time) as known_time,
        bool_or(coalesce(known_assumed, false)) as known_assumed
    from water_levels
    where station_id = $station_id
        and event_time > $since
        and event_time <= $event_time
        and known_time <= $known_time
    group by event_time, feed, simulated
),

steps as (
    select readings.*
    from readings
    left join feed_precedence as precedence
        on precedence.table_name = 'water_levels'
        and precedence.feed = readings.feed
    qualify
        row_number() over (
            partition by epoch(event_time)::bigint // $step_s
            order by
                readings.simulated,
                coalesce(precedence.rank, 99),
                readings.feed,
                level_cm desc,
                event_time
        ) = 1
)

select event_time, level_cm, known_time, known_assumed, feed, simulated
from steps
qualify not simulated or bool_and(simulated) over ()
order by event_time
