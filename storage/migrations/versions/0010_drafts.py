"""Drafts of official answers: their versions, and who signed what.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def _key(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False)


def _of_a_draft() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["incident_id", "draft"], ["drafts.incident_id", "drafts.number"])


def upgrade() -> None:
    """Add three tables."""
    op.create_table(
        "drafts",
        sa.Column(
            "incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), primary_key=True, autoincrement=False
        ),
        _key("number"),
        sa.Column("publication_id", sa.String(), sa.ForeignKey("publications.id"), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=True),
    )
    op.create_table(
        "draft_versions",
        _key("incident_id"),
        _key("draft"),
        _key("number"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        _of_a_draft(),
    )
    op.create_table(
        "draft_signatures",
        _key("incident_id"),
        _key("draft"),
        _key("serial"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("opinion", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        _of_a_draft(),
    )
