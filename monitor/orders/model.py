"""Order: one numbered slip (交办单, 督办单, 移交单 or 延期), from its issue to its answer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class OrderKind(StrEnum):
    """What a slip is: hand a matter to a department, urge it, hand a lead over, give more time."""

    ASSIGNMENT = "assignment"
    URGING = "urging"
    HANDOVER = "handover"
    EXTENSION = "extension"


OWED = frozenset({OrderKind.ASSIGNMENT, OrderKind.URGING})
"""Slips that a department owes an answer to."""


class OrderState(StrEnum):
    """Where a slip stands; `urged` gave its clock to a 督办单.

    The last four are those of an extension: `lapsed` if its slip was answered, urged or returned meanwhile.
    """

    ISSUED = "issued"
    SIGNED = "signed"
    ANSWERED = "answered"
    RETURNED = "returned"
    URGED = "urged"
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    LAPSED = "lapsed"


class SignMeans(StrEnum):
    """Through which way a slip was signed for: by the department itself, or taken down by an officer."""

    LOGIN = "login"
    LINK = "link"
    PHONE = "phone"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignFor:
    """签收: by whose login or link, the name that signed, when, through which way."""

    by: str
    signer: str
    at: datetime
    means: SignMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a department wrote back: its feedback (办理反馈), or why it returns the slip (退回)."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a named head decided on an extension, and why."""

    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A refuted claim as it is handed over: link, hash and time, never an account name.

    `digest` is the SHA-256 of title, line break and text as they were stored; `published_at` is None where
    the publisher gave no time. `refuted_by` is the publication that refuted it, `withdrawn_at` when that was
    taken back: then nothing refutes the claim any more.
    """

    item_id: int
    url: str
    digest: str
    published_at: datetime | None
    seen_at: datetime
    refuted_by: str
    refutation: str
    refutation_url: str
    refuted_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One slip. All instants are aware UTC.

    `number` counts within kind and year and is 0 until the slip is kept. `about` is the slip it refers to:
    the first one for a 督办单, the one to be extended for a 延期. `demands` are what the department is asked
    for, of an extension its reason. `due_at` is the feedback deadline (回复时限), itself included, for an
    extension the deadline asked for: a house rule that moves no statutory clock. `first_due_at` is how it was
    issued. `sign_due_at` is when level 1 hears that nobody signed. `told` counts what was told of the missed
    deadline.
    """

    id: str
    incident_id: int
    kind: OrderKind
    year: int
    number: int = 0
    department: str
    demands: str
    issued_by: str
    issued_at: datetime
    state: OrderState = OrderState.ISSUED
    about: str | None = None
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    sign_due_at: datetime | None = None
    unsigned_told: bool = False
    told: int = 0
    signed: SignFor | None = None
    feedback: Reply | None = None
    returned: Reply | None = None
    ruling: Ruling | None = None
    lead: Lead | None = None

    @property
    def is_waiting(self) -> bool:
        """Return whether the department still owes an answer: only then does its clock run."""
        return self.kind in OWED and self.state in (OrderState.ISSUED, OrderState.SIGNED)

    @property
    def is_unsigned(self) -> bool:
        """Return whether nobody has signed for it yet, nor shown otherwise that it arrived."""
        return self.state is OrderState.ISSUED

    @property
    def root(self) -> str:
        """Return the slip that began the chain: a 督办单 and what it urges are answered together."""
        return self.about if self.kind is OrderKind.URGING and self.about else self.id

    @property
    def is_extended(self) -> bool:
        """Return whether its deadline is another than the one it was issued with."""
        return self.kind is not OrderKind.EXTENSION and self.due_at != self.first_due_at

    @property
    def is_answered_late(self) -> bool:
        """Return whether the feedback came after the deadline."""
        return self.feedback is not None and self.due_at is not None and self.feedback.at > self.due_at

    def is_overdue(self, now: datetime) -> bool:
        """Return whether the feedback deadline has passed without an answer; its instant is in time."""
        return self.is_waiting and self.due_at is not None and now > self.due_at


_NAMES = {
    OrderKind.ASSIGNMENT: "交办",
    OrderKind.URGING: "督办",
    OrderKind.HANDOVER: "移交",
    OrderKind.EXTENSION: "延期",
}


def say_slip(kind: OrderKind, year: int, number: int) -> str:
    """Return a number in the official style: `交办〔2026〕3号`."""
    return f"{_NAMES[kind]}〔{year}〕{number}号"


def say_number(order: Order) -> str:
    """Return the number of a slip in the official style."""
    return say_slip(order.kind, order.year, order.number)


def answered(orders: Iterable[Order], order: Order, feedback: Reply) -> tuple[Order, ...]:
    """Return the slips that one feedback answers: the whole chain, as far as it still waits."""
    open_states = (OrderState.ISSUED, OrderState.SIGNED, OrderState.URGED)
    return tuple(
        replace(one, state=OrderState.ANSWERED, feedback=feedback)
        for one in orders
        if one.root == order.root and one.kind is not OrderKind.EXTENSION and one.state in open_states
    )
