"""Questions that people keep.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "saved_questions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("of_incidents", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("every", sa.BigInteger(), nullable=False),
        sa.Column("seen_item", sa.Integer(), nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_saved_questions_account", "saved_questions", ["account"])
