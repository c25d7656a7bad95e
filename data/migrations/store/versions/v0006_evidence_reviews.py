"""What inspectors do about evidence, every opening of it included."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "evidence_reviews",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("signal", sa.String(40), nullable=False),
        sa.Column("unit", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        if_not_exists=True,
    )
    op.create_index(
        "ix_evidence_reviews_signal_unit",
        "evidence_reviews",
        ["signal", "unit"],
        if_not_exists=True,
    )
