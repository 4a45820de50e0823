"""Two incidents that are one, and one that is two: merge and split (C9)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from monitor.classifiers.model import Moment
from monitor.dossier.acknowledging import note_followed
from monitor.dossier.clocks import adopt_starts, fire_reminders, set_clocks
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer, announce, open_incident
from monitor.dossier.model import Changes, Circumstances, Dossier
from monitor.dossier.regrade import is_more_severe, note_severity, regrade, tell_severity
from monitor.dossier.telling import end_round
from monitor.errors import RefusedActError
from monitor.incidents.lifecycle import may_merge
from monitor.incidents.model import Holding, Incident, IncidentState, Report
from monitor.incidents.reconcile import absorb_report, trust_of
from monitor.incidents.traits import blend, withdraw


def merge(gone: Dossier, survivor: Dossier, by: str, circumstances: Circumstances) -> tuple[Changes, Changes]:
    """Let `gone` go up in `survivor`: earlier starts and evidence move along (C9).

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
    for publication in gone.publications:
        new_id = f"{survivor.incident.id}-p{len(draft.publications) + 1}"
        draft.publications[new_id] = replace(publication, id=new_id, incident_id=survivor.incident.id)
    draft.note("items_received", from_incident=gone.incident.id)
    _raise_severity(draft, gone.incident)
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
    published = [at for at in (mine.first_published_at, other.first_published_at) if at is not None]
    return {
        "first_published_at": min(published, default=None),
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
        "profile": blend(mine.profile, other.profile),
    }


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
        official=_newest(one.official, other.official),
        media=_newest(one.media, other.media),
        social=_newest(one.social, other.social),
        flags=one.flags | other.flags,
        claimed_flags=one.claimed_flags | other.claimed_flags,
    )


def _newest(one: Mapping[str, Report], other: Mapping[str, Report]) -> Mapping[str, Report]:
    newer = {
        m: r for m, r in other.items() if m not in one or (r.at, r.item_id) > (one[m].at, one[m].item_id)
    }
    return MappingProxyType({**one, **newer})


def split(
    parent: Dossier,
    moved: Sequence[Newcomer],
    staying: Sequence[Newcomer],
    number: int,
    by: str,
    circumstances: Circumstances,
) -> tuple[Changes, Changes]:
    """Take items out into an incident of their own, with starts from those items' own times (C9).

    The figures of both sides are those of their own items; the parent's severity stays, for only a named
    person lowers it, with a reason (T5). No new page if the parent was acknowledged within the last 60
    minutes. Returns the changes of the parent and of the new incident. Which items may leave is `may_split`,
    asked by the caller who knows the members.
    """
    draft = Draft(parent, circumstances)
    profile = parent.incident.profile
    for newcomer in moved:
        profile = withdraw(profile, newcomer.traits)
    draft.update(
        item_count=max(0, parent.incident.item_count - len(moved)),
        profile=profile,
        holding=_holding_of(staying),
    )
    draft.note("incident_split", to=number, items=[a.item.id for a in moved], by=by)
    severity = regrade(draft)
    if draft.incident.severity != severity:
        note_severity(draft, severity, "figures")
    grace = draft.office.policy.split_ack_grace
    fresh = any(draft.now - ack.at <= grace for ack in parent.acknowledgements)
    return draft.finish(), open_incident(number, moved, circumstances, page=not fresh)


def _holding_of(newcomers: Sequence[Newcomer]) -> Holding:
    """Return what these reports hold together; reposts say nothing of their own."""
    holding = Holding()
    for newcomer in newcomers:
        if not newcomer.reach_only:
            item = newcomer.item
            holding = absorb_report(holding, newcomer.verdict.figures, trust_of(item.role), item.at, item.id)
    return holding
