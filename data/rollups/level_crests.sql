-- level_crests: crests of the waves that passed the gauges between which a travel time is published.
--
-- A crest stands highest within six hours before and after it, has reached siaga 3 or risen a third
-- of the way to it within a day, and has fallen by a tenth of that rise, 3 cm at least, within six
-- hours. It is known with the first reading after these, at most twelve hours after it. A reading
-- that stands out from both neighbours is taken for an error; of several feeds the one counts in
-- each ten minutes that ranks first. Of hourly readings the crest lies between two: where, says the
-- parabola through three of them.
--
-- grain  one row a crest, gauge and origin
-- reads  water_levels, water_stations, river_travel_times, feed_precedence
--
-- known_day   date                      day on which the crest became known, WIB
-- simulated   boolean                   from the simulated city
-- station_id  varchar                   gauge
-- crest_at    timestamp with time zone  when the water stood highest
-- crest_cm    double                    how high, in cm above the gauge's zero
-- siaga       integer                   siaga of the crest, 4 to 1

with gauges as (
    select
        station_id,
        siaga3_cm::double as siaga3_cm,
        siaga2_cm::double as siaga2_cm,
        siaga1_cm::double as siaga1_cm
    from water_stations
    where siaga3_cm is not null
        and station_id in (
            select upstream_id from river_travel_times
            union all
            select downstream_id from river_travel_times
        )
),

steps as (
    select
        station_id,
        arg_min(epoch_ms(event_time), coalesce(rank, 99)) // 1000 as second,
        arg_min(level_cm, coalesce(rank, 99)) as level_cm,
        min(epoch_ms(known_time)) as known_ms
    from water_levels
    left join feed_precedence as precedence
        on precedence.table_name = 'water_levels'
        and precedence.feed = water_levels.feed
    where simulated = $simulated
        and station_id in (select station_id from gauges)
        -- For the scan, which skips files by a value but not by a subquery.
        and known_time >= list_min($days::date[])::timestamptz - interval 2 days
        and known_time < list_max($days::date[])::timestamptz + interval 1 day
    group by station_id, epoch_ms(event_time) // 600_000
),

readings as (
    select
        station_id,
        second,
        known_ms,
        -- The middle of three; of two that stand equal the one whose own reading is higher.
        greatest(
            least(level_cm, coalesce(before, level_cm)),
            least(greatest(level_cm, coalesce(before, level_cm)), coalesce(after, level_cm))
        ) + level_cm / 10_000 as level_cm,
        if(
            next - second = second - previous and level_cm > (before + after) / 2,
            greatest(-0.5, least(0.5, (after - before) / (4 * level_cm - 2 * before - 2 * after)))
            * (next - second),
            0
        ) as beside_s
    from (
        select
            *,
            lag(level_cm) over stations as before,
            lead(level_cm) over stations as after,
            lag(second) over stations as previous,
            lead(second) over stations as next
        from steps
        window stations as (partition by station_id order by second)
    )
),

lowest as (
    select station_id, min(level_cm) as level_cm
    from readings
    group by station_id
),

-- What is not a third of the way up from the lowest reading of all is no crest.
high as (
    select
        readings.*,
        siaga3_cm,
        siaga2_cm,
        siaga1_cm,
        unnest([second // 86_400 - 1, second // 86_400, second // 86_400 + 1]) as day
    from readings
    join gauges using (station_id)
    join lowest using (station_id)
    where readings.level_cm >= lowest.level_cm + (siaga3_cm - lowest.level_cm) / 3
),

around as (
    select
        high.station_id,
        high.second,
        any_value(high.level_cm) as level_cm,
        any_value(high.beside_s) as beside_s,
        any_value(siaga3_cm) as siaga3_cm,
        any_value(siaga2_cm) as siaga2_cm,
        any_value(siaga1_cm) as siaga1_cm,
        max(near.level_cm) filter (
            near.second between high.second - 21_600 and high.second - 1
        ) as highest_before,
        min(near.level_cm) filter (near.second <= high.second) as base_cm,
        max(near.level_cm) filter (
            near.second between high.second + 1 and high.second + 21_600
        ) as highest_after,
        min(near.level_cm) filter (
            near.second between high.second + 1 and high.second + 21_600
        ) as lowest_after,
        -- Only with the readings of six hours on both sides is it known to be a crest.
        greatest(
            max(near.known_ms) filter (near.second <= high.second + 21_600),
            min(near.known_ms) filter (near.second >= high.second + 21_600)
        ) as known_ms
    from high
    join readings as near
        on near.station_id = high.station_id
        and near.second // 86_400 = high.day
        and near.second between high.second - 86_400 and high.second + 43_200
    group by high.station_id, high.second
)

select
    date '1970-01-01' + ((known_ms + 25_200_000) // 86_400_000)::integer as known_day,
    $simulated::boolean as simulated,
    station_id,
    to_timestamp(second + beside_s) as crest_at,
    round(level_cm) as crest_cm,
    case
        when level_cm >= siaga1_cm then 1
        when level_cm >= siaga2_cm then 2
        when level_cm >= siaga3_cm then 3
        else 4
    end::integer as siaga
from around
where level_cm > highest_before
    and level_cm >= highest_after
    and (
        level_cm >= siaga3_cm
        or level_cm - base_cm >= (siaga3_cm - base_cm) / 3
    )
    and level_cm - lowest_after >= greatest(3, (level_cm - base_cm) / 10)
    and known_day in (select unnest($days::date[]))
order by known_day, station_id, crest_at
