"""The first tables.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
"""ISO text of one width on SQLite, so that its order is the order of time."""

SCHEMA = sa.MetaData()

sa.Table(
    "accounts",
    SCHEMA,
    sa.Column("name", sa.String(), primary_key=True),
    sa.Column("person_id", sa.String()),
    sa.Column("role", sa.String(), nullable=False),
    sa.Column("password_hash", sa.String(), nullable=False),
    sa.Column("disabled", sa.Boolean(), nullable=False),
)

sa.Table(
    "channel_health",
    SCHEMA,
    sa.Column("channel", sa.String(), primary_key=True),
    sa.Column("failures", sa.Integer(), nullable=False),
    sa.Column("last_failure_at", INSTANT),
)

sa.Table(
    "counters",
    SCHEMA,
    sa.Column("name", sa.String(), primary_key=True),
    sa.Column("value", sa.Integer(), nullable=False),
)

sa.Table(
    "digests_sent",
    SCHEMA,
    sa.Column("on_day", sa.Date(), primary_key=True),
    sa.Column("person_id", sa.String(), primary_key=True),
)

sa.Table(
    "incidents",
    SCHEMA,
    sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("severity", sa.SmallInteger()),
    sa.Column("local", sa.Boolean()),
    sa.Column("detected_at", INSTANT, nullable=False),
    sa.Column("ended_at", INSTANT),
    sa.Column("wakes_at", INSTANT),
    sa.Column("value", sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('open', 'dismissed', 'closed', 'merged')", name="state_known"),
    sa.CheckConstraint("id >= 1 AND version >= 1", name="counts_from_one"),
    sa.CheckConstraint("severity BETWEEN 1 AND 4", name="severity_known"),
    sa.Index("ix_incidents_state_ended_at", "state", "ended_at"),
    sa.Index(
        "ix_incidents_wakes_at",
        "wakes_at",
        sqlite_where=sa.text("wakes_at IS NOT NULL"),
        postgresql_where=sa.text("wakes_at IS NOT NULL"),
    ),
)

sa.Table(
    "items",
    SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("key", sa.String(), nullable=False),
    sa.Column("source_id", sa.String(), nullable=False),
    sa.Column("source_name", sa.String(), nullable=False),
    sa.Column("role", sa.String(), nullable=False),
    sa.Column("rank", sa.Integer(), nullable=False),
    sa.Column("scope", sa.String()),
    sa.Column("url", sa.String()),
    sa.Column("title", sa.String(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("published_at", INSTANT),
    sa.Column("published_raw", sa.String()),
    sa.Column("first_seen_at", INSTANT, nullable=False),
    sa.Column("heat", sa.Float()),
    sa.Column("board_rank", sa.Integer()),
    sa.Column("exact_key", sa.String(), nullable=False),
    sa.Column("platform", sa.String()),
    sa.Column("baseline", sa.Boolean(), nullable=False),
    sa.Column("at", INSTANT, nullable=False),
    sa.UniqueConstraint("key"),
    sa.Index("ix_items_exact_key", "exact_key"),
)

sa.Table(
    "journal",
    SCHEMA,
    sa.Column("seq", sa.Integer(), autoincrement=False, primary_key=True),
    sa.Column("at", INSTANT, nullable=False),
    sa.Column("event", sa.String(), nullable=False),
    sa.Column("incident", sa.Integer()),
    sa.Column("actor", sa.String(), nullable=False),
    sa.Column("via", sa.String(), nullable=False),
    sa.Column("facts", sa.Text(), nullable=False),
    sa.Column("words_hash", sa.String()),
    sa.Column("rule_version", sa.String(), nullable=False),
    sa.Column("previous_hash", sa.String(), nullable=False),
    sa.Column("hash", sa.String(), nullable=False),
    sa.UniqueConstraint("hash"),
    sa.Index("ix_journal_incident", "incident"),
)

sa.Table(
    "journal_head",
    SCHEMA,
    sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
    sa.Column("seq", sa.Integer(), nullable=False),
    sa.Column("hash", sa.String(), nullable=False),
    sa.CheckConstraint("id = 1", name="only_one"),
)

sa.Table(
    "messages",
    SCHEMA,
    sa.Column("no", sa.Integer(), primary_key=True),
    sa.Column("channel", sa.String(), nullable=False),
    sa.Column("to", sa.String(), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("urgent", sa.Boolean(), nullable=False),
    sa.Column("send_at", INSTANT, nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("first_attempt_at", INSTANT),
    sa.Column("lease_until", INSTANT),
    sa.Column("lease_by", sa.String()),
    sa.Column("grouping", sa.String(), nullable=False),
    sa.CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="sending_is_leased"),
    sa.CheckConstraint("grouping IN ('now', 'waits', 'held')", name="grouping_known"),
    sa.CheckConstraint("state IN ('queued', 'sending', 'done')", name="state_known"),
    sa.Index("ix_messages_state_send_at", "state", "send_at"),
    sqlite_autoincrement=True,
)

sa.Table(
    "polls",
    SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("source_id", sa.String(), nullable=False),
    sa.Column("started_at", INSTANT, nullable=False),
    sa.Column("ended_at", INSTANT, nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("raw", sa.Integer(), nullable=False),
    sa.Column("created", sa.Integer(), nullable=False),
    sa.Column("duplicate", sa.Integer(), nullable=False),
    sa.Column("filtered", sa.Integer(), nullable=False),
    sa.Column("failed", sa.Integer(), nullable=False),
    sa.Column("status", sa.Integer()),
    sa.Column("bytes_read", sa.Integer(), nullable=False),
    sa.Column("encoding", sa.String()),
    sa.Column("fault", sa.String()),
    sa.Column("message", sa.String(), nullable=False),
    sa.CheckConstraint("raw = created + duplicate + filtered + failed", name="adds_up"),
    sa.Index("ix_polls_source_id_id", "source_id", "id"),
)

sa.Table(
    "pulse",
    SCHEMA,
    sa.Column("id", sa.Integer(), autoincrement=False, primary_key=True),
    sa.Column("last_tick_at", INSTANT),
    sa.Column("awake_since", INSTANT),
    sa.Column("away", sa.BigInteger(), nullable=False),
    sa.CheckConstraint("id = 1", name="only_one"),
)

sa.Table(
    "sessions",
    SCHEMA,
    sa.Column("token_hash", sa.String(), primary_key=True),
    sa.Column("account", sa.String(), nullable=False),
    sa.Column("created_at", INSTANT, nullable=False),
    sa.Column("expires_at", INSTANT, nullable=False),
    sa.Column("kind", sa.String(), nullable=False),
    sa.Column("scope", sa.String(), nullable=False),
)

sa.Table(
    "source_states",
    SCHEMA,
    sa.Column("source_id", sa.String(), primary_key=True),
    sa.Column("identity", sa.String(), nullable=False),
    sa.Column("etag", sa.String()),
    sa.Column("last_modified", sa.String()),
    sa.Column("body_hash", sa.String()),
    sa.Column("next_poll_at", INSTANT),
    sa.Column("last_poll_at", INSTANT),
    sa.Column("last_success_at", INSTANT),
    sa.Column("last_new_item_at", INSTANT),
    sa.Column("baseline_at", INSTANT),
    sa.Column("failures", sa.Float(), nullable=False),
    sa.Column("usual_gap", sa.BigInteger()),
    sa.Column("last_state", sa.String()),
    sa.Column("last_message", sa.String(), nullable=False),
)

sa.Table(
    "acknowledgements",
    SCHEMA,
    sa.Column("id", sa.String(), primary_key=True),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
    sa.Column("at", INSTANT, nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.Index("ix_acknowledgements_incident_id", "incident_id"),
)

sa.Table(
    "alerts",
    SCHEMA,
    sa.Column("id", sa.String(), primary_key=True),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id")),
    sa.Column("reason", sa.String(), nullable=False),
    sa.Column("alert_round", sa.String(), nullable=False),
    sa.Column("to", sa.String(), nullable=False),
    sa.Column("channel", sa.String(), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("created_at", INSTANT, nullable=False),
    sa.Column("message_no", sa.Integer(), sa.ForeignKey("messages.no"), nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('queued', 'held', 'sent', 'cancelled', 'dead')", name="state_known"),
    sa.Index("ix_alerts_incident_id", "incident_id"),
    sa.Index("ix_alerts_message_no", "message_no"),
    sa.Index("ix_alerts_state_age", "state", "created_at"),
)

sa.Table(
    "deliveries",
    SCHEMA,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("message_no", sa.Integer(), sa.ForeignKey("messages.no"), nullable=False),
    sa.Column("channel", sa.String(), nullable=False),
    sa.Column("attempt", sa.Integer(), nullable=False),
    sa.Column("started_at", INSTANT, nullable=False),
    sa.Column("ended_at", INSTANT),
    sa.Column("outcome", sa.Text()),
    sa.UniqueConstraint("message_no", "attempt", name="ux_deliveries_attempt"),
)

sa.Table(
    "joinings",
    SCHEMA,
    sa.Column("item_id", sa.Integer(), sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
    sa.Column("at", INSTANT, nullable=False),
    sa.Column("reach_only", sa.Boolean(), nullable=False),
    sa.Column("similarity", sa.Float()),
    sa.Column("reason", sa.String(), nullable=False),
    sa.Index("ix_joinings_incident_id", "incident_id"),
)

sa.Table(
    "journal_words",
    SCHEMA,
    sa.Column("seq", sa.Integer(), sa.ForeignKey("journal.seq"), primary_key=True),
    sa.Column("words", sa.Text(), nullable=False),
)

sa.Table(
    "obligations",
    SCHEMA,
    sa.Column("id", sa.String(), primary_key=True),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("kind", sa.String(), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("opened_at", INSTANT, nullable=False),
    sa.Column("due_at", INSTANT, nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('open', 'breached', 'met', 'superseded', 'waived')", name="state_known"),
    sa.Index("ix_obligations_incident_id", "incident_id"),
    sa.Index(
        "ux_obligations_running",
        "incident_id",
        "kind",
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'breached')"),
        postgresql_where=sa.text("state IN ('open', 'breached')"),
    ),
)

sa.Table(
    "publications",
    SCHEMA,
    sa.Column("id", sa.String(), primary_key=True),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("recorded_at", INSTANT, nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('offered', 'accepted', 'declined', 'withdrawn')", name="state_known"),
    sa.Index("ix_publications_incident_id", "incident_id"),
)

sa.Table(
    "rounds",
    SCHEMA,
    sa.Column("id", sa.String(), primary_key=True),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
    sa.Column("serial", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('open', 'ended')", name="state_known"),
    sa.UniqueConstraint("incident_id", "serial", name="ux_rounds_serial"),
    sa.Index(
        "ux_rounds_open",
        "incident_id",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

sa.Table(
    "sightings",
    SCHEMA,
    sa.Column("item_id", sa.Integer(), sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("at", INSTANT, primary_key=True),
    sa.Column("heat", sa.Float()),
    sa.Column("rank", sa.Integer()),
)

sa.Table(
    "verdicts",
    SCHEMA,
    sa.Column("item_id", sa.Integer(), sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("matter", sa.Boolean(), nullable=False),
    sa.Column("live", sa.Boolean(), nullable=False),
    sa.Column("local", sa.Boolean()),
    sa.Column("severity", sa.SmallInteger()),
    sa.Column("event_type", sa.String()),
    sa.Column("value", sa.Text(), nullable=False),
)

sa.Table(
    "reminders",
    SCHEMA,
    sa.Column("id", sa.String(), primary_key=True),
    sa.Column("obligation_id", sa.String(), sa.ForeignKey("obligations.id"), nullable=False),
    sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), nullable=False),
    sa.Column("kind", sa.String(), nullable=False),
    sa.Column("fires_at", INSTANT, nullable=False),
    sa.Column("state", sa.String(), nullable=False),
    sa.Column("value", sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('waiting', 'fired', 'skipped', 'cancelled')", name="state_known"),
    sa.Index("ix_reminders_incident_id", "incident_id"),
    sa.Index(
        "ux_reminders_waiting",
        "obligation_id",
        "kind",
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    ),
)

ON_SQLITE = (
    # Overlapping pairs of characters, written as eight hexadecimal digits each; the texts themselves stay in `items`.
    "CREATE VIRTUAL TABLE item_grams USING fts5(grams, content='', tokenize='ascii')",
    "CREATE TRIGGER journal_keeps_rows BEFORE DELETE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER journal_keeps_words BEFORE UPDATE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
)

ON_POSTGRESQL = (
    # The same pairs as numbers; whole-number arrays have no limit of size that a long page could reach.
    "CREATE TABLE item_grams (item_id INTEGER PRIMARY KEY REFERENCES items (id), grams INTEGER[] NOT NULL)",
    "CREATE INDEX ix_item_grams ON item_grams USING gin (grams)",
    "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
    "CREATE TRIGGER journal_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal"
    " FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()",
)


def upgrade() -> None:
    """Create everything, with the one row that each of these tables has."""
    bind = op.get_bind()
    SCHEMA.create_all(bind)
    for statement in ON_SQLITE if bind.dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)
    op.execute("INSERT INTO counters (name, value) VALUES ('incidents', 0)")
    op.execute("INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, '')")
