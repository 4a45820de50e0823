"""How far a message of several parts has come, and attempts by time for the limits of bots.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add two columns and an index."""
    op.add_column("messages", sa.Column("accepted_parts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("text", sa.Text()))
    op.create_index("ix_deliveries_started_at", "deliveries", ["started_at"])
