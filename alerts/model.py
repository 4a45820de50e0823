"""Alert, round, message, delivery: who is told of what, through what, and what came of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class AlertState(StrEnum):
    """Where one outbox row stands; `sent`, `cancelled` and `dead` are final."""

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    CANCELLED = "cancelled"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One outbox row: this recipient is told this, once, through this channel (A2).

    `id` is the unique key: subject, version, reason, round, recipient, channel. `urgent` means no
    grouping wait, no quiet hours, the next channel in parallel (severity 1–2 or a breach). `send_at` is
    the first instant it may leave. `to_group` means that a group reads the address: all who are told there
    of the same leave in one message (A12).
    """

    id: str
    incident_id: int | None
    obligation_id: str | None = None
    publication_id: str | None = None
    reason: str
    alert_round: str = ""
    to: str
    level: int | None
    channel: str
    to_group: bool = False
    urgent: bool
    state: AlertState = AlertState.QUEUED
    created_at: datetime
    send_at: datetime
    due_at: datetime | None = None
    late_by: timedelta = timedelta(0)
    away: timedelta | None = None  # how long the service was away when this was late
    message_no: int = 0
    held_reason: str | None = None
    cause: str | None = None  # why cancelled or dead
    fallback_of: str | None = None  # the alert whose channel failed
    closed_at: datetime | None = None
    facts: str = ""  # a small JSON object of codes the message needs, frozen when the alert was decided

    @property
    def codes(self) -> Mapping[str, Any]:
        """Return the codes frozen when the alert was decided."""
        found = json.loads(self.facts or "{}")
        return found if isinstance(found, dict) else {}

    @property
    def order_id(self) -> str | None:
        """Return which slip (公文流转) the alert is about, or None."""
        return self.codes.get("order")


class MessageState(StrEnum):
    """Where one wire message stands; `sending` holds a lease."""

    QUEUED = "queued"
    SENDING = "sending"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One of our own people to be called by name in a group: what each vendor knows that person by."""

    mobile: str | None = None
    feishu_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What travels with a mail: its name, its MIME type and its bytes."""

    name: str
    kind: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A rendered message: `subject` and `html` for channels that show them, `body` as plain text.

    `attach` makes the files for a channel that takes any; it may take seconds, and is never stored.
    """

    subject: str
    body: str
    html: str | None = None
    mentions: tuple[Mention, ...] = field(default=(), repr=False)
    attach: Callable[[], tuple[File, ...]] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What leaves together for one address, in one or more parts.

    `no` is the number 编号 people read; `to` is empty where a group reads it. Once the first of several parts
    was accepted, `accepted_parts` says how many were, and `text` keeps the words that the others belong to.
    """

    no: int
    channel: str
    to: str
    state: MessageState = MessageState.QUEUED
    urgent: bool
    send_at: datetime
    attempts: int = 0
    first_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    lease_by: str | None = None
    accepted_parts: int = 0
    text: Text | None = field(default=None, repr=False)


class OutcomeClass(StrEnum):
    """What the body of the answer said, not its HTTP status (A3)."""

    OK = "ok"
    TRANSIENT = "transient"
    RATE_LIMITED = "rate_limited"
    AUTH = "auth"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


OWN_LIMIT = "own_limit"
"""The code of an attempt that we did not make, as the vendor would have refused it: the channel is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The verdict on one part; `code` is the vendor's or transport's, never an address or a secret.

    `parts` is how many parts the channel makes of the text.
    """

    kind: OutcomeClass
    code: str = ""
    detail: str = ""
    retry_after: timedelta | None = None
    receipt: str = ""
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt: a row before the call, its outcome after it."""

    id: int
    message_no: int
    channel: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """Failures in a row of one channel over all messages; unhealthy from the third on (C25)."""

    channel: str
    failures: int = 0
    last_failure_at: datetime | None = None

    @property
    def is_unhealthy(self) -> bool:
        """Return whether the mark is set."""
        return self.failures >= 3


class RoundState(StrEnum):
    """A round is open until acknowledged, unanswered, absorbed or ended."""

    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One climb through the levels until somebody of the highest level told acknowledges (A5, C16, C17, C22).

    `told_level` is the highest level told, that of an absorbed round included; `next_at` is when the next
    level is told, or when the round ends unanswered after the top level. `quieted` are people who
    acknowledged from below.
    """

    id: str
    incident_id: int
    serial: int
    reason: str
    obligation_id: str | None = None
    started_at: datetime
    first_levels: tuple[int, ...]
    told_level: int
    next_at: datetime | None
    climbs: bool = True
    max_level: int = 3
    state: RoundState = RoundState.OPEN
    ended_at: datetime | None = None
    end_reason: str | None = None
    acknowledged: tuple[str, ...] = ()
    quieted: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody said 收到; it fulfils nothing (T6) and expires if nothing follows (A5)."""

    id: str
    incident_id: int
    round_id: str
    by: str
    level: int | None
    at: datetime
    expires_at: datetime | None
    state: str = "standing"  # standing | expired | followed
