"""What the desk and the keeping of decisions need of stored slips (公文流转)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.incidents.model import Incident
from monitor.orders.model import Order, OrderKind


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuestion:
    """Which slips are asked for: newest first, those that wait by their feedback deadlines.

    `department` None is every one; `waiting` only those that somebody still has to sign for, answer or decide
    on, `overdue_at` only those whose feedback deadline had passed by then.
    """

    department: str | None = None
    waiting: bool = False
    overdue_at: datetime | None = None
    limit: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledOrder:
    """A slip with the incident it is about."""

    order: Order
    incident: Incident


class Orders(Protocol):
    """The part of a transaction that keeps slips; they are saved with the decision that changed them."""

    def next_order_number(self, kind: OrderKind, year: int) -> int:
        """Take the next number of this kind and year; without gaps, whoever else takes one meanwhile."""
        ...

    def order(self, order_id: str) -> FiledOrder:
        """Return one slip; raises NotFoundError."""
        ...

    def orders(self, asked: OrderQuestion) -> tuple[FiledOrder, ...]:
        """Return slips, newest first; those that wait, the one due first before the others."""
        ...
