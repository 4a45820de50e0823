"""Slips of the paper flow in a dossier: issued, and what their own clock tells (0011)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerts.rota import on_duty
from monitor.clock import as_local, as_utc
from monitor.dossier.draft import Draft
from monitor.dossier.telling import News, queue, tell_departments, tell_level_one
from monitor.orders.clock import notices_due
from monitor.orders.model import Lead, Order, OrderKind, OrderState


def issue(
    draft: Draft,
    kind: OrderKind,
    department: str,
    demands: str,
    by: str,
    *,
    about: str | None = None,
    due_at: datetime | None = None,
    lead: Lead | None = None,
) -> Order:
    """Add a slip to the dossier; it gets its number, and its entry in the journal, when it is kept."""
    mine = f"{draft.incident.id}-o"
    is_extension = kind is OrderKind.EXTENSION
    due_at = as_utc(due_at) if due_at else None
    unsigned_after = None if is_extension else draft.office.policy.order_unsigned_after
    order = Order(
        id=f"{mine}{1 + sum(id_.startswith(mine) for id_ in draft.orders)}",
        incident_id=draft.incident.id,
        kind=kind,
        year=as_local(draft.now).year,
        department=department,
        demands=demands,
        issued_by=by,
        issued_at=draft.now,
        state=OrderState.ASKED if is_extension else OrderState.ISSUED,
        about=about,
        due_at=due_at,
        first_due_at=due_at,
        sign_due_at=draft.now + unsigned_after if unsigned_after else None,
        lead=lead,
    )
    draft.orders[order.id] = order
    note_order(draft, "order_issued", order, by=by)
    return order


def moved_order(order: Order, incident_id: int, renamed: Mapping[str, str]) -> Order:
    """Return a slip as it stands in another incident, where its publications have new ids."""
    lead = order.lead
    if lead is not None:
        lead = replace(lead, refuted_by=renamed.get(lead.refuted_by, lead.refuted_by))
    return replace(order, incident_id=incident_id, lead=lead)


def reply_due_at(draft: Draft, due_at: datetime | None) -> datetime | None:
    """Return the feedback deadline that was asked for, else the office's own, which may be none."""
    within = draft.office.policy.order_feedback_within
    return due_at or (draft.now + within if within else None)


def watch_orders(draft: Draft) -> None:
    """Tell level 1 that nobody signed, and level 1 and the department that a feedback is overdue."""
    for order in list(draft.orders.values()):
        due = notices_due(order, draft.now)
        if due is None:
            continue
        draft.orders[order.id] = due.order
        if due.unsigned:
            note_order(draft, "order_unsigned", order)
            tell_level_one(draft, order_news("order_unsigned", order, due.late_by))
        if due.overdue:
            note_order(draft, "feedback_overdue", order)
            news = order_news("feedback_overdue", due.order, due.late_by)
            tell_departments(draft, (order.department,), news)
            tell_level_one(draft, news)


def tell_unfounded(draft: Draft, publication_id: str) -> None:
    """Tell whoever a claim was handed over to, and level 2, that the denial it rested on was taken back."""
    for order in list(draft.orders.values()):
        if order.lead is not None and order.lead.refuted_by == publication_id:
            lead = replace(order.lead, withdrawn_at=draft.now)
            draft.orders[order.id] = replace(order, lead=lead)
            note_order(draft, "handover_unfounded", order)
            news = order_news("handover_unfounded", order)
            tell_departments(draft, (order.department,), news)
            tell_level_two(draft, news)


def note_order(draft: Draft, event: str, order: Order, *, words: str | None = None, **facts: Any) -> None:
    """Record what happened to a slip: its number and codes, never its words (A11)."""
    draft.note(
        event,
        words=words,
        order=order.id,
        slip=str(order.kind),
        year=order.year,
        number=order.number,
        department=order.department,
        reply_due_at=order.due_at.isoformat() if order.due_at else None,
        **facts,
    )


def order_news(
    reason: str, order: Order, late_by: timedelta = timedelta(0), facts: Mapping[str, Any] | None = None
) -> News:
    """Return what is told of a slip: once for each reason, deadline and day."""
    due = f"{order.due_at:%Y%m%d%H%M}" if order.due_at else ""
    key = f"{order.id}/{due}/{order.told}"
    return News(reason=reason, late_by=late_by, key=key, facts={"order": order.id, **(facts or {})})


def tell_level_two(draft: Draft, news: News) -> None:
    """Tell whoever is on duty at level 2, who decides on more time; where nobody is, the level above (A6)."""
    for level in range(2, draft.office.top_level + 1):
        people = on_duty(draft.office, level, draft.now)
        for person in people:
            queue(draft, person.id, level, news)
        if people:
            return
        draft.note("nobody_on_duty", level=level)
