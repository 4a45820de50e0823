"""Which reminder fires, which are passed over, and that none fires twice (T3, T9, T10, C1, C2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deadlines.model import Reminder, ReminderState
from monitor.deadlines.reminders import (
    overdue_number,
    overdue_reminder,
    plan_reminders,
    reminder_due,
    wakes_at,
)
from tests.support.builders import T0, after, an_obligation

LONG_AGO = T0 - timedelta(days=30)
TWO_HOURS = timedelta(hours=2)
CONFERENCE = an_obligation()
PLAN = plan_reminders(CONFERENCE, (50, 75, 90))


def kinds(reminders: Sequence[Reminder]) -> list[str]:
    return [reminder.kind for reminder in reminders]


def test_reminders_stand_at_their_shares_of_the_window_and_the_breach_at_its_end() -> None:
    assert [(r.kind, r.fires_at) for r in PLAN] == [
        ("reminder_50", after(hours=12)),
        ("reminder_75", after(hours=18)),
        ("reminder_90", after(hours=21, minutes=36)),
        ("due", after(hours=24)),
    ]
    assert len({r.id for r in PLAN}) == len(PLAN)


def test_overdue_notices_keep_their_own_instants() -> None:
    assert overdue_reminder(CONFERENCE, 1, TWO_HOURS).fires_at == after(hours=26)
    assert overdue_reminder(CONFERENCE, 12, TWO_HOURS).fires_at == after(hours=48)
    assert [overdue_number(kind) for kind in ("overdue_12", "due", "reminder_50")] == [12, None, None]


def test_the_breach_needs_a_moment_more_than_its_instant_and_a_reminder_does_not() -> None:
    assert wakes_at(PLAN[0]) == PLAN[0].fires_at
    assert wakes_at(PLAN[3]) > PLAN[3].fires_at


@pytest.mark.parametrize(
    ("now", "fires", "skipped"),
    [
        pytest.param(after(hours=11, minutes=59), None, [], id="nothing yet"),
        pytest.param(after(hours=12), "reminder_50", [], id="at its very instant"),
        pytest.param(
            after(hours=19, minutes=30), "reminder_75", ["reminder_50"], id="only the latest passed"
        ),
        pytest.param(after(hours=24), "reminder_90", ["reminder_50", "reminder_75"], id="at the deadline"),
        pytest.param(
            after(hours=24, seconds=1),
            "due",
            ["reminder_50", "reminder_75", "reminder_90"],
            id="a breach is never skipped",
        ),
        pytest.param(
            after(days=9), "due", ["reminder_50", "reminder_75", "reminder_90"], id="however late it is"
        ),
    ],
)
def test_of_the_passed_marks_the_latest_fires(now: datetime, fires: str | None, skipped: list[str]) -> None:
    firing = reminder_due(PLAN, now, LONG_AGO)
    assert (firing.fires.kind if firing.fires else None) == fires
    assert kinds([reminder for reminder, _ in firing.skipped]) == skipped


@pytest.mark.parametrize(
    ("awake_since", "fires", "skipped"),
    [
        pytest.param(LONG_AGO, "overdue_1", [], id="the engine was awake"),
        pytest.param(after(hours=26), "overdue_1", [], id="back at the very instant"),
        pytest.param(after(hours=26, seconds=1), None, ["service_away"], id="passed while away"),
    ],
)
def test_an_overdue_notice_that_passed_while_the_service_was_away_is_skipped(
    awake_since: datetime, fires: str | None, skipped: list[str]
) -> None:
    waiting = [overdue_reminder(CONFERENCE, 1, TWO_HOURS)]
    firing = reminder_due(waiting, after(hours=26, minutes=1), awake_since)
    assert (firing.fires.kind if firing.fires else None) == fires
    assert [cause for _, cause in firing.skipped] == skipped


@given(st.lists(st.integers(min_value=-500, max_value=4000), max_size=30))
def test_a_reminder_never_fires_twice_whatever_the_sequence_of_ticks(ticks: list[int]) -> None:
    waiting = {r.id: r for r in (*PLAN, overdue_reminder(CONFERENCE, 1, TWO_HOURS))}
    fired: list[str] = []
    for tick in ticks:
        firing = reminder_due(list(waiting.values()), after(minutes=tick), LONG_AGO)
        for reminder, _ in firing.skipped:
            waiting[reminder.id] = replace(reminder, state=ReminderState.SKIPPED)
        if firing.fires is not None:
            waiting[firing.fires.id] = replace(firing.fires, state=ReminderState.FIRED)
            fired.append(firing.fires.id)
    assert len(fired) == len(set(fired))
    if any(after(minutes=tick) > CONFERENCE.due_at for tick in ticks):
        assert PLAN[3].id in fired
