"""An incident as it stood at an instant of the past, told from what is stored now and from the journal.

Rows of obligations and publications are never deleted, and every change of them stands in the journal: what
happened later is taken back. What its items tell is told anew from those that had joined by then.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeGuard

from monitor.classifiers.model import Grade, Severity
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.dossier.intake import Newcomer
from monitor.dossier.joining import parent_after_split
from monitor.dossier.model import Change, Dossier
from monitor.incidents.model import Incident, IncidentState, Judgement, Publication, PublicationState

ITEM_CHANGES = frozenset({"item_joined", "items_received", "incident_split"})
"""After one of these an incident tells of other items than before."""

_ENDS: Mapping[str, IncidentState] = {
    "incident_closed": IncidentState.CLOSED,
    "incident_dismissed": IncidentState.DISMISSED,
    "incident_merged": IncidentState.MERGED,
}
_CLOCKS = frozenset({
    "obligation_opened", "obligation_moved", "obligation_breached", "obligation_met", "obligation_superseded",
    "obligation_waived",
})  # fmt: skip
_ANSWERS: Mapping[str, PublicationState] = {
    "response_recorded": PublicationState.ACCEPTED,
    "evidence_offered": PublicationState.OFFERED,
    "evidence_accepted": PublicationState.ACCEPTED,
    "evidence_declined": PublicationState.DECLINED,
    "evidence_withdrawn": PublicationState.WITHDRAWN,
}
_OTHERS = frozenset({
    "incident_opened", "incident_reopened", "incident_confirmed", "incident_placed", "severity_changed",
    "assigned", "unassigned", "must_answer", "publication_corrected",
})  # fmt: skip
STANDING = frozenset({*_OTHERS, *_ENDS, *_CLOCKS, *_ANSWERS, *ITEM_CHANGES})
"""The events that change how an incident stands; the others tell who was told."""


def as_it_stood(
    dossier: Dossier, journal: Sequence[Change], at: datetime, items: Callable[[], Sequence[Newcomer]]
) -> Dossier | None:
    """Return the incident with its obligations and publications as they stood at `at`, or None before it.

    `journal` are its entries of STANDING, oldest first; `items` gives all of its items, oldest first, and is
    asked only where some came later. What was found at `at` itself counts. Reminders, rounds and
    acknowledgements are left out.
    """
    if dossier.incident.detected_at > at:
        return None
    later = [change for change in journal if change.at > at and change.event != "incident_opened"]
    earlier = [change for change in journal if change.at <= at or change.event == "incident_opened"]
    incident = dossier.incident
    if any(change.event in ITEM_CHANGES for change in later):
        incident = parent_after_split(incident, known_items(journal, at, items()))
    # A severity set again as it was is in no entry: only its instant tells.
    if later or any(known and known > at for known in (incident.ended_at, incident.confirmed_at)):
        incident = _with_state(incident, earlier, later, at)
        incident = _with_grade(_with_people(incident, later, at), earlier, later, at)
    return Dossier(
        incident=incident,
        obligations=tuple(filter(None, (_obligation(o, journal, at) for o in dossier.obligations))),
        publications=tuple(filter(None, (_publication(p, journal, at) for p in dossier.publications))),
    )


def known_items(journal: Iterable[Change], at: datetime, items: Sequence[Newcomer]) -> list[Newcomer]:
    """Return the items that had joined by then; those of no entry came with a merged incident."""
    joined: dict[int, datetime] = {}
    merged_at: datetime | None = None
    for change in journal:
        match change.event:
            case "incident_opened":
                joined |= dict.fromkeys(change.facts.get("items", ()), change.at)
            case "item_joined":
                joined[change.facts["item"]] = change.at
            case "items_received":
                merged_at = merged_at or change.at
    return [n for n in items if (joined_at := joined.get(n.item.id, merged_at)) is None or joined_at <= at]


# -- the incident


def _with_people(incident: Incident, later: Sequence[Change], at: datetime) -> Incident:
    """Take back what people entered later: to whom it went, that it is ours, that it must be answered."""
    turned: dict[str, str] = {}
    for change in later:
        if change.event in ("assigned", "unassigned"):
            turned.setdefault(change.facts["to"], change.event)
    had = [to for to, first in turned.items() if first == "unassigned" and to not in incident.assigned_to]
    placed = any(change.event == "incident_placed" for change in later)
    return replace(
        incident,
        assigned_to=(*(to for to in incident.assigned_to if turned.get(to) != "assigned"), *had),
        assigned_at=_if_by(incident.assigned_at, at),
        local=None if placed else incident.local,
        must_answer_at=_if_by(incident.must_answer_at, at),
        must_answer_by=incident.must_answer_by if _if_by(incident.must_answer_at, at) else None,
        upward_reports=tuple(r for r in incident.upward_reports if r.recorded_at <= at),
    )


def _if_by(known_at: datetime | None, at: datetime) -> datetime | None:
    return known_at if known_at is not None and known_at <= at else None


def _with_state(
    incident: Incident, earlier: Sequence[Change], later: Sequence[Change], at: datetime
) -> Incident:
    """Return it open, or ended by the last entry that ended it."""
    is_known = incident.ended_at is None or incident.ended_at <= at
    if is_known and not any(c.event in _ENDS or c.event == "incident_reopened" for c in later):
        return incident
    told = [c for c in earlier if c.event in _ENDS or c.event == "incident_reopened"]
    bare = replace(
        incident, state=IncidentState.OPEN, ended_at=None, ended_by=None, ended_reason=None, merged_into=None
    )
    if not told or told[-1].event not in _ENDS:
        return bare
    end = told[-1]
    return replace(
        bare, state=_ENDS[end.event], ended_at=end.at, ended_by=end.actor, merged_into=end.facts.get("into")
    )


def _with_grade(
    incident: Incident, earlier: Sequence[Change], later: Sequence[Change], at: datetime
) -> Incident:
    """Return it with the severity of that time, by whom or by which row it was judged so."""
    changed = [change for change in later if change.event == "severity_changed"]
    if changed:
        incident = replace(incident, severity=_severity(changed[0].facts.get("from")))
    if changed or any(change.event in ITEM_CHANGES for change in later):
        incident = replace(incident, grade=_grade(incident, earlier))
    is_known = incident.confirmed_at is None or incident.confirmed_at <= at
    if changed or not is_known:
        incident = _with_judgement(incident, earlier)
    return incident


def _severity(number: Any) -> Severity | None:
    return None if number is None else Severity(number)


def _grade(incident: Incident, earlier: Sequence[Change]) -> Grade:
    """Return the machine's grade by the last entry that says one; a row confirmed is told at opening only."""
    said = [c for c in earlier if c.event == "incident_opened" or _is_automatic(c)]
    if not said:
        return Grade(precautionary=incident.severity)
    facts = said[-1].facts
    standard, confirmed = facts.get("standard"), _severity(facts.get("severity_confirmed"))
    return Grade(
        confirmed=confirmed,
        standard=standard if confirmed is incident.severity else None,
        precautionary=incident.severity,
        precautionary_standard=standard,
    )


