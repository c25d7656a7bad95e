-- unit_scores: how each unit kept the rule's time, beside what the city would have with its cases.
--
-- Counted are the stints of complaints that came in during the period, whose time to finish has run
-- out before the cut: on time, late, or still running and thus late. A joined report is not counted
-- beside its first, nor what the question excludes: a complaint by its number, the stints of one unit
-- with it by number and unit. What is expected of a stint is the city's share on time for its kind
-- of case (category, place told by device, hour and weekday, flood day), drawn towards that of its
-- category where cases are few. Where a real feed spoke in the period, simulated rows do not count.
--
-- grain  one row a unit that received a complaint, in order of unit
-- part   board_stints
-- reads  complaint_stints, complaint_incidents, agencies
--
-- unit          varchar   code of the area, or name of the perangkat daerah
-- n             bigint    stints that are due
-- on_time       bigint    of those, ended in time
-- late          bigint    ended late
-- overdue       bigint    still running
-- expected      double    stints that the city would have had on time
-- week_excess    double    sum over the weeks of intake of (on time - expected) squared
-- week_variance  double    sum over the weeks of what chance alone would give
-- week_square    double    sum over the weeks of (stints that are due) squared
-- received      bigint    stints that began, due or not
-- running       bigint    stints that have not ended
-- unjudged      bigint    stints for which there is no rule
-- handed        bigint    stints that ended in a hand-over
-- simulated     boolean   counted from simulated rows

with stints as (
    select
        board_stints.* replace (
            -- By the rule of the day of intake, unless the question names a rule for all. Jakarta is
            -- seven hours ahead of UTC all year; asking its calendar takes much longer.
            if(
                $resolve_h is null,
                due_at,
                make_timestamptz(epoch_us(started_at) + $resolve_h::bigint * 3_600_000_000)
            ) as due_at,
            if(
                $resolve_h is null,
                on_time,
                epoch_us(ended_at) - epoch_us(started_at) <= 3_600_000_000
                * if(ending = 'handed', coalesce($coordinate_h, $resolve_h), $resolve_h)::bigint
            ) as on_time
        ),
        make_timestamp(epoch_us(created_at) + 25_200_000_000) as came_at,
        ended_at is null as begins
    from board_stints
),

placed as (
    select
        *,
        due_at <= $cut::timestamptz as due,
        -- One number for the kind of case.
        hash(
            category,
            geotagged,
            case
                when isodow(came_at) > 5 then 2
                when hour(came_at) between 7 and 16 then 1
                else 0
            end,
            came_at::date in (select unnest($flood_days::date[]))
        ) as kind
    from stints
    where simulated = (select bool_and(simulated) from stints)
),

categories as (
    select category, sum(on_time::integer) / nullif(count(*) filter (where begins), 0) as share
    from placed
    where due
    group by category
),

kinds as (
    select
        kind,
        (coalesce(sum(on_time::integer), 0) + 20 * any_value(coalesce(share, 1)))
            / (count(*) filter (where begins) + 20) as share
    from placed
    join categories using (category)
    where due
    group by kind
),

weeks as (
    select
        place,
        -- A slow week is one misfortune, not seven.
        date_trunc('week', came_at) as week,
        sum(on_time::integer) as on_time,
        sum(share) filter (where begins) as expected,
        sum(share * (1 - share)) filter (where begins) as variance,
        count(*) filter (where begins) as n
    from placed
    join kinds using (kind)
    where due
    group by place, week
),

excess as (
    select
        place,
        sum(expected) as expected,
        sum((coalesce(on_time, 0) - coalesce(expected, 0)) ** 2) as week_excess,
        sum(variance) as week_variance,
        sum(n ** 2) as week_square
    from weeks
    group by place
)

select
    place as unit,
    count(*) filter (where due and begins) as n,
    count(*) filter (where due and on_time) as on_time,
    count(*) filter (where due and not on_time) as late,
    count(*) filter (where due and begins) - count(*) filter (where due and not begins) as overdue,
    any_value(excess.expected) as expected,
    any_value(excess.week_excess) as week_excess,
    any_value(excess.week_variance) as week_variance,
    any_value(excess.week_square) as week_square,
    count(*) filter (where begins) as received,
    count(*) filter (where begins) - count(*) filter (where not begins) as running,
    count(*) filter (where begins and due_at is null) as unjudged,
    count(*) filter (where ending = 'handed') as handed,
    bool_and(simulated) as simulated
from placed
left join excess using (place)
where place is not null
group by place
order by place
