"""The obligations of a dossier brought into line with the incident as it is now, and reminders fired."""

from dataclasses import replace
from datetime import timedelta

from monitor.deadlines.derive import Derivation, Moved, derive_obligations
from monitor.deadlines.model import Obligation, ObligationState, Reminder, ReminderState
from monitor.deadlines.reminders import overdue_number, overdue_reminder, plan_reminders, reminder_due
from monitor.dossier.draft import Draft
from monitor.dossier.telling import tell_of_obligation, tell_people


def set_clocks(draft: Draft) -> None:
    """Derive what must be done now and record what changed; `fire_reminders` then tells what is already due.

    Reminders already passed at birth follow C2: the latest fires, marked late; a breach at birth fires at
    once (T5).
    """
    derived = derive_obligations(
        draft.incident,
        tuple(draft.obligations.values()),
        tuple(draft.publications.values()),
        draft.circumstances.rules,
        draft.office.policy,
        draft.now,
    )
    _record(draft, derived)


def _record(draft: Draft, derived: Derivation) -> None:
    for obligation in derived.superseded:
        _end(draft, obligation)
        draft.note(
            "obligation_superseded",
            obligation=obligation.kind,
            id=obligation.id,
            reason=obligation.ended_reason,
        )
    for obligation in derived.met:
        meet(draft, obligation)
    for obligation in derived.opened:
        _open(draft, obligation)
    for moved in derived.moved:
        _move(draft, moved)


def _open(draft: Draft, obligation: Obligation) -> None:
    draft.obligations[obligation.id] = obligation
    draft.note(
        "obligation_opened",
        obligation=obligation.kind,
        id=obligation.id,
        starts_at=obligation.starts_at.isoformat(),
        start_basis=str(obligation.start_basis),
        due_at=obligation.due_at.isoformat(),
        legal_basis=obligation.legal_basis,
        overdue_at_birth=obligation.overdue_at_birth,
        statutory=obligation.statutory,
    )
    if obligation.state is ObligationState.MET:
        _note_met(draft, obligation)
        return
    _plan(draft, obligation)


def _plan(draft: Draft, obligation: Obligation) -> None:
    marks = draft.circumstances.rules.rule(obligation.kind).marks
    for reminder in plan_reminders(obligation, marks):
        draft.reminders[reminder.id] = reminder


def _note_met(draft: Draft, obligation: Obligation) -> None:
    effective = obligation.met_effective_at
    draft.note(
        "obligation_met",
        obligation=obligation.kind,
        id=obligation.id,
        at_effective=effective.isoformat() if effective else None,
        late=obligation.met_late,
        recorded_late=obligation.recorded_late,
    )


def meet(draft: Draft, obligation: Obligation) -> None:
    """Record that an obligation is met and tell whoever was told of its reminders (A6, T7, C26)."""
    _end(draft, obligation)
    _note_met(draft, obligation)
    if obligation.recorded_late:
        tell_people(draft, obligation.told_breach, "corrected", obligation)
    else:
        tell_people(draft, obligation.told, "obligation_met", obligation)


def _end(draft: Draft, obligation: Obligation) -> None:
    draft.obligations[obligation.id] = obligation
    for reminder in draft.waiting_reminders(obligation):
        draft.settle_reminder(reminder, ReminderState.CANCELLED, obligation.ended_reason)


def _move(draft: Draft, moved: Moved) -> None:
    """Give the moved obligation new reminders; a kind already told is not told again (C3)."""
    told = {
        r.kind
        for r in draft.reminders.values()
        if r.obligation_id == moved.before.id and r.state is ReminderState.FIRED
    }
    for reminder in draft.waiting_reminders(moved.before):
        draft.settle_reminder(reminder, ReminderState.CANCELLED, "moved")
    draft.obligations[moved.after.id] = moved.after
    draft.note(
        "obligation_moved",
        obligation=moved.after.kind,
        id=moved.after.id,
        from_due_at=moved.before.due_at.isoformat(),
        due_at=moved.after.due_at.isoformat(),
        start_basis=str(moved.after.start_basis),
        reason="earlier_start_known",
    )
    _plan(draft, moved.after)
    for reminder in draft.waiting_reminders(moved.after):
        if reminder.kind in told:
            draft.settle_reminder(reminder, ReminderState.SKIPPED, "already_told")


def fire_reminders(draft: Draft) -> None:
    """Fire, for each running obligation, the one reminder that is due now.

    Skip those passed over, with the reason.
    """
    running = sorted((o for o in draft.obligations.values() if o.is_running), key=lambda o: (o.due_at, o.id))
    for obligation in running:
        _fire(draft, obligation)


def _fire(draft: Draft, obligation: Obligation) -> None:
    firing = reminder_due(draft.waiting_reminders(obligation), draft.now, draft.circumstances.awake_since)
    for reminder, cause in firing.skipped:
        _skip(draft, obligation, reminder, cause)
    if firing.fires is not None:
        draft.settle_reminder(firing.fires, ReminderState.FIRED)
        if firing.fires.kind == "due":
            obligation = _breach(draft, obligation)
        tell_of_obligation(
            draft, firing.fires, obligation, max(timedelta(0), draft.now - firing.fires.fires_at)
        )
    if obligation.state is ObligationState.BREACHED and _has_overdue_ladder(draft, obligation):
        _plan_overdue(draft, obligation)


def _skip(draft: Draft, obligation: Obligation, reminder: Reminder, cause: str) -> None:
    draft.settle_reminder(reminder, ReminderState.SKIPPED, cause)
    draft.note(
        "reminder_skipped", obligation=obligation.kind, id=obligation.id, reminder=reminder.kind, reason=cause
    )


def _has_overdue_ladder(draft: Draft, obligation: Obligation) -> bool:
    """Return whether overdue notices follow a breach.

    Not for a house rule on severity 3–4 or none (T8, C24).
    """
    return obligation.statutory or draft.incident.is_serious


def _breach(draft: Draft, obligation: Obligation) -> Obligation:
    breached = replace(obligation, state=ObligationState.BREACHED, breached_at=draft.now)
    draft.obligations[obligation.id] = breached
    draft.note(
        "obligation_breached",
        obligation=obligation.kind,
        id=obligation.id,
        due_at=obligation.due_at.isoformat(),
        statutory=obligation.statutory,
    )
    return breached


def _plan_overdue(draft: Draft, obligation: Obligation) -> None:
    """Plan the next overdue notice at its own instant; those already passed are skipped and recorded (C1)."""
    mine = [r for r in draft.reminders.values() if r.obligation_id == obligation.id]
    numbers = {overdue_number(r.kind) or 0: r for r in mine}
    if any(number and r.state is ReminderState.WAITING for number, r in numbers.items()):
        return
    number = max(numbers, default=0) + 1
    while True:
        reminder = overdue_reminder(obligation, number, draft.office.policy.overdue_every)
        draft.reminders[reminder.id] = reminder
        if reminder.fires_at > draft.now:
            return
        _skip(draft, obligation, reminder, "already_passed")
        number += 1
