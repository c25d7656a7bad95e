-- brief_floods: how many RT and RW were flooded at each of some moments.
--
-- As last told within the two days before the moment and not ended since. A moment before the first
-- word of any source is left out: nothing is known of it.
--
-- grain  one row a moment, oldest first
-- reads  inundations, feed_precedence
--
-- moment      timestamp with time zone  one of $moments
-- rt          bigint                    RT flooded
-- rw          bigint                    RW flooded
-- kelurahan   bigint                    kelurahan that they lie in
-- event_time  timestamp with time zone  newest report; null where there is none
-- feeds       varchar[]                 feeds that told; null where there is none
-- simulated   boolean                   from the simulated city

with moments as (
    select moment, begin.simulated
    from (select unnest($moments::timestamptz[]) as moment)
    join (
        select simulated, min(event_time) as first_time
        from inundations
        where known_time <= $known_time
        group by simulated
    ) as begin
        on begin.first_time <= moment
    qualify not begin.simulated or bool_and(begin.simulated) over (partition by moment)
),

latest as (
    select
        moments.moment,
        inundations.area_code,
        inundations.area_level,
        inundations.kelurahan_code,
        inundations.event_time,
        inundations.feed,
        inundations.simulated,
        coalesce(inundations.ended, false) as ended,
        coalesce(precedence.rank, 99) as rank
    from inundations
    join moments
        on inundations.event_time > moments.moment - interval 2 days
        and inundations.event_time <= moments.moment
        and inundations.simulated = moments.simulated
    left join feed_precedence as precedence
        on precedence.table_name = 'inundations'
        and precedence.feed = inundations.feed
    where inundations.event_time > $since
        and inundations.event_time <= $until
        and inundations.known_time <= $known_time
    qualify
        row_number() over (
            partition by moments.moment, inundations.feed, inundations.area_code
            order by inundations.event_time desc, inundations.known_time desc
        ) = 1
),

present as (
    select *
    from latest
    where not ended
    qualify row_number() over (partition by moment, area_code order by rank, feed) = 1
)

select
    moments.moment,
    count(*) filter (present.area_level = 'rt') as rt,
    count(*) filter (present.area_level = 'rw') as rw,
    count(distinct present.kelurahan_code) as kelurahan,
    max(present.event_time) as event_time,
    list_sort(list(distinct present.feed) filter (present.feed is not null)) as feeds,
    any_value(moments.simulated) as simulated
from moments
left join present using (moment)
group by moments.moment
order by moments.moment
