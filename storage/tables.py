"""The rows: SQLModel tables, one for each kind of thing that is kept.

Where a row has a column `value`, that holds the whole value and the other columns repeat what is asked for;
otherwise its columns are the value's fields. Migrations spell the same tables out for the database.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from alerts.model import Acknowledgement, Alert, AlertState, MessageState, Outcome, Round, RoundState
from alerts.model import Text as Words
from monitor.classifiers.model import Verdict
from monitor.collectors.model import PollState, Role
from monitor.deadlines.model import Obligation, ObligationState, Reminder, ReminderState
from monitor.incidents.model import Incident, IncidentState, Publication, PublicationState
from storage.types import Code, Grading, Json, Microseconds, UtcDateTime

# What stands open is read again and again and seldom changes: every open page, every cycle, every new item.
_OPEN_AT_ONCE = 2_000


def _key(**options: Any) -> Any:
    return Field(primary_key=True, sa_column_kwargs=options)


def _as(kind: Any) -> Any:
    return Field(sa_type=kind)


def _of(target: str, *, index: bool = True) -> Any:
    return Field(foreign_key=target, index=index)


def _whole(kind: Any, remembered: int = _OPEN_AT_ONCE) -> Any:
    return Field(sa_column=Column("value", Json(kind, remembered), nullable=False))


def _one_of(column: str, *words: str) -> CheckConstraint:
    known = ", ".join(repr(str(word)) for word in words)
    return CheckConstraint(f"{column} IN ({known})", name=f"{column}_known")


def _partial(name: str, *columns: str, where: str) -> Index:
    unique = name.startswith("ux_")
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class ItemRow(SQLModel, table=True):
    """An item; `at` is what orders it among others, stored so that a range of time can be asked for."""

    __tablename__ = "items"
    __table_args__ = (Index("ix_items_url", "url", postgresql_using="hash"),)
    id: int = _key()
    key: str = Field(unique=True)
    source_id: str
    source_name: str
    role: Role = _as(Code(Role))
    rank: int
    scope: str | None
    url: str | None
    title: str
    text: str = _as(Text)
    published_at: datetime | None = _as(UtcDateTime)
    published_raw: str | None
    first_seen_at: datetime = _as(UtcDateTime)
    heat: float | None
    board_rank: int | None
    exact_key: str = Field(index=True)
    platform: str | None
    baseline: bool
    at: datetime = _as(UtcDateTime)


class VerdictRow(SQLModel, table=True):
    """What was judged of an item."""

    __tablename__ = "verdicts"
    item_id: int = Field(primary_key=True, foreign_key="items.id")
    matter: bool
    live: bool
    local: bool | None
    severity: int | None = _as(Grading)
    event_type: str | None
    value: Verdict = _whole(Verdict, remembered=0)


class SightingRow(SQLModel, table=True):
    """A known item seen again: the points of its heat over time."""

    __tablename__ = "sightings"
    item_id: int = Field(primary_key=True, foreign_key="items.id")
    at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    heat: float | None
    rank: int | None


class PollRow(SQLModel, table=True):
    """One row of the run ledger."""

    __tablename__ = "polls"
    __table_args__ = (
        CheckConstraint("raw = created + duplicate + filtered + failed", name="adds_up"),
        Index("ix_polls_source_id_id", "source_id", "id"),
        Index("ix_polls_ended_at", "ended_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    source_id: str
    started_at: datetime = _as(UtcDateTime)
    ended_at: datetime = _as(UtcDateTime)
    state: PollState = _as(Code(PollState))
    raw: int
    created: int
    duplicate: int
    filtered: int
    failed: int
    status: int | None
    bytes_read: int
    encoding: str | None
    fault: str | None
    message: str


class SourceStateRow(SQLModel, table=True):
    """What is remembered of a source between polls."""

    __tablename__ = "source_states"
    source_id: str = _key()
    identity: str
    etag: str | None
    last_modified: str | None
    body_hash: str | None
    next_poll_at: datetime | None = _as(UtcDateTime)
    last_poll_at: datetime | None = _as(UtcDateTime)
    last_success_at: datetime | None = _as(UtcDateTime)
    last_new_item_at: datetime | None = _as(UtcDateTime)
    baseline_at: datetime | None = _as(UtcDateTime)
    failures: float
    usual_gap: timedelta | None = _as(Microseconds)
    last_state: PollState | None = _as(Code(PollState))
    last_message: str


class IncidentRow(SQLModel, table=True):
    """An incident with the instant at which time alone changes something in it."""

    __tablename__ = "incidents"
    __table_args__ = (
        _one_of("state", *IncidentState),
        CheckConstraint("severity BETWEEN 1 AND 4", name="severity_known"),
        CheckConstraint("id >= 1 AND version >= 1", name="counts_from_one"),
        _partial("ix_incidents_wakes_at", "wakes_at", where="wakes_at IS NOT NULL"),
        Index("ix_incidents_state_ended_at", "state", "ended_at"),
    )
    id: int = _key(autoincrement=False)
    version: int
    state: IncidentState = _as(Code(IncidentState))
    severity: int | None = _as(Grading)
    local: bool | None
    detected_at: datetime = _as(UtcDateTime)
    ended_at: datetime | None = _as(UtcDateTime)
    wakes_at: datetime | None = _as(UtcDateTime)
    value: Incident = _whole(Incident)


class JoiningRow(SQLModel, table=True):
    """An item belongs to one incident at most."""

    __tablename__ = "joinings"
    item_id: int = Field(primary_key=True, foreign_key="items.id")
    incident_id: int = _of("incidents.id")
    at: datetime = _as(UtcDateTime)
    reach_only: bool
    similarity: float | None
    reason: str
    shared: tuple[str, ...] = _as(Json(tuple[str, ...]))


class ObligationRow(SQLModel, table=True):
    """An obligation; one of a kind may be running for an incident."""

    __tablename__ = "obligations"
    __table_args__ = (
        _one_of("state", *ObligationState),
        _partial("ux_obligations_running", "incident_id", "kind", where="state IN ('open', 'breached')"),
    )
    id: str = _key()
    incident_id: int = _of("incidents.id")
    version: int
    kind: str
    state: ObligationState = _as(Code(ObligationState))
    opened_at: datetime = _as(UtcDateTime)
    due_at: datetime = _as(UtcDateTime)
    value: Obligation = _whole(Obligation)


class ReminderRow(SQLModel, table=True):
    """A reminder; its id holds the version of its obligation, one of a kind may be waiting."""

    __tablename__ = "reminders"
    __table_args__ = (
        _one_of("state", *ReminderState),
        _partial("ux_reminders_waiting", "obligation_id", "kind", where="state = 'waiting'"),
    )
    id: str = _key()
    obligation_id: str = _of("obligations.id", index=False)
    incident_id: int = _of("incidents.id")
    kind: str
    fires_at: datetime = _as(UtcDateTime)
    state: ReminderState = _as(Code(ReminderState))
    value: Reminder = _whole(Reminder)


class PublicationRow(SQLModel, table=True):
    """Evidence of an official publication."""

    __tablename__ = "publications"
    __table_args__ = (_one_of("state", *PublicationState),)
    id: str = _key()
    incident_id: int = _of("incidents.id")
    state: PublicationState = _as(Code(PublicationState))
    recorded_at: datetime = _as(UtcDateTime)
    value: Publication = _whole(Publication)


class RoundRow(SQLModel, table=True):
    """A round of telling; one may be open for an incident (C17)."""

    __tablename__ = "rounds"
    __table_args__ = (
        _one_of("state", *RoundState),
        UniqueConstraint("incident_id", "serial", name="ux_rounds_serial"),
        _partial("ux_rounds_open", "incident_id", where="state = 'open'"),
    )
    id: str = _key()
    incident_id: int = _of("incidents.id", index=False)
    serial: int
    state: RoundState = _as(Code(RoundState))
    value: Round = _whole(Round)


class AcknowledgementRow(SQLModel, table=True):
    """Somebody said 收到."""

    __tablename__ = "acknowledgements"
    id: str = _key()
    incident_id: int = _of("incidents.id")
    at: datetime = _as(UtcDateTime)
    value: Acknowledgement = _whole(Acknowledgement)


class MessageRow(SQLModel, table=True):
    """What may still join a message: nothing (`now`), what may wait (`waits`), what is held (`held`)."""

    __tablename__ = "messages"
    __table_args__ = (
        _one_of("state", *MessageState),
        _one_of("grouping", "now", "waits", "held"),
        CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL)", name="sending_is_leased"),
        Index("ix_messages_state_send_at", "state", "send_at"),
        {"sqlite_autoincrement": True},
    )
    no: int | None = Field(default=None, primary_key=True)
    channel: str
    to: str
    state: MessageState = _as(Code(MessageState))
    urgent: bool
    send_at: datetime = _as(UtcDateTime)
    attempts: int
    first_attempt_at: datetime | None = _as(UtcDateTime)
    lease_until: datetime | None = _as(UtcDateTime)
    lease_by: str | None
    grouping: str
    accepted_parts: int
    text: Words | None = _as(Json(Words))


class AlertRow(SQLModel, table=True):
    """One outbox row; `id` is the unique key of A2."""

    __tablename__ = "alerts"
    __table_args__ = (_one_of("state", *AlertState), Index("ix_alerts_state_age", "state", "created_at"))
    id: str = _key()
    incident_id: int | None = _of("incidents.id")
    reason: str
    alert_round: str
    to: str
    channel: str
    state: AlertState = _as(Code(AlertState))
    created_at: datetime = _as(UtcDateTime)
    message_no: int = _of("messages.no")
    value: Alert = _whole(Alert)


class DeliveryRow(SQLModel, table=True):
    """One attempt at sending a message."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("message_no", "attempt", name="ux_deliveries_attempt"),
        Index("ix_deliveries_started_at", "started_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    message_no: int = _of("messages.no", index=False)
    channel: str
    attempt: int
    started_at: datetime = _as(UtcDateTime)
    ended_at: datetime | None = _as(UtcDateTime)
    outcome: Outcome | None = _as(Json(Outcome))


class ChannelHealthRow(SQLModel, table=True):
    """Failures in a row of a channel."""

    __tablename__ = "channel_health"
    channel: str = _key()
    failures: int
    last_failure_at: datetime | None = _as(UtcDateTime)


class PulseRow(SQLModel, table=True):
    """The one pulse of the engine."""

    __tablename__ = "pulse"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: int = _key(autoincrement=False)
    last_tick_at: datetime | None = _as(UtcDateTime)
    awake_since: datetime | None = _as(UtcDateTime)
    away: timedelta = _as(Microseconds)
    jumped_at: datetime | None = _as(UtcDateTime)
    jumped_by: timedelta | None = _as(Microseconds)


class CounterRow(SQLModel, table=True):
    """`incidents`: the last number given to an incident."""

    __tablename__ = "counters"
    name: str = _key()
    value: int


class DigestRow(SQLModel, table=True):
    """The daily digest of this person and day was claimed."""

    __tablename__ = "digests_sent"
    on_day: date = _key()
    person_id: str = _key()


class AccountRow(SQLModel, table=True):
    """A login of the desk."""

    __tablename__ = "accounts"
    name: str = _key()
    person_id: str | None
    role: str
    password_hash: str
    disabled: bool


class SessionRow(SQLModel, table=True):
    """A signed-in browser or a token, by the hash of its secret."""

    __tablename__ = "sessions"
    token_hash: str = _key()
    account: str
    created_at: datetime = _as(UtcDateTime)
    expires_at: datetime = _as(UtcDateTime)
    kind: str
    scope: str
    address: str
    agent: str
    used_at: datetime | None = _as(UtcDateTime)


def table_of(row: type[SQLModel]) -> Table:
    """Return the table that a row class declares."""
    return SQLModel.metadata.tables[str(row.__tablename__)]
