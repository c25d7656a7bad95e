-- quarantine_reasons: why rows were refused, most frequent first.
--
-- Figures within a reason are left out, so that the same fault counts as one.
--
-- grain  one row per feed, field and kind of reason
-- reads  quarantine
--
-- feed    varchar                   name of the feed; key
-- field   varchar                   field at fault; null where it is the whole row; key
-- reason  varchar                   what is wrong, with "…" for figures; key
-- rows    bigint                    rows refused for it
-- newest  timestamp with time zone  when last

select
    feed,
    field,
    regexp_replace(reason, '-?[0-9][0-9.,:T+-]*', '…', 'g') as reason,
    count(*) as rows,
    max(recorded_at) as newest
from quarantine
where recorded_at > $since
    and recorded_at <= $until
    and (feed = $feed or $feed is null)
group by all
order by rows desc, feed, field, reason
limit $most