def _is_automatic(change: Change) -> bool:
    return change.event == "severity_changed" and change.facts.get("by") is None


def _with_judgement(incident: Incident, earlier: Sequence[Change]) -> Incident:
    judged = [
        c
        for c in earlier
        if c.event == "incident_confirmed" or (c.event == "severity_changed" and c.facts.get("by"))
    ]
    if not judged or any(map(_is_automatic, earlier[earlier.index(judged[-1]) :])):  # unconfirmed again (C14)
        return replace(incident, judgement=None, confirmed_at=None, confirmed_by=None)
    last = judged[-1]
    by = str(last.facts["by"])
    severity = _severity(last.facts.get("to", last.facts.get("severity")))
    judgement = Judgement(by=by, at=last.at, severity=severity, automatic_seen=None, figures_seen={})
    return replace(incident, judgement=judgement, confirmed_at=last.at, confirmed_by=by)


# -- what belongs to it


def _obligation(now: Obligation, journal: Sequence[Change], at: datetime) -> Obligation | None:
    """Return an obligation as the entries about it up to then leave it, or None before it was opened."""
    mine = [c for c in journal if c.event in _CLOCKS and c.facts.get("id") == now.id]
    if now.opened_at > at:
        return None
    if all(change.at <= at for change in mine):
        is_later = now.ended_at is not None and now.ended_at > at
        return _running(now, at) if is_later else now
    known: Obligation | None = None
    withdrawn = {c.at for c in journal if c.event == "evidence_withdrawn"}
    for change in mine:
        if change.at <= at:
            after = _after(known or now, change)
            if _is_met(known) and _is_met(after) and change.at not in withdrawn:
                after = replace(after, ended_at=known.ended_at)  # judged again: it was met when it was met
            known = after
    return known


