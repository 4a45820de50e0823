"""Slips of the paper flow.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add a table."""
    op.create_table(
        "orders",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint("number >= 1", name="numbered"),
        sa.UniqueConstraint("kind", "year", "number", name="ux_orders_number"),
    )
    op.create_index("ix_orders_incident_id", "orders", ["incident_id"])
    op.create_index("ix_orders_department", "orders", ["department"])
    op.create_index("ix_orders_issued_at", "orders", ["issued_at"])
