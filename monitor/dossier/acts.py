"""What people do with an incident.

Every act names who did it, and is refused with a reason where the rules say no.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from alerts.policy import Audience
from alerts.rota import level_of
from monitor.classifiers.model import Precision, Severity
from monitor.deadlines.model import ObligationState, ReminderState, StartBasis
from monitor.dossier import correcting, promising, reporting
from monitor.dossier.acknowledging import acknowledge, note_followed
from monitor.dossier.clocks import fire_reminders, set_clocks
from monitor.dossier.draft import Draft
from monitor.dossier.intake import announce
from monitor.dossier.ordering import issue, order_news, reply_due_at, tell_unfounded
from monitor.dossier.publishing import judge_offer, record
from monitor.dossier.regrade import note_severity, regrade, tell_severity
from monitor.dossier.telling import News, end_round, queue, start_round
from monitor.dossier.withdrawing import withdraw
from monitor.errors import NotFoundError, RefusedActError
from monitor.incidents.lifecycle import LEADER, may_close, may_dismiss, may_reopen
from monitor.incidents.model import (
    IncidentState,
    Judgement,
    Publication,
    PublicationKind,
    PublicationState,
    ReportMeans,
)
from monitor.incidents.reconcile import figures_now, figures_seen
from monitor.orders.model import OrderKind

Act = Callable[[Draft, str], None]
"""Changes a draft in the name of the person whose id is the second argument."""


def _require_open(draft: Draft, act: str) -> None:
    if not draft.incident.is_open:
        raise RefusedActError(act, f"is_{draft.incident.state}")


def require(act: str, refusal: str | None) -> None:
    """Raise RefusedActError where there is a reason to refuse."""
    if refusal is not None:
        raise RefusedActError(act, refusal)


def confirm(draft: Draft, by: str) -> None:
    """Accept the severity as it stands; counts as an acknowledgement (T4, C17)."""
    _require_open(draft, "confirm")
    acknowledge(draft, by, "confirm")
    _judge(draft, by, draft.incident.severity, "")
    draft.note("incident_confirmed", by=by, severity=draft.incident.severity and int(draft.incident.severity))


def _judge(draft: Draft, by: str, severity: Severity | None, reason: str) -> None:
    incident = draft.incident
    judgement = Judgement(
        by=by,
        at=draft.now,
        severity=severity,
        automatic_seen=incident.grade.effective,
        figures_seen=figures_seen(figures_now(incident.holding).precautionary),
        reason=reason,
    )
    draft.update(severity=severity, judgement=judgement, confirmed_at=draft.now, confirmed_by=by)
    note_followed(draft)


def set_severity(severity: Severity | None, reason: str) -> Act:
    """Set another severity, with a reason: stricter obligations are added, others superseded (T5)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "set_severity")
        require("set_severity", None if reason.strip() else "reason_missing")
        before = draft.incident.severity
        acknowledge(draft, by, "set_severity")
        _judge(draft, by, severity, reason)
        if severity != before:
            note_severity(draft, before, reason, by)
        if not draft.incident.announced:
            announce(draft)
            return
        set_clocks(draft)
        tell_severity(draft, before)
        fire_reminders(draft)

    return act


def assign(department: str, demands: str = "", due_at: datetime | None = None) -> Act:
    """Hand the incident to a department by a 交办单, which is told at once; counts as an acknowledgement.

    A department that has it already gets another slip only for demands of its own.
    """

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "assign")
        if draft.office.department(department) is None:
            raise RefusedActError("assign", "unknown_department")
        acknowledge(draft, by, "assign")
        note_followed(draft)
        known = draft.incident.assigned_to
        if department in known and not demands:
            return
        due = reply_due_at(draft, due_at)
        require("assign", "in_the_past" if due is not None and due <= draft.now else None)
        if department not in known:
            assigned_at = draft.incident.assigned_at or draft.now
            draft.update(assigned_to=(*known, department), assigned_at=assigned_at)
            draft.note("assigned", to=department, by=by)
        order = issue(draft, OrderKind.ASSIGNMENT, department, demands, by, due_at=due)
        queue(draft, department, None, order_news("assigned", order))

    return act


