"""Say what is wrong with an installation, and what a feed would bring, before it runs for good."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from data.lake import Lake, LakeError
from data.ledger import Ledger
from data.settings import MASK, Settings, masked
from data.store import Store, StoreError
from etl.config import Source
from etl.errors import EtlError
from etl.feed import Feed
from etl.runner import LEAST_FREE_BYTES, Runner


def report(settings: Settings, environment: Mapping[str, str], console: Console) -> bool:
    """Print every setting with its source, then try lake, store and disk.

    Returns:
        True where all is well.
    """
    table = Table("setting", "value", "from")
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = MASK if value.get_secret_value() else "(not set)"
        key = f"KOMANDO_{name.upper()}"
        if key in environment:
            origin = "environment"
        elif name in settings.model_fields_set:
            origin = "secrets folder"
        else:
            origin = "default"
        table.add_row(key, Text(masked(str(value))), origin)
    console.print(table)
    healthy = True
    checks = (("lake", _lake), ("store", _store), ("ledger", _ledger), ("disk", _disk))
    for title, check in checks:
        try:
            console.print(f"[green]ok[/] {title}: {escape(check(settings))}", highlight=False)
        except (LakeError, StoreError, OSError, EtlError) as error:
            console.print(f"[red]bad[/] {title}: {escape(str(error))}", highlight=False)
            healthy = False
    return healthy


def try_feed(
    runner: Runner,
    feeds: Mapping[str, Feed],
    sources: Mapping[str, Source],
    name: str,
    console: Console,
) -> bool:
    """Fetch and check one feed without keeping anything; print what it would have loaded.

    Returns:
        True where the source answered and no row was refused.
    """
    feed, source = feeds.get(name), sources.get(name)
    if feed is not None and source is not None:
        table = Table("what", "value")
        table.add_row("title", feed.title)
        table.add_row("url", source.shown)
        table.add_row("simulated", "yes: DATA SIMULASI" if source.simulated else "no")
        table.add_row("headers sent", ", ".join(source.headers) or "none")
        table.add_row("reads", feed.reads)
        table.add_row("licence", feed.licence)
        console.print(table)
    tally = runner.run(name, dry=True)
    console.print("  ".join(f"{key}={value}" for key, value in tally.summary().items()))
    if tally.error:
        console.print(tally.error, style="red", markup=False)
    for table_name, refused in tally.refused[:5]:
        place = f"{table_name or '?'}.{refused.field or '?'}"
        console.print(f"quarantine: {place}: {refused.reason}", markup=False)
    return tally.outcome != "failed" and tally.quarantined == 0


def _lake(settings: Settings) -> str:
    lake = Lake(settings)
    try:
        return f"{settings.catalog_url.split(':', 1)[0]} catalogue, snapshot {lake.snapshot()}"
    finally:
        lake.close()


def _store(settings: Settings) -> str:
    Store(settings.store_url)
    return settings.store_url.split("://", 1)[0]


def _ledger(settings: Settings) -> str:
    proof = Ledger(Store(settings.store_url)).proof()
    if proof.broken is not None:
        raise StoreError(f"entry {proof.broken} of alarm_actions is not as it was written")
    return f"{proof.entries} entries in one chain, the newest {proof.head}"


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(settings.root).free
    if free < LEAST_FREE_BYTES:
        raise EtlError(f"{free // 2**20} MB free at {settings.root}; nothing would be loaded")
    return f"{free / 2**30:.1f} GB free at {settings.root}"
