"""Papers for leaders as they were written, and polls by time.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
STANDING = sa.text("state <> 'dropped'")


def upgrade() -> None:
    """Add a table and an index."""
    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amends", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=True),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("readers", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_polls_ended_at", "polls", ["ended_at"])
    op.create_index("ix_papers_incident_id", "papers", ["incident_id"])
    op.create_index(
        "ux_papers_standing",
        "papers",
        ["kind", "subject", "number", "state"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
