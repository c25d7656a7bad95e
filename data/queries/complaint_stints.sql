-- complaint_stints: the stays of one complaint with each unit, as the ranking counts them.
--
-- grain  one row a stint, in order of time
-- reads  complaint_stints, complaint_incidents
--
-- unit            varchar                   office or perangkat daerah
-- kelurahan_code  varchar                   kelurahan of the problem at intake; null where unknown
-- category        varchar                   category at intake
-- created_at      timestamp with time zone  intake of the complaint
-- started_at      timestamp with time zone  the unit received it
-- due_at          timestamp with time zone  end of the time to finish; null before the first rule
-- ended_at        timestamp with time zone  end of the stint; null while it runs
-- ending          varchar                   handed, finished or rejected; null while it runs
-- on_time         boolean                   ended in time; null while it runs, or without a rule
-- joined          boolean                   counted with the first report of its incident
-- simulated       boolean                   from the simulated city

with stints as (
    select *
    from complaint_stints
    where complaint_id = $complaint_id
        and known_day < $cut::date
)

select
    unit,
    any_value(kelurahan_code) as kelurahan_code,
    any_value(category) as category,
    any_value(created_at) as created_at,
    started_at,
    any_value(due_at) as due_at,
    any_value(ended_at) as ended_at,
    any_value(ending) as ending,
    any_value(on_time) as on_time,
    exists (
        select 1
        from complaint_incidents
        where complaint_id = $complaint_id and known_day < $cut::date
    ) as joined,
    any_value(simulated) as simulated
from stints
where simulated = (select bool_and(simulated) from stints)
group by unit, started_at
order by started_at
