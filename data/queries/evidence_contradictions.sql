-- evidence_contradictions: flood complaints that were finished while the water still stood.
--
-- An RW near the place (of its kelurahan, where the place is not known) stood under water at that
-- moment and for a while after it. Where the feeds of inundations told nothing at all for a while
-- before, it could not be tested. The water at a gate is no witness: hardly a complaint lies near one
-- (none of some 200 in 105 simulated days was contradicted), and a street drains before the river.
--
-- grain  one row an office that finished some
-- part   feed_signs
-- reads  complaint_versions, inundations, feed_runs, feeds
--
-- unit           varchar    office that finished them
-- n              bigint     finished complaints that could be tested
-- weight         double     the same
-- untested       bigint     finished complaints that could not be tested
-- complaint_ids  varchar[]  contradicted ones, newest first
-- against        varchar[]  for each what contradicts it
-- measures       double[]   for each the metres to it; 0 where only the kelurahan is known
-- simulated      boolean    counted from simulated rows

with latest as (
    select
        complaint_id,
        arg_max(
            struct_pack(status, agency, resolved_at, kelurahan_code, lon, lat, simulated),
            (event_time, known_time)
        ) as told
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and category = 'Penanganan Banjir'
    group by complaint_id
),

closings as (
    select complaint_id, unnest(told)
    from latest
    where told.status = 'Selesai'
        and told.agency is not null
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

met as (
    select
        closings.complaint_id,
        'Genangan ' || coalesce(waters.area_name, waters.area_code) as name,
        coalesce(
            sqrt(
                ((waters.lon - closings.lon) * 110_650) ** 2
                + ((waters.lat - closings.lat) * 110_570) ** 2
            ),
            0
        ) as metres
    from closings
    join waters
        on waters.event_time <= closings.resolved_at
        and waters.until > closings.resolved_at + to_minutes($after_min::integer)
        -- What the simulated city says of a real closing proves nothing.
        and waters.simulated = closings.simulated
    where not coalesce(waters.ended, false)
        and if(
            closings.lon is null,
            waters.kelurahan_code = closings.kelurahan_code,
            metres <= $near_m
        )
),

contradicted as (
    select complaint_id, arg_min(name, metres) as against, min(metres) as metres
    from met
    group by complaint_id
),

-- The moments at which anything was told, if only that there is nothing.
signs as (
    select distinct date_trunc('minute', event_time) as at, simulated from waters
    union
    select heard_at, simulated from feed_signs where list_contains(tables, 'inundations')
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
        on closings.simulated = signs.simulated
        and closings.resolved_at >= signs.at
)

select
    agency as unit,
    count(*) filter (where tested) as n,
    (count(*) filter (where tested))::double as weight,
    count(*) filter (where not tested) as untested,
    list(complaint_id order by resolved_at desc, complaint_id) filter (where refuted) as complaint_ids,
    list(against order by resolved_at desc, complaint_id) filter (where refuted) as against,
    list(metres order by resolved_at desc, complaint_id) filter (where refuted) as measures,
    any_value(simulated) as simulated
from judged
group by agency
order by unit
