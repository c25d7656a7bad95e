"""The operational store: what people and screens do, kept apart from the lake's facts.

SQLite by default, PostgreSQL by setting. Here stands only what more than one process must know.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import (
    Column,
    DateTime,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    insert,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from data.settings import masked

# What no screen has shown for so long need not be kept.
FORGOTTEN_AFTER = timedelta(days=1)
METADATA = MetaData()
WATCHED = Table(
    "watched_cameras",
    METADATA,
    Column("camera_id", String(200), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
)


class StoreError(Exception):
    """The store cannot be used; the message says why."""


class Store:
    """A handle on the operational store; safe to use from many threads.

    Args:
        url: SQLAlchemy URL.

    Raises:
        StoreError: The URL is no such, its driver is missing, or the database does not open.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = create_engine(url)
            METADATA.create_all(self._engine)
        except (SQLAlchemyError, ImportError, OSError) as error:
            raise StoreError(
                f"KOMANDO_STORE is {masked(url)}: {masked(str(error).splitlines()[0])}"
            ) from None

    def watch(self, camera_ids: Iterable[str], until: datetime) -> None:
        """Say that some screen shows these cameras until then (aware), so that they are probed."""
        rows = [{"camera_id": name, "until": until.astimezone(UTC)} for name in set(camera_ids)]
        if not rows:
            return
        names = [row["camera_id"] for row in rows]
        with self._engine.begin() as connection:
            connection.execute(
                delete(WATCHED).where(
                    WATCHED.c.camera_id.in_(names) | (WATCHED.c.until < until - FORGOTTEN_AFTER)
                )
            )
            connection.execute(insert(WATCHED), rows)

    def watched(self, now: datetime) -> frozenset[str]:
        """Return the cameras that some screen shows at `now` (aware)."""
        with self._engine.connect() as connection:
            found = connection.execute(
                select(WATCHED.c.camera_id).where(WATCHED.c.until > now.astimezone(UTC))
            )
            return frozenset(found.scalars())
