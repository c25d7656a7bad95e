"""Places that a reader may look for by name: areas, stations, pump houses, corridors, cameras.

Positions are degrees, WGS 84; of an area the middle of its kelurahan, of a corridor the middle of
its line.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from data import queries
from data.lake import Lake
from data.reference import plain, rows

# In the order in which places of one name are shown.
KINDS = (
    "kelurahan",
    "kecamatan",
    "kota",
    "station",
    "pump_house",
    "air_station",
    "corridor",
    "camera",
)


@dataclass(frozen=True)
class Place:
    """Something with a name and a position.

    Args:
        kind: One of `KINDS`.
        id: Id within its kind; of an area its Kemendagri code.
        detail: What tells namesakes apart, empty where there is nothing.
        aliases: Other names.
    """

    kind: str
    id: str
    name: str
    detail: str
    lon: float
    lat: float
    aliases: tuple[str, ...] = ()


def find(lake: Lake, text: str, *, most: int) -> list[Place]:
    """Return the places whose name, detail or alias holds every word of `text`, best first.

    A name that begins with the text comes first, then one whose words begin with those of the text,
    then one that has them inside, then one that is found by its detail; capitals, points and spaces
    do not matter.
    """
    words = tuple(word for part in text.split() if (word := plain(part)))
    if not words:
        return []
    cameras = (
        Place("camera", row["camera_id"], row["name"], row["owner"] or "", row["lon"], row["lat"])
        for row in queries.cameras_named(lake, words, most=most)
    )
    found = [
        (_rank(place, words), place)
        for place in (*known(), *cameras)
        if all(word in _spelling(place) for word in words)
    ]
    return [place for _, place in sorted(found, key=lambda pair: pair[0])[:most]]


@functools.cache
def known() -> tuple[Place, ...]:
    """Return the places of the reference tables."""
    return (*_areas(), *_stations(), *_corridors())


def _rank(place: Place, words: tuple[str, ...]) -> tuple[bool, bool, bool, int, int, str, str]:
    name = plain(place.name)
    parts = [plain(part) for part in re.split(r"[\s.(/-]+", place.name)]
    return (
        not any(plain(title).startswith("".join(words)) for title in (place.name, *place.aliases)),
        not all(any(part.startswith(word) for part in parts) for word in words),
        not all(word in name for word in words),
        KINDS.index(place.kind),
        len(name),
        name,
        place.id,
    )


@functools.lru_cache(maxsize=10_000)
def _spelling(place: Place) -> str:
    return " ".join(plain(text) for text in (place.name, *place.aliases, place.detail))


def _areas() -> Iterator[Place]:
    names = {row["code"]: row["name"] for row in rows("areas")}
    others = _by_id(row for row in rows("aliases") if row["kind"] == "kelurahan")
    for row in rows("areas"):
        yield Place(
            row["level"],
            row["code"],
            row["name"],
            names.get(row["parent_code"], ""),
            float(row["lon"]),
            float(row["lat"]),
            others.get(row["code"], ()),
        )


def _stations() -> Iterator[Place]:
    others = _by_id(row for row in rows("aliases") if row["kind"] == "water_station")
    for kind, table, key, detail in (
        ("station", "water_stations", "station_id", "river"),
        ("pump_house", "pump_houses", "pump_house_id", "authority"),
        ("air_station", "air_stations", "station_id", "district"),
    ):
        for row in rows(table):
            aliases = others.get(row[key], ()) if kind == "station" else ()
            yield Place(
                kind,
                row[key],
                row["name"],
                row[detail],
                float(row["lon"]),
                float(row["lat"]),
                aliases,
            )


def _corridors() -> Iterator[Place]:
    for row in rows("corridors"):
        points = re.findall(r"([\d.-]+) ([\d.-]+)", row["line"])
        lon, lat = points[len(points) // 2]
        yield Place("corridor", row["corridor_id"], row["name"], "", float(lon), float(lat))


def _by_id(aliases: Iterable[Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in aliases:
        found[row["id"]] = (*found.get(row["id"], ()), row["alias"])
    return found
