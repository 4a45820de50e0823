"""Two incidents that are one, and one that is two: merge and split (C9)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from monitor.classifiers.model import Moment, more_severe
from monitor.dossier.clocks import fire_reminders, set_clocks
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer, open_incident
from monitor.dossier.model import Changes, Circumstances, Dossier
from monitor.dossier.regrade import note_severity, regrade, tell_severity
from monitor.dossier.telling import end_round
from monitor.errors import RefusedActError
from monitor.incidents.lifecycle import may_merge
from monitor.incidents.model import Holding, Incident, IncidentState, Report
from monitor.incidents.traits import blend


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
    return draft.finish()


def _absorb(survivor: Dossier, gone: Dossier, circumstances: Circumstances) -> Changes:
    draft = Draft(survivor, circumstances)
    mine, other = survivor.incident, gone.incident
    draft.update(
        first_published_at=min(
            filter(None, [mine.first_published_at, other.first_published_at]), default=None
        ),
        detected_at=min(mine.detected_at, other.detected_at),
        occurred=_earlier(mine, other),
        holding=_united(mine.holding, other.holding),
        source_ids=tuple(dict.fromkeys([*mine.source_ids, *other.source_ids])),
        trusts=mine.trusts | other.trusts,
        on_board=mine.on_board or other.on_board,
        item_count=mine.item_count + other.item_count,
        places=tuple(dict.fromkeys([*mine.places, *other.places])),
        assigned_to=tuple(dict.fromkeys([*mine.assigned_to, *other.assigned_to])),
        severity=more_severe(mine.severity, other.severity),
        profile=blend(mine.profile, other.profile),
    )
    for publication in gone.publications:
        moved = replace(publication, id=f"{mine.id}-p{len(draft.publications) + 1}", incident_id=mine.id)
        draft.publications[moved.id] = moved
    regrade(draft)
    before = mine.severity
    draft.note("items_received", from_incident=other.id)
    if draft.incident.severity != before:
        note_severity(draft, before, "merged")
    set_clocks(draft)
    tell_severity(draft, before)
    fire_reminders(draft)
    return draft.finish()


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
    parent: Dossier, moved: Sequence[Newcomer], number: int, by: str, circumstances: Circumstances
) -> tuple[Changes, Changes]:
    """Take items out into an incident of their own, with starts from those items' own times (C9).

    No new page if the parent was acknowledged within the last 60 minutes. Returns the changes of the
    parent and of the new incident. Which items may leave is `may_split`, asked by the caller who knows
    the members.
    """
    draft = Draft(parent, circumstances)
    draft.update(item_count=max(0, parent.incident.item_count - len(moved)))
    draft.note("incident_split", to=number, items=[a.item.id for a in moved], by=by)
    grace = draft.office.policy.split_ack_grace
    fresh = any(draft.now - ack.at <= grace for ack in parent.acknowledgements)
    return draft.finish(), open_incident(number, moved, circumstances, page=not fresh)
