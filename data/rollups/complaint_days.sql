-- complaint_days: complaints that came in, were finished and changed the number of open ones.
--
-- grain  one row a day of knowing (WIB), kelurahan and origin
-- reads  complaint_versions, feed_precedence
--
-- known_day       date     day on which the change became known, WIB
-- kelurahan_code  varchar  kelurahan of the problem; null where unknown
-- simulated       boolean  from the simulated city
-- received        integer  complaints seen for the first time
-- finished        integer  changes from open to Selesai or Ditolak
-- open_change     integer  change of the number of open complaints

with days as (
    select unnest($days::date[]) as known_day
),

touched as (
    select distinct complaint_id
    from complaint_versions
    where known_time::date in (select known_day from days)
),

versions as (
    select
        complaint_id,
        known_time,
        event_time,
        kelurahan_code,
        simulated,
        status in ('Selesai', 'Ditolak') as closed,
        coalesce(precedence.rank, 99) as rank
    from complaint_versions
    semi join touched using (complaint_id)
    left join feed_precedence as precedence
        on precedence.table_name = 'complaint_versions'
        and precedence.feed = complaint_versions.feed
),

contested as (
    select complaint_id, simulated, min(rank) as rank
    from versions
    group by complaint_id, simulated
    having min(rank) < max(rank)
),

best as (
    select versions.*
    from versions
    left join contested using (complaint_id, simulated)
    where versions.rank = coalesce(contested.rank, versions.rank)
),

changes as (
    select
        known_time::date as known_day,
        kelurahan_code,
        simulated,
        closed,
        lag(closed) over (
            partition by complaint_id, simulated order by event_time, known_time
        ) as was_closed
    from best
)

select
    known_day,
    kelurahan_code,
    simulated,
    count(*) filter (where was_closed is null)::integer as received,
    count(*) filter (where closed and not coalesce(was_closed, false))::integer as finished,
    sum((not closed)::integer - coalesce((not was_closed)::integer, 0))::integer as open_change
from changes
where known_day in (select known_day from days)
group by known_day, kelurahan_code, simulated
order by known_day, kelurahan_code
