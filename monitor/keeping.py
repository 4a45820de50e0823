"""Keep a decision in one transaction: state, journal and outbox rows (A1)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.model import Alert, AlertState
from monitor.dossier.model import Change, Changes
from monitor.ports import Transaction


def keep(transaction: Transaction, changes: Changes) -> tuple[Alert, ...]:
    """Save a decision and its journal entries; return the queued alerts with their message numbers.

    A decision that changed nothing is not saved. Raises ConflictError.
    """
    return keep_all(transaction, [changes])


def keep_all(transaction: Transaction, decisions: Iterable[Changes]) -> tuple[Alert, ...]:
    """Save decisions about different incidents as `keep` does; the number of statements does not grow."""
    saying = []
    for changes in decisions:
        if _says_something(changes):
            saying.append(_numbered(transaction, changes))
        else:
            transaction.sleep_until(changes)
    if not saying:
        return ()
    alerts = transaction.save_all(saying)
    transaction.record([queued_change(alert) for alert in alerts])
    return alerts


def _numbered(transaction: Transaction, changes: Changes) -> Changes:
    """Return the changes with a number for each new slip, in its journal entry as well."""
    numbers = {
        order.id: transaction.next_order_number(order.kind, order.year)
        for order in changes.orders
        if not order.number
    }
    if not numbers:
        return changes
    return replace(
        changes,
        orders=tuple(replace(o, number=numbers.get(o.id, o.number)) for o in changes.orders),
        journal=tuple(
            replace(c, facts={**c.facts, "number": numbers[c.facts["order"]]})
            if c.event == "order_issued"
            else c
            for c in changes.journal
        ),
    )


def _says_something(changes: Changes) -> bool:
    parts = (
        changes.journal,
        changes.reminders,
        changes.rounds,
        changes.acknowledgements,
        changes.alerts,
        changes.joinings,
    )
    return changes.expected_version is None or any(parts)


def keep_alerts(transaction: Transaction, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Queue alerts that follow from a delivery or from no incident, with their journal entries."""
    queued = transaction.enqueue(tuple(alerts))
    transaction.record([queued_change(alert) for alert in queued])
    return queued


def keep_once(transaction: Transaction, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Queue those of these alerts that were never queued, through whatever channel."""
    return keep_alerts(transaction, [alert for alert in alerts if not transaction.sibling_alerts(alert)])


def queued_change(alert: Alert) -> Change:
    """Return what the journal says of a new alert: queued, or held back and why."""
    if alert.state is AlertState.HELD:
        return alert_change("alert_held", alert, alert.created_at, cause=alert.held_reason)
    return alert_change("alert_queued", alert, alert.created_at)


def alert_change(event: str, alert: Alert, at: datetime, *, cause: str | None = None, **more: Any) -> Change:
    """Return one `alert_*` line: where there is a cause it is `reason`, and `alert_reason` is the alert's."""
    facts = {
        "alert": alert.id,
        "to": alert.to,
        "level": alert.level,
        "channel": alert.channel,
        "reason": alert.reason if cause is None else cause,
        "alert_reason": alert.reason,
        "obligation": alert.obligation_id.split(":")[1] if alert.obligation_id else None,
        "due_at": alert.due_at.isoformat() if alert.due_at else None,
        "late_by_s": round(alert.late_by.total_seconds()),
        "message_no": alert.message_no,
        **more,
    }
    return Change(at=at, event=event, incident=alert.incident_id, facts=facts)
