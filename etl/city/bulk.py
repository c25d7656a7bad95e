"""Years of the city's past as Parquet: the rows that the live feeds would have brought.

Rows carry their table's own columns and `event_time`, in time order; they join the live feeds
without a seam, since the same functions made both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from etl.city import air, complaints, floods, traffic, water
from etl.city.world import Bulk, World

TABLES: dict[str, Bulk] = {
    table: rows
    for module in (water, floods, air, complaints, traffic)
    for table, rows in module.BULK.items()
}


def tables(world: World, table: str, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield a table's rows from `start` (inclusive) to `end` (exclusive), both aware.

    Raises:
        LookupError: The table has no bulk history.
    """
    yield from TABLES[table](world, start, end)


def write(world: World, table: str, start: datetime, end: datetime, target: Path | BinaryIO) -> int:
    """Write a table's rows as Parquet and return how many there are.

    Raises:
        LookupError: The table has no bulk history.
    """
    count = 0
    writer: pq.ParquetWriter | None = None
    try:
        for rows in tables(world, table, start, end):
            if writer is None:
                writer = pq.ParquetWriter(target, rows.schema, compression="snappy")
            writer.write_table(rows)
            count += rows.num_rows
    finally:
        if writer is not None:
            writer.close()
    return count
