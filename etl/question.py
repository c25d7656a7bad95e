"""Answer an operator's SQL: a connection that can read the lake and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.lake import Lake, quoted
from data.settings import Settings

# Any other table function may open files and connections past DuckDB's own lock (`sqlite_scan`),
# change the lake (`ducklake_cleanup_old_files`) or hide a query in a text (`query`).
HARMLESS = frozenset(
    {"range", "generate_series", "unnest", "current_snapshot", "duckdb_columns", "duckdb_tables"}
)


def ask(settings: Settings, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Run a query and return its column names and rows.

    Args:
        settings: Which lake.
        query: One select.

    Raises:
        ValueError: It is no select, or calls a table function that is not `HARMLESS`.
        duckdb.Error: It is wrong, or reads a file outside the lake.
    """
    lake = Lake(settings, read_only=True)
    try:
        cursor = lake.cursor()
        kind, _, where = settings.catalog_url.partition(":")
        allowed = [settings.data_url]
        if kind == "sqlite":
            allowed.append(f"{Path(where).parent}/")
        folders = ", ".join(quoted(folder) for folder in allowed)
        cursor.execute(f"set allowed_directories = [{folders}]")
        cursor.execute("set enable_external_access = false")
        cursor.execute("set lock_configuration = true")
        # The lock lets a query write into the allowed folders, the catalogue's own among them.
        tree = lake.value("select json_serialize_sql($query::varchar)", query=query)
        _refuse_all_but_reading(json.loads(tree))
        result = cursor.execute(query)
        names = [column[0] for column in result.description or []]
        return names, result.fetchall()
    finally:
        lake.close()


def _refuse_all_but_reading(tree: dict[str, Any]) -> None:
    if tree["error"]:
        message = str(tree["error_message"])
        if "SELECT statements" in message:
            message = "only a select is answered here; the lake is written by the feeds alone"
        raise ValueError(message)
    if len(tree["statements"]) != 1:
        raise ValueError("one select is expected")
    refused = sorted(set(_table_functions(tree)) - HARMLESS)
    if refused:
        raise ValueError(
            f"not allowed: {', '.join(refused)}; of table functions there are"
            f" {', '.join(sorted(HARMLESS))}"
        )


def _table_functions(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _table_functions(part)
    elif isinstance(node, dict):
        if node.get("type") == "TABLE_FUNCTION":
            yield str(node["function"]["function_name"]).lower()
        for part in node.values():
            yield from _table_functions(part)
