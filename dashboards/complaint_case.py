"""One complaint as the parts of its page ask for it: itself, its incident and what was near.

Reads  complaint_one, complaint_one_log, complaint_one_incident, complaint_one_spot,
       complaint_one_near
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from dashboards import layers
from dashboards.panels import View
from data import queries, words
from data.handling import Deadline, Handling, deadline, handling
from data.lake import Lake
from data.queries import Row

NUMBER = "nomor"
LONGEST_NUMBER = 60
SPOT_M, SPOT_WITHIN = 50.0, timedelta(days=14)
NEAR_M, NEAR_WITHIN = 1000.0, timedelta(hours=3)
# What lies further away is told, but not drawn on the map of the place.
DRAWN_M = 5000.0
SEVERITY_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "siaga1": layers.siaga_word(1),
        "siaga2": layers.siaga_word(2),
        "siaga3": layers.siaga_word(3),
    }
)


@dataclass(frozen=True)
class Case:
    """One complaint as known at the moment of a view.

    Args:
        versions: Rows of the query `complaint_one`, the one that counts last.
        log: Rows of `complaint_one_log`.
    """

    versions: Sequence[Row]
    log: Sequence[Row]

    @property
    def row(self) -> Row:
        """How it stands."""
        return self.versions[-1]

    @property
    def complaint_id(self) -> str:
        """Its number."""
        return str(self.row["complaint_id"])

    @property
    def at(self) -> tuple[float, float] | None:
        """Longitude and latitude, degrees; None without a point."""
        lon, lat = self.row["lon"], self.row["lat"]
        return None if lon is None or lat is None else (lon, lat)

    @property
    def handling(self) -> Handling:
        """Its way through the offices."""
        hours, to_hand_over = self.row["resolve_within_hours"], self.row["coordinate_within_hours"]
        return handling(
            self.log,
            resolve_within=None if hours is None else timedelta(hours=hours),
            coordinate_within=None if to_hand_over is None else timedelta(hours=to_hand_over),
        )

    @property
    def deadline(self) -> Deadline:
        """Until when it is due."""
        return deadline(self.versions, self.log)


def read(lake: Lake, view: View) -> Case | None:
    """Return the complaint that the address names; None where none of that number is known."""
    number = view.params.get(NUMBER, "")
    if not number or len(number) > LONGEST_NUMBER:
        return None
    versions = queries.complaint_one(lake, view.as_of, number)
    if not versions:
        return None
    # A source may tell of changes before the intake: they are shown, too.
    since = min(row["created_at"] for row in versions) - timedelta(days=366)
    log = queries.complaint_one_log(lake, view.as_of, number, since=since)
    simulated = versions[-1]["simulated"]
    return Case(versions, [row for row in log if row["simulated"] == simulated])


def neighbours(lake: Lake, view: View, case: Case) -> list[Row]:
    """Return the other reports of the incident and of the spot; `joined` tells which is which.

    Rows are those of `complaint_one_spot`; a report of the incident without a point is left out.
    """
    if case.at is None:
        return []
    created = case.row["created_at"]
    incident = queries.complaint_one_incident(lake, case.complaint_id, since=created)
    same = {row["complaint_id"] for row in incident}
    rows = queries.complaint_one_spot(
        lake,
        view.as_of,
        case.complaint_id,
        case.at,
        # A report that is joined to the same first one may be that far away.
        within_m=2 * SPOT_M,
        since=created - SPOT_WITHIN,
        until=created + SPOT_WITHIN,
    )
    return [
        row | {"joined": row["complaint_id"] in same}
        for row in rows
        if row["complaint_id"] in same or row["distance_m"] <= SPOT_M
    ]


def things(lake: Lake, view: View, case: Case) -> list[Row]:
    """Return what else was the case near it within three hours; rows of `complaint_one_near`."""
    if case.at is None:
        return []
    created = case.row["created_at"]
    return queries.complaint_one_near(
        lake,
        view.as_of,
        case.at,
        within_m=NEAR_M,
        since=created - NEAR_WITHIN,
        until=created + NEAR_WITHIN,
    )


def named(row: Row) -> str:
    """Say what a row of `complaint_one_near` is in a few words."""
    name = row["name"] or row["id"]
    match row["kind"]:
        case "inundation":
            amount = row["amount"]
            depth = f"hingga {words.quantity(amount, 'cm')}" if amount else layers.DEPTHS["1"]
            return f"{name} tergenang, {depth}"
        case "jam":
            return f"{name}: {layers.JAM_WORDS[int(row['amount'])].lower()}"
        case "gate":
            return f"{name}: {SEVERITY_WORDS.get(row['severity'], 'di atas ambang')}"
        case _:
            return f"BMKG: {name}"
