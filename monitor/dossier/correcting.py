"""Instants that a person corrects: clocks count anew, later too, and a breach may be taken back (C3, T7)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from monitor.classifiers.model import Moment, Precision
from monitor.clock import as_local, as_utc
from monitor.deadlines.derive import Evidence, Moved, as_unmet, judge_evidence, move
from monitor.deadlines.model import Obligation, ObligationState, Rule, StartBasis, StartRule
from monitor.deadlines.windows import Start, last_release_at, start_of
from monitor.dossier.acknowledging import acknowledge, note_followed
from monitor.dossier.clocks import fire_reminders, move_clock, note_moved, set_clocks, supersede
from monitor.dossier.draft import Draft
from monitor.dossier.telling import tell_the_end
from monitor.dossier.withdrawing import keep_met
from monitor.errors import RefusedActError
from monitor.incidents.model import CORRECTABLE, Incident, Publication, PublicationState

CORRECTED = "corrected"


def as_moment(at: datetime, precision: Precision) -> Moment:
    """Return what a person says of an instant: an hour is its beginning, a day the whole local day (C21)."""
    if precision is Precision.MINUTE:
        return Moment(at=as_utc(at), precision=precision)
    hour = as_local(at).replace(minute=0, second=0, microsecond=0)
    if precision is Precision.HOUR:
        return Moment(at=as_utc(hour), precision=precision)
    midnight = hour.replace(hour=0)
    return Moment(at=as_utc(midnight), precision=precision, until=as_utc(midnight + timedelta(days=1)))


def correct_start(draft: Draft, basis: StartBasis, moment: Moment, by: str, reason: str) -> None:
    """Correct when the incident occurred or was first published.

    Every clock that counts from it counts anew, in either direction; no later reading changes what a person
    corrected. The same instant again changes nothing. Raises RefusedActError.
    """
    if moment.at > draft.incident.detected_at:
        raise RefusedActError("correct_start", "after_detection")
    before = draft.incident
    after = _corrected(before, basis, moment, by)
    was, now = (getattr(incident, CORRECTABLE[basis]) for incident in (before, after))
    if was == now:
        return
    acknowledge(draft, by, "correct_start")
    note_followed(draft)
    draft.incident = after
    draft.note(
        "start_corrected",
        words=reason,
        start_basis=str(basis),
        precision=str(moment.precision),
        from_at=_iso(was),
        to_at=_iso(now),
        by=by,
    )
    for moved in _moved(draft, before):
        _count_anew(draft, moved, by, reason)
    set_clocks(draft)
    fire_reminders(draft)


def _corrected(incident: Incident, basis: StartBasis, moment: Moment, by: str) -> Incident:
    """Return the incident as a person has it; a publication of a day counts at its latest instant (C21)."""
    published = min(moment.until or moment.at, incident.detected_at)
    value: Any = moment if basis is StartBasis.OCCURRED else published
    corrected_by = MappingProxyType({**incident.corrected_by, basis.value: by})
    return replace(incident, corrected_by=corrected_by, **{CORRECTABLE[basis]: value})


def _iso(known: Moment | datetime | None) -> str | None:
    at = known.at if isinstance(known, Moment) else known
    return None if at is None else at.isoformat()


def _moved(draft: Draft, before: Incident) -> list[Moved]:
    """Return the clocks, running or met, whose start is another than `before` the correction."""
    moved = []
    for obligation in draft.obligations.values():
        rule = _rule_of(draft, obligation)
        if rule is None or rule.start is StartRule.LAST_RELEASE or not _counts(obligation):
            continue
        limit = draft.office.policy.max_backdate
        was, start = (start_of(rule, incident, (), limit) for incident in (before, draft.incident))
        if start is not None and start != was and start.at != obligation.starts_at:
            moved.append(Moved(before=obligation, after=move(obligation, start)))
    return moved


def _rule_of(draft: Draft, obligation: Obligation) -> Rule | None:
    return next((r for r in draft.circumstances.rules.rules if r.covers(obligation.kind)), None)


def _counts(obligation: Obligation) -> bool:
    return obligation.is_running or obligation.state is ObligationState.MET


def _count_anew(draft: Draft, moved: Moved, by: str, reason: str) -> None:
    """Let a clock count from its corrected start; those told of what no longer holds are corrected.

    A breached obligation with a due time still to come is open again: that it was breached stays on record.
    """
    before, after = moved.before, moved.after
    if not before.is_running:
        note_moved(draft, moved, CORRECTED, by=by, words=reason)
        _judge_again(draft, before, after)
        return
    is_undone = before.state is ObligationState.BREACHED and draft.now <= after.due_at
    if is_undone:
        after = replace(after, state=ObligationState.OPEN, overdue_at_birth=False)
    move_clock(draft, replace(moved, after=after), CORRECTED, by=by, words=reason)
    if is_undone:
        _tell_corrected(draft, after)


def _judge_again(draft: Draft, before: Obligation, after: Obligation) -> None:
    """Judge what meets an obligation by the times that hold now; `after` is it with its present start.

    Met late may become met in time, and the reverse; a follow-up that no release meets any more gives way to
    the one that runs.
    """
    rule = draft.circumstances.rules.rule(before.kind)
    judged = judge_evidence(as_unmet(after, draft.now), rule, _evidence(draft, before, rule), draft.now)
    if judged.state is not ObligationState.MET:
        supersede(draft, after, CORRECTED)
        return
    judged = replace(judged, version=before.version + 1, ended_at=before.ended_at)
    if _outcome(judged) == _outcome(before):
        if after is not before:
            draft.obligations[judged.id] = judged
        return
    keep_met(draft, before, judged)
    if judged.met_late != before.met_late:
        _tell_corrected(draft, draft.obligations[judged.id])


def _evidence(draft: Draft, obligation: Obligation, rule: Rule) -> Sequence[Evidence]:
    """Return what may meet an obligation; a promise is met by the one publication that a person named."""
    if rule.is_report:
        return draft.incident.upward_reports
    return [p for p in _accepted(draft) if not rule.is_promise or p.id == obligation.met_by]


def _accepted(draft: Draft) -> list[Publication]:
    return [p for p in draft.publications.values() if p.state is PublicationState.ACCEPTED]


def _outcome(obligation: Obligation) -> tuple[str | None, datetime | None, bool]:
    return obligation.met_by, obligation.met_effective_at, obligation.met_late


def _tell_corrected(draft: Draft, obligation: Obligation) -> None:
    tell_the_end(draft, "corrected", obligation, facts={"cause": CORRECTED})


def correct_publication(
    draft: Draft, publication: Publication, effective_at: datetime, by: str, reason: str
) -> None:
    """Correct when a publication was effective (T7).

    What it meets is judged anew and what counts from it starts anew; the same instant again changes nothing.
    Raises RefusedActError where a promise would not fit.
    """
    effective_at = as_utc(effective_at)
    if effective_at == publication.effective_at:
        return
    _refuse_misfit(draft, publication, effective_at)
    acknowledge(draft, by, "correct_publication")
    note_followed(draft)
    draft.publications[publication.id] = replace(publication, effective_at=effective_at)
    draft.note(
        "publication_corrected",
        words=reason,
        publication=publication.id,
        kind=str(publication.kind),
        from_at=_iso(publication.effective_at),
        to_at=_iso(effective_at),
        by=by,
    )
    if publication.state is not PublicationState.ACCEPTED:
        return
    for obligation in list(draft.obligations.values()):
        _fit_release(draft, obligation, publication, by, reason)
    set_clocks(draft)
    fire_reminders(draft)


def _refuse_misfit(draft: Draft, publication: Publication, effective_at: datetime) -> None:
    promised = [o for o in draft.obligations.values() if o.is_promise]
    if any(_promised_by(o, publication) and o.due_at <= effective_at for o in promised):
        raise RefusedActError("correct_publication", "after_its_promise")
    if any(o.met_by == publication.id and effective_at <= o.starts_at for o in promised):
        raise RefusedActError("correct_publication", "before_the_promise")


def _promised_by(obligation: Obligation, publication: Publication) -> bool:
    return obligation.is_promise and obligation.starts_at == publication.effective_at


def _fit_release(
    draft: Draft, obligation: Obligation, publication: Publication, by: str, reason: str
) -> None:
    """Fit one obligation to the corrected time; `publication` still has the time before."""
    rule = _rule_of(draft, obligation)
    if rule is None or rule.is_report or not _counts(obligation):
        return
    if _promised_by(obligation, publication):
        at = draft.publications[publication.id].effective_at
        obligation = replace(obligation, starts_at=at, window=obligation.due_at - at)
        draft.obligations[obligation.id] = obligation
    counts_from_release = rule.start is StartRule.LAST_RELEASE
    if obligation.state is ObligationState.MET:
        if obligation.met_by == publication.id or not counts_from_release:
            _judge_again(draft, obligation, obligation)
    elif counts_from_release and not rule.is_promise:
        last = last_release_at(_accepted(draft))
        if last is not None and last != obligation.starts_at:
            after = move(obligation, Start(at=last, basis=StartBasis.LAST_RELEASE))
            _count_anew(draft, Moved(before=obligation, after=after), by, reason)
