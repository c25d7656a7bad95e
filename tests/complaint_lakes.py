"""A small lake of complaints: reports, their logs and the rollups made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from data import rollups
from data.tables import TABLES
from tests import lakes

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GAMBIR, TEBET = "31.71.01.1001", "31.74.01.1001"
LURAH, OTHER_LURAH = "KELURAHAN GAMBIR", "KELURAHAN TEBET BARAT"
ROADS, SUDIN_ROADS = "DINAS BINA MARGA", "SUKU DINAS BINA MARGA KOTA ADMINISTRASI JAKARTA PUSAT"

ROLLUPS = ("complaint_days", "complaint_incidents", "complaint_stints")

# One entry of a log: hours after the intake, status, office; and minutes until it was known.
Step = tuple[float, str, str] | tuple[float, str, str, float]


def report(
    cursor: Any, complaint_id: str, created_at: datetime, steps: Sequence[Step] = (), **values: Any
) -> None:
    """Add one complaint: a version and an entry of the log a step, the first at the intake.

    `values` are columns of all of its versions.
    """
    way = [(0.0, "Menunggu", LURAH), *steps]
    for hours, status, agency, *late in way:
        at = created_at + hours * HOUR
        known = at + (late[0] if late else 1) * MINUTE
        times = {"event_time": at, "known_time": known, "feed": "crm_requests"}
        nothing = {column.name: None for column in TABLES["complaint_versions"].columns}
        usual = {
            "complaint_id": complaint_id,
            "created_at": created_at,
            "channel": "JAKI",
            "category": "Jalan",
            "status": status,
            "agency": agency,
            "kelurahan_code": GAMBIR,
            "lon": 106.82,
            "lat": -6.18,
            "geotagged": True,
            "reopened_count": 0,
            "due_at": created_at + 144 * HOUR,
            "resolved_at": at if status in ("Selesai", "Ditolak") else None,
            "address_public": "Jl. Contoh, RW 01",
            "reporter_key": "v1:rahasia",
            "text_redacted": "Jalan berlubang di depan pasar.",
        }
        lakes.insert(
            cursor,
            "complaint_versions",
            nothing | lakes.common(lakes.NOW) | usual | times | values,
        )
        lakes.insert(
            cursor,
            "complaint_log",
            lakes.common(lakes.NOW)
            | {"complaint_id": complaint_id, "status": status, "agency": agency}
            | times
            | {key: values[key] for key in ("simulated", "feed") if key in values},
        )


def roll_up(cursor: Any) -> None:
    """Make the rollups of complaints from what was added."""
    for rollup in rollups.all_rollups():
        if rollup.name in ROLLUPS:
            rollups.make(cursor, rollup)
