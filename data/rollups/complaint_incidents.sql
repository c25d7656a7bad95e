-- complaint_incidents: reports of what another had reported already.
--
-- One incident: the same category within 50 m and three hours of its first report. Who has an
-- earlier neighbour that is a first report itself is joined to the earliest of these; nobody is
-- joined to one who is joined, so that no chain of neighbours grows through the city. Only reports
-- whose device told the place can be compared, and only with what was known when they came.
--
-- grain  one row a joined report; first reports have none
-- reads  complaint_versions
--
-- known_day     date     day on which the joined report became known, WIB
-- simulated     boolean  from the simulated city
-- complaint_id  varchar  joined report
-- first_id      varchar  first report of its incident
-- distance_m    double   metres between the two
-- gap_s         bigint   seconds between the two

with days as (
    select unnest($days::date[]) as known_day
),

seen as (
    select complaint_id, known_time, created_at, category, lon, lat
    from complaint_versions
    where simulated = $simulated
        and geotagged
        and lon is not null
        and category is not null
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz - interval 2 days
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
),

reports as (
    select
        complaint_id,
        min(known_time) as known_time,
        any_value(created_at) as created_at,
        epoch(any_value(created_at))::bigint as created,
        arg_min(category, known_time) as category,
        -- Metres on a plane; at this latitude a degree of longitude is 0.994 of one of latitude.
        arg_min(lon, known_time) * 110_650 as x,
        arg_min(lat, known_time) * 110_570 as y
    from seen
    group by complaint_id
    having epoch_ms(min(known_time)) < epoch_ms(any_value(created_at)) + 172_800_000
),

-- Each report looks into the cells (500 m, three hours) that its circle and its past touch.
looks as (
    select
        *,
        unnest(range(created // 10800 - 1, created // 10800 + 1)) as t_cell
    from (
        select
            *,
            unnest(range(((y - 50) // 500)::bigint, ((y + 50) // 500)::bigint + 1)) as y_cell
        from (
            select
                *,
                unnest(range(((x - 50) // 500)::bigint, ((x + 50) // 500)::bigint + 1)) as x_cell
            from reports
        )
    )
),

pairs as (
    select
        later.complaint_id,
        later.known_time,
        first.complaint_id as first_id,
        first.created as first_created,
        sqrt((later.x - first.x) ** 2 + (later.y - first.y) ** 2) as distance_m,
        later.created - first.created as gap_s
    from looks as later
    join reports as first
        on first.category = later.category
        and (first.x // 500)::bigint = later.x_cell
        and (first.y // 500)::bigint = later.y_cell
        and first.created // 10800 = later.t_cell
    where (first.created, first.complaint_id) < (later.created, later.complaint_id)
        and later.created - first.created <= 10800
        and first.known_time <= later.known_time
        and (later.x - first.x) ** 2 + (later.y - first.y) ** 2 <= 2500
),

joined as (
    select *
    from pairs
    where first_id not in (select complaint_id from pairs)
    qualify
        row_number() over (partition by complaint_id order by first_created, first_id) = 1
)

select
    known_time::date as known_day,
    $simulated::boolean as simulated,
    complaint_id,
    first_id,
    round(distance_m, 1) as distance_m,
    gap_s
from joined
where known_time::date in (select known_day from days)
