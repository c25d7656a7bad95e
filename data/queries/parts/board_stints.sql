-- board_stints: the stints that a board counts, each with the unit of the board that had it.
--
-- Those of complaints that came in during the period. A joined report is not counted beside its
-- first, nor what the question excludes: a complaint by its number, the stints of one unit with it by
-- number and unit. Real and simulated stints are among them.
--
-- grain  two rows a stint, as in complaint_stints, whose columns it has
--
-- place  varchar  code of the area, or name of the perangkat daerah
select
    complaint_stints.*,
    case $level
        when 'agency' then complaint_stints.unit
        when 'kelurahan' then agencies.area_code
        when 'kecamatan' then left(agencies.area_code, 8)
        when 'kota' then left(agencies.area_code, 5)
    end as place
from complaint_stints
left join agencies on agencies.agency = complaint_stints.unit
where known_day < $cut::date
    and created_at >= $since::timestamptz
    and created_at < $until::timestamptz
    and ($category is null or category = $category)
    and ($channel is null or channel = $channel)
    and coalesce(agencies.kind in ('kelurahan', 'kecamatan', 'kota'), false) = ($level <> 'agency')
    and ($level <> 'kelurahan' or agencies.kind = 'kelurahan')
    and complaint_id not in (
        select complaint_id
        from complaint_incidents
        where known_day >= $since::date
            and known_day < $cut::date
    )
    and complaint_id not in (select unnest($excluded::varchar[]))
    and concat_ws(' ', complaint_id, unit) not in (select unnest($excluded::varchar[]))
