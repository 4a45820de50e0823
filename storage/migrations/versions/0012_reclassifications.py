"""History judged anew: how far it has come, and the verdicts that would change.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Add two tables."""
    op.create_table(
        "reclassifications",
        sa.Column("rules_version", sa.String(), primary_key=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("until_item", sa.Integer(), nullable=False),
        sa.Column("judged_item", sa.Integer(), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("applied_item", sa.Integer(), nullable=False),
        sa.Column("applied_at", INSTANT, nullable=True),
    )
    op.create_table(
        "new_verdicts",
        sa.Column(
            "rules_version",
            sa.String(),
            sa.ForeignKey("reclassifications.rules_version"),
            primary_key=True,
        ),
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("items.id"), primary_key=True, autoincrement=False),
        sa.Column("value", sa.Text(), nullable=False),
    )
