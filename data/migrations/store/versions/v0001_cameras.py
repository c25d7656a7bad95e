"""The cameras that some screen shows; stores of release 0.1.0 have them, without a version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "watched_cameras",
        sa.Column("camera_id", sa.String(200), primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
