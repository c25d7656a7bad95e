-- evidence_contradictions: complaints that were finished while another feed still told of the problem.
--
-- A flood: an RW near the place (of its kelurahan, where the place is not known) stood under water
-- at that moment and for a while after it, or the water at a gate near it at Siaga 2 or above.
-- Traffic: a jam stood there within a while after it. Where the feeds of that kind told nothing at
-- all for a while before, it could not be tested.
--
-- grain  one row an office that finished some
-- reads  complaint_versions, inundations, water_levels, water_stations, traffic_jams, feed_runs, feeds
--
-- unit           varchar    office that finished them
-- n              bigint     finished complaints that could be tested
-- weight         double     contradictions that the city has in as many of these kinds
-- untested       bigint     finished complaints that could not be tested
-- complaint_ids  varchar[]  contradicted ones, newest first
-- against        varchar[]  for each what contradicts it
-- measures       double[]   for each the metres to it; 0 where only the kelurahan is known
-- simulated      boolean    counted from simulated rows

with latest as (
    select
        complaint_id,
        arg_max(
            struct_pack(status, agency, resolved_at, category, kelurahan_code, lon, lat, simulated),
            (event_time, known_time)
        ) as told
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and category in ('Penanganan Banjir', 'Arus Lalu Lintas', 'Parkir Liar')
    group by complaint_id
),

closings as (
    select
        complaint_id,
        unnest(told),
        told.category = 'Penanganan Banjir' as flood
    from latest
    where told.status = 'Selesai'
        and told.agency is not null
        and (told.lon is not null or told.category = 'Penanganan Banjir')
        -- What came after it is known only then.
        and told.resolved_at <= $event_time - to_minutes($after_min::integer)
    qualify not told.simulated or bool_and(told.simulated) over ()
),

waters as (
    select
        *,
        coalesce(
            lead(event_time) over (partition by feed, area_code order by event_time, known_time),
            'infinity'
        ) as until
    from inundations
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
),

gates as (
    select levels.event_time, stations.name, stations.lon, stations.lat
    from water_levels as levels
    join water_stations as stations using (station_id)
    where levels.event_time > $since::timestamptz
        and levels.event_time <= $event_time
        and levels.known_time <= $known_time
        and levels.level_cm >= stations.siaga2_cm
        and stations.kind <> 'pasang surut'
),

jams as (
    select event_time, street, level, lon, lat, ended
    from traffic_jams
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
),

-- What contradicts a closing: where it stood, and since and until when.
witnesses as (
    select
        true as flood,
        'Genangan ' || coalesce(area_name, area_code) as name,
        kelurahan_code,
        lon,
        lat,
        event_time as since,
        until - to_minutes($after_min::integer) as until,
        $near_m as within_m
    from waters
    where not coalesce(ended, false)
    union all
    select true, name || ' Siaga 2 atau lebih', null, lon, lat, event_time,
        event_time + interval 1 hour, $gate_m
    from gates
    union all
    select false, 'Kemacetan ' || coalesce(street, ''), null, lon, lat,
        event_time - to_minutes($after_min::integer), event_time, $jam_m
    from jams
    where level >= 3
        and not coalesce(ended, false)
),

met as (
    select
        closings.complaint_id,
        witnesses.name,
        coalesce(
            sqrt(
                ((witnesses.lon - closings.lon) * 110_650) ** 2
                + ((witnesses.lat - closings.lat) * 110_570) ** 2
            ),
            0
        ) as metres
    from closings
    join witnesses
        on witnesses.flood = closings.flood
        and witnesses.since <= closings.resolved_at
        and witnesses.until > closings.resolved_at
    where if(
        closings.lon is null,
        witnesses.kelurahan_code = closings.kelurahan_code,
        metres <= witnesses.within_m
    )
),

contradicted as (
    select complaint_id, arg_min(name, metres) as against, min(metres) as metres
    from met
    group by complaint_id
),

-- The moments at which the feeds of a kind told anything, if only that there is nothing.
signs as (
    select distinct true as flood, date_trunc('minute', event_time) as at from waters
    union
    select distinct false, date_trunc('minute', event_time) from jams
    union
    select list_contains(tables, 'inundations'), date_trunc('minute', runs.finished_at)
    from feed_runs as runs
    join (
        select feed, string_split(replace(arg_max(tables, declared_at), ' ', ''), ',') as tables
        from feeds
        group by feed
    ) as declared using (feed)
    where runs.finished_at > $since::timestamptz
        and runs.finished_at <= least($event_time::timestamptz, $known_time::timestamptz)
        and runs.outcome <> 'failed'
        and not runs.history
        and list_has_any(tables, ['inundations', 'traffic_jams'])
),

judged as (
    select
        closings.*,
        contradicted.against,
        contradicted.metres,
        contradicted.complaint_id is not null as refuted,
        contradicted.complaint_id is not null
        or coalesce(closings.resolved_at - signs.at <= to_minutes($silent_min::integer), false)
            as tested
    from closings
    left join contradicted using (complaint_id)
    asof left join signs
        on signs.flood = closings.flood
        and closings.resolved_at >= signs.at
),

kinds as (
    select flood, count(*) filter (where refuted) / count(*) as share
    from judged
    where tested
    group by flood
)

select
    agency as unit,
    count(*) filter (where tested) as n,
    coalesce(sum(share) filter (where tested), 0)::double as weight,
    count(*) filter (where not tested) as untested,
    list(complaint_id order by resolved_at desc, complaint_id) filter (where refuted) as complaint_ids,
    list(against order by resolved_at desc, complaint_id) filter (where refuted) as against,
    list(metres order by resolved_at desc, complaint_id) filter (where refuted) as measures,
    any_value(simulated) as simulated
from judged
left join kinds using (flood)
group by agency
order by unit
