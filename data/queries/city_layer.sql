-- city_layer: the features of one layer that was loaded by hand.
--
-- grain  one row a feature
-- reads  layers
--
-- feature_id  varchar  id within the layer
-- name        varchar  name
-- geometry    varchar  GeoJSON geometry
-- properties  varchar  JSON

select feature_id, name, geometry, properties
from layers
where layer = $layer
order by feature_id
