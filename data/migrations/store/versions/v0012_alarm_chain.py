"""The ledger of the alarms as a chain of hashes; what stands there gets its links in its order."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from data import chain

revision = "0012"
down_revision = "0011"

LINKS = ("previous", "sha256")


def upgrade() -> None:
    """Add the links and fill them in."""
    for name in LINKS:
        op.add_column("alarm_actions", sa.Column(name, sa.String(64)))
    connection = op.get_bind()
    table = sa.Table("alarm_actions", sa.MetaData(), autoload_with=connection)
    previous = chain.START
    for row in connection.execute(sa.select(table).order_by(table.c.id)).mappings().all():
        entry = {key: _aware(value) for key, value in row.items()} | {"previous": previous}
        links = {"previous": previous, "sha256": chain.link(entry)}
        connection.execute(sa.update(table).where(table.c.id == row["id"]).values(links))
        previous = links["sha256"]
    with op.batch_alter_table("alarm_actions") as batch:
        for name in LINKS:
            batch.alter_column(name, existing_type=sa.String(64), nullable=False)
        batch.create_index("ix_alarm_actions_previous", ["previous"], unique=True)


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and not value.tzinfo else value
