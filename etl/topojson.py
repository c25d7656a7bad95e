"""Read the features of GeoJSON and TopoJSON alike, as PetaBencana answers with either.

TopoJSON keeps borders once as arcs: a ring is a list of arc numbers (`~n` is arc n backwards), and
with a `transform` positions are whole steps on a grid, those of an arc each from the one before.
Source: https://github.com/topojson/topojson-specification
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from etl.documents import json_list
from etl.errors import Malformed
from etl.reading import kind_of

Position: TypeAlias = tuple[float, float]

# A few bytes can ask for one long arc a million times over.
MOST_POSITIONS = 500_000


def features(document: Any, mark: str) -> list[Any]:
    """Return the features of a decoded document in GeoJSON's shape.

    A geometry whose arcs cannot be followed stays as it is, which is no GeoJSON geometry.

    Args:
        document: A FeatureCollection or Topology, also inside `{"statusCode": 200, "result": …}`.
        mark: Name of a property by which features of the kind are known.

    Raises:
        Malformed: It is neither, no feature has that property, or the API reports a failure.
    """
    if isinstance(document, Mapping) and "statusCode" in document:
        if document["statusCode"] != 200:
            raise Malformed("seharusnya statusCode 200, sumber melaporkan kegagalan")
        document = document.get("result")
    kind = document.get("type") if isinstance(document, Mapping) else None
    if kind == "FeatureCollection":
        found = json_list(document, "features")
    elif kind == "Topology":
        found = list(_unfold(document))
    else:
        raise Malformed("seharusnya FeatureCollection atau Topology, ditemukan hal lain")
    if found and not any(_has(feature, mark) for feature in found):
        raise Malformed(
            f"seharusnya fitur dengan {mark}, tidak satu pun dari {len(found)} memuatnya"
        )
    return found


def _has(feature: Any, name: str) -> bool:
    match feature:
        case {"properties": Mapping() as properties}:
            return name in properties
    return False


def _unfold(topology: Mapping[str, Any]) -> Iterator[Any]:
    objects = topology.get("objects")
    if not isinstance(objects, Mapping):
        raise Malformed(f"seharusnya objek pada objects, ditemukan {kind_of(objects)}")
    for collection in objects.values():
        for geometry in json_list(collection, "geometries"):
            if not isinstance(geometry, Mapping):
                yield geometry
                continue
            try:
                shape = _geometry(geometry, topology)
            except (TypeError, ValueError, LookupError, AttributeError, OverflowError):
                shape = {name: part for name, part in geometry.items() if name != "properties"}
            yield {
                "type": "Feature",
                "properties": geometry.get("properties"),
                "geometry": shape,
            }


def _geometry(geometry: Mapping[str, Any], topology: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = geometry["type"]
    if kind is None:
        return None
    coordinates: Any
    if kind == "Point":
        coordinates = _placed([geometry["coordinates"]], topology)[0]
    elif kind == "Polygon":
        coordinates = [_ring(ring, topology) for ring in geometry["arcs"]]
    elif kind == "MultiPolygon":
        coordinates = [[_ring(ring, topology) for ring in rings] for rings in geometry["arcs"]]
    else:
        raise ValueError(f"{kind} is not among the shapes that areas and points have")
    return {"type": kind, "coordinates": coordinates}


def _ring(numbers: Sequence[int], topology: Mapping[str, Any]) -> list[Position]:
    """Join arcs; each begins where the one before it ends, so that position comes once."""
    ring: list[Position] = []
    for number in numbers:
        arc = _arc(topology["arcs"][number if number >= 0 else ~number], topology)
        ring += (arc if number >= 0 else arc[::-1])[1 if ring else 0 :]
        if len(ring) > MOST_POSITIONS:
            raise ValueError("too many positions")
    return ring


def _arc(steps: Sequence[Sequence[float]], topology: Mapping[str, Any]) -> list[Position]:
    if topology.get("transform") is None:
        return _placed(steps, topology)
    x: float = 0
    y: float = 0
    grid: list[Position] = []
    for dx, dy, *_ in steps:
        x, y = x + dx, y + dy
        grid.append((x, y))
    return _placed(grid, topology)


def _placed(positions: Sequence[Sequence[float]], topology: Mapping[str, Any]) -> list[Position]:
    transform = topology.get("transform")
    if transform is None:
        return [(x, y) for x, y, *_ in positions]
    (scale_x, scale_y), (west, south) = transform["scale"], transform["translate"]
    return [(x * scale_x + west, y * scale_y + south) for x, y, *_ in positions]
