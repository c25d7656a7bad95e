"""The reference tables of `data/reference/*.csv`, read once a process and never changed.

They also stand in the lake under the same names (`data.lake`), so that SQL can join them.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "reference"


@functools.cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of `data/reference/<name>.csv` as text, in file order."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(MappingProxyType(row) for row in csv.DictReader(file))


@functools.cache
def aliases(kind: str) -> Mapping[str, str]:
    """Return the crosswalk of `kind` ("water_station", "kelurahan"): `plain(alias)` to id."""
    return MappingProxyType(
        {plain(row["alias"]): row["id"] for row in rows("aliases") if row["kind"] == kind}
    )


def plain(name: str) -> str:
    """Return `name` in lower case with letters and digits only, so that spellings meet."""
    return "".join(character for character in name.lower() if character.isalnum())


@functools.cache
def kelurahan_codes() -> Mapping[str, str]:
    """Return plain kelurahan name to code; names are unique across Jakarta without spaces."""
    codes = {
        plain(row["name"]): row["code"] for row in rows("areas") if row["level"] == "kelurahan"
    }
    return MappingProxyType(codes | dict(aliases("kelurahan")))
