"""Second factors, where and when a session was used, running processes, the journal of people by itself.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
BY_PEOPLE = sa.text("actor <> 'engine'")


def upgrade() -> None:
    """Add two tables, three columns and an index; of sessions from before, the place is not known."""
    op.create_table(
        "second_factors",
        sa.Column("account", sa.String(), primary_key=True),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("recovery", sa.Text(), nullable=False),
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
    )
    op.add_column("sessions", sa.Column("address", sa.String(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("agent", sa.String(), nullable=False, server_default=""))
    op.add_column("sessions", sa.Column("used_at", INSTANT, nullable=True))
    op.create_index(
        "ix_journal_people", "journal", ["actor", "seq"], sqlite_where=BY_PEOPLE, postgresql_where=BY_PEOPLE
    )
