"""Years of the city's past as Parquet: the rows that the live feeds would have brought.

Rows carry their table's own columns and `event_time`, in time order; they join the live feeds
without a seam, since the same functions made both.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from etl.city import air, complaints, floods, pantau, traffic, water
from etl.city.world import Bulk, World

TABLES: dict[str, Bulk] = {
    table: rows
    for module in (water, pantau, floods, air, complaints, traffic)
    for table, rows in module.BULK.items()
}


def rows(world: World, table: str, start: datetime, end: datetime) -> Iterator[pa.Table]:
    """Yield a table's rows from `start` (inclusive) to `end` (exclusive), both aware.

    Raises:
        LookupError: The table has no bulk history.
    """
    return TABLES[table](world, start, end)


def write(world: World, table: str, start: datetime, end: datetime, path: Path) -> None:
    """Write a table's rows to a Parquet file.

    Raises:
        LookupError: The table has no bulk history.
    """
    with path.open("wb") as file:
        for piece in stream(world, table, start, end):
            file.write(piece)


def stream(world: World, table: str, start: datetime, end: datetime) -> Iterator[bytes]:
    """Return a table's rows as the pieces of one Parquet file, each made when it is asked for.

    Raises:
        LookupError: The table has no bulk history.
    """
    return _pieces(rows(world, table, start, end))


def _pieces(batches: Iterator[pa.Table]) -> Iterator[bytes]:
    sink = _Sink()
    first = next(batches)
    # Whoever asks is on the same machine: packing the rows would take longer than sending them.
    with pq.ParquetWriter(sink, first.schema, compression="none", write_statistics=False) as writer:
        writer.write_table(first)
        yield sink.taken()
        for batch in batches:
            writer.write_table(batch)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """A file whose bytes are taken away while it is being written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(memoryview(data))  # type: ignore[arg-type]
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
