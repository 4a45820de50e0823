"""Which incidents were seen to answer kept questions: one that answers later is news, however old it is.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add a table; what was opened before a question was last looked at was seen by it."""
    op.create_table(
        "saved_answers",
        sa.Column(
            "question_id",
            sa.Integer(),
            sa.ForeignKey("saved_questions.id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("incident_id", sa.Integer(), primary_key=True, autoincrement=False),
    )
    op.execute(
        "INSERT INTO saved_answers SELECT q.id, i.id FROM saved_questions q"
        " JOIN incidents i ON i.id <= q.seen_item WHERE q.of_incidents"
    )
