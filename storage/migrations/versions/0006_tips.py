"""Reports taken by hand with their files, and items by address.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add two tables and an index."""
    op.create_table(
        "tips",
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("items.id"), primary_key=True, autoincrement=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("called_at", INSTANT, nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
    )
    op.create_table(
        "attachments",
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("tips.item_id"), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    # A hash on PostgreSQL: an address may be longer than an ordinary index takes.
    op.create_index("ix_items_url", "items", ["url"], postgresql_using="hash")
