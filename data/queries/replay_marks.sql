-- replay_marks: what happened in a span of time, to be found again on the bar of the replay.
--
-- siaga of a gate (its gravest of an hour) · RT and RW newly flooded (one row an hour and kota) · a BMKG
-- warning issued · five complaints or more of one category in one kelurahan within an hour · an alarm
-- raised. Real rows come before simulated ones within each kind.
--
-- grain  one row a mark, oldest first
-- reads  water_levels, water_stations, feed_precedence, inundations, weather_alerts, complaint_versions, alarms, areas
--
-- kind            varchar                   gate, inundation, warning, burst or alarm
-- id              varchar                   station, kota, alert, kelurahan or alarm
-- event_time      timestamp with time zone  when it happened
-- name            varchar                   station, headline, category or sentence of the alarm
-- place           varchar                   name of the area of kelurahan_code
-- earlier         integer                   siaga before; null for the other kinds
-- later           integer                   siaga after; null for the other kinds
-- severity        varchar                   severity of the alarm; null for the other kinds
-- amount          double                    level in cm · number of areas or complaints
-- kelurahan_code  varchar                   where; null for gates and warnings, the kota of floods
-- simulated       boolean                   from the simulated city

with readings as (
    select
        water_levels.station_id,
        stations.name,
        water_levels.event_time,
        water_levels.level_cm,
        water_levels.simulated,
        case
            when water_levels.level_cm >= stations.siaga1_cm then 1
            when water_levels.level_cm >= stations.siaga2_cm then 2
            when water_levels.level_cm >= stations.siaga3_cm then 3
            else 4
        end as siaga
    from water_levels
    join water_stations as stations using (station_id)
    left join feed_precedence as precedence
        on precedence.table_name = 'water_levels'
        and precedence.feed = water_levels.feed
    where water_levels.event_time > $since - interval 6 hours
        and water_levels.event_time <= $until
        and water_levels.known_time <= $known_time
        and stations.siaga3_cm is not null
    qualify
        coalesce(precedence.rank, 99)
        = min(coalesce(precedence.rank, 99)) over (
            partition by water_levels.station_id, water_levels.simulated
        )
        and (not water_levels.simulated or bool_and(water_levels.simulated) over ())
),

stepped as (
    select *, lag(siaga) over (partition by station_id order by event_time) as earlier
    from readings
),

gates as (
    select *
    from stepped
    where siaga <> earlier
        and event_time > $since
    qualify
        row_number() over (
            partition by station_id, date_trunc('hour', event_time) order by siaga, event_time
        ) = 1
),

spells as (
    select
        *,
        coalesce(ended, false) as dry,
        lag(coalesce(ended, false)) over (
            partition by feed, area_code order by event_time, known_time
        ) as was_dry
    from inundations
    where event_time > $since - interval 2 days
        and event_time <= $until
        and known_time <= $known_time
        and ($area = '31' or starts_with(kelurahan_code, $area))
),

flooded as (
    select *
    from spells
    where event_time > $since
        and not dry
        and coalesce(was_dry, true)
    qualify not simulated or bool_and(simulated) over ()
),

floods as (
    select
        substr(kelurahan_code, 1, 5) as kota_code,
        min(event_time) as event_time,
        count(distinct area_code) as amount,
        bool_and(simulated) as simulated
    from flooded
    group by kota_code, date_trunc('hour', event_time)
),

warnings as (
    select *
    from weather_alerts
    where event_time > $since
        and event_time <= $until
        and known_time <= $known_time
        and not coalesce(ended, false)
        and coalesce(message_type, '') <> 'Cancel'
    qualify
        row_number() over (partition by alert_id order by event_time, known_time) = 1
        and (not simulated or bool_and(simulated) over ())
),

intake as (
    select
        complaint_id,
        min(created_at) as created_at,
        arg_max(category, event_time) as category,
        arg_max(kelurahan_code, event_time) as kelurahan_code,
        bool_and(simulated) as simulated
    from complaint_versions
    where event_time > $since - interval 1 hour
        and event_time <= $until
        and created_at > $since - interval 1 hour
        and known_time <= $known_time
        and ($area = '31' or starts_with(kelurahan_code, $area))
    group by complaint_id
    qualify not bool_and(simulated) or bool_and(bool_and(simulated)) over ()
),

crowds as (
    select
        *,
        count(*) over (
            partition by kelurahan_code, category
            order by created_at
            range between interval 1 hour preceding and current row
        ) as amount
    from intake
),

bursts as (
    select *
    from crowds
    where amount >= 5
        and created_at > $since
    qualify
        row_number() over (
            partition by kelurahan_code, category, time_bucket(interval 3 hours, created_at)
            order by created_at
        ) = 1
),

raised as (
    select *
    from alarms
    where event_time > $since
        and event_time <= $until
        and known_time <= $known_time
        and state = 'raised'
        and severity in ('siaga1', 'siaga2', 'warning')
        and ($area = '31' or starts_with(kelurahan_code, $area))
    qualify not simulated or bool_and(simulated) over ()
),

marks as (
    select
        'gate' as kind,
        station_id as id,
        event_time,
        name,
        earlier,
        siaga as later,
        null::varchar as severity,
        level_cm as amount,
        null::varchar as kelurahan_code,
        simulated
    from gates
    union all by name
    select
        'inundation' as kind,
        kota_code as id,
        event_time,
        amount,
        kota_code as kelurahan_code,
        simulated
    from floods
    union all by name
    select
        'warning' as kind,
        alert_id as id,
        event_time,
        coalesce(headline, event) as name,
        simulated
    from warnings
    union all by name
    select
        'burst' as kind,
        kelurahan_code as id,
        created_at as event_time,
        category as name,
        amount,
        kelurahan_code,
        simulated
    from bursts
    union all by name
    select
        'alarm' as kind,
        alarm_id as id,
        event_time,
        title as name,
        severity,
        value as amount,
        kelurahan_code,
        simulated
    from raised
)

select
    marks.kind,
    marks.id,
    marks.event_time,
    marks.name,
    areas.name as place,
    marks.earlier,
    marks.later,
    marks.severity,
    marks.amount::double as amount,
    marks.kelurahan_code,
    marks.simulated
from marks
left join areas on areas.code = marks.kelurahan_code
order by marks.event_time, marks.kind, marks.id
