"""Slips: their numbers, what still waits, what one feedback answers."""

from dataclasses import replace

import pytest

from monitor.orders.model import OrderKind, OrderState, Reply, answered, say_number
from tests.support.builders import after, an_order

REPLY = Reply(by="emergency_bureau", at=after(hours=25), text="已抢通")


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        (OrderKind.ASSIGNMENT, 3, "交办〔2026〕3号"),
        (OrderKind.URGING, 1, "督办〔2026〕1号"),
        (OrderKind.HANDOVER, 12, "移交〔2026〕12号"),
        (OrderKind.EXTENSION, 100, "延期〔2026〕100号"),
    ],
)
def test_a_number_is_written_as_offices_write_it(kind: OrderKind, number: int, said: str) -> None:
    assert say_number(an_order(kind=kind, number=number)) == said


@pytest.mark.parametrize("kind", OrderKind)
@pytest.mark.parametrize("state", OrderState)
def test_only_a_slip_that_owes_an_answer_waits(kind: OrderKind, state: OrderState) -> None:
    owes = kind in (OrderKind.ASSIGNMENT, OrderKind.URGING)
    order = an_order(kind=kind, state=state, due_at=after(hours=1))
    assert order.is_waiting == (owes and state in (OrderState.ISSUED, OrderState.SIGNED))
    assert order.is_overdue(after(hours=2)) == order.is_waiting


def test_an_answer_at_the_instant_of_the_deadline_is_in_time() -> None:
    order = an_order(due_at=after(hours=25))
    assert not order.is_overdue(after(hours=25))
    assert order.is_overdue(after(hours=25, seconds=1))
    assert not replace(order, feedback=REPLY).is_answered_late
    assert replace(order, due_at=after(hours=24), feedback=REPLY).is_answered_late


def test_one_feedback_answers_what_was_urged_and_the_urging_and_nothing_else() -> None:
    first = an_order(state=OrderState.URGED)
    urging = an_order(id="1-o2", kind=OrderKind.URGING, about="1-o1")
    other = an_order(id="1-o3")
    returned = an_order(id="1-o4", kind=OrderKind.URGING, about="1-o1", state=OrderState.RETURNED)
    asked = an_order(id="1-o5", kind=OrderKind.EXTENSION, about="1-o1", state=OrderState.ASKED)
    found = answered([first, urging, other, returned, asked], urging, REPLY)
    assert [o.id for o in found] == ["1-o1", "1-o2"]
    assert all(o.state is OrderState.ANSWERED and o.feedback == REPLY for o in found)
