"""Copy an embedded lake and its store to a folder, and bring them back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from data.lake import Lake
from data.settings import Settings
from etl.errors import Misconfigured


def backup(lake: Lake, settings: Settings, folder: Path) -> int:
    """Copy catalogue, data and store while no load runs; return the number of files.

    Raises:
        Misconfigured: The folder is not empty or has no room, or the lake is not an embedded one.
    """
    _embedded(settings)
    if folder.exists() and any(folder.iterdir()):
        raise Misconfigured(f"{folder} is not empty; a backup goes into an empty folder")
    folder.mkdir(parents=True, exist_ok=True)
    with lake.maintain():
        for source in _databases(settings):
            if source.exists():
                _copy(source, folder / source.name)
        shutil.copytree(settings.data_url, folder / "data")
    return sum(path.is_file() for path in folder.rglob("*"))


def restore(settings: Settings, folder: Path) -> int:
    """Copy a backup into a home folder without a lake; return the number of files.

    Raises:
        Misconfigured: There is a lake already, or `folder` holds no backup.
    """
    _embedded(settings)
    catalog = _databases(settings)[0]
    for existing in _databases(settings):
        if existing.exists():
            raise Misconfigured(f"{existing} exists; restore into an empty KOMANDO_HOME")
    if not (folder / catalog.name).exists():
        raise Misconfigured(f"{folder} holds no {catalog.name}; it is not a backup")
    catalog.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder / "data", settings.data_url, dirs_exist_ok=True)
    # The databases take their names last: until then there is no lake, and restore may begin again.
    waiting = []
    for target in reversed(_databases(settings)):
        if (folder / target.name).exists():
            scratch = target.with_suffix(".part")
            shutil.copy2(folder / target.name, scratch)
            waiting.append((scratch, target))
    with closing(sqlite3.connect(waiting[-1][0])) as connection, connection:
        # DuckLake compares data paths letter by letter, and the home may be another one now.
        connection.execute(
            "update ducklake_metadata set value = ? where key = 'data_path'", [settings.data_url]
        )
    for scratch, target in waiting:
        scratch.replace(target)
    return sum(path.is_file() for path in folder.rglob("*"))


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
            original.backup(copy)
    except sqlite3.Error as error:
        raise Misconfigured(f"cannot copy {source} to {target}: {error}") from error


def _databases(settings: Settings) -> list[Path]:
    return [
        Path(settings.catalog_url.partition(":")[2]),
        Path(settings.store_url.removeprefix("sqlite:///")),
    ]


def _embedded(settings: Settings) -> None:
    if (
        not settings.catalog_url.startswith("sqlite:")
        or settings.data_url.startswith("s3://")
        or not settings.store_url.startswith("sqlite:///")
    ):
        raise Misconfigured(
            "the lake does not lie on this machine alone: back up PostgreSQL with pg_dump and the"
            " S3 bucket with its own tools, at a time without loads"
        )
