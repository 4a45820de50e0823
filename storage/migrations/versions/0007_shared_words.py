"""The words by which an item was found to tell of an incident.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a column; of items that joined before, the words are not known."""
    op.add_column("joinings", sa.Column("shared", sa.Text(), nullable=False, server_default="[]"))
