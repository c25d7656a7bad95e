"""Tell which of our water stations a source speaks of, by DSDA's number or by any known name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType

from data import reference


def numbered(dsda_id: str) -> str | None:
    """Return the station with that number in DSDA's telemetry."""
    return _numbers().get(dsda_id)


def named(name: str) -> str | None:
    """Return the station of that name, however the source spells it."""
    return _names().get(reference.plain(name))


@functools.cache
def _numbers() -> Mapping[str, str]:
    rows = reference.rows("water_stations")
    return MappingProxyType({row["dsda_id"]: row["station_id"] for row in rows if row["dsda_id"]})


@functools.cache
def _names() -> Mapping[str, str]:
    rows = reference.rows("water_stations")
    own = {reference.plain(row["name"]): row["station_id"] for row in rows}
    return MappingProxyType(own | dict(reference.aliases("water_station")))
