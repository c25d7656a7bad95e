"""Steps of directives, and counts of victims by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "directive_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("directive", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("giver", sa.String(120), nullable=False),
        sa.Column("owner", sa.String(120), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("evidence", sa.String(300), nullable=False),
        sa.UniqueConstraint("directive", "step"),
        if_not_exists=True,
    )
    op.create_table(
        "victim_counts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kelurahan_code", sa.String(13), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dead", sa.Integer),
        sa.Column("missing", sa.Integer),
        sa.Column("injured", sa.Integer),
        sa.Column("evacuated", sa.Integer),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawn_by", sa.String(40), nullable=False),
        sa.Column("withdrawn_for", sa.String(200), nullable=False),
        if_not_exists=True,
    )
