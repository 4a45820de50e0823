"""Incident, publications and rules in; the obligations that hold now out, with what changed and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.deadlines.model import Obligation, ObligationState, Rule, RuleBook, StartBasis, StartRule
from monitor.deadlines.windows import Start, start_of
from monitor.incidents.model import (
    Incident,
    IncidentState,
    Publication,
    PublicationState,
    UpwardReport,
)
from monitor.office.model import Policy

Evidence = Publication | UpwardReport
"""What fulfils obligations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An obligation whose start moved earlier: a new version (C3)."""

    before: Obligation
    after: Obligation


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What changed; every obligation named is in its new state.

    `opened` may already be met (C4); `resumed` are promises whose incident has clocks again (C9).
    """

    opened: tuple[Obligation, ...] = ()
    met: tuple[Obligation, ...] = ()
    moved: tuple[Moved, ...] = ()
    superseded: tuple[Obligation, ...] = ()
    resumed: tuple[Obligation, ...] = ()


def no_clock_reason(incident: Incident) -> str | None:
    """Return why no clock runs for this incident, or None where one does (T12, T13).

    A topic of the office's watch list is shown, and answered where a person says so.
    """
    if incident.state is not IncidentState.OPEN:
        return str(incident.state)
    if incident.local is not True:
        return "unplaced" if incident.local is None else "elsewhere"
    if incident.must_answer_by is not None or incident.severity is not None or incident.category is not None:
        return None
    if incident.opinion == "complaint" and not _speaks_for_many(incident):
        return "single_complaint"
    return "watched_topic" if incident.opinion == "topic" else None


def _speaks_for_many(incident: Incident) -> bool:
    return incident.for_many or incident.on_board or len(incident.source_ids) >= 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """What every rule is held against."""

    incident: Incident
    existing: Sequence[Obligation]
    publications: Sequence[Publication]
    version: str
    policy: Policy
    now: datetime

    def evidence_for(self, rule: Rule) -> Sequence[Evidence]:
        """Return what may fulfil a rule: reporting up and answering the public are two duties."""
        return self.incident.upward_reports if rule.is_report else self.publications

    def window_of(self, rule: Rule) -> timedelta:
        """Return how long a rule leaves; the office sets the hours of its reports and follow-ups."""
        if rule.is_report:
            return self.policy.reporting[rule.kind]
        return self.policy.follow_up_every if rule.start is StartRule.LAST_RELEASE else rule.window


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
    case = _Case(
        incident=incident,
        existing=existing,
        publications=publications,
        version=rules.version,
        policy=policy,
        now=now,
    )
    wanted = _wanted(incident, publications, rules, policy)
    parts = [_fit(case, rule, start) for rule, start in wanted]
    kinds = {rule.kind for rule, _ in wanted}
    resumed: tuple[Obligation, ...] = ()
    if no_clock_reason(incident) is None:  # a promise stands while the incident has clocks
        kinds |= {o.kind for o in existing if any(r.is_promise and r.covers(o.kind) for r in rules.rules)}
        resumed = _resumed(case)
    return Derivation(
        opened=tuple(o for part in parts for o in part.opened),
        met=tuple(o for part in parts for o in part.met),
        moved=tuple(o for part in parts for o in part.moved),
        superseded=tuple(
            replace(o, state=ObligationState.SUPERSEDED, ended_at=now, ended_reason=_end_reason(incident, o))
            for o in existing
            if o.is_running and o.kind not in kinds
        ),
        resumed=resumed,
    )


def _resumed(case: _Case) -> tuple[Obligation, ...]:
    """Return the promises that ended with their incident and run again by their old due times (C9)."""
    running = {o.legal_basis for o in case.existing if o.is_running}
    ended = [o for o in case.existing if not o.is_running and promise_stands(o, case.publications)]
    return tuple(as_unmet(o, case.now) for o in ended if o.legal_basis not in running)


def _fit(case: _Case, rule: Rule, start: Start) -> Derivation:
    """Return what changes in the obligation of one rule."""
    follows_release = rule.start is StartRule.LAST_RELEASE
    mine = [o for o in case.existing if o.kind == rule.kind]
    present = next((o for o in mine if o.is_running), None)
    if present is None:
        if any(_settles(o, start if follows_release else None) for o in mine):
            return Derivation()
        return Derivation(
            opened=(judge_evidence(_open(case, rule, start), rule, case.evidence_for(rule), case.now),)
        )
    aimed = move(present, start) if start.at < present.starts_at and not follows_release else present
    moved = () if aimed is present else (Moved(before=present, after=aimed),)
    judged = judge_evidence(aimed, rule, case.evidence_for(rule), case.now)
    if judged is aimed:
        return Derivation(moved=moved)
    following = (_open(case, rule, start),) if follows_release else ()
    return Derivation(moved=moved, met=(judged,), opened=following)


def _settles(former: Obligation, release: Start | None) -> bool:
    """Return whether nothing of this kind is to be done again.

    What counts from a `release` is done again after the next one; waived, until then (C5, C6).
    """
    is_waived = former.state is ObligationState.WAIVED
    if release is not None:
        return is_waived and former.starts_at >= release.at
    return is_waived or former.state is ObligationState.MET