def respond(
    kind: PublicationKind,
    *,
    title: str,
    text: str = "",
    url: str = "",
    channel: str = "",
    effective_at: datetime | None = None,
) -> Act:
    """Record an official publication; what it fulfils is met, follow-ups start again (T6–T8, C5)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "respond")
        effective = effective_at or draft.now
        require("respond", "in_the_future" if effective > draft.now else None)
        require("respond", None if title.strip() else "title_missing")
        acknowledge(draft, by, "respond")
        note_followed(draft)
        record(draft, kind, title=title, text=text, url=url, channel=channel, effective_at=effective, by=by)
        set_clocks(draft)
        fire_reminders(draft)

    return act


def judge_answer(publication_id: str, state: PublicationState, reason: str = "") -> Act:
    """Accept or decline an official item that was offered as evidence (C13)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "judge_answer")
        offered = _in_state(draft, publication_id, PublicationState.OFFERED, "judge_answer")
        acknowledge(draft, by, "judge_answer")
        judge_offer(draft, offered, state, by, reason)
        set_clocks(draft)
        fire_reminders(draft)

    return act


def _in_state(draft: Draft, publication_id: str, state: PublicationState, act: str) -> Publication:
    """Return this publication; raises NotFoundError, and RefusedActError where it is in another state."""
    publication = draft.publications.get(publication_id)
    if publication is None:
        raise NotFoundError("publication", publication_id)
    if publication.state is not state:
        raise RefusedActError(act, f"is_{publication.state}")
    return publication


def _require_reason(act: str, by: str, reason: str) -> None:
    require(act, None if by.strip() else "nobody_named")
    require(act, None if reason.strip() else "reason_missing")


def correct_start(basis: StartBasis, at: datetime, precision: Precision, reason: str) -> Act:
    """Correct when it occurred or was first published: clocks move earlier or later (C3, C21)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "correct_start")
        _require_reason("correct_start", by, reason)
        moment = correcting.as_moment(at, precision)
        require("correct_start", "in_the_future" if moment.at > draft.now else None)
        correcting.correct_start(draft, basis, moment, by, reason)

    return act


def correct_publication(publication_id: str, effective_at: datetime, reason: str) -> Act:
    """Correct when an offered or accepted publication was effective; what it meets is judged anew (T7)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "correct_publication")
        _require_reason("correct_publication", by, reason)
        require("correct_publication", "in_the_future" if effective_at > draft.now else None)
        publication = draft.publications.get(publication_id)
        if publication is None:
            raise NotFoundError("publication", publication_id)
        is_dead = publication.state in (PublicationState.DECLINED, PublicationState.WITHDRAWN)
        require("correct_publication", f"is_{publication.state}" if is_dead else None)
        correcting.correct_publication(draft, publication, effective_at, by, reason)

    return act


def withdraw_answer(publication_id: str, reason: str) -> Act:
    """Take back a publication that was accepted or recorded wrongly: what it met runs again (T6)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "withdraw_answer")
        _require_reason("withdraw_answer", by, reason)
        accepted = _in_state(draft, publication_id, PublicationState.ACCEPTED, "withdraw_answer")
        acknowledge(draft, by, "withdraw_answer")
        note_followed(draft)
        withdraw(draft, accepted, by, reason)
        tell_unfounded(draft, accepted.id)

    return act


def report_up(
    obligation: str,
    means: ReportMeans,
    *,
    to: str = "",
    reporter: str = "",
    effective_at: datetime | None = None,
) -> Act:
    """Record a report to a superior (信息报送), for the obligation of this id or kind; it answers nobody."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "report_up")
        effective = effective_at or draft.now
        require("report_up", "in_the_future" if effective > draft.now else None)
        reporting.record_report(draft, obligation, means, to or None, reporter or by, effective, by)
        set_clocks(draft)
        fire_reminders(draft)

    return act


def withdraw_report(report_id: str, reason: str) -> Act:
    """Take back a report to a superior that was recorded wrongly (T6)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "withdraw_report")
        require("withdraw_report", None if reason.strip() else "reason_missing")
        reporting.withdraw_report(draft, report_id, by, reason)
        set_clocks(draft)
        fire_reminders(draft)

    return act


def accept_promise(publication_id: str, number: int, due_at: datetime | None = None) -> Act:
    """Take up a promise of an accepted publication as an obligation with its own time."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "accept_promise")
        accepted = _in_state(draft, publication_id, PublicationState.ACCEPTED, "accept_promise")
        acknowledge(draft, by, "accept_promise")
        promising.take_up(draft, accepted, number, due_at)
        fire_reminders(draft)

    return act


