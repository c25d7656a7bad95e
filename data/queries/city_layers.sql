-- city_layers: the layers that were loaded by hand.
--
-- grain  one row a layer
-- reads  layers
--
-- layer      varchar                   name
-- source     varchar                   where it comes from
-- dated      date                      of the data; null where not known
-- loaded_at  timestamp with time zone  when it was loaded
-- features   bigint                    how many there are
-- points     boolean                   each of them is a single point

select
    layer,
    max(source) as source,
    max(dated) as dated,
    max(loaded_at) as loaded_at,
    count(*) as features,
    bool_and(starts_with(geometry, '{"type":"Point"')) as points
from layers
group by layer
order by layer