def _wanted(
    incident: Incident, publications: Sequence[Publication], rules: RuleBook, policy: Policy
) -> list[tuple[Rule, Start]]:
    if no_clock_reason(incident) is not None:
        return []
    when = {"serious" if incident.is_serious else "other", "answered"}
    chosen = [
        (rule, _start_of(rule, incident, publications, policy))
        for rule in rules.rules
        if rule.when in when or (rule.kind in policy.reporting and _is_reported(rule, incident))
    ]
    return [(rule, start) for rule, start in chosen if start is not None]


def _start_of(
    rule: Rule, incident: Incident, publications: Sequence[Publication], policy: Policy
) -> Start | None:
    """Return where a window starts; of a report that was switched on later, then (decision 0009)."""
    start = start_of(rule, incident, publications, policy.max_backdate)
    since = (incident.reports_since or {}).get(rule.kind)
    if start is None or since is None or since <= max(start.at, incident.detected_at):
        return start
    return Start(at=since, basis=StartBasis.SWITCHED_ON)


def _is_reported(rule: Rule, incident: Incident) -> bool:
    """Return whether an incident is one of those that this rule has reported to a superior."""
    return (
        rule.is_report
        and (not rule.severities or (incident.severity or 0) in rule.severities)
        and (not rule.categories or incident.category in rule.categories)
        and (not rule.event_types or incident.event_type in rule.event_types)
    )


def _end_reason(incident: Incident, obligation: Obligation) -> str:
    if incident.state is not IncidentState.OPEN:
        return str(incident.state)
    if incident.local is not True:
        return "unplaced"
    if obligation.is_report:
        return "not_reported"
    return "upgraded" if incident.is_serious else "downgraded"


def _open(case: _Case, rule: Rule, start: Start) -> Obligation:
    former = [o for o in case.existing if o.kind == rule.kind]
    if start.basis not in case.incident.corrected_by:
        start = _no_later(start, rule, former)
    window = case.window_of(rule)
    due_at = start.at + window
    return Obligation(
        id=f"{case.incident.id}:{rule.kind}:{len(former) + 1}",
        incident_id=case.incident.id,
        kind=rule.kind,
        name=rule.name,
        legal_basis=rule.legal_basis,
        statutory=rule.statutory,
        rule_version=case.version,
        starts_at=start.at,
        start_basis=start.basis,
        start_limited=start.limited,
        window=window,
        due_at=due_at,
        opened_at=case.now,
        overdue_at_birth=case.now > due_at,
    )


def _no_later(start: Start, rule: Rule, former: Sequence[Obligation]) -> Start:
    """Return the start, or that of a superseded obligation of this kind, if earlier (C9)."""
    if rule.start is StartRule.LAST_RELEASE:
        return start
    ended = [o for o in former if o.state is ObligationState.SUPERSEDED and o.starts_at < start.at]
    first = min(ended, key=lambda o: o.starts_at, default=None)
    return start if first is None else Start(at=first.starts_at, basis=first.start_basis)


def move(obligation: Obligation, start: Start) -> Obligation:
    """Return the next version of an obligation, counted from another start (C3)."""
    return replace(
        obligation,
        version=obligation.version + 1,
        starts_at=start.at,
        start_basis=start.basis,
        start_limited=start.limited,
        due_at=start.at + obligation.window,
    )


def judge_evidence(
    obligation: Obligation, rule: Rule, evidence: Sequence[Evidence], now: datetime
) -> Obligation:
    """Return the obligation met by the earliest evidence that fulfils it, or unchanged (T6, T7).

    A release at the last instant is in time (T3). Evidence of an earlier effective time that was recorded
    after the breach was noticed meets it as `recorded_late`: the breach stays on record.
    """
    fulfilling = [one for one in evidence if _fulfils(one, rule, obligation)]
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


def as_unmet(obligation: Obligation, now: datetime) -> Obligation:
    """Return the next version of an obligation without what met it; a breach stays on record."""
    is_breached = obligation.breached_at is not None and now > obligation.due_at
    return replace(
        obligation,
        version=obligation.version + 1,
        state=ObligationState.BREACHED if is_breached else ObligationState.OPEN,
        met_effective_at=None,
        met_by=None,
        met_late=False,
        recorded_late=False,
        ended_at=None,
        ended_by=None,
        ended_reason=None,
    )


def promise_stands(obligation: Obligation, publications: Iterable[Publication]) -> bool:
    """Return whether it is a promise that runs, or would if its incident were open: its answer stands."""
    if not obligation.is_promise or obligation.is_running:
        return obligation.is_promise
    made_at = {p.effective_at for p in publications if p.state is PublicationState.ACCEPTED}
    return obligation.state is ObligationState.SUPERSEDED and obligation.starts_at in made_at


def _fulfils(evidence: Evidence, rule: Rule, obligation: Obligation) -> bool:
    if isinstance(evidence, UpwardReport):
        return obligation.kind == evidence.kind and not evidence.is_withdrawn
    return _answers(evidence, rule, obligation)


def _answers(publication: Publication, rule: Rule, obligation: Obligation) -> bool:
    if publication.state is not PublicationState.ACCEPTED or publication.kind not in rule.fulfilled_by:
        return False
    return rule.start is not StartRule.LAST_RELEASE or publication.effective_at > obligation.starts_at
