"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> Iterator[None]:
    """Let DuckDB use one thread: over a few rows a second one doubles the cost of a question."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOMANDO_THREADS", "1")
        yield
