"""An item opens an incident or joins one: figures, severity, places, clocks and telling follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from monitor.classifiers.model import Moment, NamedPlace, Precision, Verdict
from monitor.collectors.model import Role
from monitor.deadlines.derive import no_clock_reason
from monitor.dossier.clocks import fire_reminders, set_clocks
from monitor.dossier.draft import Draft
from monitor.dossier.model import Changes, Circumstances, Dossier, Joining
from monitor.dossier.publishing import offer
from monitor.dossier.regrade import is_more_severe, note_severity, regrade, tell_conflicts, tell_severity
from monitor.dossier.telling import News, page_unplaced, start_round
from monitor.incidents.answers import Answer, names_a_subject
from monitor.incidents.model import Incident, IncidentState, Trust, with_corrections
from monitor.incidents.reconcile import absorb_report, figures_above, figures_now, figures_seen, trust_of
from monitor.incidents.traits import blend
from monitor.items.model import Item

TRUST_ORDER = (Trust.SOCIAL, Trust.MEDIA, Trust.OFFICIAL)
MOST_SOURCES = 50
"""How many source ids an incident remembers: enough to know that several carry it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """An item on its way into an incident.

    As a report, or (`reach_only`) as a repost that only counts as reach.
    """

    item: Item
    verdict: Verdict
    reach_only: bool = False
    similarity: float | None = None
    reason: str = ""
    shared: tuple[str, ...] = ()
    answer: Answer | None = None
    traits: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


def open_incident(
    number: int, newcomers: Sequence[Newcomer], circumstances: Circumstances, *, page: bool = True
) -> Changes:
    """Open an incident with these items, the first of which it is named after.

    With `page` False nobody is told (C9).
    """
    draft = begin_incident(number, newcomers, circumstances)
    if page:
        announce(draft)
    else:
        draft.update(announced=no_clock_reason(draft.incident) is None)
        set_clocks(draft)
    return draft.finish()


def begin_incident(number: int, newcomers: Sequence[Newcomer], circumstances: Circumstances) -> Draft:
    """Return an incident that these items tell of, without clocks, and told to nobody yet."""
    detected_at = min(circumstances.now, *(newcomer.item.first_seen_at for newcomer in newcomers))
    draft = Draft(Dossier(incident=first_told(number, newcomers[0], detected_at)), circumstances, is_new=True)
    for newcomer in newcomers:
        _take_in(draft, newcomer)
    regrade(draft)
    incident = draft.incident
    draft.note(
        "incident_opened",
        items=[a.item.id for a in newcomers],
        local=incident.local,
        event_type=incident.event_type,
        category=incident.category,
        opinion=incident.opinion,
        severity=incident.severity and int(incident.severity),
        severity_confirmed=incident.grade.confirmed and int(incident.grade.confirmed),
        standard=incident.grade.precautionary_standard or incident.grade.standard,
        no_clock=no_clock_reason(incident),
    )
    _offer_answers(draft, newcomers)
    return draft


def first_told(number: int, newcomer: Newcomer, detected_at: datetime) -> Incident:
    """Return a new incident as its first item names it; the item has yet to be taken in."""
    item, verdict = newcomer.item, newcomer.verdict
    return Incident(
        id=number,
        title=item.title or item.text[:40],
        local=verdict.local,
        category=verdict.category,
        event_type=verdict.event_type,
        opinion=verdict.opinion,
        basis_61=verdict.basis_61,
        demands=verdict.demands,
        detected_at=detected_at,
        first_item_id=item.id,
        rules_version=verdict.rules_version,
    )


def announce(draft: Draft) -> None:
    """Set the clocks and start the `detected` round; an unplaced incident pages only at severity 1–2.

    What has no clock is numbered and stands on the to-check list, with the reason (T12, T13).
    """
    incident = draft.incident
    if (
        incident.local is None
        and incident.is_serious
        and incident.next_repeat_at is None
        and incident.repeats_told == 0
    ):
        page_unplaced(draft)
        repeats = draft.office.policy.unplaced_repeats
        draft.update(next_repeat_at=draft.now + repeats[0] if repeats else None)
    if no_clock_reason(incident) is not None:
        return
    set_clocks(draft)
    if not draft.incident.announced:
        draft.update(announced=True, next_repeat_at=None)
        start_round(draft, News(reason="detected"))
    fire_reminders(draft)


def join_incident(dossier: Dossier, newcomers: Sequence[Newcomer], circumstances: Circumstances) -> Changes:
    """Let items join an incident: reach, figures, an earlier start, a raised severity, an offered answer.

    A dismissed or closed incident reopens by itself only for a more trusted source or higher figures,
    never for a social repost (C10, C23).
    """
    draft = Draft(dossier, circumstances)
    before = dossier.incident
    for newcomer in newcomers:
        _take_in(draft, newcomer)
        draft.note(
            "item_joined", item=newcomer.item.id, reach_only=newcomer.reach_only, reason=newcomer.reason
        )
    if not before.is_open:
        if not _reopens(before, draft.incident, newcomers):
            return draft.finish()
        draft.update(
            state=IncidentState.OPEN, ended_at=None, ended_by=None, ended_reason=None, announced=False
        )
        draft.note("incident_reopened", reason="new_report", by=None)
    severity = regrade(draft)
    if draft.incident.severity != severity:
        note_severity(draft, severity, "figures")
    _offer_answers(draft, newcomers)
    if draft.incident.announced and is_more_severe(draft.incident.severity, severity):
        set_clocks(draft)
        tell_severity(draft, severity)
        fire_reminders(draft)
    else:
        announce(draft)
    if draft.incident.is_open:
        tell_conflicts(draft)
    return draft.finish()


