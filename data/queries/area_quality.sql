-- area_quality: how often what was finished came back, passed the first check and pleased.
--
-- Counted are complaints from an area, whoever held them, that came in during the period and were
-- finished before the cut. One came back if it was opened again, or if another report of the same
-- category came in within 14 days of its first finishing and 50 m of it; only reports whose device
-- told the place can be compared.
--
-- grain  one row an area of the level with finished complaints, in order of area
-- reads  complaint_versions
--
-- area        varchar  code of the area
-- closed      bigint   complaints that were finished
-- reopened    bigint   of those, opened again
-- returned    bigint   opened again or complained of again
-- checked     bigint   with a result of Biro Pemerintahan's check
-- verified    bigint   of those, found right at the first check
-- rated       bigint   rated by the reporter
-- satisfied   bigint   of those, with 4 or 5
-- simulated   boolean  counted from simulated rows

with versions as (
    select
        complaint_id,
        created_at,
        known_time,
        event_time,
        category,
        status,
        kelurahan_code,
        geotagged and lon is not null as placed,
        -- Metres on a plane; at this latitude a degree of longitude is 0.994 of one of latitude.
        lon * 110_650 as x,
        lat * 110_570 as y,
        reopened_count,
        verification,
        rating,
        simulated
    from complaint_versions
    where event_time >= $since::timestamptz
        and created_at >= $since::timestamptz
        and known_time < $cut::timestamptz
        and starts_with(kelurahan_code, $area)
),

counted as (
    select *
    from versions
    where simulated = (select bool_and(simulated) from versions)
),

complaints as (
    select
        complaint_id,
        any_value(created_at) as created_at,
        arg_max(category, event_time) as category,
        arg_max(kelurahan_code, event_time) as kelurahan_code,
        arg_max(x, event_time) filter (where placed) as x,
        arg_max(y, event_time) filter (where placed) as y,
        min(event_time) filter (where status = 'Selesai') as finished_at,
        max(event_time) as changed_at,
        arg_max(status, event_time) as status,
        max(reopened_count) as reopened_count,
        arg_min(verification, event_time) filter (where verification is not null) as verification,
        arg_max(rating, event_time) filter (where rating is not null) as rating,
        any_value(simulated) as simulated
    from counted
    group by complaint_id
),

finished as (
    select
        *,
        coalesce(reopened_count, 0) > 0 or status <> 'Selesai' as reopened
    from complaints
    where finished_at is not null
        and created_at < $until::timestamptz
),

-- Each looks into the cells (100 m) that its circle touches.
looks as (
    select
        finished.*,
        cells.x_cell,
        cells.y_cell
    from finished, lateral (
        select distinct
            ((x + dx) // 100)::integer as x_cell,
            ((y + dy) // 100)::integer as y_cell
        from (select unnest([-50, 50]) as dx)
        cross join (select unnest([-50, 50]) as dy)
    ) as cells
),

complained_again as (
    select distinct looks.complaint_id
    from looks
    join complaints as later
        on later.category = looks.category
        and (later.x // 100)::integer = looks.x_cell
        and (later.y // 100)::integer = looks.y_cell
    where later.complaint_id <> looks.complaint_id
        and later.created_at > looks.finished_at
        and later.created_at <= looks.finished_at + interval 14 days
        and (later.x - looks.x) ** 2 + (later.y - looks.y) ** 2 <= 2500
)

select
    left(
        kelurahan_code, case $level when 'kelurahan' then 13 when 'kecamatan' then 8 else 5 end
    ) as area,
    count(*) as closed,
    count(*) filter (where reopened) as reopened,
    count(*) filter (
        where reopened or complaint_id in (select complaint_id from complained_again)
    ) as returned,
    count(verification) as checked,
    count(*) filter (where verification = 'Sesuai') as verified,
    count(rating) as rated,
    count(*) filter (where rating >= 4) as satisfied,
    any_value(simulated) as simulated
from finished
group by area
order by area
