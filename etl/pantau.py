"""What the reports of Pantau Banjir share: a place within, and a moment in two halves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from etl.documents import json_document, json_list
from etl.errors import BadField, Malformed
from etl.reading import WIB, kind_of, read_moment, text


def reports(body: bytes, place: str) -> list[Any]:
    """Return the reports of an answer.

    Args:
        body: JSON.
        place: What the reports are of: `pintu_air`, `pompa_air` or `pos_hujan`.

    Raises:
        Malformed: `body` is not a JSON list, or of reports of something else.
    """
    found = json_list(json_document(body))
    if found and not any(_is_of(report, place) for report in found):
        raise Malformed(
            f"seharusnya laporan dengan {place}, tidak satu pun dari {len(found)} memuatnya"
        )
    return found


def _is_of(report: Any, place: str) -> bool:
    match report:
        case {"properties": Mapping() as properties}:
            return place in properties
    return False


def part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the object that `row` holds under `name`.

    Raises:
        BadField: There is none.
    """
    found = row.get(name)
    if not isinstance(found, Mapping):
        raise BadField(name, f"seharusnya objek, ditemukan {kind_of(found)}")
    return found


def place_id(place: Mapping[str, Any]) -> str:
    """Return the number that Pantau Banjir gives a gate, pump house or rain post.

    Raises:
        BadField: There is none.
    """
    found = text(place, "id")
    if found is None:
        raise BadField("id", "kosong")
    return found


def reported_at(properties: Mapping[str, Any]) -> datetime:
    """Return the moment of a report, written as a date and a time of day in WIB.

    Raises:
        BadField: A half is missing, as at a place that has never reported, or unreadable.
    """
    day, hour = text(properties, "tanggal"), text(properties, "jam")
    if day is None or hour is None:
        raise BadField("tanggal", "tempat ini belum pernah melapor")
    return read_moment(f"{day} {hour}", "tanggal", zone=WIB)