def _take_in(draft: Draft, newcomer: Newcomer) -> None:
    draft.joinings.append(
        Joining(
            incident_id=draft.incident.id,
            item_id=newcomer.item.id,
            at=draft.now,
            reach_only=newcomer.reach_only,
            similarity=newcomer.similarity,
            reason=newcomer.reason,
            shared=newcomer.shared,
        )
    )
    draft.incident = with_corrections(with_item(draft.incident, newcomer), draft.incident)


def with_item(incident: Incident, newcomer: Newcomer) -> Incident:
    """Return what the incident is with one more item: reach, and unless it is a repost all that it says."""
    item, verdict = newcomer.item, newcomer.verdict
    trust = trust_of(item.role)
    reached = replace(
        incident,
        item_count=incident.item_count + 1,
        source_ids=tuple(dict.fromkeys([*incident.source_ids, item.source_id]))[:MOST_SOURCES],
        on_board=incident.on_board or item.role is Role.MEDIA or item.board_rank is not None,
        last_item_at=max(filter(None, [incident.last_item_at, item.at])),
        first_published_at=_earliest(incident.first_published_at, item.published_at),
    )
    if newcomer.reach_only:
        return reached
    return replace(
        reached,
        holding=absorb_report(incident.holding, verdict.figures, trust, item.at, item.id),
        trusts=incident.trusts | {trust},
        title=_title(incident, newcomer, trust),
        occurred=_occurred(incident, verdict.occurred, trust),
        places=_places(incident.places, verdict.places),
        local=True if verdict.local else incident.local,
        profile=blend(incident.profile, newcomer.traits),
        category=incident.category or verdict.category,
        event_type=incident.event_type or verdict.event_type,
        opinion=_stronger(incident.opinion, verdict.opinion),
        for_many=incident.for_many or verdict.for_many,
        demands=tuple(dict.fromkeys([*incident.demands, *verdict.demands]))[:20],
    )


def _stronger(known: str | None, said: str | None) -> str | None:
    """Return the opinion kind that holds: the first one, but a watched topic yields to every other."""
    return said or known if known == "topic" else known or said


def _title(incident: Incident, newcomer: Newcomer, trust: Trust) -> str:
    """Return the title of the most trusted source's first report: the official one replaces hearsay.

    A title that names no subject (情况通报) names no incident either.
    """
    is_best = all(TRUST_ORDER.index(trust) > TRUST_ORDER.index(known) for known in incident.trusts)
    title, places = newcomer.item.title, (*incident.places, *newcomer.verdict.places)
    return title if is_best and names_a_subject(title, places) else incident.title


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, [one, other]), default=None)


def _places(known: tuple[NamedPlace, ...], more: tuple[NamedPlace, ...]) -> tuple[NamedPlace, ...]:
    return tuple(dict.fromkeys([*known, *more]))[:20]


def _occurred(incident: Incident, told: Moment | None, trust: Trust) -> Moment | None:
    """Return when it happened: an earlier instant, or a more exact one on the same day.

    Never later by itself (C3).
    """
    known = incident.occurred
    if told is None or known is None:
        return told or known
    if known.precision is Precision.DAY and told.precision is not Precision.DAY:
        return told if _within(known, told.at) else known
    is_near = abs((known.at - told.at).total_seconds()) <= 36 * 3600
    is_trusted = trust is not Trust.SOCIAL
    return (
        told
        if told.at < known.at and (is_near or is_trusted) and told.precision is not Precision.DAY
        else known
    )


def _within(day: Moment, at: datetime) -> bool:
    return day.at <= at and (day.until is None or at <= day.until)


def _reopens(before: Incident, after: Incident, newcomers: Sequence[Newcomer]) -> bool:
    """Return whether an ended incident comes back by itself (C10, C23).

    A dismissed one for a more trusted source or higher figures; a closed one, which was dealt with, for
    higher figures only.
    """
    if before.state is IncidentState.MERGED:
        return False
    trusted = [a for a in newcomers if not a.reach_only and a.item.role is not Role.SOCIAL]
    if not trusted:
        return False
    rank = max((TRUST_ORDER.index(t) for t in before.trusts), default=-1)
    more_trusted = any(TRUST_ORDER.index(trust_of(a.item.role)) > rank for a in trusted)
    seen = figures_seen(figures_now(before.holding).precautionary)
    doubted = before.state is IncidentState.DISMISSED
    return (doubted and more_trusted) or figures_above(figures_now(after.holding).precautionary, seen)


def _offer_answers(draft: Draft, newcomers: Sequence[Newcomer]) -> None:
    """Offer official items as evidence of an answer; the first report of an official source always (C13)."""
    for newcomer in newcomers:
        answer, item = newcomer.answer, newcomer.item
        if item.role is not Role.OFFICIAL or newcomer.reach_only or draft.incident.local is not True:
            continue
        first = item.id == draft.incident.first_item_id
        if answer is None and not first:
            continue
        offer(draft, item, answer)
