"""An accepted publication taken back: what it met runs again, and everybody who was told hears of it."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.deadlines.derive import as_unmet, judge_evidence
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.dossier.clocks import fire_reminders, note_breach, note_met, resume, set_clocks, supersede
from monitor.dossier.draft import Draft
from monitor.dossier.publishing import renew_offers
from monitor.dossier.telling import tell_the_end
from monitor.incidents.model import Publication, PublicationState

WITHDRAWN = "evidence_withdrawn"


def withdraw(draft: Draft, publication: Publication, by: str, reason: str) -> None:
    """Take an accepted publication back (T6).

    What it met is judged by the evidence that is left; without any it runs again by its old due time, and
    after that time it is breached at once. Everybody who was told of its end is corrected.
    """
    gone = replace(publication, state=PublicationState.WITHDRAWN)
    draft.publications[gone.id] = gone
    renew_offers(draft)
    draft.note(WITHDRAWN, words=reason, publication=gone.id, kind=str(gone.kind), by=by)
    left = [p for p in draft.publications.values() if p.state is PublicationState.ACCEPTED]
    corrected = [
        obligation.id
        for obligation in list(draft.obligations.values())
        if _rests_on(obligation, gone, left) and _lose_ground(draft, obligation, left)
    ]
    set_clocks(draft)
    for id_ in corrected:
        obligation = draft.obligations[id_]
        if obligation.is_running or obligation.met_late:
            tell_the_end(draft, "corrected", obligation, gone if obligation.is_running else None)
    fire_reminders(draft)


def _rests_on(obligation: Obligation, gone: Publication, left: Sequence[Publication]) -> bool:
    """Return whether an obligation was met by this publication, or counts from it alone."""
    if obligation.state is ObligationState.MET:
        return obligation.met_by == gone.id
    counts_from = (
        obligation.start_basis is StartBasis.LAST_RELEASE and obligation.starts_at == gone.effective_at
    )
    return obligation.is_running and counts_from and all(p.effective_at != gone.effective_at for p in left)


def _lose_ground(draft: Draft, obligation: Obligation, left: Sequence[Publication]) -> bool:
    """Change one obligation; return whether those told of its end are to be corrected.

    What counts from a release (a follow-up, a promise of this very answer) is superseded: the next
    derivation counts from the release before it. A promise kept by this publication runs again.
    """
    rules = draft.circumstances.rules.rules
    rule = next((r for r in rules if r.covers(obligation.kind)), None)
    is_kept_promise = rule is not None and rule.is_promise and obligation.state is ObligationState.MET
    if rule is None or (obligation.start_basis is StartBasis.LAST_RELEASE and not is_kept_promise):
        supersede(draft, obligation, WITHDRAWN)
        return False
    bare = as_unmet(obligation, draft.now)
    judged = bare if is_kept_promise else judge_evidence(bare, rule, left, draft.now)
    if judged is bare:
        resume(draft, bare, WITHDRAWN)
        return True
    return keep_met(draft, obligation, judged)


def keep_met(draft: Draft, before: Obligation, judged: Obligation) -> bool:
    """Keep an obligation met as it is judged now; return whether that is too late, and was not before."""
    is_worse = judged.met_late and not before.met_late
    if judged.met_late and judged.breached_at is None:
        judged = replace(judged, breached_at=draft.now)
        note_breach(draft, judged)
    draft.obligations[judged.id] = judged
    note_met(draft, judged)
    return is_worse
