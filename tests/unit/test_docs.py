"""The documents say what the program does: settings, feeds, rollups, commands."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from data.rollups import all_rollups
from data.settings import Settings
from etl.__main__ import app
from etl.feed import Feed, discover

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def span(value: timedelta | None) -> str:
    """Return a span as the README prints it."""
    if value is None:
        return "–"
    seconds = int(value.total_seconds())
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds % size == 0 and seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def feed_row(name: str, feed: Feed) -> str:
    every = "backfill" if feed.every is None else span(feed.every)
    budget = "–" if feed.late is None else f"{span(feed.late)} · {span(feed.expired)}"
    cells = (f"`{name}`", feed.title, feed.source, feed.licence, every, budget)
    return "| " + " | ".join(cells) + " |"


def setting_row(name: str) -> str:
    field = Settings.model_fields[name]
    default = field.default
    if isinstance(default, SecretStr) or default in ("", None):
        shown = ""
    elif name == "feeds":
        shown = "`etl/feeds.toml`"
    else:
        shown = f"`{default}`"
    return f"| `KOMANDO_{name.upper()}` | {shown} | {field.description} |"


@pytest.mark.parametrize("name", sorted(discover()))
def test_every_feed_is_in_the_table_of_the_readme(name: str) -> None:
    row = feed_row(name, discover()[name])
    assert row in README, f"README.md lacks this row:\n{row}"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_is_in_the_table_of_the_readme(name: str) -> None:
    row = setting_row(name)
    assert row in README, f"README.md lacks this row:\n{row}"


def test_every_rollup_says_what_it_reads_and_yields() -> None:
    for rollup in all_rollups():
        header = [line for line in rollup.sql.splitlines() if line.startswith("--")]
        assert header[0].startswith(f"-- {rollup.name}:")
        assert any(line.startswith("-- grain") for line in header)
        assert any("known_day" in line for line in header)


def test_every_command_has_a_help_text() -> None:
    for command in app.registered_commands:
        assert command.callback is not None
        assert command.callback.__doc__


def test_every_path_that_the_documents_name_exists() -> None:
    documents = [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
    for document in documents:
        text = document.read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!http|#)([^)#]+)", text):
            assert (document.parent / link).exists(), f"{document.name}: {link}"
