"""Answer an operator's SQL: a connection that can read the lake and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.lake import Lake
from data.settings import Settings


def ask(settings: Settings, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query and return its column names and rows.

    Args:
        settings: Which lake.
        query: Any SQL; what writes, or reads a file outside the lake, is refused.

    Raises:
        duckdb.Error: The query is wrong or not allowed.
    """
    lake = Lake(settings, read_only=True)
    try:
        cursor = lake.cursor()
        kind, _, where = settings.catalog_url.partition(":")
        allowed = [settings.data_url]
        if kind == "sqlite":
            allowed.append(f"{Path(where).parent}/")
        folders = ", ".join(f"'{folder}'" for folder in allowed)
        cursor.execute(f"set allowed_directories = [{folders}]")
        cursor.execute("set enable_external_access = false")
        cursor.execute("set lock_configuration = true")
        result = cursor.execute(query)
        names = [column[0] for column in result.description or []]
        return names, result.fetchall()
    finally:
        lake.close()
