"""The clock of a slip: told once when it is missed, then once a day, whatever the engine's ticks are."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.orders.clock import AGAIN, notices_due, wakes_at
from monitor.orders.model import Order, OrderState
from tests.support.builders import T0, after, an_order

DUE = after(hours=24)
HALF_AN_HOUR = after(minutes=30)


@pytest.mark.parametrize(
    ("order", "now", "unsigned", "overdue"),
    [
        pytest.param(an_order(), DUE, False, False, id="at its instant"),
        pytest.param(an_order(), after(hours=24, seconds=1), False, True, id="just after it"),
        pytest.param(an_order(told=1), after(hours=47), False, False, id="told today"),
        pytest.param(an_order(told=1), after(hours=48), False, True, id="a day later"),
        pytest.param(an_order(due_at=None), after(days=9), False, False, id="without a deadline"),
        pytest.param(an_order(state=OrderState.ANSWERED), after(days=9), False, False, id="answered"),
        pytest.param(an_order(state=OrderState.URGED), after(days=9), False, False, id="urged"),
        pytest.param(an_order(sign_due_at=HALF_AN_HOUR), after(minutes=29), False, False, id="may be signed"),
        pytest.param(an_order(sign_due_at=HALF_AN_HOUR), HALF_AN_HOUR, True, False, id="unsigned"),
        pytest.param(
            an_order(sign_due_at=HALF_AN_HOUR, state=OrderState.SIGNED),
            after(hours=1),
            False,
            False,
            id="signed",
        ),
        pytest.param(
            an_order(sign_due_at=HALF_AN_HOUR, unsigned_told=True),
            after(hours=1),
            False,
            False,
            id="unsigned and told",
        ),
        pytest.param(
            an_order(sign_due_at=HALF_AN_HOUR),
            after(days=2),
            False,
            True,
            id="unsigned and overdue is overdue",
        ),
    ],
)
def test_what_is_told_when(order: Order, now: datetime, unsigned: bool, overdue: bool) -> None:
    due = notices_due(order, now)
    assert (due is not None and due.unsigned, due is not None and due.overdue) == (unsigned, overdue)


@pytest.mark.parametrize(
    ("now", "told", "late_by"),
    [
        (after(hours=24, seconds=1), 1, timedelta(seconds=1)),
        (after(hours=26), 1, timedelta(hours=2)),
        (after(days=4, hours=1), 4, timedelta(hours=1)),
    ],
)
def test_of_days_that_passed_unnoticed_one_notice_tells(now: datetime, told: int, late_by: timedelta) -> None:
    due = notices_due(an_order(), now)
    assert due is not None
    assert (due.order.told, due.late_by) == (told, late_by)


TICKS = st.lists(st.integers(min_value=0, max_value=10 * 24 * 60), min_size=1, max_size=40).map(sorted)
ORDERS = st.builds(
    lambda hours, minutes: an_order(
        due_at=hours and after(hours=hours), sign_due_at=minutes and after(minutes=minutes)
    ),
    st.none() | st.integers(min_value=1, max_value=120),
    st.none() | st.integers(min_value=1, max_value=600),
)


@given(ORDERS, TICKS)
def test_nothing_is_told_twice_and_nothing_more_than_once_a_day(order: Order, ticks: list[int]) -> None:
    told: list[datetime] = []
    unsigned = 0
    for minutes in ticks:
        now = T0 + timedelta(minutes=minutes)
        due = notices_due(order, now)
        if due is not None:
            order = due.order
            unsigned += due.unsigned
            told += [now] if due.overdue else []
        assert notices_due(order, now) is None
    assert unsigned <= 1
    days = [(now - order.due_at) // AGAIN for now in told if order.due_at]
    assert len(days) == len(set(days))


@given(ORDERS, TICKS)
def test_an_engine_that_wakes_when_asked_tells_as_much_as_one_that_always_looks(
    order: Order, ticks: list[int]
) -> None:
    for minutes in ticks:
        now = T0 + timedelta(minutes=minutes)
        due, wake = notices_due(order, now), wakes_at(order)
        assert (due is not None) == (wake is not None and wake <= now)
        order = due.order if due else order
