"""The clock of a slip: when level 1 hears that nobody signed, and when of a feedback that is overdue.

A house rule (0011): told once, then once a day. Nothing here knows statutory clocks, and nothing there this.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.deadlines.reminders import JUST_AFTER
from monitor.orders.model import Order

AGAIN = timedelta(days=1)
"""How long after it was told that a feedback is overdue, this is told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """What is to be told of one slip now: `order` remembers that it was told."""

    order: Order
    unsigned: bool = False
    overdue: bool = False
    late_by: timedelta = timedelta(0)


def notices_due(order: Order, now: datetime) -> Notices | None:
    """Return what has become due, or None; asked again with what it returned, it says None.

    Of several days that passed unnoticed one notice tells. A slip that is overdue is told as that alone.
    """
    if (count := _passed(order, now)) > order.told and order.due_at is not None:
        late_by = now - (order.due_at + AGAIN * (count - 1))
        return Notices(order=replace(order, told=count, unsigned_told=True), overdue=True, late_by=late_by)
    if _waits_for_signature(order) and order.sign_due_at is not None and now >= order.sign_due_at:
        told = replace(order, unsigned_told=True)
        return Notices(order=told, unsigned=True, late_by=now - order.sign_due_at)
    return None


def wakes_at(order: Order) -> datetime | None:
    """Return the next instant at which `notices_due` has something to say, or None."""
    instants = [order.sign_due_at] if _waits_for_signature(order) else []
    if order.is_waiting and order.due_at is not None:
        instants.append(order.due_at + AGAIN * order.told + (timedelta(0) if order.told else JUST_AFTER))
    return min((at for at in instants if at is not None), default=None)


def _waits_for_signature(order: Order) -> bool:
    return order.is_unsigned and not order.unsigned_told


def _passed(order: Order, now: datetime) -> int:
    """Return how many notices of a missed deadline have come due: one at once, one more for each day."""
    if order.due_at is None or not order.is_waiting or now < order.due_at + JUST_AFTER:
        return 0
    return 1 + (now - order.due_at) // AGAIN
