-- brief_pumps: how many pumps ran at each of some moments, and what the others did.
--
-- Of each house the newest report of the two days before the moment counts, real before simulated. A
-- moment with real reports has no simulated ones.
--
-- grain  one row a moment at which a house told anything, oldest first
-- reads  pump_states, pump_houses, feed_precedence
--
-- moment      timestamp with time zone  one of $moments
-- running     bigint                    pumps running
-- idle        bigint                    pumps ready
-- off         bigint                    pumps off; null where no house says
-- pumps       bigint                    pumps of the houses that told
-- houses      bigint                    houses that told
-- silent      bigint                    houses that did not
-- event_time  timestamp with time zone  newest report
-- feeds       varchar[]                 feeds that told
-- simulated   boolean                   from the simulated city

with moments as (
    select unnest($moments::timestamptz[]) as moment
),

latest as (
    select
        moments.moment,
        pump_states.*
    from pump_states
    join moments
        on pump_states.event_time > moments.moment - interval 2 days
        and pump_states.event_time <= moments.moment
    left join feed_precedence as precedence
        on precedence.table_name = 'pump_states'
        and precedence.feed = pump_states.feed
    where pump_states.event_time > $since
        and pump_states.event_time <= $until
        and pump_states.known_time <= $known_time
    qualify
        row_number() over (
            partition by moments.moment, pump_states.pump_house_id
            order by
                pump_states.simulated,
                pump_states.event_time desc,
                coalesce(precedence.rank, 99),
                pump_states.known_time desc
        ) = 1
),

counted as (
    select *
    from latest
    qualify not simulated or bool_and(simulated) over (partition by moment)
)

select
    counted.moment,
    sum(counted.running)::bigint as running,
    coalesce(sum(counted.idle), 0)::bigint as idle,
    sum(counted.off)::bigint as off,
    sum(coalesce(counted.total, houses.pumps))::bigint as pumps,
    count(*) as houses,
    (
        select count(*)
        from pump_houses as all_houses
        where not all_houses.simulated or any_value(counted.simulated)
    ) - count(*) as silent,
    max(counted.event_time) as event_time,
    list_sort(list(distinct counted.feed)) as feeds,
    any_value(counted.simulated) as simulated
from counted
join pump_houses as houses using (pump_house_id)
group by counted.moment
order by counted.moment
