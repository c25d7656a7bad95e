"""PetaBencana: the RW that are flooded now, as BPBD enters them.

Source   https://api.petabencana.id/floods?admin=ID-JK&minimum_state=1&geoformat=topojson, JSON, no
         key, but a User-Agent; HTTP 429 on excess. Formerly data.petabencana.id
Licence  CC BY 4.0 for the data of PetaBencana.id; the areas are BPBD's
Quirks   A payload lists all that is flooded, so what vanishes from it has ended. `state` is a depth
         class: 1 not known ("hati-hati"), 2 to 4 as in `data.flood_depths`. Without minimum_state
         the API lists every RW of the city, the dry ones with state null or 0: those are not
         inundations and give no row. The 2017 snapshots hold states 1, 2 and 3 only.
         The snapshots of February 2017 carry their moment in the file name, without a zone, and so
         do their `changed`. Both are WIB: snapshots hold changes up to minutes before their name's
         hour, and reports of the same archive quote the clock they were written at. A snapshot says
         what was flooded at its moment, so that is event_time; the live API's is `last_updated`
         (UTC), so that polling it every minute adds nothing until something changes.
         `geom_id` is BPS's number of the RW (3174 is Jakarta Barat there, Jakarta Selatan in
         Kemendagri's): it names the area, and the kelurahan is found from a point within it.
         Snapshots give `geom_id` as a number and no names. TopoJSON rounds to a grid over all
         that is listed, some metres wide; `geoformat=geojson` does not.
Sample   tests/samples/petabencana_floods.json, of our own making
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import shapely

from data.flood_depths import BOUNDS_CM
from etl.documents import json_document
from etl.errors import BadField, Malformed
from etl.feed import Context, Feed, Item, Row
from etl.geojson import read_geometry
from etl.reading import WIB, each, moment, read_moment, text
from etl.topojson import features

_IN_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})")
_DRY = (None, 0)


def parse(body: bytes, context: Context) -> Iterator[Item]:
    """Yield one inundation a flooded RW.

    Raises:
        Malformed: `body` is neither GeoJSON nor TopoJSON of areas with a state, or the file's name
            has a moment that there never was.
    """
    snapshot = _snapshot_moment(context.name)

    def read(feature: Mapping[str, Any]) -> Row:
        return _read(feature, snapshot)

    listed = features(json_document(body), "state")
    yield from each((feature for feature in listed if not _dry(feature)), "inundations", read)


def _dry(feature: Any) -> bool:
    match feature:
        case {"properties": {"state": state}}:
            return state in _DRY
    return False


def _read(feature: Mapping[str, Any], snapshot: datetime | None) -> Row:
    area = feature.get("properties")
    if not isinstance(area, Mapping):
        raise BadField("properties", "kosong")
    state = text(area, "state")
    if state is None or state not in BOUNDS_CM:
        raise BadField("state", f"bukan kelas kedalaman ({', '.join(BOUNDS_CM)})")
    depth_min, depth_max = BOUNDS_CM[state]
    lon, lat = _point_within(feature.get("geometry"))
    return {
        "area_code": text(area, "geom_id"),
        "area_name": text(area, "area_name"),
        "area_level": "rw",
        "event_time": snapshot or moment(area, "last_updated") or moment(area, "changed", zone=WIB),
        "depth_min_cm": depth_min,
        "depth_max_cm": depth_max,
        "state": state,
        "lon": lon,
        "lat": lat,
        "ended": False,
    }


def _point_within(geometry: Any) -> tuple[float | None, float | None]:
    """Return a point inside the area; the centroid of a bent RW may lie in the next kelurahan."""
    if geometry is None:
        return None, None
    point = shapely.point_on_surface(read_geometry(geometry))
    return float(shapely.get_x(point)), float(shapely.get_y(point))


def _snapshot_moment(name: str) -> datetime | None:
    found = _IN_NAME.search(name)
    if found is None:
        return None
    day, *clock = found.groups()
    try:
        return read_moment(f"{day}T{':'.join(clock)}", "file name", zone=WIB)
    except BadField as error:
        raise Malformed(f"seharusnya ada waktu dalam nama berkas, ditemukan {found[0]}") from error


FEED = Feed(
    title="RW tergenang",
    source="PetaBencana.id dan BPBD DKI Jakarta, https://petabencana.id",
    licence="CC BY 4.0, PetaBencana.id",
    reads="PetaBencana TopoJSON or GeoJSON of flooded areas with geom_id and state",
    tables=("inundations",),
    parse=parse,
    every=timedelta(minutes=1),
    late=timedelta(minutes=30),
    expired=timedelta(hours=3),
    clock="fetch",
    usual_lag=timedelta(minutes=5),
    complete=("inundations",),
)
