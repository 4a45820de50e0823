"""Two incidents that are one, and one that is two: merge and split (C9)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from monitor.classifiers.model import Moment
from monitor.deadlines.derive import no_clock_reason
from monitor.dossier.acknowledging import note_followed
from monitor.dossier.clocks import adopt_starts, fire_reminders, set_clocks
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer, announce, first_told, open_incident, with_item
from monitor.dossier.model import Changes, Circumstances, Dossier
from monitor.dossier.ordering import moved_order
from monitor.dossier.promising import adopt_promises
from monitor.dossier.publishing import judge_offer
from monitor.dossier.regrade import is_more_severe, note_severity, regrade, tell_severity
from monitor.dossier.telling import end_round
from monitor.errors import RefusedActError
from monitor.incidents.answers import Answer
from monitor.incidents.lifecycle import may_merge
from monitor.incidents.model import (
    CORRECTABLE,
    Holding,
    Incident,
    IncidentState,
    Publication,
    PublicationState,
    UpwardReport,
    with_corrections,
)
from monitor.incidents.reconcile import united_shelf
from monitor.incidents.traits import blend, withdraw


def merge(gone: Dossier, survivor: Dossier, by: str, circumstances: Circumstances) -> tuple[Changes, Changes]:
    """Let `gone` go up in `survivor`: earlier starts, evidence and slips move along (C9).

    Returns the changes of the survivor and of the incident that is gone. Raises RefusedActError.
    """
    refusal = may_merge(gone.incident, survivor.incident, by=by)
    if refusal is not None:
        raise RefusedActError("merge", refusal)
    return _absorb(survivor, gone, circumstances), _give_up(gone, survivor, by, circumstances)


def _give_up(gone: Dossier, survivor: Dossier, by: str, circumstances: Circumstances) -> Changes:
    draft = Draft(gone, circumstances)
    draft.update(
        state=IncidentState.MERGED,
        merged_into=survivor.incident.id,
        ended_at=draft.now,
        ended_by=by,
        ended_reason="merged",
        next_repeat_at=None,
    )
    draft.note("incident_merged", into=survivor.incident.id, by=by)
    end_round(draft, "ended")
    set_clocks(draft)
    note_followed(draft)
    return draft.finish()


def _absorb(survivor: Dossier, gone: Dossier, circumstances: Circumstances) -> Changes:
    draft = Draft(survivor, circumstances)
    draft.update(**_combined(survivor.incident, gone.incident))
    draft.incident = with_corrections(draft.incident, survivor.incident)
    renamed = {}
    for publication in gone.publications:
        new_id = f"{survivor.incident.id}-p{len(draft.publications) + 1}"
        draft.publications[new_id] = replace(publication, id=new_id, incident_id=survivor.incident.id)
        renamed[publication.id] = new_id
    draft.orders |= {o.id: moved_order(o, survivor.incident.id, renamed) for o in gone.orders}
    draft.note("items_received", from_incident=gone.incident.id)
    _raise_severity(draft, gone.incident)
    adopt_promises(draft, gone)
    if draft.incident.announced:
        set_clocks(draft)
        adopt_starts(draft, gone.obligations)
        tell_severity(draft, survivor.incident.severity)
        fire_reminders(draft)
    else:
        announce(draft)
    return draft.finish()


def _combined(mine: Incident, other: Incident) -> dict[str, Any]:
    """Return what the survivor knows with what the other knew."""
    return {
        "first_published_at": _first_published(mine, other),
        "detected_at": min(mine.detected_at, other.detected_at),
        "occurred": _earlier(mine, other),
        "local": mine.local or other.local,
        "category": mine.category or other.category,
        "event_type": mine.event_type or other.event_type,
        "for_many": mine.for_many or other.for_many,
        "must_answer_by": mine.must_answer_by or other.must_answer_by,
        "must_answer_at": mine.must_answer_at or other.must_answer_at,
        "holding": _united(mine.holding, other.holding),
        "source_ids": tuple(dict.fromkeys([*mine.source_ids, *other.source_ids])),
        "trusts": mine.trusts | other.trusts,
        "on_board": mine.on_board or other.on_board,
        "item_count": mine.item_count + other.item_count,
        "places": tuple(dict.fromkeys([*mine.places, *other.places])),
        "assigned_to": tuple(dict.fromkeys([*mine.assigned_to, *other.assigned_to])),
        "corrected_by": _corrected_by(mine, other),
        "upward_reports": _reported(mine, other),
        "profile": blend(mine.profile, other.profile),
    }


def _corrected_by(mine: Incident, other: Incident) -> Mapping[str, str]:
    """Return who corrected the instants of the whole.

    A start that somebody gave the other incident holds here where it is the earlier one: nobody moved this
    incident's start later (C3, C9).
    """
    starts = {"occurred": _earlier(mine, other), "first_published": _first_published(mine, other)}
    theirs = {
        basis: by
        for basis, by in other.corrected_by.items()
        if starts[basis] == getattr(other, CORRECTABLE[basis])
    }
    return MappingProxyType({**theirs, **mine.corrected_by})


def _first_published(mine: Incident, other: Incident) -> datetime | None:
    known = [at for at in (mine.first_published_at, other.first_published_at) if at is not None]
    return min(known, default=None)


def _reported(mine: Incident, other: Incident) -> tuple[UpwardReport, ...]:
    """Return the reports to superiors of both: what was reported of one is reported of the whole (C9)."""
    numbered = enumerate(other.upward_reports, start=len(mine.upward_reports) + 1)
    return (*mine.upward_reports, *(replace(report, id=f"{mine.id}-u{n}") for n, report in numbered))


def _raise_severity(draft: Draft, other: Incident) -> None:
    """Take the more severe of both severities; what a person confirmed is then to be confirmed anew (C14)."""
    before = regrade(draft)
    if is_more_severe(other.severity, draft.incident.severity):
        draft.update(severity=other.severity, judgement=None, confirmed_at=None, confirmed_by=None)
    if draft.incident.severity != before:
        note_severity(draft, before, "merged")


def _earlier(one: Incident, other: Incident) -> Moment | None:
    known = [moment for moment in (one.occurred, other.occurred) if moment is not None]
    return min(known, key=lambda moment: moment.at, default=None)


def _united(one: Holding, other: Holding) -> Holding:
    return replace(
        one,
        official=united_shelf(one.official, other.official),
        media=united_shelf(one.media, other.media),
        social=united_shelf(one.social, other.social),
        flags=one.flags | other.flags,
        claimed_flags=one.claimed_flags | other.claimed_flags,
    )


def split(
    parent: Dossier,
    moved: Sequence[Newcomer],
    staying: Sequence[Newcomer],
    number: int,
    by: str,
    circumstances: Circumstances,
) -> tuple[Changes, Changes]:
    """Take items out into an incident of their own, with starts from those items' own times (C9).

    Each side knows what its own items say; the parent's severity stays, for only a named person lowers it,
    with a reason (T5), and its clocks never start later (C3). No new page if the parent was acknowledged
    within the last 60 minutes. Reports to superiors stay with the parent (decision 0009). Returns the changes
    of the parent and of the new incident. Which items may leave is `may_split`, asked by the caller who
    knows the members.
    """
    draft = Draft(parent, circumstances)
    profile = parent.incident.profile
    for newcomer in moved:
        profile = withdraw(profile, newcomer.traits)
    draft.incident = replace(parent_after_split(parent.incident, staying), profile=profile)
    draft.note("incident_split", to=number, items=[a.item.id for a in moved], by=by)
    going = _give_up_offers(draft, moved, by)
    severity = regrade(draft)
    if draft.incident.severity != severity:
        note_severity(draft, severity, "figures")
    grace = draft.office.policy.split_ack_grace
    fresh = any(draft.now - ack.at <= grace for ack in parent.acknowledgements)
    return draft.finish(), open_incident(number, going, circumstances, page=not fresh)


def _give_up_offers(draft: Draft, moved: Sequence[Newcomer], by: str) -> list[Newcomer]:
    """Return the items that leave, with what they answer; the parent is no longer offered them.

    What a person accepted as the parent's answer stays so until a person takes it back (T6).
    """
    of_item = {p.item_id: p for p in draft.publications.values() if p.item_id is not None}
    going = []
    for newcomer in moved:
        known = of_item.get(newcomer.item.id)
        if known is not None and known.state is PublicationState.OFFERED:
            judge_offer(draft, known, PublicationState.DECLINED, by, "随条目拆分")
        going.append(replace(newcomer, answer=_answer_of(known)) if known else newcomer)
    return going


def _answer_of(known: Publication) -> Answer | None:
    if known.form is None or known.similarity is None:
        return None
    return Answer(form=known.form, kind=known.kind, similarity=known.similarity, passage=known.passage)


def parent_after_split(parent: Incident, staying: Sequence[Newcomer]) -> Incident:
    """Return the parent as the items that stay tell of it, oldest first; what people decided remains.

    It stays ours and detected when it was. Where only reposts stay, the first of them is the report. A clock
    that runs ends by a person's dismissal, with a reason (T5), never because a split leaves fewer to speak.
    """
    if not staying:
        return parent
    if all(newcomer.reach_only for newcomer in staying):
        staying = [replace(staying[0], reach_only=False), *staying[1:]]
    told = first_told(parent.id, staying[0], parent.detected_at)
    for newcomer in staying:
        told = with_item(told, newcomer)
    left = replace(parent, **{name: getattr(told, name) for name in _TOLD_BY_ITEMS})
    left = with_corrections(replace(left, category=left.category or parent.category), parent)
    if no_clock_reason(left) is not None and no_clock_reason(parent) is None:
        return replace(left, for_many=True)
    return left


_TOLD_BY_ITEMS = (
    "title", "places", "category", "event_type", "opinion", "basis_61", "for_many", "demands", "holding",
    "occurred", "first_published_at", "source_ids", "trusts", "on_board", "item_count", "first_item_id",
    "last_item_at",
)  # fmt: skip
"""The fields of an incident that its items fill, beside its profile."""
