-- feeds_then: every feed as it was declared at a moment; as declared first where that was later.
--
-- grain  one row per feed
-- reads  feeds
--
-- feed       varchar  key
-- title      varchar  name on screen
-- source     varchar  who publishes it
-- licence    varchar  terms of use
-- tables     varchar  tables it fills, separated by commas
-- every_s    double   seconds between two runs; null for history files
-- late_s     double   age in seconds from which it is late
-- expired_s  double   age in seconds from which it is expired
-- clock      varchar  what the age counts from: event or fetch
-- scheduled  boolean  it is set to run
-- simulated  boolean  it is pointed at the simulated city

select feed, title, source, licence, tables, every_s, late_s, expired_s, clock, scheduled, simulated
from feeds
qualify
    row_number() over (
        partition by feed
        order by
            declared_at > $known_time,
            abs(epoch(declared_at) - epoch($known_time::timestamptz))
    ) = 1
order by scheduled desc, title
