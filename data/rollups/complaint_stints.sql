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
    select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000 as known
),

touched as (
    select distinct complaint_id
    from complaint_log
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        and (epoch_ms(known_time) + 25_200_000) // 86_400_000 in (select known from days)
),

entries as (
    select
        complaint_id,
        known_time,
        event_time,
        status,
        status in ('Selesai', 'Ditolak') as closed,
        if(
            agencies.agency is null or agencies.kind in ('kelurahan', 'kecamatan', 'kota'),
            complaint_log.agency,
            agencies.perangkat_daerah
        ) as unit
    from complaint_log
    semi join touched using (complaint_id)
    left join agencies on agencies.agency = complaint_log.agency
    where simulated = $simulated
        and complaint_log.agency is not null
    qualify
        event_time = max(event_time) over (
            partition by complaint_id order by known_time, event_time rows unbounded preceding
        )
),

steps as (
    select
        *,
        lag(unit) over arrived as unit_before,
        lag(closed) over arrived as closed_before,
        lead(event_time) over arrived as next_at
    from entries
    window arrived as (partition by complaint_id order by known_time, event_time)
),

changes as (
    select
        *,
        unit_before is null or unit <> unit_before or (closed_before and not closed) as begins,
        unit <> unit_before and not closed_before as hands_over,
        closed and not coalesce(closed_before and unit = unit_before, false) as closes
    from steps
),

bounds as (
    select
        *,
        lag(event_time) over arrived as begun_at,
        lag(next_at) over arrived as acted_at
    from changes
    where begins or hands_over or closes
    window arrived as (partition by complaint_id order by known_time, event_time)
),

events as (
    select
        known_time,
        complaint_id,
        unit,
        event_time as started_at,
        null::timestamptz as answered_at,
        null::timestamptz as ended_at,
        null as ending
    from bounds
    where begins
    union all
    select known_time, complaint_id, unit_before, begun_at, acted_at, event_time, 'handed'
    from bounds
    where hands_over
    union all
    select
        known_time,
        complaint_id,
        unit,
        if(begins, event_time, begun_at),
        if(begins, event_time, acted_at),
        event_time,
        if(status = 'Selesai', 'finished', 'rejected')
    from bounds
    where closes
),

first_told as (
    select
        complaint_id,
        arg_min(
            struct_pack(created_at, kelurahan_code, category, channel, geotagged), known_time
        ) as intake
    from complaint_versions
    semi join touched using (complaint_id)
    where simulated = $simulated
    group by complaint_id
),

intakes as (
    select
        first_told.complaint_id,
        first_told.intake,
        rules.resolve_within_hours * 3_600_000_000 as resolve_us,
        coalesce(rules.coordinate_within_hours, rules.resolve_within_hours) * 3_600_000_000
        as coordinate_us
    from first_told
    left join complaint_rules as rules
        on (epoch_ms(intake.created_at) + 25_200_000) // 86_400_000
        between epoch_ms(rules.valid_from::timestamp) // 86_400_000
        and epoch_ms(coalesce(rules.valid_to, date '9999-12-31')::timestamp) // 86_400_000
)

select
    date '1970-01-01' + ((epoch_ms(events.known_time) + 25_200_000) // 86_400_000)::integer
    as known_day,
    $simulated::boolean as simulated,
    events.complaint_id,
    events.unit,
    intake.created_at,
    intake.kelurahan_code,
    intake.category,
    intake.channel,
    intake.geotagged,
    events.started_at,
    events.answered_at,
    events.ended_at,
    events.ending,
    make_timestamptz((epoch_us(events.started_at) + intakes.resolve_us)::bigint) as due_at,
    epoch_us(events.ended_at) - epoch_us(events.started_at)
    <= if(events.ending = 'handed', intakes.coordinate_us, intakes.resolve_us) as on_time
from events
join intakes using (complaint_id)
where (epoch_ms(events.known_time) + 25_200_000) // 86_400_000 in (select known from days)
