"""What the daily digests printed of the journal, what the auditor found last, when the clock was moved.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")

ON_SQLITE = tuple(
    f"CREATE TRIGGER journal_anchors_keep_{act} BEFORE {act} ON journal_anchors"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for act in ("UPDATE", "DELETE")
)

ON_POSTGRESQL = (
    "CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_anchors"
    " FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
)


def upgrade() -> None:
    """Add two tables, of which the first may only grow, and two columns."""
    op.create_table(
        "journal_anchors",
        sa.Column("on_day", sa.Date(), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
    )
    op.create_table(
        "self_watch",
        sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
        sa.Column("audited_at", INSTANT),
        sa.Column("untold", sa.Integer(), nullable=False),
        sa.Column("first_untold", sa.String(), nullable=False),
        sa.Column("heartbeat_at", INSTANT),
        sa.Column("heartbeat_failures", sa.Integer(), nullable=False),
        sa.Column("journal_seq", sa.Integer(), nullable=False),
        sa.Column("journal_whole_at", INSTANT),
        sa.Column("journal_fault", sa.String()),
        sa.CheckConstraint("id = 1", name="only_one"),
    )
    op.add_column("pulse", sa.Column("jumped_at", INSTANT))
    op.add_column("pulse", sa.Column("jumped_by", sa.BigInteger()))
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
