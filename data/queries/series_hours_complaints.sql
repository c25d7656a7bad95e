-- series_hours_complaints: complaints that came in, by weekday and hour of intake.
--
-- Per hour: an hour of a week in which none came counts as well. $measure is received.
--
-- grain  one row a weekday and hour, Monday and midnight first
-- reads  complaint_versions
--
-- weekday    bigint   1 Monday to 7 Sunday
-- hour       bigint   0 to 23, WIB
-- value      double   mean over the hours that were told of
-- hours      bigint   hours that the value is of
-- simulated  boolean  from the simulated city

with told as (
    select
        complaint_id,
        arg_min(kelurahan_code, known_time) as kelurahan_code,
        (epoch_ms(any_value(created_at)) + 25_200_000) // 3_600_000 as hour,
        bool_and(simulated) as simulated
    from complaint_versions
    where event_time >= $since::date::timestamptz
        and created_at >= $since::date::timestamptz
        and created_at < $until::date::timestamptz
        and known_time < $cut::date::timestamptz
    group by complaint_id
)

select
    -- 1 January 1970 was a Thursday.
    (hour // 24 + 3) % 7 + 1 as weekday,
    hour % 24 as hour,
    if($measure = 'received', count(*) * 7.0 / ($until::date - $since::date), null)::double as value,
    count(*) as hours,
    bool_or(simulated) as simulated
from told
where ($place = '31' or starts_with(kelurahan_code, $place))
group by weekday, told.hour % 24
order by weekday, told.hour % 24
