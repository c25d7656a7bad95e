"""What people do about alarms, and what is asked of walls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alarm_actions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("alarm_id", sa.String(200), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("to_owner", sa.String(500), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_alarm_actions_alarm_id", "alarm_actions", ["alarm_id"], if_not_exists=True)
    op.create_table(
        "wall_screens",
        sa.Column("wall", sa.String(40), primary_key=True),
        sa.Column("screen", sa.String(16), primary_key=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("news", sa.JSON, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "wall_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("wall", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("details", sa.JSON, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_wall_log_wall", "wall_log", ["wall"], if_not_exists=True)
