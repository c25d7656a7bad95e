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
    select epoch_ms(unnest($days::date[])::timestamp) // 86_400_000 as known
),

touched as (
    select distinct complaint_id
    from complaint_versions
    where simulated = $simulated
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        and (epoch_ms(known_time) + 25_200_000) // 86_400_000 in (select known from days)
),

versions as (
    select
        complaint_id,
        known_time,
        event_time,
        kelurahan_code,
        status in ('Selesai', 'Ditolak') as closed,
        -- Whose word counts: the better feed's, and of one feed the newer event's.
        epoch_us(event_time) - coalesce(precedence.rank, 99) * 10_000_000_000_000_000 as weight
    from complaint_versions
    semi join touched using (complaint_id)
    left join feed_precedence as precedence
        on precedence.table_name = 'complaint_versions'
        and precedence.feed = complaint_versions.feed
    where complaint_versions.simulated = $simulated
),

weighed as (
    select
        *,
        max(weight) over (
            partition by complaint_id order by known_time, weight rows unbounded preceding
        ) as heaviest
    from versions
),

-- How a complaint stood after each version, by what was known until then: a version that comes
-- late changes the day on which it came and no day before.
standing as (
    select
        complaint_id,
        known_time,
        weight,
        kelurahan_code,
        last_value(if(weight = heaviest, closed, null) ignore nulls) over (
            partition by complaint_id order by known_time, weight rows unbounded preceding
        ) as closed
    from weighed
),

changes as (
    select
        (epoch_ms(known_time) + 25_200_000) // 86_400_000 as known,
        kelurahan_code,
        closed,
        lag(closed) over (partition by complaint_id order by known_time, weight) as was_closed
    from standing
)

select
    date '1970-01-01' + known::integer as known_day,
    kelurahan_code,
    $simulated::boolean as simulated,
    count(*) filter (where was_closed is null)::integer as received,
    count(*) filter (where closed and not coalesce(was_closed, false))::integer as finished,
    sum((not closed)::integer - coalesce((not was_closed)::integer, 0))::integer as open_change
from changes
where known in (select known from days)
group by known, kelurahan_code
order by known_day, kelurahan_code
