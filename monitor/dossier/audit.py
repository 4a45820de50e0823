"""Self-watch, recomputed from facts: what is overdue that nobody was told about.

(A10).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.model import Alert, AlertState
from monitor.deadlines.model import Obligation, ObligationState, ReminderState
from monitor.deadlines.reminders import wakes_at
from monitor.dossier.model import Dossier
from monitor.orders.clock import wakes_at as order_wakes_at

GRACE = timedelta(minutes=2)
"""How late a reminder may be before the auditor calls it forgotten."""


def find_untold(dossier: Dossier, alerts: Sequence[Alert], now: datetime) -> tuple[str, ...]:
    """Return what of this incident is due and was told to nobody, as codes with ids; empty when all is well.

    Looks at the obligations' own due times, not at what the engine believes: an unnoticed breach, a
    breach that reached nobody, a reminder that waits although its instant has passed.
    """
    if not dossier.incident.is_open:
        return ()
    faults = []
    told = [a for a in alerts if a.reason == "due" and _is_told(a, now)]
    for obligation in dossier.obligations:
        if not obligation.is_running or now <= obligation.due_at + GRACE:
            continue
        if obligation.state is ObligationState.OPEN:
            faults.append(f"breach_unnoticed:{obligation.id}")
        elif not any(_tells(alert, obligation) for alert in told):
            faults.append(f"breach_untold:{obligation.id}")
    faults += [
        f"reminder_forgotten:{r.id}"
        for r in dossier.reminders
        if r.state is ReminderState.WAITING and wakes_at(r) + GRACE < now
    ]
    faults += [
        f"feedback_forgotten:{order.id}"
        for order in dossier.orders
        if (at := order_wakes_at(order)) is not None and at + GRACE < now
    ]
    return tuple(faults)


def _tells(alert: Alert, obligation: Obligation) -> bool:
    """Return whether an alert tells of the breach as it stands; one that was taken back told of another."""
    since = obligation.breached_at or obligation.due_at
    return alert.obligation_id == obligation.id and alert.created_at >= since


def _is_told(alert: Alert, now: datetime) -> bool:
    """Return whether an alert was accepted, or left so lately that it may still be under way.

    One cancelled as acknowledged counts: its recipient knew before it arrived.
    """
    if alert.cause == "acknowledged":
        return True
    under_way = (AlertState.QUEUED, AlertState.HELD)
    return alert.state is AlertState.SENT or (alert.state in under_way and now <= alert.send_at + GRACE)
