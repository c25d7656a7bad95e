"""The areas that have a page: their names, what lies above, inside and beside them."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import shapely
from dash import html
from dash.development.base_component import Component

from data import queries
from data.boards import Level
from data.lake import Lake
from data.reference import plain, rows

PATH = "/wilayah"
# What lies within about 50 m of an area touches it: outlines are drawn coarsely.
TOUCHING_DEGREES = 5e-4
MOST_SUGGESTED = 12
_TITLES = {"kelurahan": "Kelurahan ", "kecamatan": "Kecamatan ", "kota": ""}
_LEVELS: tuple[Level, ...] = ("kota", "kecamatan", "kelurahan")


@dataclass(frozen=True)
class Area:
    """A kelurahan, kecamatan or kota.

    Args:
        code: Kemendagri code.
        parent: Code of the area around it; "31" around a kota.
        population: Residents; None where it is not known.
    """

    code: str
    level: Level
    name: str
    parent: str
    population: int | None

    @property
    def title(self) -> str:
        """Return the name with the level: "Kelurahan Gambir"."""
        return f"{_TITLES[self.level]}{self.name}"

    @property
    def short(self) -> str:
        """Return the name as tables have room for it: "Jakarta Pusat"."""
        return self.name.removeprefix("Kota Administrasi ").removeprefix("Kabupaten Administrasi ")


@functools.cache
def areas() -> Mapping[str, Area]:
    """Return every area by its code, the largest level first, then in order of code."""
    found = [
        Area(
            row["code"],
            row["level"],
            row["name"],
            row["parent_code"],
            int(row["population"]) if row["population"] else None,
        )
        for row in rows("areas")
        if row["level"] in _LEVELS
    ]
    found.sort(key=lambda area: (len(area.code), area.code))
    return MappingProxyType({area.code: area for area in found})


def above(area: Area) -> list[Area]:
    """Return the areas around `area`, the largest first."""
    parent = areas().get(area.parent)
    return [] if parent is None else [*above(parent), parent]


def inside(area: Area, level: Level) -> list[Area]:
    """Return the areas of a level inside `area`, in order of name."""
    found = [one for one in areas().values() if one.level == level and _is_in(one.code, area.code)]
    return sorted(found, key=lambda one: one.name)


def _is_in(code: str, territory: str) -> bool:
    return code.startswith(f"{territory}.")


def beside(lake: Lake, area: Area) -> list[Area]:
    """Return the areas of the same level that touch `area` by their outlines, in order of name."""
    outlines = tuple(
        (row["code"], row["geometry"])
        for row in queries.outlines(lake)
        if row["level"] == area.level
    )
    codes = _touching(outlines).get(area.code, ())
    return sorted((areas()[code] for code in codes if code in areas()), key=lambda one: one.name)


@functools.lru_cache(maxsize=6)
def _touching(outlines: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """Return for each code those whose outline (GeoJSON) touches its own."""
    shapes = shapely.from_geojson([outline for _, outline in outlines])
    tree = shapely.STRtree(shapes)
    found: dict[str, list[str]] = {code: [] for code, _ in outlines}
    for one, other in zip(
        *tree.query(shapes, predicate="dwithin", distance=TOUCHING_DEGREES), strict=True
    ):
        if one != other:
            found[outlines[one][0]].append(outlines[other][0])
    return found


def called(text: str) -> list[Area]:
    """Return the areas that a code or a name may mean, likeliest first; none for nonsense."""
    wanted = plain(text)
    if not wanted:
        return []
    spelled = [(plain(area.name), area) for area in areas().values()]
    near = [area for name, area in spelled if name == wanted]
    near += [area for name, area in spelled if wanted in name and area not in near]
    near += [
        area for area in areas().values() if _shares_code(area.code, text) and area not in near
    ]
    close = difflib.get_close_matches(wanted, [name for name, _ in spelled], MOST_SUGGESTED, 0.75)
    near += [area for name, area in spelled if name in close and area not in near]
    return near[:MOST_SUGGESTED]


def _shares_code(code: str, text: str) -> bool:
    """Answer whether the longest known part of a mistyped code is `code` or right above it."""
    parts = text.split(".")
    for count in range(len(parts), 1, -1):
        known = ".".join(parts[:count])
        if known in areas():
            return code == known or areas()[code].parent == known
    return False


def link(area: Area, text: str | None = None) -> Component:
    """Return a link to the page of an area."""
    return html.A(
        text or area.title, href=f"{PATH}/{area.code}", className="link", **{"data-act": "visit"}
    )


def trail(area: Area) -> Component:
    """Return the way from the city to an area, for the top of its page."""
    steps: Sequence[Component] = [
        html.A("Semua wilayah", href=f"{PATH}/31", className="link", **{"data-act": "visit"}),
        *(link(one, one.short if one.level == "kota" else None) for one in above(area)),
    ]
    return html.Nav(
        html.Ol([html.Li(step) for step in steps]),
        className="wilayah-jejak",
        **{"aria-label": "Wilayah di atasnya"},
    )
