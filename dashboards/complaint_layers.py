"""The layers of the map that show complaints: those that were found, and what is near one.

Reads  complaints_found, complaints_begin, complaint_one, complaint_one_incident,
       complaint_one_spot, complaint_one_near
"""

from __future__ import annotations

from dataclasses import replace

from dashboards import complaint_case, layers
from dashboards.complaint_search import FEEDS, FILTERS, PATH, ROLES, asked_of
from dashboards.complaint_words import status_word
from dashboards.maps import Field, Layer, Mark, Properties
from dashboards.panels import View
from data import complaints, words
from data.lake import Lake
from data.queries import Row

POINTS = 10_000


def _points(lake: Lake, view: View) -> list[Row]:
    asked = asked_of(view)
    if asked.problems or asked.number:
        return []
    return complaints.find(lake, view.as_of, asked.search, most=POINTS).rows


def _near(lake: Lake, view: View) -> list[Row]:
    """Return the complaint of the page, and what else was reported or the case near it."""
    one = complaint_case.read(lake, view)
    if one is None or one.at is None:
        return []
    lon, lat = one.at
    itself = {
        "id": one.complaint_id,
        "name": one.row["category"] or "Pengaduan",
        "mark": "this",
        "lon": lon,
        "lat": lat,
        "event_time": one.row["created_at"],
        "simulated": one.row["simulated"],
    }
    reports = [
        {
            "id": row["complaint_id"],
            "name": row["category"] or "Pengaduan",
            "mark": "joined" if row["joined"] else "other",
            "lon": row["lon"],
            "lat": row["lat"],
            "event_time": row["created_at"],
            "simulated": row["simulated"],
        }
        for row in complaint_case.neighbours(lake, view, one)
    ]
    things = [
        {
            "id": row["id"],
            "name": complaint_case.named(row),
            "mark": row["kind"],
            "lon": row["lon"],
            "lat": row["lat"],
            "event_time": row["event_time"],
            "simulated": row["simulated"],
        }
        for row in complaint_case.things(lake, view, one)
        if row["lon"] is not None and row["distance_m"] <= complaint_case.DRAWN_M
    ]
    return [*things, *reports, itself]


def _thing(row: Row) -> Properties:
    return {
        "id": row["id"],
        "name": row["name"],
        "mark": row["mark"],
        "t": int(row["event_time"].timestamp()),
    }


def _point(row: Row) -> Properties:
    """Return as little as a popup needs: there are ten thousand of them."""
    return {
        "id": row["complaint_id"],
        "name": row["category"] or "Pengaduan",
        "mark": "overdue" if row["overdue"] else "open",
        "t": row["event_s"],
        "status": status_word(row["status"]),
        "due": row["due_s"],
    }


FOUND = replace(
    layers.COMPLAINTS,
    id="complaints-found",
    title="Pengaduan yang dicari",
    roles=ROLES,
    rows=_points,
    properties=_point,
    fields=(
        Field("Nomor laporan", "id"),
        Field("Status", "status"),
        Field("Batas waktu", "due", "time"),
    ),
    params=FILTERS,
    rest_s=30,
    note=f"{words.number(POINTS)} teratas menurut urutan daftar",
    more=(("Buka laporan", f"{PATH}/{{id}}"),),
)
ONE = Layer(
    id="complaint-one",
    title="Laporan ini dan sekitarnya",
    feeds=FEEDS,
    roles=ROLES,
    rows=_near,
    properties=_thing,
    marks=(
        Mark("this", "Laporan ini", "diamond", "--accent"),
        Mark("joined", "Laporan lain kejadian yang sama", "speech-full", "--map-ink"),
        Mark("other", "Laporan lain di titik ini, 14 hari", "speech", "--map-ink"),
        Mark("inundation", "Genangan saat itu", "depth-1", "--depth-1"),
        Mark("jam", "Kemacetan saat itu", "triangle", "--map-alert"),
        Mark("gate", "Pintu air siaga saat itu", "hexagon", "--siaga-3"),
    ),
    fields=(),
    params=(complaint_case.NUMBER,),
    tables=("complaint_versions",),
)
# What the page of Pengaduan and that of one complaint add to the maps of the site.
LAYERS = (FOUND, ONE)
