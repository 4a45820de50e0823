"""Evidence of an official publication.

Offered from an item, accepted by a person, or recorded by one (T6, C13).
"""

from dataclasses import replace
from datetime import date, datetime

from monitor.deadlines.workdays import UnknownYearError, add_workdays
from monitor.dossier.draft import Draft
from monitor.dossier.telling import News, tell_departments, tell_level_one
from monitor.incidents.answers import Answer, packaged_words
from monitor.incidents.model import AnswerForm, Publication, PublicationKind, PublicationState
from monitor.incidents.promises import AddWorkdays, read_promises
from monitor.items.model import Item
from monitor.office.model import Office, Policy


def offer(draft: Draft, item: Item, answer: Answer | None) -> None:
    """Offer an official item as evidence and tell level 1 and the assigned department (C13, C18).

    Where the office's policy says so, it counts at once. `answer` None is the first report of an official
    source, compared with nothing.
    """
    form = answer.form if answer else None
    kind = _kind_now(draft, form, item.at)
    similarity = answer.similarity if answer else None
    accepted = _accepts(draft.office.policy, similarity)
    offered = Publication(
        id=_next_id(draft),
        incident_id=draft.incident.id,
        kind=kind,
        state=PublicationState.ACCEPTED if accepted else PublicationState.OFFERED,
        title=item.title or item.text[:40],
        channel=item.source_name,
        url=item.url or "",
        effective_at=item.at,
        recorded_at=draft.now,
        recorded_by="policy" if accepted else "engine",
        item_id=item.id,
        passage=answer.passage if answer else "",
        similarity=similarity,
        form=form,
        promises=read_promises(f"{item.title}\n{item.text}", item.at, _workdays_of(draft.office)),
    )
    draft.publications[offered.id] = offered
    renew_offers(draft)
    draft.note("evidence_offered", publication=offered.id, kind=str(kind), item=item.id, accepted=accepted)
    if accepted:
        draft.note("evidence_accepted", actor="policy", publication=offered.id, kind=str(kind), by="policy")
    news = News(reason="evidence_offered", publication=offered)
    tell_level_one(draft, news)
    tell_departments(draft, draft.incident.assigned_to, news)


def _kind_now(draft: Draft, form: AnswerForm | None, at: datetime) -> PublicationKind:
    """Return what an offer would be beside those accepted already: after the first none is the first."""
    kind = packaged_words().kind(form) if form else PublicationKind.FIRST_RELEASE
    accepted = [p for p in draft.publications.values() if p.state is PublicationState.ACCEPTED]
    is_later = any(p.effective_at < at for p in accepted)
    return PublicationKind.FOLLOW_UP if is_later and kind is PublicationKind.FIRST_RELEASE else kind


def renew_offers(draft: Draft) -> None:
    """Offer whatever is still to be judged as what it would be now: another was accepted, or taken back."""
    for id_, known in draft.publications.items():
        if known.state is PublicationState.OFFERED:
            kind = _kind_now(draft, known.form, known.effective_at)
            draft.publications[id_] = replace(known, kind=kind)


def _workdays_of(office: Office) -> AddWorkdays:
    """Return how this office counts working days; in a year that nobody knows yet there is no answer."""

    def count(on: date, days: int) -> date | None:
        try:
            return add_workdays(on, days, office.calendar)
        except UnknownYearError:
            return None

    return count


def _accepts(policy: Policy, similarity: float | None) -> bool:
    """Return whether the office's policy takes an offer without a person's word."""
    above = policy.accept_answers_above
    return policy.accept_official_answers or (
        above is not None and similarity is not None and similarity >= above
    )


def record(
    draft: Draft,
    kind: PublicationKind,
    *,
    title: str,
    text: str,
    url: str,
    channel: str,
    effective_at: datetime,
    by: str,
) -> Publication:
    """Record a publication that a person reports; it counts at once (T6)."""
    recorded = Publication(
        id=_next_id(draft),
        incident_id=draft.incident.id,
        kind=kind,
        state=PublicationState.ACCEPTED,
        title=title,
        channel=channel,
        url=url,
        effective_at=effective_at,
        recorded_at=draft.now,
        recorded_by=by,
        text=text,
        promises=read_promises(f"{title}\n{text}", effective_at, _workdays_of(draft.office)),
    )
    draft.publications[recorded.id] = recorded
    renew_offers(draft)
    draft.note(
        "response_recorded",
        publication=recorded.id,
        kind=str(kind),
        by=by,
        effective_at=effective_at.isoformat(),
    )
    return recorded


def complete(draft: Draft, publication: Publication, text: str) -> None:
    """Give a publication that was recorded without its words the ones it was made of, and their promises."""
    if not publication.text and publication.item_id is None:
        promises = read_promises(
            f"{publication.title}\n{text}", publication.effective_at, _workdays_of(draft.office)
        )
        draft.publications[publication.id] = replace(publication, text=text, promises=promises)


def judge_offer(draft: Draft, offered: Publication, state: PublicationState, by: str, reason: str) -> None:
    """Accept or decline an offered publication."""
    draft.publications[offered.id] = replace(offered, state=state, recorded_by=by, recorded_at=draft.now)
    renew_offers(draft)
    draft.note(
        f"evidence_{state}", words=reason or None, publication=offered.id, kind=str(offered.kind), by=by
    )


def _next_id(draft: Draft) -> str:
    return f"{draft.incident.id}-p{len(draft.publications) + 1}"
