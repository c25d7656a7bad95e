-- quarantine_rows: one page of the rows that were refused, newest first.
--
-- grain  one row per refused row
-- reads  quarantine
--
-- id           varchar                   run and ordinal; key
-- recorded_at  timestamp with time zone  when
-- feed         varchar                   name of the feed
-- table_name   varchar                   table it was meant for; null where unknown
-- field        varchar                   field at fault; null where it is the whole row
-- reason       varchar                   what is wrong
-- raw          varchar                   the row, without secrets and personal data
-- found        bigint                    rows that match, on all pages together

select
    run_id || '-' || ordinal as id,
    recorded_at,
    feed,
    table_name,
    field,
    reason,
    raw,
    count(*) over () as found
from quarantine
where recorded_at <= $until
    and (feed = $feed or $feed is null)
    and (contains(lower(reason), lower($reason)) or $reason is null)
    and (contains(lower(field), lower($field)) or $field is null)
order by recorded_at desc, run_id, ordinal
limit $most
offset $skip
