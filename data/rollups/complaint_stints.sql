-- complaint_stints: each stay of a complaint with one unit, as it began and as it ended.
--
-- A stint begins when the log names the unit and ends with a hand-over to another or with the
-- complaint; what is opened again begins a new one. The log counts in the order in which it became
-- known: an entry older than one known before it changes nothing, so that no later knowledge
-- reaches an earlier day. The rule is that of the day of intake. An office of an area is a unit of
-- its own; any other agency counts for its perangkat daerah.
--
-- grain  two rows a stint: one when it begins, one (with ended_at) when it ends
-- reads  complaint_log, complaint_versions, complaint_rules, agencies
--
-- known_day       date                      day on which the change became known, WIB
-- simulated       boolean                   from the simulated city
-- complaint_id    varchar                   report number
-- unit            varchar                   office or perangkat daerah
-- created_at      timestamp with time zone  intake of the complaint
-- kelurahan_code  varchar                   kelurahan of the problem at intake
-- category        varchar                   category at intake
-- channel         varchar                   channel
-- geotagged       boolean                   the reporter's device told the place
-- started_at      timestamp with time zone  the unit received it
-- answered_at     timestamp with time zone  first action of the unit; null in the row that begins
-- ended_at        timestamp with time zone  end of the stint; null in the row that begins
-- ending          varchar                   handed, finished or rejected; null in the row that begins
-- due_at          timestamp with time zone  end of the time to finish; null before the first rule
-- on_time         boolean                   ended in time, a hand-over within the time to coordinate;
--                                           null in the row that begins, or before the first rule

with days as (
    select unnest($days::date[]) as known_day
),

touched as (
    select distinct complaint_id
    from complaint_log
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
        and known_time::date in (select known_day from days)
),

-- Numbers instead of words: half of the work is to sort the log.
units as (
    select
        logged.agency,
        if(
            agencies.agency is null or agencies.kind in ('kelurahan', 'kecamatan', 'kota'),
            logged.agency,
            agencies.perangkat_daerah
        ) as name,
        (dense_rank() over (order by name))::smallint as unit
    from (select distinct agency from complaint_log where agency is not null) as logged
    left join agencies using (agency)
),

entries as (
    select
        complaint_id,
        epoch_us(known_time) as known,
        epoch_us(event_time) as event,
        if(status = 'Selesai', 1, if(status = 'Ditolak', 2, 0))::tinyint as closed,
        units.unit
    from complaint_log
    semi join touched using (complaint_id)
    join units using (agency)
    where simulated = $simulated
    qualify
        event >= coalesce(
            max(event) over (
                partition by complaint_id order by known, event
                rows between unbounded preceding and 1 preceding
            ),
            event
        )
),

steps as (
    select
        *,
        lag(unit) over arrived as unit_before,
        lag(closed) over arrived > 0 as closed_before,
        lead(event) over arrived as next
    from entries
    window arrived as (partition by complaint_id order by known, event)
),

changes as (
    select
        *,
        unit_before is null or unit <> unit_before or (closed_before and closed = 0) as begins,
        unit <> unit_before and not closed_before as hands_over,
        closed > 0 and not coalesce(closed_before and unit = unit_before, false) as closes
    from steps
),

bounds as (
    select
        *,
        lag(event) over arrived as begun,
        lag(next) over arrived as answered
    from changes
    where begins or hands_over or closes
    window arrived as (partition by complaint_id order by known, event)
),

events as (
    select known, complaint_id, unit, event as started, null as answered, null as ended, null as ending
    from bounds
    where begins
    union all
    select known, complaint_id, unit_before, begun, answered, event, 'handed'
    from bounds
    where hands_over
    union all
    select
        known,
        complaint_id,
        unit,
        if(begins, event, begun),
        if(begins, event, answered),
        event,
        if(closed = 1, 'finished', 'rejected')
    from bounds
    where closes
),

intakes as (
    select
        complaint_id,
        arg_min(
            struct_pack(created_at, kelurahan_code, category, channel, geotagged), known_time
        ) as intake
    from complaint_versions
    semi join touched using (complaint_id)
    where simulated = $simulated
    group by complaint_id
)

select
    make_timestamptz(events.known)::date as known_day,
    $simulated::boolean as simulated,
    events.complaint_id,
    names.name as unit,
    intake.created_at,
    intake.kelurahan_code,
    intake.category,
    intake.channel,
    intake.geotagged,
    make_timestamptz(events.started) as started_at,
    make_timestamptz(events.answered) as answered_at,
    make_timestamptz(events.ended) as ended_at,
    events.ending,
    make_timestamptz(events.started) + to_hours(rules.resolve_within_hours) as due_at,
    events.ended - events.started <= 3_600_000_000 * if(
        events.ending = 'handed',
        coalesce(rules.coordinate_within_hours, rules.resolve_within_hours),
        rules.resolve_within_hours
    )::bigint as on_time
from events
join intakes using (complaint_id)
join (select distinct unit, name from units) as names using (unit)
left join complaint_rules as rules
    on intake.created_at::date >= rules.valid_from
    and intake.created_at::date <= coalesce(rules.valid_to, date '9999-12-31')
where known_day in (select known_day from days)

