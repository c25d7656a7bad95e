-- series_cohorts: complaints of a category over time, and the share that was finished in time.
--
-- $measure is received or finished, by the day on which it became known, or on_time: of all that came
-- in that month, the share finished for the first time within the rule of their day of intake. A
-- month counts once all of its complaints are due; before the first rule nothing can be said, nor of
-- a month before the record began: of its complaints only those left open are known.
-- A place is an area or a category (whole city), which also counts under its former label.
--
-- grain  one row a place and span, in order
-- reads  complaint_categories, complaint_cohort_days, complaint_rules
--
-- place      varchar  place that was asked for
-- measure    varchar  measure that was asked for
-- bucket     date     first day of the span that the value is of
-- value      double   value; null where nothing can be said
-- days       bigint   days with data in the span
-- simulated  boolean  from the simulated city
-- assumed    boolean  when some of it became known is assumed
-- basis      varchar  what the value is made of, where that changes; else null

with asked as (
    select place, label_before
    from (select unnest($places::varchar[]) as place) as places
    left join complaint_categories
        on category = place
        -- A former label that is a category of its own today stays with that one.
        and label_before not in (select category from complaint_categories)
),

begun as (
    select simulated, min(known_day) as since
    from complaint_cohort_days
    where by_category
    group by simulated
),

-- A day on which the city was told of, and the place was not, is a zero.
placed as (
    select
        place,
        if($measure = 'on_time', cohort, known_day) as day,
        simulated,
        if(place = '31' or category in (place, label_before), received, 0) as received,
        if(place = '31' or category in (place, label_before), finished, 0) as finished,
        if(place = '31' or category in (place, label_before), on_time, 0) as on_time
    from complaint_cohort_days
    -- The whole city is told by its categories, a fifth as many rows as its kelurahan.
    join asked on place = '31' or not starts_with(place, '31')
    where by_category
        and known_day < $cut::date
        and known_day >= $since::date
    union all
    select
        place,
        if($measure = 'on_time', cohort, known_day) as day,
        simulated,
        if(starts_with(kelurahan_code, place), received, 0),
        if(starts_with(kelurahan_code, place), finished, 0),
        if(starts_with(kelurahan_code, place), on_time, 0)
    from complaint_cohort_days
    join asked on starts_with(place, '31.')
    where not by_category
        and known_day < $cut::date
        and known_day >= $since::date
),

told as (
    select
        place,
        day,
        simulated,
        sum(received) as received,
        sum(finished) as finished,
        sum(on_time) as on_time
    from placed
    where day >= $since::date
        and day < $until::date
    group by place, day, simulated
),

judged as (
    select
        told.*,
        case $measure
            when 'on_time' then on_time
            when 'received' then received
            else finished
        end as part,
        if($measure = 'on_time', received, null) as whole
    from told
    join begun using (simulated)
    left join complaint_rules as rules
        on last_day(told.day) >= rules.valid_from
        and last_day(told.day) <= coalesce(rules.valid_to, date '9999-12-31')
    where $measure <> 'on_time'
        or (
            told.day >= begun.since
            and last_day(told.day) + 1 + to_hours(rules.resolve_within_hours) <= $cut::date
        )
)

select
    place,
    $measure as measure,
    date_trunc($bucket, day)::date as bucket,
    if($measure = 'on_time', 100.0 * sum(part) / nullif(sum(whole), 0), sum(part))::double as value,
    if(
        $measure = 'on_time',
        sum(day(last_day(day))),
        count(*)
    )::bigint as days,
    simulated,
    false as assumed,
    null::varchar as basis
from judged
group by place, bucket, simulated
qualify not simulated or bool_and(simulated) over (partition by place, bucket)
order by place, bucket
