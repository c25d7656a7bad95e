-- complaint_cohort_days: complaints by month of intake: how many came, were finished, and in time.
--
-- A complaint counts with the kelurahan and the category that it had when it was first known, and
-- as finished when it is Selesai or Ditolak for the first time. The rule is that of its day of
-- intake; before the first rule nothing is on time.
--
-- grain  one row a day of knowing (WIB), month of intake and either kelurahan or category
-- reads  complaint_versions, complaint_rules
--
-- known_day       date     day on which it became known, WIB
-- simulated       boolean  from the simulated city
-- by_category     boolean  a row of a category (whole city), not of a kelurahan
-- kelurahan_code  varchar  kelurahan of the problem; null where unknown, and by category
-- category        varchar  category; null where unknown, and by kelurahan
-- cohort          date     first day of the month of intake, WIB
-- received        integer  complaints seen for the first time
-- finished        integer  complaints finished for the first time
-- on_time         integer  of those, within the time of the rule

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

complaints as (
    select
        complaint_id,
        (epoch_ms(min(known_time)) + 25_200_000) // 86_400_000 as known,
        arg_min(created_at, known_time) as created_at,
        arg_min(kelurahan_code, known_time) as kelurahan_code,
        arg_min(category, known_time) as category,
        (epoch_ms(min(known_time) filter (status in ('Selesai', 'Ditolak'))) + 25_200_000)
        // 86_400_000 as closed,
        min(event_time) filter (status in ('Selesai', 'Ditolak')) as closed_at
    from complaint_versions
    semi join touched using (complaint_id)
    where simulated = $simulated
        -- What became known later changes no day before.
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
    group by complaint_id
),

judged as (
    select
        complaints.*,
        date_trunc('month', created)::date as cohort,
        epoch_us(closed_at) - epoch_us(created_at)
        <= rules.resolve_within_hours * 3_600_000_000 as in_time
    from complaints
    cross join lateral (
        select
            date '1970-01-01'
            + ((epoch_ms(created_at) + 25_200_000) // 86_400_000)::integer as created
    ) as intake
    left join complaint_rules as rules
        on created >= rules.valid_from
        and created <= coalesce(rules.valid_to, date '9999-12-31')
),

events as (
    select
        known,
        kelurahan_code,
        category,
        cohort,
        1 as received,
        0 as finished,
        0 as on_time
    from judged
    union all
    select
        closed,
        kelurahan_code,
        category,
        cohort,
        0,
        1,
        coalesce(in_time, false)::integer
    from judged
    where closed is not null
)

select
    date '1970-01-01' + known::integer as known_day,
    $simulated::boolean as simulated,
    grouping(category) = 0 as by_category,
    kelurahan_code,
    category,
    cohort,
    sum(received)::integer as received,
    sum(finished)::integer as finished,
    sum(on_time)::integer as on_time
from events
where known in (select known from days)
group by grouping sets ((known, cohort, kelurahan_code), (known, cohort, category))
order by by_category, known_day
