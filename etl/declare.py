"""Write into the lake what is not a fact: declarations, shapes, layers; remove the demo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from data import rollups
from data.areas import Shape, default_shapes
from data.lake import Lake
from data.tables import TABLES
from etl.config import Source
from etl.feed import Feed


def declare(
    lake: Lake,
    feeds: Mapping[str, Feed],
    sources: Mapping[str, Source],
    now: datetime,
    *,
    renew: bool = False,
) -> None:
    """Say in the lake which feeds there are and how fresh they must be; draw areas if none are.

    A declaration that did not change since the last one is not written again.

    Args:
        lake: Open for writing.
        feeds: All feeds.
        sources: The configured ones.
        now: Aware.
        renew: Write those that changed too, as the schedule does; a command that somebody starts
            beside it may have other settings. Else only those that are not known yet.
    """
    columns = [
        "feed",
        "title",
        "source",
        "licence",
        "tables",
        "every_s",
        "late_s",
        "expired_s",
        "clock",
        "scheduled",
        "simulated",
    ]
    names = ", ".join(columns)
    known = {
        row["feed"]: row
        for row in lake.rows(
            f"select {names} from feeds"  # noqa: S608 - the names above
            " qualify row_number() over (partition by feed order by declared_at desc) = 1"
        )
    }
    wanted = [_declaration(name, feed, sources.get(name)) for name, feed in feeds.items()]
    changed = [
        row for row in wanted if row["feed"] not in known or (renew and known[row["feed"]] != row)
    ]
    drawn = lake.value("select count(*) from area_shapes where level = 'kelurahan'")
    if changed:
        marks = ", ".join(f"${name}" for name in columns)
        with lake.write() as cursor:
            for row in changed:
                cursor.execute(
                    f"insert into feeds ({names}, declared_at) values ({marks}, $now)",  # noqa: S608
                    {**row, "now": now},
                )
    if not drawn:
        replace_areas(lake, default_shapes())


def replace_areas(lake: Lake, shapes: Sequence[Shape]) -> None:
    """Put shapes in the place of those of their levels."""
    levels = sorted({shape.level for shape in shapes})
    rows = pa.Table.from_pylist([asdict(shape) for shape in shapes])
    with lake.write() as cursor:
        cursor.execute(
            "delete from area_shapes where list_contains($levels, level)", {"levels": levels}
        )
        cursor.register("new_shapes", rows)
        cursor.execute("insert into area_shapes by name select * from new_shapes")
        cursor.unregister("new_shapes")


def replace_layer(
    lake: Lake,
    layer: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    source: str,
    dated: date | None,
    now: datetime,
) -> None:
    """Put a layer in the place of the one of its name."""
    common = {"layer": layer, "source": source, "dated": dated, "loaded_at": now}
    schema = pa.schema(
        [
            ("layer", pa.string()),
            ("feature_id", pa.string()),
            ("name", pa.string()),
            ("geometry", pa.string()),
            ("properties", pa.string()),
            ("source", pa.string()),
            ("dated", pa.date32()),
            ("loaded_at", pa.timestamp("us", "UTC")),
        ]
    )
    table = pa.Table.from_pylist([{**row, **common} for row in rows], schema=schema)
    with lake.write() as cursor:
        cursor.execute("delete from layers where layer = $layer", {"layer": layer})
        cursor.register("new_layer", table)
        cursor.execute("insert into layers by name select * from new_layer")
        cursor.unregister("new_layer")


def purge_simulated(lake: Lake) -> dict[str, int]:
    """Remove every simulated row, its runs and its share of the rollups; return rows by table."""
    removed = {}
    derived = [rollup.name for rollup in rollups.all_rollups()]
    with lake.write() as cursor:
        for name in (*TABLES, *derived, "rollups_due", "feed_runs", "feed_days"):
            count = cursor.execute(f"delete from {name} where simulated").fetchone()  # noqa: S608
            removed[name] = int(count[0]) if count else 0
        cursor.execute("delete from quarantine where run_id not in (select run_id from feed_runs)")
    return removed


def _declaration(name: str, feed: Feed, source: Source | None) -> dict[str, Any]:
    every = feed.every if source is None or source.every is None else source.every
    return {
        "feed": name,
        "title": feed.title,
        "source": feed.source,
        "licence": feed.licence,
        "tables": ", ".join(feed.tables),
        "every_s": None if every is None else every.total_seconds(),
        "late_s": None if feed.late is None else feed.late.total_seconds(),
        "expired_s": None if feed.expired is None else feed.expired.total_seconds(),
        "clock": feed.clock,
        "scheduled": source is not None and source.enabled and every is not None,
        "simulated": source is not None and source.simulated,
    }
