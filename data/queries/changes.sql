-- changes: what changed in the city during the last six hours.
--
-- siaga of a gate (one an hour and gate at most) · an RT or RW flooded or dry again · a BMKG warning
-- issued · an accident or a closed road · cameras lost (one row a kota and quarter of an hour) · five
-- complaints or more of one category in one kelurahan within an hour. Real rows come before
-- simulated ones within each kind.
--
-- grain  one row a change, newest first
-- reads  water_levels, water_stations, feed_precedence, inundations, weather_alerts, traffic_alerts, camera_checks, cameras, complaint_versions, areas
--
-- kind            varchar                   gate, inundation, warning, alert, camera or burst
-- id              varchar                   station, area, alert, kota or kelurahan
-- event_time      timestamp with time zone  when it happened
-- name            varchar                   what it happened to; null where there are several
-- place           varchar                   name of the area of kelurahan_code
-- earlier         varchar                   siaga before; null for the other kinds
-- later           varchar                   siaga after · flooded or dry · type of alert · category
-- amount          double                    level in cm · depth in cm · number of cameras or complaints
-- kelurahan_code  varchar                   where; null for gates and warnings, the kota of cameras
-- feed            varchar                   feed that says so
-- simulated       boolean                   from the simulated city
-- known_time      timestamp with time zone  when it became known
-- known_assumed   boolean                   that is assumed: it was loaded afterwards

with readings as (
    select
        water_levels.station_id,
        stations.name,
        water_levels.event_time,
        water_levels.level_cm,
        water_levels.feed,
        water_levels.simulated,
        water_levels.known_time,
        water_levels.known_assumed,
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
    where water_levels.event_time > $event_time - interval 12 hours
        and water_levels.event_time <= $event_time
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
        and event_time > $event_time - interval 6 hours
    qualify
        row_number() over (
            partition by station_id, date_trunc('hour', event_time) order by event_time desc
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
    where event_time > $event_time - interval 2 days
        and event_time <= $event_time
        and known_time <= $known_time
),

floods as (
    select *
    from spells
    where event_time > $event_time - interval 6 hours
        and dry <> coalesce(was_dry, true)
    qualify not simulated or bool_and(simulated) over ()
),

warnings as (
    select *
    from weather_alerts
    where event_time > $event_time - interval 6 hours
        and event_time <= $event_time
        and known_time <= $known_time
        and not coalesce(ended, false)
        and coalesce(message_type, '') <> 'Cancel'
    qualify
        row_number() over (partition by alert_id order by event_time, known_time) = 1
        and (not simulated or bool_and(simulated) over ())
),

alerts as (
    select *
    from traffic_alerts
    where event_time > $event_time - interval 6 hours
        and event_time <= $event_time
        and known_time <= $known_time
        and type in ('ACCIDENT', 'ROAD_CLOSED')
        and not coalesce(ended, false)
    qualify
        row_number() over (partition by feed, alert_id order by event_time, known_time) = 1
        and (not simulated or bool_and(simulated) over ())
),

probes as (
    select
        camera_id,
        event_time,
        state,
        feed,
        simulated,
        known_time,
        known_assumed,
        lag(state) over (partition by camera_id order by event_time) as was
    from camera_checks
    where event_time > $event_time - interval 9 hours
        and event_time <= $event_time
        and known_time <= $known_time
),

listed as (
    select camera_id, name, kelurahan_code
    from cameras
    where known_time <= $known_time
    qualify row_number() over (partition by camera_id order by simulated, known_time desc) = 1
),

losses as (
    select probes.*, listed.name, substr(listed.kelurahan_code, 1, 5) as kota_code
    from probes
    join listed using (camera_id)
    where probes.state <> 'live'
        and probes.was = 'live'
        and probes.event_time > $event_time - interval 6 hours
    qualify not probes.simulated or bool_and(probes.simulated) over ()
),

cameras_lost as (
    select
        kota_code,
        max(event_time) as event_time,
        count(*) as amount,
        min(name) as name,
        any_value(feed) as feed,
        bool_and(simulated) as simulated,
        max(known_time) as known_time,
        bool_or(known_assumed) as known_assumed
    from losses
    group by kota_code, time_bucket(interval 15 minutes, event_time)
),

intake as (
    select
        complaint_id,
        min(created_at) as created_at,
        arg_max(category, event_time) as category,
        arg_max(kelurahan_code, event_time) as kelurahan_code,
        any_value(feed) as feed,
        bool_and(simulated) as simulated,
        min(known_time) as known_time,
        bool_or(known_assumed) as known_assumed
    from complaint_versions
    where event_time > $event_time - interval 7 hours
        and created_at > $event_time - interval 7 hours
        and event_time <= $event_time
        and known_time <= $known_time
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
        and created_at > $event_time - interval 6 hours
    qualify
        row_number() over (
            partition by kelurahan_code, category, date_trunc('hour', created_at)
            order by created_at desc
        ) = 1
),

changes as (
    select
        'gate' as kind,
        station_id as id,
        event_time,
        name,
        earlier::varchar as earlier,
        siaga::varchar as later,
        level_cm as amount,
        null as kelurahan_code,
        feed,
        simulated,
        known_time,
        known_assumed
    from gates
    union all by name
    select
        'inundation' as kind,
        area_code as id,
        event_time,
        area_name as name,
        null as earlier,
        if(dry, 'dry', 'flooded') as later,
        coalesce(depth_max_cm, depth_min_cm) as amount,
        kelurahan_code,
        feed,
        simulated,
        known_time,
        known_assumed
    from floods
    union all by name
    select
        'warning' as kind,
        alert_id as id,
        event_time,
        headline as name,
        null as earlier,
        severity as later,
        null as amount,
        null as kelurahan_code,
        feed,
        simulated,
        known_time,
        known_assumed
    from warnings
    union all by name
    select
        'alert' as kind,
        alert_id as id,
        event_time,
        street as name,
        null as earlier,
        type as later,
        null as amount,
        kelurahan_code,
        feed,
        simulated,
        known_time,
        known_assumed
    from alerts
    union all by name
    select
        'camera' as kind,
        kota_code as id,
        event_time,
        if(amount = 1, name, null) as name,
        null as earlier,
        null as later,
        amount,
        kota_code as kelurahan_code,
        feed,
        simulated,
        known_time,
        known_assumed
    from cameras_lost
    union all by name
    select
        'burst' as kind,
        kelurahan_code as id,
        created_at as event_time,
        null as name,
        null as earlier,
        category as later,
        amount,
        kelurahan_code,
        feed,
        simulated,
        known_time,
        known_assumed
    from bursts
)

select
    changes.kind,
    changes.id,
    changes.event_time,
    changes.name,
    areas.name as place,
    changes.earlier,
    changes.later,
    changes.amount::double as amount,
    changes.kelurahan_code,
    changes.feed,
    changes.simulated,
    changes.known_time,
    changes.known_assumed
from changes
left join areas on areas.code = changes.kelurahan_code
where $area = '31'
    or changes.kind in ('gate', 'warning')
    or starts_with(changes.kelurahan_code, $area)
order by changes.event_time desc, changes.kind, changes.id
limit $most