def keep_promise(obligation_id: str, publication_id: str) -> Act:
    """Say which accepted publication kept a promise (T6)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "keep_promise")
        accepted = _in_state(draft, publication_id, PublicationState.ACCEPTED, "keep_promise")
        acknowledge(draft, by, "keep_promise")
        promising.keep(draft, obligation_id, accepted, by)

    return act


def dismiss(reason: str) -> Act:
    """End it as no matter of ours, by a named person with a reason; nothing is deleted (T5)."""

    def act(draft: Draft, by: str) -> None:
        require("dismiss", may_dismiss(draft.incident, by=by, reason=reason))
        _end(draft, IncidentState.DISMISSED, by, reason, "incident_dismissed")

    return act


def close(reason: str) -> Act:
    """End it as done; with an unmet statutory obligation only a leader may, with a reason (C8)."""

    def act(draft: Draft, by: str) -> None:
        unmet = any(o.is_running and o.statutory for o in draft.obligations.values())
        level = level_of(draft.office, by, draft.now)
        require("close", may_close(draft.incident, by=by, level=level, has_unmet=unmet, reason=reason))
        _end(draft, IncidentState.CLOSED, by, reason, "incident_closed")

    return act


def _end(draft: Draft, state: IncidentState, by: str, reason: str, event: str) -> None:
    draft.update(state=state, ended_at=draft.now, ended_by=by, ended_reason=reason, next_repeat_at=None)
    draft.note(event, words=reason, by=by)
    end_round(draft, "ended")
    set_clocks(draft)
    note_followed(draft)


def reopen(reason: str) -> Act:
    """Take it up again: the old due times count, and a `detected` round starts (C9, C23)."""

    def act(draft: Draft, by: str) -> None:
        require("reopen", may_reopen(draft.incident, by=by))
        draft.update(
            state=IncidentState.OPEN, ended_at=None, ended_by=None, ended_reason=None, announced=False
        )
        draft.note("incident_reopened", words=reason or None, by=by)
        before = regrade(draft)
        if draft.incident.severity != before:
            note_severity(draft, before, "figures")
        announce(draft)

    return act


def place(*, local: bool) -> Act:
    """Say whether it is ours.

    Clocks start from the same instants, or it is dismissed as elsewhere (T12, C23).
    """

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "place")
        if local and draft.incident.local:
            return
        draft.update(local=local)
        draft.note("incident_placed", local=local, by=by)
        if local:
            draft.update(announced=False, next_repeat_at=None)
            announce(draft)
        else:
            _end(draft, IncidentState.DISMISSED, by, "elsewhere", "incident_dismissed")

    return act


def must_answer(reason: str) -> Act:
    """Start the clock of a complaint that has none, and a `detected` round to level 1 (T13, C27)."""

    def act(draft: Draft, by: str) -> None:
        _require_open(draft, "must_answer")
        require("must_answer", None if draft.incident.local is True else "not_placed")
        is_new = not draft.incident.announced
        draft.update(must_answer_by=by, must_answer_at=draft.now, announced=True)
        draft.note("must_answer", words=reason or None, by=by)
        set_clocks(draft)
        if is_new:
            start_round(draft, News(reason="detected"), Audience(levels=(1,)))
        fire_reminders(draft)

    return act


def waive(obligation: str, reason: str) -> Act:
    """Excuse one obligation, by its id or kind; level 3 alone may, with a reason (C5, C27)."""

    def act(draft: Draft, by: str) -> None:
        level = level_of(draft.office, by, draft.now)
        require("waive", None if level is not None and level >= LEADER else "needs_level_3")
        require("waive", None if reason.strip() else "reason_missing")
        running = [o for o in draft.obligations.values() if o.is_running and obligation in (o.id, o.kind)]
        if not running:
            raise RefusedActError("waive", "no_such_obligation")
        for waived in running:
            for reminder in draft.waiting_reminders(waived):
                draft.settle_reminder(reminder, ReminderState.CANCELLED, "waived")
            draft.obligations[waived.id] = replace(
                waived, state=ObligationState.WAIVED, ended_at=draft.now, ended_by=by, ended_reason="waived"
            )
            draft.note("obligation_waived", words=reason, obligation=waived.kind, id=waived.id, by=by)

    return act
