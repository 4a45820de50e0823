"""Incident, publications and rules in; the obligations that hold now out, with what changed and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.deadlines.model import Obligation, ObligationState, Rule, RuleBook, StartRule
from monitor.deadlines.windows import Start, start_of
from monitor.incidents.model import Incident, IncidentState, Publication, PublicationState
from monitor.office.model import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An obligation whose start moved earlier: a new version (C3)."""

    before: Obligation
    after: Obligation


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What changed; every obligation named is in its new state.

    `opened` may already be met (C4).
    """

    opened: tuple[Obligation, ...] = ()
    met: tuple[Obligation, ...] = ()
    moved: tuple[Moved, ...] = ()
    superseded: tuple[Obligation, ...] = ()


def no_clock_reason(incident: Incident) -> str | None:
    """Return why no clock runs for this incident, or None where one does (T12, T13)."""
    if incident.state is not IncidentState.OPEN:
        return str(incident.state)
    if incident.local is not True:
        return "unplaced" if incident.local is None else "elsewhere"
    if incident.must_answer_by is not None or incident.severity is not None or incident.category is not None:
        return None
    if incident.opinion == "complaint" and not _speaks_for_many(incident):
        return "single_complaint"
    return None


def _speaks_for_many(incident: Incident) -> bool:
    return incident.for_many or incident.on_board or len(incident.source_ids) >= 2


def derive_obligations(
    incident: Incident,
    existing: Sequence[Obligation],
    publications: Sequence[Publication],
    rules: RuleBook,
    policy: Policy,
    now: datetime,
) -> Derivation:
    """Return what changes so that the obligations fit the incident as it is now.

    Stricter rules replace the others from the original start (T5); evidence that exists is judged first
    (C4, C5); a start moves earlier by itself and later never (C3). Nothing is deleted: what no longer
    holds is superseded.
    """
    running = {o.kind: o for o in existing if o.is_running}
    settled = {o.kind for o in existing if o.state in (ObligationState.MET, ObligationState.WAIVED)}
    wanted = _wanted(incident, publications, rules, policy.max_backdate)
    opened, met, moved = [], [], []
    for rule, start in wanted:
        present = running.get(rule.kind)
        if present is None:
            if rule.kind not in settled or rule.start is StartRule.LAST_RELEASE:
                opened.append(
                    judge_evidence(
                        _open(incident, existing, rule, start, policy, rules.version, now),
                        rule,
                        publications,
                        now,
                    )
                )
            continue
        judged = judge_evidence(present, rule, publications, now)
        if judged.state is ObligationState.MET:
            met.append(judged)
            if rule.start is StartRule.LAST_RELEASE:
                opened.append(_open(incident, existing, rule, start, policy, rules.version, now))
        elif start.at < present.starts_at and rule.start is not StartRule.LAST_RELEASE:
            moved.append(Moved(before=present, after=_move(present, start)))
    kinds = {rule.kind for rule, _ in wanted}
    gone = [o for kind, o in running.items() if kind not in kinds]
    reason = _end_reason(incident)
    superseded = tuple(
        replace(o, state=ObligationState.SUPERSEDED, ended_at=now, ended_reason=reason) for o in gone
    )
    return Derivation(opened=tuple(opened), met=tuple(met), moved=tuple(moved), superseded=superseded)


def _wanted(
    incident: Incident, publications: Sequence[Publication], rules: RuleBook, limit: timedelta
) -> list[tuple[Rule, Start]]:
    if no_clock_reason(incident) is not None:
        return []
    when = {"serious" if incident.is_serious else "other", "answered"}
    chosen = [
        (rule, start_of(rule, incident, publications, limit)) for rule in rules.rules if rule.when in when
    ]
    return [(rule, start) for rule, start in chosen if start is not None]


def _end_reason(incident: Incident) -> str:
    if incident.state is not IncidentState.OPEN:
        return str(incident.state)
    if incident.local is not True:
        return "unplaced"
    return "upgraded" if incident.is_serious else "downgraded"


def _open(
    incident: Incident,
    existing: Sequence[Obligation],
    rule: Rule,
    start: Start,
    policy: Policy,
    version: str,
    now: datetime,
) -> Obligation:
    serial = 1 + sum(o.kind == rule.kind for o in existing)
    window = policy.follow_up_every if rule.start is StartRule.LAST_RELEASE else rule.window
    due_at = start.at + window
    return Obligation(
        id=f"{incident.id}:{rule.kind}:{serial}",
        incident_id=incident.id,
        kind=rule.kind,
        name=rule.name,
        legal_basis=rule.legal_basis,
        statutory=rule.statutory,
        rule_version=version,
        starts_at=start.at,
        start_basis=start.basis,
        window=window,
        due_at=due_at,
        opened_at=now,
        overdue_at_birth=now > due_at,
    )


def _move(obligation: Obligation, start: Start) -> Obligation:
    due_at = start.at + obligation.window
    version = obligation.version + 1
    return replace(obligation, version=version, starts_at=start.at, start_basis=start.basis, due_at=due_at)


def judge_evidence(
    obligation: Obligation, rule: Rule, publications: Sequence[Publication], now: datetime
) -> Obligation:
    """Return the obligation met by the earliest accepted publication that fulfils it, or unchanged (T6, T7).

    A release at the last instant is in time (T3). Evidence of an earlier effective time that was recorded
    after the breach was noticed meets it as `recorded_late`: the breach stays on record.
    """
    fulfilling = [p for p in publications if _fulfils(p, rule, obligation)]
    if not fulfilling:
        return obligation
    first = min(fulfilling, key=lambda p: (p.effective_at, p.id))
    late = first.effective_at > obligation.due_at
    return replace(
        obligation,
        state=ObligationState.MET,
        met_effective_at=first.effective_at,
        met_by=first.id,
        met_late=late,
        recorded_late=not late and obligation.state is ObligationState.BREACHED,
        ended_at=now,
        ended_by=first.recorded_by,
        ended_reason="met",
    )


def _fulfils(publication: Publication, rule: Rule, obligation: Obligation) -> bool:
    if publication.state is not PublicationState.ACCEPTED or publication.kind not in rule.fulfilled_by:
        return False
    return rule.start is not StartRule.LAST_RELEASE or publication.effective_at > obligation.starts_at
