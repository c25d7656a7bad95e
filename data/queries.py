"""The questions that pages ask the lake: one typed function a file of `data/queries/*.sql`."""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from data.asof import AsOf
from data.lake import Lake

Row: TypeAlias = dict[str, Any]

FOLDER = Path(__file__).parent / "queries"


@functools.cache
def sql(name: str) -> str:
    """Return the text of `data/queries/<name>.sql`, header included."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def run(lake: Lake, name: str, **params: Any) -> list[Row]:
    """Run `data/queries/<name>.sql`; its header says what comes back.

    Args:
        params: The `$name` parameters of the file, all of them and no others.
    """
    return lake.rows(sql(name), **params)


def ask(lake: Lake, name: str, as_of: AsOf, area: str, **params: Any) -> list[Row]:
    """Run a query that takes a moment and an area: `$event_time`, `$known_time`, `$area`."""
    return run(
        lake,
        name,
        event_time=as_of.event_time,
        known_time=as_of.known_time,
        area=area,
        **params,
    )


def feed_states(lake: Lake, *, since: datetime, until: datetime) -> list[Row]:
    """Return the newest run and the newest good run of each feed within a span of time.

    Args:
        since: Aware; runs that finished before it are not looked at.
        until: Aware; nor those that finished after it.
    """
    return run(lake, "feed_states", since=since, until=until)
