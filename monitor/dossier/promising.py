"""Promises of an answer: a person takes one up as an obligation, and says which publication kept it."""

from dataclasses import replace
from datetime import datetime

from monitor.deadlines.derive import as_unmet, promise_stands
from monitor.deadlines.model import Obligation, ObligationState, ReminderState, StartBasis
from monitor.dossier.clocks import meet, run_on
from monitor.dossier.draft import Draft
from monitor.dossier.model import Dossier
from monitor.errors import RefusedActError
from monitor.incidents.model import Publication


def take_up(draft: Draft, publication: Publication, number: int, due_at: datetime | None) -> None:
    """Let the promise of this number (from 1) run as an obligation of its own: a house rule, not statute.

    `due_at` is what a person entered, needed where the promise names no exact time. Raises RefusedActError.
    """
    if not 1 <= number <= len(publication.promises):
        raise RefusedActError("accept_promise", "no_such_promise")
    promise = publication.promises[number - 1]
    due_at = due_at or promise.due_at
    if due_at is None:
        raise RefusedActError("accept_promise", "date_missing")
    if due_at <= publication.effective_at:
        raise RefusedActError("accept_promise", "before_the_promise")
    rule = next((r for r in draft.circumstances.rules.rules if r.is_promise), None)
    if rule is None:
        raise RefusedActError("accept_promise", "no_such_rule")
    basis = f"{rule.legal_basis}：“{promise.passage}”（《{publication.title}》）"
    known = [o for o in draft.obligations.values() if rule.covers(o.kind)]
    if any(o.is_running and o.legal_basis == basis for o in known):
        raise RefusedActError("accept_promise", "already_running")
    kind = f"{rule.kind}_{len(known) + 1}"
    obligation = Obligation(
        id=f"{draft.incident.id}:{kind}:1",
        incident_id=draft.incident.id,
        kind=kind,
        name=rule.name,
        legal_basis=basis,
        statutory=False,
        rule_version=draft.circumstances.rules.version,
        starts_at=publication.effective_at,
        start_basis=StartBasis.LAST_RELEASE,
        window=due_at - publication.effective_at,
        due_at=due_at,
        opened_at=draft.now,
        overdue_at_birth=draft.now > due_at,
    )
    run_on(draft, obligation, ())


def adopt_promises(draft: Draft, gone: Dossier) -> None:
    """Let the promises of an incident that goes up in this one run on here, by their own times (C9).

    Those that ended with it run again too; what was told of them is not told again (C3).
    """
    mine = [o for o in draft.obligations.values() if o.is_promise]
    running = {o.legal_basis for o in mine if o.is_running}
    standing = [o for o in gone.obligations if promise_stands(o, gone.publications)]
    standing = [o for o in standing if o.legal_basis not in running]
    for number, other in enumerate(standing, start=len(mine) + 1):
        rule = draft.circumstances.rules.rule(other.kind)
        kind = f"{rule.kind}_{number}"
        adopted = replace(
            as_unmet(other, draft.now),
            id=f"{draft.incident.id}:{kind}:1",
            incident_id=draft.incident.id,
            kind=kind,
            version=1,
        )
        fired = (r for r in gone.reminders if r.state is ReminderState.FIRED)
        run_on(draft, adopted, {r.kind for r in fired if r.obligation_id == other.id})


def keep(draft: Draft, obligation_id: str, publication: Publication, by: str) -> None:
    """Let a publication that a person names meet a promise (T6); raises RefusedActError."""
    rules = draft.circumstances.rules.rules
    promised = draft.obligations.get(obligation_id)
    if (
        promised is None
        or not promised.is_running
        or not any(r.is_promise and r.covers(promised.kind) for r in rules)
    ):
        raise RefusedActError("keep_promise", "no_such_obligation")
    if publication.effective_at <= promised.starts_at:
        raise RefusedActError("keep_promise", "before_the_promise")
    late = publication.effective_at > promised.due_at
    kept = replace(
        promised,
        state=ObligationState.MET,
        met_effective_at=publication.effective_at,
        met_by=publication.id,
        met_late=late,
        recorded_late=not late and promised.state is ObligationState.BREACHED,
        ended_at=draft.now,
        ended_by=by,
        ended_reason="met",
    )
    meet(draft, kept)
