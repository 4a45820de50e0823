"""What the desk holds of the rota: imported months and substitutions.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add two tables."""
    op.create_table(
        "rota_months",
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint("since < until", name="lasts"),
        sa.Index("ix_rota_months_until", "until"),
    )
    op.create_table(
        "substitutions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("stand_in", sa.String()),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.CheckConstraint("since <= until", name="never_ends_before"),
        sa.CheckConstraint("person != stand_in", name="somebody_else"),
        sa.Index("ix_substitutions_until", "until"),
    )