def _is_met(obligation: Obligation | None) -> TypeGuard[Obligation]:
    return obligation is not None and obligation.state is ObligationState.MET


def _after(before: Obligation, change: Change) -> Obligation:
    """Return an obligation after one entry of the journal."""
    facts = change.facts
    match change.event:
        case "obligation_opened":
            return _running(_due(before, facts), change.at, is_new=not facts.get("resumed"))
        case "obligation_moved":
            moved = _due(before, facts)
            return _running(moved, change.at) if moved.state is ObligationState.BREACHED else moved
        case "obligation_breached":
            # What was met and is judged too late now stays met: the breach is put on record only.
            state = before.state if _is_met(before) else ObligationState.BREACHED
            return replace(before, state=state, breached_at=change.at)
        case "obligation_met":
            effective = facts.get("at_effective")
            return replace(
                before,
                state=ObligationState.MET,
                ended_at=change.at,
                met_effective_at=effective and datetime.fromisoformat(effective),
                met_late=facts["late"],
                recorded_late=facts["recorded_late"],
            )
    state = ObligationState(change.event.removeprefix("obligation_"))
    return replace(before, state=state, ended_at=change.at, ended_reason=facts.get("reason", "waived"))


def _due(before: Obligation, facts: Mapping[str, Any]) -> Obligation:
    due_at = datetime.fromisoformat(facts["due_at"])
    basis = StartBasis(facts["start_basis"])
    return replace(before, due_at=due_at, starts_at=due_at - before.window, start_basis=basis)


def _running(obligation: Obligation, at: datetime, *, is_new: bool = False) -> Obligation:
    """Return it waiting for evidence: open, or breached where it was before and its time has passed."""
    breached_at = None if is_new else obligation.breached_at
    is_breached = breached_at is not None and breached_at <= at and obligation.due_at < at
    return replace(
        obligation,
        state=ObligationState.BREACHED if is_breached else ObligationState.OPEN,
        breached_at=breached_at if breached_at is not None and breached_at <= at else None,
        met_effective_at=None,
        met_by=None,
        met_late=False,
        recorded_late=False,
        ended_at=None,
        ended_by=None,
        ended_reason=None,
    )


def _publication(now: Publication, journal: Iterable[Change], at: datetime) -> Publication | None:
    """Return a publication as it was judged then, or None before it was known."""
    mine = [c for c in journal if c.facts.get("publication") == now.id]
    judged = [c for c in mine if c.event in _ANSWERS]
    known = [c for c in judged if c.at <= at]
    if judged and not known:
        return None
    if not judged and now.recorded_at > at:
        return None
    if len(known) < len(judged):
        accepted = known[-1].facts.get("accepted") is True
        state = PublicationState.ACCEPTED if accepted else _ANSWERS[known[-1].event]
        now = replace(now, state=state, recorded_at=known[-1].at)
    moved = [c for c in mine if c.event == "publication_corrected" and c.at > at]
    return replace(now, effective_at=datetime.fromisoformat(moved[0].facts["from_at"])) if moved else now
