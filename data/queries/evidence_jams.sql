-- evidence_jams: complaints of traffic and parking that were finished just before a jam there.
--
-- A jam near the place is told of within a while after the closing. Where the feeds of jams told
-- nothing at all for a while before, it could not be tested.
--
-- grain  one row an office that finished some
-- part   feed_signs
-- reads  complaint_versions, traffic_jams, feed_runs, feeds
--
-- unit           varchar    office that finished them
-- n              bigint     finished complaints that could be tested
-- weight         double     contradictions that the city has in as many of these categories
-- untested       bigint     finished complaints that could not be tested
-- complaint_ids  varchar[]  contradicted ones, newest first
-- against        varchar[]  for each the jam that contradicts it
-- measures       double[]   for each the metres to it
-- simulated      boolean    counted from simulated rows

with latest as (
    select
        complaint_id,
        arg_max(
            struct_pack(status, agency, resolved_at, category, lon, lat, simulated),
            (event_time, known_time)
        ) as told
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and category in ('Arus Lalu Lintas', 'Parkir Liar')
    group by complaint_id
),

closings as (
    select complaint_id, unnest(told)
    from latest
    where told.status = 'Selesai'
        and told.agency is not null
        and told.lon is not null
        -- What came after it is known only then.
        and told.resolved_at <= $event_time - to_minutes($after_min::integer)
    qualify not told.simulated or bool_and(told.simulated) over ()
),

jams as (
    select
        event_time,
        'Kemacetan ' || coalesce(street, '') as name,
        lon,
        lat,
        simulated,
        epoch_ms(event_time) // (60_000 * $after_min)::bigint as span
    from traffic_jams
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and level >= 3
        and not coalesce(ended, false)
),

met as (
    select
        closings.complaint_id,
        jams.name,
        sqrt(
            ((jams.lon - closings.lon) * 110_650) ** 2
            + ((jams.lat - closings.lat) * 110_570) ** 2
        ) as metres
    from (select *, unnest([0, 1]) as later from closings) as closings
    -- The while after a closing touches two of the spans into which time is cut.
    join jams
        on jams.span
        = epoch_ms(closings.resolved_at) // (60_000 * $after_min)::bigint + closings.later
    -- What the simulated city says of a real closing proves nothing.
    where jams.simulated = closings.simulated
        and jams.event_time between closings.resolved_at
            and closings.resolved_at + to_minutes($after_min::integer)
        and metres <= $near_m
),

contradicted as (
    select complaint_id, arg_min(name, metres) as against, min(metres) as metres
    from met
    group by complaint_id
),

-- The moments at which anything was told, if only that there is nothing.
signs as (
    select distinct date_trunc('minute', event_time) as at, simulated from jams
    union
    select heard_at, simulated from feed_signs where list_contains(tables, 'traffic_jams')
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
),

categories as (
    select category, count(*) filter (where refuted) / count(*) as share
    from judged
    where tested
    group by category
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
left join categories using (category)
group by agency
order by unit
