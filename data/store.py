"""The operational store: what people and screens do, kept apart from the lake's facts.

SQLite by default, PostgreSQL by setting. Here stands only what more than one process must know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from filelock import FileLock
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    UniqueConstraint,
    Update,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from data import chain
from data.settings import masked

# What no screen has shown for so long need not be kept.
FORGOTTEN_AFTER = timedelta(days=1)
MIGRATIONS = Path(__file__).parent / "migrations" / "store"
UPGRADE_LOCK = 31_000_001
METADATA = MetaData()
WATCHED = Table(
    "watched_cameras",
    METADATA,
    Column("camera_id", String(200), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
)
WALL_SCREENS = Table(
    "wall_screens",
    METADATA,
    Column("wall", String(40), primary_key=True),
    Column("screen", String(16), primary_key=True),
    Column("heard_at", DateTime(timezone=True), nullable=False),
    Column("news", JSON, nullable=False),
)
WALL_LOG = Table(
    "wall_log",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("wall", String(40), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("role", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("value", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    Column("until", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("details", JSON, nullable=False),
)
ALARM_ACTIONS = Table(
    "alarm_actions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("alarm_id", String(200), nullable=False, index=True),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("action", String(20), nullable=False),
    Column("role", String(40), nullable=False),
    Column("to_owner", String(500), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("until", DateTime(timezone=True)),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    # Two entries that follow the same one are no chain.
    Index("ix_alarm_actions_previous", "previous", unique=True),
)

PUBLICATIONS = Table(
    "publications",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False, index=True),
    Column("role", String(40), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", Text, nullable=False),
)
SAVED_VIEWS = Table(
    "saved_views",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("role", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", String(500), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("role", "name", name="uq_saved_views_role_name"),
)
APPEAL_ACTIONS = Table(
    "appeal_actions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("complaint_id", String(40), nullable=False),
    Column("unit", String(200), nullable=False),
    Column("step", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("role", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("item", JSON, nullable=False),
    UniqueConstraint("complaint_id", "unit", "step"),
)
EVIDENCE_REVIEWS = Table(
    "evidence_reviews",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("signal", String(40), nullable=False),
    Column("unit", String(200), nullable=False),
    Column("action", String(20), nullable=False),
    Column("role", String(40), nullable=False),
    Column("note", String(1000), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_evidence_reviews_signal_unit", "signal", "unit"),
)
SERIES_ANNOTATIONS = Table(
    "series_annotations",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("series", String(40), nullable=False),
    Column("day", String(10), nullable=False),
    Column("text", String(240), nullable=False),
    Column("source", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
)
DIRECTIVE_STEPS = Table(
    "directive_steps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("directive", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("role", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("text", String(300), nullable=False),
    Column("giver", String(120), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("due", String(10), nullable=False),
    Column("evidence", String(300), nullable=False),
    UniqueConstraint("directive", "step"),
)
VICTIM_COUNTS = Table(
    "victim_counts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kelurahan_code", String(13), nullable=False),
    Column("counted_at", DateTime(timezone=True), nullable=False),
    Column("dead", Integer),
    Column("missing", Integer),
    Column("injured", Integer),
    Column("evacuated", Integer),
    Column("source", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdrawn_by", String(40), nullable=False),
    Column("withdrawn_for", String(200), nullable=False),
)
UPLOADS = Table(
    "uploads",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("content", JSON, nullable=False),
    Column("source", String(200), nullable=False),
    Column("dated", String(10), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("role", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("name_sha256", String(64), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
)
BRIEF_EDITIONS = Table(
    "brief_editions",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("cut", DateTime(timezone=True), nullable=False, index=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("previous", String(40), nullable=False),
    Column("changed", JSON, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", Text, nullable=False),
)
BRIEF_STEPS = Table(
    "brief_steps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("edition", String(40), nullable=False),
    Column("step", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("items", JSON, nullable=False),
    Column("text", String(500), nullable=False),
    Column("role", String(40), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("edition", "step"),
)
BRIEF_DELIVERIES = Table(
    "brief_deliveries",
    METADATA,
    Column("edition", String(40), primary_key=True),
    Column("state", String(20), primary_key=True),
    Column("way", String(20), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
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
            _upgrade(self._engine)
        except (SQLAlchemyError, CommandError, ImportError, OSError) as error:
            raise StoreError(
                f"KOMANDO_STORE is {masked(url)}: {masked(str(error).splitlines()[0])}"
            ) from None

    def watch(self, camera_ids: Iterable[str], until: datetime) -> None:
        """Say that some screen shows these cameras until then (aware), so that they are probed."""
        rows = [{"camera_id": name, "until": until.astimezone(UTC)} for name in set(camera_ids)]
        if not rows:
            return
        names = [row["camera_id"] for row in rows]
        old = WATCHED.c.camera_id.in_(names) | (WATCHED.c.until < until - FORGOTTEN_AFTER)
        # On PostgreSQL another worker may say the same of one of them at the same moment.
        with suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(delete(WATCHED).where(old))
            connection.execute(insert(WATCHED), rows)

    def watched(self, now: datetime) -> frozenset[str]:
        """Return the cameras that some screen shows at `now` (aware)."""
        with self._engine.connect() as connection:
            found = connection.execute(
                select(WATCHED.c.camera_id).where(WATCHED.c.until > now.astimezone(UTC))
            )
            return frozenset(found.scalars())

    def hear_wall(self, wall: str, screen: str, news: dict[str, Any], at: datetime) -> None:
        """Note what a screen of a wall says of itself; screens long silent are forgotten."""
        is_it = (WALL_SCREENS.c.wall == wall) & (WALL_SCREENS.c.screen == screen)
        gone = WALL_SCREENS.c.heard_at < at.astimezone(UTC) - FORGOTTEN_AFTER
        row = {"wall": wall, "screen": screen, "heard_at": at.astimezone(UTC), "news": news}
        with self._engine.begin() as connection:
            connection.execute(delete(WALL_SCREENS).where(is_it | gone))
            connection.execute(insert(WALL_SCREENS), row)

    def wall_screens(self) -> list[dict[str, Any]]:
        """Return the screens heard of in the last day: wall, screen, heard_at (UTC), news."""
        query = select(WALL_SCREENS).order_by(WALL_SCREENS.c.wall, WALL_SCREENS.c.heard_at.desc())
        return self._rows(query)

    def log_wall(
        self,
        wall: str,
        *,
        kind: str,
        value: str,
        title: str,
        role: str,
        at: datetime,
        until: datetime | None = None,
        details: dict[str, Any] | None = None,
    ) -> int:
        """Note what was asked of a wall, or what it did; return the number of the entry.

        Args:
            role: Who; "layar" for the wall itself.
            until: An order stands until then, and in place of the one of its kind before it; None
                for what is done at once.
            details: Further figures that the wall needs to obey.
        """
        row = {
            "wall": wall,
            "at": at.astimezone(UTC),
            "role": role,
            "kind": kind,
            "value": value,
            "title": title,
            "until": None if until is None else until.astimezone(UTC),
            "details": details or {},
        }
        with self._engine.begin() as connection:
            if until is not None:
                connection.execute(_ended(wall, at).where(WALL_LOG.c.kind == kind))
            result = connection.execute(insert(WALL_LOG).returning(WALL_LOG.c.id), row)
            return int(result.scalar_one())

    def release_wall(self, wall: str, at: datetime, kind: str | None = None) -> int:
        """End the orders in force on a wall, of one kind or all; return how many there were."""
        query = _ended(wall, at)
        if kind is not None:
            query = query.where(WALL_LOG.c.kind == kind)
        with self._engine.begin() as connection:
            return int(connection.execute(query).rowcount)

    def wall_orders(self, at: datetime, wall: str | None = None) -> list[dict[str, Any]]:
        """Return the orders in force at a moment, on one wall or on all, oldest first."""
        query = select(WALL_LOG).where(_standing(at)).order_by(WALL_LOG.c.id)
        return self._rows(query if wall is None else query.where(WALL_LOG.c.wall == wall))

    def wall_log(self, most: int, wall: str | None = None) -> list[dict[str, Any]]:
        """Return the newest entries about one wall or all, newest first."""
        query = select(WALL_LOG).order_by(WALL_LOG.c.id.desc()).limit(most)
        return self._rows(query if wall is None else query.where(WALL_LOG.c.wall == wall))

    def forget_wall_log(self, before: datetime) -> int:
        """Remove entries from before then (aware) but orders in force since; return how many."""
        then = before.astimezone(UTC)
        over = WALL_LOG.c.until.is_(None) | (WALL_LOG.c.until < then)
        with self._engine.begin() as connection:
            query = delete(WALL_LOG).where(WALL_LOG.c.at < then, over)
            return int(connection.execute(query).rowcount)

    def last_wall_entry(self, wall: str, kind: str) -> int:
        """Return the number of the newest entry of a kind; 0 where there is none."""
        query = select(func.max(WALL_LOG.c.id)).where(
            WALL_LOG.c.wall == wall, WALL_LOG.c.kind == kind
        )
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one() or 0

    def note_alarm_action(self, action: Mapping[str, Any]) -> int:
        """Note what a person did about an alarm, linked to what was noted before it.

        Args:
            action: Columns of `alarm_actions` without the links of the chain, times aware.
        """
        while True:
            last = self._alarm_head()
            entry = {**action, "previous": last}
            try:
                return self._note(ALARM_ACTIONS, {**entry, "sha256": chain.link(entry)})
            except IntegrityError:
                # Somebody else noted something in the meantime: it goes before this.
                if self._alarm_head() == last:
                    raise

    def prove_alarm_actions(self) -> chain.Proof:
        """Look whether all that was noted about alarms is as it was written."""
        return chain.prove(self._rows(select(ALARM_ACTIONS).order_by(ALARM_ACTIONS.c.id)))

    def alarm_actions(
        self, alarm_ids: Iterable[str], *, since: datetime, until: datetime
    ) -> list[dict[str, Any]]:
        """Return what was done about alarms in [`since`, `until`] (aware), oldest first."""
        table = ALARM_ACTIONS
        query = select(table).where(
            table.c.alarm_id.in_(list(alarm_ids)),
            table.c.at.between(since.astimezone(UTC), until.astimezone(UTC)),
        )
        return self._rows(query.order_by(table.c.id))

    def alarm_revision(self, at: datetime) -> int:
        """Return a number that rises with each action about an alarm, and where a snooze ends."""
        table = ALARM_ACTIONS
        over = func.count(table.c.until).filter(table.c.until <= at.astimezone(UTC))
        with self._engine.connect() as connection:
            newest, ended = connection.execute(select(func.max(table.c.id), over)).one()
            return (newest or 0) + int(ended)

    def publish(self, publication: Mapping[str, Any]) -> None:
        """Keep a publication (columns of `publications`, times aware); one that stands, stays."""
        row = dict(publication) | {"published_at": publication["published_at"].astimezone(UTC)}
        # Two people may publish the same at the same moment.
        with suppress(IntegrityError), self._engine.begin() as connection:
            connection.execute(insert(PUBLICATIONS), row)

    def publication(self, publication_id: str) -> dict[str, Any] | None:
        """Return a publication; None where there is none of this id."""
        found = self._rows(select(PUBLICATIONS).where(PUBLICATIONS.c.id == publication_id))
        return found[0] if found else None

    def publications(self, most: int, role: str, *, is_of: bool) -> list[dict[str, Any]]:
        """Return the newest publications of a role, or of all others, without their bodies."""
        columns = [column for column in PUBLICATIONS.c if column.name != "body"]
        return self._rows(
            select(*columns)
            .where((PUBLICATIONS.c.role == role) == is_of)
            .order_by(PUBLICATIONS.c.published_at.desc(), PUBLICATIONS.c.id)
            .limit(most)
        )

    def publications_around(self, publication_id: str, ending: str) -> tuple[str, str]:
        """Return the ids before and after one among those of an ending; empty where none is."""
        ids = PUBLICATIONS.c.id
        before = func.max(ids).filter(ids < publication_id)
        after = func.min(ids).filter(ids > publication_id)
        with self._engine.connect() as connection:
            found = connection.execute(
                select(before, after).where(ids.endswith(ending, autoescape=True))
            ).one()
        return found[0] or "", found[1] or ""

    def saved_views(self, role: str) -> list[dict[str, Any]]:
        """Return the saved views of a role, in order of name."""
        table = SAVED_VIEWS
        return self._rows(select(table).where(table.c.role == role).order_by(table.c.name))

    def save_view(self, role: str, name: str, query: str, at: datetime) -> int:
        """Keep a view, in the place of one of that name; return its number."""
        table = SAVED_VIEWS
        row = {"role": role, "name": name, "query": query, "at": at.astimezone(UTC)}
        with self._engine.begin() as connection:
            connection.execute(delete(table).where(table.c.role == role, table.c.name == name))
            return int(connection.execute(insert(table).returning(table.c.id), row).scalar_one())

    def remove_view(self, role: str, view_id: int) -> bool:
        """Remove a saved view of a role; False where there is none of that number."""
        table = SAVED_VIEWS
        query = delete(table).where(table.c.role == role, table.c.id == view_id)
        with self._engine.begin() as connection:
            return connection.execute(query).rowcount > 0

    def note_appeal_action(self, action: Mapping[str, Any]) -> bool:
        """Note a step of an appeal (columns of `appeal_actions`, times aware).

        Returns:
            False where somebody else took this step first.
        """
        try:
            self._note(APPEAL_ACTIONS, action)
        except IntegrityError:
            return False
        return True

    def appeal_actions(self, complaint_id: str | None = None) -> list[dict[str, Any]]:
        """Return what was done about the appeals of one complaint or of all, oldest first."""
        table = APPEAL_ACTIONS
        query = select(table).order_by(table.c.id)
        if complaint_id is not None:
            query = query.where(table.c.complaint_id == complaint_id)
        return self._rows(query)

    def appeal_revision(self) -> int:
        """Return a number that rises with each action about an appeal."""
        return self._newest(APPEAL_ACTIONS)

    def note_review(self, review: Mapping[str, Any]) -> int:
        """Note what an inspector did (columns of `evidence_reviews`, time aware)."""
        return self._note(EVIDENCE_REVIEWS, review)

    def reviews(
        self, until: datetime, signal: str | None = None, unit: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what inspectors did up to a moment (aware), of one unit or all, oldest first."""
        table = EVIDENCE_REVIEWS
        query = select(table).where(table.c.at <= until.astimezone(UTC)).order_by(table.c.id)
        if signal is not None:
            query = query.where(table.c.signal == signal)
        if unit is not None:
            query = query.where(table.c.unit == unit)
        return self._rows(query)

    def review_revision(self) -> int:
        """Return a number that rises with each thing that an inspector does."""
        return self._newest(EVIDENCE_REVIEWS)

    def annotate(self, annotation: Mapping[str, Any]) -> int:
        """Note something at a day of a series (columns of `series_annotations`, time aware)."""
        return self._note(SERIES_ANNOTATIONS, annotation)

    def annotations(self, series: str, at: datetime) -> list[dict[str, Any]]:
        """Return what stood at a series at a moment (aware), in order of day."""
        table, moment = SERIES_ANNOTATIONS, at.astimezone(UTC)
        return self._rows(
            select(table)
            .where(table.c.series == series, table.c.at <= moment)
            .where(table.c.withdrawn_at.is_(None) | (table.c.withdrawn_at > moment))
            .order_by(table.c.day, table.c.id)
        )

    def withdraw_annotation(self, annotation_id: int, role: str, at: datetime) -> bool:
        """Withdraw what this role noted; False where it noted nothing of that number."""
        table = SERIES_ANNOTATIONS
        query = update(table).where(
            table.c.id == annotation_id, table.c.role == role, table.c.withdrawn_at.is_(None)
        )
        with self._engine.begin() as connection:
            return bool(connection.execute(query.values(withdrawn_at=at.astimezone(UTC))).rowcount)

    def note_directive_step(self, step: Mapping[str, Any]) -> bool:
        """Note a step of a directive (columns of `directive_steps`, time aware).

        Returns:
            False where somebody else took this step first.
        """
        try:
            self._note(DIRECTIVE_STEPS, step)
        except IntegrityError:
            return False
        return True

    def directive_steps(self, until: datetime, number: int | None = None) -> list[dict[str, Any]]:
        """Return the steps up to a moment (aware), of one directive or all, oldest first."""
        table = DIRECTIVE_STEPS
        query = select(table).where(table.c.at <= until.astimezone(UTC)).order_by(table.c.id)
        return self._rows(query if number is None else query.where(table.c.directive == number))

    def newest_directive(self) -> int:
        """Return the greatest number of a directive; 0 where there is none."""
        with self._engine.connect() as connection:
            query = select(func.max(DIRECTIVE_STEPS.c.directive))
            return connection.execute(query).scalar_one() or 0

    def note_victim_count(self, count: Mapping[str, Any]) -> int:
        """Note a count of victims (columns of `victim_counts`, times aware)."""
        return self._note(VICTIM_COUNTS, count)

    def victim_counts(self, until: datetime) -> list[dict[str, Any]]:
        """Return the counts entered up to a moment (aware), the newest they tell of first."""
        table = VICTIM_COUNTS
        return self._rows(
            select(table)
            .where(table.c.at <= until.astimezone(UTC))
            .order_by(table.c.counted_at.desc(), table.c.id.desc())
        )

    def withdraw_victim_count(self, count_id: int, reason: str, role: str, at: datetime) -> bool:
        """Withdraw a count; False where none of that number stands."""
        table = VICTIM_COUNTS
        query = update(table).where(table.c.id == count_id, table.c.withdrawn_at.is_(None))
        gone = {"withdrawn_at": at.astimezone(UTC), "withdrawn_by": role, "withdrawn_for": reason}
        with self._engine.begin() as connection:
            return bool(connection.execute(query.values(gone)).rowcount)

    def register_revision(self) -> int:
        """Return a number that rises with each thing noted of directives and of victims."""
        withdrawn = select(func.count(VICTIM_COUNTS.c.withdrawn_at))
        with self._engine.connect() as connection:
            gone = connection.execute(withdrawn).scalar_one()
        return self._newest(DIRECTIVE_STEPS) + self._newest(VICTIM_COUNTS) + int(gone)

    def keep_upload(self, upload: Mapping[str, Any]) -> int:
        """Keep a file of figures (columns of `uploads`, time aware) and return its number."""
        return self._note(UPLOADS, upload)

    def uploads(
        self, kind: str, at: datetime, *, number: int | None = None, most: int
    ) -> list[dict[str, Any]]:
        """Return the uploads of a kind that stood at a moment (aware), or one, newest first."""
        table, moment = UPLOADS, at.astimezone(UTC)
        query = (
            select(table)
            .where(table.c.kind == kind, table.c.at <= moment)
            .where(table.c.withdrawn_at.is_(None) | (table.c.withdrawn_at > moment))
            .order_by(table.c.id.desc())
            .limit(most)
        )
        return self._rows(query if number is None else query.where(table.c.id == number))

    def withdraw_upload(self, upload_id: int, role: str, at: datetime) -> bool:
        """Withdraw what this role uploaded; False where it uploaded nothing of that number."""
        table = UPLOADS
        query = update(table).where(
            table.c.id == upload_id, table.c.role == role, table.c.withdrawn_at.is_(None)
        )
        with self._engine.begin() as connection:
            return bool(connection.execute(query.values(withdrawn_at=at.astimezone(UTC))).rowcount)

    def upload_revision(self) -> int:
        """Return a number that rises with each upload that is kept or withdrawn."""
        withdrawn = select(func.count(UPLOADS.c.withdrawn_at))
        with self._engine.connect() as connection:
            return self._newest(UPLOADS) + int(connection.execute(withdrawn).scalar_one())

    def keep_edition(self, edition: Mapping[str, Any]) -> bool:
        """Keep an edition of the brief (columns of `brief_editions`, times aware).

        Returns:
            False where one of its id is kept already.
        """
        row = dict(edition) | {name: edition[name].astimezone(UTC) for name in ("cut", "made_at")}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(BRIEF_EDITIONS), row)
        except IntegrityError:
            return False
        return True

    def edition(self, edition_id: str) -> dict[str, Any] | None:
        """Return an edition; None where there is none of this id."""
        found = self._rows(select(BRIEF_EDITIONS).where(BRIEF_EDITIONS.c.id == edition_id))
        return found[0] if found else None

    def editions(
        self,
        most: int,
        *,
        kind: str | None = None,
        before: tuple[datetime, str] | None = None,
        after: tuple[datetime, str] | None = None,
    ) -> list[dict[str, Any]]:
        """Return editions by cut (aware) and id: the newest first, or those next `after` one."""
        table = BRIEF_EDITIONS
        query = select(table).limit(most)
        if kind is not None:
            query = query.where(table.c.kind == kind)
        if before is not None:
            cut = before[0].astimezone(UTC)
            query = query.where(
                (table.c.cut < cut) | ((table.c.cut == cut) & (table.c.id < before[1]))
            )
        if after is not None:
            cut = after[0].astimezone(UTC)
            query = query.where(
                (table.c.cut > cut) | ((table.c.cut == cut) & (table.c.id > after[1]))
            )
            return self._rows(query.order_by(table.c.cut, table.c.id))
        return self._rows(query.order_by(table.c.cut.desc(), table.c.id.desc()))

    def note_edition_step(self, step: Mapping[str, Any]) -> bool:
        """Note what was done to an edition (columns of `brief_steps`, time aware).

        Returns:
            False where somebody else took this step first.
        """
        try:
            self._note(BRIEF_STEPS, step)
        except IntegrityError:
            return False
        return True

    def edition_steps(self, edition_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Return what was done to editions, oldest first."""
        table = BRIEF_STEPS
        query = select(table).where(table.c.edition.in_(list(edition_ids)))
        return self._rows(query.order_by(table.c.edition, table.c.step))

    def edition_revision(self) -> int:
        """Return a number that rises with each edition, and with each thing done to one."""
        return self._newest(BRIEF_STEPS)

    def claim_delivery(self, edition: str, state: str, way: str, at: datetime) -> bool:
        """Say that an edition is being sent; False where it was, or is just now."""
        row = {"edition": edition, "state": state, "way": way, "at": at.astimezone(UTC)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(BRIEF_DELIVERIES), row)
        except IntegrityError:
            return False
        return True

    def release_delivery(self, edition: str, state: str, way: str) -> None:
        """Say that an edition was not sent after all."""
        table = BRIEF_DELIVERIES
        with self._engine.begin() as connection:
            connection.execute(
                delete(table).where(
                    table.c.edition == edition, table.c.state == state, table.c.way == way
                )
            )

    def _alarm_head(self) -> str:
        table = ALARM_ACTIONS
        query = select(table.c.sha256).order_by(table.c.id.desc()).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none() or chain.START

    def _note(self, table: Table, columns: Mapping[str, Any]) -> int:
        """Add a row, its times (aware) in UTC, and return its number."""
        row = {
            key: value.astimezone(UTC) if isinstance(value, datetime) else value
            for key, value in columns.items()
        }
        with self._engine.begin() as connection:
            return int(connection.execute(insert(table).returning(table.c.id), row).scalar_one())

    def _newest(self, table: Table) -> int:
        """Return the number of the newest row; 0 where there is none."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(table.c.id))).scalar_one() or 0

    def _rows(self, query: Select[Any]) -> list[dict[str, Any]]:
        with self._engine.connect() as connection:
            return [
                {key: _aware(value) for key, value in row._mapping.items()}
                for row in connection.execute(query)
            ]


def _upgrade(engine: Engine) -> None:
    """Bring a store up to date; of programs that start together one does, the others wait."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()

    def is_current() -> bool:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == newest

    if is_current():
        return
    with _alone(engine):
        if not is_current():
            with engine.begin() as connection:
                if engine.dialect.name == "sqlite":
                    # Its driver begins no transaction before a change of the schema.
                    connection.exec_driver_sql("begin immediate")
                config.attributes["connection"] = connection
                alembic.command.upgrade(config, "head")


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    if engine.dialect.name == "sqlite":
        with FileLock(f"{engine.url.database}.lock"):
            yield
        return
    with engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        yield


def _standing(at: datetime) -> ColumnElement[bool]:
    return (WALL_LOG.c.until > at.astimezone(UTC)) & WALL_LOG.c.ended_at.is_(None)


def _ended(wall: str, at: datetime) -> Update:
    return (
        update(WALL_LOG)
        .where(WALL_LOG.c.wall == wall, _standing(at))
        .values(ended_at=at.astimezone(UTC))
    )


def _aware(value: Any) -> Any:
    """Return what SQLite keeps without its time zone as the UTC that it is."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and not value.tzinfo else value
