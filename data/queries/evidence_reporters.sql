-- evidence_reporters: reporters who send much to one kelurahan, and what became of it.
--
-- grain  one row a reporter and kelurahan, of those who sent enough of all that came from there
-- reads  complaint_versions
--
-- reporter_key     varchar    keyed hash of the reporter; never leaves the server
-- kelurahan_code   varchar    kelurahan of the problems
-- n                bigint     reports that ended
-- weight           double     the same
-- sent             bigint     reports, ended or not
-- complaint_ids    varchar[]  those that were rejected, newest first
-- against          varchar[]  for each its category
-- measures         double[]   for each the hours until then
-- of_kelurahan     bigint     reports from the kelurahan, of this reporter and all others
-- rejected_of_all  bigint     of those, rejected
-- simulated        boolean    counted from simulated rows

with latest as (
    select
        complaint_id,
        arg_max(
            struct_pack(created_at, status, kelurahan_code, category, reporter_key, simulated, event_time),
            (event_time, known_time)
        ) as told
    from complaint_versions
    where event_time > $since::timestamptz
        and event_time <= $event_time
        and known_time <= $known_time
        and created_at > $since::timestamptz
        and kelurahan_code is not null
    group by complaint_id
),

reports as (
    select complaint_id, unnest(told)
    from latest
    qualify not told.simulated or bool_and(told.simulated) over ()
),

places as (
    select
        kelurahan_code,
        count(*) as of_kelurahan,
        count(*) filter (where status = 'Ditolak') as rejected_of_all
    from reports
    group by kelurahan_code
)

select
    reporter_key,
    kelurahan_code,
    count(*) filter (where status in ('Selesai', 'Ditolak')) as n,
    count(*) filter (where status in ('Selesai', 'Ditolak'))::double as weight,
    count(*) as sent,
    list(complaint_id order by event_time desc, complaint_id)
        filter (where status = 'Ditolak') as complaint_ids,
    list(category order by event_time desc, complaint_id) filter (where status = 'Ditolak') as against,
    list(epoch(event_time - created_at) / 3_600 order by event_time desc, complaint_id)
        filter (where status = 'Ditolak') as measures,
    any_value(of_kelurahan) as of_kelurahan,
    any_value(rejected_of_all) as rejected_of_all,
    any_value(simulated) as simulated
from reports
join places using (kelurahan_code)
where reporter_key is not null
group by reporter_key, kelurahan_code
having count(*) >= $least_share * any_value(of_kelurahan)
order by kelurahan_code, reporter_key
