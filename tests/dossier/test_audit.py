"""What is overdue that nobody was told about (A10)."""

from datetime import datetime
from typing import Any

import pytest

from alerts.model import AlertState
from monitor.deadlines.model import ObligationState
from monitor.dossier.audit import find_untold
from monitor.incidents.model import IncidentState
from tests.support.builders import (
    a_dossier,
    a_reminder,
    after,
    an_alert,
    an_incident,
    an_obligation,
    an_order,
)

BREACHED = an_obligation(state=ObligationState.BREACHED, breached_at=after(hours=24, seconds=1))
NOON = after(hours=25)


def told(state: AlertState, sent_at: datetime = NOON, **fields: Any) -> Any:
    return an_alert(obligation_id=BREACHED.id, reason="due", state=state, created_at=sent_at, **fields)


@pytest.mark.parametrize(
    ("alerts", "faults"),
    [
        pytest.param([], 1, id="nobody"),
        pytest.param([told(AlertState.SENT)], 0, id="somebody"),
        pytest.param([told(AlertState.DEAD)], 1, id="every channel failed"),
        pytest.param([told(AlertState.DEAD), told(AlertState.SENT)], 0, id="one of two"),
        pytest.param([told(AlertState.CANCELLED)], 1, id="cancelled"),
        pytest.param([told(AlertState.CANCELLED, cause="acknowledged")], 0, id="known before it arrived"),
        pytest.param([told(AlertState.QUEUED)], 0, id="just leaving"),
        pytest.param([told(AlertState.QUEUED, after(hours=24))], 1, id="stuck in the outbox"),
        pytest.param([an_alert(obligation_id=BREACHED.id, state=AlertState.SENT)], 1, id="of something else"),
    ],
)
def test_a_breach_must_have_reached_somebody(alerts: list[Any], faults: int) -> None:
    found = find_untold(a_dossier(obligations=(BREACHED,)), alerts, NOON)
    assert found == (f"breach_untold:{BREACHED.id}",) * faults


@pytest.mark.parametrize(
    ("now", "faults"),
    [
        pytest.param(after(hours=24, minutes=2), (), id="within the grace"),
        pytest.param(
            after(hours=24, minutes=2, seconds=1), (f"breach_unnoticed:{BREACHED.id}",), id="after it"
        ),
    ],
)
def test_a_breach_the_engine_missed_is_found_from_the_due_time_itself(
    now: datetime, faults: tuple[str, ...]
) -> None:
    assert find_untold(a_dossier(obligations=(an_obligation(),)), [], now) == faults


def test_a_reminder_that_still_waits_after_its_instant_is_forgotten() -> None:
    dossier = a_dossier(obligations=(an_obligation(),), reminders=(a_reminder(),))
    assert find_untold(dossier, [], after(hours=12, minutes=1)) == ()
    assert find_untold(dossier, [], after(hours=12, minutes=3)) == (f"reminder_forgotten:{a_reminder().id}",)


def test_an_ended_incident_owes_nothing() -> None:
    closed = an_incident(state=IncidentState.CLOSED)
    assert find_untold(a_dossier(closed, obligations=(an_obligation(),)), [], NOON) == ()


@pytest.mark.parametrize(
    ("now", "told", "faults"),
    [
        (after(hours=24, minutes=2), 0, ()),
        (after(hours=24, minutes=2, seconds=2), 0, ("feedback_forgotten:1-o1",)),
        (after(hours=47), 1, ()),
        (after(hours=48, minutes=3), 1, ("feedback_forgotten:1-o1",)),
    ],
)
def test_a_feedback_that_is_overdue_must_have_been_told(
    now: datetime, told: int, faults: tuple[str, ...]
) -> None:
    assert find_untold(a_dossier(orders=(an_order(told=told),)), [], now) == faults
