"""The obligations of a dossier brought into line with the incident as it is now, and reminders fired."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.deadlines.derive import Derivation, Moved, derive_obligations, move
from monitor.deadlines.model import Obligation, ObligationState, Reminder, ReminderState, StartBasis
from monitor.deadlines.reminders import (
    overdue_number,
    overdue_reminder,
    plan_reminders,
    reminder_due,
    tells_breach,
)
from monitor.deadlines.windows import Start
from monitor.dossier.draft import Draft
from monitor.dossier.telling import News, start_round, tell_the_end

PROMPT = timedelta(seconds=10)
"""A reminder fired this soon after its instant is not called late: the engine only ticks."""


def set_clocks(draft: Draft) -> None:
    """Derive what must be done now and record what changed; `fire_reminders` then tells what is already due.

    Reminders already passed at birth follow C2: the latest fires, marked late; a breach at birth fires at
    once (T5).
    """
    draft.update(reports_since=_reports_since(draft))
    derived = derive_obligations(
        draft.incident,
        tuple(draft.obligations.values()),
        tuple(draft.publications.values()),
        draft.circumstances.rules,
        draft.office.policy,
        draft.now,
    )
    _record(draft, derived)


def _reports_since(draft: Draft) -> Mapping[str, datetime]:
    """Return from when each report that is switched on counts: the detection, or now if it was not before."""
    incident = draft.incident
    known = incident.reports_since
    usual = incident.detected_at if known is None else draft.now
    return {kind: (known or {}).get(kind, usual) for kind in sorted(draft.office.policy.reporting)}


def _record(draft: Draft, derived: Derivation) -> None:
    for obligation in derived.superseded:
        _note_superseded(draft, obligation)
    for obligation in derived.resumed:
        resume(draft, obligation, "incident_reopened")
    for moved in derived.moved:
        move_clock(draft, moved, "earlier_start_known")
    for obligation in derived.met:
        meet(draft, obligation)
    for obligation in derived.opened:
        _open(draft, obligation)


def supersede(draft: Draft, obligation: Obligation, reason: str) -> None:
    """End an obligation whose ground has gone; nothing is deleted."""
    ended = replace(
        obligation, state=ObligationState.SUPERSEDED, ended_at=draft.now, ended_by=None, ended_reason=reason
    )
    _note_superseded(draft, ended)


def _note_superseded(draft: Draft, obligation: Obligation) -> None:
    _end(draft, obligation)
    draft.note(
        "obligation_superseded", obligation=obligation.kind, id=obligation.id, reason=obligation.ended_reason
    )


def resume(draft: Draft, obligation: Obligation, reason: str) -> None:
    """Let an obligation run again by its old due time, as its next version.

    A kind of reminder already told is not told again (C3); the breach is, where it never was (C1).
    """
    run_on(draft, obligation, _told_kinds(draft, obligation), resumed=True, reason=reason)


def run_on(draft: Draft, obligation: Obligation, told: Collection[str], **more: Any) -> None:
    """Let an obligation run of which these kinds of reminder were told already."""
    draft.obligations[obligation.id] = obligation
    _note_opened(draft, obligation, **more)
    _skip_told(draft, _plan(draft, obligation), told)


def adopt_starts(draft: Draft, others: Iterable[Obligation]) -> None:
    """Let each running obligation start no later than that of the incident which goes up in this one (C9)."""
    running = {o.kind: o for o in draft.obligations.values() if o.is_running}
    for other in others:
        mine = running.get(other.kind)
        if mine is None or not other.is_running or other.start_basis is StartBasis.LAST_RELEASE:
            continue
        if mine.start_basis in draft.incident.corrected_by:  # a person's word stands (C3)
            continue
        if other.starts_at < mine.starts_at:
            after = move(mine, Start(at=other.starts_at, basis=other.start_basis))
            move_clock(draft, Moved(before=mine, after=after), "merged")


def _open(draft: Draft, obligation: Obligation) -> None:
    draft.obligations[obligation.id] = obligation
    _note_opened(draft, obligation)
    if obligation.state is ObligationState.MET:
        note_met(draft, obligation)
        return
    _plan(draft, obligation)


def _note_opened(draft: Draft, obligation: Obligation, **more: Any) -> None:
    draft.note(
        "obligation_opened",
        obligation=obligation.kind,
        id=obligation.id,
        starts_at=obligation.starts_at.isoformat(),
        start_basis=str(obligation.start_basis),
        start_limited=obligation.start_limited,
        due_at=obligation.due_at.isoformat(),
        legal_basis=obligation.legal_basis,
        overdue_at_birth=obligation.overdue_at_birth,
        statutory=obligation.statutory,
        **more,
    )


def _plan(draft: Draft, obligation: Obligation) -> tuple[Reminder, ...]:
    planned = plan_reminders(obligation, draft.circumstances.rules.rule(obligation.kind).marks)
    draft.reminders |= {reminder.id: reminder for reminder in planned}
    return planned


def note_met(draft: Draft, obligation: Obligation) -> None:
    """Record that an obligation is met, and by a publication of which time."""
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
    """Record that an obligation is met and tell whoever was told of its reminders (A6, T7, C26).

    A late release that comes before the breach was noticed does not hide the breach (T3).
    """
    before = draft.obligations.get(obligation.id)
    is_breached = before is not None and before.state is ObligationState.BREACHED
    if obligation.met_late and not is_breached:
        obligation = replace(obligation, breached_at=draft.now)
        note_breach(draft, obligation)
    _end(draft, obligation)
    note_met(draft, obligation)
    tell_the_end(draft, "corrected" if obligation.recorded_late else "obligation_met", obligation)


def _end(draft: Draft, obligation: Obligation) -> None:
    draft.obligations[obligation.id] = obligation
    for reminder in draft.waiting_reminders(obligation):
        draft.settle_reminder(reminder, ReminderState.CANCELLED, obligation.ended_reason)


def move_clock(draft: Draft, moved: Moved, reason: str, **more: Any) -> None:
    """Give the moved obligation new reminders.

    A kind already told is not told again, and neither is an older mark than one that was told (C3, C26).
    """
    told = _told_kinds(draft, moved.after)
    for reminder in draft.waiting_reminders(moved.before):
        draft.settle_reminder(reminder, ReminderState.CANCELLED, "moved")
    draft.obligations[moved.after.id] = moved.after
    note_moved(draft, moved, reason, **more)
    _skip_told(draft, _plan(draft, moved.after), told)


def note_moved(draft: Draft, moved: Moved, reason: str, **more: Any) -> None:
    """Record that an obligation counts from another start, and why."""
    draft.note(
        "obligation_moved",
        obligation=moved.after.kind,
        id=moved.after.id,
        from_due_at=moved.before.due_at.isoformat(),
        due_at=moved.after.due_at.isoformat(),
        start_basis=str(moved.after.start_basis),
        reason=reason,
        **more,
    )


def _told_kinds(draft: Draft, obligation: Obligation) -> set[str]:
    """Return the kinds of reminder that were told of an obligation, in any of its versions.

    While it is open, none tells of a breach: one that was told has been taken back (T7).
    """
    mine = (r for r in draft.reminders.values() if r.obligation_id == obligation.id)
    told = {r.kind for r in mine if r.state is ReminderState.FIRED}
    is_open = obligation.state is ObligationState.OPEN
    return {kind for kind in told if not (is_open and tells_breach(kind))}


def _skip_told(draft: Draft, planned: tuple[Reminder, ...], told: Collection[str]) -> None:
    """Skip the reminders of a new version that were told before, and those before them."""
    newest = max((n for n, reminder in enumerate(planned, start=1) if reminder.kind in told), default=0)
    for reminder in planned[:newest]:
        cause = "already_told" if reminder.kind in told else "overtaken"
        draft.settle_reminder(reminder, ReminderState.SKIPPED, cause)


def fire_reminders(draft: Draft) -> None:
    """Fire, for each running obligation, the one reminder that is due now.

    Skip those passed over, with the reason.
    """
    running = sorted((o for o in draft.obligations.values() if o.is_running), key=lambda o: (o.due_at, o.id))
    for obligation in running:
        _fire(draft, obligation)


def _fire(draft: Draft, obligation: Obligation) -> None:
    has_ladder = obligation.statutory or draft.incident.is_serious
    if not has_ladder:
        _drop_overdue(draft, obligation)
    firing = reminder_due(draft.waiting_reminders(obligation), draft.now, draft.circumstances.awake_since)
    for reminder, cause in firing.skipped:
        _skip(draft, obligation, reminder, cause)
    if firing.fires is not None:
        draft.settle_reminder(firing.fires, ReminderState.FIRED)
        if firing.fires.kind == "due" and obligation.state is not ObligationState.BREACHED:
            obligation = _breach(draft, obligation)
        start_round(draft, _news(draft, firing.fires, obligation))
    if has_ladder and obligation.state is ObligationState.BREACHED:
        _plan_overdue(draft, obligation)


def _news(draft: Draft, reminder: Reminder, obligation: Obligation) -> News:
    """Return what a reminder says, with how late it is and whether an absence made it so (T10)."""
    late_by = draft.now - reminder.fires_at
    if late_by <= PROMPT:
        return News(reason=reminder.kind, obligation=obligation)
    is_missed = reminder.fires_at < draft.circumstances.awake_since
    away = (draft.circumstances.away or None) if is_missed else None
    return News(reason=reminder.kind, obligation=obligation, late_by=late_by, away=away)


def _skip(draft: Draft, obligation: Obligation, reminder: Reminder, cause: str) -> None:
    draft.settle_reminder(reminder, ReminderState.SKIPPED, cause)
    draft.note(
        "reminder_skipped", obligation=obligation.kind, id=obligation.id, reminder=reminder.kind, reason=cause
    )


def _drop_overdue(draft: Draft, obligation: Obligation) -> None:
    """Cancel overdue notices planned before a downgrade: a house rule on severity 3–4 has none (T8, C24)."""
    for reminder in draft.waiting_reminders(obligation):
        if overdue_number(reminder.kind) is not None:
            draft.settle_reminder(reminder, ReminderState.CANCELLED, "no_ladder")


def _breach(draft: Draft, obligation: Obligation) -> Obligation:
    breached = replace(obligation, state=ObligationState.BREACHED, breached_at=draft.now)
    draft.obligations[obligation.id] = breached
    note_breach(draft, breached)
    return breached


def note_breach(draft: Draft, obligation: Obligation) -> None:
    """Record that an obligation was not met in time."""
    draft.note(
        "obligation_breached",
        obligation=obligation.kind,
        id=obligation.id,
        due_at=obligation.due_at.isoformat(),
        statutory=obligation.statutory,
    )


def _plan_overdue(draft: Draft, obligation: Obligation) -> None:
    """Plan the next overdue notice at its own instant; those already passed are skipped and recorded (C1).

    Notices of an earlier breach that was taken back do not count (T7).
    """
    since = obligation.breached_at or obligation.opened_at
    numbers = {
        overdue_number(r.kind) or 0: r.state
        for r in draft.reminders.values()
        if r.obligation_id == obligation.id
        and r.state is not ReminderState.CANCELLED
        and (r.done_at is None or r.done_at >= since)
    }
    if any(number and state is ReminderState.WAITING for number, state in numbers.items()):
        return
    number = max(numbers, default=0) + 1
    while True:
        reminder = overdue_reminder(obligation, number, draft.office.policy.overdue_every)
        draft.reminders[reminder.id] = reminder
        if reminder.fires_at > draft.now:
            return
        _skip(draft, obligation, reminder, "already_passed")
        number += 1
