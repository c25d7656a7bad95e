"""Places that an address asks a page to look near: a point, a gate, a pump house or an alarm.

URL    ?dekat=106.848458,-6.207825   degrees, longitude first
       ?pos=manggarai                a water station or a pump house
       ?alarm=gate_level:manggarai   an alarm that stands
Reads  alarms_now
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dashboards.panels import View
from data import queries, words
from data.lake import Lake
from data.reference import rows as reference_rows

PARAMS = ("dekat", "pos", "alarm")
# The city with its upstream posts: what lies elsewhere is a slip of the pen.
WEST, EAST, SOUTH, NORTH = 106.0, 107.5, -7.0, -5.0
# Table -> column with the id, and what stands before the name.
STATIONS = {"water_stations": ("station_id", ""), "pump_houses": ("pump_house_id", "Rumah pompa ")}


@dataclass(frozen=True)
class Spot:
    """A place.

    Args:
        name: As the page says "dekat …".
    """

    name: str
    lon: float
    lat: float

    @property
    def at(self) -> tuple[float, float]:
        """Longitude and latitude, degrees."""
        return self.lon, self.lat


def asked(lake: Lake, view: View) -> Spot | None:
    """Return the place that the address asks for; None where it asks for none that there is."""
    return (
        point(view.params.get("dekat", ""))
        or _station(view.params.get("pos"))
        or _alarm(lake, view)
    )


def point(text: str) -> Spot | None:
    """Read "106.848458,-6.207825"; None where that is no place in the region."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        return None
    if not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
        return None
    name = f"{words.number(abs(lat), 4)}° {'LS' if lat < 0 else 'LU'}, {words.number(lon, 4)}° BT"
    return Spot(name, lon, lat)


def _station(station_id: str | None) -> Spot | None:
    for table, (key, kind) in STATIONS.items():
        for row in reference_rows(table):
            if row[key] == station_id:
                return Spot(f"{kind}{row['name']}", float(row["lon"]), float(row["lat"]))
    return None


def _alarm(lake: Lake, view: View) -> Spot | None:
    wanted = view.params.get("alarm")
    if not wanted:
        return None
    for row in queries.alarms_now(lake, view.as_of, "31"):
        if row["alarm_id"] == wanted and row["lon"] is not None and row["lat"] is not None:
            return Spot(row["subject"], row["lon"], row["lat"])
    return None


def distance(metres: float) -> str:
    """Write a distance as "320 m" or "1,4 km"."""
    if metres < 1000:
        return words.quantity(10 * math.floor(metres / 10 + 0.5), "m")
    return words.quantity(metres / 1000, "km", 1)
