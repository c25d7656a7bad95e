"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest


@pytest.fixture(scope="session", autouse=True)
def _quick_lakes() -> Iterator[None]:
    """Open lakes for a few rows, and hundreds of them.

    Over a few rows a second thread doubles the cost of a question. To verify the signatures of its
    extensions DuckDB hashes 70 MB a lake, three quarters of what opening one takes; those that a
    test starts as programs of their own still do.
    """
    connect = duckdb.connect

    def trusting(*args: Any, config: dict[str, str] | None = None) -> duckdb.DuckDBPyConnection:
        return connect(*args, config={"allow_unsigned_extensions": "true", **(config or {})})

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOMANDO_THREADS", "1")
        patch.setattr(duckdb, "connect", trusting)
        yield
