-- cohort_stints: what `unit_scores` counts, row by row, so that it can be counted in other ways.
--
-- Who sent a complaint never leaves this question: it only tells that somebody sent very many in one
-- month. Where a real feed spoke in the period, simulated rows do not count.
--
-- grain  two rows a stint: one when it begins, one when it ends
-- part   board_stints
-- reads  complaint_stints, complaint_incidents, complaint_versions, agencies
--
-- unit      varchar  code of the area, or name of the perangkat daerah
-- kind      bigint   one number for the kind of case, as in unit_scores
-- category  bigint   one number for the category
-- begins    boolean  the row tells of the beginning
-- handed    boolean  the stint ended in a hand-over; null in the row that begins
-- held_h    double   hours until it ended; null in the row that begins
-- age_h     double   hours from its beginning to the cut
-- due       boolean  its time has run out by the rule of the day of intake
-- on_time   boolean  ended in time by that rule; null in the row that begins
-- day       integer  days from intake to the cut
-- many      boolean  sent by somebody who sent more than so many in that month

with reports as (
    select
        complaint_id,
        any_value(reporter_key) as reporter_key,
        date_trunc(
            'month',
            date '1970-01-01'
            + ((epoch_ms(any_value(created_at)) + 25_200_000) // 86_400_000)::integer
        ) as month
    from complaint_versions
    where event_time >= $since::timestamptz
        and created_at >= $since::timestamptz
        and created_at < $until::timestamptz
        and known_time < $cut::timestamptz
        and reporter_key is not null
    group by complaint_id
),

many as (
    select complaint_id
    from reports
    qualify count(*) over (partition by reporter_key, month) > $most
),

stints as (
    select
        *,
        -- Jakarta is seven hours ahead of UTC all year; asking its calendar takes much longer.
        (epoch_ms(created_at) + 25_200_000) // 3_600_000 as hour
    from board_stints
)

select
    place as unit,
    (
        hash(
            category,
            geotagged,
            case
                when (hour // 24 + 3) % 7 >= 5 then 2
                when hour % 24 between 7 and 16 then 1
                else 0
            end,
            date '1970-01-01' + (hour // 24)::integer in (select unnest($flood_days::date[]))
        ) >> 1
    )::bigint as kind,
    (hash(category) >> 1)::bigint as category,
    ended_at is null as begins,
    ending = 'handed' as handed,
    (epoch_ms(ended_at) - epoch_ms(started_at)) / 3_600_000 as held_h,
    (epoch_ms($cut::timestamptz) - epoch_ms(started_at)) / 3_600_000 as age_h,
    coalesce(due_at <= $cut::timestamptz, false) as due,
    on_time,
    datediff('day', date '1970-01-01' + (hour // 24)::integer, $cut::date)::integer as day,
    complaint_id in (select complaint_id from many) as many
from stints
where simulated = (select bool_and(simulated) from stints)
